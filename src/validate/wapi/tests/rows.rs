//! Every row of every table of Add, Modify and Delete, made from the table.

use regex::Regex;

use super::*;

/// Characters of each kind that a rule may forbid.
fn characters() -> impl Iterator<Item = char> {
    ('\u{20}'..='\u{7E}').chain(['\t', '\n', '\r', '\u{7F}', '\u{A0}', 'é', '’', '中', '😀'])
}

fn each_rule(mut test: impl FnMut(&WapiRules, &'static Rule)) {
    let mut count = 0;
    for (object, action) in loads() {
        let rules = plain_rules(object, action);
        for rule in documented(&rules) {
            test(&rules, rule);
            count += 1;
        }
    }
    assert_eq!(count, 127, "rows of the tables, but for those of custom fields");
}

fn shown(rule: &Rule) -> String {
    format!("{} {} {}", rule.object, rule.action, rule.tag)
}

/// Checks that a reason names the field, what is wrong, and the section of the guide.
#[track_caller]
fn assert_says(rule: &Rule, verdict: &Verdict, words: &str) {
    let reason = verdict.reason();
    assert!(reason.starts_with(&format!("{}: ", rule.tag)), "{}: {reason}", shown(rule));
    assert!(reason.contains(words), "{}: `{words}` is not in {reason}", shown(rule));
    assert!(reason.contains(&rule.source()), "{}: {reason}", shown(rule));
}

#[test]
fn a_sound_value_of_every_row_is_sent_as_it_is() {
    each_rule(|rules, rule| {
        let value = sound(rule);
        assert_eq!(verdict_of(rules, rule.tag, value), sent(value), "{}", shown(rule));
    });
}

#[test]
fn lengths_are_kept_to_the_character() {
    let mut limits = 0;
    each_rule(|rules, rule| {
        for (limit, least, most) in [
            (rule.max_chars, rule.min_chars.unwrap_or(1), rule.max_chars),
            (rule.min_chars, rule.min_chars.unwrap_or(1), rule.max_chars),
        ] {
            let Some(limit) = limit else { continue };
            limits += 1;
            for chars in limit - 1..=limit + 1 {
                let value = of_length(rule, chars as usize);
                let verdict = verdict_of(rules, rule.tag, &value);
                if chars < least {
                    assert_says(rule, &verdict, "too short");
                    assert_says(rule, &verdict, &format!("{chars} characters, at least {least}"));
                } else if let Some(most) = most.filter(|most| chars > *most) {
                    assert_says(rule, &verdict, "too long");
                    assert_says(rule, &verdict, &format!("{chars} characters, at most {most}"));
                } else {
                    assert_eq!(verdict, sent(&value), "{}", shown(rule));
                }
            }
        }
    });
    assert_eq!(limits, 60, "limits of the tables");
}

#[test]
fn characters_are_counted_and_not_bytes() {
    each_rule(|rules, rule| {
        let Some(most) = rule.max_chars.filter(|_| rule.charset.is_none()) else { return };
        if rule.format.is_some() {
            return;
        }
        for c in ["é", "中", "😀"] {
            let full = c.repeat(most as usize);
            assert_eq!(verdict_of(rules, rule.tag, &full), sent(&full), "{}", shown(rule));
            assert_says(rule, &verdict_of(rules, rule.tag, &(full + c)), "too long");
        }
    });
}

#[test]
fn a_description_may_have_two_million_characters() {
    let rules = plain_rules(Object::Case, LoadAction::Add);
    let rule = rules.rule("DESCRIPTION").unwrap();
    let most = 2_000_000;
    for c in ["a", "é", "’"] {
        let full = c.repeat(most);
        assert_eq!(verdict_of(&rules, "DESCRIPTION", &full), sent(&full));
        let verdict = verdict_of(&rules, "DESCRIPTION", &(full + c));
        assert_says(rule, &verdict, "2000001 characters, at most 2000000");
    }
    each_rule(|_, rule| {
        let is_limited = matches!(rule.format, Some(Format::Latin1Bytes { most: 2_000_000 }));
        assert_eq!(is_limited, rule.tag == "DESCRIPTION", "{}", shown(rule));
    });
}

#[test]
fn a_missing_value_is_told_where_it_is_mandatory_and_not_sent_elsewhere() {
    each_rule(|rules, rule| {
        let values = [None, Some("")];
        for verdict in verdicts(rules, rule.tag, &values) {
            match rule.is_mandatory() {
                true => assert_says(rule, &verdict, "missing (mandatory"),
                // What another field demands is told by a rule between the two.
                false if rule.tag == "PASSWORD" => assert_says(rule, &verdict, "AUTOPASSWD"),
                false if rule.tag == "DUEDATE" => {
                    assert!(verdict.reason().starts_with("REMINDER: given without DUEDATE"));
                }
                false if rule.tag == "TASK_STATUS" || rule.tag == "STATUS" => {
                    let demands = rules.action == LoadAction::Add;
                    assert_eq!(verdict != Verdict::NotSent, demands, "{}", shown(rule));
                }
                false => assert_eq!(verdict, Verdict::NotSent, "{}", shown(rule)),
            }
        }
    });
}

#[test]
fn only_blanks_are_wrong_where_the_guide_says_so_and_no_value_elsewhere() {
    each_rule(|rules, rule| {
        if ["PASSWORD", "DUEDATE", "TASK_STATUS", "STATUS"].contains(&rule.tag) {
            return;
        }
        for blanks in [" ", "   ", "\t", "\r\n", "\u{A0}", "\u{3000}"] {
            let verdict = verdict_of(rules, rule.tag, blanks);
            match rule.invalid.contains(&"whitespace-only") {
                _ if rule.is_mandatory() => assert_says(rule, &verdict, "missing (mandatory"),
                true => assert_says(rule, &verdict, "only blanks"),
                false => assert_eq!(verdict, Verdict::NotSent, "{}", shown(rule)),
            }
        }
    });
}

#[test]
fn every_character_is_taken_or_told_as_the_table_says() {
    each_rule(|rules, rule| {
        if !rule.values.is_empty() || rule.format.is_some_and(|format| format != Format::Integer) {
            return;
        }
        let set = rule.charset.map(|set| Regex::new(set).unwrap());
        let values: Vec<String> = characters().map(|c| format!("12{c}")).collect();
        let texts: Vec<Option<&str>> = values.iter().map(|value| Some(value.as_str())).collect();
        for (c, verdict) in characters().zip(verdicts(rules, rule.tag, &texts)) {
            let text = c.to_string();
            let taken = set.as_ref().is_none_or(|set| set.is_match(&text));
            let taken = taken && !rule.invalid.contains(&text.as_str());
            match taken {
                true => assert_eq!(verdict, sent(&format!("12{c}")), "{} {c:?}", shown(rule)),
                false if rule.tag == "PASSWORD" => assert_says(rule, &verdict, "a wrong character"),
                false if c.is_control() => {
                    assert_says(rule, &verdict, &format!("(U+{:04X})", u32::from(c)));
                }
                false => assert_says(rule, &verdict, &format!("the character `{c}`")),
            }
        }
    });
}

/// The sets themselves, as people read the guide.
#[test]
fn the_sets_of_characters_are_those_of_the_guide() {
    let taken = |object, action, tag: &str| -> String {
        let rules = plain_rules(object, action);
        let ascii = ('\u{20}'..='\u{7E}').filter(|c| {
            // Other than blanks only, and with a digit where one is demanded.
            matches!(verdict_of(&rules, tag, &format!("1{c}11")), Verdict::Sent(_))
        });
        ascii.collect()
    };
    let letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    let small = letters.to_lowercase();
    let phone = " ()+-./0123456789_";
    let address = format!("-.0123456789@{letters}_{small}");
    let category = format!(" !\"#$%,./0123456789:;?@{letters}^{small}~");
    let any: String = ('\u{20}'..='\u{7E}').collect();
    for action in [LoadAction::Add, LoadAction::Modify] {
        for tag in ["VOICE", "ALTERNATIVE", "FAX"] {
            assert_eq!(taken(Object::Customer, action, tag), phone);
        }
        assert_eq!(taken(Object::Task, action, "PHONE"), phone);
        assert_eq!(taken(Object::Customer, action, "EMAIL"), address);
        assert_eq!(taken(Object::FaqCategory, action, "FAQCATEGORY"), category);
        assert_eq!(taken(Object::Customer, action, "LASTNAME"), any);
        assert_eq!(taken(Object::Customer, action, "COMPANY"), any.replace(['~', '<', '>'], ""));
        let word = format!("0123456789{letters}_{small}");
        assert_eq!(taken(Object::Customer, action, "PASSWORD"), word);
    }
    assert_eq!(taken(Object::Task, LoadAction::Add, "CALLDURATION"), "0123456789");
}

#[test]
fn a_set_of_characters_is_what_its_regular_expression_says() {
    let mut sets = 0;
    let actions = [Action::Add, Action::Modify, Action::Get, Action::Delete];
    let tables = rules::wapi::OBJECTS
        .into_iter()
        .flat_map(|object| actions.map(|action| rules::wapi::table(object, action)));
    for class in tables.flatten().filter_map(|rule| rule.charset) {
        let (set, said) = (form::Set::of(class), Regex::new(class).unwrap());
        for c in '\0'..='\u{FF}' {
            assert_eq!(set.has(c), said.is_match(c.encode_utf8(&mut [0; 4])), "{class} {c:?}");
        }
        sets += 1;
    }
    assert_eq!(sets, 43);
}

#[test]
fn what_xml_cannot_carry_is_told_in_every_field() {
    let forbidden =
        ['\0', '\u{1}', '\u{8}', '\u{B}', '\u{C}', '\u{E}', '\u{1F}', '\u{FFFE}', '\u{FFFF}'];
    each_rule(|rules, rule| {
        let values = forbidden.map(|c| format!("1{c}2"));
        let texts: Vec<Option<&str>> = values.iter().map(|value| Some(value.as_str())).collect();
        for (c, verdict) in forbidden.iter().zip(verdicts(rules, rule.tag, &texts)) {
            let words = format!("a control character (U+{:04X})", u32::from(*c));
            assert_says(rule, &verdict, &words);
        }
    });
}

#[test]
fn a_phone_number_has_a_digit() {
    each_rule(|rules, rule| {
        if !rule.invalid.contains(&"non-numeric characters") {
            return;
        }
        assert_says(rule, &verdict_of(rules, rule.tag, "+()-"), "without a digit");
        assert_eq!(verdict_of(rules, rule.tag, "+ 1"), sent("+ 1"));
    });
    let rules = plain_rules(Object::Customer, LoadAction::Add);
    let verdict = verdict_of(&rules, "VOICE", "call me");
    assert_eq!(
        verdict.reason(),
        "VOICE: the character `c` (`call me`, allowed are [+()/._0-9 -], wapi-crm-api: Add \
         Customer); VOICE: without a digit (`call me`, wapi-crm-api: Add Customer)"
    );
}

#[test]
fn values_of_a_list_are_taken_in_their_case_and_sent_in_the_guides_spelling() {
    let mut lists = 0;
    each_rule(|rules, rule| {
        // `True` wants no password beside it.
        for value in rule.values.iter().filter(|value| **value != "True") {
            assert_eq!(verdict_of(rules, rule.tag, value), sent(value), "{}", shown(rule));
            for other in [value.to_lowercase(), value.to_uppercase()] {
                let is_another = !rule.values.contains(&other.as_str());
                let verdict = verdict_of(rules, rule.tag, &other);
                match rule.values_case_sensitive && is_another {
                    true => assert_says(rule, &verdict, "not one of its values"),
                    false if is_another => assert_eq!(verdict, sent(value), "{}", shown(rule)),
                    false => assert_eq!(verdict, sent(&other), "{}", shown(rule)),
                }
            }
            let longer = format!("{value}s");
            assert_says(rule, &verdict_of(rules, rule.tag, &longer), &rule.values.join(", "));
        }
        lists += usize::from(!rule.values.is_empty());
    });
    assert_eq!(lists, 17, "lists of the tables");
}

#[test]
fn dates_and_addresses_have_their_form() {
    let mut forms = 0;
    each_rule(|rules, rule| {
        let (good, bad, words): (&[&str], &[&str], &str) = match rule.format {
            Some(Format::DateTime) => (
                &["062120121315", "022920120000", "123119992359"],
                &["06212012", "0621201213", "022920131200", "062120122400", "2012-06-21 13:15"],
                "written as MMDDYYYYHH24MI",
            ),
            Some(Format::EmailAddress) => (
                &["a@b", "zoë.o+x@example.com", "a'b@c"],
                &["a", "a@", "@b", "a@b@c", "a b@c", "a@b "],
                "not an e-mail address",
            ),
            Some(Format::Date | Format::DateOrDateTime) => panic!("{}: not tested", shown(rule)),
            _ => return,
        };
        for value in good {
            assert_eq!(verdict_of(rules, rule.tag, value), sent(value), "{}", shown(rule));
        }
        for value in bad {
            assert_says(rule, &verdict_of(rules, rule.tag, value), words);
        }
        forms += 1;
    });
    assert_eq!(forms, 4);
}

#[test]
fn blanks_and_zeros_around_a_value_stay() {
    let rules = plain_rules(Object::Customer, LoadAction::Add);
    for (tag, value) in [("LASTNAME", " Bob "), ("ADDR1ZIP", "00501"), ("LASTNAME", "Émile")] {
        assert_eq!(verdict_of(&rules, tag, value), sent(value));
    }
}

#[test]
fn every_broken_rule_of_a_row_is_told() {
    let rules = plain_rules(Object::Customer, LoadAction::Add);
    let text = |text: &str| -> ArrayRef { Arc::new(StringArray::from(vec![text.to_owned()])) };
    let batch = batch(vec![
        ("FIRSTNAME", text("")),
        ("LASTNAME", text(&"Hubert Blaine ".repeat(4))),
        ("EMAIL", text("zoë+1@example.com")),
        ("VOICE", text("none")),
        ("PASSWORD", text("no")),
        ("AUTOPASSWD", text("true")),
        ("COMPANY", text("<b>\u{1}")),
    ]);
    let checked = rules.check(&batch).unwrap();
    assert_eq!(checked.batch.len(), 0);
    let reasons = checked.fallen[0].reason.replace("; ", "\n");
    insta::assert_snapshot!(reasons, @r"
    FIRSTNAME: missing (mandatory, wapi-crm-api: Add Customer)
    LASTNAME: too long (`Hubert Blaine Hubert Blaine Hubert Blaine Hubert Blaine `, 56 characters, at most 30, wapi-crm-api: Add Customer)
    EMAIL: the character `ë` (`zoë+1@example.com`, allowed are [A-Za-z0-9_@.-], wapi-crm-api: Add Customer)
    VOICE: the character `n` (`none`, allowed are [+()/._0-9 -], wapi-crm-api: Add Customer)
    VOICE: without a digit (`none`, wapi-crm-api: Add Customer)
    PASSWORD: too short (`(hidden)`, 2 characters, at least 3, wapi-crm-api: Add Customer)
    COMPANY: a control character (U+0001) (`<b>�`, XML cannot carry it, wapi-crm-api: Add Customer)
    COMPANY: the character `<` (`<b>�`, not allowed, wapi-crm-api: Add Customer)
    PASSWORD: given, where AUTOPASSWD is True (wapi-crm-api: Add Customer)
    ");
}

#[test]
fn reasons_are_what_a_user_wants_to_read() {
    let mut told = Vec::new();
    for (object, action, tag, value) in [
        (Object::Customer, LoadAction::Add, "LASTNAME", ""),
        (Object::Customer, LoadAction::Add, "COMPANY", "  "),
        (Object::Customer, LoadAction::Add, "EMAIL", "o'brien@example.com"),
        (Object::Customer, LoadAction::Add, "AUTOPASSWD", "yes"),
        (Object::Customer, LoadAction::Modify, "ACCOUNTNUM", "A-17"),
        (Object::Customer, LoadAction::Modify, "VOICE", "555\t0100"),
        (Object::Case, LoadAction::Add, "VISIBILITY", "internal"),
        (Object::Case, LoadAction::Add, "MEDIATYPE", "Voice"),
        (Object::Case, LoadAction::Modify, "SUBJECT", "Where\u{0}is it"),
        (Object::Followup, LoadAction::Add, "MEDIATYPE", "None"),
        (Object::Task, LoadAction::Add, "DUEDATE", "06/21/2012"),
        (Object::Task, LoadAction::Add, "EMAIL", "nobody"),
        (Object::Task, LoadAction::Add, "CALLDURATION", "12345678901234"),
        (Object::FaqCategory, LoadAction::Modify, "FAQCATEGORY", "Q & A"),
        (Object::Faq, LoadAction::Add, "PRIVATE", "y"),
        (Object::Faq, LoadAction::Add, "LANGUAGE", "zh"),
    ] {
        told.push(verdict_of(&plain_rules(object, action), tag, value).reason().to_owned());
    }
    insta::assert_snapshot!(told.join("\n"), @r#"
    LASTNAME: missing (mandatory, wapi-crm-api: Add Customer)
    COMPANY: only blanks (`  `, wapi-crm-api: Add Customer)
    EMAIL: the character `'` (`o'brien@example.com`, allowed are [A-Za-z0-9_@.-], wapi-crm-api: Add Customer)
    AUTOPASSWD: not one of its values (`yes`, False, True, wapi-crm-api: Add Customer)
    ACCOUNTNUM: the character `A` (`A-17`, allowed are [0-9], wapi-crm-api: Modify Customer)
    VOICE: a control character (U+0009) (`555 0100`, allowed are [+()/._0-9 -], wapi-crm-api: Modify Customer)
    VISIBILITY: not one of its values (`internal`, Internal, External, wapi-crm-api: Add Case)
    MEDIATYPE: not one of its values (`Voice`, Phone, Chat, Email, None, wapi-crm-api: Add Case)
    SUBJECT: a control character (U+0000) (`Where�is it`, XML cannot carry it, wapi-crm-api: Modify Case)
    MEDIATYPE: not one of its values (`None`, Phone, Chat, Email, Other, wapi-crm-api: Add Follow-Up)
    DUEDATE: not a day and a time (`06/21/2012`, written as MMDDYYYYHH24MI, e.g. 062120121315, wapi-crm-api: Add Task)
    EMAIL: not an e-mail address (`nobody`, wapi-crm-api: Add Task)
    CALLDURATION: too long (`12345678901234`, 14 characters, at most 13, wapi-crm-api: Add Task)
    FAQCATEGORY: the character `&` (`Q & A`, allowed are [A-Za-z0-9~!@#$%^:";,.?/ ], wapi-crm-api: Modify FAQ Category)
    PRIVATE: not one of its values (`y`, Y, N, wapi-crm-api: Add FAQ)
    LANGUAGE: not one of its values (`zh`, en, ru, de, ja, es, fr, pt, it, pl, hr, hi, nl, ar, da, ko, no, sv, vi, cy, th, zh-CN, zh-TW, wapi-crm-api: Add FAQ)
    "#);
}
