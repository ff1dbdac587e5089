//! Keys of fetched rows: bytes whose order is that of the numbers or texts that they stand for.

/// What tells one row from all others: numbers before texts, numbers by their value.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key(Vec<u8>);

impl Key {
    /// The key of some values, such as CASENUM and FOLLOWUPNUM.
    pub fn of<'a>(values: impl Iterator<Item = &'a str>) -> Key {
        let mut bytes = Vec::with_capacity(9);
        for value in values {
            match number(value) {
                Some(number) => {
                    bytes.push(0);
                    bytes.extend(number.to_be_bytes());
                }
                None => {
                    bytes.push(1);
                    bytes.extend(value.bytes());
                    bytes.push(0);
                }
            }
        }
        Key(bytes)
    }

    /// The key of the row with this number, where nothing tells rows apart but their place.
    pub fn of_place(place: u64) -> Key {
        let mut bytes = vec![0];
        bytes.extend(place.to_be_bytes());
        Key(bytes)
    }

    /// As it is stored.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The first number of a stored key.
    pub fn first_number(bytes: &[u8]) -> Option<u64> {
        match bytes.split_first()? {
            (0, rest) => Some(u64::from_be_bytes(rest.get(..8)?.try_into().ok()?)),
            _ => None,
        }
    }
}

/// A value that stands for a number and nothing else: `007` is another record than `7`.
fn number(value: &str) -> Option<u64> {
    let plain = value == "0" || !value.starts_with('0');
    let digits = !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit());
    (plain && digits).then(|| value.parse().ok()).flatten()
}
