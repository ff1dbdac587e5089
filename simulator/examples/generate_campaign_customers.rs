//! Writes a CSV of campaign customers to standard output.
//!
//! ```console
//! $ cargo run -p vccpipe-simulator --example generate_campaign_customers -- 10000 1 > customers.csv
//! $ cargo run -p vccpipe-simulator --example generate_campaign_customers -- 5000000 1 --clean
//! ```
//!
//! The account numbers are those of the sample tenant, grown if need be: the simulator's setting
//! `tenant.customers` must be at least what is told on standard error.

use std::{env, io, process::ExitCode};

use vccpipe_simulator::{
    SAMPLE_CUSTOMERS,
    sample::{write_campaign_customers, write_clean_campaign_customers},
};

const USAGE: &str = "usage: generate_campaign_customers ROWS [SEED] [--clean]";

fn main() -> ExitCode {
    let (flags, numbers): (Vec<_>, Vec<_>) = env::args().skip(1).partition(|a| a.starts_with('-'));
    let numbers: Result<Vec<u64>, _> = numbers.iter().map(|number| number.parse()).collect();
    let (rows, seed) = match numbers.as_deref() {
        Ok([rows]) => (*rows, 1),
        Ok([rows, seed]) => (*rows, *seed),
        _ => return fail(USAGE),
    };
    let written = match flags.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => {
            let customers = rows.max(SAMPLE_CUSTOMERS);
            write_campaign_customers(rows, seed, customers, &mut io::stdout().lock())
                .map(|()| customers)
        }
        ["--clean"] => write_clean_campaign_customers(rows, 0, &mut io::stdout().lock()),
        _ => return fail(USAGE),
    };
    match written {
        Ok(customers) => {
            eprintln!("{rows} rows; the tenant needs {customers} customers");
            ExitCode::SUCCESS
        }
        Err(error) => fail(&format!("cannot write to standard output: {error}")),
    }
}

fn fail(message: &str) -> ExitCode {
    eprintln!("{message}");
    ExitCode::from(2)
}
