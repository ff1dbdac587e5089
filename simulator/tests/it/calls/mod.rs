//! The phone calls API.
//!
//! - `client`: requests with the Action token, and the truth
//! - `access`: tokens, tenants, paths
//! - `placing`: calls, and who does not take them
//! - `codes`: transaction codes
//! - `ending`: ends, hang-ups, freed lines, and what ends by itself
//! - `faults`: faults, limits, the truth about them, and a kept tenant

mod access;
mod client;
mod codes;
mod ending;
mod faults;
mod placing;
