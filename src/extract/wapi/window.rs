//! A window: what one Get asks for, and how it is cut where that is too much.

use jiff::{ToSpan, civil::Date};
use serde::{Deserialize, Serialize};

use crate::{crm::Object, tenant::Extent};

/// The day before all records.
pub const FIRST_DAY: Date = jiff::civil::date(1990, 1, 1);

/// From here on tenants may have records.
pub const LIKELY_FIRST_DAY: Date = jiff::civil::date(2000, 1, 1);

/// Which day of a record counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Day {
    /// Of its creation.
    Created,
    /// Of its last change.
    Modified,
    /// On which it is due.
    Due,
}

impl Day {
    /// The two tags of its range.
    fn tags(self) -> [&'static str; 2] {
        match self {
            Day::Created => ["FROMCREATEDATE", "TOCREATEDATE"],
            Day::Modified => ["FROMLASTMODDATE", "TOLASTMODDATE"],
            Day::Due => ["FROMDUEDATE", "TODUEDATE"],
        }
    }

    fn word(self) -> &'static str {
        match self {
            Day::Created => "created",
            Day::Modified => "modified",
            Day::Due => "due",
        }
    }
}

/// Days from one, before another (ruling HALF_OPEN_SCOPE).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Days {
    /// What the days are of.
    pub day: Day,
    /// The first.
    pub from: Date,
    /// The day after the last.
    pub to: Date,
}

impl Days {
    /// How many they are.
    pub fn count(&self) -> i64 {
        i64::from((self.to - self.from).get_days()).max(0)
    }
}

/// Numbers that begin alike, or one number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Number {
    /// The tag.
    pub tag: String,
    /// The digits, maybe none.
    pub digits: String,
    /// Whether others may follow.
    pub open: bool,
}

/// What one Get asks for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Window {
    /// Tags that the window's strand adds.
    pub strand: usize,
    pub days: Option<Days>,
    pub number: Option<Number>,
    /// Values to which the window is cut down: a category, a status.
    pub only: Vec<(String, String)>,
    /// The beginning of a text, such as SUBJECT.
    pub text: Option<(String, String)>,
    /// How often it failed.
    #[serde(default)]
    pub failures: u32,
}

/// The digits that texts are cut by: what LIKE takes as it stands.
fn first_characters() -> impl Iterator<Item = char> {
    (' '..='~').chain('\u{a0}'..='\u{ff}').filter(|c| !matches!(c, '%' | '\'' | '_' | '\\'))
}

impl Window {
    /// Everything of a strand.
    pub fn all(strand: usize) -> Window {
        Window { strand, days: None, number: None, only: Vec::new(), text: None, failures: 0 }
    }

    /// Days of a strand.
    pub fn of_days(strand: usize, day: Day, from: Date, to: Date) -> Window {
        Window { days: Some(Days { day, from, to }), ..Window::all(strand) }
    }

    /// All numbers of a tag.
    pub fn of_numbers(strand: usize, tag: &str, digits: &str, open: bool) -> Window {
        let number = Number { tag: tag.to_owned(), digits: digits.to_owned(), open };
        Window { number: Some(number), ..Window::all(strand) }
    }

    /// The tags of its Get, beside those of its strand and of the pipeline's `where`.
    pub fn tags(&self) -> Vec<(String, String)> {
        let mut tags = Vec::new();
        if let Some(number) = &self.number {
            let end = if number.open { "%" } else { "" };
            tags.push((number.tag.clone(), format!("{}{end}", number.digits)));
        }
        tags.extend(self.only.iter().cloned());
        if let Some((tag, start)) = &self.text {
            tags.push((tag.clone(), format!("{start}%")));
        }
        if let Some(days) = &self.days {
            let [from, to] = days.day.tags();
            tags.push((from.to_owned(), days.from.strftime("%m%d%Y").to_string()));
            tags.push((to.to_owned(), days.to.strftime("%m%d%Y").to_string()));
        }
        tags
    }

    /// What it asks for, for a person.
    pub fn name(&self) -> String {
        let mut parts = Vec::new();
        if let Some(Number { tag, digits, open }) = &self.number {
            let end = if *open { "%" } else { "" };
            parts.push(format!("{tag} {digits}{end}"));
        }
        parts.extend(self.only.iter().map(|(tag, value)| format!("{tag} {value}")));
        if let Some((tag, start)) = &self.text {
            parts.push(format!("{tag} {start}%"));
        }
        if let Some(days) = &self.days {
            let (word, from) = (days.day.word(), days.from);
            parts.push(match days.count() {
                1 => format!("{word} on {from}"),
                _ => format!("{word} from {from}, before {}", days.to),
            });
        }
        match parts.is_empty() {
            true => "all".into(),
            false => parts.join(", "),
        }
    }

    /// The windows that together ask for the same; `None`: it cannot be cut further.
    ///
    /// Days are halved, then numbers get one more digit, then values and texts come in.
    pub fn parts(&self, cuts: &Cuts<'_>) -> Option<Vec<Window>> {
        let with = |change: &dyn Fn(&mut Window)| {
            let mut part = Window { failures: 0, ..self.clone() };
            change(&mut part);
            part
        };
        if let Some(days) = self.days.filter(|days| days.count() > 1) {
            let middle = cuts.middle(&days);
            return Some(vec![
                with(&|part| part.days = Some(Days { to: middle, ..days })),
                with(&|part| part.days = Some(Days { from: middle, ..days })),
            ]);
        }
        if let Some(number) = &self.number {
            if let Some(digits) = cuts.next_digits(number) {
                return Some(
                    digits
                        .into_iter()
                        .map(|next| with(&|part| part.number = Some(next.clone())))
                        .collect(),
                );
            }
        } else if let Some(tag) = cuts.number_tag() {
            let all = Number { tag: tag.to_owned(), digits: String::new(), open: true };
            return with(&|part| part.number = Some(all.clone())).parts(cuts);
        }
        if self.days.is_none()
            && let Some(day) = cuts.day()
        {
            // Follow-ups of one case, FAQs of one category: their days are next.
            let days = Days { day, from: FIRST_DAY, to: cuts.end };
            return with(&|part| part.days = Some(days)).parts(cuts);
        }
        let used = |tag: &str| self.only.iter().any(|(name, _)| name == tag);
        if let Some((tag, values)) = cuts.values.iter().find(|(tag, _)| !used(tag)) {
            let only = |value: &String| with(&|part| part.only.push((tag.clone(), value.clone())));
            return Some(values.iter().map(only).collect());
        }
        let tag = cuts.text_tag()?;
        let start = self.text.as_ref().map_or("", |(_, start)| start.as_str());
        (start.chars().count() < 12).then(|| {
            let begun =
                |c: char| with(&|part| part.text = Some((tag.to_owned(), format!("{start}{c}"))));
            let exact = (!start.is_empty()).then(|| {
                with(&|part| {
                    part.text = None;
                    part.only.push((tag.to_owned(), start.to_owned()));
                })
            });
            exact.into_iter().chain(first_characters().map(begun)).collect()
        })
    }
}

/// The tag whose beginnings can be asked for (ruling WILDCARD_TAGS).
pub fn number_tag(object: Object) -> Option<&'static str> {
    match object {
        Object::Customer => Some("ACCOUNTNUM"),
        Object::Followup => Some("CASENUM"),
        _ => None,
    }
}

/// By what the windows of an object can be cut.
#[derive(Debug)]
pub struct Cuts<'a> {
    pub object: Object,
    /// The numbers that there are.
    pub extent: Option<Extent>,
    /// Tags that the pipeline's `where` has already.
    pub taken: &'a [String],
    /// Lists of values that the tenant defines; all records have one of each, but for those with a
    /// value that was taken off its list.
    pub values: &'a [(String, Vec<String>)],
    /// The day after the last on which a record can be.
    pub end: Date,
}

impl Cuts<'_> {
    fn number_tag(&self) -> Option<&'static str> {
        number_tag(self.object).filter(|tag| !self.is_taken(tag))
    }

    fn is_taken(&self, tag: &str) -> bool {
        self.taken.iter().any(|taken| taken == tag)
    }

    /// What the windows of objects that are not cut by days can be cut by at last.
    fn day(&self) -> Option<Day> {
        matches!(self.object, Object::Followup | Object::Faq | Object::Case | Object::Task)
            .then_some(Day::Created)
    }

    fn text_tag(&self) -> Option<&'static str> {
        let has = matches!(self.object, Object::Case | Object::Task);
        has.then_some("SUBJECT").filter(|tag| !self.is_taken(tag))
    }

    /// Half of the days; the time before the first tenants is one half.
    fn middle(&self, days: &Days) -> Date {
        for edge in [LIKELY_FIRST_DAY, self.end] {
            if days.from < edge && edge < days.to {
                return edge;
            }
        }
        let half = (days.count() / 2).max(1);
        days.from.checked_add(half.days()).unwrap_or(days.to)
    }

    /// The numbers that have one more digit, as far as there can be any, and the one that has none.
    pub fn next_digits(&self, number: &Number) -> Option<Vec<Number>> {
        if !number.open || number.digits.len() >= 19 {
            return None;
        }
        let one = |digits: String, open| Number { tag: number.tag.clone(), digits, open };
        let mut parts = Vec::new();
        if !number.digits.is_empty() {
            let exact = one(number.digits.clone(), false);
            parts.extend((self.numbers(&exact) > 0).then_some(exact));
        }
        let longer = (0..10).map(|digit| one(format!("{}{digit}", number.digits), true));
        parts.extend(longer.filter(|part| self.numbers(part) > 0));
        (!parts.is_empty()).then_some(parts)
    }

    /// How many numbers between the first and the last begin so; without an extent, that is not
    /// known, and many.
    pub fn numbers(&self, number: &Number) -> u64 {
        let Some(extent) = self.extent else { return u64::MAX };
        let (first, last) = (extent.first, extent.last);
        let Ok(start) = number.digits.parse::<u64>() else {
            return match number.digits.is_empty() {
                true => last - first + 1,
                false => 0,
            };
        };
        if number.digits.len() > 1 && number.digits.starts_with('0') {
            return 0;
        }
        let within = |from: u64, to: u64| match from.max(first) <= to.min(last) {
            true => to.min(last) - from.max(first) + 1,
            false => 0,
        };
        if !number.open {
            return within(start, start);
        }
        let mut count = within(start, start);
        let (mut from, mut to) = (start, start);
        if start == 0 {
            // `0` begins nothing but itself.
            return count;
        }
        let longer =
            |from: u64, to: u64| Some((from.checked_mul(10)?, to.checked_mul(10)?.checked_add(9)?));
        while let Some((next, end)) = longer(from, to) {
            (from, to) = (next, end);
            if from > last {
                break;
            }
            count += within(from, to);
        }
        count
    }
}
