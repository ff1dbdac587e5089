//! How the process holds the memory that it has given back.

/// Has threads that are started from now on share the arenas that the allocator has, or a few.
/// Each thread of its own keeps what it has freed: large replies that are read in turn by several
/// threads are held several times over: a peak of 230 MB instead of 146 MB was seen.
///
/// Not for all that the program does: threads that share an arena wait for each other, and a load
/// of many small records becomes some percent slower. It does something with glibc only.
pub fn share_arenas() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    // SAFETY: a number is set, which the allocator looks at when a thread first asks it.
    unsafe {
        libc::mallopt(libc::M_ARENA_MAX, ARENAS);
    }
}

/// Arenas: most of what is large is made by two threads at a time.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
const ARENAS: libc::c_int = 2;
