//! What WeCom denied a credential that it gave a token: noted for all replicas by whoever met it, so that it is looked into.
//!
//! Of most denials only the fact is kept, because a probe sees them as well. That a domain is not trusted (50001) no probe can see: it is kept
//! as it was told, until somebody signs in again.

use std::time::Duration;

use super::{
    classify::DENIED, error::WeComError, model::Credential, refusal::Refusal, token_holder::Holder,
    transport::Transport,
};
use crate::{kernel::clock::Clock, store::Ephemeral};

/// How long it is remembered that a call was denied.
const SUSPICION: Duration = Duration::from_secs(3600);
/// How long a domain that was not trusted is told of where nobody tries again.
const DOMAIN: Duration = Duration::from_secs(7 * 24 * 3600);
/// The code of a domain that is not trusted.
const UNTRUSTED_DOMAIN: i64 = 50001;

/// Denials of all credentials. Without a store nothing is noted, and the next probe comes when it is due.
pub(super) struct Denials {
    store: Ephemeral,
    clock: Clock,
}

impl Denials {
    pub(super) const fn new(store: Ephemeral, clock: Clock) -> Self {
        Self { store, clock }
    }

    /// Notes how a call ended.
    pub(super) async fn note(&self, transport: &Transport, credential: &Credential, error: &WeComError) {
        if error.errcode.is_some_and(|code| DENIED.contains(&code)) {
            let key = suspicion_key(transport, credential);
            drop(self.store.put_new(&key, b"1", SUSPICION).await);
        }
    }

    /// Notes how the exchange of a code ended.
    pub(super) async fn note_exchange<T>(
        &self,
        transport: &Transport,
        credential: &Credential,
        answer: &Result<T, WeComError>,
    ) {
        let key = domain_key(transport, credential);
        match answer {
            Ok(_) => drop(self.store.take(&key).await),
            Err(error) if error.errcode == Some(UNTRUSTED_DOMAIN) => {
                let kept = serde_json::to_vec(&Refusal::of(error, self.clock.now())).unwrap_or_default();
                drop(self.store.put_new(&key, &kept, DOMAIN).await);
            }
            Err(_) => {}
        }
    }

    /// Whether a call was denied since this was asked last.
    pub(super) async fn take_suspicion(&self, transport: &Transport, credential: &Credential) -> bool {
        let taken = self.store.take(&suspicion_key(transport, credential)).await;
        matches!(taken, Ok(Some(_)))
    }

    /// That the domain of this site was not trusted at the last exchange of a code.
    pub(super) async fn untrusted_domain(&self, transport: &Transport, credential: &Credential) -> Option<Refusal> {
        let found = self.store.get(&domain_key(transport, credential)).await.ok()??;
        serde_json::from_slice(&found).ok()
    }

    /// Drops what was noted.
    pub(super) async fn forget(&self, transport: &Transport, credential: &Credential) {
        for key in [suspicion_key(transport, credential), domain_key(transport, credential)] {
            drop(self.store.take(&key).await);
        }
    }
}

fn suspicion_key(transport: &Transport, credential: &Credential) -> String {
    format!("wecom:denied:{}", Holder::Corp(credential).name(&transport.base))
}

fn domain_key(transport: &Transport, credential: &Credential) -> String {
    format!(
        "wecom:untrusted-domain:{}",
        Holder::Corp(credential).name(&transport.base)
    )
}
