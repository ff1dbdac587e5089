//! What the APIs' requests and replies mean: bytes to values and back, without I/O.

pub mod attachment;
pub mod campaign;
pub mod wapi;
