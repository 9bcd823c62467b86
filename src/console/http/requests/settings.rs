//! Who of a company may ask, and who decides about it without a console role.

use actix_web::{
    http::{Method, StatusCode},
    web::Path,
};
use askama::Template;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::console::http::{
    address::segment,
    ask::Ask,
    field::{self, Field},
    form::{Form, see_other},
    frame::{self, Frame, Section},
    listing::Listing,
    refused::{FieldFault, Problem, Refused},
    settings::doctor::{Finding, Report},
    visit::{Reply, Visit, with_query},
};

#[derive(Template)]
#[template(path = "console/requests/settings.html")]
struct SettingsPage {
    frame: Frame,
    source: Source,
    /// Entity tag of what the page was made from.
    version: String,
    approvers: Vec<Approver>,
    /// That nobody who may decide is told.
    unheard: Vec<Finding>,
    /// The username of whoever is to be an approver.
    username: Field,
    problem: Option<Problem>,
}

impl SettingsPage {
    /// What is wrong and stands at no field.
    fn others(&self) -> Vec<&FieldFault> {
        let problem = self.problem.as_ref();
        problem.map_or_else(Vec::new, |problem| field::others(problem, [&self.username]))
    }
}

#[derive(Deserialize)]
struct Source {
    id: String,
    name: String,
    access_requests: bool,
    approvers: Vec<String>,
}

/// An approver; without a name where the user is gone.
struct Approver {
    id: String,
    name: Option<String>,
}

#[derive(Deserialize)]
struct User {
    id: String,
    username: String,
    display_name: Option<String>,
}

/// The companies that take requests of which nobody who may decide is told.
pub(super) async fn unheard(visit: &Visit) -> Result<Vec<Finding>, Refused> {
    let report: Report = visit.get("doctor?check=access_requests").await?;
    Ok(report.checks.into_iter().flat_map(|check| check.findings).collect())
}

async fn page(visit: &Visit, id: &str) -> Result<SettingsPage, Refused> {
    let (source, version): (Source, String) = visit.versioned(&format!("data-sources/{}", segment(id))).await?;
    let mut approvers = Vec::with_capacity(source.approvers.len());
    for id in &source.approvers {
        let user: Option<User> = visit.find(&format!("users/{}", segment(id))).await?;
        approvers.push(Approver {
            id: id.clone(),
            name: user.map(|user| user.display_name.unwrap_or(user.username)),
        });
    }
    let mut unheard = unheard(visit).await?;
    let here = format!("data-sources/{}", source.id);
    unheard.retain(|finding| finding.resource.as_ref() == Some(&here));
    let frame = visit.frame("console-requests-settings", Some(Section::Requests));
    Ok(SettingsPage {
        unheard,
        username: Field::new(&frame, "console-requests-add", "username", "line").needed(),
        frame,
        source,
        version,
        approvers,
        problem: None,
    })
}

pub(super) async fn show(visit: Visit, source: Path<String>) -> Reply {
    let page = page(&visit, &source).await?;
    Ok(visit.page(&page))
}

/// Says who goes and who stays, before an approver is taken off the list.
pub(super) async fn before_remove(visit: Visit, path: Path<(String, String)>) -> Reply {
    let (source, user) = path.into_inner();
    let held = page(&visit, &source).await?;
    let (gone, stay): (Vec<Approver>, Vec<Approver>) = held.approvers.into_iter().partition(|one| one.id == user);
    let Some(approver) = gone.into_iter().next() else {
        return Ok(see_other(&format!("/console/requests/settings/{}", segment(&source))));
    };
    let effect = match (held.source.access_requests, stay.len()) {
        (true, 0) => held.frame.t("console-requests-remove-last"),
        (_, number) => held.frame.with("console-requests-remove-effect", "number", number),
    };
    let here = format!("/console/requests/settings/{}", held.source.id);
    visit.ask(Ask {
        section: Section::Requests,
        title: "console-requests-remove-title",
        what: approver.name.unwrap_or_else(|| approver.id.clone()),
        effects: vec![effect],
        action: format!("{here}/approvers/{}", approver.id),
        fields: Vec::new(),
        button: "console-requests-remove",
        back: (here, held.source.name),
        user: Some(approver.id),
    })
}

/// Takes an approver off the list, as it was read just now.
pub(super) async fn remove(visit: Visit, path: Path<(String, String)>, _: Form) -> Reply {
    let (source, user) = path.into_inner();
    let held = page(&visit, &source).await?;
    let mut approvers = held.source.approvers;
    approvers.retain(|id| *id != user);
    let patch = json!({ "approvers": approvers });
    let path = format!("data-sources/{}", held.source.id);
    visit
        .call((Method::PATCH, &path), Some(&patch), Some(&held.version))
        .await?;
    Ok(see_other(&format!(
        "/console/requests/settings/{}?done=approver-removed",
        held.source.id
    )))
}

/// The user of exactly this username.
async fn user(visit: &Visit, username: &str) -> Result<Option<User>, Refused> {
    let found: Listing<User> = visit
        .get(&with_query("users", [("q", username), ("limit", "200")]))
        .await?;
    let same = |user: &User| user.username.to_lowercase() == username.to_lowercase();
    Ok(found.items.into_iter().find(same))
}

pub(super) async fn change(visit: Visit, source: Path<String>, form: Form) -> Reply {
    let act = visit.deciding(&form, "act", &["switch", "add"])?;
    let held = page(&visit, &source).await?;
    let mut approvers = held.source.approvers.clone();
    let patch: Value = match (act, form.get("username")) {
        ("switch", _) => json!({ "access_requests": !held.source.access_requests }),
        (_, Some(username)) => match user(&visit, username).await? {
            Some(user) => {
                if !approvers.contains(&user.id) {
                    approvers.push(user.id);
                }
                json!({ "approvers": approvers })
            }
            None => {
                let field = held.username.clone().filled(username);
                let again = SettingsPage {
                    username: field.faulty(&held.frame, "console-requests-no-user"),
                    ..held
                };
                return Ok(frame::html(StatusCode::UNPROCESSABLE_ENTITY, &again));
            }
        },
        _ => json!({}),
    };
    let path = format!("data-sources/{}", segment(&source));
    // Switched is what the page showed; a list is changed as it was read just now.
    let version = match act {
        "switch" => form.get("version"),
        _ => Some(held.version.as_str()),
    };
    match visit.call((Method::PATCH, &path), Some(&patch), version).await {
        Ok(_) => {
            let done = if act == "switch" { "switched" } else { "approver-added" };
            Ok(see_other(&format!(
                "/console/requests/settings/{}?done={done}",
                segment(&source)
            )))
        }
        Err(refused) => {
            let problem = refused.problem();
            let entered = form.get("username").unwrap_or_default();
            let username = held.username.clone().filled(entered);
            let again = SettingsPage {
                username: username.judged_as("approvers", Some(problem)),
                problem: Some(problem.clone()),
                ..held
            };
            Ok(refused.on(&again))
        }
    }
}
