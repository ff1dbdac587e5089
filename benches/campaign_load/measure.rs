//! A child process from its start to its end, by the system's own accounting.

use std::{
    process::Child,
    time::{Duration, Instant},
};

/// What a process took.
#[derive(Clone, Copy, Debug)]
pub struct Figures {
    /// From start to end, or what the process itself measured.
    pub wall: Duration,
    /// User and system.
    pub cpu: Duration,
    /// Greatest resident set.
    pub peak_bytes: u64,
}

impl Figures {
    pub fn print(&self, what: &str, rows: u64) {
        println!(
            "  {what:<22} {:>9.0} records/s   {:>9.0} records/CPU-s   {:>4.0} MB",
            rows as f64 / self.wall.as_secs_f64(),
            rows as f64 / self.cpu.as_secs_f64(),
            self.peak_bytes as f64 / 1e6
        );
    }
}

/// The figures of the run of median time.
pub fn median(mut figures: Vec<Figures>) -> Figures {
    figures.sort_by_key(|figures| figures.wall);
    figures[figures.len() / 2]
}

/// Waits for a process; panics where it failed.
pub fn wait(child: Child, started: Instant) -> Figures {
    let mut status = 0;
    // SAFETY: both pointers are to locals that outlive the call; the child was not waited for.
    let usage = unsafe {
        let mut usage: libc::rusage = std::mem::zeroed();
        let waited = libc::wait4(child.id() as i32, &mut status, 0, &mut usage);
        assert_eq!(waited, child.id() as i32);
        usage
    };
    let wall = started.elapsed();
    assert!(libc::WIFEXITED(status) && libc::WEXITSTATUS(status) == 0, "it failed: {status}");
    let time = |time: libc::timeval| {
        Duration::from_secs(time.tv_sec as u64) + Duration::from_micros(time.tv_usec as u64)
    };
    Figures {
        wall,
        cpu: time(usage.ru_utime) + time(usage.ru_stime),
        peak_bytes: usage.ru_maxrss as u64 * 1024,
    }
}
