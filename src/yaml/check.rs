//! A tree held against a JSON Schema: everything that is wrong, at once and in plain words.
//!
//! It knows the part of draft 2020-12 that `schemars` makes of our types, and speaks of keys and
//! values as the file writes them. The hint is the option's own doc comment wherever that helps.

use regex::Regex;
use serde_json::Value as Json;

use super::{
    node::{Key, Node, Value},
    phrase,
};
use crate::diagnostic::{Diagnostic, Span, listed, nearest};

/// What is not there yet, so that it is no mistake.
#[derive(Clone, Copy, Debug, Default)]
pub struct Gaps {
    /// Sections were left out for their syntax errors: the document itself may lack keys.
    pub sections: bool,
    /// `${..}` is not replaced (everywhere) and may stand for anything.
    pub interpolations: bool,
}

/// Everything in `node` that `schema` does not allow.
pub fn check(schema: &Json, node: &Node, text: &str, gaps: Gaps) -> Vec<Diagnostic> {
    let mut checker = Checker { root: schema, text, gaps, found: Vec::new() };
    let at = node.head();
    checker.value(schema, node, &Place { name: None, at, item: false, about: None });
    checker.found
}

/// Where a value stands, for messages.
#[derive(Clone)]
struct Place<'s> {
    /// Its key in backticks, or which item of which key it is; none for the document.
    name: Option<String>,
    /// What to underline when something is missing in it.
    at: Span,
    /// Whether it is an item of a list.
    item: bool,
    /// What its option means, as the schema has it.
    about: Option<&'s str>,
}

impl Place<'_> {
    fn name(&self) -> &str {
        self.name.as_deref().unwrap_or("the file")
    }
}

struct Checker<'s> {
    root: &'s Json,
    text: &'s str,
    gaps: Gaps,
    found: Vec<Diagnostic>,
}

impl<'s> Checker<'s> {
    fn value(&mut self, schema: &'s Json, node: &Node, place: &Place<'s>) {
        if self.is_open(node) {
            return;
        }
        let about = place.about.or(schema["description"].as_str());
        let place = &Place { about, ..place.clone() };
        if schema["$ref"].is_string() {
            self.value(self.target(schema), node, place);
        }
        for part in list(&schema["allOf"]) {
            self.value(part, node, place);
        }
        for branches in [&schema["oneOf"], &schema["anyOf"]] {
            if let Some(branches) = branches.as_array() {
                self.branches(branches, node, place);
            }
        }
        if self.has_kind(schema, node, place) && self.is_one_of(schema, node, place) {
            match &node.value {
                Value::List(items) => self.items(schema, items, node, place),
                Value::Map(entries) => self.entries(schema, entries, place),
                Value::Str(text) if accepts(schema, "string") => {
                    self.length(schema, text, node, place);
                    self.pattern(schema, text, node, place);
                }
                _ => self.range(schema, node, place),
            }
        }
    }

    /// Whether the value is not known yet.
    fn is_open(&self, node: &Node) -> bool {
        self.gaps.interpolations && matches!(&node.value, Value::Str(text) if text.contains("${"))
    }

    /// The schema that this one stands for, through any number of references.
    fn target(&self, mut schema: &'s Json) -> &'s Json {
        // A chain of references longer than this is a circle.
        for _ in 0..8 {
            let Some(path) = schema["$ref"].as_str().and_then(|path| path.strip_prefix('#')) else {
                break;
            };
            let Some(target) = self.root.pointer(path) else { break };
            schema = target;
        }
        schema
    }

    fn complain(&mut self, span: Span, message: String, hint: Option<String>) {
        self.found.push(Diagnostic { message, span, label: None, hint });
    }

    /// "`name` must be ..", with the option's meaning as the hint.
    fn must_be(&mut self, wanted: &str, node: &Node, place: &Place<'_>, hint: Option<String>) {
        let found = phrase::found(self.text, node);
        let message = format!("{} must be {wanted}, not {found}", place.name());
        let span = if node.span.start == node.span.end { place.at } else { node.span };
        let span = if node.entries().is_empty() { span } else { place.at };
        self.complain(span, message, hint.or_else(|| meaning(place)));
    }

    fn has_kind(&mut self, schema: &'s Json, node: &Node, place: &Place<'s>) -> bool {
        let kinds = kinds(schema);
        if kinds.is_empty() || kinds.iter().any(|kind| is_a(node, kind)) {
            return true;
        }
        if node.value == Value::Null {
            let message = format!("{} has no value", place.name());
            self.complain(place.at, message, meaning(place));
            return false;
        }
        let wanted: Vec<String> = kinds
            .iter()
            .filter(|&&kind| kind != "null")
            .map(|&kind| phrase::kind(kind).to_owned())
            .collect();
        let hint = self.kind_hint(&kinds, node);
        self.must_be(&phrase::either(&wanted), node, place, hint);
        false
    }

    /// The way out where YAML read a word as something that was not meant.
    fn kind_hint(&self, kinds: &[&str], node: &Node) -> Option<String> {
        let written = phrase::written(self.text, node);
        let scalar = matches!(node.value, Value::Bool(_) | Value::Int(_) | Value::Float(_));
        if scalar && kinds.contains(&"string") {
            return Some(format!("put it in quotes: `\"{written}\"`"));
        }
        let wanted =
            kinds.iter().find(|&&kind| matches!(kind, "integer" | "number" | "boolean"))?;
        let Value::Str(text) = &node.value else { return None };
        match (*wanted, text.to_lowercase().as_str()) {
            ("boolean", "yes" | "on" | "y") => Some("write `true`".to_owned()),
            ("boolean", "no" | "off" | "n") => Some("write `false`".to_owned()),
            (kind, _) if !node.interpolated && is_word_of(text, kind) => {
                Some(format!("take the quotes away: `{written}`"))
            }
            _ => None,
        }
    }

    fn is_one_of(&mut self, schema: &'s Json, node: &Node, place: &Place<'s>) -> bool {
        let mut allowed: Vec<&Json> = list(&schema["enum"]).iter().collect();
        allowed.extend(schema.get("const"));
        if allowed.is_empty() || allowed.iter().any(|&one| equals(node, one)) {
            return true;
        }
        self.not_one_of(&allowed, node, place);
        false
    }

    fn not_one_of(&mut self, allowed: &[&'s Json], node: &Node, place: &Place<'s>) {
        let mut words: Vec<String> = allowed
            .iter()
            .map(|one| format!("`{}`", one.as_str().map_or(one.to_string(), str::to_owned)))
            .collect();
        words.dedup(); // the word `null`, with and without quotes
        let meant = match &node.value {
            Value::Str(text) if !node.interpolated => {
                nearest(text, allowed.iter().filter_map(|one| one.as_str()))
            }
            _ => None,
        };
        let hint =
            meant.filter(|_| words.len() > 1).map(|meant| format!("did you mean `{meant}`?"));
        self.must_be(&phrase::either(&words), node, place, hint);
    }

    fn length(&mut self, schema: &Json, value: &str, node: &Node, place: &Place<'s>) {
        let characters = value.chars().count() as u64;
        let (least, most) = (schema["minLength"].as_u64(), schema["maxLength"].as_u64());
        let problem = match (least, most) {
            (Some(1), _) if characters == 0 => "is empty".to_owned(),
            (Some(least), _) if characters < least => {
                format!("must have at least {least} characters")
            }
            (_, Some(most)) if characters > most => format!("must have at most {most} characters"),
            _ => return,
        };
        self.complain(node.span, format!("{} {problem}", place.name()), meaning(place));
    }

    fn pattern(&mut self, schema: &Json, value: &str, node: &Node, place: &Place<'s>) {
        let Some(Ok(pattern)) = schema["pattern"].as_str().map(Regex::new) else { return };
        if pattern.is_match(value) {
            return;
        }
        let written = phrase::written(self.text, node);
        let message = match node.interpolated {
            true => format!("{} cannot be what `{written}` gives", place.name()),
            false => format!("{} cannot be `{written}`", place.name()),
        };
        self.complain(node.span, message, meaning(place));
    }

    fn range(&mut self, schema: &Json, node: &Node, place: &Place<'s>) {
        let number = match node.typed() {
            Value::Int(number) => number as f64,
            Value::Float(number) => number,
            _ => return,
        };
        // The format of the integer type that takes the value says more than its `maximum`.
        let widest = match schema["format"].as_str() {
            Some("uint8") => Some(f64::from(u8::MAX)),
            Some("uint16") => Some(f64::from(u16::MAX)),
            Some("uint32") => Some(f64::from(u32::MAX)),
            _ => None,
        };
        let bound = |name: &str| schema[name].as_f64();
        let problem = if let Some(least) = bound("minimum").filter(|&least| number < least) {
            format!("at least {least}")
        } else if let Some(most) = bound("maximum").or(widest).filter(|&most| number > most) {
            format!("at most {most}")
        } else if let Some(least) = bound("exclusiveMinimum").filter(|&least| number <= least) {
            format!("more than {least}")
        } else {
            return;
        };
        self.must_be(&problem, node, place, None);
    }

    fn items(&mut self, schema: &'s Json, items: &[Node], node: &Node, place: &Place<'s>) {
        let least = schema["minItems"].as_u64().unwrap_or(0);
        if (items.len() as u64) < least {
            let message = match items.is_empty() {
                true => format!("{} is empty", place.name()),
                false => format!("{} must have at least {least} items", place.name()),
            };
            self.complain(node.span, message, meaning(place));
        }
        let Some(each) = schema.get("items") else { return };
        for (at, item) in items.iter().enumerate() {
            let name = Some(format!("item {} of {}", at + 1, place.name()));
            self.value(each, item, &Place { name, at: item.head(), item: true, about: None });
        }
    }

    fn entries(&mut self, schema: &'s Json, entries: &[(Key, Node)], place: &Place<'s>) {
        if entries.is_empty() && schema["minProperties"].as_u64().unwrap_or(0) > 0 {
            self.complain(place.at, format!("{} is empty", place.name()), meaning(place));
        }
        let others = schema.get("additionalProperties");
        let known: Vec<&str> = keys(schema).collect();
        let mut meant = Vec::new();
        for (key, value) in entries {
            let inner = match (schema["properties"].get(&key.name), others) {
                (Some(inner), _) => inner,
                (None, Some(Json::Bool(false))) => {
                    meant.push(self.unknown_key(key, &known, entries, place));
                    continue;
                }
                (None, Some(inner)) => inner,
                (None, None) => continue,
            };
            let name = Some(format!("`{}`", key.name));
            self.value(inner, value, &Place { name, at: key.span, item: false, about: None });
        }
        self.missing_keys(schema, entries, &meant, place);
    }

    /// Tells of a key that nothing knows; gives the one that was probably meant.
    fn unknown_key<'k>(
        &mut self,
        key: &Key,
        known: &[&'k str],
        entries: &[(Key, Node)],
        place: &Place<'_>,
    ) -> Option<&'k str> {
        // A key that is already there was not meant once more.
        let free = known.iter().copied().filter(|&name| !has(entries, name));
        let meant = nearest(&key.name, free);
        let within = place.name.as_ref().map(|name| format!(" in {name}")).unwrap_or_default();
        let (message, hint) = match meant {
            Some(meant) => (format!("unknown key `{}`, did you mean `{meant}`?", key.name), None),
            None if known.is_empty() => (format!("unknown key `{}`{within}", key.name), None),
            None => (
                format!("unknown key `{}`{within}", key.name),
                Some(format!("the keys are: {}", listed(known.iter().copied()))),
            ),
        };
        self.complain(key.span, message, hint);
        meant
    }

    fn missing_keys(
        &mut self,
        schema: &'s Json,
        entries: &[(Key, Node)],
        meant: &[Option<&str>],
        place: &Place<'s>,
    ) {
        let required: Vec<&str> = strings(&schema["required"]).collect();
        // A mapping of one key whose only key is not known lacks that one, which is said already.
        let is_tag = required.len() == 1 && keys(schema).count() == 1 && !meant.is_empty();
        if is_tag || (place.name.is_none() && self.gaps.sections) {
            return;
        }
        for name in required {
            if has(entries, name) || meant.contains(&Some(name)) {
                continue;
            }
            let within = place.name.as_ref().map(|name| format!(" in {name}")).unwrap_or_default();
            let about = schema["properties"][name]["description"].as_str();
            let hint = meaning(&Place { about, ..place.clone() });
            self.complain(place.at, format!("missing key `{name}`{within}"), hint);
        }
    }

    /// One of several schemas: the one that the value's kind, or its keys, tell.
    fn branches(&mut self, branches: &'s [Json], node: &Node, place: &Place<'s>) {
        let branches: Vec<&Json> = branches.iter().map(|branch| self.target(branch)).collect();
        let fitting: Vec<&Json> =
            branches.iter().copied().filter(|branch| self.could_be(branch, node)).collect();
        match fitting.as_slice() {
            [] => self.no_branch(&branches, node, place),
            // A word beside other kinds: name them all.
            [one]
                if branches.len() > 1
                    && words(one).all(|word| !equals(node, &word.into()))
                    && words(one).next().is_some() =>
            {
                self.no_branch(&branches, node, place)
            }
            [one] => self.value(one, node, place),
            several if matches!(node.value, Value::Map(_)) => {
                self.alternatives(several, node, place)
            }
            several => self.several(several, node, place),
        }
    }

    fn could_be(&self, schema: &'s Json, node: &Node) -> bool {
        let kinds = kinds(schema);
        match schema.get("const") {
            Some(only) if kinds.is_empty() => std::mem::discriminant(only) == json_kind(node),
            _ => kinds.is_empty() || kinds.iter().any(|kind| is_a(node, kind)),
        }
    }

    fn no_branch(&mut self, branches: &[&'s Json], node: &Node, place: &Place<'s>) {
        let mut wanted: Vec<String> = Vec::new();
        for branch in branches {
            let words = words(branch).map(|word| format!("`{word}`")).collect::<Vec<_>>();
            let kinds = kinds(branch).into_iter().filter(|&kind| kind != "null");
            let kinds: Vec<String> = kinds.map(|kind| phrase::kind(kind).to_owned()).collect();
            for part in if words.is_empty() { kinds } else { words } {
                if !wanted.contains(&part) {
                    wanted.push(part);
                }
            }
        }
        let all: Vec<&str> = branches.iter().flat_map(|branch| kinds(branch)).collect();
        let hint = self.kind_hint(&all, node);
        self.must_be(&phrase::either(&wanted), node, place, hint);
    }

    /// Schemas of one kind, not told apart by keys: one of them must take the value.
    fn several(&mut self, branches: &[&'s Json], node: &Node, place: &Place<'s>) {
        let before = self.found.len();
        for branch in branches {
            self.found.truncate(before);
            self.value(branch, node, place);
            if self.found.len() == before {
                return;
            }
        }
        let constants: Vec<&Json> = branches
            .iter()
            .flat_map(|branch| list(&branch["enum"]).iter().chain(branch.get("const")))
            .collect();
        let only_constants =
            branches.iter().all(|branch| !branch["const"].is_null() || !branch["enum"].is_null());
        if only_constants {
            self.found.truncate(before);
            self.not_one_of(&constants, node, place);
        }
    }

    /// Mappings told apart by the key that only one of them has.
    fn alternatives(&mut self, branches: &[&'s Json], node: &Node, place: &Place<'s>) {
        let entries = node.entries();
        let complete = |branch: &&&Json| {
            let mut required = strings(&branch["required"]).peekable();
            required.peek().is_some() && required.all(|name| has(entries, name))
        };
        let chosen: Vec<&Json> = branches.iter().filter(complete).copied().collect();
        let mut tags: Vec<&str> = Vec::new();
        tags.extend(branches.iter().flat_map(|branch| strings(&branch["required"])));
        match chosen.as_slice() {
            [] => self.no_alternative(branches, &tags, entries, place),
            [one] => self.alternative(one, branches, node, place),
            _ => self.two_alternatives(&tags, entries, place),
        }
    }

    fn alternative(
        &mut self,
        chosen: &'s Json,
        branches: &[&'s Json],
        node: &Node,
        place: &Place<'s>,
    ) {
        let own: Vec<&str> = keys(chosen).collect();
        let tag = strings(&chosen["required"]).next().unwrap_or_default();
        let before = self.found.len();
        self.value(chosen, node, place);
        for (key, _) in node.entries().iter().filter(|(key, _)| !own.contains(&&*key.name)) {
            let owner = branches.iter().find(|branch| keys(branch).any(|name| name == key.name));
            let Some(owner) = owner.and_then(|owner| strings(&owner["required"]).next()) else {
                continue;
            };
            // The key is known, only not here: say that in place of "unknown key".
            if let Some(at) = self.found[before..].iter().position(|one| one.span == key.span) {
                let complaint = &mut self.found[before + at];
                complaint.message = format!("`{}` cannot stand beside `{tag}`", key.name);
                complaint.hint = Some(format!("it stands beside `{owner}` only"));
            }
        }
    }

    fn no_alternative(
        &mut self,
        branches: &[&'s Json],
        tags: &[&'s str],
        entries: &[(Key, Node)],
        place: &Place<'s>,
    ) {
        let known: Vec<&str> = branches.iter().flat_map(|branch| keys(branch)).collect();
        let unknown: Vec<&Key> =
            entries.iter().map(|(key, _)| key).filter(|key| !known.contains(&&*key.name)).collect();
        for key in &unknown {
            self.unknown_key(key, tags, entries, place);
        }
        if unknown.is_empty() {
            let message = format!("{} needs one of the keys {}", place.name(), choice(tags));
            self.complain(place.at, message, None);
        }
    }

    fn two_alternatives(&mut self, tags: &[&str], entries: &[(Key, Node)], place: &Place<'_>) {
        let mut given = entries.iter().map(|(key, _)| key).filter(|key| tags.contains(&&*key.name));
        let (Some(first), Some(second)) = (given.next(), given.next()) else { return };
        let message = format!("`{}` cannot stand beside `{}`", second.name, first.name);
        let hint = match place.item {
            true => format!("give `{}` an item of its own: `- {}: ..`", second.name, second.name),
            false => {
                format!("keep one of them: {} has one of the keys {}", place.name(), choice(tags))
            }
        };
        self.complain(second.span, message, Some(hint));
    }
}

fn choice(tags: &[&str]) -> String {
    phrase::either(&tags.iter().map(|tag| format!("`{tag}`")).collect::<Vec<_>>())
}

/// The first paragraph of the option's doc comment.
fn meaning(place: &Place<'_>) -> Option<String> {
    let paragraph = place.about?.split("\n\n").next()?;
    Some(paragraph.split_whitespace().collect::<Vec<_>>().join(" "))
}

fn list(json: &Json) -> &[Json] {
    json.as_array().map_or(&[], Vec::as_slice)
}

fn strings(json: &Json) -> impl Iterator<Item = &str> {
    list(json).iter().filter_map(Json::as_str)
}

fn keys(schema: &Json) -> impl Iterator<Item = &str> {
    schema["properties"].as_object().into_iter().flat_map(|keys| keys.keys().map(String::as_str))
}

fn has(entries: &[(Key, Node)], name: &str) -> bool {
    entries.iter().any(|(key, _)| key.name == name)
}

/// The types that a schema names.
fn kinds(schema: &Json) -> Vec<&str> {
    schema["type"].as_str().into_iter().chain(strings(&schema["type"])).collect()
}

/// The words that are the only texts of a schema.
fn words(schema: &Json) -> impl Iterator<Item = &str> {
    strings(&schema["enum"]).chain(schema["const"].as_str())
}

fn accepts(schema: &Json, kind: &str) -> bool {
    let kinds = kinds(schema);
    kinds.is_empty() || kinds.contains(&kind)
}

fn is_a(node: &Node, kind: &str) -> bool {
    let plain = match &node.value {
        Value::Null => kind == "null",
        Value::Bool(_) => kind == "boolean",
        Value::Int(_) => matches!(kind, "integer" | "number"),
        Value::Float(_) => kind == "number",
        Value::Str(_) => kind == "string",
        Value::List(_) => kind == "array",
        Value::Map(_) => kind == "object",
    };
    plain || (node.interpolated && is_a(&Node::new(node.typed(), node.span), kind))
}

/// Whether a quoted text would have been of `kind` without its quotes.
fn is_word_of(text: &str, kind: &str) -> bool {
    is_a(&Node::new(super::node::core_schema(text), Span::default()), kind)
}

fn equals(node: &Node, json: &Json) -> bool {
    match (&node.value, json) {
        (Value::Str(text), Json::String(other)) => text == other,
        _ => match (node.typed(), json) {
            (Value::Int(number), Json::Number(other)) => {
                other.as_i64().map(i128::from) == Some(number)
            }
            (Value::Float(number), Json::Number(other)) => other.as_f64() == Some(number),
            (Value::Bool(flag), Json::Bool(other)) => flag == *other,
            (Value::Null, Json::Null) => true,
            _ => false,
        },
    }
}

/// The kind of JSON value that a node would be.
fn json_kind(node: &Node) -> std::mem::Discriminant<Json> {
    std::mem::discriminant(&match node.value {
        Value::Null => Json::Null,
        Value::Bool(flag) => Json::Bool(flag),
        Value::Int(_) | Value::Float(_) => Json::from(0),
        Value::Str(_) => Json::String(String::new()),
        Value::List(_) => Json::Array(Vec::new()),
        Value::Map(_) => Json::Object(serde_json::Map::new()),
    })
}
