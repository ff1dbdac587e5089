//! Tasks: from another screen of the old CRM, with semicolons and in windows-1252.

use super::{About, contacts, draws, german, past_day, text};
use crate::sample::{
    draws::Draws,
    table::{Odd, Table, long, odd},
};

const COUNT: u64 = 300;

const HEADER: &[&str] = &[
    "Task No",
    "contact_id",
    "What",
    "Details",
    "Assigned To",
    "State",
    "Kind",
    "Channel",
    "Phone",
    "E-Mail",
    "Due",
    "Remind",
    "Campaign",
    "Seconds",
    "Transaction",
    "Stage",
    "Created",
];

/// Tasks that cannot be loaded as they are.
const KEPT_OUT: &[Odd] = &[
    odd(20, "contact_id", "C-009999"),
    odd(120, "contact_id", ""),
    odd(220, "contact_id", "C-000088"),
    odd(31, "Due", "31.02.2027 09:00"),
    odd(131, "Due", "next week"),
    odd(42, "Due", ""),
    odd(42, "Remind", "x"),
    odd(142, "Due", ""),
    odd(142, "Remind", "x"),
    odd(53, "Transaction", "TX-4711"),
    odd(153, "Transaction", "12345678901"),
    odd(64, "Seconds", "4 min"),
    odd(75, "Kind", "Fax"),
    odd(86, "Assigned To", "mary.jones"),
    odd(186, "Assigned To", "mary.jones"),
    odd(97, "Stage", "4"),
    odd(108, "State", "someday"),
];

/// Tasks that can be loaded, by a fix or as they are.
const UNUSUAL: &[Odd] = &[
    long(15, "What", "call back about the offer, the invoice & the rest; ", 6),
    long(115, "What", "Rückruf wegen Größe ", 13),
    odd(215, "What", "  "),
    odd(25, "Phone", "ask reception"),
    odd(125, "Due", ""),
    odd(125, "Remind", ""),
];

/// The file.
pub(super) fn file(seed: u64) -> Vec<u8> {
    let mut table = Table::new(HEADER, ';');
    for task in 1..=COUNT {
        let mut row = table.row(fields(task, &mut draws(seed, About::Task, task)));
        row.set(task, KEPT_OUT);
        row.set(task, UNUSUAL);
        table.push(&row);
    }
    table.windows_1252()
}

fn fields(task: u64, draws: &mut Draws) -> Vec<String> {
    let created = past_day(draws);
    let has_due = draws.below(5) > 0;
    let due = past_day(draws);
    let due = if has_due { german(due, draws) } else { String::new() };
    let remind = has_due && draws.below(2) == 0;
    vec![
        task.to_string(),
        contacts::id(contacts::any_loaded(draws)),
        text(draws, &WHAT),
        text(draws, &DETAILS),
        text(draws, &["bob.power", "john.doe", "jane.smith", "r.shasta", "Sales Team", ""]),
        text(draws, &["open", "waiting", "started", "done", "done"]),
        text(draws, &["DAA", "In", "Out", "Back", ""]),
        text(draws, &["Phone", "E-Mail", "Chat", ""]),
        text(draws, &["(206) 555-0123", "+1 415 555 0177", "617/555-0142", "", ""]),
        text(draws, &["j.smith@example.com", "zoe_obrien@example.org", "", ""]),
        due,
        if remind { "x".into() } else { String::new() },
        text(draws, &["Spring – 50 % off", "AT&T renewals", "", "", ""]),
        if draws.below(3) == 0 { draws.below(3_600).to_string() } else { String::new() },
        if draws.below(3) == 0 {
            format!("{:010}", draws.below(10_000_000))
        } else {
            String::new()
        },
        text(draws, &["1", "2", "3", ""]),
        created.strftime("%d.%m.%Y").to_string(),
    ]
}

const WHAT: [&str; 7] = [
    "Call back",
    "Send the contract",
    "Angebot über 1.200 € schicken",
    "Ask O'Brien",
    "Visit AT&T; bring \"the folder\"",
    "Don’t forget: 50 % off",
    "Renew",
];

const DETAILS: [&str; 6] = [
    "",
    "",
    "<b>before</b> Friday",
    "ask for Zoë\r\n(or her assistant)",
    "5 < 6 & 7 > 3",
    "wants it in writing; by letter",
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
