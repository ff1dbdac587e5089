//! The forms that values have.

use crate::wapi::command::Object;

/// What a value must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// Characters of a set, so many of them, of which not all are white space.
    Text { min: usize, max: usize, set: Set, blank_allowed: bool },
    /// Text of which the bytes are counted (SIZE_2MB); not all of it white space.
    Description,
    /// Digits, so many of them.
    Digits { max: usize },
    /// `local@domain`, so many characters.
    Address { max: usize },
    /// One of these, as written.
    OneOf(&'static [&'static str]),
    /// One of these, in any case.
    OneOfAnyCase(&'static [&'static str]),
    /// A Followup's media type (MEDIATYPE_VALUES).
    FollowupMedia,
    /// An active value of a list of the tenant.
    Listed(&'static str),
    /// The number of a record that is there.
    Number(Object),
    /// The number of a follow-up in its case.
    FollowupNumber,
    /// To whom a record is assigned.
    Assignee,
    /// Who created a record; cases are created also by customers.
    Creator { customers: bool },
    /// MMDDYYYY.
    Day,
    /// MMDDYYYYHHMM.
    Minute,
    /// MMDDYYYY or MMDDYYYYHHMM (DUEDATE_RANGE_FORMAT).
    DayOrMinute,
}

/// The characters that a text may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Set {
    Any,
    /// Any but `~`, `<` and `>`; the commas in the guide's list only separate.
    NoAngles,
    /// `A-Z a-z - 0-9 _ @` and, as the switch has it, the dot (EMAIL_DOT).
    Email,
    /// `+ ( ) / . - _ 0-9` and space, at least one of them a digit (VOICE_NONNUMERIC).
    Phone,
    /// `A-Z a-z _ 0-9`.
    Password,
    /// Letters, digits, ``~!@#$%^:";',.?/`` and space (FAQCATEGORY_CHARS).
    Category,
}

/// wapi:3733, 3803, 3999: upper case (FAQ_PRIVATE_CASE).
pub(super) const YES_NO: Form = Form::OneOf(&["Y", "N"]);
/// wapi:1457, 1598, 2480 (VISIBILITY_PRIVATE).
pub(super) const VISIBILITY: Form = Form::OneOf(&["Internal", "External"]);
/// wapi:1463, 1604, 2824, 2969, 3506 (MEDIATYPE_VALUES).
pub(super) const MEDIA: Form = Form::OneOf(&["Phone", "Chat", "Email", "None"]);

impl Form {
    /// Any text at all.
    pub(super) const ANY: Form = Form::text(usize::MAX);

    /// Any characters, also only white space.
    pub(super) const fn text(max: usize) -> Form {
        Form::Text { min: 1, max, set: Set::Any, blank_allowed: true }
    }

    /// Any characters, not only white space.
    pub(super) const fn words(max: usize) -> Form {
        Form::of(Set::Any, max)
    }

    /// Characters of a set, not only white space.
    pub(super) const fn of(set: Set, max: usize) -> Form {
        Form::Text { min: 1, max, set, blank_allowed: false }
    }
}
