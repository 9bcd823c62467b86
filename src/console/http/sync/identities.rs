//! Members of whom it is in doubt whether they are still the person whose account it is.

use actix_web::{http::Method, web::Path};
use askama::Template;
use serde::Deserialize;
use serde_json::json;

use super::model::Problem;
use crate::console::http::{
    address::segment,
    form::{Form, see_other},
    frame::{Frame, Section},
    listing::{Head, Listing},
    moment::Moment,
    names::{self, Source},
    values::NOTHING,
    visit::{Reply, Visit},
};

/// Parameters that are handed on to the API.
const FILTERS: [&str; 4] = ["data_source", "state", "sort", "cursor"];
/// What of them is exported.
const EXPORTED: [&str; 2] = ["data_source", "state"];

#[derive(Template)]
#[template(path = "console/sync/identities.html")]
struct IdentitiesPage {
    frame: Frame,
    sources: Vec<Source>,
    data_source: String,
    state: String,
    sort: String,
    export: String,
    by_opening: Head,
    findings: Vec<Line>,
    next: Option<String>,
}

#[derive(Template)]
#[template(path = "console/sync/identity.html")]
struct IdentityPage {
    frame: Frame,
    line: Line,
    traits: [Trait; 4],
}

struct Line {
    finding: Finding,
    source: String,
    opened: Moment,
    decided: Option<Moment>,
    by: Option<String>,
}

/// One trait, as it was held and as WeCom shows it.
struct Trait {
    key: &'static str,
    before: String,
    after: String,
}

impl Trait {
    fn differs(&self) -> bool {
        self.before != self.after && self.before != NOTHING && self.after != NOTHING
    }
}

#[derive(Deserialize)]
struct Finding {
    id: String,
    data_source_id: String,
    userid: String,
    user_id: Option<String>,
    state: String,
    reason: String,
    reason_zh: Option<String>,
    opened_at: i64,
    decided_at: Option<i64>,
    decided_by: Option<String>,
    before: Traits,
    after: Traits,
    problem: Option<Problem>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Traits {
    name: Option<String>,
    mobile: Option<String>,
    emails: Vec<String>,
    departments: Vec<i64>,
}

impl Finding {
    fn traits(&self) -> [Trait; 4] {
        let (before, after) = (&self.before, &self.after);
        let text = |text: &Option<String>| {
            text.clone()
                .filter(|text| !text.is_empty())
                .unwrap_or_else(|| NOTHING.to_owned())
        };
        [
            told("name", text(&before.name), text(&after.name)),
            told("mobile", text(&before.mobile), text(&after.mobile)),
            told("emails", listed(&before.emails), listed(&after.emails)),
            told("departments", listed(&before.departments), listed(&after.departments)),
        ]
    }
}

const fn told(key: &'static str, before: String, after: String) -> Trait {
    Trait { key, before, after }
}

fn listed<T: ToString>(items: &[T]) -> String {
    match items {
        [] => NOTHING.to_owned(),
        items => items.iter().map(T::to_string).collect::<Vec<_>>().join(", "),
    }
}

async fn lines(visit: &Visit, findings: Vec<Finding>) -> Result<Vec<Line>, crate::console::http::refused::Refused> {
    let sources = names::sources(visit).await?;
    let deciders = findings.iter().filter_map(|finding| finding.decided_by.as_deref());
    let people = names::actors(visit, deciders).await;
    let frame = visit.frame("console-identities-title", Some(Section::Sync));
    let line = |finding: Finding| Line {
        source: names::source_name(&sources, &finding.data_source_id).to_owned(),
        opened: visit.moment(finding.opened_at),
        decided: finding.decided_at.map(|at| visit.moment(at)),
        by: finding
            .decided_by
            .as_deref()
            .map(|actor| names::who(&frame, &people, actor)),
        finding,
    };
    Ok(findings.into_iter().map(line).collect())
}

pub(super) async fn list(visit: Visit) -> Reply {
    let path = visit.passing("identity-findings", &FILTERS);
    let findings: Listing<Finding> = visit.get(&path).await?;
    Ok(visit.page(&IdentitiesPage {
        frame: visit.frame("console-identities-title", Some(Section::Sync)),
        sources: names::sources(&visit).await?,
        data_source: visit.param("data_source").unwrap_or_default().to_owned(),
        state: visit.param("state").unwrap_or_default().to_owned(),
        sort: visit.param("sort").unwrap_or_default().to_owned(),
        export: visit.passing("/console/sync/identities.csv", &EXPORTED),
        by_opening: Head::of(&visit, "opened_at", "-opened_at"),
        next: visit.next(findings.next_cursor),
        findings: lines(&visit, findings.items).await?,
    }))
}

/// Exactly what the list shows.
pub(super) async fn export(visit: Visit) -> Reply {
    visit.download(&visit.passing("identity-findings.csv", &EXPORTED)).await
}

pub(super) async fn finding(visit: Visit, id: Path<String>) -> Reply {
    let finding: Finding = visit.get(&format!("identity-findings/{}", segment(&id))).await?;
    let traits = finding.traits();
    let mut lines = lines(&visit, vec![finding]).await?;
    let frame = visit.frame("console-identity-title", Some(Section::Sync));
    match lines.pop() {
        Some(line) => Ok(visit.page(&IdentityPage { frame, line, traits })),
        None => Ok(see_other("/console/sync/identities")),
    }
}

pub(super) async fn decide(visit: Visit, id: Path<String>, form: Form) -> Reply {
    let path = format!("identity-findings/{}/decide", segment(&id));
    let verdict = visit.deciding(&form, "verdict", &["same_person", "somebody_else"])?;
    let body = json!({ "verdict": verdict });
    visit.send(Method::POST, &path, Some(&body)).await?;
    Ok(see_other(&format!("/console/sync/identities/{}", segment(&id))))
}
