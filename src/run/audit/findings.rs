//! What an audit has found: how often, and where the first of it stand.

/// Places of a finding that are told.
pub const EXAMPLES: usize = 10;

/// Something that does not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What, for all of its kind.
    pub what: &'static str,
    /// How often.
    pub count: u64,
    /// Where, the first few.
    pub examples: Vec<String>,
}

/// All that does not hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Findings(Vec<Finding>);

impl Findings {
    /// Notes one.
    pub fn add(&mut self, what: &'static str, example: String) {
        let finding = self.of(what);
        finding.count += 1;
        if finding.examples.len() < EXAMPLES {
            finding.examples.push(example);
        }
    }

    /// Counts more of a kind without saying where.
    pub fn count(&mut self, what: &'static str, more: u64) {
        if more > 0 {
            self.of(what).count += more;
        }
    }

    fn of(&mut self, what: &'static str) -> &mut Finding {
        let at = self.0.iter().position(|finding| finding.what == what).unwrap_or_else(|| {
            self.0.push(Finding { what, count: 0, examples: Vec::new() });
            self.0.len() - 1
        });
        &mut self.0[at]
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// In the order in which they were found.
    pub fn iter(&self) -> impl Iterator<Item = &Finding> {
        self.0.iter()
    }
}
