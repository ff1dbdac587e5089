//! What a run tells at its end, on standard output; errors go to standard error.

use std::{fmt::Write, fs::File, path::Path};

use crate::run::{DryRun, Left, Summary};

/// Rows of a kind that are shown as examples; the files have them all.
const EXAMPLES: usize = 3;

/// The summary of a run as a table, with examples of what was not loaded.
pub fn summary(summary: &Summary, folder: &Path) -> String {
    let mut text = String::new();
    let mut line = |label: &str, value: String| {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "  {label:<11} {value}");
    };
    let detail = [
        ("added", summary.loaded_detail.added),
        ("modified", summary.loaded_detail.modified),
        ("unchanged", summary.loaded_detail.unchanged),
        ("removed", summary.loaded_detail.removed),
        ("confirmed on resume", summary.loaded_detail.confirmed_on_resume),
    ];
    let detail: Vec<String> = detail
        .iter()
        .filter(|(_, count)| *count > 0)
        .map(|(word, count)| format!("{} {word}", grouped(*count)))
        .collect();
    let count = |count: u64| format!("{:>13}", grouped(count));
    let with = |number: u64, note: String| match note.is_empty() {
        true => count(number),
        false => format!("{}   {note}", count(number)),
    };
    let file = |number: u64, name: &str| match number {
        0 => String::new(),
        _ => folder.join(name).display().to_string(),
    };
    line("read", count(summary.read));
    line("loaded", with(summary.loaded, detail.join(", ")));
    line("rejected", with(summary.rejected, file(summary.rejected, "rejected.csv")));
    line("refused", with(summary.refused, file(summary.refused, "refused.csv")));
    line("skipped", with(summary.skipped, file(summary.skipped, "skipped.csv")));
    line("in doubt", with(summary.in_doubt, file(summary.in_doubt, "in_doubt.csv")));
    if summary.pending > 0 {
        line(
            "pending",
            with(summary.pending, "taken up, to be settled when the run goes on".into()),
        );
    }
    for (fix, number) in &summary.fixes {
        line("fixed", with(*number, fix.clone()));
    }
    let seconds = summary.elapsed_seconds;
    let rate = if seconds > 0.0 { summary.read as f64 / seconds } else { 0.0 };
    line("requests", with(summary.requests, format!("{} of them again", grouped(summary.retries))));
    line("time", format!("{:>11.1} s   {} rows/s", seconds, grouped(rate as u64)));
    let head = format!("{} {}: run {}\n", summary.pipeline, summary.status, summary.run_id);
    let rejects = examples(folder, "rejected", summary.rejected);
    let refusals = examples(folder, "refused", summary.refused);
    let doubts = examples(folder, "in_doubt", summary.in_doubt);
    head + &text + &rejects + &refusals + &doubts
}

/// The first few rows of a result file with their lines and reasons.
fn examples(folder: &Path, what: &str, count: u64) -> String {
    let name = format!("{what}.csv");
    let Ok(file) = File::open(folder.join(name)) else { return String::new() };
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(file);
    let Ok(header) = reader.headers().cloned() else { return String::new() };
    let column = |name: &str| header.iter().position(|column| column == name);
    let (Some(line), Some(reason)) = (column("_line"), column("_reason")) else {
        return String::new();
    };
    let mut text = String::new();
    for record in reader.records().take(EXAMPLES).flatten() {
        let field = |column: usize| record.get(column).unwrap_or("");
        let _ = writeln!(text, "  line {}: {}", field(line), field(reason));
    }
    if text.is_empty() {
        return text;
    }
    let shown = count.min(EXAMPLES as u64);
    let of = if count > shown { format!(", the first {shown}") } else { String::new() };
    format!("{}{of}:\n{text}", what.replace('_', " "))
}

/// `1 row`, `2 rows`.
pub fn counted(number: u64, one: &str, many: &str) -> String {
    match number {
        1 => format!("1 {one}"),
        _ => format!("{} {many}", grouped(number)),
    }
}

/// A number with commas between its thousands.
pub fn grouped(number: u64) -> String {
    indicatif::HumanCount(number).to_string()
}

/// An error, its causes and the way out, for standard error.
pub fn error(error: &dyn std::error::Error, hint: Option<&str>) -> String {
    let mut text = format!("error: {error}");
    let mut cause = error.source();
    let mut last = error.to_string();
    while let Some(source) = cause {
        let words = source.to_string();
        // A wrapper says its source's words again, alone or at its end.
        if !last.ends_with(&words) {
            let _ = write!(text, "\n  because: {words}");
        }
        last = words;
        cause = source.source();
    }
    if let Some(hint) = hint {
        let _ = write!(text, "\n  hint: {hint}");
    }
    text
}

/// What a run would do.
pub fn dry_run(name: &str, result: &DryRun) -> String {
    let tally = &result.tally;
    let mut text = format!("{name}: dry run, nothing was sent\n");
    for (label, number) in [
        ("read", tally.read),
        ("to send", result.fit),
        ("rejected", tally.rejected),
        ("skipped", tally.skipped),
        ("fixed", result.fixed),
        ("requests", result.requests),
    ] {
        let _ = writeln!(text, "  {label:<11} {:>13}", grouped(number));
    }
    if !result.rejects.is_empty() {
        let _ = writeln!(text, "rejected, the first {}:", result.rejects.len());
    }
    for (line, reason) in &result.rejects {
        let _ = writeln!(text, "  line {line}: {reason}");
    }
    text.truncate(text.trim_end().len());
    text
}
/// What to do about an input that was loaded to its end. Sent again as a whole it would double
/// what was loaded.
pub fn left(left: &Left) -> String {
    let folder = left.folder.display();
    let mut parts = Vec::new();
    if left.not_taken > 0 {
        parts.push(format!(
            "mend what was rejected or refused ({}) in {folder} and load that file by `--input`",
            grouped(left.not_taken)
        ));
    }
    if left.in_doubt > 0 {
        parts.push(format!(
            "see which rows of {folder}/in_doubt.csv the tenant has, and load the others by \
             `--input`"
        ));
    }
    parts.push(match parts.is_empty() {
        true => "`--again` sends it again".to_owned(),
        false => "`--again` sends all of it again".to_owned(),
    });
    parts.join("; ")
}
