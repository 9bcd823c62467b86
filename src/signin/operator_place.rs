//! Where somebody with a console role is, at the console or at the page of an approver's link: the network around their address, and their browser. Pure.

use std::net::IpAddr;

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

use crate::web::{browser::Browser, texts::Lang};

/// Bits of an IPv4 address that are a network, and of an IPv6 one: what one household, office or provider's region has. Addresses change within it.
const V4: u8 = 24;
const V6: u8 = 48;

/// Stands for a network that is not known.
const UNKNOWN: &str = "?";

/// A place.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The network, like `203.0.113.0/24`.
    pub network: String,
    /// Browser and system, like `Firefox, Windows`.
    pub browser: String,
}

impl Place {
    /// Of a client's address and its `User-Agent`.
    pub fn of(address: Option<IpAddr>, agent: Option<&[u8]>) -> Self {
        Self {
            network: address.and_then(network).unwrap_or_else(|| UNKNOWN.to_owned()),
            browser: Browser::of(agent.unwrap_or_default()).words(Lang::En),
        }
    }
}

/// The network around an address.
pub(super) fn network(address: IpAddr) -> Option<String> {
    let network = match address.to_canonical() {
        IpAddr::V4(address) => IpNet::V4(Ipv4Net::new(address, V4).ok()?),
        IpAddr::V6(address) => IpNet::V6(Ipv6Net::new(address, V6).ok()?),
    };
    Some(network.trunc().to_string())
}

/// What a place is to a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Familiarity {
    /// They were never seen anywhere before.
    First,
    /// They were seen in this network, and in this browser.
    Known,
    /// Network or browser are new.
    New,
}

impl Familiarity {
    /// Of a place to somebody who was seen in these.
    pub fn of(place: &Place, seen: &[Place]) -> Self {
        let (mut networks, mut browsers) = (seen.iter().map(|one| &one.network), seen.iter().map(|one| &one.browser));
        match seen.is_empty() {
            true => Self::First,
            false if networks.any(|one| *one == place.network) && browsers.any(|one| *one == place.browser) => {
                Self::Known
            }
            false => Self::New,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_a_network_and_a_browser_without_versions() {
        let place = |address: &str, agent: &str| Place::of(Some(address.parse().unwrap()), Some(agent.as_bytes()));
        let firefox = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0";
        let newer = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:141.0) Gecko/20100101 Firefox/141.0";
        assert_eq!(place("203.0.113.9", firefox), place("::ffff:203.0.113.200", newer));
        assert_eq!(place("203.0.113.9", firefox).network, "203.0.113.0/24");
        assert_eq!(place("2001:db8:1:2::9", firefox).network, "2001:db8:1::/48");
        assert_eq!(place("203.0.113.9", firefox).browser, "Firefox, Windows");
        assert_eq!(Place::of(None, None), Place::of(None, Some(b"<script>")));
    }

    #[test]
    fn a_new_network_or_a_new_browser_is_a_new_place_and_the_first_is_none() {
        let place = |network: &str, browser: &str| Place {
            network: network.to_owned(),
            browser: browser.to_owned(),
        };
        let seen = [place("a", "x"), place("b", "y")];
        assert_eq!(Familiarity::of(&place("a", "x"), &[]), Familiarity::First);
        assert_eq!(
            Familiarity::of(&place("a", "y"), &seen),
            Familiarity::Known,
            "each by itself is known"
        );
        assert_eq!(Familiarity::of(&place("c", "x"), &seen), Familiarity::New);
        assert_eq!(Familiarity::of(&place("a", "z"), &seen), Familiarity::New);
    }
}
