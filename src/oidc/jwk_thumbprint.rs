//! JWK thumbprints (RFC 7638): the name of our signing keys (`kid`) and of the keys in DPoP proofs (`jkt`). Pure.

use crate::crypto::digest::sha256_base64url;

/// SHA-256 over the required members as JSON without white space, unpadded base64url (RFC 7638 §3). The members come in lexicographic
/// order (§3.2; RFC 8037 §2 for Ed25519); their values are base64url or fixed words, so nothing needs escaping.
pub(in crate::oidc) fn thumbprint(members: &[(&str, &str)]) -> String {
    let members: Vec<String> = members
        .iter()
        .map(|(name, value)| format!("\"{name}\":\"{value}\""))
        .collect();
    sha256_base64url(format!("{{{}}}", members.join(",")).as_bytes())
}

#[cfg(test)]
mod tests {
    use super::thumbprint;

    /// RFC 7638 §3.1.
    #[test]
    fn the_thumbprint_of_the_rfc() {
        let n = "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMs\
                 tn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn\
                 1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw";
        let members = [("e", "AQAB"), ("kty", "RSA"), ("n", n)];
        assert_eq!(thumbprint(&members), "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
    }

    /// RFC 8037, appendices A.2 and A.3.
    #[test]
    fn the_thumbprint_of_an_ed25519_key() {
        let x = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
        let members = [("crv", "Ed25519"), ("kty", "OKP"), ("x", x)];
        assert_eq!(thumbprint(&members), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
    }
}
