//! One request at a time of a tenant, over all processes that share a state folder: "to allow only a
//! single request per customer at a time" (ccm: 503).

use std::{
    fs::{File, TryLockError},
    io::Write,
    path::{Path, PathBuf},
    time::Duration,
};

use xxhash_rust::xxh3::xxh3_64;

use crate::{
    clock::Dice,
    files::{self, FileError},
};

/// How often it is looked whether another process has ended its request, at the most.
const LOOK_EVERY: Duration = Duration::from_millis(40);

/// Where turns are taken: a lock that the system lets go of when its process ends.
#[derive(Clone, Debug)]
pub struct Turns {
    path: PathBuf,
}

/// The right to send a request, until it is dropped.
#[derive(Debug)]
pub struct Turn {
    _file: File,
}

impl Turns {
    /// The turns of one tenant of one host.
    ///
    /// # Errors
    /// A state folder that cannot be written.
    pub fn open(state: &Path, host: &str, tenant: &str) -> Result<Turns, FileError> {
        let folder = state.join("locks");
        files::private_dir(&folder)?;
        let whose = format!("{host} {tenant}\n");
        let path = folder.join(format!("attachments-{:016x}", xxh3_64(whose.as_bytes())));
        // What stands in it is for a person who finds it.
        let mut file = files::private_file(&path)?;
        file.write_all(whose.as_bytes())
            .map_err(|error| FileError::from_io(&path, "write", error))?;
        Ok(Turns { path })
    }

    /// Waits for a turn; `waiting` is called once where another process has it.
    ///
    /// # Errors
    /// A lock that cannot be taken at all.
    pub async fn take(&self, dice: &Dice, waiting: &mut dyn FnMut()) -> Result<Turn, FileError> {
        let file = files::private_file(&self.path)?;
        let mut told = false;
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Turn { _file: file }),
                Err(TryLockError::WouldBlock) => {
                    if !std::mem::replace(&mut told, true) {
                        waiting();
                    }
                    // At odd moments, so that one who takes turn after turn is caught between.
                    tokio::time::sleep(LOOK_EVERY.mul_f64(0.1 + dice.fraction())).await;
                }
                Err(TryLockError::Error(error)) => {
                    return Err(FileError::from_io(&self.path, "lock", error));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn one_has_the_turn_and_the_next_gets_it_when_it_is_over() {
        let folder = tempfile::tempdir().unwrap();
        let (dice, mut waited) = (Dice::seeded(1), 0);
        let one = Turns::open(folder.path(), "host:1", "acme").unwrap();
        let turn = one.take(&dice, &mut || panic!("nobody has it")).await.unwrap();
        let other = Turns::open(folder.path(), "host:1", "other").unwrap();
        other.take(&dice, &mut || panic!("another tenant's is another")).await.unwrap();
        let same = Turns::open(folder.path(), "host:1", "acme").unwrap();
        let mut wait = || waited += 1;
        let early = tokio::time::timeout(Duration::from_millis(200), same.take(&dice, &mut wait));
        assert!(early.await.is_err(), "two at once");
        drop(turn);
        same.take(&dice, &mut || panic!("it is over")).await.unwrap();
        assert_eq!(waited, 1, "told once");
    }
}
