//! Where a request comes from: the peer, or what trusted reverse proxies say of it.

use std::net::IpAddr;

use actix_web::HttpRequest;

/// The reverse proxies we believe. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Proxies {
    trusted: Vec<(IpAddr, u8)>,
}

impl Proxies {
    /// Proxies in these networks (address and prefix length) are believed.
    pub const fn new(trusted: Vec<(IpAddr, u8)>) -> Self {
        Self { trusted }
    }

    /// The client's address. `X-Forwarded-For` is read from the right, as each proxy appends whom it heard from: the first address that is no
    /// trusted proxy is the client; what stands left of it anybody may have written. Without a trusted peer the header is not looked at.
    pub fn client(&self, request: &HttpRequest) -> Option<IpAddr> {
        let peer = request.peer_addr()?.ip();
        let headers = request.headers().get_all("x-forwarded-for");
        let chain: Vec<&str> = headers
            .filter_map(|header| header.to_str().ok())
            .flat_map(|header| header.split(','))
            .collect();
        Some(self.walk(peer, &chain))
    }

    fn walk(&self, peer: IpAddr, chain: &[&str]) -> IpAddr {
        let mut client = peer.to_canonical();
        for word in chain.iter().rev() {
            if !self.trusts(client) {
                break;
            }
            // A word that is no address says nothing; whoever wrote it is the last we know.
            let Some(address) = address(word.trim()) else { break };
            client = address.to_canonical();
        }
        client
    }

    fn trusts(&self, address: IpAddr) -> bool {
        let known =
            |(network, length): &(IpAddr, u8)| prefix(network.to_canonical(), *length) == prefix(address, *length);
        self.trusted.iter().any(known)
    }
}

/// What failures are counted by: an IPv4 address, or of IPv6 the /64 that one customer has to himself.
pub fn neighbourhood(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(_) => prefix(address, 64),
    }
}

fn prefix(address: IpAddr, length: u8) -> IpAddr {
    match address {
        IpAddr::V4(address) => {
            let mask = u32::MAX.checked_shl(32 - u32::from(length.min(32))).unwrap_or(0);
            IpAddr::V4((address.to_bits() & mask).into())
        }
        IpAddr::V6(address) => {
            let mask = u128::MAX.checked_shl(128 - u32::from(length.min(128))).unwrap_or(0);
            IpAddr::V6((address.to_bits() & mask).into())
        }
    }
}

/// Some proxies write the port as well.
fn address(word: &str) -> Option<IpAddr> {
    let bare = word.trim_matches('"');
    let address = bare.parse().ok();
    address.or_else(|| {
        bare.parse::<std::net::SocketAddr>()
            .ok()
            .map(|with_port| with_port.ip())
    })
}

#[cfg(test)]
mod tests {
    use super::{Proxies, neighbourhood};

    #[test]
    fn the_right_most_untrusted_address_is_the_client() {
        let proxies = Proxies::new(vec![("10.0.0.0".parse().unwrap(), 8), ("::1".parse().unwrap(), 128)]);
        let client = |peer: &str, chain: &[&str]| proxies.walk(peer.parse().unwrap(), chain).to_string();
        assert_eq!(
            client("192.0.2.1", &["198.51.100.7"]),
            "192.0.2.1",
            "a stranger is not believed"
        );
        assert_eq!(client("10.0.0.1", &[]), "10.0.0.1");
        assert_eq!(client("10.0.0.1", &["198.51.100.7"]), "198.51.100.7");
        assert_eq!(
            client("10.0.0.1", &["1.1.1.1", " 198.51.100.7 ", "10.0.0.9"]),
            "198.51.100.7"
        );
        assert_eq!(client("10.0.0.1", &["198.51.100.7", "rubbish"]), "10.0.0.1");
        assert_eq!(client("10.0.0.1", &["rubbish", "10.0.0.2"]), "10.0.0.2");
        assert_eq!(client("::1", &["[2001:db8::7]:443"]), "2001:db8::7");
        assert_eq!(client("::ffff:10.0.0.1", &["198.51.100.7:5000"]), "198.51.100.7");
    }

    #[test]
    fn an_ipv6_customer_is_one_neighbourhood() {
        let of = |text: &str| neighbourhood(text.parse().unwrap()).to_string();
        assert_eq!(of("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::");
        assert_eq!(of("198.51.100.7"), "198.51.100.7");
    }
}
