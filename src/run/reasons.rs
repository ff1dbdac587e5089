//! Reasons by the rule that they name, with a few rows for each: however many rows there are, only
//! so many rules are kept.

use std::collections::BTreeMap;

use super::forecast::{ByRule, Example};

/// Rules that are told apart; the rest is counted together.
const RULES: usize = 200;

/// What the rest is called.
const OTHERS: &str = "other reasons";

/// Reasons by rule.
pub struct Reasons {
    examples: usize,
    rules: BTreeMap<String, Rows>,
}

#[derive(Default)]
struct Rows {
    count: u64,
    /// Line, file and reason.
    first: Vec<(u64, u32, String)>,
}

impl Reasons {
    /// Keeps so many rows of each rule.
    pub fn new(examples: usize) -> Self {
        Reasons { examples, rules: BTreeMap::new() }
    }

    /// Adds the reason of a row: all rules that it breaks, `; ` between.
    pub fn add(&mut self, reason: &str, line: u64, file: u32) {
        for part in parts(reason) {
            let mut rule = rule_of(part);
            if !self.rules.contains_key(&rule) && self.rules.len() >= RULES {
                rule = OTHERS.to_owned();
            }
            let rows = self.rules.entry(rule).or_default();
            rows.count += 1;
            if rows.first.len() < self.examples {
                rows.first.push((line, file, part.to_owned()));
            }
        }
    }

    /// The rules, those of most rows first.
    pub fn finish(self, files: &[String]) -> Vec<ByRule> {
        let example = |(line, file, reason): (u64, u32, String)| {
            let file = files.get(file as usize).filter(|_| files.len() > 1).cloned();
            Example { line, file, reason }
        };
        let mut rules: Vec<ByRule> = self
            .rules
            .into_iter()
            .map(|(rule, rows)| ByRule {
                rule,
                rows: rows.count,
                examples: rows.first.into_iter().map(example).collect(),
            })
            .collect();
        rules.sort_by_key(|rule| std::cmp::Reverse(rule.rows));
        rules
    }
}

/// The single reasons. What stands in backticks is a value, whatever is in it.
fn parts(reason: &str) -> Vec<&str> {
    // The expression of a filter may hold anything.
    if reason.starts_with("filter: ") {
        return vec![reason];
    }
    let mut parts = Vec::new();
    let (mut start, mut within) = (0, false);
    for (at, c) in reason.char_indices() {
        match c {
            '`' => within = !within,
            ';' if !within && reason[at..].starts_with("; ") => {
                parts.push(&reason[start..at]);
                start = at + 2;
            }
            _ => {}
        }
    }
    parts.push(&reason[start..]);
    parts
}

/// The rule without the values of the row: `EMAIL: not an e-mail address`.
fn rule_of(reason: &str) -> String {
    if reason.starts_with("filter: ") {
        return reason.to_owned();
    }
    let reason = reason.strip_suffix(')').and_then(|r| r.split_once(" (")).map_or(reason, |r| r.0);
    let mut rule = String::new();
    let mut parts = reason.split('`');
    rule.push_str(parts.next().unwrap_or_default());
    while let (Some(_), after) = (parts.next(), parts.next()) {
        rule.push_str("`..`");
        rule.push_str(after.unwrap_or_default());
    }
    // A duplicate names the line of the other row.
    match rule.split_once(" line ") {
        Some((relation @ ("duplicate of" | "same key as"), _)) => format!("{relation} another row"),
        _ => rule,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_is_the_reason_without_the_values_of_the_row() {
        for (reason, rule) in [
            (
                "customer-id: not a whole number (`abc`, digits only, campaign-records-api)",
                "customer-id: not a whole number",
            ),
            (
                "A: `to_utc(x)` failed: `; tomorrow` is not a date and time (x = `; tomorrow`)",
                "A: `..` failed: `..` is not a date and time",
            ),
            ("duplicate of line 12: customer-id = `5`", "duplicate of another row"),
            ("filter: a = ';' and (b)", "filter: a = ';' and (b)"),
        ] {
            assert_eq!(parts(reason).iter().map(|part| rule_of(part)).collect::<Vec<_>>(), [rule]);
        }
    }

    #[test]
    fn a_row_that_breaks_two_rules_counts_for_both_and_few_rows_are_kept() {
        let mut reasons = Reasons::new(2);
        for line in 2..7 {
            reasons.add("A: too long (`x; y`, at most 3); B: mandatory (guide)", line, 0);
        }
        let rules = reasons.finish(&["a.csv".into()]);
        assert_eq!(rules.len(), 2);
        assert_eq!((rules[0].rows, rules[0].examples.len()), (5, 2));
        assert_eq!(rules[0].examples[0].reason, "A: too long (`x; y`, at most 3)");
        assert_eq!(rules[1].rule, "B: mandatory");
    }

    #[test]
    fn however_many_rules_there_are_so_many_are_kept() {
        let mut reasons = Reasons::new(1);
        (0..10_000).for_each(|n| reasons.add(&format!("rule {n}: broken"), n, 0));
        let rules = reasons.finish(&[]);
        assert!(rules.len() <= RULES + 1, "{}", rules.len());
        assert_eq!(rules.iter().map(|rule| rule.rows).sum::<u64>(), 10_000);
    }
}
