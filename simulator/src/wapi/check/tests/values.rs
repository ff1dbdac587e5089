//! Characters, lists, dates, users and custom fields.

use super::*;
use crate::wapi::settings::EmailCharacters;

/// A tag of these actions, with two lists of values: one is refused, one taken.
type Row =
    (Object, &'static [Action], &'static str, &'static [&'static str], &'static [&'static str]);
type Allowed<'a> = &'a dyn Fn(char) -> bool;

#[test]
fn characters_that_a_row_forbids_are_refused_and_all_others_are_not() {
    let rows: &[Row] = &[
        (
            Customer,
            &[Add, Modify, Get],
            "EMAIL",
            &["a+b@c.example", "a b@c.example", "zoë@c.example", "a@c,example", "a'b@c", "a\"@c"],
            &["A-z_0@c.example"],
        ),
        (
            Customer,
            &[Add, Modify, Get],
            "VOICE",
            &["+1 x", "12;3", "1,2", "1#", "٣", " ", "()", "1\t2"],
            &["+1 (555) 292/8608.1-2_3", "0"],
        ),
        (Customer, &[Add, Modify], "ALTERNATIVE", &["12x", "  ", "-", "1*"], &["123 456 7890"]),
        (Customer, &[Add, Modify], "FAX", &["12x", "  ", "-", "1*"], &["123 456 7890"]),
        (
            Customer,
            &[Add, Modify, Get],
            "COMPANY",
            &["a~b", "a<b", "a>b", "  ", "\t\n"],
            &["Smith, Jones & Co", "Café \"Zoë\"", "中文"],
        ),
        (Customer, &[Modify], "PASSWORD", &["pass word", "pässwd", "a-b-c", "abc."], &["aZ_09"]),
        (Customer, &[Add, Modify, Get], "FIRSTNAME", &[], &["<~>", " ", "O'Brien", "Łukasz"]),
        (Customer, &[Add, Modify, Get], "LASTNAME", &[], &["<~>", " ", "O'Brien", "中文"]),
        (Customer, &[Add, Modify], "COMMENTS", &[], &["<~>", " "]),
        (Case, &[Add, Modify, Get], "SUBJECT", &["   ", "\u{A0}", "\n"], &["<~> é中", " x "]),
        (Case, &[Add, Modify], "DESCRIPTION", &["   ", "\n\t"], &["<~> é中", " x "]),
        (Case, &[Get], "COMPANY", &["a~b", "a<b", "a>b", "  "], &["Smith, Jones"]),
        (Case, &[Get], "LASTNAME", &["a~b", "a<b", "a>b", "  "], &["O'Brien, é"]),
        (Followup, &[Add], "SUBJECT", &["   ", "\n"], &["<~> é中"]),
        (Followup, &[Add], "DESCRIPTION", &["   ", "\n"], &["<~> é中"]),
        (Task, &[Add, Modify, Get], "SUBJECT", &["   "], &["<~> é中"]),
        (Task, &[Add, Modify, Get], "DESCRIPTION", &["   "], &["<~> é中"]),
        (Task, &[Add, Modify, Get], "PHONE", &["  ", "x1", "1,2", "+"], &["1-555-292-8608"]),
        (
            Task,
            &[Add, Modify, Get],
            "EMAIL",
            &["jsmith", "@a.example", "a@", "a@b@c", "a b@c.example", " "],
            &["sirben.kingsley@stars.example", "a+b@c.example"],
        ),
        (Task, &[Add, Get], "CAMPAIGNNAME", &["  "], &["Promotional <Campaign>"]),
        (Task, &[Add], "CALLDURATION", &["-1", "1.5", "1 2", "x"], &["360", "0"]),
        (Task, &[Add, Get], "TRANSID", &["-1", "1.5", "1 2", "x", "٣"], &["1111111111"]),
        (
            FaqCategory,
            &[Add],
            "FAQCATEGORY",
            &[
                "&", "*", "(", ")", "-", "=", "_", "{", "}", "[", "]", "|", "<", ">", "+", "\\",
                "`", "é", "  ", "a\tb",
            ],
            &["aZ 09 ~!@#$%^:\";',.?/"],
        ),
        (FaqCategory, &[Modify], "FAQCATEGORY", &["  "], &["&*()-=_{}[]| é"]),
        (Faq, &[Add, Modify], "QUESTION", &["  "], &["<b>?</b>"]),
        (Faq, &[Add, Modify], "ANSWER", &["  "], &["< 2 & é"]),
        (Faq, &[Add, Modify], "SHORTCUT", &["  "], &["Jet-type 9"]),
        (Faq, &[Get], "STRING", &[], &["  ", "%", "%light jets%"]),
    ];
    for (object, actions, tag, forbidden, allowed) in rows {
        for action in *actions {
            for (values, number) in [(forbidden, 34), (allowed, 0)] {
                for value in *values {
                    let judged = with(*object, *action, &[(tag, value)]);
                    assert_eq!(judged, number, "{object} {action} {tag} {value:?}");
                }
            }
        }
    }
}

#[test]
fn each_forbidden_ascii_character_is_refused_wherever_it_stands() {
    let letter = |c: char| c.is_ascii_alphanumeric();
    let rows: [(&str, &str, Allowed); 4] = [
        ("EMAIL", "a@b", &|c| letter(c) || "-_@.".contains(c)),
        ("VOICE", "123", &|c| c.is_ascii_digit() || "+()/.-_ ".contains(c)),
        ("COMPANY", "abc", &|c| !"~<>".contains(c)),
        ("PASSWORD", "abc", &|c| letter(c) || c == '_'),
    ];
    for (tag, text, allowed) in rows {
        for c in ' '..='~' {
            for value in [format!("{c}{text}"), format!("{text}{c}")] {
                let number = if allowed(c) { 0 } else { 34 };
                assert_eq!(with(Customer, Modify, &[(tag, &value)]), number, "{tag} {value:?}");
            }
        }
    }
}

#[test]
fn a_customers_address_has_the_characters_of_the_switch() {
    for (characters, dot, plus) in [
        (EmailCharacters::Dotted, 0, 34),
        (EmailCharacters::Printed, 34, 34),
        (EmailCharacters::Any, 0, 0),
    ] {
        let rules = WapiSettings { email_characters: characters, ..WapiSettings::default() };
        for (value, number) in [("a@b-c_d", 0), ("a.b@c", dot), ("a+b@c", plus)] {
            let judged = with_under(&rules, Customer, Modify, &[("EMAIL", value)]);
            assert_eq!(judged, number, "{characters:?} {value}");
        }
    }
}

#[test]
fn a_value_is_one_of_its_list_as_written_also_in_a_search() {
    let rows: &[Row] = &[
        (Customer, &[Add, Modify, Get], "CUSTOMERTYPE", &["NT User"], &["NT user", "Reseller"]),
        (Customer, &[Add, Modify], "ADDR1COUNTRY", &["France"], &["france", "USA"]),
        (Customer, &[Add, Modify], "ADDR2COUNTRY", &["United States"], &["Frankreich"]),
        (Case, &[Get], "STATUS", &["Open", "Pending"], &["open", "Stalled", "UNA", "x"]),
        (Case, &[Add, Modify], "STATUS", &["Pending"], &["pending", "Stalled"]),
        (Case, &[Add, Modify, Get], "PRIORITY", &["High"], &["high", "Urgent"]),
        (Case, &[Add, Modify, Get], "SEVERITY", &["Information"], &["Fatal", "info"]),
        (Case, &[Add, Get], "PROJECT", &["Default"], &["default", "Old"]),
        (Case, &[Add, Modify, Get], "CATEGORY", &["Gold"], &["gold", "Legacy"]),
        (
            Case,
            &[Add, Modify],
            "VISIBILITY",
            &["Internal", "External"],
            &["internal", "Private", "Public"],
        ),
        (
            Case,
            &[Add, Modify],
            "MEDIATYPE",
            &["Phone", "Chat", "Email", "None"],
            &["phone", "Other", "Voice"],
        ),
        (Case, &[Get], "ATTACHMENTS", &["yes", "no"], &["Yes", "NO", "0", "1"]),
        (Followup, &[Add], "STATUS", &["Pending"], &["Stalled"]),
        (Followup, &[Add], "PRIORITY", &["High"], &["Urgent"]),
        (Followup, &[Add], "SEVERITY", &["Information"], &["Fatal"]),
        (Followup, &[Add], "PROJECT", &["Default"], &["Old"]),
        (Followup, &[Add], "CATEGORY", &["Gold"], &["Legacy"]),
        (Followup, &[Add], "VISIBILITY", &["External"], &["Private", "external"]),
        (
            Followup,
            &[Add],
            "MEDIATYPE",
            &["Phone", "Chat", "Email", "Other"],
            &["None", "Voice", "other"],
        ),
        (Task, &[Add, Modify, Get], "TASK_STATUS", &["Closed"], &["closed", "Parked"]),
        (Task, &[Add, Modify, Get], "CALL_TYPE", &["DAA", "Outbound"], &["daa", "Fax"]),
        (
            Task,
            &[Add, Modify, Get],
            "MEDIATYPE",
            &["Phone", "Chat", "Email", "None"],
            &["Outbound", "Other", "none"],
        ),
        (Task, &[Add, Modify, Get], "MEDIA_TYPE", &["Phone", "None"], &["Outbound", "Voice"]),
        (FaqCategory, &[Add, Modify], "PRIVATE", &["Y", "N"], &["y", "n", "Yes"]),
        (Faq, &[Add], "PRIVATE", &["Y", "N"], &["y", "n", "Yes"]),
        (Faq, &[Modify], "PRIVATE", &["Y", "N", "y", "n"], &["Yes"]),
        (Faq, &[Add], "LANGUAGE", &["en", "cy", "zh-CN", "zh-TW"], &["EN", "zh", "zh-cn", "tr"]),
    ];
    for (object, actions, tag, valid, invalid) in rows {
        for action in *actions {
            for (values, number) in [(valid, 0), (invalid, 40)] {
                for value in *values {
                    let judged = with(*object, *action, &[(tag, value)]);
                    assert_eq!(judged, number, "{object} {action} {tag} {value:?}");
                }
            }
        }
    }
}

#[test]
fn the_22_languages_are_those_of_the_guide() {
    let all = "en ru de ja es fr pt it pl hr hi nl ar da ko no sv vi cy th zh-CN zh-TW";
    let valid = |language: &&str| with(Faq, Add, &[("LANGUAGE", language)]) == 0;
    assert_eq!(all.split(' ').filter(valid).count(), 22);
}

#[test]
fn yes_and_no_and_true_and_false_have_the_case_of_their_row() {
    for (value, number) in [("True", 0), ("tRUE", 0), ("yes", 40), ("1", 40)] {
        assert_eq!(with(Customer, Add, &[("AUTOPASSWD", value)]), number, "{value}");
    }
    for (value, number) in [("Y", 0), ("N", 0), ("y", 40), ("Yes", 40)] {
        for action in [Add, Modify] {
            let tags = [("DUEDATE", "062120121315"), ("REMINDER", value)];
            assert_eq!(with(Task, action, &tags), number, "{value}");
        }
    }
}

#[test]
fn a_followup_takes_voice_where_the_switch_is_on() {
    let rules = WapiSettings { followup_voice: true, ..WapiSettings::default() };
    assert_eq!(with_under(&rules, Followup, Add, &[("MEDIATYPE", "Voice")]), 0);
    assert_eq!(with_under(&rules, Followup, Add, &[("MEDIATYPE", "voice")]), 40);
    assert_eq!(with_under(&rules, Case, Add, &[("MEDIATYPE", "Voice")]), 40);
}

#[test]
fn dates_are_days_of_the_calendar() {
    let days: [(Object, &[&str]); 5] = [
        (Customer, &["FROMCREATEDATE", "TOCREATEDATE", "FROMLASTMODDATE", "TOLASTMODDATE"]),
        (
            Case,
            &[
                "FROMDATE",
                "TODATE",
                "FROMCREATEDATE",
                "TOCREATEDATE",
                "FROMLASTMODDATE",
                "TOLASTMODDATE",
            ],
        ),
        (Followup, &["FROMCREATEDATE", "TOCREATEDATE"]),
        (Task, &["FROMCREATEDATE", "TOCREATEDATE", "FROMLASTMODDATE", "TOLASTMODDATE"]),
        (Faq, &["FROMCREATEDATE", "TOCREATEDATE"]),
    ];
    for (object, tags) in days {
        for tag in tags {
            for value in ["02292012", "12312099"] {
                assert_eq!(with(object, Get, &[(tag, value)]), 0, "{object} {tag} {value}");
            }
            for value in
                ["02302012", "02292011", "20120229", "2/29/2012", "0229201", "022920120000"]
            {
                assert_eq!(with(object, Get, &[(tag, value)]), 39, "{object} {tag} {value}");
            }
        }
    }
}

#[test]
fn due_dates_have_a_time_and_their_ranges_may_have_one() {
    for (value, exact, range) in [
        ("062120121315", 0, 0),
        ("062120120000", 0, 0),
        ("062120122400", 39, 39),
        ("062120121360", 39, 39),
        ("06212012", 39, 0),
        ("0621201213", 39, 39),
        ("06212012 1315", 39, 39),
    ] {
        for action in [Add, Modify] {
            assert_eq!(with(Task, action, &[("DUEDATE", value)]), exact, "{value}");
        }
        for tag in ["FROMDUEDATE", "TODUEDATE"] {
            assert_eq!(with(Task, Get, &[(tag, value)]), range, "{tag} {value}");
        }
    }
}

#[test]
fn an_inverted_range_is_no_mistake() {
    assert_eq!(with(Case, Get, &[("FROMDATE", "01112010"), ("TODATE", "02112001")]), 0);
}

#[test]
fn assignees_and_creators_are_users() {
    let assigned = |object, value| with(object, Get, &[("ASSIGNEDTO", value)]);
    let created = |object, value| with(object, Get, &[("CREATEDBY", value)]);
    for object in [Case, Task] {
        for value in ["jsmith", "101", "Deleted Agents", "deleted GROUPS", "None"] {
            assert_eq!(assigned(object, value), 0, "{object} {value}");
        }
        for value in ["nobody", "Deleted Agent", "Deleted  Agents", "none", "Customers"] {
            assert_eq!(assigned(object, value), 40, "{object} {value}");
        }
        for (value, number) in [
            ("jsmith", 0),
            ("deleted agents", 0),
            ("Deleted Groups", 40),
            ("None", 40),
            ("gone1", 40),
        ] {
            assert_eq!(created(object, value), number, "{object} {value}");
        }
    }
    assert_eq!(created(Case, "CUSTOMERS"), 0);
    assert_eq!(created(Task, "Customers"), 40);
    let rules = WapiSettings { none_any_case: true, ..WapiSettings::default() };
    assert_eq!(with_under(&rules, Case, Get, &[("ASSIGNEDTO", "nOne")]), 0);
}

#[test]
fn nothing_is_assigned_to_a_deleted_user_or_to_a_word_of_searches() {
    for (value, number) in [
        ("jsmith", 0),
        ("101", 0),
        ("gone1", 37),
        ("109", 37),
        ("nobody", 40),
        ("None", 40),
        ("Deleted Agents", 40),
    ] {
        let tags = [("STATUS", "Open"), ("ASSIGNEDTO", value)];
        for (object, action) in [(Case, Add), (Case, Modify), (Followup, Add)] {
            assert_eq!(with(object, action, &tags), number, "{object} {action} {value}");
        }
        let tags = [("TASK_STATUS", "New"), ("ASSIGNEDTO", value)];
        let number = if number == 37 { 38 } else { number };
        for action in [Add, Modify] {
            assert_eq!(with(Task, action, &tags), number, "{action} {value}");
        }
    }
}

#[test]
fn custom_fields_have_the_values_of_their_type() {
    let actions: [(Object, &[Action]); 4] = [
        (Customer, &[Add, Modify, Get]),
        (Case, &[Add, Modify, Get]),
        (Followup, &[Add]),
        (Task, &[Add, Modify, Get]),
    ];
    for (object, actions) in actions {
        for action in actions {
            for (tag, value, number) in [
                ("CF_TEXT", "é123456789", 0),
                ("CF_TEXT", "é12345678", 0),
                ("CF_TEXT", "é1234567890", 31),
                ("CF_URL", "http://www.8x8.com", 0),
                ("CF_URL", "http://www.8x8.com/ab", 31),
                ("CF_NUMBER", "111444", 0),
                ("CF_NUMBER", "-1.5", 0),
                ("CF_NUMBER", "1,5", 34),
                ("CF_NUMBER", "12x", 34),
                ("CF_NUMBER", ".", 34),
                ("CF_DATE", "04062012", 0),
                ("CF_DATE", "2012-04-06", 39),
                ("CF_PICK", "two", 0),
                ("CF_PICK", "Two", 41),
                ("CF_PICK", "zero", 41),
                ("CF_GONE", "x", 36),
                ("CF_NONE", "x", 35),
            ] {
                let judged = with(object, *action, &[(tag, value)]);
                assert_eq!(judged, number, "{object} {action} {tag} {value}");
            }
        }
    }
    for (object, action) in [(Followup, Get), (Followup, Delete), (Customer, Delete), (Faq, Add)] {
        assert_eq!(with(object, action, &[("CF_TEXT", "x")]), 35, "{object} {action}");
    }
}

#[test]
fn patterns_are_for_the_tags_of_the_guide() {
    let taking: [(Object, &[(&str, &str)]); 5] = [
        (
            Customer,
            &[("LASTNAME", "g%"), ("EMAIL", "b%"), ("COMPANY", "m%"), ("ACCOUNTNUM", "%45%")],
        ),
        (Case, &[("LASTNAME", "%gate%"), ("SUBJECT", "p %"), ("COMPANY", "%m%")]),
        (Followup, &[("CASENUM", "%78%")]),
        (
            Task,
            &[
                ("SUBJECT", "%call%"),
                ("PHONE", "%555%"),
                ("EMAIL", "%@stars%"),
                ("CAMPAIGNNAME", "%Holidays%"),
                ("TRANSID", "%45%"),
            ],
        ),
        (Faq, &[("STRING", "%light jets%")]),
    ];
    for (object, tags) in taking {
        for tag in tags {
            assert_eq!(with(object, Get, &[*tag]), 0, "{object} {tag:?}");
        }
    }
    for object in [Customer, Case, Followup, Task, Faq, Object::CustomField] {
        let taking = taking.iter().find(|(other, _)| *other == object);
        for field in fields::table(object, Get).unwrap().fields {
            let takes =
                taking.is_some_and(|(_, tags)| tags.iter().any(|(tag, _)| *tag == field.tag));
            if !takes {
                let judged = with(object, Get, &[(field.tag, "1%")]);
                assert_eq!(judged, 19, "{object} {}", field.tag);
            }
        }
    }
    assert_eq!(with(Task, Get, &[("CF_TEXT", "%")]), 19);
    assert_eq!(with(Customer, Get, &[("VOICE", "%x%")]), 19);
    let rules = WapiSettings { customer_wildcard_names: true, ..WapiSettings::default() };
    assert_eq!(with_under(&rules, Customer, Get, &[("VOICE", "%"), ("FIRSTNAME", "B%")]), 0);
    assert_eq!(with_under(&rules, Customer, Get, &[("VOICE", "%x%")]), 34);
}

#[test]
fn a_percent_sign_that_is_written_is_a_character() {
    assert_eq!(with(Customer, Add, &[("FIRSTNAME", "50 %"), ("COMPANY", "50% off")]), 0);
    assert_eq!(with(Customer, Add, &[("EMAIL", "50%@a.example")]), 34);
    assert_eq!(with(Customer, Add, &[("VOICE", "50%")]), 34);
}
