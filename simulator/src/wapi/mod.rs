//! The CRM API (wapi-crm-api.txt, field-notes.md): customers, cases, follow-ups, tasks, FAQs.

mod command;
pub(crate) mod settings;
