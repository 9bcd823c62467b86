//! Sector identifiers of pairwise subjects (OpenID Connect Core section 8.1, Registration section 5).

use std::collections::HashSet;

use serde_json::Value;

use crate::{
    kernel::validation::ValidationErrors,
    oidc::{
        metadata::SubjectType,
        registration::{addresses, settings::Settings},
        subject_derivation::host_of_sector,
    },
};

const FIELD: &str = "metadata.sector_identifier_uri";

pub(super) fn note(faults: &mut ValidationErrors, settings: &Settings) {
    let metadata = &settings.metadata;
    if let Some(address) = &metadata.sector_identifier_uri {
        addresses::check_server(faults, FIELD, address);
    } else if metadata.subject_type == SubjectType::Pairwise {
        // A client without such a host is a sector by itself (`subject_derivation::sector`).
        let addresses = settings.redirect_uris.iter();
        let hosts: HashSet<String> = addresses.filter_map(|address| host_of_sector(address)).collect();
        faults.check(
            hosts.len() <= 1,
            FIELD,
            "is needed for pairwise subjects unless all redirect URIs are on one host",
        );
    }
}

/// The fetched document of a `sector_identifier_uri`.
#[derive(Debug)]
pub struct Sector {
    address: String,
    redirect_uris: HashSet<String>,
}

impl Sector {
    /// Reads the document: a JSON array of redirect URIs. A document that is no array, and an entry that is no text, list nothing.
    pub fn read(address: &str, document: &Value) -> Self {
        let listed = document.as_array().into_iter().flatten();
        Self {
            address: address.to_owned(),
            redirect_uris: listed.filter_map(|entry| entry.as_str().map(str::to_owned)).collect(),
        }
    }

    /// Whether the document was fetched from the address in these settings, and lists all their redirect URIs.
    pub fn vouches_for(&self, settings: &Settings) -> bool {
        let asked = settings.metadata.sector_identifier_uri.as_ref() == Some(&self.address);
        asked
            && settings
                .redirect_uris
                .iter()
                .all(|address| self.redirect_uris.contains(address))
    }
}
