//! Why a body is no reply: what the server did is in doubt.

use thiserror::Error;

/// A body that cannot be read. No value of it is told: it may be a customer's password.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum DecodeError {
    /// It is empty.
    #[error("the reply is empty")]
    Empty,
    /// It is a web page, often a proxy's.
    #[error("the reply is a web page, not WAPI's XML: `{title}`")]
    Html {
        /// Its title, or its first words.
        title: String,
    },
    /// It ends before `</WAPI>`.
    #[error("the reply is cut off after {bytes} bytes: `</WAPI>` is missing")]
    Truncated {
        /// Bytes that came.
        bytes: usize,
    },
    /// It is some other text.
    #[error("the reply is not WAPI's XML but begins with `{beginning}`")]
    NotWapi {
        /// Its first words.
        beginning: String,
    },
    /// It is WAPI's, and has no REPLY.
    #[error("the reply holds no REPLY element")]
    NoReply,
    /// It is larger than what is read.
    #[error("the reply has {bytes} bytes, more than the {most} that are read")]
    TooLarge {
        /// Bytes that came.
        bytes: usize,
        /// Bytes that are read.
        most: usize,
    },
    /// Its elements stand too deep within each other.
    #[error("the reply has more than {most} elements within each other")]
    TooDeep {
        /// The limit.
        most: usize,
    },
    /// Its items have too many different tags.
    #[error("the items of the reply have more than {most} different tags")]
    TooManyTags {
        /// The limit.
        most: usize,
    },
    /// It has a DOCTYPE, which may define entities.
    #[error("the reply has a DOCTYPE, which no reply of WAPI has")]
    Doctype,
    /// It is no XML.
    #[error("the reply is not XML: {what} at byte {at}")]
    Malformed {
        /// What is wrong.
        what: String,
        /// Where, in the text of the reply as UTF-8.
        at: u64,
    },
}
