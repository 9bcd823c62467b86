//! Whether browsers have the passkeys that were set up: they are bound to a domain name and https.

use futures_util::FutureExt;

use crate::{
    doctor::{
        check::{Check, Of},
        failure::DoctorFinding,
        report::{Finding, Looked},
        store,
        surroundings::Surroundings,
    },
    kernel::failure::Result,
    signin::passkey::RelyingParty,
};

pub const CHECK: Check = Check {
    name: "passkeys",
    about: "whether passkeys work at this address",
    rests_on: &["database", "migrations"],
    look: Of::Installation(|around| look(around).boxed()),
};

async fn look(around: &Surroundings) -> Result<Looked> {
    let public_url = &around.config.public_url;
    let party = RelyingParty::at(public_url);
    // Where browsers have none, none of them works.
    let host = party.as_ref().map_or("", RelyingParty::id);
    let many = store::passkeys_elsewhere(around.database()?, host).await?;
    if many == 0 {
        return Ok(Looked::well("none was set up elsewhere"));
    }
    let seen = format!("{many} passkeys do not work at {public_url}");
    let finding = Finding::warning(DoctorFinding::PasskeysOff.entry(), seen.clone(), "server.public_url");
    Ok(Looked::with(seen, vec![finding]))
}
