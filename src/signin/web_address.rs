//! Web addresses that a portal registered. Pure.

use url::Url;

/// The address, where a browser can open it.
pub(super) fn page_at(address: Option<&str>) -> Option<Url> {
    let url = Url::parse(address?).ok()?;
    matches!(url.scheme(), "https" | "http").then_some(url)
}

/// The host of a web address, with its port where it is not the usual one.
fn host(address: &str) -> Option<String> {
    let url = page_at(Some(address))?;
    let host = url.host_str()?;
    Some(
        url.port()
            .map_or_else(|| host.to_owned(), |port| format!("{host}:{port}")),
    )
}

/// The host that all web addresses among these have; none: there are several, or none of them is one.
pub(super) fn one_host(addresses: &[String]) -> Option<String> {
    let mut hosts = addresses.iter().filter_map(|address| host(address));
    let first = hosts.next()?;
    hosts.all(|other| other == first).then_some(first)
}

#[cfg(test)]
mod tests {
    use super::one_host;

    #[test]
    fn a_host_is_told_where_it_is_the_only_one() {
        let cases: [(&[&str], Option<&str>); 7] = [
            (
                &["https://wiki.example/a", "https://wiki.example/b"],
                Some("wiki.example"),
            ),
            (&["https://wiki.example/a", "com.example.app:/b"], Some("wiki.example")),
            (
                &["com.example.app:/b", "http://wiki.example:8080/a"],
                Some("wiki.example:8080"),
            ),
            (&["https://wiki.example/a", "https://other.example/a"], None),
            (&["https://wiki.example/a", "https://wiki.example:8443/a"], None),
            (&["com.example.app:/b"], None),
            (&[], None),
        ];
        for (addresses, expected) in cases {
            let owned: Vec<String> = addresses.iter().map(|address| (*address).to_owned()).collect();
            assert_eq!(one_host(&owned).as_deref(), expected, "{addresses:?}");
        }
    }
}
