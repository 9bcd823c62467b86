//! Page that chooses who is signed in to the WeCom client of this browser: kept in the cookie `sim_client`.

use actix_web::HttpResponse;
use actix_web::cookie::Cookie;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Form, Query};
use askama::Template;

use super::people::{Group, groups};
use super::{Params, page, param};
use crate::state::{Shared, State};

#[derive(Template)]
#[template(path = "people.html")]
pub(super) struct PeoplePage {
    pub title: &'static str,
    pub english: &'static str,
    pub page: &'static str,
    pub corps: Vec<(String, String)>,
    pub corp: String,
    pub next: String,
    pub query: String,
    pub groups: Vec<Group>,
    pub shown: usize,
    pub total: usize,
    pub actions: &'static [(&'static str, &'static str)],
}

impl PeoplePage {
    /// Fills in the members of the chosen corp, or of the first one.
    pub(super) fn fill(mut self, state: &State, query: &Params) -> HttpResponse {
        let world = &state.world;
        let chosen = param(query, "corp")
            .and_then(|id| world.corps.get(id))
            .or_else(|| world.corps.values().next());
        self.corps = world
            .corps
            .values()
            .map(|corp| (corp.corpid.clone(), corp.name.clone()))
            .collect();
        self.next = param(query, "next").unwrap_or_default().to_owned();
        self.query = param(query, "q").unwrap_or_default().to_owned();
        if let Some(corp) = chosen {
            self.corp.clone_from(&corp.corpid);
            self.total = corp.members.len();
            (self.groups, self.shown) = groups(corp, &self.query);
        }
        page(StatusCode::OK, &self)
    }

    pub(super) fn titled(
        title: &'static str,
        english: &'static str,
        page: &'static str,
        actions: &'static [(&'static str, &'static str)],
    ) -> Self {
        let (corps, groups) = (Vec::new(), Vec::new());
        let (corp, next, query) = (String::new(), String::new(), String::new());
        Self {
            title,
            english,
            page,
            corps,
            corp,
            next,
            query,
            groups,
            shown: 0,
            total: 0,
            actions,
        }
    }
}

/// `GET /client`
pub(crate) async fn show(query: Query<Params>, shared: Data<Shared>) -> HttpResponse {
    let english = "Who is signed in to the WeCom client of this browser?";
    PeoplePage::titled(
        "谁在用企业微信客户端",
        english,
        "/client",
        &[("sign-in", "就是他 · this one")],
    )
    .fill(&shared.lock(), &query)
}

/// `POST /client`
pub(crate) async fn choose(form: Form<Params>) -> HttpResponse {
    let value = format!(
        "{}/{}",
        param(&form, "corp").unwrap_or_default(),
        param(&form, "userid").unwrap_or_default()
    );
    let cookie = Cookie::build("sim_client", value).path("/").http_only(true).finish();
    let local = param(&form, "next").filter(|next| next.starts_with('/') && !next.starts_with("//"));
    HttpResponse::SeeOther()
        .cookie(cookie)
        .insert_header(("location", local.unwrap_or("/")))
        .finish()
}
