//! Rows that cannot be read: why, and their fields as far as they can be told.

use memchr::memchr;

use super::{
    dialect::Dialect,
    header::Header,
    records::{Fault, Place, ROW_LIMIT, Rejected},
};

/// Characters of a line that is longer than a row may be, kept to show what it is.
const SHOWN: usize = 1000;

/// What bad rows are told with.
#[derive(Clone, Copy)]
pub(super) struct BadRows<'a> {
    pub(super) header: &'a Header,
    pub(super) dialect: &'a Dialect,
}

impl BadRows<'_> {
    /// Fewer or more fields than the header has.
    pub(super) fn ragged(&self, fields: &[&[u8]]) -> (Vec<Option<String>>, String) {
        let names = &self.header.names;
        let rest = match fields.get(names.len()..) {
            Some(extra) => {
                let extra = extra.iter().map(|field| format!("`{}`", self.text(field)));
                format!("extra: {}", extra.collect::<Vec<_>>().join(", "))
            }
            None => {
                let missing = names[fields.len()..].iter().map(|name| format!("`{name}`"));
                format!("missing: {}", missing.collect::<Vec<_>>().join(", "))
            }
        };
        let first = if self.dialect.header { "header" } else { "first row" };
        let has =
            if fields.len() == 1 { "1 field".into() } else { format!("{} fields", fields.len()) };
        let reason = format!("the row has {has}, the {first} {} ({rest})", names.len());
        (self.fields(fields), reason)
    }

    /// Values that are no text in the file's encoding; `columns` are theirs.
    pub(super) fn undecodable(
        &self,
        fields: &[&[u8]],
        columns: &[usize],
    ) -> (Vec<Option<String>>, String) {
        let reasons = columns.iter().map(|column| {
            let (name, field) = (self.column(*column), fields[*column]);
            if let Some(at) = memchr(0, field) {
                return format!("{name}: a NUL byte (after `{}`)", self.text(&field[..at]));
            }
            let good = self.good(field);
            let encoding = self.dialect.encoding.name().to_ascii_lowercase();
            let (before, byte) = (self.text(&field[..good]), field.get(good).unwrap_or(&0));
            format!("{name}: byte 0x{byte:02X} is not {encoding} (after `{before}`)")
        });
        let reason = reasons.collect::<Vec<_>>().join("; ");
        (self.fields(fields), reason)
    }

    /// A record that could not be told; what is kept is its first physical line.
    pub(super) fn fault(
        &self,
        fault: Fault,
        place: Place,
        rejected: &Rejected,
    ) -> (Vec<Option<String>>, String) {
        let Rejected { line, fault_line } = rejected;
        let cut = place.length > ROW_LIMIT as u64;
        let line = if cut { &line[..line.len().min(SHOWN)] } else { line };
        let (fields, stray, open) = split(line, self.dialect);
        let at = open.or(stray).map(|column| self.column(column));
        let column = at.as_deref().unwrap_or("the row");
        let reason = match fault {
            _ if cut => {
                format!("the line is longer than {ROW_LIMIT} bytes; its first {SHOWN} are kept")
            }
            Fault::StrayQuote if stray.is_some() => {
                format!("{column}: a quote stands within a field that does not begin with one")
            }
            Fault::StrayQuote => format!(
                "{column}: the quote that opens it is closed on line {fault_line}, where another \
                 quote stands within a field"
            ),
            Fault::TextAfterQuote if *fault_line > place.line && open.is_some() => {
                format!("{column}: text follows the quote that closes it, on line {fault_line}")
            }
            Fault::TextAfterQuote => format!("{column}: text follows the closing quote"),
            Fault::Unclosed => format!("{column}: the quote that opens it is never closed"),
            Fault::TooLong => {
                format!("{column}: the quote that opens it is not closed within {ROW_LIMIT} bytes")
            }
        };
        let fields: Vec<&[u8]> = fields.iter().map(Vec::as_slice).collect();
        (self.fields(&fields), reason)
    }

    /// As many fields as the rows have columns of their own, decoded as well as can be.
    fn fields(&self, fields: &[&[u8]]) -> Vec<Option<String>> {
        (0..self.header.own).map(|column| self.value(fields.get(column)?)).collect()
    }

    fn value(&self, field: &[u8]) -> Option<String> {
        let text = self.text(field);
        (!self.dialect.null_values.contains(&text)).then_some(text)
    }

    fn text(&self, field: &[u8]) -> String {
        self.dialect.encoding.decode_without_bom_handling(field).0.into_owned()
    }

    /// Bytes of `field` before the first that its encoding does not know.
    fn good(&self, field: &[u8]) -> usize {
        let decodes = |count: &usize| {
            let start = &field[..*count];
            self.dialect
                .encoding
                .decode_without_bom_handling_and_without_replacement(start)
                .is_some()
        };
        if self.dialect.encoding == encoding_rs::UTF_8 {
            return std::str::from_utf8(field).err().map_or(field.len(), |e| e.valid_up_to());
        }
        (0..=field.len().min(SHOWN)).rev().find(decodes).unwrap_or(0)
    }

    fn column(&self, index: usize) -> String {
        match self.header.names.get(index) {
            Some(name) => format!("`{name}`"),
            None => format!("field {}", index + 1),
        }
    }
}

/// The fields of one physical line, with the column of the first stray quote, and that of the
/// field whose quotes do not end rightly on the line; the rest of the line is the latter's.
fn split(line: &[u8], dialect: &Dialect) -> (Vec<Vec<u8>>, Option<usize>, Option<usize>) {
    let (mut fields, mut stray, mut rest) = (Vec::new(), None, line);
    loop {
        if rest.first() == Some(&dialect.quote) {
            let Some((field, after)) = quoted_field(rest, dialect) else {
                let column = fields.len();
                fields.push(rest.to_vec());
                return (fields, stray, Some(column));
            };
            fields.push(field);
            rest = after;
        } else {
            let end = memchr(dialect.delimiter, rest).unwrap_or(rest.len());
            if memchr(dialect.quote, &rest[..end]).is_some() {
                stray = stray.or(Some(fields.len()));
            }
            fields.push(rest[..end].to_vec());
            rest = &rest[end..];
        }
        match rest.split_first() {
            Some((_, after)) => rest = after,
            None => return (fields, stray, None),
        }
    }
}

/// The text of the quoted field that `rest` begins with, and what comes after it; `None` where
/// the line ends within its quotes or text follows them.
fn quoted_field<'a>(rest: &'a [u8], dialect: &Dialect) -> Option<(Vec<u8>, &'a [u8])> {
    let (mut field, mut at) = (Vec::new(), 1);
    loop {
        let end = at + memchr(dialect.quote, &rest[at..])?;
        field.extend_from_slice(&rest[at..end]);
        at = end + 1;
        match rest.get(at) {
            Some(byte) if *byte == dialect.quote => {
                field.push(dialect.quote);
                at += 1;
            }
            Some(byte) if *byte != dialect.delimiter => return None,
            _ => return Some((field, &rest[at..])),
        }
    }
}
