//! HTTP handlers of the consent page. It works without script, in both languages, on a phone.

use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    web::{Data, Path, Payload},
};
use askama::Template;
use url::Url;

use super::{authorize, reply};
use crate::{
    oidc::{authorize::consent::Question, params::Params, provider::Provider},
    signin::http::failed::failed,
    web::{
        cookies::Name,
        page::{self, Frame},
        texts::{Lang, isolated, text, text_with},
    },
};

#[derive(Template)]
#[template(path = "oidc/consent.html")]
struct ConsentPage {
    frame: Frame,
    id: String,
    heading: String,
    name: String,
    username: Option<String>,
    logo: Option<String>,
    returns: String,
    self_registered: bool,
    items: Vec<String>,
    policy: Option<String>,
    tos: Option<String>,
    confirm: String,
}

pub(super) async fn get(request: HttpRequest, provider: Data<Provider>, id: Path<String>) -> HttpResponse {
    let cookie = provider.deps().cookies.read(&request, Name::Session);
    let query = Params::parse(request.query_string().as_bytes());
    if query.get("account") == Some("other") {
        let outcome = provider.other_account_for(&id, cookie.as_deref()).await;
        return authorize::answer(&request, outcome).await;
    }
    match provider.question(&id, cookie.as_deref()).await {
        Ok(question) => show(&request, &id, question),
        Err(failure) => failed(&request, &failure).await,
    }
}

pub(super) async fn post(
    request: HttpRequest,
    payload: Payload,
    provider: Data<Provider>,
    id: Path<String>,
) -> HttpResponse {
    let form = match reply::form(&request, payload).await {
        Ok(form) => form,
        Err(fault) => return failed(&request, &fault.failure).await,
    };
    let cookie = provider.deps().cookies.read(&request, Name::Session);
    let outcome = provider
        .answer_question(&id, &Params::parse(&form), cookie.as_deref())
        .await;
    authorize::answer(&request, outcome).await
}

fn show(request: &HttpRequest, id: &str, question: Question) -> HttpResponse {
    let lang = page::language_or(request, question.ui_locales.as_deref());
    let items = words(lang, &question);
    let metadata = question.portal.metadata;
    let person = question.person;
    let page = ConsentPage {
        frame: Frame::new(lang, "consent-title"),
        id: id.to_owned(),
        heading: text_with(lang, "consent-heading", &[("portal", &isolated(&question.portal.name))]),
        self_registered: question.portal.self_registered,
        username: (person.username != person.name).then_some(person.username),
        name: person.name,
        logo: question.logo,
        returns: text_with(
            lang,
            "consent-returns",
            &[("place", &redirect_host(&question.redirect_uri))],
        ),
        items,
        policy: safe_link(metadata.policy_uri).map(String::from),
        tos: safe_link(metadata.tos_uri).map(String::from),
        confirm: question.confirm,
    };
    page::html(StatusCode::OK, &page)
}

/// The items in the page's language, one line each. An item without a text is shown by its name.
fn words(lang: Lang, question: &Question) -> Vec<String> {
    let mut items: Vec<String> = question
        .scopes
        .iter()
        .map(|scope| {
            let key = format!("consent-scope-{scope}");
            let words = text(lang, &key);
            if words == key { scope.clone() } else { words }
        })
        .collect();
    let claims = question.claims.iter().map(|claim| claim_words(lang, claim.as_deref()));
    for (key, names) in [
        ("consent-claims", claims.collect::<Vec<_>>()),
        ("consent-resources", question.resources.clone()),
    ] {
        if !names.is_empty() {
            items.push(text_with(lang, key, &[("names", &listed(lang, &names))]));
        }
    }
    items
}

/// A claim in the page's language; `None`, and a name without words: one of the portal's own rules.
pub(super) fn claim_words(lang: Lang, claim: Option<&str>) -> String {
    let key = format!("claim-{}", claim.unwrap_or("other"));
    let words = text(lang, &key);
    if words == key { text(lang, "claim-other") } else { words }
}

/// Words as a list in a sentence.
pub(super) fn listed(lang: Lang, words: &[String]) -> String {
    words.join(if lang == Lang::Zh { "、" } else { ", " })
}

/// The host the answer goes to: a portal's name can be invented, its host was registered. A native app has no host but a scheme of its own.
fn redirect_host(redirect_uri: &str) -> String {
    let url = Url::parse(redirect_uri).ok();
    let host = url.map(|url| match (url.host_str(), url.port()) {
        (Some(host), Some(port)) => format!("{host}:{port}"),
        (Some(host), None) => host.to_owned(),
        (None, _) => format!("{}:", url.scheme()),
    });
    host.unwrap_or_else(|| redirect_uri.to_owned())
}

/// Parses an address that a page may link to: https, never a script in disguise. Plain http only on local hosts, for development.
fn safe_link(address: Option<String>) -> Option<Url> {
    let url = Url::parse(&address?).ok()?;
    let local = matches!(url.host_str(), Some("localhost" | "127.0.0.1"));
    (url.scheme() == "https" || url.scheme() == "http" && local).then_some(url)
}

#[cfg(test)]
mod tests {
    use super::{redirect_host, safe_link};

    #[test]
    fn pages_point_only_at_the_web() {
        for good in ["https://p.example/logo.png", "http://localhost:9/x"] {
            assert!(safe_link(Some(good.to_owned())).is_some(), "{good}");
        }
        for bad in [
            "javascript:alert(1)",
            "data:text/html,x",
            "http://p.example/x",
            "/x",
            "",
        ] {
            assert!(safe_link(Some(bad.to_owned())).is_none(), "{bad}");
        }
    }

    #[test]
    fn the_place_of_return_is_short() {
        for (uri, short) in [
            ("https://p.example/cb?x=1", "p.example"),
            ("http://127.0.0.1:9/cb", "127.0.0.1:9"),
            ("com.example.app:/cb", "com.example.app:"),
        ] {
            assert_eq!(redirect_host(uri), short);
        }
    }
}
