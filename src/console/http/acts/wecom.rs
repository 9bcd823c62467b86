//! Acts on data sources, auth sources, suites and installations, and of the two wizards.

use super::act::{Act, acts};

pub(super) const ACTS: &[Act] = acts! {
    Never Admin "/wecom/new": r#"POST data-sources {"name":"…","corp_id":"…"}"#;
    Never Admin "/wecom/files" on "/wecom/files": r#"POST verification-files {"name":"…","content":"…"}"#;
    Sent Admin "/wecom/files/{id}/delete": "DELETE verification-files/{id}";
    Shown Admin "/wecom/auth-sources/new": r#"POST auth-sources {"name":"…","corp_id":"…","agent_id":0}"#;
    Shown Admin "/wecom/auth-sources/{id}" on "/wecom/auth-sources/{id}": r#"PATCH! auth-sources/{id} {"name":"…","enabled":true}"#;
    Sent Admin "/wecom/auth-sources/{id}/delete" on "/wecom/auth-sources/{id}": "DELETE! auth-sources/{id}";
    Never Operator "/wecom/apps/{id}/probe" on "/wecom/apps/{id}": "POST wecom-apps/{id}/probe";
    Never Operator "/wecom/{id}/probe" on "/wecom/{id}": "POST data-sources/{id}/probe";
    Never Operator "/wecom/{id}/ask-again" on "/wecom/{id}": "POST data-sources/{id}/ask-again";
    Shown Admin "/wecom/{id}/edit": r#"PATCH! data-sources/{id} {"name":"…","enabled":true}"#;
    Shown Admin "/wecom/{id}/delete": "DELETE! data-sources/{id}";
    Sent Admin "/wecom/{id}/callbacks" on "/wecom/{id}": r#"POST data-sources/{id}/callbacks {"owner":"…"}"#;
    Sent Admin "/wecom/{id}/callbacks/{callback}/renew" on "/wecom/{id}/callbacks/{callback}": "POST data-sources/{id}/callbacks/{callback}/renew";
    Sent Admin "/wecom/{id}/callbacks/{callback}/delete" on "/wecom/{id}/callbacks/{callback}": "DELETE data-sources/{id}/callbacks/{callback}";

    Never Admin "/suites/new": r#"POST suites {"name":"…","suite_id":"…","secret":"…"}"#;
    Never Operator "/suites/{id}/check" on "/suites/{id}": "POST suites/{id}/check";
    Shown Admin "/suites/{id}/edit": r#"PATCH! suites/{id} {"name":"…"}"#;
    Shown Admin "/suites/{id}/keys": "POST! suites/{id}/renew";
    Shown Admin "/suites/{id}/delete": "DELETE! suites/{id}";
    Shown Admin "/installations/new": r#"POST suites/{suite}/invitations {"way":"…"}"#;
    Never Admin "/installations/invited/{suite}/{id}/scan" on "/installations/invited/{suite}/{id}": "POST suites/{suite}/invitations/{id}/scan {}";
    Never Operator "/installations/{id}/check" on "/installations/{id}": "POST installations/{id}/check";
    Shown Admin "/moves/{source}" on "/moves/{source}": r#"POST data-sources/{source}/moves {"corp_id":"…","agent_id":0,"app_secret":"…"}"#;
    Never Admin "/moves/{source}/{move}/pair" on "/moves/{source}": "POST! data-sources/{source}/moves/{move}/pair";
    Sent Admin "/moves/{source}/{move}/pairs" on "/moves/{source}/{move}/pairs": r#"PUT! data-sources/{source}/moves/{move}/pairs/{member} {"userid":"…"}"#;
    Sent Admin "/moves/{source}/{move}/company" on "/moves/{source}": r#"PATCH! data-sources/{source}/moves/{move} {"corp_confirmed":true}"#;
    Never Admin "/moves/{source}/{move}/rehearse" on "/moves/{source}": "POST! data-sources/{source}/moves/{move}/rehearse";
    Shown Admin "/moves/{source}/{move}/change": r#"POST! data-sources/{source}/moves/{move}/change {"accept":true}"#;
    Shown Admin "/moves/{source}/{move}/undo": "POST! data-sources/{source}/moves/{move}/undo";
    Shown Admin "/moves/{source}/{move}/finish": "POST! data-sources/{source}/moves/{move}/finish";
    Never Admin "/moves/{source}/{move}/drop" on "/moves/{source}": "DELETE! data-sources/{source}/moves/{move}";
    Never Auditor "/names/{source}/scan" on "/names/{source}": "";
    Never Auditor "/names/{source}/end" on "/names/{source}": "";

    Never Admin "/setup/check": "";
    Never Admin "/setup/new": r#"POST data-sources {"name":"…","corp_id":"…"}"#;
    Never Admin "/setup/{source}/look" on "/setup/{source}/people": "POST data-sources/{source}/probe";
    Shown Admin "/setup/{source}/corp": r#"PATCH! data-sources/{source} {"corp_id":"…"}"#;
    Shown Admin "/setup/{source}/app": r#"PATCH! data-sources/{source} {"app":{"agent_id":0,"secret":"…"}}"#;
    Sent Admin "/setup/{source}/auth-source": r#"POST auth-sources {"name":"…","corp_id":"…","agent_id":0,"data_source_id":"{source}"}"#;
    Never Admin "/setup/{source}/domain": r#"POST verification-files {"name":"…","content":"…"}"#;
    Never Admin "/setup/{source}/domain/file" on "/setup/{source}/domain": "";
    Sent Admin "/setup/{source}/callbacks": r#"POST data-sources/{source}/callbacks {"owner":"…"}"#;
    Sent Admin "/setup/{source}/rules" on "/setup/{source}/people": r#"PATCH! data-sources/{source} {"import":"…"}"#;
    Sent Admin "/setup/{source}/sync" on "/setup/{source}/people": r#"POST data-sources/{source}/sync {"mode":"plan"}"#;
    Sent Admin "/setup/{source}/members" on "/setup/{source}/people": r#"POST members/import {"members":["…"]}"#;
    Never Admin "/setup/{source}/scan": "POST clients/{client}/trials {}";
    Never Admin "/assistant/new": r#"POST data-sources {"name":"…","corp_id":"…"}"#;
    Never Admin "/assistant/{source}/look" on "/assistant/{source}/{step}": "POST data-sources/{source}/probe";
    Shown Admin "/assistant/{source}/app": r#"PATCH! data-sources/{source} {"app":{"agent_id":0,"secret":"…"}}"#;
    Sent Admin "/assistant/{source}/{step}": r#"PATCH! data-sources/{source} {"contacts_secret":"…"}"#;
    Sent Admin "/assistant/{source}/{step}/callback" on "/assistant/{source}/{step}": r#"POST data-sources/{source}/callbacks {"owner":"…"}"#;
};
