//! One reply on its way to the disk: its sum is made, and its length bounded, while it comes.

use std::{
    fs::File,
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
};

use sha2::{Digest, Sha256};
use thiserror::Error;

use crate::files::{self, FileError};

/// First bytes of a reply that are looked at.
const START: usize = 8;

/// More came than the pipeline allows.
#[derive(Clone, Copy, Debug, Error)]
#[error("more than {most} bytes (`max_bytes`)")]
pub struct TooLarge {
    most: u64,
}

impl TooLarge {
    /// Whether a writer failed for this.
    pub fn of(error: &io::Error) -> Option<TooLarge> {
        error.get_ref().and_then(|inner| inner.downcast_ref::<TooLarge>()).copied()
    }
}

/// A file that is written, with its sum.
pub struct Summed {
    path: PathBuf,
    file: BufWriter<File>,
    sum: Sha256,
    start: Vec<u8>,
    bytes: u64,
    most: u64,
}

/// A file that was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Whole {
    /// Where it is for now.
    pub path: PathBuf,
    /// Its first bytes.
    pub start: Vec<u8>,
    /// Its length.
    pub bytes: u64,
    /// Its sum, in hexadecimal digits.
    pub sha256: String,
}

impl Summed {
    /// Begins a file of at most so many bytes; one that is there is overwritten.
    ///
    /// # Errors
    /// A folder that cannot be written.
    pub fn begin(path: &Path, most: u64) -> Result<Summed, FileError> {
        let file = files::private_file(path)?;
        file.set_len(0).map_err(|error| FileError::from_io(path, "write", error))?;
        Ok(Summed {
            path: path.to_owned(),
            file: BufWriter::with_capacity(64 << 10, file),
            sum: Sha256::new(),
            start: Vec::with_capacity(START),
            bytes: 0,
            most,
        })
    }

    /// Bytes so far.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Hands all bytes to the system.
    ///
    /// # Errors
    /// The disk is full or gone.
    pub fn finish(mut self) -> Result<Whole, FileError> {
        self.file.flush().map_err(|error| FileError::from_io(&self.path, "write", error))?;
        Ok(Whole {
            path: self.path.clone(),
            start: self.start.clone(),
            bytes: self.bytes,
            sha256: hexadecimal(&self.sum.finalize()),
        })
    }
}

impl Write for Summed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.bytes + bytes.len() as u64 > self.most {
            return Err(io::Error::other(TooLarge { most: self.most }));
        }
        self.file.write_all(bytes)?;
        self.sum.update(bytes);
        let missing = START - self.start.len();
        self.start.extend(bytes.iter().take(missing));
        self.bytes += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// The sum of a file that is there.
pub fn sum_of(path: &Path) -> io::Result<String> {
    let mut sum = Sha256::new();
    let mut file = File::open(path)?;
    let mut buffer = vec![0; 64 << 10];
    loop {
        match io::Read::read(&mut file, &mut buffer)? {
            0 => return Ok(hexadecimal(&sum.finalize())),
            read => sum.update(&buffer[..read]),
        }
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
