//! One access request, and deciding it. What is refused stands at the form, with what was entered.

use actix_web::{http::Method, web::Path};
use askama::Template;
use serde_json::{Value, json};

use super::model::Asked;
use crate::{
    console::http::{
        address::segment,
        choosing,
        field::{self, Field},
        form::{Form, see_other},
        frame::{Frame, Section},
        moment::Moment,
        names,
        refused::{FieldFault, Problem, Refused},
        ticks::{Chosen, Item, Offer, Ticks},
        visit::{Reply, Visit},
    },
    kernel::calendar,
};

/// Number of the answer to a decision about a request that is over.
const DECIDED: &str = "AR-103";

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
    fields: Fields,
    /// Groups are chosen as well.
    into: bool,
    /// There is no group.
    no_groups: bool,
    problem: Option<Problem>,
}

/// The fields of its forms.
struct Fields {
    username: Field,
    until: Field,
    portals: Ticks,
    groups: Ticks,
    reason: Field,
    shown: bool,
}

/// What stands in the forms.
#[derive(Default)]
struct Entered {
    username: String,
    until: String,
    portals: Chosen,
    groups: Chosen,
    /// Groups are chosen as well.
    into: bool,
    reason: String,
    shown: bool,
}

impl Entered {
    fn of(asked: &Asked) -> Self {
        Self {
            username: asked.suggested_username.clone().unwrap_or_default(),
            portals: Chosen {
                ticked: asked.client_id.iter().cloned().collect(),
                search: String::new(),
            },
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
            portals: Chosen::sent(form, "portal"),
            groups: Chosen::sent(form, "group"),
            reason: text("reason"),
            shown: form.has("show_reason"),
            ..Self::default()
        }
    }
}

impl OnePage {
    /// What is wrong and stands at no field.
    fn others(&self) -> Vec<&FieldFault> {
        let Some(problem) = &self.problem else {
            return Vec::new();
        };
        let fields = &self.fields;
        let shown = [
            &fields.username,
            &fields.until,
            &fields.portals.field,
            &fields.groups.field,
            &fields.reason,
        ];
        field::others(problem, shown)
    }
}

impl Fields {
    fn of(
        (frame, asked): (&Frame, &Asked),
        entered: Entered,
        (portals, groups): (Offer, Offer),
        problem: Option<&Problem>,
    ) -> Self {
        let username = Field::new(frame, "console-request-username", "username", "line");
        let taken = asked.username_taken == Some(true);
        let taken = taken.then(|| format!("{} {}", frame.t("console-request-taken"), asked.userid));
        let username = match taken {
            Some(taken) => username.hinted(taken),
            None => username,
        };
        let day = Field::new(frame, "console-request-end", "until", "day").filled(&entered.until);
        let of_portals = ("console-request-portals", "portal", "portals");
        let is_asked = |item: &Item| {
            let is_asked = asked.client_id.as_deref() == Some(item.value());
            is_asked.then(|| frame.t("console-request-asked-for"))
        };
        let mut groups = groups.field(frame, ("console-people-groups", "group", "groups"), |_| None, problem);
        groups.field = groups.field.hinted(frame.t("console-request-groups-hint"));
        let reason = Field::new(frame, "console-request-refusal-reason", "reason", "text");
        Self {
            username: username.needed().filled(&entered.username).judged(problem),
            until: day.judged_as("access_until", problem),
            portals: portals.field(frame, of_portals, is_asked, problem),
            groups,
            reason: reason.filled(&entered.reason).judged(problem),
            shown: entered.shown,
        }
    }
}

async fn read(visit: &Visit, id: &str) -> Result<(Asked, String), Refused> {
    let path = format!("access-requests/{}", segment(id));
    let answer = visit.send(Method::GET, &path, None).await?;
    let asked = visit.read(&answer)?;
    Ok((asked, answer.tag.unwrap_or_default()))
}

async fn page(
    visit: &Visit,
    (asked, version): (Asked, String),
    (mut entered, problem): (Entered, Option<&Problem>),
) -> Result<OnePage, Refused> {
    let sources = names::sources(visit).await?;
    let named = asked.portals.iter().chain(&asked.client_id);
    let portals = names::portals_and(visit, named.map(String::as_str)).await?;
    let people = names::actors(visit, asked.decided_by.as_deref().into_iter()).await;
    let named = |id: &String| names::portal_name(&portals, id).to_owned();
    let frame = visit.frame("console-request-title", Some(Section::Requests));
    let every = frame.may("admin");
    let into = entered.into;
    let (of_portals, of_groups) = (
        std::mem::take(&mut entered.portals),
        std::mem::take(&mut entered.groups),
    );
    let to_open = match (asked.waits(), every) {
        (false, _) => Offer::default(),
        (true, true) => Offer::of(visit, "clients", of_portals).await?,
        // An operator opens that which was asked for alone.
        (true, false) => {
            let wanted = portals
                .iter()
                .filter(|portal| asked.client_id.as_ref() == Some(&portal.client_id));
            Offer::these(
                wanted.map(|portal| (portal.client_id.clone(), portal.name.clone())),
                &of_portals,
            )
        }
    };
    let groups = match every && into && asked.waits() {
        true => Offer::of(visit, "groups", of_groups).await?,
        false => Offer::default(),
    };
    let fields = Fields::of((&frame, &asked), entered, (to_open, groups), problem);
    let by = asked.decided_by.as_deref();
    let by = by.map(|actor| names::who(&frame, &people, actor));
    Ok(OnePage {
        no_groups: into && fields.groups.is_empty(),
        fields,
        into,
        frame: frame.titled(asked.who()),
        version,
        source: names::source_name(&sources, &asked.data_source_id).to_owned(),
        portal: asked.client_id.as_ref().map(named),
        created: visit.moment(asked.created_at),
        until: visit.moment(asked.expires_at),
        decided: asked.decided_at.map(|at| visit.moment(at)),
        by,
        ends: asked.access_until.map(calendar::until),
        opened: asked.portals.iter().map(named).collect(),
        asked,
        problem: problem.cloned(),
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
    let page = page(visit, (asked, version), (entered, None)).await?;
    Ok(visit.page(&page))
}

async fn decide(visit: &Visit, (id, act): (&str, &str), (form, body): (&Form, Value)) -> Reply {
    if choosing::looks(form) {
        let (asked, version) = read(visit, id).await?;
        let entered = Entered {
            into: body.get("groups").is_some(),
            ..Entered::sent(form, &asked)
        };
        let version = form.get("version").map_or(version, str::to_owned);
        let page = page(visit, (asked, version), (entered, None)).await?;
        return Ok(visit.page(&page));
    }
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
    let mut problem = refused.problem().clone();
    if problem.number == DECIDED {
        // Who decided it, and when, the page says itself.
        problem.detail = None;
    }
    let page = page(visit, (asked, version), (entered, Some(&problem))).await?;
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
