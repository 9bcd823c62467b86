//! The host that the passkeys of an installation are bound to (Web Authentication: relying party identifier). One set up at another host
//! works nowhere here, so whoever counts passkeys counts those of this host. Pure.

use url::Url;

/// The host of this `public_url`; `None` where browsers have no passkeys: an address that is no domain name, or plain http, other than for
/// `localhost`.
pub fn passkey_host(public_url: &str) -> Option<String> {
    let url = Url::parse(public_url).ok()?;
    let host = url.domain()?;
    (url.scheme() == "https" || host == "localhost").then(|| host.to_owned())
}
