//! Who is signed in at a portal, what it holds, and ending all of it.

use actix_web::{http::Method, web};
use askama::Template;
use serde::Deserialize;
use serde_json::json;

use super::{
    super::{
        form::{Form, see_other},
        frame::Frame,
        moment::Moment,
        visit::{Reply, Visit, with_query},
    },
    delete::{Ends, ends},
    portal::{Head, Tab, framed, portal},
};

#[derive(Deserialize)]
struct Page<T> {
    items: Vec<T>,
    next_cursor: Option<String>,
}

#[derive(Deserialize)]
struct Session {
    user_id: String,
    username: Option<String>,
    amr: Vec<String>,
    auth_time: i64,
    last_seen_at: i64,
}

#[derive(Deserialize)]
struct Grant {
    user_id: String,
    username: Option<String>,
    scopes: Vec<String>,
    offline: bool,
    created_at: i64,
    last_used_at: i64,
    expires_at: i64,
}

struct SessionRow {
    session: Session,
    since: Moment,
    seen: Moment,
}

struct GrantRow {
    grant: Grant,
    since: Moment,
    used: Moment,
    until: Moment,
}

#[derive(Template)]
#[template(path = "console/portals/sessions.html")]
struct SessionsPage {
    frame: Frame,
    head: Head,
    sessions: Vec<SessionRow>,
    grants: Vec<GrantRow>,
    next: Option<String>,
    more: Option<String>,
    done: Option<&'static str>,
}

pub async fn sessions(visit: Visit, id: web::Path<String>) -> Reply {
    let portal = portal(&visit, &id).await?;
    let of = |collection: &str, filter: (&'static str, &'static str), cursor: Option<&str>| {
        let cursor = cursor.map(|cursor| ("cursor", cursor));
        with_query(
            collection,
            [("client_id", portal.id.as_str()), filter].into_iter().chain(cursor),
        )
    };
    let sessions: Page<Session> = visit
        .get(&of("sessions", ("active", "true"), visit.param("cursor")))
        .await?;
    let grants: Page<Grant> = visit
        .get(&of("grants", ("revoked", "false"), visit.param("grants")))
        .await?;
    let session = |session: Session| SessionRow {
        since: visit.moment(session.auth_time),
        seen: visit.moment(session.last_seen_at),
        session,
    };
    let grant = |grant: Grant| GrantRow {
        since: visit.moment(grant.created_at),
        used: visit.moment(grant.last_used_at),
        until: visit.moment(grant.expires_at),
        grant,
    };
    Ok(visit.page(&SessionsPage {
        frame: framed(&visit, &portal, "console-portal-sessions-title"),
        head: Head::of(&portal, Some(Tab::Sessions)),
        sessions: sessions.items.into_iter().map(session).collect(),
        grants: grants.items.into_iter().map(grant).collect(),
        next: sessions
            .next_cursor
            .map(|cursor| visit.here_with("cursor", Some(&cursor))),
        more: grants
            .next_cursor
            .map(|cursor| visit.here_with("grants", Some(&cursor))),
        done: (visit.param("done") == Some("ended")).then_some("console-portal-done-ended"),
    }))
}

#[derive(Template)]
#[template(path = "console/portals/end.html")]
struct EndPage {
    frame: Frame,
    head: Head,
    ends: Ends,
}

pub async fn ask(visit: Visit, id: web::Path<String>) -> Reply {
    let portal = portal(&visit, &id).await?;
    Ok(visit.page(&EndPage {
        ends: ends(&visit, &portal).await?,
        frame: framed(&visit, &portal, "console-portal-end-title"),
        head: Head::of(&portal, Some(Tab::Sessions)),
    }))
}

pub async fn end(visit: Visit, id: web::Path<String>, form: Form) -> Reply {
    let portal = portal(&visit, &id).await?;
    if form.get("what") == Some("grants") {
        let path = format!("clients/{}/grants", portal.id);
        visit.send(Method::DELETE, &path, None).await?;
    } else {
        let scope = json!({ "scope": { "client_id": portal.id } });
        visit.send(Method::POST, "sessions/end", Some(&scope)).await?;
    }
    Ok(see_other(&format!(
        "/console/portals/{}/sessions?done=ended",
        portal.id
    )))
}
