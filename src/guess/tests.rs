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
    insta::assert_snapshot!(text_of("kunden.csv", text, CONTACTS), @r#"
    # A guess by `vccpipe guess` from all 2 rows of kunden.csv.
    # Look at each line; what has to be done before it can load is marked TO DO.
    version: 1
    name: kunden
    description: "Add customers of the CRM from kunden.csv"
    connection: simulator

    extract:
      csv: { path: kunden.csv, delimiter: ";" }

    transform:
      - map:
          FIRSTNAME: { column: Vorname }
          LASTNAME: { column: Nachname }
          EMAIL: { column: E-Mail }
          COMPANY: { column: Firma }
          VOICE: { column: Telefon }
          # The tenant makes up a password for each customer.
          AUTOPASSWD: { value: "True" }
          ADDR1STR1: { column: "Straße" }
          ADDR1CITY: { column: Ort }
          ADDR1ZIP: { column: PLZ }
          # The API takes the English names of countries.
          ADDR1COUNTRY: >-
            case trim("Land") when 'DE' then 'Germany' when 'Deutschland' then 'Germany' else
            trim("Land") end
          # Columns that no field was found for:
          # - Geburtstag: dates such as 23.11.2026 14:30

    load:
      wapi:
        object: customer
        action: add
        # To keep the old number, have a custom field for it (here OLD_ID), add
        # `OLD_ID: { column: Kundennr }` to the map, and
        # custom_fields: [OLD_ID]
        # identify_by: [OLD_ID]
    "#);
}

#[test]
fn a_list_of_callbacks_becomes_customers_of_a_campaign() {
    let text = "account_number,callback_at,do_not_call\n\
        0010001,23/11/2026 14:30,N\n0010002,24/11/2026 9:00,Y\n0010001,,N\n";
    let guess = guess_of("calls.csv", text.as_bytes(), Target::Campaign { id: None });
    insta::assert_snapshot!(guess.text, @r#"
    # A guess by `vccpipe guess` from all 3 rows of calls.csv.
    # Look at each line; what has to be done before it can load is marked TO DO.
    version: 1
    name: calls
    description: "Add the customers of calls.csv to a dialer campaign"
    connection: simulator

    extract:
      csv: { path: calls.csv }

    transform:
      # Who does not want to be called is skipped.
      - filter: lower(trim(coalesce("do_not_call", ''))) not in ('1', 'true', 'y', 'yes')
      - map:
          customer-id: cast("account_number" as bigint)
          # Dates such as 23/11/2026 14:30 (day first).
          # Times without a zone are taken for those of America/New_York: is that right? `--timezone`
          # of `vccpipe guess` sets another one.
          schedule-date-time: >-
            to_utc(regexp_replace("callback_at", '^(\d+)/(\d+)/', '\2/\1/'), 'America/New_York')
      # 1 value is there a second time. Of each customer-id one row can be loaded; the others are
      # rejected, or skipped by this step:
      - dedupe: { key: [customer-id], keep: first }

    load:
      campaign:
        action: add
        campaign: 125   # TO DO: the number of your campaign
    "#);
    insta::assert_snapshot!(guess.to_do.join("\n"), @"the number of the campaign (Configuration Manager, Campaigns, Campaign ID)");
}

#[test]
fn what_is_mandatory_and_missing_is_told() {
    let case = Target::Wapi { object: Object::Case, action: LoadAction::Add };
    let text = "Subject,Priority,Text\nHelp,High,It does not work\nHelp,Low,Nor this\n";
    let guess = guess_of("cases.csv", text.as_bytes(), case);
    insta::assert_snapshot!(guess.text, @r#"
    # A guess by `vccpipe guess` from all 2 rows of cases.csv.
    # Look at each line; what has to be done before it can load is marked TO DO.
    version: 1
    name: cases
    description: "Add cases of the CRM from cases.csv"
    connection: simulator

    extract:
      csv: { path: cases.csv }

    transform:
      - map:
          # TO DO: ACCOUNTNUM is mandatory, and no column looks like it. Until an expression or a
          # column stands here, every row is rejected.
          ACCOUNTNUM: "null"
          SUBJECT: { column: Subject }
          DESCRIPTION: { column: Text }
          # The tenant defines its values (the column has text of up to 4 characters): map them by
          # `case .. when ..`.
          # PRIORITY: { column: Priority }

    load:
      wapi:
        object: case
        action: add
    "#);
    insta::assert_snapshot!(guess.to_do.join("\n"), @"ACCOUNTNUM is mandatory, and no column looks like it");
}

#[test]
fn tasks_get_their_dates_turned_round() {
    let task = Target::Wapi { object: Object::Task, action: LoadAction::Add };
    let text = "CustomerNumber\tBetreff\tFällig am\tTelefon\n\
        1000001\tAnruf\t24.11.2026 14:05\t+49 351 5550123\n1000002\tMail\t25.11.2026 9:00\tn/a\n";
    insta::assert_snapshot!(text_of("aufgaben.tsv", text, task), @r#"
    # A guess by `vccpipe guess` from all 2 rows of aufgaben.tsv.
    # Look at each line; what has to be done before it can load is marked TO DO.
    version: 1
    name: aufgaben
    description: "Add tasks of the CRM from aufgaben.tsv"
    connection: simulator

    extract:
      csv: { path: aufgaben.tsv, delimiter: "\t" }

    transform:
      - map:
          ACCOUNTNUM: { column: CustomerNumber }
          SUBJECT: { column: Betreff }
          # 1 value is more than a phone number, such as an extension, or none: only the digits are
          # sent.
          PHONE: phone_digits("Telefon")
          # Dates such as 23.11.2026 14:30.
          DUEDATE: >-
            wapi_datetime(regexp_replace("Fällig am", '^(\d+)\.(\d+)\.(\d+)', '\2/\1/\3'))

    load:
      wapi:
        object: task
        action: add
    "#);
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

/// `TAG <- column`, for each field that has one.
fn placed(name: &str, text: &str, target: Target) -> Vec<String> {
    let text = text_of(name, text, target);
    let lines = text.lines().filter_map(|line| {
        let (tag, column) = line.strip_prefix("      ")?.split_once(": { column: ")?;
        (!tag.starts_with('#'))
            .then(|| format!("{tag} <- {}", column.trim_matches(['"', ' ', '}'])))
    });
    lines.collect()
}

#[test]
fn exports_of_hubspot_and_zendesk_find_their_places() {
    let hubspot = "Record ID,First Name,Last Name,Email,Phone Number,Contact owner,Lead Status,\
        Create Date,Associated Company,City,Postal Code,Country/Region\n\
        101,Ann,Smith,ann@example.com,+1 415 555 0100,Jane,New,2026-01-05 10:00,Acme,Bath,BA1,Spain\n\
        102,Bob,Doe,bob@example.com,+1 415 555 0101,Jane,Open,2026-01-06 11:00,,Ulm,89073,Germany\n";
    assert_eq!(
        placed("hubspot.csv", hubspot, CONTACTS),
        [
            "FIRSTNAME <- First Name",
            "LASTNAME <- Last Name",
            "EMAIL <- Email",
            "COMPANY <- Associated Company",
            "VOICE <- Phone Number",
            "ADDR1CITY <- City",
            "ADDR1ZIP <- Postal Code",
            "ADDR1COUNTRY <- Country/Region",
        ]
    );
    let zendesk = "id,subject,status,priority,requester,created_at,description,customer_id\n\
        1,Help,open,high,Ann,2026-01-05T10:00:00Z,It broke,1000001\n\
        2,More help,open,low,Bob,2026-01-06T10:00:00Z,It broke again,1000002\n";
    let case = Target::Wapi { object: Object::Case, action: LoadAction::Add };
    assert_eq!(
        placed("tickets.csv", zendesk, case),
        ["ACCOUNTNUM <- customer_id", "SUBJECT <- subject", "DESCRIPTION <- description"]
    );
}

#[test]
fn what_is_too_long_gets_a_fix_as_a_comment() {
    let long = "x".repeat(60);
    let text = format!("First Name,Last Name,Company\nAnn,Smith,{long}\nBob,Doe,Acme\n");
    let guess = text_of("a.csv", &text, CONTACTS);
    assert!(guess.contains("# - validate: { fix: { COMPANY: truncate } }"), "{guess}");
    assert!(guess.contains("(the longest, 60, on line 2)"), "{guess}");
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

#[test]
fn a_list_of_callbacks_becomes_calls() {
    let text = "Agent ID,Phone Number,Do not call,Name,Tier & Co\n\
        ag0VYyLh0YTsymdbtYIaaaa,617-555-0101,,Bilbo,Gold\n\
        ag1KdRw8QPqLxTnVzcMbbbb,(617) 555-0102,N,Zoë,\n\
        ag1KdRw8QPqLxTnVzcMbbbb,617-555-0101,Y,Ann,Gold\n";
    let guess = guess_of("calls.csv", text.as_bytes(), Target::Calls);
    insta::assert_snapshot!(guess.text, @r#"
    # A guess by `vccpipe guess` from all 3 rows of calls.csv.
    # Look at each line; what has to be done before it can load is marked TO DO.
    version: 1
    name: calls
    description: "Call the people of calls.csv"
    connection: simulator

    extract:
      csv: { path: calls.csv }

    transform:
      # Who does not want to be called is skipped.
      - filter: lower(trim(coalesce("Do not call", ''))) not in ('1', 'true', 'y', 'yes')
      - map:
          agentId: { column: "Agent ID" }
          number: phone_digits("Phone Number")
          # What is dialled before each number, where your dial plan wants it:
          # prefix: case when starts_with("Phone Number", '+') then '' else '1' end
          # Columns that no field was found for. What agents and reports are to see goes with the
          # call, under a name of your choice:
          # extTransactionData.Name: { column: Name }
          # "extTransactionData.Tier & Co": { column: "Tier & Co" }
      # 1 value is there a second time. Of each number one row can be loaded; the others are rejected,
      # or skipped by this step:
      - dedupe: { key: [number], keep: first }

    load:
      calls:
        action: place
        # Phones ring, and nobody can take that back. Only the simulated tenant rings as long as
        # `connection` says so.
        confirm_place: true
    "#);
    assert!(guess.to_do.is_empty(), "{:?}", guess.to_do);
}
