//! A file of text on its way, compressed as its name says. The same text gives the same bytes:
//! neither format is given a name or a time.

use std::io::{self, Write};

use flate2::{Compression, write::GzEncoder};

use crate::load::files::{
    FileLoadError,
    staging::{Staged, StagedFile},
};

/// How hard `.zst` files are compressed.
const ZSTD_LEVEL: i32 = 3;

/// The file, behind its compression.
pub enum TextFile {
    Plain(StagedFile),
    Gzip(GzEncoder<StagedFile>),
    Zstd(zstd::Encoder<'static, StagedFile>),
}

impl TextFile {
    /// `name` is the final name of the file.
    pub fn new(file: StagedFile, name: &str) -> Result<TextFile, FileLoadError> {
        let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase());
        match ending.as_deref() {
            Some("gz") => Ok(TextFile::Gzip(GzEncoder::new(file, Compression::default()))),
            Some("zst") => {
                let path = file.path().to_owned();
                let encoder = zstd::Encoder::new(file, ZSTD_LEVEL);
                let encoder = encoder.map_err(|error| FileLoadError::io(&path, "write", error))?;
                Ok(TextFile::Zstd(encoder))
            }
            _ => Ok(TextFile::Plain(file)),
        }
    }

    fn file(&self) -> &StagedFile {
        match self {
            TextFile::Plain(file) => file,
            TextFile::Gzip(encoder) => encoder.get_ref(),
            TextFile::Zstd(encoder) => encoder.get_ref(),
        }
    }

    /// Adds text.
    pub fn write(&mut self, text: &[u8]) -> Result<(), FileLoadError> {
        let written = match self {
            TextFile::Plain(file) => file.write_all(text),
            TextFile::Gzip(encoder) => encoder.write_all(text),
            TextFile::Zstd(encoder) => encoder.write_all(text),
        };
        written.map_err(|error| FileLoadError::io(self.file().path(), "write", error))
    }

    /// Makes it durable.
    pub fn finish(self) -> Result<Staged, FileLoadError> {
        let path = self.file().path().to_owned();
        let file: io::Result<StagedFile> = match self {
            TextFile::Plain(file) => Ok(file),
            TextFile::Gzip(encoder) => encoder.finish(),
            TextFile::Zstd(encoder) => encoder.finish(),
        };
        file.map_err(|error| FileLoadError::io(&path, "write", error))?.finish()
    }
}
