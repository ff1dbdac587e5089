//! Rows that were not loaded, by what was wrong with them.

use std::collections::HashMap;

use crate::run::{
    RunError,
    past::PastRun,
    resolve::{committed, damaged, header},
};

/// Different reasons that are counted one by one; the rest is counted together.
const MOST: usize = 400;

/// Characters of a reason that are told.
const LONGEST: usize = 160;

/// What is told of what is beyond [`MOST`].
const OTHERS: &str = "other reasons";

/// How often each reason stands in a result file, the most frequent first. A row that breaks
/// several rules counts for each.
pub fn reasons(run: &PastRun, file: &str, column: &str) -> Result<Vec<(String, u64)>, RunError> {
    let length = run.checkpoint.results.get(file).copied().unwrap_or(0);
    if length == 0 {
        return Ok(Vec::new());
    }
    let path = run.folder.join(file);
    let mut rows = committed(&path, length)?;
    let header = header(&mut rows, &path)?;
    let Some(at) = header.iter().rposition(|name| name == column) else { return Ok(Vec::new()) };
    let mut counts: HashMap<String, u64> = HashMap::new();
    let mut record = csv::StringRecord::new();
    while rows.read_record(&mut record).map_err(|error| damaged(&path, &error))? {
        for reason in record.get(at).unwrap_or_default().split("; ") {
            count(&mut counts, &rule_of(reason));
        }
    }
    let mut counts: Vec<(String, u64)> = counts.into_iter().collect();
    counts.sort_by(|one, other| other.1.cmp(&one.1).then_with(|| one.0.cmp(&other.0)));
    Ok(counts)
}

fn count(counts: &mut HashMap<String, u64>, rule: &str) {
    if let Some(count) = counts.get_mut(rule) {
        *count += 1;
    } else {
        let rule = if counts.len() < MOST { rule } else { OTHERS };
        *counts.entry(rule.to_owned()).or_default() += 1;
    }
}

/// A reason without its value: `FIELD: what is wrong (value, limit, guide section)`, or
/// ``FIELD: `expression` failed: `value` what is wrong``.
fn rule_of(reason: &str) -> String {
    let rule = reason.split_once(" (").map_or(reason, |(rule, _)| rule).trim();
    let failed = rule.split_once(" failed: `").and_then(|(what, rest)| {
        let (_, why) = rest.split_once('`')?;
        Some(format!("{what} failed: it{why}"))
    });
    failed.as_deref().unwrap_or(rule).chars().take(LONGEST).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_is_counted_without_its_value() {
        assert_eq!(rule_of("customer-id: no number (`x1`, campaign:84)"), "customer-id: no number");
        assert_eq!(rule_of("not readable"), "not readable");
        assert_eq!(
            rule_of("customer-id: `trim(a)` failed: `N/A` is not a whole number"),
            "customer-id: `trim(a)` failed: it is not a whole number"
        );
        assert_eq!(rule_of(&"ä".repeat(500)).chars().count(), LONGEST);
    }

    #[test]
    fn many_different_reasons_cost_no_more_than_some() {
        let mut counts = HashMap::new();
        (0..10_000).for_each(|n| count(&mut counts, &format!("reason {n}")));
        assert_eq!(counts.len(), MOST + 1);
        assert_eq!(counts[OTHERS], 10_000 - MOST as u64);
    }
}
