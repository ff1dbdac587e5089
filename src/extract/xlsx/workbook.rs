//! A workbook: opened, its sheets told apart, and the rows of one of them.

use std::{
    fs::File,
    io::{BufReader, Read},
    path::{Path, PathBuf},
    sync::mpsc::{Receiver, sync_channel},
    thread,
};

use calamine::{Reader, SheetType, SheetVisible, Xlsx, XlsxError};

use super::{
    cell::{self, Cell},
    options::SheetChoice,
};
use crate::{extract::ExtractError, files::FileError};

/// Bytes that the texts of a workbook may take: they are all kept in memory.
const TEXTS_LIMIT: u64 = 256 << 20;

/// Rows that are handed on at a time.
const ROWS_AT_A_TIME: usize = 256;

/// Bytes of text after which rows are handed on.
const BYTES_AT_A_TIME: usize = 1 << 20;

pub(super) type Workbook = Xlsx<BufReader<File>>;

/// Opens a workbook; its texts are in memory from here on.
pub(super) fn open(path: &Path) -> Result<Workbook, ExtractError> {
    let file = File::open(path).map_err(|error| FileError::from_io(path, "read", error))?;
    check_archive(path, &file)?;
    Xlsx::new(BufReader::new(file)).map_err(|error| unreadable(path, &error))
}

pub(super) fn wrong(path: &Path, why: impl Into<String>, hint: impl Into<String>) -> ExtractError {
    let (why, hint) = (why.into(), hint.into());
    ExtractError::Format { path: path.to_owned(), format: "an Excel workbook", why, hint }
}

fn unreadable(path: &Path, error: &XlsxError) -> ExtractError {
    match error {
        XlsxError::Password => wrong(
            path,
            "it is protected by a password",
            "save it without one: File, Info, Protect Workbook, Encrypt with Password",
        ),
        error => wrong(
            path,
            error.to_string(),
            "open it in a spreadsheet program and save it as .xlsx, or export the sheet as CSV",
        ),
    }
}

/// Tells files that are no workbook apart, and refuses one whose texts would fill the memory.
fn check_archive(path: &Path, file: &File) -> Result<(), ExtractError> {
    let mut first = [0; 8];
    let mut reader = file;
    let count = reader.read(&mut first).map_err(|error| FileError::from_io(path, "read", error))?;
    match &first[..count] {
        [0xD0, 0xCF, 0x11, 0xE0, ..] => {
            return Err(wrong(
                path,
                "it is a workbook of the old kind (.xls), or protected by a password",
                "save it as .xlsx, without a password",
            ));
        }
        [b'P', b'K', ..] => {}
        _ => {
            return Err(wrong(
                path,
                "it is no .xlsx file",
                "open it in a spreadsheet program and save it as .xlsx; a CSV file is read by \
                 `extract: csv`",
            ));
        }
    }
    let again = File::open(path).map_err(|error| FileError::from_io(path, "read", error))?;
    let damaged = |error: zip::result::ZipError| {
        wrong(path, format!("its archive is damaged: {error}"), "copy it again")
    };
    let mut archive = zip::ZipArchive::new(BufReader::new(again)).map_err(damaged)?;
    for index in 0..archive.len() {
        let entry = archive.by_index(index).map_err(damaged)?;
        // What the archive says of its sizes may be a lie.
        let name = entry.name().map_err(damaged)?.to_ascii_lowercase();
        let of_texts = name.ends_with("sharedstrings.xml");
        if of_texts && longer_than(TEXTS_LIMIT, entry) {
            return Err(wrong(
                path,
                format!("its texts take more than {} MiB", TEXTS_LIMIT >> 20),
                "export the sheet as CSV (utf-8): that is read row by row",
            ));
        }
    }
    Ok(())
}

fn longer_than(limit: u64, reader: impl Read) -> bool {
    let copied = std::io::copy(&mut reader.take(limit + 1), &mut std::io::sink());
    copied.is_ok_and(|bytes| bytes > limit)
}

/// The name of the sheet that is wanted, and what to say of the choice.
pub(super) fn sheet(
    path: &Path,
    workbook: &mut Workbook,
    choice: Option<&SheetChoice>,
) -> Result<(String, Option<String>), ExtractError> {
    let sheets: Vec<(String, bool)> = workbook
        .sheets_metadata()
        .iter()
        .filter(|sheet| sheet.typ == SheetType::WorkSheet)
        .map(|sheet| (sheet.name.clone(), sheet.visible == SheetVisible::Visible))
        .collect();
    let names = sheets.iter().map(|(name, _)| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    let hint = format!("its sheets are: {names}");
    match choice {
        Some(SheetChoice::Name(name)) => match sheets.iter().any(|(known, _)| known == name) {
            true => Ok((name.clone(), None)),
            false => Err(wrong(path, format!("it has no sheet `{name}`"), hint)),
        },
        Some(SheetChoice::Number(number)) => {
            let index = usize::try_from(number - 1).unwrap_or(usize::MAX);
            let found = sheets.get(index).map(|(name, _)| (name.clone(), None));
            found.ok_or_else(|| {
                wrong(path, format!("it has {} sheets, and no sheet {number}", sheets.len()), hint)
            })
        }
        None => {
            let visible = || sheets.iter().filter(|(_, visible)| *visible);
            for (name, _) in visible() {
                if !is_empty(path, workbook, name)? {
                    let told = (visible().count() > 1).then(|| {
                        format!(
                            "the sheet `{name}` of `{}` is read; `sheet` can name another of {names}",
                            path.display()
                        )
                    });
                    return Ok((name.clone(), told));
                }
            }
            Err(wrong(path, "no sheet of it holds a cell", hint))
        }
    }
}

fn is_empty(path: &Path, workbook: &mut Workbook, sheet: &str) -> Result<bool, ExtractError> {
    let mut cells =
        workbook.worksheet_cells_reader(sheet).map_err(|error| unreadable(path, &error))?;
    loop {
        match cells.next_cell_with_formula_metadata() {
            Ok(None) => return Ok(true),
            Ok(Some(cell)) if cell::read(&cell.value, cell.formula.is_some()).is_none() => {}
            Ok(Some(_)) => return Ok(false),
            Err(error) if of_one_cell(&error) => return Ok(false),
            Err(error) => return Err(unreadable(path, &error)),
        }
    }
}

/// Whether reading can go on after an error: it was the cell's, not the sheet's.
fn of_one_cell(error: &XlsxError) -> bool {
    matches!(
        error,
        XlsxError::CellError(_)
            | XlsxError::Unrecognized { .. }
            | XlsxError::ParseFloat(_)
            | XlsxError::CellTAttribute(_)
    )
}

/// Rows and columns, counted from 1, that are merged into one cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Merged {
    /// First row and first column.
    pub from: (u32, u32),
    /// Last row and last column.
    pub to: (u32, u32),
}

impl Merged {
    /// `B2:C2`.
    pub fn name(&self) -> String {
        let corner = |(row, column): (u32, u32)| format!("{}{row}", column_name(column));
        format!("{}:{}", corner(self.from), corner(self.to))
    }
}

/// The ranges of a sheet that are merged.
pub(super) fn merged(
    path: &Path,
    workbook: &mut Workbook,
    sheet: &str,
) -> Result<Vec<Merged>, ExtractError> {
    let found =
        workbook.merge_cells_by_sheet_name(sheet).map_err(|error| unreadable(path, &error))?;
    let from_1 = |(row, column): (u32, u32)| (row + 1, column + 1);
    Ok(found.iter().map(|d| Merged { from: from_1(d.start), to: from_1(d.end) }).collect())
}

/// The letters of a column; 1 is `A`.
pub(super) fn column_name(column: u32) -> String {
    let (mut rest, mut letters) = (column, Vec::new());
    while rest > 0 {
        let digit = (rest - 1) % 26;
        letters.push(char::from(b'A' + digit as u8));
        rest = (rest - 1) / 26;
    }
    letters.iter().rev().collect()
}

/// A row that is not empty.
#[derive(Debug, Default)]
pub(super) struct SheetRow {
    /// Its number; 1 is the first row of the sheet.
    pub number: u32,
    /// Its cells by their columns, of which 1 is the first; ascending.
    pub cells: Vec<(u32, Cell)>,
    /// A cell that could not be told, here or in the row beside it.
    pub fault: Option<String>,
}

/// The rows of a sheet, read on a thread of their own: the reader of cells borrows the workbook.
pub(super) struct SheetRows {
    path: PathBuf,
    rows: Receiver<Result<Piece, ExtractError>>,
    ready: std::vec::IntoIter<SheetRow>,
    ended: bool,
}

/// What the thread hands on: a sheet that just stops must not pass for one that ended.
enum Piece {
    Rows(Vec<SheetRow>),
    End,
}

impl SheetRows {
    /// Begins to read rows from number `from` on. The thread ends with the sheet, or when this is
    /// dropped.
    pub fn begin(path: &Path, sheet: &str, from: u32) -> Self {
        let (send, rows) = sync_channel(2);
        let (from_path, sheet) = (path.to_owned(), sheet.to_owned());
        thread::spawn(move || {
            let hand_on = |rows| send.send(Ok(Piece::Rows(rows))).is_ok();
            let ended = read(&from_path, &sheet, from, hand_on).map(|()| Piece::End);
            let _ = send.send(ended); // perhaps nobody listens any more
        });
        SheetRows { path: path.to_owned(), rows, ready: Vec::new().into_iter(), ended: false }
    }

    /// The next row that is not empty.
    pub fn next(&mut self) -> Result<Option<SheetRow>, ExtractError> {
        loop {
            if let Some(row) = self.ready.next() {
                return Ok(Some(row));
            }
            if self.ended {
                return Ok(None);
            }
            match self.rows.recv() {
                Ok(Ok(Piece::Rows(rows))) => self.ready = rows.into_iter(),
                Ok(Ok(Piece::End)) => self.ended = true,
                Ok(Err(error)) => return Err(error),
                Err(_) => {
                    let hint = "save it anew in a spreadsheet program, or export the sheet as CSV";
                    return Err(wrong(&self.path, "reading it broke off", hint));
                }
            }
        }
    }
}

fn read(
    path: &Path,
    sheet: &str,
    from: u32,
    hand_on: impl Fn(Vec<SheetRow>) -> bool,
) -> Result<(), ExtractError> {
    let mut workbook = open(path)?;
    let mut cells =
        workbook.worksheet_cells_reader(sheet).map_err(|error| unreadable(path, &error))?;
    let (mut rows, mut row, mut bytes) = (Vec::new(), SheetRow::default(), 0);
    let mut fault = None;
    loop {
        let cell = match cells.next_cell_with_formula_metadata() {
            Ok(Some(cell)) => cell,
            Ok(None) => break,
            Err(error) if of_one_cell(&error) => {
                fault = Some(format!("a cell of it, or of the row beside it, is unknown: {error}"));
                continue;
            }
            Err(error) => return Err(unreadable(path, &error)),
        };
        let (number, column) = (cell.pos.0 + 1, cell.pos.1 + 1);
        if number != row.number {
            row.fault = row.fault.or_else(|| fault.clone());
            put(&mut rows, std::mem::take(&mut row), from);
            if (rows.len() >= ROWS_AT_A_TIME || bytes >= BYTES_AT_A_TIME)
                && !hand_on(std::mem::take(&mut rows))
            {
                return Ok(());
            }
            (row.number, bytes) = (number, if rows.is_empty() { 0 } else { bytes });
        }
        row.fault = row.fault.or_else(|| fault.take());
        if let Some(cell) = cell::read(&cell.value, cell.formula.is_some()) {
            bytes += std::mem::size_of::<Cell>();
            if let Cell::Text(text) = &cell {
                bytes += text.len();
            }
            row.cells.push((column, cell));
        }
    }
    row.fault = row.fault.or(fault);
    put(&mut rows, row, from);
    hand_on(rows);
    Ok(())
}

/// Keeps a row that holds something.
fn put(rows: &mut Vec<SheetRow>, mut row: SheetRow, from: u32) {
    if row.number >= from && (!row.cells.is_empty() || row.fault.is_some()) {
        row.cells.sort_by_key(|(column, _)| *column);
        rows.push(row);
    }
}
