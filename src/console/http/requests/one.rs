//! One access request, and deciding it. What is refused stands at the form, with what was entered.

use actix_web::{http::Method, web::Path};
use askama::Template;
use serde_json::{Value, json};

use super::model::Asked;
use crate::{
    console::http::{
        address::segment,
        field,
        form::{Form, see_other},
        frame::{Frame, Section},
        moment::Moment,
        named::{Named, Names},
        names::{self, Portal},
        refused::{Problem, Refused},
        visit::{Reply, Visit},
    },
    kernel::calendar,
};

#[derive(Template)]
#[template(path = "console/requests/one.html")]
struct OnePage {
    frame: Frame,
    asked: Asked,
    version: String,
    source: String,
    portal: Option<String>,
    created: Moment,
    until: Moment,
    decided: Option<Moment>,
    by: Option<String>,
    /// The last day of access.
    ends: Option<String>,
    /// Those that were opened, by name.
    opened: Vec<String>,
    choices: Vec<Choice>,
    /// Groups that can be chosen.
    groups: Vec<Named>,
    entered: Entered,
    problem: Option<Problem>,
}

/// A portal that can be opened.
struct Choice {
    portal: Portal,
    chosen: bool,
    asked: bool,
}

/// What stands in the forms.
#[derive(Default)]
struct Entered {
    username: String,
    until: String,
    portals: Vec<String>,
    groups: Vec<String>,
    /// Groups are chosen as well.
    into: bool,
    reason: String,
    shown: bool,
}

impl Entered {
    fn of(asked: &Asked) -> Self {
        Self {
            username: asked.suggested_username.clone().unwrap_or_default(),
            portals: asked.client_id.iter().cloned().collect(),
            ..Self::default()
        }
    }

    fn sent(form: &Form, asked: &Asked) -> Self {
        let text = |name: &str| form.get(name).unwrap_or_default().to_owned();
        Self {
            username: form
                .get("username")
                .or(asked.suggested_username.as_deref())
                .unwrap_or_default()
                .to_owned(),
            until: text("until"),
            portals: form.all("portal").map(str::to_owned).collect(),
            groups: form.all("group").map(str::to_owned).collect(),
            reason: text("reason"),
            shown: form.has("show_reason"),
            ..Self::default()
        }
    }
}

impl OnePage {
    fn faulty(&self, field: &str) -> bool {
        self.problem
            .as_ref()
            .is_some_and(|problem| problem.fault(field).is_some())
    }
}

async fn read(visit: &Visit, id: &str) -> Result<(Asked, String), Refused> {
    let path = format!("access-requests/{}", segment(id));
    let answer = visit.send(Method::GET, &path, None).await?;
    let asked = visit.read(&answer)?;
    Ok((asked, answer.tag.unwrap_or_default()))
}

async fn page(visit: &Visit, (asked, version): (Asked, String), entered: Entered) -> Result<OnePage, Refused> {
    let sources = names::sources(visit).await?;
    let portals = names::portals(visit).await?;
    let operators = names::operators(visit).await?;
    let named = |id: &String| names::portal_name(&portals, id).to_owned();
    let frame = visit.frame("console-request-title", Some(Section::Requests));
    let every = frame.may("admin");
    let groups = match every && entered.into && asked.waits() {
        true => visit.get::<Names>("groups?limit=200&sort=name").await?,
        false => Names::default(),
    };
    let is_asked = |portal: &Portal| asked.client_id.as_ref() == Some(&portal.client_id);
    let choices = portals.iter().filter(|portal| every || is_asked(portal));
    let choices = choices.map(|portal| Choice {
        chosen: entered.portals.contains(&portal.client_id),
        asked: is_asked(portal),
        portal: portal.clone(),
    });
    Ok(OnePage {
        choices: choices.collect(),
        groups: groups.items,
        frame: frame.titled(asked.who()),
        version,
        source: names::source_name(&sources, &asked.data_source_id).to_owned(),
        portal: asked.client_id.as_ref().map(named),
        created: visit.moment(asked.created_at),
        until: visit.moment(asked.expires_at),
        decided: asked.decided_at.map(|at| visit.moment(at)),
        by: asked
            .decided_by
            .as_deref()
            .map(|actor| names::actor_name(&operators, actor)),
        ends: asked.access_until.map(calendar::until),
        opened: asked.portals.iter().map(named).collect(),
        asked,
        entered,
        problem: None,
    })
}

pub(super) async fn show(visit: Visit, id: Path<String>) -> Reply {
    shown(&visit, &id, false).await
}

/// The same with groups to choose: whoever chooses them has proved who they are lately.
pub(super) async fn show_groups(visit: Visit, id: Path<String>) -> Reply {
    shown(&visit, &id, true).await
}

async fn shown(visit: &Visit, id: &str, into: bool) -> Reply {
    let (asked, version) = read(visit, id).await?;
    let entered = Entered {
        into,
        ..Entered::of(&asked)
    };
    let page = page(visit, (asked, version), entered).await?;
    Ok(visit.page(&page))
}

async fn decide(visit: &Visit, (id, act): (&str, &str), (form, body): (&Form, Value)) -> Reply {
    let path = format!("access-requests/{}/{act}", segment(id));
    let version = form.get("version");
    match visit.call((Method::POST, &path), Some(&body), version).await {
        Ok(_) => Ok(see_other(&format!("/console/requests/{}", segment(id)))),
        Err(refused) => again(visit, id, (form, body.get("groups").is_some()), refused).await,
    }
}

async fn again(visit: &Visit, id: &str, (form, into): (&Form, bool), refused: Refused) -> Reply {
    let (asked, version) = read(visit, id).await?;
    let entered = Entered {
        into,
        ..Entered::sent(form, &asked)
    };
    let page = OnePage {
        problem: Some(refused.problem().clone()),
        ..page(visit, (asked, version), entered).await?
    };
    Ok(refused.on(&page))
}

pub(super) async fn approve(visit: Visit, id: Path<String>, form: Form) -> Reply {
    decide(&visit, (&id, "approve"), (&form, approval(&form))).await
}

pub(super) async fn approve_into(visit: Visit, id: Path<String>, form: Form) -> Reply {
    let groups: Vec<&str> = form.all("group").filter(|id| !id.is_empty()).collect();
    let mut body = approval(&form);
    field::put(&mut body, "groups", json!(groups));
    decide(&visit, (&id, "approve"), (&form, body)).await
}

/// What was entered to approve, but for groups.
fn approval(form: &Form) -> Value {
    let until = match form.get("until") {
        None => Value::Null,
        // What is no day is left for the API to refuse.
        Some(day) => calendar::end(day).map_or_else(|| json!(day), Value::from),
    };
    let portals: Vec<&str> = form.all("portal").filter(|id| !id.is_empty()).collect();
    json!({ "username": form.get("username"), "portals": portals, "access_until": until })
}

pub(super) async fn refuse(visit: Visit, id: Path<String>, form: Form) -> Reply {
    let body = json!({ "reason": form.get("reason"), "show_reason": form.has("show_reason") });
    decide(&visit, (&id, "refuse"), (&form, body)).await
}
