//! A sign-in at a portal that is tried out: the address to open, and what comes of it while somebody goes through it.

use actix_web::web;
use askama::Template;
use serde_json::json;

use super::{
    super::{
        checks::{self, Line},
        form::{Form, see_other},
        frame::Frame,
        moment::Moment,
        trial::{Made, Trial},
        visit::{Reply, Visit},
    },
    claims::{Preview, Row, rows},
    portal::{Head, Portal, framed, plain, portal},
};

#[derive(Template)]
#[template(path = "console/portals/trial.html")]
struct TrialPage {
    frame: Frame,
    head: Head,
    /// Address to open; none: it was shown before.
    address: Option<String>,
    /// The page that shows how far it has come.
    watch: String,
    expires: Moment,
    trial: Trial<Preview>,
    lines: Vec<Line>,
    rows: Vec<Row>,
}

impl TrialPage {
    /// Whether something may still come of it.
    fn is_waiting(&self) -> bool {
        !self.trial.is_over()
    }
}

/// The page of a trial; where it was just made, with its address.
async fn page(visit: &Visit, portal: &Portal, (trial, address): (&str, Option<String>)) -> Reply {
    let watch = format!("/console/portals/{}/trials/{trial}", portal.id);
    let mut trial: Trial<Preview> = visit.get(&format!("trials/{trial}")).await?;
    Ok(visit.page(&TrialPage {
        frame: framed(visit, portal, "console-trial-title"),
        head: Head::of(portal, None),
        expires: visit.moment(trial.expires_at),
        address,
        watch,
        lines: checks::lines(std::mem::take(&mut trial.checks)),
        rows: trial.claims.as_ref().map(rows).unwrap_or_default(),
        trial,
    }))
}

/// Makes a trial. Its address is shown this once.
pub async fn make(visit: Visit, id: web::Path<String>, form: Form) -> Reply {
    let portal = portal(&visit, &id).await?;
    let wanted = json!({ "return_to": format!("/console/portals/{}/trials/{{trial}}", portal.id) });
    let path = format!("clients/{}/trials", portal.id);
    let answer = visit.make_once(&form, &path, Some(&wanted)).await?;
    let made: Made = visit.read(&answer)?;
    page(&visit, &portal, (&made.id, Some(made.url))).await
}

/// Where the button stands, for whoever asks for the page of one that was just made again.
pub async fn button(visit: Visit, id: web::Path<String>) -> Reply {
    Ok(see_other(&format!("/console/portals/{}/claims", plain(&visit, &id)?)))
}

pub async fn show(visit: Visit, path: web::Path<(String, String)>) -> Reply {
    let (id, trial) = path.into_inner();
    let portal = portal(&visit, &id).await?;
    page(&visit, &portal, (plain(&visit, &trial)?, None)).await
}
