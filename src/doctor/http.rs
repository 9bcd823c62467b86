//! Handler of [`arrival`](super::arrival): tells the doctor how its own request from outside arrived. To everybody else there is nothing.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{self, Data, ServiceConfig},
};
use serde::Deserialize;

use super::{
    arrival::{self, Arrival},
    service::Doctor,
    surroundings::Server,
};
use crate::{
    kernel::failure::Result,
    web::{client_address::Proxies, failure::WebFailure, input},
};

/// Mounts it. Needs `web::Data<Doctor>` and `web::Data<Proxies>`.
pub fn routes(config: &mut ServiceConfig) {
    config.service(web::resource(arrival::PATH).get(arrived));
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    seal: String,
}

async fn arrived(request: HttpRequest, doctor: Data<Doctor>, proxies: Data<Proxies>) -> Result<HttpResponse> {
    let around = doctor.surroundings();
    let asked: Result<Asked> = input::query_of(&request);
    let ours = |server: &Server| {
        let now = around.clock.now();
        asked.is_ok_and(|asked| arrival::is_ours(&server.sealer, &asked.seal, now))
    };
    if !around.server.as_ref().is_some_and(ours) {
        return Err(WebFailure::NotFound.into());
    }
    let header = |name: &str| {
        let value = request.headers().get(name)?;
        Some(String::from_utf8_lossy(value.as_bytes()).into_owned())
    };
    let peer = request.peer_addr().map(|peer| peer.ip().to_canonical());
    let arrival = Arrival {
        peer: peer.map(|peer| peer.to_string()).unwrap_or_default(),
        peer_trusted: peer.is_some_and(|peer| proxies.trusts(peer)),
        forwarded_for: header("x-forwarded-for").is_some(),
        proto: header("x-forwarded-proto"),
        host: header("host"),
    };
    Ok(HttpResponse::Ok()
        .insert_header(("cache-control", "no-store"))
        .json(arrival))
}
