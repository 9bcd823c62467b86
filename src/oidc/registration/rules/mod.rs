//! The rules between the things a client registers (OpenID Connect Dynamic Client Registration 1.0 §2, RFC 7591 §2 and what extends it).
//! Pure: what needs the network or the database is asked elsewhere. A fault names its field and never repeats the value.

mod apis;
mod bounds;
mod grants;
mod keys;
mod pages;
mod proof;
pub(in crate::oidc) mod sector;

use super::settings::Settings;
use crate::kernel::validation::ValidationErrors;

/// Notes every fault of the metadata and of what it says together with the other settings.
pub(super) fn note(faults: &mut ValidationErrors, settings: &Settings) {
    keys::note(faults, &settings.metadata);
    proof::note(faults, settings);
    grants::note(faults, settings);
    pages::note(faults, settings);
    sector::note(faults, settings);
    bounds::note(faults, &settings.metadata);
    apis::note(faults, &settings.metadata);
}
