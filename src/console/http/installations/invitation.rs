//! An invitation as it goes on: the QR code to install by, what arrived since, the scan that binds, and what it led to.

use actix_web::{http::Method, web::Path};
use askama::Template;
use base64::{Engine, engine::general_purpose::STANDARD};
use qrcode::{QrCode, render::svg};
use serde_json::json;

use super::{
    leave,
    model::{Installation, Invitation, Line},
};
use crate::{
    console::http::{
        address::segment,
        form::Form,
        frame::{Frame, Section},
        listing::Listing,
        moment::Moment,
        refused::Refused,
        visit::{Reply, Visit, with_query},
        wecom::shared::plain,
    },
    web::texts::Lang,
};

#[derive(Template)]
#[template(path = "console/installations/invitation.html")]
struct InvitationPage {
    frame: Frame,
    told: Told,
    /// The QR code as a picture.
    picture: Option<String>,
    until: Moment,
}

#[derive(Template)]
#[template(path = "console/installations/invitation_live.html")]
struct LivePage {
    frame: Frame,
    told: Told,
}

/// What is told of an invitation.
struct Told {
    invitation: Invitation,
    /// What it led to.
    led_to: Option<Line>,
    /// The companies that installed this app and wait.
    waiting: Vec<Line>,
}

#[derive(serde::Deserialize)]
struct Scan {
    login_url: String,
}

/// A QR code as an SVG data URL; `None` where the text is too long for one.
fn picture(text: &str) -> Option<String> {
    let code = QrCode::new(text.as_bytes()).ok()?;
    let svg = code.render::<svg::Color<'_>>().min_dimensions(200, 200).build();
    Some(format!("data:image/svg+xml;base64,{}", STANDARD.encode(svg)))
}

async fn read(visit: &Visit, suite: &str, id: &str) -> Result<Invitation, Refused> {
    let path = format!("suites/{}/invitations/{}", plain(visit, suite)?, plain(visit, id)?);
    visit.get(&path).await
}

async fn told(visit: &Visit, invitation: Invitation) -> Result<Told, Refused> {
    let line = |one: Installation| Line::new(visit, one, None);
    let led_to = match &invitation.installation_id {
        Some(id) => {
            visit
                .find::<Installation>(&format!("installations/{}", segment(id)))
                .await?
        }
        None => None,
    };
    let mut waiting = Vec::new();
    if invitation.way == "phone" && invitation.stage == "open" {
        let pairs = [
            ("suite", invitation.suite_id.as_str()),
            ("status", "unbound"),
            ("limit", "50"),
        ];
        let found: Listing<Installation> = visit.get(&with_query("installations", pairs)).await?;
        waiting = found.items.into_iter().map(line).collect();
    }
    Ok(Told {
        led_to: led_to.map(line),
        waiting,
        invitation,
    })
}

fn framed(visit: &Visit) -> Frame {
    visit.frame("console-installation-new", Some(Section::WeCom))
}

/// The page of an invitation.
pub(super) async fn page(visit: &Visit, invitation: Invitation) -> Reply {
    let until = visit.moment(invitation.expires_at);
    let picture = invitation.qr.as_deref().and_then(picture);
    Ok(visit.page(&InvitationPage {
        frame: framed(visit),
        told: told(visit, invitation).await?,
        picture,
        until,
    }))
}

pub(super) async fn show(visit: Visit, ids: Path<(String, String)>) -> Reply {
    let invitation = read(&visit, &ids.0, &ids.1).await?;
    page(&visit, invitation).await
}

/// What arrived, for the script that asks every two seconds.
pub(super) async fn live(visit: Visit, ids: Path<(String, String)>) -> Reply {
    let invitation = read(&visit, &ids.0, &ids.1).await?;
    Ok(visit.page(&LivePage {
        told: told(&visit, invitation).await?,
        frame: framed(&visit),
    }))
}

/// *I have installed it*: leads to WeCom's login page, on which a member scans.
pub(super) async fn scan(visit: Visit, ids: Path<(String, String)>, form: Form) -> Reply {
    let path = format!(
        "suites/{}/invitations/{}/scan",
        plain(&visit, &ids.0)?,
        plain(&visit, &ids.1)?
    );
    let body = json!({ "installation_id": form.get("installation"), "english": visit.lang == Lang::En });
    let answer = visit.send(Method::POST, &path, Some(&body)).await?;
    let scan: Scan = visit.read(&answer)?;
    Ok(leave::page(&visit, scan.login_url, "console-installation-leave-scan"))
}
