//! Address filter against SSRF: which IP addresses may be called. Pure.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::IpNet;

/// Permits public addresses, but for those at which a cloud tells its machines their credentials, and the networks the operator allows besides.
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
        is_public(address) && !is_link_local(address) || self.allowed.iter().any(|network| network.contains(&address))
    }
}

/// Whether an address is of the machine's own link, or one at which a cloud tells its machines their credentials: nobody's server that a person would name. What
/// wraps such an IPv4 address is one too: where the network translates, it leads there.
pub fn is_link_local(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => is_link_local_v4(address),
        IpAddr::V6(address) => {
            address.is_unicast_link_local()
                || CLOUDS_V6.contains(&address)
                || wrapped(address).is_some_and(is_link_local_v4)
        }
    }
}

fn is_link_local_v4(address: Ipv4Addr) -> bool {
    address.is_link_local() || CLOUDS_V4.contains(&address)
}

/// The IPv4 address that an IPv6 address wraps: NAT64 (RFC 6052 §2.1), 6to4 (RFC 3056 §2), or IPv4-compatible (RFC 4291 §2.5.5.1).
fn wrapped(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let of = |high: u16, low: u16| Some(Ipv4Addr::from_bits(u32::from(high) << 16 | u32::from(low)));
    match address.segments() {
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] | [0, 0, 0, 0, 0, 0, high, low] => of(high, low),
        [0x2002, high, low, ..] => of(high, low),
        _ => None,
    }
}

/// Where clouds tell machines about themselves, besides 169.254.0.0/16: Alibaba Cloud, Oracle Cloud, Azure.
const CLOUDS_V4: &[Ipv4Addr] = &[
    Ipv4Addr::new(100, 100, 100, 200),
    Ipv4Addr::new(192, 0, 0, 192),
    Ipv4Addr::new(168, 63, 129, 16),
];
/// The same: AWS, Google Cloud.
const CLOUDS_V6: &[Ipv6Addr] = &[
    Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254),
    Ipv6Addr::new(0xfd20, 0xce, 0, 0, 0, 0, 0, 0x254),
];

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
    use super::{AddressFilter, is_link_local};

    #[test]
    fn the_own_link_and_what_clouds_tell_machines_is_known() {
        let is = |address: &str| is_link_local(address.parse().unwrap());
        for address in [
            "169.254.169.254",
            "169.254.0.23",
            "::ffff:169.254.169.254",
            "fe80::1",
            "febf::1",
            "100.100.100.200",
            "192.0.0.192",
            "fd00:ec2::254",
            "168.63.129.16",
            "fd20:ce::254",
            "64:ff9b::a9fe:a9fe",
            "64:ff9b::6464:64c8",
            "2002:a9fe:a9fe::",
            "2002:a83f:8110::1",
            "::a9fe:a9fe",
        ] {
            assert!(is(address), "{address}");
        }
        for address in [
            "127.0.0.1",
            "10.0.0.5",
            "192.168.1.1",
            "::1",
            "::",
            "fd00::25",
            "1.1.1.1",
            "64:ff9b::101:101",
            "2002:101:101::",
            "::a00:5",
        ] {
            assert!(!is(address), "{address}");
        }
    }

    #[test]
    fn private_addresses_pass_only_where_allowed() {
        let strict = AddressFilter::default();
        for address in [
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "168.63.129.16",
            "::ffff:168.63.129.16",
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
