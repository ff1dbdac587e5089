//! The usual form of a 207's body, read in one pass: an array of flat objects whose values are
//! plain strings, whole numbers and nulls. Whatever else is valid JSON is left to `decode`.

use std::borrow::Cow;

use super::decode::{CustomerId, Item, Scalar};

/// The items of a body in the usual form; `None` where it is in another, or is wrong.
pub(super) fn scan(body: &[u8]) -> Option<Vec<Item<'_>>> {
    let text = std::str::from_utf8(body).ok()?;
    let mut scanner = Scanner { text, at: 0 };
    let mut items = Vec::with_capacity(512);
    scanner.expect(b'[')?;
    loop {
        items.push(scanner.item()?);
        match scanner.mark()? {
            b',' => {}
            b']' => break,
            _ => return None,
        }
    }
    scanner.skip_blanks();
    (scanner.at == text.len()).then_some(items)
}

struct Scanner<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Scanner<'a> {
    fn item(&mut self) -> Option<Item<'a>> {
        let (mut id, mut status, mut message) = (None, None, None);
        self.expect(b'{')?;
        loop {
            self.expect(b'"')?;
            let key = self.rest_of_string()?;
            self.expect(b':')?;
            let value = self.value()?;
            let before = match key {
                "customer-id" => id.replace(value),
                "http-status" => status.replace(value),
                "message" => message.replace(value),
                _ => None,
            };
            // A key twice is for the other reader to refuse.
            if before.is_some() {
                return None;
            }
            match self.mark()? {
                b',' => {}
                b'}' => break,
                _ => return None,
            }
        }
        Some(Item {
            customer: id.map_or(CustomerId::Null, Scalar::into_customer_id),
            status: status.map_or(0, Scalar::into_status),
            message: message.map_or(Cow::Borrowed(""), Scalar::into_text),
        })
    }

    fn value(&mut self) -> Option<Scalar<'a>> {
        self.skip_blanks();
        let rest = &self.text.as_bytes()[self.at..];
        match rest.first()? {
            b'"' => {
                self.at += 1;
                self.rest_of_string().map(|text| Scalar::Text(Cow::Borrowed(text)))
            }
            b'n' if rest.starts_with(b"null") => {
                self.at += 4;
                Some(Scalar::Null)
            }
            b'0'..=b'9' => self.whole_number().map(Scalar::Number),
            _ => None,
        }
    }

    fn whole_number(&mut self) -> Option<i64> {
        let digits = &self.text.as_bytes()[self.at..];
        let count = digits.iter().take_while(|digit| digit.is_ascii_digit()).count();
        // JSON has no leading zeros; 18 digits always fit.
        let is_plain = count <= 18 && (count == 1 || digits[0] != b'0');
        if !is_plain || matches!(digits.get(count), Some(b'.' | b'e' | b'E')) {
            return None;
        }
        self.at += count;
        Some(digits[..count].iter().fold(0, |number, digit| number * 10 + i64::from(digit - b'0')))
    }

    /// The string up to its closing quote, if nothing in it is escaped.
    fn rest_of_string(&mut self) -> Option<&'a str> {
        let start = self.at;
        let bytes = &self.text.as_bytes()[start..];
        let length = bytes.iter().position(|byte| matches!(byte, b'"' | b'\\' | 0..=0x1f))?;
        self.at = start + length + 1;
        (bytes[length] == b'"').then(|| &self.text[start..start + length])
    }

    fn expect(&mut self, mark: u8) -> Option<()> {
        (self.mark()? == mark).then_some(())
    }

    /// The next byte that is no blank.
    fn mark(&mut self) -> Option<u8> {
        self.skip_blanks();
        let mark = *self.text.as_bytes().get(self.at)?;
        self.at += 1;
        Some(mark)
    }

    fn skip_blanks(&mut self) {
        let bytes = self.text.as_bytes();
        while matches!(bytes.get(self.at), Some(b' ' | b'\n' | b'\r' | b'\t')) {
            self.at += 1;
        }
    }
}
