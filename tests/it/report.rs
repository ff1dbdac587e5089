//! The page that a run leaves: it tells what happened, keeps secrets, and a browser shows it.

use std::{fs, path::PathBuf, process::Command};

use vccpipe_simulator::{Api, FaultKind};

use crate::bench::{Bench, csv_of, customers, fault, settings};

/// A load in many batches, with rejected, refused and skipped rows and some trouble.
fn loaded() -> Bench {
    let mut settings = settings(12_000);
    settings.faults = vec![fault(FaultKind::Unavailable, 0.1), fault(FaultKind::ResetAfter, 0.1)];
    settings.latency_ms.insert(Api::Campaigns, 8);
    let bench = Bench::new(settings);
    bench.without_haste();
    let valid = customers(2000);
    let mut text = csv_of(&valid);
    for row in 0..40 {
        text.push_str(&format!("{},\n<b>{row}</b>,\n", 99_000_000 + row));
    }
    text.push_str("1,not a date\n2,not a date\nskip me,\n");
    bench.write("input.csv", &text);
    bench.write_steps(
        "  - filter: \"account <> 'skip me'\"
  - map:
      customer-id: account
      schedule-date-time: callback",
    );
    bench.mend("pipeline.yaml", "batch_size: 50", "batch_size: 20");
    bench
}

fn page(bench: &Bench) -> String {
    fs::read_to_string(bench.latest().join("report.html")).unwrap()
}

/// The text of a page without its tags.
fn words(html: &str) -> String {
    let (_, body) = html.split_once("<body>").unwrap();
    let text = regex::Regex::new("<[^>]*>").unwrap().replace_all(body, " ").into_owned();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// An element without an end is closed, so that the page reads as XML.
fn well_formed(html: &str) {
    let xml = html.replace("<!DOCTYPE html>\n", "").replace("<br>", "<br/>");
    let xml = regex::Regex::new("<meta [^>]*").unwrap().replace_all(&xml, "$0/").into_owned();
    if let Err(error) = roxmltree::Document::parse(&xml) {
        let line = xml.lines().nth(error.pos().row as usize - 1).unwrap_or_default();
        panic!("the page is not well formed: {error}\n{line}");
    }
}

#[test]
fn a_finished_run_is_told_on_one_page() {
    let bench = loaded();
    bench.run().expect(3);
    let html = page(&bench);
    well_formed(&html);
    let told = words(&html);
    for wanted in [
        "finished test-load",
        "loaded 2,000",
        "rejected 42",
        "refused 40",
        "skipped 1",
        "Rows a second",
        "How long units took",
        "Slowest requests",
        "customer-id: not a whole number 40",
        "connection acme",
        "campaign 125 (add)",
    ] {
        assert!(told.contains(wanted), "`{wanted}` is not in:\n{told}");
    }
    assert_eq!(html.matches("<svg").count(), 2, "two charts");
    assert!(!html.contains("<script") && !html.contains("<b>"), "what rows hold stays a text");
    let links = regex::Regex::new(r#"(href=|src=|url\()"#).unwrap();
    let link = links.find(&html).map(|link| &html[link.start()..html.len().min(link.end() + 80)]);
    assert_eq!(link, None, "the page is one file");
    let known = bench.tenant().credentials();
    for secret in [&known.action_token, &known.data_token, &known.wapi_password] {
        assert!(!html.contains(secret.as_str()), "a secret is in the page");
        let data = fs::read_to_string(bench.latest().join("report.json")).unwrap();
        assert!(!data.contains(secret.as_str()), "a secret is in report.json");
    }
}

#[test]
fn a_run_that_stopped_says_why_and_its_page_goes_on_with_it() {
    let bench = loaded();
    // Those who are refused come first, so that much is left when the run stops.
    let text = fs::read_to_string(bench.path("input.csv")).unwrap();
    let mut lines: Vec<&str> = text.lines().collect();
    lines[1..].reverse();
    bench.write("input.csv", &(lines.join("\n") + "\n"));
    bench.mend("pipeline.yaml", "batch_size: 20", "batch_size: 20, max_refused: 5");
    bench.run().expect(1);
    let told = words(&page(&bench));
    assert!(told.contains("failed test-load"), "{told}");
    assert!(told.contains("records were refused, and `max_refused` is 5"), "{told}");
    let before = fs::read_to_string(bench.latest().join("report.json")).unwrap();
    let count = |text: &str| -> u64 {
        let data: serde_json::Value = serde_json::from_str(text).unwrap();
        let counts = data["samples"]["latencies"]["counts"].as_array().unwrap();
        counts.iter().map(|count| count.as_u64().unwrap()).sum()
    };
    bench.mend("pipeline.yaml", ", max_refused: 5", "");
    bench.run().expect(3);
    let after = fs::read_to_string(bench.latest().join("report.json")).unwrap();
    assert!(count(&after) > count(&before), "{} {}", count(&after), count(&before));
    well_formed(&page(&bench));
    assert!(words(&page(&bench)).contains("finished test-load"));
}

#[test]
fn a_run_of_nothing_has_a_page_as_well() {
    let bench = Bench::new(settings(12_000));
    bench.write("input.csv", "account,callback\n");
    bench.write_pipeline(20);
    bench.run().expect(0);
    let html = page(&bench);
    well_formed(&html);
    assert_eq!(html.matches("<svg").count(), 0);
}

/// The browser of this machine.
fn chromium() -> Option<PathBuf> {
    let paths = std::env::var_os("PATH")?;
    let names = ["chromium", "chromium-browser", "google-chrome"];
    std::env::split_paths(&paths)
        .flat_map(|folder| names.map(|name| folder.join(name)))
        .find(|path| path.is_file())
}

#[test]
fn a_browser_shows_it() {
    let Some(chromium) = chromium() else {
        println!("SKIPPED: no chromium, chromium-browser or google-chrome on the path");
        return;
    };
    let bench = loaded();
    bench.run().expect(3);
    let profile = bench.path("profile");
    let picture = bench.path("report.png");
    let page = bench.latest().join("report.html");
    let show = |more: &[&str]| {
        let output = Command::new(&chromium)
            .args(["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"])
            .args(["--disable-dev-shm-usage", "--window-size=1000,2400"])
            .arg(format!("--user-data-dir={}", profile.display()))
            .args(more)
            .arg(format!("file://{}", page.display()))
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    show(&[&format!("--screenshot={}", picture.display())]);
    let shown = fs::metadata(&picture).unwrap().len();
    assert!(shown > 40_000, "a picture of {shown} bytes shows next to nothing");
    // What the browser has made of it is what was written.
    let dom = show(&["--dump-dom"]);
    assert_eq!(words(&dom), words(&fs::read_to_string(&page).unwrap()));
    if let Some(keep) = std::env::var_os("KEEP_REPORT") {
        fs::copy(&page, PathBuf::from(&keep).join("report.html")).unwrap();
        fs::copy(&picture, PathBuf::from(&keep).join("report.png")).unwrap();
    }
}
