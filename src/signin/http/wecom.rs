//! Handlers of the redirect to WeCom and of the WeCom callback.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Data, Path, Query},
};
use uuid::Uuid;

use crate::signin::{journey::Journeys, wecom_callback::Callback, wecom_redirect::WecomLogin};

use crate::signin::http::browser::is_in_wecom;
use crate::signin::http::browser::journey_cookie;
use crate::signin::http::reply::reply;
use crate::{
    kernel::failure::Result,
    web::{
        client_address::Proxies,
        cookies::{Cookies, Name},
        page::{self},
    },
};

/// Redirects to WeCom through the chosen auth source.
pub(in crate::signin) async fn start_wecom_login(
    request: HttpRequest,
    journeys: Data<Journeys>,
    cookies: Data<Cookies>,
    path: Path<(String, Uuid)>,
) -> HttpResponse {
    let (journey, auth_source) = path.into_inner();
    let answer = redirect(&request, &journeys, &cookies, (&journey, auth_source)).await;
    answer.unwrap_or_else(|failure| page::failed(page::language(&request), &failure))
}

/// Redirects to WeCom and binds the attempt to this browser by its journey cookie: the one it has, or a new one.
pub(in crate::signin) async fn redirect(
    request: &HttpRequest,
    journeys: &Journeys,
    cookies: &Cookies,
    (journey, auth_source): (&str, Uuid),
) -> Result<HttpResponse> {
    let way = if is_in_wecom(request) {
        WecomLogin::InApp
    } else {
        WecomLogin::Web
    };
    let cookie = journey_cookie(request, journeys, cookies);
    let to = journeys
        .redirect_to_wecom(journey, auth_source, &cookie, (way, page::language(request)))
        .await?;
    Ok(HttpResponse::Found()
        .cookie(cookies.set(Name::Journey, &cookie, None))
        .insert_header(("location", to))
        .insert_header(("cache-control", "no-store"))
        .finish())
}

/// The WeCom callback: WeCom sends the browser back here.
pub(in crate::signin) async fn callback(
    request: HttpRequest,
    journeys: Data<Journeys>,
    cookies: Data<Cookies>,
    proxies: Data<Proxies>,
    query: Query<Callback>,
) -> HttpResponse {
    let (bound, previous) = (
        cookies.read(&request, Name::Journey),
        cookies.read(&request, Name::Session),
    );
    let callback = Callback {
        in_wecom: is_in_wecom(&request),
        address: proxies.client(&request),
        ..query.into_inner()
    };
    match journeys
        .handle_callback(callback, bound.as_deref(), previous.as_deref())
        .await
    {
        Ok(answer) => reply(&request, &journeys, &cookies, answer),
        Err(failure) => page::failed(page::language(&request), &failure),
    }
}
