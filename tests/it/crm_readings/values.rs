//! What is tried of each row of the guide's tables: made from what the row says, at its limits, a
//! step within them, and a step outside.

use vccpipe::{
    crm::{Action, Object},
    rules::{
        Format, Rule, TenantValues,
        wapi::{CUSTOM_FIELD, CUSTOM_PICKLIST, table},
    },
};
use vccpipe_simulator::{
    CrmSettings, CustomFieldDefinition, CustomFieldObject, CustomFieldType, UserDefinition,
};

/// Stands in a value for the number of a record that is there.
pub const OWN: &str = "{own}";

/// A row of a table, with what this tenant has for it.
#[derive(Clone)]
pub struct Field {
    pub rule: &'static Rule,
    /// The tag: where the row stands for any custom field, one of the tenant's.
    pub tag: String,
    /// What kind of custom field it is.
    pub kind: Option<CustomFieldType>,
    /// Values of the tenant's list, and values that no request may name any more.
    pub list: Option<(Vec<String>, Vec<String>)>,
}

/// The rows of an action of an object; for a placeholder one for each field of the tenant. Case
/// Modify has no row for custom fields but takes them (wapi:1520-1521): those of Add stand for it.
pub fn fields(object: Object, action: Action, crm: &CrmSettings) -> Vec<Field> {
    let rows = table(object, action).iter();
    let borrowed = table(object, Action::Add).iter().filter(|_| action == Action::Modify);
    let borrowed = borrowed.filter(|rule| rule.is_custom_field() && object == Object::Case);
    rows.chain(borrowed).flat_map(|rule| fields_of(rule, object, crm)).collect()
}

fn fields_of(rule: &'static Rule, object: Object, crm: &CrmSettings) -> Vec<Field> {
    let own = crm.custom_fields.iter().filter(|field| belongs(field, object));
    let is_list = |field: &&CustomFieldDefinition| field.kind == CustomFieldType::Picklist;
    let custom = |field: &CustomFieldDefinition| Field {
        rule,
        tag: field.name.clone(),
        kind: Some(field.kind),
        list: is_list(&field).then(|| (field.values.clone(), field.deactivated.clone())),
    };
    match rule.tag {
        CUSTOM_PICKLIST => own.filter(is_list).map(custom).collect(),
        CUSTOM_FIELD => own.filter(|field| !is_list(field)).map(custom).collect(),
        tag => vec![Field { rule, tag: tag.to_owned(), kind: None, list: list(rule, crm) }],
    }
}

fn belongs(field: &CustomFieldDefinition, object: Object) -> bool {
    let of = match field.object {
        CustomFieldObject::Customer => Object::Customer,
        CustomFieldObject::Case => Object::Case,
        CustomFieldObject::Followup => Object::Followup,
        CustomFieldObject::Task => Object::Task,
    };
    of == object
}

/// The tenant's list of a row, and what was taken off it.
fn list(rule: &Rule, crm: &CrmSettings) -> Option<(Vec<String>, Vec<String>)> {
    let ids = |users: &[UserDefinition], deleted: bool| -> Vec<String> {
        users.iter().filter(|user| user.deleted == deleted).map(|user| user.id.clone()).collect()
    };
    let users = |deleted| [ids(&crm.agents, deleted), ids(&crm.groups, deleted)].concat();
    match rule.tenant_values? {
        TenantValues::Countries => {
            Some((["Germany", "United States"].map(str::to_owned).to_vec(), Vec::new()))
        }
        TenantValues::AgentsAndGroups => Some((users(false), users(true))),
        TenantValues::Agents => Some((ids(&crm.agents, false), ids(&crm.agents, true))),
        // The categories are records.
        TenantValues::FaqCategories => None,
        TenantValues::Picklist => {
            let known = crm.picklists.iter().find(|list| list.name == rule.tag)?;
            Some((known.values.clone(), known.deactivated.clone()))
        }
    }
}

impl Field {
    /// Whether the value is the number of a record.
    pub fn is_number(&self) -> bool {
        ["ACCOUNTNUM", "CASENUM", "FOLLOWUPNUM", "TASKNUM", "FAQCATID", "FAQID"]
            .contains(&self.rule.tag)
    }

    /// Whether any text will do that is not too long.
    pub fn is_free_text(&self) -> bool {
        let rule = self.rule;
        let is_text =
            matches!(self.kind, None | Some(CustomFieldType::Text | CustomFieldType::Url));
        let of_form = !matches!(rule.format, None | Some(Format::Latin1Bytes));
        let of_list = self.list.is_some() || !rule.values.is_empty();
        is_text && !self.is_number() && rule.charset.is_none() && !of_form && !of_list
    }

    /// What is tried: each once.
    pub fn values(&self) -> Vec<String> {
        let mut values = vec![String::new()];
        values.extend([" ", "\t\n ", "\u{a0}", "\u{3000}"].map(String::from));
        values.extend(["a\u{1}b", "1\u{b}2", "a\u{fffe}"].map(String::from));
        match self.rule.format {
            _ if self.is_number() => values.extend(self.numbers()),
            Some(Format::Date | Format::DateTime | Format::DateOrDateTime) => {
                values.extend(dates());
            }
            Some(Format::Latin1Bytes) => values.extend(self.descriptions()),
            _ => {
                values.extend(self.lengths());
                values.extend(self.characters());
                values.extend(self.listed());
            }
        }
        if self.rule.action == Action::Get.name() {
            values.extend(self.patterns());
        }
        if self.kind == Some(CustomFieldType::Date) {
            values.extend(dates());
        }
        let mut seen = std::collections::HashSet::new();
        values.retain(|value| seen.insert(value.clone()));
        values
    }

    fn numbers(&self) -> Vec<String> {
        let forms = [OWN, "0{own}", " {own}", "{own} ", "{own}.0", "+{own}", "-1", "99999999"];
        forms.into_iter().chain(["abc", "１２", "1e3"]).map(String::from).collect()
    }

    /// So many characters that fit the row.
    fn plain(&self, length: usize) -> String {
        let of = |c: &str| c.repeat(length);
        match self.rule.tag {
            "EMAIL" if length > 6 => of("e")[..length - 6].to_owned() + "@x.com",
            "VOICE" | "ALTERNATIVE" | "FAX" | "PHONE" | "CALLDURATION" | "TRANSID" => of("5"),
            _ => of("w"),
        }
    }

    fn lengths(&self) -> Vec<String> {
        let most = self.rule.max_chars.unwrap_or(40) as usize;
        let least = self.rule.min_chars.unwrap_or(1) as usize;
        let mut values: Vec<String> =
            [least - 1, least, least + 1, most - 1, most, most + 1, most + 40]
                .map(|length| self.plain(length))
                .to_vec();
        // Characters are counted, and not the bytes that they take.
        for c in ["é", "中", "😀"] {
            values.extend([most, most + 1].map(|length| c.repeat(length)));
        }
        values
    }

    /// Each ASCII character where there is a set of them, or all of them together; and some beyond.
    fn characters(&self) -> Vec<String> {
        let (head, tail) = match self.rule.tag {
            "EMAIL" => ("e", "@x.com"),
            "VOICE" | "ALTERNATIVE" | "FAX" | "PHONE" | "CALLDURATION" | "TRANSID" => ("5", "5"),
            _ => ("w1", "w"),
        };
        let ascii: Vec<char> = (' '..='~').collect();
        let beyond = ["é", "ß", "Я", "中", "😀", "\u{a0}", "\u{7f}", "\u{85}", "\t", "\n", "\r"];
        let mut values: Vec<String> = beyond.map(|c| format!("{head}{c}{tail}")).to_vec();
        let one_by_one = self.rule.charset.is_some() || !self.rule.invalid.is_empty();
        match one_by_one || self.rule.format.is_some() {
            true => values.extend(ascii.iter().map(|c| format!("{head}{c}{tail}"))),
            false => {
                let most = self.rule.max_chars.unwrap_or(30) as usize;
                values.extend(ascii.chunks(most).map(|all| all.iter().collect::<String>()));
            }
        }
        // Alone, each character that is allowed may be too little.
        values.extend(
            ["+", "(-)", "@", "a@", "@a", "a@b", "a@b@c", "a b@c", "a@b c"].map(String::from),
        );
        values.extend(
            ["'", "O'Brien", "a & b", "&amp;", "]]>", "<b>", "-1", "1.5", "１"].map(String::from),
        );
        values
    }

    /// Values of the guide and of the tenant: as they are, and otherwise.
    fn listed(&self) -> Vec<String> {
        let (active, inactive) = self.list.clone().unwrap_or_default();
        let guide = self.rule.values.iter().map(|value| (*value).to_owned());
        let others = ["Phone", "Other", "None", "none", "Voice", "Outbound", "Private", "true"];
        let all = guide.chain(active).chain(inactive).chain(others.map(String::from));
        let otherwise = |value: String| {
            let spaced = [format!(" {value}"), format!("{value} "), format!("{value}s")];
            let cased = [value.to_lowercase(), value.to_uppercase()];
            [value].into_iter().chain(spaced).chain(cased)
        };
        match self.is_free_text() || self.rule.charset.is_some() {
            true => Vec::new(),
            false => all.flat_map(otherwise).collect(),
        }
    }

    /// At the limit of 2,000,000 bytes (ours) and of 2 MB (the simulator's), in one-byte characters
    /// and in such that only a numeric reference can write (ruling SIZE_2MB).
    fn descriptions(&self) -> Vec<String> {
        let mut values: Vec<String> =
            ["w", "O'Brien <b>a & b</b> ~ 50 %", "Zoë 中文 😀"].map(String::from).to_vec();
        let sizes: &[usize] = match (self.rule.object, self.rule.action) {
            ("Case", "Add") => {
                values.push("é".to_owned() + &"w".repeat(1_999_999));
                values.extend([250_000, 250_001, 262_145].map(|count| "中".repeat(count)));
                &[1_999_999, 2_000_000, 2_000_001, 2_097_152, 2_097_153]
            }
            // Megabytes take their time: these rows have the same rule.
            _ => &[2_000_000, 2_000_001, 2_097_153],
        };
        values.extend(sizes.iter().map(|size| "w".repeat(*size)));
        values
    }

    /// Searches: `%` in each place.
    fn patterns(&self) -> Vec<String> {
        let most = self.rule.max_chars.filter(|most| *most < 10_000).unwrap_or(12) as usize;
        let mut values = ["%", "%%", "5%", "%5%", "% %", "%é%"].map(String::from).to_vec();
        values.extend([most - 1, most].map(|length| self.plain(length) + "%"));
        let words = ["Deleted Agents", "deleted agents", "Deleted  Agents", "Deleted Agent"];
        let more = ["Deleted Groups", "DELETED GROUPS", "Customers", "customers", "yes", "YES"];
        if self.list.is_some() || !self.rule.values.is_empty() {
            values.extend(words.into_iter().chain(more).map(String::from));
        }
        values
    }
}

fn dates() -> Vec<String> {
    let good = ["06212012", "02292012", "12311999", "01012099", "062120121315", "062120120000"];
    let days = ["02302012", "02292011", "13012012", "00012012", "01002012", "01320000", "00000000"];
    let times = [
        "062120122359",
        "062120122400",
        "062120122360",
        "062120121",
        "0621201213",
        "06212012131500",
    ];
    let forms = ["2012-06-21", "06/21/2012", "6212012", "0621201", " 06212012", "06212012 "];
    let others = ["06212012 1315", "0621201２", "w", "today", "-6212012", "+6212012", "0621-012"];
    let all = good.into_iter().chain(days).chain(times).chain(forms).chain(others);
    all.map(String::from).collect()
}
