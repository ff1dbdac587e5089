//! Sheets of Excel workbooks.
//!
//! A row is known by its number in its sheet: [`Origin::line`](crate::batch::Origin) and `start`
//! are that number. Cells are read in a stream; what a workbook keeps apart from them, its texts,
//! is in memory as a whole. A row with a cell that holds an error is a bad row.

mod cell;
mod options;
mod rows;
mod workbook;

#[cfg(test)]
mod tests;

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use arrow::datatypes::{DataType, Field, Schema, SchemaRef};

pub use options::{SheetChoice, XlsxOptions};
pub use rows::{XlsxRereader, XlsxRows};

use self::{
    cell::Cell,
    workbook::{Merged, SheetRow, SheetRows, column_name, wrong},
};
use super::{ExtractError, csv, inputs};
use crate::batch::Position;

/// Merged ranges that a message lists.
const LISTED: usize = 3;

/// Workbooks that were found, with a header that their sheets share.
#[derive(Clone, Debug)]
pub struct XlsxSource(Arc<Opened>);

/// What is known of the files of a source.
#[derive(Debug)]
struct Opened {
    files: Vec<PathBuf>,
    sizes: Vec<u64>,
    sheets: Vec<Sheet>,
    schema: SchemaRef,
    warnings: Vec<String>,
}

/// The sheet of one workbook.
#[derive(Debug)]
struct Sheet {
    name: String,
    /// Number of the row that names the columns.
    header_row: u32,
    /// The column of the sheet in which the first column stands; 1 is `A`.
    first_column: u32,
    names: Vec<String>,
}

impl XlsxSource {
    /// Finds the workbooks and reads their headers; see [`Source::open`](super::Source::open).
    pub fn open(
        options: &XlsxOptions,
        input_override: Option<&[PathBuf]>,
    ) -> Result<Self, ExtractError> {
        let files = inputs::files(&options.path, input_override)?;
        let sizes = inputs::sizes(&files)?;
        let mut warnings = Vec::new();
        let mut sheets: Vec<Sheet> = Vec::new();
        for path in &files {
            let sheet = open_sheet(path, options, &mut warnings)?;
            if let Some(how) =
                sheets.first().and_then(|first| csv::difference(&first.names, &sheet.names))
            {
                let (path, first) = (path.clone(), files[0].clone());
                return Err(ExtractError::HeaderDiffers { path, first, how });
            }
            sheets.push(sheet);
        }
        let names = sheets.first().map(|sheet| sheet.names.as_slice()).unwrap_or_default();
        let fields = names.iter().map(|name| Field::new(name, DataType::Utf8, true));
        let schema = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
        warnings.dedup();
        Ok(XlsxSource(Arc::new(Opened { files, sizes, sheets, schema, warnings })))
    }

    /// The columns: text, all of them.
    pub fn schema(&self) -> SchemaRef {
        Arc::clone(&self.0.schema)
    }

    /// The files in their order.
    pub fn files(&self) -> &[PathBuf] {
        &self.0.files
    }

    /// Bytes of all files as they are stored.
    pub fn total_bytes(&self) -> u64 {
        self.0.sizes.iter().sum()
    }

    /// Columns that were renamed, sheets that were chosen, cells that are merged.
    pub fn warnings(&self) -> &[String] {
        &self.0.warnings
    }

    /// The rows from a place on.
    pub fn rows(&self, from: Position, chunk_rows: usize) -> Result<XlsxRows, ExtractError> {
        Ok(XlsxRows::new(Arc::clone(&self.0), from, chunk_rows))
    }

    /// Reads single rows again.
    pub fn rereader(&self) -> XlsxRereader {
        XlsxRereader::new(Arc::clone(&self.0))
    }
}

fn open_sheet(
    path: &Path,
    options: &XlsxOptions,
    warnings: &mut Vec<String>,
) -> Result<Sheet, ExtractError> {
    let mut workbook = workbook::open(path)?;
    let choice = options.sheet.as_ref().map(|sheet| &sheet.value);
    let (name, told) = workbook::sheet(path, &mut workbook, choice)?;
    warnings.extend(told);
    let merged = workbook::merged(path, &mut workbook, &name)?;
    drop(workbook);
    let header = header(path, &name, options, &merged)?;
    let in_rows: Vec<String> = merged
        .iter()
        .filter(|range| range.to.0 > header.number)
        .map(|range| format!("`{}`", range.name()))
        .collect();
    if !in_rows.is_empty() {
        let listed = in_rows.iter().take(LISTED).cloned().collect::<Vec<_>>().join(", ");
        let more = if in_rows.len() > LISTED { ", .." } else { "" };
        warnings.push(format!(
            "rows of the sheet `{name}` have merged cells ({listed}{more}): the value counts for the \
             first cell only, the others are empty"
        ));
    }
    let (names, first_column) = column_names(path, &name, &header, warnings)?;
    Ok(Sheet { name, header_row: header.number, first_column, names })
}

/// The row that names the columns.
fn header(
    path: &Path,
    sheet: &str,
    options: &XlsxOptions,
    merged: &[Merged],
) -> Result<SheetRow, ExtractError> {
    let wanted = options.header_row.as_ref().map(|row| row.value);
    let mut rows = SheetRows::begin(path, sheet, 1);
    // A name that is merged over several rows stands in the first of them.
    let mut above: Vec<(u32, u32, Cell)> = Vec::new();
    let mut row = loop {
        match (rows.next()?, wanted) {
            (Some(row), None) => break row,
            (Some(row), Some(wanted)) if row.number == wanted => break row,
            (Some(row), Some(wanted)) if row.number < wanted => {
                let cells = row.cells.into_iter();
                above.extend(cells.map(|(column, cell)| (row.number, column, cell)));
            }
            (None, None) => {
                let hint = "name another by `sheet`, or fill it";
                return Err(wrong(path, format!("the sheet `{sheet}` is empty"), hint));
            }
            (_, Some(wanted)) => {
                let why = format!("row {wanted} of the sheet `{sheet}` is empty");
                let hint = "`header_row` is the number of the row that names the columns";
                return Err(wrong(path, why, hint));
            }
        }
    };
    for range in merged {
        let over = range.from.0 <= row.number && row.number <= range.to.0;
        if over && range.from.1 == range.to.1 && range.to.0 == row.number {
            let (at, column) = range.from;
            let found = above.iter().find(|(row, of, _)| (*row, *of) == (at, column));
            row.cells.extend(found.map(|(_, column, cell)| (*column, cell.clone())));
        } else if over {
            return Err(merged_header(path, sheet, &row, range));
        }
    }
    row.cells.sort_by_key(|(column, _)| *column);
    Ok(row)
}

/// The complaint about a header of which one cell stands over several columns or rows.
fn merged_header(path: &Path, sheet: &str, row: &SheetRow, range: &Merged) -> ExtractError {
    let text = row.cells.iter().find_map(|(column, cell)| match cell {
        Cell::Text(text) if *column == range.from.1 => Some(text.as_str()),
        _ => None,
    });
    let text = text.map(|text| format!(" (`{text}`)")).unwrap_or_default();
    let why = format!(
        "the header of the sheet `{sheet}` has merged cells: `{}`{text} is one cell",
        range.name()
    );
    let hint = match range.from.1 == range.to.1 {
        true => format!("set `header_row: {}`, the last row of the header", range.to.0),
        false => {
            "unmerge it and give each column a name of its own; where the names stand in a row \
                  below, set `header_row` to its number"
                .to_owned()
        }
    };
    wrong(path, why, hint)
}

/// The names of the columns, and in which column of the sheet the first stands.
fn column_names(
    path: &Path,
    sheet: &str,
    header: &SheetRow,
    warnings: &mut Vec<String>,
) -> Result<(Vec<String>, u32), ExtractError> {
    let bad = |why: String| ExtractError::BadHeader { path: path.to_owned(), why };
    if let Some(fault) = &header.fault {
        return Err(bad(format!("row {} of the sheet `{sheet}`: {fault}", header.number)));
    }
    let (first, last) = match (header.cells.first(), header.cells.last()) {
        (Some((first, _)), Some((last, _))) => (*first, *last),
        _ => return Err(bad(format!("row {} of the sheet `{sheet}` is empty", header.number))),
    };
    if (last - first) as usize >= csv::COLUMN_LIMIT {
        let (found, limit) = ((last - first) as usize + 1, csv::COLUMN_LIMIT);
        return Err(ExtractError::TooManyColumns { path: path.to_owned(), found, limit });
    }
    let mut written = vec![String::new(); (last - first) as usize + 1];
    for (column, cell) in &header.cells {
        match cell {
            Cell::Text(text) => written[(column - first) as usize] = text.trim().to_owned(),
            Cell::Fault(why) => {
                let cell = format!("{}{}", column_name(*column), header.number);
                return Err(bad(format!("the cell {cell} of the sheet `{sheet}`: {why}")));
            }
        }
    }
    let (names, renamed) = csv::unique(&written);
    warnings.extend(renamed);
    Ok((names, first))
}
