//! Variables: the defaults under `vars`, and `--var NAME=value` over them.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    diagnostic::{Diagnostic, listed, nearest},
    environment::Environment,
    yaml::{self, Interpolation, Node, Value},
};

/// What `${..}` in a pipeline file stands for.
#[derive(Clone, Debug, Default)]
pub struct Vars {
    /// The values given by `--var`.
    pub given: BTreeMap<String, String>,
    /// Where `${env:..}` and `${file:..}` look.
    pub environment: Environment,
    /// Whether a value may be meant for another file of the same command line.
    pub shared: bool,
}

impl Vars {
    /// The values given by `--var`, with the system's surroundings.
    pub fn new(given: BTreeMap<String, String>) -> Self {
        Vars { given, environment: Environment::System, shared: false }
    }

    /// The value of each variable: the file's defaults with the given ones over them. The
    /// defaults in the tree become the texts that they stand for.
    pub(super) fn with_defaults(
        &self,
        root: &mut Node,
        text: &str,
        found: &mut Vec<Diagnostic>,
    ) -> BTreeMap<String, String> {
        let mut values = BTreeMap::new();
        // A default may be taken from the surroundings, not from other variables.
        let none = BTreeMap::new();
        let with = Interpolation { variables: &none, environment: &self.environment };
        if let Some(Node { value: Value::Map(entries), .. }) = root.get_mut("vars") {
            for (key, node) in entries {
                if matches!(node.value, Value::Bool(_) | Value::Int(_) | Value::Float(_)) {
                    node.value = Value::Str(node.span.of(text).to_owned());
                }
                if !self.given.contains_key(&key.name) {
                    found.extend(yaml::interpolate(node, text, with));
                }
                if let Value::Str(value) = &node.value {
                    values.insert(key.name.clone(), value.clone());
                }
            }
        }
        values.extend(self.given.clone());
        values
    }

    /// Values given for variables that the file neither declares nor uses: a slip of the pen,
    /// which would otherwise leave the default in force.
    pub(super) fn superfluous(&self, root: &Node, used: &BTreeSet<String>) -> Vec<Diagnostic> {
        if self.shared {
            return Vec::new();
        }
        let section = root.entries().iter().find(|(key, _)| key.name == "vars");
        let declared: BTreeSet<&str> = section
            .iter()
            .flat_map(|(_, defaults)| defaults.entries())
            .map(|(key, _)| key.name.as_str())
            .chain(used.iter().map(String::as_str))
            .collect();
        let span = section.map_or(root.head(), |(key, _)| key.span);
        let unknown = self.given.keys().filter(|name| !declared.contains(name.as_str()));
        unknown
            .map(|name| {
                let message = match nearest(name, declared.iter().copied()) {
                    Some(meant) => format!(
                        "`--var {name}` names no variable of this file, did you mean `{meant}`?"
                    ),
                    None => format!("`--var {name}` names no variable of this file"),
                };
                Diagnostic::new(span, message).with_hint(match declared.is_empty() {
                    true => "the file declares none under `vars` and uses none".to_owned(),
                    false => format!("the variables are: {}", listed(declared.iter().copied())),
                })
            })
            .collect()
    }
}
