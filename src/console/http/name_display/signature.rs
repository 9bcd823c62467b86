//! Signs a page for WeCom's script, which asks by our own script: whoever may not see the names gets no signature.

use actix_web::{
    HttpResponse,
    web::{Data, Path},
};
use serde::Serialize;

use super::page::{actor, viewer};
use crate::{
    console::http::{
        visit::{Reply, Visit},
        wecom::shared::plain,
    },
    directory::name_proof::{NameProofFailure, NameProofs, Page},
    wecom::model::TicketKind,
};

/// What the script is told.
#[derive(Serialize)]
struct Signed {
    corp_id: String,
    agent_id: i64,
    timestamp: i64,
    nonce: String,
    signature: String,
    ticket: String,
}

pub(super) async fn sign(visit: Visit, proofs: Data<NameProofs>, source: Path<String>) -> Reply {
    let not_found = || visit.failed(&NameProofFailure::NotFound.failure());
    let source = plain(&visit, &source)?.parse().map_err(|_| not_found())?;
    let page = Page {
        url: visit.param("url").unwrap_or_default(),
        ticket: match visit.param("ticket") {
            Some("corp") => TicketKind::Corp,
            _ => TicketKind::App,
        },
        refused: visit.param("refused"),
    };
    let actor = actor(&visit);
    let signed = proofs.signed(viewer(&visit, &actor), source, page).await;
    let signed = signed.map_err(|failure| visit.failed(&failure))?;
    let told = Signed {
        corp_id: signed.corp_id,
        agent_id: signed.agent_id,
        timestamp: signed.timestamp,
        nonce: signed.nonce,
        signature: signed.signature,
        ticket: signed.ticket,
    };
    Ok(HttpResponse::Ok()
        .insert_header(("cache-control", "no-store"))
        .json(told))
}
