//! Log lines: on standard error as asked for, and in the run's `log.jsonl`.

use std::{
    fs::File,
    io::{self, Write},
    path::Path,
    sync::{Arc, Mutex, PoisonError},
};

use tracing::level_filters::LevelFilter;
use tracing_subscriber::{
    Layer, filter::Targets, fmt, layer::SubscriberExt, util::SubscriberInitExt,
};

use super::args::{Global, LogFormat};

/// Target of lines that the user is told otherwise, too: they go to the file only.
pub const TOLD: &str = "vccpipe::told";

/// The log file of the run under way, if there is one.
#[derive(Clone, Debug, Default)]
pub struct RunLog {
    file: Arc<Mutex<Option<File>>>,
}

impl RunLog {
    /// From now on lines go to `folder/log.jsonl`, too.
    pub fn open(&self, folder: &Path) -> io::Result<()> {
        let mut options = File::options();
        options.create(true).append(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        *self.lock() = Some(options.open(folder.join("log.jsonl"))?);
        Ok(())
    }

    /// No further lines go to the file.
    pub fn close(&self) {
        *self.lock() = None;
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<File>> {
        self.file.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Write for RunLog {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if let Some(file) = self.lock().as_mut() {
            // A full disk is told by the ledger; the log must not add to it.
            let _ = file.write_all(bytes);
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Sets up logging for the process.
pub fn start(global: &Global) -> RunLog {
    let log = RunLog::default();
    let level = match (global.quiet, global.verbose) {
        (true, _) => LevelFilter::ERROR,
        (_, 0) => LevelFilter::WARN,
        (_, 1) => LevelFilter::INFO,
        _ => LevelFilter::DEBUG,
    };
    let ours = |level| Targets::new().with_target("vccpipe", level);
    let stderr = fmt::layer().with_writer(io::stderr).with_target(false);
    let stderr = match global.log_format {
        LogFormat::Text => stderr.without_time().with_ansi(false).boxed(),
        LogFormat::Json => stderr.json().boxed(),
    };
    let writer = log.clone();
    let file = fmt::layer().json().with_target(false).with_writer(move || writer.clone());
    // A second call in one process (tests) keeps the first one's settings.
    let _ = tracing_subscriber::registry()
        .with(stderr.with_filter(ours(level).with_target(TOLD, LevelFilter::OFF)))
        .with(file.with_filter(ours(LevelFilter::INFO)))
        .try_init();
    log
}
