//! Records of the CRM. Get has no paging, so what is asked for is cut into windows (DESIGN
//! section 5): [`Planner`](planner::Planner) says which is next, and [`gather`] asks for them until
//! nothing is left.

mod asked;
mod checks;
mod complete;
pub mod documented;
mod gather;
mod keeper;
mod options;
mod outlook;
mod planner;
mod prepare;
mod sample;
mod strands;
mod window;

pub use asked::{Asked, Period, Watermark};
pub use checks::complaints;
pub use options::{
    CustomFields, Incremental, IncrementalBy, Range, Select, Types, WapiExtract, Where,
};

use super::{
    fetch::{FetchError, Found, Purpose, Surroundings},
    spooled::{Cast, Column, Shape},
};
use crate::{crm::Object, memory, spool::Spool};
use documented::Kind;
use jiff::tz::TimeZone;
use tokio::sync::Semaphore;

/// The column that holds all custom fields where they are asked for as one.
pub const CUSTOM_FIELDS: &str = "CUSTOM_FIELDS";

impl WapiExtract {
    /// What a run belongs to.
    pub fn identity(&self) -> String {
        let tags: Vec<String> = self
            .r#where
            .0
            .iter()
            .map(|(tag, values)| format!("{}={}", tag.value, values.join("|")))
            .collect();
        let select = match &self.select {
            Select::All => "all".into(),
            Select::Tags(tags) => {
                tags.iter().map(|tag| tag.value.as_str()).collect::<Vec<_>>().join(",")
            }
        };
        let map = self.custom_fields == CustomFields::Map;
        let days = (self.range.from, self.range.to, self.range.by, &self.incremental);
        format!(
            "wapi {} {select} where {} {days:?} {:?} map {map}",
            self.object.value,
            tags.join("&"),
            self.types
        )
    }

    /// The columns. `seen` are the columns of replies, and those that earlier runs have seen;
    /// none before anything was fetched.
    pub fn shape(&self, seen: &[String], zone: Option<TimeZone>) -> Shape {
        let object = self.object.value;
        let mut columns: Vec<Column> = match &self.select {
            Select::All => {
                documented::columns(object).iter().map(|column| self.column(column.tag)).collect()
            }
            Select::Tags(tags) => tags.iter().map(|tag| self.column(&tag.value)).collect(),
        };
        let custom = self.custom_columns(seen);
        let map = match (&self.select, &self.custom_fields) {
            (Select::Tags(_), _) => None,
            (Select::All, CustomFields::Map) => Some((CUSTOM_FIELDS.to_owned(), custom)),
            (Select::All, CustomFields::Columns(_)) => {
                columns.extend(custom.iter().map(|name| self.column(name)));
                None
            }
        };
        Shape { columns, map, zone }
    }

    /// Declared custom fields in their order, then those that came, by name.
    fn custom_columns(&self, seen: &[String]) -> Vec<String> {
        let mut names: Vec<String> = match &self.custom_fields {
            CustomFields::Columns(declared) => {
                declared.iter().map(|name| name.value.to_uppercase()).collect()
            }
            CustomFields::Map => Vec::new(),
        };
        let mut further: Vec<String> = self.custom_of(seen);
        further.retain(|name| !names.contains(name));
        names.extend(further);
        names
    }

    /// The custom fields among columns of replies, by name.
    pub fn custom_of(&self, seen: &[String]) -> Vec<String> {
        let object = self.object.value;
        let custom = |name: &&String| !documented::is_documented(object, name);
        let mut names: Vec<String> = seen.iter().filter(custom).cloned().collect();
        names.sort();
        names.dedup();
        names
    }

    fn column(&self, name: &str) -> Column {
        let documented = documented::columns(self.object.value);
        let kind = documented.iter().find(|column| column.tag == name).map(|column| column.kind);
        let cast = match (self.types, kind) {
            (Types::Text, _) | (_, None | Some(Kind::Text)) => Cast::Text,
            (Types::Typed, Some(Kind::Number)) => Cast::Number,
            (Types::Typed, Some(Kind::Time)) => Cast::Time,
        };
        Column { name: name.to_owned(), cast }
    }
}

/// Fetches the records that are asked for into the spool.
///
/// # Errors
/// What keeps them from being fetched; what was fetched is kept.
pub async fn fetch(
    options: &WapiExtract,
    asked: &Asked,
    around: &Surroundings<'_>,
    spool: &mut Spool,
) -> Result<Found, FetchError> {
    let Some(crm) = &around.remote.crm else {
        return Err(FetchError::tenant(
            "the connection has no access to the CRM API",
            "write `wapi: {username: .., password: ..}` and `timezone:` into it",
        ));
    };
    memory::share_arenas();
    let readers = Semaphore::new(std::thread::available_parallelism().map_or(1, usize::from));
    let gather = gather::Gather { options, asked, around, crm, readers };
    match around.purpose {
        Purpose::Look { rows } => sample::sample(&gather, rows, spool).await,
        Purpose::Load | Purpose::Count => gather.run(spool).await,
    }
}

/// The columns by which a record is known.
pub fn key(object: Object) -> &'static [&'static str] {
    object.key()
}
