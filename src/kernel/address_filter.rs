//! Address filter against SSRF: which IP addresses may be called. Pure.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::IpNet;

/// Permits public addresses and the networks the operator allows besides.
#[derive(Clone, Debug, Default)]
pub struct AddressFilter {
    allowed: Vec<IpNet>,
}

impl AddressFilter {
    /// A filter that permits these networks besides public addresses.
    pub const fn new(allowed: Vec<IpNet>) -> Self {
        Self { allowed }
    }

    /// Whether this address may be called.
    pub fn permits(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        is_public(address) || self.allowed.iter().any(|network| network.contains(&address))
    }
}

fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

/// Whether an IPv4 address is public: not in IANA's special-purpose registry (RFC 6890), as far as that is not reached from the internet.
fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    !(a == 0
        || address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_broadcast()
        || address.is_documentation()
        || a == 100 && (64..128).contains(&b)
        || (a, b, c) == (192, 0, 0)
        || a == 198 && (18..20).contains(&b)
        || a >= 224)
}

/// Whether an IPv6 address is public: global unicast (2000::/3), and of it neither documentation nor what wraps an IPv4 address (6to4,
/// Teredo).
fn is_public_v6(address: Ipv6Addr) -> bool {
    let [first, second, ..] = address.segments();
    (0x2000..0x4000).contains(&first)
        && !(first == 0x2001 && second < 0x200)
        && (first, second) != (0x2001, 0xdb8)
        && first != 0x2002
}

#[cfg(test)]
mod tests {
    use super::AddressFilter;

    #[test]
    fn private_addresses_pass_only_where_allowed() {
        let strict = AddressFilter::default();
        for address in [
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "224.0.0.1",
            "255.255.255.255",
            "198.18.0.1",
            "192.0.2.1",
            "::1",
            "::",
            "fe80::1",
            "fd00::1",
            "ff02::1",
            "::ffff:10.0.0.1",
            "64:ff9b::a00:1",
            "2002:a00:1::",
            "2001:db8::1",
            "2001::1",
        ] {
            assert!(!strict.permits(address.parse().unwrap()), "{address}");
        }
        for address in [
            "1.1.1.1",
            "8.8.8.8",
            "203.0.114.1",
            "2606:4700::1111",
            "2001:4860:4860::8888",
        ] {
            assert!(strict.permits(address.parse().unwrap()), "{address}");
        }
        let lenient = AddressFilter::new(vec!["10.0.0.0/8".parse().unwrap(), "::1/128".parse().unwrap()]);
        assert!(lenient.permits("10.255.0.1".parse().unwrap()) && lenient.permits("::ffff:10.0.0.1".parse().unwrap()));
        assert!(lenient.permits("::1".parse().unwrap()));
        assert!(!lenient.permits("192.168.0.1".parse().unwrap()) && !lenient.permits("127.0.0.1".parse().unwrap()));
        assert!(AddressFilter::new(vec!["0.0.0.0/0".parse().unwrap()]).permits("10.0.0.1".parse().unwrap()));
    }
}
