//! Requests and replies of the CRM API (wapi-crm-api): commands to bodies, bodies to replies.
