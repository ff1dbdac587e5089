//! How the process holds the memory that it has given back.

/// Has all threads share a few arenas of the allocator. Each thread of its own keeps what it has
/// freed, and replies that are read in turn by several threads would be held several times over:
/// that took a third more time and nearly twice the memory of an export.
///
/// To be called before the first thread is started. It does something with glibc only.
pub fn share_arenas() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    // SAFETY: a number is set that the allocator looks at when a thread first asks it.
    unsafe {
        libc::mallopt(libc::M_ARENA_MAX, ARENAS);
    }
}

/// Arenas: most of what is large is made by two threads at a time.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
const ARENAS: libc::c_int = 2;
