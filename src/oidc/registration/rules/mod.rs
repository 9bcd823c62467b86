//! Validation rules of client metadata (OpenID Connect Dynamic Client Registration 1.0 §2, RFC 7591 §2 and its extensions).
//! Pure: what needs the network or the database is checked elsewhere. A fault names its field and never repeats the value.

mod authentication;
mod grants;
mod keys;
mod resource_servers;
pub(in crate::oidc) mod sector;
mod sizes;
mod uris;

use super::settings::Settings;
use crate::kernel::validation::ValidationErrors;

/// Adds every fault of the metadata and of its combination with the other settings.
pub(super) fn note(faults: &mut ValidationErrors, settings: &Settings) {
    keys::note(faults, &settings.metadata);
    authentication::note(faults, settings);
    grants::note(faults, settings);
    uris::note(faults, settings);
    sector::note(faults, settings);
    sizes::note(faults, &settings.metadata);
    resource_servers::note(faults, &settings.metadata);
}
