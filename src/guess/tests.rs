use super::*;
use crate::crm::{LoadAction, Object};

const CONTACTS: Target = Target::Wapi { object: Object::Customer, action: LoadAction::Add };

fn guess_of(name: &str, text: &[u8], target: Target) -> Guess {
    let folder = tempfile::tempdir().unwrap();
    let input = folder.path().join(name);
    std::fs::write(&input, text).unwrap();
    let request = Request {
        input: input.clone(),
        target,
        connection: "simulator".into(),
        timezone: "America/New_York".into(),
        schema: None,
    };
    let mut guess = guess(&request).unwrap();
    guess.text = guess.text.replace(&input.display().to_string(), name);
    guess
}

fn text_of(name: &str, text: &str, target: Target) -> String {
    guess_of(name, text.as_bytes(), target).text
}

#[test]
fn a_german_list_becomes_customers() {
    let text = "Kundennr;Vorname;Nachname;Firma;Straße;PLZ;Ort;Land;Telefon;E-Mail;Geburtstag\r\n\
        17;Anna;Müller;Müller GmbH;Hauptstraße 5;01067;Dresden;DE;0351 5550123;anna@example.com;23.11.1980\r\n\
        18;Zoë;Nowak;;\"Am Ring 7\";80331;München;Deutschland;(089) 555-0199;zoe@example.org;01.02.1975\r\n";
    insta::assert_snapshot!(text_of("kunden.csv", text, CONTACTS), @"");
}

#[test]
fn a_list_of_callbacks_becomes_customers_of_a_campaign() {
    let text = "account_number,callback_at,do_not_call\n\
        0010001,23/11/2026 14:30,N\n0010002,24/11/2026 9:00,Y\n0010001,,N\n";
    let guess = guess_of("calls.csv", text.as_bytes(), Target::Campaign { id: None });
    insta::assert_snapshot!(guess.text, @"");
    insta::assert_snapshot!(guess.to_do.join("\n"), @"");
}

#[test]
fn what_is_mandatory_and_missing_is_told() {
    let case = Target::Wapi { object: Object::Case, action: LoadAction::Add };
    let text = "Subject,Priority,Text\nHelp,High,It does not work\nHelp,Low,Nor this\n";
    let guess = guess_of("cases.csv", text.as_bytes(), case);
    insta::assert_snapshot!(guess.text, @"");
    insta::assert_snapshot!(guess.to_do.join("\n"), @"");
}

#[test]
fn tasks_get_their_dates_turned_round() {
    let task = Target::Wapi { object: Object::Task, action: LoadAction::Add };
    let text = "CustomerNumber\tBetreff\tFällig am\tTelefon\n\
        1000001\tAnruf\t24.11.2026 14:05\t+49 351 5550123\n1000002\tMail\t25.11.2026 9:00\tn/a\n";
    insta::assert_snapshot!(text_of("aufgaben.tsv", text, task), @"");
}

#[test]
fn full_names_are_parted() {
    let text = "Name,Email\n\"Smith, Ann\",ann@example.com\n\"Doe, Bob\",bob@example.com\n";
    let last_first = text_of("people.csv", text, CONTACTS);
    assert!(
        last_first.contains("FIRSTNAME: nullif(trim(split_part(\"Name\", ',', 2)), '')"),
        "{last_first}"
    );
    let text = "Full Name,Email\nAnn van Smith,ann@example.com\nBob Doe,bob@example.com\n";
    let first_last = text_of("people.csv", text, CONTACTS);
    assert!(
        first_last.contains("FIRSTNAME: nullif(split_part(\"Full Name\", ' ', 1), '')"),
        "{first_last}"
    );
}

#[test]
fn a_file_without_a_header_is_known_by_its_values() {
    let text = "Ann,ann@example.com,+1 555 010 0100\nBob,bob@example.com,+1 555 010 0101\n\
        Cy,cy@example.com,+1 555 010 0102\n";
    let guess = text_of("list.txt", text, CONTACTS);
    assert!(guess.contains("header: false"), "{guess}");
    assert!(guess.contains("EMAIL: { column: column_2 }"), "{guess}");
    assert!(guess.contains("VOICE: { column: column_3 }"), "{guess}");
}

#[test]
fn a_kind_of_file_that_is_not_read_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let request = |name: &str, bytes: &[u8]| {
        let input = folder.path().join(name);
        std::fs::write(&input, bytes).unwrap();
        let request = Request {
            input,
            target: CONTACTS,
            connection: "simulator".into(),
            timezone: "UTC".into(),
            schema: None,
        };
        guess(&request).map(|_| ()).unwrap_err().to_string()
    };
    assert!(request("a.csv", b"").ends_with("a.csv` is empty"));
    assert!(request("a.csv", b"PK\x03\x04abc").contains("workbook"));
    assert!(request("a.csv", b"\xff\xfea\0,\0").contains("UTF-16"));
}

/// Whatever the header says, the file is one that the program takes.
#[test]
fn hostile_names_of_columns_break_nothing() {
    let names = [
        "${env:HOME}",
        "a: b",
        "a #b",
        "\"quoted\"",
        "it's",
        "- x",
        "line\nbreak",
        "{x}",
        "[y]",
        "*a",
        "&b",
        "!tag",
        "%p",
        "@at",
        "`tick`",
        "null",
        "true",
        "1e3",
        "",
        " ",
        "E-Mail: \"x\" # ${var:y}",
        "First Name\u{2028}",
        "\u{85}Phone",
        "名前",
        "street \\ \t",
        "callback_at'; drop",
    ];
    let header: Vec<String> =
        names.iter().map(|name| format!("\"{}\"", name.replace('"', "\"\""))).collect();
    let row = vec!["\"x\ny ${z} '\""; names.len()];
    let text = format!("{}\n{}\n{}\n", header.join(","), row.join(","), row.join(","));
    for target in [CONTACTS, Target::Campaign { id: Some(1) }] {
        let guess = guess_of("hostile #1: ${x}.csv", text.as_bytes(), target);
        let parsed = yaml::parse(&guess.text);
        assert!(parsed.diagnostics.is_empty(), "{:?}\n{}", parsed.diagnostics, guess.text);
    }
}
