//! Whether a request from outside arrives with the client's address.

use futures_util::FutureExt;
use serde_json::Value;
use url::form_urlencoded::byte_serialize;

use crate::{
    doctor::{
        arrival,
        check::{Check, Of},
        failure::DoctorFinding,
        report::{Finding, Looked},
        surroundings::{Server, Surroundings},
    },
    kernel::failure::Result,
};

pub const CHECK: Check = Check {
    name: "proxy",
    about: "what the proxy hands on",
    rests_on: &["public_url"],
    look: Of::Server(|around, server| look(around, server).boxed()),
};

async fn look(around: &Surroundings, server: &Server) -> Result<Looked> {
    let config = &around.config;
    if config.trusted_proxies.is_empty() || !config.public_url.starts_with("https://") {
        return Ok(Looked::well("no proxy is trusted, so none is asked for"));
    }
    let question = arrival::question(&server.sealer, around.clock.now())?;
    let question: String = byte_serialize(question.as_bytes()).collect();
    let address = format!("{}{}", config.public_url, arrival::PATH);
    // Who has the question may ask it for a while, so it stays out of what is told: of a failure, the cause may name it.
    let answer = match server.own.get(&format!("{address}?seal={question}")).await {
        Ok(answer) => answer,
        Err(failure) => {
            return Ok(hidden(format!(
                "{address}: {} {}",
                failure.entry.number, failure.entry.en
            )));
        }
    };
    Ok(match (answer.status, serde_json::from_slice::<Value>(&answer.body)) {
        (200, Ok(arrival)) => judged(&arrival),
        (200, Err(_)) => hidden(format!("{address}: answered, but not by Menjin")),
        (status, _) => hidden(format!("{address}: HTTP status {status}")),
    })
}

fn hidden(seen: String) -> Looked {
    let finding = Finding::warning(DoctorFinding::ProxyHides.entry(), seen.clone(), "the TLS proxy");
    Looked::with(seen, vec![finding])
}

fn judged(arrival: &Value) -> Looked {
    let text = |name: &str| arrival.get(name).and_then(Value::as_str).unwrap_or("(none)");
    let yes = |name: &str| arrival.get(name).and_then(Value::as_bool).unwrap_or(false);
    let seen = format!(
        "our request came from {}, with Host {} and X-Forwarded-Proto {}",
        text("peer"),
        text("host"),
        text("proto")
    );
    let finding = match (yes("peer_trusted"), yes("forwarded_for")) {
        (true, true) => None,
        (false, _) => Some((DoctorFinding::ProxyUnknown, "server.trusted_proxies")),
        (true, false) => Some((DoctorFinding::ProxySilent, "the TLS proxy")),
    };
    let finding = finding.map(|(what, place)| Finding::warning(what.entry(), seen.clone(), place));
    Looked::with(seen, finding.into_iter().collect())
}
