//! What WeCom says live about somebody, weighed against the member we hold, and what an admin decides where that is in doubt. Somebody else:
//! what belonged to the person before ends at once, and a sync imports the newcomer.

use uuid::Uuid;

use super::{
    plan::{
        changes::Said,
        model::{Departure, RowVersion},
    },
    run_context::Job,
    run_state::Cause,
    service::Sync,
    snapshot::key,
    store::{departures, fence, sources, told, users},
};
use crate::{
    audit::{self, Kind, Record, difference::Difference},
    directory::{
        failure::DirectoryFailure,
        identity::{
            evidence::{Evidence, Link, Traits},
            model::{Decision, Held, OpenFinding},
            store::{self as findings, NewDoubt},
            verdict::{Verdict, Weighed, of_present, weigh},
        },
        store::audited_transaction::Change,
        user::{Editor, store as user_store},
    },
    kernel::{clock::Timestamp, failure::Result},
    store::writer::Transaction,
    wecom::model::{Member, MemberLookup},
};

impl Sync {
    /// Weighs a live answer about a present member, and does what follows: a doubt is recorded, and of somebody else nothing is kept. `told`:
    /// WeCom said that the userid was nobody's in between. Asks WeCom with the contacts-sync secret as well before it says anything but *the
    /// same person*, and where anything differs, because an app made after 2022-06-20 is given neither number nor address (reference 3.4).
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn weigh_live(&self, member: Uuid, seen: &Member, told: bool) -> Result<Verdict> {
        let (verdict, follows) = self.weigh_seen(member, seen, told).await?;
        if let Some((held, weighed, traits)) = follows {
            match weighed.verdict {
                Verdict::SamePerson => {}
                _ if self.is_being_told(held.data_source_id, &held.userid).await? => {}
                Verdict::Doubtful => self.doubt(&held, weighed, &traits).await?,
                Verdict::SomebodyElse => self.give_on(&held).await?,
            }
        }
        Ok(verdict)
    }

    /// Whether WeCom said that userids were changed, this one among them, and the sync that weighs all that was told is still to say what follows.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn is_being_told(&self, data_source: Uuid, userid: &str) -> Result<bool> {
        told::touches(&self.runs.db, data_source, &[&key(userid)], None).await
    }

    /// The verdict of [`Sync::weigh_live`], for somebody who only asks: nothing follows from it.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn weigh_unrecorded(&self, member: Uuid, seen: &Member) -> Result<Verdict> {
        Ok(self.weigh_seen(member, seen, false).await?.0)
    }

    /// Records that it is in doubt who a present member is, whose userid was nobody's in between by WeCom's word, where WeCom shows nothing but that
    /// somebody has it.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn doubt_unseen(&self, member: Uuid) -> Result<()> {
        let held = findings::held(self.runs.db.reader(), member).await?;
        let Some(held) = held.filter(|held| held.present && !held.doubted) else {
            return Ok(());
        };
        let unseen = Traits::default();
        let weighed = weigh(Evidence::compare(Link::Gap, &held.traits, &unseen));
        match weighed.verdict {
            Verdict::Doubtful => self.doubt(&held, weighed, &unseen).await,
            Verdict::SamePerson | Verdict::SomebodyElse => Ok(()),
        }
    }

    /// The verdict, and with what it is told where something new follows from it.
    async fn weigh_seen(
        &self,
        member: Uuid,
        seen: &Member,
        told: bool,
    ) -> Result<(Verdict, Option<(Held, Weighed, Traits)>)> {
        let held = findings::held(self.runs.db.reader(), member).await?;
        let Some(held) = held.filter(|held| held.present) else {
            return Ok((Verdict::Doubtful, None));
        };
        let evidence = |seen: &Traits| match told {
            true => Evidence::compare(Link::Gap, &held.traits, seen),
            false => of_present(held.missed, &held.traits, seen),
        };
        let mut traits = Traits::from(seen);
        let open = evidence(&traits).leaves_open();
        let mut weighed = weigh(evidence(&traits));
        let known = held.doubted && weighed.verdict == Verdict::Doubtful;
        if (weighed.verdict == Verdict::SamePerson && !open) || known {
            return Ok((weighed.verdict, None));
        }
        if let Some(more) = self.ask_contacts(&held).await? {
            traits = traits.with(more);
            weighed = weigh(evidence(&traits));
        }
        Ok((weighed.verdict, Some((held, weighed, traits))))
    }

    /// What the contacts-sync secret shows of a member, where the data source has one besides its app.
    async fn ask_contacts(&self, held: &Held) -> Result<Option<Traits>> {
        let source = sources::find(&self.runs.db, held.data_source_id).await?;
        let Some(source) = source.filter(|source| source.app.is_some()) else {
            return Ok(None);
        };
        let Some(contacts) = self.credentials(&source).await?.contacts else {
            return Ok(None);
        };
        match self.wecom.member(&contacts, &held.userid).await {
            Ok(MemberLookup::Visible(member)) => Ok(Some(Traits::from(&*member))),
            Ok(MemberLookup::NotVisible { .. }) => Ok(None),
            Err(error) => {
                tracing::info!(%error, "the contacts-sync secret tells no more of a member");
                Ok(None)
            }
        }
    }

    /// Gives a member the userid under which WeCom shows them now, and with it records what is in doubt about that. Neither, and false, where they were changed
    /// since they were read, or somebody else has that userid: a sync decides then.
    ///
    /// # Errors
    /// `SY-109` when their company moved to another app, and when the database does not answer.
    pub async fn rename(&self, held: &Held, userid: &str, doubt: Option<(Weighed, &Traits)>) -> Result<bool> {
        let now = self.runs.clock.now();
        let tx = fence::begin(&self.job(held)).await?;
        if !findings::rename(&tx, held, userid, now).await? {
            tx.rollback().await?;
            return Ok(false);
        }
        if let Some((weighed, after)) = doubt {
            let userid = userid.to_owned();
            let renamed = Held { userid, ..held.clone() };
            self.doubt_in(&tx, &renamed, (weighed, after), now).await?;
        }
        tx.commit().await?;
        Ok(true)
    }

    /// Records that it is in doubt who a member is.
    async fn doubt(&self, held: &Held, weighed: Weighed, after: &Traits) -> Result<()> {
        let tx = self.runs.db.begin().await?;
        self.doubt_in(&tx, held, (weighed, after), self.runs.clock.now())
            .await?;
        Ok(tx.commit().await?)
    }

    async fn doubt_in(
        &self,
        tx: &Transaction,
        held: &Held,
        (weighed, after): (Weighed, &Traits),
        now: Timestamp,
    ) -> Result<()> {
        let entropy = &self.runs.entropy;
        let new = NewDoubt {
            id: entropy.id(now),
            data_source_id: held.data_source_id,
            member_id: held.id,
            user_id: held.user_id,
            userid: &held.userid,
            weighed,
            before: &held.traits,
            after,
        };
        if findings::open(tx, new, now).await? {
            let record = Record {
                kind: Kind::IdentityDoubted,
                actor: "system".to_owned(),
                subject: format!("member:{}", held.id),
                reference: None,
                number: None,
                detail: serde_json::json!({ "userid": held.userid, "user_id": held.user_id, "why": weighed.why }),
            };
            audit::store::insert_in_transaction(tx, entropy, now, record).await?;
        }
        Ok(())
    }

    /// Ends what belonged to the member before: somebody else has the userid.
    async fn give_on(&self, held: &Held) -> Result<()> {
        departures::write(&self.job(held), &[given_on(held)], &Said::default()).await?;
        Ok(())
    }

    fn job<'a>(&'a self, held: &'a Held) -> Job<'a> {
        Job {
            db: &self.runs.db,
            clock: &self.runs.clock,
            entropy: &self.runs.entropy,
            data_source_id: held.data_source_id,
            corp_key: &held.corp_key,
            run: None,
            fetched_at: self.runs.clock.now(),
        }
    }

    /// Starts a sync in the background, unless one runs already, so that it imports whoever is new.
    pub async fn catch_up(&self, data_source: Uuid) {
        match self.start(data_source, Cause::Event).await {
            Ok(run) => {
                self.launch(run);
            }
            Err(failure) => tracing::info!(%data_source, %failure, "a newcomer is imported by a later sync"),
        }
    }

    /// Decides a finding: the same person keeps the account, somebody else gets none of it. A sync follows.
    ///
    /// # Errors
    /// `DI-102` when there is none, `DI-107` for a console user without the right to change those, `DI-112` when it is decided or the member
    /// changed meanwhile, and when the database does not answer.
    pub async fn decide(&self, editor: Editor<'_>, id: Uuid, decision: Decision) -> Result<()> {
        let now = self.runs.clock.now();
        let change = Change::begin(&self.runs.db, &self.runs.entropy, now, editor.actor).await?;
        let Some(finding) = findings::find_open(change.transaction(), id).await? else {
            return Err(DirectoryFailure::FindingDecided.into());
        };
        let tx = change.transaction();
        findings::settle(tx, &[finding.member_id], (decision.state(), editor.actor), now).await?;
        // Members before users, as everybody locks them.
        if let Some(user) = finding.user_id {
            user_store::may_touch(&change, editor, user).await?;
        }
        match decision {
            Decision::SamePerson => findings::accept(tx, &finding, &users::DEPARTED, now).await?,
            Decision::SomebodyElse => self.end_the_one_before(&change, editor, &finding).await?,
        }
        let subject = format!("identity_finding:{}", finding.id);
        let state = |word: &str| serde_json::json!({ "state": word });
        let difference = Difference::between(&state("open"), &state(decision.state().word()))
            .also("data_source_id", finding.data_source_id.to_string())
            .also("user_id", finding.user_id.map(|id| id.to_string()));
        change
            .commit_difference(subject, (decision.state().word(), &["verdict"]), difference)
            .await?;
        self.catch_up(finding.data_source_id).await;
        Ok(())
    }

    async fn end_the_one_before(&self, change: &Change, editor: Editor<'_>, finding: &OpenFinding) -> Result<()> {
        let held = findings::held(change.transaction(), finding.member_id).await?;
        let held = held.ok_or_else(|| DirectoryFailure::NotFound.failure())?;
        if !held.present {
            let version = change.millis().max(held.version.saturating_add(1));
            findings::bury(change.transaction(), held.id, &held.key, version).await?;
            return Ok(());
        }
        // The member may be another user's by now.
        if let Some(user) = held.user_id.filter(|user| Some(*user) != finding.user_id) {
            user_store::may_touch(change, editor, user).await?;
        }
        let departure = [given_on(&held)];
        let gone = departures::write_in(change.transaction(), &self.job(&held), &departure, &Said::default()).await?;
        if gone.contains(&held.id) {
            Ok(())
        } else {
            Err(DirectoryFailure::FindingDecided.into())
        }
    }
}

fn given_on(held: &Held) -> Departure {
    Departure {
        held: RowVersion {
            id: held.id,
            version: held.version,
        },
        userid: held.userid.clone(),
        user_id: held.user_id,
        told: true,
        reused: true,
    }
}
