//! The rows of a dialer team's CSV.

use jiff::{ToSpan, civil::Date};

use super::{
    EXPORT_DATE,
    draws::Draws,
    words::{COMPANIES, FIRST_NAMES, LAST_NAMES, NO_NUMBERS, NOTES},
};
use crate::{chance::mix, tenant::Customers};

/// What is the matter with a row; most are plain.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Plain,
    TooFewFields,
    TooManyFields,
    /// Notes of some thousand characters.
    Overlong,
    UnknownAccount,
    NoNumber,
    /// Byte for byte an earlier row.
    Copy,
    /// An earlier row's customer with another callback and other notes.
    Later,
}

/// How many rows of 10,000 are of each kind; the rest is plain.
const KINDS: [(Kind, u64); 7] = [
    (Kind::TooFewFields, 3),
    (Kind::TooManyFields, 2),
    (Kind::Overlong, 3),
    (Kind::UnknownAccount, 5),
    (Kind::NoNumber, 3),
    (Kind::Copy, 50),
    (Kind::Later, 50),
];

/// A duplicate follows at most so many rows after its original.
const MOST_BETWEEN: u64 = 3_000;
/// Far above any sample tenant's customers.
const UNKNOWN_ACCOUNTS: u64 = 9_000_000_000;

/// The rows of a file as they really are.
pub(super) struct Rows {
    seed: u64,
    customers: Customers,
    order: Order,
    days: Days,
}

impl Rows {
    pub(super) fn new(seed: u64, count: u64, customers: Customers) -> Self {
        Rows { seed, customers, order: Order::new(seed, count), days: Days::new() }
    }

    /// Writes the row at a place, counted from 0.
    pub(super) fn write(&self, nth: u64, out: &mut Vec<u8>) {
        let mut draws = Draws::new(&[self.seed, 1, nth]);
        let kind = kind(draws.below(10_000));
        let earlier = || nth - 1 - mix(&[self.seed, 2, nth]) % nth.min(MOST_BETWEEN);
        match kind {
            Kind::Copy if nth > 0 => self.write_plain(earlier(), Kind::Plain, 0, out),
            Kind::Later if nth > 0 => self.write_plain(earlier(), Kind::Plain, nth, out),
            kind => self.write_plain(nth, kind, 0, out),
        }
        out.extend(b"\r\n");
    }

    /// Writes a row's fields; `again` is the place at which a later duplicate comes, or 0.
    fn write_plain(&self, nth: u64, kind: Kind, again: u64, out: &mut Vec<u8>) {
        let mut draws = Draws::new(&[self.seed, 3, nth]);
        let account = self.customers.number(self.order.customer(nth));
        self.write_account(account, kind, &mut draws, out);
        out.push(b',');
        write_person(account, &mut draws, out);
        if kind == Kind::TooFewFields {
            return;
        }
        let mut draws = Draws::new(&[self.seed, 4, nth, again]);
        out.push(b',');
        self.days.write_callback(&mut draws, out);
        out.push(b',');
        out.extend(match draws.below(1_000) {
            0..21 => &b"Y"[..],
            21..30 => b"yes",
            30..500 => b"N",
            _ => b"",
        });
        out.push(b',');
        match kind {
            Kind::Overlong => out.extend(b"called again; no answer / ".repeat(200)),
            _ => out.extend(draws.one_of(&NOTES).as_bytes()),
        }
        if kind == Kind::TooManyFields {
            out.extend(b",see CRM,,");
        }
    }

    fn write_account(&self, account: u64, kind: Kind, draws: &mut Draws, out: &mut Vec<u8>) {
        match (kind, draws.below(1_000)) {
            (Kind::NoNumber, _) => out.extend(draws.one_of(&NO_NUMBERS).as_bytes()),
            (Kind::UnknownAccount, _) => {
                write_number(UNKNOWN_ACCOUNTS + draws.below(1_000_000), out)
            }
            (_, 0..20) => {
                out.extend(b"00");
                write_number(account, out);
            }
            (_, 20..25) => {
                out.push(b' ');
                write_number(account, out);
                out.push(b' ');
            }
            _ => write_number(account, out),
        }
    }
}

/// The rows of a file without anything to refuse.
pub(super) struct CleanRows {
    next: u64,
    customers: Customers,
    days: Days,
}

impl CleanRows {
    pub(super) fn new(first: u64, customers: Customers) -> Self {
        CleanRows { next: first, customers, days: Days::new() }
    }

    /// The customer after the last written, counted from 0.
    pub(super) fn next(&self) -> u64 {
        self.next
    }

    /// Writes the next row.
    pub(super) fn write(&mut self, out: &mut Vec<u8>) {
        let mut account = self.customers.number(self.next);
        while self.customers.is_do_not_call(account) {
            self.next += 1;
            account = self.customers.number(self.next);
        }
        self.next += 1;
        let mut draws = Draws::new(&[5, account]);
        write_number(account, out);
        out.push(b',');
        write_person(account, &mut draws, out);
        out.push(b',');
        if draws.below(4) == 0 {
            self.days.write_iso(self.days.usual(&mut draws), &mut draws, out);
        }
        out.extend(b",,");
        out.extend(draws.one_of(&NOTES).as_bytes());
        out.extend(b"\r\n");
    }
}

fn kind(draw: u64) -> Kind {
    let mut left = draw;
    for (kind, share) in KINDS {
        if left < share {
            return kind;
        }
        left -= share;
    }
    Kind::Plain
}

/// Names, company, phone and e-mail.
fn write_person(account: u64, draws: &mut Draws, out: &mut Vec<u8>) {
    let (first, last) = (draws.one_of(&FIRST_NAMES), draws.one_of(&LAST_NAMES));
    for name in [first, last] {
        let spaced = draws.below(50) == 0;
        out.extend(if spaced { &b" "[..] } else { b"" });
        out.extend(name.as_bytes());
        out.extend(if spaced { &b"  ,"[..] } else { b"," });
    }
    out.extend(draws.one_of(&COMPANIES).as_bytes());
    out.push(b',');
    write_phone(draws, out);
    out.extend(b",customer.");
    write_number(account, out);
    out.extend(match draws.below(3) {
        0 => &b"@example.com"[..],
        1 => b"@Example.org",
        _ => b"@mail.example.net",
    });
}

/// Area codes that exist, for those who look whether a number can be one.
const AREAS: [u64; 12] = [212, 415, 303, 617, 312, 206, 512, 404, 702, 305, 646, 971];

/// A number of the range kept for fiction, 555-0100 to 555-0199, in one of many styles.
pub(super) fn write_phone(draws: &mut Draws, out: &mut Vec<u8>) {
    let area = AREAS[draws.below(AREAS.len() as u64) as usize];
    let line = 100 + draws.below(100);
    let style = [
        ("(", ") 555-0", ""),
        ("", "-555-0", ""),
        ("", ".555.0", ""),
        ("+1 ", " 555 0", ""),
        ("", "5550", ""),
        ("1-", "-555-0", ""),
        ("+1", "5550", ""),
        ("", "-555-0", " x12"),
    ];
    let (start, middle, end) = style[draws.below(8) as usize];
    out.extend(start.as_bytes());
    write_number(area, out);
    out.extend(middle.as_bytes());
    write_number(line, out);
    out.extend(end.as_bytes());
}

fn write_number(number: u64, out: &mut Vec<u8>) {
    let mut digits = [0; 20];
    let (mut at, mut left) = (digits.len(), number);
    loop {
        at -= 1;
        digits[at] = b'0' + (left % 10) as u8;
        left /= 10;
        if left == 0 {
            return out.extend(&digits[at..]);
        }
    }
}

/// The days round the export, as both styles write them.
struct Days(Vec<(String, String)>);

const DAYS_BEFORE: u64 = 20;
const DAYS_AFTER: u64 = 12;

impl Days {
    fn new() -> Self {
        let export: Date = EXPORT_DATE.parse().unwrap_or_default();
        let days = -(DAYS_BEFORE as i64)..=DAYS_AFTER as i64;
        let days = days.map(|day| export.saturating_add(day.days()));
        let styles = |day: Date| (day.to_string(), day.strftime("%-m/%-d/%Y").to_string());
        Days(days.map(styles).collect())
    }

    /// A callback: mostly none, mostly within five days.
    fn write_callback(&self, draws: &mut Draws, out: &mut Vec<u8>) {
        let day = match draws.below(1_000) {
            0..2 => draws.below(DAYS_BEFORE),
            2..4 => DAYS_BEFORE + 9 + draws.below(4),
            4..250 => self.usual(draws),
            _ => return,
        };
        match draws.below(10) {
            0..7 => self.write_iso(day, draws, out),
            _ => self.write_american(day, draws, out),
        }
    }

    /// The place of a day from 1 to 5 days after the export.
    fn usual(&self, draws: &mut Draws) -> u64 {
        DAYS_BEFORE + 1 + draws.below(5)
    }

    /// `2026-11-24 14:30`
    fn write_iso(&self, day: u64, draws: &mut Draws, out: &mut Vec<u8>) {
        let (hour, minute) = office_hour(draws);
        out.extend(self.0[day as usize].0.as_bytes());
        out.push(b' ');
        write_two(hour, out);
        out.push(b':');
        write_two(minute, out);
    }

    /// `11/24/2026 2:30 PM`
    fn write_american(&self, day: u64, draws: &mut Draws, out: &mut Vec<u8>) {
        let (hour, minute) = office_hour(draws);
        out.extend(self.0[day as usize].1.as_bytes());
        out.push(b' ');
        write_number(if hour > 12 { hour - 12 } else { hour }, out);
        out.push(b':');
        write_two(minute, out);
        out.extend(if hour >= 12 { b" PM" } else { b" AM" });
    }
}

/// A time from 9:00 to 19:30.
fn office_hour(draws: &mut Draws) -> (u64, u64) {
    let minutes = 9 * 60 + 5 * draws.below(127);
    (minutes / 60, minutes % 60)
}

fn write_two(number: u64, out: &mut Vec<u8>) {
    out.extend([b'0' + (number / 10) as u8, b'0' + (number % 10) as u8]);
}

/// An order of all customers that looks like none: each comes once before any comes again.
struct Order {
    count: u64,
    step: u64,
    start: u64,
}

impl Order {
    fn new(seed: u64, count: u64) -> Self {
        let count = count.max(1);
        let wished = mix(&[seed, 6]) % count + 1;
        // A step without a common divisor goes round through all.
        let step = (wished..).find(|step| divisor(*step, count) == 1).unwrap_or(1);
        Order { count, step, start: mix(&[seed, 7]) % count }
    }

    fn customer(&self, nth: u64) -> u64 {
        let walked = u128::from(nth) * u128::from(self.step) + u128::from(self.start);
        (walked % u128::from(self.count)) as u64
    }
}

fn divisor(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { divisor(b, a % b) }
}
