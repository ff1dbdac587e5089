//! Files that are attached to cases, follow-ups and FAQs.
//!
//! [`ids`] says which records; [`gather`] asks for one after the other, one request at a time of the
//! tenant. What comes is written to a part of the folder by [`download`], taken apart by [`unpack`] where
//! it is a ZIP of several files, and put in its place by [`keep`] with a list of what is there. The rows
//! of a record become durable together, so that a run that goes on asks only for the rest.

mod checks;
mod download;
mod gather;
mod ids;
mod keep;
mod options;
mod rows;
mod unpack;

pub use checks::complaints;
pub use gather::fetch;
pub use ids::IDS_SPOOL;
pub use options::{AttachmentsExtract, Holder, Ids, IdsFrom, Unpack};

use super::{
    ExtractError, ExtractOptions,
    spooled::{Cast, Column, Shape},
    wapi::{Asked, Period},
};

impl AttachmentsExtract {
    /// What a run belongs to.
    pub fn identity(&self) -> String {
        let ids = match &self.ids {
            Ids::List(ids) => {
                let ids: Vec<&str> = ids.iter().map(|id| id.value.as_str()).collect();
                ids.join(",")
            }
            Ids::From(from) => {
                let of = from.from.value.identity();
                let column = from.column.as_ref().map(|column| column.value.as_str());
                format!("{column:?} of {of}")
            }
        };
        let (object, directory) = (self.object.value.as_str(), &self.directory.value);
        format!("attachments {object} {directory} {:?} again {} of {ids}", self.unpack, self.again)
    }

    /// What a run asks for, for a person. `asked` tells the day.
    pub fn outlook(&self, asked: &Asked) -> Vec<String> {
        let object = self.object.value.as_str();
        let (mut told, whose) = match &self.ids {
            Ids::List(ids) => (Vec::new(), format!("{} {object} records", ids.len())),
            Ids::From(from) => match &from.from.value {
                ExtractOptions::Wapi(wapi) => {
                    let asked = Asked::of(wapi, Period::default(), None, asked.today);
                    (wapi.outlook(&asked), format!("each of these {object} records that has some"))
                }
                _ => (Vec::new(), format!("each {object} record that the files name")),
            },
        };
        let folder = self.directory.value.trim();
        let again = if self.again { "" } else { ", but for what is there already" };
        told.push(format!("the files of {whose}, one request at a time, into `{folder}`{again}"));
        told
    }

    /// Whether the numbers are those of records of the CRM.
    pub fn asks_the_crm(&self) -> bool {
        match &self.ids {
            Ids::List(_) => false,
            Ids::From(from) => matches!(from.from.value, ExtractOptions::Wapi(_)),
        }
    }

    /// Whether the numbers can be read, as far as that is known without the tenant.
    ///
    /// # Errors
    /// Files that cannot be read, or that lack the column.
    pub fn check_ids(&self) -> Result<(), ExtractError> {
        ids::check(self)
    }

    /// The columns.
    pub fn shape(&self) -> Shape {
        let column = |name: &&str| Column {
            name: (*name).to_owned(),
            cast: if *name == rows::BYTES { Cast::Number } else { Cast::Text },
        };
        Shape { columns: rows::COLUMNS.iter().map(column).collect(), map: None, zone: None }
    }
}
