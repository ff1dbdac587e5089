//! What a pipeline is to load, as the command line names it, and the fields that this takes.

use super::{
    GuessError,
    synonyms::{self, Synonyms},
};
use crate::{
    crm::{Action, LoadAction, Object, is_phone},
    phone::{CallAction, NUMBER},
    rules::{self, Format, Rule, TenantValues},
};

/// What a pipeline is to load.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// Customers of a dialer campaign.
    Campaign { id: Option<u64> },
    /// Records of the CRM.
    Wapi { object: Object, action: LoadAction },
    /// Phone calls that are placed.
    Calls,
}

/// How the targets are written.
const FORMS: &str = "`campaign`, `campaign:125`, `calls`, or `wapi:OBJECT:ACTION`, for instance \
                     `wapi:customer:add`";

impl Target {
    /// Reads `campaign`, `campaign:125`, `calls`, `wapi:customer`, `wapi:customer:add`.
    ///
    /// # Errors
    /// A word that names nothing, with the nearest that does.
    pub fn parse(text: &str) -> Result<Target, GuessError> {
        let wrong = |what: String, hint: String| Err(GuessError::Target { what, hint });
        let mut words = text.split(':');
        let kind = words.next().unwrap_or_default().to_lowercase();
        let rest: Vec<&str> = words.collect();
        match (kind.as_str(), rest.as_slice()) {
            ("campaign", []) => Ok(Target::Campaign { id: None }),
            ("campaign", [id]) => match id.parse() {
                Ok(id) => Ok(Target::Campaign { id: Some(id) }),
                Err(_) if id.eq_ignore_ascii_case("add") => Ok(Target::Campaign { id: None }),
                Err(_) => wrong(
                    format!("`{id}` is not the number of a campaign"),
                    "Configuration Manager, Campaigns, shows it as Campaign ID".into(),
                ),
            },
            ("calls", []) => Ok(Target::Calls),
            ("calls", [action]) if action.eq_ignore_ascii_case("place") => Ok(Target::Calls),
            ("calls", [action]) => wrong(
                format!("no pipeline is guessed that does `{action}` with calls"),
                "write `calls`, whose calls are placed; for the other actions of `load: calls` the \
                 README lists the columns"
                    .into(),
            ),
            ("wapi", [object]) => Self::wapi(object, "add"),
            ("wapi", [object, action]) => Self::wapi(object, action),
            _ => wrong(format!("`{text}` is no target"), format!("write {FORMS}")),
        }
    }

    fn wapi(object: &str, action: &str) -> Result<Target, GuessError> {
        let plain = |word: &str| word.to_lowercase().replace(['-', '_', ' '], "");
        let objects = Object::ALL.into_iter().filter(|object| *object != Object::CustomField);
        let names: Vec<String> = objects.clone().map(|object| plain(object.name())).collect();
        let found = objects.zip(&names).find(|(_, name)| **name == plain(object));
        let Some((object, _)) = found else {
            let nearest = rules::nearest_of(names.iter().map(String::as_str), object);
            return Err(GuessError::Target {
                what: format!("the CRM has no object `{object}`"),
                hint: match nearest {
                    Some(nearest) => format!("did you mean `{nearest}`?"),
                    None => format!("the objects are: {}", names.join(", ")),
                },
            });
        };
        let action = match action.to_lowercase().as_str() {
            "add" => LoadAction::Add,
            "modify" => LoadAction::Modify,
            "upsert" => LoadAction::Upsert,
            "delete" => {
                return Err(GuessError::Target {
                    what: "no pipeline that deletes is guessed".into(),
                    hint: "write it by hand: what is deleted cannot be brought back".into(),
                });
            }
            other => {
                return Err(GuessError::Target {
                    what: format!("`{other}` is no action of a load"),
                    hint: "the actions are: add, modify, upsert".into(),
                });
            }
        };
        if object == Object::Followup && action != LoadAction::Add {
            return Err(GuessError::Target {
                what: "a follow-up cannot be changed".into(),
                hint: "write `wapi:followup:add`".into(),
            });
        }
        Ok(Target::Wapi { object, action })
    }

    /// The names of columns for this target.
    pub(super) fn synonyms(self) -> &'static [Synonyms] {
        match self {
            Target::Campaign { .. } => synonyms::CAMPAIGN,
            Target::Calls => synonyms::CALLS,
            Target::Wapi { object: Object::Customer, .. } => synonyms::CUSTOMER,
            Target::Wapi { object: Object::Faq | Object::FaqCategory, .. } => synonyms::FAQ,
            Target::Wapi { .. } => synonyms::WORK,
        }
    }
}

/// A field that the target takes.
pub(super) struct Field {
    pub tag: &'static str,
    pub rule: &'static Rule,
    pub kind: Kind,
    pub mandatory: bool,
    /// Names of columns that mean it.
    pub names: &'static [&'static str],
}

/// What values a field takes, as far as it says how they are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Email,
    Phone,
    Country,
    Integer,
    /// A moment, with its zone.
    Moment,
    /// A day of the CRM.
    Day,
    /// A day and time of the CRM.
    DayTime,
    /// One of these values.
    OneOf(&'static [&'static str]),
    /// Whatever the tenant has defined.
    OfTenant,
    /// Made up by the tenant, or never taken from a file.
    Chosen(&'static str),
}

/// What is never taken from a column: passwords do not belong into files.
const NEVER: &[&str] = &["PASSWORD"];

/// Fields that are set to a word, where nothing else is said: the tenant makes up a password.
const CHOSEN: &[(&str, &str)] = &[("AUTOPASSWD", "True")];

/// The fields of a target, in the order of the documents.
pub(super) fn fields(target: Target) -> Vec<Field> {
    let rules = match target {
        Target::Campaign { .. } => rules::campaign_customer(),
        Target::Calls => rules::calls(CallAction::Place),
        Target::Wapi { object, action: LoadAction::Modify } => {
            rules::wapi::table(object, Action::Modify)
        }
        Target::Wapi { object, .. } => rules::wapi::table(object, Action::Add),
    };
    let names = |tag: &str| {
        let known = target.synonyms().iter().find(|synonyms| synonyms.field == tag);
        known.map_or(&[][..], |synonyms| synonyms.names)
    };
    let taken = rules.iter().filter(|rule| !rule.is_custom_field() && !NEVER.contains(&rule.tag));
    // Elements of the two arrays have names that only a person can give.
    let taken = taken.filter(|rule| !rule.tag.ends_with(".NAME"));
    // A Modify without AUTOPASSWD leaves the password as it is.
    let adds = !matches!(target, Target::Wapi { action: LoadAction::Modify, .. });
    taken
        .filter(|rule| adds || !CHOSEN.iter().any(|(tag, _)| *tag == rule.tag))
        .map(|rule| Field {
            tag: rule.tag,
            rule,
            kind: kind(rule),
            // "MUST be passed but can be an empty string" (calls:49): that is no row without it.
            mandatory: rule.is_mandatory() && rule.default != Some(""),
            names: names(rule.tag),
        })
        .collect()
}

fn kind(rule: &Rule) -> Kind {
    if let Some((_, word)) = CHOSEN.iter().find(|(tag, _)| *tag == rule.tag) {
        return Kind::Chosen(word);
    }
    match (rule.format, rule.tenant_values) {
        (_, Some(TenantValues::Countries)) => Kind::Country,
        (_, Some(_)) => Kind::OfTenant,
        (Some(Format::Integer | Format::Digits), _) => Kind::Integer,
        (Some(Format::ZonedDateTime { .. }), _) => Kind::Moment,
        (Some(Format::Date), _) => Kind::Day,
        (Some(Format::DateTime | Format::DateOrDateTime), _) => Kind::DayTime,
        (Some(Format::EmailAddress), _) => Kind::Email,
        _ if !rule.values.is_empty() => Kind::OneOf(rule.values),
        _ if is_phone(rule.tag) || rule.tag == NUMBER => Kind::Phone,
        _ if rule.tag == "EMAIL" => Kind::Email,
        _ => Kind::Text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> String {
        match Target::parse(text) {
            Ok(target) => format!("{target:?}"),
            Err(error) => format!("{error}; {}", error.hint().unwrap_or_default()),
        }
    }

    #[test]
    fn targets_are_read_in_any_case_and_what_is_wrong_is_told() {
        insta::assert_snapshot!(
            ["campaign", "campaign:125", "wapi:Customer:ADD", "wapi:follow-up", "wapi:faq-category:upsert",
             "wapi:custmer:add", "wapi:customer:delete", "wapi:customer:push", "wapi:followup:modify",
             "campaign:x", "calls", "Calls:Place", "calls:end", "crm", ""].map(told).join("\n"), @r"
             Campaign { id: None }
             Campaign { id: Some(125) }
             Wapi { object: Customer, action: Add }
             Wapi { object: Followup, action: Add }
             Wapi { object: FaqCategory, action: Upsert }
             the CRM has no object `custmer`; did you mean `customer`?
             no pipeline that deletes is guessed; write it by hand: what is deleted cannot be brought back
             `push` is no action of a load; the actions are: add, modify, upsert
             a follow-up cannot be changed; write `wapi:followup:add`
             `x` is not the number of a campaign; Configuration Manager, Campaigns, shows it as Campaign ID
             Calls
             Calls
             no pipeline is guessed that does `end` with calls; write `calls`, whose calls are placed; for the other actions of `load: calls` the README lists the columns
             `crm` is no target; write `campaign`, `campaign:125`, `calls`, or `wapi:OBJECT:ACTION`, for instance `wapi:customer:add`
             `` is no target; write `campaign`, `campaign:125`, `calls`, or `wapi:OBJECT:ACTION`, for instance `wapi:customer:add`
             ");
    }

    #[test]
    fn every_field_but_those_that_are_chosen_has_names() {
        for object in Object::ALL.into_iter().filter(|object| *object != Object::CustomField) {
            for action in [LoadAction::Add, LoadAction::Modify] {
                for field in fields(Target::Wapi { object, action }) {
                    let chosen = matches!(field.kind, Kind::Chosen(_));
                    assert!(chosen || !field.names.is_empty(), "{object} {}", field.tag);
                }
            }
        }
        for target in [Target::Campaign { id: None }, Target::Calls] {
            assert!(fields(target).iter().all(|field| !field.names.is_empty()), "{target:?}");
        }
    }
}
