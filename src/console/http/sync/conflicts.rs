//! Members who were not imported, since they may be somebody who is here already: a list to work off.

use std::collections::{BTreeSet, HashMap};

use actix_web::{http::Method, web::Path};
use askama::Template;
use serde::Deserialize;
use serde_json::json;

use super::{
    model::Problem,
    sides::{self, Known, Member, Row, User},
};
use crate::console::http::{
    address::segment,
    form::{Form, see_other},
    frame::{Frame, Section},
    listing::Listing,
    moment::Moment,
    names::{self, AT_ONCE, Source},
    refused::{self, FieldFault, Refused},
    visit::{Reply, Visit, with_query},
};

/// So many conflicts stand on a page, each with all that is known of both sides.
const SHOWN: &str = "20";
/// Parameters that are handed on to the API.
const FILTERS: [&str; 3] = ["data_source", "sort", "cursor"];
/// What the page's address says.
const LISTED: [&str; 4] = ["data_source", "decision", "sort", "cursor"];
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
    /// Query string of the list.
    filters: String,
    conflicts: Vec<Card>,
    next: Option<String>,
    /// What was sent and refused.
    sent: Option<Sent>,
    /// The member who was left out just now, whose conflict can be opened again.
    reopens: Option<String>,
}

impl ConflictsPage {
    /// Where a decision about this member is sent, with the filters of the list, to which it leads back.
    fn address(&self, card: &Card) -> String {
        format!("/console/sync/conflicts/{}{}", segment(&card.conflict.id), self.filters)
    }

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
    /// The user who was chosen.
    user: String,
    problem: refused::Problem,
}

impl Sent {
    fn is_of(&self, card: &Card) -> bool {
        self.member == card.conflict.id
    }

    /// Why it was refused.
    const fn why(&self) -> Option<&refused::Problem> {
        Some(&self.problem)
    }

    /// What is wrong with the name that was entered.
    fn name_fault(&self) -> Option<&FieldFault> {
        self.problem.fault("username")
    }

    /// What else is wrong.
    fn others(&self) -> Vec<&FieldFault> {
        let at_name = |fault: &&FieldFault| fault.pointer.as_deref() != Some("#/username");
        self.problem.errors.iter().filter(at_name).collect()
    }
}

struct Card {
    conflict: Conflict,
    source: String,
    decided: Option<Moment>,
    /// Who decided.
    by: Option<String>,
    /// The member and the candidates, field by field.
    rows: Vec<Row>,
}

impl Card {
    /// Whether this user was chosen in what was refused.
    fn chose(&self, sent: Option<&Sent>, user: &str) -> bool {
        sent.is_some_and(|sent| sent.is_of(self) && sent.user == user)
    }

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
    visit
        .download(&wanted(&visit, "conflicts.csv", (&["data_source"], &[])))
        .await
}

/// Where the API has the wanted ones. Without a word for it, those that wait: the list is one to work off.
fn wanted(visit: &Visit, path: &str, (filters, more): (&[&str], &[(&str, &str)])) -> String {
    let decision = match visit.param("decision") {
        Some("any") => None,
        asked => Some(("decision", asked.unwrap_or("open"))),
    };
    let own: Vec<(&str, &str)> = decision.into_iter().chain(more.iter().copied()).collect();
    visit.passing_with(path, filters, &own)
}

async fn page(visit: &Visit, sent: Option<Sent>) -> Result<ConflictsPage, Refused> {
    let path = wanted(visit, "conflicts", (&FILTERS, &[("limit", SHOWN)]));
    let conflicts: Listing<Conflict> = visit.get(&path).await?;
    let of = conflicts.items.iter().map(|one| one.data_source_id.as_str());
    let sources = names::sources_and(visit, of).await?;
    let deciders = conflicts.items.iter().filter_map(|one| one.decided_by.as_deref());
    let people = names::actors(visit, deciders).await;
    let frame = visit.frame("console-conflicts-title", Some(Section::Sync));
    let mut members = HashMap::new();
    for conflict in &conflicts.items {
        let path = format!("members/{}", segment(&conflict.id));
        let member: Option<Member> = visit.aside(&path).await;
        members.extend(member.map(|member| (member.id.clone(), member)));
    }
    let candidates = conflicts.items.iter().flat_map(|one| &one.candidates);
    let users = users(visit, candidates.map(|candidate| candidate.id.as_str())).await;
    let of_both = |frame: &Frame, member: &Member, conflict: &Conflict| -> Vec<Row> {
        let found = conflict.candidates.iter().map(|candidate| users.get(&candidate.id));
        let known = |user: &User| Known {
            created: visit.moment(user.created_at),
            last: user.last_sign_in_at.map(|at| visit.moment(at)),
            user: user.clone(),
        };
        // Of somebody who went just now nothing is known, and the columns would not fit their heads.
        let found: Option<Vec<Known>> = found.map(|user| user.map(known)).collect();
        found.map_or_else(Vec::new, |users| sides::rows(frame, member, &users))
    };
    let card = |conflict: Conflict| Card {
        rows: match members.get(&conflict.id) {
            Some(member) => of_both(&frame, member, &conflict),
            None => Vec::new(),
        },
        source: names::source_name(&sources, &conflict.data_source_id).to_owned(),
        decided: conflict.decided_at.map(|at| visit.moment(at)),
        by: conflict
            .decided_by
            .as_deref()
            .map(|actor| names::who(&frame, &people, actor)),
        conflict,
    };
    let cards = conflicts.items.into_iter().map(card).collect();
    Ok(ConflictsPage {
        frame,
        data_source: visit.param("data_source").unwrap_or_default().to_owned(),
        decision: visit.param("decision").unwrap_or("open").to_owned(),
        sort: visit.param("sort").unwrap_or_default().to_owned(),
        export: visit.passing("/console/sync/conflicts.csv", &["data_source", "decision"]),
        filters: visit.passing("", &LISTED),
        conflicts: cards,
        next: visit.next(conflicts.next_cursor),
        sources,
        sent,
        reopens: visit
            .param("member")
            .filter(|_| visit.param("done") == Some("ignored"))
            .map(|member| format!("/console/sync/conflicts/{}", segment(member))),
    })
}

/// What is known of these users, by their ids.
async fn users<'a>(visit: &Visit, ids: impl Iterator<Item = &'a str>) -> HashMap<String, User> {
    let ids: BTreeSet<&str> = ids.collect();
    let ids: Vec<&str> = ids.into_iter().collect();
    let mut known = HashMap::new();
    for some in ids.chunks(AT_ONCE) {
        let path = with_query("users", [("ids", some.join(",").as_str()), ("limit", "200")]);
        let found: Option<Listing<User>> = visit.aside(&path).await;
        let found = found.unwrap_or_default().items.into_iter();
        known.extend(found.map(|user| (user.id.clone(), user)));
    }
    known
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
        Ok(_) => {
            let done = match decision {
                "link" => "linked",
                "rename" => "renamed",
                "ignore" => "ignored",
                _ => "reopened",
            };
            let mut own = vec![("done", done)];
            // Who is left out can be taken up again at once.
            own.extend((decision == "ignore").then_some(("member", member.as_str())));
            Ok(see_other(&visit.passing_with("/console/sync/conflicts", &LISTED, &own)))
        }
        Err(refused) => again(&visit, &member, &form, refused).await,
    }
}

async fn again(visit: &Visit, member: &str, form: &Form, refused: Refused) -> Reply {
    let sent = Sent {
        member: member.to_owned(),
        username: form.get("username").unwrap_or_default().to_owned(),
        user: form.get("user_id").unwrap_or_default().to_owned(),
        problem: refused.problem().clone(),
    };
    let page = page(visit, Some(sent)).await?;
    Ok(refused.on(&page))
}
