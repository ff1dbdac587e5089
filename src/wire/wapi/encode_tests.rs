//! Commands: what is written, and that an independent parser reads it back.

use proptest::prelude::*;

use super::*;
use crate::secret::Secret;

fn login() -> Login {
    Login {
        tenant: "AcmeJets".to_owned(),
        username: "johnd".to_owned(),
        password: Secret::new("a+b&c'd"),
    }
}

fn written(tags: &[(&str, &str)], entrance: Entrance<'_>, style: Style) -> String {
    let mut body = b"what was there before".to_vec();
    let command = Command { object: "CUSTOMER", action: "ADD", tags: tags.iter().copied() };
    encode(command, entrance, style, &mut body).unwrap();
    String::from_utf8(body).unwrap()
}

fn bare(value: &str, style: Style) -> String {
    written(&[("A", value)], Entrance::Gateway, style)
}

/// The tags of a COMMAND by a parser that the program does not use.
fn parsed(xml: &str) -> Result<Vec<(String, String)>, String> {
    let document = roxmltree::Document::parse(xml).map_err(|error| error.to_string())?;
    let command = document.descendants().find(|node| node.has_tag_name("COMMAND"));
    let tags = command.ok_or("no COMMAND")?.children().map(|node| {
        (node.tag_name().name().to_owned(), node.text().unwrap_or_default().to_owned())
    });
    Ok(tags.collect())
}

#[test]
fn the_classic_entrance_takes_a_form_and_the_gateway_the_bare_command() {
    let login = login();
    let tags = [("LASTNAME", "Gates"), ("COMPANY", "AT&T + 50%")];
    assert_eq!(
        written(&tags, Entrance::Gateway, Style::default()),
        r#"<COMMAND OBJECT="CUSTOMER" ACTION="ADD"><LASTNAME>Gates</LASTNAME><COMPANY>AT&amp;T + 50%</COMPANY></COMMAND>"#
    );
    assert_eq!(
        written(&tags, Entrance::Classic(&login), Style::default()),
        "xml_query=%3CWAPI%3E%3CTENANT%3EAcmeJets%3C%2FTENANT%3E%3CUSERNAME%3Ejohnd%3C%2FUSERNAME%3E\
         %3CPASSWORD%3Ea%2Bb%26amp%3Bc%26rsquot%3Bd%3C%2FPASSWORD%3E\
         %3CCOMMAND+OBJECT%3D%22CUSTOMER%22+ACTION%3D%22ADD%22%3E\
         %3CLASTNAME%3EGates%3C%2FLASTNAME%3E%3CCOMPANY%3EAT%26amp%3BT+%2B+50%25%3C%2FCOMPANY%3E\
         %3C%2FCOMMAND%3E%3C%2FWAPI%3E"
    );
}

#[test]
fn an_apostrophe_goes_as_the_connection_says() {
    let styled = |apostrophe| Style { apostrophe, ..Style::default() };
    let value = |apostrophe| {
        let mut body = Vec::new();
        let tags = [("A", "it's 'x'"), ("B", "none"), ("C", "'")];
        let command = Command { object: "CASE", action: "ADD", tags };
        let encoded = encode(command, Entrance::Gateway, styled(apostrophe), &mut body).unwrap();
        let xml = String::from_utf8(body).unwrap();
        let from = xml.find("<A>").unwrap() + 3;
        (xml[from..xml.find("</A>").unwrap()].to_owned(), encoded.altered)
    };
    assert_eq!(value(Apostrophe::Rsquot), ("it&rsquot;s &rsquot;x&rsquot;".to_owned(), 0));
    assert_eq!(value(Apostrophe::Xml), ("it&apos;s &apos;x&apos;".to_owned(), 0));
    assert_eq!(value(Apostrophe::Typographic), ("it&#8217;s &#8217;x&#8217;".to_owned(), 2));
    assert_eq!(value(Apostrophe::Blank), ("it s  x ".to_owned(), 2));
    // What a customer wrote is not taken for the guide's entity.
    assert!(bare("&rsquot;", Style::default()).contains("<A>&amp;rsquot;</A>"));
}

#[test]
fn a_login_is_sent_unchanged_whatever_the_style() {
    let login = login();
    for apostrophe in [Apostrophe::Blank, Apostrophe::Typographic, Apostrophe::Reject] {
        let style = Style { apostrophe, ..Style::default() };
        let body = written(&[], Entrance::Classic(&login), style);
        assert!(body.contains("c%26apos%3Bd"), "{body}");
    }
}

#[test]
fn characters_outside_ascii_go_as_the_connection_says() {
    let value = "Zoë\u{92} 中 🎈";
    let inside = |characters| {
        let mut body = Vec::new();
        let command = Command { object: "CASE", action: "ADD", tags: [("A", value)] };
        let style = Style { characters, ..Style::default() };
        encode(command, Entrance::Gateway, style, &mut body).unwrap();
        let from = body.windows(3).position(|three| three == b"<A>").unwrap() + 3;
        let to = body.windows(4).position(|four| four == b"</A>").unwrap();
        body[from..to].to_vec()
    };
    assert_eq!(inside(Characters::References), b"Zo&#235;&#146; &#20013; &#127880;");
    assert_eq!(inside(Characters::Latin1), b"Zo\xeb&#146; &#20013; &#127880;");
    assert_eq!(inside(Characters::Utf8), value.as_bytes());
    let login = login();
    let style = Style { characters: Characters::Latin1, ..Style::default() };
    assert!(written(&[("A", "Zoë")], Entrance::Classic(&login), style).contains("Zo%EB%3C"));
}

#[test]
fn what_cannot_be_sent_is_told_with_its_tag_and_without_its_value() {
    let refused = |tag: &str, value: &str, apostrophe| {
        let command = Command { object: "CASE", action: "ADD", tags: [(tag, value)] };
        let style = Style { apostrophe, ..Style::default() };
        let error = encode(command, Entrance::Gateway, style, &mut Vec::new()).unwrap_err();
        assert_eq!(error.tag(), tag);
        error.to_string()
    };
    let told = [
        refused("PASSWORD", "hunter2\u{0}", Apostrophe::Rsquot),
        refused("SUBJECT", "a\u{1b}[0m", Apostrophe::Rsquot),
        refused("SUBJECT", "\u{fffe}", Apostrophe::Rsquot),
        refused("SUBJECT", "it's", Apostrophe::Reject),
        refused("MY FIELD", "x", Apostrophe::Rsquot),
        refused("1ST", "x", Apostrophe::Rsquot),
        refused("", "x", Apostrophe::Rsquot),
        refused("ns:FIELD", "x", Apostrophe::Rsquot),
        refused("FÉLD", "x", Apostrophe::Rsquot),
    ];
    insta::assert_snapshot!(told.join("\n"), @"
    PASSWORD holds the control character U+0000, which XML cannot carry
    SUBJECT holds the control character U+001B, which XML cannot carry
    SUBJECT holds the control character U+FFFE, which XML cannot carry
    SUBJECT holds an apostrophe, which `wapi.apostrophe: reject` does not send
    `MY FIELD` cannot be sent: a name has letters, digits, `_`, `-` and `.`, and begins with a letter or `_`
    `1ST` cannot be sent: a name has letters, digits, `_`, `-` and `.`, and begins with a letter or `_`
    `` cannot be sent: a name has letters, digits, `_`, `-` and `.`, and begins with a letter or `_`
    `ns:FIELD` cannot be sent: a name has letters, digits, `_`, `-` and `.`, and begins with a letter or `_`
    `FÉLD` cannot be sent: a name has letters, digits, `_`, `-` and `.`, and begins with a letter or `_`
    ");
    for (object, action) in [("A B", "ADD"), ("CASE", "\"")] {
        let command = Command { object, action, tags: [] };
        assert!(encode(command, Entrance::Gateway, Style::default(), &mut Vec::new()).is_err());
    }
}

#[test]
fn white_space_survives() {
    let value = " a\tb\r\nc\nd\r ";
    let xml = bare(value, Style::default());
    assert_eq!(parsed(&xml).unwrap(), [("A".to_owned(), value.to_owned())]);
}

fn style() -> impl Strategy<Value = Style> {
    let apostrophe = prop::sample::select(vec![
        Apostrophe::Rsquot,
        Apostrophe::Xml,
        Apostrophe::Typographic,
        Apostrophe::Blank,
        Apostrophe::Reject,
    ]);
    let characters =
        prop::sample::select(vec![Characters::References, Characters::Latin1, Characters::Utf8]);
    (apostrophe, characters).prop_map(|(apostrophe, characters)| Style {
        apostrophe,
        characters,
        ..Style::default()
    })
}

proptest! {
    #[test]
    fn any_text_is_read_back_by_another_parser(
        values in prop::collection::vec(any::<String>(), 0..4),
        style in style(),
    ) {
        let values: Vec<&str> = values.iter().map(String::as_str).collect();
        prop_assert_eq!(checks::request(&values, style, parsed), Ok(()));
    }

    #[test]
    fn any_text_of_special_characters_is_read_back(
        value in r#"([&<>"'+%;=#\r\n\t ]|&rsquot;|&amp;|\]\]>|é|\u{85}|\u{2028}|\u{92}|中|\u{0}|a){0,12}"#,
        style in style(),
    ) {
        prop_assert_eq!(checks::request(&[&value, "x"], style, parsed), Ok(()));
    }
}
