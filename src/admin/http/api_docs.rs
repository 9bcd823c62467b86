//! The readable page of the API (`/api/v1/docs`), made from its OpenAPI document: an overview, and a page for each tag. Public, without scripts.

use std::{collections::BTreeMap, sync::LazyLock};

use actix_web::{
    HttpRequest, HttpResponse,
    web::{self, Bytes, ServiceConfig},
};
use askama::Template;

use crate::{
    admin::api_docs::{
        self,
        model::{Group, Reference},
        prose::{Block, Style},
    },
    oidc::Provider,
    web::{
        failure::WebFailure,
        input,
        page::{Frame, language},
        texts::Lang,
    },
};

/// Where the overview lies; the page of a tag lies below.
const PLACE: &str = "/api/v1/docs";

/// Mounts the pages. They come before the scope of the API, which asks for a token.
pub fn routes(config: &mut ServiceConfig) {
    let reading = || input::get_or_head();
    let otherwise = || input::method_not_allowed("GET, HEAD");
    config
        .service(
            web::resource(PLACE)
                .route(reading().to(overview))
                .default_service(otherwise()),
        )
        .service(
            web::resource(format!("{PLACE}/{{tag}}"))
                .route(reading().to(of_tag))
                .default_service(otherwise()),
        );
}

/// The pages of one language. Those of tags change with the program only, so each is rendered once.
struct Pages {
    frame: Frame,
    by_tag: BTreeMap<String, Bytes>,
}

static REFERENCE: LazyLock<Reference> = LazyLock::new(|| api_docs::read(&super::openapi::document()));
static CHINESE: LazyLock<Pages> = LazyLock::new(|| rendered(&REFERENCE, Lang::Zh));
static ENGLISH: LazyLock<Pages> = LazyLock::new(|| rendered(&REFERENCE, Lang::En));

fn pages(lang: Lang) -> &'static Pages {
    match lang {
        Lang::Zh => &CHINESE,
        Lang::En => &ENGLISH,
    }
}

/// It names the address of this installation in the calls to be copied.
async fn overview(request: HttpRequest, provider: web::Data<Provider>) -> HttpResponse {
    let lang = language(&request);
    let page = OverviewPage {
        frame: &pages(lang).frame,
        reference: &REFERENCE,
        place: PLACE,
        language: &switch(lang),
        current: "",
        api: &format!("{}/api/v1", provider.issuer()),
    };
    html(&body(&page))
}

async fn of_tag(request: HttpRequest, tag: web::Path<String>) -> Result<HttpResponse, actix_web::Error> {
    let page = pages(language(&request)).by_tag.get(tag.as_str());
    page.map(html)
        .ok_or_else(|| input::refused(WebFailure::NotFound.failure(), &request))
}

fn html(page: &Bytes) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/html; charset=utf-8")
        .insert_header(("cache-control", "public, max-age=300"))
        .insert_header(("vary", "accept-language"))
        .body(page.clone())
}

/// The overview: what holds for all operations, and all of them by tag.
#[derive(Template)]
#[template(path = "api/overview.html")]
struct OverviewPage<'a> {
    frame: &'a Frame,
    reference: &'a Reference,
    place: &'a str,
    language: &'a str,
    current: &'a str,
    api: &'a str,
}

/// The operations of one tag.
#[derive(Template)]
#[template(path = "api/group.html")]
struct GroupPage<'a> {
    frame: &'a Frame,
    reference: &'a Reference,
    group: &'a Group,
    place: &'a str,
    language: &'a str,
    current: &'a str,
}

fn rendered(reference: &Reference, lang: Lang) -> Pages {
    let frame = Frame::new(lang, "api-title");
    let language = switch(lang);
    let of_group = |group| {
        let page = GroupPage {
            frame: &frame,
            reference,
            group,
            place: &format!("{PLACE}/{}", group.slug),
            language: &language,
            current: &group.slug,
        };
        (group.slug.clone(), body(&page))
    };
    let by_tag = reference.groups.iter().map(of_group).collect();
    Pages { frame, by_tag }
}

/// What links between the pages carry along, so that they stay in this language.
fn switch(lang: Lang) -> String {
    format!("?ui_locales={}", lang.tag())
}

fn body(page: &impl Template) -> Bytes {
    match page.render() {
        Ok(page) => Bytes::from(page),
        Err(error) => {
            tracing::error!(%error, "a template did not render");
            Bytes::new()
        }
    }
}
