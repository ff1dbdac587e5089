//! Stopping a run: why, and the word that reaches all who take part.

use tokio::sync::watch;

/// Why a run stops before its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Halt {
    /// SIGINT or SIGTERM.
    Signal,
    /// The server said what no further request will change, or the files went away.
    Error { what: String, hint: String },
}

/// Carries the word to stop: requests in flight are answered, nothing new is begun.
#[derive(Debug)]
pub struct Halting {
    word: watch::Sender<bool>,
}

impl Default for Halting {
    fn default() -> Self {
        Halting { word: watch::Sender::new(false) }
    }
}

impl Halting {
    /// Gives the word.
    pub fn halt(&self) {
        self.word.send_replace(true);
    }

    /// Whether it was given.
    pub fn is_halted(&self) -> bool {
        *self.word.borrow()
    }

    /// Returns when it is given.
    pub async fn halted(&self) {
        // The sender lives as long as `self`, so that waiting cannot fail.
        let _ = self.word.subscribe().wait_for(|halted| *halted).await;
    }
}
