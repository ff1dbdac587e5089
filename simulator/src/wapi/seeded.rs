//! The customers that are there at first, computed field by field: five million cost no more
//! than one, until somebody searches for a name, which makes an index of that tag.

use std::{borrow::Cow, collections::HashMap, ops::Range, sync::OnceLock};

use jiff::Timestamp;

use super::{
    index::key,
    record::Record,
    timeline::Timeline,
    words::{COMMENTS, COMPANIES, FIRST_NAMES, LAST_NAMES, PLACES},
};
use crate::{chance::mix, tenant::Customers};

/// The tags whose values are indexed when they are first searched for. An EMAIL tells its
/// customer by itself.
const INDEXED: [&str; 4] = ["FIRSTNAME", "LASTNAME", "COMPANY", "VOICE"];

/// All tags of a customer that is there at first, custom fields apart.
const TAGS: [&str; 23] = [
    "FIRSTNAME",
    "LASTNAME",
    "COMPANY",
    "COMMENTS",
    "ACCOUNTNUM",
    "CUSTOMERTYPE",
    "EMAIL",
    "VOICE",
    "ALTERNATIVE",
    "FAX",
    "ADDR1STR1",
    "ADDR1STR2",
    "ADDR1CITY",
    "ADDR1STATE",
    "ADDR1ZIP",
    "ADDR1COUNTRY",
    "ADDR2STR1",
    "ADDR2CITY",
    "ADDR2STATE",
    "ADDR2ZIP",
    "ADDR2COUNTRY",
    "PASSWORD",
    "AUTOPASSWD",
];

/// What a draw is for, so that facts of one customer are independent.
#[derive(Clone, Copy)]
enum About {
    FirstName = 11,
    LastName,
    SecondName,
    OtherName,
    Company,
    Comments,
    Email,
    Voice,
    Fax,
    Place,
    House,
    Type,
    CustomField,
    Created,
    Modified,
}

/// The customers that are there at first.
pub(crate) struct SeededCustomers {
    numbers: Customers,
    seed: u64,
    timeline: Timeline,
    /// Values of CUSTOMERTYPE, and of custom pick lists by their tags; deactivated ones too.
    lists: HashMap<String, Vec<String>>,
    indexes: [OnceLock<HashMap<u64, Vec<u32>>>; INDEXED.len()],
    /// Second of the last modification and place, sorted; eight bytes for each customer.
    by_modified: OnceLock<Vec<(u32, u32)>>,
}

impl SeededCustomers {
    pub(crate) fn new(
        numbers: Customers,
        seed: u64,
        timeline: Timeline,
        lists: HashMap<String, Vec<String>>,
    ) -> Self {
        let (indexes, by_modified) = Default::default();
        SeededCustomers { numbers, seed, timeline, lists, indexes, by_modified }
    }

    pub(crate) fn count(&self) -> u64 {
        self.numbers.count()
    }

    /// The number of the n-th.
    pub(crate) fn number(&self, nth: u64) -> u64 {
        self.numbers.number(nth)
    }

    /// Which one has this number.
    pub(crate) fn nth(&self, number: u64) -> Option<u64> {
        self.numbers.nth(number)
    }

    /// The first one whose number is not below this.
    pub(crate) fn first_from(&self, number: u64) -> u64 {
        // One number in twenty is missing, so the next one or the one after it is a customer's.
        let first = number.max(self.numbers.number(0));
        let found = (first..first + 3).find_map(|number| self.nth(number));
        found.unwrap_or(self.count())
    }

    /// When it was created: in the order of the numbers.
    pub(crate) fn created(&self, nth: u64) -> Timestamp {
        self.timeline.at(self.created_second(nth))
    }

    /// When it was last modified; most never were.
    pub(crate) fn modified(&self, nth: u64) -> Timestamp {
        self.timeline.at(self.modified_second(nth))
    }

    fn created_second(&self, nth: u64) -> u64 {
        self.timeline.created(nth, self.count(), self.draw(About::Created, nth))
    }

    fn modified_second(&self, nth: u64) -> u64 {
        let created = self.created_second(nth);
        let draw = self.draw(About::Modified, nth);
        match draw % 4 {
            0 => created.max(draw / 4 % self.timeline.seconds()),
            _ => created,
        }
    }

    /// Those that were created from a moment on and before another one.
    pub(crate) fn created_within(&self, within: &Range<Timestamp>) -> Range<u64> {
        let first_from = |at: Timestamp| {
            let second = self.timeline.second_of(at);
            first_where(self.count(), |nth| self.created_second(nth) >= second)
        };
        first_from(within.start)..first_from(within.end)
    }

    /// Those that were last modified from a moment on and before another one, in the order of
    /// their modification.
    pub(crate) fn modified_within(&self, within: &Range<Timestamp>) -> impl Iterator<Item = u64> {
        let all = self.by_modified.get_or_init(|| {
            let count = self.count().min(u64::from(u32::MAX)) as u32;
            let second = |nth: u32| self.modified_second(nth.into()) as u32;
            let mut all: Vec<(u32, u32)> = (0..count).map(|nth| (second(nth), nth)).collect();
            all.sort_unstable();
            all
        });
        let first_from = |at: Timestamp| {
            let from = self.timeline.second_of(at);
            all.partition_point(|(second, _)| u64::from(*second) < from)
        };
        let places = first_from(within.start)..first_from(within.end).max(first_from(within.start));
        all[places].iter().map(|(_, nth)| u64::from(*nth))
    }

    /// A value of the n-th; empty where it has none.
    pub(crate) fn value(&self, nth: u64, tag: &str) -> Cow<'_, str> {
        let draw = |about| self.draw(about, nth);
        let place = |part: usize| Cow::Borrowed(self.pick(&PLACES, About::Place, nth)[part]);
        match tag {
            "ACCOUNTNUM" => self.number(nth).to_string().into(),
            "FIRSTNAME" => self.pick(&FIRST_NAMES, About::FirstName, nth).0.into(),
            "LASTNAME" => self.last_name(nth),
            "COMPANY" if draw(About::Company).is_multiple_of(3) => "".into(),
            "COMPANY" => COMPANIES[(draw(About::Company) / 3) as usize % COMPANIES.len()].into(),
            "COMMENTS" => Cow::Borrowed(*self.pick(&COMMENTS, About::Comments, nth)),
            "EMAIL" => self.email(nth).into(),
            "VOICE" => self.voice(nth).into(),
            "ALTERNATIVE" if draw(About::Fax).is_multiple_of(4) => {
                format!("+49 (0)211/{:06}", draw(About::Fax) / 4 % 1_000_000).into()
            }
            "FAX" if draw(About::Fax).is_multiple_of(5) => {
                format!("0{:09}", draw(About::Fax) / 5 % 1_000_000_000).into()
            }
            "ADDR1STR1" => format!("{} {}", draw(About::House) % 900 + 1, place(0)).into(),
            "ADDR1STR2" if draw(About::House).is_multiple_of(7) => {
                format!("Apt. {:03}", draw(About::House) / 7 % 200).into()
            }
            "ADDR1CITY" => place(1),
            "ADDR1STATE" => place(2),
            "ADDR1ZIP" => place(3),
            "ADDR1COUNTRY" => place(4),
            "ADDR2COUNTRY" => "United States".into(),
            "PASSWORD" => format!("pw_{:06}", draw(About::House) % 1_000_000).into(),
            "AUTOPASSWD" => "False".into(),
            _ => self.listed(nth, tag),
        }
    }

    fn last_name(&self, nth: u64) -> Cow<'static, str> {
        let (first, second) = (self.pick_last(About::LastName, nth), self.second_name(nth));
        match second {
            Some((second, _)) => format!("{}-{second}", first.0).into(),
            None => first.0.into(),
        }
    }

    /// Half of them have a second last name.
    fn second_name(&self, nth: u64) -> Option<(&'static str, &'static str)> {
        let has = self.draw(About::SecondName, nth).is_multiple_of(2);
        has.then(|| self.pick_last(About::OtherName, nth))
    }

    fn pick_last(&self, about: About, nth: u64) -> (&'static str, &'static str) {
        *self.pick(&LAST_NAMES, about, nth)
    }

    /// One in twelve has none; each is the only one, for its last digits are the number's n.
    fn email(&self, nth: u64) -> String {
        let draw = self.draw(About::Email, nth);
        if draw.is_multiple_of(12) {
            return String::new();
        }
        let first = self.pick(&FIRST_NAMES, About::FirstName, nth).1;
        let last = self.pick_last(About::LastName, nth).1;
        let host = ["example.com", "example.org", "example.net", "mail.example.com"];
        format!("{first}.{last}{nth}@{}", host[(draw / 12) as usize % host.len()])
    }

    /// The number that the campaigns call, most often as bare digits. One in twenty has none.
    fn voice(&self, nth: u64) -> String {
        let digits = self.numbers.phone_digits(self.number(nth));
        match self.draw(About::Voice, nth) >> 8 {
            draw if draw.is_multiple_of(20) => String::new(),
            draw if draw % 20 == 1 => format!("555 {:03} {:04}", digits / 10_000, digits % 10_000),
            draw if draw % 20 == 2 => {
                format!("(555) {:03}-{:04}", digits / 10_000, digits % 10_000)
            }
            _ => format!("555{digits:07}"),
        }
    }

    /// A value of a list; custom fields of other types are empty at first.
    fn listed(&self, nth: u64, tag: &str) -> Cow<'_, str> {
        let Some(values) = self.lists.get(tag).filter(|values| !values.is_empty()) else {
            return "".into();
        };
        let about = if tag == "CUSTOMERTYPE" { About::Type } else { About::CustomField };
        let draw = self.draw(about, nth);
        match draw % 3 {
            // Customers have a type; a custom field may be empty.
            0 if tag == "CUSTOMERTYPE" => values[0].as_str().into(),
            0 => "".into(),
            _ => values[(draw / 3) as usize % values.len()].as_str().into(),
        }
    }

    fn pick<'a, T>(&self, list: &'a [T], about: About, nth: u64) -> &'a T {
        &list[self.draw(about, nth) as usize % list.len()]
    }

    fn draw(&self, about: About, nth: u64) -> u64 {
        mix(&[self.seed, about as u64, nth]) >> 1
    }

    /// The whole record of the n-th.
    pub(crate) fn record(&self, nth: u64) -> Record {
        let mut record = Record::new(self.number(nth), self.created(nth));
        record.modified = self.modified(nth);
        let tags = TAGS.iter().copied();
        for tag in tags.chain(self.lists.keys().map(String::as_str).filter(|tag| {
            // Of the lists only custom ones are not among the tags.
            *tag != "CUSTOMERTYPE"
        })) {
            record.set(tag, &self.value(nth, tag));
        }
        record
    }

    /// Those that may hold a value, in any case; `None` where only a look at each one tells.
    pub(crate) fn holding(&self, tag: &str, value: &str) -> Option<Vec<u64>> {
        if tag == "EMAIL" {
            return Some(self.nth_of_email(value).into_iter().collect());
        }
        let Some(place) = INDEXED.iter().position(|indexed| *indexed == tag) else {
            // Custom fields that are no lists are empty at first.
            return (!TAGS.contains(&tag) && !self.lists.contains_key(tag)).then(Vec::new);
        };
        let index = self.indexes[place].get_or_init(|| self.index(tag));
        let found = index.get(&key(tag, value)).map_or(&[][..], Vec::as_slice);
        Some(found.iter().map(|nth| u64::from(*nth)).collect())
    }

    fn index(&self, tag: &str) -> HashMap<u64, Vec<u32>> {
        let mut index: HashMap<u64, Vec<u32>> = HashMap::new();
        for nth in 0..self.count().min(u64::from(u32::MAX)) {
            let value = self.value(nth, tag);
            if !value.is_empty() {
                index.entry(key(tag, &value)).or_default().push(nth as u32);
            }
        }
        index
    }

    fn nth_of_email(&self, email: &str) -> Option<u64> {
        let (local, _) = email.split_once('@')?;
        let digits = local.trim_start_matches(|c: char| !c.is_ascii_digit());
        let nth = digits.parse().ok().filter(|nth| *nth < self.count())?;
        Some(nth).filter(|nth| self.email(*nth).eq_ignore_ascii_case(email))
    }
}

/// The first of so many numbers of which something is so, where it is so of all that follow.
fn first_where(count: u64, is_so: impl Fn(u64) -> bool) -> u64 {
    let (mut from, mut to) = (0, count);
    while from < to {
        let middle = from + (to - from) / 2;
        match is_so(middle) {
            true => to = middle,
            false => from = middle + 1,
        }
    }
    from
}
