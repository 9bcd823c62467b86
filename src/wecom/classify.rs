//! Classification of WeCom's error codes (reference 1.5): the one place that decides what a code means for the caller.
//!
//! Also reads the caller's address out of an error text (reference 1.4); no other decision is ever made on the text.

use std::net::IpAddr;

use super::error::Class;

/// The secret, the corp ID, or their pairing is wrong: no token must be asked for with them again (reference 1.2, trap 4). Of a suite: its
/// secret, its id, or what a corp authorised.
pub(super) const WRONG_CREDENTIAL: [i64; 8] = [40001, 40013, 40091, 40080, 40083, 40084, 48003, 48004];
/// A reply of a business API that says the token died; 40001 is among them because a reset secret shows up so (reference 1.3 rule 3).
pub(super) const DEAD_TOKEN: [i64; 3] = [40014, 42001, 40001];
/// The same of calls with the token of a suite or a provider.
pub(super) const DEAD_SERVICE_TOKEN: [i64; 2] = [40082, 42009];
/// This kind of secret may not call this API.
pub(super) const WRONG_KIND: i64 = 48002;
/// What a corp authorised is gone: the app was deleted there, or the permanent code replaced (reference 9.5).
pub(super) const NOT_INSTALLED: [i64; 3] = [40084, 48003, 48004];
/// Codes of a business API by which the app, its address or its pairing is refused: whoever meets one makes a probe due.
pub(super) const DENIED: [i64; 8] = [40056, 48003, 48004, 48006, 50003, 60020, 60031, 301_002];
/// Busy codes after which the client repeats a read, at most three times.
pub(super) const BUSY: [i64; 3] = [-1, 6000, 45033];
/// "Not visible to this app" in its four spellings (reference 3.4).
pub(super) const NOT_VISIBLE: [i64; 4] = [60111, 60011, 50002, 60021];

/// Classifies a code other than 0 by what to do about it. A code nobody described is a defect of ours until someone describes it.
pub(super) const fn classify(errcode: i64) -> Class {
    match errcode {
        -1 | 6000 => Class::Retry,
        45009 | 45033 => Class::Throttled,
        40014 | 40082 | 42001 | 42009 => Class::Token,
        40029 | 40077 | 40078 | 42007 | 43016 | 84014 | 84015 | 90307 => Class::Restart,
        40001 | 40013 | 40056 | 40057 | 40080 | 40083..=40085 | 40091 | 43009 | 43012 => Class::Admin,
        48001..=48004 | 48006 | 48008 | 48009 | 50001 | 50003 | 60020 | 60031 | 81011 => Class::Admin,
        84074 | 84127 | 85005 | 301_002 | 701_008 => Class::Admin,
        40003 | 40031 | 40066 | 40068 | 40073 | 40096 | 43004 | 46004 | 50002 => Class::Outcome,
        60003 | 60011 | 60021 | 60111 | 60123 | 81013 | 84061 | 84084 | 301_021 => Class::Outcome,
        _ => Class::Defect,
    }
}

/// The address after `from ip:` in an error text.
pub(super) fn observed_ip(message: &str) -> Option<String> {
    let (_, tail) = message.split_once("from ip:")?;
    let address = tail
        .trim_start()
        .split(|c: char| !(c.is_ascii_hexdigit() || c == '.' || c == ':'))
        .next()?;
    let address = address.trim_end_matches('.');
    address.parse::<IpAddr>().ok().map(|ip| ip.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_of_the_reference_has_its_class() {
        let table: [(Class, &[i64]); 7] = [
            (Class::Retry, &[-1, 6000]),
            (Class::Throttled, &[45009, 45033]),
            (Class::Token, &[40014, 40082, 42001, 42009]),
            (
                Class::Restart,
                &[40029, 40077, 40078, 42007, 43016, 84014, 84015, 90307],
            ),
            (
                Class::Admin,
                &[
                    40001, 40013, 40056, 40057, 40080, 40083, 40084, 40085, 40091, 43009, 43012, 48001, 48002, 48003,
                    48004, 48006, 48008, 48009, 50001, 50003, 60020, 60031, 81011, 84074, 84127, 85005, 301_002,
                    701_008,
                ],
            ),
            (
                Class::Outcome,
                &[
                    40003, 40031, 40066, 40068, 40073, 40096, 43004, 46004, 50002, 60003, 60011, 60021, 60111, 60123,
                    81013, 84061, 84084, 301_021,
                ],
            ),
            (
                Class::Defect,
                &[
                    40032, 40035, 40058, 40063, 40086, 40093, 41001, 41002, 41004, 41008, 41009, 41011, 41021, 41022,
                    41023, 41024, 41025, 42012, 48005, 60124, 60125, 60127, 60221, 82001, 84025, 84090, 86001, 987_654,
                ],
            ),
        ];
        for (class, codes) in table {
            for code in codes {
                assert_eq!(classify(*code), class, "{code}");
            }
        }
    }

    #[test]
    fn the_observed_address_is_read_from_the_text() {
        let text = "not allow to access from your ip, hint: [1_2_ab], from ip: 203.0.113.9, more info at https://x";
        assert_eq!(observed_ip(text).as_deref(), Some("203.0.113.9"));
        assert_eq!(
            observed_ip("x, from ip: 2001:db8::9, more").as_deref(),
            Some("2001:db8::9")
        );
        assert_eq!(observed_ip("from ip:203.0.113.9.").as_deref(), Some("203.0.113.9"));
        assert_eq!(observed_ip("from ip: nonsense"), None);
        assert_eq!(observed_ip("ok"), None);
    }
}
