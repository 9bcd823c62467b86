//! Members who were not imported, since they may be somebody who is here already: a list to work off.

use actix_web::{http::Method, web::Path};
use askama::Template;
use serde::Deserialize;
use serde_json::json;

use super::model::Problem;
use crate::console::http::{
    address::segment,
    form::{Form, see_other},
    frame::{Frame, Section},
    listing::Listing,
    moment::Moment,
    names::{self, Source},
    refused::{self, Refused},
    visit::{Reply, Visit},
};

/// Parameters that are handed on to the API.
const FILTERS: [&str; 3] = ["data_source", "sort", "cursor"];
/// What can be decided.
const DECISIONS: [&str; 4] = ["link", "rename", "ignore", "reopen"];

#[derive(Template)]
#[template(path = "console/sync/conflicts.html")]
struct ConflictsPage {
    frame: Frame,
    sources: Vec<Source>,
    data_source: String,
    decision: String,
    sort: String,
    export: String,
    conflicts: Vec<Card>,
    next: Option<String>,
    /// What was sent and refused.
    sent: Option<Sent>,
}

impl ConflictsPage {
    /// What was refused of a member who is not on this page.
    fn elsewhere(&self) -> Option<&refused::Problem> {
        let sent = self.sent.as_ref()?;
        let is_here = self.conflicts.iter().any(|card| sent.is_of(card));
        (!is_here).then_some(&sent.problem)
    }
}

/// A decision that was refused.
struct Sent {
    member: String,
    username: String,
    problem: refused::Problem,
}

impl Sent {
    fn is_of(&self, card: &Card) -> bool {
        self.member == card.conflict.id
    }
}

struct Card {
    conflict: Conflict,
    source: String,
    decided: Option<Moment>,
    /// Who decided.
    by: Option<String>,
}

impl Card {
    fn may(&self, decision: &str) -> bool {
        self.conflict.allowed.iter().any(|allowed| allowed == decision)
    }

    /// Whether somebody here can be said to be this member.
    fn has_somebody(&self) -> bool {
        self.may("link")
            && self
                .conflict
                .candidates
                .iter()
                .any(|candidate| candidate.protected.is_none())
    }
}

#[derive(Deserialize)]
struct Conflict {
    id: String,
    data_source_id: String,
    userid: String,
    name: Option<String>,
    user_id: Option<String>,
    why: Option<String>,
    decision: String,
    decided_at: Option<i64>,
    decided_by: Option<String>,
    allowed: Vec<String>,
    candidates: Vec<Candidate>,
    problem: Option<Problem>,
}

#[derive(Deserialize)]
struct Candidate {
    id: String,
    username: String,
    matched: Vec<String>,
    protected: Option<String>,
    protected_zh: Option<String>,
}

pub(super) async fn list(visit: Visit) -> Reply {
    let page = page(&visit, None).await?;
    Ok(visit.page(&page))
}

/// Exactly what the list shows.
pub(super) async fn export(visit: Visit) -> Reply {
    visit.download(&wanted(&visit, "conflicts.csv", &["data_source"])).await
}

/// Where the API has the wanted ones. Without a word for it, those that wait: the list is one to work off.
fn wanted(visit: &Visit, path: &str, filters: &[&str]) -> String {
    let decision = match visit.param("decision") {
        Some("any") => None,
        asked => Some(("decision", asked.unwrap_or("open"))),
    };
    visit.passing_with(path, filters, decision.as_slice())
}

async fn page(visit: &Visit, sent: Option<Sent>) -> Result<ConflictsPage, Refused> {
    let path = wanted(visit, "conflicts", &FILTERS);
    let conflicts: Listing<Conflict> = visit.get(&path).await?;
    let sources = names::sources(visit).await?;
    let operators = names::operators(visit).await?;
    let card = |conflict: Conflict| Card {
        source: names::source_name(&sources, &conflict.data_source_id).to_owned(),
        decided: conflict.decided_at.map(|at| visit.moment(at)),
        by: conflict
            .decided_by
            .as_deref()
            .map(|actor| names::actor_name(&operators, actor)),
        conflict,
    };
    Ok(ConflictsPage {
        frame: visit.frame("console-conflicts-title", Some(Section::Sync)),
        data_source: visit.param("data_source").unwrap_or_default().to_owned(),
        decision: visit.param("decision").unwrap_or("open").to_owned(),
        sort: visit.param("sort").unwrap_or_default().to_owned(),
        export: visit.passing("/console/sync/conflicts.csv", &["data_source", "decision"]),
        conflicts: conflicts.items.into_iter().map(card).collect(),
        next: visit.next(conflicts.next_cursor),
        sources,
        sent,
    })
}

/// Decides one; a refused decision stands at its member, with what was typed.
pub(super) async fn decide(visit: Visit, member: Path<String>, form: Form) -> Reply {
    let decision = visit.deciding(&form, "decision", &DECISIONS)?;
    let body = match decision {
        "link" => Some(json!({ "user_id": form.get("user_id") })),
        "rename" => Some(json!({ "username": form.get("username") })),
        _ => None,
    };
    let path = format!("conflicts/{}/{decision}", segment(&member));
    match visit.send(Method::POST, &path, body.as_ref()).await {
        Ok(_) => Ok(see_other("/console/sync/conflicts")),
        Err(refused) => again(&visit, &member, &form, refused).await,
    }
}

async fn again(visit: &Visit, member: &str, form: &Form, refused: Refused) -> Reply {
    let sent = Sent {
        member: member.to_owned(),
        username: form.get("username").unwrap_or_default().to_owned(),
        problem: refused.problem().clone(),
    };
    let page = page(visit, Some(sent)).await?;
    Ok(refused.on(&page))
}
