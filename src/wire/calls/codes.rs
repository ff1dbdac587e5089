//! Transaction codes: `listId:itemId;listId:itemId` in a column, `selections` on the wire.

use serde::Serialize;

/// The codes of one interaction, list by list in the order in which the lists come first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Codes {
    selections: Vec<List>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct List {
    id: u64,
    codes: Vec<Item>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
struct Item {
    id: u64,
}

/// Why a text is no list of codes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CodesError {
    /// There is none.
    None,
    /// A part is not `listId:itemId` in digits.
    NotAPair { part: String },
    /// A code stands there twice.
    Twice { part: String },
}

impl Codes {
    /// Reads `12:234;2281:7361`. A `;` at the end does no harm.
    ///
    /// # Errors
    /// The first part that is none.
    pub fn parse(text: &str) -> Result<Codes, CodesError> {
        let mut codes = Codes { selections: Vec::new() };
        for part in text.split(';').map(str::trim).filter(|part| !part.is_empty()) {
            let (list, item) =
                pair(part).ok_or_else(|| CodesError::NotAPair { part: part.to_owned() })?;
            if !codes.add(list, Item { id: item }) {
                return Err(CodesError::Twice { part: part.to_owned() });
            }
        }
        if codes.selections.is_empty() { Err(CodesError::None) } else { Ok(codes) }
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.selections.iter().map(|list| list.codes.len()).sum()
    }

    /// The body of the PUT (calls:198-217; the form is ruling PHONE_JSON).
    pub fn body(&self) -> Vec<u8> {
        // Numbers in lists cannot fail to be written.
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// Whether the code is new.
    fn add(&mut self, id: u64, item: Item) -> bool {
        match self.selections.iter_mut().find(|list| list.id == id) {
            Some(list) if list.codes.contains(&item) => return false,
            Some(list) => list.codes.push(item),
            None => self.selections.push(List { id, codes: vec![item] }),
        }
        true
    }
}

fn pair(part: &str) -> Option<(u64, u64)> {
    let number = |text: &str| {
        let text = text.trim();
        text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()
    };
    let (list, item) = part.split_once(':')?;
    Some((number(list)?, number(item)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(text: &str) -> String {
        String::from_utf8(Codes::parse(text).unwrap().body()).unwrap()
    }

    #[test]
    fn codes_of_a_list_stand_together_as_the_document_prints_them() {
        assert_eq!(
            body("12:234;2281:7361"),
            r#"{"selections":[{"id":12,"codes":[{"id":234}]},{"id":2281,"codes":[{"id":7361}]}]}"#
        );
        let mixed = Codes::parse(" 1:2 ; 3:4; 1 : 5;").unwrap();
        assert_eq!(mixed.count(), 3);
        assert_eq!(
            body(" 1:2 ; 3:4; 1 : 5;"),
            r#"{"selections":[{"id":1,"codes":[{"id":2},{"id":5}]},{"id":3,"codes":[{"id":4}]}]}"#
        );
    }

    #[test]
    fn what_is_no_list_of_codes_says_which_part() {
        let not_a_pair = |part: &str| Err(CodesError::NotAPair { part: part.to_owned() });
        assert_eq!(Codes::parse(" ; "), Err(CodesError::None));
        assert_eq!(Codes::parse("12"), not_a_pair("12"));
        assert_eq!(Codes::parse("1:2;a:3"), not_a_pair("a:3"));
        assert_eq!(Codes::parse("1:-2"), not_a_pair("1:-2"));
        assert_eq!(Codes::parse("1:"), not_a_pair("1:"));
        assert_eq!(Codes::parse("1:99999999999999999999"), not_a_pair("1:99999999999999999999"));
        assert_eq!(Codes::parse("1:2;1:02"), Err(CodesError::Twice { part: "1:02".into() }));
    }
}
