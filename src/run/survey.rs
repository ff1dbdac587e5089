//! Before the first request the whole input is read once: keys that stand in it twice, and how
//! many rows are fit for sending, are known before anything is sent.

use std::{path::Path, time::Instant};

use super::{
    RunError,
    chain::Chain,
    event::{Event, Observer},
    halt::Halting,
    lineage::Lineage,
    read_ahead::ReadAhead,
};
use crate::{
    batch::{Batch, Position},
    clock::Clock,
    extract::Source,
    transform::{Duplicates, Keep, KeySurvey, Steps},
    validate::Rules,
};

/// The target's key, as a list of the run's folder.
const TARGET_KEYS: &str = "target-keys";

/// What the survey works on.
pub struct Survey<'a> {
    pub source: &'a Source,
    pub rules: &'a Rules,
    pub clock: &'a Clock,
    pub files: &'a [String],
    pub lineage: Option<&'a Lineage>,
    /// Where the lists of keys stand.
    pub folder: &'a Path,
    pub limit: Option<u64>,
    pub chunk_rows: usize,
    /// Whether the target does not take so many rows.
    pub too_many: &'a dyn Fn(u64) -> bool,
    pub halting: &'a Halting,
    pub observer: &'a dyn Observer,
}

/// What it found.
pub struct Found {
    /// Rows whose key an earlier row has; `None` where a `dedupe` has seen to that.
    pub twice: Option<Duplicates>,
    /// Rows fit for sending, or more where the rules have not been asked.
    pub fit: u64,
}

impl Survey<'_> {
    /// Reads the input once for each `dedupe`, and once for the target's key where no `dedupe`
    /// has made it unique. `None` when the run was halted.
    pub fn make(&self, steps: &mut Steps) -> Result<Option<Found>, RunError> {
        let started = Instant::now();
        let key = self.rules.unique_key(steps.output());
        let target_too = !target_key_is_unique(steps, self.rules)
            && (key.is_some() || self.rules.rows_are_counted());
        let passes = steps.surveys_needed().len() + usize::from(target_too);
        let Some((mut rows, mut fit)) = self.keys(steps, passes)? else { return Ok(None) };
        let twice = match key.filter(|_| target_too) {
            Some(key) => {
                let keep = match self.rules.later_row_wins() {
                    true => Keep::Last,
                    false => Keep::First,
                };
                let mut survey = KeySurvey::create(self.folder, TARGET_KEYS, keep)?;
                let chain = self.chain(steps);
                let mut added = 0;
                let read = self.read(passes, passes, &steps.used_columns(), |batch| {
                    let passed = chain.pass(batch)?;
                    added += passed.rows.len() as u64;
                    Ok(survey.add(&passed.rows, &key.columns)?)
                })?;
                let Some(read) = read else { return Ok(None) };
                let duplicates = survey.finish()?;
                (rows, fit) = (read, added - duplicates.count());
                Some(duplicates)
            }
            // Nothing of the target must be unique: its rows are only counted.
            None if target_too => {
                let Some((read, exact)) = self.count(steps, passes)? else { return Ok(None) };
                (rows, fit) = (read, exact);
                None
            }
            None => None,
        };
        if !target_too && (self.too_many)(fit) {
            // So far the rules were not asked: only what they let through counts.
            let Some((_, exact)) = self.count(steps, passes)? else { return Ok(None) };
            fit = exact;
        }
        if passes == 0 {
            return Ok(Some(Found { twice, fit }));
        }
        self.observer.observe(Event::Surveyed { rows, fit, elapsed: started.elapsed() });
        if rows == 0 {
            let message = match self.files {
                [] => "the tenant has no such records: there is nothing to load".to_owned(),
                [file] => format!("`{file}` has no rows: there is nothing to send"),
                files => format!("the {} files of the input have no rows", files.len()),
            };
            self.observer.observe(Event::Warning { message });
        }
        Ok(Some(Found { twice, fit }))
    }

    /// Reads the input once for each `dedupe` before the next `sql`. Gives the rows of the input
    /// and those that are left, 0 where there is no `dedupe`; `None` when the run was halted.
    pub fn keys(&self, steps: &mut Steps, passes: usize) -> Result<Option<(u64, u64)>, RunError> {
        let (mut rows, mut left) = (0, 0);
        for (pass, step) in steps.surveys_needed().into_iter().enumerate() {
            let mut survey = steps.survey(step, self.folder)?;
            let key = steps.key(step).to_vec();
            let mut added = 0;
            let read = self.read(pass + 1, passes, &steps.used_columns(), |batch| {
                let batch = steps.apply_until(step, batch, &mut Vec::new())?;
                added += batch.len() as u64;
                Ok(survey.add(&batch, &key)?)
            })?;
            let Some(read) = read else { return Ok(None) };
            let duplicates = survey.finish()?;
            (rows, left) = (read, added - duplicates.count());
            steps.provide(step, duplicates);
        }
        Ok(Some((rows, left)))
    }

    /// Opens the lists that an earlier process of this run has made.
    pub fn open(&self, steps: &mut Steps) -> Result<Option<Duplicates>, RunError> {
        for step in steps.surveys_needed() {
            let found = Duplicates::open(&self.folder.join(Steps::survey_name(step)))?;
            steps.provide(step, found);
        }
        let has_key = self.rules.unique_key(steps.output()).is_some();
        match has_key && !target_key_is_unique(steps, self.rules) {
            true => Ok(Some(Duplicates::open(&self.folder.join(TARGET_KEYS))?)),
            false => Ok(None),
        }
    }

    /// Rows of the input, and those that pass all steps and rules.
    fn count(&self, steps: &Steps, pass: usize) -> Result<Option<(u64, u64)>, RunError> {
        let chain = self.chain(steps);
        let mut fit = 0;
        let read = self.read(pass, pass, &steps.used_columns(), |batch| {
            fit += chain.pass(batch)?.rows.len() as u64;
            Ok(())
        })?;
        Ok(read.map(|read| (read, fit)))
    }

    fn chain<'a>(&'a self, steps: &'a Steps) -> Chain<'a> {
        Chain {
            steps,
            rules: self.rules,
            clock: self.clock,
            twice: None,
            lineage: self.lineage,
            files: self.files,
        }
    }

    /// Reads the whole input, as far as its columns are used; gives its number of rows, `None` when halted.
    fn read(
        &self,
        pass: usize,
        passes: usize,
        used: &[usize],
        mut each: impl FnMut(Batch) -> Result<(), RunError>,
    ) -> Result<Option<u64>, RunError> {
        let rows = self.source.rows_of(Position::default(), self.chunk_rows, used)?;
        let mut rows = ReadAhead::begin(rows, self.limit);
        let mut read = 0;
        while let Some(chunk) = rows.next_chunk()? {
            if self.halting.is_halted() {
                return Ok(None);
            }
            read = chunk.end.ordinal;
            let bytes_read = chunk.bytes_read;
            let batch = Batch::from_source(chunk.rows);
            each(match self.lineage {
                Some(lineage) => lineage.admit(batch, &mut Vec::new())?,
                None => batch,
            })?;
            self.observer.observe(Event::Surveying { pass, passes, rows: read, bytes_read });
        }
        Ok(Some(read))
    }
}

/// Whether the last step is a `dedupe` by the target's key, in the target's own type: equal texts
/// are equal numbers, but equal numbers may have different texts.
fn target_key_is_unique(steps: &Steps, rules: &Rules) -> bool {
    let Some(last) = steps.surveys_needed().pop() else { return false };
    let output = steps.output();
    let field = |index: usize| output.field(index);
    steps.is_last_change(last)
        && matches!(steps.key(last), [key] if rules.is_key_in_its_type(field(*key)))
}
