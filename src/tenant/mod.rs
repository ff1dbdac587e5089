//! What can be asked of a tenant's CRM: commands with their replies, lists of values, ranges.
