//! The bytes of a file, made when they are sent: a large file takes no memory.

use bytes::Bytes;
use sha2::{Digest, Sha256};

use crate::chance::mix;

/// Bytes that are made at once.
const BLOCK: u64 = 1 << 16;
const LINE: usize = 64;

/// A run of bytes.
#[derive(Clone, Debug)]
enum Piece {
    Bytes(Bytes),
    /// Lines of text.
    Text {
        key: u64,
        bytes: u64,
    },
    /// Bytes that no compression makes fewer.
    Noise {
        first: Bytes,
        bytes: u64,
    },
    /// The same block again and again.
    Repeated {
        block: Bytes,
        times: u64,
    },
}

/// The bytes of a file, or of a whole reply.
#[derive(Clone, Debug, Default)]
pub(crate) struct Content(Vec<Piece>);

impl Content {
    pub(super) fn bytes(bytes: impl Into<Bytes>) -> Self {
        Content(vec![Piece::Bytes(bytes.into())])
    }

    pub(super) fn text(key: u64, bytes: u64) -> Self {
        Content(vec![Piece::Text { key, bytes }])
    }

    pub(super) fn noise(key: u64, bytes: u64) -> Self {
        Content(vec![Piece::Noise { first: noise(key, bytes.min(BLOCK)), bytes }])
    }

    pub(super) fn repeated(block: Bytes, times: u64) -> Self {
        Content(vec![Piece::Repeated { block, times }])
    }

    /// The same with other bytes after it.
    pub(super) fn then(mut self, next: Content) -> Self {
        self.0.extend(next.0);
        self
    }

    /// How many bytes there are.
    pub(crate) fn len(&self) -> u64 {
        self.0.iter().map(Piece::len).sum()
    }

    /// The bytes, block by block.
    pub(crate) fn blocks(self) -> impl Iterator<Item = Bytes> + Send {
        self.0.into_iter().flat_map(|piece| (0..piece.blocks()).map(move |nth| piece.block(nth)))
    }

    pub(super) fn crc(&self) -> u32 {
        let mut crc = crc32fast::Hasher::new();
        self.clone().blocks().for_each(|block| crc.update(&block));
        crc.finalize()
    }

    /// In hexadecimal digits.
    pub(super) fn sha256(&self) -> String {
        let mut sha = Sha256::new();
        self.clone().blocks().for_each(|block| sha.update(&block));
        sha.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

impl Piece {
    fn len(&self) -> u64 {
        match self {
            Piece::Bytes(bytes) => bytes.len() as u64,
            Piece::Text { bytes, .. } | Piece::Noise { bytes, .. } => *bytes,
            Piece::Repeated { block, times } => block.len() as u64 * times,
        }
    }

    fn blocks(&self) -> u64 {
        match self {
            Piece::Bytes(bytes) => u64::from(!bytes.is_empty()),
            Piece::Repeated { times, .. } => *times,
            Piece::Text { bytes, .. } | Piece::Noise { bytes, .. } => bytes.div_ceil(BLOCK),
        }
    }

    fn block(&self, nth: u64) -> Bytes {
        match self {
            Piece::Bytes(block) | Piece::Repeated { block, .. } => block.clone(),
            Piece::Text { key, bytes } => text(*key, nth, (bytes - nth * BLOCK).min(BLOCK)),
            Piece::Noise { first, .. } if nth == 0 => first.clone(),
            Piece::Noise { first, bytes } => numbered(first, nth, bytes - nth * BLOCK),
        }
    }
}

fn text(key: u64, nth: u64, bytes: u64) -> Bytes {
    let mut block = String::with_capacity(bytes as usize + LINE);
    let mut line = nth * BLOCK / LINE as u64;
    while (block.len() as u64) < bytes {
        let drawn = mix(&[key, line]);
        // Every line has the same length, so that every block begins with one.
        block.push_str(&format!("{line:010} {drawn:016x} the quick brown fox jumps over it..\n"));
        line += 1;
    }
    Bytes::from(block).slice(..bytes as usize)
}

fn noise(key: u64, bytes: u64) -> Bytes {
    let words = 0..bytes.div_ceil(8);
    let block: Vec<u8> = words.flat_map(|word| mix(&[key, word]).to_le_bytes()).collect();
    Bytes::from(block).slice(..bytes as usize)
}

/// The first block with its number in it; no compression looks back as far as a block.
fn numbered(first: &Bytes, nth: u64, bytes: u64) -> Bytes {
    let mut block = first.to_vec();
    block[..8].copy_from_slice(&nth.to_le_bytes());
    Bytes::from(block).slice(..bytes.min(BLOCK) as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_as_long_together_as_was_told() {
        for bytes in [0, 1, 63, 64, BLOCK - 1, BLOCK, BLOCK + 1, 3 * BLOCK + 17] {
            for content in [Content::text(7, bytes), Content::noise(7, bytes)] {
                let blocks: Vec<Bytes> = content.clone().blocks().collect();
                let sum: usize = blocks.iter().map(Bytes::len).sum();
                assert_eq!((sum as u64, content.len()), (bytes, bytes));
            }
        }
        let all = Content::bytes("ab").then(Content::repeated(Bytes::from("xyz"), 2));
        let text: Vec<u8> = all.clone().blocks().flatten().collect();
        assert_eq!((text.as_slice(), all.len()), (&b"abxyzxyz"[..], 8));
    }

    #[test]
    fn lines_of_text_have_the_same_length() {
        let text: Vec<u8> = Content::text(7, 3 * BLOCK).blocks().flatten().collect();
        assert!(text.chunks(LINE).all(|line| line.ends_with(b"..\n")));
    }

    #[test]
    fn the_same_key_makes_the_same_bytes_and_another_one_others() {
        let sha = |key| Content::noise(key, 100_000).sha256();
        assert_eq!(sha(1), sha(1));
        assert_ne!(sha(1), sha(2));
        let known = Content::bytes("abc");
        assert!(known.sha256().starts_with("ba7816bf8f01cfea"), "{}", known.sha256());
        assert_eq!(known.crc(), 0x3524_41C2);
    }
}
