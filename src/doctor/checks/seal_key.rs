//! The seal key's file: there, and the right one.

use futures_util::FutureExt;

use crate::{
    config::{self, SealKey},
    crypto::{failure::CryptoFailure, seal::Sealer},
    doctor::{
        blocking,
        check::{Check, Of},
        failure::DoctorFinding,
        report::{Finding, Looked},
        surroundings::Surroundings,
    },
    kernel::failure::Result,
};

pub const CHECK: Check = Check {
    name: "seal_key",
    about: "the seal key",
    rests_on: &[],
    look: Of::Installation(|around| look(around).boxed()),
};

/// What anything is sealed for here.
const CONTEXT: &str = "doctor.seal_key";
/// Which is the one thing that no check can see.
const BACKUP: &str = "keep a copy apart from the database's copies, and as long as any of them";

async fn look(around: &Surroundings) -> Result<Looked> {
    let SealKey::File { path, .. } = &around.config.seal else {
        return Ok(Looked::well(format!("among the settings; {BACKUP}")));
    };
    let place = path.display().to_string();
    let found = |what: DoctorFinding, seen: String| vec![Finding::error(what.entry(), seen, place.clone())];
    let (file, entropy) = (path.clone(), around.entropy.clone());
    let findings = match blocking::apart(move || config::seal_key(&file, false, &entropy)).await? {
        Err(sentence) => found(DoctorFinding::SealKeyUnreadable, sentence),
        Ok(key) => match Sealer::new(&key, around.entropy.clone()) {
            Some(sealer) if is_in_use(around, &sealer).await? => Vec::new(),
            Some(_) => found(DoctorFinding::SealKeyOther, place.clone()),
            None => found(DoctorFinding::SealKeyUnreadable, place.clone()),
        },
    };
    Ok(Looked::with(format!("{place}; {BACKUP}"), findings))
}

/// Whether this key opens what the running server seals; beside a dead server, the signing keys. Where neither can be asked it counts as the
/// right one: why not is another check's finding.
async fn is_in_use(around: &Surroundings, sealer: &Sealer) -> Result<bool> {
    if let Some(server) = &around.server {
        let sealed = server.sealer.seal(CONTEXT, b"1")?;
        return Ok(sealer.open(CONTEXT, &sealed).is_ok());
    }
    let Ok(keyring) = &around.keyring else { return Ok(true) };
    let read = keyring.reload().await;
    Ok(read.map_or_else(|failure| failure.entry != CryptoFailure::Unreadable.entry(), |()| true))
}
