//! Rules of the CRM's objects (wapi-crm-api): one table per object and action.
