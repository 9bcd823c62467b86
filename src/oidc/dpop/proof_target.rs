//! The endpoint a DPoP proof is made for (`htm`, `htu`). Pure.

/// Method and path of a request, as a proof must name them.
#[derive(Clone, Copy, Debug)]
pub struct ProofTarget<'a> {
    /// Its method.
    pub method: &'a str,
    /// Its path below the issuer.
    pub path: &'a str,
}

impl ProofTarget<'static> {
    /// `POST /oauth2/token`.
    pub const TOKEN: Self = Self::post("/oauth2/token");

    /// A POST to this path below the issuer.
    pub const fn post(path: &'static str) -> Self {
        Self { method: "POST", path }
    }
}
