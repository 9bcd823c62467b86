//! Web addresses that a portal registered. Pure.

use url::Url;

/// The address, where a browser can open it.
pub(super) fn page_at(address: Option<&str>) -> Option<Url> {
    let url = Url::parse(address?).ok()?;
    matches!(url.scheme(), "https" | "http").then_some(url)
}

/// The host of a web address, with its port where it is not the usual one.
pub(super) fn host(address: &str) -> Option<String> {
    let url = page_at(Some(address))?;
    let host = url.host_str()?;
    Some(
        url.port()
            .map_or_else(|| host.to_owned(), |port| format!("{host}:{port}")),
    )
}
