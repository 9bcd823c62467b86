//! Handler of the address of a trial (`/signin/trial/{token}`): leads into its journey, or says what came of it.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Data, Path},
};

use super::{
    failed::{failed, failed_about},
    reply::see_other,
    trial_page,
};
use crate::{
    signin::{
        answer::About,
        failure::SignInFailure,
        journey::Journeys,
        standing::Visitor,
        trial::{model::TrialState, service::OpenedTrial},
    },
    web::{
        client_address::Proxies,
        cookies::{Cookies, Name},
        page,
    },
};

pub(super) async fn open(
    request: HttpRequest,
    journeys: Data<Journeys>,
    cookies: Data<Cookies>,
    proxies: Data<Proxies>,
    token: Path<String>,
) -> HttpResponse {
    let (session, trusted_browser) = (
        cookies.read(&request, Name::Session),
        cookies.read(&request, Name::TrustedBrowser),
    );
    let visitor = Visitor {
        session: session.as_deref(),
        trusted_browser: trusted_browser.as_deref(),
        address: proxies.client(&request),
        ..Visitor::default()
    };
    match journeys.open_trial(&token, &visitor).await {
        Ok(OpenedTrial::Journey(journey)) => {
            let lang = page::language(&request).tag();
            see_other(&format!("{journey}?ui_locales={lang}")).finish()
        }
        Ok(OpenedTrial::Over(status)) if status.state == TrialState::Expired => {
            let about = About {
                portal: Some(status.trial.client),
                trial: Some(status.trial.id),
                ..About::default()
            };
            failed_about(&request, &SignInFailure::TrialUnknown.failure(), about).await
        }
        Ok(OpenedTrial::Over(status)) => trial_page::over(&request, &journeys, &cookies, &status).await,
        Err(failure) => failed(&request, &failure).await,
    }
}
