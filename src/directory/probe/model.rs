//! What a probe of a credential saw, capability by capability, what is kept of it, and when it is asked again. Pure.

use std::{sync::Arc, time::Duration};

use futures_util::future::BoxFuture;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    kernel::clock::Timestamp,
    wecom::{WeComError, WeComFailure, model::Credential},
};

/// Probes a credential live.
pub type AskWeCom = Arc<dyn Fn(Credential) -> BoxFuture<'static, Probed> + Send + Sync>;

/// Between two probes of a credential with which nothing is wrong.
const DAILY: Duration = Duration::from_secs(24 * 3600);
/// At most so much earlier than after a day, so that credentials saved together are not probed together.
const STAGGER: Duration = Duration::from_secs(2 * 3600);
/// First and longest gap while something is wrong; in between a fault is looked at again once it is twice as old.
pub const AGAIN: Duration = Duration::from_secs(600);
const SELDOM: Duration = Duration::from_secs(3600);
/// WeCom's code for too many calls, or too many wrong secrets from this address (reference 1.2).
const THROTTLED: i64 = 45009;
/// WeCom's code for a secret that may not read external contacts (reference 8).
const NO_EXTERNAL_CONTACTS: i64 = 84074;
/// Characters kept of WeCom's words.
const LONGEST_WORDS: usize = 300;

/// What a credential should be able to do: get an access `token` (corp ID and secret fit), read the `app` (AgentId and secret fit), list
/// the `departments`, list the userids (`member_ids`), read details of a member (`member_details`), read external contacts
/// (`external_contacts`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Capability {
    /// Get an access token (`gettoken`): corp ID and secret fit.
    Token,
    /// Read the app (`agent/get`): AgentId and secret fit.
    App,
    /// List the departments of the corp (`department/simplelist`).
    Departments,
    /// List the userids of the corp (`user/list_id`).
    MemberIds,
    /// Read the details of a member (`user/get`).
    MemberDetails,
    /// Read external contacts (`externalcontact/get_follow_user_list`).
    ExternalContacts,
}

/// Whether it can: `yes`; `no`: WeCom refused it; `unknown`: not asked, or no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ProbeOutcome)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It did.
    Yes,
    /// WeCom refused it.
    No,
    /// Not asked, or no answer.
    Unknown,
}

/// Why it cannot, or why that is not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// 40001, 40091.
    SecretWrong,
    /// 40013.
    CorpIdWrong,
    /// 40056, 301002, or another AgentId than was asked about.
    AgentWrong,
    /// 48006, 50003, 60031.
    AppDisabled,
    /// 60020.
    IpNotTrusted,
    /// 48002, or 84074 about external contacts: the secret is of another kind.
    WrongKind,
    /// 48009.
    DetailsForbidden,
    /// Another refusal.
    NotPermitted,
    /// Busy, throttled, or no readable answer.
    NoAnswer,
}

impl Fault {
    /// What a failed call says about the credential.
    pub const fn of(kind: WeComFailure) -> Self {
        use WeComFailure as Kind;
        match kind {
            Kind::SecretWrong | Kind::SuiteSecretWrong => Self::SecretWrong,
            Kind::CorpIdWrong => Self::CorpIdWrong,
            Kind::AgentWrong => Self::AgentWrong,
            Kind::AppDisabled => Self::AppDisabled,
            Kind::IpNotTrusted => Self::IpNotTrusted,
            Kind::SecretKindWrong => Self::WrongKind,
            Kind::DetailsForbidden => Self::DetailsForbidden,
            Kind::NotPermitted | Kind::NotVisible | Kind::DomainNotTrusted => Self::NotPermitted,
            Kind::SuiteIdWrong | Kind::NotInstalled | Kind::NoSuiteTicket | Kind::NoLicence => Self::NotPermitted,
            _ => Self::NoAnswer,
        }
    }

    /// The same, where this capability was asked about: only `agent/get`, `user/list_id` and `externalcontact/get_follow_user_list` tell the kind of a
    /// secret (reference 13.1).
    const fn at(self, capability: Capability) -> Self {
        match (self, capability) {
            (Self::WrongKind, Capability::Token | Capability::Departments | Capability::MemberDetails) => {
                Self::NotPermitted
            }
            _ => self,
        }
    }

    /// Whether the credential itself is wrong, so that saving it makes no sense. What an admin can mend in WeCom meanwhile is none of it.
    pub const fn is_of_credential(self) -> bool {
        matches!(
            self,
            Self::SecretWrong | Self::CorpIdWrong | Self::AgentWrong | Self::WrongKind
        )
    }
}

/// One capability as a probe found it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// Which.
    pub capability: Capability,
    /// Whether it is there.
    pub outcome: Outcome,
    /// Why not.
    pub fault: Option<Fault>,
    /// Reference number of why not.
    pub number: Option<String>,
    /// WeCom's code.
    pub errcode: Option<i64>,
    /// What was seen, or WeCom's words; never a secret.
    pub detail: String,
    /// The address of this server as WeCom saw it.
    pub observed_ip: Option<String>,
    /// Since when it is so, milliseconds.
    #[serde(default)]
    pub since: Option<Timestamp>,
}

impl Row {
    fn new(capability: Capability, outcome: Outcome, detail: impl Into<String>) -> Self {
        Self {
            capability,
            outcome,
            fault: None,
            number: None,
            errcode: None,
            detail: detail.into(),
            observed_ip: None,
            since: None,
        }
    }

    /// It is there.
    pub fn yes(capability: Capability, detail: impl Into<String>) -> Self {
        Self::new(capability, Outcome::Yes, detail)
    }

    /// It was not asked about, for this reason.
    pub fn not_asked(capability: Capability, why: &str) -> Self {
        Self::new(capability, Outcome::Unknown, why)
    }

    /// It is not there, for a reason that no call gave.
    pub fn no(capability: Capability, (fault, kind): (Fault, WeComFailure), detail: impl Into<String>) -> Self {
        Self {
            fault: Some(fault),
            number: Some(kind.entry().number.to_owned()),
            ..Self::new(capability, Outcome::No, detail)
        }
    }

    /// The call failed.
    pub fn failed(capability: Capability, error: &WeComError) -> Self {
        let fault = match (capability, error.errcode) {
            (Capability::ExternalContacts, Some(NO_EXTERNAL_CONTACTS)) => Fault::WrongKind,
            _ => Fault::of(error.kind()).at(capability),
        };
        let outcome = match fault {
            Fault::NoAnswer => Outcome::Unknown,
            _ => Outcome::No,
        };
        let words: String = error.message.chars().take(LONGEST_WORDS).collect();
        let detail = match error.errcode {
            Some(errcode) => format!("WeCom code {errcode} at {}: {words}", error.call),
            None => format!("{} got no answer: {words}", error.call),
        };
        Self {
            outcome,
            errcode: error.errcode,
            observed_ip: error.observed_ip.clone(),
            ..Self::no(capability, (fault, error.kind()), detail)
        }
    }

    /// Whether somebody should look at it. That details are withheld is how WeCom treats newer contacts secrets.
    fn is_settled(&self) -> bool {
        matches!(self.fault, None | Some(Fault::DetailsForbidden))
    }
}

/// An app as WeCom described it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeenApp {
    /// Switched off.
    pub closed: bool,
    /// The trusted domain of in-app OAuth.
    pub redirect_domain: Option<String>,
    /// Lines of its visible scope: departments, members picked singly, tags.
    pub scope: usize,
    /// When WeCom described it so; set as it is kept.
    #[serde(default)]
    pub seen_at: Option<Timestamp>,
}

/// What one probe saw.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Probed {
    /// What the credential may do.
    pub rows: Vec<Row>,
    /// The app, where WeCom described it.
    pub app: Option<SeenApp>,
}

/// What is kept of the probes of a credential.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Kept {
    /// What the credential may do, as far as it is known.
    pub rows: Vec<Row>,
    /// The app as WeCom described it last.
    pub app: Option<SeenApp>,
    /// When WeCom answered last; `None`: it never did, or that is under way for the first time.
    pub at: Option<Timestamp>,
    /// When WeCom was asked last, whether it answered or not.
    pub tried_at: Option<Timestamp>,
    /// What got no answer then, and since when; `None`: everything was answered.
    pub unanswered: Option<Row>,
    /// When it is probed again, milliseconds.
    pub next_at: i64,
}

impl Kept {
    /// What is kept after a probe. `before`: what was kept of the same credential; `jitter`: any number.
    ///
    /// No answer proves nothing, so what was known stays, also of what was not asked for want of one, but it is asked again soon.
    pub fn after(probed: Probed, before: Option<&Self>, now: Timestamp, jitter: u16) -> Self {
        let (settled, answered) = (probed.is_settled(), probed.is_answered());
        let unanswered = probed.rows.iter().find(|row| row.fault == Some(Fault::NoAnswer));
        let unanswered = unanswered.map(|row| Row {
            since: before.and_then(Self::unanswered_since).or(Some(now)),
            ..row.clone()
        });
        let silent = unanswered.is_some();
        let known = |row: &Row| before.and_then(|before| before.row(row.capability)).cloned();
        let rows: Vec<Row> = probed
            .rows
            .into_iter()
            .map(|row| match known(&row) {
                Some(known) if silent && row.outcome == Outcome::Unknown && known.outcome != Outcome::Unknown => known,
                Some(known) if (known.outcome, known.fault) == (row.outcome, row.fault) => Row {
                    since: known.since,
                    ..row
                },
                _ => Row {
                    since: Some(now),
                    ..row
                },
            })
            .collect();
        let failing = rows.iter().filter(|row| !row.is_settled()).filter_map(|row| row.since);
        let age = failing
            .chain(unanswered.as_ref().and_then(|row| row.since))
            .min()
            .map_or(Duration::ZERO, |since| now.since(since));
        let gap = match settled {
            true => DAILY - STAGGER.mul_f64(f64::from(jitter) / f64::from(u16::MAX)),
            false => age.clamp(AGAIN, SELDOM),
        };
        let seen = probed.app.map(|app| SeenApp {
            seen_at: Some(now),
            ..app
        });
        Self {
            app: seen.or_else(|| before.and_then(|before| before.app.clone())),
            rows,
            at: answered.then_some(now).or_else(|| before.and_then(|before| before.at)),
            tried_at: Some(now),
            unanswered,
            next_at: now.plus(gap).millis(),
        }
    }

    /// What is kept of a credential that was saved without asking WeCom, for this reason. It is asked about soon.
    pub fn untried(now: Timestamp, why: &str) -> Self {
        let row = Row {
            outcome: Outcome::Unknown,
            since: Some(now),
            ..Row::no(Capability::Token, (Fault::NoAnswer, WeComFailure::Throttled), why)
        };
        Self {
            unanswered: Some(row.clone()),
            rows: vec![row],
            next_at: now.plus(AGAIN).millis(),
            ..Self::default()
        }
    }

    fn unanswered_since(&self) -> Option<Timestamp> {
        self.unanswered.as_ref()?.since
    }

    /// The row of a capability.
    pub fn row(&self, capability: Capability) -> Option<&Row> {
        self.rows.iter().find(|row| row.capability == capability)
    }

    /// Whether nothing was wrong.
    pub fn is_settled(&self) -> bool {
        self.rows.iter().all(Row::is_settled) && self.app.as_ref().is_none_or(|app| app.scope > 0)
    }

    /// Whether the secret or corp ID were refused.
    pub fn says_refused(&self) -> bool {
        let token = self.row(Capability::Token).and_then(|row| row.fault);
        matches!(token, Some(Fault::SecretWrong | Fault::CorpIdWrong))
    }

    /// The row whose capability is missing because of this.
    pub fn missing_for(&self, fault: Fault) -> Option<&Row> {
        self.rows.iter().find(|row| row.fault == Some(fault))
    }
}

impl Probed {
    fn is_settled(&self) -> bool {
        self.rows.iter().all(Row::is_settled) && self.app.as_ref().is_none_or(|app| app.scope > 0)
    }

    /// Whether WeCom answered at all. A token may be a cached one, which nobody was asked for.
    fn is_answered(&self) -> bool {
        self.rows.iter().any(|row| match row.capability {
            Capability::Token => row.outcome == Outcome::No,
            _ => row.outcome != Outcome::Unknown,
        })
    }

    /// Whether WeCom wants no more tokens to be asked for from here (45009).
    pub fn is_throttled(&self) -> bool {
        let mut tokens = self.rows.iter().filter(|row| row.capability == Capability::Token);
        tokens.any(|row| row.errcode == Some(THROTTLED))
    }

    /// Why the credential must not be saved unasked, and what WeCom said.
    pub fn refusal(&self) -> Option<(Fault, &Row)> {
        let row = self
            .rows
            .iter()
            .find(|row| row.fault.is_some_and(Fault::is_of_credential))?;
        Some((row.fault?, row))
    }

    /// Whether WeCom may count it as a wrong secret.
    pub fn counts_as_wrong(&self) -> bool {
        let token = self.rows.iter().find(|row| row.capability == Capability::Token);
        token.is_some_and(|row| row.outcome == Outcome::No)
    }
}

#[cfg(test)]
#[path = "model_tests.rs"]
mod tests;
