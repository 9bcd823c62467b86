//! Authentication context classes (`acr` values) from a session's `amr` (OpenID Connect Core, sections 2 and 3.1.2.1). Pure.
//!
//! Three separate orders, because neither WeCom nor a password nor a passkey proves what the others do:
//! ```text
//! urn:menjin:acr:wecom    the phone was used          ⊃ urn:menjin:acr:wecom-in-app  WeCom itself opened us, silently
//! urn:menjin:acr:pwd-otp  password and one-time code  ⊃ urn:menjin:acr:pwd           password
//! urn:menjin:acr:passkey  a passkey that its owner unlocked
//! ```
//! WeCom answers the exchange of a code alike, whichever page it comes from, so the first class rests on the page that was left for and on
//! what contradicts it (`wecom_callback.rs`): it tells that somebody confirmed at WeCom's login page, not that the browser was beyond doubt.
//! A session that satisfies a stronger class satisfies the weaker one of the same order too; no class satisfies one of the other order.

/// The web login of WeCom: a QR code scanned by the phone, or a click in the desktop client.
pub const WECOM: &str = "urn:menjin:acr:wecom";
/// Opened inside the WeCom client.
pub const WECOM_IN_APP: &str = "urn:menjin:acr:wecom-in-app";
/// A password.
pub const PASSWORD: &str = "urn:menjin:acr:pwd";
/// A password and a one-time code.
pub const PASSWORD_OTP: &str = "urn:menjin:acr:pwd-otp";
/// A passkey (WebAuthn), with user verification.
pub const PASSKEY: &str = "urn:menjin:acr:passkey";

/// All supported classes, as published (`acr_values_supported`); the one of passkeys where browsers have them.
pub const SUPPORTED: [&str; 5] = [WECOM, WECOM_IN_APP, PASSKEY, PASSWORD_OTP, PASSWORD];

/// Classes that suffice for the console, and for deciding about access requests: a password alone does not.
pub const OF_CONSOLE: [&str; 4] = [WECOM, WECOM_IN_APP, PASSKEY, PASSWORD_OTP];

/// `amr` of a session by password alone (RFC 8176 §2).
pub const AMR_PASSWORD: &[&str] = &["pwd"];
/// `amr` of a session by password and one-time code.
pub const AMR_PASSWORD_OTP: &[&str] = &["pwd", "otp", "mfa"];
/// `amr` of a session by passkey (RFC 8176 §2): possession of a key was proven, somebody was there, and unlocked it, which is two factors. Whether the
/// key lies in hardware (`hwk`) or in software (`swk`), and was unlocked by a PIN or a finger, is not known without attestation, and not said.
pub const AMR_PASSKEY: &[&str] = &["pop", "user", "mfa"];

/// The strongest class that these `amr` values satisfy; `None` for values no version of ours writes.
pub fn of(amr: &[String]) -> Option<&'static str> {
    let has = |word: &str| amr.iter().any(|known| known == word);
    match () {
        () if has("pwd") && has("otp") => Some(PASSWORD_OTP),
        () if has("pwd") => Some(PASSWORD),
        () if has("pop") && has("mfa") => Some(PASSKEY),
        () if has("wecom_scan") => Some(WECOM),
        () if has("wecom_in_app") => Some(WECOM_IN_APP),
        () => None,
    }
}

/// All classes that a session of class `own` satisfies: that class and the weaker ones of its order.
fn reached(own: &str) -> &'static [&'static str] {
    match own {
        WECOM => &[WECOM, WECOM_IN_APP],
        WECOM_IN_APP => &[WECOM_IN_APP],
        PASSWORD_OTP => &[PASSWORD_OTP, PASSWORD],
        PASSWORD => &[PASSWORD],
        PASSKEY => &[PASSKEY],
        _ => &[],
    }
}

/// The `acr` claim for a portal: the first requested class (in its order of preference) that is satisfied; else the strongest class.
pub fn acr_claim(amr: &[String], asked: &[String]) -> Option<&'static str> {
    let own = of(amr)?;
    let reached = reached(own);
    let first = asked
        .iter()
        .find_map(|asked| reached.iter().find(|known| **known == asked));
    Some(first.copied().unwrap_or(own))
}

/// Whether one of the requested classes is satisfied; true where none was requested.
pub fn satisfies(amr: &[String], asked: &[String]) -> bool {
    asked.is_empty() || of(amr).is_some_and(|own| asked.iter().any(|asked| reached(own).contains(&asked.as_str())))
}

/// Whether signing in with WeCom can lead to one of these.
pub fn by_wecom(asked: &[String]) -> bool {
    asked.is_empty() || asked.iter().any(|asked| reached(WECOM).contains(&asked.as_str()))
}

/// Whether signing in with a password can lead to one of these.
pub fn by_password(asked: &[String]) -> bool {
    asked.is_empty()
        || asked
            .iter()
            .any(|asked| reached(PASSWORD_OTP).contains(&asked.as_str()))
}

/// Whether signing in with a passkey can lead to one of these.
pub fn by_passkey(asked: &[String]) -> bool {
    asked.is_empty() || asked.iter().any(|asked| reached(PASSKEY).contains(&asked.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(words: &[&str]) -> Vec<String> {
        words.iter().map(|word| (*word).to_owned()).collect()
    }

    #[test]
    fn each_way_of_signing_in_has_its_class() {
        for (amr, expected) in [
            (&["wecom", "wecom_scan"][..], Some(WECOM)),
            (&["wecom", "wecom_in_app"], Some(WECOM_IN_APP)),
            (AMR_PASSWORD, Some(PASSWORD)),
            (AMR_PASSWORD_OTP, Some(PASSWORD_OTP)),
            (AMR_PASSKEY, Some(PASSKEY)),
            (&["pop"], None),
            (&["otp"], None),
            (&[], None),
        ] {
            assert_eq!(of(&words(amr)), expected, "{amr:?}");
        }
    }

    #[test]
    fn a_higher_rung_reaches_the_lower_and_never_the_other_ladder() {
        let (scan, in_app) = (words(&["wecom", "wecom_scan"]), words(&["wecom", "wecom_in_app"]));
        let (single, double) = (words(AMR_PASSWORD), words(AMR_PASSWORD_OTP));
        let passkey = words(AMR_PASSKEY);
        for (amr, met) in [
            (&scan, [true, true, false, false, false]),
            (&in_app, [false, true, false, false, false]),
            (&passkey, [false, false, true, false, false]),
            (&double, [false, false, false, true, true]),
            (&single, [false, false, false, false, true]),
        ] {
            for (asked, expected) in SUPPORTED.iter().zip(met) {
                assert_eq!(satisfies(amr, &words(&[asked])), expected, "{amr:?} for {asked}");
            }
            assert!(satisfies(amr, &[]));
            assert!(!satisfies(amr, &words(&["unknown"])));
        }
    }

    #[test]
    fn what_is_told_is_one_of_the_asked_where_possible() {
        let double = words(AMR_PASSWORD_OTP);
        assert_eq!(acr_claim(&double, &[]), Some(PASSWORD_OTP));
        assert_eq!(acr_claim(&double, &words(&["x", PASSWORD])), Some(PASSWORD));
        assert_eq!(acr_claim(&double, &words(&[PASSWORD, PASSWORD_OTP])), Some(PASSWORD));
        assert_eq!(acr_claim(&double, &words(&[WECOM])), Some(PASSWORD_OTP));
        assert_eq!(acr_claim(&[], &words(&[WECOM])), None);
    }
}
