//! A report: what set it off, what ended, and what each portal knows.

use actix_web::{
    http::Method,
    web::{self, ServiceConfig},
};
use askama::Template;
use serde::Deserialize;
use serde_json::Value;

use crate::console::http::{
    address::segment,
    form::{Form, see_other},
    frame::{Frame, Section},
    moment::Moment,
    named::Names,
    telling::{self, Telling, Told},
    things::Things,
    values,
    visit::{Reply, Visit},
};

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .route("/leaving/{id}", web::get().to(report))
        .route("/leaving/{id}/export", web::get().to(export))
        .route("/leaving/{id}/resend", web::post().to(resend));
}

#[derive(Template)]
#[template(path = "console/leaving/report.html")]
struct ReportPage {
    frame: Frame,
    report: Report,
    at: Moment,
    back: Option<Moment>,
    source: Option<String>,
    evidence: Vec<(String, Told)>,
    /// The sync that told of it.
    run: Option<String>,
    sessions: Vec<SessionLine>,
    portals: Vec<PortalLine>,
    sentence: &'static str,
    again: bool,
    resent: bool,
    printed: Moment,
}

#[derive(Deserialize)]
struct Report {
    id: String,
    at: i64,
    user_id: String,
    username: String,
    userid: Option<String>,
    data_source_id: Option<String>,
    reason: String,
    learned_by: String,
    evidence: Value,
    app_id: Option<String>,
    user_disabled: bool,
    readmitted_at: Option<i64>,
    sessions: Vec<Session>,
    portals: Vec<Portal>,
}

#[derive(Clone, Deserialize)]
struct Session {
    id: String,
    created_at: i64,
    amr: Vec<String>,
    browser: Option<String>,
    network: Option<String>,
}

struct SessionLine {
    /// Browser and network; of old reports they are not known.
    place: String,
    session: Session,
    began: Moment,
}

#[derive(Clone, Deserialize)]
struct Portal {
    client: String,
    client_id: Option<String>,
    client_name: Option<String>,
    state: String,
    deliveries: Vec<Delivery>,
}

struct PortalLine {
    portal: Portal,
    deliveries: Vec<DeliveryLine>,
}

#[derive(Clone, Deserialize)]
struct Delivery {
    session_id: String,
    state: String,
    attempts: i64,
    delivered_at: Option<i64>,
    last_status: Option<i64>,
    last_error: Option<String>,
}

struct DeliveryLine {
    /// The session it tells of: browser and network, or its id where they are not known.
    session: String,
    delivery: Delivery,
    delivered: Option<Moment>,
    /// Seconds from the end of access until the portal confirmed it.
    lasted: Option<String>,
}

async fn report(visit: Visit, id: web::Path<String>) -> Reply {
    let report: Report = visit.get(&format!("offboardings/{}", segment(&id))).await?;
    let sources: Names = visit.get("data-sources?limit=200").await?;
    let states: Vec<&str> = report.portals.iter().map(|portal| portal.state.as_str()).collect();
    let frame = visit.frame("console-leaving-title", Some(Section::Leaving));
    let sessions: Vec<SessionLine> = report
        .sessions
        .iter()
        .map(|session| SessionLine {
            place: frame.place(session.browser.as_deref(), session.network.as_deref()),
            began: visit.moment(session.created_at),
            session: session.clone(),
        })
        .collect();
    let portal = |portal: &Portal| PortalLine {
        deliveries: deliveries(&visit, &report, (portal, &sessions)),
        portal: portal.clone(),
    };
    let source = report.data_source_id.as_deref().and_then(|id| sources.of(id));
    Ok(visit.page(&ReportPage {
        at: visit.moment(report.at),
        back: report.readmitted_at.map(|at| visit.moment(at)),
        source: source.map(str::to_owned),
        evidence: evidence(&visit, &frame, &report.evidence).await,
        run: report
            .evidence
            .get("sync_run_id")
            .and_then(Value::as_str)
            .map(str::to_owned),
        portals: report.portals.iter().map(portal).collect(),
        sentence: sentence(&states),
        again: states.contains(&"failed"),
        resent: visit.param("done") == Some("resent"),
        printed: visit.moment(visit.operator.now.millis()),
        frame: frame.titled(&report.username),
        sessions,
        report,
    }))
}

fn deliveries(visit: &Visit, report: &Report, (portal, sessions): (&Portal, &[SessionLine])) -> Vec<DeliveryLine> {
    let session = |id: &String| {
        let known = sessions.iter().find(|line| line.session.id == *id);
        let place = known.map(|line| line.place.clone()).filter(|place| !place.is_empty());
        place.unwrap_or_else(|| id.clone())
    };
    let line = |delivery: &Delivery| DeliveryLine {
        session: session(&delivery.session_id),
        delivered: delivery.delivered_at.map(|at| visit.moment(at)),
        lasted: delivery.delivered_at.map(|at| seconds(at.saturating_sub(report.at))),
        delivery: delivery.clone(),
    };
    portal.deliveries.iter().map(line).collect()
}

/// Seconds with one digit behind the point.
fn seconds(milliseconds: i64) -> String {
    let milliseconds = milliseconds.max(0);
    format!("{}.{}", milliseconds / 1000, milliseconds % 1000 / 100)
}

/// The answer to whether they are out everywhere: the key of a sentence.
fn sentence(states: &[&str]) -> &'static str {
    let any = |state: &str| states.contains(&state);
    match () {
        () if any("failed") => "console-leaving-answer-failed",
        () if any("pending") => "console-leaving-answer-pending",
        () if any("cannot_be_told") => "console-leaving-answer-cannot",
        () if any("told") => "console-leaving-answer-told",
        () => "console-leaving-answer-nowhere",
    }
}

/// What was seen, name by name, in the words of the page.
async fn evidence(visit: &Visit, frame: &Frame, evidence: &Value) -> Vec<(String, Told)> {
    let mut seen = values::leaves(evidence);
    seen.retain(|(_, value)| !value.is_null());
    let named = seen.iter().flat_map(|(name, value)| telling::named(name, value));
    let things = Things::of(visit, named.collect()).await;
    let telling = Telling {
        visit,
        frame,
        things: &things,
    };
    let told = |(name, value): (String, &Value)| {
        let told = Told {
            label: frame.word("console-evidence", &name),
            value: telling.value(&name, value),
        };
        (name, told)
    };
    seen.into_iter().map(told).collect()
}

async fn export(visit: Visit, id: web::Path<String>) -> Reply {
    visit.download(&format!("offboardings/{}/export", segment(&id))).await
}

async fn resend(visit: Visit, _: Form, id: web::Path<String>) -> Reply {
    let id = segment(&id);
    visit
        .send(Method::POST, &format!("offboardings/{id}/resend"), None)
        .await?;
    Ok(see_other(&format!("/console/leaving/{id}?done=resent")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_portal_that_does_not_know_outweighs_all_that_do() {
        assert_eq!(
            sentence(&["told", "failed", "pending"]),
            "console-leaving-answer-failed"
        );
        assert_eq!(sentence(&["told", "pending"]), "console-leaving-answer-pending");
        assert_eq!(sentence(&["told", "cannot_be_told"]), "console-leaving-answer-cannot");
        assert_eq!(sentence(&["told"]), "console-leaving-answer-told");
        assert_eq!(sentence(&[]), "console-leaving-answer-nowhere");
    }

    #[test]
    fn spans() {
        assert_eq!([seconds(1250), seconds(-5)], ["1.2", "0.0"]);
    }
}
