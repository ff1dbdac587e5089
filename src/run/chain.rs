//! The steps and the target's rules as one pass over a batch.

use super::{RunError, lineage::Lineage};
use crate::{
    batch::{Batch, Fallen, Fate},
    clock::Clock,
    transform::{Duplicates, Steps, Winner},
    validate::{Fixed, Rules},
};

/// The way of a batch from the source to the target's columns.
pub struct Chain<'a> {
    pub steps: &'a Steps,
    pub rules: &'a Rules,
    pub clock: &'a Clock,
    /// Rows whose key an earlier row of the input has; known after the survey.
    pub twice: Option<Duplicates>,
    /// Where the rows of a retry come from, and which of them are taken up.
    pub lineage: Option<&'a Lineage>,
    /// Names of the input's files, by which reasons name one where there are several.
    pub files: &'a [String],
}

/// What came through, and what fell out.
pub struct Passed {
    /// The target's columns.
    pub rows: Batch,
    pub fallen: Vec<Fallen>,
    /// Values mended because the pipeline asks for it.
    pub fixed: Vec<Fixed>,
    /// Rows whose target key another row has: index in the source, that row, and the key.
    pub twice: Vec<(u32, Winner, String)>,
}

impl Chain<'_> {
    /// Takes a batch through all steps and rules.
    pub fn pass(&self, batch: Batch) -> Result<Passed, RunError> {
        let mut fallen = Vec::new();
        let batch = match self.lineage {
            Some(lineage) => lineage.admit(batch, &mut fallen)?,
            None => batch,
        };
        let rows = self.steps.apply(batch, &mut fallen)?;
        self.end(rows, fallen)
    }

    /// Takes a batch that has all steps behind it through the rules of the target.
    pub fn end(&self, rows: Batch, mut fallen: Vec<Fallen>) -> Result<Passed, RunError> {
        let checked = self.rules.check(&rows, self.clock.now(), &mut fallen)?;
        let mut collisions = Vec::new();
        let rows = match &self.twice {
            Some(twice) => self.without_twice(checked.rows, twice, &mut fallen, &mut collisions)?,
            None => checked.rows,
        };
        Ok(Passed { rows, fallen, fixed: checked.fixed, twice: collisions })
    }

    /// Takes out the rows whose key another row of the input has, too.
    fn without_twice(
        &self,
        rows: Batch,
        twice: &Duplicates,
        fallen: &mut Vec<Fallen>,
        collisions: &mut Vec<(u32, Winner, String)>,
    ) -> Result<Batch, RunError> {
        let losers = twice.mark(&rows)?;
        if losers.is_empty() {
            return Ok(rows);
        }
        let schema = rows.columns.schema();
        let name = self.rules.key_name(&schema);
        let mut keep = vec![true; rows.len()];
        for (row, winner) in losers {
            keep[row] = false;
            let key = self.rules.key_text(&rows.columns, row);
            let file = match self.files.get(winner.file as usize) {
                Some(file) if self.files.len() > 1 => format!(" of {file}"),
                _ => String::new(),
            };
            let (fate, reason) = match self.rules.later_row_wins() {
                false => (
                    Fate::Rejected,
                    format!(
                        "{name}: given twice in the input (`{key}`, first on line {}{file})",
                        winner.line,
                    ),
                ),
                true => (
                    Fate::Skipped,
                    format!(
                        "{name}: given again in the input (`{key}`, last on line {}{file})",
                        winner.line,
                    ),
                ),
            };
            fallen.push(Fallen { pick: rows.picks[row], fate, reason });
            collisions.push((rows.picks[row], winner, format!("{name} = {key}")));
        }
        Ok(rows.filter(&keep)?)
    }
}
