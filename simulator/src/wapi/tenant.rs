//! What the rules ask the CRM.

use super::{
    check::{CustomField, Tenant, Usability, User, Values},
    command::Object,
    countries::COUNTRIES,
    crm::Crm,
    table::Row,
};
use crate::settings::{CrmObject, CustomFieldDefinition, WapiSettings};

impl Tenant for Crm {
    fn values(&self, object: Object, list: &str) -> Option<Values<'_>> {
        if list == "COUNTRY" {
            return Some(Values { active: COUNTRIES.to_vec(), deactivated: Vec::new() });
        }
        let built_in = self.settings.picklists.iter().find(|known| known.name == list);
        let built_in = built_in.map(|known| (&known.values, &known.deactivated));
        let custom = self.defined(object, list).filter(|field| field.kind.is_list());
        let custom = || custom.map(|field| (&field.values, &field.deactivated));
        let (active, deactivated) = built_in.or_else(custom)?;
        Some(Values {
            active: active.iter().map(String::as_str).collect(),
            deactivated: deactivated.iter().map(String::as_str).collect(),
        })
    }

    fn custom_field(&self, object: Object, tag: &str) -> Option<CustomField> {
        self.defined(object, tag).map(|field| CustomField {
            kind: field.kind,
            max_chars: field.max_chars,
            unique: field.unique,
            deleted: field.deleted,
        })
    }

    fn user(&self, id: &str) -> Option<User> {
        let mut users = self.settings.agents.iter().chain(&self.settings.groups);
        users.find(|user| user.id == id).map(|user| User { deleted: user.deleted })
    }

    fn usability(&self, status: &str) -> Usability {
        match status {
            _ if status == self.settings.unassigned_status => Usability::Unassigned,
            _ if status == self.settings.open_status => Usability::Open,
            _ => Usability::Other,
        }
    }

    fn case_is_assigned(&self, casenum: &str) -> Option<bool> {
        self.named(CrmObject::Case, casenum).map(|case| !case.get("ASSIGNEDTO").is_empty())
    }

    fn exists(&self, object: Object, id: &str) -> bool {
        match (object.kept(), id.split_once('.')) {
            (Some(CrmObject::Followup), Some((case, number))) => {
                self.followup(case, number).is_some()
            }
            (Some(object), _) => self.named(object, id).is_some(),
            (None, _) => false,
        }
    }

    fn taken(&self, object: Object, tag: &str, value: &str, except: Option<&str>) -> bool {
        let Some(object) = object.kept() else { return false };
        let table = self.table(object);
        let holds =
            |row: Row| row.get(tag) == value && Some(row.id().to_string().as_str()) != except;
        match table.holding(tag, value) {
            Some(ids) => ids.into_iter().filter_map(|id| table.get(id)).any(holds),
            None => table.rows().any(holds),
        }
    }

    fn case_came_by_email(&self, casenum: &str) -> bool {
        let case = self.named(CrmObject::Case, casenum);
        case.is_some_and(|case| !case.get(super::record::CAME_BY_EMAIL).is_empty())
    }

    fn category_has_faqs(&self, faqcatid: &str) -> bool {
        self.taken(Object::Faq, "FAQCATID", faqcatid, None)
    }

    fn rules(&self) -> &WapiSettings {
        &self.rules
    }
}

impl Crm {
    /// The record of a number as requests write it: without leading zeros.
    fn named(&self, object: CrmObject, id: &str) -> Option<Row<'_>> {
        let number: u64 = id.parse().ok()?;
        self.get(object, number).filter(|row| row.id().to_string() == id)
    }

    /// The custom field of an object, also a deleted one.
    fn defined(&self, object: Object, tag: &str) -> Option<&CustomFieldDefinition> {
        let object = object.kept()?.with_custom_fields()?;
        let mut fields = self.settings.custom_fields.iter();
        fields.find(|field| field.object == object && field.name.eq_ignore_ascii_case(tag))
    }
}
