//! What would make the result of a query another one each time: a run that had to make it again
//! could not trust it.

use datafusion::{
    common::tree_node::{TreeNode, TreeNodeRecursion},
    logical_expr::{
        Distinct, Expr, LogicalPlan, WindowFrameBound, WindowFrameUnits, WindowFunctionDefinition,
        expr::{AggregateFunction, WindowFunction},
    },
};

use crate::{diagnostic::Diagnostic, transform::place::Place};

/// Aggregates whose value depends on the order in which rows come.
const ORDERED_AGGREGATES: &[&str] =
    &["any_value", "array_agg", "first_value", "last_value", "nth_value", "string_agg"];

/// Window functions that mean nothing without an order.
const ORDERED_WINDOWS: &[&str] =
    &["first_value", "lag", "last_value", "lead", "nth_value", "ntile", "row_number"];

/// All parts of the query whose value is not determined.
pub(super) fn undetermined(plan: &LogicalPlan, place: Place<'_>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    // Nothing in it fails: it only looks.
    let _ = plan.apply_with_subqueries(|node| {
        of_node(node, place, &mut found);
        let _ = node.apply_expressions(|expression| {
            expression.apply(|part| {
                of_expression(part, place, &mut found);
                Ok(TreeNodeRecursion::Continue)
            })
        });
        Ok(TreeNodeRecursion::Continue)
    });
    found.dedup();
    found
}

/// Whether the rows come in an order that the query asks for.
pub(super) fn is_ordered(plan: &LogicalPlan) -> bool {
    match plan {
        LogicalPlan::Sort(_) => true,
        LogicalPlan::Projection(node) => is_ordered(&node.input),
        LogicalPlan::SubqueryAlias(node) => is_ordered(&node.input),
        LogicalPlan::Limit(node) => is_ordered(&node.input),
        LogicalPlan::Filter(node) => is_ordered(&node.input),
        // One row, or the rows as the query writes them.
        LogicalPlan::Aggregate(node) => node.group_expr.is_empty(),
        LogicalPlan::Values(_) | LogicalPlan::EmptyRelation(_) => true,
        _ => false,
    }
}

fn of_node(node: &LogicalPlan, place: Place<'_>, found: &mut Vec<Diagnostic>) {
    match node {
        LogicalPlan::Limit(limit) if !is_ordered(&limit.input) => {
            let (word, which) = match limit.fetch {
                Some(_) => ("limit", "which rows it keeps"),
                None => ("offset", "which rows it passes over"),
            };
            let message =
                format!("{} without ORDER BY: {which} is not determined", word.to_uppercase());
            found.push(Diagnostic::new(place.word(word), message).with_hint(
                "order the rows before it, by columns that no two rows share: `.. ORDER BY id \
                     LIMIT 10`; a resumed run could not trust it otherwise",
            ));
        }
        LogicalPlan::Distinct(Distinct::On(on))
            if on.sort_expr.as_ref().is_none_or(|sort| sort.len() <= on.on_expr.len()) =>
        {
            let message = "DISTINCT ON without an ORDER BY that goes beyond its columns: which row \
                           of each group it keeps is not determined";
            found.push(Diagnostic::new(place.word("distinct"), message).with_hint(
                "end the query with `ORDER BY` these columns and one more that tells rows apart",
            ));
        }
        _ => {}
    }
}

fn of_expression(expression: &Expr, place: Place<'_>, found: &mut Vec<Diagnostic>) {
    match expression {
        Expr::WindowFunction(function) => of_window(function, place, found),
        Expr::AggregateFunction(AggregateFunction { func, params })
            if params.order_by.is_empty() && ORDERED_AGGREGATES.contains(&func.name()) =>
        {
            found.push(without_order(func.name(), "(.. ORDER BY id)", place));
        }
        Expr::ScalarFunction(function) if expression.is_volatile_node() => {
            let name = function.name();
            let message = format!("`{name}` gives another value each time");
            found.push(Diagnostic::new(place.word(name), message).with_hint(
                "a run that has to make the rows again must get the same ones; take a value of the \
                 rows instead",
            ));
        }
        _ => {}
    }
}

fn of_window(function: &WindowFunction, place: Place<'_>, found: &mut Vec<Diagnostic>) {
    let params = &function.params;
    let name = match &function.fun {
        WindowFunctionDefinition::WindowUDF(function) => function.name(),
        WindowFunctionDefinition::AggregateUDF(function) => function.name(),
    };
    let frame = &params.window_frame;
    let whole = matches!(&frame.start_bound, WindowFrameBound::Preceding(bound) if bound.is_null())
        && matches!(&frame.end_bound, WindowFrameBound::Following(bound) if bound.is_null());
    let by_rows = frame.units != WindowFrameUnits::Range && !whole;
    let is_ordered_one = ORDERED_WINDOWS.contains(&name) || ORDERED_AGGREGATES.contains(&name);
    if params.order_by.is_empty() && (is_ordered_one || by_rows) {
        found.push(without_order(name, "() OVER (.. ORDER BY id)", place));
    }
}

fn without_order(name: &str, way_out: &str, place: Place<'_>) -> Diagnostic {
    let message = format!(
        "`{name}` without ORDER BY: its value depends on the order of the rows, \
                           which is not determined"
    );
    Diagnostic::new(place.word(name), message).with_hint(format!(
        "write `{name}{way_out}`, with columns that no two rows share; a resumed run could not trust \
         it otherwise"
    ))
}
