//! The page behind the link that is printed while nobody owns the console. Opening it uses nothing up; sending its form does.

use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    web::{Data, Form, Path, ServiceConfig, get, post, resource},
};
use askama::Template;
use serde::Deserialize;

use super::form::see_other;
use crate::{
    console::welcome::Welcome,
    kernel::failure::Failure,
    web::{
        failure::Told,
        input,
        page::{self, Frame},
        texts::Lang,
    },
};

pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(
        resource("/console/welcome/{token}")
            .route(get().to(show))
            .route(post().to(choose))
            .default_service(input::method_not_allowed("GET, POST")),
    );
}

#[derive(Deserialize)]
struct Chosen {
    username: String,
}

#[derive(Template)]
#[template(path = "welcome.html")]
struct WelcomePage<'a> {
    frame: Frame,
    token: &'a str,
    username: &'a str,
    wrong: Option<&'static str>,
    reference: String,
}

async fn show(request: HttpRequest, welcome: Data<Welcome>, token: Path<String>) -> HttpResponse {
    let lang = page::language(&request);
    match welcome.check(&token).await {
        Ok(()) => form(lang, &token, "admin", None),
        Err(failure) => page::failed(lang, &failure),
    }
}

async fn choose(
    request: HttpRequest,
    welcome: Data<Welcome>,
    token: Path<String>,
    chosen: Form<Chosen>,
) -> HttpResponse {
    let lang = page::language(&request);
    let username = chosen.username.trim();
    match welcome.first_owner(&token, username).await {
        Ok(link) => see_other(&format!("{link}?ui_locales={}", lang.tag())),
        // What is wrong with a username can be mended here.
        Err(failure) if failure.entry.status == 422 || failure.entry.status == 409 => {
            form(lang, &token, username, Some(&failure))
        }
        Err(failure) => page::failed(lang, &failure),
    }
}

fn form(lang: Lang, token: &str, username: &str, failure: Option<&Failure>) -> HttpResponse {
    let told = failure.map(Told::of);
    let page = WelcomePage {
        frame: Frame::new(lang, "console-welcome-title"),
        token,
        username,
        wrong: failure.map(|failure| match lang {
            Lang::Zh => failure.entry.zh,
            Lang::En => failure.entry.en,
        }),
        reference: told.as_ref().map(|told| told.reference.clone()).unwrap_or_default(),
    };
    let status = match failure {
        Some(_) => StatusCode::UNPROCESSABLE_ENTITY,
        None => StatusCode::OK,
    };
    let reply = page::html(status, &page);
    match told {
        Some(told) => told.in_reply(reply),
        None => reply,
    }
}
