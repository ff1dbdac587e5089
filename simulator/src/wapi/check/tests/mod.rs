//! Tests of the rules, against a small tenant. Expectations are E-numbers; 0 is none.

mod limits;
mod records;
mod seeded;
mod tags;
mod together;
mod values;

use super::*;
use Action::{Add, Delete, Get, List, Modify};
use Object::{Case, Customer, Faq, FaqCategory, Followup, Task};

/// The tags of a command.
type Tags = [(&'static str, &'static str)];

/// A tenant: cases 1001 (unassigned), 1002 (assigned) and 1003 (by e-mail), FAQ category 1 with
/// FAQs and 2 without, one or two of everything else.
#[derive(Default)]
struct Fake {
    rules: WapiSettings,
}

/// The objects that have custom fields.
const WITH_CUSTOM: [Object; 4] = [Customer, Case, Followup, Task];

impl Tenant for Fake {
    fn values(&self, object: Object, list: &str) -> Option<Values<'_>> {
        let (active, deactivated): (&[_], &[_]) = match list {
            "STATUS" => (&["Unassigned", "Open", "Pending"], &["Stalled"]),
            "PRIORITY" => (&["Medium", "High"], &["Urgent"]),
            "SEVERITY" => (&["Information"], &["Fatal"]),
            "PROJECT" => (&["Default"], &["Old"]),
            "CATEGORY" => (&["Default", "Gold"], &["Legacy"]),
            "CUSTOMERTYPE" => (&["Default", "NT User"], &["Reseller"]),
            "TASK_STATUS" => (&["New", "Closed"], &["Parked"]),
            "CALL_TYPE" => (&["DAA", "Outbound"], &["Fax"]),
            "COUNTRY" => (&["United States", "France"], &[]),
            "CF_PICK" if WITH_CUSTOM.contains(&object) => (&["one", "two"], &["zero"]),
            _ => return None,
        };
        Some(Values { active: active.into(), deactivated: deactivated.into() })
    }

    fn custom_field(&self, object: Object, tag: &str) -> Option<CustomField> {
        let (kind, max_chars) = match tag {
            "CF_TEXT" | "CF_UNIQUE" | "CF_GONE" => (CustomFieldType::Text, Some(10)),
            "CF_URL" => (CustomFieldType::Url, Some(20)),
            "CF_NUMBER" => (CustomFieldType::Number, None),
            "CF_DATE" => (CustomFieldType::Date, None),
            "CF_PICK" => (CustomFieldType::Picklist, None),
            _ => return None,
        };
        let (unique, deleted) = (tag == "CF_UNIQUE", tag == "CF_GONE");
        WITH_CUSTOM.contains(&object).then_some(CustomField { kind, max_chars, unique, deleted })
    }

    fn user(&self, id: &str) -> Option<User> {
        match id {
            "jsmith" | "101" => Some(User { deleted: false }),
            "gone1" | "109" => Some(User { deleted: true }),
            _ => None,
        }
    }

    fn usability(&self, status: &str) -> Usability {
        match status {
            "Unassigned" => Usability::Unassigned,
            "Open" => Usability::Open,
            _ => Usability::Other,
        }
    }

    fn case_is_assigned(&self, casenum: &str) -> Option<bool> {
        self.exists(Case, casenum).then_some(casenum == "1002")
    }

    fn exists(&self, object: Object, id: &str) -> bool {
        match object {
            Customer => ["10000001", "10000002"].contains(&id),
            Case => ["1001", "1002", "1003"].contains(&id),
            Followup => ["1001.1", "1002.4"].contains(&id),
            Task => id == "170",
            FaqCategory => ["1", "2"].contains(&id),
            Faq => ["1", "2"].contains(&id),
            _ => false,
        }
    }

    fn taken(&self, object: Object, tag: &str, value: &str, except: Option<&str>) -> bool {
        let owner = match (object, tag, value) {
            (Customer, "EMAIL", "bill@ms.example") => "10000002",
            (Faq, "SHORTCUT", "Jettype1") => "2",
            (Customer, "CF_UNIQUE", "used") => "10000002",
            (Task, "CF_UNIQUE", "used") => "169",
            _ => return false,
        };
        except != Some(owner)
    }

    fn case_came_by_email(&self, casenum: &str) -> bool {
        casenum == "1003"
    }

    fn category_has_faqs(&self, faqcatid: &str) -> bool {
        faqcatid == "1"
    }

    fn rules(&self) -> &WapiSettings {
        &self.rules
    }
}

/// The least that an action wants.
fn least(object: Object, action: Action) -> Vec<(&'static str, &'static str)> {
    match (object, action) {
        (Customer, Add) => vec![("FIRSTNAME", "B"), ("LASTNAME", "G"), ("AUTOPASSWD", "True")],
        (Customer, Modify | Delete) => vec![("ACCOUNTNUM", "10000001")],
        (Case, Add) => vec![("ACCOUNTNUM", "10000001"), ("SUBJECT", "s"), ("DESCRIPTION", "d")],
        (Case, Modify | Delete) => vec![("CASENUM", "1001")],
        (Followup, Add) => vec![("CASENUM", "1001"), ("SUBJECT", "s"), ("DESCRIPTION", "d")],
        (Followup, Get) => vec![("CASENUM", "1001")],
        (Followup, Delete) => vec![("FOLLOWUPNUM", "1"), ("CASENUM", "1001")],
        (Task, Add) => vec![("ACCOUNTNUM", "10000001")],
        (Task, Modify | Delete) => vec![("TASKNUM", "170")],
        (FaqCategory, Add) => vec![("FAQCATEGORY", "Safety")],
        (FaqCategory, Modify) => vec![("FAQCATID", "1"), ("FAQCATEGORY", "Safety")],
        (FaqCategory, Delete) => vec![("FAQCATID", "2")],
        (Faq, Add) => vec![("FAQCATID", "1"), ("QUESTION", "q"), ("ANSWER", "a")],
        (Faq, Get) => vec![("FAQCATID", "1")],
        (Faq, Modify | Delete) => vec![("FAQID", "1")],
        (Object::CustomField, Get) => vec![("NAME", "PrivacyLevel")],
        _ => Vec::new(),
    }
}

fn command(object: Object, action: Action, tags: &[(&str, &str)]) -> Command {
    let tags = tags.iter().map(|(tag, value)| ((*tag).into(), (*value).into())).collect();
    Command { object, action, tags }
}

/// The E-number of exactly these tags.
fn exactly_under(
    rules: &WapiSettings,
    object: Object,
    action: Action,
    tags: &[(&str, &str)],
) -> usize {
    let tenant = Fake { rules: rules.clone() };
    let judged = check(&command(object, action, tags), &tenant);
    judged.err().map_or(0, |problem| problem.number())
}

fn exactly(object: Object, action: Action, tags: &[(&str, &str)]) -> usize {
    exactly_under(&WapiSettings::default(), object, action, tags)
}

/// The E-number of the least that the action wants, with these tags.
fn with_under(
    rules: &WapiSettings,
    object: Object,
    action: Action,
    tags: &[(&str, &str)],
) -> usize {
    let mut all = least(object, action);
    all.retain(|(tag, _)| !tags.iter().any(|(other, _)| tag == other));
    exactly_under(rules, object, action, &[all.as_slice(), tags].concat())
}

fn with(object: Object, action: Action, tags: &[(&str, &str)]) -> usize {
    with_under(&WapiSettings::default(), object, action, tags)
}

#[test]
fn the_least_that_each_action_wants_is_enough() {
    for object in [Customer, Case, Followup, Task, FaqCategory, Faq, Object::CustomField] {
        for action in [Add, Modify, Get, Delete] {
            if fields::table(object, action).is_some() {
                assert_eq!(with(object, action, &[]), 0, "{object} {action}");
            }
        }
    }
    for object in [Object::Country, Object::Agents, Object::Groups, FaqCategory] {
        assert_eq!(with(object, List, &[]), 0, "{object}");
    }
}

#[test]
fn every_message_that_is_not_of_reading_is_answered_here() {
    let refused: [(usize, Object, Action, &Tags); 34] = [
        (1, Followup, Modify, &[("CASENUM", "1001")]),
        (4, Case, Modify, &[("CASENUM", "1003"), ("DESCRIPTION", "d")]),
        (5, Case, Modify, &[("CASENUM", "1001"), ("SUBJECT", "a"), ("SUBJECT", "a")]),
        (6, Customer, Modify, &[("ACCOUNTNUM", "10000001"), ("EMAIL", "bill@ms.example")]),
        (7, FaqCategory, Delete, &[]),
        (8, FaqCategory, Delete, &[("FAQCATID", "1")]),
        (
            9,
            Customer,
            Modify,
            &[("ACCOUNTNUM", "10000001"), ("AUTOPASSWD", "TRUE"), ("PASSWORD", "abc")],
        ),
        (10, Object::CustomField, Get, &[]),
        (12, Case, Add, &[]),
        (13, Case, Add, &[("PRIORITY", "High")]),
        (19, Case, Get, &[("CASENUM", "1%")]),
        (20, Case, Modify, &[("CASENUM", "1001"), ("ASSIGNEDTO", "jsmith")]),
        (
            21,
            Case,
            Modify,
            &[("CASENUM", "1001"), ("ASSIGNEDTO", "jsmith"), ("STATUS", "Unassigned")],
        ),
        (
            22,
            Followup,
            Add,
            &[
                ("CASENUM", "1001"),
                ("SUBJECT", "s"),
                ("DESCRIPTION", "d"),
                ("ASSIGNEDTO", "jsmith"),
                ("STATUS", "Unassigned"),
            ],
        ),
        (23, Case, Modify, &[("CASENUM", "1001"), ("ASSIGNEDTO", ""), ("STATUS", "Open")]),
        (24, Case, Modify, &[("CASENUM", "1001"), ("STATUS", "Open")]),
        (25, Case, Modify, &[("CASENUM", "1002"), ("STATUS", "Unassigned")]),
        (
            26,
            Case,
            Add,
            &[
                ("ACCOUNTNUM", "10000001"),
                ("SUBJECT", "s"),
                ("DESCRIPTION", "d"),
                ("STATUS", "Open"),
            ],
        ),
        (
            27,
            Followup,
            Add,
            &[
                ("CASENUM", "1002"),
                ("SUBJECT", "s"),
                ("DESCRIPTION", "d"),
                ("STATUS", "Unassigned"),
            ],
        ),
        (28, Customer, Add, &[("FIRSTNAME", "B"), ("LASTNAME", "G")]),
        (29, Customer, Modify, &[("ACCOUNTNUM", "10000001"), ("AUTOPASSWD", "false")]),
        (30, Customer, Modify, &[("ACCOUNTNUM", "10000001"), ("PASSWORD", "ab")]),
        (31, Customer, Modify, &[("ACCOUNTNUM", "10000001"), ("CF_TEXT", "eleven char")]),
        (32, Customer, Add, &[("LASTNAME", "G"), ("AUTOPASSWD", "True")]),
        (33, Case, Delete, &[("CASENUM", "9")]),
        (34, Customer, Get, &[("VOICE", "call me")]),
        (35, Task, Get, &[("STATUS", "New")]),
        (36, Customer, Get, &[("CF_GONE", "x")]),
        (37, Case, Get, &[("ASSIGNEDTO", "gone1")]),
        (38, Task, Get, &[("ASSIGNEDTO", "gone1")]),
        (39, Case, Get, &[("FROMDATE", "20120101")]),
        (40, Case, Get, &[("STATUS", "open")]),
        (41, Case, Get, &[("CF_PICK", "zero")]),
        (42, Task, Delete, &[("TASKNUM", "9")]),
    ];
    for (number, object, action, tags) in refused {
        assert_eq!(exactly(object, action, tags), number, "{object} {action} {tags:?}");
    }
    // Of reading: E02, E03, E11, E14 to E18, E43.
    let all: Vec<usize> = refused.iter().map(|(number, ..)| *number).collect();
    let of_reading = [2, 3, 11, 14, 15, 16, 17, 18, 43];
    assert_eq!(all, (1..=43).filter(|number| !of_reading.contains(number)).collect::<Vec<_>>());
}
