//! What is told of an installation: the corp, the scope and privileges, who agreed (reference §9.4).

use serde_json::{Map, Value, json};

use super::super::call::object;
use crate::world::open_ids::OpenIds;
use crate::world::{App, AuthUserInfo, Corp, World};

pub(super) fn corp_in_brief(corp: &Corp, ids: &OpenIds) -> Value {
    json!({"corpid": ids.corpid(&corp.corpid), "corp_name": corp.name})
}

pub(super) fn corp_info(corp: &Corp, ids: &OpenIds) -> Value {
    json!({
        "corpid": ids.corpid(&corp.corpid), "corp_name": corp.name, "corp_full_name": corp.name, "corp_type": "verified",
        "corp_square_logo_url": "https://p.example/logo", "corp_user_max": 200, "verified_end_time": 4_102_444_800_u64,
        "subject_type": 1, "corp_wxqrcode": "https://p.example/qr", "corp_scale": "1-50人", "corp_industry": "IT服务",
        "corp_sub_industry": "互联网和相关服务",
    })
}

/// `auth_info`: the app and its `privilege`.
pub(super) fn auth_info(corp: &Corp, app: &App, ids: &OpenIds) -> Value {
    let install = app.install.clone().unwrap_or_default();
    let told = |userids: &[String]| -> Vec<String> { userids.iter().map(|userid| ids.userid(corp, userid)).collect() };
    json!({"agent": [{
        "agentid": app.agentid, "name": app.name, "round_logo_url": "https://p.example/round",
        "square_logo_url": "https://p.example/logo", "auth_mode": install.auth_mode, "is_customized_app": app.is_of_the_corp(),
        "privilege": {
            "level": install.level, "allow_party": app.scope.parties, "allow_user": told(&app.scope.users),
            "allow_tag": app.scope.tags, "extra_party": install.extra.parties, "extra_user": told(&install.extra.users),
            "extra_tag": install.extra.tags,
        },
    }]})
}

/// `auth_user_info`; `None`: it is missing.
pub(super) fn user_info(corp: &Corp, app: &App, ids: &OpenIds, shape: AuthUserInfo) -> Option<Value> {
    let by = &app.install.as_ref()?.authorised_by;
    match shape {
        AuthUserInfo::Missing => None,
        AuthUserInfo::Empty => Some(json!({"userid": "", "open_userid": "", "name": "", "avatar": ""})),
        AuthUserInfo::Ids => {
            let open = ids.open_userid(corp, by).unwrap_or_default();
            Some(json!({"userid": ids.userid(corp, by), "open_userid": open, "name": "", "avatar": ""}))
        }
    }
}

/// `admin[]`; empty where a member installed the app.
pub(super) fn admins(corp: &Corp, app: &App, ids: &OpenIds) -> Map<String, Value> {
    let install = app.install.clone().unwrap_or_default();
    let known = install.admins.iter().filter(|_| install.auth_mode == 0);
    let rows = known.filter_map(|admin| {
        let open = ids.open_userid(corp, &admin.userid)?;
        Some(json!({"userid": ids.userid(corp, &admin.userid), "open_userid": open, "auth_type": admin.auth_type}))
    });
    object(json!({"admin": rows.collect::<Vec<_>>()}))
}

/// `agent/get_permissions`: what the app was granted.
pub(super) fn permissions(world: &World, app: &App) -> Map<String, Value> {
    let suite = app
        .install
        .as_ref()
        .and_then(|install| world.suites.get(&install.suite_id));
    let mut granted = vec!["contact:base:base".to_owned()];
    if suite.is_some_and(|suite| suite.sensitive) {
        let fields = crate::world::Field::ALL.into_iter();
        granted.extend(fields.map(|field| format!("contact:sensitive:{}", field.key())));
    }
    object(json!({"app_permissions": granted}))
}
