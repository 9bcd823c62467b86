//! Who is signed in at a portal, what it holds, and ending all of it.

use actix_web::{http::Method, web};
use askama::Template;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    super::{
        form::{Form, see_other},
        frame::Frame,
        listing::Listing,
        moment::Moment,
        refused::Refused,
        visit::{Reply, Visit, with_query},
    },
    delete::{Ends, ends},
    portal::{Head, Tab, framed, portal},
};

/// Calls of one ending. Each ends some 20 000 at most; what is left after so many is told.
const CALLS: usize = 20;

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
    let sessions: Listing<Session> = visit
        .get(&of("sessions", ("active", "true"), visit.param("cursor")))
        .await?;
    let grants: Listing<Grant> = visit
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
        next: visit.next(sessions.next_cursor),
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
    /// After an ending: how many live on.
    live_on: Option<u64>,
}

/// How many a call left alive.
#[derive(Deserialize)]
struct Left {
    left_out: u64,
    remaining: u64,
}

pub async fn ask(visit: Visit, id: web::Path<String>) -> Reply {
    let portal = portal(&visit, &id).await?;
    Ok(visit.page(&EndPage {
        ends: ends(&visit, &portal).await?,
        frame: framed(&visit, &portal, "console-portal-end-title"),
        head: Head::of(&portal, Some(Tab::Sessions)),
        live_on: visit.param("live_on").and_then(|number| number.parse().ok()),
    }))
}

pub async fn end(visit: Visit, id: web::Path<String>, form: Form) -> Reply {
    let portal = portal(&visit, &id).await?;
    let call = match visit.deciding(&form, "what", &["grants", "sessions"])? {
        "grants" => (Method::DELETE, format!("clients/{}/grants", portal.id), None),
        _ => {
            let scope = json!({ "scope": { "client_id": portal.id } });
            (Method::POST, "sessions/end".to_owned(), Some(scope))
        }
    };
    let page = format!("/console/portals/{}/sessions", portal.id);
    let to = match end_all(&visit, call).await? {
        0 => with_query(&page, [("done", "ended")]),
        live_on => with_query(&format!("{page}/end"), [("live_on", live_on.to_string().as_str())]),
    };
    Ok(see_other(&to))
}

/// Makes this call until nothing is left for it to end; answers how many live on.
async fn end_all(visit: &Visit, (method, path, body): (Method, String, Option<Value>)) -> Result<u64, Refused> {
    let mut live_on = 0;
    for _ in 0..CALLS {
        let answer = visit.send(method.clone(), &path, body.as_ref()).await?;
        let left: Left = visit.read(&answer)?;
        live_on = left.remaining.saturating_add(left.left_out);
        if left.remaining == 0 {
            break;
        }
    }
    Ok(live_on)
}
