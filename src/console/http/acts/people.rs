//! Acts on people, groups, portals, requests, and what a sync left to decide.

use super::act::{Act, acts};

pub(super) const ACTS: &[Act] = acts! {
    Shown Operator "/people/{id}/edit": r#"PATCH! users/{id} {"display_name":"…","email":"…"}"#;
    Shown Operator "/people/{id}/disable": r#"PATCH users/{id} {"status":"disabled"}"#;
    Sent Operator "/people/{id}/enable" on "/people/{id}": r#"PATCH users/{id} {"status":"active"}"#;
    Never Operator "/people/{id}/sign-out": r#"POST sessions/end {"scope":{"user_id":"{id}"}} | DELETE users/{id}/grants"#;
    Never Operator "/people/{id}/sessions/end" on "/people/{id}/sessions": "DELETE sessions/{session}";
    Shown Admin "/people/{id}/role": r#"PUT! operators/{id} {"role":"…"} | DELETE! operators/{id}"#;
    Sent Operator "/people/{id}/password-link" on "/people/{id}/ways-in": "POST users/{id}/password-link {}";
    Sent Operator "/people/{id}/totp-link" on "/people/{id}/ways-in": "POST users/{id}/totp-link {}";
    Never Operator "/people/{id}/email-verification" on "/people/{id}/ways-in": "POST users/{id}/email-verification";
    Sent Operator "/people/{id}/remove-passkey" on "/people/{id}/ways-in": "DELETE users/{id}/passkeys/{passkey}";
    Sent Operator "/people/members/import": r#"POST members/import {"members":["…"]}"#;
    Never Admin "/people/groups/new": r#"POST groups {"name":"…","description":"…"}"#;
    Shown Admin "/people/groups/{id}/edit": r#"PATCH! groups/{id} {"name":"…","description":"…"}"#;
    Shown Admin "/people/groups/{id}/add": r#"POST groups/{id}/users {"users":["…"]}"#;
    Shown Admin "/people/groups/{id}/remove": "DELETE groups/{id}/users/{user}";
    Shown Admin "/people/groups/{id}/delete": "DELETE! groups/{id}";

    Shown Admin "/portals/new/{recipe}": r#"POST clients {"name":"…","redirect_uris":["…"]}"#;
    Shown Admin "/portals/{id}/edit": r#"PATCH! clients/{id} {"name":"…","enabled":true}"#;
    Shown Admin "/portals/{id}/allowed": r#"PATCH! clients/{id} {"allowed_departments":["…"],"allowed_groups":["…"],"allowed_users":["…"]}"#;
    Shown Admin "/portals/{id}/secret": "POST! clients/{id}/secret";
    Shown Admin "/portals/{id}/delete": "DELETE! clients/{id}";
    Never Admin "/portals/{id}/trials": "POST clients/{id}/trials {}";
    Shown Operator "/portals/{id}/sessions/end": r#"POST sessions/end {"scope":{"client_id":"{id}"}} | DELETE clients/{id}/grants"#;
    Never Operator "/portals/{id}/logouts/{delivery}/retry" on "/portals/{id}/logouts": "POST logout-deliveries/{delivery}/retry";

    Never Operator "/sync" on "/sync": r#"POST data-sources/{data_source}/sync {"mode":"plan"} | POST data-sources/{data_source}/sync {"mode":"apply"}"#;
    Sent Operator "/sync/conflicts/{member}" on "/sync/conflicts": r#"POST conflicts/{member}/link {"user_id":"…"} | POST conflicts/{member}/rename {"username":"…"} | POST conflicts/{member}/ignore"#;
    Sent Admin "/sync/identities/{finding}" on "/sync/identities/{finding}": r#"POST identity-findings/{finding}/decide {"verdict":"same_person"} | POST identity-findings/{finding}/decide {"verdict":"somebody_else"}"#;
    Shown Operator "/sync/{run}/confirm": "POST sync-runs/{run}/confirm";
    Shown Operator "/sync/{run}/undo": "POST sync-runs/{run}/undo";

    Shown Admin "/requests/settings/{source}" on "/requests/settings/{source}": r#"PATCH! data-sources/{source} {"access_requests":true} | PATCH! data-sources/{source} {"approvers":["…"]}"#;
    Shown Admin "/requests/settings/{source}/approvers/{user}": r#"PATCH! data-sources/{source} {"approvers":["…"]}"#;
    Never Operator "/requests/{id}/approve" on "/requests/{id}": r#"POST! access-requests/{id}/approve {"portals":["…"]}"#;
    Shown Admin "/requests/{id}/groups": r#"POST! access-requests/{id}/approve {"groups":["…"]}"#;
    Never Operator "/requests/{id}/refuse" on "/requests/{id}": r#"POST! access-requests/{id}/refuse {"reason":"…"}"#;
    Never Operator "/leaving/{id}/resend" on "/leaving/{id}": "POST offboardings/{id}/resend";
};
