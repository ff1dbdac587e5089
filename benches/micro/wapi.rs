//! The CRM API on the wire: a large reply as columns, beside a bare event loop over its bytes, and
//! the body of an Add.
//!
//! The aim is at least half the speed of `bare_quick_xml`.

use std::{fmt::Write as _, hint::black_box};

use divan::{
    Bencher,
    counter::{BytesCount, ItemsCount},
};
use quick_xml::{Reader, events::Event};
use vccpipe::{
    secret::Secret,
    wire::wapi::{Characters, Command, Entrance, Limits, Login, ReplyText, Style, decode, encode},
};

const ITEMS: usize = 50_000;
const BATCH_ROWS: usize = 8192;

/// The fields of a live tenant's customer, in its order and case (field-notes, WAPI).
const TAGS: [&str; 23] = [
    "FIRSTNAME",
    "LASTNAME",
    "COMPANY",
    "PBX",
    "COMMENTS",
    "ACCOUNTNUM",
    "customertype",
    "EMAIL",
    "VOICE",
    "ALTERNATIVE",
    "FAX",
    "ADDR1STR1",
    "ADDR1STR2",
    "ADDR1CITY",
    "ADDR1STATE",
    "ADDR1ZIP",
    "ADDR1COUNTRY",
    "ADDR2STR1",
    "ADDR2STR2",
    "ADDR2CITY",
    "ADDR2STATE",
    "ADDR2ZIP",
    "ADDR2COUNTRY",
];

fn value(row: usize, tag: &str, text: &mut String) {
    let _ = match tag {
        "FIRSTNAME" => write!(text, "Zo{}", if row.is_multiple_of(4) { "ë" } else { "e" }),
        "LASTNAME" => write!(text, "Fernandez"),
        "COMPANY" if row.is_multiple_of(8) => write!(text, "Smith &amp; Sons"),
        "COMPANY" => write!(text, "Acme Jets"),
        "ACCOUNTNUM" => write!(text, "{}", 10_000_000 + row),
        "customertype" => write!(text, "Default"),
        "EMAIL" => write!(text, "zoe.{row}@example.com"),
        "VOICE" => write!(text, "408555{:04}", row % 10_000),
        "ADDR1STR1" => write!(text, "{row} Market Street"),
        "ADDR1CITY" => write!(text, "San Jose"),
        "ADDR1STATE" => write!(text, "CA"),
        "ADDR1ZIP" => write!(text, "0{:04}", row % 10_000),
        "ADDR1COUNTRY" | "ADDR2COUNTRY" => write!(text, "United States"),
        _ => Ok(()),
    };
}

/// A reply to Get Customer, in ISO-8859-1 as it is declared.
fn body() -> Vec<u8> {
    let mut text = String::from("<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>\n");
    text.push_str("<WAPI><REPLY STATUS=\"0\" ERROR_STR=\"\" ERROR_CODE=\"0\">\n");
    for row in 0..ITEMS {
        text.push_str("<ITEM>");
        for tag in TAGS {
            let _ = write!(text, "<{tag}>");
            value(row, tag, &mut text);
            let _ = writeln!(text, "</{tag}>");
        }
        text.push_str("</ITEM>\n");
    }
    text.push_str("</REPLY></WAPI>\n");
    encoding_rs::WINDOWS_1252.encode(&text).0.into_owned()
}

fn counted(bencher: Bencher<'_, '_>, body: &[u8], mut work: impl FnMut() -> usize) {
    bencher
        .counter(ItemsCount::new(ITEMS))
        .counter(BytesCount::new(body.len()))
        .bench_local(|| assert_eq!(work(), ITEMS));
}

#[divan::bench(sample_count = 20)]
fn items_as_columns(bencher: Bencher) {
    let body = body();
    counted(bencher, &body, || {
        let text = ReplyText::read(&body, &Limits::default()).expect("a reply");
        let batches = text.items(BATCH_ROWS).expect("a reply");
        batches.map(|batch| black_box(batch.expect("a batch")).num_rows()).sum()
    });
}

#[divan::bench(sample_count = 20)]
fn bare_quick_xml(bencher: Bencher) {
    let body = body();
    // It takes UTF-8 only, so that it is spared the transcoding.
    let text = encoding_rs::WINDOWS_1252.decode(&body).0;
    counted(bencher, &body, || {
        let mut reader = Reader::from_str(&text);
        let mut items = 0;
        loop {
            match reader.read_event().expect("XML") {
                Event::Start(start) if start.name().as_ref() == "ITEM" => items += 1,
                Event::Eof => break items,
                event => {
                    black_box(event);
                }
            }
        }
    });
}

#[divan::bench]
fn small_reply(bencher: Bencher) {
    let body = b"<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>\n<WAPI><REPLY ERROR_CODE=\"0\" \
        ERROR_STR=\"\" STATUS=\"0\"><ITEM><ACCOUNTNUM>10000007</ACCOUNTNUM></ITEM></REPLY></WAPI>";
    let limits = Limits::default();
    bencher
        .counter(ItemsCount::new(1_usize))
        .bench_local(|| decode(body, &limits).expect("a reply"));
}

/// The body of one Add, at either entrance.
#[divan::bench(args = [true, false])]
fn encode_add(bencher: Bencher, is_classic: bool) {
    let login = Login {
        tenant: "acmecorp01".to_owned(),
        username: "apiuser".to_owned(),
        password: Secret::new("pa55word"),
    };
    let entrance = if is_classic { Entrance::Classic(&login) } else { Entrance::Gateway };
    let style = Style { characters: Characters::References, ..Style::default() };
    let values = TAGS.map(|tag| {
        let mut text = String::new();
        value(4, tag, &mut text);
        text
    });
    let tags = || TAGS.into_iter().zip(values.iter().map(String::as_str));
    let mut sent = Vec::new();
    bencher.counter(ItemsCount::new(1_usize)).bench_local(|| {
        let command = Command { object: "CUSTOMER", action: "ADD", tags: tags() };
        encode(command, entrance, style, &mut sent).expect("a body");
        sent.len()
    });
}
