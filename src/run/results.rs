//! The result files of a run: who was loaded, rejected, refused, skipped, who is in doubt, and
//! whose values were mended.
//!
//! They are appended to before the ledger's commit and their lengths are part of it: what a
//! crash leaves behind a committed length is cut off on resume, so that no line is lost or double.

use std::{collections::BTreeMap, path::Path};

use arrow::{
    array::{Array, AsArray, RecordBatch},
    datatypes::{DataType, Schema},
    util::display::{ArrayFormatter, FormatOptions},
};

use crate::{
    batch::{BadRow, Fate, Origin, SourceBatch},
    files::{self, ResultFile},
    outcome::{KeyFrom, LoadedAs, LoadedColumns, RecordId},
    run::{
        RunError,
        lineage::{Descent, Lineage},
    },
};

/// The files by name.
pub const REJECTED: &str = "rejected.csv";
pub const REFUSED: &str = "refused.csv";
pub const SKIPPED: &str = "skipped.csv";
pub const IN_DOUBT: &str = "in_doubt.csv";
pub const FIXED: &str = "fixed.csv";
pub const LOADED: &str = "loaded.csv";

/// A column of the result files, with its index among those of the rows.
type ColumnOfQuery = (String, Option<usize>);

/// The result files of one run, open for appending.
#[derive(Debug)]
pub struct Results {
    rejected: ResultFile,
    refused: ResultFile,
    skipped: ResultFile,
    in_doubt: ResultFile,
    fixed: ResultFile,
    loaded: ResultFile,
    line: LineBuffer,
    places: Places,
    /// Where each part of the target's key comes from.
    key: Vec<KeyFrom>,
    /// The input's own columns that stand in `loaded.csv`, by index; none where they do not.
    told: Vec<usize>,
    /// Where a query made the rows: the columns of the result files, each with its index among
    /// those of the rows.
    of_query: Option<Vec<ColumnOfQuery>>,
}

/// By which file and line rows are told.
#[derive(Debug)]
struct Places {
    /// Whether `_file` is told: there are several input files.
    files: Option<Vec<String>>,
    /// Where the rows of a retry were read at first.
    lineage: Option<Lineage>,
}

impl Places {
    fn of(files: &[std::path::PathBuf], lineage: Option<Lineage>) -> Places {
        let files = match &lineage {
            Some(lineage) => Some(lineage.files().to_vec()),
            None => (files.len() > 1)
                .then(|| files.iter().map(|path| path.display().to_string()).collect()),
        };
        Places { files, lineage }
    }

    fn tell(&self, origin: &Origin, line: &mut LineBuffer) -> Result<(), RunError> {
        let origin = match &self.lineage {
            None => *origin,
            Some(lineage) => {
                let Descent { file, line, .. } = lineage.of(origin.ordinal)?;
                Origin { file, line, ..*origin }
            }
        };
        line.origin(&origin, self.files.as_deref());
        Ok(())
    }
}

/// A row that the target holds.
#[derive(Debug)]
pub struct LoadedRow<'a> {
    pub rows: &'a RecordBatch,
    pub row: usize,
    /// The number that the answer gave.
    pub id: Option<&'a RecordId>,
    pub done: LoadedAs,
}

impl Results {
    /// Opens the files in `folder` at their committed lengths.
    ///
    /// `input` has the input's own columns; `lineage` is that of a retry.
    pub fn open(
        folder: &Path,
        lengths: &BTreeMap<String, u64>,
        input: &Schema,
        columns: &LoadedColumns,
        files: &[std::path::PathBuf],
        lineage: Option<Lineage>,
    ) -> Result<Results, RunError> {
        let places = Places::of(files, lineage);
        let own = input.fields().iter().map(|field| field.name().as_str()).collect();
        Self::open_as(folder, lengths, own, input, columns, (places, None))
    }

    /// The same for rows that a query made of those of the input: the input's own columns come
    /// first, then those of `relation`, and `_file` says of which a row is.
    pub fn open_over(
        folder: &Path,
        lengths: &BTreeMap<String, u64>,
        input: &Schema,
        relation: &Schema,
        columns: &LoadedColumns,
        files: &[std::path::PathBuf],
    ) -> Result<Results, RunError> {
        let files = files.iter().map(|path| path.display().to_string()).collect();
        let told = Places { files: Some(files), lineage: None };
        let further =
            relation.fields().iter().filter(|f| input.column_with_name(f.name()).is_none());
        let all = input.fields().iter().chain(further).map(|field| field.name().as_str());
        let own: Vec<&str> = all.collect();
        let place = |name: &&str| ((*name).to_owned(), relation.index_of(name).ok());
        let of_query = Some(own.iter().map(place).collect());
        Self::open_as(folder, lengths, own, relation, columns, (told, of_query))
    }

    fn open_as(
        folder: &Path,
        lengths: &BTreeMap<String, u64>,
        mut own: Vec<&str>,
        input: &Schema,
        columns: &LoadedColumns,
        (places, of_query): (Places, Option<Vec<ColumnOfQuery>>),
    ) -> Result<Results, RunError> {
        own.push("_line");
        let mut loaded = vec!["_line"];
        if places.files.is_some() {
            own.push("_file");
            loaded.push("_file");
        }
        loaded.extend(columns.key.iter().map(|(name, _)| name.as_ref()));
        loaded.push("_done");
        let told = match columns.input {
            true => told_in_loaded(input, &loaded),
            false => Vec::new(),
        };
        loaded.extend(told.iter().map(|index| input.field(*index).name().as_str()));
        own.push("_reason");
        let with_answer = [own.as_slice(), &["_status", "_message"]].concat();
        let open = |name: &str, header: &[&str]| {
            let committed = lengths.get(name).copied().unwrap_or(0);
            ResultFile::open(&folder.join(name), committed, header).map_err(RunError::from)
        };
        let results = Results {
            rejected: open(REJECTED, &own)?,
            refused: open(REFUSED, &with_answer)?,
            skipped: open(SKIPPED, &own)?,
            in_doubt: open(IN_DOUBT, &own)?,
            fixed: open(FIXED, &own)?,
            loaded: open(LOADED, &loaded)?,
            line: LineBuffer::default(),
            places,
            key: columns.key.iter().map(|(_, from)| *from).collect(),
            told,
            of_query,
        };
        files::sync_folder(folder)?;
        Ok(results)
    }

    /// Enters a row that a step or a rule took out.
    pub fn fallen(
        &mut self,
        source: &SourceBatch,
        row: usize,
        fate: Fate,
        reason: &str,
    ) -> Result<(), RunError> {
        self.tell(source, row, reason)?;
        let file = match fate {
            Fate::Rejected => &mut self.rejected,
            Fate::Skipped => &mut self.skipped,
        };
        Ok(file.append(self.line.finish())?)
    }

    /// Enters a row of which a value was mended.
    pub fn fixed(
        &mut self,
        source: &SourceBatch,
        row: usize,
        reason: &str,
    ) -> Result<(), RunError> {
        self.tell(source, row, reason)?;
        Ok(self.fixed.append(self.line.finish())?)
    }

    /// Enters a row that fell out before a query: its values by their names, and its place.
    pub fn before(
        &mut self,
        value: impl Fn(&str) -> Option<String>,
        fate: Fate,
    ) -> Result<(), RunError> {
        self.line.clear();
        for (name, _) in self.of_query.iter().flatten() {
            self.line.field(value(name).as_deref().unwrap_or(""));
        }
        for name in ["_line", "_file", "_reason"] {
            self.line.field(value(name).as_deref().unwrap_or(""));
        }
        let file = match fate {
            Fate::Rejected => &mut self.rejected,
            Fate::Skipped => &mut self.skipped,
        };
        Ok(file.append(self.line.finish())?)
    }

    /// Begins a line with the columns of the result files.
    fn own(&mut self, row: &InputRow<'_>) {
        self.line.clear();
        match &self.of_query {
            None => self.line.input(row),
            Some(places) => {
                for (_, place) in places {
                    match place {
                        Some(column) => self.line.column(row, *column),
                        None => self.line.field(""),
                    }
                }
            }
        }
    }

    /// A line with the input's own columns, the place and the reason.
    fn tell(&mut self, source: &SourceBatch, row: usize, reason: &str) -> Result<(), RunError> {
        self.own(&InputRow::Held { source, row });
        self.places.tell(&source.origins[row], &mut self.line)?;
        self.line.field(reason);
        Ok(())
    }

    /// Enters a row that could not be read.
    pub fn unreadable(&mut self, bad: &BadRow, width: usize) -> Result<(), RunError> {
        self.line.clear();
        for column in 0..width {
            self.line.field(bad.fields.get(column).and_then(Option::as_deref).unwrap_or(""));
        }
        self.places.tell(&bad.origin, &mut self.line)?;
        self.line.field(&bad.reason);
        Ok(self.rejected.append(self.line.finish())?)
    }

    /// Enters a row that the server refused for good.
    pub fn refused(
        &mut self,
        row: &InputRow<'_>,
        status: i32,
        message: &str,
    ) -> Result<(), RunError> {
        self.own(row);
        self.places.tell(row.origin(), &mut self.line)?;
        self.line.field(&format!("refused by the server: {message}"));
        self.line.field(&status.to_string());
        self.line.field(message);
        Ok(self.refused.append(self.line.finish())?)
    }

    /// Enters a row that stays in doubt.
    pub fn in_doubt(&mut self, row: &InputRow<'_>, reason: &str) -> Result<(), RunError> {
        self.own(row);
        self.places.tell(row.origin(), &mut self.line)?;
        self.line.field(reason);
        Ok(self.in_doubt.append(self.line.finish())?)
    }

    /// Enters a row that a look at the target stopped.
    pub fn rejected(&mut self, row: &InputRow<'_>, reason: &str) -> Result<(), RunError> {
        self.own(row);
        self.places.tell(row.origin(), &mut self.line)?;
        self.line.field(reason);
        Ok(self.rejected.append(self.line.finish())?)
    }

    /// Whether [`Results::loaded`] wants the row as the input has it.
    pub fn loaded_tells_input(&self) -> bool {
        !self.told.is_empty()
    }

    /// Enters a row that the target holds.
    pub fn loaded(
        &mut self,
        origin: &Origin,
        loaded: &LoadedRow<'_>,
        input: Option<&InputRow<'_>>,
    ) -> Result<(), RunError> {
        self.line.clear();
        self.places.tell(origin, &mut self.line)?;
        for from in &self.key {
            match from {
                KeyFrom::Column(column) => self.line.cell(loaded.rows.column(*column), loaded.row),
                KeyFrom::Answer => self.line.field(loaded.id.map_or("", |id| &id.number)),
            }
        }
        self.line.field(loaded.done.as_str());
        for column in input.into_iter().flat_map(|input| self.told.iter().map(move |c| (input, *c)))
        {
            self.line.column(column.0, column.1);
        }
        Ok(self.loaded.append(self.line.finish())?)
    }

    /// Hands all lines to the system and tells the lengths, for the ledger's commit.
    pub fn settle(&mut self, sync: bool) -> Result<BTreeMap<String, u64>, RunError> {
        let mut lengths = BTreeMap::new();
        for (name, file) in [
            (REJECTED, &mut self.rejected),
            (REFUSED, &mut self.refused),
            (SKIPPED, &mut self.skipped),
            (IN_DOUBT, &mut self.in_doubt),
            (FIXED, &mut self.fixed),
            (LOADED, &mut self.loaded),
        ] {
            lengths.insert(name.to_owned(), file.flush_and_len()?);
            if sync {
                file.sync()?;
            }
        }
        Ok(lengths)
    }
}

/// Rows that fell out before a query made other rows of those that were left, kept beside its
/// result until they are in the result files ([`Results::before`]).
#[derive(Debug)]
pub struct FallenBefore {
    rejected: ResultFile,
    skipped: ResultFile,
    line: LineBuffer,
    files: Option<Vec<String>>,
    width: usize,
}

impl FallenBefore {
    /// Begins the files in `folder` anew.
    pub fn create(
        folder: &Path,
        input: &Schema,
        files: &[std::path::PathBuf],
    ) -> Result<FallenBefore, RunError> {
        let files = Some(files.iter().map(|path| path.display().to_string()).collect());
        let mut header: Vec<&str> =
            input.fields().iter().map(|field| field.name().as_str()).collect();
        header.extend(["_line", "_file", "_reason"]);
        let open = |name: &str| ResultFile::open(&folder.join(name), 0, &header);
        let (rejected, skipped) = (open(REJECTED)?, open(SKIPPED)?);
        files::sync_folder(folder)?;
        let width = input.fields().len();
        Ok(FallenBefore { rejected, skipped, line: LineBuffer::default(), files, width })
    }

    /// Enters a row that a step took out.
    pub fn fallen(
        &mut self,
        source: &SourceBatch,
        row: usize,
        fate: Fate,
        reason: &str,
    ) -> Result<(), RunError> {
        self.line.clear();
        self.line.row(&source.columns, row);
        self.line.origin(&source.origins[row], self.files.as_deref());
        self.line.field(reason);
        let file = match fate {
            Fate::Rejected => &mut self.rejected,
            Fate::Skipped => &mut self.skipped,
        };
        Ok(file.append(self.line.finish())?)
    }

    /// Enters a row that could not be read.
    pub fn unreadable(&mut self, bad: &BadRow) -> Result<(), RunError> {
        self.line.clear();
        for column in 0..self.width {
            self.line.field(bad.fields.get(column).and_then(Option::as_deref).unwrap_or(""));
        }
        self.line.origin(&bad.origin, self.files.as_deref());
        self.line.field(&bad.reason);
        Ok(self.rejected.append(self.line.finish())?)
    }

    /// Makes all lines durable.
    pub fn finish(mut self) -> Result<(), RunError> {
        for file in [&mut self.rejected, &mut self.skipped] {
            file.flush_and_len()?;
            file.sync()?;
        }
        Ok(())
    }
}

/// The input's columns that `loaded.csv` tells: not those that it has already, and no passwords.
fn told_in_loaded(input: &Schema, there: &[&str]) -> Vec<usize> {
    let tells = |name: &str| {
        !there.iter().any(|one| one.eq_ignore_ascii_case(name))
            && !name.to_lowercase().contains("passw")
    };
    let fields = input.fields().iter().enumerate();
    fields.filter(|(_, field)| tells(field.name())).map(|(index, _)| index).collect()
}

/// A row of the input for a result file: in memory, or read again from its place.
#[derive(Debug)]
pub enum InputRow<'a> {
    /// Still in memory.
    Held { source: &'a SourceBatch, row: usize },
    /// Read again by its byte range.
    ReadAgain { origin: &'a Origin, fields: Vec<Option<String>>, width: usize },
}

impl InputRow<'_> {
    fn origin(&self) -> &Origin {
        match self {
            InputRow::Held { source, row } => &source.origins[*row],
            InputRow::ReadAgain { origin, .. } => origin,
        }
    }
}

/// One line of a CSV file in the making.
#[derive(Debug, Default)]
struct LineBuffer {
    bytes: Vec<u8>,
}

impl LineBuffer {
    fn clear(&mut self) {
        self.bytes.clear();
    }

    fn separate(&mut self) {
        if !self.bytes.is_empty() {
            self.bytes.push(b',');
        }
    }

    fn input(&mut self, row: &InputRow<'_>) {
        match row {
            InputRow::Held { source, row } => self.row(&source.columns, *row),
            InputRow::ReadAgain { fields, width, .. } => {
                for column in 0..*width {
                    self.field(fields.get(column).and_then(Option::as_deref).unwrap_or(""));
                }
            }
        }
    }

    fn column(&mut self, row: &InputRow<'_>, column: usize) {
        match row {
            InputRow::Held { source, row } => self.cell(source.columns.column(column), *row),
            InputRow::ReadAgain { fields, .. } => {
                self.field(fields.get(column).and_then(Option::as_deref).unwrap_or(""));
            }
        }
    }

    fn row(&mut self, columns: &RecordBatch, row: usize) {
        for column in columns.columns() {
            self.cell(column, row);
        }
    }

    fn origin(&mut self, origin: &Origin, files: Option<&[String]>) {
        self.number(origin.line);
        if let Some(files) = files {
            self.field(files.get(origin.file as usize).map_or("", String::as_str));
        }
    }

    fn cell(&mut self, column: &dyn Array, row: usize) {
        if column.is_null(row) {
            return self.field("");
        }
        match column.data_type() {
            DataType::Utf8 => self.field(column.as_string::<i32>().value(row)),
            DataType::Int64 => {
                let value = column.as_primitive::<arrow::datatypes::Int64Type>().value(row);
                match u64::try_from(value) {
                    Ok(value) => self.number(value),
                    Err(_) => self.field(&value.to_string()),
                }
            }
            _ => {
                let text = ArrayFormatter::try_new(column, &FormatOptions::default())
                    .map(|formatter| formatter.value(row).to_string());
                self.field(&text.unwrap_or_default());
            }
        }
    }

    fn number(&mut self, number: u64) {
        self.separate();
        let mut digits = [0; 20];
        let mut at = digits.len();
        let mut rest = number;
        loop {
            at -= 1;
            digits[at] = b'0' + (rest % 10) as u8;
            rest /= 10;
            if rest == 0 {
                break;
            }
        }
        self.bytes.extend_from_slice(&digits[at..]);
    }

    /// A field; in quotes where RFC 4180 wants them, and where the line would else be empty.
    fn field(&mut self, text: &str) {
        let first = self.bytes.is_empty();
        self.separate();
        let plain = !text.bytes().any(|byte| matches!(byte, b',' | b'"' | b'\n' | b'\r'));
        if plain && !(first && text.is_empty()) {
            return self.bytes.extend_from_slice(text.as_bytes());
        }
        self.bytes.push(b'"');
        for part in text.split_inclusive('"') {
            self.bytes.extend_from_slice(part.as_bytes());
            if part.ends_with('"') {
                self.bytes.push(b'"');
            }
        }
        self.bytes.push(b'"');
    }

    fn finish(&mut self) -> &[u8] {
        self.bytes.push(b'\n');
        &self.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_reads_back_as_it_was_written() {
        let fields = ["", "plain", "with, comma", "say \"hi\"", "two\nlines", "Zoë"];
        let mut line = LineBuffer::default();
        fields.iter().for_each(|field| line.field(field));
        line.number(0);
        line.number(18_446_744_073_709_551_615);
        let mut reader = ::csv::ReaderBuilder::new().has_headers(false).from_reader(line.finish());
        let record = reader.records().next().unwrap().unwrap();
        let back: Vec<&str> = record.iter().collect();
        assert_eq!(back[..6], fields);
        assert_eq!(back[6..], ["0", "18446744073709551615"]);
    }
}
