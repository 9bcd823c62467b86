//! Which corp: its name, its corp ID, and the contacts-sync secret, where there is one.

use actix_web::{http::Method, web};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    credentials::Asked,
    state::{State, Step},
    wizard::{Wizard, framed},
};
use crate::console::http::{
    field::{self, Filling, Kind, Spec, field, needed},
    form::{Form, see_other},
    refused::Refused,
    visit::{Reply, Visit},
    wecom::saving,
};

pub(super) const SPECS: [Spec; 3] = [
    needed("name", Kind::Line),
    needed("corp_id", Kind::Line),
    field("contacts_secret", Kind::Secret),
];
/// Texts of its fields.
pub const PREFIX: &str = "console-source";

#[derive(Deserialize)]
struct Created {
    id: String,
}

fn asked(visit: &Visit, state: Option<&State>, filling: Filling<'_>) -> Asked {
    let frame = framed(visit, Step::Corp);
    let id = state.map(|state| state.source.id.clone()).unwrap_or_default();
    Asked {
        wizard: Wizard::new(&frame, state, Step::Corp),
        action: match id.as_str() {
            "" => "/console/setup/new".to_owned(),
            id => format!("/console/setup/{id}/corp"),
        },
        form: "corp",
        source: id,
        version: filling.version(),
        fields: field::fields(&frame, PREFIX, &SPECS, filling),
        notes: Vec::new(),
        other: None,
        looks: state.is_some_and(|state| state.source.contacts_secret_set),
        frame,
    }
}

/// At which field a problem of the corp stands.
fn field_of(number: &str) -> &'static str {
    match number {
        "WC-111" => "corp_id",
        _ => "contacts_secret",
    }
}

pub(super) async fn new(visit: Visit) -> Reply {
    asked(&visit, None, Filling::Stored(&json!({}))).shown(&visit)
}

pub(super) async fn create(visit: Visit, form: Form) -> Reply {
    // Nothing is synced before somebody has seen what a sync will do.
    let mut body = saving::body(&form, field::body(&form, &SPECS));
    field::put(&mut body, "auto_sync_hours", Value::Null);
    match visit.send(Method::POST, "data-sources", Some(&body)).await {
        Ok(answer) => {
            let created: Created = visit.read(&answer)?;
            let state = State::of(&visit, &created.id).await?;
            Ok(see_other(&state.onward(Step::Corp)))
        }
        Err(refused) => asked(&visit, None, Filling::Sent(&form, refused.problem())).again(&refused),
    }
}

/// The stored data source and its entity tag.
pub async fn stored(visit: &Visit, state: &State) -> Result<(Value, String), Refused> {
    let path = format!("data-sources/{}", state.source.id);
    let answer = visit.send(Method::GET, &path, None).await?;
    Ok((visit.read(&answer)?, answer.tag.unwrap_or_default()))
}

pub(super) async fn edit(visit: Visit, source: web::Path<String>) -> Reply {
    let state = State::of(&visit, &source).await?;
    let (stored, version) = stored(&visit, &state).await?;
    let asked = asked(&visit, Some(&state), Filling::Stored(&stored));
    let asked = Asked { version, ..asked };
    asked.judged(state.problems(Step::Corp), field_of).shown(&visit)
}

pub(super) async fn change(visit: Visit, source: web::Path<String>, form: Form) -> Reply {
    let state = State::of(&visit, &source).await?;
    let (stored, _) = stored(&visit, &state).await?;
    let patch = saving::body(&form, field::change(&form, &SPECS, &stored));
    let path = format!("data-sources/{}", state.source.id);
    match visit
        .call((Method::PATCH, &path), Some(&patch), form.get("version"))
        .await
    {
        Ok(_) => Ok(see_other(&State::of(&visit, &source).await?.onward(Step::Corp))),
        Err(refused) => asked(&visit, Some(&state), Filling::Sent(&form, refused.problem())).again(&refused),
    }
}
