//! Parsing of URLs that people and programs hand in. Pure.

use url::{Host, Url};

/// Parses an absolute URL that is written out. The parser follows browsers and mends what they mend: `https:host`, `https:\\host`,
/// `https:///host`, blanks around and line breaks inside. Other programs read those as something else, so here they are none.
pub fn absolute(text: &str) -> Option<Url> {
    if text.chars().any(|c| c.is_control() || c.is_whitespace()) {
        return None;
    }
    let url = Url::parse(text).ok()?;
    let written_out = || {
        let (_, rest) = text.split_once(':')?;
        let rest = rest.strip_prefix("//")?;
        (!rest.starts_with(['/', '\\'])).then_some(())
    };
    let of_the_web = matches!(url.scheme(), "http" | "https" | "ws" | "wss" | "ftp");
    (!of_the_web || written_out().is_some()).then_some(url)
}

/// Whether an address is this machine's own, where nobody else listens.
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::absolute;

    #[test]
    fn only_what_is_written_out_is_taken() {
        for text in [
            "https://p.example",
            "HTTP://p.example/x?y#z",
            "com.example.app:/cb",
            "urn:b",
        ] {
            assert!(absolute(text).is_some(), "{text}");
        }
        for text in [
            "https:p.example",
            "https:/p.example",
            "https:///p.example",
            "https:\\\\p.example",
            "https://\\p.example",
            " https://p.example",
            "https://p.exa\nmple",
            "//p.example",
            "p.example",
            "",
        ] {
            assert!(absolute(text).is_none(), "{text:?}");
        }
    }
}
