//! Where a person is signed in, and what portals hold of them.

use actix_web::{
    http::Method,
    web::{self, ServiceConfig},
};
use askama::Template;
use serde::Deserialize;

use super::user::{self, User};
use crate::console::http::{
    address::segment,
    form::{Form, see_other},
    frame::{Frame, Section},
    listing::Listing,
    moment::Moment,
    named::Names,
    names,
    visit::{Reply, Visit},
};

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .route("/people/{id}/sessions", web::get().to(sessions))
        .route("/people/{id}/sessions/end", web::post().to(end));
}

#[derive(Template)]
#[template(path = "console/people/sessions.html")]
struct SessionsPage {
    frame: Frame,
    tab: &'static str,
    user: User,
    sessions: Vec<SessionLine>,
    next: Option<String>,
    grants: Vec<GrantLine>,
    consents: Vec<ConsentLine>,
}

struct SessionLine {
    session: Session,
    /// `client_id` and name of each portal in it.
    portals: Vec<(String, String)>,
    auth_source: Option<String>,
    began: Moment,
    seen: Moment,
    ends: Moment,
    ended: Option<Moment>,
}

#[derive(Deserialize)]
struct Session {
    id: String,
    active: bool,
    amr: Vec<String>,
    auth_source_id: Option<String>,
    clients: Vec<String>,
    created_at: i64,
    last_seen_at: i64,
    expires_at: i64,
    browser: Option<String>,
    network: Option<String>,
    ended_at: Option<i64>,
    end_reason: Option<String>,
}

struct GrantLine {
    grant: Grant,
    given: Moment,
    used: Moment,
    ends: Moment,
}

#[derive(Deserialize)]
struct Grant {
    client: String,
    client_name: Option<String>,
    client_id: Option<String>,
    offline: bool,
    scopes: Vec<String>,
    created_at: i64,
    last_used_at: i64,
    expires_at: i64,
}

struct ConsentLine {
    consent: Consent,
    given: Moment,
}

#[derive(Deserialize)]
struct Consent {
    client: String,
    name: String,
    scopes: Vec<String>,
    granted_at: i64,
}

async fn sessions(visit: Visit, id: web::Path<String>) -> Reply {
    let user = user::read(&visit, &id).await?;
    let query = visit.passing_with(
        "sessions",
        &["cursor"],
        &[("user_id", user.id.as_str()), ("limit", "20")],
    );
    let sessions: Listing<Session> = visit.get(&query).await?;
    let grants: Listing<Grant> = visit
        .get(&format!("grants?user_id={}&revoked=false&limit=50", user.id))
        .await?;
    let consents: Listing<Consent> = visit.get(&format!("{}/consents", user::path(&user.id))).await?;
    let auth_sources: Names = visit.get("auth-sources?limit=200").await?;
    let portals = names::portals(&visit).await?;
    let named = |client_id: &String| (client_id.clone(), names::portal_name(&portals, client_id).to_owned());
    let session = |session: Session| SessionLine {
        auth_source: session
            .auth_source_id
            .as_deref()
            .and_then(|id| auth_sources.of(id))
            .map(str::to_owned),
        portals: session.clients.iter().map(named).collect(),
        began: visit.moment(session.created_at),
        seen: visit.moment(session.last_seen_at),
        ends: visit.moment(session.expires_at),
        ended: session.ended_at.map(|at| visit.moment(at)),
        session,
    };
    let grant = |grant: Grant| GrantLine {
        given: visit.moment(grant.created_at),
        used: visit.moment(grant.last_used_at),
        ends: visit.moment(grant.expires_at),
        grant,
    };
    let consent = |consent: Consent| ConsentLine {
        given: visit.moment(consent.granted_at),
        consent,
    };
    let frame = visit.frame("console-person-sessions", Some(Section::People));
    Ok(visit.page(&SessionsPage {
        frame: frame.titled(user.name()),
        tab: "sessions",
        sessions: sessions.items.into_iter().map(session).collect(),
        next: visit.next(sessions.next_cursor),
        grants: grants.items.into_iter().map(grant).collect(),
        consents: consents.items.into_iter().map(consent).collect(),
        user,
    }))
}

async fn end(visit: Visit, form: Form, id: web::Path<String>) -> Reply {
    let session = segment(form.get("session").unwrap_or_default());
    visit.send(Method::DELETE, &format!("sessions/{session}"), None).await?;
    Ok(see_other(&user::done(&id, "ended")))
}
