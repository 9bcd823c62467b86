//! Authentication context classes: what a way of signing in is worth to a portal (OpenID Connect Core, sections 2 and 3.1.2.1). Pure.
//!
//! Two ladders, because neither WeCom nor a password proves what the other does:
//! ```text
//! urn:menjin:acr:wecom    the phone was used          ⊃ urn:menjin:acr:wecom-in-app  WeCom itself opened us, silently
//! urn:menjin:acr:pwd-otp  password and one-time code  ⊃ urn:menjin:acr:pwd           password
//! ```
//! Whoever reached a higher rung has reached the lower one too; nothing satisfies the other ladder.

/// The web login of WeCom: a QR code scanned by the phone, or a click in the desktop client.
pub const WECOM: &str = "urn:menjin:acr:wecom";
/// Opened inside the WeCom client.
pub const WECOM_IN_APP: &str = "urn:menjin:acr:wecom-in-app";
/// A password.
pub const PASSWORD: &str = "urn:menjin:acr:pwd";
/// A password and a one-time code.
pub const PASSWORD_OTP: &str = "urn:menjin:acr:pwd-otp";

/// All of them, as published (`acr_values_supported`).
pub const SUPPORTED: [&str; 4] = [WECOM, WECOM_IN_APP, PASSWORD_OTP, PASSWORD];

/// How a session by password alone came to be (RFC 8176 §2).
pub const AMR_PASSWORD: &[&str] = &["pwd"];
/// How one by password and one-time code came to be.
pub const AMR_PASSWORD_OTP: &[&str] = &["pwd", "otp", "mfa"];

/// The highest rung these methods reach; `None` for methods no version of ours writes.
pub fn of(amr: &[String]) -> Option<&'static str> {
    let has = |word: &str| amr.iter().any(|known| known == word);
    match () {
        () if has("pwd") && has("otp") => Some(PASSWORD_OTP),
        () if has("pwd") => Some(PASSWORD),
        () if has("wecom_scan") => Some(WECOM),
        () if has("wecom_in_app") => Some(WECOM_IN_APP),
        () => None,
    }
}

/// The rungs at and below one.
fn reached(own: &str) -> &'static [&'static str] {
    match own {
        WECOM => &[WECOM, WECOM_IN_APP],
        WECOM_IN_APP => &[WECOM_IN_APP],
        PASSWORD_OTP => &[PASSWORD_OTP, PASSWORD],
        PASSWORD => &[PASSWORD],
        _ => &[],
    }
}

/// What a portal is told: of what it asked, in its order of preference, the first that was reached; else the highest rung.
pub fn told(amr: &[String], asked: &[String]) -> Option<&'static str> {
    let own = of(amr)?;
    let reached = reached(own);
    let first = asked
        .iter()
        .find_map(|asked| reached.iter().find(|known| **known == asked));
    Some(first.copied().unwrap_or(own))
}

/// Whether one of what was asked is reached; where nothing was asked, everything will do.
pub fn is_met(amr: &[String], asked: &[String]) -> bool {
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
        for (amr, met) in [
            (&scan, [true, true, false, false]),
            (&in_app, [false, true, false, false]),
            (&double, [false, false, true, true]),
            (&single, [false, false, false, true]),
        ] {
            for (asked, expected) in SUPPORTED.iter().zip(met) {
                assert_eq!(is_met(amr, &words(&[asked])), expected, "{amr:?} for {asked}");
            }
            assert!(is_met(amr, &[]));
            assert!(!is_met(amr, &words(&["unknown"])));
        }
    }

    #[test]
    fn what_is_told_is_one_of_the_asked_where_possible() {
        let double = words(AMR_PASSWORD_OTP);
        assert_eq!(told(&double, &[]), Some(PASSWORD_OTP));
        assert_eq!(told(&double, &words(&["x", PASSWORD])), Some(PASSWORD));
        assert_eq!(told(&double, &words(&[PASSWORD, PASSWORD_OTP])), Some(PASSWORD));
        assert_eq!(told(&double, &words(&[WECOM])), Some(PASSWORD_OTP));
        assert_eq!(told(&[], &words(&[WECOM])), None);
    }
}
