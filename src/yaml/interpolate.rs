//! `${env:NAME}`, `${env:NAME:-default}`, `${file:PATH}` and `${var:NAME}` in string values;
//! `$${` writes `${`.

use std::collections::{BTreeMap, BTreeSet};

use super::node::{Node, Value};
use crate::{
    diagnostic::{Diagnostic, Span, listed, nearest},
    environment::Environment,
};

/// What `${..}` stands for.
#[derive(Clone, Copy, Debug)]
pub struct Interpolation<'a> {
    /// The values of `${var:..}`.
    pub variables: &'a BTreeMap<String, String>,
    /// Where `${env:..}` and `${file:..}` look.
    pub environment: &'a Environment,
}

/// Replaces every `${..}` in the string values of `node`. A value that cannot be had is told and
/// left as it is; what was read is never told.
pub fn interpolate(node: &mut Node, text: &str, with: Interpolation<'_>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    each_text(node, &mut |node| {
        let Value::Str(value) = &node.value else { return };
        let parts = split(value, text, node.span);
        if parts.iter().all(|part| matches!(part, Part::Literal(_))) {
            node.value = Value::Str(parts.iter().map(Part::literal).collect());
            return;
        }
        let before = found.len();
        let mut whole = String::new();
        for part in &parts {
            match part.value(with) {
                Ok(value) => whole.push_str(&value),
                Err(complaint) => found.push(complaint),
            }
        }
        if found.len() == before {
            node.value = Value::Str(whole);
            node.interpolated = true;
        }
    });
    found
}

/// The names that `${var:..}` in `node` uses.
pub fn references(node: &Node, text: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    // Nothing is changed in the copy: the walk is the same as for replacing.
    each_text(&mut node.clone(), &mut |node| {
        let Value::Str(value) = &node.value else { return };
        for part in split(value, text, node.span) {
            if let Part::Reference { kind: "var", name, .. } = part {
                names.insert(name.to_owned());
            }
        }
    });
    names
}

/// Calls `visit` for the texts of `node` in which something stands to be replaced.
fn each_text(node: &mut Node, visit: &mut impl FnMut(&mut Node)) {
    match &mut node.value {
        Value::Str(text) if text.contains("${") => visit(node),
        Value::List(items) => items.iter_mut().for_each(|item| each_text(item, visit)),
        Value::Map(entries) => entries.iter_mut().for_each(|(_, value)| each_text(value, visit)),
        _ => {}
    }
}

enum Part<'a> {
    Literal(&'a str),
    /// `${kind:name}`, with the default behind `:-`.
    Reference {
        kind: &'a str,
        name: &'a str,
        default: Option<&'a str>,
        span: Span,
    },
    /// `${` without `}`.
    Open(Span),
}

/// Cuts a value at its `${..}`; spans are looked up in the scalar's source.
fn split<'a>(value: &'a str, text: &str, scalar: Span) -> Vec<Part<'a>> {
    let mut parts = Vec::new();
    let mut source = scalar;
    let mut rest = value;
    while let Some(at) = rest.find("${") {
        if rest[..at].ends_with('$') {
            parts.push(Part::Literal(&rest[..at - 1]));
            parts.push(Part::Literal("${"));
            rest = &rest[at + 2..];
            take(&mut source, text, "$${");
            continue;
        }
        parts.push(Part::Literal(&rest[..at]));
        let Some(length) = rest[at..].find('}') else {
            parts.push(Part::Open(take(&mut source, text, "${").unwrap_or(scalar)));
            return parts;
        };
        let whole = &rest[at..=at + length];
        let span = take(&mut source, text, whole).unwrap_or(scalar);
        parts.push(reference(&whole[2..length], span));
        rest = &rest[at + length + 1..];
    }
    parts.push(Part::Literal(rest));
    parts
}

/// The place of `what` in the source, which then goes on behind it. None if an escape or a line
/// end stands in between.
fn take(source: &mut Span, text: &str, what: &str) -> Option<Span> {
    let start = source.start + source.of(text).find(what)?;
    source.start = start + what.len();
    Some(Span::new(start, source.start))
}

fn reference(inside: &str, span: Span) -> Part<'_> {
    let (kind, rest) = inside.split_once(':').unwrap_or(("", inside));
    let (name, default) = match rest.split_once(":-") {
        Some((name, default)) if kind == "env" => (name, Some(default)),
        _ => (rest, None),
    };
    Part::Reference { kind, name, default, span }
}

impl Part<'_> {
    fn literal(&self) -> &str {
        match self {
            Part::Literal(text) => text,
            _ => "",
        }
    }

    fn value(&self, with: Interpolation<'_>) -> Result<String, Diagnostic> {
        match *self {
            Part::Literal(text) => Ok(text.to_owned()),
            Part::Open(span) => Err(Diagnostic::new(span, "`${` is never closed")
                .with_hint("close it with `}`; for the two characters themselves write `$${`")),
            Part::Reference { kind: "env", name, default, span } => {
                variable(name, default, span, with)
            }
            Part::Reference { kind: "file", name, span, .. } => file(name, span, with),
            Part::Reference { kind: "var", name, span, .. } => with
                .variables
                .get(name)
                .cloned()
                .ok_or_else(|| unknown_variable(name, span, with.variables)),
            Part::Reference { kind, name, span, .. } => Err(unknown_kind(kind, name, span)),
        }
    }
}

fn variable(
    name: &str,
    default: Option<&str>,
    span: Span,
    with: Interpolation<'_>,
) -> Result<String, Diagnostic> {
    let set = with.environment.variable(name);
    // As in a shell, the default stands for the empty value, too.
    if let (Some(default), None | Some("")) = (default, set.as_deref()) {
        return Ok(default.to_owned());
    }
    set.ok_or_else(|| {
        Diagnostic::new(span, format!("the environment variable `{name}` is not set"))
            .with_hint(format!("set it, or give a default: `${{env:{name}:-default}}`"))
    })
}

fn file(path: &str, span: Span, with: Interpolation<'_>) -> Result<String, Diagnostic> {
    match with.environment.file(path) {
        Ok(text) => {
            let line = text.strip_suffix('\n').unwrap_or(&text);
            Ok(line.strip_suffix('\r').unwrap_or(line).to_owned())
        }
        Err(error) => Err(Diagnostic::new(span, format!("cannot read the file `{path}`: {error}"))
            .with_hint("relative paths are relative to the working directory")),
    }
}

fn unknown_variable(name: &str, span: Span, variables: &BTreeMap<String, String>) -> Diagnostic {
    let names = || variables.keys().map(String::as_str);
    let message = match nearest(name, names()) {
        Some(meant) => format!("unknown variable `{name}`, did you mean `{meant}`?"),
        None => format!("unknown variable `{name}`"),
    };
    let way_out = format!("declare it under `vars`, or pass `--var {name}=value`");
    Diagnostic::new(span, message).with_hint(match variables.is_empty() {
        true => way_out,
        false => format!("{way_out}; the variables are: {}", listed(names())),
    })
}

fn unknown_kind(kind: &str, name: &str, span: Span) -> Diagnostic {
    let message = match kind {
        "" => format!("`${{{name}}}` does not say what it is"),
        _ => format!("`${{{kind}:..}}` is not known"),
    };
    Diagnostic::new(span, message).with_hint(
        "write `${env:NAME}`, `${file:PATH}` or `${var:NAME}`; \
         for the two characters `${` themselves write `$${`",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{diagnostic::Report, yaml::parse};

    fn with(text: &str) -> (Node, Vec<Diagnostic>) {
        let variables = [("day", "monday"), ("campaign", "125")]
            .map(|(name, value)| (name.to_owned(), value.to_owned()));
        let environment = Environment::Fixed {
            variables: [("TOKEN", "s3cret"), ("EMPTY", "")]
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .into(),
            files: [("token.txt".to_owned(), "from file\r\n".to_owned())].into(),
        };
        let mut root = parse(text).root.unwrap();
        let variables = variables.into();
        let with = Interpolation { variables: &variables, environment: &environment };
        let found = interpolate(&mut root, text, with);
        (root, found)
    }

    fn replaced(scalar: &str) -> Value {
        let (root, found) = with(&format!("a: {scalar}\n"));
        assert_eq!(found, []);
        root.get("a").unwrap().value.clone()
    }

    #[test]
    fn each_kind_is_replaced_and_the_escape_is_not() {
        for (scalar, value) in [
            ("${env:TOKEN}", "s3cret"),
            ("'x ${env:TOKEN} y ${var:day}'", "x s3cret y monday"),
            ("${env:NOT_SET:-a:-b}", "a:-b"),
            ("${env:EMPTY:-default}", "default"),
            ("\"${env:EMPTY}\"", ""),
            ("${file:token.txt}", "from file"),
            ("$${var:day} ${var:day}", "${var:day} monday"),
            ("costs $5 or {x}", "costs $5 or {x}"),
        ] {
            assert_eq!(replaced(scalar), Value::Str(value.to_owned()), "{scalar}");
        }
    }

    #[test]
    fn only_values_that_brought_something_in_count_as_interpolated() {
        let (root, _) = with("a: ${env:TOKEN}\nb: $${x}\nc: plain\n");
        let flags = root.entries().iter().map(|(_, node)| node.interpolated).collect::<Vec<_>>();
        assert_eq!(flags, [true, false, false]);
    }

    #[test]
    fn what_cannot_be_replaced_is_told_at_its_place() {
        let text = "a: x ${env:NOPE} ${var:dya}\nb: \"é\\t${var:colour}\"\nc: $${x} ${day}\nd: ${foo:x}\ne: ${file:none.txt}\nf: |\n  ${env:OPEN\n";
        let (_, found) = with(text);
        for one in &found {
            assert!(one.span.of(text).starts_with("${"), "{one:?}");
        }
        insta::assert_snapshot!(Report::new("x.yaml", text, found).render(false), @r#"
        x.yaml:1:6
          × the environment variable `NOPE` is not set
           ╭────
         1 │ a: x ${env:NOPE} ${var:dya}
           ·      ───────────
         2 │ b: "é\t${var:colour}"
           ╰────
          help: set it, or give a default: `${env:NOPE:-default}`

        x.yaml:1:18
          × unknown variable `dya`, did you mean `day`?
           ╭────
         1 │ a: x ${env:NOPE} ${var:dya}
           ·                  ──────────
         2 │ b: "é\t${var:colour}"
           ╰────
          help: declare it under `vars`, or pass `--var dya=value`; the variables are: `campaign`, `day`

        x.yaml:2:8
          × unknown variable `colour`
           ╭────
         1 │ a: x ${env:NOPE} ${var:dya}
         2 │ b: "é\t${var:colour}"
           ·        ─────────────
         3 │ c: $${x} ${day}
           ╰────
          help: declare it under `vars`, or pass `--var colour=value`; the variables are: `campaign`, `day`

        x.yaml:3:10
          × `${day}` does not say what it is
           ╭────
         2 │ b: "é\t${var:colour}"
         3 │ c: $${x} ${day}
           ·          ──────
         4 │ d: ${foo:x}
           ╰────
          help: write `${env:NAME}`, `${file:PATH}` or `${var:NAME}`; for the two characters `${` themselves write `$${`

        x.yaml:4:4
          × `${foo:..}` is not known
           ╭────
         3 │ c: $${x} ${day}
         4 │ d: ${foo:x}
           ·    ────────
         5 │ e: ${file:none.txt}
           ╰────
          help: write `${env:NAME}`, `${file:PATH}` or `${var:NAME}`; for the two characters `${` themselves write `$${`

        x.yaml:5:4
          × cannot read the file `none.txt`: entity not found
           ╭────
         4 │ d: ${foo:x}
         5 │ e: ${file:none.txt}
           ·    ────────────────
         6 │ f: |
           ╰────
          help: relative paths are relative to the working directory

        x.yaml:7:3
          × `${` is never closed
           ╭────
         6 │ f: |
         7 │   ${env:OPEN
           ·   ──
           ╰────
          help: close it with `}`; for the two characters themselves write `$${`
        "#);
    }

    #[test]
    fn the_variables_that_a_file_uses_are_known() {
        let text = "a: ${var:x} ${env:y}\nb: ['$${var:no}', \"${var:z}\"]\n";
        let names = references(&parse(text).root.unwrap(), text);
        assert_eq!(names, ["x", "z"].map(str::to_owned).into());
    }
}
