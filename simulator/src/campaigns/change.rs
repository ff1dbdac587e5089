//! What was done to a campaign, as the journal keeps it.

use jiff::Timestamp;

use super::messages::Answer;
use crate::journal::{put_number, take_number};

/// A change of a campaign.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Change {
    /// A POST of customers was processed.
    Sent { campaign: u64, deeds: Vec<Deed> },
    /// A customer was taken out.
    Removed { campaign: u64, customer: u64 },
    /// The status was changed.
    Status { campaign: u64, status: u8 },
}

/// What was really done with one record of a POST, whatever the reply said.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Deed {
    /// The customer-id, if it is one.
    pub number: Option<u64>,
    /// What was found.
    pub answer: Answer,
    /// The moment asked for, of an accepted record.
    pub at: Option<Timestamp>,
}

const SENT: u8 = 1;
const REMOVED: u8 = 2;
const STATUS: u8 = 3;

const HAS_NUMBER: u8 = 0x40;
const HAS_DATE: u8 = 0x80;
const ANSWER: u8 = 0x3F;

impl Change {
    /// Appends it to a frame.
    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        match self {
            Change::Sent { campaign, deeds } => {
                out.push(SENT);
                put_number(out, *campaign);
                let (mut number, mut at) = (0, 0);
                for deed in deeds {
                    deed.write(out, &mut number, &mut at);
                }
            }
            Change::Removed { campaign, customer } => {
                out.push(REMOVED);
                put_number(out, *campaign);
                put_number(out, *customer);
            }
            Change::Status { campaign, status } => {
                out.push(STATUS);
                put_number(out, *campaign);
                out.push(*status);
            }
        }
    }

    /// Reads what `write` wrote.
    pub(crate) fn read(mut frame: &[u8]) -> Option<Change> {
        let bytes = &mut frame;
        let kind = take_byte(bytes)?;
        let campaign = take_number(bytes)?;
        let change = match kind {
            SENT => {
                let (mut number, mut at, mut deeds) = (0, 0, Vec::new());
                while !bytes.is_empty() {
                    deeds.push(Deed::read(bytes, &mut number, &mut at)?);
                }
                Change::Sent { campaign, deeds }
            }
            REMOVED => Change::Removed { campaign, customer: take_number(bytes)? },
            STATUS => Change::Status { campaign, status: take_byte(bytes)? },
            _ => return None,
        };
        bytes.is_empty().then_some(change)
    }
}

impl Deed {
    /// Numbers and dates are written as differences from those before: three bytes a record.
    fn write(&self, out: &mut Vec<u8>, number: &mut u64, at: &mut i64) {
        let has_number = if self.number.is_some() { HAS_NUMBER } else { 0 };
        let has_date = if self.at.is_some() { HAS_DATE } else { 0 };
        out.push(self.answer as u8 | has_number | has_date);
        if let Some(this) = self.number {
            put_number(out, fold(this.wrapping_sub(*number) as i64));
            *number = this;
        }
        if let Some(this) = self.at {
            let this = this.as_millisecond();
            put_number(out, fold(this.wrapping_sub(*at)));
            *at = this;
        }
    }

    fn read(bytes: &mut &[u8], number: &mut u64, at: &mut i64) -> Option<Deed> {
        let head = take_byte(bytes)?;
        let mut deed = Deed { number: None, answer: Answer::numbered(head & ANSWER)?, at: None };
        if head & HAS_NUMBER != 0 {
            *number = number.wrapping_add(unfold(take_number(bytes)?) as u64);
            deed.number = Some(*number);
        }
        if head & HAS_DATE != 0 {
            *at = at.wrapping_add(unfold(take_number(bytes)?));
            deed.at = Some(Timestamp::from_millisecond(*at).ok()?);
        }
        Some(deed)
    }
}

/// Makes small numbers of either sign small numbers without one.
fn fold(number: i64) -> u64 {
    ((number << 1) ^ (number >> 63)) as u64
}

fn unfold(number: u64) -> i64 {
    (number >> 1) as i64 ^ -((number & 1) as i64)
}

fn take_byte(bytes: &mut &[u8]) -> Option<u8> {
    let (byte, rest) = bytes.split_first()?;
    *bytes = rest;
    Some(*byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_come_back_as_they_were_written() {
        let at = |text: &str| Some(text.parse().unwrap());
        let deed = |number, answer, at| Deed { number, answer, at };
        let deeds = vec![
            deed(Some(10_000_001), Answer::Accepted, at("2026-11-24T14:30:00.125Z")),
            deed(Some(9), Answer::NotFound, None),
            deed(None, Answer::InvalidId, None),
            deed(Some(u64::MAX), Answer::NotFound, None),
            deed(Some(0), Answer::Accepted, at("1969-01-01T00:00:00Z")),
        ];
        for change in [
            Change::Sent { campaign: 125, deeds },
            Change::Removed { campaign: 125, customer: 10_000_001 },
            Change::Status { campaign: 130, status: 9 },
        ] {
            let mut frame = Vec::new();
            change.write(&mut frame);
            assert_eq!(Change::read(&frame).as_ref(), Some(&change));
            frame.push(0xFF);
            assert_eq!(Change::read(&frame), None, "with a byte too many: {change:?}");
        }
    }
}
