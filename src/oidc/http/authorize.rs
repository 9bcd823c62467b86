//! HTTP handlers of the authorization endpoint, and its answers to the browser: redirect, form post, sign-in, consent or refusal page.

use std::sync::LazyLock;

use actix_web::{
    HttpRequest, HttpResponse,
    http::{StatusCode, header::LOCATION},
    web::{Data, Payload},
};
use askama::Template;
use base64::{Engine, engine::general_purpose::STANDARD};

use super::{
    reply,
    visitor::{Browser, with_retry_after},
};
use crate::{
    kernel::failure::Result,
    oidc::{
        authorize::{
            destination::{Answer, ResponseMode},
            outcome::Outcome,
        },
        failure::OidcFailure,
        params::Params,
        posted_form::PostedTo,
        provider::Provider,
    },
    signin::{
        answer::About,
        http::failed::{failed, failed_about, signed_in_as},
    },
    web::page::{self, Frame},
};

/// The script that submits the form post response; browsers without script get a button.
const SUBMIT: &str = "document.forms[0].submit()";

/// The Content-Security-Policy of that page: it allows exactly that script, by its hash.
static POLICY: LazyLock<String> = LazyLock::new(|| {
    let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, SUBMIT.as_bytes());
    let hash = STANDARD.encode(hash.as_ref());
    format!(
        "default-src 'none'; style-src 'self'; img-src 'self' data:; script-src 'sha256-{hash}'; base-uri 'none'; frame-ancestors 'none'"
    )
});

/// The form post response: the browser posts the answer to the portal.
#[derive(Template)]
#[template(path = "oidc/form_post.html")]
struct FormPostPage<'a> {
    frame: Frame,
    action: &'a str,
    fields: &'a [(&'static str, String)],
    script: &'static str,
}

pub(super) async fn get(request: HttpRequest, provider: Data<Provider>) -> HttpResponse {
    let params = Params::parse(request.query_string().as_bytes());
    let browser = Browser::of(&request, &provider);
    let outcome = provider.authorize(&params, browser.visitor()).await;
    answer(&request, outcome).await
}

pub(super) async fn post(request: HttpRequest, payload: Payload, provider: Data<Provider>) -> HttpResponse {
    let form = match reply::form(&request, payload).await {
        Ok(form) => form,
        Err(fault) => return failed(&request, &fault.failure).await,
    };
    let browser = Browser::of(&request, &provider);
    // A form posted by a portal carries no cookie (SameSite=Lax); the GET that follows does, and single sign-on goes on.
    if browser.visitor().session.is_none() {
        let kept = provider
            .keep_posted(PostedTo::Authorization, &form, &browser.visitor())
            .await;
        return match kept {
            Ok(address) => see_other(&address),
            Err(failure) => with_retry_after(failed(&request, &failure).await),
        };
    }
    let outcome = provider.authorize(&Params::parse(&form), browser.visitor()).await;
    answer(&request, outcome).await
}

/// A form that was posted without a cookie goes on here.
pub(super) async fn posted(request: HttpRequest, provider: Data<Provider>) -> HttpResponse {
    let params = Params::parse(request.query_string().as_bytes());
    let ticket = params.get("form").unwrap_or_default();
    let outcome = match provider.take_posted(PostedTo::Authorization, ticket).await {
        Ok(Some(form)) => {
            let browser = Browser::of(&request, &provider);
            provider.authorize(&form, browser.visitor()).await
        }
        Ok(None) => Err(OidcFailure::RequestUnknown.into()),
        Err(failure) => Err(failure),
    };
    answer(&request, outcome).await
}

pub(super) async fn resume(request: HttpRequest, provider: Data<Provider>) -> HttpResponse {
    let params = Params::parse(request.query_string().as_bytes());
    let browser = Browser::of(&request, &provider);
    let id = params.get("request").unwrap_or_default();
    let outcome = provider.resume(id, browser.visitor()).await;
    answer(&request, outcome).await
}

pub(super) async fn answer(request: &HttpRequest, outcome: Result<Outcome>) -> HttpResponse {
    match outcome {
        Ok(Outcome::Answer(answer)) => {
            let reply = match answer.mode {
                ResponseMode::Query => see_other(&answer.location()),
                ResponseMode::FormPost => form_post(request, &answer),
            };
            match answer.told {
                Some(told) => told.in_reply(reply),
                None => reply,
            }
        }
        Ok(Outcome::SignIn(path) | Outcome::Ask(path)) => see_other(&path),
        Ok(Outcome::Refused {
            refusal,
            journey,
            portal,
        }) => {
            let about = About {
                journey,
                portal: Some(portal),
                who: signed_in_as(request).await,
                ..About::default()
            };
            failed_about(request, &refusal.failure(), about).await
        }
        Err(failure) => with_retry_after(failed(request, &failure).await),
    }
}

/// Redirects with 303, so that a form is never posted on to the next address (RFC 9700 §4.12).
pub(super) fn see_other(location: &str) -> HttpResponse {
    HttpResponse::SeeOther()
        .insert_header((LOCATION, location))
        .insert_header(("cache-control", "no-store"))
        .finish()
}

fn form_post(request: &HttpRequest, answer: &Answer) -> HttpResponse {
    let form = FormPostPage {
        frame: Frame::new(page::language(request), "oidc-returning"),
        action: &answer.redirect_uri,
        fields: &answer.fields,
        script: SUBMIT,
    };
    let mut response = page::html(StatusCode::OK, &form);
    if let Ok(policy) = POLICY.parse() {
        let name = actix_web::http::header::CONTENT_SECURITY_POLICY;
        response.headers_mut().insert(name, policy);
    }
    response
}
