//! Events that tell of a userid given on or changed: who is behind it now is weighed by the table of evidence (`directory::identity`). Events
//! come late and in any order, so what counts is what WeCom shows when it is asked.

use uuid::Uuid;

use super::{
    event_handler::{Hidden, Outcome, lookup_credential},
    pending_look::{PendingLook, concerns},
    service::Callbacks,
    store,
};
use crate::{
    directory::{
        identity::{
            evidence::{Evidence, Link, Traits},
            store as identity,
            verdict::{Verdict, judge, of_present, weigh},
        },
        sync::{
            listed_ids::Listing,
            snapshot::key,
            source::{Credentials, Source},
            store::told,
        },
    },
    kernel::failure::Result,
    wecom::model::{Credential, Member, MemberLookup},
};

impl Callbacks {
    /// Whether the userid of somebody who is said to have left, and whom WeCom shows, is somebody else's by now; what belonged to the one
    /// before has ended then. Leaving the app's scope says nothing of the userid.
    pub(super) async fn is_given_on(&self, member: &store::Present, seen: &Member, hidden: Hidden) -> Result<bool> {
        let told = hidden == Hidden::IsGone;
        let verdict = self.deps.sync.weigh_live(member.id, seen, told).await?;
        Ok(verdict == Verdict::SomebodyElse)
    }

    /// Somebody is said to be new. Where we hold a member under that userid, the one before must have left it; whom a sync has imported
    /// meanwhile is the one we hold.
    pub(super) async fn created(&self, look: &PendingLook) -> Result<()> {
        let (data_source, userid) = (look.data_source, look.userid.as_str());
        let Some(member) = store::find_present(&self.deps.database, data_source, &key(userid)).await? else {
            return Ok(());
        };
        let Some((source, credentials)) = self.source(data_source).await? else {
            return Ok(());
        };
        let Some(credential) = lookup_credential(&credentials) else {
            return Ok(());
        };
        let seen = match self.deps.wecom.member(credential, userid).await {
            Ok(MemberLookup::Visible(seen)) => seen,
            Err(error) if error.is_passing() => return Err(error.into()),
            Ok(MemberLookup::NotVisible { .. }) | Err(_) => {
                return self
                    .created_unseen(look, (&source, credentials.contacts.as_ref()))
                    .await;
            }
        };
        let Some(held) = identity::held(self.deps.database.reader(), member.id).await? else {
            return Ok(());
        };
        let about_them = match judge(Link::Gap, &held.traits, &Traits::from(&*seen)) {
            Verdict::SamePerson => false,
            Verdict::Doubtful => concerns(look.happened_at, member.created_at),
            Verdict::SomebodyElse => true,
        };
        if about_them {
            self.deps.sync.weigh_live(member.id, &seen, true).await?;
        }
        Ok(())
    }

    /// The same where nobody can be looked at, or the app does not show them: the ids of the corp tell that somebody has the userid.
    async fn created_unseen(
        &self,
        look: &PendingLook,
        (source, contacts): (&Source, Option<&Credential>),
    ) -> Result<()> {
        let Some(contacts) = contacts else { return Ok(()) };
        match self.corp_ids(contacts, source.id).await? {
            Some(ids) if ids.find(&key(&look.userid)) == Listing::Listed => self.note_gap(look).await,
            _ => Ok(()),
        }
    }

    /// Records that it is in doubt who has a userid that was nobody's in between, as far as the member was there before that.
    pub(super) async fn note_gap(&self, look: &PendingLook) -> Result<()> {
        let member = store::find_present(&self.deps.database, look.data_source, &key(&look.userid)).await?;
        match member.filter(|member| concerns(look.happened_at, member.created_at)) {
            Some(member) => self.deps.sync.doubt_unseen(member.id).await,
            None => Ok(()),
        }
    }

    /// Gives a member another userid, if WeCom shows them under the new one and no longer under the old: asked with the app's or the contacts-sync
    /// secret, or else by the ids of the corp. Else only a sync can decide, which sees where everybody is: some seconds later, when WeCom has told of all
    /// who changed theirs one after another. `None`: nobody can be looked at.
    pub(super) async fn rename(&self, data_source: Uuid, old: &str, new: &str) -> Result<Option<Outcome>> {
        // Only the letter case may have changed; then both are the same member.
        if key(old) == key(new) {
            return Ok(Some(Outcome::Renamed));
        }
        let Some((source, credentials)) = self.source(data_source).await? else {
            return Ok(None);
        };
        let Some(credential) = lookup_credential(&credentials) else {
            return Ok(None);
        };
        let (old_key, new_key) = (key(old), key(new));
        // What else was told of one of the two may have come before it.
        let told = (old_key.as_str(), new_key.as_str());
        if told::touches(&self.deps.database, data_source, &[told.0, told.1], Some(told)).await? {
            return Ok(Some(Outcome::StillListed));
        }
        let at_new = self.lookup(credential, new).await?;
        let at_old = self.lookup(credential, old).await?;
        match (at_new, at_old) {
            (Some(MemberLookup::Visible(seen)), Some(MemberLookup::NotVisible { .. })) => {
                self.rename_weighed(&source, (old, new), &Traits::from(&*seen)).await
            }
            (Some(_), Some(MemberLookup::Visible(seen))) => match self.is_still_at(&source, old, &seen).await? {
                true => Ok(Some(Outcome::Later)),
                // Somebody else got the old userid.
                false => Ok(Some(Outcome::StillListed)),
            },
            _ => self.rename_by_ids((&source, &credentials), (old, new)).await,
        }
    }

    /// Whom WeCom shows under a userid; `None`: it shows nobody at all with this secret.
    async fn lookup(&self, credential: &Credential, userid: &str) -> Result<Option<MemberLookup>> {
        match self.deps.wecom.member(credential, userid).await {
            Ok(shown) => Ok(Some(shown)),
            Err(error) if error.is_passing() => Err(error.into()),
            Err(error) => {
                tracing::info!(%error, "whoever has another userid could not be looked at");
                Ok(None)
            }
        }
    }

    /// Whether the one we hold under a userid is plainly still the one WeCom shows there: events may be ahead of that (reference 6.5).
    async fn is_still_at(&self, source: &Source, userid: &str, seen: &Member) -> Result<bool> {
        let database = &self.deps.database;
        let Some(member) = store::find_present(database, source.id, &key(userid)).await? else {
            return Ok(false);
        };
        let Some(held) = identity::held(database.reader(), member.id).await? else {
            return Ok(false);
        };
        let evidence = of_present(held.missed, &held.traits, &Traits::from(seen));
        Ok(!evidence.is_silent() && weigh(evidence).verdict == Verdict::SamePerson)
    }

    /// The same where nobody can be looked at, or the app shows neither of the two: the ids of the corp hold whoever is in it.
    async fn rename_by_ids(
        &self,
        (source, credentials): (&Source, &Credentials),
        (old, new): (&str, &str),
    ) -> Result<Option<Outcome>> {
        let Some(contacts) = &credentials.contacts else {
            return Ok(Some(Outcome::StillListed));
        };
        let Some(ids) = self.corp_ids(contacts, source.id).await? else {
            return Ok(None);
        };
        match (ids.find(&key(new)), ids.find(&key(old))) {
            (Listing::Listed, Listing::Absent) => self.rename_weighed(source, (old, new), &Traits::default()).await,
            _ => Ok(Some(Outcome::StillListed)),
        }
    }

    /// Gives a member another userid, unless the evidence says that the new one is somebody else's by now; not where another row has that userid, nobody
    /// is held under the old one, or the member changed meanwhile.
    async fn rename_weighed(
        &self,
        source: &Source,
        (old, new): (&str, &str),
        seen: &Traits,
    ) -> Result<Option<Outcome>> {
        let database = &self.deps.database;
        let Some(member) = store::find_present(database, source.id, &key(old)).await? else {
            return Ok(Some(Outcome::StillListed));
        };
        let Some(held) = identity::held(database.reader(), member.id).await? else {
            return Ok(Some(Outcome::StillListed));
        };
        let weighed = weigh(Evidence::compare(Link::Renamed, &held.traits, seen));
        if weighed.verdict == Verdict::SomebodyElse {
            return Ok(Some(Outcome::StillListed));
        }
        let doubt = (weighed.verdict == Verdict::Doubtful).then_some((weighed, seen));
        let renamed = self.deps.sync.rename(&held, new, doubt).await?;
        Ok(Some(if renamed {
            Outcome::Renamed
        } else {
            Outcome::StillListed
        }))
    }
}
