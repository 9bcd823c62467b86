//! Control API: providers and suites, their callbacks and pushes, and what corps install of them.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{self, Data, Json, Path, ServiceConfig};
use serde::Deserialize;
use serde_json::{Value, json};

use super::reply::{done, failed, patch};
use crate::callbacks::{
    Acted, Delivery, Place, Push, Pushed, SuiteCallback, cancel, changed, configure_suite, install, push, rescope,
    reset,
};
use crate::state::Shared;
use crate::suites::Plan;
use crate::world::{Agreement, Callback, Provider, Scope, Suite};

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .route("/providers", web::put().to(put_provider))
        .route("/suites", web::get().to(list))
        .route("/suites", web::put().to(put_suite))
        .route("/suites/{suite}", web::patch().to(patch_suite))
        .route("/suites/{suite}/callbacks", web::post().to(configure))
        .route("/suites/{suite}/pushes", web::post().to(push_one))
        .route("/suites/{suite}/plans", web::post().to(add_plan))
        .route("/suites/{suite}/plans", web::delete().to(clear_plans))
        .route("/corps/{corp}/installs", web::post().to(add_install))
        .route("/corps/{corp}/installs/{suite}", web::patch().to(change_install))
        .route("/corps/{corp}/installs/{suite}", web::delete().to(remove_install))
        .route("/corps/{corp}/installs/{suite}/reset", web::post().to(reset_code));
}

async fn put_provider(body: Json<Provider>, shared: Data<Shared>) -> HttpResponse {
    let provider = body.into_inner();
    let put = |world: &mut crate::World| world.providers.insert(provider.corpid.clone(), provider);
    shared.lock().edit(put);
    done()
}

async fn put_suite(body: Json<Suite>, shared: Data<Shared>) -> HttpResponse {
    let suite = body.into_inner();
    let put = |world: &mut crate::World| world.suites.insert(suite.suite_id.clone(), suite);
    shared.lock().edit(put);
    done()
}

/// Suites with their installations.
async fn list(shared: Data<Shared>) -> HttpResponse {
    let state = shared.lock();
    let world = &state.world;
    let row = |suite: &Suite| {
        let apps = world.corps.values().filter_map(|corp| {
            let app = world.installed(&corp.corpid, &suite.suite_id)?;
            Some(json!({"corp": corp.corpid, "app": app}))
        });
        json!({"suite": suite, "installs": apps.collect::<Vec<_>>()})
    };
    let rows: Vec<Value> = world.suites.values().map(row).collect();
    HttpResponse::Ok().json(rows)
}

async fn patch_suite(suite: Path<String>, body: Json<Value>, shared: Data<Shared>) -> HttpResponse {
    patch(&shared, &body, |world| world.suites.get_mut(suite.as_str()))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewCallback {
    which: SuiteCallback,
    url: String,
    token: String,
    aes_key: String,
}

async fn configure(suite: Path<String>, body: Json<NewCallback>, shared: Data<Shared>) -> HttpResponse {
    let NewCallback {
        which,
        url,
        token,
        aes_key,
    } = body.into_inner();
    match configure_suite(&shared, &suite, which, Callback { url, token, aes_key }).await {
        Ok(()) => done(),
        Err(error) => failed(StatusCode::UNPROCESSABLE_ENTITY, error),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Pushing {
    push: Push,
    #[serde(default)]
    delivery: Delivery,
    #[serde(default = "once")]
    count: u32,
}

fn once() -> u32 {
    1
}

async fn push_one(suite: Path<String>, body: Json<Pushing>, shared: Data<Shared>) -> HttpResponse {
    let Pushing {
        push: one,
        delivery,
        count,
    } = body.into_inner();
    let mut reports = Vec::new();
    for _ in 0..count {
        reports.push(push(&shared, &suite, &one, Some(delivery)).await);
    }
    HttpResponse::Ok().json(reports)
}

async fn add_plan(suite: Path<String>, body: Json<Plan>, shared: Data<Shared>) -> HttpResponse {
    shared.lock().suites.plans.add(&suite, body.into_inner());
    done()
}

async fn clear_plans(suite: Path<String>, shared: Data<Shared>) -> HttpResponse {
    shared.lock().suites.plans.clear(&suite);
    done()
}

/// An installation without a browser, and how its pushes are delivered.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewInstall {
    suite_id: String,
    /// Userid of who agrees.
    by: String,
    scope: Scope,
    #[serde(default)]
    auth_mode: u8,
    #[serde(default)]
    state: String,
    #[serde(default)]
    delivery: Option<Delivery>,
}

async fn add_install(corp: Path<String>, body: Json<NewInstall>, shared: Data<Shared>) -> HttpResponse {
    let body = body.into_inner();
    let agreement = Agreement {
        suite_id: body.suite_id,
        by: body.by,
        scope: body.scope,
        at: shared.clock.now(),
        auth_mode: body.auth_mode,
        state: body.state,
        permanent_code: String::new(),
    };
    match install(&shared, &corp, agreement, Place::Phone, body.delivery).await {
        Some((auth_code, pushed)) => HttpResponse::Ok().json(json!({"auth_code": auth_code, "pushed": pushed})),
        None => failed(StatusCode::NOT_FOUND, "no such corp, suite or member"),
    }
}

/// Changes of an installed app: its scope, and fields of the app.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Changes {
    scope: Option<Scope>,
    /// Fields of the app, merged, e.g. `{"closed": true}` or `{"install": {"extra": …}}`.
    app: Option<Value>,
    #[serde(default)]
    delivery: Delivery,
}

async fn change_install(path: Path<(String, String)>, body: Json<Changes>, shared: Data<Shared>) -> HttpResponse {
    let ((corp, suite), Changes { scope, app, delivery }) = (path.into_inner(), body.into_inner());
    let mut all = Acted::default();
    if let Some(fields) = app {
        let merged = patch(&shared, &fields, |world| world.installed_mut(&corp, &suite));
        if !merged.status().is_success() {
            return merged;
        }
        all.pushed.extend(changed(&shared, &corp, &suite, Some(delivery)).await);
    }
    if let Some(scope) = scope {
        match rescope(&shared, (&corp, &suite), scope, delivery).await {
            Some(acted) => {
                all.told.extend(acted.told);
                all.pushed.extend(acted.pushed);
            }
            None => return failed(StatusCode::NOT_FOUND, "not installed"),
        }
    }
    HttpResponse::Ok().json(all)
}

/// How the pushes of an act are delivered.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Delivered {
    delivery: Option<Delivery>,
}

fn pushed_or_missing(pushed: Option<Vec<Pushed>>) -> HttpResponse {
    pushed.map_or_else(
        || failed(StatusCode::NOT_FOUND, "not installed, or not from a template"),
        |pushed| HttpResponse::Ok().json(pushed),
    )
}

/// Without a body the push goes as planned.
async fn remove_install(
    path: Path<(String, String)>,
    body: Option<Json<Delivered>>,
    shared: Data<Shared>,
) -> HttpResponse {
    let delivery = body.and_then(|body| body.delivery);
    pushed_or_missing(cancel(&shared, &path.0, &path.1, delivery).await)
}

async fn reset_code(path: Path<(String, String)>, body: Option<Json<Delivered>>, shared: Data<Shared>) -> HttpResponse {
    let delivery = body.and_then(|body| body.delivery);
    pushed_or_missing(reset(&shared, &path.0, &path.1, delivery).await)
}
