//! A new secret for a portal, shown this once.

use actix_web::web;
use askama::Template;
use serde::Deserialize;

use super::{
    super::{
        form::Form,
        frame::Frame,
        visit::{Reply, Visit},
    },
    portal::{Head, framed, portal, portal_versioned},
};

#[derive(Template)]
#[template(path = "console/portals/secret.html")]
struct SecretPage {
    frame: Frame,
    head: Head,
    /// Entity tag of what the page was made from.
    version: String,
    secret: Option<String>,
}

pub async fn ask(visit: Visit, id: web::Path<String>) -> Reply {
    let (portal, version) = portal_versioned(&visit, &id).await?;
    Ok(visit.page(&SecretPage {
        frame: framed(&visit, &portal, "console-portal-rotate"),
        head: Head::of(&portal, None),
        version,
        secret: None,
    }))
}

#[derive(Deserialize)]
struct Rotated {
    client_secret: String,
}

pub async fn rotate(visit: Visit, id: web::Path<String>, form: Form) -> Reply {
    let portal = portal(&visit, &id).await?;
    let answer = visit
        .renew_once(&form, &format!("clients/{}/secret", portal.id))
        .await?;
    let rotated: Rotated = visit.read(&answer)?;
    Ok(visit.page(&SecretPage {
        frame: framed(&visit, &portal, "console-portal-rotate"),
        head: Head::of(&portal, None),
        version: String::new(),
        secret: Some(rotated.client_secret),
    }))
}
