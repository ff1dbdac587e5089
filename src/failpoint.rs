//! Named places at which a test can end the process, as a crash would.
//!
//! `VCCPIPE_FAILPOINT=name:N` aborts at the N-th passage of `name`. Only debug builds look.

/// Passes the place `name`; aborts the process where the environment asks for it.
#[cfg(debug_assertions)]
pub fn pass(name: &str) {
    use std::sync::{
        OnceLock,
        atomic::{AtomicU64, Ordering},
    };
    static WANTED: OnceLock<Option<(String, u64)>> = OnceLock::new();
    static PASSED: AtomicU64 = AtomicU64::new(0);
    let wanted = WANTED.get_or_init(|| {
        let text = std::env::var("VCCPIPE_FAILPOINT").ok()?;
        let (name, count) = text.split_once(':')?;
        Some((name.to_owned(), count.parse().ok()?))
    });
    if let Some((wanted, count)) = wanted
        && wanted == name
        && PASSED.fetch_add(1, Ordering::Relaxed) + 1 == *count
    {
        std::process::abort();
    }
}

/// Does nothing in a release build.
#[cfg(not(debug_assertions))]
#[inline(always)]
pub fn pass(_name: &str) {}
