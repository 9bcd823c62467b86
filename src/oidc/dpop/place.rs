//! The endpoint a DPoP proof is made for (`htm`, `htu`). Pure.

/// A request that may carry a proof, as far as a proof is about it.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// Its method.
    pub method: &'a str,
    /// Its path below the issuer.
    pub path: &'a str,
}

impl Place<'static> {
    /// `POST /oauth2/token`.
    pub const TOKEN: Self = Self::post("/oauth2/token");

    /// A POST to this path below the issuer.
    pub const fn post(path: &'static str) -> Self {
        Self { method: "POST", path }
    }
}
