//! Receives what WeCom sends to the callbacks of a suite: verifies it, and keeps what it brings before it is acknowledged. Whatever takes
//! longer comes after the reply, for which WeCom waits a second (reference 6.5).

use std::time::Duration;

use uuid::Uuid;

use super::{
    failure::SuiteFailure,
    model::{CHANGE, Callback, PUSHED_CODE, TICKET, ticket_made},
    service::Suites,
    store::{
        keys::{self, CallbackKeys},
        pushes::{self, Arrived},
        refusals,
        state::{self, NewTicket},
    },
};
use crate::{
    directory::wecom_events::{
        CallbackFailure, PendingEvent,
        receive::{REMEMBERED, fresh},
    },
    kernel::{clock::Timestamp, failure::Result, secret::Secret},
    wecom::callback::{CallbackCrypto, Notice, Query, ReceivedSuitePush, SuitePush},
};

/// How often it is recorded at most that something arrived at a callback.
const SEEN: Duration = Duration::from_secs(60);
/// Longest corp ID in an address, bytes.
const LONGEST_CORP_ID: usize = 64;
/// What WeCom puts a corp ID in place of. Where it does not, the URL was entered as it is.
const PLACEHOLDER: &str = "$CORPID$";
/// What becomes of a push that nobody acts on.
const IGNORED: &str = "ignored";

/// What is to be done once a push was answered.
#[derive(Debug, Default)]
pub(super) struct After {
    /// An event of a company to act on.
    pub event: Option<PendingEvent>,
    /// A ticket arrived: the credentials may be tried.
    pub ticket: bool,
}

impl Suites {
    /// URL verification: the bytes to answer with, exactly. The receive id is the suite's or the provider's at the command callback, the
    /// provider's at the data callback, where it also stands in the address (reference 6.3). Where the provider is not entered, whoever holds
    /// Token and EncodingAESKey verifies.
    ///
    /// # Errors
    /// `SU-101` unknown suite, `WC-180` to `WC-184` when it is not WeCom who asks, `CB-102` when it asked long ago, `CB-140` when it was
    /// answered.
    pub(super) async fn verify(
        &self,
        id: Uuid,
        corp_id: Option<&str>,
        (query, echostr): (Query<'_>, &str),
    ) -> Result<Vec<u8>> {
        let held = self.held(id).await?;
        let callback = match corp_id {
            Some(corp_id) if is_corp_id(corp_id) || corp_id == PLACEHOLDER => Callback::Data,
            Some(_) => return Err(SuiteFailure::UnknownCallback.into()),
            None => Callback::Command,
        };
        let accepts = |receive_id: &str| match (callback, &held.provider_corp_id) {
            (Callback::Command, _) if receive_id == held.suite_id => true,
            (_, Some(provider)) => receive_id == provider,
            (Callback::Command, None) => !receive_id.is_empty(),
            (Callback::Data, None) => corp_id == Some(receive_id) || corp_id == Some(PLACEHOLDER),
        };
        let echo = self
            .crypto(&held, &held.suite_id)?
            .verify_url_for(query, echostr, accepts)?;
        let now = self.deps.clock.now();
        fresh(query, now)?;
        // Each verification is signed anew, also when the same URL is saved again.
        let answered = format!("suite:{id}:echo:{}", query.msg_signature);
        if !self.deps.ephemeral.put_new(&answered, b"1", REMEMBERED).await? {
            return Err(CallbackFailure::AnsweredBefore.into());
        }
        state::verified(&self.deps.database, id, callback, now).await?;
        Ok(echo)
    }

    /// Receives a push at the command callback. When this returns, it is kept, and may be acknowledged.
    ///
    /// # Errors
    /// `SU-101` unknown suite, `WC-180` to `WC-185` when it is not what WeCom sends, `SU-102` when it names another suite, `CB-102` when it
    /// is too old, and when a store does not answer: WeCom delivers again then.
    pub(super) async fn receive_push(&self, id: Uuid, query: Query<'_>, body: &[u8]) -> Result<After> {
        let held = self.held(id).await?;
        let received = self.crypto(&held, &held.suite_id)?.receive_push(query, body)?;
        let now = self.deps.clock.now();
        fresh(query, now)?;
        if received.suite_id != held.suite_id {
            return Err(SuiteFailure::OtherSuite.into());
        }
        let sent = query.timestamp.parse().unwrap_or_else(|_| now.secs());
        let after = self.keep(id, received, (now, sent)).await?;
        // A ticket that is kept says so itself.
        if !after.ticket {
            self.seen(id, &held, Callback::Command).await?;
        }
        Ok(after)
    }

    /// Records that something authentic arrived, once a minute, and at once where something was refused since: pushes are many, and each write is
    /// everybody's change (`store::versions`).
    async fn seen(&self, id: Uuid, held: &CallbackKeys, callback: Callback) -> Result<()> {
        let (database, now) = (&self.deps.database, self.deps.clock.now());
        if let Some(last) = held.last(callback)
            && now.since(last) < SEEN
            && !refusals::any_since(database, (id, callback), last).await?
        {
            return Ok(());
        }
        state::seen(database, id, callback, now).await
    }

    /// Receives an event of a company at the data callback. When this returns, it is recorded, and may be acknowledged.
    ///
    /// # Errors
    /// As [`Suites::receive_push`].
    pub(super) async fn receive_event(
        &self,
        (id, corp_id): (Uuid, &str),
        query: Query<'_>,
        body: &[u8],
    ) -> Result<Option<PendingEvent>> {
        if !is_corp_id(corp_id) {
            return Err(SuiteFailure::UnknownCallback.into());
        }
        let held = self.held(id).await?;
        let notice = self.crypto(&held, corp_id)?.receive(query, body)?;
        let now = self.deps.clock.now();
        fresh(query, now)?;
        self.seen(id, &held, Callback::Data).await?;
        self.deps.callbacks.receive_of_suite((id, corp_id), notice).await
    }

    /// What comes after the reply to a push.
    pub(super) fn go_on(&self, id: Uuid, after: After) {
        if after.ticket {
            self.try_later(id);
        }
        self.go_on_with(after.event);
    }

    /// What comes after the reply to an event.
    pub(super) fn go_on_with(&self, event: Option<PendingEvent>) {
        if let Some(event) = event {
            self.deps.callbacks.spawn_handling(event);
        }
    }

    async fn keep(&self, id: Uuid, received: ReceivedSuitePush, (now, sent): (Timestamp, i64)) -> Result<After> {
        let database = &self.deps.database;
        // A moment that lies ahead would keep out what comes later.
        let told_at = match received.at {
            at if (1..now.secs()).contains(&at) => Timestamp::from_secs(at),
            _ => now,
        };
        let mut after = After::default();
        match received.push {
            SuitePush::Ticket { ticket } => {
                // Made before it was sent, by WeCom's own clock.
                let stamped = if received.at > 0 { received.at.min(sent) } else { sent };
                let new = NewTicket {
                    sealed: self.deps.sealer.seal(TICKET, ticket.expose().as_bytes())?,
                    made_at: ticket_made(now, (sent, stamped)),
                    told_at: Timestamp::from_secs(stamped),
                };
                after.ticket = state::keep_ticket(database, id, new, now).await?;
            }
            SuitePush::Change { corp_id, what } => {
                let notice = Notice {
                    event: what,
                    created: Some(told_at),
                    digest: received.digest,
                };
                after.event = self.deps.callbacks.receive_of_suite((id, &corp_id), notice).await?;
            }
            push => {
                let arrived = self.arrived((id, received.digest), push, (told_at, now))?;
                let is_queued = arrived.outcome.is_none();
                if pushes::record(database, arrived, now).await? && is_queued {
                    self.pushed.notify_one();
                }
            }
        }
        Ok(after)
    }

    fn arrived(
        &self,
        (suite, digest): (Uuid, String),
        push: SuitePush,
        (told_at, now): (Timestamp, Timestamp),
    ) -> Result<Arrived> {
        let sealed = |code: &Secret<String>| self.deps.sealer.seal(PUSHED_CODE, code.expose().as_bytes());
        let mut arrived = Arrived {
            id: self.deps.entropy.id(now),
            suite,
            info_type: String::new(),
            corp_id: None,
            auth_code_sealed: None,
            state: None,
            told_at,
            digest,
            outcome: None,
        };
        let info_type = match push {
            SuitePush::CreateAuth { auth_code, state } => {
                (arrived.auth_code_sealed, arrived.state) = (Some(sealed(&auth_code)?), state);
                "create_auth"
            }
            SuitePush::ChangeAuth { corp_id, state } => {
                (arrived.corp_id, arrived.state) = (Some(corp_id), state);
                CHANGE
            }
            SuitePush::CancelAuth { corp_id } => {
                arrived.corp_id = Some(corp_id);
                "cancel_auth"
            }
            SuitePush::ResetPermanentCode { auth_code } => {
                arrived.auth_code_sealed = Some(sealed(&auth_code)?);
                "reset_permanent_code"
            }
            SuitePush::Other { info_type } => {
                arrived.outcome = Some(IGNORED);
                arrived.info_type = info_type;
                return Ok(arrived);
            }
            // Neither is a row.
            SuitePush::Ticket { .. } | SuitePush::Change { .. } => {
                arrived.outcome = Some(IGNORED);
                ""
            }
        };
        arrived.info_type = info_type.to_owned();
        Ok(arrived)
    }

    async fn held(&self, id: Uuid) -> Result<CallbackKeys> {
        let found = keys::find(&self.deps.database, &self.deps.sealer, id).await?;
        found.ok_or_else(|| SuiteFailure::UnknownCallback.into())
    }

    fn crypto(&self, held: &CallbackKeys, receive_id: &str) -> Result<CallbackCrypto> {
        Ok(CallbackCrypto::new(held.token.clone(), &held.aes_key, receive_id)?)
    }
}

fn is_corp_id(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    (1..=LONGEST_CORP_ID).contains(&text.len()) && text.bytes().all(plain)
}
