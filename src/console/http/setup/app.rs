//! By which app the people of the corp sign in. With it comes the auth source.

use actix_web::{http::Method, web};
use serde_json::Value;

use super::{
    corp::{PREFIX, stored},
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

pub const SPECS: [Spec; 3] = [
    field("app.agent_id", Kind::Number),
    field("app.secret", Kind::Secret),
    field("login_methods", Kind::Ticks(&["wecom_qr", "password"])),
];
/// Asked about once more where it turns out to be wrong here: without a secret nobody could say so before.
const CORP_ID: Spec = needed("corp_id", Kind::Line);

fn specs(with_corp_id: bool) -> Vec<Spec> {
    with_corp_id.then_some(CORP_ID).into_iter().chain(SPECS).collect()
}

fn asked(visit: &Visit, state: &State, filling: Filling<'_>, with_corp_id: bool) -> Asked {
    let frame = framed(visit, Step::App);
    Asked {
        wizard: Wizard::new(&frame, Some(state), Step::App),
        action: state.address(Step::App),
        form: "app",
        source: state.source.id.clone(),
        version: filling.version(),
        fields: field::fields(&frame, PREFIX, &specs(with_corp_id), filling),
        notes: Vec::new(),
        other: Some((
            format!("/console/setup/{}/auth-source", state.source.id),
            "console-setup-app-other",
        )),
        looks: state.app.is_some(),
        frame,
    }
}

/// At which field a problem of the app stands.
pub fn field_of(number: &str) -> &'static str {
    match number {
        "WC-111" => "corp_id",
        "DI-201" | "DI-202" | "DI-203" | "DI-206" | "DI-213" | "DI-221" | "DI-222" | "DI-223" | "DI-224" => {
            "app.agent_id"
        }
        "GT-104" => "",
        _ => "app.secret",
    }
}

pub(super) async fn form(visit: Visit, source: web::Path<String>) -> Reply {
    let state = State::of(&visit, &source).await?;
    let (stored, version) = stored(&visit, &state).await?;
    let asked = asked(&visit, &state, Filling::Stored(&stored), false);
    let asked = Asked { version, ..asked };
    // After it was sent, what is missing is a fault.
    let missing = state
        .source
        .problems
        .iter()
        .filter(|problem| visit.param("saved").is_some() && matches!(problem.number.as_str(), "DI-202" | "DI-203"));
    let asked = match state.app {
        Some(_) => asked.judged(state.problems(Step::App), field_of),
        None => asked.judged(missing.chain(state.problems(Step::App)), field_of),
    };
    asked.shown(&visit)
}

pub(super) async fn change(visit: Visit, source: web::Path<String>, form: Form) -> Reply {
    let state = State::of(&visit, &source).await?;
    let (stored, _) = stored(&visit, &state).await?;
    let specs = specs(form.has("corp_id"));
    let patch = saving::body(&form, field::change(&form, &specs, &stored));
    match saved(&visit, &state, &patch, form.get("version")).await {
        Ok(()) => Ok(see_other(&State::of(&visit, &source).await?.onward(Step::App))),
        Err(refused) => {
            let problem = refused.problem();
            let with_corp_id = form.has("corp_id") || problem.fault("corp_id").is_some();
            let sent = form.clone().or("corp_id", &state.source.corp_id);
            let asked = asked(&visit, &state, Filling::Sent(&sent, problem), with_corp_id);
            // Where the app was saved and its auth source was not, the form goes on from what is there now.
            let version = match refused.status() {
                412 => asked.version.clone(),
                _ => self::stored(&visit, &state).await?.1,
            };
            Asked { version, ..asked }.again(&refused)
        }
    }
}

/// Saves the app of a data source, and has its people sign in by it.
pub async fn saved(visit: &Visit, state: &State, patch: &Value, version: Option<&str>) -> Result<(), Refused> {
    let path = format!("data-sources/{}", state.source.id);
    visit.call((Method::PATCH, &path), Some(patch), version).await?;
    let after = State::of(visit, &state.source.id).await?;
    let Some(app) = after.app.as_ref().filter(|_| after.scans()) else {
        return Ok(());
    };
    // The auth source that signed in by the app before signs in by this one.
    let was = state.app.as_ref().map(|app| app.agent_id);
    let stale = after
        .auth_sources
        .iter()
        .find(|known| known.agent_id == was && was != Some(app.agent_id));
    if let Some(stale) = stale {
        let moved = serde_json::json!({ "agent_id": app.agent_id });
        let path = format!("auth-sources/{}", stale.id);
        return visit.send(Method::PATCH, &path, Some(&moved)).await.map(drop);
    }
    // An app that comes later brings its auth source with it as one that comes at once does.
    match after.auth_sources.is_empty() {
        true => {
            let body = serde_json::json!({
                "name": after.source.name, "corp_id": after.source.corp_id,
                "agent_id": app.agent_id, "data_source_id": after.source.id,
            });
            visit.send(Method::POST, "auth-sources", Some(&body)).await.map(drop)
        }
        false => Ok(()),
    }
}
