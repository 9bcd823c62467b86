//! Interaction policy: whether the current session is enough, the person signs in (again), or the portal gets an error. Pure (OpenID
//! Connect Core 3.1.2.1 and 3.1.2.3).

use std::time::Duration;

use uuid::Uuid;

use super::request::Request;
use crate::{
    kernel::clock::Timestamp,
    oidc::failure::OidcFailure,
    signin::{acr, session_model::Session},
};

/// The browser's session, as far as the policy needs it.
#[derive(Clone, Debug)]
pub struct CurrentSession {
    /// Id of the session.
    pub session: Uuid,
    /// When the person authenticated.
    pub auth_time: Timestamp,
    /// Whether it is the person the portal expects; true where it expects nobody.
    pub expected: bool,
    /// How the person authenticated (RFC 8176).
    pub amr: Vec<String>,
}

impl CurrentSession {
    /// From a session.
    pub fn of(session: &Session, expected: bool) -> Self {
        Self {
            expected,
            session: session.id,
            auth_time: session.auth_time,
            amr: session.amr.clone(),
        }
    }
}

/// What happens next.
#[derive(Debug)]
pub enum Interaction {
    /// This session is good enough: ask the gate.
    Enter(CurrentSession),
    /// The person signs in, or signs in again.
    SignIn,
    /// The portal gets an error.
    Refuse(OidcFailure),
}

/// Decides the next step. `returned`: the person was sent to sign in for this very request. Only then can a session count as fresh, which
/// keeps `prompt=login` from asking forever; a session older than the request never counts as fresh. `reachable`: the ways to sign in that
/// the portal offers can lead to one of the requested authentication context classes.
pub fn next(
    request: &Request,
    present: Option<CurrentSession>,
    (now, returned): (Timestamp, bool),
    reachable: bool,
) -> Interaction {
    if request.terms.acr_essential && !reachable && !is_met(request, present.as_ref()) {
        return Interaction::Refuse(OidcFailure::AcrUnmet);
    }
    let ask = || match request.prompt.none {
        true => Interaction::Refuse(OidcFailure::LoginRequired),
        false => Interaction::SignIn,
    };
    let Some(present) = present else { return ask() };
    let fresh = returned && present.auth_time >= request.asked_at;
    if !fresh && (request.prompt.login || too_old(request.max_age, &present, now)) {
        return ask();
    }
    if !present.expected {
        if fresh || request.prompt.none {
            return Interaction::Refuse(OidcFailure::OtherPerson);
        }
        return Interaction::SignIn;
    }
    if is_met(request, Some(&present)) {
        return Interaction::Enter(present);
    }
    step_up(request, present, fresh, reachable)
}

/// Step-up: the session is good but not of a requested class. A merely preferred class never causes an error, nor a sign-in that cannot
/// reach it or that `prompt=none` forbids (OpenID Connect Core 5.5.1.1).
fn step_up(request: &Request, present: CurrentSession, fresh: bool, reachable: bool) -> Interaction {
    match (request.terms.acr_essential, fresh) {
        (true, true) => Interaction::Refuse(OidcFailure::AcrUnmet),
        (true, false) if request.prompt.none => Interaction::Refuse(OidcFailure::LoginRequired),
        (false, false) if reachable && !request.prompt.none => Interaction::SignIn,
        (true, false) => Interaction::SignIn,
        (false, _) => Interaction::Enter(present),
    }
}

fn is_met(request: &Request, present: Option<&CurrentSession>) -> bool {
    let asked = &request.terms.acr;
    asked.is_empty() || present.is_some_and(|present| acr::satisfies(&present.amr, asked))
}

/// Whether the authentication is older than `max_age` allows; `max_age=0` means the same as `prompt=login`.
fn too_old(max_age: Option<u64>, present: &CurrentSession, now: Timestamp) -> bool {
    max_age.is_some_and(|seconds| seconds == 0 || now.since(present.auth_time) > Duration::from_secs(seconds))
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::{CurrentSession, Interaction, next};
    use crate::{
        kernel::clock::Timestamp,
        oidc::{authorize::request::Request, failure::OidcFailure, tests::samples},
        signin::acr,
    };

    const NOW: Timestamp = Timestamp::from_secs(1_000_000);

    fn request() -> Request {
        samples::request(NOW)
    }

    fn session(auth_secs: i64) -> CurrentSession {
        CurrentSession {
            session: Uuid::from_u128(9),
            auth_time: Timestamp::from_secs(auth_secs),
            expected: true,
            amr: vec!["pwd".to_owned()],
        }
    }

    fn says(request: &Request, session: Option<&CurrentSession>, returned: bool) -> &'static str {
        reaching(request, session, returned, true)
    }

    fn reaching(request: &Request, session: Option<&CurrentSession>, returned: bool, reachable: bool) -> &'static str {
        match next(request, session.cloned(), (NOW, returned), reachable) {
            Interaction::Enter(_) => "enter",
            Interaction::SignIn => "sign in",
            Interaction::Refuse(OidcFailure::LoginRequired) => "login_required",
            Interaction::Refuse(OidcFailure::AcrUnmet) => "unmet",
            Interaction::Refuse(_) => "refused",
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
    fn a_preferred_class_is_asked_for_once_and_never_errs() {
        let (old, new) = (session(999_000), session(1_000_000));
        let mut asked = request();
        asked.terms.acr = vec![acr::PASSWORD.to_owned()];
        assert_eq!(says(&asked, Some(&old), false), "enter", "it is met");
        asked.terms.acr = vec![acr::WECOM.to_owned()];
        assert_eq!(says(&asked, Some(&old), false), "sign in");
        assert_eq!(says(&asked, Some(&new), true), "enter", "asked once");
        assert_eq!(
            reaching(&asked, Some(&old), false, false),
            "enter",
            "a question that leads nowhere"
        );
        assert_eq!(reaching(&asked, None, false, false), "sign in");
        asked.prompt.none = true;
        assert_eq!(
            says(&asked, Some(&old), false),
            "enter",
            "a question that may not be asked"
        );
    }

    #[test]
    fn a_required_class_is_reached_or_refused() {
        let (old, new) = (session(999_000), session(1_000_000));
        let mut asked = request();
        asked.terms.acr_essential = true;
        assert_eq!(says(&asked, Some(&old), false), "enter", "any class will do");
        asked.terms.acr = vec![acr::PASSWORD_OTP.to_owned()];
        assert_eq!(says(&asked, None, false), "sign in");
        assert_eq!(says(&asked, Some(&old), false), "sign in");
        assert_eq!(says(&asked, Some(&new), true), "unmet");
        assert_eq!(reaching(&asked, Some(&old), false, false), "unmet");
        assert_eq!(reaching(&asked, None, false, false), "unmet", "nobody signs in in vain");
        asked.prompt.none = true;
        assert_eq!(says(&asked, Some(&old), false), "login_required");
        asked.terms.acr = vec![acr::PASSWORD.to_owned()];
        assert_eq!(reaching(&asked, Some(&old), false, false), "enter");
    }

    #[test]
    fn a_hint_at_somebody_else() {
        let other = |auth_secs| CurrentSession {
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
