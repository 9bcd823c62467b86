//! Who is there, and is that enough? Pure (OpenID Connect Core 3.1.2.1 and 3.1.2.3).

use std::time::Duration;

use uuid::Uuid;

use super::request::Request;
use crate::{kernel::clock::Timestamp, oidc::failure::OidcFailure, signin::sessions::Session};

/// Who the browser's session says is there.
#[derive(Clone, Copy, Debug)]
pub struct Present {
    /// `sid`.
    pub session: Uuid,
    /// When they proved it.
    pub auth_time: Timestamp,
    /// Whether it is whom the portal expects; true where it expects nobody.
    pub expected: bool,
}

impl Present {
    /// Who a session says is there.
    pub const fn of(session: &Session, expected: bool) -> Self {
        Self {
            expected,
            session: session.id,
            auth_time: session.auth_time,
        }
    }
}

/// What happens next.
#[derive(Debug)]
pub enum Next {
    /// This session is good enough: ask the gate.
    Enter(Present),
    /// The person signs in, or signs in again.
    SignIn,
    /// The portal is told.
    Refuse(OidcFailure),
}

/// `returned`: the person was sent to sign in for this very request. Only then can a session be fresh, which is what keeps
/// `prompt=login` from asking forever, and what an older session can never be.
pub fn next(request: &Request, present: Option<Present>, now: Timestamp, returned: bool) -> Next {
    let ask = || match request.prompt.none {
        true => Next::Refuse(OidcFailure::LoginRequired),
        false => Next::SignIn,
    };
    let Some(present) = present else { return ask() };
    let fresh = returned && present.auth_time >= request.asked_at;
    if !fresh && (request.prompt.login || too_old(request.max_age, &present, now)) {
        return ask();
    }
    if !present.expected {
        if fresh || request.prompt.none {
            return Next::Refuse(OidcFailure::OtherPerson);
        }
        return Next::SignIn;
    }
    Next::Enter(present)
}

/// `max_age=0` is `prompt=login` in other words.
fn too_old(max_age: Option<u64>, present: &Present, now: Timestamp) -> bool {
    max_age.is_some_and(|seconds| seconds == 0 || now.since(present.auth_time) > Duration::from_secs(seconds))
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::{Next, Present, next};
    use crate::{
        kernel::clock::Timestamp,
        oidc::{authorize::request::Request, failure::OidcFailure, tests::samples},
    };

    const NOW: Timestamp = Timestamp::from_secs(1_000_000);

    fn request() -> Request {
        samples::request(NOW)
    }

    fn session(auth_secs: i64) -> Present {
        Present {
            session: Uuid::from_u128(9),
            auth_time: Timestamp::from_secs(auth_secs),
            expected: true,
        }
    }

    fn says(request: &Request, session: Option<&Present>, returned: bool) -> &'static str {
        match next(request, session.copied(), NOW, returned) {
            Next::Enter(_) => "enter",
            Next::SignIn => "sign in",
            Next::Refuse(OidcFailure::LoginRequired) => "login_required",
            Next::Refuse(_) => "refused",
        }
    }

    #[test]
    fn a_session_is_enough_unless_the_portal_wants_more() {
        let (old, new) = (session(999_000), session(1_000_000));
        assert_eq!(says(&request(), None, false), "sign in");
        assert_eq!(says(&request(), Some(&old), false), "enter");
        let mut asked = request();
        asked.prompt.login = true;
        assert_eq!(says(&asked, Some(&old), false), "sign in");
        assert_eq!(says(&asked, Some(&old), true), "sign in");
        assert_eq!(says(&asked, Some(&new), true), "enter");
        assert_eq!(says(&asked, Some(&new), false), "sign in");
    }

    #[test]
    fn max_age_counts_seconds_since_the_proof() {
        let old = session(999_000);
        for (max_age, expected) in [(0, "sign in"), (999, "sign in"), (1000, "enter"), (u64::MAX, "enter")] {
            let mut asked = request();
            asked.max_age = Some(max_age);
            assert_eq!(says(&asked, Some(&old), false), expected, "{max_age}");
        }
        let mut asked = request();
        asked.max_age = Some(0);
        assert_eq!(says(&asked, Some(&session(1_000_000)), true), "enter");
    }

    #[test]
    fn prompt_none_shows_nothing() {
        let mut asked = request();
        asked.prompt.none = true;
        assert_eq!(says(&asked, None, false), "login_required");
        assert_eq!(says(&asked, Some(&session(999_000)), false), "enter");
        asked.max_age = Some(1);
        assert_eq!(says(&asked, Some(&session(999_000)), false), "login_required");
    }

    #[test]
    fn a_hint_at_somebody_else() {
        let other = |auth_secs| Present {
            expected: false,
            ..session(auth_secs)
        };
        let mut asked = request();
        assert_eq!(says(&asked, Some(&other(999_000)), false), "sign in");
        assert_eq!(says(&asked, Some(&other(1_000_000)), true), "refused");
        asked.prompt.none = true;
        assert_eq!(says(&asked, Some(&other(999_000)), false), "refused");
        assert_eq!(says(&asked, Some(&session(999_000)), false), "enter");
    }
}
