//! Which records are asked for: a list, the rows of files, or records of the CRM.

use std::{collections::VecDeque, sync::Arc};

use arrow::{
    array::{Array, AsArray, RecordBatch, StringArray},
    compute::cast,
    datatypes::{DataType, Field, Schema},
    error::ArrowError,
};
use jiff::tz::TimeZone;

use super::options::{AttachmentsExtract, Holder, Ids, IdsFrom};
use crate::{
    batch::Position,
    diagnostic::Diagnostic,
    extract::{
        CHUNK_ROWS, ExtractError, ExtractOptions, Rows, Source,
        fetch::{FetchError, Surroundings, Told},
        wapi::{self, Asked, Period, WapiExtract},
    },
    rules::nearest_of,
    spool::{Spool, SpoolRows},
};

/// The spool with the records of the CRM whose files are asked for, in the run's folder.
pub const IDS_SPOOL: &str = "ids.sqlite";

/// What was asked for, as a note in that spool.
const ASKED: &str = "asked";

/// How many files a record has, in a reply of the CRM (ruling ATTACHMENTS_FORM).
const COUNT: &str = "ATTACHMENTS";

/// What a file of numbers may call them.
const ANY_ID: &str = "id";

/// A record whose files are asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// Its number.
    pub id: String,
    /// How many files it has, where that is known.
    pub count: Option<u64>,
}

/// The records, one after the other.
pub struct Numbers {
    from: From,
    ready: VecDeque<Wanted>,
    /// How many there are, where that is known.
    pub total: Option<u64>,
    /// Rows of files that could not be read.
    pub unreadable: u64,
}

enum From {
    List,
    Files { rows: Box<dyn Rows>, places: Places },
    Crm { rows: SpoolRows, next: u64, places: Places },
}

/// Columns by their places.
struct Places {
    id: Vec<usize>,
    count: Option<usize>,
}

impl Numbers {
    /// Finds out which records there are; those of the CRM are fetched, as far as they are not
    /// there yet.
    ///
    /// # Errors
    /// What keeps them from being known.
    pub async fn open(
        options: &AttachmentsExtract,
        around: &Surroundings<'_>,
    ) -> Result<Numbers, FetchError> {
        let holder = options.object.value;
        let numbers = |from, total| Numbers { from, ready: VecDeque::new(), total, unreadable: 0 };
        match &options.ids {
            Ids::List(ids) => {
                let ready = ids.iter().map(|id| Wanted { id: id.value.clone(), count: None });
                let total = Some(ids.len() as u64);
                Ok(Numbers { ready: ready.collect(), ..numbers(From::List, total) })
            }
            Ids::From(from) => match &from.from.value {
                file if !file.is_remote() => {
                    let source = Source::open(file, None)?;
                    let places = Places::find(&source, holder, from)?;
                    let rows = source.rows(Position::default(), CHUNK_ROWS)?;
                    Ok(numbers(From::Files { rows, places }, None))
                }
                ExtractOptions::Wapi(wapi) => {
                    let spool = records(wapi, around).await?;
                    let lines = spool.lines()?;
                    let (columns, places) = Places::of_the_crm(holder, from);
                    let rows = lines.open(text_columns(&columns))?;
                    Ok(numbers(From::Crm { rows, next: 0, places }, Some(lines.rows())))
                }
                // What `check` refuses.
                _ => Err(ExtractError::NotFetched.into()),
            },
        }
    }

    /// The next record; those that have no files for sure are left out.
    ///
    /// # Errors
    /// A file that cannot be read any more.
    pub fn next(&mut self) -> Result<Option<Wanted>, FetchError> {
        loop {
            if let Some(wanted) = self.ready.pop_front() {
                return Ok(Some(wanted));
            }
            let (batch, places) = match &mut self.from {
                From::List => return Ok(None),
                From::Files { rows, places } => {
                    let Some(chunk) = rows.next_chunk()? else { return Ok(None) };
                    self.unreadable += chunk.bad.len() as u64;
                    (chunk.rows.columns.clone(), &*places)
                }
                From::Crm { rows, next, places } => {
                    let batch = rows.read(*next, CHUNK_ROWS)?;
                    if batch.num_rows() == 0 {
                        return Ok(None);
                    }
                    *next += batch.num_rows() as u64;
                    (batch, &*places)
                }
            };
            let columns = places.columns(&batch)?;
            let wanted = (0..batch.num_rows()).filter_map(|row| places.wanted(&columns, row));
            self.ready.extend(wanted);
            let left_out = (batch.num_rows() - self.ready.len()) as u64;
            self.total = self.total.map(|total| total.saturating_sub(left_out));
        }
    }
}

impl Places {
    /// In the files that a user names.
    fn find(source: &Source, holder: Holder, from: &IdsFrom) -> Result<Places, ExtractError> {
        let schema = source.schema();
        let place = |name: &str| schema.index_of(name).ok();
        let count = place(COUNT);
        let names: Vec<&str> = match &from.column {
            Some(column) => vec![column.value.as_str()],
            None => holder.object().key().to_vec(),
        };
        let found: Option<Vec<usize>> = names.iter().map(|name| place(name)).collect();
        let found = found.or_else(|| match from.column {
            None => place(ANY_ID).map(|id| vec![id]),
            Some(_) => None,
        });
        if let Some(id) = found {
            return Ok(Places { id, count });
        }
        let there: Vec<&str> = schema.fields().iter().map(|field| field.name().as_str()).collect();
        let near = nearest_of(there.iter().copied(), names[0]);
        let near = near.map(|near| format!("did you mean `{near}`? ")).unwrap_or_default();
        let (span, message) = match &from.column {
            Some(column) => (column.span, format!("there is no column `{}`", column.value)),
            None => (
                from.from.span,
                format!("there is no column `{}`, and none `{ANY_ID}`", names.join("`, `")),
            ),
        };
        let hint = format!("{near}`column` names the one with the numbers");
        Err(ExtractError::Options(vec![Diagnostic::new(span, message).with_hint(hint)]))
    }

    /// In records of the CRM, with the columns that are read.
    fn of_the_crm(holder: Holder, from: &IdsFrom) -> (Vec<String>, Places) {
        let mut columns: Vec<String> = match &from.column {
            Some(column) => vec![column.value.to_uppercase()],
            None => holder.object().key().iter().map(|tag| (*tag).to_owned()).collect(),
        };
        let places = Places { id: (0..columns.len()).collect(), count: Some(columns.len()) };
        columns.push(COUNT.into());
        (columns, places)
    }

    /// The columns that count, as texts: the parts of the number, then the count.
    fn columns(&self, batch: &RecordBatch) -> Result<Vec<StringArray>, ArrowError> {
        let text = |column: &usize| {
            let column = cast(batch.column(*column), &DataType::Utf8)?;
            Ok(column.as_string::<i32>().clone())
        };
        self.id.iter().chain(&self.count).map(text).collect()
    }

    fn wanted(&self, columns: &[StringArray], row: usize) -> Option<Wanted> {
        let text = |column: &StringArray| {
            if column.is_null(row) { String::new() } else { column.value(row).trim().to_owned() }
        };
        let (parts, count) = columns.split_at(self.id.len());
        let count = match count.first().map(text).as_deref() {
            Some("no") => Some(0),
            Some(count) => count.parse().ok(),
            None => None,
        };
        let id = parts.iter().map(text).collect::<Vec<_>>().join(".");
        (count != Some(0)).then_some(Wanted { id, count })
    }
}

/// What `check` can tell of the files with the numbers: whether they have the column.
///
/// # Errors
/// Files that cannot be read, or that lack it.
pub fn check(options: &AttachmentsExtract) -> Result<(), ExtractError> {
    let Ids::From(from) = &options.ids else { return Ok(()) };
    if from.from.value.is_remote() {
        return Ok(());
    }
    let source = Source::open(&from.from.value, None)?;
    Places::find(&source, options.object.value, from).map(drop)
}

/// The records of the CRM, fetched into a spool of their own.
async fn records(wapi: &WapiExtract, around: &Surroundings<'_>) -> Result<Spool, FetchError> {
    let mut spool = Spool::open(&around.folder.join(IDS_SPOOL))?;
    if spool.is_whole()? {
        return Ok(spool);
    }
    let kept = spool.note(ASKED)?.and_then(|text| serde_json::from_str::<Asked>(&text).ok());
    let asked = match kept {
        Some(asked) => asked,
        None => {
            let zone = around.remote.zone.clone().unwrap_or(TimeZone::UTC);
            let today = around.began.to_zoned(zone).date();
            let asked = Asked::of(wapi, Period::default(), None, today);
            spool.set_note(ASKED, &serde_json::to_string(&asked).unwrap_or_default())?;
            asked
        }
    };
    let found = wapi::fetch(wapi, &asked, around, &mut spool).await?;
    spool.lay_down(&mut |_, _| false)?;
    (around.tell)(Told::Note(format!(
        "{} records of {} whose files are asked for",
        found.records, wapi.object.value
    )));
    Ok(spool)
}

fn text_columns(names: &[String]) -> Arc<Schema> {
    let fields = names.iter().map(|name| Field::new(name, DataType::Utf8, true));
    Arc::new(Schema::new(fields.collect::<Vec<_>>()))
}
