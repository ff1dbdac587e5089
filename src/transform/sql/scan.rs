//! A relation as a table of DataFusion: read in a stream, only the columns that the query uses.

use std::{fmt, sync::Arc};

use async_trait::async_trait;
use datafusion::{
    arrow::{
        array::{ArrayRef, Int64Array, RecordBatch, RecordBatchOptions},
        datatypes::{DataType, Field, Schema, SchemaRef},
    },
    catalog::{Session, TableProvider},
    common::{DataFusionError, Result, Statistics, stats::Precision, tree_node::TreeNodeRecursion},
    datasource::provider_as_source,
    execution::{SendableRecordBatchStream, TaskContext},
    logical_expr::{Expr, TableSource, TableType, logical_plan::builder::LogicalTableSource},
    physical_expr::{EquivalenceProperties, PhysicalExpr},
    physical_plan::{
        DisplayAs, DisplayFormatType, ExecutionPlan, Partitioning, PlanProperties,
        ReplaceChildrenOptions,
        execution_plan::{Boundedness, EmissionType},
        statistics::StatisticsArgs,
        stream::RecordBatchReceiverStream,
    },
};

use super::Relation;

/// The column that tells the order of rows, where a query of ours asks for it.
pub(super) const NUMBER: &str = "_number";

/// A table of which only the columns are known.
pub(super) fn columns_only(schema: &SchemaRef) -> Arc<dyn TableSource> {
    Arc::new(LogicalTableSource::new(Arc::clone(schema)))
}

/// A relation as a table, with the number of each row in a column after its own if that is asked
/// for.
pub(super) fn table(relation: &Arc<dyn Relation>, number: Option<&str>) -> Arc<dyn TableSource> {
    let mut fields: Vec<Arc<Field>> = relation.schema().fields().iter().cloned().collect();
    fields.extend(number.map(|name| Arc::new(Field::new(name, DataType::Int64, true))));
    let schema = Arc::new(Schema::new(fields));
    provider_as_source(Arc::new(Table { relation: Arc::clone(relation), schema }))
}

#[derive(Debug)]
struct Table {
    relation: Arc<dyn Relation>,
    schema: SchemaRef,
}

#[async_trait]
impl TableProvider for Table {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    async fn scan(
        &self,
        _: &dyn Session,
        projection: Option<&Vec<usize>>,
        _: &[Expr],
        _: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let columns = match projection {
            Some(columns) => columns.clone(),
            None => (0..self.schema.fields().len()).collect(),
        };
        let schema = Arc::new(self.schema.project(&columns)?);
        let properties = PlanProperties::new(
            EquivalenceProperties::new(Arc::clone(&schema)),
            Partitioning::UnknownPartitioning(1),
            EmissionType::Incremental,
            Boundedness::Bounded,
        );
        let relation = Arc::clone(&self.relation);
        Ok(Arc::new(Scan { relation, columns, schema, properties: Arc::new(properties) }))
    }
}

/// The rows of a relation in one stream.
#[derive(Debug)]
struct Scan {
    relation: Arc<dyn Relation>,
    columns: Vec<usize>,
    schema: SchemaRef,
    properties: Arc<PlanProperties>,
}

impl DisplayAs for Scan {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Scan: columns={:?}", self.columns)
    }
}

impl ExecutionPlan for Scan {
    fn name(&self) -> &'static str {
        "Scan"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        &self.properties
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        Vec::new()
    }

    fn apply_expressions(
        &self,
        _: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        Ok(TreeNodeRecursion::Continue)
    }

    fn replace_children(
        self: Arc<Self>,
        _: Vec<Arc<dyn ExecutionPlan>>,
        _: ReplaceChildrenOptions,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        Ok(self)
    }

    fn with_new_children(
        self: Arc<Self>,
        _: Vec<Arc<dyn ExecutionPlan>>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        Ok(self)
    }

    fn execute(&self, _: usize, _: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        let mut stream = RecordBatchReceiverStream::builder(Arc::clone(&self.schema), 2);
        let rows = stream.tx();
        let (relation, schema) = (Arc::clone(&self.relation), Arc::clone(&self.schema));
        let columns = self.columns.clone();
        stream.spawn_blocking(move || {
            let own = relation.schema().fields().len();
            let read: Vec<usize> = columns.iter().copied().filter(|column| *column < own).collect();
            let mut before = 0;
            for batch in relation.read(&read).map_err(DataFusionError::External)? {
                let batch = batch.map_err(DataFusionError::External)?;
                let count = batch.num_rows();
                let batch = numbered(batch, &columns, own, before, &schema)?;
                before += count as i64;
                if rows.blocking_send(Ok(batch)).is_err() {
                    break; // nobody wants more
                }
            }
            Ok(())
        });
        Ok(stream.build())
    }

    /// How many rows there are decides which side of a join is kept in memory.
    fn statistics_from_inputs(
        &self,
        _: &[Arc<Statistics>],
        _: &StatisticsArgs,
    ) -> Result<Arc<Statistics>> {
        let mut statistics = Statistics::new_unknown(&self.schema);
        if let Some(rows) = self.relation.rows() {
            statistics.num_rows = Precision::Inexact(rows as usize);
        }
        Ok(Arc::new(statistics))
    }
}

/// The columns in their order; those beyond the relation's own are the rows' numbers.
fn numbered(
    batch: RecordBatch,
    columns: &[usize],
    own: usize,
    before: i64,
    schema: &SchemaRef,
) -> Result<RecordBatch> {
    let count = batch.num_rows();
    let mut read = batch.columns().iter();
    let number =
        || -> ArrayRef { Arc::new(Int64Array::from_iter_values(before..before + count as i64)) };
    let columns = columns.iter().map(|column| match *column < own {
        true => read.next().map_or_else(number, Arc::clone),
        false => number(),
    });
    let columns = columns.collect();
    let options = RecordBatchOptions::new().with_row_count(Some(count));
    Ok(RecordBatch::try_new_with_options(Arc::clone(schema), columns, &options)?)
}
