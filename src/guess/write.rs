//! The pipeline file: every field with its expression, and comments for all that needs a look.

use super::{
    Request, Target,
    express::{self, Made, Mapping, values_are},
    matching::Places,
    profile::{Profile, one_line},
    target::{Field, Kind},
};
use crate::{
    crm::{Action, LoadAction, Object},
    phone::{NUMBER, PREFIX, TRANSACTION_DATA},
    rules,
};

/// The connection whose phones are none.
const SIMULATOR: &str = "simulator";

/// Longer expressions stand on a line of their own.
const WIDE: usize = 76;

/// What was found out.
pub(super) struct Seen<'a> {
    pub columns: &'a [Profile],
    pub fields: &'a [Field],
    pub places: &'a Places,
    pub rows: u64,
    /// Whether these are all rows of the input.
    pub whole: bool,
}

/// The file, and what to say about it.
pub(super) struct Written {
    pub text: String,
    pub name: String,
    pub placed: usize,
    pub to_do: Vec<String>,
}

/// A field of the last `map`.
struct Entry {
    tag: &'static str,
    mapping: Mapping,
    /// The columns that it is made of.
    column: Option<usize>,
}

/// Writes the pipeline file.
pub(super) fn pipeline(request: &Request, extract: &[String], seen: &Seen<'_>) -> Written {
    let name = name(request);
    let mut entries = entries(request, seen);
    let load = load(request, &mut entries, seen);
    let mut to_do: Vec<String> =
        entries.iter().filter_map(|entry| entry.mapping.to_do.clone()).collect();
    to_do.extend(load.to_do);
    let mut text = String::new();
    let mut say = |line: &str| {
        text.push_str(line.trim_end());
        text.push('\n');
    };
    if let Some(schema) = &request.schema {
        say(&format!("# yaml-language-server: $schema={schema}"));
    }
    let of = if seen.whole { "all" } else { "the first" };
    say(&format!(
        "# A guess by `vccpipe guess` from {of} {} rows of {}.",
        seen.rows,
        one_line(&request.input.display().to_string())
    ));
    say("# Look at each line; what has to be done before it can load is marked TO DO.");
    say("version: 1");
    say(&format!("name: {name}"));
    say(&format!("description: {}", scalar(&description(request))));
    say(&format!("connection: {}", scalar(&request.connection)));
    say("");
    say("extract:");
    extract.iter().for_each(|line| say(&format!("  {line}")));
    say("");
    say("transform:");
    opt_out(request.target, seen, &mut say);
    say("  - map:");
    for entry in &entries {
        write_entry(entry, &mut say);
    }
    match request.target {
        Target::Calls => beside_a_call(seen, &entries, &mut say),
        _ => unplaced(seen, &entries, &mut say),
    }
    after_the_map(request.target, seen, &entries, &mut say);
    say("");
    say("load:");
    load.lines.iter().for_each(|line| say(&format!("  {line}")));
    let mut used: Vec<usize> = entries
        .iter()
        .filter(|entry| !matches!(entry.mapping.made, Made::Left(_)))
        .filter_map(|entry| entry.column)
        .collect();
    used.sort_unstable();
    used.dedup();
    Written { text, name, placed: used.len(), to_do }
}

/// The fields in the order of the documents.
fn entries(request: &Request, seen: &Seen<'_>) -> Vec<Entry> {
    let at = |tag: &str| {
        let field = seen.fields.iter().position(|field| field.tag == tag)?;
        seen.places.fields[field]
    };
    let mut entries = Vec::new();
    for (field, column) in seen.fields.iter().zip(&seen.places.fields) {
        let entry = |mapping, column| Entry { tag: field.tag, mapping, column };
        let profile = column.map(|column| &seen.columns[column]);
        // A street of several lines goes into both fields, where the second is free.
        let second = field.tag.strip_suffix("STR2").map(|address| format!("{address}STR1"));
        let street = second.and_then(|first| at(&first)).filter(|at| seen.columns[*at].lines > 0);
        let is_split =
            field.tag.ends_with("STR1") && at(&field.tag.replace("STR1", "STR2")).is_none();
        match (profile, street) {
            (Some(profile), _) if is_split && profile.lines > 0 => {
                entries.push(entry(
                    with_lengths(field, profile, express::first_line(profile)),
                    *column,
                ));
            }
            (Some(profile), _) => {
                entries.push(entry(express::mapping(field, profile, &request.timezone), *column));
            }
            (None, Some(street)) => {
                entries.push(entry(express::other_lines(&seen.columns[street]), Some(street)));
            }
            (None, None) => entries.extend(without_column(field, seen)),
        }
    }
    entries
}

/// A field that no column was found for: made of a column with full names, set to a word, or
/// left to the user where it must be there.
fn without_column(field: &Field, seen: &Seen<'_>) -> Option<Entry> {
    let entry = |mapping, column| Some(Entry { tag: field.tag, mapping, column });
    if let (Some(column), "FIRSTNAME" | "LASTNAME") = (seen.places.full_name, field.tag) {
        let mapping = express::names(&seen.columns[column], field.tag == "LASTNAME");
        return entry(mapping, Some(column));
    }
    if let Kind::Chosen(word) = field.kind {
        let remarks = vec!["The tenant makes up a password for each customer.".to_owned()];
        return entry(Mapping { made: Made::Value(word), remarks, to_do: None }, None);
    }
    field.mandatory.then(|| {
        let to_do = format!("{} is mandatory, and no column looks like it", field.tag);
        let remarks = vec![format!(
            "TO DO: {to_do}. Until an expression or a column stands here, every row is rejected."
        )];
        let mapping = Mapping { made: Made::Sql("null".into()), remarks, to_do: Some(to_do) };
        Entry { tag: field.tag, mapping, column: None }
    })
}

/// What is too long counts in the first line only where the column has one line.
fn with_lengths(field: &Field, profile: &Profile, mut mapping: Mapping) -> Mapping {
    let most = field.rule.max_chars.unwrap_or(u32::MAX) as usize;
    if profile.longer_than(most) > 0 {
        mapping.remarks.push(format!(
            "A line of more than {most} characters is rejected, unless `validate` below has it cut."
        ));
    }
    mapping
}

fn write_entry(entry: &Entry, say: &mut impl FnMut(&str)) {
    for remark in &entry.mapping.remarks {
        comment(remark, 6, say);
    }
    let tag = entry.tag;
    match &entry.mapping.made {
        Made::Column(name) => say(&format!("      {tag}: {{ column: {} }}", scalar(name))),
        Made::Value(word) => say(&format!("      {tag}: {{ value: {word:?} }}")),
        Made::Left(name) => say(&format!("      # {tag}: {{ column: {} }}", scalar(name))),
        Made::Sql(sql) if is_plain(sql) && sql.len() + tag.len() > WIDE => {
            say(&format!("      {tag}: >-"));
            folded(sql).iter().for_each(|line| say(&format!("        {}", escaped(line))));
        }
        Made::Sql(sql) => say(&format!("      {tag}: {}", expression(sql))),
    }
}

/// A comment of lines that fit a screen.
fn comment(words: &str, indent: usize, say: &mut impl FnMut(&str)) {
    let mut line = format!("{:indent$}#", "");
    for word in one_comment(words).split(' ') {
        if line.chars().count() + word.chars().count() + 1 > 98 {
            say(&line);
            line = format!("{:indent$}#", "");
        }
        line.push(' ');
        line.push_str(word);
    }
    say(&line);
}

/// Nothing in it ends the comment or means something to the file.
fn one_comment(words: &str) -> String {
    words.chars().map(|c| if unprintable(c) { ' ' } else { c }).collect()
}

/// Columns that have no place.
fn left<'s>(seen: &Seen<'s>, entries: &[Entry]) -> Vec<&'s Profile> {
    let used: Vec<usize> = entries
        .iter()
        .filter_map(|entry| entry.column)
        .chain(seen.places.opt_out)
        .chain(seen.places.old_number)
        .collect();
    let columns = seen.columns.iter().enumerate();
    columns.filter(|(at, _)| !used.contains(at)).map(|(_, column)| column).collect()
}

/// Columns that have no place, each with what it holds.
fn unplaced(seen: &Seen<'_>, entries: &[Entry], say: &mut impl FnMut(&str)) {
    let left = left(seen, entries);
    if !left.is_empty() {
        comment("Columns that no field was found for:", 6, say);
    }
    for column in left {
        comment(&format!("- {}: {}", one_line(&column.name), column.told()), 6, say);
    }
}

/// What may go with a call: a prefix, and the columns that an agent or a report could use.
fn beside_a_call(seen: &Seen<'_>, entries: &[Entry], say: &mut impl FnMut(&str)) {
    if !entries.iter().any(|entry| entry.tag == PREFIX) {
        let number = entries.iter().find(|entry| entry.tag == NUMBER);
        let sql = match number.and_then(|entry| entry.column) {
            Some(column) => {
                let name = express::quoted(&one_line(&seen.columns[column].name));
                format!("case when starts_with({name}, '+') then '' else '1' end")
            }
            None => "'1'".to_owned(),
        };
        comment("What is dialled before each number, where your dial plan wants it:", 6, say);
        say(&format!("      # {PREFIX}: {}", expression(&sql)));
    }
    let left = left(seen, entries);
    if !left.is_empty() {
        comment(
            "Columns that no field was found for. What agents and reports are to see goes with the \
             call, under a name of your choice:",
            6,
            say,
        );
    }
    for column in left {
        let key = scalar_key(&format!("{TRANSACTION_DATA}{}", one_line(&column.name)));
        say(&format!("      # {key}: {{ column: {} }}", scalar(&column.name)));
    }
}

/// A name as a key of a mapping.
fn scalar_key(name: &str) -> String {
    match name.chars().all(|c| c.is_ascii_alphanumeric() || "._- ".contains(c)) {
        true => name.trim_end().to_owned(),
        false => double_quoted(name),
    }
}

/// Who does not want to be called is not put into a campaign.
fn opt_out(target: Target, seen: &Seen<'_>, say: &mut impl FnMut(&str)) {
    let Some(column) = seen.places.opt_out else { return };
    let profile = &seen.columns[column];
    let mut words: Vec<String> = ["1", "true", "y", "yes"].map(str::to_owned).into();
    for word in profile.yes_words().unwrap_or_default() {
        let word = word.to_lowercase();
        if !words.contains(&word) {
            words.push(word);
        }
    }
    let words: Vec<String> = words.iter().map(|word| express::text(word)).collect();
    let name = express::quoted(&profile.name);
    let name = if profile.is_text { name } else { format!("cast({name} as varchar)") };
    let sql = format!("lower(trim(coalesce({name}, ''))) not in ({})", words.join(", "));
    match target {
        Target::Campaign { .. } | Target::Calls => {
            comment("Who does not want to be called is skipped.", 2, say);
            say(&format!("  - filter: {}", expression(&sql)));
        }
        Target::Wapi { .. } => {
            comment(
                &format!(
                    "`{}` says who does not want to be contacted. To leave these out:",
                    one_line(&profile.name)
                ),
                2,
                say,
            );
            say(&format!("  # - filter: {}", expression(&sql)));
        }
    }
}

/// Steps that somebody may want: rows of the same key, and values that are too long.
fn after_the_map(target: Target, seen: &Seen<'_>, entries: &[Entry], say: &mut impl FnMut(&str)) {
    let profile = |tag: &str| {
        let entry = entries.iter().find(|entry| entry.tag == tag)?;
        entry.column.map(|column| &seen.columns[column])
    };
    let unique = match target {
        Target::Campaign { .. } => Some("customer-id"),
        Target::Calls => Some(NUMBER),
        Target::Wapi { object: Object::Customer, .. } => Some("EMAIL"),
        Target::Wapi { .. } => None,
    };
    if let Some((tag, column)) = unique.and_then(|tag| Some((tag, profile(tag)?)))
        && column.repeated > 0
    {
        let words = format!(
            "{} there a second time. Of each {tag} one row can be loaded; the others are \
             rejected, or skipped by this step:",
            values_are(column.repeated)
        );
        comment(&words, 2, say);
        let active = !matches!(target, Target::Wapi { .. });
        let mark = if active { "" } else { "# " };
        say(&format!("  {mark}- dedupe: {{ key: [{tag}], keep: first }}"));
    }
    let too_long: Vec<&'static str> = seen
        .fields
        .iter()
        .zip(&seen.places.fields)
        .filter(|(field, column)| {
            let most = field.rule.max_chars.filter(|_| field.kind == Kind::Text);
            let longer = most.zip(**column).map(|(most, at)| {
                let column: &Profile = &seen.columns[at];
                column.longer_than(most as usize)
            });
            field.rule.may_be_truncated() && longer.is_some_and(|longer| longer > 0)
        })
        .map(|(field, _)| field.tag)
        .collect();
    if !too_long.is_empty() {
        comment(
            "Values that are too long are rejected. To have them cut, each listed in fixed.csv:",
            2,
            say,
        );
        let fixes: Vec<String> = too_long.iter().map(|tag| format!("{tag}: truncate")).collect();
        say(&format!("  # - validate: {{ fix: {{ {} }} }}", fixes.join(", ")));
    }
}

/// The lines under `load:`.
struct Load {
    lines: Vec<String>,
    to_do: Option<String>,
}

fn load(request: &Request, entries: &mut Vec<Entry>, seen: &Seen<'_>) -> Load {
    let (object, action) = match request.target {
        Target::Calls => return placed(&request.connection),
        Target::Campaign { id } => {
            let to_do = id.is_none().then(|| {
                "the number of the campaign (Configuration Manager, Campaigns, Campaign ID)".into()
            });
            let mark = if to_do.is_some() { "   # TO DO: the number of your campaign" } else { "" };
            let lines = vec![
                "campaign:".to_owned(),
                "  action: add".to_owned(),
                format!("  campaign: {}{mark}", id.unwrap_or(125)),
            ];
            return Load { lines, to_do };
        }
        Target::Wapi { object, action } => (object, action),
    };
    let word = format!("{object}").to_lowercase();
    let mut lines = vec![
        "wapi:".to_owned(),
        format!("  object: {word}"),
        format!("  action: {}", action.as_str()),
    ];
    let mut to_do = None;
    if action == LoadAction::Upsert {
        let by = match_on(object, entries);
        let mark = match &by {
            Some(_) => "",
            None => {
                to_do = Some("`match_on`: the columns by which a row finds its record".to_owned());
                "   # TO DO: the columns by which a row finds its record"
            }
        };
        let tag = by.unwrap_or_else(|| stand_in(object, entries));
        lines.push(format!("  match_on: {tag}{mark}"));
    }
    if let Some(column) = seen.places.old_number.filter(|_| rules::wapi::has_custom_fields(object))
    {
        let name = &seen.columns[column].name;
        lines.push(
            "  # To keep the old number, have a custom field for it (here OLD_ID), add".into(),
        );
        lines.push(format!("  # `OLD_ID: {{ column: {} }}` to the map, and", scalar(name)));
        lines.push("  # custom_fields: [OLD_ID]".into());
        if action != LoadAction::Modify {
            lines.push("  # identify_by: [OLD_ID]".into());
        }
    }
    Load { lines, to_do }
}

/// Phones ring, and nobody can take that back: over a connection of his own a person confirms it.
fn placed(connection: &str) -> Load {
    let mut lines = vec!["calls:".to_owned(), "  action: place".to_owned()];
    let is_simulated = connection == SIMULATOR;
    let (words, mark) = match is_simulated {
        true => (["Only the simulated tenant rings as long as", "`connection` says so."], ""),
        false => {
            let then = "`vccpipe preview` and `vccpipe plan` ring nobody.";
            (["TO DO: confirm that you want it;", then], "# ")
        }
    };
    lines.push(format!("  # Phones ring, and nobody can take that back. {}", words[0]));
    lines.push(format!("  # {}", words[1]));
    lines.push(format!("  {mark}confirm_place: true"));
    let to_do = (!is_simulated).then(|| {
        "`confirm_place: true`: phones ring (`preview` and `plan` ring nobody)".to_owned()
    });
    Load { lines, to_do }
}

/// The field by which the CRM can be asked for a record, of those that have a column.
fn match_on(object: Object, entries: &[Entry]) -> Option<&'static str> {
    let get = rules::wapi::table(object, Action::Get);
    let asks = |tag: &str| object == Object::FaqCategory || rules::find(get, tag).is_some();
    let has = |tag: &str| {
        entries.iter().any(|entry| {
            entry.tag == tag
                && entry.column.is_some()
                && !matches!(entry.mapping.made, Made::Left(_))
        })
    };
    let first = ["EMAIL", "VOICE", "QUESTION", "FAQCATEGORY", "SUBJECT"];
    let others = rules::wapi::table(object, Action::Add).iter().map(|rule| rule.tag);
    first
        .into_iter()
        .chain(others.filter(|tag| *tag != "ACCOUNTNUM" && *tag != "FAQCATID"))
        .find(|tag| asks(tag) && has(tag) && !object.key().contains(tag))
}

/// A field without a column that `match_on` can name, so that the file is whole.
fn stand_in(object: Object, entries: &mut Vec<Entry>) -> &'static str {
    let get = rules::wapi::table(object, Action::Get);
    let add = rules::wapi::table(object, Action::Add);
    let asked = |tag: &&str| {
        object == Object::FaqCategory || rules::find(get, tag).is_some_and(|r| !r.is_custom_field())
    };
    let tag = add
        .iter()
        .filter(|rule| !rule.is_custom_field())
        .map(|rule| rule.tag)
        .find(|tag| asked(tag) && !object.key().contains(tag))
        .unwrap_or("EMAIL");
    let there = entries
        .iter()
        .any(|entry| entry.tag == tag && !matches!(entry.mapping.made, Made::Left(_)));
    if !there {
        entries.retain(|entry| entry.tag != tag);
        let mapping = Mapping { made: Made::Sql("null".into()), remarks: Vec::new(), to_do: None };
        entries.push(Entry { tag, mapping, column: None });
    }
    tag
}

fn description(request: &Request) -> String {
    let input = one_line(&request.input.display().to_string());
    match request.target {
        Target::Campaign { .. } => format!("Add the customers of {input} to a dialer campaign"),
        Target::Calls => format!("Call the people of {input}"),
        Target::Wapi { object, action } => {
            let does = match action {
                LoadAction::Modify => "Change",
                LoadAction::Upsert => "Add or change",
                LoadAction::Add | LoadAction::Delete => "Add",
            };
            let what = match object {
                Object::Customer => "customers",
                Object::Case => "cases",
                Object::Followup => "follow-ups",
                Object::Task => "tasks",
                Object::FaqCategory => "categories of FAQs",
                Object::Faq => "FAQs",
                Object::CustomField => "custom fields",
            };
            format!("{does} {what} of the CRM from {input}")
        }
    }
}

/// A name of the run's folder, from that of the file.
fn name(request: &Request) -> String {
    let stem = request.input.file_name().unwrap_or_default().to_string_lossy();
    let stem = stem.split('.').find(|part| !part.is_empty()).unwrap_or_default();
    let mut name = String::new();
    for c in any_ascii::any_ascii(stem).to_lowercase().chars() {
        match c {
            'a'..='z' | '0'..='9' => name.push(c),
            _ if !name.is_empty() && !name.ends_with('-') => name.push('-'),
            _ => {}
        }
    }
    name.truncate(64);
    let name = name.trim_end_matches('-');
    if name.is_empty() { "guessed".to_owned() } else { name.to_owned() }
}

/// A text as a YAML scalar, wherever it stands.
pub(super) fn scalar(text: &str) -> String {
    let plain = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/' || c == '.')
        && text.chars().all(|c| c.is_ascii_alphanumeric() || "_./-".contains(c))
        && !["true", "false", "yes", "no", "on", "off", "null", "y", "n"]
            .contains(&text.to_lowercase().as_str())
        && !text.trim_start_matches('.').is_empty()
        && ![".nan", ".inf"].contains(&text.to_lowercase().as_str());
    match plain {
        true => text.to_owned(),
        false => double_quoted(text),
    }
}

/// An expression as a YAML scalar of a block mapping.
fn expression(sql: &str) -> String {
    match is_plain(sql) {
        true => escaped(sql),
        false => double_quoted(sql),
    }
}

/// Whether YAML takes it as it stands.
fn is_plain(sql: &str) -> bool {
    sql.starts_with(|c: char| c.is_ascii_alphabetic())
        && sql != "null"
        && !sql.contains(": ")
        && !sql.contains(" #")
        && !sql.contains("  ")
        && !sql.ends_with([':', ' '])
        && !sql.chars().any(unprintable)
}

/// `${` begins a reference everywhere in the file.
fn escaped(text: &str) -> String {
    text.replace("${", "$${")
}

fn double_quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in escaped(text).chars() {
        match c {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            c if unprintable(c) => quoted.push_str(&format!("\\u{:04X}", u32::from(c))),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

/// Characters that end a line for somebody, or that YAML does not print.
fn unprintable(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{FEFF}' | '\u{FFFE}' | '\u{FFFF}')
}

/// A long expression in lines, broken at blanks that stand in no quotes.
fn folded(sql: &str) -> Vec<String> {
    let mut lines = vec![String::new()];
    let (mut word, mut quote) = (String::new(), None);
    let end = |word: &mut String, lines: &mut Vec<String>| {
        let line = lines.last_mut().map_or(0, |line| line.chars().count());
        if line > 0 && line + word.chars().count() > WIDE + 10 {
            lines.push(String::new());
        }
        if let Some(line) = lines.last_mut() {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
        word.clear();
    };
    for c in sql.chars() {
        match (c, quote) {
            (' ', None) => {
                end(&mut word, &mut lines);
                continue;
            }
            ('\'' | '"', None) => quote = Some(c),
            (c, Some(open)) if c == open => quote = None,
            _ => {}
        }
        word.push(c);
    }
    end(&mut word, &mut lines);
    lines
}
