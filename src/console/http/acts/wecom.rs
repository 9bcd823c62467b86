//! Acts on data sources, auth sources, suites and installations, and of the two wizards.

use super::act::{Act, acts};

pub(super) const ACTS: &[Act] = acts! {
    Never "/wecom/new": r#"POST data-sources {"name":"…","corp_id":"…"}"#;
    Never "/wecom/files": r#"POST verification-files {"name":"…","content":"…"}"#;
    Sent "/wecom/files/{id}/delete": "DELETE verification-files/{id}";
    Shown "/wecom/auth-sources/new": r#"POST auth-sources {"name":"…","corp_id":"…","agent_id":0}"#;
    Shown "/wecom/auth-sources/{id}": r#"PATCH! auth-sources/{id} {"name":"…","enabled":true}"#;
    Sent "/wecom/auth-sources/{id}/delete" on "/wecom/auth-sources/{id}": "DELETE! auth-sources/{id}";
    Never "/wecom/apps/{id}/probe" on "/wecom/apps/{id}": "POST wecom-apps/{id}/probe";
    Never "/wecom/{id}/probe" on "/wecom/{id}": "POST data-sources/{id}/probe";
    Never "/wecom/{id}/ask-again" on "/wecom/{id}": "POST data-sources/{id}/ask-again";
    Shown "/wecom/{id}/edit": r#"PATCH! data-sources/{id} {"name":"…","enabled":true}"#;
    Shown "/wecom/{id}/delete": "DELETE! data-sources/{id}";
    Sent "/wecom/{id}/callbacks" on "/wecom/{id}": r#"POST data-sources/{id}/callbacks {"owner":"…"}"#;
    Sent "/wecom/{id}/callbacks/{callback}/renew" on "/wecom/{id}/callbacks/{callback}": "POST data-sources/{id}/callbacks/{callback}/renew";
    Sent "/wecom/{id}/callbacks/{callback}/delete" on "/wecom/{id}/callbacks/{callback}": "DELETE data-sources/{id}/callbacks/{callback}";

    Never "/suites/new": r#"POST suites {"name":"…","suite_id":"…","secret":"…"}"#;
    Never "/suites/{id}/check" on "/suites/{id}": "POST suites/{id}/check";
    Shown "/suites/{id}/edit": r#"PATCH! suites/{id} {"name":"…"}"#;
    Shown "/suites/{id}/keys": "POST! suites/{id}/renew";
    Shown "/suites/{id}/delete": "DELETE! suites/{id}";
    Shown "/installations/new": r#"POST suites/{suite}/invitations {"way":"…"}"#;
    Never "/installations/invited/{suite}/{id}/scan" on "/installations/invited/{suite}/{id}": "POST suites/{suite}/invitations/{id}/scan {}";
    Never "/installations/{id}/check" on "/installations/{id}": "POST installations/{id}/check";
    Shown "/moves/{source}": r#"POST data-sources/{source}/moves {"corp_id":"…","agent_id":0,"app_secret":"…"}"#;
    Never "/moves/{source}/{move}/pair" on "/moves/{source}": "POST! data-sources/{source}/moves/{move}/pair";
    Sent "/moves/{source}/{move}/pairs": r#"PUT! data-sources/{source}/moves/{move}/pairs/{member} {"userid":"…"}"#;
    Sent "/moves/{source}/{move}/company" on "/moves/{source}": r#"PATCH! data-sources/{source}/moves/{move} {"corp_confirmed":true}"#;
    Never "/moves/{source}/{move}/rehearse" on "/moves/{source}": "POST! data-sources/{source}/moves/{move}/rehearse";
    Shown "/moves/{source}/{move}/change": r#"POST! data-sources/{source}/moves/{move}/change {"accept":true}"#;
    Shown "/moves/{source}/{move}/undo": "POST! data-sources/{source}/moves/{move}/undo";
    Shown "/moves/{source}/{move}/finish": "POST! data-sources/{source}/moves/{move}/finish";
    Never "/moves/{source}/{move}/drop" on "/moves/{source}": "DELETE! data-sources/{source}/moves/{move}";
    Never "/names/{source}/scan" on "/names/{source}": "";
    Never "/names/{source}/end" on "/names/{source}": "";

    Never "/setup/check": "";
    Never "/setup/new": r#"POST data-sources {"name":"…","corp_id":"…"}"#;
    Never "/setup/{source}/look" on "/setup/{source}/people": "POST data-sources/{source}/probe";
    Shown "/setup/{source}/corp": r#"PATCH! data-sources/{source} {"corp_id":"…"}"#;
    Shown "/setup/{source}/app": r#"PATCH! data-sources/{source} {"app":{"agent_id":0,"secret":"…"}}"#;
    Sent "/setup/{source}/auth-source": r#"POST auth-sources {"name":"…","corp_id":"…","agent_id":0,"data_source_id":"{source}"}"#;
    Never "/setup/{source}/domain": r#"POST verification-files {"name":"…","content":"…"}"#;
    Never "/setup/{source}/domain/file" on "/setup/{source}/domain": "";
    Sent "/setup/{source}/callbacks": r#"POST data-sources/{source}/callbacks {"owner":"…"}"#;
    Sent "/setup/{source}/rules" on "/setup/{source}/people": r#"PATCH! data-sources/{source} {"import":"…"}"#;
    Sent "/setup/{source}/sync" on "/setup/{source}/people": r#"POST data-sources/{source}/sync {"mode":"plan"}"#;
    Sent "/setup/{source}/members" on "/setup/{source}/people": r#"POST members/import {"members":["…"]}"#;
    Never "/setup/{source}/scan": "POST clients/{client}/trials {}";
    Never "/assistant/new": r#"POST data-sources {"name":"…","corp_id":"…"}"#;
    Never "/assistant/{source}/look" on "/assistant/{source}/{step}": "POST data-sources/{source}/probe";
    Shown "/assistant/{source}/app": r#"PATCH! data-sources/{source} {"app":{"agent_id":0,"secret":"…"}}"#;
    Sent "/assistant/{source}/{step}": r#"PATCH! data-sources/{source} {"contacts_secret":"…"}"#;
    Sent "/assistant/{source}/{step}/callback" on "/assistant/{source}/{step}": r#"POST data-sources/{source}/callbacks {"owner":"…"}"#;
};
