//! The short way of a run with nothing to do. A plan follows from what WeCom says and what we hold; where WeCom says word for word what it said to
//! a run that found nothing to do, and nothing changed since of what that run planned with (`store::proof`), a plan would be that one again:
//! empty, with the same remarks. So nobody reads, loads or compares.
//!
//! Whatever does not follow from these alone takes the long way: other apps, whose sessions a plan looks at; exports, whose addresses are new each
//! time; who only seems gone, and is looked at live; what an admin wants to see, or has agreed to.

use super::{
    apply,
    comparison::load,
    heard::Heard,
    plan::structure_model::AppPlan,
    reading::Reading,
    run::{Run, Runs},
    run_state::{Mode, State},
    snapshot::AppFact,
    store::{self, mirror::People, proof::Proof, runs::Ending},
};
use crate::{
    directory::data_source::model::ReadBy,
    kernel::{clock::Timestamp, failure::Result},
};

impl Runs {
    /// The run whose result may be this one's too. Before the first call to WeCom.
    pub(super) async fn recall(&self, run: &Run) -> Result<Option<Proof>> {
        let found = match run.agreed.is_none() && self.is_plain(run).await? {
            true => store::proof::find(&self.db, run.source().id, &run.source().digest()).await?,
            false => None,
        };
        match &found {
            Some(proof) => run.replies().expect(proof.replies.clone()),
            None => run.replies().differ(),
        }
        Ok(found)
    }

    /// Whether its plan follows from what is proven alone.
    async fn is_plain(&self, run: &Run) -> Result<bool> {
        let source = run.source();
        if run.mode != Mode::Apply || source.read_by != ReadBy::Lists {
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
            run.replies().settle();
            let app = reading.app().cloned();
            let proof = Box::new(proof);
            return Ok(Heard::AsBefore { proof, app });
        }
        run.replies().differ();
        Ok(Heard::Anew(Box::new(reading.finish().await?)))
    }

    /// Loads the people we hold as soon as anything differs; `None`: nothing does.
    pub(super) async fn load_if_needed(&self, run: &Run, at: Timestamp) -> Result<Option<People>> {
        if !run.replies().differs().await {
            return Ok(None);
        }
        if run.mode == Mode::Apply {
            store::proof::begin(&self.job(run, at)).await?;
        }
        load(&self.db, run.source(), at).await.map(Some)
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
        store::proof::hand_on(job, proof).await?;
        Ok(State::Succeeded)
    }

    /// Keeps what proves that the next run has nothing to do, if it is told the same.
    pub(super) async fn keep_proof(&self, job: &apply::Job<'_>, run: &Run) -> Result<()> {
        match run.replies().answers() {
            Some(replies) if !replies.is_empty() => store::proof::complete(job, &run.source().digest(), &replies).await,
            _ => Ok(()),
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
