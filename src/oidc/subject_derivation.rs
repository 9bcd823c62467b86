//! Public and pairwise subject identifiers (OpenID Connect Core, section 8): `sub` is the user's own id, or a different one in each sector.
//!
//! All code that writes or compares `sub` uses this. A pairwise identifier is a digest of sector, user id and a salt that never changes:
//! not at a restart, not with the signing keys. With the salt and a user id it can be computed; from it nobody gets back to the user id.
//! `sid` is made in the same way, or two sectors could tell from it that two of their subjects are one person.

use serde::{Deserialize, Serialize};
use url::Url;
use uuid::Uuid;

use super::{
    client::Client,
    metadata::{Metadata, SubjectType},
};
use crate::{
    crypto::digest::sha256_base64url,
    kernel::{address::is_loopback, secret::Secret},
};

/// The user a client expects: one whose `sub` in this sector is in the list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Expected {
    /// As [`sector`].
    pub sector: Option<String>,
    /// Acceptable values of `sub`.
    pub subjects: Vec<String>,
}

/// The sector a client belongs to; `None`: its subject type is public. Without `sector_identifier_uri` it is the host of the redirect URIs
/// that have one of their own ([`host_of_sector`]), which registration makes sure is at most one. A client that registered itself can name
/// any host there, and would learn the names of that host's own clients: until its sector is proven it is one by itself.
pub fn sector(client: &Client) -> Option<String> {
    if client.metadata.subject_type == SubjectType::Public {
        return None;
    }
    let host = match &client.metadata.sector_identifier_uri {
        Some(address) => Url::parse(address)
            .ok()
            .and_then(|url| url.host_str().map(str::to_owned)),
        None if !is_sector_proven(&client.metadata) => None,
        None => client.redirect_uris.iter().find_map(|address| host_of_sector(address)),
    };
    // A native application has no host of its own.
    Some(host.unwrap_or_else(|| client.client_id.clone()))
}

/// Whether the hosts of the redirect URIs are known to be the client's own: an admin registered it, vouches for it, or wrote the redirect URIs,
/// which its own requests do not change any more then.
fn is_sector_proven(metadata: &Metadata) -> bool {
    !metadata.sector_unproven || metadata.decided.iter().any(|field| field == "redirect_uris")
}

/// The host of a redirect URI for its sector; `None`: it does not show who runs the client. The "host" of a private scheme is any text,
/// and every machine has a loopback address: clients that share those have nothing in common.
pub fn host_of_sector(address: &str) -> Option<String> {
    let url = Url::parse(address).ok()?;
    let own = url.scheme() == "https" && !is_loopback(&url);
    url.host_str().filter(|_| own).map(str::to_owned)
}

/// The pairwise `sub` of a user in a sector. Id and salt are of fixed length, so that no two inputs concatenate to the same text.
pub(in crate::oidc) fn pairwise(sector: &str, user: Uuid, salt: &Secret<String>) -> String {
    sha256_base64url(format!("{sector}{user}{}", salt.expose()).as_bytes())
}

/// The pairwise `sid` of a session in a sector; never equal to a result of [`pairwise`], whatever the ids.
pub(in crate::oidc) fn pairwise_sid(sector: &str, session: Uuid, salt: &Secret<String>) -> String {
    sha256_base64url(format!("{sector}{session}{}sid", salt.expose()).as_bytes())
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::{pairwise, pairwise_sid, sector};
    use crate::{
        kernel::secret::Secret,
        oidc::{metadata::SubjectType, tests::samples},
    };

    #[test]
    fn the_sector_is_a_host() {
        let mut client = samples::client("https://Portal.example.com:8443/cb?x=1");
        assert_eq!(sector(&client), None);
        client.metadata.subject_type = SubjectType::Pairwise;
        assert_eq!(sector(&client).as_deref(), Some("portal.example.com"));
        client.metadata.sector_identifier_uri = Some("https://sector.example/list.json".to_owned());
        assert_eq!(sector(&client).as_deref(), Some("sector.example"));
        client.metadata.sector_unproven = true;
        assert_eq!(
            sector(&client).as_deref(),
            Some("sector.example"),
            "its document proves it"
        );
        client.metadata.sector_identifier_uri = None;
        assert_eq!(sector(&client).as_deref(), Some("portal"), "nothing does");
        let mut native = samples::client("com.example.app:/cb");
        native.metadata.subject_type = SubjectType::Pairwise;
        assert_eq!(sector(&native).as_deref(), Some("portal"));
    }

    #[test]
    fn clients_without_a_host_of_their_own_share_no_sector() {
        for address in [
            "com.example.app://callback",
            "http://localhost:8080/cb",
            "http://127.0.0.1/cb",
            "https://localhost/cb",
            "https://[::1]:8443/cb",
        ] {
            let mut client = samples::client(address);
            client.metadata.subject_type = SubjectType::Pairwise;
            assert_eq!(sector(&client).as_deref(), Some("portal"), "{address}");
            client.redirect_uris.push("https://portal.example.com/cb".to_owned());
            assert_eq!(sector(&client).as_deref(), Some("portal.example.com"), "{address}");
        }
    }

    #[test]
    fn another_sector_person_or_salt_is_another_name() {
        let (salt, other) = (Secret::new("s".repeat(43)), Secret::new("t".repeat(43)));
        let (one, two) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let name = pairwise("a.example", one, &salt);
        assert_eq!(name.len(), 43);
        assert_eq!(name, pairwise("a.example", one, &salt));
        let sid = pairwise_sid("a.example", one, &salt);
        assert_eq!(sid, pairwise_sid("a.example", one, &salt));
        assert_ne!(sid, name, "people and sessions are named apart");
        assert_ne!(sid, pairwise_sid("b.example", one, &salt));
        for different in [
            pairwise("b.example", one, &salt),
            pairwise("a.example", two, &salt),
            pairwise("a.example", one, &other),
        ] {
            assert_ne!(name, different);
        }
    }
}
