//! What each kept object is called, and how its records are numbered and indexed.

use super::command::Object;
use crate::settings::{CrmObject, CustomFieldObject, CustomFieldType, TenantSettings};

impl Object {
    /// The object whose records it names; the others are lists.
    pub(crate) fn kept(self) -> Option<CrmObject> {
        Some(match self {
            Object::Customer => CrmObject::Customer,
            Object::Case => CrmObject::Case,
            Object::Followup => CrmObject::Followup,
            Object::Task => CrmObject::Task,
            Object::FaqCategory => CrmObject::FaqCategory,
            Object::Faq => CrmObject::Faq,
            _ => return None,
        })
    }
}

impl CrmObject {
    /// Its name, as paths and the ground truth write it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            CrmObject::Customer => "customer",
            CrmObject::Case => "case",
            CrmObject::Followup => "followup",
            CrmObject::Task => "task",
            CrmObject::FaqCategory => "faqcategory",
            CrmObject::Faq => "faq",
        }
    }

    /// The object of a name, in any case.
    pub(crate) fn named(name: &str) -> Option<CrmObject> {
        CrmObject::ALL.into_iter().find(|object| object.name().eq_ignore_ascii_case(name))
    }

    /// The tag of its records' number. Follow-ups are numbered by case (FOLLOWUPNUM) and as a
    /// whole.
    pub(crate) fn id_tag(self) -> &'static str {
        match self {
            CrmObject::Customer => "ACCOUNTNUM",
            CrmObject::Case => "CASENUM",
            CrmObject::Followup => "FOLLOWUPID",
            CrmObject::Task => "TASKNUM",
            CrmObject::FaqCategory => "FAQCATID",
            CrmObject::Faq => "FAQID",
        }
    }

    /// The number before the first one's (the guide's examples).
    pub(crate) fn before_first_id(self, tenant: &TenantSettings) -> u64 {
        match self {
            CrmObject::Customer => tenant.first_account_number - 1,
            CrmObject::Case => tenant.crm.first_case_number - 1,
            CrmObject::Task => 169,
            CrmObject::Followup | CrmObject::FaqCategory | CrmObject::Faq => 0,
        }
    }

    /// The tags by which its records are found without looking at all of them.
    pub(crate) fn indexed(self) -> &'static [&'static str] {
        match self {
            CrmObject::Customer => &["EMAIL", "VOICE", "FIRSTNAME", "LASTNAME", "COMPANY"],
            CrmObject::Case => &["ACCOUNTNUM", "SUBJECT"],
            CrmObject::Followup => &["CASENUM"],
            CrmObject::Task => &["ACCOUNTNUM", "SUBJECT", "PHONE", "EMAIL", "TRANSID"],
            CrmObject::FaqCategory => &[],
            CrmObject::Faq => &["FAQCATID", "SHORTCUT"],
        }
    }

    /// The same object, if it can have custom fields.
    pub(crate) fn with_custom_fields(self) -> Option<CustomFieldObject> {
        Some(match self {
            CrmObject::Customer => CustomFieldObject::Customer,
            CrmObject::Case => CustomFieldObject::Case,
            CrmObject::Followup => CustomFieldObject::Followup,
            CrmObject::Task => CustomFieldObject::Task,
            CrmObject::FaqCategory | CrmObject::Faq => return None,
        })
    }
}

impl CustomFieldType {
    /// Whether its values come from a list.
    pub(crate) fn is_list(self) -> bool {
        self == CustomFieldType::Picklist
    }
}
