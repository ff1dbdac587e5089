//! Moving a time by a difference of dates.
//!
//! To DataFusion 55 `date - date` is a whole number of days, as in PostgreSQL, and a whole number
//! is nothing that a timestamp can be moved by, nor can it be multiplied by an interval. Moving
//! the dates of a file by the days since it was made is what a pipeline wants to write, so:
//! `timestamp + (date - date)` is the timestamp that many times 24 hours later.

use datafusion::{
    arrow::datatypes::{DataType, TimeUnit},
    common::{DFSchema, Result},
    logical_expr::{
        BinaryExpr, Cast, Expr, ExprSchemable, Operator, lit,
        planner::{ExprPlanner, PlannerResult, RawBinaryExpr},
    },
    sql::sqlparser::ast::BinaryOperator,
};

const SECONDS_OF_A_DAY: i64 = 86_400;

#[derive(Debug)]
pub(super) struct DaysPlanner;

impl ExprPlanner for DaysPlanner {
    fn plan_binary_op(
        &self,
        raw: RawBinaryExpr,
        schema: &DFSchema,
    ) -> Result<PlannerResult<RawBinaryExpr>> {
        let op = match raw.op {
            BinaryOperator::Plus => Operator::Plus,
            BinaryOperator::Minus => Operator::Minus,
            _ => return Ok(PlannerResult::Original(raw)),
        };
        if is_timestamp(&raw.left, schema)? && is_difference_of_dates(&raw.right, schema)? {
            let moved = BinaryExpr::new(Box::new(raw.left), op, Box::new(duration(raw.right)));
            return Ok(PlannerResult::Planned(Expr::BinaryExpr(moved)));
        }
        Ok(PlannerResult::Original(raw))
    }
}

fn is_timestamp(expression: &Expr, schema: &DFSchema) -> Result<bool> {
    Ok(matches!(expression.get_type(schema)?, DataType::Timestamp(..)))
}

fn is_difference_of_dates(expression: &Expr, schema: &DFSchema) -> Result<bool> {
    let Expr::BinaryExpr(BinaryExpr { left, op: Operator::Minus, right }) = expression else {
        return Ok(false);
    };
    let both = [left.get_type(schema)?, right.get_type(schema)?];
    Ok(both.iter().all(|one| *one == DataType::Date32))
}

fn duration(days: Expr) -> Expr {
    Expr::Cast(Cast::new(
        Box::new(days * lit(SECONDS_OF_A_DAY)),
        DataType::Duration(TimeUnit::Second),
    ))
}
