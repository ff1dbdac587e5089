//! A command as it was read from a request.

/// The objects that a command can name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Object {
    Customer,
    Case,
    Followup,
    Task,
    FaqCategory,
    Faq,
    CustomField,
    Country,
    Agents,
    Groups,
}

/// What a command can ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Action {
    Add,
    Modify,
    Get,
    Delete,
    List,
}

/// A command: what to do, to what, and the parameters in the order in which they were sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Command {
    pub object: Object,
    pub action: Action,
    /// Tag in upper case, and value with all escapes resolved.
    pub tags: Vec<(String, String)>,
}
