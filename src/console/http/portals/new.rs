//! A new portal: a recipe, two or three fields, and what is to be entered at the other side, with the secret shown this once.

use actix_web::{HttpResponse, http::Method, web};
use askama::Template;
use serde::Deserialize;

use super::{
    super::{
        address::segment,
        field::{self, Field},
        form::Form,
        frame::{Frame, Section},
        refused::{FieldFault, Problem, Refused},
        visit::{Reply, Visit},
    },
    portal::{Head, Tab, missing},
    setup::{Filled, blocks, issuer},
};
use crate::{
    console::recipes::{self, RECIPES, Recipe, Values},
    web::texts::Lang,
};

#[derive(Template)]
#[template(path = "console/portals/recipes.html")]
struct RecipesPage {
    frame: Frame,
    recipes: &'static [Recipe],
}

pub async fn recipes(visit: Visit) -> Reply {
    Ok(visit.page(&RecipesPage {
        frame: visit.frame("console-portals-new", Some(Section::Portals)),
        recipes: RECIPES,
    }))
}

#[derive(Template)]
#[template(path = "console/portals/new.html")]
struct NewPage<'a> {
    frame: Frame,
    recipe: &'static Recipe,
    fields: Vec<Field>,
    /// The data source whose set-up goes on after it; empty: none.
    setup: String,
    problem: Option<&'a Problem>,
    others: Vec<&'a FieldFault>,
}

/// Names of fields here and in the API, and what stands in each at first.
fn fields(frame: &Frame, recipe: &Recipe, sent: Option<(&Form, &Problem)>) -> Vec<Field> {
    let value = |name: &str, first: &str| match sent {
        Some((form, _)) => form.get(name).unwrap_or_default().to_owned(),
        None => first.to_owned(),
    };
    let problem = sent.map(|(_, problem)| problem);
    let line = |name: &str, first: &str| {
        let key = format!("console-portal-{}", name.replace('_', "-"));
        let mut field = Field::new(frame, &key, name, "line")
            .filled(&value(name, first))
            .judged(problem);
        field.required = true;
        field
    };
    let mut fields = vec![line("name", frame.pick(recipe.name.0, recipe.name.1))];
    if recipe.has_address() {
        let mut address = line("address", "");
        // What is wrong with an address that was made of it is wrong with it.
        let made = [
            "redirect_uris",
            "post_logout_redirect_uris",
            "metadata.backchannel_logout_uri",
        ];
        let fault = || problem.and_then(|problem| made.into_iter().find_map(|name| problem.fault(name)));
        address.fault = fault().cloned();
        fields.push(address);
    }
    fields.push(line("client_id", recipe.key));
    fields
}

fn known(visit: &Visit, key: &str) -> Result<&'static Recipe, Refused> {
    recipes::recipe(key).ok_or_else(|| visit.failed(&missing()))
}

fn framed(visit: &Visit, recipe: &Recipe) -> Frame {
    let frame = visit.frame("console-portals-new", Some(Section::Portals));
    let title = format!("{} · {}", frame.title(), frame.pick(recipe.name.0, recipe.name.1));
    frame.titled(&title)
}

pub async fn form(visit: Visit, key: web::Path<String>) -> Reply {
    let recipe = known(&visit, &key)?;
    let frame = framed(&visit, recipe);
    Ok(visit.page(&NewPage {
        fields: fields(&frame, recipe, None),
        frame,
        setup: visit.param("setup").unwrap_or_default().to_owned(),
        recipe,
        problem: None,
        others: Vec::new(),
    }))
}

/// The fields of the form, with what would be wrong with them if it were sent; none where nothing would.
pub(in crate::console::http) async fn judged(visit: &Visit, form: &Form) -> Result<Vec<Field>, Refused> {
    let recipe = known(visit, form.get("recipe").unwrap_or_default())?;
    let values = Values {
        issuer: "",
        address: form.get("address").unwrap_or_default(),
        client_id: form.get("client_id").unwrap_or_default(),
        client_secret: "",
        random: "",
    };
    let body = recipe.client(form.get("name").unwrap_or_default(), &values);
    let judged = visit.send(Method::POST, "clients?dry_run=true", Some(&body)).await;
    let frame = framed(visit, recipe);
    Ok(judged.err().map_or_else(Vec::new, |refused| {
        fields(&frame, recipe, Some((form, refused.problem())))
    }))
}

#[derive(Deserialize)]
struct Created {
    id: String,
    client_id: String,
    name: String,
    #[serde(default)]
    client_secret: Option<String>,
    warnings: Vec<String>,
    warnings_zh: Vec<String>,
}

#[derive(Template)]
#[template(path = "console/portals/created.html")]
struct CreatedPage {
    frame: Frame,
    head: Head,
    recipe: &'static Recipe,
    blocks: Vec<Filled>,
    issuer: String,
    secret: Option<String>,
    warnings: Vec<String>,
    me: String,
    /// Where the set-up goes on; empty: none.
    setup: String,
}

pub async fn create(visit: Visit, key: web::Path<String>, form: Form) -> Reply {
    let recipe = known(&visit, &key)?;
    let issuer = issuer(&visit).await?;
    let mut values = Values {
        issuer: &issuer,
        address: form.get("address").unwrap_or_default(),
        client_id: form.get("client_id").unwrap_or_default(),
        client_secret: "",
        random: visit.operator.random.expose(),
    };
    let body = recipe.client(form.get("name").unwrap_or_default(), &values);
    let created: Created = match visit.make_once(&form, "clients", Some(&body)).await {
        Ok(answer) => visit.read(&answer)?,
        Err(refused) => return Ok(again(&visit, recipe, (&form, &refused))),
    };
    values.client_secret = created.client_secret.as_deref().unwrap_or_default();
    Ok(visit.page(&CreatedPage {
        frame: framed(&visit, recipe),
        blocks: blocks(recipe, &values),
        head: Head {
            id: created.id,
            name: created.name,
            client_id: created.client_id,
            enabled: true,
            tab: Some(Tab::Setup),
        },
        recipe,
        secret: created.client_secret.clone(),
        warnings: match visit.lang {
            Lang::Zh => created.warnings_zh,
            Lang::En => created.warnings,
        },
        me: visit.operator.user.to_string(),
        setup: form.get("setup").map(onward).unwrap_or_default(),
        issuer: issuer.clone(),
    }))
}

/// The last step of the set-up of a data source.
fn onward(source: &str) -> String {
    format!("/console/setup/{}/scan", segment(source))
}

fn again(visit: &Visit, recipe: &'static Recipe, (form, refused): (&Form, &Refused)) -> HttpResponse {
    let problem = refused.problem();
    let frame = framed(visit, recipe);
    let fields = fields(&frame, recipe, Some((form, problem)));
    let page = NewPage {
        others: field::others(problem, &fields),
        fields,
        frame,
        setup: form.get("setup").unwrap_or_default().to_owned(),
        recipe,
        problem: Some(problem),
    };
    refused.on(&page)
}
