//! Which column means which field: by its name, and by what its values are like.

use super::{
    profile::Profile,
    synonyms::{FULL_NAME, OLD_NUMBER, OPT_OUT, PREFIXES, Synonyms, plain},
    target::{Field, Kind},
};

/// A column and a field are taken for the same from this score on.
const ENOUGH: f64 = 0.6;

/// A name of at least so many letters may be a part of a longer one.
const TELLING: usize = 4;

/// Where the columns go.
#[derive(Default)]
pub(super) struct Places {
    /// For each field its column.
    pub fields: Vec<Option<usize>>,
    /// A column that has first and last name together.
    pub full_name: Option<usize>,
    /// A column that says who does not want to be called.
    pub opt_out: Option<usize>,
    /// The number of the record in the old system.
    pub old_number: Option<usize>,
}

/// Gives each field the column that fits it best, and no column to two of them.
pub(super) fn assign(columns: &[Profile], fields: &[Field], table: &[Synonyms]) -> Places {
    let names: Vec<String> = columns.iter().map(|column| plain(&column.name)).collect();
    let mut scores = Vec::new();
    for (at, field) in fields.iter().enumerate() {
        for (column, profile) in columns.iter().enumerate() {
            let score = score(&names[column], profile, field);
            if score >= ENOUGH {
                scores.push((score, at, column));
            }
        }
    }
    // Where two are equal the documents' order and then the header's decide.
    scores.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)).then(a.2.cmp(&b.2)));
    let mut places = Places { fields: vec![None; fields.len()], ..Places::default() };
    let mut taken = vec![false; columns.len()];
    for (_, field, column) in scores {
        if places.fields[field].is_none() && !taken[column] {
            places.fields[field] = Some(column);
            taken[column] = true;
        }
    }
    let mut special = |concept: &str, fits: &dyn Fn(&Profile) -> bool| {
        let known = table.iter().find(|synonyms| synonyms.field == concept)?;
        let scored = names.iter().enumerate().map(|(at, name)| (name_score(name, known.names), at));
        let best = scored
            .filter(|(score, at)| *score >= ENOUGH && !taken[*at] && fits(&columns[*at]))
            .max_by(|a, b| a.0.total_cmp(&b.0).then(b.1.cmp(&a.1)))?;
        taken[best.1] = true;
        Some(best.1)
    };
    places.full_name = special(FULL_NAME, &|column| column.share(column.emails) < 0.5);
    places.opt_out = special(OPT_OUT, &|column| column.longest() <= 12);
    places.old_number = special(OLD_NUMBER, &|column| column.given > 0);
    places
}

fn score(name: &str, profile: &Profile, field: &Field) -> f64 {
    let by_name = match name == plain(field.tag) {
        true => 1.1,
        false => name_score(name, field.names),
    };
    match by_name > 0.0 {
        true => by_name + by_values(profile, field.kind),
        false => by_values_alone(profile, field),
    }
}

/// How surely a name is one of these; 0 where it is none.
fn name_score(name: &str, names: &[&str]) -> f64 {
    let known = |name: &str| names.iter().position(|known| *known == name);
    if let Some(at) = known(name) {
        return 1.0 - 0.004 * at as f64;
    }
    let stripped = PREFIXES.iter().filter_map(|prefix| name.strip_prefix(prefix));
    if let Some(at) = stripped.filter_map(known).min() {
        return 0.9 - 0.004 * at as f64;
    }
    if let Some(at) = name.strip_suffix('1').and_then(known) {
        return 0.85 - 0.004 * at as f64;
    }
    let nearest = names
        .iter()
        .filter(|known| same_digits(known, name) && name.len() >= 5)
        .map(|known| strsim::jaro_winkler(known, name))
        .fold(0.0, f64::max);
    if nearest >= 0.94 {
        return 0.75 * nearest;
    }
    // What a name ends with says what it is: a `home phone` is a phone.
    let ends = names.iter().filter(|known| known.len() >= TELLING && name.ends_with(**known));
    ends.map(|known| 0.5 + 0.25 * known.len() as f64 / name.len() as f64).fold(0.0, f64::max)
}

fn same_digits(left: &str, right: &str) -> bool {
    let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
    digits(left) == digits(right)
}

/// What the values say for and against a field that the name speaks for.
fn by_values(profile: &Profile, kind: Kind) -> f64 {
    if profile.given == 0 {
        return -0.05; // an empty column is nobody's first choice
    }
    let share = |count: u64| profile.share(count);
    match kind {
        Kind::Email => weigh(share(profile.emails), 0.3, 0.6),
        Kind::Phone => weigh(share(profile.phones + profile.phones_with_words), 0.25, 0.5),
        Kind::Country => weigh(share(profile.countries), 0.2, 0.3),
        Kind::Integer => weigh(share(profile.integers), 0.2, 0.6),
        Kind::Moment | Kind::Day | Kind::DayTime => match profile.date_form() {
            Some(_) => 0.2,
            None => -0.5,
        },
        Kind::Text => {
            let other = share(profile.emails) > 0.8
                || profile.date_form().is_some()
                || (profile.yes_no == profile.given && profile.given > 10);
            if other { -0.4 } else { 0.0 }
        }
        Kind::OneOf(_) | Kind::OfTenant | Kind::Chosen(_) => 0.0,
    }
}

fn weigh(share: f64, for_it: f64, against: f64) -> f64 {
    match share {
        share if share >= 0.5 => for_it,
        share if share < 0.2 => -against,
        _ => 0.0,
    }
}

/// Some values speak for themselves, whatever the column is called.
fn by_values_alone(profile: &Profile, field: &Field) -> f64 {
    if profile.given < 3 {
        return 0.0;
    }
    let share = match (field.kind, field.tag) {
        (Kind::Email, _) => profile.share(profile.emails),
        (Kind::Phone, "VOICE" | "PHONE" | "number") => profile.share(profile.phones),
        (Kind::Country, "ADDR1COUNTRY") => profile.share(profile.countries),
        _ => 0.0,
    };
    if share > 0.8 { ENOUGH + 0.02 * share } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guess::synonyms::CUSTOMER;

    fn best(name: &str) -> Option<&'static str> {
        let name = plain(name);
        let scored = CUSTOMER.iter().map(|of| (name_score(&name, of.names), of.field));
        let best = scored.max_by(|a, b| a.0.total_cmp(&b.0))?;
        (best.0 >= ENOUGH).then_some(best.1)
    }

    #[test]
    fn names_of_many_languages_and_systems_are_known() {
        for (name, field) in [
            ("First Name", "FIRSTNAME"),
            ("FirstName", "FIRSTNAME"),
            ("Vorname", "FIRSTNAME"),
            ("Prénom", "FIRSTNAME"),
            ("Cognome", "LASTNAME"),
            ("Apellidos", "LASTNAME"),
            ("Sobrenome", "LASTNAME"),
            ("Achternaam", "LASTNAME"),
            ("Contact Phone Number", "VOICE"),
            ("Mobile Phone Number", "ALTERNATIVE"),
            ("Telefon mobil", "ALTERNATIVE"),
            ("Mailing State/Province", "ADDR1STATE"),
            ("Other Zip/Postal Code", "ADDR2ZIP"),
            ("PLZ", "ADDR1ZIP"),
            ("Postleitzahl", "ADDR1ZIP"),
            ("Straße", "ADDR1STR1"),
            ("Street Adress", "ADDR1STR1"),
            ("Code postal", "ADDR1ZIP"),
            ("País", "ADDR1COUNTRY"),
            ("State/Region", "ADDR1STATE"),
            ("Account Name", "COMPANY"),
            ("E-Mail", "EMAIL"),
            ("Email Opt Out", OPT_OUT),
            ("Contact ID", OLD_NUMBER),
            ("Record ID", OLD_NUMBER),
        ] {
            assert_eq!(best(name), Some(field), "{name}");
        }
        for name in ["Lead Source", "Birthdate", "Salutation", "Account Owner", "Last Activity"] {
            assert_eq!(best(name), None, "{name}");
        }
    }
}
