//! The tables against the guide's numbers.

use std::collections::BTreeSet;

use regex::Regex;

use super::*;
use crate::rules::{Presence, find, rule::tests::json};

fn all() -> impl Iterator<Item = (Object, Action, &'static [Rule])> {
    let pairs =
        Object::ALL.into_iter().flat_map(|object| Action::ALL.map(|action| (object, action)));
    pairs.map(|(object, action)| (object, action, table(object, action)))
}

fn rule(object: Object, action: Action, tag: &str) -> &'static Rule {
    find(table(object, action), tag).unwrap()
}

#[test]
fn each_table_has_as_many_rows_as_the_guide() {
    let rows = |object: Object| Action::ALL.map(|action| table(object, action).len());
    assert_eq!(rows(Object::Customer), [25, 26, 13, 1]);
    assert_eq!(rows(Object::Case), [13, 10, 21, 1]);
    assert_eq!(rows(Object::Followup), [13, 0, 3, 2]);
    assert_eq!(rows(Object::Task), [16, 13, 20, 1]);
    assert_eq!(rows(Object::FaqCategory), [2, 3, 0, 1]);
    assert_eq!(rows(Object::Faq), [6, 5, 4, 1]);
    assert_eq!(rows(Object::CustomField), [0, 0, 1, 0]);
}

#[test]
fn each_row_names_its_object_its_action_and_the_lines_of_the_guide() {
    for (object, action, rules) in all() {
        let mut tags = BTreeSet::new();
        for rule in rules {
            assert_eq!((rule.object, rule.action), (object.name(), action.name()), "{rule:?}");
            assert!(tags.insert(rule.tag), "{rule:?} stands twice");
            assert_eq!(rule.document, WAPI_DOCUMENT);
            assert!(rule.section.starts_with(rule.action), "{rule:?}");
            assert!(!rule.lines.is_empty(), "{rule:?}");
            for lines in rule.lines {
                let (first, last) = numbers(lines);
                assert!(first <= last && last <= 4899 && last - first < 50, "{rule:?}: {lines}");
            }
        }
    }
}

/// `wapi:588` or `wapi:592-598`.
fn numbers(lines: &str) -> (u32, u32) {
    let numbers = lines.strip_prefix("wapi:").unwrap();
    let (first, last) = numbers.split_once('-').unwrap_or((numbers, numbers));
    (first.parse().unwrap(), last.parse().unwrap())
}

#[test]
fn rows_follow_the_order_of_the_guide() {
    for (_, _, rules) in all() {
        let firsts: Vec<u32> = rules.iter().map(|rule| numbers(rule.lines[0]).0).collect();
        assert!(firsts.is_sorted(), "{firsts:?}");
    }
}

#[test]
fn presence_is_told_for_what_is_loaded_and_for_a_follow_ups_case() {
    for (object, action, rules) in all() {
        let told = rules.iter().filter(|rule| rule.presence.is_some()).count();
        match (object, action) {
            (Object::Followup, Action::Get) => assert_eq!(told, 1),
            (_, Action::Get) => assert_eq!(told, 0),
            _ => assert_eq!(told, rules.len()),
        }
    }
    let mandatory = |object, action| -> Vec<&str> {
        table(object, action).iter().filter(|rule| rule.is_mandatory()).map(|r| r.tag).collect()
    };
    assert_eq!(mandatory(Object::Customer, Action::Add), ["FIRSTNAME", "LASTNAME", "AUTOPASSWD"]);
    assert_eq!(mandatory(Object::Customer, Action::Modify), ["ACCOUNTNUM"]);
    assert_eq!(mandatory(Object::Case, Action::Add), ["ACCOUNTNUM", "SUBJECT", "DESCRIPTION"]);
    assert_eq!(mandatory(Object::Followup, Action::Add), ["CASENUM", "SUBJECT", "DESCRIPTION"]);
    assert_eq!(mandatory(Object::Followup, Action::Delete), ["FOLLOWUPNUM", "CASENUM"]);
    assert_eq!(mandatory(Object::Task, Action::Add), ["ACCOUNTNUM"]);
    assert_eq!(mandatory(Object::Task, Action::Modify), ["TASKNUM"]);
    assert_eq!(mandatory(Object::FaqCategory, Action::Modify), ["FAQCATID", "FAQCATEGORY"]);
    assert_eq!(mandatory(Object::Faq, Action::Add), ["FAQCATID", "QUESTION", "ANSWER"]);
}

#[test]
fn the_key_of_each_object_is_mandatory_where_it_is_changed_or_deleted() {
    for (object, action, rules) in all() {
        if matches!(action, Action::Modify | Action::Delete) && !rules.is_empty() {
            for key in object.key() {
                assert!(find(rules, key).unwrap().is_mandatory(), "{object} {action} {key}");
            }
        }
    }
}

#[test]
fn what_a_row_names_is_a_row_of_its_table() {
    for (_, _, rules) in all() {
        for rule in rules {
            let others = rule.requires.iter().map(|requires| requires.tag()).chain(rule.range_pair);
            for other in others {
                assert!(find(rules, other).is_some(), "{rule:?}");
            }
            if let Some(default) = rule.default
                && !rule.values.is_empty()
            {
                assert!(rule.values.contains(&default), "{rule:?}");
            }
        }
    }
}

#[test]
fn a_charset_is_one_ascii_character_and_agrees_with_what_is_invalid() {
    for (_, _, rules) in all() {
        for rule in rules.iter().filter(|rule| rule.charset.is_some()) {
            let one = Regex::new(&format!("^{}$", rule.charset.unwrap())).unwrap();
            assert!(!one.is_match("") && !one.is_match("é") && !one.is_match("中"), "{rule:?}");
            for character in rule.invalid.iter().filter(|text| text.chars().count() == 1) {
                assert!(!one.is_match(character), "{rule:?}: {character}");
            }
        }
    }
}

#[test]
fn only_get_takes_repeated_parameters_percent_signs_and_ranges() {
    let told = |what: fn(&Rule) -> bool| -> Vec<String> {
        let rules = all().flat_map(|(_, _, rules)| rules);
        rules.filter(|r| what(r)).map(|r| format!("{} {} {}", r.object, r.action, r.tag)).collect()
    };
    assert_eq!(
        told(|rule| rule.wildcard),
        [
            "Customer Get LASTNAME",
            "Customer Get EMAIL",
            "Customer Get COMPANY",
            "Customer Get ACCOUNTNUM",
            "Case Get SUBJECT",
            "Case Get COMPANY",
            "Case Get LASTNAME",
            "Followup Get CASENUM",
            "Task Get SUBJECT",
            "Task Get PHONE",
            "Task Get EMAIL",
            "Task Get CAMPAIGNNAME",
            "Task Get TRANSID",
            "FAQ Get STRING",
        ]
    );
    assert_eq!(
        told(|rule| rule.repeatable),
        [
            "Case Get STATUS",
            "Case Get CATEGORY",
            "Case Get PRIORITY",
            "Case Get SEVERITY",
            "Case Get PROJECT",
            "Case Get ASSIGNEDTO",
            "Case Get CREATEDBY",
            "Task Get ASSIGNEDTO",
            "Task Get CREATEDBY",
            "Task Get TASK_STATUS",
            "Task Get MEDIATYPE",
            "Task Get CALL_TYPE",
        ]
    );
    assert_eq!(told(|rule| rule.range_pair.is_some()).len(), 4 + 6 + 2 + 4 + 2);
    for (_, action, rules) in all() {
        for rule in rules.iter().filter(|rule| rule.range_pair.is_some()) {
            assert_eq!(action, Action::Get);
            let pair = find(rules, rule.range_pair.unwrap()).unwrap();
            assert_eq!(pair.range_pair, Some(rule.tag));
        }
    }
}

#[test]
fn where_the_guide_contradicts_itself_the_tables_hold_what_is_sent() {
    let email = rule(Object::Customer, Action::Add, "EMAIL");
    assert!(Regex::new(email.charset.unwrap()).unwrap().is_match("."));
    assert!(rule(Object::Customer, Action::Modify, "EMAIL").unique && email.unique);
    assert!(rule(Object::Customer, Action::Add, "LASTNAME").invalid.is_empty());
    let task_email = rule(Object::Task, Action::Add, "EMAIL");
    assert_eq!((email.max_chars, task_email.max_chars), (Some(55), Some(255)));
    let media = |object| rule(object, Action::Add, "MEDIATYPE").values[3];
    assert_eq!(media(Object::Case), "None");
    assert_eq!(media(Object::Followup), "Other");
    assert_eq!(media(Object::Task), "None");
    assert!(find(table(Object::Case, Action::Modify), "PROJECT").is_none());
    assert!(find(table(Object::Task, Action::Get), "CAMPAGINNAME").is_none());
    assert!(rule(Object::FaqCategory, Action::Modify, "FAQCATEGORY").charset.is_some());
    assert!(!rule(Object::Faq, Action::Modify, "PRIVATE").values_case_sensitive);
    assert!(rule(Object::Faq, Action::Add, "PRIVATE").values_case_sensitive);
    assert_eq!(rule(Object::Case, Action::Add, "DESCRIPTION").max_chars, Some(2_000_000));
    assert!(rule(Object::Task, Action::Get, "ASSIGNEDTO").requires.is_empty());
}

#[test]
fn placeholders_can_be_told_from_tags() {
    for object in Object::ALL {
        let placeholders =
            table(object, Action::Add).iter().filter(|rule| rule.is_custom_field()).count();
        let expected = match object {
            Object::Customer | Object::Case | Object::Followup | Object::Task => 2,
            _ => 0,
        };
        assert_eq!(placeholders, expected, "{object}");
        assert_eq!(has_custom_fields(object), expected > 0);
    }
    assert_eq!(rule(Object::Case, Action::Add, CUSTOM_FIELD).presence, Some(Presence::Optional));
}

#[test]
fn the_json_has_the_keys_that_other_programs_read_and_no_other() {
    let json = json(rule(Object::Customer, Action::Add, "AUTOPASSWD"));
    assert_eq!(json["requires"], serde_json::json!(["PASSWORD if False", "no PASSWORD if True"]));
}
