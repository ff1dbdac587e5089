//! A CSV row by row, and the rows that are unlike the others, as data.

/// A file under construction.
pub(super) struct Table {
    header: &'static [&'static str],
    delimiter: char,
    /// Whether every field stands in quotes, and lines end as Unix has it.
    quoted: bool,
    text: String,
}

/// The fields of one row, known by the header's names.
pub(super) struct Row {
    header: &'static [&'static str],
    fields: Vec<String>,
}

/// A value that makes one row unlike the others.
pub(super) struct Odd {
    /// The row, counted from 1.
    pub row: u64,
    /// The column, as the header writes it.
    pub column: &'static str,
    /// The value, or what it is made of.
    pub text: &'static str,
    /// How often the text stands in the value.
    pub times: usize,
}

/// A value of its own in one row.
pub(super) const fn odd(row: u64, column: &'static str, text: &'static str) -> Odd {
    Odd { row, column, text, times: 1 }
}

/// A value that is too long.
pub(super) const fn long(row: u64, column: &'static str, text: &'static str, times: usize) -> Odd {
    Odd { row, column, text, times }
}

/// Whether a row is in a list.
pub(super) fn lists(odds: &[Odd], row: u64) -> bool {
    odds.iter().any(|odd| odd.row == row)
}

impl Row {
    /// Sets the values that a list has for this row.
    pub(super) fn set(&mut self, row: u64, odds: &[Odd]) {
        for odd in odds.iter().filter(|odd| odd.row == row) {
            let place = self.header.iter().position(|name| *name == odd.column);
            if let Some(field) = place.and_then(|place| self.fields.get_mut(place)) {
                *field = odd.text.repeat(odd.times);
            }
        }
    }
}

impl Table {
    /// A file that begins with a header.
    pub(super) fn new(header: &'static [&'static str], delimiter: char) -> Self {
        Self::begin(header, delimiter, false)
    }

    /// A file that has all its fields in quotes.
    pub(super) fn quoted(header: &'static [&'static str], delimiter: char) -> Self {
        Self::begin(header, delimiter, true)
    }

    fn begin(header: &'static [&'static str], delimiter: char, quoted: bool) -> Self {
        let mut table = Table { header, delimiter, quoted, text: String::new() };
        table.push_fields(header);
        table
    }

    /// A row for this file.
    pub(super) fn row(&self, fields: Vec<String>) -> Row {
        debug_assert_eq!(fields.len(), self.header.len(), "{fields:?}");
        Row { header: self.header, fields }
    }

    /// Writes a row, quoted where it must be.
    pub(super) fn push(&mut self, row: &Row) {
        self.push_fields(&row.fields);
    }

    /// Writes the first fields of a row only, as a broken export does.
    pub(super) fn push_first(&mut self, row: &Row, fields: usize) {
        self.push_fields(&row.fields[..fields.min(row.fields.len())]);
    }

    /// Writes a line that is no row.
    pub(super) fn push_line(&mut self, line: &str) {
        self.text.push_str(line);
        self.end_line();
    }

    fn end_line(&mut self) {
        self.text.push_str(if self.quoted { "\n" } else { "\r\n" });
    }

    fn push_fields<T: AsRef<str>>(&mut self, fields: &[T]) {
        for (nth, field) in fields.iter().enumerate() {
            if nth > 0 {
                self.text.push(self.delimiter);
            }
            self.push_field(field.as_ref());
        }
        self.end_line();
    }

    fn push_field(&mut self, field: &str) {
        if self.quoted || field.contains(['"', '\r', '\n', self.delimiter]) {
            self.text.push('"');
            self.text.push_str(&field.replace('"', "\"\""));
            self.text.push('"');
        } else {
            self.text.push_str(field);
        }
    }

    /// The file in UTF-8 with a byte order mark.
    pub(super) fn utf8(self) -> Vec<u8> {
        format!("\u{feff}{}", self.text).into_bytes()
    }

    /// The file in windows-1252; what that lacks becomes a question mark.
    pub(super) fn windows_1252(self) -> Vec<u8> {
        let byte = |c: char| match c {
            '€' => 0x80,
            '’' => 0x92,
            '–' => 0x96,
            c => u8::try_from(u32::from(c)).unwrap_or(b'?'),
        };
        self.text.chars().map(byte).collect()
    }
}
