//! Validation of redirect URIs and other registered addresses. Pure. They are kept exactly as written, and redirect URIs are later compared
//! as exact strings (RFC 9700 §4.1.3), so nothing is normalised here.

use std::collections::HashSet;

use url::{Host, Url};

use crate::kernel::{
    address::{self, is_loopback},
    validation::ValidationErrors,
};

/// Most addresses of one list.
pub const MOST: usize = 100;
/// Longest address, characters.
const LONGEST: usize = 2000;

/// Checks a list of addresses; `public` clients may also use a private scheme (RFC 8252 §7.1).
pub fn check(faults: &mut ValidationErrors, field: &str, addresses: &[String], public: bool) {
    faults.check(
        addresses.len() <= MOST,
        field,
        format_args!("takes up to {MOST} addresses"),
    );
    let mut seen = HashSet::new();
    for (index, address) in addresses.iter().take(MOST).enumerate() {
        let place = format!("{field}[{index}]");
        match fault(address, public) {
            Some(fault) => faults.add(&place, fault),
            None => faults.check(seen.insert(address), &place, "is listed twice"),
        }
    }
}

/// Checks the address of a page or an endpoint: https, or http on a loopback address.
pub fn check_server(faults: &mut ValidationErrors, field: &str, address: &str) {
    let fault = match absolute(address) {
        Ok(url) if url.scheme() == "https" || url.scheme() == "http" && is_loopback(&url) => None,
        Ok(_) => Some("must be https unless the host is a loopback address"),
        Err(fault) => Some(fault),
    };
    if let Some(fault) = fault {
        faults.add(field, fault);
    }
}

/// Parses an address of any scheme, without fragment and credentials.
pub fn absolute(text: &str) -> Result<Url, &'static str> {
    if text.len() > LONGEST || !text.chars().all(|c| c.is_ascii_graphic() && c != '\\') {
        return Err("needs up to 2000 visible ASCII characters");
    }
    let Some(url) = address::absolute(text) else {
        return Err("must be an absolute URI");
    };
    // RFC 6749 §3.1.2 for redirect URIs, RFC 8707 §2 for resources.
    if url.fragment().is_some() {
        return Err("must not have a fragment");
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("must not hold a user name or password");
    }
    // Hosts stand in Content-Security-Policy headers, where `;`, `,` and quotes mean something; the parser lets them pass.
    let plain = |name: &str| name.chars().all(|c| c.is_ascii_alphanumeric() || c == '.' || c == '-');
    if let Some(Host::Domain(name)) = url.host()
        && !plain(name)
    {
        return Err("needs a host of letters, digits, dots and hyphens");
    }
    Ok(url)
}

fn fault(address: &str, public: bool) -> Option<&'static str> {
    let url = match absolute(address) {
        Ok(url) => url,
        Err(fault) => return Some(fault),
    };
    match url.scheme() {
        "https" => None,
        "http" if is_loopback(&url) => None,
        "http" => Some("must be https unless the host is a loopback address"),
        // A reverse domain name always has a dot; `javascript:`, `data:` and their like never do.
        scheme if scheme.contains('.') && public => None,
        scheme if scheme.contains('.') => Some("a private scheme is for public clients only"),
        _ => Some("must be https, http on a loopback address, or a private scheme like com.example.app"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_registered() {
        let table = [
            ("https://portal.example/cb", false, true),
            ("https://portal.example/cb?x=1", false, true),
            ("http://localhost:3000/cb", false, true),
            ("http://127.0.0.1/cb", false, true),
            ("http://[::1]:8080/cb", false, true),
            ("http://portal.example/cb", false, false),
            ("http://localhost.evil.example/cb", false, false),
            ("https://portal.example/cb#", false, false),
            ("https://portal.example/cb#x", false, false),
            ("https://a:b@portal.example/", false, false),
            ("https:\\\\portal.example/", false, false),
            ("//portal.example/cb", false, false),
            ("/cb", false, false),
            ("", false, false),
            ("https://", false, false),
            ("https:portal.example/cb", false, false),
            ("https:/portal.example/cb", false, false),
            ("https:///portal.example/cb", false, false),
            ("https://portal.example/ cb", false, false),
            ("https://portal.example/\u{0}", false, false),
            ("javascript:alert(1)", true, false),
            ("data:text/html,x", true, false),
            ("https://a;script-src.example/cb", false, false),
            ("https://a,b.example/cb", false, false),
            ("https://a'b.example/cb", false, false),
            ("https://a\"b.example/cb", false, false),
            ("https://*.example/cb", false, false),
            ("https://a%3Bb.example/cb", false, false),
            ("com.example.app://a;b/cb", true, false),
            ("com.example.app://Callback", true, true),
            ("https://xn--fiqs8s.example/cb", false, true),
            ("https://[2001:db8::1]/cb", false, true),
            ("com.example.app:/cb", true, true),
            ("com.example.app:/cb", false, false),
        ];
        for (address, public, fits) in table {
            assert_eq!(fault(address, public).is_none(), fits, "{address:?}");
        }
    }

    #[test]
    fn hosts_of_pages_cannot_end_a_policy() {
        for (address, fits) in [("https://a.example/x", true), ("https://a;b.example/x", false)] {
            let mut faults = ValidationErrors::default();
            check_server(&mut faults, "logo_uri", address);
            let told = faults.into_result(super::super::failure::RegistrationFailure::Invalid.entry());
            assert_eq!(told.is_ok(), fits, "{address}");
        }
    }

    #[test]
    fn long_lists_and_repetitions_are_faults() {
        let told = |addresses: &[String]| {
            let mut faults = ValidationErrors::default();
            check(&mut faults, "redirect_uris", addresses, false);
            faults.into_result(super::super::failure::RegistrationFailure::Invalid.entry())
        };
        let many: Vec<String> = (0..=MOST).map(|n| format!("https://a.example/{n}")).collect();
        assert!(told(&many).is_err());
        assert!(told(&many[..MOST]).is_ok());
        let twice = vec![many[0].clone(), many[0].clone()];
        assert!(told(&twice).unwrap_err().detail.unwrap().contains("redirect_uris[1]"));
    }
}
