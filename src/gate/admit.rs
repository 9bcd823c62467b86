//! Gathering the facts of a visit, once, and deciding.

use serde_json::json;
use uuid::Uuid;

use super::{
    checks,
    facts::{CachedScope, Facts, Identity, Live},
    permit::{Permit, Refusal},
    store::Store,
};
use crate::{
    audit::{Kind, Record},
    crypto::seal::Sealer,
    directory::door,
    kernel::{clock::Clock, entropy::Entropy, failure::Failure},
    store::Database,
    web::reference,
    wecom::{
        Class, WeCom, WeComError,
        model::{Credential, Scanned, Sight},
    },
};

/// Who comes, and on what grounds.
#[derive(Clone, Debug)]
pub enum Visit<'a> {
    /// Somebody scanned just now; a session may be opened for them.
    Scan {
        /// Row id of the auth source.
        auth_source: Uuid,
        /// Who WeCom says scanned.
        scanned: &'a Scanned,
        /// Row id of the portal they want to enter.
        portal: Uuid,
    },
    /// A browser with a session enters a portal (authorization, code redemption).
    Browser {
        /// Row id of the session.
        session: Uuid,
        /// Row id of the portal.
        portal: Uuid,
    },
    /// A portal renews its tokens without a browser: the session may have run out, but must not have been ended.
    Refresh {
        /// Row id of the session.
        session: Uuid,
        /// Row id of the portal.
        portal: Uuid,
    },
}

/// Why there is no permit.
#[derive(Debug)]
pub enum Denied {
    /// The gate said no; on record.
    Refused(Refusal),
    /// The gate could not decide (database down …).
    Failed(Failure),
}

impl From<Failure> for Denied {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

/// Decides. Cheap to clone.
#[derive(Clone)]
pub struct Gate {
    store: Store,
    wecom: WeCom,
    sealer: Sealer,
    clock: Clock,
    entropy: Entropy,
}

impl Gate {
    /// A gate over this database and this WeCom.
    pub const fn new(database: Database, wecom: WeCom, sealer: Sealer, clock: Clock, entropy: Entropy) -> Self {
        Self {
            store: Store::new(database),
            wecom,
            sealer,
            clock,
            entropy,
        }
    }

    /// The one decision. A refusal is on record when this returns, and so is WeCom's confirmation of a membership.
    ///
    /// # Errors
    /// [`Denied::Refused`] with the first failing check; [`Denied::Failed`] when facts could not be gathered.
    pub async fn admit(&self, visit: Visit<'_>) -> Result<Permit, Denied> {
        let facts = match visit {
            Visit::Scan {
                auth_source,
                scanned,
                portal,
            } => self.scan_facts(auth_source, scanned, portal).await?,
            Visit::Browser { session, portal } => self.session_facts(session, portal, false).await?,
            Visit::Refresh { session, portal } => self.session_facts(session, portal, true).await?,
        };
        let (chain, refusal) = checks::judge(&facts);
        match refusal {
            None => Permit::of(facts).ok_or_else(|| Denied::Failed(super::failure::GateFailure::NotImported.failure())),
            Some(reason) => {
                let refusal = Refusal {
                    reason,
                    reference: reference::new(),
                    chain,
                };
                self.record(&facts, &refusal).await?;
                Err(Denied::Refused(refusal))
            }
        }
    }

    async fn scan_facts(&self, auth_source: Uuid, scanned: &Scanned, portal: Uuid) -> Result<Facts, Denied> {
        let identity = match scanned {
            Scanned::Member { userid, .. } => Identity::Member { userid: userid.clone() },
            Scanned::LinkedCorp { .. } => Identity::LinkedCorp,
            Scanned::Outsider => Identity::Outsider,
        };
        let now = self.clock.now();
        let mut facts = self.store.facts_of_scan(now, auth_source, identity, portal).await?;
        self.look(&mut facts).await?;
        Ok(facts)
    }

    /// A returning session is looked at live once its last confirmation is older than the portal allows, and before what was read earlier
    /// refuses somebody: WeCom may have changed its mind since.
    async fn session_facts(&self, session: Uuid, portal: Uuid, refresh: bool) -> Result<Facts, Denied> {
        let now = self.clock.now();
        let mut facts = self.store.facts_of_session(now, session, portal, refresh).await?;
        let stale = facts
            .member
            .as_ref()
            .is_none_or(|member| now.since(member.checked_at) > facts.portal.membership_max_age);
        if stale || facts.cached_scope == CachedScope::Outside {
            self.look(&mut facts).await?;
        }
        Ok(facts)
    }

    /// Asks WeCom about the member through the door's app, and keeps what it confirmed.
    async fn look(&self, facts: &mut Facts) -> Result<(), Denied> {
        let Identity::Member { userid } = &facts.identity else {
            return Ok(());
        };
        let Some(door) = &facts.auth_source else { return Ok(()) };
        let credential = door::store::credential(self.store.database(), &self.sealer, door.id).await?;
        let Some(credential) = credential else { return Ok(()) };
        facts.live = live(self.sight(&credential, userid).await)?;
        let Some(member) = &mut facts.member else { return Ok(()) };
        match facts.live {
            Live::Visible { status } => {
                self.store.confirm(member.id, status, facts.now).await?;
                member.checked_at = facts.now;
            }
            // Every other portal must ask live from now on, however young the last confirmation is.
            Live::NotVisible => self.store.doubt(member.id).await?,
            Live::Unreachable | Live::NotAsked => {}
        }
        Ok(())
    }

    async fn sight(&self, credential: &Credential, userid: &str) -> Result<Sight, WeComError> {
        self.wecom.member(credential, userid).await
    }

    async fn record(&self, facts: &Facts, refusal: &Refusal) -> Result<(), Denied> {
        let corp = facts.auth_source.as_ref().map_or("", |door| door.corp_id.as_str());
        let who = match &facts.identity {
            Identity::Member { userid } => format!("member:{corp}/{userid}"),
            Identity::LinkedCorp => format!("linked:{corp}"),
            Identity::Outsider => format!("outsider:{corp}"),
        };
        let checks: Vec<_> = refusal
            .chain
            .iter()
            .map(|(name, passed)| json!({ "check": name, "passed": passed }))
            .collect();
        let record = Record {
            kind: Kind::Refused,
            actor: who,
            subject: format!("client:{}", facts.portal.client_id),
            reference: Some(refusal.reference.clone()),
            number: Some(refusal.reason.entry().number),
            detail: json!({
                "checks": checks,
                "live": format!("{:?}", facts.live),
                "cached_scope": format!("{:?}", facts.cached_scope),
                "auth_source": facts.auth_source.as_ref().map(|door| door.id),
            }),
        };
        self.store.record(&self.entropy, facts.now, record).await?;
        Ok(())
    }
}

/// Trouble that passes (busy, throttled, token just died) leaves the decision to the last confirmation; a setting that an admin must
/// mend is said as such.
fn live(sight: Result<Sight, WeComError>) -> Result<Live, Denied> {
    match sight {
        Ok(Sight::Visible(member)) => Ok(Live::Visible { status: member.status }),
        Ok(Sight::NotVisible { .. }) => Ok(Live::NotVisible),
        Err(error) => match error.class {
            Class::Retry | Class::Throttled | Class::Token => Ok(Live::Unreachable),
            _ => Err(Denied::Failed(error.into())),
        },
    }
}
