//! Entries of lists as comma-separated values, a file for each list: the line that names the columns, and the line of an entry. Pure.

pub(in crate::admin) mod access_requests;
pub(in crate::admin) mod api_tokens;
pub(in crate::admin) mod conflicts;
pub(in crate::admin) mod external_contacts;
pub(in crate::admin) mod groups;
pub(in crate::admin) mod identity_findings;
pub(in crate::admin) mod installations;
pub(in crate::admin) mod logout_deliveries;
pub(in crate::admin) mod members;
pub(in crate::admin) mod notices;
pub(in crate::admin) mod offboardings;
pub(in crate::admin) mod operators;
pub(in crate::admin) mod portals;
pub(in crate::admin) mod refusals;
pub(in crate::admin) mod sync_runs;
