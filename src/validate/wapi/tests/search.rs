//! The tables of Get, value by value.

use super::*;
use crate::validate::complaint;

fn each_rule(mut test: impl FnMut(&'static Rule)) {
    let tables = rules::wapi::OBJECTS.map(|object| rules::wapi::table(object, Action::Get));
    let all = tables.into_iter().flatten().filter(|rule| !rule.is_custom_field());
    assert_eq!(all.map(&mut test).count(), 56);
}

fn shown(rule: &Rule) -> String {
    format!("{} {} {}", rule.object, rule.action, rule.tag)
}

fn rule_of(object: Object, tag: &str) -> &'static Rule {
    rules::find(rules::wapi::table(object, Action::Get), tag).unwrap()
}

#[track_caller]
fn assert_says(rule: &Rule, value: &str, words: &str) {
    let told = complaint(rule, value).unwrap_or_else(|| panic!("{}: {value:?}", shown(rule)));
    assert!(told.starts_with(&format!("{}: ", rule.tag)) && told.contains(words), "{told}");
    assert!(told.contains(&rule.source()), "{told}");
}

#[track_caller]
fn assert_taken(rule: &Rule, value: &str) {
    assert_eq!(complaint(rule, value), None, "{}", shown(rule));
}

#[test]
fn a_sound_value_is_taken_and_none_is_not() {
    each_rule(|rule| {
        assert_taken(rule, sound(rule));
        for none in ["", " ", "\t", "\u{A0}"] {
            assert_says(rule, none, "no value");
        }
        assert_says(rule, "1\u{1}", "a control character (U+0001)");
    });
}

#[test]
fn lengths_are_kept_to_the_character() {
    each_rule(|rule| {
        let Some(most) = rule.max_chars else { return };
        assert_taken(rule, &of_length(rule, most as usize - 1));
        assert_taken(rule, &of_length(rule, most as usize));
        assert_says(rule, &of_length(rule, most as usize + 1), &format!("at most {most}"));
    });
}

#[test]
fn a_wildcard_is_taken_where_the_guide_says_so() {
    let mut with = Vec::new();
    each_rule(|rule| {
        for value in ["12%", "%12", "%1%"] {
            match rule.wildcard {
                true => assert_taken(rule, value),
                false => assert_says(rule, value, "the wildcard `%`"),
            }
        }
        with.extend(rule.wildcard.then(|| format!("{} {}", rule.object, rule.tag)));
    });
    assert_eq!(
        with,
        [
            "Customer LASTNAME",
            "Customer EMAIL",
            "Customer COMPANY",
            "Customer ACCOUNTNUM",
            "Case SUBJECT",
            "Case COMPANY",
            "Case LASTNAME",
            "Followup CASENUM",
            "Task SUBJECT",
            "Task PHONE",
            "Task EMAIL",
            "Task CAMPAIGNNAME",
            "Task TRANSID",
            "FAQ STRING",
        ]
    );
}

#[test]
fn of_a_number_with_a_wildcard_only_digits_count() {
    let rule = rule_of(Object::Task, "TRANSID");
    assert_taken(rule, "%1234567890%");
    assert_says(rule, "%12345678901%", "11 characters, at most 10");
    assert_says(rule, "%12a%", "the character `a`");
    let rule = rule_of(Object::Task, "SUBJECT");
    assert_taken(rule, &format!("{}%", "a".repeat(254)));
    assert_says(rule, &format!("{}%", "a".repeat(255)), "256 characters, at most 255");
}

#[test]
fn characters_values_and_forms_are_those_of_the_table() {
    each_rule(|rule| {
        for sign in rule.invalid.iter().filter(|sign| sign.len() == 1) {
            assert_says(rule, &format!("1{sign}2"), &format!("the character `{sign}`"));
        }
        if let Some(set) = rule.charset {
            assert_says(rule, "1é2", &format!("allowed are {set}"));
        }
        for value in rule.values {
            assert_taken(rule, value);
            assert_says(rule, &format!("{value}s"), "not one of its values");
        }
        match rule.format {
            Some(Format::Date) => {
                assert_says(rule, "02302012", "written as MMDDYYYY");
                assert_says(rule, "062120121315", "written as MMDDYYYY");
            }
            Some(Format::DateOrDateTime) => {
                assert_taken(rule, "06212012");
                assert_says(rule, "0621201213", "not a day");
            }
            _ => {}
        }
        if let Some(other) = rule.range_pair {
            let table = rules::wapi::OBJECTS.map(|object| rules::wapi::table(object, Action::Get));
            let of_object = table.into_iter().flatten().filter(|one| one.object == rule.object);
            let pair = of_object.into_iter().find(|one| one.tag == other);
            assert_eq!(pair.and_then(|pair| pair.range_pair), Some(rule.tag), "{}", shown(rule));
        }
    });
    assert_says(rule_of(Object::Case, "ATTACHMENTS"), "Yes", "yes, no");
    assert_taken(rule_of(Object::Task, "EMAIL"), "bill@microsoft.com");
    assert_says(rule_of(Object::Task, "EMAIL"), "bill", "not an e-mail address");
}

#[test]
fn a_complaint_reads_well() {
    let told = [
        complaint(rule_of(Object::Customer, "FIRSTNAME"), "Jo%"),
        complaint(rule_of(Object::Customer, "VOICE"), "555%"),
        complaint(rule_of(Object::Task, "FROMDUEDATE"), "6/1/2012"),
        complaint(rule_of(Object::Faq, "STRING"), " "),
    ];
    insta::assert_snapshot!(told.map(Option::unwrap).join("\n"), @r"
    FIRSTNAME: the wildcard `%` (`Jo%`, not allowed in this search, wapi-crm-api: Get Customer Details)
    VOICE: the wildcard `%` (`555%`, not allowed in this search, wapi-crm-api: Get Customer Details)
    FROMDUEDATE: not a day (`6/1/2012`, written as MMDDYYYY, or with a time as MMDDYYYYHH24MI, wapi-crm-api: Get Task)
    STRING: no value (` `, wapi-crm-api: Get FAQ)
    ");
}
