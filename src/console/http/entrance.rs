//! The way into the console: whoever is not signed in, or not strongly enough, is led through a sign-in back to the page they wanted.

use std::{net::IpAddr, rc::Rc};

use actix_web::{
    Error, HttpMessage, HttpRequest, HttpResponse,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::{
        Method,
        header::{CONTENT_TYPE, HeaderValue, USER_AGENT},
    },
    middleware::Next,
    web::Data,
};

use super::{
    again,
    name_display::{self, fill::fill, mark::Marks},
    proof, roles, way_back,
};
use crate::{
    admin::Admin,
    console::operator::{Entrance, Operator, Operators, login_request},
    gate::{CONSOLE, Denied},
    kernel::failure::Result,
    signin::{Journeys, OperatorWatch, Visitor, answer::About, http::failed::failed_about},
    web::{
        client_address::Proxies,
        context,
        cookies::{Cookies, Name},
        failure::{Told, WebFailure},
        page,
    },
};

/// Middleware: lets nobody in but whom the gate admits, and leaves them in the request.
///
/// # Errors
/// What the handlers themselves fail with.
pub(super) async fn require_operator(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    match enter(request.request()).await {
        Ok(Entrance::Open(operator)) => open(request, next, operator).await,
        Ok(Entrance::SignIn) => {
            let lang = page::language(request.request());
            let cookie = request
                .app_data::<Data<Cookies>>()
                .and_then(|cookies| cookies.read(request.request(), Name::Session));
            let kept = match cookie {
                Some(cookie) => again::kept_of_over(&mut request, &cookie).await,
                None => None,
            };
            let wanted = kept.unwrap_or_else(|| wanted(request.request()).to_owned());
            let reply = sign_in(request.request(), &wanted).await;
            Ok(request.into_response(reply.unwrap_or_else(|failure| page::failed(lang, &failure))))
        }
        Err(denied) => {
            let failure = match denied {
                Denied::Refused(refusal) => refusal.failure(),
                Denied::Failed(failure) => failure,
            };
            let about = About {
                portal: Some(CONSOLE),
                ..About::default()
            };
            let page = failed_about(request.request(), &failure, about).await;
            Ok(request.into_response(page))
        }
    }
}

/// Answers somebody at the console: by the page, by one that says which role it takes, or by a new proof of who they are.
async fn open(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
    operator: Operator,
) -> Result<ServiceResponse<BoxBody>, Error> {
    context::actor(|| format!("user:{}", operator.user));
    let marks = Rc::new(Marks::default());
    request.extensions_mut().insert(Rc::clone(&marks));
    request.extensions_mut().insert(operator.clone());
    // Before a proof is asked for: nobody gives one for nothing.
    if let Some(needed) = roles::missing(&request, &operator).await {
        count_waiting(&request).await;
        if let Some(page) = roles::refused(request.request(), needed).await {
            return Ok(fill(request.into_response(page), &operator, &marks).await);
        }
    }
    if let Some(page) = proof::missing(&request, &operator) {
        let page = again::kept(&mut request, &operator).await.unwrap_or(page);
        let lang = page::language(request.request());
        let reply = sign_in(request.request(), &page).await;
        return Ok(request.into_response(reply.unwrap_or_else(|failure| page::failed(lang, &failure))));
    }
    count_waiting(&request).await;
    let made = next.call(request).await?.map_into_boxed_body();
    let made = way_back::led_back(roles::in_words(made).await, &operator).await;
    let made = way_back::refill(as_page(made), &operator).await;
    Ok(fill(made, &operator, &marks).await)
}

/// Counts for the menu, which goes without its numbers where they cannot be had: the page itself says what is wrong.
async fn count_waiting(request: &ServiceRequest) {
    if let Some(admin) = request.app_data::<Data<Admin>>().cloned()
        && let Ok(waiting) = admin.waiting().await
    {
        request.extensions_mut().insert(waiting);
    }
}

/// What an extractor refused is a problem for programs; whoever sits at the console gets a page.
fn as_page(response: ServiceResponse<BoxBody>) -> ServiceResponse<BoxBody> {
    let kind = response.headers().get(CONTENT_TYPE);
    if kind.is_none_or(|kind| kind != "application/problem+json") {
        return response;
    }
    let (request, mut response) = response.into_parts();
    let lang = page::language(&request);
    let response = match Told::take(&mut response) {
        Some(told) => page::failed(lang, &told.failure),
        None => response,
    };
    ServiceResponse::new(request, response)
}

async fn enter(request: &HttpRequest) -> Result<Entrance, Denied> {
    let (operators, cookies) = match (
        request.app_data::<Data<Operators>>(),
        request.app_data::<Data<Cookies>>(),
    ) {
        (Some(operators), Some(cookies)) => (operators, cookies),
        _ => return Err(WebFailure::NotFound.failure().into()),
    };
    let entrance = operators.enter(cookies.read(request, Name::Session).as_deref()).await?;
    if let (Entrance::Open(operator), Some(watch)) = (&entrance, request.app_data::<Data<OperatorWatch>>()) {
        let agent = request.headers().get(USER_AGENT).map(HeaderValue::as_bytes);
        watch
            .note((operator.user, operator.session), address(request), agent)
            .await;
    }
    Ok(entrance)
}

/// Where the request comes from.
fn address(request: &HttpRequest) -> Option<IpAddr> {
    request.app_data::<Data<Proxies>>()?.client(request)
}

/// The page to come back to: what was asked for, or, where something was sent, or WeCom came back with a code that is good only in the session that is
/// over, the overview.
fn wanted(request: &HttpRequest) -> &str {
    let asked = request.uri().path_and_query().map(|target| target.as_str());
    let again = request.method() == Method::GET && request.path() != name_display::RETURN;
    asked.filter(|_| again).unwrap_or("/console")
}

/// Begins a sign-in that returns to this page.
async fn sign_in(request: &HttpRequest, return_to: &str) -> Result<HttpResponse> {
    let journeys = request.app_data::<Data<Journeys>>().ok_or(WebFailure::NotFound)?;
    let cookies = request.app_data::<Data<Cookies>>().ok_or(WebFailure::NotFound)?;
    let (session, trusted) = (
        cookies.read(request, Name::Session),
        cookies.read(request, Name::TrustedBrowser),
    );
    let visitor = Visitor {
        session: session.as_deref(),
        trusted_browser: trusted.as_deref(),
        address: address(request),
        ..Visitor::default()
    };
    let wanted = login_request(return_to.to_owned(), None);
    let to = journeys.begin_for(wanted, &visitor).await?;
    let lang = page::language(request);
    Ok(HttpResponse::SeeOther()
        .insert_header(("location", format!("{to}?ui_locales={}", lang.tag())))
        .insert_header(("cache-control", "no-store"))
        .finish())
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::wanted;

    #[test]
    fn whoever_has_to_sign_in_comes_back_to_the_page_but_not_to_a_scan_of_a_session_that_is_over() {
        for (asked, back) in [
            ("/console/people?q=a", "/console/people?q=a"),
            ("/console/names/return?code=c&state=s", "/console"),
        ] {
            let request = TestRequest::with_uri(asked).to_http_request();
            assert_eq!(wanted(&request), back);
        }
        let sent = TestRequest::post().uri("/console/people/groups").to_http_request();
        assert_eq!(wanted(&sent), "/console");
    }
}
