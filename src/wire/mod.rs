//! What the APIs' requests and replies mean: bytes to values and back, without I/O.

pub mod attachment;
pub mod calls;
pub mod campaign;
mod phrases;
mod references;
pub mod wapi;
