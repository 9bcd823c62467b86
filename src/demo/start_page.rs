//! The first page of the demo: what runs where, and what to try.

use actix_web::{
    HttpRequest, HttpResponse,
    cookie::{Cookie, SameSite},
    http::{StatusCode, header::LOCATION},
    web::Data,
};
use askama::Template;

use super::{
    page::{self, Language},
    portals::{Links, Portals},
    visitor::SESSION,
};

#[derive(Template)]
#[template(path = "demo/start.html")]
struct StartPage<'a> {
    language: Language,
    links: &'a Links,
    portals: Vec<(&'static str, &'static str)>,
    people: [(&'static str, &'static str, &'static str, &'static str); 6],
}

/// Name, userid, and what is special, in Chinese and in English.
const PEOPLE: [(&str, &str, &str, &str); 6] = [
    (
        "李华",
        "lihua",
        "普通成员，可以登录",
        "an ordinary member, who can sign in",
    ),
    (
        "张三",
        "zhangsan",
        "研发负责人，可以登录",
        "leads a department, can sign in",
    ),
    (
        "陈宇",
        "chenyu",
        "在企业微信中已停用：被拒绝",
        "disabled in WeCom: refused",
    ),
    ("辛仁", "xinren", "未激活：被拒绝", "not activated: refused"),
    (
        "外部 阿明",
        "waibu01",
        "不在应用可见范围：被拒绝",
        "outside the app's visible scope: refused",
    ),
    (
        "黎桦",
        "LiHua",
        "另一家公司白石设计，同名的 userid",
        "another company with the same userid: another person",
    ),
];

/// `GET /`
pub async fn show(request: HttpRequest, portals: Data<Portals>) -> HttpResponse {
    let all = portals.portals.get().map(Vec::as_slice).unwrap_or_default();
    let html = StartPage {
        language: Language::of(&request),
        links: &portals.links,
        portals: all.iter().map(|portal| (portal.key, portal.name)).collect(),
        people: PEOPLE,
    };
    page::html(StatusCode::OK, &html)
}

/// `GET /console`: into Menjin's console, as its owner. Menjin has the same host, so the cookie that is set here is its own; where the owner cannot sign
/// in, Menjin asks whoever comes.
pub async fn console(request: HttpRequest, portals: Data<Portals>) -> HttpResponse {
    let session = match portals.owner.get() {
        Some(owner) => owner.session().await,
        None => Err("the demo is not ready yet".to_owned()),
    };
    let lang = Language::of(&request).lang.tag();
    let mut reply = HttpResponse::SeeOther();
    reply.insert_header((LOCATION, format!("{}/console?ui_locales={lang}", portals.links.menjin)));
    match session {
        Ok(session) => {
            let cookie = Cookie::build(SESSION, session).path("/").http_only(true);
            reply.cookie(cookie.same_site(SameSite::Lax).finish());
        }
        Err(why) => tracing::warn!(why, "the owner of the demo's console could not sign in"),
    }
    reply.finish()
}
