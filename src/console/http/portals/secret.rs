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
    portal::{Head, framed, portal},
};

#[derive(Template)]
#[template(path = "console/portals/secret.html")]
struct SecretPage {
    frame: Frame,
    head: Head,
    secret: Option<String>,
}

pub async fn ask(visit: Visit, id: web::Path<String>) -> Reply {
    let portal = portal(&visit, &id).await?;
    Ok(visit.page(&SecretPage {
        frame: framed(&visit, &portal, "console-portal-rotate"),
        head: Head::of(&portal, None),
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
        .make_once(&form, &format!("clients/{}/secret", portal.id), None)
        .await?;
    let rotated: Rotated = visit.read(&answer)?;
    Ok(visit.page(&SecretPage {
        frame: framed(&visit, &portal, "console-portal-rotate"),
        head: Head::of(&portal, None),
        secret: Some(rotated.client_secret),
    }))
}
