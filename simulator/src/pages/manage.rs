//! The corp's own page for apps that it installed: visible scope, disable, delete (reference §9.6).

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Form, Query};
use askama::Template;

use super::acts::lines;
use super::picks::{Picks, ticked};
use super::{Notice, Params, page, param};
use crate::callbacks::{Acted, Delivery, Pushed, cancel, changed, rescope};
use crate::state::{Shared, State};
use crate::world::{App, Corp};

struct Installed {
    suite: String,
    name: String,
    agentid: u32,
    closed: bool,
    picks: Picks,
}

impl Installed {
    fn of(corp: &Corp, app: &App) -> Option<Self> {
        Some(Self {
            suite: app.install.as_ref()?.suite_id.clone(),
            name: app.name.clone(),
            agentid: app.agentid,
            closed: app.closed,
            picks: Picks::of(corp, &app.scope),
        })
    }
}

#[derive(Template)]
#[template(path = "manage.html")]
struct ManagePage {
    corps: Vec<(String, String)>,
    corp: String,
    corp_name: String,
    apps: Vec<Installed>,
    told: Vec<String>,
}

fn shown(state: &State, corp: Option<&str>, told: Vec<String>) -> HttpResponse {
    let world = &state.world;
    let corp = corp
        .and_then(|id| world.corps.get(id))
        .or_else(|| world.corps.values().next());
    let Some(corp) = corp else {
        return Notice::new("没有这个企业", "No such corp.").refuse(StatusCode::NOT_FOUND);
    };
    let html = ManagePage {
        corps: world
            .corps
            .values()
            .map(|corp| (corp.corpid.clone(), corp.name.clone()))
            .collect(),
        corp: corp.corpid.clone(),
        corp_name: corp.name.clone(),
        apps: corp.apps.values().filter_map(|app| Installed::of(corp, app)).collect(),
        told,
    };
    page(StatusCode::OK, &html)
}

/// `GET /manage?corp=`
pub(crate) async fn show(query: Query<Params>, shared: Data<Shared>) -> HttpResponse {
    shown(&shared.lock(), param(&query, "corp"), Vec::new())
}

/// `POST /manage`
pub(crate) async fn act(form: Form<Params>, shared: Data<Shared>) -> HttpResponse {
    let corp = param(&form, "corp").unwrap_or_default();
    let suite = param(&form, "suite").unwrap_or_default();
    let only = |pushed: Vec<Pushed>| Acted {
        pushed,
        ..Acted::default()
    };
    let acted = match param(&form, "action") {
        Some("delete") => cancel(&shared, corp, suite, None).await.map(only),
        Some("scope") => rescope(&shared, (corp, suite), ticked(&form), Delivery::default()).await,
        Some("disable") => enable(&shared, corp, suite, true).await.map(only),
        Some("enable") => enable(&shared, corp, suite, false).await.map(only),
        _ => None,
    };
    let Some(acted) = acted else {
        let notice = Notice::new("没有这个应用", "No such app in this corp, or no such action.");
        return notice.refuse(StatusCode::UNPROCESSABLE_ENTITY);
    };
    shown(&shared.lock(), Some(corp), lines(&acted))
}

async fn enable(shared: &Shared, corp: &str, suite: &str, closed: bool) -> Option<Vec<Pushed>> {
    let edit = |world: &mut crate::World| world.installed_mut(corp, suite).map(|app| app.closed = closed);
    shared.lock().edit(edit)?;
    Some(changed(shared, corp, suite, None).await)
}
