//! A record that stayed in doubt, looked for after its run: nothing is sent but questions.

use std::{path::Path, time::Duration};

use arrow::array::RecordBatch;

use super::{
    WapiSink,
    ask::Step,
    find::Found,
    row::Row,
    sink::{kept, stopped},
};
use crate::{
    crm::LoadAction,
    load::{Sighting, WhatAndHint},
    outcome::{LoadedAs, RowAnswer, UnitAnswer},
    tenant::Trouble,
};

impl WapiSink {
    /// Takes over what the run knew of the tenant before it sent anything; whether that is there.
    /// Without it one's own record cannot be told from one that was there before.
    pub fn recall(&mut self, folder: &Path) -> bool {
        match kept(folder) {
            Some(known) => {
                self.known = known;
                true
            }
            None => false,
        }
    }

    /// What the tenant says of a row whose sending is in doubt: the same look-up as the one after
    /// a lost answer.
    ///
    /// # Errors
    /// What keeps the tenant from being asked.
    pub async fn seek(&self, rows: &RecordBatch) -> Result<Sighting, WhatAndHint> {
        let schema = rows.schema();
        let row = Row::of(rows, &schema, 0);
        let mut attempt = 0;
        loop {
            let delivery = match self.sight(&row).await {
                Ok(sighting) => return Ok(sighting),
                Err(delivery) => delivery,
            };
            match delivery.answer {
                UnitAnswer::Again { after, message, .. } => {
                    if attempt + 1 >= self.crm.attempts {
                        return Ok(Sighting::Unknown { why: message });
                    }
                    self.pause(after, attempt).await;
                    attempt += 1;
                }
                UnitAnswer::Stop { what, hint } => return Err((what, hint)),
                UnitAnswer::Doubt { message } | UnitAnswer::Split { message, .. } => {
                    return Ok(Sighting::Unknown { why: message });
                }
                UnitAnswer::Rows(answers) => {
                    let why = match answers.into_iter().next() {
                        Some(RowAnswer::Rejected { reason }) => reason,
                        _ => "the tenant could not be asked".into(),
                    };
                    return Ok(Sighting::Unknown { why });
                }
            }
        }
    }

    /// Whether the tenant has the record of this number.
    ///
    /// # Errors
    /// It does not tell.
    pub async fn holds(&self, number: &str, within: &str) -> Result<bool, WhatAndHint> {
        let values = [within, number];
        let names = self.object.key().iter().copied();
        let key: Vec<(&str, &str)> =
            names.zip(values.into_iter().skip(2 - self.object.key().len())).collect();
        let mut attempt = 0;
        loop {
            let held = self.held.by_key(self.turn().await, &key, false, &self.dice).await;
            match held {
                Ok(held) => return Ok(held.is_some()),
                Err(Trouble::Passing { after, .. }) if attempt + 1 < self.crm.attempts => {
                    self.pause(after, attempt).await;
                    attempt += 1;
                }
                Err(trouble) => return Err(stopped(self.object, trouble)),
            }
        }
    }

    async fn pause(&self, after: Option<Duration>, attempt: u32) {
        let wait = after.unwrap_or_else(|| self.crm.backoff.delay(attempt, &self.dice));
        tokio::time::sleep(wait).await;
    }

    async fn sight(&self, row: &Row<'_>) -> Step<Sighting> {
        match self.action {
            LoadAction::Add => self.sight_new(row).await,
            LoadAction::Upsert => self.sight_upsert(row).await,
            LoadAction::Modify => {
                let held = self.held(self.turn().await, &self.key_tags(row), true).await?;
                let id = self.id_of_row(row);
                Ok(match held {
                    None => self.nothing(&id),
                    Some(record) => self.compared(row, &record, id),
                })
            }
            LoadAction::Delete => {
                let held = self.held(self.turn().await, &self.key_tags(row), true).await?;
                let id = self.id_of_row(row);
                Ok(match held {
                    Some(_) => Sighting::NotThere { what: format!("the tenant still has {id}") },
                    None => Sighting::There {
                        done: LoadedAs::ConfirmedOnResume,
                        what: format!("the tenant has no {id} any more"),
                        id: Some(self.named(row, id)),
                    },
                })
            }
        }
    }

    async fn sight_new(&self, row: &Row<'_>) -> Step<Sighting> {
        Ok(match self.own(self.turn().await, row).await? {
            Some(id) => Sighting::There {
                done: LoadedAs::ConfirmedOnResume,
                what: format!("the tenant has it as {id}"),
                id: Some(id),
            },
            None => Sighting::NotThere {
                what: format!(
                    "the tenant has no {} like it that is not another row's",
                    self.object
                ),
            },
        })
    }

    async fn sight_upsert(&self, row: &Row<'_>) -> Step<Sighting> {
        let key = row.match_key().unwrap_or_default();
        match self.find(self.turn().await, row, key).await? {
            Found::None => self.sight_new(row).await,
            Found::Several(ids) => Ok(Sighting::Unknown { why: self.ambiguous(&ids) }),
            Found::One { id, record } => Ok(self.compared(row, &record, id)),
        }
    }

    fn compared(&self, row: &Row<'_>, record: &crate::wire::wapi::Item, id: String) -> Sighting {
        match self.is_as_wanted(row, record) {
            true => Sighting::There {
                done: LoadedAs::ConfirmedOnResume,
                what: format!("{id} has the values that were sent"),
                id: Some(self.named(row, id)),
            },
            false => Sighting::NotThere { what: format!("{id} has other values") },
        }
    }

    fn nothing(&self, id: &str) -> Sighting {
        Sighting::NotThere { what: format!("the tenant has no {} {id}", self.object) }
    }
}
