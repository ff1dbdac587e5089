//! From the text of an expression to something that DataFusion can evaluate.
//!
//! A `SessionContext` brings catalogs, optimizers and aggregates that an expression over one row
//! has no use for. The [`Engine`] is only what planning an expression asks for: the scalar
//! functions, the parser's options and the time that `now()` means. Making one takes well under
//! a millisecond or two.

use std::{collections::HashMap, sync::Arc};

use datafusion::{
    arrow::datatypes::{DataType, Schema},
    common::{
        DFSchema, DFSchemaRef, DataFusionError, Result, TableReference, config::ConfigOptions,
        plan_err,
    },
    functions,
    logical_expr::{
        AggregateUDF, Cast, Expr, ExprSchemable, HigherOrderUDF, ScalarUDF, TableSource, WindowUDF,
        execution_props::ExecutionProps,
        physical_planning_context::PhysicalPlanningContext,
        planner::{ContextProvider, ExprPlanner},
        simplify::SimplifyContext,
    },
    optimizer::simplify_expressions::ExprSimplifier,
    physical_expr::{PhysicalExpr, create_physical_expr, utils::collect_columns},
    sql::{
        parser::DFParserBuilder,
        planner::{PlannerContext, SqlToRel},
        sqlparser::{ast, dialect::GenericDialect},
    },
};
use jiff::Timestamp;

use super::{days::DaysPlanner, functions::own_functions};

/// The zone of `now()` and of the day that `current_date()` is.
const TIME_ZONE: &str = "UTC";

/// Plans expressions; made once per pipeline.
pub(super) struct Engine {
    options: Arc<ConfigOptions>,
    functions: HashMap<String, Arc<ScalarUDF>>,
    planners: Vec<Arc<dyn ExprPlanner>>,
    props: ExecutionProps,
}

/// An expression that can be evaluated, and what is known of it.
#[derive(Clone, Debug)]
pub(super) struct Planned {
    /// What DataFusion evaluates.
    pub physical: Arc<dyn PhysicalExpr>,
    /// The type of its value.
    pub data_type: DataType,
    /// Indices of the columns that it reads, ascending.
    pub columns: Vec<usize>,
}

impl Engine {
    /// An engine for which `now()` is `now`.
    pub fn new(now: Timestamp) -> Self {
        let mut options = ConfigOptions::new();
        same_reading(&mut options);
        let options = Arc::new(options);
        let mut functions = HashMap::new();
        for function in all_functions(&options) {
            for name in
                std::iter::once(function.name()).chain(function.aliases().iter().map(|a| &**a))
            {
                functions.insert(name.to_owned(), Arc::clone(&function));
            }
        }
        let planners: Vec<Arc<dyn ExprPlanner>> = vec![
            Arc::new(DaysPlanner),
            Arc::new(functions::core::planner::CoreFunctionPlanner::default()),
            Arc::new(functions::datetime::planner::DatetimeFunctionPlanner),
            Arc::new(functions::unicode::planner::UnicodeFunctionPlanner),
        ];
        Engine { props: props_at(now, &options), options, functions, planners }
    }

    /// Whether there is a function of this name (in lower case).
    pub fn has_function(&self, name: &str) -> bool {
        self.functions.contains_key(name)
    }

    /// All functions' names.
    pub fn function_names(&self) -> impl Iterator<Item = &str> {
        self.functions.keys().map(String::as_str)
    }

    /// Reads an expression; nothing may follow it.
    pub fn parse(&self, sql: &str) -> Result<ast::Expr> {
        let mut parser = DFParserBuilder::new(sql).with_dialect(&GenericDialect {}).build()?;
        let read = parser.parse_into_expr()?;
        match read.alias {
            None => Ok(read.expr),
            Some(alias) => plan_err!("`{alias}` is left over after the expression"),
        }
    }

    /// Types and simplifies an expression over `columns`, and makes it ready to be evaluated.
    pub fn plan(&self, expression: ast::Expr, columns: &Schema) -> Result<Planned> {
        let schema = Arc::new(DFSchema::try_from(columns.clone())?);
        let planner = SqlToRel::new(self);
        let logical = planner.sql_to_expr(expression, &schema, &mut PlannerContext::new())?;
        self.finish(logical, &schema)
    }

    fn finish(&self, logical: Expr, schema: &DFSchemaRef) -> Result<Planned> {
        let context = SimplifyContext::builder()
            .with_schema(Arc::clone(schema))
            .with_config_options(Arc::clone(&self.options))
            .with_query_execution_start_time(self.props.query_execution_start_time)
            .build();
        let simplifier = ExprSimplifier::new(context);
        // `now()` and `current_date()` exist only as what simplifying puts in their place, and
        // simplifying wants types that fit.
        let typed = simplifier.coerce(logical, schema)?;
        let data_type = typed.get_type(schema.as_ref())?;
        let typed = one_kind_of_text(typed, &data_type);
        let simple = simplifier.simplify(typed)?;
        let data_type = simple.get_type(schema.as_ref())?;
        let planning = PhysicalPlanningContext::default();
        let physical = create_physical_expr(&simple, schema, &self.props, &planning)?;
        let mut columns: Vec<_> = collect_columns(&physical).iter().map(|c| c.index()).collect();
        columns.sort_unstable();
        columns.dedup();
        Ok(Planned { physical, data_type, columns })
    }
}

/// Text is `Utf8` between steps, whichever of Arrow's kinds a function makes, so that whoever
/// reads a column meets one kind only.
fn one_kind_of_text(expression: Expr, data_type: &DataType) -> Expr {
    match data_type {
        DataType::Utf8View | DataType::LargeUtf8 => {
            Expr::Cast(Cast::new(Box::new(expression), DataType::Utf8))
        }
        _ => expression,
    }
}

/// The options by which expressions and queries are read alike.
pub(super) fn same_reading(options: &mut ConfigOptions) {
    options.execution.time_zone = Some(TIME_ZONE.to_owned());
    options.sql_parser.enable_ident_normalization = false;
    options.sql_parser.map_string_types_to_utf8view = false;
}

/// All functions over one row: DataFusion's and ours.
pub(super) fn all_functions(options: &ConfigOptions) -> impl Iterator<Item = Arc<ScalarUDF>> {
    functions::all_default_functions().into_iter().chain(own_functions()).map(|function| {
        // `now()` has the zone in its type and takes it from the configuration.
        let configured = function.inner().with_updated_config(options).map(Arc::new);
        configured.unwrap_or(function)
    })
}

/// What `now()` means.
pub(super) fn props_at(now: Timestamp, options: &Arc<ConfigOptions>) -> ExecutionProps {
    let nanos = i64::try_from(now.as_nanosecond()).unwrap_or_default();
    let mut props = ExecutionProps::new();
    props.query_execution_start_time =
        datafusion::arrow::temporal_conversions::timestamp_ns_to_datetime(nanos)
            .map(|naive| naive.and_utc());
    props.config_options = Some(Arc::clone(options));
    props
}

impl ContextProvider for Engine {
    fn get_table_source(&self, name: TableReference) -> Result<Arc<dyn TableSource>> {
        plan_err!("an expression works on one row and cannot read the table `{name}`")
    }

    fn get_expr_planners(&self) -> &[Arc<dyn ExprPlanner>] {
        &self.planners
    }

    fn get_function_meta(&self, name: &str) -> Option<Arc<ScalarUDF>> {
        self.functions.get(name).cloned()
    }

    fn get_higher_order_meta(&self, _: &str) -> Option<Arc<HigherOrderUDF>> {
        None
    }

    fn get_aggregate_meta(&self, _: &str) -> Option<Arc<AggregateUDF>> {
        None
    }

    fn get_window_meta(&self, _: &str) -> Option<Arc<WindowUDF>> {
        None
    }

    fn get_variable_type(&self, _: &[String]) -> Option<DataType> {
        None
    }

    fn options(&self) -> &ConfigOptions {
        &self.options
    }

    fn udf_names(&self) -> Vec<String> {
        self.functions.keys().cloned().collect()
    }

    fn higher_order_function_names(&self) -> Vec<String> {
        Vec::new()
    }

    fn udaf_names(&self) -> Vec<String> {
        Vec::new()
    }

    fn udwf_names(&self) -> Vec<String> {
        Vec::new()
    }
}

/// Why an expression cannot be planned or evaluated.
pub(super) type EngineError = DataFusionError;
