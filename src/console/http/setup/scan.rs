//! The end of the set-up: one real scan at a portal, which signs nobody in, and the gate's checks as they pass.

use actix_web::web;
use askama::Template;
use base64::{Engine, engine::general_purpose::STANDARD};
use qrcode::{QrCode, render::svg};
use serde_json::json;

use super::{
    state::{Portal, Standing, State, Step},
    wizard::{Wizard, framed},
};
use crate::console::http::{
    address::segment,
    checks::{self, Line},
    form::Form,
    frame::Frame,
    refused::Refused,
    trial::{Made, Trial},
    visit::{Reply, Visit},
};

#[derive(Template)]
#[template(path = "console/setup/scan.html")]
struct ScanPage {
    frame: Frame,
    wizard: Wizard,
    action: String,
    portals: Vec<Portal>,
    /// Where the trial that was just made is gone through, and that as a picture.
    made: Option<(String, Option<String>)>,
    trial: Option<Trial>,
    lines: Vec<Line>,
    /// The page of the trial, where one was begun.
    watch: String,
    /// Steps that are open still.
    left: Vec<(&'static str, String)>,
    /// The portal that was tried, or the first one.
    portal: Option<String>,
}

impl ScanPage {
    fn permitted(&self) -> bool {
        self.trial.as_ref().is_some_and(|trial| trial.state == "permitted")
    }

    fn waits(&self) -> bool {
        self.trial.as_ref().is_some_and(|trial| !trial.is_over())
    }
}

/// A QR code as an SVG data URL; `None` where the text is too long for one.
fn picture(address: &str) -> Option<String> {
    let code = QrCode::new(address.as_bytes()).ok()?;
    let svg = code.render::<svg::Color<'_>>().min_dimensions(200, 200).build();
    Some(format!("data:image/svg+xml;base64,{}", STANDARD.encode(svg)))
}

async fn find(visit: &Visit, id: Option<&str>) -> Result<Option<Trial>, Refused> {
    match id {
        Some(id) => visit.find(&format!("trials/{}", segment(id))).await,
        None => Ok(None),
    }
}

async fn shown(visit: &Visit, state: State, made: Option<Made>) -> Reply {
    let id = made
        .as_ref()
        .map(|made| made.id.as_str())
        .or_else(|| visit.param("trial"));
    let mut trial = find(visit, id).await?;
    let checks = trial.as_mut().map(|trial| std::mem::take(&mut trial.checks));
    let frame = framed(visit, Step::Scan);
    let action = state.address(Step::Scan);
    let open = |step: &Step| *step != Step::Scan && state.standing(*step) != Standing::Done;
    let left = Step::ALL.into_iter().filter(open);
    let tried = |portal: &&Portal| trial.as_ref().is_some_and(|trial| trial.client_id == portal.client_id);
    let watch = trial
        .as_ref()
        .map(|trial| format!("{action}?trial={}", segment(&trial.id)));
    let portal = state.portals.iter().find(tried).or_else(|| state.portals.first());
    Ok(visit.page(&ScanPage {
        wizard: Wizard::new(&frame, Some(&state), Step::Scan),
        left: left.map(|step| (step.word(), state.address(step))).collect(),
        portal: portal.map(|portal| portal.id.clone()),
        lines: checks::lines(checks.unwrap_or_default()),
        watch: watch.unwrap_or_default(),
        made: made.map(|made| {
            let picture = picture(&made.url);
            (made.url, picture)
        }),
        portals: state.portals,
        action,
        trial,
        frame,
    }))
}

pub(super) async fn page(visit: Visit, source: web::Path<String>) -> Reply {
    let state = State::of(&visit, &source).await?;
    shown(&visit, state, None).await
}

/// Makes a trial at a portal. Its address is shown this once; going through it leads back here.
pub(super) async fn begin(visit: Visit, source: web::Path<String>, form: Form) -> Reply {
    let state = State::of(&visit, &source).await?;
    let portal = form.get("portal").unwrap_or("-");
    let body = json!({ "return_to": format!("{}?trial={{trial}}", state.address(Step::Scan)) });
    let path = format!("clients/{}/trials", segment(portal));
    let answer = visit.make_once(&form, &path, Some(&body)).await?;
    let made = visit.read(&answer)?;
    shown(&visit, state, Some(made)).await
}
