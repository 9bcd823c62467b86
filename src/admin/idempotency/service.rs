//! Use cases of idempotency keys: claim a request, stay alive meanwhile, keep its answer or give the key back.

use super::{
    model::{Claim, KeptReply, KeyedRequest, Verdict},
    store,
};
use crate::{
    admin::{failure::AdminFailure, service::Admin},
    kernel::failure::Result,
};

/// How often it is looked again where others change the row at the same moment.
const LOOKS: usize = 5;

impl Admin {
    /// Decides whether a request is to be carried out, by one atomic insert or take-over, or answered as before.
    ///
    /// # Errors
    /// `AD-111` for another request with this key, `AD-112` while the first one is under way, `AD-113` when its answer was not kept.
    pub(in crate::admin) async fn claim(&self, request: &KeyedRequest) -> Result<Verdict> {
        for _ in 0..LOOKS {
            let now = self.clock.now();
            let holder = self.entropy.id(now);
            if let Some(claim) = store::insert(&self.database, request, holder, now).await? {
                return Ok(Verdict::CarryOut(claim));
            }
            // Whoever had it gave it back in between.
            let Some(found) = store::find(&self.database, request).await? else {
                continue;
            };
            if found.expires_at > now.millis() {
                if found.fingerprint != request.fingerprint {
                    return Err(AdminFailure::IdempotencyKeyReused.into());
                }
                if found.finished_at.is_some() {
                    return self.opened(found.id, found.reply.as_deref()).map(Verdict::Repeat);
                }
                if found.leased_until > now.millis() {
                    return Err(AdminFailure::IdempotencyKeyBusy.into());
                }
            }
            if let Some(claim) = store::take_over(&self.database, &found, request, (holder, now)).await? {
                return Ok(Verdict::CarryOut(claim));
            }
        }
        Err(AdminFailure::IdempotencyKeyBusy.into())
    }

    fn opened(&self, row: uuid::Uuid, sealed: Option<&str>) -> Result<KeptReply> {
        let sealed = sealed.ok_or(AdminFailure::IdempotentReplyTooLarge)?;
        let opened = self.sealer.open(&Claim::context(row), sealed)?;
        store::read_reply(opened.expose())
    }

    /// Says that whoever holds this is alive.
    pub(in crate::admin) async fn renew_claim(&self, claim: Claim) {
        if let Err(failure) = store::renew(&self.database, claim, self.clock.now()).await {
            tracing::warn!(%failure, "an idempotency key could not be held");
        }
    }

    /// Keeps the answer, `None` being one too large for that. What cannot be kept is answered all the same: it was carried out.
    pub(in crate::admin) async fn keep_reply(&self, claim: Claim, reply: Option<&KeptReply>) {
        if let Err(failure) = self.try_keep_reply(claim, reply).await {
            tracing::warn!(%failure, "the answer to a request with an idempotency key could not be kept");
        }
    }

    async fn try_keep_reply(&self, claim: Claim, reply: Option<&KeptReply>) -> Result<()> {
        let sealed = match reply {
            Some(reply) => {
                let text = serde_json::to_vec(reply).unwrap_or_default();
                Some(self.sealer.seal(&Claim::context(claim.row), &text)?)
            }
            None => None,
        };
        store::finish(&self.database, claim, sealed, self.clock.now()).await
    }

    /// Gives the key back: nothing was decided.
    pub(in crate::admin) async fn release_claim(&self, claim: Claim) {
        if let Err(failure) = store::release(&self.database, claim).await {
            tracing::warn!(%failure, "an idempotency key could not be given back");
        }
    }
}
