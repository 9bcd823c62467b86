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
    evidence: Vec<(String, String)>,
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
}

struct SessionLine {
    session: Session,
    began: Moment,
}

#[derive(Clone, Deserialize)]
struct Portal {
    client: String,
    client_id: Option<String>,
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
    Ok(visit.page(&ReportPage {
        frame: frame.titled(&report.username),
        at: visit.moment(report.at),
        back: report.readmitted_at.map(|at| visit.moment(at)),
        source: report
            .data_source_id
            .as_deref()
            .and_then(|id| sources.of(id))
            .map(str::to_owned),
        evidence: told(&report.evidence),
        sessions: report
            .sessions
            .iter()
            .map(|session| SessionLine {
                began: visit.moment(session.created_at),
                session: session.clone(),
            })
            .collect(),
        portals: report
            .portals
            .iter()
            .map(|portal| PortalLine {
                deliveries: deliveries(&visit, &report, portal),
                portal: portal.clone(),
            })
            .collect(),
        sentence: sentence(&states),
        again: states.contains(&"failed"),
        resent: visit.param("done") == Some("resent"),
        printed: visit.moment(visit.operator.now.millis()),
        report,
    }))
}

fn deliveries(visit: &Visit, report: &Report, portal: &Portal) -> Vec<DeliveryLine> {
    let line = |delivery: &Delivery| DeliveryLine {
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

/// What was seen, name by name.
fn told(evidence: &Value) -> Vec<(String, String)> {
    match evidence {
        Value::Object(fields) => {
            let text = |(name, value): (&String, &Value)| (name.clone(), values::told(name, value));
            fields.iter().map(text).collect()
        }
        Value::Null => Vec::new(),
        other => vec![(String::new(), values::told("", other))],
    }
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
    use serde_json::json;

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
    fn evidence_of_any_shape_and_spans() {
        assert_eq!(
            told(&json!({ "errcode": 60111 })),
            [("errcode".to_owned(), "60111".to_owned())]
        );
        assert_eq!(told(&json!("x")), [(String::new(), "x".to_owned())]);
        assert_eq!(told(&Value::Null), []);
        assert_eq!([seconds(1250), seconds(-5)], ["1.2", "0.0"]);
    }
}
