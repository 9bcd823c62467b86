//! Who may enter a portal: by which auth sources, of which departments, and who besides.

use actix_web::{http::Method, web};
use askama::Template;
use serde_json::{Value, json};

use super::{
    super::{
        field::{Choice, Field},
        form::{Form, see_other},
        frame::Frame,
        visit::{Reply, Visit, with_query},
    },
    portal::{Head, Portal, framed, portal},
    view::{Items, NAMED, Named, names},
};

#[derive(Template)]
#[template(path = "console/portals/allowed.html")]
struct AllowedPage {
    frame: Frame,
    head: Head,
    department: String,
    person: String,
    every_source: Field,
    sources: Field,
    departments: Field,
    users: Field,
    /// Those whose names were not asked for, and who stay.
    more_departments: Vec<String>,
    more_users: Vec<String>,
}

fn choices(chosen: &[Named], found: Vec<Named>) -> Vec<Choice> {
    let known = |id: &str| chosen.iter().any(|named| named.id == id);
    let others = found.iter().filter(|named| !known(&named.id));
    let choice = |chosen: bool| {
        move |named: &Named| Choice {
            value: named.id.clone(),
            label: named.label().to_owned(),
            chosen,
        }
    };
    chosen
        .iter()
        .map(choice(true))
        .chain(others.map(choice(false)))
        .collect()
}

pub async fn form(visit: Visit, id: web::Path<String>) -> Reply {
    let portal = portal(&visit, &id).await?;
    let param = |name: &str| visit.param(name).unwrap_or_default().to_owned();
    let (department, person) = (param("department"), param("person"));
    let sources: Items = visit.get("auth-sources?limit=200").await?;
    let query = [("limit", "50"), ("sort", "name"), ("q", department.as_str())];
    let wanted = query.into_iter().filter(|(_, value)| !value.is_empty());
    let departments: Items = visit.get(&with_query("departments", wanted)).await?;
    let people = match person.as_str() {
        "" => Vec::new(),
        person => {
            let wanted = with_query("users", [("limit", "50"), ("q", person)]);
            visit.get::<Items>(&wanted).await?.items
        }
    };
    let frame = framed(&visit, &portal, "console-portal-allow");
    let ticks = |key: &str, name: &str, choices: Vec<Choice>| Field::new(&frame, key, name, "ticks").among(choices);
    let all = portal.auth_sources.is_none();
    let accepted = |named: Named| Choice {
        chosen: portal.auth_sources.as_ref().is_some_and(|ids| ids.contains(&named.id)),
        label: named.label().to_owned(),
        value: named.id,
    };
    let of_department = choices(
        &names(&visit, "departments", &portal.allowed_departments).await,
        departments.items,
    );
    let of_user = choices(&names(&visit, "users", &portal.allowed_users).await, people);
    let more = |ids: &[String]| ids.iter().skip(NAMED).cloned().collect();
    Ok(visit.page(&AllowedPage {
        head: Head::of(&portal, None),
        every_source: Field::new(&frame, "console-portal-every-source", "every_source", "tick").filled(if all {
            "true"
        } else {
            ""
        }),
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
        users: ticks("console-portal-allowed-users", "allowed_users", of_user),
        more_departments: more(&portal.allowed_departments),
        more_users: more(&portal.allowed_users),
        department,
        person,
        frame,
    }))
}

/// What is to change, as a merge patch.
fn patch(form: &Form, portal: &Portal) -> Value {
    let list = |name: &str| -> Vec<String> { form.all(name).filter(|id| !id.is_empty()).map(str::to_owned).collect() };
    let sources = (!form.has("every_source")).then(|| list("auth_sources"));
    let mut patch = json!({});
    for (name, now, wanted) in [
        ("auth_sources", json!(portal.auth_sources), json!(sources)),
        (
            "allowed_departments",
            json!(portal.allowed_departments),
            json!(list("allowed_departments")),
        ),
        (
            "allowed_users",
            json!(portal.allowed_users),
            json!(list("allowed_users")),
        ),
    ] {
        if let Some(patch) = patch.as_object_mut().filter(|_| now != wanted) {
            patch.insert(name.to_owned(), wanted);
        }
    }
    patch
}

pub async fn change(visit: Visit, id: web::Path<String>, form: Form) -> Reply {
    let portal = portal(&visit, &id).await?;
    let path = format!("clients/{}", portal.id);
    visit.send(Method::PATCH, &path, Some(&patch(&form, &portal))).await?;
    Ok(see_other(&format!("/console/portals/{}?done=allowed", portal.id)))
}
