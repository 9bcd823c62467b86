//! What a portal was told of a person, as rows: claim, value, what it means. Pure.

use serde_json::{Map, Value};

use super::page::{Language, moment};

/// One row.
pub struct Row {
    /// Its name.
    pub claim: String,
    /// Its value.
    pub value: String,
    /// What it means; empty: a claim that this page does not know.
    pub meaning: &'static str,
}

/// Name, meaning in Chinese and in English (OpenID Connect Core 1.0 §2 and §5.1; `sid`: Back-Channel Logout 1.0 §2.1).
const MEANINGS: [(&str, &str, &str); 34] = [
    ("iss", "签发方：门禁的地址", "who says so: the address of Menjin"),
    (
        "sub",
        "此人在门禁中的固定编号，门户据此认人",
        "the person's lasting id at Menjin; portals go by it",
    ),
    ("aud", "给哪个门户", "for which portal"),
    ("azp", "由哪个门户请求", "which portal asked"),
    ("exp", "到此时刻失效", "not valid after"),
    ("iat", "签发时刻", "made at"),
    ("auth_time", "此人扫码登录的时刻", "when the person signed in"),
    (
        "nonce",
        "门户这次请求的随机数，防重放",
        "random value of this request, against replays",
    ),
    ("acr", "登录强度", "how strong the sign-in was"),
    ("amr", "登录方式", "by what means the person signed in"),
    ("at_hash", "访问令牌的摘要", "digest of the access token"),
    (
        "sid",
        "会话编号：登出通知按它找到会话",
        "the session: a logout token names it",
    ),
    ("jti", "此令牌的编号", "id of this token"),
    ("name", "姓名", "full name"),
    ("given_name", "名", "given name"),
    ("family_name", "姓", "family name"),
    ("middle_name", "中间名", "middle name"),
    ("nickname", "别名", "nickname"),
    (
        "preferred_username",
        "用户名，可能改变，不要据此认人",
        "username; may change, so no portal should go by it",
    ),
    ("profile", "个人页面", "profile page"),
    ("picture", "头像", "picture"),
    ("website", "网站", "web site"),
    ("gender", "性别", "gender"),
    ("birthdate", "生日", "birth date"),
    ("zoneinfo", "时区", "time zone"),
    ("locale", "语言", "language"),
    ("updated_at", "资料最近更改", "last change of this profile"),
    ("email", "邮箱", "e-mail address"),
    (
        "email_verified",
        "管理员为此邮箱担保",
        "whether an admin vouches for the address",
    ),
    ("phone_number", "电话", "phone number"),
    (
        "phone_number_verified",
        "电话是否经过核实",
        "whether the number was verified",
    ),
    ("address", "地址", "postal address"),
    ("groups", "部门与标签", "departments and tags"),
    ("wecom", "企业微信中的身份", "who this is in WeCom"),
];
/// Claims that are seconds since 1970.
const MOMENTS: [&str; 4] = ["exp", "iat", "auth_time", "updated_at"];

/// The rows of these claims, known ones first in the order of the table.
pub fn rows(claims: &Map<String, Value>, language: Language) -> Vec<Row> {
    let place = |claim: &str| MEANINGS.iter().position(|(known, ..)| *known == claim);
    let mut names: Vec<&String> = claims.keys().collect();
    names.sort_by_key(|name| (place(name).unwrap_or(usize::MAX), *name));
    let row = |name: &String| {
        let known = place(name).and_then(|at| MEANINGS.get(at));
        Row {
            claim: name.clone(),
            value: shown(name, claims.get(name).unwrap_or(&Value::Null)),
            meaning: known.map_or("", |(_, zh, en)| language.t(zh, en)),
        }
    };
    names.into_iter().map(row).collect()
}

fn shown(name: &str, value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Number(number) if MOMENTS.contains(&name) => {
            let seconds = number.as_i64().map(moment);
            seconds.map_or_else(|| number.to_string(), |moment| format!("{number} ({moment})"))
        }
        other => other.to_string(),
    }
}
