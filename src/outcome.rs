//! The five outcomes of a record, and how a row's answer is told apart.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// What the target did with a record that it now holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LoadedAs {
    Added,
    Modified,
    Unchanged,
    Removed,
    /// A record whose first answer was lost, and that looking or sending again showed to be there.
    ConfirmedOnResume,
}

impl LoadedAs {
    /// The word in `loaded.csv` and in the summary.
    pub fn as_str(self) -> &'static str {
        match self {
            LoadedAs::Added => "added",
            LoadedAs::Modified => "modified",
            LoadedAs::Unchanged => "unchanged",
            LoadedAs::Removed => "removed",
            LoadedAs::ConfirmedOnResume => "confirmed_on_resume",
        }
    }
}

/// What an answer says of one record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RowAnswer {
    /// The target holds it.
    Loaded(LoadedAs),
    /// The server said no for good.
    Refused { status: u16, message: String },
    /// The server did not take it now, and says or implies that it will later.
    Again { after: Option<Duration>, message: String },
    /// It may or may not have been applied.
    Doubt { message: String },
}

/// What came back for a unit as a whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UnitAnswer {
    /// One answer per row of the unit, in its order.
    Rows(Vec<RowAnswer>),
    /// Not applied: wait and send it again. `throttled` slows the others down, too.
    Again { after: Option<Duration>, throttled: bool, message: String },
    /// Not applied: too large, or refused as a whole because of a part: send it in two halves.
    Split { status: u16, message: String },
    /// Nobody knows whether it was applied.
    Doubt { message: String },
    /// Not applied, and no other unit will be: the run stops.
    Stop { what: String, hint: String },
}
