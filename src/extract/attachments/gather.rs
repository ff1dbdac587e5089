//! Asks for the files of one record after the other.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use serde::{Deserialize, Serialize};

use super::{
    checks::{form_of, is_an_id},
    download::{Summed, TooLarge, Whole},
    ids::{Numbers, Wanted},
    keep::{Basis, Folder, Part},
    options::{AttachmentsExtract, Unpack},
    rows::{self, Outcome, Row},
    unpack::{Entry, Most, Unpacked, unpack},
};
use crate::{
    extract::fetch::{FetchError, Found, Purpose, Surroundings, Told},
    files::FileError,
    http::Auth,
    spool::{self, Key, Spool},
    tenant::{Attached, Attachments, Turns},
    wire::attachment::{Form, Taken, Told as ToldOfReply, from_disposition, safe_name},
};

/// Defaults of the limits.
const MOST: Most = Most { entries: 1000, bytes: 4 << 30, ratio: 200 };

/// Records in a row that are not answered until it is the host that fails, and not they.
const FAILURES_IN_A_ROW: u32 = 3;

/// Numbers of records that are entered at once.
const NUMBERS_AT_ONCE: usize = 4096;

/// The note under which it is counted what became of the files.
const COUNTS: &str = "counts";

/// What became of the files so far.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
struct Counts {
    records: u64,
    requests: u64,
    saved: u64,
    there: u64,
    missing: u64,
    refused: u64,
    bytes: u64,
}

/// Saves the files that are attached to the records that are asked for; a row for each goes into
/// the spool.
///
/// # Errors
/// What keeps them from being fetched or saved; what was saved is kept.
pub async fn fetch(
    options: &AttachmentsExtract,
    around: &Surroundings<'_>,
    spool: &mut Spool,
) -> Result<Found, FetchError> {
    if around.purpose != Purpose::Load {
        return numbers(options, around, spool).await;
    }
    let Some(access) = &around.remote.data else {
        return Err(FetchError::tenant(
            "the connection has no Data Request Token",
            "write it under `tokens: data`",
        ));
    };
    let tenant = match &access.auth {
        Auth::Basic(token) => token.username.clone(),
        other => other.identity(),
    };
    let turns = Turns::open(around.state_dir, access.client.host(), &tenant)?;
    let folder = Folder::open(Path::new(options.directory.value.trim()))?;
    let gather = Gather {
        options,
        around,
        api: Attachments {
            client: access.client.clone(),
            auth: access.auth.clone(),
            token_name: access.token_name.clone(),
            turns,
        },
        part: folder.part()?,
        folder,
        counts: Counts::default(),
    };
    gather.run(spool).await
}

/// The numbers of the records whose files a run would ask for; no file is asked for.
async fn numbers(
    options: &AttachmentsExtract,
    around: &Surroundings<'_>,
    spool: &mut Spool,
) -> Result<Found, FetchError> {
    let most = match around.purpose {
        Purpose::Look { rows } => rows,
        Purpose::Load | Purpose::Count => u64::MAX,
    };
    let mut numbers = Numbers::open(options, around).await?;
    let object = options.object.value.as_str();
    let mut records = 0;
    while records < most {
        let mut ids = Vec::new();
        while ids.len() < NUMBERS_AT_ONCE
            && records + (ids.len() as u64) < most
            && let Some(wanted) = numbers.next()?
        {
            ids.push(wanted.id);
        }
        if ids.is_empty() {
            break;
        }
        records += ids.len() as u64;
        let rows = spool::Packed::of(&[rows::numbers(object, &ids)?])?;
        let keys = ids.iter().map(|id| key(id, 0)).collect();
        let part = spool::Part { what: "numbers".into(), rows, keys, hashes: vec![0; ids.len()] };
        spool.enter(&[part], &[])?;
    }
    let records = spool.keys()?;
    let asked = format!("attachments of {object}");
    Ok(Found { asked, rows: records, records, ..Found::default() })
}

struct Gather<'a> {
    options: &'a AttachmentsExtract,
    around: &'a Surroundings<'a>,
    api: Attachments,
    folder: Folder,
    part: Part,
    counts: Counts,
}

/// What was heard of a record's files.
enum Heard {
    Rows(Vec<Row>),
    /// It is not answered, however often it is asked for.
    Nothing(String),
}

impl Gather<'_> {
    async fn run(mut self, spool: &mut Spool) -> Result<Found, FetchError> {
        let kept = spool.note(COUNTS)?.and_then(|text| serde_json::from_str(&text).ok());
        self.counts = kept.unwrap_or_default();
        let mut numbers = Numbers::open(self.options, self.around).await?;
        let (mut seen, mut failed_in_a_row) = (0, 0);
        let mut put_off: Vec<Wanted> = Vec::new();
        while let Some(wanted) = numbers.next()? {
            seen += 1;
            if spool.has(&key(&wanted.id, 0))? {
                continue;
            }
            match self.record(&wanted).await? {
                Heard::Rows(rows) => {
                    failed_in_a_row = 0;
                    self.enter(&wanted, &rows, spool)?;
                }
                Heard::Nothing(message) => {
                    failed_in_a_row += 1;
                    if failed_in_a_row >= FAILURES_IN_A_ROW {
                        return Err(not_answered(&message));
                    }
                    put_off.push(wanted);
                }
            }
            let left = numbers.total.map_or(0, |total| total.saturating_sub(seen));
            (self.around.tell)(Told::Fetched {
                rows: self.counts.saved + self.counts.there,
                keys: self.counts.records,
                total: numbers.total,
                left: left as usize,
            });
        }
        self.once_more(put_off, failed_in_a_row, spool).await?;
        self.tell_counts(numbers.unreadable);
        self.found(spool)
    }

    /// Records that were not answered, when all others are: those that still are not are told.
    async fn once_more(
        &mut self,
        put_off: Vec<Wanted>,
        failed_last: u32,
        spool: &mut Spool,
    ) -> Result<(), FetchError> {
        for wanted in put_off {
            let rows = match self.record(&wanted).await? {
                Heard::Rows(rows) => rows,
                // Nothing else was answered since: it may be the host.
                Heard::Nothing(message) if failed_last > 0 => return Err(not_answered(&message)),
                Heard::Nothing(message) => {
                    let reason = format!("the tenant fails for it each time: {message}");
                    vec![Row::of_none(Outcome::Refused, Some(reason))]
                }
            };
            self.enter(&wanted, &rows, spool)?;
        }
        Ok(())
    }

    /// The rows of a record, when its files are in their place.
    async fn record(&mut self, wanted: &Wanted) -> Result<Heard, FetchError> {
        let holder = self.options.object.value;
        if !is_an_id(holder, &wanted.id) {
            let reason = format!("no number of a record: {}", form_of(holder));
            return Ok(Heard::Rows(vec![Row::of_none(Outcome::Refused, Some(reason))]));
        }
        let there = match self.options.again {
            true => None,
            false => self.folder.there(holder.as_str(), &wanted.id, self.basis(wanted)),
        };
        match there {
            Some(rows) => Ok(Heard::Rows(rows)),
            None => self.ask(wanted).await,
        }
    }

    /// Asks until there is an answer, or so often that there will be none.
    async fn ask(&mut self, wanted: &Wanted) -> Result<Heard, FetchError> {
        let holder = self.options.object.value.as_str();
        let what = format!("{holder} {}", wanted.id);
        let (mut attempt, mut troubled) = (0, None);
        loop {
            self.part.clear();
            let path = self.part.file("reply");
            let mut into = Summed::begin(&path, self.most().bytes)?;
            let tell = self.around.tell;
            let mut waiting = || {
                tell(Told::Note(format!(
                    "{what}: another process asks for attachments of this tenant, and they are \
                     asked for one at a time: waiting for it"
                )));
            };
            self.counts.requests += 1;
            let heard =
                self.api.ask(holder, &wanted.id, &mut into, self.around.dice, &mut waiting).await?;
            let (delay, message) = match heard {
                Attached::Sent(download) => {
                    let whole = into.finish()?;
                    return Ok(Heard::Rows(self.save(wanted, &download.reply, whole)?));
                }
                Attached::Missing => {
                    return Ok(Heard::Rows(vec![Row::of_none(Outcome::Missing, None)]));
                }
                Attached::Refused { message } => {
                    let row = Row::of_none(Outcome::Refused, Some(message));
                    return Ok(Heard::Rows(vec![row]));
                }
                Attached::Stop { what, hint } => return Err(FetchError::tenant(what, hint)),
                Attached::Unwritten(error) => match TooLarge::of(&error) {
                    Some(too_large) => {
                        let row = Row::of_none(Outcome::Refused, Some(too_large.to_string()));
                        return Ok(Heard::Rows(vec![row]));
                    }
                    None => return Err(FileError::from_io(&path, "write", error).into()),
                },
                Attached::Busy { delay, message } => (delay, message),
                Attached::Failed { message } => {
                    attempt += 1;
                    if attempt >= self.around.remote.attempts.max(1) {
                        return Ok(Heard::Nothing(message));
                    }
                    let delay = self.around.remote.backoff.delay(attempt - 1, self.around.dice);
                    (delay, message)
                }
            };
            let since = *troubled.get_or_insert_with(Instant::now);
            self.wait(&what, since, delay, message).await?;
        }
    }

    async fn wait(
        &self,
        what: &str,
        since: Instant,
        delay: Duration,
        message: String,
    ) -> Result<(), FetchError> {
        let patience = self.around.remote.give_up_after;
        if since.elapsed() > patience {
            let seconds = patience.as_secs();
            return Err(FetchError::tenant(
                format!("the files of {what} were not sent for {seconds} s: {message}"),
                AGAIN,
            ));
        }
        (self.around.tell)(Told::Waiting { what: what.to_owned(), delay, message });
        tokio::time::sleep(delay).await;
        Ok(())
    }

    fn basis(&self, wanted: &Wanted) -> Basis {
        Basis {
            count: wanted.count,
            unpacks: self.options.unpack != Unpack::Never,
            unpacks_all: self.options.unpack == Unpack::Always,
        }
    }

    fn list(&self, wanted: &Wanted, rows: &[Row]) -> Result<(), FileError> {
        let object = self.options.object.value.as_str();
        self.folder.list(object, &wanted.id, self.basis(wanted), rows, &self.part)
    }

    fn most(&self) -> Most {
        let options = self.options;
        Most {
            entries: options.max_entries.unwrap_or(MOST.entries),
            bytes: options.max_bytes.unwrap_or(MOST.bytes),
            ratio: options.max_ratio.unwrap_or(MOST.ratio),
        }
    }

    /// Puts what has come in its place.
    fn save(
        &self,
        wanted: &Wanted,
        reply: &crate::http::Reply,
        whole: Whole,
    ) -> Result<Vec<Row>, FetchError> {
        let name = reply.headers.get("content-disposition");
        let name = name.and_then(|value| from_disposition(value.as_bytes()));
        let content_type = reply.header("content-type").map(str::to_owned);
        let told = ToldOfReply {
            name: name.as_deref(),
            content_type: content_type.as_deref(),
            count: wanted.count,
            id: &wanted.id,
            start: &whole.start,
        };
        let several = match self.options.unpack {
            Unpack::Auto => Form::of(&told) == Form::Several,
            Unpack::Always => Form::is_a_zip(&told),
            Unpack::Never => false,
        };
        let reason = match several {
            false => None,
            true => match unpack(&whole, &self.part, self.most())? {
                Unpacked::Entries(entries) => return self.save_entries(wanted, entries),
                Unpacked::TooMuch(why) => {
                    let row =
                        Row::of_none(Outcome::Refused, Some(format!("the ZIP is refused: {why}")));
                    return Ok(vec![Row { file_name: name, content_type, ..row }]);
                }
                Unpacked::Unreadable(why) => {
                    Some(format!("a ZIP that cannot be unpacked, and stays as it came: {why}"))
                }
            },
        };
        let as_file = match &name {
            Some(name) => safe_name(name),
            None => made_up_name(
                self.options.object.value.as_str(),
                &wanted.id,
                content_type.as_deref(),
            ),
        };
        let row = self.put(wanted, name, &as_file, &whole)?;
        let rows = vec![Row { content_type, reason, ..row }];
        self.list(wanted, &rows)?;
        Ok(rows)
    }

    fn save_entries(&self, wanted: &Wanted, entries: Vec<Entry>) -> Result<Vec<Row>, FetchError> {
        let mut taken = Taken::default();
        let mut rows = Vec::with_capacity(entries.len());
        for Entry { name, file } in entries {
            rows.push(match file {
                Ok(whole) => {
                    let as_file = taken.free(&safe_name(&name));
                    self.put(wanted, Some(name), &as_file, &whole)?
                }
                Err(why) => Row::refused(name, why),
            });
        }
        self.list(wanted, &rows)?;
        Ok(rows)
    }

    fn put(
        &self,
        wanted: &Wanted,
        file_name: Option<String>,
        as_file: &str,
        whole: &Whole,
    ) -> Result<Row, FetchError> {
        let object = self.options.object.value.as_str();
        let saved = Folder::place(object, &wanted.id, as_file, whole);
        let outcome = match self.folder.holds(&saved) {
            true => Outcome::There,
            false => {
                self.folder.put(whole, &saved)?;
                Outcome::Saved
            }
        };
        Ok(Row { file_name, saved: Some(saved), ..Row::of_none(outcome, None) })
    }

    /// Makes the rows of a record durable: from then on it is not asked for again.
    fn enter(
        &mut self,
        wanted: &Wanted,
        rows: &[Row],
        spool: &mut Spool,
    ) -> Result<(), FetchError> {
        // A ZIP without entries has no row; the record has one.
        let none = [Row::of_none(Outcome::Missing, Some("a ZIP without files".into()))];
        let rows = if rows.is_empty() { &none } else { rows };
        self.counts.add(rows);
        let object = self.options.object.value.as_str();
        let batches = [rows::batch(object, &wanted.id, rows)?];
        let keys: Vec<Key> = (0..rows.len()).map(|row| key(&wanted.id, row)).collect();
        let hashes = vec![0; rows.len()];
        let what = format!("{object} {}", wanted.id);
        let part = spool::Part { what, rows: spool::Packed::of(&batches)?, keys, hashes };
        let counts = serde_json::to_string(&self.counts).unwrap_or_default();
        Ok(spool.enter(&[part], &[(COUNTS, &counts)])?)
    }

    fn tell_counts(&self, unreadable: u64) {
        if unreadable > 0 {
            (self.around.tell)(Told::Warning(format!(
                "{unreadable} rows with numbers of records cannot be read, and are left out"
            )));
        }
        let Counts { records, saved, there, missing, refused, bytes, .. } = self.counts;
        let mut told = format!("{saved} files of {records} records saved, {bytes} bytes");
        for (count, what) in [
            (there, "files were there"),
            (missing, "records have no files"),
            (refused, "files or records refused"),
        ] {
            if count > 0 {
                told += &format!("; {count} {what}");
            }
        }
        (self.around.tell)(Told::Note(told));
    }

    fn found(&self, spool: &Spool) -> Result<Found, FetchError> {
        Ok(Found {
            asked: format!("attachments of {}", self.options.object.value.as_str()),
            windows: self.counts.requests,
            rows: spool.keys()?,
            records: self.counts.records,
            missing: self.counts.missing,
            ..Found::default()
        })
    }
}

impl Counts {
    fn add(&mut self, rows: &[Row]) {
        self.records += 1;
        for row in rows {
            match row.outcome {
                Outcome::Saved => {
                    self.saved += 1;
                    self.bytes += row.saved.as_ref().map_or(0, |saved| saved.bytes);
                }
                Outcome::There => self.there += 1,
                Outcome::Missing => self.missing += 1,
                Outcome::Refused => self.refused += 1,
            }
        }
    }
}

/// What to do about a host that does not answer.
const AGAIN: &str = "give the same command again later: it asks only for what is missing";

fn not_answered(message: &str) -> FetchError {
    FetchError::tenant(format!("the attachments API does not answer: {message}"), AGAIN)
}

/// The key of a record's row: its number, then the row's.
fn key(id: &str, row: usize) -> Key {
    let row = row.to_string();
    Key::of(id.split('.').chain(std::iter::once(row.as_str())))
}

/// The name of a file that was sent without one.
fn made_up_name(object: &str, id: &str, content_type: Option<&str>) -> String {
    let essence = content_type.unwrap_or_default().split(';').next().unwrap_or_default().trim();
    let ending = match essence.to_ascii_lowercase().as_str() {
        "application/pdf" => ".pdf",
        "application/zip" | "application/x-zip-compressed" => ".zip",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document" => ".docx",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet" => ".xlsx",
        "image/jpeg" => ".jpg",
        "image/png" => ".png",
        "image/gif" => ".gif",
        "text/csv" => ".csv",
        "text/html" => ".html",
        "text/plain" => ".txt",
        _ => "",
    };
    format!("{object}-{id}{ending}")
}
