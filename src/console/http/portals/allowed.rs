//! Who may enter a portal: by which auth sources, of which departments and groups, and who besides.

use actix_web::{
    HttpResponse,
    http::{Method, StatusCode},
    web,
};
use askama::Template;
use serde_json::{Map, Value, json};

use super::{
    super::{
        choosing,
        field::{Choice, Field},
        form::{Form, see_other},
        frame::{Frame, html},
        refused::{FieldFault, Problem, Refused},
        visit::{Reply, Visit, with_query},
    },
    effect,
    portal::{Head, Portal, framed, plain},
    view::{Items, NAMED, Named, names},
};

#[derive(Template)]
#[template(path = "console/portals/allowed.html")]
struct AllowedPage<'a> {
    frame: Frame,
    head: Head,
    department: String,
    person: String,
    every_source: Field,
    sources: Field,
    departments: Field,
    groups: Field,
    users: Field,
    /// Those whose names were not asked for, and who stay.
    more_departments: Vec<String>,
    more_groups: Vec<String>,
    more_users: Vec<String>,
    version: String,
    /// The box that says that everybody is meant, where that is what was sent.
    everybody: Option<Field>,
    problem: Option<&'a Problem>,
    others: Vec<&'a FieldFault>,
}

/// What stands in the form: the portal as it is, or what was sent and not saved.
struct Shown {
    /// `None`: all.
    sources: Option<Vec<String>>,
    departments: Vec<String>,
    groups: Vec<String>,
    users: Vec<String>,
    /// Entity tag of what the form was made from.
    version: String,
    /// The department and the person who are looked for.
    search: (String, String),
}

impl Shown {
    fn stored(visit: &Visit, portal: &Portal, version: String) -> Self {
        let param = |name: &str| visit.param(name).unwrap_or_default().to_owned();
        Self {
            search: (param("department"), param("person")),
            sources: portal.auth_sources.clone(),
            departments: portal.allowed_departments.clone(),
            groups: portal.allowed_groups.clone(),
            users: portal.allowed_users.clone(),
            version,
        }
    }

    fn sent(form: &Form) -> Self {
        let list =
            |name: &str| -> Vec<String> { form.all(name).filter(|id| !id.is_empty()).map(str::to_owned).collect() };
        Self {
            sources: (!form.has("every_source")).then(|| list("auth_sources")),
            departments: list("allowed_departments"),
            groups: list("allowed_groups"),
            users: list("allowed_users"),
            version: form.get("version").unwrap_or_default().to_owned(),
            search: (
                form.get("department").unwrap_or_default().to_owned(),
                form.get("person").unwrap_or_default().to_owned(),
            ),
        }
    }

    /// Whether this opens a portal to everybody that was open to some.
    const fn opens(&self, portal: &Portal) -> bool {
        !portal.is_open() && self.departments.is_empty() && self.groups.is_empty() && self.users.is_empty()
    }

    /// The same as what is imagined; `None`: it is too long.
    fn imagined(&self) -> Option<Vec<effect::Imagined>> {
        let sources = match &self.sources {
            Some(sources) => effect::ids("auth_sources", sources)?,
            None => ("auth_sources", "any".to_owned()),
        };
        Some(vec![
            sources,
            effect::ids("departments", &self.departments)?,
            effect::ids("groups", &self.groups)?,
            effect::ids("users", &self.users)?,
        ])
    }

    /// What is to change, as a merge patch.
    fn patch(&self, portal: &Portal) -> Value {
        let mut patch = Map::new();
        for (name, now, wanted) in [
            ("auth_sources", json!(portal.auth_sources), json!(self.sources)),
            (
                "allowed_departments",
                json!(portal.allowed_departments),
                json!(self.departments),
            ),
            ("allowed_groups", json!(portal.allowed_groups), json!(self.groups)),
            ("allowed_users", json!(portal.allowed_users), json!(self.users)),
        ] {
            if sorted(&now) != sorted(&wanted) {
                patch.insert(name.to_owned(), wanted);
            }
        }
        Value::Object(patch)
    }
}

/// A list without its order, which means nothing.
fn sorted(list: &Value) -> Option<Vec<&str>> {
    let mut ids: Vec<&str> = list.as_array()?.iter().filter_map(Value::as_str).collect();
    ids.sort_unstable();
    Some(ids)
}

/// The portal, and its entity tag.
async fn stored(visit: &Visit, id: &str) -> Result<(Portal, String), Refused> {
    let path = format!("clients/{}", plain(visit, id)?);
    let answer = visit.send(Method::GET, &path, None).await?;
    let portal = visit.read(&answer)?;
    Ok((portal, answer.tag.unwrap_or_default()))
}

fn choices(chosen: &[Named], found: Vec<Named>) -> Vec<Choice> {
    let known = |id: &str| chosen.iter().any(|named| named.id == id);
    let others = found.iter().filter(|named| !known(&named.id));
    let choice = |chosen: bool| {
        move |named: &Named| Choice {
            value: named.id.clone(),
            label: named.label(),
            chosen,
        }
    };
    chosen
        .iter()
        .map(choice(true))
        .chain(others.map(choice(false)))
        .collect()
}

/// Those that can be read in the API by their ids: what else was sent is not shown again.
fn ids(sent: &[String]) -> Vec<String> {
    let is_id = |id: &&String| id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    sent.iter().filter(is_id).cloned().collect()
}

/// Departments and people to choose from besides those who are chosen.
async fn found(visit: &Visit, department: &str, person: &str) -> Result<(Vec<Named>, Vec<Named>), Refused> {
    let query = [("limit", "50"), ("sort", "name"), ("q", department)];
    let wanted = query.into_iter().filter(|(_, value)| !value.is_empty());
    let departments: Items = visit.get(&with_query("departments", wanted)).await?;
    if person.is_empty() {
        return Ok((departments.items, Vec::new()));
    }
    let wanted = with_query("users", [("limit", "50"), ("q", person)]);
    let people: Items = visit.get(&wanted).await?;
    Ok((departments.items, people.items))
}

async fn page(visit: &Visit, portal: &Portal, shown: &Shown) -> Result<AllowedPage<'static>, Refused> {
    let (department, person) = shown.search.clone();
    let sources: Items = visit.get("auth-sources?limit=200").await?;
    let (departments, people) = found(visit, &department, &person).await?;
    let (chosen_departments, chosen_users) = (ids(&shown.departments), ids(&shown.users));
    let frame = framed(visit, portal, "console-portal-allow");
    let called = |departments: Vec<Named>| -> Vec<Named> {
        let departments = departments.into_iter();
        departments.map(|named| named.department(&frame)).collect()
    };
    let known = called(names(visit, "departments", &chosen_departments).await);
    let of_department = choices(&known, called(departments));
    let of_user = choices(&names(visit, "users", &chosen_users).await, people);
    let groups: Items = visit.get("groups?limit=200&sort=name").await?;
    let unlisted = ids(&shown.groups).into_iter();
    let unlisted = unlisted.filter(|id| groups.items.iter().all(|group| group.id != *id));
    let more_groups = unlisted.collect();
    let of_group = groups.items.into_iter().map(|named| Choice {
        chosen: shown.groups.contains(&named.id),
        label: named.label(),
        value: named.id,
    });
    let of_group = of_group.collect();
    let ticks = |key: &str, name: &str, choices: Vec<Choice>| Field::new(&frame, key, name, "ticks").among(choices);
    let accepted = |named: Named| Choice {
        chosen: shown.sources.as_ref().is_some_and(|ids| ids.contains(&named.id)),
        label: named.label(),
        value: named.id,
    };
    let all = if shown.sources.is_none() { "true" } else { "" };
    let more = |ids: &[String]| ids.iter().skip(NAMED).cloned().collect();
    Ok(AllowedPage {
        head: Head::of(portal, None),
        every_source: Field::new(&frame, "console-portal-every-source", "every_source", "tick").filled(all),
        sources: ticks(
            "console-portal-auth-sources",
            "auth_sources",
            sources.items.into_iter().map(accepted).collect(),
        ),
        departments: ticks(
            "console-portal-allowed-departments",
            "allowed_departments",
            of_department,
        ),
        groups: ticks("console-portal-allowed-groups", "allowed_groups", of_group),
        users: ticks("console-portal-allowed-users", "allowed_users", of_user),
        more_departments: more(&chosen_departments),
        more_groups,
        more_users: more(&chosen_users),
        version: shown.version.clone(),
        everybody: None,
        problem: None,
        others: Vec::new(),
        department,
        person,
        frame,
    })
}

pub async fn form(visit: Visit, id: web::Path<String>) -> Reply {
    let (portal, version) = stored(&visit, &id).await?;
    let page = page(&visit, &portal, &Shown::stored(&visit, &portal, version)).await?;
    Ok(visit.page(&page))
}

pub async fn change(visit: Visit, id: web::Path<String>, form: Form) -> Reply {
    let (portal, _) = stored(&visit, &id).await?;
    let sent = Shown::sent(&form);
    if choosing::looks(&form) {
        let page = page(&visit, &portal, &sent).await?;
        return Ok(visit.page(&page));
    }
    if sent.opens(&portal) && !form.has("everybody") {
        let mut page = page(&visit, &portal, &sent).await?;
        let meant = Field::new(&page.frame, "console-portal-everybody-meant", "everybody", "tick");
        page.everybody = Some(meant);
        return Ok(html(StatusCode::UNPROCESSABLE_ENTITY, &page));
    }
    let patch = sent.patch(&portal);
    if visit.may("admin") && !form.has(effect::SURE) && patch.as_object().is_some_and(|patch| !patch.is_empty()) {
        let effect = match sent.imagined() {
            Some(imagined) => effect::of_change(&visit, &portal.id, &imagined).await,
            None => Ok(None),
        };
        match effect {
            Ok(effect) => return Ok(visit.page(&effect::page(&visit, &portal, ("allowed", &form), effect))),
            Err(refused) => return again(&visit, &portal, (&sent, &refused)).await,
        }
    }
    let path = format!("clients/{}", portal.id);
    match visit
        .call((Method::PATCH, &path), Some(&patch), form.get("version"))
        .await
    {
        Ok(_) => Ok(see_other(&format!("/console/portals/{}?done=allowed", portal.id))),
        Err(refused) => again(&visit, &portal, (&sent, &refused)).await,
    }
}

/// The form once more with what was chosen, and what is wrong.
async fn again(visit: &Visit, portal: &Portal, (sent, refused): (&Shown, &Refused)) -> Result<HttpResponse, Refused> {
    let problem = refused.problem();
    let page = AllowedPage {
        problem: Some(problem),
        others: problem.errors.iter().collect(),
        ..page(visit, portal, sent).await?
    };
    Ok(refused.on(&page))
}
