//! Any text as the parameters of a command, read back by another parser.
#![no_main]

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use vccpipe::wire::wapi::{Apostrophe, Characters, Style, checks};

#[derive(Arbitrary, Debug)]
struct Input<'a> {
    apostrophe: u8,
    characters: u8,
    values: Vec<&'a str>,
}

fuzz_target!(|input: Input<'_>| {
    let style = Style {
        apostrophe: match input.apostrophe % 5 {
            0 => Apostrophe::Rsquot,
            1 => Apostrophe::Xml,
            2 => Apostrophe::Typographic,
            3 => Apostrophe::Blank,
            _ => Apostrophe::Reject,
        },
        characters: match input.characters % 3 {
            0 => Characters::References,
            1 => Characters::Latin1,
            _ => Characters::Utf8,
        },
        ..Style::default()
    };
    if let Err(wrong) = checks::request(&input.values, style, parsed) {
        panic!("{wrong}");
    }
});

/// The tags of a COMMAND with their values.
fn parsed(xml: &str) -> Result<Vec<(String, String)>, String> {
    let document = roxmltree::Document::parse(xml).map_err(|error| error.to_string())?;
    let command = document.descendants().find(|node| node.has_tag_name("COMMAND"));
    let tags = command.ok_or("no COMMAND")?.children();
    Ok(tags
        .map(|node| {
            (node.tag_name().name().to_owned(), node.text().unwrap_or_default().to_owned())
        })
        .collect())
}
