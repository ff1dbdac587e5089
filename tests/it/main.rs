//! The program as its users run it, against the simulator's ground truth.
//!
//! - `main_job`: a CSV becomes customers of a campaign; run again, appended to, limited, halted
//! - `calls`: phones that ring once, codes, calls that end
//! - `campaign_removal`, `campaign_start`: customers taken out, and a campaign that is started
//! - `attachments`: files that are attached to records, saved, unpacked and listed; lists of values
//! - `command_line`: options of the command line, known by what comes of them
//! - `crm`: records of the CRM added, changed, matched, deleted
//! - `crm_bad_input`: what is wrong with a load into the CRM, and tenants that say no
//! - `crm_bad_answers`: hosts that answer them with pages, pieces, or a STATUS of no guide
//! - `crm_messages`: each message of the CRM's guide, given and understood
//! - `crm_other_tenants`: tenants that read the guide otherwise than the simulator does
//! - `crm_readings`: the program's reading of the CRM's rules and the simulator's are the same
//! - `every_key`: each key, command and option has a test that tries it, and a table says which
//! - `kills`: killed at random moments, and resumed
//! - `faults`: each fault of the server, and what the books say of it
//! - `bad_input`: what is wrong is named, with the way out and the exit code
//! - `migration`: a whole CRM moved, and a list of people that becomes a campaign
//! - `looks`: rows of the tenant previewed, planned and checked before they are loaded
//! - `lookups`: columns from another file, or from what another pipeline has loaded
//! - `file_bad_input`: what is wrong with a load into files, and what readers have stays
//! - `file_kills`: loads into files killed at any moment, while readers look
//! - `file_loads`: rows become Parquet, CSV and JSON, whole or not at all
//! - `file_objects`: loads into an object store of this machine
//! - `file_readers`: other programs read the Parquet files, where Python is at hand
//! - `sources`: NDJSON, workbooks and Parquet files as the input of a run
//! - `queries`: a query over all rows, whose result is what the run reads
//! - `large`: five million rows in little memory, on request
//! - `extract`: rows of the tenant become files, whatever the tenant makes difficult
//! - `resolve`: records in doubt are looked for, and settled by what is found
//! - `retry`: what was left over is sent again, and nothing that is loaded or in doubt
//! - `audit`: books that balance are proved, and whatever does not hold is named
//! - `report`: the page that a run leaves, looked at in a browser
//! - `floors`: no module imports from a higher floor
//! - `readme`: every YAML of the README is one that the program takes
//! - `rules`: the documented rules, as other programs read them
//! - `schema`: the JSON Schema describes every key, and the examples keep it
//! - `settings`: settings of the YAML formats, known by what comes of them
//! - `tools`: init, guess, preview, plan, status: the commands around a load
//! - `tutorial`: the README's tutorial, command by command
//! - `readings`: the program's reading of the campaign rules and the simulator's are the same
//!
//! `bench` holds the pieces: a folder of its own, a tenant, and the program.

mod attachments;
mod audit;
mod bad_input;
mod bench;
mod calls;
mod campaign_removal;
mod campaign_start;
mod command_line;
mod crm;
mod crm_bad_answers;
mod crm_bad_input;
mod crm_messages;
mod crm_other_tenants;
mod crm_readings;
mod every_key;
mod extract;
mod faults;
mod file_bad_input;
mod file_kills;
mod file_loads;
mod file_objects;
mod file_readers;
mod floors;
mod kills;
mod large;
mod looks;
mod lookups;
mod main_job;
mod migration;
mod queries;
mod readings;
mod readme;
mod report;
mod resolve;
mod retry;
mod rules;
mod schema;
mod settings;
mod sources;
mod tools;
mod tutorial;
