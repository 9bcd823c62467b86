//! Live looks: `user/get` on behalf of a visit, bounded. All visits that ask WeCom about a member come through here.
//!
//! WeCom limits calls per corp (reference 12), so whoever could cause any number of looks could stop everybody's scan. Calls are therefore
//! counted per member and per corp, a repetition after a broken reply as well as the first (not the one with a new token, where the old one
//! had died); and sign-ins are counted apart from sessions, so that no session uses up what a scan needs, and explanations apart from both.
//! A look that is not made is no answer: the visit fails for the time being. "Not visible" need not be remembered: it ends the sessions that
//! could ask again. Those who ask about the same member through the same app at once [share](crate::kernel::shared_call) their calls.

use std::{sync::Arc, time::Duration};

use futures_util::FutureExt;

use super::{facts::Live, visit::Denied};
use crate::{
    crypto::digest::sha256_base64url,
    kernel::{failure::Result, shared_call::SharedCalls},
    store::{Ephemeral, request_versions},
    telemetry::metrics,
    wecom::{
        Allowance, Class, WeCom, WeComError,
        model::{Credential, Member, MemberLookup, SecretKind},
    },
};

/// Length of the counting windows, which begin with the first look.
const WINDOW: Duration = Duration::from_secs(60);
/// Calls about one member in a window. A member whom WeCom shows is looked at again after the portal's `membership_max_age` only, so that
/// nobody comes near it who does not try.
const PER_MEMBER: u64 = 30;
/// Calls about one member in a window that explanations may cause.
const EXPLAINED_PER_MEMBER: u64 = 5;
/// Calls about a corp in a window that explanations may cause.
const EXPLAINED_PER_CORP: u64 = 60;

/// How long whom an older confirmation covers is not kept waiting for a WeCom that did not answer the same app a moment ago.
const DOWN: Duration = Duration::from_secs(10);

/// What a look is made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Occasion {
    /// Somebody proves who they are right now.
    SignIn,
    /// A session enters a portal, or a portal redeems or refreshes tokens. `covered`: by the portal's grace, should WeCom not answer.
    Session {
        /// Whether the last confirmation suffices where WeCom does not answer.
        covered: bool,
    },
    /// An admin asks who can sign in; nothing follows from the answer.
    Explanation,
}

impl Occasion {
    /// The word of sign-ins.
    pub(super) const SIGN_IN: &'static str = "sign-in";
    /// The word of sessions.
    pub(super) const SESSION: &'static str = "session";

    /// Its word in counters.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::SignIn => Self::SIGN_IN,
            Self::Session { .. } => Self::SESSION,
            Self::Explanation => "explanation",
        }
    }
}

/// What WeCom says, and how it describes the member.
pub(super) type Seen = (Live, Option<Box<Member>>);

/// Makes live looks. Cheap to clone.
#[derive(Clone)]
pub struct LiveLooks {
    wecom: WeCom,
    budget: Budget,
    shared: SharedCalls<Result<Seen>>,
}

/// Counts calls.
#[derive(Clone)]
struct Budget {
    ephemeral: Ephemeral,
    per_corp: u64,
}

impl LiveLooks {
    /// Looks through this client, with at most `per_minute` calls in a minute on behalf of a corp's sessions, and as many for its sign-ins;
    /// 0: any number.
    pub fn new(wecom: WeCom, ephemeral: Ephemeral, per_minute: u64) -> Self {
        Self {
            wecom,
            budget: Budget {
                ephemeral,
                per_corp: if per_minute == 0 { u64::MAX } else { per_minute },
            },
            shared: SharedCalls::default(),
        }
    }

    /// What WeCom says about a member through this app, and how it describes them. The answer is never older than this question.
    ///
    /// # Errors
    /// What an admin must mend in WeCom (`WC-…`), and when the store does not answer.
    pub(super) async fn look(
        &self,
        (credential, userid): (&Credential, &str),
        occasion: Occasion,
    ) -> Result<Seen, Denied> {
        let app = match credential.kind {
            SecretKind::App { agent_id } => agent_id.to_string(),
            SecretKind::ContactsSync => "contacts".to_owned(),
            SecretKind::ExternalContacts => "external_contacts".to_owned(),
        };
        // Whom the grace covers is told otherwise than who must have an answer.
        let suite = credential.suite.as_ref().map_or("", |suite| &suite.suite_id);
        let through = format!("{}\n{suite}\n{app}", credential.corp_id);
        let about = format!("{occasion:?}\n{through}\n{}", userid.to_lowercase());
        let asked = self
            .shared
            .ask(&about, || self.ask((credential, &through), userid, occasion));
        let (seen, made) = asked.await;
        request_versions::forget();
        if !made && occasion != Occasion::Explanation {
            metrics::membership_check(occasion.word(), "shared");
        }
        Ok(seen?)
    }

    /// Who is directly in a department, as far as the app sees it, for a visit of this member, whom it does not see. Counted as a look at them. `None`:
    /// WeCom does not answer now; of a department that the app may not read, nobody.
    ///
    /// # Errors
    /// When the store does not answer.
    pub(super) async fn department(
        &self,
        (credential, userid): (&Credential, &str),
        department: i64,
        occasion: Occasion,
    ) -> Result<Option<Vec<Member>>, Denied> {
        let counted = Counted {
            occasion,
            corp_id: credential.corp_id.clone(),
            userid_key: userid.to_lowercase(),
        };
        if !self.budget.try_acquire(&counted).await? {
            return Ok(None);
        }
        match self.wecom.member_names_of(credential, department).await {
            Ok(listed) => Ok(Some(listed.rows)),
            Err(error) if matches!(error.class, Class::Retry | Class::Throttled | Class::Token) => Ok(None),
            Err(error) => {
                tracing::info!(%error, "WeCom does not list the department of a member whom it does not show");
                Ok(Some(Vec::new()))
            }
        }
    }

    /// `through`: the app that is asked. What keeps one from being answered is no other's.
    async fn ask(&self, (credential, through): (&Credential, &str), userid: &str, occasion: Occasion) -> Result<Seen> {
        let ephemeral = &self.budget.ephemeral;
        let down = format!("look:down:{through}");
        let covered = occasion == Occasion::Session { covered: true };
        if covered && ephemeral.get(&down).await?.is_some() {
            return Ok((Live::Unreachable, None));
        }
        let counted = Counted {
            occasion,
            corp_id: credential.corp_id.clone(),
            userid_key: userid.to_lowercase(),
        };
        if !self.budget.try_acquire(&counted).await? {
            return Ok((Live::OverBudget, None));
        }
        let allowance = self.budget.allowance(counted);
        let lookup = self.wecom.member_within(credential, userid, allowance).await;
        // Nothing follows from an explanation; and what WeCom answers at once, about one member or one secret, keeps nobody waiting.
        if lookup.as_ref().is_err_and(keeps_waiting) && occasion != Occasion::Explanation {
            ephemeral.put(&down, b"", DOWN).await?;
        }
        match live_from_lookup(lookup) {
            // Whatever keeps WeCom from confirming, be it ours to mend: that is what the grace is for.
            Err(failure) if covered => {
                tracing::warn!(%failure, "a membership could not be confirmed; the portal's grace covers it");
                Ok((Live::Unreachable, None))
            }
            looked => looked,
        }
    }
}

/// On whose account calls go.
#[derive(Clone)]
struct Counted {
    occasion: Occasion,
    corp_id: String,
    userid_key: String,
}

impl Budget {
    /// Whether a call may be repeated: each repetition is counted as a call. Where the store does not answer it is not.
    fn allowance(&self, counted: Counted) -> Allowance {
        let budget = self.clone();
        Arc::new(move || {
            let (budget, counted) = (budget.clone(), counted.clone());
            async move { budget.try_acquire(&counted).await.unwrap_or(false) }.boxed()
        })
    }

    /// Counts a call before it is made, so that parallel ones do not get past the bound; what is refused is not counted.
    async fn try_acquire(&self, counted: &Counted) -> Result<bool> {
        let (kind, corp_id) = (counted.occasion.word(), &counted.corp_id);
        let (per_member, per_corp) = match counted.occasion {
            Occasion::SignIn | Occasion::Session { .. } => (PER_MEMBER, self.per_corp),
            Occasion::Explanation => (EXPLAINED_PER_MEMBER, EXPLAINED_PER_CORP.min(self.per_corp)),
        };
        let member = sha256_base64url(format!("{corp_id}\n{}", counted.userid_key).as_bytes());
        let counters = [
            (format!("look:{kind}:member:{member}"), per_member),
            (format!("look:{kind}:corp:{corp_id}"), per_corp),
        ];
        for (position, (key, most)) in counters.iter().enumerate() {
            if self.ephemeral.increment(key, WINDOW).await? > *most {
                for (key, _) in counters.iter().take(position.saturating_add(1)) {
                    self.ephemeral.decrement(key).await?;
                }
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// Whether WeCom did not answer, or answers nobody for a while.
fn keeps_waiting(error: &WeComError) -> bool {
    matches!(error.class, Class::Retry | Class::Throttled)
}

/// The live fact from a member lookup. Temporary errors (busy, throttled, token just expired) leave the decision to the last confirmation;
/// an error that an admin must mend is returned as such.
fn live_from_lookup(member_lookup: Result<MemberLookup, WeComError>) -> Result<Seen> {
    match member_lookup {
        Ok(MemberLookup::Visible(member)) => {
            let status = member.status;
            Ok((Live::Visible { status }, Some(member)))
        }
        Ok(MemberLookup::NotVisible { .. }) => Ok((Live::NotVisible, None)),
        Err(error) => match error.class {
            Class::Retry | Class::Throttled | Class::Token => Ok((Live::Unreachable, None)),
            _ => Err(error.into()),
        },
    }
}
