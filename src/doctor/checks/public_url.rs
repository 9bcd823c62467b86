//! Whether what answers at the public URL is us, seen from outside in.

use std::time::Duration;

use futures_util::FutureExt;
use serde_json::Value;

use crate::{
    doctor::{
        check::{Check, Of},
        failure::DoctorFinding,
        report::{Finding, Looked, span},
        surroundings::{Server, Surroundings},
    },
    kernel::failure::{Failure, Result},
    outbound::OutboundFailure,
};

pub const CHECK: Check = Check {
    name: "public_url",
    about: "the public URL from outside in",
    rests_on: &[],
    look: Of::Server(|around, server| look(around, server).boxed()),
};

/// Longest wait for an answer.
const ANSWER: Duration = Duration::from_secs(4);

async fn look(around: &Surroundings, server: &Server) -> Result<Looked> {
    let public_url = &around.config.public_url;
    let address = format!("{public_url}/.well-known/openid-configuration");
    let answer = tokio::time::timeout(ANSWER, server.own.get_json(&address)).await;
    let finding = match answer {
        Ok(Ok(document)) => foreign(&document, public_url),
        Ok(Err(failure)) => Some(failed(&failure)),
        Err(_) => Some(unreachable(format!("no answer within {}", span(ANSWER)))),
    };
    Ok(Looked::with(address, finding.into_iter().collect()))
}

fn foreign(document: &Value, public_url: &str) -> Option<Finding> {
    let issuer = document.get("issuer").and_then(Value::as_str).unwrap_or("(none)");
    let seen = format!("the issuer there is {issuer}, ours is {public_url}");
    (issuer != public_url).then(|| Finding::error(DoctorFinding::PublicUrlForeign.entry(), seen, "server.public_url"))
}

fn failed(failure: &Failure) -> Finding {
    let seen = failure.to_string();
    if failure.entry == OutboundFailure::CertificateUntrusted.entry() {
        return Finding::error(DoctorFinding::PublicUrlUntrusted.entry(), seen, "the TLS proxy");
    }
    if failure.entry == OutboundFailure::ReplyUnusable.entry() {
        return Finding::error(DoctorFinding::PublicUrlForeign.entry(), seen, "server.public_url");
    }
    unreachable(seen)
}

fn unreachable(seen: String) -> Finding {
    Finding::warning(DoctorFinding::PublicUrlUnreachable.entry(), seen, "server.public_url")
}
