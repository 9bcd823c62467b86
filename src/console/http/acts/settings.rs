//! Acts on operators, tokens, keys, branding and notices, and on one's own sessions.

use super::act::{Act, acts};

pub(super) const ACTS: &[Act] = acts! {
    Sent Admin "/settings/operators" on "/settings": r#"PUT operators/{user} {"role":"…"}"#;
    Sent Admin "/settings/operators/{user}/role" on "/settings": r#"PUT! operators/{user} {"role":"…"}"#;
    Sent Admin "/settings/operators/{user}/remove": "DELETE! operators/{user}";
    Sent Operator "/settings/operators/{user}/link" on "/settings": "POST users/{user}/password-link {} | POST users/{user}/totp-link {}";
    Sent Admin "/settings/tokens" on "/settings/tokens": r#"POST api-tokens {"name":"…","role":"…"}"#;
    Sent Admin "/settings/tokens/{token}/revoke": "DELETE api-tokens/{token}";
    Shown Admin "/settings/keys/rotate": r#"POST keys/rotate {"now":false} | POST keys/rotate {"now":true}"#;
    Never Admin "/settings/branding" on "/settings/branding": r##"PATCH! branding {"name":"…","accent":"#0a5bd3"}"##;
    Never Admin "/settings/branding/logo" on "/settings/branding": "";
    Never Admin "/settings/branding/logo/remove" on "/settings/branding": "DELETE! branding/logo";
    Never Auditor "/settings/branding/preview" on "/settings/branding": "";
    Never Admin "/settings/branding/companies/{source}" on "/settings/branding/companies/{source}": r##"PATCH! data-sources/{source}/branding {"name":"…","accent":"#0a5bd3"}"##;
    Never Auditor "/settings/branding/companies/{source}/preview" on "/settings/branding/companies/{source}": "";
    Never Admin "/settings/branding/companies/{source}/logo" on "/settings/branding/companies/{source}": "";
    Never Admin "/settings/branding/companies/{source}/logo/remove" on "/settings/branding/companies/{source}": "DELETE! data-sources/{source}/branding/logo";
    Never Admin "/settings/branding/companies/{source}/remove" on "/settings/branding/companies/{source}": "DELETE! data-sources/{source}/branding";
    Sent Admin "/settings/registration" on "/settings/registration": r#"POST initial-access-tokens {"name":"…","max_uses":1}"#;
    Sent Admin "/settings/registration/{token}/revoke": "DELETE initial-access-tokens/{token}";
    Shown Admin "/settings/notices/channels/new": r#"POST notice-channels {"kind":"…","name":"…"}"#;
    Shown Admin "/settings/notices/channels/{id}" on "/settings/notices/channels/{id}": r#"PATCH! notice-channels/{id} {"name":"…","enabled":true}"#;
    Never Admin "/settings/notices/channels/{id}/test" on "/settings/notices/channels/{id}": "POST notice-channels/{id}/test {}";
    Sent Admin "/settings/notices/channels/{id}/delete" on "/settings/notices/channels/{id}": "DELETE! notice-channels/{id}";
    Never Admin "/settings/notices/personal" on "/settings/notices/personal": r#"PATCH! personal-notices {"topics":["…"]}"#;
    Never Admin "/settings/notices/subscriptions/new": r#"POST notice-subscriptions {"channel_id":"…","topics":["…"]}"#;
    Never Admin "/settings/notices/subscriptions/{id}" on "/settings/notices/subscriptions/{id}": r#"PATCH! notice-subscriptions/{id} {"topics":["…"]}"#;
    Never Admin "/settings/notices/subscriptions/{id}/delete" on "/settings/notices/subscriptions/{id}": "DELETE! notice-subscriptions/{id}";
    Never Operator "/settings/notices/{id}/resend" on "/settings/notices": "POST notices/{id}/resend {}";
    Never Auditor "/sessions" on "/sessions": "DELETE sessions/{session}";
};
