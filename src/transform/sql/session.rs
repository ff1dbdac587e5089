//! DataFusion's planner and executor, with our functions, a limit on memory and no access to files.

use std::{collections::HashMap, path::Path, sync::Arc};

use datafusion::{
    arrow::datatypes::DataType,
    catalog::view::ViewTable,
    common::{Result, TableReference, config::ConfigOptions, plan_err},
    datasource::provider_as_source,
    execution::{
        FunctionRegistry, SessionState, SessionStateBuilder, SessionStateDefaults,
        memory_pool::FairSpillPool, runtime_env::RuntimeEnvBuilder,
    },
    logical_expr::{
        AggregateUDF, HigherOrderUDF, LogicalPlan, ScalarUDF, TableSource, WindowUDF,
        planner::{ContextProvider, ExprPlanner},
    },
    prelude::SessionConfig,
    sql::{parser::Statement, planner::SqlToRel},
};
use jiff::Timestamp;

use super::{Relation, check, scan};
use crate::transform::{days::DaysPlanner, engine};

/// Bytes that sorts, joins and groups may keep in memory together.
const MEMORY: usize = 128 << 20;

/// Bytes of it that each sort keeps back for merging what it has written to disk.
const MERGING: usize = 8 << 20;

/// How tables are joined by equal columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Joins {
    /// One side is kept in memory: fast, and most tables fit.
    Hashed,
    /// Both sides are sorted, on disk where they are large.
    Sorted,
}

/// One planner and executor.
pub(super) struct Session {
    pub state: SessionState,
}

/// Tables by their names.
pub(super) type Sources = Vec<(String, Arc<dyn TableSource>)>;

impl Session {
    /// A session for which `now()` is `now`; without a folder to spill to it can only plan.
    pub fn new(now: Timestamp, spill: Option<&Path>, joins: Joins) -> Result<Self> {
        let mut config = SessionConfig::new();
        let options = config.options_mut();
        engine::same_reading(options);
        options.sql_parser.collect_spans = true;
        // One stream: rows keep their order where nothing asks for another, and memory is not
        // multiplied. Joins by sorting want several.
        options.execution.target_partitions = if joins == Joins::Sorted { 2 } else { 1 };
        options.optimizer.prefer_hash_join = joins == Joins::Hashed;
        options.execution.sort_spill_reservation_bytes = MERGING;
        let options = Arc::new(options.clone());
        let mut runtime =
            RuntimeEnvBuilder::new().with_memory_pool(Arc::new(FairSpillPool::new(MEMORY)));
        if let Some(spill) = spill {
            runtime = runtime.with_temp_file_path(spill);
        }
        let mut planners = SessionStateDefaults::default_expr_planners();
        planners.insert(0, Arc::new(DaysPlanner));
        let mut state = SessionStateBuilder::new()
            .with_config(config)
            .with_runtime_env(runtime.build_arc()?)
            .with_default_features()
            .with_expr_planners(planners)
            .with_execution_props(engine::props_at(now, &options))
            .build();
        for function in engine::all_functions(&options) {
            state.register_udf(function)?;
        }
        Ok(Session { state })
    }

    /// A relation as a table; of rows of which only the last counts, only those.
    pub fn table(&self, relation: &Arc<dyn Relation>) -> Result<Arc<dyn TableSource>> {
        let key = relation.last_counts_by();
        if key.is_empty() {
            return Ok(scan::table(relation, None));
        }
        let quoted = |name: &str| format!("\"{}\"", name.replace('"', "\"\""));
        let columns: Vec<String> =
            relation.schema().fields().iter().map(|field| quoted(field.name())).collect();
        let key: Vec<String> = key.iter().map(|name| quoted(name)).collect();
        let (columns, key) = (columns.join(", "), key.join(", "));
        let sql = format!(
            "SELECT {columns} FROM (SELECT *, row_number() OVER (PARTITION BY {key} ORDER BY \"{0}\" \
             DESC) AS \"_nth\" FROM \"all\") WHERE \"_nth\" = 1 ORDER BY \"{0}\"",
            scan::NUMBER
        );
        let all = vec![("all".to_owned(), scan::table(relation, Some(scan::NUMBER)))];
        let plan = self.plan_text(&sql, all)?;
        Ok(provider_as_source(Arc::new(ViewTable::new(plan, None))))
    }

    /// Plans a query that was parsed.
    pub fn plan(&self, parsed: Statement, sources: Sources) -> Result<LogicalPlan> {
        let names = Names { state: &self.state, sources: sources.into_iter().collect() };
        SqlToRel::new(&names).statement_to_plan(parsed)
    }

    /// Plans a query that is known to be one.
    pub fn plan_text(&self, sql: &str, sources: Sources) -> Result<LogicalPlan> {
        match check::statements(sql)?.into_iter().next() {
            Some(parsed) => self.plan(parsed, sources),
            None => plan_err!("there is no query"),
        }
    }

    /// Whether there is a function of this name (in lower case).
    pub fn has_function(&self, name: &str) -> bool {
        self.state.scalar_functions().contains_key(name)
            || self.state.aggregate_functions().contains_key(name)
            || self.state.window_functions().contains_key(name)
    }

    /// All functions' names.
    pub fn function_names(&self) -> impl Iterator<Item = &str> {
        let aggregates = self.state.aggregate_functions().keys();
        let windows = self.state.window_functions().keys();
        self.state.scalar_functions().keys().chain(aggregates).chain(windows).map(String::as_str)
    }
}

/// What a query can name.
struct Names<'a> {
    state: &'a SessionState,
    sources: HashMap<String, Arc<dyn TableSource>>,
}

impl ContextProvider for Names<'_> {
    fn get_table_source(&self, name: TableReference) -> Result<Arc<dyn TableSource>> {
        match self.sources.get(name.table()).filter(|_| name.schema().is_none()) {
            Some(source) => Ok(Arc::clone(source)),
            None => plan_err!("there is no table `{name}`"),
        }
    }

    fn get_expr_planners(&self) -> &[Arc<dyn ExprPlanner>] {
        self.state.expr_planners()
    }

    fn get_function_meta(&self, name: &str) -> Option<Arc<ScalarUDF>> {
        self.state.scalar_functions().get(name).cloned()
    }

    fn get_higher_order_meta(&self, name: &str) -> Option<Arc<HigherOrderUDF>> {
        self.state.higher_order_functions().get(name).cloned()
    }

    fn get_aggregate_meta(&self, name: &str) -> Option<Arc<AggregateUDF>> {
        self.state.aggregate_functions().get(name).cloned()
    }

    fn get_window_meta(&self, name: &str) -> Option<Arc<WindowUDF>> {
        self.state.window_functions().get(name).cloned()
    }

    fn get_variable_type(&self, _: &[String]) -> Option<DataType> {
        None
    }

    fn options(&self) -> &ConfigOptions {
        self.state.config_options()
    }

    fn udf_names(&self) -> Vec<String> {
        self.state.scalar_functions().keys().cloned().collect()
    }

    fn higher_order_function_names(&self) -> Vec<String> {
        Vec::new()
    }

    fn udaf_names(&self) -> Vec<String> {
        self.state.aggregate_functions().keys().cloned().collect()
    }

    fn udwf_names(&self) -> Vec<String> {
        self.state.window_functions().keys().cloned().collect()
    }
}
