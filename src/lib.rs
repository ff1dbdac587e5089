//! `vccpipe` moves records in bulk into and out of an 8x8 Virtual Contact Center tenant.
//!
//! The modules stand floor by floor: a module imports only from lower floors, never from its
//! neighbours (above floor 0) and never from above. `tests/it/floors.rs` reads this list and
//! fails on an import that goes up.

// Floor 0, words: what every other module speaks in.
pub mod batch;
pub mod clock;
pub mod crm;
pub mod diagnostic;
pub mod environment;
pub mod failpoint;
pub mod outcome;
pub mod phone;
pub mod secret;

// Floor 1, knowledge: no I/O.
pub mod rules;
pub mod wire;
pub mod yaml;

// Floor 2, machinery.
pub mod files;
pub mod http;
pub mod index;
pub mod ledger;
pub mod memory;
pub mod spool;

// Floor 3, the tenant: what can be asked of it, for all stages that ask.
pub mod tenant;

// Floor 4, stages: named as the keys of a pipeline file.
pub mod extract;
pub mod load;
pub mod transform;
pub mod validate;

// Floor 5, the files a user writes.
pub mod connections;
pub mod guess;
pub mod spec;

// Floor 6, one run.
pub mod run;

// Floor 7, the command line.
pub mod cli;
