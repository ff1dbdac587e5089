//! `vccpipe rules`: the documented rules, for people and for programs.

use std::fmt::Write;

use super::{
    args::{RulesArgs, RulesFormat},
    exit::Exit,
};
use crate::rules::{self, Format, Presence, Rule, TenantValues};

/// Columns of a terminal that the table keeps to.
const WIDTH: usize = 100;

const HEADER: [&str; 5] = ["TAG", "M/O", "LENGTH", "ALLOWED", "NOTES"];

/// Prints the rules asked for.
pub fn rules(args: &RulesArgs) -> Exit {
    match chosen(args.object.as_deref(), args.action.as_deref()) {
        Ok(tables) => {
            let text = match args.format {
                RulesFormat::Table => as_text(&tables),
                RulesFormat::Markdown => as_markdown(&tables),
                RulesFormat::Json => as_json(&tables),
            };
            say!("{}", text.trim_end());
            Exit::Success
        }
        Err(message) => {
            eprintln!("{message}");
            Exit::Usage
        }
    }
}

/// The rules of one object and action.
struct Table {
    object: &'static str,
    action: &'static str,
    rules: &'static [Rule],
}

/// All tables, in the order of the documents.
fn all() -> Vec<Table> {
    let of_the_crm = crate::crm::Object::ALL.into_iter().flat_map(|object| {
        let table = move |action: &crate::crm::Action| Table {
            object: object.name(),
            action: action.name(),
            rules: rules::wapi::table(object, *action),
        };
        rules::wapi::actions(object).iter().map(table)
    });
    let of_calls = crate::phone::CallAction::ALL.map(rules::calls);
    let others = [rules::campaign_customer(), rules::campaign_removal()].into_iter();
    let others = others.chain(of_calls).filter_map(|rules| {
        let first = rules.first()?;
        Some(Table { object: first.object, action: first.action, rules })
    });
    of_the_crm.chain(others).collect()
}

/// The tables of an object and an action as typed; all where none is.
fn chosen(object: Option<&str>, action: Option<&str>) -> Result<Vec<Table>, String> {
    let mut tables = all();
    if let Some(typed) = object {
        let names = names(tables.iter().map(|table| table.object));
        let wanted = named(typed, &names).ok_or_else(|| {
            let what = format!("no document has rules of an object `{typed}`");
            unknown(&what, typed, &names, "objects")
        })?;
        tables.retain(|table| table.object == wanted);
    }
    if let Some(typed) = action {
        let names = names(tables.iter().map(|table| table.action));
        let wanted = named(typed, &names).ok_or_else(|| {
            let object = tables.first().map_or("", |table| table.object);
            let what = format!("no document has an action `{typed}` of the object `{object}`");
            match plain(typed).as_str() {
                "upsert" => format!(
                    "error: {what}\n  hint: the rows of an upsert are checked by the rules of `Add`"
                ),
                _ => unknown(&what, typed, &names, "actions"),
            }
        })?;
        tables.retain(|table| table.action == wanted);
    }
    Ok(tables)
}

fn names(all: impl Iterator<Item = &'static str>) -> Vec<&'static str> {
    let mut names: Vec<&str> = all.collect();
    names.dedup();
    names
}

/// The name that is meant; `campaign` is short for the customers of one, and a load's kind is
/// `calls`.
fn named(typed: &str, names: &[&'static str]) -> Option<&'static str> {
    let typed = plain(typed);
    let wanted = match typed.as_str() {
        "campaign" => "campaigncustomer",
        "calls" => "call",
        typed => typed,
    };
    names.iter().find(|name| plain(name) == wanted).copied()
}

fn plain(name: &str) -> String {
    name.to_lowercase().replace(['-', '_', ' '], "")
}

fn unknown(what: &str, typed: &str, names: &[&str], kind: &str) -> String {
    let typed = plain(typed);
    let near = names.iter().map(|name| (strsim::jaro_winkler(&plain(name), &typed), name));
    let nearest = near.filter(|(near, _)| *near >= 0.8).max_by(|a, b| a.0.total_cmp(&b.0));
    let meant = nearest.map(|(_, name)| format!("did you mean `{name}`? "));
    format!("error: {what}\n  hint: {}{kind}: {}", meant.unwrap_or_default(), names.join(", "))
}

fn as_json(tables: &[Table]) -> String {
    let rules: Vec<&Rule> = tables.iter().flat_map(|table| table.rules).collect();
    // Nothing in a rule can fail to be written.
    serde_json::to_string_pretty(&rules).unwrap_or_default()
}

fn as_text(tables: &[Table]) -> String {
    let mut text = String::new();
    for table in tables {
        let _ = writeln!(text, "{}", heading(table));
        let rows: Vec<[String; 5]> = table.rules.iter().map(cells).collect();
        if rows.is_empty() {
            text.push_str("  takes no parameters\n\n");
            continue;
        }
        let head = HEADER.map(str::to_owned);
        let widths = widths(rows.iter().chain([&head]));
        for row in [&head].into_iter().chain(&rows) {
            write_row(&mut text, row, widths);
        }
        text.push('\n');
    }
    text
}

fn heading(table: &Table) -> String {
    let source = table.rules.first().map(|rule| format!(" ({})", rule.source()));
    format!("{} {}{}", table.object, table.action, source.unwrap_or_default())
}

/// The first three columns are as wide as they must be; the other two share what is left.
fn widths<'a>(rows: impl Iterator<Item = &'a [String; 5]> + Clone) -> [usize; 5] {
    let longest = |column: usize| {
        rows.clone().map(|row| row[column].chars().count()).max().unwrap_or_default()
    };
    let [tag, presence, length] = [longest(0), longest(1), longest(2)];
    // Two blanks before each column.
    let left = WIDTH.saturating_sub(tag + presence + length + 2 * HEADER.len());
    let notes = longest(4).min(left / 2);
    let allowed = longest(3).min(left - notes);
    [tag, presence, length, allowed, left - allowed]
}

fn write_row(text: &mut String, row: &[String; 5], widths: [usize; 5]) {
    let cells: Vec<Vec<String>> =
        row.iter().zip(widths).map(|(cell, width)| wrapped(cell, width)).collect();
    let height = cells.iter().map(Vec::len).max().unwrap_or_default();
    for line in 0..height {
        let mut written = String::new();
        for (cell, width) in cells.iter().zip(widths) {
            let part = cell.get(line).map_or("", String::as_str);
            let _ = write!(written, "  {part:<width$}");
        }
        let _ = writeln!(text, "{}", written.trim_end());
    }
}

/// A text in lines of at most `width`, broken at blanks. A longer word stands alone.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let fits = |line: &String| line.chars().count() + 1 + word.chars().count() <= width;
        match lines.last_mut() {
            Some(line) if line.is_empty() => line.push_str(word),
            Some(line) if fits(line) => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

fn as_markdown(tables: &[Table]) -> String {
    let mut text = String::new();
    for table in tables {
        let _ = writeln!(text, "## {}\n", heading(table));
        if table.rules.is_empty() {
            text.push_str("Takes no parameters.\n\n");
            continue;
        }
        text.push_str("| tag | M/O | length | allowed | notes |\n|---|---|---|---|---|\n");
        for rule in table.rules {
            let [tag, presence, length, allowed, notes] = cells(rule).map(|cell| escaped(&cell));
            let _ = writeln!(text, "| {tag} | {presence} | {length} | {allowed} | {notes} |");
        }
        text.push('\n');
    }
    text
}

/// A text in which markdown reads nothing but itself.
fn escaped(text: &str) -> String {
    let mut written = String::with_capacity(text.len());
    for c in text.chars() {
        if "\\|*_[]<>`".contains(c) {
            written.push('\\');
        }
        written.push(c);
    }
    written
}

fn cells(rule: &Rule) -> [String; 5] {
    let presence = match rule.presence {
        Some(Presence::Mandatory) => "M",
        Some(Presence::Optional) => "O",
        None => "-",
    };
    let length = match (rule.min_chars, rule.max_chars) {
        (Some(least), Some(most)) => format!("{least} to {most}"),
        (Some(least), None) => format!("from {least}"),
        (None, Some(most)) => format!("to {most}"),
        (None, None) => "-".to_owned(),
    };
    [rule.tag.to_owned(), presence.to_owned(), length, allowed(rule), notes(rule)]
}

fn allowed(rule: &Rule) -> String {
    let mut parts = Vec::new();
    if !rule.values.is_empty() {
        let case = if rule.values_case_sensitive { "" } else { " (in any case)" };
        parts.push(format!("{}{case}", rule.values.join(", ")));
    }
    parts.extend(rule.tenant_values.map(|values| tenant_values(values).to_owned()));
    match (rule.format, rule.charset) {
        (Some(Format::Integer), _) => parts.push("digits".to_owned()),
        (format, charset) => {
            parts.extend(charset.map(str::to_owned));
            parts.extend(format.map(|format| format.to_string()));
        }
    }
    parts.extend(forbidden(rule.invalid));
    if parts.is_empty() { "any text".to_owned() } else { parts.join("; ") }
}

/// Forbidden characters, and in plain words the guide's own words for the rest.
fn forbidden(invalid: &[&str]) -> Vec<String> {
    let (words, signs): (Vec<&str>, Vec<&str>) = invalid.iter().partition(|one| one.len() > 1);
    let signs = (!signs.is_empty()).then(|| format!("not {}", signs.join(" ")));
    let word = |word: &str| match word {
        "whitespace-only" => "not only blanks".to_owned(),
        "no digit" => "at least one digit".to_owned(),
        other => format!("not {other}"),
    };
    signs.into_iter().chain(words.into_iter().map(word)).collect()
}

fn tenant_values(values: TenantValues) -> &'static str {
    match values {
        TenantValues::Countries => "a country of the tenant's list",
        TenantValues::AgentsAndGroups => "an agent or group of the tenant",
        TenantValues::Agents => "an agent of the tenant",
        TenantValues::Picklist => "a value of the tenant's picklist",
        TenantValues::FaqCategories => "a category of the tenant",
    }
}

fn notes(rule: &Rule) -> String {
    let mut notes = Vec::new();
    if rule.is_custom_field() {
        notes.push("stands for the tenant's custom fields".to_owned());
    }
    notes.extend(rule.default.map(|default| format!("default {default}")));
    notes.extend(rule.unique.then(|| "unique".to_owned()));
    if !rule.requires.is_empty() {
        notes.push(format!(
            "requires {}",
            rule.requires.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
        ));
    }
    notes.extend(rule.wildcard.then(|| "takes %".to_owned()));
    notes.extend(rule.repeatable.then(|| "repeatable".to_owned()));
    notes.extend(rule.range_pair.map(|other| format!("range with {other}")));
    notes.join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(object: &str, action: &str) -> String {
        as_text(&chosen(Some(object), Some(action)).unwrap())
    }

    fn complaint(object: &str, action: Option<&str>) -> String {
        chosen(Some(object), action).err().expect("a complaint")
    }

    #[test]
    fn the_rules_of_an_added_customer_are_readable() {
        insta::assert_snapshot!(text("customer", "add"), @r"
        Customer Add (wapi-crm-api: Add Customer)
          TAG                 M/O  LENGTH   ALLOWED                          NOTES
          FIRSTNAME           M    to 30    any text
          LASTNAME            M    to 30    any text
          EMAIL               O    to 55    [A-Za-z0-9._@-]                  unique
          COMPANY             O    to 50    not ~ < >; not only blanks
          VOICE               O    to 38    [+()/.\-_0-9 ]; not only
                                            blanks; at least one digit
          ALTERNATIVE         O    to 38    [+()/.\-_0-9 ]; not only
                                            blanks; at least one digit
          FAX                 O    to 38    [+()/.\-_0-9 ]; not only
                                            blanks; at least one digit
          COMMENTS            O    to 1024  any text
          PASSWORD            O    3 to 15  [A-Za-z_0-9]
          AUTOPASSWD          M    -        False, True (in any case)        requires PASSWORD if False, no
                                                                             PASSWORD if True
          ADDR1STR1           O    to 50    any text
          ADDR1STR2           O    to 50    any text
          ADDR1CITY           O    to 40    any text
          ADDR1STATE          O    to 30    any text
          ADDR1ZIP            O    to 15    any text
          ADDR1COUNTRY        O    -        a country of the tenant's list   default United States
          ADDR2STR1           O    to 50    any text
          ADDR2STR2           O    to 50    any text
          ADDR2CITY           O    to 40    any text
          ADDR2STATE          O    to 30    any text
          ADDR2ZIP            O    to 15    any text
          ADDR2COUNTRY        O    -        a country of the tenant's list   default United States
          CUSTOMERTYPE        O    -        a value of the tenant's
                                            picklist
          CF01_PICKLIST.NAME  O    -        a value of the tenant's          stands for the tenant's custom
                                            picklist                         fields
          CF02.NAME           O    -        any text                         stands for the tenant's custom
                                                                             fields
        ");
    }

    #[test]
    fn what_get_takes_is_noted() {
        insta::assert_snapshot!(text("Task", "GET"), @r"
        Task Get (wapi-crm-api: Get Task)
          TAG                 M/O  LENGTH      ALLOWED                         NOTES
          TASKNUM             -    -           any text
          SUBJECT             -    to 255      not only blanks                 takes %
          DESCRIPTION         -    to 2000000  length in bytes of ISO-8859-1;
                                               not only blanks
          ASSIGNEDTO          -    -           an agent or group of the        repeatable
                                               tenant; user id, or Deleted
                                               Agents, Deleted Groups, None
          CREATEDBY           -    -           an agent of the tenant; user    repeatable
                                               id, or Deleted Agents
          TASK_STATUS         -    -           a value of the tenant's         repeatable
                                               picklist
          FROMDUEDATE         -    -           MMDDYYYY or MMDDYYYYHH24MI      range with TODUEDATE
          TODUEDATE           -    -           MMDDYYYY or MMDDYYYYHH24MI      range with FROMDUEDATE
          FROMLASTMODDATE     -    -           MMDDYYYY                        range with TOLASTMODDATE
          TOLASTMODDATE       -    -           MMDDYYYY                        range with FROMLASTMODDATE
          MEDIATYPE           -    -           Phone, Chat, Email, None; a     repeatable
                                               value of the tenant's picklist
          CALL_TYPE           -    -           a value of the tenant's         repeatable
                                               picklist
          PHONE               -    to 128      [+()/.\-_0-9 ]; at least one    takes %
                                               digit
          EMAIL               -    to 255      e-mail address                  takes %
          CAMPAIGNNAME        -    to 255      not only blanks                 takes %
          TRANSID             -    to 10       [0-9]; digits                   takes %
          REMINDER            -    -           Y, N
          CF01_PICKLIST.NAME  -    -           a value of the tenant's         stands for the tenant's
                                               picklist                        custom fields
          CF02.NAME           -    -           any text                        stands for the tenant's
                                                                               custom fields
          ACCOUNTNUM          -    -           any text
        ");
    }

    #[test]
    fn every_table_keeps_to_the_width() {
        let text = as_text(&all());
        let long = text.lines().find(|line| line.chars().count() > WIDTH);
        assert_eq!(long, None);
    }

    #[test]
    fn the_json_of_a_rule_has_the_keys_that_other_programs_read() {
        let json = as_json(&chosen(Some("customer"), Some("add")).unwrap());
        let rules: Vec<serde_json::Value> = serde_json::from_str(&json).unwrap();
        insta::assert_snapshot!(serde_json::to_string_pretty(&rules[2]).unwrap(), @r#"
        {
          "action": "Add",
          "charset": "[A-Za-z0-9._@-]",
          "default": null,
          "format": null,
          "invalid": [],
          "lines": [
            "wapi:592-598"
          ],
          "max_chars": 55,
          "min_chars": null,
          "object": "Customer",
          "presence": "O",
          "range_pair": null,
          "repeatable": false,
          "requires": [],
          "tag": "EMAIL",
          "unique": true,
          "values": [],
          "values_case_sensitive": false,
          "wildcard": false
        }
        "#);
    }

    #[test]
    fn markdown_reads_the_signs_of_a_rule_as_signs() {
        let tables = chosen(Some("FAQCategory"), None).unwrap();
        insta::assert_snapshot!(as_markdown(&tables), @r#"
        ## FAQCategory Add (wapi-crm-api: Add FAQ Category)

        | tag | M/O | length | allowed | notes |
        |---|---|---|---|---|
        | FAQCATEGORY | M | to 50 | \[A-Za-z0-9~!@#$%^:";,.?/ \]; not & \* ( ) - = \_ { } \[ \] \|; not only blanks |  |
        | PRIVATE | O | - | Y, N | default N |

        ## FAQCategory Modify (wapi-crm-api: Modify FAQ Category)

        | tag | M/O | length | allowed | notes |
        |---|---|---|---|---|
        | FAQCATID | M | - | any text |  |
        | FAQCATEGORY | M | to 50 | \[A-Za-z0-9~!@#$%^:";,.?/ \]; not & \* ( ) - = \_ { } \[ \] \|; not only blanks |  |
        | PRIVATE | O | - | Y, N | default N |

        ## FAQCategory Get

        Takes no parameters.

        ## FAQCategory Delete (wapi-crm-api: Delete FAQ Category)

        | tag | M/O | length | allowed | notes |
        |---|---|---|---|---|
        | FAQCATID | M | - | any text |  |
        "#);
    }

    #[test]
    fn names_are_found_whatever_their_case_and_hyphens() {
        for (typed, object) in [
            ("faq-category", "FAQCategory"),
            ("faqcategory", "FAQCategory"),
            ("Follow-Up", "Followup"),
            ("CUSTOM_FIELD", "Customfield"),
            ("campaign", "CampaignCustomer"),
            ("campaign-customer", "CampaignCustomer"),
        ] {
            let tables = chosen(Some(typed), None).unwrap();
            assert!(tables.iter().all(|table| table.object == object), "{typed}");
            assert!(!tables.is_empty(), "{typed}");
        }
        assert_eq!(chosen(None, None).unwrap().len(), all().len());
    }

    #[test]
    fn an_unknown_name_is_told_with_the_nearest_and_with_all() {
        let told = [
            complaint("custmer", None),
            complaint("invoice", None),
            complaint("case", Some("modfy")),
            complaint("follow-up", Some("modify")),
            complaint("customer", Some("upsert")),
        ];
        insta::assert_snapshot!(told.join("\n"), @r"
        error: no document has rules of an object `custmer`
          hint: did you mean `Customer`? objects: Customer, Case, Followup, Task, FAQCategory, FAQ, Customfield, CampaignCustomer, Call
        error: no document has rules of an object `invoice`
          hint: objects: Customer, Case, Followup, Task, FAQCategory, FAQ, Customfield, CampaignCustomer, Call
        error: no document has an action `modfy` of the object `Case`
          hint: did you mean `Modify`? actions: Add, Modify, Get, Delete
        error: no document has an action `modify` of the object `Followup`
          hint: actions: Add, Get, Delete
        error: no document has an action `upsert` of the object `Customer`
          hint: the rows of an upsert are checked by the rules of `Add`
        ");
    }
}
