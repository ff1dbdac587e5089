//! How a command is written, and a reply read, where the guide leaves a choice.

use schemars::JsonSchema;
use serde::Deserialize;

/// How an apostrophe is sent to the CRM API.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Apostrophe {
    /// As `&rsquot;`, as the guide says.
    #[default]
    Rsquot,
    /// As `&apos;`, as XML says.
    Xml,
    /// As the typographic apostrophe.
    Typographic,
    /// As a space.
    Blank,
    /// Not at all: the row is rejected.
    Reject,
}

/// How characters outside ASCII are sent to the CRM API: what it reads a request as is documented
/// nowhere (field-notes, WAPI).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Characters {
    /// As numeric references, such as `&#233;`: the request is ASCII.
    #[default]
    References,
    /// As bytes of ISO-8859-1; what it lacks as numeric references.
    Latin1,
    /// As bytes of UTF-8.
    Utf8,
}

/// How the bytes of a reply are read where it declares another encoding than UTF-8, and all of it is
/// UTF-8 (ruling ENCODING_MOJIBAKE).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReplyCharacters {
    /// As the reply declares, usually ISO-8859-1.
    #[default]
    Declared,
    /// As UTF-8 where it can be, whatever the reply declares.
    Utf8,
}

/// How a command is written, and a reply read, where the guide leaves a choice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Style {
    /// How an apostrophe is sent.
    pub apostrophe: Apostrophe,
    /// How characters outside ASCII are sent.
    pub characters: Characters,
    /// How the bytes of replies are read.
    pub replies: ReplyCharacters,
}
