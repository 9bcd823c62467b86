//! Handler of the page that tells a person, after a scan, what others did to their credentials.

use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    web::{Data, Path},
};
use askama::Template;

use crate::{
    signin::{
        http::{failed::failed, reply::see_other},
        journey::Journeys,
    },
    web::{
        cookies::{Cookies, Name},
        page::{self, Frame},
    },
};

#[derive(Template)]
#[template(path = "notice.html")]
struct NoticePage {
    frame: Frame,
    lines: Vec<String>,
    next: String,
}

pub(in crate::signin) async fn notice_page(
    request: HttpRequest,
    journeys: Data<Journeys>,
    cookies: Data<Cookies>,
    token: Path<String>,
) -> HttpResponse {
    let lang = page::language(&request);
    let session = cookies.read(&request, Name::Session);
    match journeys.take_notices(&token, session.as_deref()).await {
        // Shown already: a reload, or a second tab.
        Ok((notices, pending)) if notices.is_empty() => see_other(&pending.return_to).finish(),
        Ok((notices, pending)) => {
            let now = journeys.deps.clock.now();
            let page = NoticePage {
                frame: Frame::new(lang, "notice-title"),
                lines: notices.iter().map(|notice| notice.text(lang, now)).collect(),
                next: pending.return_to,
            };
            page::html(StatusCode::OK, &page)
        }
        Err(failure) => failed(&request, &failure).await,
    }
}
