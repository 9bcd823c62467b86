//! By which app: one that a service provider makes and the company installs, or one that the company built itself.

use actix_web::{HttpRequest, http::Method, web};
use askama::Template;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    choose::{INSTALL, installs},
    guide::{Guide, Step, wizard_of_none},
};
use crate::console::http::{
    field::{self, Filling, Kind, Spec, field, needed},
    form::{Form, see_other},
    frame::Frame,
    listing::Listing,
    refused::Refused,
    setup::{
        app::{field_of, saved},
        corp::PREFIX,
        credentials::{Asked, Refusal},
        state::State,
        wizard::Wizard,
    },
    visit::{Reply, Visit},
    wecom::saving,
};

/// Of a company that is there.
const SPECS: [Spec; 2] = [field("app.agent_id", Kind::Number), field("app.secret", Kind::Secret)];
/// Of one that is not.
const NEW: [Spec; 4] = [
    needed("name", Kind::Line),
    needed("corp_id", Kind::Line),
    needed("app.agent_id", Kind::Number),
    needed("app.secret", Kind::Secret),
];

#[derive(Deserialize)]
struct Created {
    id: String,
}

#[derive(Template)]
#[template(path = "console/assistant/app.html")]
struct AppPage<'a> {
    frame: &'a Frame,
    wizard: &'a Wizard,
    asked: &'a Asked,
    refusal: Refusal<'a>,
    /// Whether the company has its app.
    chosen: bool,
    /// Where an app of a service provider is installed; empty: nowhere.
    install: &'static str,
    /// The app of a service provider that the company has installed: its name, and where it is looked at.
    installed: Option<(String, String)>,
}

/// An app of a service provider that a company has installed.
#[derive(Deserialize)]
struct Installed {
    id: String,
    suite_name: String,
    data_source_id: Option<String>,
}

/// The installation that a data source came of.
async fn installation(visit: &Visit, source: &str) -> Option<Installed> {
    let bound: Listing<Installed> = visit.aside("installations?status=bound&limit=200").await?;
    bound
        .items
        .into_iter()
        .find(|one| one.data_source_id.as_deref() == Some(source))
}

fn page<'a>(asked: &'a Asked, refused: Option<&'a Refused>, (chosen, installs): (bool, bool)) -> AppPage<'a> {
    AppPage {
        frame: &asked.frame,
        wizard: &asked.wizard,
        asked,
        refusal: asked.refusal(refused),
        chosen,
        install: if installs { INSTALL } else { "" },
        installed: None,
    }
}

fn asked(visit: &Visit, guide: Option<&Guide>, filling: Filling<'_>) -> Asked {
    let frame = Step::App.framed(visit);
    let specs: &[Spec] = if guide.is_some() { &SPECS } else { &NEW };
    Asked {
        wizard: guide.map_or_else(|| wizard_of_none(&frame), |guide| guide.wizard(&frame, Step::App)),
        action: guide.map_or_else(|| "/console/assistant/new".to_owned(), |guide| guide.address(Step::App)),
        form: "app",
        source: guide.map(|guide| guide.source.id.clone()).unwrap_or_default(),
        version: filling.version(),
        fields: field::fields(&frame, PREFIX, specs, filling),
        notes: Vec::new(),
        other: None,
        looks: guide.is_some_and(|guide| guide.source.app.is_some()),
        frame,
    }
}

pub(super) async fn new(visit: Visit, request: HttpRequest) -> Reply {
    let asked = asked(&visit, None, Filling::Stored(&json!({})));
    Ok(visit.page(&page(&asked, None, (false, installs(&request)))))
}

pub(super) async fn create(visit: Visit, request: HttpRequest, form: Form) -> Reply {
    // Nothing is synced before somebody has seen what a sync will do.
    let mut body = saving::body(&form, field::body(&form, &NEW));
    field::put(&mut body, "auto_sync_hours", Value::Null);
    match visit.send(Method::POST, "data-sources", Some(&body)).await {
        Ok(answer) => {
            let created: Created = visit.read(&answer)?;
            Ok(see_other(&format!("/console/assistant/{}", created.id)))
        }
        Err(refused) => {
            let asked = asked(&visit, None, Filling::Sent(&form, refused.problem()));
            Ok(refused.on(&page(&asked, Some(&refused), (false, installs(&request)))))
        }
    }
}

pub(super) async fn form(visit: Visit, request: HttpRequest, source: web::Path<String>) -> Reply {
    let guide = Guide::of(&visit, &source).await?;
    let asked = asked(&visit, Some(&guide), Filling::Stored(&guide.stored));
    let asked = Asked {
        version: guide.version.clone(),
        ..asked
    };
    let installed = match &guide.suite {
        Some(suite) => Some(match installation(&visit, &guide.source.id).await {
            Some(one) => (one.suite_name, format!("/console/installations/{}", one.id)),
            None => (suite.name.clone(), format!("/console/suites/{}", suite.id)),
        }),
        None => None,
    };
    let asked = match installed {
        // There is no field at which it could stand.
        Some(_) => Asked {
            notes: guide.problems(Step::App).cloned().collect(),
            ..asked
        },
        None => asked.judged(guide.problems(Step::App), field_of),
    };
    let chosen = guide.source.app.is_some();
    Ok(visit.page(&AppPage {
        installed,
        ..page(&asked, None, (chosen, installs(&request)))
    }))
}

pub(super) async fn change(visit: Visit, request: HttpRequest, source: web::Path<String>, form: Form) -> Reply {
    let state = State::of(&visit, &source).await?;
    let guide = Guide::of(&visit, &source).await?;
    if guide.suite.is_some() {
        return Ok(see_other(&guide.address(Step::App)));
    }
    let patch = saving::body(&form, field::change(&form, &SPECS, &guide.stored));
    match saved(&visit, &state, &patch, form.get("version")).await {
        Ok(()) => Ok(see_other(&format!("/console/assistant/{}", guide.source.id))),
        Err(refused) => {
            let asked = asked(&visit, Some(&guide), Filling::Sent(&form, refused.problem()));
            let chosen = guide.source.app.is_some();
            Ok(refused.on(&page(&asked, Some(&refused), (chosen, installs(&request)))))
        }
    }
}
