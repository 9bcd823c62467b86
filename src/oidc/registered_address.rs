//! Whether an address that a request names is a registered one: redirect URIs and addresses to return to after a logout. Pure.
//!
//! Addresses are compared as exact strings (RFC 9700 §2.1), with one exception: a native app listens on a loopback address at a port that
//! the operating system chose, so between `http://127.0.0.1` or `http://[::1]` and the path any port counts as the same (RFC 8252 §7.3).
//! `localhost` is no such address: it is a name, and may lead elsewhere (RFC 8252 §8.3).

/// The loopback addresses whose port does not count; nothing but these very characters.
const LOOPBACK: [&str; 2] = ["http://127.0.0.1", "http://[::1]"];

/// Whether `sent` is one of the registered addresses.
pub fn is_registered(registered: &[String], sent: &str) -> bool {
    registered
        .iter()
        .any(|address| address == sent || differs_in_port_only(address, sent))
}

fn differs_in_port_only(registered: &str, sent: &str) -> bool {
    let sent = without_loopback_port(sent);
    sent.is_some() && sent == without_loopback_port(registered)
}

/// A loopback address as its host and what follows the port; `None` for every other address.
fn without_loopback_port(address: &str) -> Option<(&str, &str)> {
    let (host, rest) = LOOPBACK
        .into_iter()
        .find_map(|host| address.strip_prefix(host).map(|rest| (host, rest)))?;
    let rest = match rest.strip_prefix(':') {
        Some(rest) => {
            let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
            let (port, rest) = rest.split_at_checked(end)?;
            port.parse::<u16>().ok().filter(|port| *port > 0)?;
            rest
        }
        None => rest,
    };
    (rest.is_empty() || rest.starts_with(['/', '?'])).then_some((host, rest))
}

#[cfg(test)]
mod tests {
    use super::is_registered;

    #[test]
    fn a_loopback_address_is_registered_for_every_port_and_nothing_else_is() {
        for (registered, sent, same) in [
            ("https://a.example/cb", "https://a.example/cb", true),
            ("http://127.0.0.1/cb", "http://127.0.0.1:51004/cb", true),
            ("http://127.0.0.1:8000/cb?x=1", "http://127.0.0.1/cb?x=1", true),
            ("http://127.0.0.1:8000/cb", "http://127.0.0.1:8001/cb", true),
            ("http://[::1]/cb", "http://[::1]:1/cb", true),
            ("http://[::1]", "http://[::1]:65535", true),
            ("http://localhost/cb", "http://localhost:51004/cb", false),
            ("http://127.0.0.1/cb", "http://localhost/cb", false),
            ("http://127.0.0.1/cb", "http://[::1]/cb", false),
            ("http://127.0.0.2/cb", "http://127.0.0.2:5/cb", false),
            ("https://127.0.0.1/cb", "https://127.0.0.1:5/cb", false),
            ("http://127.0.0.1/cb", "https://127.0.0.1:5/cb", false),
            ("http://127.0.0.1/cb", "HTTP://127.0.0.1:5/cb", false),
            ("http://127.0.0.1/cb", "http://127.0.0.1:5/CB", false),
            ("http://127.0.0.1/cb", "http://127.0.0.1:5/cb/", false),
            ("http://127.0.0.1/cb", "http://127.0.0.1:5/cb?x", false),
            ("http://127.0.0.1/cb", "http://127.0.0.1:5/cb#x", false),
            ("http://127.0.0.1/cb", "http://127.0.0.1:0/cb", false),
            ("http://127.0.0.1/cb", "http://127.0.0.1:65536/cb", false),
            ("http://127.0.0.1/cb", "http://127.0.0.1:/cb", false),
            ("http://127.0.0.1/cb", "http://127.0.0.1:+5/cb", false),
            ("http://127.0.0.1/cb", "http://127.0.0.1:5@evil.example/cb", false),
            ("http://127.0.0.1/cb", "http://127.0.0.1.evil.example/cb", false),
            ("http://127.0.0.1/cb", "http://127.0.0.1@evil.example/cb", false),
            ("http://127.0.0.1/cb", "http://me@127.0.0.1:5/cb", false),
            ("http://127.0.0.1/cb", "http://127.1:5/cb", false),
            ("http://[::1]/cb", "http://[0:0:0:0:0:0:0:1]:5/cb", false),
            ("http://127.0.0.1:x/cb", "http://127.0.0.1:5/cb", false),
            ("https://a.example/cb", "https://a.example:443/cb", false),
        ] {
            assert_eq!(
                is_registered(&[registered.to_owned()], sent),
                same,
                "{registered} {sent}"
            );
        }
    }
}
