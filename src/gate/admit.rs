//! The gate's decision (policy decision point): gathers the facts of a visit once, asks WeCom where needed, runs the checks.

use std::time::Duration;

use serde_json::json;
use uuid::Uuid;

use super::{
    checks,
    facts::{AuthMethod, CachedScope, Facts, Identity, Live, Standing},
    failure::GateFailure,
    identity,
    live_looks::{LiveLooks, Occasion},
    membership,
    permit::{Permit, Refusal},
    store::{Asked, Store, session_people::SessionPeople},
    telling::{measure, seen_checks, tell_span, told_of, who},
};

use crate::gate::visit::Denied;
use crate::gate::visit::Visit;
use crate::{
    audit::{
        Kind, Record,
        aggregation::{Aggregator, Repetition},
    },
    crypto::seal::Sealer,
    directory::{auth_source, data_source, identity::verdict::Verdict, offboarding::model::EndReason, sync::Sync},
    kernel::{
        clock::{Clock, Timestamp},
        entropy::Entropy,
        spans::{self, Kind as SpanKind},
    },
    store::Database,
    telemetry::metrics,
    web::{
        context::{self, Company},
        reference,
    },
    wecom::model::{Credential, ScannedIdentity},
};

/// Decides who may enter a portal. Cheap to clone.
#[derive(Clone)]
pub struct Gate {
    store: Store,
    looks: LiveLooks,
    sync: Sync,
    sealer: Sealer,
    clock: Clock,
    entropy: Entropy,
    aggregator: Aggregator,
}

/// How long a confirmation stands where it is uncertain whether the app's scope covers the member.
const UNCERTAIN: Duration = Duration::from_secs(60);

/// Rows in an hour for refused visits that a script can repeat.
const MOST_ROWS: usize = 2000;

impl Gate {
    /// A gate over this database that looks members up through `looks`; what they show of other people than before is `sync`'s.
    pub fn new(
        database: Database,
        (looks, sync): (LiveLooks, Sync),
        sealer: Sealer,
        clock: Clock,
        entropy: Entropy,
    ) -> Self {
        Self {
            aggregator: Aggregator::new(database.clone(), clock.clone(), entropy.clone()),
            store: Store::new(database),
            looks,
            sync,
            sealer,
            clock,
            entropy,
        }
    }

    /// Sets whether users of no data source may sign in with a password; off unless set.
    #[must_use]
    pub fn with_local_passwords(mut self, allowed: bool) -> Self {
        self.store = self.store.with_local_passwords(allowed);
        self
    }

    /// Sets the host at which passkeys work; nowhere unless set.
    #[must_use]
    pub fn with_passkeys_at(mut self, host: Option<&str>) -> Self {
        self.store = self.store.with_passkeys_at(host);
        self
    }

    pub(super) const fn store(&self) -> &Store {
        &self.store
    }

    /// Sessions with their people, as the gate reads them.
    pub const fn session_people(&self) -> &SessionPeople {
        self.store.session_people()
    }

    pub(super) const fn looks(&self) -> &LiveLooks {
        &self.looks
    }

    pub(super) const fn sync(&self) -> &Sync {
        &self.sync
    }

    pub(super) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Records audit events that a script can repeat, for this process.
    pub const fn aggregator(&self) -> &Aggregator {
        &self.aggregator
    }

    /// Decides a visit. A refusal is in the audit log when this returns, and WeCom's confirmation of a membership is stored.
    ///
    /// # Errors
    /// [`Denied::Refused`] with the first failing check; [`Denied::Failed`] when facts could not be gathered.
    pub async fn admit(&self, visit: Visit<'_>) -> Result<Permit, Denied> {
        spans::within(SpanKind::Internal, "gate", self.decide(visit, false)).await
    }

    /// Decides a visit in which nobody enters: as [`Gate::admit`], but access that WeCom had ended does not begin again, the permit tells what
    /// each check saw, and a refusal is recorded as one of a trial.
    ///
    /// # Errors
    /// As [`Gate::admit`].
    pub async fn try_out(&self, visit: Visit<'_>) -> Result<Permit, Denied> {
        spans::within(SpanKind::Internal, "gate", self.decide(visit, true)).await
    }

    async fn decide(&self, visit: Visit<'_>, trial: bool) -> Result<Permit, Denied> {
        let kind = visit.word();
        // Rare branches and those that ask WeCom are boxed: their state would be moved with every visit.
        let facts = match visit {
            Visit::Scan {
                auth_source,
                identity,
                portal,
            } => Box::pin(self.scan_facts(auth_source, identity, portal)).await?,
            Visit::Password { user, portal } => Box::pin(self.password_facts(user, portal)).await?,
            Visit::Browser { session, portal } => self.session_facts(session, portal, false).await?,
            Visit::Refresh { session, portal } => self.session_facts(session, portal, true).await?,
        };
        if let Some(source) = &facts.data_source {
            context::company(|| Company::Source(source.id));
        }
        let (chain, refusal) = checks::judge(&facts);
        if !trial {
            measure(&facts, kind, refusal);
        }
        if facts.session.is_none() || refusal.is_some() {
            context::step("gate", facts.now);
        }
        spans::attributes(|| told_of(&facts, kind, refusal));
        match refusal {
            None if trial => {
                let seen = seen_checks(&facts, &chain);
                let permit = Permit::of(facts).map(|permit| permit.with_seen(seen));
                permit.ok_or_else(|| Denied::Failed(GateFailure::NotImported.failure()))
            }
            None => {
                self.readmit(&facts).await?;
                Permit::of(facts).ok_or_else(|| Denied::Failed(GateFailure::NotImported.failure()))
            }
            Some(reason) => {
                let mut refusal = Refusal {
                    reason,
                    reference: reference::new(),
                    seen: seen_checks(&facts, &chain),
                    person: facts.person.clone().map(Box::new),
                };
                refusal.reference = Box::pin(self.record(&facts, &refusal, trial)).await?;
                tell_span(&refusal);
                Err(Denied::Refused(refusal))
            }
        }
    }

    async fn scan_facts(&self, auth_source: Uuid, scanned: &ScannedIdentity, portal: Uuid) -> Result<Facts, Denied> {
        let identity = match scanned {
            ScannedIdentity::Member { userid, .. } => Identity::Member { userid: userid.clone() },
            ScannedIdentity::LinkedCorp { .. } => Identity::LinkedCorp,
            ScannedIdentity::OtherCorp { corp_id } => Identity::OtherCorp {
                corp_id: corp_id.clone(),
            },
            ScannedIdentity::Outsider => Identity::Outsider,
        };
        let now = self.clock.now();
        let mut facts = self.store.facts_of_scan(now, auth_source, identity, portal).await?;
        self.lookup_live(&mut facts).await?;
        Ok(facts)
    }

    /// Facts of a password sign-in. WeCom is asked live each time, as with a scan, so that somebody who left a minute ago does not come in
    /// by another auth source; but where WeCom does not answer, a recent confirmation suffices.
    async fn password_facts(&self, user: Uuid, portal: Uuid) -> Result<Facts, Denied> {
        let now = self.clock.now();
        let mut facts = self.store.facts_of_password(now, user, portal).await?;
        self.lookup_live(&mut facts).await?;
        Ok(facts)
    }

    /// Facts of an existing session. WeCom is asked live once the last confirmation is older than the portal allows, and also before the
    /// cached scope refuses somebody: WeCom may have changed its mind since. Where the scope cannot be told from what we hold, a confirmation of
    /// this minute suffices.
    async fn session_facts(&self, session: Uuid, portal: Uuid, refresh: bool) -> Result<Facts, Denied> {
        let now = self.clock.now();
        let mut facts = self.store.facts_of_session(now, session, portal, refresh).await?;
        let older_than = |age| {
            facts
                .member
                .as_ref()
                .is_none_or(|member| now.since(member.checked_at) > age)
        };
        let asked = match facts.cached_scope {
            CachedScope::Outside => true,
            CachedScope::Uncertain => older_than(UNCERTAIN.min(facts.portal.membership_max_age)),
            CachedScope::Inside | CachedScope::Unknown => older_than(membership::recheck_age(&facts)),
        };
        if asked {
            Box::pin(self.lookup_live(&mut facts)).await?;
        }
        Ok(facts)
    }

    /// Looks the member up at WeCom, and stores what it confirmed. Nobody is asked where the answer would not matter.
    async fn lookup_live(&self, facts: &mut Facts) -> Result<(), Denied> {
        let Identity::Member { userid } = &facts.identity else {
            return Ok(());
        };
        if checks::refuses_unasked(facts) {
            return Ok(());
        }
        context::portal(&facts.portal.client_id);
        context::actor(|| who(facts));
        let Some(credential) = self.credential(facts).await? else {
            return Ok(());
        };
        let occasion = match facts.session {
            Some(_) => Occasion::Session {
                covered: membership::is_covered(facts),
            },
            None => Occasion::SignIn,
        };
        let looked = self.looks.look((&credential, userid), occasion).await;
        if looked.is_err() {
            metrics::membership_check(occasion.word(), "failed");
        }
        let (live, seen) = looked?;
        facts.live = live;
        let seen = Box::pin(self.under_other_ids(facts, (&credential, occasion), seen)).await?;
        if let Some(seen) = seen {
            identity::weigh(&self.sync, facts, &seen).await?;
        }
        let confirms = checks::confirms(facts);
        let user = facts.person.as_ref().map(|person| person.id);
        let Some(member) = &mut facts.member else { return Ok(()) };
        if let (Live::Visible { status }, true) = (facts.live, confirms) {
            let asked = Asked {
                member,
                source: facts.data_source.as_ref(),
                user,
            };
            self.store.confirm(asked, status, facts.now).await?;
            member.checked_at = facts.now;
        }
        self.end_access(facts).await
    }

    /// Makes true everywhere what WeCom just said: whoever is disabled or not visible loses all that was opened before. Where the userid is
    /// somebody else's by now, that has happened already, and the answer is not about the person before.
    async fn end_access(&self, facts: &Facts) -> Result<(), Denied> {
        let reason = match facts.live {
            _ if facts.verdict == Verdict::SomebodyElse => None,
            Live::Visible { status } => status.and_then(EndReason::of_status),
            Live::NotVisible => Some(EndReason::OutOfScope),
            Live::OtherIds | Live::Unreachable | Live::OverBudget | Live::NotAsked => None,
        };
        match reason {
            Some(reason) if has_access(facts) => Ok(self.store.end_access(&self.entropy, facts, reason).await?),
            _ => Ok(()),
        }
    }

    /// Gives a user back what WeCom had ended, now that it shows the member as active and every check has passed.
    async fn readmit(&self, facts: &Facts) -> Result<(), Denied> {
        match &facts.person {
            Some(person) if person.standing == Standing::Outside => {
                Ok(self.store.readmit(&self.entropy, person.id, facts.now).await?)
            }
            _ => Ok(()),
        }
    }

    /// The WeCom app to ask with: the auth source's, or, where no auth source was used, that of the person's data source.
    pub(super) async fn credential(&self, facts: &Facts) -> Result<Option<Credential>, Denied> {
        let (database, now) = (self.store.database(), facts.now);
        Ok(match (facts.way, &facts.auth_source, &facts.data_source) {
            (AuthMethod::WeCom, Some(auth_source), _) => {
                auth_source::store::credential(database, &self.sealer, now, auth_source.id).await?
            }
            (AuthMethod::Password, _, Some(source)) => {
                data_source::store::credential(database, &self.sealer, now, source.id).await?
            }
            (AuthMethod::WeCom, None, _) | (AuthMethod::Password, _, None) => None,
        })
    }

    /// Writes the refusal to the audit log; returns its reference there. A scan or a password is an act of somebody and has its own row;
    /// what only needs a session can be repeated by a script, and is counted.
    async fn record(&self, facts: &Facts, refusal: &Refusal, trial: bool) -> Result<String, Denied> {
        context::portal(&facts.portal.client_id);
        context::actor(|| who(facts));
        let record = Record {
            // Nobody was kept out by a trial: it is not among the refusals, nor counted.
            kind: if trial { Kind::TrialRefused } else { Kind::Refused },
            actor: who(facts),
            subject: format!("client:{}", facts.portal.client_id),
            reference: Some(refusal.reference.clone()),
            number: Some(refusal.reason.entry().number),
            detail: json!({
                "way": format!("{:?}", facts.way),
                "checks": refusal.seen,
                "live": format!("{:?}", facts.live),
                "cached_scope": format!("{:?}", facts.cached_scope),
                "auth_source": facts.auth_source.as_ref().map(|auth_source| auth_source.id),
            }),
        };
        if facts.session.is_none() {
            self.store.record(&self.entropy, facts.now, record).await?;
            return Ok(refusal.reference.clone());
        }
        let repetition = Repetition {
            group: "",
            likeness: String::new(),
            most: MOST_ROWS,
        };
        let reference = self.aggregator.record(record, repetition).await?;
        Ok(reference.unwrap_or_else(|| refusal.reference.clone()))
    }
}

/// Whether there is anything to end: a user who may sign in, a living session, or a membership that a portal would still take as confirmed.
fn has_access(facts: &Facts) -> bool {
    let active = facts
        .person
        .as_ref()
        .is_some_and(|person| person.standing == Standing::Active);
    let alive = facts.session.as_ref().is_some_and(|session| session.alive);
    let confirmed = facts
        .member
        .as_ref()
        .is_some_and(|member| member.checked_at.millis() > 0);
    active || alive || confirmed
}
