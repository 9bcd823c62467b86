//! Handlers of the page of one's own passkeys. It needs a session and starts none by itself. Adding needs script, because browsers hand out passkeys to script alone; everything else works without.

use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    web::{Data, Form, Path, ServiceConfig, get, post, resource},
};
use askama::Template;
use serde::Deserialize;
use uuid::Uuid;

use super::{
    failed::{last_portal, shown},
    passkeys::{installation, options},
    reply::{see_other, with_passkeys},
};
use crate::{
    kernel::failure::Result,
    signin::{
        failure::PasskeyFailure,
        journey::Journeys,
        passkey::{
            PasskeyView,
            model::MOST,
            own::{Asker, OwnPasskeys},
        },
        standing::Visitor,
    },
    web::{
        ago::Ago,
        client_address::Proxies,
        cookies::{Cookies, Name},
        input,
        page::{self, Frame},
        texts::text_with,
    },
};

/// The page.
const PAGE: &str = "/account/passkeys";

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(
            resource(PAGE)
                .route(get().to(list))
                .route(post().to(add))
                .default_service(input::method_not_allowed("GET, POST")),
        )
        .service(
            resource("/account/passkeys/begin")
                .route(post().to(begin))
                .default_service(input::method_not_allowed("POST")),
        )
        .service(
            resource("/account/passkeys/prove")
                .route(get().to(prove))
                .default_service(input::method_not_allowed("GET")),
        )
        .service(
            resource("/account/passkeys/{id}")
                .route(get().to(one))
                .default_service(input::method_not_allowed("GET")),
        )
        .service(
            resource("/account/passkeys/{id}/name")
                .route(post().to(rename))
                .default_service(input::method_not_allowed("POST")),
        )
        .service(
            resource("/account/passkeys/{id}/remove")
                .route(post().to(remove))
                .default_service(input::method_not_allowed("POST")),
        );
}

#[derive(Deserialize)]
struct ConfirmForm {
    confirm: String,
}

#[derive(Deserialize)]
struct AddForm {
    confirm: String,
    name: String,
    credential: String,
}

#[derive(Deserialize)]
struct NameForm {
    confirm: String,
    name: String,
}

/// A passkey in words.
struct Line {
    id: Uuid,
    name: String,
    when: String,
}

#[derive(Template)]
#[template(path = "passkeys.html")]
struct ListPage {
    frame: Frame,
    own: OwnPasskeys,
    lines: Vec<Line>,
    /// There can be no more.
    full: bool,
}

#[derive(Template)]
#[template(path = "passkey.html")]
struct OnePage {
    frame: Frame,
    own: OwnPasskeys,
    line: Line,
    /// It is the last one, and there are no one-time codes.
    last: bool,
}

fn line(frame: &Frame, own: &OwnPasskeys, passkey: &PasskeyView) -> Line {
    let ago = |then| Ago::since(then, own.now).text(frame.lang);
    let made = ago(passkey.created_at);
    let when = match passkey.last_used_at {
        Some(used) => text_with(frame.lang, "passkeys-used", &[("made", &made), ("used", &ago(used))]),
        None => text_with(frame.lang, "passkeys-unused", &[("made", &made)]),
    };
    let when = match own.is_here(passkey) {
        true => when,
        false => text_with(frame.lang, "passkeys-elsewhere", &[("host", &passkey.host)]),
    };
    Line {
        id: passkey.id,
        name: passkey.name.clone(),
        when,
    }
}

/// What the page shows to whoever is signed in in this browser.
async fn own(request: &HttpRequest, (journeys, cookies): (&Journeys, &Cookies)) -> Result<OwnPasskeys> {
    let cookie = cookies.read(request, Name::Session);
    let own = journeys.own_passkeys(cookie.as_deref()).await?;
    own.ok_or_else(|| PasskeyFailure::NotSignedIn.failure())
}

async fn list(request: HttpRequest, journeys: Data<Journeys>, cookies: Data<Cookies>) -> HttpResponse {
    let answer = async {
        let own = own(&request, (&journeys, &cookies)).await?;
        let frame = Frame::new(page::language(&request), "passkeys-title");
        let page = ListPage {
            lines: own.passkeys.iter().map(|passkey| line(&frame, &own, passkey)).collect(),
            full: u64::try_from(own.here()).unwrap_or(u64::MAX) >= MOST,
            frame,
            own,
        };
        Ok(with_passkeys(page::html(StatusCode::OK, &page)))
    };
    shown(&request, answer.await).await
}

async fn one(request: HttpRequest, journeys: Data<Journeys>, cookies: Data<Cookies>, id: Path<Uuid>) -> HttpResponse {
    let answer = async {
        let own = own(&request, (&journeys, &cookies)).await?;
        let frame = Frame::new(page::language(&request), "passkeys-one-title");
        let passkey = own.passkeys.iter().find(|passkey| passkey.id == *id);
        let passkey = passkey.ok_or_else(|| PasskeyFailure::Unknown.failure())?;
        let page = OnePage {
            line: line(&frame, &own, passkey),
            last: own.here() == 1 && own.is_here(passkey) && !own.codes,
            frame,
            own,
        };
        Ok(page::html(StatusCode::OK, &page))
    };
    shown(&request, answer.await).await
}

/// Leads through a sign-in that proves who somebody is, and back.
async fn prove(
    request: HttpRequest,
    journeys: Data<Journeys>,
    cookies: Data<Cookies>,
    proxies: Data<Proxies>,
) -> HttpResponse {
    let answer = async {
        let (session, trusted) = (
            cookies.read(&request, Name::Session),
            cookies.read(&request, Name::TrustedBrowser),
        );
        let visitor = Visitor {
            session: session.as_deref(),
            trusted_browser: trusted.as_deref(),
            address: proxies.client(&request),
            ..Visitor::default()
        };
        let to = journeys
            .prove_for_passkeys(&visitor, last_portal(&request, &cookies))
            .await?;
        let lang = page::language(&request).tag();
        Ok(see_other(&format!("{to}?ui_locales={lang}")).finish())
    };
    shown(&request, answer.await).await
}

async fn begin(
    request: HttpRequest,
    journeys: Data<Journeys>,
    cookies: Data<Cookies>,
    proxies: Data<Proxies>,
    form: Form<ConfirmForm>,
) -> Result<HttpResponse> {
    let cookie = cookies.read(&request, Name::Session);
    let asker = Asker {
        cookie: cookie.as_deref(),
        confirm: &form.confirm,
        address: proxies.client(&request),
    };
    let installation = installation(&request);
    let asked = journeys.begin_own_passkey(asker, &installation);
    Ok(options(&asked.await?))
}

async fn add(
    request: HttpRequest,
    journeys: Data<Journeys>,
    cookies: Data<Cookies>,
    proxies: Data<Proxies>,
    form: Form<AddForm>,
) -> HttpResponse {
    let cookie = cookies.read(&request, Name::Session);
    let asker = Asker {
        cookie: cookie.as_deref(),
        confirm: &form.confirm,
        address: proxies.client(&request),
    };
    let added = journeys.add_own_passkey(asker, &form.name, &form.credential).await;
    back(&request, added).await
}

async fn rename(
    request: HttpRequest,
    journeys: Data<Journeys>,
    cookies: Data<Cookies>,
    proxies: Data<Proxies>,
    (id, form): (Path<Uuid>, Form<NameForm>),
) -> HttpResponse {
    let cookie = cookies.read(&request, Name::Session);
    let asker = Asker {
        cookie: cookie.as_deref(),
        confirm: &form.confirm,
        address: proxies.client(&request),
    };
    let renamed = journeys.rename_own_passkey(asker, *id, &form.name).await;
    back(&request, renamed).await
}

async fn remove(
    request: HttpRequest,
    journeys: Data<Journeys>,
    cookies: Data<Cookies>,
    proxies: Data<Proxies>,
    (id, form): (Path<Uuid>, Form<ConfirmForm>),
) -> HttpResponse {
    let cookie = cookies.read(&request, Name::Session);
    let asker = Asker {
        cookie: cookie.as_deref(),
        confirm: &form.confirm,
        address: proxies.client(&request),
    };
    let removed = journeys.remove_own_passkey(asker, *id).await;
    back(&request, removed).await
}

/// The page again after a change, so that a reload does nothing twice; or the page of the failure.
async fn back(request: &HttpRequest, changed: Result<()>) -> HttpResponse {
    let lang = page::language(request).tag();
    let to = changed.map(|()| see_other(&format!("{PAGE}?ui_locales={lang}")).finish());
    shown(request, to).await
}
