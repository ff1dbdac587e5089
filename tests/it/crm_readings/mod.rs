//! The program's reading of the CRM's rules and the simulator's are the same: every row of every
//! table of the guide, at its limits and a step beyond, with each kind of character, by both.
//!
//! - `values`: what is tried of a row, made from the program's table
//! - `tenant`: the simulated tenant, and what it tells the program of its lists
//! - `differences`: where the two differ on purpose, by which ruling
//! - `together`: what fields ask of each other

mod differences;
pub mod tenant;
mod together;
mod values;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use arrow::{
    array::{ArrayRef, AsArray, RecordBatch, StringArray},
    datatypes::{DataType, Field as Column, Schema},
};
use vccpipe::{
    batch::{Batch, Origin, SourceBatch},
    crm::{Action, LoadAction, Object},
    rules::wapi::table,
    validate::{WapiRules, complaint},
    wire::wapi::Apostrophe,
};
use vccpipe_simulator::PicklistDefinition;

use differences::{DIFFERENCES, Trial};
use tenant::{Tags, Tenant, tags};
use values::{Field, OWN, fields};

/// The rules of a load, with what the tenant tells the program.
pub struct Program {
    rules: WapiRules,
}

impl Program {
    fn new(tenant: &Tenant, object: Object, action: LoadAction, columns: &[String]) -> Self {
        let is_custom = |name: &&String| table(object, Action::Add).iter().all(|r| r.tag != **name);
        let documented: BTreeSet<&str> = Action::ALL
            .iter()
            .flat_map(|action| table(object, *action).iter().map(|rule| rule.tag))
            .collect();
        let custom = columns.iter().filter(is_custom);
        let custom = custom.filter(|name| !documented.contains(name.as_str())).cloned().collect();
        let apostrophe = Some(Apostrophe::default());
        let mut rules = WapiRules::new(object, action, custom, BTreeMap::new(), apostrophe);
        let columns: Vec<Column> =
            columns.iter().map(|name| Column::new(name, DataType::Utf8, true)).collect();
        rules.learn(tenant.told(&rules.wanted_lists(&Schema::new(columns))));
        Program { rules }
    }

    /// What the program sends of a row with these texts, or why it sends nothing.
    fn sends(&self, tags: &Tags) -> Result<Tags, String> {
        let columns = tags.iter().map(|(tag, _)| Column::new(tag, DataType::Utf8, true));
        let schema = Schema::new(columns.collect::<Vec<_>>());
        if let Some(problem) = self.rules.complaints(&schema).first() {
            return Err(format!("{problem:?}"));
        }
        let text =
            |value: &String| -> ArrayRef { Arc::new(StringArray::from(vec![value.clone()])) };
        let values = tags.iter().map(|(_, value)| text(value)).collect();
        let columns = RecordBatch::try_new(Arc::new(schema), values).unwrap();
        let origins = vec![Origin { file: 0, line: 2, start: 0, length: 1, ordinal: 0 }];
        let batch = Batch::from_source(Arc::new(SourceBatch { columns, origins }));
        let checked = self.rules.check(&batch).unwrap();
        if let Some(fallen) = checked.fallen.first() {
            return Err(fallen.reason.clone());
        }
        let columns = checked.batch.columns;
        let named = columns.schema_ref().fields().iter().zip(columns.columns());
        Ok(named
            .filter_map(|(field, column)| {
                let value = column.as_string::<i32>().iter().next().unwrap()?;
                Some((field.name().clone(), value.to_owned()))
            })
            .collect())
    }
}

/// A request that is right, but for the tag and the value that are tried, which take the place of
/// [`OWN`] in it.
fn request(tenant: &Tenant, trial: &Trial) -> Tags {
    let new = |object| fresh(tenant, object);
    let (object, tag) = (trial.object, trial.field.tag.as_str());
    let base = match (object, trial.action) {
        (Object::CustomField, _) | (_, Action::Get) => match object {
            Object::Followup if tag != "CASENUM" => new(Object::Case),
            Object::Faq if tag.ends_with("DATE") => tags(&[("FAQCATID", "1")]),
            Object::Task if tag == "REMINDER" => tags(&[("FROMDUEDATE", "06212012")]),
            _ => Tags::new(),
        },
        (_, Action::Add) => minimal(tenant, object),
        (Object::FaqCategory, Action::Modify) => {
            [new(object), tags(&[("FAQCATEGORY", "Some category")])].concat()
        }
        (_, Action::Modify | Action::Delete) => new(object),
    };
    let companion = match (object, tag, trial.value) {
        (_, _, value) if value.trim().is_empty() && tag != "PASSWORD" => None,
        (_, _, _) if trial.action == Action::Get => None,
        (_, "PASSWORD", _) => Some(("AUTOPASSWD", "False")),
        (_, "AUTOPASSWD", value) if value.eq_ignore_ascii_case("False") => {
            Some(("PASSWORD", "secret"))
        }
        (Object::Task, "ASSIGNEDTO", _) => Some(("TASK_STATUS", "New")),
        (Object::Task, "REMINDER", _) => Some(("DUEDATE", "062120121315")),
        (_, "ASSIGNEDTO", _) => Some(("STATUS", "Open")),
        (_, "STATUS", value) if value != "Unassigned" => Some(("ASSIGNEDTO", "jsmith")),
        _ => None,
    };
    let mut request = base;
    for (tag, value) in companion.into_iter().map(|(tag, value)| (tag, value.to_owned())) {
        request.retain(|(name, _)| name != tag);
        request.push((tag.to_owned(), value));
    }
    let own = request.iter().find(|(name, _)| name == tag).map(|(_, value)| value.clone());
    let own = own.unwrap_or_else(|| number(tenant, tag));
    request.retain(|(name, _)| name != tag);
    request.push((tag.to_owned(), trial.value.replace(OWN, &own)));
    request
}

/// The number of a record that is there; only Get is not told it by its own request.
fn number(tenant: &Tenant, tag: &str) -> String {
    let of = [Object::Customer, Object::Case, Object::Task, Object::FaqCategory];
    let object = of.into_iter().find(|object| object.key() == [tag]);
    object.map_or_else(|| "1".to_owned(), |object| fresh(tenant, object)[0].1.clone())
}

/// What an Add must have.
fn minimal(tenant: &Tenant, object: Object) -> Tags {
    match object {
        Object::Customer => {
            tags(&[("FIRSTNAME", "Ann"), ("LASTNAME", "Smith"), ("AUTOPASSWD", "True")])
        }
        Object::Case => {
            let texts = tags(&[("SUBJECT", "s"), ("DESCRIPTION", "d")]);
            [tags(&[("ACCOUNTNUM", "10000012")]), texts].concat()
        }
        Object::Followup => {
            [fresh(tenant, Object::Case), tags(&[("SUBJECT", "s"), ("DESCRIPTION", "d")])].concat()
        }
        Object::Task => tags(&[("ACCOUNTNUM", "10000012")]),
        Object::FaqCategory => tags(&[("FAQCATEGORY", &format!("Category {}", tenant.next()))]),
        Object::Faq => tags(&[("FAQCATID", "1"), ("QUESTION", "q"), ("ANSWER", "a")]),
        Object::CustomField => Tags::new(),
    }
}

/// A new record, by the tags that name it.
fn fresh(tenant: &Tenant, object: Object) -> Tags {
    tenant.record(object, minimal(tenant, object))
}

/// Tries every value of every row of an action, and compares.
struct Comparison<'t> {
    tenant: &'t Tenant,
    object: Object,
    action: Action,
    program: Option<Program>,
    wrong: &'t mut Vec<String>,
    agreed: [usize; 2],
    used: &'t mut BTreeSet<usize>,
}

impl Comparison<'_> {
    fn field(&mut self, field: &Field) {
        let mut good = None;
        for value in field.values() {
            let (object, action) = (self.object, self.action);
            let trial = Trial { object, action, field, value: &value };
            let request = request(self.tenant, &trial);
            let program = self.program(field, &request);
            let reply = self.tenant.asked(object, action.name(), &request);
            let tenant = reply.answer.is_success();
            let told = || {
                let shown: String = value.chars().take(60).collect();
                let reason =
                    program.as_ref().err().map(String::as_str).unwrap_or("lets it through");
                let reason: String = reason.chars().take(200).collect();
                let message = &reply.answer.message;
                format!(
                    "{object} {action} {} `{shown}` ({} characters): the program: {reason}; the \
                     tenant: {tenant} {message}",
                    field.tag,
                    value.chars().count()
                )
            };
            match trial.difference() {
                Some(place) => {
                    let meant = &DIFFERENCES[place];
                    self.used.insert(place);
                    if (program.is_ok(), tenant) != (meant.program, meant.tenant) {
                        let meant = format!("{}: {}", meant.by, meant.why);
                        self.wrong.push(format!("{}; but {meant}", told()));
                    }
                }
                None if program.is_ok() != tenant => self.wrong.push(told()),
                None => self.agreed[usize::from(tenant)] += 1,
            }
            if !tenant && !names(&reply.answer.message, field) {
                self.wrong.push(format!("refused for another reason: {}", told()));
            }
            self.sent(&request, program, tenant);
            if tenant && good.is_none() {
                good = Some(request);
            }
        }
        self.without(field);
        match good {
            Some(good) => self.twice(field, good),
            None if field.tag == "retired" => {}
            None => self.wrong.push(format!("no value of {} is taken", field.tag)),
        }
    }

    /// The row is not sent at all.
    fn without(&mut self, field: &Field) {
        let (object, action) = (self.object, self.action);
        let Some(program) = self.program.as_ref() else { return };
        let trial = Trial { object, action, field, value: "" };
        let mut request = request(self.tenant, &trial);
        request.retain(|(tag, _)| *tag != field.tag);
        let (program, tenant) =
            (program.sends(&request), self.tenant.asked(object, action.name(), &request));
        if program.is_ok() != tenant.answer.is_success() {
            self.wrong.push(format!(
                "{object} {action} without {}: the program {program:?}, the tenant {tenant:?}",
                field.tag
            ));
        }
    }

    /// A value is sent twice: in one request, and in two.
    fn twice(&mut self, field: &Field, request: Tags) {
        let (object, action) = (self.object, self.action);
        let again = request.iter().filter(|(tag, _)| *tag == field.tag).cloned();
        let repeated = request.iter().cloned().chain(again).collect();
        let taken = self.tenant.asked(object, action.name(), &repeated).answer.is_success();
        if taken != field.rule.repeatable {
            self.wrong.push(format!("{object} {action} {} repeated: {taken}", field.tag));
        }
        if action == Action::Add {
            let taken = self.tenant.asked(object, action.name(), &request).answer.is_success();
            if taken == field.rule.unique {
                self.wrong.push(format!("{object} {action} {} once more: {taken}", field.tag));
            }
        }
    }

    /// What the program makes of a request.
    fn program(&self, field: &Field, request: &Tags) -> Result<Tags, String> {
        match &self.program {
            Some(program) => program.sends(request),
            None => match complaint(field.rule, &request.last().unwrap().1) {
                Some(reason) => Err(reason),
                None => Ok(request.clone()),
            },
        }
    }

    /// What the program sends is taken also where it is not what stands in the row, and as it
    /// writes it; only what the tenant alone knows better was refused already.
    fn sent(&mut self, request: &Tags, program: Result<Tags, String>, was_taken: bool) {
        let Ok(mut sent) = program else { return };
        let is_plain = sent.iter().all(|(_, value)| value.is_ascii() && !value.contains('\''));
        if sent == *request && (is_plain || !was_taken) {
            return;
        }
        if self.action == Action::Add {
            // The request as it stands may have made a record that has it.
            sent.retain(|(tag, _)| !["EMAIL", "SHORTCUT"].contains(&tag.as_str()));
        }
        let reply = self.tenant.sent(self.object, self.action.name(), &sent);
        if !reply.answer.is_success() {
            let sent: String = format!("{sent:?}").chars().take(200).collect();
            let told = format!("the tenant does not take what is sent, {sent}: {}", reply.answer);
            self.wrong.push(told);
        }
    }
}

/// Whether a refusal is about this row: a request that is wrong elsewhere would prove nothing.
fn names(message: &str, field: &Field) -> bool {
    let message = message.to_uppercase();
    let tag = field.tag.to_uppercase();
    let of_key = match tag.as_str() {
        "CASENUM" => message.contains("CASEID"),
        // Without what it needs (wapi:4755-4756, 4835-4836).
        "PASSWORD" => message.contains("AUTOPASSWD"),
        _ => false,
    };
    let is_first = message.starts_with("NONE OF THE POSSIBLE MANDATORY TAGS");
    let is_xml = message.contains("XML STRING");
    of_key || is_xml || is_first && field.rule.is_mandatory() || message.contains(&tag)
}

/// Compares every row of these actions of an object.
#[track_caller]
fn compare(object: Object, actions: &[Action]) -> BTreeSet<usize> {
    let mut used = BTreeSet::new();
    let mut wrong = Vec::new();
    for action in actions {
        let tenant = Tenant::new();
        let fields = fields(object, *action, &tenant.settings.tenant.crm);
        assert!(!fields.is_empty());
        let load = match action {
            Action::Add => Some(LoadAction::Add),
            Action::Modify => Some(LoadAction::Modify),
            Action::Delete => Some(LoadAction::Delete),
            Action::Get => None,
        };
        let columns: Vec<String> = fields.iter().map(|field| field.tag.clone()).collect();
        let program = load.map(|load| Program::new(&tenant, object, load, &columns));
        let agreed = [0, 0];
        let (used, wrong) = (&mut used, &mut wrong);
        let (tenant, action) = (&tenant, *action);
        let mut comparison = Comparison { tenant, object, action, program, wrong, agreed, used };
        fields.iter().for_each(|field| comparison.field(field));
        let [no, yes] = comparison.agreed;
        assert!(yes > 0 && no > 0, "{object} {action}: {yes} and {no}");
    }
    assert!(wrong.is_empty(), "{} disagreements:\n{}", wrong.len(), wrong.join("\n"));
    used
}

/// The same, and asserts by which rulings they differ.
#[track_caller]
fn assert_alike(object: Object, actions: &[Action], rulings: &[&str]) {
    let used = compare(object, actions);
    let used: BTreeSet<&str> = used.into_iter().map(|place| DIFFERENCES[place].by).collect();
    assert_eq!(used, rulings.iter().copied().collect());
}

const RECORDS: &str = "wapi:4857-4859, 4892-4896";
const SEARCHED_LISTS: &str = "wapi:1661-1669, 2152-2203, 3050-3058";

#[test]
fn rows_of_customers_are_read_alike() {
    let all = [Action::Add, Action::Modify, Action::Delete, Action::Get];
    let rulings = ["VALUES_MUST_BE_GIVEN", "CUSTOMFIELD_NON_PICKLIST", RECORDS, SEARCHED_LISTS];
    assert_alike(Object::Customer, &all, &rulings);
}

#[test]
fn rows_of_cases_are_read_alike() {
    let all = [Action::Add, Action::Modify, Action::Delete, Action::Get];
    let rulings = ["VALUES_MUST_BE_GIVEN", "SIZE_2MB", RECORDS, SEARCHED_LISTS];
    assert_alike(Object::Case, &all, &rulings);
}

#[test]
fn rows_of_follow_ups_are_read_alike() {
    let rulings = ["VALUES_MUST_BE_GIVEN", "CUSTOMFIELD_NON_PICKLIST", "SIZE_2MB", RECORDS];
    assert_alike(Object::Followup, &[Action::Add, Action::Delete, Action::Get], &rulings);
}

#[test]
fn rows_of_tasks_are_read_alike() {
    let all = [Action::Add, Action::Modify, Action::Delete, Action::Get];
    let rulings =
        ["VALUES_MUST_BE_GIVEN", "CUSTOMFIELD_NON_PICKLIST", "SIZE_2MB", RECORDS, SEARCHED_LISTS];
    assert_alike(Object::Task, &all, &rulings);
}

#[test]
fn rows_of_faq_categories_are_read_alike() {
    let rulings = ["VALUES_MUST_BE_GIVEN", "FAQCATEGORY_CHARS", RECORDS];
    assert_alike(Object::FaqCategory, &[Action::Add, Action::Modify, Action::Delete], &rulings);
}

#[test]
fn rows_of_faqs_and_custom_fields_are_read_alike() {
    let all = [Action::Add, Action::Modify, Action::Delete, Action::Get];
    assert_alike(Object::Faq, &all, &["VALUES_MUST_BE_GIVEN", RECORDS]);
    assert_alike(Object::CustomField, &[Action::Get], &["VALUES_MUST_BE_GIVEN"]);
}

/// Followups have `Voice` in the guide's own examples, and a tenant may have it, too (ruling
/// MEDIATYPE_VALUES).
#[test]
fn a_tenants_own_media_types_take_the_place_of_those_of_the_guide() {
    let mut settings = crate::bench::settings(40);
    settings.wapi.followup_voice = true;
    let values = ["Phone", "Chat", "Email", "Other", "Voice"].map(String::from).to_vec();
    let (name, deactivated) = ("MEDIATYPE".to_owned(), Vec::new());
    settings.tenant.crm.picklists.push(PicklistDefinition { name, values, deactivated });
    let tenant = Tenant::with(settings);
    let columns = ["MEDIATYPE".to_owned()];
    let program = Program::new(&tenant, Object::Followup, LoadAction::Add, &columns);
    for (value, expected) in [
        ("Phone", true),
        ("Other", true),
        ("Voice", true),
        ("voice", false),
        ("None", false),
        ("Outbound", false),
    ] {
        let mut request = minimal(&tenant, Object::Followup);
        request.push(("MEDIATYPE".to_owned(), value.to_owned()));
        let ours = program.sends(&request);
        let theirs = tenant.asked(Object::Followup, "ADD", &request).answer;
        assert_eq!((ours.is_ok(), theirs.is_success()), (expected, expected), "{value}: {ours:?}");
    }
}
