//! The admin console, as the gate sees it: a portal that is in no table. Whoever has a console role may enter it, by any way in, so that an
//! admin is judged by the same checks as everybody else, and is out of the console when they are out. Named approvers of access requests pass
//! here too: their pages are judged alike, and the console itself asks for a role.

use std::time::Duration;

use uuid::Uuid;

use super::facts::Portal;

/// Stands where the row id of a portal stands.
pub const CONSOLE: Uuid = Uuid::from_u128(0x0000_0000_0000_7000_8000_0000_0000_00c0);

/// Its `client_id` in traces and refusals.
pub const CLIENT_ID: &str = "menjin-console";

/// What it is called on pages that name a portal.
pub const NAME: &str = "控制台 · Console";

/// Age after which WeCom must confirm the membership of somebody at the console again.
const MAX_AGE: Duration = Duration::from_secs(15 * 60);
/// For how long besides the last confirmation counts while WeCom does not answer: an outage is when admins are needed.
const GRACE: Duration = Duration::from_secs(24 * 60 * 60);

/// The console, for these people, who have a console role or decide about access requests.
pub(super) fn portal(mut operators: Vec<Uuid>) -> Portal {
    // A portal that names nobody is open to everybody.
    operators.push(Uuid::nil());
    Portal {
        id: CONSOLE,
        client_id: CLIENT_ID.to_owned(),
        enabled: true,
        auth_sources: None,
        departments: Vec::new(),
        groups: Vec::new(),
        users: operators,
        membership_max_age: MAX_AGE,
        membership_grace: GRACE,
    }
}
