//! The parameters of each object and action (wapi-crm-api.txt), table by table.
