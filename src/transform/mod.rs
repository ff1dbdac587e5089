//! What happens to rows on the way: SQL expressions over batches, and keys seen twice.
//!
//! A pipeline file's `transform:` is parsed into [`Step`]s ([`options`]), and [`Steps::compile`]
//! makes of them, once, something that can run: every name is resolved, every expression typed,
//! and all mistakes of all expressions are told at once. [`Steps::apply`] then takes batches
//! through them. A row whose expression fails is rejected alone; a row that a filter or a
//! `dedupe` takes out is skipped; both go on the list of [`Fallen`](crate::batch::Fallen) rows
//! with the reason, and the others continue.
//!
//! A `dedupe` needs to know the whole input first: for each step of
//! [`Steps::surveys_needed`], in order, the run reads the input once, hands each batch through
//! [`Steps::apply_until`] to a [`KeySurvey`], and gives the result to [`Steps::provide`].
//!
//! A `lookup` needs its table: for each step of [`Steps::tables_needed`] the run fills a
//! [`TableBuilder`], once, and gives the result to [`Steps::provide_table`]. The columns of the
//! tables, as far as they can be known, are wanted earlier, by [`Steps::compile_with`].
//!
//! A `sql` step sees all rows at once: the run takes the rows through the steps before it, keeps
//! what its query makes of them ([`Steps::query`]), and goes on with that as its source
//! ([`Steps::begin_after`]).
//!
//! This is the only module that knows DataFusion: [`engine`] plans expressions with it,
//! [`expression`] evaluates them, [`functions`] adds to its functions.

mod compile;
mod days;
mod engine;
mod expression;
mod failure;
mod functions;
mod keys;
mod lookup;
mod names;
mod options;
mod place;
mod sql;
mod steps;

pub use functions::{FunctionDoc, functions};
pub use keys::{Duplicates, KeyError, KeySurvey, Winner};
pub use lookup::{LookupOptions, Missing, Pairs, Table, TableBuilder};
pub use options::{DedupeOptions, Keep, MapOptions, MapValue, Step, ValidateOptions};
pub use sql::{QueryError, QueryTables, Relation, RelationError, RelationRows, SqlOptions};
pub use steps::{Steps, TableColumns, TransformError};
