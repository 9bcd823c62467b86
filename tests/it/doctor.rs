//! The doctor: nothing while all is well, and of each fault exactly its name.

mod command;
mod injected;
mod installation;
pub mod outside;
mod people;
mod seeded_faults;
pub mod wecom;

use std::time::Duration;

use menjin::app::App;
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};

use crate::{
    actors::{Admin, text},
    fixture::Fixture,
    scenario,
};

/// What was seen is given again for five seconds.
const AGAIN: Duration = Duration::from_secs(6);
/// As long as nothing here takes by far.
const FAR: Duration = Duration::from_secs(20);

/// Menjin with the first sample corp, well in every respect, at the machine's time: PostgreSQL and the simulator's replies have no other.
pub async fn healthy(fixture: &Fixture) -> Value {
    fixture.advance_to_now();
    fixture.app.tick().await.unwrap();
    fixture.trust_domain();
    fixture.connect_with(json!({ "auto_sync_hours": 4 })).await
}

/// What this server's doctor finds now: numbers and how bad they are, in the order of the checks.
async fn found_at(fixture: &Fixture, admin: &Admin) -> Vec<(String, String)> {
    fixture.advance(AGAIN);
    numbers(&admin.get("doctor").await)
}

/// The findings of a report.
fn findings(report: &Value) -> Vec<&Value> {
    let checks = report["checks"].as_array().unwrap().iter();
    checks.flat_map(|row| row["findings"].as_array().unwrap()).collect()
}

fn numbers(report: &Value) -> Vec<(String, String)> {
    let words = |finding: &&Value| {
        let of = |field: &str| text(finding, field).to_owned();
        (of("number"), of("severity"))
    };
    findings(report).iter().map(words).collect()
}

/// Asserts that the doctor finds this and nothing else; answers the finding.
async fn assert_found(fixture: &Fixture, number: &str, severity: &str) -> Value {
    assert_found_at(fixture, &fixture.admin(), number, severity).await
}

async fn assert_found_at(fixture: &Fixture, admin: &Admin, number: &str, severity: &str) -> Value {
    fixture.advance(AGAIN);
    let report = admin.get("doctor").await;
    let only = [(number.to_owned(), severity.to_owned())];
    assert_eq!(numbers(&report), only, "{report:#}");
    assert_eq!(report["severity"], severity, "{report}");
    let finding = findings(&report)[0].clone();
    for field in ["title", "title_zh", "remedy", "remedy_zh"] {
        assert!(!text(&finding, field).is_empty(), "{field}: {finding}");
    }
    let anchor = number.to_lowercase();
    assert_eq!(finding["link"], format!("docs/errors.md#{anchor}"), "{finding}");
    finding
}

async fn assert_well(fixture: &Fixture) {
    let found = found_at(fixture, &fixture.admin()).await;
    assert!(found.is_empty(), "{found:?}");
}

/// Runs a statement in the database, as nobody should.
pub async fn sql(fixture: &Fixture, statement: &str) {
    let database = sea_orm::Database::connect(fixture.database_url()).await.unwrap();
    database.execute_unprepared(statement).await.unwrap();
    database.close().await.unwrap();
}

scenario!(
    a_healthy_installation_has_nothing_to_tell,
    |fixture: Fixture| async move {
        healthy(&fixture).await;
        fixture.advance(AGAIN);
        let report = fixture.admin().get("doctor").await;
        assert!(findings(&report).is_empty(), "{report:#}");
        assert_eq!(
            (&report["severity"], &report["by_server"]),
            (&json!("ok"), &json!(true))
        );
        assert!(report["checked_at"].is_i64());
        for row in report["checks"].as_array().unwrap() {
            assert_eq!(row["state"], "ok", "{row}");
            assert!(!text(row, "seen").is_empty() && !text(row, "about").is_empty(), "{row}");
        }
        let told = report.to_string();
        assert!(told.contains("keep a copy"), "what no check can see is said: {told}");
        assert!(!told.contains(simulator::sample::APP_SECRET) && !told.contains(crate::fixture::ADMIN_TOKEN));
    }
);

scenario!(one_check_is_made_alone_by_its_name, |fixture: Fixture| async move {
    healthy(&fixture).await;
    let report = fixture.admin().get("doctor?check=clock").await;
    let names: Vec<&str> = report["checks"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| text(row, "check"))
        .collect();
    assert_eq!(names, ["clock"]);
    for query in ["checks=clock", "check=clock&check=disk"] {
        let reply = fixture.admin().call("GET", &format!("doctor?{query}"), None).await;
        assert_eq!(reply.refusal(), (400, "WB-101"), "{query}: {}", reply.body);
    }
    let unknown = fixture.admin().call("GET", "doctor?check=nothing", None).await;
    assert_eq!(unknown.refusal(), (422, "AD-105"));
    assert!(text(&unknown.body, "detail").contains("seal_key"), "{}", unknown.body);
});

// Whoever asks a hundred times a second must not make Menjin call its portals as often.
scenario!(
    what_was_seen_is_given_again_for_seconds,
    |fixture: Fixture| async move {
        healthy(&fixture).await;
        assert_well(&fixture).await;
        sql(&fixture, "UPDATE data_source SET last_synced_at = 1").await;
        assert!(findings(&fixture.admin().get("doctor").await).is_empty());
        let one = fixture.admin().get("doctor?check=last_sync").await;
        assert!(findings(&one).is_empty(), "{one}");
        assert_found(&fixture, "DR-190", "error").await;
    }
);

scenario!(
    a_check_that_cannot_be_made_is_a_finding_itself,
    |fixture: Fixture| async move {
        healthy(&fixture).await;
        sql(&fixture, "ALTER TABLE pending_look RENAME TO gone").await;
        let finding = assert_found(&fixture, "DR-100", "error").await;
        assert!(text(&finding, "seen").starts_with("queues: "), "{finding}");
    }
);

/// Serves the metrics of this installation; where.
fn with_metrics(fixture: &Fixture) -> String {
    with_metrics_of(&fixture.app)
}

fn with_metrics_of(app: &App) -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    actix_web::rt::spawn(app.serve_metrics(listener).unwrap());
    base
}

/// The findings that the metrics served there name.
async fn scraped(fixture: &Fixture, base: &str) -> Vec<String> {
    let answer = fixture.http.get(format!("{base}/metrics")).send().await.unwrap();
    let text = answer.text().await.unwrap();
    let lines = text.lines().filter(|line| line.starts_with("menjin_doctor_findings{"));
    lines.map(str::to_owned).collect()
}

scenario!(the_metric_names_what_the_doctor_finds, |fixture: Fixture| async move {
    healthy(&fixture).await;
    let base = with_metrics(&fixture);
    assert_eq!(scraped(&fixture, &base).await, [""; 0]);
    sql(&fixture, "UPDATE data_source SET last_synced_at = 1").await;
    fixture.clock.advance(Duration::from_secs(20));
    assert_eq!(scraped(&fixture, &base).await, [""; 0], "not with every scrape");
    // PostgreSQL's clock is the machine's, so ours may not run far ahead of it.
    assert_found(&fixture, "DR-190", "error").await;
    let line = r#"menjin_doctor_findings{number="DR-190",severity="error"} 1"#;
    assert_eq!(scraped(&fixture, &base).await, [line]);
});

// A look that takes longer than a scrape waits.
scenario!(
    the_metric_names_what_was_found_last_while_the_doctor_looks,
    |fixture: Fixture| async move {
        healthy(&fixture).await;
        // It accepts connections and says nothing.
        let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}/out", silent.local_addr().unwrap());
        let extra = json!({ "metadata": { "backchannel_logout_uri": address } });
        fixture.portal("silent", extra).await;
        let base = with_metrics(&fixture);
        let line = r#"menjin_doctor_findings{number="DR-210",severity="error"} 1"#;
        let named = async || scraped(&fixture, &base).await.iter().any(|told| told == line);
        let found = async { while !named().await {} };
        tokio::time::timeout(FAR, found).await.expect("it is never named");
        fixture.advance(Duration::from_secs(61));
        assert!(named().await, "it was found last");
    }
);
