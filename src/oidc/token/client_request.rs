//! A request of a client at an endpoint that authenticates clients. Pure.

use std::net::IpAddr;

/// A request of a client to us, as it came in.
pub struct ClientRequest<'a> {
    /// The Authorization header.
    pub authorization: Option<&'a str>,
    /// The form.
    pub form: &'a [u8],
    /// The `DPoP` header (RFC 9449); empty when there were several.
    pub dpop: Option<&'a str>,
    /// Client address.
    pub from: Option<IpAddr>,
}
