//! What becomes of one row: added, changed, left alone, or deleted.

use std::sync::Arc;

use super::{
    UnsentFields, WapiSink,
    ask::{Step, confirmed, disk_failed, in_doubt},
    claims::Alone,
    compare::is_unchanged,
    find::{Found, MatchOn},
    mirror::Mirror,
    resend,
    row::Row,
};
use crate::{
    crm::{Action, LoadAction},
    load::{Before, Turn},
    outcome::{LoadedAs, RowAnswer},
    wire::wapi::{Family, Item, Meaning, Reply, Status, recognise},
};

impl WapiSink {
    pub(super) async fn add(&self, turn: Turn, row: &Row<'_>, before: Before) -> Step<RowAnswer> {
        let (turn, _alone) = self.alone(turn, self.identity.likeness(row)).await;
        let turn = match before.doubt {
            false => turn,
            true => match self.own(turn, row).await? {
                Some(id) => return Ok(confirmed(id)),
                None => self.turn().await,
            },
        };
        self.send_new(turn, row).await
    }

    /// Sends an Add whose row is known not to be there.
    async fn send_new(&self, turn: Turn, row: &Row<'_>) -> Step<RowAnswer> {
        let reply = self.command(turn, Action::Add, row.tags()).await?;
        match self.meaning(Action::Add, &reply) {
            Meaning::Done => match self.id_of(&reply) {
                Some(number) => {
                    let id = self.named(row, number);
                    self.claims.note(&id.to_string());
                    Ok(RowAnswer::Loaded { done: LoadedAs::Added, id: Some(id) })
                }
                // It says that it was done, and not under which number.
                None => match self.own_now(row).await? {
                    Some(id) => Ok(RowAnswer::Loaded { done: LoadedAs::Added, id: Some(id) }),
                    None => Err(in_doubt("the reply has no number of the new record".into())),
                },
            },
            // The same command would bring the same STATUS: whether it was done is looked up once.
            Meaning::Unknown if matches!(reply.answer.status, Status::Other(_)) => {
                match self.own_now(row).await? {
                    Some(id) => Ok(confirmed(id)),
                    None => Ok(self.refused(row, &reply.answer)),
                }
            }
            meaning => self.not_done(row, Action::Add, meaning, &reply.answer),
        }
    }

    pub(super) async fn modify(
        &self,
        turn: Turn,
        row: &Row<'_>,
        before: Before,
    ) -> Step<RowAnswer> {
        let key = self.key_tags(row);
        let wants = self.only_changed || self.resends(row);
        if !wants {
            return self.send_change(turn, row, None, before, self.id_of_row(row)).await;
        }
        match self.held(turn, &key, before.sent).await? {
            None => Ok(RowAnswer::Rejected {
                reason: format!(
                    "{}: the tenant has no such {} (`{}`)",
                    self.object.key()[0],
                    self.object.name().to_lowercase(),
                    self.id_of_row(row)
                ),
            }),
            Some(record) => {
                let turn = self.turn().await;
                self.change(turn, row, &record, before, self.id_of_row(row)).await
            }
        }
    }

    /// Changes a record that was just read, if there is anything to change.
    async fn change(
        &self,
        turn: Turn,
        row: &Row<'_>,
        record: &Item,
        before: Before,
        id: String,
    ) -> Step<RowAnswer> {
        if self.only_changed && self.is_as_wanted(row, record) {
            let done = match before.doubt {
                true => LoadedAs::ConfirmedOnResume,
                false => LoadedAs::Unchanged,
            };
            return Ok(RowAnswer::Loaded { done, id: Some(self.named(row, id)) });
        }
        self.send_change(turn, row, Some(record), before, id).await
    }

    async fn send_change(
        &self,
        turn: Turn,
        row: &Row<'_>,
        record: Option<&Item>,
        before: Before,
        id: String,
    ) -> Step<RowAnswer> {
        let mut resent = match (record, self.options.unsent_fields) {
            (Some(record), UnsentFields::Resend) => {
                let allowed = |tag: &str, value: &str| self.is_known(tag, value);
                resend::resent(self.object, row, record, allowed)
            }
            _ => Vec::new(),
        };
        let mut reply = self.send_modify(turn, row, &resent, &id, None).await?;
        let problem = recognise(&reply.answer).map(|problem| problem.family);
        let is_kept = |sent| record.is_some_and(|held| is_unchanged("DESCRIPTION", sent, held));
        if problem == Some(Family::EmailCase) && row.get("DESCRIPTION").is_none_or(is_kept) {
            // A case that came by e-mail keeps its own (wapi:4716), and it has this one.
            resent.retain(|(tag, _)| *tag != "DESCRIPTION");
            let turn = self.turn().await;
            reply = self.send_modify(turn, row, &resent, &id, Some("DESCRIPTION")).await?;
        }
        match self.meaning(Action::Modify, &reply) {
            Meaning::Done => {
                let done = match before.doubt {
                    true => LoadedAs::ConfirmedOnResume,
                    false => LoadedAs::Modified,
                };
                Ok(RowAnswer::Loaded { done, id: Some(self.named(row, id)) })
            }
            Meaning::Unknown if matches!(reply.answer.status, Status::Other(_)) => {
                match self.held_now(&[(self.object.key()[0], id.as_str())]).await? {
                    Some(record) if self.is_as_wanted(row, &record) => Ok(RowAnswer::Loaded {
                        done: LoadedAs::ConfirmedOnResume,
                        id: Some(self.named(row, id)),
                    }),
                    _ => Ok(self.refused(row, &reply.answer)),
                }
            }
            meaning => self.not_done(row, Action::Modify, meaning, &reply.answer),
        }
    }

    async fn send_modify(
        &self,
        turn: Turn,
        row: &Row<'_>,
        resent: &[(&str, &str)],
        id: &str,
        without: Option<&str>,
    ) -> Step<Reply> {
        let key = self.object.key().iter().copied().zip(std::iter::once(id));
        let named = key.filter(|(tag, _)| row.get(tag).is_none());
        let own = row.tags();
        let own = own.filter(|(tag, _)| self.is_sent_in_change(tag) && without != Some(*tag));
        self.command(turn, Action::Modify, named.chain(own).chain(resent.iter().copied())).await
    }

    pub(super) async fn upsert(
        &self,
        turn: Turn,
        row: &Row<'_>,
        before: Before,
    ) -> Step<RowAnswer> {
        let key = row.match_key().unwrap_or_default();
        let (turn, _alone) = self.alone(turn, xxhash_rust::xxh3::xxh3_64(key.as_bytes())).await;
        // What was sent by this run is not in the mirror.
        let mirror = self.mirror.as_ref().filter(|_| !before.sent);
        let found = match mirror {
            Some(mirror) => Some(mirror.find(key).map_err(|error| disk_failed(&error))?),
            None => None,
        };
        // A key that a mirror with gaps lacks may still be somebody's: added, it would be doubled.
        let found = found
            .filter(|found| !matches!(found, Found::None) || mirror.is_some_and(Mirror::is_whole));
        let is_mirrored = found.is_some();
        let (turn, found) = match found {
            Some(found) => (turn, found),
            None => {
                let found = self.find(turn, row, key).await?;
                (self.turn().await, found)
            }
        };
        match found {
            Found::None if before.doubt => match self.own(turn, row).await? {
                Some(id) => Ok(confirmed(id)),
                None => self.send_new(self.turn().await, row).await,
            },
            Found::None => self.send_new(turn, row).await,
            Found::Several(ids) => Ok(RowAnswer::Rejected { reason: self.ambiguous(&ids) }),
            Found::One { id, record } if !is_mirrored => {
                self.change(turn, row, &record, before, id).await
            }
            Found::One { id, record } => {
                // Read in bulk, some time ago: what is sent again beside the row is read anew.
                if self.only_changed && self.is_as_wanted(row, &record) {
                    let id = Some(self.named(row, id));
                    return Ok(RowAnswer::Loaded { done: LoadedAs::Unchanged, id });
                }
                self.change_as_it_is_now(turn, row, before, id).await
            }
        }
    }

    async fn change_as_it_is_now(
        &self,
        turn: Turn,
        row: &Row<'_>,
        before: Before,
        id: String,
    ) -> Step<RowAnswer> {
        if !self.resends(row) {
            return self.send_change(turn, row, None, before, id).await;
        }
        let held = self.held(turn, &[(self.object.key()[0], id.as_str())], true).await?;
        let turn = self.turn().await;
        match held {
            Some(record) => self.change(turn, row, &record, before, id).await,
            // It was deleted since it was read.
            None => self.send_new(turn, row).await,
        }
    }

    pub(super) async fn delete(
        &self,
        turn: Turn,
        row: &Row<'_>,
        before: Before,
    ) -> Step<RowAnswer> {
        let key = self.key_tags(row);
        let reply = self.command(turn, Action::Delete, key.iter().copied()).await?;
        let id = Some(self.named(row, self.id_of_row(row)));
        match self.meaning(Action::Delete, &reply) {
            Meaning::Done => Ok(RowAnswer::Loaded { done: LoadedAs::Removed, id }),
            // The first sending was applied, and its answer lost.
            Meaning::NotThere if before.doubt => {
                Ok(RowAnswer::Loaded { done: LoadedAs::ConfirmedOnResume, id })
            }
            Meaning::Unknown if matches!(reply.answer.status, Status::Other(_)) => {
                match self.held_now(&key).await? {
                    None => Ok(RowAnswer::Loaded { done: LoadedAs::ConfirmedOnResume, id }),
                    Some(_) => Ok(self.refused(row, &reply.answer)),
                }
            }
            meaning => self.not_done(row, Action::Delete, meaning, &reply.answer),
        }
    }

    /// Lets no row that is alike be on its way at the same time. The turn is given back while
    /// waiting, since the other one may need it.
    async fn alone(&self, turn: Turn, likeness: u64) -> (Turn, Alone) {
        let lock = self.claims.lock_of(likeness);
        match Arc::clone(&lock).try_lock_owned() {
            Ok(alone) => (turn, alone),
            Err(_) => {
                drop(turn);
                let alone = lock.lock_owned().await;
                (self.turn().await, alone)
            }
        }
    }

    fn resends(&self, row: &Row<'_>) -> bool {
        self.options.unsent_fields == UnsentFields::Resend && resend::wants_record(self.object, row)
    }

    pub(super) fn is_as_wanted(&self, row: &Row<'_>, record: &Item) -> bool {
        row.tags()
            .filter(|(tag, _)| self.is_sent_in_change(tag))
            .all(|(tag, value)| is_unchanged(tag, value, record))
    }

    /// An upsert that finds its record leaves its password alone: the row has one for a new one.
    fn is_sent_in_change(&self, tag: &str) -> bool {
        let only_for_new = ["PASSWORD", "AUTOPASSWD"].contains(&tag);
        let modified =
            crate::rules::find(crate::rules::wapi::table(self.object, Action::Modify), tag);
        let takes = modified.is_some() || self.custom.iter().any(|name| name == tag);
        !(self.action == LoadAction::Upsert && (only_for_new || !takes))
    }

    fn is_known(&self, tag: &str, value: &str) -> bool {
        self.known.values.get(tag).is_none_or(|values| values.iter().any(|one| one == value))
    }

    pub(super) fn key_tags<'a>(&self, row: &Row<'a>) -> Vec<(&'a str, &'a str)> {
        row.tags().filter(|(tag, _)| self.object.key().contains(tag)).collect()
    }

    /// The number that stands in the row.
    pub(super) fn id_of_row(&self, row: &Row<'_>) -> String {
        let tag = self.object.key().last().copied().unwrap_or_default();
        row.get(tag).unwrap_or_default().to_owned()
    }

    pub(super) fn ambiguous(&self, ids: &[String]) -> String {
        let names = self.match_on.as_ref().map(MatchOn::names).unwrap_or_default();
        let shown: Vec<&str> = ids.iter().take(3).map(String::as_str).collect();
        format!(
            "{names}: {} records of the tenant have this value ({}{})",
            ids.len(),
            shown.join(", "),
            if ids.len() > shown.len() { ", .." } else { "" }
        )
    }
}
