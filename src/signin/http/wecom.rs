//! Handlers of the redirect to WeCom and of the WeCom callback.

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{HeaderValue, REFERRER_POLICY},
    web::{Data, Path, Query},
};
use uuid::Uuid;

use crate::signin::{
    journey::Journeys,
    wecom_callback::Callback,
    wecom_redirect::{Departure, WecomLogin},
};

use crate::signin::http::browser::{context, is_in_wecom, journey_cookie};
use crate::signin::http::failed::{failed, shown};
use crate::signin::http::reply::{portal_cookie, reply};
use crate::{
    kernel::failure::Result,
    web::{
        client_address::Proxies,
        cookies::{Cookies, Name},
        headers,
        page::{self},
    },
};

/// How long a browser remembers the auth source that it left for last, seconds: a year.
const REMEMBERED_FOR: i64 = 365 * 24 * 3600;

/// Redirects to WeCom through the chosen auth source.
pub(in crate::signin) async fn start_wecom_login(
    request: HttpRequest,
    journeys: Data<Journeys>,
    cookies: Data<Cookies>,
    path: Path<(String, Uuid)>,
) -> HttpResponse {
    let (journey, auth_source) = path.into_inner();
    let answer = redirect(&request, &journeys, &cookies, (&journey, auth_source, false)).await;
    shown(&request, answer).await
}

/// The same inside the frame on the login page. Should it fail, the frame shows why, and its links lead out of it.
pub(in crate::signin) async fn panel(
    request: HttpRequest,
    journeys: Data<Journeys>,
    cookies: Data<Cookies>,
    path: Path<(String, Uuid)>,
) -> HttpResponse {
    let (journey, auth_source) = path.into_inner();
    match redirect(&request, &journeys, &cookies, (&journey, auth_source, true)).await {
        Ok(mut reply) => {
            // WeCom's page learns whose frame it is in, as @wecom/jssdk lets it; the origin is its callback domain anyway.
            reply
                .headers_mut()
                .insert(REFERRER_POLICY, HeaderValue::from_static("origin"));
            headers::allow_own_frame(reply.headers_mut());
            reply
        }
        Err(failure) => {
            let mut page = failed(&request, &failure).await;
            headers::allow_own_frame(page.headers_mut());
            page
        }
    }
}

/// Redirects to WeCom and binds the attempt to this browser by its journey cookie: the one it has, or a new one.
pub(in crate::signin) async fn redirect(
    request: &HttpRequest,
    journeys: &Journeys,
    cookies: &Cookies,
    (journey, auth_source, panel): (&str, Uuid, bool),
) -> Result<HttpResponse> {
    let way = if is_in_wecom(request) {
        WecomLogin::InApp
    } else {
        WecomLogin::Web
    };
    let cookie = journey_cookie(request, journeys, cookies);
    let departure = Departure {
        way,
        lang: page::language(request),
        panel,
        address: request
            .app_data::<Data<Proxies>>()
            .and_then(|proxies| proxies.client(request)),
    };
    let login_request = journeys.load(journey).await?;
    let to = journeys
        .redirect_to_wecom(journey, auth_source, &cookie, departure)
        .await?;
    let mut response = HttpResponse::Found();
    response
        .cookie(cookies.set(Name::Journey, &cookie, None))
        .insert_header(("location", to))
        .insert_header(("cache-control", "no-store"));
    // A trial leaves nothing in the browser but what binds it.
    if login_request.trial.is_none() {
        let auth_source = cookies.set(Name::AuthSource, &auth_source.to_string(), Some(REMEMBERED_FOR));
        response
            .cookie(portal_cookie(cookies, login_request.portal))
            .cookie(auth_source);
    }
    Ok(response.finish())
}

/// The WeCom callback: WeCom sends the browser back here.
pub(in crate::signin) async fn callback(
    request: HttpRequest,
    journeys: Data<Journeys>,
    cookies: Data<Cookies>,
    proxies: Data<Proxies>,
    query: Query<Callback>,
) -> HttpResponse {
    let context = context(&request, &cookies, &proxies);
    let callback = Callback {
        in_wecom: is_in_wecom(&request),
        address: context.address,
        ..query.into_inner()
    };
    match journeys
        .handle_callback(callback, context.journey.as_deref(), context.visitor())
        .await
    {
        Ok(answer) => reply(&request, &journeys, &cookies, answer).await,
        Err(failure) => failed(&request, &failure).await,
    }
}
