//! Control API: time, tokens, faults, callbacks and events, the call log.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{self, Data, Json, Path, ServiceConfig};
use serde::Deserialize;
use serde_json::json;

use super::reply::{done, failed};
use crate::callbacks::{Delivery, Event, Owner, act, configure, emit, release};
use crate::state::Shared;
use crate::tokens::ForcedExpiry;
use crate::world::{Action, Callback, Fault};

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .route("/clock", web::get().to(clock))
        .route("/clock/advance", web::post().to(advance))
        .route("/tokens/expire", web::post().to(expire))
        .route("/faults", web::get().to(faults))
        .route("/faults", web::post().to(add_fault))
        .route("/faults", web::delete().to(clear_faults))
        .route("/callbacks", web::post().to(configure_callback))
        .route("/corps/{corp}/actions", web::post().to(carry_out))
        .route("/events", web::post().to(emit_event))
        .route("/events/held", web::get().to(held))
        .route("/events/held", web::delete().to(drop_held))
        .route("/events/release", web::post().to(release_held))
        .route("/calls", web::get().to(calls))
        .route("/calls", web::delete().to(clear_calls));
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Seconds {
    seconds: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Expiry {
    code: i32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewCallback {
    corp: String,
    owner: Owner,
    url: String,
    token: String,
    aes_key: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Emission {
    corp: String,
    owner: Owner,
    event: Event,
    #[serde(default)]
    delivery: Delivery,
    #[serde(default = "once")]
    count: u32,
}

/// An action of the console, and how its events are delivered.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Doing {
    action: Action,
    #[serde(default)]
    delivery: Delivery,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Release {
    reverse: bool,
}

fn once() -> u32 {
    1
}

async fn clock(shared: Data<Shared>) -> HttpResponse {
    HttpResponse::Ok().json(json!({"now": shared.clock.now()}))
}

async fn advance(body: Json<Seconds>, shared: Data<Shared>) -> HttpResponse {
    shared.clock.advance(body.seconds);
    clock(shared).await
}

async fn expire(body: Json<Expiry>, shared: Data<Shared>) -> HttpResponse {
    let forced = match body.code {
        40014 => ForcedExpiry::Code40014,
        42001 => ForcedExpiry::Code42001,
        40082 | 42009 => {
            shared.lock().suites.tokens.expire(body.code);
            return done();
        }
        _ => return failed(StatusCode::UNPROCESSABLE_ENTITY, "code: 40014, 42001, 40082 or 42009"),
    };
    shared.lock().tokens.expire(forced);
    done()
}

async fn faults(shared: Data<Shared>) -> HttpResponse {
    HttpResponse::Ok().json(&shared.lock().world.faults)
}

async fn add_fault(body: Json<Fault>, shared: Data<Shared>) -> HttpResponse {
    shared.lock().edit(|world| world.faults.push(body.into_inner()));
    done()
}

async fn clear_faults(shared: Data<Shared>) -> HttpResponse {
    shared.lock().edit(|world| world.faults.clear());
    done()
}

async fn configure_callback(body: Json<NewCallback>, shared: Data<Shared>) -> HttpResponse {
    let NewCallback {
        corp,
        owner,
        url,
        token,
        aes_key,
    } = body.into_inner();
    match configure(&shared, &corp, owner, Callback { url, token, aes_key }).await {
        Ok(()) => done(),
        Err(error) => failed(StatusCode::UNPROCESSABLE_ENTITY, error),
    }
}

async fn emit_event(body: Json<Emission>, shared: Data<Shared>) -> HttpResponse {
    let Emission {
        corp,
        owner,
        event,
        delivery,
        count,
    } = body.into_inner();
    let mut reports = Vec::new();
    for _ in 0..count {
        reports.push(emit(&shared, &corp, owner, &event, delivery).await);
    }
    HttpResponse::Ok().json(reports)
}

async fn carry_out(corp: Path<String>, body: Json<Doing>, shared: Data<Shared>) -> HttpResponse {
    let Doing { action, delivery } = body.into_inner();
    let acted = act(&shared, &corp, action, delivery).await;
    acted.map_or_else(
        || {
            failed(
                StatusCode::NOT_FOUND,
                "no such corp, member or app, or the userid is taken",
            )
        },
        |acted| HttpResponse::Ok().json(acted.told),
    )
}

async fn held(shared: Data<Shared>) -> HttpResponse {
    HttpResponse::Ok().json(&shared.lock().held)
}

async fn drop_held(shared: Data<Shared>) -> HttpResponse {
    shared.lock().held.clear();
    done()
}

async fn release_held(body: Json<Release>, shared: Data<Shared>) -> HttpResponse {
    HttpResponse::Ok().json(release(&shared, body.reverse).await)
}

async fn calls(shared: Data<Shared>) -> HttpResponse {
    HttpResponse::Ok().json(shared.lock().call_log())
}

async fn clear_calls(shared: Data<Shared>) -> HttpResponse {
    shared.lock().clear_log();
    done()
}
