//! ZIP files, written by hand: any bytes can be a name, and a large entry takes no memory.
//!
//! Entries up to a MiB are deflated, others stored. Sizes stand in the local headers, so a reader
//! need not seek. Nothing is beyond 4 GiB.

use std::io::Write;

use flate2::{Compress, Compression, FlushCompress, Status, write::DeflateEncoder};

use super::content::Content;

const STORED: u16 = 0;
const DEFLATED: u16 = 8;
/// 12 March 2025, 10:30.
const MODIFIED: [u8; 4] = [0xC0, 0x53, 0x6C, 0x5A];
const LONGEST_DEFLATED: u64 = 1 << 20;
pub(super) const MIB: u64 = 1 << 20;

/// What an entry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    File,
    Directory,
    Symlink,
}

/// An entry as it is to be written.
pub(super) struct Entry {
    name: Vec<u8>,
    /// The entry says that its name is UTF-8.
    utf8: bool,
    form: Form,
    method: u16,
    crc: u32,
    /// What is told of its length, and whether or not it is true.
    bytes: u64,
    data: Content,
}

impl Entry {
    pub(super) fn new(name: Vec<u8>, utf8: bool, form: Form, content: Content) -> Self {
        let (crc, bytes) = (content.crc(), content.len());
        let packs = form == Form::File && bytes <= LONGEST_DEFLATED;
        let deflated = packs.then(|| deflated(&content)).flatten();
        let method = if deflated.is_some() { DEFLATED } else { STORED };
        let data = deflated.unwrap_or(content);
        Entry { name, utf8, form, method, crc, bytes, data }
    }

    /// Zeros, a thousand times as many as there are bytes in the ZIP; with `told` the entry
    /// tells another length.
    pub(super) fn bomb(name: &str, bytes: u64, told: Option<u64>) -> Option<Self> {
        let times = bytes.div_ceil(MIB);
        let mut block = crc32fast::Hasher::new();
        block.update(&vec![0; MIB as usize]);
        let mut crc = crc32fast::Hasher::new();
        (0..times).for_each(|_| crc.combine(&block));
        // An empty last block ends the repeated ones.
        let data = Content::repeated(zeros()?.into(), times).then(Content::bytes(vec![3, 0]));
        Some(Entry {
            name: name.into(),
            utf8: false,
            form: Form::File,
            method: DEFLATED,
            crc: crc.finalize(),
            bytes: told.unwrap_or(times * MIB),
            data,
        })
    }

    /// What stands in the local header and in the directory alike.
    fn header(&self, out: &mut Vec<u8>) {
        put(out, 20);
        put(out, if self.utf8 { 1 << 11 } else { 0 });
        put(out, self.method);
        out.extend(MODIFIED);
        out.extend(self.crc.to_le_bytes());
        out.extend((self.data.len() as u32).to_le_bytes());
        out.extend((self.bytes as u32).to_le_bytes());
        put(out, self.name.len() as u16);
        put(out, 0);
    }

    fn attributes(&self) -> u32 {
        match self.form {
            Form::File => 0o100_644 << 16,
            Form::Directory => 0o040_755 << 16 | 0x10,
            Form::Symlink => 0o120_777 << 16,
        }
    }
}

/// The ZIP of some entries, in their order.
pub(super) fn archive(entries: Vec<Entry>) -> Content {
    let count = entries.len() as u16;
    let (mut all, mut directory) = (Content::default(), Vec::new());
    for entry in entries {
        let mut local = b"PK\x03\x04".to_vec();
        entry.header(&mut local);
        local.extend(&entry.name);
        directory.extend(b"PK\x01\x02\x14\x03");
        entry.header(&mut directory);
        // No comment, on the first disk, no text.
        directory.extend([0; 6]);
        directory.extend(entry.attributes().to_le_bytes());
        directory.extend((all.len() as u32).to_le_bytes());
        directory.extend(&entry.name);
        all = all.then(Content::bytes(local)).then(entry.data);
    }
    let mut end = b"PK\x05\x06\0\0\0\0".to_vec();
    put(&mut end, count);
    put(&mut end, count);
    end.extend((directory.len() as u32).to_le_bytes());
    end.extend((all.len() as u32).to_le_bytes());
    put(&mut end, 0);
    all.then(Content::bytes(directory)).then(Content::bytes(end))
}

fn put(out: &mut Vec<u8>, number: u16) {
    out.extend(number.to_le_bytes());
}

/// The content deflated, or nothing where that does not pay.
fn deflated(content: &Content) -> Option<Content> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::fast());
    for block in content.clone().blocks() {
        encoder.write_all(&block).ok()?;
    }
    let packed = encoder.finish().ok()?;
    ((packed.len() as u64) < content.len()).then(|| Content::bytes(packed))
}

/// A MiB of zeros deflated, so that it can be repeated: it ends with a full flush.
fn zeros() -> Option<Vec<u8>> {
    let mut packed = Vec::with_capacity(4096);
    let mut deflate = Compress::new(Compression::best(), false);
    let status = deflate.compress_vec(&vec![0; MIB as usize], &mut packed, FlushCompress::Full);
    status.is_ok_and(|status| status == Status::Ok).then_some(packed)
}

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Read};

    use super::*;

    fn written(entries: Vec<Entry>) -> zip::ZipArchive<Cursor<Vec<u8>>> {
        let bytes: Vec<u8> = archive(entries).blocks().flatten().collect();
        zip::ZipArchive::new(Cursor::new(bytes)).unwrap()
    }

    #[test]
    fn what_is_written_another_reader_reads() {
        let text = Content::text(1, 5_000);
        let noise = Content::noise(2, 2_000_000);
        let mut read = written(vec![
            Entry::new(b"a.txt".into(), false, Form::File, text.clone()),
            Entry::new("é.bin".into(), true, Form::File, noise.clone()),
            Entry::new(b"folder/".into(), false, Form::Directory, Content::default()),
            Entry::new(b"link".into(), false, Form::Symlink, Content::bytes("../up")),
        ]);
        assert_eq!(read.len(), 4);
        for (nth, name, expected) in [(0, "a.txt", text), (1, "é.bin", noise)] {
            let mut entry = read.by_index(nth).unwrap();
            assert_eq!(entry.name().unwrap(), name);
            let mut found = Vec::new();
            entry.read_to_end(&mut found).unwrap();
            assert_eq!(found, expected.blocks().flatten().collect::<Vec<u8>>());
        }
        assert!(read.by_index(2).unwrap().is_dir());
        assert!(read.by_index(3).unwrap().is_symlink());
    }

    #[test]
    fn a_bomb_is_small_and_explodes() {
        let bomb = Entry::bomb("bomb.bin", 64 * MIB, None).unwrap();
        assert!(bomb.data.len() < 80_000, "{}", bomb.data.len());
        let mut read = written(vec![bomb]);
        let mut entry = read.by_index(0).unwrap();
        assert_eq!(entry.size(), 64 * MIB);
        assert_eq!(std::io::copy(&mut entry, &mut std::io::sink()).unwrap(), 64 * MIB);
    }

    #[test]
    fn a_bomb_can_lie() {
        let mut read = written(vec![Entry::bomb("bomb.bin", 3 * MIB, Some(1_000)).unwrap()]);
        assert_eq!(read.by_index(0).unwrap().size(), 1_000);
    }
}
