//! Hosts of mail servers as they are entered. Pure.

use std::net::IpAddr;

use url::{Host, Url};

use crate::kernel::{address, address_filter};

/// Whether a host is this machine, so that what is said to it does not leave it.
pub fn is_own(host: &str) -> bool {
    url_of(host).is_some_and(|url| address::is_loopback(&url))
}

/// Whether a host is a link-local address, or one at which a cloud tells its machines their credentials.
pub fn is_link_local(host: &str) -> bool {
    ip_of(host).is_some_and(address_filter::is_link_local)
}

/// The address that a host is, in whichever form it is written; `None`: it is a name, and judged when it is called.
fn ip_of(host: &str) -> Option<IpAddr> {
    match url_of(host)?.host()? {
        Host::Ipv4(address) => Some(address.into()),
        Host::Ipv6(address) => Some(address.into()),
        Host::Domain(_) => None,
    }
}

fn url_of(host: &str) -> Option<Url> {
    let host = if host.contains(':') {
        format!("[{host}]")
    } else {
        host.to_owned()
    };
    Url::parse(&format!("http://{host}/")).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_own_machine_and_link_local_addresses_are_known_in_whichever_form() {
        for host in ["localhost", "127.0.0.1", "::1", "127.1"] {
            assert!(is_own(host), "{host}");
        }
        for host in [
            "169.254.169.254",
            "2852039166",
            "0xa9fea9fe",
            "fe80::1",
            "::ffff:169.254.1.1",
        ] {
            assert!(is_link_local(host) && !is_own(host), "{host}");
        }
        for host in ["smtp.corp.example", "10.0.0.5", "fd00::25", "localhost"] {
            assert!(!is_link_local(host), "{host}");
        }
    }
}
