//! The WeCom callback: `state` is checked, the code exchanged once, the gate asked, a session opened.
//!
//! Browsers request the callback twice (refresh, prefetch), and WeCom's code works once (reference 2.6). The first request wins by an
//! atomic `put_new` under the key of the result; all others are answered from the result it stored there.

use super::{
    failure::SignInFailure,
    journey::{JOURNEY_LIFETIME, Journeys, LoginRequest, binding},
    standing::Visitor,
    wecom_redirect::{ATTEMPT_LIFETIME, WecomAttempt, WecomLogin, answer_key, attempt_key, proven_way},
};
use crate::signin::{
    answer::{About, SignInOutcome},
    session_model::Proof,
    trial::entering::{Entered, Proven},
};
use crate::{
    crypto::digest::sha256_base64url,
    directory::auth_source,
    gate::{Denied, Permit, Visit},
    kernel::{clock::Timestamp, failure::Result},
    web::{
        context::{self, Company},
        rate_limit::RateLimit,
    },
    wecom::{Class, model::ScannedIdentity},
};
use serde::{Deserialize, Serialize};
use std::{net::IpAddr, time::Duration};

/// How long a duplicate is answered from the stored result.
const ANSWER_LIFETIME: Duration = Duration::from_secs(60);

/// After this long without a result the first request must have died.
const ANSWER_WAIT: Duration = Duration::from_secs(30);

/// Codes that one journey in one browser may have exchanged without WeCom knowing one of them. Each costs a call, and anybody can make up
/// codes; WeCom exempts only valid ones from its limits (reference 12).
const MOST_UNKNOWN_CODES: u64 = 5;

/// The same for all browsers at one address together that proved nothing before: each can be given a new cookie at will.
const UNKNOWN_CODES_OF_STRANGERS: RateLimit<'static> = RateLimit {
    name: "codes",
    limit: 100,
    window: Duration::from_secs(600),
};

/// Longest code of WeCom's, bytes (reference 2.1).
const LONGEST_CODE: usize = 512;

/// Query parameters of WeCom's redirect.
#[derive(Debug, Deserialize)]
pub struct Callback {
    /// Single-use code; absent when the person declined.
    pub code: Option<String>,
    /// The `state` we issued.
    pub state: Option<String>,
    /// Corp ID, if WeCom sends it (uncertain).
    pub appid: Option<String>,
    /// Whether it is the WeCom client that asks; not a parameter.
    #[serde(skip)]
    pub in_wecom: bool,
    /// The client's address; not a parameter.
    #[serde(skip)]
    pub address: Option<IpAddr>,
}

/// The result the first request stores for duplicates, sealed because it may hold a session cookie.
#[derive(Serialize, Deserialize)]
struct CallbackResult {
    at: Timestamp,
    sealed: Option<String>,
}

const SEAL_CONTEXT: &str = "signin.answer";

impl Journeys {
    /// Answers WeCom's redirect. `cookie` is the browser's journey cookie, `visitor` what else it had.
    ///
    /// # Errors
    /// `SI-102`, `SI-103`, `SI-108` before anything was used up; everything later is an [`SignInOutcome::Refused`].
    pub async fn handle_callback(
        &self,
        callback: Callback,
        cookie: Option<&str>,
        visitor: Visitor<'_>,
    ) -> Result<SignInOutcome> {
        let state = callback.state.as_deref().filter(|state| is_state(state));
        let state = state
            .ok_or_else(|| SignInFailure::CallbackMalformed.failure())?
            .to_owned();
        let attempt: Option<WecomAttempt> = self.get_json(&attempt_key(&state)).await?;
        let attempt = attempt.ok_or_else(|| SignInFailure::StateUnknown.failure())?;
        context::portal(&attempt.client_id);
        context::company(|| Company::Corp(attempt.corp_key.clone()));
        if let Some(left_at) = attempt.left_at {
            context::step("sent_to_wecom", left_at);
        }
        context::step("callback", self.deps.clock.now());
        let bound = match is_bound(&attempt, cookie) {
            Ok(bound) => bound,
            Err(refused) => {
                // Silent OAuth with the `state` of a QR page ends here; its code must not be carried to the browser with the page.
                if callback.in_wecom {
                    self.deps.ephemeral.take(&attempt_key(&state)).await?;
                }
                return Err(refused);
            }
        };
        let result_key = answer_key(&state);
        let working = CallbackResult {
            at: self.deps.clock.now(),
            sealed: None,
        };
        // The race this closes: two requests with one state. The result outlives the attempt, so a state never works twice.
        let json = serde_json::to_vec(&working).unwrap_or_default();
        if !self
            .deps
            .ephemeral
            .put_new_on(attempt.standing.shelf(), &result_key, &json, ATTEMPT_LIFETIME * 2)
            .await?
        {
            return self.answer_duplicate(&result_key, bound).await;
        }
        let answer = self.processed(&attempt, callback, (bound, visitor)).await;
        let plain = serde_json::to_vec(&answer).unwrap_or_default();
        let sealed = self.deps.sealer.seal(SEAL_CONTEXT, &plain)?;
        let left = CallbackResult {
            at: self.deps.clock.now(),
            sealed: Some(sealed),
        };
        // The answer stands whether duplicates can have it too or not: WeCom's code is spent, and a session may be open.
        let shelf = attempt.standing.shelf();
        if let Err(failure) = self.put_json_on(shelf, &result_key, &left, ATTEMPT_LIFETIME * 2).await {
            tracing::warn!(%failure, "the answer of a sign-in could not be stored for duplicates");
        }
        Ok(answer)
    }

    /// Answers a duplicate from the stored result, but only to the browser the attempt is bound to: a result may hold a session. A
    /// confirmation in another browser is repeated to nobody, since its cookie was meant for the browser that asked first.
    async fn answer_duplicate(&self, result_key: &str, bound: bool) -> Result<SignInOutcome> {
        let left: Option<CallbackResult> = self.get_json(result_key).await?;
        let left = left.ok_or_else(|| SignInFailure::StateUnknown.failure())?;
        let age = self.deps.clock.now().since(left.at);
        match left.sealed {
            None if bound && age < ANSWER_WAIT => Ok(SignInOutcome::InProgress),
            Some(sealed) if bound && age < ANSWER_LIFETIME => {
                let plain = self.deps.sealer.open(SEAL_CONTEXT, &sealed)?;
                let answer = serde_json::from_slice(plain.expose());
                match answer.map_err(|error| SignInFailure::StateUnknown.failure().cause(error))? {
                    SignInOutcome::Confirm { .. } => Err(SignInFailure::StateUnknown.into()),
                    answer => Ok(answer),
                }
            }
            _ => Err(SignInFailure::StateUnknown.into()),
        }
    }

    /// The outcome of a callback; a refusal says whom and what it is about.
    async fn processed(
        &self,
        attempt: &WecomAttempt,
        callback: Callback,
        (bound, visitor): (bool, Visitor<'_>),
    ) -> SignInOutcome {
        let in_wecom = callback.in_wecom;
        let mut about = About {
            journey: Some(attempt.journey.clone()),
            ..About::default()
        };
        let processed = self.process_callback(attempt, callback, (bound, visitor), &mut about);
        match processed.await {
            Ok(answer) => answer,
            Err(denied) => {
                if let Some(userid) = about.who {
                    about.apply = self
                        .offer_to_apply((attempt, in_wecom), &denied, (about.portal, &userid))
                        .await;
                    about.who = Some(self.member_in_words(&attempt.corp_key, &userid).await);
                }
                self.refuse(denied, about).await
            }
        }
    }

    async fn process_callback(
        &self,
        attempt: &WecomAttempt,
        callback: Callback,
        (bound, visitor): (bool, Visitor<'_>),
        about: &mut About,
    ) -> Result<SignInOutcome, Denied> {
        let login_request = self.load(&attempt.journey).await?;
        about.portal = Some(login_request.portal);
        let in_wecom = callback.in_wecom;
        let scanned = self.exchange_code(attempt, callback).await?;
        if let (true, ScannedIdentity::Member { userid, .. }) = (bound, &scanned) {
            about.who = Some(userid.clone());
        }
        let way = proven_way(attempt.way, in_wecom, &scanned);
        let visit = Visit::Scan {
            auth_source: attempt.auth_source,
            identity: &scanned,
            portal: login_request.portal,
        };
        let asked = self.ask_gate(visit, &login_request).await;
        if bound {
            return Ok(self.sign_in(asked?, way, &login_request, visitor).await?);
        }
        // Who it is they confirm before they come in, and before they ask to.
        match asked {
            Err(denied) if !self.may_ask_to_come_in(attempt, &denied).await => Err(denied),
            _ => Ok(self.request_confirmation(attempt, scanned).await?),
        }
    }

    async fn exchange_code(&self, attempt: &WecomAttempt, callback: Callback) -> Result<ScannedIdentity> {
        let code = callback.code.filter(|code| !code.is_empty());
        let code = code.ok_or_else(|| SignInFailure::Declined.failure())?;
        if code.len() > LONGEST_CODE {
            return Err(SignInFailure::CallbackMalformed.into());
        }
        let (database, now) = (&self.deps.database, self.deps.clock.now());
        let credential = auth_source::store::credential(database, &self.deps.sealer, now, attempt.auth_source).await?;
        let credential = credential.ok_or_else(|| SignInFailure::UnknownAuthSource.failure())?;
        // A provider knows the corp by another name. At a suite the exchange tells it; a template takes codes of its own corp alone.
        let foreign = callback.appid.is_some_and(|appid| appid != attempt.corp_id);
        if foreign && credential.suite.is_none() {
            return Err(SignInFailure::ForeignAppId.into());
        }
        // Counted before the call, so that parallel callbacks do not get past the bound, and taken back for a code that WeCom knew.
        self.count_exchange(attempt, callback.address).await?;
        let scanned = self.deps.wecom.exchange_code(&credential, &code).await;
        // An outage is nobody's made-up code. The code is spent, so a counter that cannot be taken back must not fail the sign-in.
        let made_up = scanned.as_ref().is_err_and(|error| error.class == Class::Restart);
        if !made_up && let Err(failure) = self.forget_exchange(attempt, callback.address).await {
            tracing::warn!(%failure, "the counter of unknown codes could not be taken back");
        }
        Ok(scanned?)
    }

    async fn count_exchange(&self, attempt: &WecomAttempt, from: Option<IpAddr>) -> Result<()> {
        let ephemeral = &self.deps.ephemeral;
        let tries = ephemeral.increment(&exchanges_key(attempt), JOURNEY_LIFETIME).await?;
        let fits = tries <= MOST_UNKNOWN_CODES
            && (attempt.standing.proven || UNKNOWN_CODES_OF_STRANGERS.try_acquire(ephemeral, from).await?);
        if fits {
            Ok(())
        } else {
            Err(SignInFailure::TooManyCodes.into())
        }
    }

    async fn forget_exchange(&self, attempt: &WecomAttempt, from: Option<IpAddr>) -> Result<()> {
        let ephemeral = &self.deps.ephemeral;
        ephemeral.decrement(&exchanges_key(attempt)).await?;
        if attempt.standing.proven {
            return Ok(());
        }
        UNKNOWN_CODES_OF_STRANGERS.release(ephemeral, from, 1).await
    }

    pub(super) async fn sign_in(
        &self,
        permit: Permit,
        way: WecomLogin,
        login_request: &LoginRequest,
        visitor: Visitor<'_>,
    ) -> Result<SignInOutcome> {
        let amr: &[&str] = match way {
            WecomLogin::Web => &["wecom", "wecom_scan"],
            WecomLogin::InApp => &["wecom", "wecom_in_app"],
        };
        let user = permit.person().id;
        let proven = Proven {
            amr,
            visitor,
            proof: &Proof::WeCom,
        };
        let cookie = match self.enter(permit, login_request, proven).await? {
            Entered::Session(cookie) => cookie,
            Entered::Tried(tried) => return Ok(SignInOutcome::Tried(tried)),
        };
        // The session is open and WeCom's code is spent: nothing from here on may fail the sign-in.
        let to = self.past_notices(user, login_request.return_to.clone()).await;
        let to = to.unwrap_or_else(|failure| {
            tracing::warn!(%failure, "notices could not be shown; they are shown at the next sign-in");
            login_request.return_to.clone()
        });
        Ok(SignInOutcome::SignedIn {
            cookie: cookie.expose().clone(),
            trusted_browser: self.known_from_now_on(user, visitor.trusted_browser),
            to,
        })
    }
}

/// Counter of a journey's exchanges, in the browser that was redirected: one journey may be several people's.
fn exchanges_key(attempt: &WecomAttempt) -> String {
    let whose = format!("{}\n{}", attempt.journey, attempt.binding);
    format!("exchanges:{}", sha256_base64url(whose.as_bytes()))
}

/// Whether this looks like a `state` of ours: 32 lower-case hex characters; anything else was never issued here.
fn is_state(state: &str) -> bool {
    state.len() == 32
        && state
            .bytes()
            .all(|byte| byte.is_ascii_hexdigit() && !byte.is_ascii_uppercase())
}

/// Whether the callback came in the browser the attempt is bound to. The WeCom desktop client may hand an in-app sign-in to another
/// browser, which has no cookie or one of an earlier sign-in: there it goes on only after the person confirmed. On the web a missing or
/// foreign cookie is a login CSRF.
fn is_bound(attempt: &WecomAttempt, cookie: Option<&str>) -> Result<bool> {
    match cookie {
        Some(cookie) if binding(cookie) == attempt.binding => Ok(true),
        _ if attempt.way == WecomLogin::InApp => Ok(false),
        _ => Err(SignInFailure::OtherBrowser.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signin::standing::Standing;

    fn attempt(way: WecomLogin) -> WecomAttempt {
        WecomAttempt {
            journey: "j".into(),
            client_id: "wiki".into(),
            auth_source: uuid::Uuid::nil(),
            corp_id: "ww1".into(),
            corp_key: "ww1".into(),
            way,
            binding: binding("mine"),
            standing: Standing::default(),
            left_at: None,
        }
    }

    #[test]
    fn the_browser_that_left_is_bound() {
        assert!(is_bound(&attempt(WecomLogin::Web), Some("mine")).unwrap());
        assert!(is_bound(&attempt(WecomLogin::InApp), Some("mine")).unwrap());
    }

    #[test]
    fn another_browser_is_asked_first_in_app_and_refused_on_the_web() {
        for cookie in [None, Some("other")] {
            assert!(!is_bound(&attempt(WecomLogin::InApp), cookie).unwrap());
            assert_eq!(
                is_bound(&attempt(WecomLogin::Web), cookie).unwrap_err().entry.number,
                "SI-103"
            );
        }
    }

    #[test]
    fn silent_oauth_with_the_state_of_a_qr_page_counts_as_silent() {
        let member = |ticket: Option<&str>| ScannedIdentity::Member {
            userid: "lihua".into(),
            user_ticket: ticket.map(str::to_owned),
        };
        for (issued, in_wecom, ticket, way) in [
            (WecomLogin::Web, false, None, WecomLogin::Web),
            (WecomLogin::Web, true, None, WecomLogin::InApp),
            (WecomLogin::Web, false, Some("t"), WecomLogin::InApp),
            (WecomLogin::InApp, false, None, WecomLogin::InApp),
            (WecomLogin::InApp, true, Some("t"), WecomLogin::InApp),
        ] {
            assert_eq!(
                proven_way(issued, in_wecom, &member(ticket)),
                way,
                "{issued:?} {in_wecom} {ticket:?}"
            );
        }
    }

    #[test]
    fn only_our_own_states_are_looked_up() {
        assert!(is_state("0123456789abcdef0123456789abcdef"));
        for foreign in [
            "",
            "0123456789ABCDEF0123456789ABCDEF",
            "0123456789abcdef",
            "../../../../etc/passwd/././././.",
        ] {
            assert!(!is_state(foreign), "{foreign}");
        }
    }
}
