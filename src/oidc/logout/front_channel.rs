//! Front-channel logout (OpenID Connect Front-Channel Logout 1.0). Pure.
//!
//! The page after a logout holds a frame for every portal that was entered in the ended sessions and registered one; the browser's request
//! for that frame is the notification. In browsers that block third-party cookies it does not work, which is why the back channel exists.

use url::Url;

use crate::oidc::{
    client::Client,
    params::{encode, with_query},
};

/// Most frames on one page; the Content-Security-Policy that names their origins is a header and must stay short.
const MOST: usize = 50;

/// The addresses of the frames: the registered address with `iss` and the portal's `sid` added, always, since they do no harm.
pub(super) fn frames(issuer: &str, portals: &[(Client, String)]) -> Vec<String> {
    let frame = |(client, sid): &(Client, String)| {
        let address = client.metadata.frontchannel_logout_uri.as_deref()?;
        let query = encode([("iss", issuer), ("sid", sid.as_str())]);
        Some(with_query(address, &query))
    };
    portals.iter().filter_map(frame).take(MOST).collect()
}

/// The origin of a frame, for `frame-src`; `None` for an address that a frame cannot have.
pub fn origin(frame: &str) -> Option<String> {
    let url = Url::parse(frame).ok()?;
    let origin = url.origin();
    (origin.is_tuple() && matches!(url.scheme(), "https" | "http")).then(|| origin.ascii_serialization())
}

#[cfg(test)]
mod tests {
    use super::{frames, origin};
    use crate::oidc::tests::samples;

    #[test]
    fn iss_and_sid_follow_the_registered_address() {
        let mut client = samples::client("https://p/cb");
        let sid = "7".to_owned();
        assert!(frames("https://id.example", &[(client.clone(), sid.clone())]).is_empty());
        client.metadata.frontchannel_logout_uri = Some("https://p/out?tenant=a".to_owned());
        assert_eq!(
            frames("https://id.example", &[(client, sid.clone())]),
            [format!("https://p/out?tenant=a&iss=https%3A%2F%2Fid.example&sid={sid}")]
        );
    }

    #[test]
    fn an_origin_is_nothing_but_scheme_host_and_port() {
        assert_eq!(
            origin("https://p.example:8443/out?x=;").unwrap(),
            "https://p.example:8443"
        );
        assert_eq!(origin("https://密.example/").unwrap(), "https://xn--vct.example");
        assert!(origin("javascript:alert(1)").is_none() && origin("data:text/html,x").is_none());
        assert!(origin("/out").is_none());
    }
}
