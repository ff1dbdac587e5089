//! Which row has which key. A part whose keys lie apart from all others has them as one sorted
//! list, which costs next to nothing; only where parts overlap does each key have an entry of its
//! own, in which a later row takes the place of an earlier one.

use std::ops::ControlFlow;

use rusqlite::{Connection, OptionalExtension, Statement, params};

use super::{Key, Place};

/// The tables. No key of `entry` lies within a list, and no list within another.
pub(super) const TABLES: &str = "
CREATE TABLE list (            -- the keys of a part that lies apart from all others
    part    INTEGER PRIMARY KEY,
    first   BLOB NOT NULL,
    last    BLOB NOT NULL,
    keys    INTEGER NOT NULL,
    entries BLOB NOT NULL      -- in the order of the keys
) STRICT;

CREATE UNIQUE INDEX list_by_last ON list (last, first);

CREATE TABLE entry (           -- the keys of all other parts
    key     BLOB PRIMARY KEY,
    part    INTEGER NOT NULL,
    row     INTEGER NOT NULL,
    hash    INTEGER NOT NULL   -- of the row's contents
) STRICT, WITHOUT ROWID;
";

/// Keys of which a list is not worth its while.
const FEW: usize = 64;

/// A key with its row.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry<'a> {
    /// The key as it is stored.
    pub key: &'a [u8],
    /// A hash of the row's contents.
    pub hash: u64,
    /// Where the row stands.
    pub place: Place,
}

/// Enters the keys of a part, each with the hash of its row.
pub(super) fn enter(
    connection: &Connection,
    part: u32,
    keys: &[Key],
    hashes: &[u64],
) -> rusqlite::Result<()> {
    let mut rows: Vec<usize> = (0..keys.len()).collect();
    rows.sort_by(|one, other| keys[*one].cmp(&keys[*other]));
    // Of a key that came twice, the later row counts.
    rows.dedup_by(|later, kept| {
        let same = keys[*later] == keys[*kept];
        if same {
            *kept = *later;
        }
        same
    });
    let (Some(first), Some(last)) = (rows.first(), rows.last()) else { return Ok(()) };
    let (first, last) = (keys[*first].as_bytes(), keys[*last].as_bytes());
    let entries = rows.iter().map(|row| Entry {
        key: keys[*row].as_bytes(),
        hash: hashes[*row],
        place: Place { part, row: *row as u32 },
    });
    let lies_apart = lies_apart(connection, first, last)?;
    if lies_apart && rows.len() > FEW {
        let mut list = Vec::with_capacity(rows.len() * 24);
        entries.for_each(|entry| write(&mut list, entry));
        return connection
            .prepare_cached("INSERT INTO list VALUES (?1, ?2, ?3, ?4, ?5)")?
            .execute(params![part, first, last, rows.len() as i64, list])
            .map(drop);
    }
    break_up(connection, first, last)?;
    enter_each(connection, entries)
}

/// Different keys.
pub(super) fn count(connection: &Connection) -> rusqlite::Result<u64> {
    connection
        .prepare_cached(
            "SELECT (SELECT count(*) FROM entry) + (SELECT coalesce(sum(keys), 0) FROM list)",
        )?
        .query_row([], |row| row.get::<_, i64>(0))
        .map(|count| count as u64)
}

/// Whether a key is there.
pub(super) fn has(connection: &Connection, key: &[u8]) -> rusqlite::Result<bool> {
    let mut entry = connection.prepare_cached("SELECT 1 FROM entry WHERE key = ?1")?;
    if entry.exists([key])? {
        return Ok(true);
    }
    let mut found = false;
    if let Some(part) = lists_within(connection, key, key)?.first() {
        let _ = each_of_list(connection, *part, &mut |entry: Entry<'_>| {
            found = entry.key == key;
            Ok(match entry.key < key {
                true => ControlFlow::Continue(()),
                false => ControlFlow::Break(()),
            })
        })?;
    }
    Ok(found)
}

/// Hands on all keys in their order.
pub(super) fn each(
    connection: &Connection,
    take: &mut dyn FnMut(Entry<'_>) -> rusqlite::Result<()>,
) -> rusqlite::Result<()> {
    let mut single = connection
        .prepare_cached("SELECT key, hash, part, row FROM entry WHERE key >= ?1 ORDER BY key")?;
    let mut between = |from: &[u8], to: Option<&[u8]>, take: &mut dyn FnMut(Entry<'_>) -> _| {
        each_single(&mut single, from, to, take)
    };
    let mut after: Vec<u8> = Vec::new();
    let mut lists = connection.prepare_cached("SELECT part FROM list ORDER BY last")?;
    let lists: Vec<u32> = lists.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
    for part in lists {
        let (first, last): (Vec<u8>, Vec<u8>) = connection
            .prepare_cached("SELECT first, last FROM list WHERE part = ?1")?
            .query_row([part], |row| Ok((row.get(0)?, row.get(1)?)))?;
        between(&after, Some(&first), take)?;
        let _ = each_of_list(connection, part, &mut |entry: Entry<'_>| {
            take(entry).map(ControlFlow::Continue)
        })?;
        after = last;
    }
    between(&after, None, take)
}

fn each_single(
    single: &mut Statement<'_>,
    from: &[u8],
    to: Option<&[u8]>,
    take: &mut dyn FnMut(Entry<'_>) -> rusqlite::Result<()>,
) -> rusqlite::Result<()> {
    let mut rows = single.query([from])?;
    while let Some(row) = rows.next()? {
        let key = row.get_ref(0)?.as_blob()?;
        if to.is_some_and(|to| key >= to) {
            break;
        }
        let hash = row.get::<_, i64>(1)? as u64;
        take(Entry { key, hash, place: Place { part: row.get(2)?, row: row.get(3)? } })?;
    }
    Ok(())
}

/// Whether no other key lies between two keys, nor a list of them.
fn lies_apart(connection: &Connection, first: &[u8], last: &[u8]) -> rusqlite::Result<bool> {
    let mut single =
        connection.prepare_cached("SELECT 1 FROM entry WHERE key BETWEEN ?1 AND ?2 LIMIT 1")?;
    Ok(!single.exists([first, last])? && lists_within(connection, first, last)?.is_empty())
}

/// The parts whose lists touch what lies between two keys. Lists do not overlap, so that they are
/// in the order of their ends.
fn lists_within(connection: &Connection, from: &[u8], to: &[u8]) -> rusqlite::Result<Vec<u32>> {
    let mut ask =
        connection.prepare_cached("SELECT part, first FROM list WHERE last >= ?1 ORDER BY last")?;
    let mut rows = ask.query([from])?;
    let mut parts = Vec::new();
    while let Some(row) = rows.next()? {
        if row.get_ref(1)?.as_blob()? > to {
            break;
        }
        parts.push(row.get(0)?);
    }
    Ok(parts)
}

/// Lists that touch what lies between two keys become entries.
fn break_up(connection: &Connection, first: &[u8], last: &[u8]) -> rusqlite::Result<()> {
    for part in lists_within(connection, first, last)? {
        let mut enter = enter_one(connection)?;
        let _ = each_of_list(connection, part, &mut |entry: Entry<'_>| {
            execute(&mut enter, entry).map(ControlFlow::Continue)
        })?;
        connection.prepare_cached("DELETE FROM list WHERE part = ?1")?.execute([part])?;
    }
    Ok(())
}

fn enter_each<'e>(
    connection: &Connection,
    entries: impl Iterator<Item = Entry<'e>>,
) -> rusqlite::Result<()> {
    let mut enter = enter_one(connection)?;
    entries.into_iter().try_for_each(|entry| execute(&mut enter, entry))
}

fn enter_one(connection: &Connection) -> rusqlite::Result<rusqlite::CachedStatement<'_>> {
    connection.prepare_cached("INSERT OR REPLACE INTO entry VALUES (?1, ?2, ?3, ?4)")
}

fn execute(enter: &mut Statement<'_>, entry: Entry<'_>) -> rusqlite::Result<()> {
    let Entry { key, hash, place } = entry;
    enter.execute(params![key, place.part, place.row, hash as i64]).map(drop)
}

/// Bytes of an entry of a list before its key: the row, the hash, the key's length.
const HEAD: usize = 4 + 8 + 4;

fn write(list: &mut Vec<u8>, entry: Entry<'_>) {
    list.extend(entry.place.row.to_le_bytes());
    list.extend(entry.hash.to_le_bytes());
    list.extend((entry.key.len() as u32).to_le_bytes());
    list.extend(entry.key);
}

fn each_of_list(
    connection: &Connection,
    part: u32,
    take: &mut dyn FnMut(Entry<'_>) -> rusqlite::Result<ControlFlow<()>>,
) -> rusqlite::Result<ControlFlow<()>> {
    let list: Option<Vec<u8>> = connection
        .prepare_cached("SELECT entries FROM list WHERE part = ?1")?
        .query_row([part], |row| row.get(0))
        .optional()?;
    let mut rest = list.as_deref().unwrap_or_default();
    while let Some((entry, after)) = read(part, rest) {
        if take(entry)?.is_break() {
            return Ok(ControlFlow::Break(()));
        }
        rest = after;
    }
    Ok(ControlFlow::Continue(()))
}

fn read(part: u32, list: &[u8]) -> Option<(Entry<'_>, &[u8])> {
    let (head, rest) = list.split_first_chunk::<HEAD>()?;
    let (row, head) = head.split_first_chunk::<4>()?;
    let (hash, length) = head.split_first_chunk::<8>()?;
    let length = u32::from_le_bytes(length.try_into().ok()?) as usize;
    let (key, rest) = rest.split_at_checked(length)?;
    let place = Place { part, row: u32::from_le_bytes(*row) };
    Some((Entry { key, hash: u64::from_le_bytes(*hash), place }, rest))
}
