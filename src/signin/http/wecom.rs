//! Handlers of the redirect to WeCom and of the WeCom callback.

use std::collections::BTreeMap;

use actix_web::{
    HttpRequest, HttpResponse, HttpResponseBuilder,
    web::{Data, Path, Query},
};
use uuid::Uuid;

use crate::signin::{
    journey::{Journeys, LoginRequest},
    wecom_callback::Callback,
    wecom_redirect::{Departure, WecomLogin},
};

use crate::signin::http::browser::{context, is_in_wecom, journey_cookie};
use crate::signin::http::failed::{failed, shown};
use crate::signin::http::reply::{portal_cookie, reply, see_other};
use crate::{
    kernel::failure::Result,
    web::{
        client_address::Proxies,
        cookies::{Cookies, Name},
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
    let answer = redirect(&request, &journeys, &cookies, (&journey, auth_source)).await;
    shown(&request, answer).await
}

/// The same for the panel on the login page: what WeCom's script is called with, as JSON. Whoever opens the address is led to the login page.
pub(in crate::signin) async fn panel(
    request: HttpRequest,
    journeys: Data<Journeys>,
    cookies: Data<Cookies>,
    path: Path<(String, Uuid)>,
) -> HttpResponse {
    let (journey, auth_source) = path.into_inner();
    let opened = request
        .headers()
        .get("sec-fetch-mode")
        .is_some_and(|mode| mode == "navigate");
    if opened || is_in_wecom(&request) {
        let lang = page::language(&request).tag();
        return see_other(&format!("/signin/{journey}?ui_locales={lang}")).finish();
    }
    let answer = async {
        let left = Leaving::of(&request, &journeys, &cookies, &journey).await?;
        let panel = journeys.panel_to_wecom(&journey, auth_source, &left.cookie, left.departure);
        let panel: BTreeMap<_, _> = panel.await?.into_iter().collect();
        Ok(left.answer(&cookies, auth_source, HttpResponse::Ok()).json(panel))
    };
    shown(&request, answer.await).await
}

/// Redirects to WeCom and binds the attempt to this browser by its journey cookie: the one it has, or a new one.
pub(in crate::signin) async fn redirect(
    request: &HttpRequest,
    journeys: &Journeys,
    cookies: &Cookies,
    (journey, auth_source): (&str, Uuid),
) -> Result<HttpResponse> {
    let left = Leaving::of(request, journeys, cookies, journey).await?;
    let to = journeys
        .redirect_to_wecom(journey, auth_source, &left.cookie, left.departure)
        .await?;
    let mut response = left.answer(cookies, auth_source, HttpResponse::Found());
    Ok(response.insert_header(("location", to)).finish())
}

/// A browser that leaves for WeCom.
struct Leaving {
    cookie: String,
    departure: Departure,
    login_request: LoginRequest,
}

impl Leaving {
    async fn of(request: &HttpRequest, journeys: &Journeys, cookies: &Cookies, journey: &str) -> Result<Self> {
        let way = if is_in_wecom(request) {
            WecomLogin::InApp
        } else {
            WecomLogin::Web
        };
        Ok(Self {
            cookie: journey_cookie(request, journeys, cookies),
            departure: Departure {
                way,
                lang: page::language(request),
                address: request
                    .app_data::<Data<Proxies>>()
                    .and_then(|proxies| proxies.client(request)),
            },
            login_request: journeys.load(journey).await?,
        })
    }

    /// The answer with what the browser remembers of it. A trial leaves nothing in the browser but what binds it.
    fn answer(&self, cookies: &Cookies, auth_source: Uuid, mut response: HttpResponseBuilder) -> HttpResponseBuilder {
        response
            .cookie(cookies.set(Name::Journey, &self.cookie, None))
            .insert_header(("cache-control", "no-store"));
        if self.login_request.trial.is_none() {
            let auth_source = cookies.set(Name::AuthSource, &auth_source.to_string(), Some(REMEMBERED_FOR));
            response
                .cookie(portal_cookie(cookies, self.login_request.portal))
                .cookie(auth_source);
        }
        response
    }
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
