//! Where whoever is at the console is signed in themselves: each browser, and a way to end it there.

use actix_web::{
    http::Method,
    web::{self, ServiceConfig},
};
use askama::Template;
use serde::Deserialize;

use super::{
    address::segment,
    form::{Form, see_other},
    frame::Frame,
    listing::Listing,
    moment::Moment,
    named::Names,
    refused::Refused,
    visit::{Reply, Visit},
};

/// The page.
const PAGE: &str = "/console/sessions";
/// What the form sends that ends all but this browser's.
const OTHERS: &str = "others";

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .route("/sessions", web::get().to(list))
        .route("/sessions", web::post().to(end));
}

#[derive(Template)]
#[template(path = "console/sessions.html")]
struct SessionsPage {
    frame: Frame,
    lines: Vec<Line>,
    /// There are others than this browser's.
    others: bool,
    /// Browsers have passkeys here.
    passkeys: bool,
}

struct Line {
    session: Session,
    /// It is that of this browser.
    here: bool,
    auth_source: Option<String>,
    began: Moment,
    proved: Moment,
    seen: Moment,
    ends: Moment,
}

#[derive(Deserialize)]
struct Session {
    id: String,
    amr: Vec<String>,
    auth_source_id: Option<String>,
    auth_time: i64,
    created_at: i64,
    last_seen_at: i64,
    expires_at: i64,
    browser: Option<String>,
    network: Option<String>,
}

async fn own(visit: &Visit) -> Result<Vec<Session>, Refused> {
    let path = format!("sessions?user_id={}&active=true&limit=200", visit.operator.user);
    let sessions: Listing<Session> = visit.get(&path).await?;
    Ok(sessions.items)
}

async fn list(visit: Visit) -> Reply {
    let sessions = own(&visit).await?;
    let auth_sources: Names = visit.get("auth-sources?limit=200").await?;
    let here = visit.operator.session.to_string();
    let line = |session: Session| Line {
        here: session.id == here,
        auth_source: session
            .auth_source_id
            .as_deref()
            .and_then(|id| auth_sources.of(id))
            .map(str::to_owned),
        began: visit.moment(session.created_at),
        proved: visit.moment(session.auth_time),
        seen: visit.moment(session.last_seen_at),
        ends: visit.moment(session.expires_at),
        session,
    };
    let mut lines: Vec<Line> = sessions.into_iter().map(line).collect();
    lines.sort_by_key(|line| !line.here);
    Ok(visit.page(&SessionsPage {
        frame: visit.frame("console-own-sessions-title", None),
        others: lines.iter().any(|line| !line.here),
        passkeys: visit.passkeys,
        lines,
    }))
}

/// Ends one, or all but that of this browser.
async fn end(visit: Visit, form: Form) -> Reply {
    let here = visit.operator.session.to_string();
    let wanted = form.get("session").unwrap_or("-");
    let ids: Vec<String> = match wanted {
        OTHERS => {
            let others = own(&visit).await?.into_iter().map(|session| session.id);
            others.filter(|id| *id != here).collect()
        }
        one => vec![one.to_owned()],
    };
    for id in &ids {
        let path = format!("sessions/{}", segment(id));
        visit.send(Method::DELETE, &path, None).await?;
    }
    Ok(match ids.contains(&here) {
        // Nobody is signed in here any more.
        true => see_other("/account"),
        false => see_other(&format!("{PAGE}?done=ended")),
    })
}
