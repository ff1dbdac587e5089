//! Notes on cases, which become follow-ups.

use super::{About, cases, draws, german, past_day, text};
use crate::sample::{
    draws::Draws,
    table::{Odd, Table, long, odd},
};

const COUNT: u64 = 1_500;

const HEADER: &[&str] =
    &["note_id", "case_id", "Title", "Body", "Author", "Via", "Internal", "Date"];

/// Notes that cannot be loaded as they are.
const KEPT_OUT: &[Odd] = &[
    odd(100, "case_id", "CS-99999"),
    odd(600, "case_id", ""),
    odd(1100, "case_id", "CS-00901"),
    // Their cases are kept out.
    odd(150, "case_id", "CS-00040"),
    odd(250, "case_id", "CS-00077"),
    odd(251, "case_id", "CS-00077"),
    odd(450, "case_id", "CS-00131"),
    odd(650, "case_id", "CS-00692"),
    odd(850, "case_id", "CS-00105"),
    odd(1050, "case_id", "CS-00361"),
    odd(1250, "case_id", "CS-00618"),
    odd(333, "Body", ""),
    odd(999, "Body", ""),
    odd(1200, "Via", "Telex"),
];

/// Notes that can be loaded, by a fix or as they are.
const UNUSUAL: &[Odd] = &[
    odd(10, "Title", ""),
    odd(510, "Title", " "),
    odd(1010, "Title", ""),
    long(77, "Title", "Re: Fwd: the customer's question ", 8),
    long(777, "Title", "Zoë & 中文 ", 33),
];

/// Rows of which the export has only the first fields.
const CUT: [u64; 2] = [400, 1300];

/// The file.
pub(super) fn file(seed: u64) -> Vec<u8> {
    let mut table = Table::new(HEADER, ',');
    for note in 1..=COUNT {
        let mut row = table.row(fields(note, &mut draws(seed, About::Note, note)));
        row.set(note, KEPT_OUT);
        row.set(note, UNUSUAL);
        if CUT.contains(&note) {
            table.push_first(&row, 5);
        } else {
            table.push(&row);
        }
    }
    table.utf8()
}

fn fields(note: u64, draws: &mut Draws) -> Vec<String> {
    let day = past_day(draws);
    vec![
        format!("N-{note:05}"),
        cases::id(cases::any_loaded(draws)),
        text(draws, &TITLES),
        text(draws, &BODIES),
        text(draws, &["bob.power", "john.doe", "jane.smith", "mary.jones", "Zoë O'Brien"]),
        text(draws, &["Phone", "E-Mail", "Chat", "Letter", ""]),
        text(draws, &["yes", "yes", "no", ""]),
        german(day, draws),
    ]
}

const TITLES: [&str; 8] = [
    "Called back",
    "Sent the manual",
    "Customer doesn't answer",
    "Re: 50 % off",
    "AT&T asked for an offer",
    "Übergabe",
    "中文 reply",
    "waiting for \"Tier 2\"",
];

const BODIES: [&str; 9] = [
    "No answer.",
    "<p>Sent by mail: <a href=\"https://example.com/manual.pdf?v=2&amp;l=en\">manual</a></p>",
    "He said \"not today\",\r\nand that O'Brien knows.",
    "<div>50&nbsp;% off granted<br/>by Zoë</div>",
    "call at 5 < 6 pm & not later",
    "<p>客户说中文。</p>",
    "👍",
    "Rückruf am Montag; ~10 Uhr",
    "<ol><li>reset</li><li>update</li></ol>",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_odd_value_has_its_column() {
        let odds = KEPT_OUT.iter().chain(UNUSUAL);
        odds.for_each(|odd| assert!(HEADER.contains(&odd.column), "{}", odd.column));
    }
}
