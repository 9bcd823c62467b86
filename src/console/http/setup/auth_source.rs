//! The second way: an auth source on its own, with its own corp ID, which must be that of the data source.

use actix_web::{http::Method, web};
use serde_json::json;

use super::{
    credentials::Asked,
    state::{State, Step},
    wizard::{Wizard, framed},
};
use crate::console::http::{
    field::{self, Filling, Kind, Spec, needed},
    form::{Form, see_other},
    refused::Refused,
    visit::{Reply, Visit},
    wecom::{auth_source::refuse_mismatch, saving},
};

pub(super) const SPECS: [Spec; 4] = [
    needed("name", Kind::Line),
    needed("corp_id", Kind::Line),
    needed("agent_id", Kind::Number),
    field::field("app_secret", Kind::Secret),
];
/// Texts of its fields.
pub(super) const PREFIX: &str = "console-auth-source";

fn asked(visit: &Visit, state: &State, filling: Filling<'_>) -> Asked {
    let frame = framed(visit, Step::App);
    let title = frame.t("console-setup-app-own");
    Asked {
        wizard: Wizard::new(&frame, Some(state), Step::App),
        action: format!("/console/setup/{}/auth-source", state.source.id),
        form: "auth-source",
        source: state.source.id.clone(),
        version: filling.version(),
        fields: field::fields(&frame, PREFIX, &SPECS, filling),
        notes: Vec::new(),
        other: Some((state.address(Step::App), "console-setup-app-with")),
        looks: false,
        frame: frame.titled(&title),
    }
}

pub(super) async fn form(visit: Visit, source: web::Path<String>) -> Reply {
    let state = State::of(&visit, &source).await?;
    let first = json!({ "name": state.source.name, "corp_id": state.source.corp_id });
    asked(&visit, &state, Filling::Stored(&first)).shown(&visit)
}

async fn created(visit: &Visit, state: &State, form: &Form) -> Result<(), Refused> {
    let mut body = saving::body(form, field::body(form, &SPECS));
    field::put(&mut body, "data_source_id", state.source.id.clone().into());
    refuse_mismatch(visit, form, &body).await?;
    visit.send(Method::POST, "auth-sources", Some(&body)).await?;
    Ok(())
}

pub(super) async fn create(visit: Visit, source: web::Path<String>, form: Form) -> Reply {
    let state = State::of(&visit, &source).await?;
    match created(&visit, &state, &form).await {
        Ok(()) => Ok(see_other(&State::of(&visit, &source).await?.onward(Step::App))),
        Err(refused) => asked(&visit, &state, Filling::Sent(&form, refused.problem())).again(&refused),
    }
}
