//! What a portal would be told of somebody: *sign in as me*, before the other side is configured.

use actix_web::web;
use askama::Template;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::{
    super::{
        frame::Frame,
        visit::{Reply, Visit, with_query},
    },
    portal::{Head, Tab, framed, plain, portal},
    view::{Items, Named},
};

/// What a portal would be told.
#[derive(Deserialize)]
pub(super) struct Preview {
    scope: String,
    id_token: Map<String, Value>,
    userinfo: Map<String, Value>,
}

/// A claim and what it says in both places.
pub(super) struct Row {
    pub(super) claim: String,
    pub(super) id_token: Option<String>,
    pub(super) userinfo: Option<String>,
}

/// The claims in order of their names.
pub(super) fn rows(preview: &Preview) -> Vec<Row> {
    let mut names: Vec<&String> = preview.id_token.keys().chain(preview.userinfo.keys()).collect();
    names.sort();
    names.dedup();
    let told = |of: &Map<String, Value>, name: &str| of.get(name).map(shown);
    let row = |claim: &String| Row {
        claim: claim.clone(),
        id_token: told(&preview.id_token, claim),
        userinfo: told(&preview.userinfo, claim),
    };
    names.into_iter().map(row).collect()
}

fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(values) => values.iter().map(shown).collect::<Vec<_>>().join("\n"),
        other => other.to_string(),
    }
}

#[derive(Deserialize)]
struct Person {
    #[serde(flatten)]
    named: Named,
    #[serde(default)]
    email: Option<String>,
}

/// How somebody would come in.
#[derive(Deserialize)]
struct Explanation {
    people: Vec<Explained>,
}

#[derive(Deserialize)]
struct Explained {
    admitted: bool,
    ways: Vec<Way>,
}

#[derive(Deserialize)]
struct Way {
    #[serde(default)]
    refusal: Option<Why>,
}

#[derive(Deserialize)]
struct Why {
    number: String,
    en: String,
    zh: String,
}

#[derive(Template)]
#[template(path = "console/portals/claims.html")]
struct ClaimsPage {
    frame: Frame,
    head: Head,
    search: String,
    found: Vec<Named>,
    me: String,
    scope: String,
    person: Option<Person>,
    rows: Vec<Row>,
    granted: String,
    admitted: bool,
    why: Option<Why>,
}

pub async fn claims(visit: Visit, id: web::Path<String>) -> Reply {
    let portal = portal(&visit, &id).await?;
    let param = |name: &str| visit.param(name).unwrap_or_default().to_owned();
    let (search, user, scope) = (param("q"), param("user"), param("scope"));
    let mut page = ClaimsPage {
        frame: framed(&visit, &portal, "console-portal-claims-title"),
        head: Head::of(&portal, Some(Tab::Claims)),
        me: visit.operator.user.to_string(),
        found: Vec::new(),
        person: None,
        rows: Vec::new(),
        granted: String::new(),
        admitted: false,
        why: None,
        search,
        scope,
    };
    if !page.search.is_empty() {
        let found: Items = visit
            .get(&with_query("users", [("q", page.search.as_str()), ("limit", "20")]))
            .await?;
        page.found = found.items;
    }
    if !user.is_empty() {
        let user = plain(&visit, &user)?;
        page.person = Some(visit.get(&format!("users/{user}")).await?);
        let scope = Some(("scope", page.scope.as_str())).filter(|(_, scope)| !scope.is_empty());
        let about = [("user_id", user)].into_iter().chain(scope);
        let preview: Preview = visit
            .get(&with_query(&format!("clients/{}/claims", portal.id), about))
            .await?;
        page.rows = rows(&preview);
        page.granted = preview.scope;
        let asked = with_query(
            "access-checks",
            [("client_id", portal.client_id.as_str()), ("user_id", user)],
        );
        let explained = visit.get::<Explanation>(&asked).await?.people.into_iter().next();
        if let Some(explained) = explained {
            page.admitted = explained.admitted;
            page.why = explained
                .ways
                .into_iter()
                .find_map(|way| way.refusal)
                .filter(|_| !explained.admitted);
        }
    }
    Ok(visit.page(&page))
}
