//! The tenant's customers, read in bulk: one request for thousands, where a look-up for each row
//! would take one for each.

use std::path::Path;

use super::find::{Found, MatchOn};
use crate::{
    clock::Dice,
    index::{Index, IndexBuilder, IndexError},
    tenant::{Crm, Extent, Trouble},
    wire::wapi::Item,
};

/// The customers by the key of `match_on`, on disk.
#[derive(Debug)]
pub struct Mirror {
    index: Index,
}

/// Why there is no mirror.
#[derive(Debug, thiserror::Error)]
pub enum MirrorError {
    /// The tenant does not tell.
    #[error("the tenant's customers could not be read: {0:?}")]
    Tenant(Trouble),
    /// The disk.
    #[error(transparent)]
    Index(#[from] IndexError),
}

impl Mirror {
    /// Reads all customers; `tell` hears how many there are so far. Gives also how many were read.
    pub async fn read(
        crm: &Crm,
        extent: &Extent,
        by: &MatchOn,
        path: &Path,
        dice: &Dice,
        tell: &(dyn Fn(u64) + Send + Sync),
    ) -> Result<(Mirror, u64), MirrorError> {
        let mut builder = IndexBuilder::create(path, &["id", "record"])?;
        let mut customers = crm.customers(extent, dice);
        let mut read = 0;
        while let Some(some) = customers.next().await.map_err(MirrorError::Tenant)? {
            read += some.items.len() as u64;
            for item in &some.items {
                let (Some(key), Some(id)) = (by.key_of(item), item.value("ACCOUNTNUM")) else {
                    continue;
                };
                let tags: Vec<(&str, &str)> =
                    item.fields().filter(|(tag, _)| *tag != "PASSWORD").collect();
                let record = serde_json::to_string(&tags).unwrap_or_default();
                builder.add(&key, &[Some(id), Some(&record)])?;
            }
            tell(read);
        }
        Ok((Mirror { index: builder.finish()? }, read))
    }

    /// The record with this key.
    pub fn find(&self, key: &str) -> Result<Found, IndexError> {
        let rows = self.index.find(key, 10)?;
        let records = rows.into_iter().filter_map(|row| {
            let mut row = row.into_iter();
            let (id, record) = (row.next()??, row.next()??);
            let tags: Vec<(String, String)> = serde_json::from_str(&record).ok()?;
            let tags: Vec<(&str, &str)> =
                tags.iter().map(|(tag, value)| (tag.as_str(), value.as_str())).collect();
            Some((id, Item::from_fields(&tags)))
        });
        Ok(Found::of(records.collect()))
    }
}
