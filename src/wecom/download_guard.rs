//! Guard of downloads: where exported files may be fetched from (reference 5.7: a host of their own, which WeCom names). Pure.
//!
//! The address comes from WeCom's answer, or from whoever forged it. It must be https and lead to a public address, so that nobody has
//! Menjin talk to the company's inner network. Whoever configured an API of their own (a simulator, a forwarding proxy) is taken at their word
//! for that very host.

use std::net::IpAddr;

use url::{Host, Url};

use crate::kernel::{
    address::{absolute, is_loopback},
    address_filter::AddressFilter,
};

/// What is allowed, which follows from the API's base URL.
#[derive(Clone, Debug)]
pub(super) struct DownloadGuard {
    /// The API's host, if its base URL has one.
    api: Option<Host>,
    /// Plain http is allowed.
    plain: bool,
    filter: AddressFilter,
}

impl DownloadGuard {
    /// The guard beside this API.
    pub(super) fn beside(api: &str) -> Self {
        let url = absolute(api);
        let loopback = url.as_ref().is_some_and(is_loopback);
        let own: &[&str] = if loopback { &["127.0.0.0/8", "::1/128"] } else { &[] };
        let allowed = own.iter().filter_map(|network| network.parse().ok());
        Self {
            plain: loopback || url.as_ref().is_some_and(|url| url.scheme() == "http"),
            api: url.as_ref().and_then(Url::host).map(|host| host.to_owned()),
            filter: AddressFilter::new(allowed.collect()),
        }
    }

    /// The address, if it may be called; else why not, without the address.
    pub(super) fn checked(&self, address: &str) -> Result<Url, &'static str> {
        let url = absolute(address).ok_or("it is no URL")?;
        let scheme = url.scheme();
        if scheme != "https" && !(self.plain && scheme == "http") {
            return Err("it is not https");
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err("it has a user name");
        }
        let literal = match url.host() {
            Some(Host::Ipv4(ip)) => Some(IpAddr::V4(ip)),
            Some(Host::Ipv6(ip)) => Some(IpAddr::V6(ip)),
            Some(Host::Domain(_)) => None,
            None => return Err("it has no host"),
        };
        let own = url.host().map(|host| host.to_owned()) == self.api;
        match literal {
            Some(ip) if !own && !self.filter.permits(ip) => Err("it leads to a private network"),
            _ => Ok(url),
        }
    }

    /// Whether a name may lead to this address.
    pub(super) fn permits(&self, name: &str, address: IpAddr) -> bool {
        let own = matches!(&self.api, Some(Host::Domain(api)) if api == name);
        own || self.filter.permits(address)
    }

    /// Whether the host is the API's own.
    pub(super) fn is_api(&self, url: &Url) -> bool {
        url.host().map(|host| host.to_owned()) == self.api
    }
}

#[cfg(test)]
mod tests {
    use super::DownloadGuard;

    #[test]
    fn beside_wecom_only_https_to_public_addresses_passes() {
        let guard = DownloadGuard::beside("https://qyapi.weixin.qq.com");
        for address in [
            "https://cdn.example/a?sign=x",
            "https://8.8.8.8/a",
            "https://[2606:4700::1111]/a",
        ] {
            assert!(guard.checked(address).is_ok(), "{address}");
        }
        for (address, why) in [
            ("http://cdn.example/a", "it is not https"),
            ("ftp://cdn.example/a", "it is not https"),
            ("file:///etc/passwd", "it is not https"),
            ("https://user@cdn.example/a", "it has a user name"),
            ("https://169.254.169.254/latest", "it leads to a private network"),
            ("https://127.0.0.1/a", "it leads to a private network"),
            ("https://2130706433/a", "it leads to a private network"),
            ("https://[::ffff:10.0.0.1]/a", "it leads to a private network"),
            ("https://[::1]/a", "it leads to a private network"),
            ("cdn.example/a", "it is no URL"),
            ("", "it is no URL"),
        ] {
            assert_eq!(guard.checked(address).unwrap_err(), why, "{address}");
        }
        assert!(guard.permits("cdn.example", "8.8.8.8".parse().unwrap()));
        assert!(!guard.permits("cdn.example", "10.0.0.1".parse().unwrap()));
        assert!(!guard.permits("localhost", "127.0.0.1".parse().unwrap()));
    }

    #[test]
    fn an_api_of_ones_own_is_taken_at_its_word_for_itself_alone() {
        let loopback = DownloadGuard::beside("http://127.0.0.1:4000/");
        assert!(loopback.checked("http://127.0.0.1:4001/a").is_ok() && loopback.checked("http://[::1]/a").is_ok());
        assert!(
            loopback.checked("http://169.254.169.254/a").is_err() && loopback.checked("https://10.0.0.1/a").is_err()
        );
        let inner = DownloadGuard::beside("https://10.0.0.9:8443");
        assert!(inner.checked("https://10.0.0.9/a").is_ok() && inner.checked("https://10.0.0.8/a").is_err());
        assert!(inner.checked("http://10.0.0.9/a").is_err());
        let named = DownloadGuard::beside("http://wecom-proxy.corp.example");
        let private = "10.0.0.9".parse().unwrap();
        assert!(named.checked("http://wecom-proxy.corp.example/a").is_ok());
        assert!(named.permits("wecom-proxy.corp.example", private) && !named.permits("other.corp.example", private));
    }
}
