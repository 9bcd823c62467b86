//! Client address of a request: the peer, or what trusted reverse proxies report in `X-Forwarded-For`; and the networks it counts for.

use std::{
    net::IpAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use actix_web::HttpRequest;
use ipnet::{IpNet, Ipv6Net};

/// Headers in which reverse proxies name the client. Only the first is ever used.
const SAID_BY_PROXIES: [&str; 2] = ["x-forwarded-for", "forwarded"];

/// The trusted reverse proxies. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Proxies {
    trusted: Vec<IpNet>,
    /// Whether a forwarding header arrived although no proxy is configured; shared by all clones.
    noticed: Arc<AtomicBool>,
}

impl Proxies {
    /// Trusts proxies in these networks.
    pub fn new(trusted: Vec<IpNet>) -> Self {
        Self {
            trusted,
            noticed: Arc::default(),
        }
    }

    /// The client's address. `X-Forwarded-For` is read from the right, as each proxy appends the address it heard from: the first address
    /// that is no trusted proxy is the client; what stands left of it anybody may have written. Without a trusted peer the header is
    /// ignored.
    pub fn client(&self, request: &HttpRequest) -> Option<IpAddr> {
        let peer = request.peer_addr()?.ip();
        self.notice(peer, request);
        let headers = request.headers().get_all("x-forwarded-for");
        // An invalid byte that somebody sent must not hide what the proxy wrote behind it.
        let lines: Vec<_> = headers.map(|line| String::from_utf8_lossy(line.as_bytes())).collect();
        let chain: Vec<&str> = lines.iter().flat_map(|line| line.split(',')).collect();
        Some(self.walk(peer, &chain))
    }

    /// Warns, once per process, where the header of a proxy arrives and no proxy is configured: everybody behind it is one address to us,
    /// and one of them can use up the rate limit of all. Anybody can write the header, so it is a hint and changes nothing.
    fn notice(&self, peer: IpAddr, request: &HttpRequest) {
        let headers = request.headers();
        let said = SAID_BY_PROXIES.iter().any(|name| headers.contains_key(*name));
        if said && self.trusted.is_empty() && !self.noticed.swap(true, Ordering::Relaxed) {
            tracing::warn!(
                "A request from {peer} says for whom it was forwarded, but server.trusted_proxies is empty: everybody behind that proxy \
                 counts as one address. If {peer} is your reverse proxy, name it in server.trusted_proxies and let it append \
                 X-Forwarded-For; if not, somebody made the header up and nothing needs to be done."
            );
        }
    }

    fn walk(&self, peer: IpAddr, chain: &[&str]) -> IpAddr {
        let mut client = peer.to_canonical();
        for word in chain.iter().rev() {
            if !self.trusts(client) {
                break;
            }
            // An entry that is no address tells nothing; the proxy that wrote it is the last address we know.
            let Some(address) = address(word.trim()) else { break };
            client = address.to_canonical();
        }
        client
    }

    /// Whether this address is one of a trusted proxy.
    pub fn trusts(&self, address: IpAddr) -> bool {
        self.trusted.iter().any(|network| network.contains(&address))
    }
}

/// IPv6 prefixes that are counted, each with a factor: how many times the limit of a /64 it may use. A /56 is what many providers give one
/// customer, who must not use up the limit of the site around them, a /48 (65 536 networks).
const NETWORKS: [(u8, u64); 3] = [(64, 1), (56, 4), (48, 10)];

/// The networks an address is counted by, each with its factor: an IPv4 address; of an IPv6 address the [prefixes](NETWORKS) around it. The
/// narrowest comes first.
pub fn networks(address: Option<IpAddr>) -> Vec<(String, u64)> {
    match address {
        None => vec![("unknown".to_owned(), 1)],
        Some(address @ IpAddr::V4(_)) => vec![(address.to_string(), 1)],
        Some(IpAddr::V6(address)) => NETWORKS
            .into_iter()
            .filter_map(|(length, times)| Some((Ipv6Net::new(address, length).ok()?.trunc().to_string(), times)))
            .collect(),
    }
}

/// Parses an address; some proxies write the port as well.
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
    use actix_web::test::TestRequest;

    use super::{Proxies, networks};
    use crate::web::captured_log::CapturedLog;

    #[test]
    fn the_right_most_untrusted_address_is_the_client() {
        let proxies = Proxies::new(vec!["10.0.0.0/8".parse().unwrap(), "::1/128".parse().unwrap()]);
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
    fn an_ipv6_customer_is_one_neighbourhood_in_a_larger_one() {
        let of = |text: &str| networks(Some(text.parse().unwrap()));
        let all = [
            ("2001:db8:1:102::/64", 1),
            ("2001:db8:1:100::/56", 4),
            ("2001:db8:1::/48", 10),
        ];
        assert_eq!(
            of("2001:db8:1:102:3:4:5:6"),
            all.map(|(place, times)| (place.to_owned(), times))
        );
        assert_ne!(of("2001:db8:1::7")[0].0, of("2001:db8:1::7")[1].0, "two counters");
        assert_eq!(of("198.51.100.7"), [("198.51.100.7".to_owned(), 1)]);
    }

    fn logged(proxies: &Proxies, headers: &[&'static str]) -> usize {
        let lines = CapturedLog::default();
        let sink = lines.clone();
        let log = tracing_subscriber::fmt().with_writer(move || sink.clone()).finish();
        tracing::subscriber::with_default(log, || {
            for name in headers {
                let request = TestRequest::default()
                    .peer_addr("10.0.0.1:9".parse().unwrap())
                    .insert_header((*name, "198.51.100.7"));
                proxies.clone().client(&request.to_http_request());
            }
        });
        lines.text().matches("server.trusted_proxies is empty").count()
    }

    #[test]
    fn an_unnamed_proxy_is_logged_once() {
        let proxies = Proxies::default();
        assert_eq!(logged(&proxies, &["user-agent"]), 0);
        assert_eq!(logged(&proxies, &["forwarded", "x-forwarded-for", "forwarded"]), 1);
        assert_eq!(logged(&proxies, &["x-forwarded-for"]), 0, "once");
        let told = Proxies::new(vec!["10.0.0.1/32".parse().unwrap()]);
        assert_eq!(logged(&told, &["forwarded", "x-forwarded-for"]), 0);
    }
}
