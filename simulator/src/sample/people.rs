//! The file that dialer teams really have: people and their phones, no account numbers.

use jiff::{ToSpan, civil::Date};

use super::{
    EXPORT_DATE, SampleFile,
    draws::Draws,
    table::{Odd, Row, Table, odd},
    words::{FIRST_NAMES, LAST_NAMES},
};

/// How many people there are; some stand in the file twice.
const COUNT: u64 = 780;

const HEADER: &[&str] = &[
    "person_id",
    "first_name",
    "last_name",
    "phone",
    "email",
    "do_not_call",
    "callback",
    "source",
];

/// Area codes that no other sample has: with 100 numbers each, nobody shares one by accident.
const AREAS: [u64; 8] = [208, 307, 406, 505, 605, 701, 801, 907];
const IN_AREA: u64 = 100;

/// Phones that customers of the sample tenant have already.
const TENANT_PHONES: [&str; 5] =
    ["(555) 743-2439", "555-605-7485", "+1 555 797 9751", "555.241.0282", "15558072886"];

const UNUSUAL: &[Odd] = &[
    odd(11, "phone", TENANT_PHONES[0]),
    odd(211, "phone", TENANT_PHONES[1]),
    odd(322, "phone", TENANT_PHONES[2]),
    odd(433, "phone", TENANT_PHONES[3]),
    odd(655, "phone", TENANT_PHONES[4]),
    // Nobody can be called.
    odd(30, "phone", ""),
    odd(90, "phone", ""),
    odd(190, "phone", "unknown"),
    odd(290, "phone", "n/a"),
    odd(390, "phone", ""),
    odd(490, "phone", ""),
    odd(590, "phone", "-"),
    odd(690, "phone", ""),
    odd(760, "phone", ""),
    // Households: the phone of the person before.
    odd(50, "phone", "907-555-0181"),
    odd(51, "phone", "(907) 555-0181"),
    odd(350, "phone", "907-555-0182"),
    odd(351, "phone", "1-907-555-0182"),
    odd(650, "phone", "907-555-0183"),
    odd(651, "phone", "+19075550183"),
    // Two phones, one address.
    odd(70, "email", "jane.doe@people.example.org"),
    odd(570, "email", "jane.doe@people.example.org"),
    odd(120, "last_name", ""),
    odd(620, "last_name", "  "),
    odd(180, "email", "no e-mail"),
    // Too late, and too far ahead.
    odd(210, "callback", "2026-11-03 10:00"),
    odd(410, "callback", "12/4/2026 2:30 PM"),
    odd(710, "callback", "2026-12-05 09:15"),
    odd(530, "callback", "tomorrow"),
];

/// So many rows after their first, people come again, as another list has them.
const LATER: u64 = 40;

/// The file.
pub(super) fn file(seed: u64) -> SampleFile {
    let mut table = Table::new(HEADER, ',');
    for person in 1..=COUNT {
        let row = person_row(&table, seed, person, false);
        table.push(&row);
        if person > LATER && comes_again(person - LATER) {
            let row = person_row(&table, seed, person - LATER, true);
            table.push(&row);
        }
    }
    SampleFile { path: "dialer/people.csv", content: table.utf8() }
}

/// Twenty people come again.
fn comes_again(person: u64) -> bool {
    person.is_multiple_of(37) && person <= 740
}

fn person_row(table: &Table, seed: u64, person: u64, again: bool) -> Row {
    let mut draws = Draws::new(&[seed, 31, person]);
    let [first, last] = [draws.one_of(&FIRST_NAMES), draws.one_of(&LAST_NAMES)].map(str::to_owned);
    let email = match draws.below(5) {
        0 => format!("person.{person:04}@people.example.org"),
        _ => String::new(),
    };
    let do_not_call = opt_out(draws.below(40)).to_owned();
    let callback = callback(&mut draws);
    let id = if again { format!("L2-{person:04}") } else { format!("L1-{person:04}") };
    let source = if again { "list 2" } else { "list 1" };
    let phone = phone(person, if again { draws.below(6) } else { person % 6 });
    let fields = vec![id, first, last, phone, email, do_not_call, callback, source.to_owned()];
    let mut row = table.row(fields);
    row.set(person, UNUSUAL);
    row
}

fn opt_out(draw: u64) -> &'static str {
    match draw {
        0 => "Y",
        1 => "yes",
        2..15 => "N",
        _ => "",
    }
}

/// The number of a person, in one of six styles.
fn phone(person: u64, style: u64) -> String {
    let nth = person - 1;
    let area = AREAS[(nth / IN_AREA) as usize % AREAS.len()];
    let line = 100 + nth % IN_AREA;
    match style {
        0 => format!("({area}) 555-0{line}"),
        1 => format!("{area}-555-0{line}"),
        2 => format!("{area}.555.0{line}"),
        3 => format!("+1 {area} 555 0{line}"),
        4 => format!("1-{area}-555-0{line}"),
        _ => format!("{area}5550{line} ext. 12"),
    }
}

/// A callback within five days after the export, for one in three.
fn callback(draws: &mut Draws) -> String {
    let export: Date = EXPORT_DATE.parse().unwrap_or_default();
    let day = export.saturating_add((1 + draws.below(5) as i64).days());
    let (hour, minute) = (9 + draws.below(10), 15 * draws.below(4));
    match draws.below(9) {
        0..2 => format!("{day} {hour:02}:{minute:02}"),
        2 => {
            let half = if hour >= 12 { "PM" } else { "AM" };
            let hour = if hour > 12 { hour - 12 } else { hour };
            format!("{} {hour}:{minute:02} {half}", day.strftime("%-m/%-d/%Y"))
        }
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_odd_value_has_its_column() {
        UNUSUAL.iter().for_each(|odd| assert!(HEADER.contains(&odd.column), "{}", odd.column));
    }
}
