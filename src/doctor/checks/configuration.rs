//! Settings that are allowed and harmful.

use futures_util::FutureExt;

use crate::{
    config::SealKey,
    doctor::{
        check::{Check, Of},
        failure::DoctorFinding,
        report::{Finding, Looked},
        surroundings::Surroundings,
    },
    kernel::failure::Result,
};

pub const CHECK: Check = Check {
    name: "configuration",
    about: "settings",
    rests_on: &[],
    look: Of::Installation(|around| look(around).boxed()),
};

async fn look(around: &Surroundings) -> Result<Looked> {
    let config = &around.config;
    let key = match &config.seal {
        SealKey::Given(_) => "the seal key is among the settings".to_owned(),
        SealKey::File { path, .. } => format!("the seal key is in {}", path.display()),
    };
    let proxies: Vec<String> = config.trusted_proxies.iter().map(ToString::to_string).collect();
    let behind = match proxies.is_empty() {
        true => "no trusted proxy".to_owned(),
        false => format!("trusted proxies {}", proxies.join(", ")),
    };
    let mut findings = Vec::new();
    if proxies.is_empty() && config.public_url.starts_with("https://") {
        findings.push(Finding::warning(
            DoctorFinding::ProxiesUnnamed.entry(),
            format!("{}, {behind}", config.public_url),
            "server.trusted_proxies",
        ));
    }
    let seen = format!("{}, {behind}, {key}", config.public_url);
    Ok(Looked::with(seen, findings))
}
