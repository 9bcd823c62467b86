//! Acts on people, groups, portals, requests, and what a sync left to decide.

use super::act::{Act, acts};

pub(super) const ACTS: &[Act] = acts! {
    Shown "/people/{id}/edit": r#"PATCH! users/{id} {"display_name":"…","email":"…"}"#;
    Shown "/people/{id}/disable": r#"PATCH users/{id} {"status":"disabled"}"#;
    Sent "/people/{id}/enable" on "/people/{id}": r#"PATCH users/{id} {"status":"active"}"#;
    Never "/people/{id}/sign-out": r#"POST sessions/end {"scope":{"user_id":"{id}"}} | DELETE users/{id}/grants"#;
    Never "/people/{id}/sessions/end" on "/people/{id}/sessions": "DELETE sessions/{session}";
    Shown "/people/{id}/role": r#"PUT! operators/{id} {"role":"…"} | DELETE! operators/{id}"#;
    Sent "/people/{id}/password-link" on "/people/{id}/ways-in": "POST users/{id}/password-link {}";
    Sent "/people/{id}/totp-link" on "/people/{id}/ways-in": "POST users/{id}/totp-link {}";
    Never "/people/{id}/email-verification" on "/people/{id}/ways-in": "POST users/{id}/email-verification";
    Sent "/people/{id}/remove-passkey" on "/people/{id}/ways-in": "DELETE users/{id}/passkeys/{passkey}";
    Sent "/people/members/import": r#"POST members/import {"members":["…"]}"#;
    Never "/people/groups/new": r#"POST groups {"name":"…","description":"…"}"#;
    Shown "/people/groups/{id}/edit": r#"PATCH! groups/{id} {"name":"…","description":"…"}"#;
    Shown "/people/groups/{id}/add": r#"POST groups/{id}/users {"users":["…"]}"#;
    Shown "/people/groups/{id}/remove": "DELETE groups/{id}/users/{user}";
    Shown "/people/groups/{id}/delete": "DELETE! groups/{id}";

    Shown "/portals/new/{recipe}": r#"POST clients {"name":"…","redirect_uris":["…"]}"#;
    Shown "/portals/{id}/edit": r#"PATCH! clients/{id} {"name":"…","enabled":true}"#;
    Shown "/portals/{id}/allowed": r#"PATCH! clients/{id} {"allowed_departments":["…"],"allowed_groups":["…"],"allowed_users":["…"]}"#;
    Shown "/portals/{id}/secret": "POST! clients/{id}/secret";
    Shown "/portals/{id}/delete": "DELETE! clients/{id}";
    Never "/portals/{id}/trials": "POST clients/{id}/trials {}";
    Shown "/portals/{id}/sessions/end": r#"POST sessions/end {"scope":{"client_id":"{id}"}} | DELETE clients/{id}/grants"#;
    Never "/portals/{id}/logouts/{delivery}/retry" on "/portals/{id}/logouts": "POST logout-deliveries/{delivery}/retry";

    Never "/sync" on "/sync": r#"POST data-sources/{data_source}/sync {"mode":"plan"} | POST data-sources/{data_source}/sync {"mode":"apply"}"#;
    Sent "/sync/conflicts/{member}" on "/sync/conflicts": r#"POST conflicts/{member}/link {"user_id":"…"} | POST conflicts/{member}/rename {"username":"…"} | POST conflicts/{member}/ignore"#;
    Sent "/sync/identities/{finding}": r#"POST identity-findings/{finding}/decide {"verdict":"same_person"} | POST identity-findings/{finding}/decide {"verdict":"somebody_else"}"#;
    Shown "/sync/{run}/confirm": "POST sync-runs/{run}/confirm";
    Shown "/sync/{run}/undo": "POST sync-runs/{run}/undo";

    Shown "/requests/settings/{source}": r#"PATCH! data-sources/{source} {"access_requests":true} | PATCH! data-sources/{source} {"approvers":["…"]}"#;
    Shown "/requests/settings/{source}/approvers/{user}": r#"PATCH! data-sources/{source} {"approvers":["…"]}"#;
    Never "/requests/{id}/approve" on "/requests/{id}": r#"POST! access-requests/{id}/approve {"portals":["…"]}"#;
    Shown "/requests/{id}/groups": r#"POST! access-requests/{id}/approve {"groups":["…"]}"#;
    Never "/requests/{id}/refuse" on "/requests/{id}": r#"POST! access-requests/{id}/refuse {"reason":"…"}"#;
    Never "/leaving/{id}/resend" on "/leaving/{id}": "POST offboardings/{id}/resend";
};
