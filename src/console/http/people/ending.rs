//! Ending what a person has: signing them out everywhere, or disabling them, each with what it will do before the button.

use actix_web::{
    http::Method,
    web::{self, ServiceConfig},
};
use askama::Template;
use serde::Deserialize;
use serde_json::json;

use super::user::{self, User};
use crate::console::http::{
    form::{Form, see_other},
    frame::{Frame, Section},
    listing::Listing,
    refused::Refused,
    visit::{Reply, Visit, with_query},
};

/// Calls of one sign-out. Each ends some 20 000 at most; what is left after so many is told.
const CALLS: usize = 20;

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .route("/people/{id}/disable", web::get().to(ask_to_disable))
        .route("/people/{id}/disable", web::post().to(disable))
        .route("/people/{id}/enable", web::post().to(enable))
        .route("/people/{id}/sign-out", web::get().to(ask_to_sign_out))
        .route("/people/{id}/sign-out", web::post().to(sign_out));
}

#[derive(Template)]
#[template(path = "console/people/ending.html")]
struct EndingPage {
    frame: Frame,
    user: User,
    /// `disable` or `sign-out`.
    what: &'static str,
    sessions: u64,
    left_out: u64,
    grants: u64,
    portals: Vec<Portal>,
    /// After a sign-out: how many sessions and grants live on.
    live_on: Option<u64>,
}

#[derive(Deserialize)]
struct Ended {
    sessions: u64,
    left_out: u64,
    remaining: u64,
}

#[derive(Deserialize)]
struct Grants {
    ended: u64,
    left_out: u64,
    remaining: u64,
}

#[derive(Deserialize)]
struct Portal {
    name: String,
    admitted: bool,
}

async fn ask_to_disable(visit: Visit, id: web::Path<String>) -> Reply {
    ask(&visit, &id, "disable").await
}

async fn ask_to_sign_out(visit: Visit, id: web::Path<String>) -> Reply {
    ask(&visit, &id, "sign-out").await
}

/// Says in numbers and names what would end.
async fn ask(visit: &Visit, id: &str, what: &'static str) -> Reply {
    let user = user::read(visit, id).await?;
    let (sessions, grants) = end(visit, &user.id, true).await?;
    let portals: Listing<Portal> = match what {
        "disable" => {
            visit
                .get(&format!("{}/access-checks?limit=200&sort=name", user::path(&user.id)))
                .await?
        }
        _ => Listing::default(),
    };
    let key = match what {
        "disable" => "console-person-disable",
        _ => "console-person-sign-out",
    };
    Ok(visit.page(&EndingPage {
        frame: visit.frame(key, Some(Section::People)),
        user,
        what,
        sessions: sessions.sessions,
        left_out: sessions.left_out,
        grants: grants.ended,
        portals: portals.items.into_iter().filter(|portal| portal.admitted).collect(),
        live_on: visit.param("live_on").and_then(|number| number.parse().ok()),
    }))
}

/// Ends all sessions of a user and what portals hold besides, or counts them.
async fn end(visit: &Visit, id: &str, dry_run: bool) -> Result<(Ended, Grants), Refused> {
    let wanted = json!({ "scope": { "user_id": id }, "dry_run": dry_run });
    let ended = visit.send(Method::POST, "sessions/end", Some(&wanted)).await?;
    let grants = format!("{}/grants?dry_run={dry_run}", user::path(id));
    let grants = visit.send(Method::DELETE, &grants, None).await?;
    Ok((visit.read(&ended)?, visit.read(&grants)?))
}

/// Ends all of it, in as many calls as that takes; answers how many sessions and grants live on.
async fn end_all(visit: &Visit, id: &str) -> Result<u64, Refused> {
    let mut live_on = 0;
    for _ in 0..CALLS {
        let (sessions, grants) = end(visit, id, false).await?;
        let remaining = sessions.remaining.saturating_add(grants.remaining);
        let left_out = sessions.left_out.saturating_add(grants.left_out);
        live_on = remaining.saturating_add(left_out);
        if remaining == 0 {
            break;
        }
    }
    Ok(live_on)
}

async fn disable(visit: Visit, _: Form, id: web::Path<String>) -> Reply {
    change(&visit, &id, "disabled").await
}

async fn enable(visit: Visit, _: Form, id: web::Path<String>) -> Reply {
    change(&visit, &id, "active").await
}

async fn change(visit: &Visit, id: &str, status: &str) -> Reply {
    let change = json!({ "status": status });
    visit.send(Method::PATCH, &user::path(id), Some(&change)).await?;
    let word = if status == "active" { "enabled" } else { "disabled" };
    Ok(see_other(&user::done(id, word)))
}

async fn sign_out(visit: Visit, _: Form, id: web::Path<String>) -> Reply {
    let user = user::read(&visit, &id).await?;
    let to = match end_all(&visit, &user.id).await? {
        0 => user::done(&user.id, "signed-out"),
        live_on => {
            let page = format!("/console/people/{}/sign-out", user.id);
            with_query(&page, [("live_on", live_on.to_string().as_str())])
        }
    };
    Ok(see_other(&to))
}
