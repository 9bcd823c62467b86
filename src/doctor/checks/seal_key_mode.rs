//! Who may read the seal key's file.

use futures_util::FutureExt;

use crate::{
    config::SealKey,
    doctor::{
        blocking,
        check::{Check, Of},
        failure::DoctorFinding,
        report::{Finding, Looked},
        surroundings::Surroundings,
    },
    kernel::failure::Result,
    store::private_file,
};

pub const CHECK: Check = Check {
    name: "seal_key_mode",
    about: "who may read the seal key",
    rests_on: &["seal_key"],
    look: Of::Installation(|around| look(around).boxed()),
};

async fn look(around: &Surroundings) -> Result<Looked> {
    let SealKey::File { path, .. } = &around.config.seal else {
        return Ok(Looked::well("who may read the settings"));
    };
    let place = path.display().to_string();
    let file = path.clone();
    Ok(match blocking::apart(move || private_file::is_wide(&file)).await? {
        false => Looked::well("its owner alone"),
        true => {
            let finding = Finding::warning(DoctorFinding::SealKeyWide.entry(), place.clone(), place);
            Looked::with("others than its owner", vec![finding])
        }
    })
}
