//! Control API: the messages of members' phones, and pressing the buttons of cards.

use std::collections::HashMap;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{self, Data, Json, Path, Query, ServiceConfig};
use serde::Deserialize;

use super::reply::{done, failed};
use crate::callbacks::{Delivery, press};
use crate::mailbox::Message;
use crate::state::Shared;

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .route("/messages", web::get().to(list))
        .route("/messages", web::delete().to(clear))
        .route("/messages/{id}/press", web::post().to(press_button));
}

/// Which button, and how its event is delivered.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Press {
    key: String,
    #[serde(default)]
    delivery: Delivery,
}

/// Lists messages, oldest first; `corp`, `userid` and `msgtype` narrow them.
async fn list(query: Query<HashMap<String, String>>, shared: Data<Shared>) -> HttpResponse {
    let state = shared.lock();
    let is = |name: &str, value: &str| query.get(name).is_none_or(|asked| asked.eq_ignore_ascii_case(value));
    let asked_for = |message: &&Message| {
        is("corp", &message.corp) && is("userid", &message.userid) && is("msgtype", &message.msgtype)
    };
    HttpResponse::Ok().json(state.mailbox.all().filter(asked_for).collect::<Vec<_>>())
}

async fn clear(shared: Data<Shared>) -> HttpResponse {
    shared.lock().mailbox.clear();
    done()
}

async fn press_button(id: Path<u64>, body: Json<Press>, shared: Data<Shared>) -> HttpResponse {
    let Press { key, delivery } = body.into_inner();
    let told = press(&shared, id.into_inner(), &key, delivery).await;
    told.map_or_else(
        || failed(StatusCode::NOT_FOUND, "no such message, or no such button on it"),
        |told| HttpResponse::Ok().json(told),
    )
}
