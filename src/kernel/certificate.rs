//! Whether a call failed because of the other server's certificate. Pure.

use std::{error::Error, io};

use rustls::Error as TlsError;

/// What is wrong with the certificate, in TLS's own words, where that is why a call failed.
pub fn untrusted(error: &(dyn Error + 'static)) -> Option<String> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(told @ TlsError::InvalidCertificate(_)) = error.downcast_ref::<TlsError>() {
            return Some(told.to_string());
        }
        // An I/O error shows the source of what it wraps, and not what it wraps itself.
        let wrapped = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        next = match wrapped {
            Some(wrapped) => Some(wrapped),
            None => error.source(),
        };
    }
    None
}

#[cfg(test)]
mod tests {
    use std::io;

    use rustls::{CertificateError, Error as TlsError};

    use super::untrusted;

    #[test]
    fn a_certificate_is_told_from_everything_else_however_it_is_wrapped() {
        let unknown = || TlsError::InvalidCertificate(CertificateError::UnknownIssuer);
        assert!(untrusted(&unknown()).is_some());
        let wrapped = io::Error::other(io::Error::other(unknown()));
        assert_eq!(untrusted(&wrapped).unwrap(), "invalid peer certificate: UnknownIssuer");
        for other in [
            io::Error::other(TlsError::DecryptError),
            io::Error::from(io::ErrorKind::ConnectionRefused),
        ] {
            assert!(untrusted(&other).is_none(), "{other}");
        }
    }
}
