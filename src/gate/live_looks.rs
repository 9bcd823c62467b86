//! Live looks: `user/get` on behalf of a visit, bounded. All visits that ask WeCom about a member come through here.
//!
//! WeCom limits calls per corp (reference 12), so whoever could cause any number of looks could stop everybody's scan. Looks are therefore
//! counted per member and per corp; and sign-ins are counted apart from sessions, so that no session uses up what a scan needs. A look that
//! is not made is no answer: the visit fails for the time being. "Not visible" need not be remembered: it ends the sessions that could ask
//! again.

use std::time::Duration;

use super::{facts::Live, visit::Denied};
use crate::{
    crypto::digest::sha256_base64url,
    kernel::failure::Result,
    store::Ephemeral,
    wecom::{
        Class, WeCom, WeComError,
        model::{Credential, Member, MemberLookup},
    },
};

/// Length of the counting windows, which begin with the first look.
const WINDOW: Duration = Duration::from_secs(60);
/// Looks at one member in a window. A member whom WeCom shows is looked at again after the portal's `membership_max_age` only, so that
/// nobody comes near it who does not try.
const PER_MEMBER: u64 = 30;

/// How long whom an older confirmation covers is not kept waiting for a WeCom that did not answer a moment ago.
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
}

/// Makes live looks. Cheap to clone.
#[derive(Clone)]
pub struct LiveLooks {
    wecom: WeCom,
    ephemeral: Ephemeral,
    per_corp: u64,
}

impl LiveLooks {
    /// Looks through this client, at most `per_minute` in a minute on behalf of a corp's sessions, and as many for its sign-ins; 0: any
    /// number.
    pub const fn new(wecom: WeCom, ephemeral: Ephemeral, per_minute: u64) -> Self {
        Self {
            wecom,
            ephemeral,
            per_corp: if per_minute == 0 { u64::MAX } else { per_minute },
        }
    }

    /// What WeCom says about a member through this app, and how it describes them.
    ///
    /// # Errors
    /// What an admin must mend in WeCom (`WC-…`), and when the store does not answer.
    pub(super) async fn look(
        &self,
        (credential, userid): (&Credential, &str),
        occasion: Occasion,
    ) -> Result<(Live, Option<Box<Member>>), Denied> {
        let down = format!("look:down:{}", credential.corp_id);
        let covered = occasion == Occasion::Session { covered: true };
        if covered && self.ephemeral.get(&down).await?.is_some() {
            return Ok((Live::Unreachable, None));
        }
        if !self
            .try_acquire(occasion, &credential.corp_id, &userid.to_lowercase())
            .await?
        {
            return Ok((Live::OverBudget, None));
        }
        let (live, seen) = match live_from_lookup(self.wecom.member(credential, userid).await) {
            // Whatever keeps WeCom from answering, be it ours to mend: that is what the grace is for.
            Err(Denied::Failed(failure)) if covered => {
                tracing::warn!(%failure, "a membership could not be confirmed; the portal's grace covers it");
                (Live::Unreachable, None)
            }
            looked => looked?,
        };
        if live == Live::Unreachable {
            self.ephemeral.put(&down, b"", DOWN).await?;
        }
        Ok((live, seen))
    }

    /// Counts a look before it is made, so that parallel ones do not get past the bound; what is refused is not counted.
    async fn try_acquire(&self, occasion: Occasion, corp_id: &str, userid_key: &str) -> Result<bool> {
        let kind = match occasion {
            Occasion::SignIn => "sign-in",
            Occasion::Session { .. } => "session",
        };
        let member = sha256_base64url(format!("{corp_id}\n{userid_key}").as_bytes());
        let counters = [
            (format!("look:{kind}:member:{member}"), PER_MEMBER),
            (format!("look:{kind}:corp:{corp_id}"), self.per_corp),
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

/// The live fact from a member lookup. Temporary errors (busy, throttled, token just expired) leave the decision to the last confirmation;
/// an error that an admin must mend is returned as such.
fn live_from_lookup(member_lookup: Result<MemberLookup, WeComError>) -> Result<(Live, Option<Box<Member>>), Denied> {
    match member_lookup {
        Ok(MemberLookup::Visible(member)) => {
            let status = member.status;
            Ok((Live::Visible { status }, Some(member)))
        }
        Ok(MemberLookup::NotVisible { .. }) => Ok((Live::NotVisible, None)),
        Err(error) => match error.class {
            Class::Retry | Class::Throttled | Class::Token => Ok((Live::Unreachable, None)),
            _ => Err(Denied::Failed(error.into())),
        },
    }
}
