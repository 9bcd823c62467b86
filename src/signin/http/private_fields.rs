//! Handlers of the page that offers to ask WeCom for private fields, and of the return from WeCom's consent page.

use actix_web::{
    HttpRequest, HttpResponse, Route,
    http::StatusCode,
    web::{Data, Path, Query, ServiceConfig, get, post, resource},
};
use askama::Template;

use super::{
    failed::failed,
    reply::{reply, see_other},
};
use crate::{
    directory::user::provenance::Field,
    signin::{
        answer::SignInOutcome,
        journey::Journeys,
        private_fields::{OfferView, Returned, WentOn},
    },
    web::{
        cookies::{Cookies, Name},
        input,
        page::{self, Frame},
        texts::{Lang, isolated, text, text_with},
    },
    wecom::login_url::is_wecom_client,
};

#[derive(Template)]
#[template(path = "private_fields.html")]
struct OfferPage {
    frame: Frame,
    sentence: String,
    fields: Vec<String>,
    token: String,
}

/// Whether it is WeCom's own app, where WeCom can ask a member for consent.
pub fn in_wecom(request: &HttpRequest) -> bool {
    let agent = request
        .headers()
        .get("user-agent")
        .and_then(|value| value.to_str().ok());
    agent.is_some_and(is_wecom_client)
}

/// What a private field is called.
pub fn private_field_words(lang: Lang, field: Field) -> String {
    text(
        lang,
        &format!("private-field-{}", field.word().replace(['.', '_'], "-")),
    )
}

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(
            resource("/signin/private-fields/{token}")
                .route(get().to(offer))
                .route(pressed(Button::Decline))
                .default_service(input::method_not_allowed("GET, POST")),
        )
        .service(
            resource("/signin/private-fields/{token}/go")
                .route(pressed(Button::Ask))
                .default_service(input::method_not_allowed("POST")),
        )
        .service(
            resource("/wecom/private-fields")
                .route(get().to(returned))
                .default_service(input::method_not_allowed("GET")),
        );
}

async fn offer(
    request: HttpRequest,
    journeys: Data<Journeys>,
    cookies: Data<Cookies>,
    token: Path<String>,
) -> HttpResponse {
    let lang = page::language(&request);
    let session = cookies.read(&request, Name::Session);
    match journeys.private_fields_offer(&token, session.as_deref()).await {
        Ok(OfferView::GoOn(to)) => see_other(&to).finish(),
        Ok(OfferView::Open { portal, fields }) => {
            let words = fields.iter().map(|field| private_field_words(lang, *field));
            let page = OfferPage {
                frame: Frame::new(lang, "private-fields-title"),
                sentence: text_with(lang, "private-fields-needs", &[("portal", &isolated(&portal))]),
                fields: words.collect(),
                token: token.into_inner(),
            };
            page::html(StatusCode::OK, &page)
        }
        Err(failure) => failed(&request, &failure).await,
    }
}

/// A button of the page.
#[derive(Clone, Copy)]
enum Button {
    /// *Continue in WeCom*.
    Ask,
    /// *Not now*.
    Decline,
}

/// Leads on where a button was pressed.
fn pressed(button: Button) -> Route {
    let press = move |request: HttpRequest, journeys: Data<Journeys>, cookies: Data<Cookies>, token: Path<String>| async move {
        let session = cookies.read(&request, Name::Session);
        let to = match button {
            Button::Ask => journeys.ask_for_private_fields(&token, session.as_deref()).await,
            Button::Decline => journeys.decline_private_fields(&token, session.as_deref()).await,
        };
        match to {
            Ok(to) => see_other(&to).finish(),
            Err(failure) => failed(&request, &failure).await,
        }
    };
    post().to(press)
}

async fn returned(
    request: HttpRequest,
    journeys: Data<Journeys>,
    cookies: Data<Cookies>,
    query: Query<Returned>,
) -> HttpResponse {
    let session = cookies.read(&request, Name::Session);
    match journeys
        .private_fields_returned(query.into_inner(), session.as_deref())
        .await
    {
        Ok(WentOn::To(to)) => see_other(&to).finish(),
        Ok(WentOn::InProgress) => reply(&request, &journeys, &cookies, SignInOutcome::InProgress).await,
        Err(failure) => failed(&request, &failure).await,
    }
}
