//! The short way of a run with nothing to do. A plan follows from what WeCom says and what we hold; where WeCom says word for word what it said to
//! a run that found nothing to do, and nothing changed since of what that run planned with (`store::proof`), a plan would be that one again:
//! empty, with the same remarks. So nobody reads, loads or compares.
//!
//! Whatever does not follow from these alone takes the long way: other apps, whose sessions a plan looks at; exports, whose addresses are new each
//! time; who only seems gone, and is looked at live; what an admin wants to see, or has agreed to.

use super::{
    apply,
    heard::Heard,
    mirror::Settled,
    plan::structure_model::AppPlan,
    reading::Reading,
    run::{Run, Runs},
    run_state::{Mode, State},
    snapshot::AppFact,
    store::{self, proof::Proof, runs::Ending, settled::Known},
};
use crate::{
    directory::data_source::model::ReadBy,
    kernel::{clock::Timestamp, failure::Result},
    wecom::Digest,
};

impl Runs {
    /// The run whose result may be this one's too. Before the first call to WeCom.
    pub(super) async fn recall(&self, run: &Run) -> Result<Option<Proof>> {
        let rules = match self.is_plain(run).await? {
            true => self.rules(run).await,
            false => None,
        };
        let found = match rules {
            Some(rules) => store::proof::find(&self.db, run.source().id, &rules).await?,
            None => None,
        };
        match &found {
            Some(proof) => run.replies().expect(proof.replies.clone()),
            None => run.replies().differ(),
        }
        Ok(found)
    }

    /// By what a run plans: the settings and the program; `None`: that is not known.
    async fn rules(&self, run: &Run) -> Option<Digest> {
        let program = self.short_way.program().await?;
        Some(run.source().digest(&program))
    }

    /// Whether its plan follows from what is proven alone.
    async fn is_plain(&self, run: &Run) -> Result<bool> {
        let source = run.source();
        if run.agreed.is_some() || run.mode != Mode::Apply || source.read_by != ReadBy::Lists {
            return Ok(false);
        }
        // Where two have swapped userids, WeCom may say the same as before.
        if store::told::is_any(&self.db, source.id).await? {
            return Ok(false);
        }
        let others = store::other_apps::list(&self.db, source).await?;
        Ok(others.is_empty() && !store::sources::has_other_apps(&self.db, source).await?)
    }

    /// Waits for a fetch. What was held back of it is read if anything differs.
    pub(super) async fn hear(
        &self,
        run: &Run,
        fetching: impl Future<Output = Result<Reading>>,
        proof: Option<Proof>,
    ) -> Result<Heard> {
        let reading = self.told(run, fetching).await??;
        if let Some(proof) = proof
            && run.replies().is_as_before()
            && self.is_plain(run).await?
            && store::proof::stands(&self.db, run.source().id, &proof).await?
        {
            let app = reading.app().cloned();
            let proof = Box::new(proof);
            return Ok(Heard::AsBefore { proof, app });
        }
        run.replies().differ();
        Ok(Heard::Anew(Box::new(reading.finish().await?)))
    }

    /// Who is known to be settled, and the beginning of what the next run will know. Before anything is read that is planned with.
    pub(super) async fn known(&self, job: &apply::Job<'_>, run: &Run) -> Result<Known> {
        if run.mode != Mode::Apply {
            return Ok(Known::default());
        }
        store::proof::begin(job).await?;
        match self.rules(run).await {
            Some(rules) => store::settled::take(job, &rules).await,
            None => Ok(Known::default()),
        }
    }

    /// Keeps for the next run who is settled. The run goes on, whether or not that succeeds.
    pub(super) async fn keep_settled(&self, job: &apply::Job<'_>, run: &Run, settled: &[Settled]) {
        if run.mode != Mode::Apply {
            return;
        }
        let Some(rules) = self.rules(run).await else { return };
        if let Err(failure) = store::settled::keep(job, &rules, settled).await {
            tracing::warn!(run = %run.id(), %failure, "who is settled could not be kept");
        }
    }

    /// Ends a run to which everything was said before: it confirms everybody, and its row is what that of the long way would be.
    pub(super) async fn end_as_before(
        &self,
        run: &Run,
        at: Timestamp,
        (proof, app): (&Proof, Option<AppFact>),
    ) -> Result<State> {
        let job = &self.job(run, at);
        store::proof::repeat_remarks(job, proof).await?;
        store::members::confirm_everybody(job).await?;
        if let Some((held, fact)) = run.source().app.as_ref().zip(app) {
            store::scope::write(job, &as_held(held.id, fact)).await?;
        }
        store::addresses::settle(job).await?;
        let mut counts = proof.counts.clone();
        counts.as_before = true;
        let ending = Ending {
            state: State::Succeeded,
            counts: &counts,
            findings: proof.findings.clone(),
            synced: true,
        };
        store::runs::finish(job, ending).await?;
        // The run has ended well, whatever becomes of the proof.
        if let Err(failure) = store::proof::hand_on(job, proof).await {
            tracing::warn!(run = %run.id(), %failure, "a proof that nothing changed could not be handed on");
        }
        Ok(State::Succeeded)
    }

    /// Keeps what proves that the next run has nothing to do, if it is told the same. The run has ended well, whether or not that succeeds.
    pub(super) async fn keep_proof(&self, job: &apply::Job<'_>, run: &Run) {
        let replies = run.replies().answers().unwrap_or_default();
        if replies.is_empty() || run.agreed.is_some() {
            return;
        }
        let Some(rules) = self.rules(run).await else { return };
        if let Err(failure) = store::proof::complete(job, &rules, &replies).await {
            tracing::warn!(run = %run.id(), %failure, "a proof that nothing changes could not be kept");
        }
    }
}

/// An app of which nothing changes but when it was read.
fn as_held(id: uuid::Uuid, fact: AppFact) -> AppPlan {
    AppPlan {
        id,
        name: fact.name,
        closed: fact.closed,
        has_others: false,
        redirect_domain: fact.redirect_domain,
        add: Vec::new(),
        remove: Vec::new(),
    }
}
