//! What a run would ask the tenant for, as `plan` and `run --dry-run` tell it where they fetch nothing;
//! and how many requests it took where rows were fetched to be looked at.

use std::fmt::Write;

use super::{args::Global, exit::Exit, report::counted, run::fail};
use crate::run::{self, Job, Outlook};

/// Tells what a run would ask for; `what` is what the command does.
pub fn tell(global: &Global, job: &Job<'_>, what: &str) -> Exit {
    match run::outlook(job) {
        Ok(outlook) => {
            say!("{}", told(&outlook, what).trim_end());
            Exit::Success
        }
        Err(error) => fail(global, &error),
    }
}

/// Tells how many requests it took to read rows of the tenant.
pub fn tell_requests(global: &Global, requests: Option<u64>) {
    match requests {
        Some(0) if !global.quiet => eprintln!("the tenant was not asked for anything"),
        Some(requests) if !global.quiet => {
            let requests = counted(requests, "request", "requests");
            eprintln!("asked the tenant with {requests}, which change nothing");
        }
        _ => {}
    }
}

fn told(outlook: &Outlook, what: &str) -> String {
    let mut text = format!("{}: {what}, nothing was sent and nothing asked\n", outlook.pipeline);
    let mut list = |label: &str, lines: &[String]| {
        for (at, line) in lines.iter().enumerate() {
            let _ = writeln!(text, "  {:<11} {line}", if at == 0 { label } else { "" });
        }
    };
    list("asks for", &outlook.asks);
    list("high water", outlook.mark.as_slice());
    list("limits", &outlook.limits);
    let _ = writeln!(text, "the next run: {}", outlook.next_run);
    let _ = writeln!(
        text,
        "the rows are the tenant's, and were not looked at: `vccpipe preview` shows a few of them, \
         `--fetch` reads and checks them all, by requests that change nothing"
    );
    text
}
