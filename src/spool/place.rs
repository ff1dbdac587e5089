//! Where a fetched row stands.

/// A row of a part, as it is stored in the order of all rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// The part's id.
    pub part: u32,
    /// The row's number in its part.
    pub row: u32,
}

impl Place {
    /// Bytes of a stored place.
    pub const BYTES: usize = 8;

    /// Places that are stored together: reading on from any row costs one block.
    pub const IN_BLOCK: usize = 4096;

    /// As it is stored.
    pub fn to_bytes(self) -> [u8; Place::BYTES] {
        (u64::from(self.part) << 32 | u64::from(self.row)).to_be_bytes()
    }

    /// What [`Place::to_bytes`] has made.
    pub fn of_bytes(bytes: [u8; Place::BYTES]) -> Place {
        let both = u64::from_be_bytes(bytes);
        Place { part: (both >> 32) as u32, row: both as u32 }
    }
}
