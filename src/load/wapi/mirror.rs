//! The tenant's customers, read in bulk: one request for thousands, where a look-up for each row
//! would take one for each.

use std::path::Path;

use super::find::{Found, MatchOn};
use crate::{
    clock::Dice,
    index::{Index, IndexBuilder, IndexError},
    tenant::{Crm, Extent, LEAST_LIMIT, Trouble},
    wire::wapi::Item,
};

/// The customers by the key of `match_on`, on disk.
#[derive(Debug)]
pub struct Mirror {
    index: Index,
    /// Whether it has all customers that the tenant told.
    is_whole: bool,
}

/// What one reading of all customers gave.
struct Pass {
    index: Index,
    read: u64,
    /// Records of the fullest reply, and what had been asked for.
    fullest: usize,
    pattern: String,
}

impl Pass {
    fn mirror(self, extent: &Extent) -> (Mirror, u64) {
        (Mirror { index: self.index, is_whole: self.read >= extent.total }, self.read)
    }
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
        let first = Self::pass(crm, extent, usize::MAX, by, path, dice, tell).await?;
        if first.read >= extent.total || (first.fullest as u64) < LEAST_LIMIT {
            return Ok(first.mirror(extent));
        }
        // No limit on the records of a Get is documented, and none is excluded: where the fullest
        // reply has more records in parts, all that are as full are asked for in parts.
        let has_more = crm.has_more_customers(extent, &first.pattern, first.fullest, dice).await;
        if !has_more.map_err(MirrorError::Tenant)? {
            return Ok(first.mirror(extent));
        }
        let most = first.fullest;
        drop(first);
        tracing::info!(most, "the tenant gives only so many records of a Get");
        let second = Self::pass(crm, extent, most, by, path, dice, tell).await?;
        Ok(second.mirror(extent))
    }

    async fn pass(
        crm: &Crm,
        extent: &Extent,
        most: usize,
        by: &MatchOn,
        path: &Path,
        dice: &Dice,
        tell: &(dyn Fn(u64) + Send + Sync),
    ) -> Result<Pass, MirrorError> {
        let mut builder = IndexBuilder::create(path, &["id", "record"])?;
        let mut customers = crm.customers(extent, most, dice);
        let (mut read, mut fullest, mut pattern) = (0, 0, String::new());
        while let Some(some) = customers.next().await.map_err(MirrorError::Tenant)? {
            read += some.items.len() as u64;
            if some.items.len() > fullest {
                (fullest, pattern) = (some.items.len(), some.pattern);
            }
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
        Ok(Pass { index: builder.finish()?, read, fullest, pattern })
    }

    /// Whether a key that is not found is none of the tenant's.
    pub fn is_whole(&self) -> bool {
        self.is_whole
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
