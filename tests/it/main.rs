//! The program as its users run it, against the simulator's ground truth.
//!
//! - `main_job`: a CSV becomes customers of a campaign; run again, appended to, limited, halted
//! - `crm`: records of the CRM added, changed, matched, deleted
//! - `crm_bad_input`: what is wrong with a load into the CRM, and tenants that say no
//! - `crm_bad_answers`: hosts that answer them with pages, pieces, or a STATUS of no guide
//! - `crm_messages`: each message of the CRM's guide, given and understood
//! - `crm_readings`: the program's reading of the CRM's rules and the simulator's are the same
//! - `kills`: killed at random moments, and resumed
//! - `faults`: each fault of the server, and what the books say of it
//! - `bad_input`: what is wrong is named, with the way out and the exit code
//! - `migration`: a whole CRM moved, and a list of people that becomes a campaign
//! - `lookups`: columns from another file, or from what another pipeline has loaded
//! - `resolve`: records in doubt are looked for, and settled by what is found
//! - `retry`: what was left over is sent again, and nothing that is loaded or in doubt
//! - `audit`: books that balance are proved, and whatever does not hold is named
//! - `report`: the page that a run leaves, looked at in a browser
//! - `floors`: no module imports from a higher floor
//! - `readme`: every YAML of the README is one that the program takes
//! - `rules`: the documented rules, as other programs read them
//! - `readings`: the program's reading of the campaign rules and the simulator's are the same
//!
//! `bench` holds the pieces: a folder of its own, a tenant, and the program.

mod audit;
mod bad_input;
mod bench;
mod crm;
mod crm_bad_answers;
mod crm_bad_input;
mod crm_messages;
mod crm_readings;
mod faults;
mod floors;
mod kills;
mod lookups;
mod main_job;
mod migration;
mod readings;
mod readme;
mod report;
mod resolve;
mod retry;
mod rules;
