//! What the pipeline, the connection and the tenant add to the rules of the guide.

use proptest::prelude::*;

use super::*;

const FIXES: [Option<Fix>; 4] =
    [None, Some(Fix::Truncate), Some(Fix::Blank), Some(Fix::Transliterate)];

const APOSTROPHES: [Option<Apostrophe>; 6] = [
    None,
    Some(Apostrophe::Rsquot),
    Some(Apostrophe::Xml),
    Some(Apostrophe::Typographic),
    Some(Apostrophe::Blank),
    Some(Apostrophe::Reject),
];

fn rules_with(
    (object, action): (Object, LoadAction),
    fix: Option<(&str, Fix)>,
    apostrophe: Option<Apostrophe>,
) -> WapiRules {
    let fixes = fix.map(|(tag, fix)| (tag.to_owned(), fix)).into_iter().collect();
    WapiRules::new(object, action, Vec::new(), fixes, apostrophe)
}

const CUSTOMERS: (Object, LoadAction) = (Object::Customer, LoadAction::Add);

#[test]
fn a_fix_mends_what_it_can_and_says_what_was_wrong() {
    let mut told = Vec::new();
    for (tag, fix, value) in [
        ("LASTNAME", Fix::Truncate, "Wolfeschlegelsteinhausenbergerdorff"),
        ("LASTNAME", Fix::Truncate, "Élodie-Anne-Marie-Louise de la  Tour"),
        ("VOICE", Fix::Truncate, "555-0100 (ask for the manager of the day)"),
        ("LASTNAME", Fix::Blank, "Wolfeschlegelsteinhausenbergerdorff"),
        ("FAX", Fix::Blank, "none"),
        ("COMPANY", Fix::Blank, "   "),
        ("COMPANY", Fix::Transliterate, "Łódź “Zoë” – 5 € 中文"),
        ("COMPANY", Fix::Transliterate, "Zoë"),
        ("COMPANY", Fix::Transliterate, "\u{1F3FB}"),
        ("LASTNAME", Fix::Transliterate, "中文中文中文中文中文中文"),
    ] {
        let verdict = verdict_of(&rules_with(CUSTOMERS, Some((tag, fix)), None), tag, value);
        told.push(format!("{tag} {fix:?}: {verdict:?}"));
    }
    insta::assert_snapshot!(told.join("\n"), @r#"
    LASTNAME Truncate: Mended(Some("Wolfeschlegelsteinhausenberger"), "LASTNAME: too long (`Wolfeschlegelsteinhausenbergerdorff`, 35 characters, at most 30, wapi-crm-api: Add Customer)")
    LASTNAME Truncate: Mended(Some("Élodie-Anne-Marie-Louise de la"), "LASTNAME: too long (`Élodie-Anne-Marie-Louise de la  Tour`, 36 characters, at most 30, wapi-crm-api: Add Customer)")
    VOICE Truncate: Wrong("VOICE: too long (`555-0100 (ask for the manager of the day)`, 41 characters, at most 38, wapi-crm-api: Add Customer); VOICE: the character `a` (`555-0100 (ask for the manager of the day)`, allowed are [+()/._0-9 -], wapi-crm-api: Add Customer)")
    LASTNAME Blank: Wrong("LASTNAME: too long (`Wolfeschlegelsteinhausenbergerdorff`, 35 characters, at most 30, wapi-crm-api: Add Customer)")
    FAX Blank: Mended(None, "FAX: the character `n` (`none`, allowed are [+()/._0-9 -], wapi-crm-api: Add Customer); FAX: without a digit (`none`, wapi-crm-api: Add Customer)")
    COMPANY Blank: Mended(None, "COMPANY: only blanks (`   `, wapi-crm-api: Add Customer)")
    COMPANY Transliterate: Mended(Some("Lódz \"Zoë\" - 5 EUR ZhongWen"), "COMPANY: characters that ISO-8859-1 lacks (`Łódź “Zoë” – 5 € 中文`, written otherwise, wapi-crm-api: Add Customer)")
    COMPANY Transliterate: Sent("Zoë")
    COMPANY Transliterate: Sent("🏻")
    LASTNAME Transliterate: Wrong("LASTNAME: characters that ISO-8859-1 lacks (`中文中文中文中文中文中文`, written otherwise, wapi-crm-api: Add Customer); LASTNAME: too long (`ZhongWenZhongWenZhongWenZhongWenZhongWenZhongWen`, 48 characters, at most 30, wapi-crm-api: Add Customer)")
    "#);
}

#[test]
fn a_fix_is_for_the_column_that_asks_for_it() {
    let rules = rules_with(CUSTOMERS, Some(("FIRSTNAME", Fix::Truncate)), None);
    verdict_of(&rules, "LASTNAME", &"x".repeat(31)).reason();
}

#[test]
fn cutting_never_leaves_nothing() {
    let rules = rules_with(CUSTOMERS, Some(("LASTNAME", Fix::Truncate)), None);
    let value = format!("{}x", " ".repeat(40));
    verdict_of(&rules, "LASTNAME", &value).reason();
}

#[test]
fn a_row_that_falls_nevertheless_was_not_mended() {
    let rules = rules_with(CUSTOMERS, Some(("COMPANY", Fix::Truncate)), None);
    let text = |text: String| -> ArrayRef { Arc::new(StringArray::from(vec![text])) };
    let batch = batch(vec![
        ("FIRSTNAME", text(String::new())),
        ("LASTNAME", text("Bee".into())),
        ("AUTOPASSWD", text("True".into())),
        ("COMPANY", text("x".repeat(51))),
    ]);
    let checked = rules.check(&batch).unwrap();
    assert_eq!((checked.fallen.len(), checked.fixed.len()), (1, 0));
}

#[test]
fn an_apostrophe_goes_as_the_connection_says_and_a_change_is_listed() {
    let verdict = |tag, apostrophe, fix: Option<Fix>| {
        let rules = rules_with(CUSTOMERS, fix.map(|fix| (tag, fix)), apostrophe);
        verdict_of(&rules, tag, "O'Brien")
    };
    for as_it_is in [None, Some(Apostrophe::Rsquot), Some(Apostrophe::Xml)] {
        assert_eq!(verdict("LASTNAME", as_it_is, None), sent("O'Brien"));
    }
    let mut told = Vec::new();
    for apostrophe in [Apostrophe::Typographic, Apostrophe::Blank, Apostrophe::Reject] {
        for fix in FIXES {
            let verdict = verdict("COMPANY", Some(apostrophe), fix);
            told.push(format!("{apostrophe:?} {fix:?}: {verdict:?}"));
        }
    }
    // A field that takes none at all says so of the character that stands in the file.
    let verdict = verdict("EMAIL", Some(Apostrophe::Typographic), None);
    told.push(format!("EMAIL: {}", verdict.reason()));
    insta::assert_snapshot!(told.join("\n"), @r#"
    Typographic None: Mended(Some("O’Brien"), "COMPANY: apostrophe sent as U+2019 (`O'Brien`, `wapi.apostrophe`, wapi-crm-api: Add Customer)")
    Typographic Some(Truncate): Mended(Some("O’Brien"), "COMPANY: apostrophe sent as U+2019 (`O'Brien`, `wapi.apostrophe`, wapi-crm-api: Add Customer)")
    Typographic Some(Blank): Mended(Some("O’Brien"), "COMPANY: apostrophe sent as U+2019 (`O'Brien`, `wapi.apostrophe`, wapi-crm-api: Add Customer)")
    Typographic Some(Transliterate): Mended(Some("O’Brien"), "COMPANY: apostrophe sent as U+2019 (`O'Brien`, `wapi.apostrophe`, wapi-crm-api: Add Customer)")
    Blank None: Mended(Some("O Brien"), "COMPANY: apostrophe sent as a blank (`O'Brien`, `wapi.apostrophe`, wapi-crm-api: Add Customer)")
    Blank Some(Truncate): Mended(Some("O Brien"), "COMPANY: apostrophe sent as a blank (`O'Brien`, `wapi.apostrophe`, wapi-crm-api: Add Customer)")
    Blank Some(Blank): Mended(Some("O Brien"), "COMPANY: apostrophe sent as a blank (`O'Brien`, `wapi.apostrophe`, wapi-crm-api: Add Customer)")
    Blank Some(Transliterate): Mended(Some("O Brien"), "COMPANY: apostrophe sent as a blank (`O'Brien`, `wapi.apostrophe`, wapi-crm-api: Add Customer)")
    Reject None: Wrong("COMPANY: holds an apostrophe (`O'Brien`, `wapi.apostrophe: reject`, wapi-crm-api: Add Customer)")
    Reject Some(Truncate): Wrong("COMPANY: holds an apostrophe (`O'Brien`, `wapi.apostrophe: reject`, wapi-crm-api: Add Customer)")
    Reject Some(Blank): Mended(None, "COMPANY: holds an apostrophe (`O'Brien`, `wapi.apostrophe: reject`, wapi-crm-api: Add Customer)")
    Reject Some(Transliterate): Wrong("COMPANY: holds an apostrophe (`O'Brien`, `wapi.apostrophe: reject`, wapi-crm-api: Add Customer)")
    EMAIL: EMAIL: the character `'` (`O'Brien`, allowed are [A-Za-z0-9_@.-], wapi-crm-api: Add Customer)
    "#);
}

#[test]
fn a_transliteration_does_not_bring_back_the_apostrophe_that_is_not_sent() {
    let mended = |apostrophe| {
        let rules = rules_with(CUSTOMERS, Some(("LASTNAME", Fix::Transliterate)), Some(apostrophe));
        match verdict_of(&rules, "LASTNAME", "O’Brień") {
            Verdict::Mended(value, _) => value.unwrap(),
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(mended(Apostrophe::Xml), "O'Brien");
    assert_eq!(mended(Apostrophe::Typographic), "O\u{2019}Brien");
    assert_eq!(mended(Apostrophe::Blank), "O Brien");
}

#[test]
fn a_password_is_shown_nowhere() {
    for apostrophe in APOSTROPHES {
        for fix in FIXES {
            let rules = rules_with(CUSTOMERS, fix.map(|fix| ("PASSWORD", fix)), apostrophe);
            for secret in ["ßecret-w0rd'", "ße", "secretsecretsecret", "ß\u{1}\u{7}ß", " ß ß"]
            {
                let said = match verdict_of(&rules, "PASSWORD", secret) {
                    Verdict::Wrong(reason) | Verdict::Mended(_, reason) => reason,
                    other => panic!("{secret:?} is not taken: {other:?}"),
                };
                let told = said.contains("secret") || said.contains('ß') || said.contains("`-`");
                assert!(!told, "{said}");
                assert!(said.contains("PASSWORD"), "{said}");
            }
        }
    }
}

/// The rules of a case with what a tenant told of its own values.
fn of_a_tenant() -> WapiRules {
    let mut rules = WapiRules::new(
        Object::Case,
        LoadAction::Add,
        vec!["REGION".to_owned()],
        BTreeMap::new(),
        None,
    );
    let list = |values: &[&str]| values.iter().map(|value| (*value).to_owned()).collect();
    // `1234` stands in the columns that are not looked at.
    rules.learn(BTreeMap::from([
        ("PRIORITY".to_owned(), list(&["High", "Medium", "Low", "1234"])),
        ("REGION".to_owned(), list(&["North", "South"])),
    ]));
    rules
}

#[test]
fn values_of_the_tenant_are_checked_and_the_one_that_is_meant_is_told() {
    let rules = of_a_tenant();
    for (tag, value) in [("PRIORITY", "Medium"), ("REGION", "North"), ("SEVERITY", "whatever")] {
        assert_eq!(verdict_of(&rules, tag, value), sent(value));
    }
    let mut told = Vec::new();
    for (tag, value) in [
        ("PRIORITY", "medium"),
        ("PRIORITY", " Medium "),
        ("PRIORITY", "Medum"),
        ("PRIORITY", "Urgent"),
        ("REGION", "SOUTH"),
        ("REGION", "East"),
    ] {
        told.push(verdict_of(&rules, tag, value).reason().to_owned());
    }
    insta::assert_snapshot!(told.join("\n"), @r"
    PRIORITY: not a value of the tenant (`medium`, did you mean `Medium`?, wapi-crm-api: Add Case)
    PRIORITY: not a value of the tenant (` Medium `, did you mean `Medium`?, wapi-crm-api: Add Case)
    PRIORITY: not a value of the tenant (`Medum`, did you mean `Medium`?, wapi-crm-api: Add Case)
    PRIORITY: not a value of the tenant (`Urgent`, wapi-crm-api: Add Case)
    REGION: not a value of the tenant (`SOUTH`, did you mean `South`?, custom field)
    REGION: not a value of the tenant (`East`, custom field)
    ");
    assert_eq!(verdict_of(&rules, "PRIORITY", ""), Verdict::NotSent);
}

#[test]
fn a_value_after_a_known_one_is_looked_up_again() {
    let values = ["Low", "Low", "low", "Low", "High", "high"].map(Some);
    let verdicts = verdicts(&of_a_tenant(), "PRIORITY", &values);
    let taken: Vec<bool> = verdicts.iter().map(|one| matches!(one, Verdict::Sent(_))).collect();
    assert_eq!(taken, [true, true, false, true, true, false]);
}

/// Any text, and often one that is nearly right.
fn any_value() -> impl Strategy<Value = Option<String>> {
    prop_oneof![
        1 => Just(None),
        4 => any::<String>().prop_map(Some),
        4 => "[a-zA-Z0-9 '’<>~%@._+()é中\u{0}\u{FFFE}-]{0,60}".prop_map(Some),
        2 => "[0-9]{1,16}".prop_map(Some),
        2 => prop::sample::select(vec!["True", "false", "Y", "n", "Open", "Unassigned", "Phone"])
            .prop_map(|word| Some(word.to_owned())),
    ]
}

fn any_load() -> impl Strategy<Value = (Object, LoadAction)> {
    let upserts = [(Object::Customer, LoadAction::Upsert), (Object::Task, LoadAction::Upsert)];
    prop::sample::select(loads().chain(upserts).collect::<Vec<_>>())
}

/// What must hold of a value that is sent, told without the validator's own words.
fn assert_keeps(rule: &Rule, value: &str) {
    let chars = value.chars().count();
    assert!(!value.trim().is_empty());
    assert!(rule.max_chars.is_none_or(|most| chars <= most as usize));
    assert!(rule.min_chars.is_none_or(|least| chars >= least as usize));
    assert!(!value.chars().any(|c| c < ' ' && !"\t\n\r".contains(c)));
    assert!(rule.values.is_empty() || rule.values.contains(&value));
    let digits = rule.format != Some(Format::Integer) || value.bytes().all(|b| b.is_ascii_digit());
    assert!(digits, "{value}");
    for sign in rule.invalid.iter().filter(|sign| sign.len() == 1) {
        assert!(!value.contains(sign));
    }
}

proptest! {
    #[test]
    fn any_text_is_survived_and_what_passes_keeps_the_rules(
        load in any_load(),
        fix in prop::sample::select(FIXES.to_vec()),
        apostrophe in prop::sample::select(APOSTROPHES.to_vec()),
        cells in prop::collection::vec(any_value(), 26 * 4),
    ) {
        let bare = plain_rules(load.0, load.1);
        let tags: Vec<&str> = documented(&bare).map(|rule| rule.tag).collect();
        let fixes = tags.iter().filter_map(|tag| Some(((*tag).to_owned(), fix?))).collect();
        let rules = WapiRules::new(load.0, load.1, Vec::new(), fixes, apostrophe);
        // Sound rows with one wild cell each, and wild rows.
        let columns = tags.iter().enumerate().map(|(index, tag)| {
            let tame = |row: usize| Some(sound(rules.rule(tag).unwrap()).to_owned())
                .filter(|_| row != index);
            let rows = (0..tags.len()).map(|row| tame(row).or_else(|| cells[row].clone()));
            let wild = (0..3).map(|row| cells[26 * (row + 1) + index].clone());
            let values: StringArray = rows.chain(wild).collect();
            (*tag, Arc::new(values) as ArrayRef)
        });
        let given = batch(columns.collect());
        let checked = rules.check(&given).unwrap();
        prop_assert_eq!(checked.batch.len() + checked.fallen.len(), given.len());
        prop_assert!(checked.fallen.iter().all(|fallen| !fallen.reason.is_empty()));
        for rule in documented(&rules) {
            let column = checked.batch.columns.column_by_name(rule.tag).unwrap();
            for value in column.as_string::<i32>() {
                prop_assert!(value.is_some() || !rule.is_mandatory());
                value.inspect(|value| assert_keeps(rule, value));
            }
        }
        // What was let through is let through again, and stays as it is.
        let again = rules.check(&checked.batch).unwrap();
        prop_assert_eq!(again.fallen.len(), 0, "{:?}", again.fallen);
        prop_assert_eq!(again.batch.columns, checked.batch.columns);
    }
}
