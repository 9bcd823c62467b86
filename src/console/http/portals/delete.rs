//! Deleting a portal: first what ends with it, in numbers, then its name typed in.

use actix_web::{
    http::{Method, StatusCode},
    web,
};
use askama::Template;
use serde::Deserialize;
use serde_json::json;

use super::{
    super::{
        form::{Form, see_other},
        frame::{Frame, html},
        refused::Refused,
        visit::{Reply, Visit},
    },
    access::MOST_COUNTED,
    portal::{Head, Portal, framed, portal_versioned},
};

#[derive(Template)]
#[template(path = "console/portals/delete.html")]
struct DeletePage {
    frame: Frame,
    head: Head,
    ends: Ends,
    /// Entity tag of what the page was made from.
    version: String,
    mistyped: bool,
}

/// What ends with a portal.
pub(super) struct Ends {
    /// People who can enter now.
    pub(super) people: i64,
    /// Whether these are all of them: not everybody of a large company is counted.
    pub(super) all: bool,
    /// Sessions in which something is granted to it; not ended, but known to it.
    pub(super) sessions: i64,
    /// Grants.
    pub(super) grants: i64,
}

#[derive(Deserialize)]
struct Counts {
    admitted: i64,
    complete: bool,
}

#[derive(Deserialize)]
struct Sessions {
    sessions: i64,
}

#[derive(Deserialize)]
struct Grants {
    ended: i64,
}

/// Counts what an ending would reach, without ending anything.
pub(super) async fn ends(visit: &Visit, portal: &Portal) -> Result<Ends, Refused> {
    let scope = json!({ "scope": { "client_id": portal.id }, "dry_run": true });
    let sessions = visit.send(Method::POST, "sessions/end", Some(&scope)).await?;
    let path = format!("clients/{}/grants?dry_run=true", portal.id);
    let grants = visit.send(Method::DELETE, &path, None).await?;
    let counts: Counts = visit
        .get(&format!(
            "clients/{}/access-checks/counts?most={MOST_COUNTED}",
            portal.id
        ))
        .await?;
    Ok(Ends {
        people: counts.admitted,
        all: counts.complete,
        sessions: visit.read::<Sessions>(&sessions)?.sessions,
        grants: visit.read::<Grants>(&grants)?.ended,
    })
}

pub async fn ask(visit: Visit, id: web::Path<String>) -> Reply {
    let read = portal_versioned(&visit, &id).await?;
    Ok(visit.page(&page(&visit, read, false).await?))
}

async fn page(visit: &Visit, (portal, version): (Portal, String), mistyped: bool) -> Result<DeletePage, Refused> {
    Ok(DeletePage {
        ends: ends(visit, &portal).await?,
        head: Head::of(&portal, None),
        frame: framed(visit, &portal, "console-portal-delete-title"),
        version,
        mistyped,
    })
}

pub async fn delete(visit: Visit, id: web::Path<String>, form: Form) -> Reply {
    let (portal, version) = portal_versioned(&visit, &id).await?;
    if form.get("client_id") != Some(portal.client_id.as_str()) {
        let page = page(&visit, (portal, version), true).await?;
        return Ok(html(StatusCode::UNPROCESSABLE_ENTITY, &page));
    }
    visit.delete(&format!("clients/{}", portal.id), &form).await?;
    Ok(see_other("/console/portals?done=deleted"))
}
