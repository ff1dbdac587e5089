//! Fixes, what the tenant defines, what fields require of each other, and columns of all types.

use arrow::{
    array::{
        ArrayRef, AsArray, BooleanArray, Date32Array, Float64Array, Int64Array, LargeStringArray,
        NullArray, StringArray, StringViewArray, TimestampSecondArray,
    },
    datatypes::TimeUnit,
};
use proptest::prelude::*;

use super::{
    tests::{batch, send, texts, wapi},
    *,
};

fn mending(fixes: &[(&str, Fix)], apostrophe: Option<Apostrophe>) -> WapiRules {
    let fixes = fixes.iter().map(|(tag, fix)| ((*tag).to_owned(), *fix)).collect();
    WapiRules::new(Object::Customer, LoadAction::Modify, vec!["queue_id".into()], fixes, apostrophe)
}

/// The first column's values as they are sent; what was mended; what fell.
fn mend(rules: &WapiRules, tag: &str, values: &[&str]) -> (Vec<Option<String>>, Vec<String>) {
    let rows: Vec<Vec<Option<&str>>> =
        values.iter().map(|value| vec![Some("10000001"), Some(*value)]).collect();
    let rows: Vec<&[Option<&str>]> = rows.iter().map(Vec::as_slice).collect();
    let checked = rules.check(&texts(&["ACCOUNTNUM", tag], &rows)).unwrap();
    let column = checked.batch.columns.column(1).as_string::<i32>();
    let sent = column.iter().map(|value| value.map(str::to_owned)).collect();
    let mut told: Vec<String> = checked
        .fixed
        .iter()
        .map(|fixed| format!("fixed {}: {}", fixed.pick, fixed.reason))
        .collect();
    told.extend(checked.fallen.iter().map(|fell| format!("fell {}: {}", fell.pick, fell.reason)));
    (sent, told)
}

fn sent(values: &[&str]) -> Vec<Option<String>> {
    values.iter().map(|value| Some((*value).to_owned())).collect()
}

#[test]
fn nothing_is_mended_unless_the_pipeline_asks() {
    let long = "x".repeat(31);
    let (values, told) = mend(&mending(&[], None), "FIRSTNAME", &["Łódź", "O'Brien", &long]);
    assert_eq!(values, sent(&["Łódź", "O'Brien"]));
    assert_eq!(
        told,
        ["fell 2: FIRSTNAME: too long (`xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx`, 31 characters, at most \
          30, wapi-crm-api: Modify Customer)"]
    );
}

#[test]
fn a_long_value_is_cut_at_a_character_and_nothing_else_is_mended_by_that() {
    let rules = mending(&[("FIRSTNAME", Fix::Truncate), ("COMPANY", Fix::Truncate)], None);
    let long = "é".repeat(31);
    let (values, told) = mend(&rules, "FIRSTNAME", &["Zoë", &long]);
    assert_eq!(values, sent(&["Zoë", &long[..60]]));
    assert!(told[0].starts_with("fixed 1: FIRSTNAME: too long (`"), "{told:?}");
    let wrong = format!("<{}", "x".repeat(50));
    let (values, told) = mend(&rules, "COMPANY", &[&wrong]);
    assert_eq!(values, []);
    let [fell] = &told[..] else { panic!("{told:?}") };
    assert!(fell.contains("too long") && fell.contains("the character `<`"), "{fell}");
}

#[test]
fn a_description_is_cut_by_its_bytes_in_iso_8859_1() {
    let fixes = [("DESCRIPTION".to_owned(), Fix::Truncate)].into();
    let rules = WapiRules::new(Object::Task, LoadAction::Add, Vec::new(), fixes, None);
    let text = format!("{}€", "é".repeat(1_999_990));
    let row = |text| [("ACCOUNTNUM", Some("1")), ("DESCRIPTION", Some(text))];
    assert_eq!(send(&rules, &row(&text)).unwrap()["DESCRIPTION"], text);
    let longer = format!("{text}abcd");
    let cut = format!("{text}abc");
    assert_eq!(send(&rules, &row(&longer)).unwrap()["DESCRIPTION"], cut);
    let reason = send(&wapi(Object::Task, LoadAction::Add), &row(&longer)).unwrap_err();
    assert!(reason.contains("2000001 bytes of ISO-8859-1, at most 2000000"), "{reason}");
}

#[test]
fn a_wrong_value_is_left_out_where_the_pipeline_says_blank_and_the_field_is_optional() {
    let rules = mending(&[("EMAIL", Fix::Blank), ("ACCOUNTNUM", Fix::Blank)], None);
    let (values, told) = mend(&rules, "EMAIL", &["a+b@c", "a@b", ""]);
    assert_eq!(values, [None, Some("a@b".to_owned()), None]);
    assert_eq!(
        told,
        ["fixed 0: EMAIL: the character `+` (`a+b@c`, allowed are [A-Za-z0-9._@-], wapi-crm-api: \
          Modify Customer)"]
    );
    let reason = send(&rules, &[("ACCOUNTNUM", Some("\u{1}"))]).unwrap_err();
    assert!(reason.contains("control character"), "{reason}");
}

#[test]
fn characters_that_iso_8859_1_lacks_are_written_otherwise_where_asked() {
    let rules = mending(&[("FIRSTNAME", Fix::Transliterate)], None);
    let (values, told) = mend(&rules, "FIRSTNAME", &["Zoë", "Łódź", "“ő” – 5 €", "ÿ"]);
    assert_eq!(values, sent(&["Zoë", "Lódz", "\"o\" - 5 EUR", "ÿ"]));
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told[0].starts_with("fixed 1: FIRSTNAME: characters that ISO-8859-1 lacks (`Łódź`"));
    // What it becomes has to keep the rules, too.
    let (values, told) = mend(&rules, "FIRSTNAME", &["€".repeat(11).as_str()]);
    assert_eq!(values, []);
    assert!(told[0].contains("33 characters, at most 30"), "{told:?}");
}

#[test]
fn apostrophes_go_the_way_of_the_connection_and_each_change_is_told() {
    let with = |apostrophe| mending(&[], apostrophe);
    for keeps in [None, Some(Apostrophe::Rsquot), Some(Apostrophe::Xml)] {
        let (values, told) = mend(&with(keeps), "LASTNAME", &["O'Brien"]);
        assert_eq!((values, told.len()), (sent(&["O'Brien"]), 0));
    }
    let (values, told) =
        mend(&with(Some(Apostrophe::Typographic)), "LASTNAME", &["O'Brien", "Smith", "d'A'b"]);
    assert_eq!(values, sent(&["O\u{2019}Brien", "Smith", "d\u{2019}A\u{2019}b"]));
    assert_eq!(told.len(), 2, "{told:?}");
    let (values, told) = mend(&with(Some(Apostrophe::Blank)), "queue_id", &["O'Brien", "'"]);
    assert_eq!(values, [Some("O Brien".to_owned()), None]);
    assert!(told[0].starts_with("fixed 0: queue_id: apostrophe sent as a blank (`O'Brien`"));
    let (values, told) = mend(&with(Some(Apostrophe::Reject)), "LASTNAME", &["O'Brien", "Smith"]);
    assert_eq!(values, sent(&["Smith"]));
    assert!(told[0].starts_with("fell 0: LASTNAME: holds an apostrophe (`O'Brien`"), "{told:?}");
}

#[test]
fn a_password_is_told_to_nobody() {
    for value in ["ab", "secret!", "geheim-geheim-geheim", "pass\u{1}word", "päss"] {
        let (_, told) = mend(&mending(&[], None), "PASSWORD", &[value]);
        let [fell] = &told[..] else { panic!("{told:?}") };
        for part in [value, "secret", "geheim", "`!`", "`-`", "ä"] {
            assert!(!fell.contains(part), "{fell}");
        }
        assert!(fell.contains("(hidden)"), "{fell}");
    }
}

#[test]
fn what_the_tenant_defines_is_compared_as_it_is_written_and_the_meant_one_told() {
    let mut rules = wapi(Object::Followup, LoadAction::Add);
    let list = |values: &[&str]| values.iter().map(|value| (*value).to_owned()).collect();
    rules.learn(
        [
            ("PRIORITY".to_owned(), list(&["Low", "Medium", "High"])),
            ("MEDIATYPE".to_owned(), list(&["Voice", "Chat"])),
        ]
        .into(),
    );
    let add = |tag, value| {
        let sound = [("CASENUM", Some("1")), ("SUBJECT", Some("s")), ("DESCRIPTION", Some("d"))];
        send(&rules, &[&sound[..], &[(tag, Some(value))]].concat())
    };
    assert_eq!(add("PRIORITY", "Medium").unwrap()["PRIORITY"], "Medium");
    assert_eq!(
        add("PRIORITY", "medium").unwrap_err(),
        "PRIORITY: not a value of the tenant (`medium`, did you mean `Medium`?, wapi-crm-api: Add \
         Follow-Up)"
    );
    assert_eq!(
        add("PRIORITY", "17").unwrap_err(),
        "PRIORITY: not a value of the tenant (`17`, wapi-crm-api: Add Follow-Up)"
    );
    // The tenant's list stands in for the guide's; what is not asked for is not checked.
    assert!(add("MEDIATYPE", "Voice").is_ok());
    assert!(add("MEDIATYPE", "Phone").is_err());
    assert!(add("SEVERITY", "whatever").is_ok());
}

#[test]
fn only_lists_of_columns_that_are_there_are_wanted() {
    let rules = WapiRules::new(
        Object::Case,
        LoadAction::Add,
        vec!["queue_id".into()],
        BTreeMap::new(),
        None,
    );
    let schema = |names: &[&str]| {
        let fields = names.iter().map(|name| Field::new(*name, DataType::Utf8, true));
        Schema::new(fields.collect::<Vec<_>>())
    };
    let wanted = rules.wanted_lists(&schema(&["SUBJECT", "ASSIGNEDTO", "STATUS", "queue_id"]));
    assert_eq!(
        wanted,
        [
            ("ASSIGNEDTO".to_owned(), TenantValues::AgentsAndGroups),
            ("STATUS".to_owned(), TenantValues::Picklist),
            ("queue_id".to_owned(), TenantValues::Picklist),
        ]
    );
    assert_eq!(wapi(Object::Case, LoadAction::Delete).wanted_lists(&schema(&["CASENUM"])), []);
}

#[test]
fn a_customer_has_a_password_or_gets_one() {
    let rules = wapi(Object::Customer, LoadAction::Add);
    let add = |auto, password| {
        let name = [("FIRSTNAME", Some("Zoë")), ("LASTNAME", Some("O'Brien"))];
        let row = [&name[..], &[("AUTOPASSWD", Some(auto)), ("PASSWORD", password)]].concat();
        send(&rules, &row)
    };
    assert!(add("True", None).is_ok() && add("true", Some("")).is_ok());
    assert!(add("False", Some("bill123")).is_ok());
    assert_eq!(add("FALSE", Some("bill123")).unwrap()["AUTOPASSWD"], "False");
    let told = |sent: Result<_, String>| {
        let reason = sent.unwrap_err();
        assert!(reason.starts_with("AUTOPASSWD: ") && reason.contains("PASSWORD"), "{reason}");
        assert!(reason.contains("wapi-crm-api: Add Customer") && !reason.contains("bill"));
    };
    told(add("False", None));
    told(add("false", Some(" ")));
    told(add("TRUE", Some("bill123")));
}

#[test]
fn a_status_and_who_a_case_is_assigned_to_agree() {
    for (object, number) in [(Object::Case, "ACCOUNTNUM"), (Object::Followup, "CASENUM")] {
        let rules = wapi(object, LoadAction::Add);
        let add = |status, agent| {
            let sound = [(number, Some("1")), ("SUBJECT", Some("s")), ("DESCRIPTION", Some("d"))];
            send(&rules, &[&sound[..], &[("STATUS", status), ("ASSIGNEDTO", agent)]].concat())
        };
        let (agent, none) = (Some("jsmith"), None);
        for (status, to) in [
            (none, none),
            (Some("Unassigned"), none),
            (Some("Open"), agent),
            (Some("Closed"), agent),
        ] {
            assert!(add(status, to).is_ok(), "{object} {status:?} {to:?}");
        }
        for (status, to) in [(none, agent), (Some("Unassigned"), agent), (Some("Open"), none)] {
            let reason = add(status, to).unwrap_err();
            let told = reason.contains("STATUS") || reason.contains("Unassigned");
            assert!(told || reason.contains("ASSIGNEDTO"), "{object} {status:?} {to:?}: {reason}");
        }
    }
}

#[test]
fn a_task_that_is_assigned_has_a_status_and_a_reminder_its_date() {
    let rules = wapi(Object::Task, LoadAction::Add);
    let add =
        |row: &[(&str, Option<&str>)]| send(&rules, &[&[("ACCOUNTNUM", Some("1"))], row].concat());
    assert!(add(&[("ASSIGNEDTO", Some("jsmith")), ("TASK_STATUS", Some("New"))]).is_ok());
    assert!(add(&[("ASSIGNEDTO", Some("jsmith"))]).unwrap_err().contains("TASK_STATUS"));
    assert!(add(&[("REMINDER", Some("Y")), ("DUEDATE", Some("062120121315"))]).is_ok());
    assert!(add(&[("REMINDER", Some("Y")), ("DUEDATE", None)]).unwrap_err().contains("DUEDATE"));
}

#[test]
fn every_rule_that_a_row_breaks_is_told() {
    let rules = wapi(Object::Customer, LoadAction::Add);
    let reason = send(
        &rules,
        &[
            ("FIRSTNAME", Some("")),
            ("LASTNAME", Some("a\u{1}b")),
            ("EMAIL", Some("Zoë+1@example.com")),
            ("COMPANY", Some("  ")),
            ("VOICE", Some("ext.")),
            ("PASSWORD", Some("a!")),
            ("AUTOPASSWD", Some("maybe")),
        ],
    )
    .unwrap_err();
    insta::assert_snapshot!(reason.replace("; ", "\n"), @r"
    FIRSTNAME: missing (mandatory, wapi-crm-api: Add Customer)
    LASTNAME: a control character (U+0001) (`a�b`, XML cannot carry it, wapi-crm-api: Add Customer)
    EMAIL: the character `ë` (`Zoë+1@example.com`, allowed are [A-Za-z0-9._@-], wapi-crm-api: Add Customer)
    COMPANY: only blanks (`  `, wapi-crm-api: Add Customer)
    VOICE: the character `e` (`ext.`, allowed are [+()/.\-_0-9 ], wapi-crm-api: Add Customer)
    VOICE: without a digit (`ext.`, wapi-crm-api: Add Customer)
    PASSWORD: too short (`(hidden)`, 2 characters, at least 3, wapi-crm-api: Add Customer)
    PASSWORD: a wrong character (`(hidden)`, allowed are [A-Za-z_0-9], wapi-crm-api: Add Customer)
    AUTOPASSWD: not one of its values (`maybe`, False, True, wapi-crm-api: Add Customer)
    ");
}

#[test]
fn columns_that_the_load_does_not_take_are_told_with_the_way_out() {
    let rules = WapiRules::new(
        Object::Case,
        LoadAction::Modify,
        vec!["queue_id".into(), "QUEUE_ID".into(), "subject".into(), "two words".into()],
        BTreeMap::new(),
        None,
    );
    let names = ["SUBJECT", "PROJECT", "PRIORTY", "colour", "queue_id"];
    let fields: Vec<Field> =
        names.iter().map(|name| Field::new(*name, DataType::Utf8, true)).collect();
    let problems = rules.complaints(&Schema::new(fields));
    let told: Vec<String> = problems
        .iter()
        .map(|problem| format!("{}: {problem}\n  {}", problem.name(), problem.hint()))
        .collect();
    insta::assert_snapshot!(told.join("\n"), @"
    QUEUE_ID: the custom field `QUEUE_ID` has the name of the field `queue_id`: nobody can tell which of the two is meant
      give the custom field another name in Configuration Manager, or leave it out
    subject: the custom field `subject` has the name of the field `SUBJECT`: nobody can tell which of the two is meant
      give the custom field another name in Configuration Manager, or leave it out
    two words: the custom field `two words` cannot be a tag of XML
      take the field's Field Name, as Configuration Manager shows it
    PROJECT: the load target has no column `PROJECT`
      it is a parameter of Case Add, Case Get; leave it out of the last `map`
    PRIORTY: the load target has no column `PRIORTY`
      did you mean `PRIORITY`? A custom field of the tenant is named under `custom_fields: [PRIORTY]`
    colour: the load target has no column `colour`
      A custom field of the tenant is named under `custom_fields: [colour]`
    CASENUM: the load target demands a column `CASENUM`
      add `CASENUM: ...` to the last `map`
    ");
    let due =
        Field::new("DUEDATE", DataType::Timestamp(TimeUnit::Second, Some("UTC".into())), true);
    let task = wapi(Object::Task, LoadAction::Modify)
        .complaints(&Schema::new(vec![Field::new("TASKNUM", DataType::Int64, true), due]));
    assert!(matches!(&task[..], [ColumnProblem::Zoned { name: "DUEDATE" }]), "{task:?}");
}

#[test]
fn columns_of_other_types_are_sent_as_texts() {
    let rules = WapiRules::new(
        Object::Task,
        LoadAction::Add,
        vec!["a".into(), "b".into(), "c".into(), "d".into()],
        BTreeMap::new(),
        None,
    );
    let checked = rules
        .check(&batch(vec![
            ("ACCOUNTNUM", Arc::new(Int64Array::from(vec![10_000_001]))),
            ("CALLDURATION", Arc::new(Float64Array::from(vec![360.0]))),
            // 2012-06-21T13:15:59
            ("DUEDATE", Arc::new(TimestampSecondArray::from(vec![1_340_284_559]))),
            ("SUBJECT", Arc::new(StringViewArray::from(vec!["s"]))),
            ("DESCRIPTION", Arc::new(LargeStringArray::from(vec!["d"]))),
            ("a", Arc::new(BooleanArray::from(vec![true]))),
            ("b", Arc::new(Float64Array::from(vec![1.5]))),
            ("c", Arc::new(Date32Array::from(vec![15_512]))),
            ("d", Arc::new(NullArray::new(1))),
        ]))
        .unwrap();
    assert_eq!(checked.fallen.len(), 0, "{:?}", checked.fallen);
    let row: Vec<Option<&str>> = checked
        .batch
        .columns
        .columns()
        .iter()
        .map(|column| column.as_string::<i32>().iter().next().unwrap())
        .collect();
    let texts = ["10000001", "360", "062120121315", "s", "d", "true", "1.5", "2012-06-21"];
    assert_eq!(row[..8], texts.map(Some));
    assert_eq!(row[8], None);
}

#[test]
fn sound_columns_are_passed_on_as_they_are_and_values_left_out_cost_no_copy() {
    let names = StringArray::from(vec![Some("Zoë"), Some("Bill"), None]);
    let phones = StringArray::from(vec!["123", "", " 456"]);
    let (name_bytes, phone_bytes) = (names.value_data().as_ptr(), phones.value_data().as_ptr());
    let checked = wapi(Object::Customer, LoadAction::Modify)
        .check(&batch(vec![
            ("ACCOUNTNUM", Arc::new(Int64Array::from(vec![1, 2, 3]))),
            ("FIRSTNAME", Arc::new(names)),
            ("VOICE", Arc::new(phones)),
        ]))
        .unwrap();
    let column = |index: usize| checked.batch.columns.column(index).as_string::<i32>();
    assert_eq!(column(1).value_data().as_ptr(), name_bytes);
    assert_eq!(column(2).value_data().as_ptr(), phone_bytes);
    assert_eq!(column(2).iter().collect::<Vec<_>>(), [Some("123"), None, Some(" 456")]);
}

fn any_fix() -> impl Strategy<Value = Option<Fix>> {
    prop_oneof![
        Just(None),
        Just(Some(Fix::Truncate)),
        Just(Some(Fix::Blank)),
        Just(Some(Fix::Transliterate)),
    ]
}

/// Texts near the rules: of odd characters, of the guide's lengths, or of anything.
fn any_text() -> impl Strategy<Value = Option<String>> {
    prop::option::of(prop_oneof![
        "[ '%<~a-z0-9é€中\u{1}\u{FFFF}\n]{0,40}",
        "[0-9]{0,60}",
        any::<String>(),
        Just("True".to_owned()),
        Just("062120121315".to_owned()),
    ])
}

proptest! {
    #[test]
    fn any_text_is_survived_and_what_is_sent_keeps_every_rule(
        rows in prop::collection::vec(prop::collection::vec(any_text(), 6), 0..12),
        fix in any_fix(),
        apostrophe in prop::option::of(prop_oneof![
            Just(Apostrophe::Typographic), Just(Apostrophe::Blank), Just(Apostrophe::Reject),
        ]),
    ) {
        let names = ["ACCOUNTNUM", "COMPANY", "VOICE", "PASSWORD", "AUTOPASSWD", "queue_id"];
        let fixes = fix.iter().flat_map(|fix| names.map(|name| (name.to_owned(), *fix))).collect();
        let custom = vec!["queue_id".to_owned()];
        let rules =
            WapiRules::new(Object::Customer, LoadAction::Modify, custom.clone(), fixes, apostrophe);
        let columns = names.iter().enumerate().map(|(at, name)| {
            let column: StringArray = rows.iter().map(|row| row[at].as_deref()).collect();
            (*name, Arc::new(column) as ArrayRef)
        });
        let batch = batch(columns.collect());
        let checked = rules.check(&batch).unwrap();
        // Each row goes one way.
        let mut picks: Vec<u32> = checked.fallen.iter().map(|fallen| fallen.pick).collect();
        picks.extend(&checked.batch.picks);
        picks.sort();
        prop_assert_eq!(picks, (0..rows.len() as u32).collect::<Vec<_>>());
        prop_assert_eq!(checked.batch.columns.num_rows(), checked.batch.picks.len());
        for fallen in &checked.fallen {
            prop_assert!(fallen.reason.contains(": "), "{}", fallen.reason);
        }
        for fixed in &checked.fixed {
            prop_assert!(checked.batch.picks.contains(&fixed.pick));
        }
        // What is sent needs no second look: nothing more falls, and nothing more changes.
        let again = WapiRules::new(
            Object::Customer, LoadAction::Modify, custom, BTreeMap::new(), None,
        );
        let sent = Batch { columns: checked.batch.columns.clone(), ..batch };
        let sent = Batch { picks: (0..sent.columns.num_rows() as u32).collect(), ..sent };
        let twice = again.check(&sent).unwrap();
        prop_assert_eq!(twice.fallen.len(), 0);
        prop_assert_eq!(&twice.batch.columns, &checked.batch.columns);
    }
}
