//! HTTP handlers of the account page. It works without script, in both languages, on a phone.

use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    web::{Data, Path, Payload, ServiceConfig, get, post, resource},
};
use askama::Template;
use uuid::Uuid;

use super::{
    authorize::see_other,
    consent::{claim_words, listed},
    reply,
};
use crate::{
    kernel::clock::Timestamp,
    oidc::{
        account::{Account, AccountAction, AfterAction, failure::AccountFailure},
        params::Params,
        provider::Provider,
    },
    signin::{
        http::{
            failed::{failed, last_portal},
            private_field_words,
        },
        private_fields::OwnField,
    },
    web::{
        ago::Ago,
        browser::place,
        cookies::Name,
        input,
        page::{self, Frame},
        texts::{Lang, text, text_with},
        way_on::WayOn,
    },
};

pub(super) fn routes(config: &mut ServiceConfig) {
    let form = |path: &str| resource(path.to_owned()).default_service(input::method_not_allowed("POST"));
    let page = resource("/account").default_service(input::method_not_allowed("GET"));
    config
        .service(page.route(get().to(show)))
        .service(form("/account/sessions/end-others").route(post().to(end_others)))
        .service(form("/account/sessions/end-all").route(post().to(end_all)))
        .service(form("/account/sessions/{id}/end").route(post().to(end)))
        .service(form("/account/private-fields/ask-again").route(post().to(ask_again)))
        .service(form("/account/private-fields/take-back").route(post().to(take_back)))
        .service(form("/account/portals/{id}/withdraw").route(post().to(withdraw)));
}

#[derive(Template)]
#[template(path = "oidc/account.html")]
struct AccountPage {
    frame: Frame,
    name: String,
    username: Option<String>,
    sessions: Vec<SessionItem>,
    portals: Vec<PortalItem>,
    notices: Vec<String>,
    /// Private fields in words, each with what became of it.
    private_fields: Vec<(String, String)>,
    /// Whether some of them were given.
    given: bool,
    /// Whether some of them were not.
    missing: bool,
    /// Browsers have passkeys here.
    passkeys: bool,
    /// Links can be mailed that verify addresses.
    email: bool,
    confirm: String,
    /// Where it goes on from here.
    ways: Vec<WayOn>,
}

struct SessionItem {
    id: Uuid,
    here: bool,
    how: String,
    /// Browser and network, where they are known.
    place: Option<String>,
    when: String,
}

struct PortalItem {
    id: Uuid,
    name: String,
    address: Option<String>,
    when: String,
    scopes: Option<String>,
}

#[derive(Template)]
#[template(path = "oidc/nobody.html")]
struct NobodyPage {
    frame: Frame,
    ways: Vec<WayOn>,
}

/// The page after the session of this browser ended.
#[derive(Template)]
#[template(path = "oidc/signed_out.html")]
struct DonePage {
    frame: Frame,
}

async fn show(request: HttpRequest, provider: Data<Provider>) -> HttpResponse {
    let lang = page::language(&request);
    let cookie = provider.deps().cookies.read(&request, Name::Session);
    match provider.account(cookie.as_deref()).await {
        Ok(Some(account)) => {
            let journeys = &provider.deps().journeys;
            match journeys.mails_verifications().await {
                Ok(email) => {
                    let ways = ways(&request, &provider, (lang, "way-portal")).await;
                    let offered = (journeys.has_passkeys_here(), email);
                    page::html(StatusCode::OK, &account_page(lang, account, offered, ways))
                }
                Err(failure) => failed(&request, &failure).await,
            }
        }
        Ok(None) => {
            let frame = Frame::new(lang, "account-title");
            let ways = ways(&request, &provider, (lang, "way-begin-at-portal")).await;
            page::html(StatusCode::OK, &NobodyPage { frame, ways })
        }
        Err(failure) => failed(&request, &failure).await,
    }
}

/// The portal that this browser went to last, in the words under this key, and the start page.
async fn ways(request: &HttpRequest, provider: &Provider, (lang, key): (Lang, &str)) -> Vec<WayOn> {
    let portal = last_portal(request, &provider.deps().cookies);
    let portal = provider.deps().journeys.last_portal(portal).await;
    let to_portal = portal.and_then(|portal| {
        let address = portal.address?;
        Some(WayOn::to_portal(lang, key, (&portal.name, &address)))
    });
    to_portal.into_iter().chain([WayOn::start(lang)]).collect()
}

async fn end(request: HttpRequest, payload: Payload, provider: Data<Provider>, id: Path<String>) -> HttpResponse {
    act(&request, payload, &provider, id.parse().ok().map(AccountAction::End)).await
}

async fn end_others(request: HttpRequest, payload: Payload, provider: Data<Provider>) -> HttpResponse {
    act(&request, payload, &provider, Some(AccountAction::EndOthers)).await
}

async fn end_all(request: HttpRequest, payload: Payload, provider: Data<Provider>) -> HttpResponse {
    act(&request, payload, &provider, Some(AccountAction::EndAll)).await
}

async fn ask_again(request: HttpRequest, payload: Payload, provider: Data<Provider>) -> HttpResponse {
    act(&request, payload, &provider, Some(AccountAction::AskAgain)).await
}

async fn take_back(request: HttpRequest, payload: Payload, provider: Data<Provider>) -> HttpResponse {
    act(&request, payload, &provider, Some(AccountAction::TakeBack)).await
}

async fn withdraw(request: HttpRequest, payload: Payload, provider: Data<Provider>, id: Path<String>) -> HttpResponse {
    act(
        &request,
        payload,
        &provider,
        id.parse().ok().map(AccountAction::Withdraw),
    )
    .await
}

/// Carries out an action; `wanted` is `None` where the id in the path is malformed.
async fn act(
    request: &HttpRequest,
    payload: Payload,
    provider: &Provider,
    wanted: Option<AccountAction>,
) -> HttpResponse {
    let lang = page::language(request);
    let form = match reply::form(request, payload).await {
        Ok(form) => form,
        Err(fault) => return failed(request, &fault.failure).await,
    };
    let Some(wanted) = wanted else {
        return failed(request, &AccountFailure::EntryNotFound.failure()).await;
    };
    let cookies = provider.deps().cookies;
    let cookie = cookies.read(request, Name::Session);
    match provider
        .change_account(wanted, &Params::parse(&form), cookie.as_deref())
        .await
    {
        Ok(AfterAction::Page) => see_other(&format!("/account?ui_locales={}", lang.tag())),
        Ok(AfterAction::Nothing) => {
            let frame = Frame::new(lang, "oidc-signed-out-title");
            let mut response = page::html(StatusCode::OK, &DonePage { frame });
            if let Err(error) = response.add_cookie(&cookies.clear(Name::Session)) {
                tracing::error!(%error, "the session cookie could not be cleared");
            }
            response
        }
        Err(failure) => failed(request, &failure).await,
    }
}

fn account_page(lang: Lang, account: Account, (passkeys, email): (bool, bool), ways: Vec<WayOn>) -> AccountPage {
    let sessions = account.sessions.into_iter().map(|line| SessionItem {
        id: line.id,
        here: line.here,
        how: how(lang, &line.amr, line.auth_source.as_deref()),
        place: place(lang, line.browser.as_deref(), line.network.as_deref()),
        when: text_with(
            lang,
            "account-session-when",
            &[("proved", &line.proved.text(lang)), ("seen", &line.seen.text(lang))],
        ),
    });
    let portals = account.portals.into_iter().map(|line| PortalItem {
        id: line.id,
        name: line.name,
        address: line.address,
        when: text_with(
            lang,
            "account-portal-when",
            &[("since", &line.since.text(lang)), ("used", &line.used.text(lang))],
        ),
        scopes: (!line.scopes.is_empty()).then(|| {
            text_with(
                lang,
                if line.agreed { "account-agreed" } else { "account-got" },
                &[("scopes", &names(lang, &line.scopes, &line.claims))],
            )
        }),
    });
    let (any_given, missing) = (
        account.private_fields.iter().any(|own| own.is_given() && !own.pinned),
        !account.private_fields.iter().all(OwnField::is_given),
    );
    let private_fields = account.private_fields.iter();
    let private_fields = private_fields.map(|own| private_field(lang, own, account.now));
    let person = account.person;
    AccountPage {
        given: any_given,
        missing,
        private_fields: private_fields.collect(),
        frame: Frame::new(lang, "account-title"),
        username: (person.username != person.name).then_some(person.username),
        name: person.name,
        sessions: sessions.collect(),
        portals: portals.collect(),
        notices: account
            .notices
            .iter()
            .map(|notice| notice.text(lang, account.now))
            .collect(),
        passkeys,
        email,
        ways,
        confirm: account.confirm,
    }
}

/// A private field and what became of asking for it, in words.
fn private_field(lang: Lang, own: &OwnField, now: Timestamp) -> (String, String) {
    let ago = Ago::since(own.at, now).text(lang);
    let key = match own.is_given() && own.pinned {
        true => "account-private-pinned".to_owned(),
        false => format!("account-private-{}", own.answer.word().replace('_', "-")),
    };
    (
        private_field_words(lang, own.field),
        text_with(lang, &key, &[("ago", &ago)]),
    )
}

/// Describes how a session was opened: the authentication methods that have a text, and the auth source.
fn how(lang: Lang, amr: &[String], auth_source: Option<&str>) -> String {
    let known = amr.iter().filter_map(|word| {
        let key = format!("account-amr-{word}");
        Some(text(lang, &key)).filter(|words| *words != key)
    });
    let mut parts: Vec<String> = known.collect();
    parts.extend(auth_source.map(str::to_owned));
    if parts.is_empty() {
        parts.push(text(lang, "account-unknown-way"));
    }
    parts.join(" · ")
}

/// The scopes and claims a person agreed to, in the page's language, each once.
fn names(lang: Lang, scopes: &[String], claims: &[String]) -> String {
    let scopes = scopes.iter().map(|scope| {
        let key = format!("account-scope-{scope}");
        let words = text(lang, &key);
        if words == key { scope.clone() } else { words }
    });
    let claims = claims.iter().map(|claim| claim_words(lang, Some(claim)));
    let mut words = Vec::new();
    for word in scopes.chain(claims) {
        if !words.contains(&word) {
            words.push(word);
        }
    }
    listed(lang, &words)
}
