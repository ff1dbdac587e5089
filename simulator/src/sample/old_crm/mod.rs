//! The exports of an old CRM, as a CRM gives them: in its own names, its own dates and its own
//! words, with all that people have typed into it.
//!
//! Rows that a load must reject, mend or skip stand in lists of their own, so that their number
//! is known; all others can be loaded.

mod cases;
mod contacts;
mod faqs;
mod notes;
mod tasks;

use jiff::{ToSpan, civil::Date};

use super::{EXPORT_DATE, SampleFile, draws::Draws};

/// All files of the old CRM.
pub(super) fn files(seed: u64) -> Vec<SampleFile> {
    let file = |path, content| SampleFile { path, content };
    let [first, second] = contacts::files(seed);
    vec![
        file("migrate/contacts_1.csv", first),
        file("migrate/contacts_2.csv", second),
        file("migrate/cases.csv", cases::file(seed)),
        file("migrate/followups.csv", notes::file(seed)),
        file("migrate/tasks.csv", tasks::file(seed)),
        file("migrate/faq_categories.csv", faqs::categories()),
        file("migrate/faqs.csv", faqs::file()),
    ]
}

/// What a draw is about, so that files do not depend on one another.
#[derive(Clone, Copy)]
enum About {
    Contact = 21,
    Case = 22,
    Note = 23,
    Task = 24,
}

fn draws(seed: u64, about: About, row: u64) -> Draws {
    Draws::new(&[seed, about as u64, row])
}

/// A day of the last five years before the export.
fn past_day(draws: &mut Draws) -> Date {
    let export: Date = EXPORT_DATE.parse().unwrap_or_default();
    export.saturating_sub((draws.below(1_800) as i64 + 1).days())
}

/// `24.11.2026 14:05`
fn german(day: Date, draws: &mut Draws) -> String {
    format!("{} {:02}:{:02}", day.strftime("%d.%m.%Y"), 8 + draws.below(10), 5 * draws.below(12))
}

/// `11/4/2026`
fn american(day: Date) -> String {
    day.strftime("%-m/%-d/%Y").to_string()
}

/// A text of a list, as a field.
fn text(draws: &mut Draws, words: &[&str]) -> String {
    words[draws.below(words.len() as u64) as usize].to_owned()
}
