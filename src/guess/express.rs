//! The expression that makes a field of a column, and what is to be said about it.

use super::{
    dates::FORMS,
    places,
    profile::{Profile, one_line},
    target::{Field, Kind},
};
use crate::phone::NUMBER;

/// How a field is made.
#[derive(Debug, PartialEq)]
pub(super) enum Made {
    /// The column as it is.
    Column(String),
    /// An SQL expression.
    Sql(String),
    /// The same text in every row.
    Value(&'static str),
    /// Only as a comment: somebody has to look first.
    Left(String),
}

/// A field, how it is made, and what is said above it.
pub(super) struct Mapping {
    pub made: Made,
    pub remarks: Vec<String>,
    /// What has to be done before rows can be loaded.
    pub to_do: Option<String>,
}

impl Mapping {
    fn of(made: Made) -> Self {
        Mapping { made, remarks: Vec::new(), to_do: None }
    }

    fn remark(mut self, remark: impl Into<String>) -> Self {
        self.remarks.push(remark.into());
        self
    }
}

/// A column's name in SQL.
pub(super) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// A text in SQL.
pub(super) fn text(words: &str) -> String {
    format!("'{}'", words.replace('\'', "''"))
}

/// The column as text.
fn column(profile: &Profile) -> String {
    match profile.is_text {
        true => quoted(&profile.name),
        false => format!("cast({} as varchar)", quoted(&profile.name)),
    }
}

/// The column without the blanks that its values have.
fn trimmed(profile: &Profile) -> Made {
    let column = column(profile);
    match (profile.blank, profile.padded) {
        (0, 0) => Made::Column(profile.name.clone()),
        (0, _) => Made::Sql(format!("trim({column})")),
        _ => Made::Sql(format!("nullif(trim({column}), '')")),
    }
}

/// The same as an expression that others can be built on.
fn trimmed_sql(profile: &Profile) -> String {
    match trimmed(profile) {
        Made::Sql(sql) => sql,
        _ => column(profile),
    }
}

/// How a field is made of a column.
pub(super) fn mapping(field: &Field, profile: &Profile, timezone: &str) -> Mapping {
    let mut mapping = match field.kind {
        Kind::Text | Kind::Email => text_field(field, profile),
        Kind::Phone if field.tag == NUMBER => dialled(profile),
        Kind::Phone => phone(profile),
        Kind::Country => country(profile),
        Kind::Integer => integer(profile),
        Kind::Moment => date(profile, &|time| format!("to_utc({time}, {})", text(timezone)))
            .remark(format!(
                "Times without a zone are taken for those of {timezone}: is that right? \
                 `--timezone` of `vccpipe guess` sets another one."
            )),
        Kind::Day => date(profile, &|time| format!("wapi_date({time})")),
        Kind::DayTime => date(profile, &|time| format!("wapi_datetime({time})")),
        Kind::OneOf(values) => one_of(profile, values, field.rule.values_case_sensitive),
        Kind::OfTenant => of_tenant(profile),
        Kind::Chosen(word) => Mapping::of(Made::Value(word)),
    };
    let default = field.rule.default.filter(|default| !default.is_empty());
    if let (Some(default), 1..) = (default, profile.missing()) {
        mapping.remarks.push(format!(
            "{} without a value: of these the API takes `{default}`.",
            rows(profile.missing())
        ));
    }
    if let (true, 1..) = (field.mandatory, profile.missing()) {
        let dash = match field.kind {
            Kind::Text => {
                format!(" `coalesce({}, '-')` would send a dash.", trimmed_sql(profile))
            }
            _ => String::new(),
        };
        mapping.remarks.push(format!(
            "{} without a value, and it is mandatory: rejected.{dash}",
            rows(profile.missing())
        ));
    }
    mapping
}

/// `1 row is`, `4 rows are`: the beginning of a remark.
fn rows(count: u64) -> String {
    if count == 1 { "1 row is".to_owned() } else { format!("{count} rows are") }
}

/// `1 value is`, `4 values are`.
pub(super) fn values_are(count: u64) -> String {
    if count == 1 { "1 value is".to_owned() } else { format!("{count} values are") }
}

fn text_field(field: &Field, profile: &Profile) -> Mapping {
    let mut mapping = Mapping::of(trimmed(profile));
    if let Some(most) = field.rule.max_chars.map(|most| most as usize) {
        let longer = profile.longer_than(most);
        if longer > 0 {
            mapping.remarks.push(format!(
                "{} longer than {most} characters (the longest, {}, on line {}): rejected, unless \
                 `validate` below has them cut.",
                values_are(longer),
                profile.longest(),
                profile.longest_at
            ));
        }
    }
    if field.kind == Kind::Email && profile.given > profile.emails {
        let wrong = profile.given - profile.emails;
        mapping.remarks.push(format!("{} no e-mail address: rejected.", values_are(wrong)));
    }
    mapping
}

/// The first line of a street, where people write several into one box.
pub(super) fn first_line(profile: &Profile) -> Mapping {
    let column = column(profile);
    let sql = format!(r"nullif(trim(regexp_replace({column}, '[\r\n][\s\S]*$', '')), '')");
    Mapping::of(Made::Sql(sql))
        .remark(format!("{} of several lines: the first one goes here.", values_are(profile.lines)))
}

/// The other lines.
pub(super) fn other_lines(profile: &Profile) -> Mapping {
    let column = column(profile);
    let rest = format!(r"regexp_replace({column}, '^[^\r\n]*[\r\n]*', '')");
    let sql = format!(r"nullif(trim(regexp_replace({rest}, '\s*[\r\n]+\s*', ', ', 'g')), '')");
    Mapping::of(Made::Sql(sql)).remark("The lines after the first one.")
}

/// First and last name of a column that has both.
pub(super) fn names(profile: &Profile, last: bool) -> Mapping {
    let column = trimmed_sql(profile);
    let reversed = profile.share(profile.with_comma) > 0.5;
    let sql = match (reversed, last) {
        (true, true) => format!("nullif(trim(split_part({column}, ',', 1)), '')"),
        (true, false) => format!("nullif(trim(split_part({column}, ',', 2)), '')"),
        (false, false) => format!("nullif(split_part({column}, ' ', 1), '')"),
        (false, true) => format!(r"nullif(regexp_replace({column}, '^\S+\s*', ''), '')"),
    };
    let mapping = Mapping::of(Made::Sql(sql));
    match (reversed, last) {
        (false, false) => mapping
            .remark("The name up to its first blank; look at names of three words in the preview."),
        _ => mapping,
    }
}

fn phone(profile: &Profile) -> Mapping {
    let other = profile.given - profile.phones;
    if other == 0 {
        return Mapping::of(trimmed(profile));
    }
    Mapping::of(Made::Sql(format!("phone_digits({})", column(profile)))).remark(format!(
        "{} more than a phone number, such as an extension, or none: only the digits are sent.",
        values_are(other)
    ))
}

/// A number to dial: the document shows digits only (calls:50).
fn dialled(profile: &Profile) -> Mapping {
    if profile.integers == profile.given {
        return Mapping::of(trimmed(profile));
    }
    let mapping = Mapping::of(Made::Sql(format!("phone_digits({})", column(profile))));
    match profile.given.saturating_sub(profile.phones + profile.phones_with_words) {
        0 => mapping,
        other => mapping.remark(format!("{} no phone number: look at them.", values_are(other))),
    }
}

fn country(profile: &Profile) -> Mapping {
    let Some(few) = &profile.few else { return Mapping::of(trimmed(profile)) };
    let column = column(profile);
    let mut whens: Vec<(String, &str)> = Vec::new();
    for word in few.keys() {
        if let Some(name) = places::country_name(word).filter(|name| name != word) {
            whens.push((word.clone(), name));
        }
    }
    let unknown: Vec<String> = few
        .keys()
        .filter(|word| !places::is_country(word))
        .take(5)
        .map(|word| format!("`{}`", one_line(word)))
        .collect();
    let mut mapping = match whens.is_empty() {
        true => Mapping::of(trimmed(profile)),
        false => {
            let whens: Vec<String> = whens
                .iter()
                .map(|(word, name)| format!("when {} then {}", text(word), text(name)))
                .collect();
            let sql = format!("case trim({column}) {} else trim({column}) end", whens.join(" "));
            Mapping::of(Made::Sql(sql)).remark("The API takes the English names of countries.")
        }
    };
    if !unknown.is_empty() {
        let is = if unknown.len() == 1 { "is" } else { "are" };
        mapping.remarks.push(format!(
            "{} {is} perhaps no name that the tenant has; the run asks for its list.",
            unknown.join(", ")
        ));
    }
    mapping
}

fn integer(profile: &Profile) -> Mapping {
    let other = profile.given - profile.integers;
    let mapping = match (profile.leading_zeros + profile.padded + profile.blank, other) {
        (0, 0) => Mapping::of(Made::Column(profile.name.clone())),
        _ => Mapping::of(Made::Sql(format!("cast({} as bigint)", trimmed_sql(profile)))),
    };
    match other {
        0 => mapping,
        other => mapping.remark(format!("{} no whole number: rejected.", values_are(other))),
    }
}

/// A date, as `make` wants it.
fn date(profile: &Profile, make: &dyn Fn(&str) -> String) -> Mapping {
    let Some(form) = profile.date_form() else {
        // The name is all that speaks for it.
        return Mapping::of(Made::Sql(make(&column(profile)))).remark(
            "The values are not dates of one form: those that cannot be read are rejected.",
        );
    };
    let readable = FORMS[form].readable.replace("{}", &column(profile));
    let readable = match profile.commas_in_dates {
        0 => without_commas(&readable, &column(profile)),
        _ => readable,
    };
    let mapping = Mapping::of(Made::Sql(make(&readable)))
        .remark(format!("Dates such as {}.", FORMS[form].example));
    match profile.date_is_ambiguous(form) {
        true => mapping.remark(
            "Each could also be read with day and month the other way round: look at the preview.",
        ),
        false => mapping,
    }
}

/// Nothing is replaced where no value has a comma.
fn without_commas(readable: &str, column: &str) -> String {
    readable.replace(&format!("replace({column}, ',', '')"), column)
}

fn one_of(profile: &Profile, values: &[&str], with_case: bool) -> Mapping {
    let takes = |word: &String| {
        values.iter().any(|value| match with_case {
            true => value == word,
            false => value.eq_ignore_ascii_case(word),
        })
    };
    let fits = profile.few.as_ref().is_some_and(|few| few.keys().all(takes));
    match fits {
        true => Mapping::of(trimmed(profile)),
        false => Mapping::of(Made::Left(profile.name.clone())).remark(format!(
            "It takes {}; the column has {}.",
            values.join(", "),
            profile.told()
        )),
    }
}

fn of_tenant(profile: &Profile) -> Mapping {
    Mapping::of(Made::Left(profile.name.clone())).remark(format!(
        "The tenant defines its values (the column has {}): map them by `case .. when ..`.",
        profile.told()
    ))
}
