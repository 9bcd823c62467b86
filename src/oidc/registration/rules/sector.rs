//! Sectors of pairwise subjects (OpenID Connect Core section 8.1, Registration section 5).

use std::collections::HashSet;

use serde_json::Value;

use crate::{
    kernel::validation::ValidationErrors,
    oidc::{
        metadata::SubjectType,
        registration::{addresses, settings::Settings},
        subject::host_of_sector,
    },
};

const FIELD: &str = "metadata.sector_identifier_uri";

pub(super) fn note(faults: &mut ValidationErrors, settings: &Settings) {
    let metadata = &settings.metadata;
    if let Some(address) = &metadata.sector_identifier_uri {
        addresses::check_server(faults, FIELD, address);
    } else if metadata.subject_type == SubjectType::Pairwise {
        // Whoever has none is a sector by itself (`subject::sector`).
        let addresses = settings.redirect_uris.iter();
        let hosts: HashSet<String> = addresses.filter_map(|address| host_of_sector(address)).collect();
        faults.check(
            hosts.len() <= 1,
            FIELD,
            "is needed for pairwise subjects unless all redirect URIs are on one host",
        );
    }
}

/// What a sector identifier's server said.
#[derive(Debug)]
pub struct Sector {
    address: String,
    redirect_uris: HashSet<String>,
}

impl Sector {
    /// From its document: a JSON array of redirect URIs. What is no array of texts lists nothing.
    pub fn read(address: &str, document: &Value) -> Self {
        let listed = document.as_array().into_iter().flatten();
        Self {
            address: address.to_owned(),
            redirect_uris: listed.filter_map(|entry| entry.as_str().map(str::to_owned)).collect(),
        }
    }

    /// Whether this is what these settings need: asked at their address, and listing all their redirect URIs.
    pub fn vouches_for(&self, settings: &Settings) -> bool {
        let asked = settings.metadata.sector_identifier_uri.as_ref() == Some(&self.address);
        asked
            && settings
                .redirect_uris
                .iter()
                .all(|address| self.redirect_uris.contains(address))
    }
}
