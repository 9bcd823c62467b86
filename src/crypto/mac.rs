//! Message authentication: HMAC-SHA-256 (RFC 2104).

use aws_lc_rs::hmac::{Context, HMAC_SHA256, Key};

/// HMAC-SHA-256 of these parts, one after the other.
pub fn hmac_sha256(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    let mut context = Context::with_key(&Key::new(HMAC_SHA256, key));
    for part in parts {
        context.update(part);
    }
    let mut bytes = [0; 32];
    bytes.copy_from_slice(context.sign().as_ref());
    bytes
}

#[cfg(test)]
mod tests {
    use data_encoding::HEXLOWER;

    use super::hmac_sha256;

    // RFC 4231, test case 2.
    #[test]
    fn it_is_the_hmac_of_the_rfc_however_the_message_is_cut() {
        let expected = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        let parts: [&[u8]; 2] = [b"what do ya want ", b"for nothing?"];
        assert_eq!(HEXLOWER.encode(&hmac_sha256(b"Jefe", &parts)), expected);
        let whole: [&[u8]; 1] = [b"what do ya want for nothing?"];
        assert_eq!(HEXLOWER.encode(&hmac_sha256(b"Jefe", &whole)), expected);
    }
}
