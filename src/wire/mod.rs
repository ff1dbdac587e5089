//! What the APIs' requests and replies mean: bytes to values and back, without I/O.

pub mod campaign;
pub mod wapi;
