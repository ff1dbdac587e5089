//! Replies: those of the guide, repaired where the text of the guide is damaged, and bodies that
//! are none.

use arrow::array::{AsArray, RecordBatch};
use proptest::prelude::*;

use super::*;

/// Tags and values of one item.
type Fields = &'static [(&'static str, &'static str)];

/// The replies of the guide with typographic quotes as they stand, for the decoder reads them; only
/// blanks within names, missing brackets and `...` for further items are mended.
const GUIDE: &[(&str, &str, &[Fields])] = &[
    (
        "wapi:432-489, Get Customer",
        "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>\n<WAPI>\n\n<REPLY STATUS=0 ERROR_STR=\"\">\n\n\
         <ITEM>\n\n<FIRSTNAME>Bill</FIRSTNAME>\n<LASTNAME>Gates</LASTNAME>\n<COMPANY>Microsoft</COMPANY> \
         <VOICE>123 456 7890</VOICE> <ALTERNATIVE>789 123\n\n4560</ALTERNATIVE>\n\
         <PASSWORD>bill123</PASSWORD>\n<AUTOPASSWD>False</AUTOPASSWD>\n\
         <ACCOUNTNUM>123456</ACCOUNTNUM>\n</ITEM>\n\n<ITEM>\n\n...\n\n</ITEM>\n</REPLY>\n</WAPI>",
        &[&[
            ("FIRSTNAME", "Bill"),
            ("LASTNAME", "Gates"),
            ("COMPANY", "Microsoft"),
            ("VOICE", "123 456 7890"),
            ("ALTERNATIVE", "789 123\n\n4560"),
            ("PASSWORD", "bill123"),
            ("AUTOPASSWD", "False"),
            ("ACCOUNTNUM", "123456"),
        ]],
    ),
    (
        "wapi:690-703, Add Customer",
        "<?xml version=”1.0” encoding=”ISO-8859-1”?>\n<WAPI>\n\
         <REPLY ERROR_CODE=\"0\" ERROR_STR=\"\" STATUS=”0”>\n <ITEM>\n<ACCOUNTNUM>1453</ACCOUNTNUM>\n\
         </ITEM>\n</REPLY>\n</WAPI>",
        &[&[("ACCOUNTNUM", "1453")]],
    ),
    (
        "wapi:866-876, Modify Customer",
        "<?xml version=”1.0” encoding=”ISO-8859-1”?>\n<WAPI>\n\
         <REPLY ERROR_CODESTATUS=”0” ERROR_STR=””>\n<ACCOUNTNUM>1453</ACCOUNTNUM>\n</REPLY>\n</WAPI>",
        &[&[("ACCOUNTNUM", "1453")]],
    ),
    (
        "wapi:1074-1091, Get Customer without a parameter",
        "<WAPI>\n<REPLY ERROR_CODE=\"0\" ERROR_STR=\"\" STATUS=\"0\" >\n<ITEM>\n\
         <FIRSTID>10000000</FIRSTID>\n<LASTID>10000083</LASTID>\n <TOTAL>81</TOTAL>\n</ITEM>\n\
         </REPLY>\n</WAPI>",
        &[&[("FIRSTID", "10000000"), ("LASTID", "10000083"), ("TOTAL", "81")]],
    ),
    (
        "wapi:1223-1276, Get Customer Details",
        "<?xml version=”1. 0” encoding=”ISO-8859-1”?>\n<WAPI>\n<REPLY STATUS=0 ERROR _STR=””> <ITEM>\n\
         <FIRSTNAME>Bill</FIRSTNAME> <LASTNAME>Gates</LASTNAME>\n<CUSTOMERTYPE>NT user</CUSTOMERTYPE>\n\
         <CF01_PICKLIST.NAME>value1</CF01_PICKLIST.NAME>\n<CF02.NAME>value2</CF02.NAME> ...\n</ITEM>\n\
         <ITEM>\n...\n</ITEM>\n</REPLY>\n</WAPI>",
        &[&[
            ("FIRSTNAME", "Bill"),
            ("LASTNAME", "Gates"),
            ("CUSTOMERTYPE", "NT user"),
            ("CF01_PICKLIST.NAME", "value1"),
            ("CF02.NAME", "value2"),
        ]],
    ),
    (
        "wapi:1313-1319, Delete Customer",
        "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>\n<WAPI>\n\
         <REPLY STATUS=\"0\" ERROR_STR=\"\" ERROR_CODE=\"0\"/>\n</WAPI>",
        &[],
    ),
    (
        "wapi:1490-1500, Add Case",
        "<WAPI>\n<REPLY STATUS=”0” ERROR _STR=””>\n<CASENUM>67890</CASENUM>\n</REPLY>\n</WAPI>",
        &[&[("CASENUM", "67890")]],
    ),
    (
        "wapi:1612-1622, Modify Case",
        "<WAPI>\n<REPLY ERROR_CODE=\"0\" ERROR _STR=”” STATUS=”0”>\n<CASENUM>67890</CASENUM>\n\
         </REPLY>\n</WAPI>",
        &[&[("CASENUM", "67890")]],
    ),
    (
        "wapi:1952-1967, Get Case without a parameter",
        "<?xml version=”1 . 0” encoding=”ISO-8859-1”?>\n<WAPI>\n <REPLY STATUS=\"0\" ERROR _STR=\"\">\n\
         <ITEM>\n<FIRSTID>1001</FIRSTID> <LASTID>70030</LASTID>\n<TOTAL>90</TOTAL>\n</ITEM>\n\
         </REPLY>\n</WAPI>",
        &[&[("FIRSTID", "1001"), ("LASTID", "70030"), ("TOTAL", "90")]],
    ),
    (
        "wapi:2257-2316, Get Case",
        "<WAPI>\n<REPLY ERROR_CODE=\"0\" ERROR_STR=”” STATUS=”0”>\n<ITEM>\n<CASENUM>67890</CASENUM>\n\
         <SUBJECT>My printer doesn’t work</SUBJECT>\n<VISIBILITY>Private</VISIBILITY>\n\
         <CLOSEDDATE>01232000</CLOSEDDATE>\n</ITEM>\n<ITEM>\n…\n</ITEM>\n</REPLY>\n</WAPI>",
        &[&[
            ("CASENUM", "67890"),
            ("SUBJECT", "My printer doesn’t work"),
            ("VISIBILITY", "Private"),
            ("CLOSEDDATE", "01232000"),
        ]],
    ),
    (
        "wapi:2519-2529, Add Followup",
        "<WAPI>\n<REPLY ERROR_CODE=\"0\" ERROR_STR=\"\" STATUS=\"0\">\n\
         <FOLLOWUPNUM>11</FOLLOWUPNUM>\n</REPLY>\n</WAPI>",
        &[&[("FOLLOWUPNUM", "11")]],
    ),
    (
        "wapi:2622-2670, Get Followup",
        "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>\n-<WAPI>\n\
         -<REPLY ERROR_CODE=\"0\" ERROR_STR=\"\" STATUS=\"0\">\n-<ITEM><CASENUM>35</CASENUM>\n\
         <FOLLOWUPNUM>3</FOLLOWUPNUM>\n<CREATEDDATE>0503201212:26:59</CREATEDDATE>\n\
         <ATTACHMENTS>0</ATTACHMENTS>\n<status>Open</status>\n<mediatype>Voice</mediatype>\n</ITEM>\n\
         <ITEM>\n...\n</ITEM>\n</REPLY>\n</WAPI>",
        &[&[
            ("CASENUM", "35"),
            ("FOLLOWUPNUM", "3"),
            ("CREATEDDATE", "0503201212:26:59"),
            ("ATTACHMENTS", "0"),
            ("STATUS", "Open"),
            ("MEDIATYPE", "Voice"),
        ]],
    ),
    (
        "wapi:2875-2885 and 3001-3011, Add and Modify Task",
        "<WAPI>\n<REPLY STATUS=”0” ERROR _STR=””>\n<TASKNUM>183</TASKNUM>\n</REPLY>\n</WAPI>",
        &[&[("TASKNUM", "183")]],
    ),
    (
        "wapi:3351-3361, Get Task without a parameter",
        "<WAPI>\n<REPLY STATUS=\"0\" ERROR_STR=\"0\">\n<ITEM> <FIRSTID>170</FIRSTID>\n\
         <LASTID>263</LASTID>\n<TOTAL>79</TOTAL>\n</ITEM>\n</REPLY></WAPI>",
        &[&[("FIRSTID", "170"), ("LASTID", "263"), ("TOTAL", "79")]],
    ),
    (
        "wapi:3548-3615, Get Task",
        "<WAPI>\n<REPLY ERROR_CODE=\"0\" ERROR_STR=”” STATUS=”0”>\n<ITEM>\n<TASKNUM>183</TASKNUM>\n\
         <CREATEDDATE>04062012 18:33:49</CREATEDDATE>\n<PHONE/>\n<TRANSID/>\n\
         <task_number_unique>613293374</task_number_unique>\n<task_status>New</task_status>\n\
         <media_type>Email</media_type>\n<call_type/>\n<ACCOUNTNUM>10000001</ACCOUNTNUM>\n</ITEM>\n\
         <ITEM>\n…\n</ITEM>\n</REPLY>\n</WAPI>",
        &[&[
            ("TASKNUM", "183"),
            ("CREATEDDATE", "04062012 18:33:49"),
            ("PHONE", ""),
            ("TRANSID", ""),
            ("TASK_NUMBER_UNIQUE", "613293374"),
            ("TASK_STATUS", "New"),
            ("MEDIA_TYPE", "Email"),
            ("CALL_TYPE", ""),
            ("ACCOUNTNUM", "10000001"),
        ]],
    ),
    (
        "wapi:3741-3751 and 3814-3824, Add and Modify FAQCategory",
        "<WAPI>\n<REPLY ERROR_CODE=\"0\" ERROR_STR=\"\" STATUS=\"0\">\n<FAQCATID>1</FAQCATID>\n\
         </REPLY>\n</WAPI>",
        &[&[("FAQCATID", "1")]],
    ),
    (
        "wapi:3854-3865, Get FAQCategory",
        "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>\n <WAPI>-<REPLY ERROR_CODE=\"0\" \
         ERROR_STR=\"\" STATUS=\"0\">-\n<ITEM><FAQCATID>2</FAQCATID>\n<FAQCATEGORY>Safety</FAQCATEGORY>\
         \n</ITEM>\n</REPLY>\n</WAPI>",
        &[&[("FAQCATID", "2"), ("FAQCATEGORY", "Safety")]],
    ),
    (
        "wapi:3902-3909, Delete FAQCategory",
        "<WAPI>\n<REPLY ERROR_CODE=\"0\" STATUS=”0” ERROR_STR=””>\n </REPLY>\n</WAPI>",
        &[],
    ),
    (
        "wapi:4054-4063, Add FAQ",
        "<WAPI>\n<REPLY STATUS_CODE=”0” ERROR STR=”” STATUS=\"0\">\n<FAQID>1</FAQID>\n </REPLY>\n</WAPI>",
        &[&[("FAQID", "1")]],
    ),
    (
        "wapi:4249-4280, Get FAQ",
        "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>\n-<WAPI>\n-<REPLY ERROR_CODE=\"0\" ERROR_STR=\"\" STATUS=\"0\">\n-<ITEM>\n\
         <FAQCATID>1</FAQCATID>\n<FAQID>3</FAQID>\n<ANSWER>Three classes\nï¿½ light jets</ANSWER>\n\
         <PRIVATE>Y</PRIVATE>\n</ITEM>\n<ITEM>\n....\n</ITEM></REPLY></WAPI>",
        &[&[
            ("FAQCATID", "1"),
            ("FAQID", "3"),
            ("ANSWER", "Three classes\nï¿½ light jets"),
            ("PRIVATE", "Y"),
        ]],
    ),
    (
        "wapi:4318-4323, Delete FAQ",
        "<WAPI>\n<REPLY ERROR_CODE=\"O\" ERROR_STR=”” STATUS=”0”/>\n</WAPI>",
        &[],
    ),
    (
        "wapi:4384-4394, Get Customfield",
        "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>\n-<WAPI>-<REPLY ERROR_CODE=\"0\" \
         ERROR_STR=\"\" STATUS=\"0\">\n-<ITEM><VALUE>No Solicitation</VALUE></ITEM>\n\
         -<ITEM><VALUE>Unknown</VALUE></ITEM>\n</REPLY></WAPI>",
        &[&[("VALUE", "No Solicitation")], &[("VALUE", "Unknown")]],
    ),
    (
        "wapi:4469-4483, Modify of a custom field",
        "<WAPI>\n<REPLY STATUS=”0” ERROR_STR=””>\n<ITEM>\n<ACCOUNTNUM>100019</ACCOUNTNUM>\n</ITEM>\n\
         </REPLY>\n</WAPI>",
        &[&[("ACCOUNTNUM", "100019")]],
    ),
    (
        "wapi:4508-4529, List COUNTRY",
        "<WAPI>\n<REPLY ERROR_CODE=\"0\" ERROR_STR=”” STATUS=\"0\">\n<ITEM>\n\
         <COUNTRY>Afghanistan</COUNTRY>\n</ITEM> <ITEM>\n<COUNTRY>Albania</COUNTRY>\n</ITEM> \
         <ITEM> …\n</ITEM> </REPLY> </WAPI>",
        &[&[("COUNTRY", "Afghanistan")], &[("COUNTRY", "Albania")]],
    ),
    (
        "wapi:4563-4595 and 4617-4646, List GROUPS and AGENTS",
        "<WAPI>\n<REPLY STATUS=”0” ERROR_STR=””>\n<ITEM> <AGENTID>bobp</AGENTID>\n\
         <AGENT>bob power</AGENT>\n</ITEM>\n<ITEM>\n<AGENTID>johnd</AGENTID>\n<AGENT>john doe</AGENT>\n\
         </ITEM>\n<ITEM> ...\n</ITEM>\n</REPLY>\n</WAPI>",
        &[
            &[("AGENTID", "bobp"), ("AGENT", "bob power")],
            &[("AGENTID", "johnd"), ("AGENT", "john doe")],
        ],
    ),
    (
        "wapi:4668-4692, List FAQCATEGORY",
        "-<WAPI>-<REPLY ERROR_CODE=\"0\" ERROR_STR=\"\" STATUS=\"0\">\n\
         -<ITEM><FAQCATID>2</FAQCATID>\n<FAQCATEGORY>Safety</FAQCATEGORY>\n</ITEM>\n\
         -<ITEM><FAQCATID>4</FAQCATID>\n<FAQCATEGORY>legal</FAQCATEGORY></ITEM>\n</REPLY>\n</WAPI>",
        &[
            &[("FAQCATID", "2"), ("FAQCATEGORY", "Safety")],
            &[("FAQCATID", "4"), ("FAQCATEGORY", "legal")],
        ],
    ),
    (
        "field-notes, WAPI: no match",
        "<WAPI><REPLY STATUS=\"0\" ERROR_STR=\"\" ERROR_CODE=\"0\"><data /></REPLY></WAPI>",
        &[],
    ),
];

/// A body of the guide as a server sends it.
fn latin1(body: &str) -> Vec<u8> {
    let (bytes, _, is_lossy) = encoding_rs::WINDOWS_1252.encode(body);
    assert!(!is_lossy, "{body}");
    bytes.into_owned()
}

fn read(body: &str) -> Reply {
    decode(body.as_bytes(), &Limits::default()).unwrap_or_else(|error| panic!("{error}\n{body}"))
}

fn error(body: impl AsRef<[u8]>) -> DecodeError {
    decode(body.as_ref(), &Limits::default()).expect_err("this is no reply")
}

fn replied(attributes: &str, inner: &str) -> String {
    format!("<WAPI><REPLY {attributes}>{inner}</REPLY></WAPI>")
}

fn answer(attributes: &str) -> Answer {
    read(&replied(attributes, "")).answer
}

#[test]
fn every_reply_of_the_guide_is_read() {
    for (source, body, expected) in GUIDE {
        let body = latin1(body);
        let reply = decode(&body, &Limits::default()).unwrap();
        assert!(reply.answer.is_success(), "{source}: {:?}", reply.answer);
        assert_eq!(reply.answer.message, "", "{source}");
        let items = if reply.items.is_empty() && !reply.bare.is_empty() {
            vec![reply.bare.clone()]
        } else {
            reply.items.clone()
        };
        let items: Vec<Vec<_>> = items.iter().map(|item| item.fields().collect()).collect();
        assert_eq!(items, *expected, "{source}");
        checks::reply(&body, 1).unwrap_or_else(|wrong| panic!("{source}: {wrong}"));
    }
}

#[test]
fn a_reply_of_the_guide_that_is_cut_anywhere_is_never_a_success() {
    for (source, body, _) in GUIDE {
        let body = latin1(body);
        for cut in 0..body.len() {
            let cut = &body[..cut];
            assert!(decode(cut, &Limits::default()).is_err(), "{source}, {} bytes", cut.len());
            checks::reply(cut, 2).unwrap_or_else(|wrong| panic!("{source}: {wrong}"));
        }
    }
}

#[test]
fn a_key_is_found_in_an_item_or_not_and_in_any_case() {
    for inner in ["<ITEM><accountNum>7</accountNum></ITEM>", "<ACCOUNTNUM>7</ACCOUNTNUM>"] {
        let reply = read(&replied("STATUS=\"0\"", inner));
        assert_eq!(reply.value("ACCOUNTNUM"), Some("7"));
        assert_eq!(reply.value("accountnum"), Some("7"));
        assert_eq!(reply.value("CASENUM"), None);
    }
    let reply = read("<wapi><reply status='0'><item><A>1</a></Item><b/></Reply></WAPI>");
    assert_eq!((reply.value("A"), reply.value("B")), (Some("1"), Some("")));
}

#[test]
fn success_is_status_0_and_nothing_else() {
    let told: &[(&str, Status)] = &[
        (r#"STATUS=" 0 " ERROR_CODE="5" ERROR_STR="ignored""#, Status::Success),
        (r#"ERROR_CODE="0" STATUS="O""#, Status::Success),
        (r#"ERROR_CODE="0" ERROR_STR="""#, Status::Success),
        (r#"ERROR_CODE="O""#, Status::Success),
        (r#"ERROR_CODE="6""#, Status::Failed),
        (r#"ERROR_CODE="303""#, Status::Login),
        (r#"STATUS="-1" ERROR_CODE="0""#, Status::Failed),
        ("STATUS=302", Status::BadXml),
        ("STATUS=303", Status::Login),
        ("STATUS=304", Status::InvalidOperation),
        ("STATUS=310", Status::Permission),
        ("STATUS=500", Status::Internal),
        ("STATUS=503", Status::Unavailable),
        ("STATUS=00", Status::Other("00".to_owned())),
        ("STATUS=''", Status::Other(String::new())),
        ("STATUS='+0'", Status::Other("+0".to_owned())),
        ("ERROR_CODE='soon'", Status::Other("soon".to_owned())),
        ("", Status::Other(String::new())),
        // A message that holds a quote must not turn a failure into a success.
        (r#"STATUS="-1" ERROR_STR="x" STATUS="0""#, Status::Other("several at once".to_owned())),
        (r#"STATUS="0" STATUS="0""#, Status::Success),
    ];
    for (attributes, status) in told {
        assert_eq!(answer(attributes).status, *status, "{attributes}");
    }
}

#[test]
fn an_answer_tells_what_the_server_said() {
    let duplicate = answer(
        r#"ERROR_STR="Duplicate value &apos;a&amp;b@c.d&apos; of 'EMAIL'" STATUS="-1" ERROR_CODE="81""#,
    );
    assert_eq!(duplicate.error_code, Some(81));
    assert_eq!(
        duplicate.to_string(),
        "STATUS -1, ERROR_CODE 81: Duplicate value 'a&b@c.d' of 'EMAIL'"
    );
    assert_eq!(answer("STATUS=310").to_string(), "STATUS 310");
    assert_eq!(answer("STATUS='no idea' ERROR_STR='x'").to_string(), "STATUS `no idea`: x");
}

#[test]
fn values_keep_all_their_characters() {
    let reply = read(&replied(
        "STATUS=0",
        "<ITEM><A> 007 </A><B>O&apos;Brien &amp; S&#246;hne &lt;b&gt; don&rsquot;t &nbsp;&copy;</B>\
         <C><![CDATA[<i>&amp;</i>]]> x<!-- none --></C><D>AT&T &; & &#x4E2D;&#0;</D>\
         <E>a<br/>b<i>c</i></E><F>1\r\n2</F><A>again</A></ITEM>",
    ));
    let fields: Vec<_> = reply.items[0].fields().collect();
    assert_eq!(
        fields,
        [
            ("A", " 007 "),
            ("B", "O'Brien & Söhne <b> don't &nbsp;&copy;"),
            ("C", "<i>&amp;</i> x"),
            ("D", "AT&T &; & 中&#0;"),
            ("E", "abc"),
            ("F", "1\r\n2"),
            ("A", "again"),
        ]
    );
    assert_eq!(reply.value("A"), Some(" 007 "));
}

#[test]
fn a_reply_is_read_in_the_encoding_that_it_declares() {
    let declared = |encoding: &str, value: &[u8]| {
        let mut body = match encoding {
            "" => Vec::new(),
            name => format!("<?xml version=\"1.0\" encoding=\"{name}\"?>").into_bytes(),
        };
        body.extend_from_slice(b"<WAPI><REPLY STATUS=\"0\"><A>");
        body.extend_from_slice(value);
        body.extend_from_slice(b"</A></REPLY></WAPI>");
        decode(&body, &Limits::default()).unwrap()
    };
    let cases: [(&str, &[u8], &str); 7] = [
        ("ISO-8859-1", b"Zo\xeb", "Zoë"),
        ("iso-8859-1", b"it\x92s", "it’s"),
        ("UTF-8", "Zoë 中文".as_bytes(), "Zoë 中文"),
        ("UTF-8", b"Zo\xeb", "Zoë"),
        ("", "Zoë".as_bytes(), "Zoë"),
        ("", b"Zo\xeb", "Zoë"),
        ("no-such-encoding", b"Zo\xeb", "Zoë"),
    ];
    for (encoding, value, text) in cases {
        assert_eq!(declared(encoding, value).value("A"), Some(text), "{encoding} {value:?}");
    }
    let twice = declared("ISO-8859-1", "Zoë".as_bytes());
    assert_eq!(twice.value("A"), Some("ZoÃ«"));
    assert!(twice.looks_like_utf8);
    assert!(!declared("ISO-8859-1", b"Zo\xeb").looks_like_utf8);
    assert!(!declared("ISO-8859-1", b"Zoe").looks_like_utf8);
    let utf16 = replied("STATUS=0", "<A>Zoë</A>");
    let utf16: Vec<u8> =
        "\u{feff}".encode_utf16().chain(utf16.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    let limits = Limits::default();
    assert_eq!(decode(&utf16, &limits).unwrap().value("A"), Some("Zoë"));
    assert_eq!(read("\u{feff}<WAPI><REPLY STATUS='0'/></WAPI>").items, []);
}

#[test]
fn a_body_that_is_no_reply_says_what_came() {
    let page = "<!DOCTYPE html>\n<html><head>\n<title>502  Bad\nGateway</title></head></html>";
    let deep = replied("STATUS=0", &"<A>".repeat(100));
    let bomb = "<!DOCTYPE w [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\">]><WAPI>&b;</WAPI>";
    let told: Vec<String> = [
        error("").to_string(),
        error(" \n").to_string(),
        error(page).to_string(),
        error("<HTML><body>The site is  down</body></HTML>").to_string(),
        error(format!("<?xml version='1.0'?>\n<!-- x -->{page}")).to_string(),
        error("Service Unavailable").to_string(),
        error("{\"message\": \"Forbidden\"}").to_string(),
        error("<note/>").to_string(),
        error("xml_query=<TENANT>acme</TENANT><PASSWORD>hunter2</PASSWORD>").to_string(),
        error("<WAPI></WAPI>").to_string(),
        error("<WAPI><REPLY STATUS=\"0\"><ITEM><PASSWORD>hunter2").to_string(),
        error("<WAPI><REPLY STATUS=\"0\"></REPLY>").to_string(),
        error("<WAPI><REPLY STATUS=\"0\"></REPLY></WAP").to_string(),
        error("<WAPI><REPLY STATUS=\"0\"><A>hunter2</B></REPLY></WAPI>").to_string(),
        error("<WAPI><REPLY STATUS=\"0\"/><REPLY STATUS=\"-1\"/></WAPI>").to_string(),
        error("<WAPI><REPLY STATUS=\"0\"><!BAD></REPLY></WAPI>").to_string(),
        error(bomb).to_string(),
        error(&deep).to_string(),
        decode(&[b' '; 11], &Limits { most_bytes: 10, ..Limits::default() })
            .unwrap_err()
            .to_string(),
    ]
    .to_vec();
    insta::assert_snapshot!(told.join("\n"), @r#"
    the reply is empty
    the reply is empty
    the reply is a web page, not WAPI's XML: `502 Bad Gateway`
    the reply is a web page, not WAPI's XML: `<HTML><body>The site is down</body></HTML>`
    the reply is a web page, not WAPI's XML: `502 Bad Gateway`
    the reply is not WAPI's XML but begins with `Service Unavailable`
    the reply is not WAPI's XML but begins with `{"message": "Forbidden"}`
    the reply is not WAPI's XML but begins with `<note/>`
    the reply is not WAPI's XML but begins with `xml_query=<TENANT>acme</TENANT><`
    the reply holds no REPLY element
    the reply is cut off after 47 bytes: `</WAPI>` is missing
    the reply is cut off after 32 bytes: `</WAPI>` is missing
    the reply is cut off after 37 bytes: `</WAPI>` is missing
    the reply is not XML: `</B>` closes nothing at byte 38
    the reply is not XML: a second element beside REPLY, `REPLY` at byte 45
    the reply is not XML: markup that begins with `<!` at byte 24
    the reply has a DOCTYPE, which no reply of WAPI has
    the reply has more than 32 elements within each other
    the reply has 11 bytes, more than the 10 that are read
    "#);
}

#[test]
fn passwords_show_in_no_debug_and_in_no_error() {
    let body = replied(
        "STATUS=\"-1\" ERROR_STR=\"The passed value 'hunter2' of the alias 'PASSWORD' doesn't meet \
         the specified criterion\"",
        "<ITEM><PASSWORD>hunter2</PASSWORD><password>hunter2</password></ITEM>",
    );
    let reply = read(&body);
    assert_eq!(reply.value("PASSWORD"), Some("hunter2"));
    let text = ReplyText::read(body.as_bytes(), &Limits::default()).unwrap();
    let shown = format!("{reply:?} {:?} {} {text:?}", reply.items, reply.answer);
    assert!(shown.contains("(secret)"), "{shown}");
    assert!(!shown.contains("hunter2"), "{shown}");
    assert_eq!(recognise(&reply.answer).unwrap().number, Some(34));
    for cut in 1..body.len() {
        let told = error(&body[..cut]);
        assert!(!format!("{told} {told:?}").contains("hunter2"), "{told}");
    }
}

fn batches(body: &str, rows: usize) -> Vec<RecordBatch> {
    let text = ReplyText::read(body.as_bytes(), &Limits::default()).unwrap();
    text.items(rows).unwrap().collect::<Result<_, _>>().unwrap()
}

fn column(batch: &RecordBatch, name: &str) -> Vec<Option<String>> {
    let column = batch.column_by_name(name).unwrap().as_string::<i32>();
    column.iter().map(|value| value.map(str::to_owned)).collect()
}

#[test]
fn items_become_columns_in_the_order_in_which_tags_appear() {
    let body = replied(
        "STATUS=\"0\"",
        "<ITEM><B>1</B><a/></ITEM><ITEM></ITEM><TOTAL>9</TOTAL><ITEM><A>2</A><C>x&amp;y</C><b>3</b>\
         <B>4</B></ITEM><ITEM><D>late</D></ITEM>",
    );
    let text = ReplyText::read(body.as_bytes(), &Limits::default()).unwrap();
    let mut items = text.items(2).unwrap();
    assert!(items.answer().is_success());
    let first = items.next().unwrap().unwrap();
    let second = items.next().unwrap().unwrap();
    assert!(items.next().is_none());
    assert_eq!(items.repeated(), 1);
    let names = |batch: &RecordBatch| {
        batch.schema().fields().iter().map(|field| field.name().clone()).collect::<Vec<_>>()
    };
    assert_eq!(names(&first), ["B", "A", "C"]);
    assert_eq!(names(&second), ["B", "A", "C", "D"]);
    let text = |value: &str| Some(value.to_owned());
    assert_eq!(column(&first, "B"), [text("1"), text("3")]);
    assert_eq!(column(&first, "A"), [text(""), text("2")]);
    assert_eq!(column(&first, "C"), [None, text("x&y")]);
    assert_eq!(column(&second, "B"), [None]);
    assert_eq!(column(&second, "D"), [text("late")]);
}

#[test]
fn a_reply_without_items_has_no_batch_or_one_of_its_bare_fields() {
    assert!(batches(&replied("STATUS=0", "<data />"), 10).is_empty());
    assert!(batches("<WAPI><REPLY STATUS=0 /></WAPI>", 10).is_empty());
    let bare = batches(&replied("STATUS=0", "<A>1</A><B/>"), 10);
    assert_eq!(column(&bare[0], "A"), [Some("1".to_owned())]);
    // In DATA they are items all the same.
    let wrapped = batches(&replied("STATUS=0", "<data><ITEM><A>1</A></ITEM></data>"), 10);
    assert_eq!(wrapped[0].num_rows(), 1);
}

#[test]
fn a_large_reply_that_is_cut_off_ends_with_an_error() {
    let items: String = (0..100).map(|n| format!("<ITEM><A>{n}</A></ITEM>")).collect();
    let body = replied("STATUS=\"0\"", &items);
    let cut = &body[..body.len() - 1];
    let text = ReplyText::read(cut.as_bytes(), &Limits::default()).unwrap();
    let mut items = text.items(30).unwrap();
    let whole = items.by_ref().take(3).map(|batch| batch.unwrap().num_rows()).sum::<usize>();
    assert_eq!(whole, 90);
    assert_eq!(items.next(), Some(Err(DecodeError::Truncated { bytes: cut.len() })));
    assert!(items.next().is_none());
}

#[test]
fn tags_are_limited() {
    let fields: String = (0..20).map(|n| format!("<A{n}/>")).collect();
    let limits = Limits { most_tags: 10, ..Limits::default() };
    for inner in [format!("<ITEM>{fields}</ITEM>"), fields] {
        let body = replied("STATUS=0", &inner);
        let text = ReplyText::read(body.as_bytes(), &limits).unwrap();
        let result = text.items(5).unwrap().next();
        assert_eq!(result, Some(Err(DecodeError::TooManyTags { most: 10 })));
    }
}

/// Pieces of which bodies are made that look like replies.
fn pieces() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "<WAPI>",
        "</WAPI>",
        "<REPLY STATUS=\"0\">",
        "</REPLY>",
        "<ITEM>",
        "</ITEM>",
        "<item/>",
        "<A>",
        "</A>",
        "</a>",
        "<a>",
        "<B/>",
        "<data/>",
        "<DATA>",
        "</DATA>",
        "x",
        "&amp;",
        "&",
        "&#65;",
        "&z;",
        "<![CDATA[",
        "]]>",
        "<!--",
        "-->",
        "<",
        ">",
        "\"",
        "é",
        " ",
        "<PASSWORD>",
        "<!DOCTYPE a>",
        "<?x?>",
    ]);
    prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

/// With a blank in the start tags that stand outside of CDATA, where they would be text.
fn spaced(text: &str) -> String {
    let tags = [("<A>", "<A >"), ("<a>", "<a >"), ("<B/>", "<B />")];
    let space = |text: &str| {
        tags.iter().fold(text.to_owned(), |text, (tag, spaced)| text.replace(tag, spaced))
    };
    let Some((before, cdata)) = text.split_once("<![CDATA[") else { return space(text) };
    let end = cdata.find("]]>").unwrap_or(cdata.len());
    format!("{}<![CDATA[{}{}", space(before), &cdata[..end], spaced(&cdata[end..]))
}

/// Whole replies, with the items that they hold.
fn whole() -> impl Strategy<Value = (Vec<Vec<(usize, String)>>, String)> {
    let fields = prop::collection::vec((0..6_usize, ".{0,8}"), 0..8);
    let items = prop::collection::vec(fields, 0..8);
    (items, any::<bool>()).prop_map(|(items, ends_alike)| {
        let end = if ends_alike { "T" } else { "t" };
        let mut inner = String::new();
        for fields in &items {
            inner.push_str("<ITEM>");
            for (tag, value) in fields {
                let value = quick_xml::escape::escape(value.as_str());
                inner.push_str(&format!("<T{tag}>{value}</{end}{tag}>"));
            }
            inner.push_str("</ITEM>");
        }
        (items, replied("STATUS=\"0\"", &inner))
    })
}

proptest! {
    #[test]
    fn any_bytes_are_survived(bytes in prop::collection::vec(any::<u8>(), 0..300), rows in 1..4_usize) {
        prop_assert_eq!(checks::reply(&bytes, rows), Ok(()));
    }

    #[test]
    fn anything_like_a_reply_is_survived(text in pieces(), is_framed: bool, rows in 1..4_usize) {
        let text = if is_framed { replied("STATUS=0", &text) } else { text };
        prop_assert_eq!(checks::reply(text.as_bytes(), rows), Ok(()));
    }

    /// A blank in a start tag changes nothing, but keeps a field from being read at one go.
    #[test]
    fn fields_are_read_alike_at_one_go_and_piece_by_piece(text in pieces()) {
        let inner = format!("<ITEM>{text}</ITEM>");
        let spaced = spaced(&inner);
        let read = |inner: &str| decode(replied("STATUS=0", inner).as_bytes(), &Limits::default());
        match (read(&inner), read(&spaced)) {
            (Ok(one), Ok(other)) => prop_assert_eq!(one, other),
            (Err(one), Err(other)) => {
                prop_assert_eq!(std::mem::discriminant(&one), std::mem::discriminant(&other));
            }
            (one, other) => prop_assert!(false, "{one:?} and {other:?}"),
        }
    }

    #[test]
    fn all_that_a_reply_holds_is_read((items, body) in whole()) {
        let reply = read(&body);
        let expected: Vec<Vec<_>> = items
            .iter()
            .filter(|fields| !fields.is_empty())
            .map(|fields| fields.iter().map(|(tag, value)| (format!("T{tag}"), value.clone())).collect())
            .collect();
        let found: Vec<Vec<_>> = reply
            .items
            .iter()
            .map(|item| item.fields().map(|(t, v)| (t.to_owned(), v.to_owned())).collect())
            .collect();
        prop_assert_eq!(found, expected);
        prop_assert_eq!(checks::reply(body.as_bytes(), 3), Ok(()));
    }

    #[test]
    fn a_reply_that_is_cut_anywhere_is_never_a_success((_, body) in whole(), cut in 0.0..1.0_f64) {
        let cut = (body.len() as f64 * cut) as usize;
        prop_assert!(decode(&body.as_bytes()[..cut], &Limits::default()).is_err());
    }
}
