//! Events that tell of a userid given on or changed: who is behind it now is weighed by the table of evidence (`directory::identity`). Events
//! come late and in any order, so what counts is what WeCom shows when it is asked.

use uuid::Uuid;

use super::{
    event_handler::{Hidden, lookup_credential},
    service::Callbacks,
    store,
};
use crate::{
    directory::{
        identity::{
            evidence::{Evidence, Link, Traits},
            store as identity,
            verdict::{Verdict, judge, weigh},
        },
        sync::snapshot::key,
    },
    kernel::failure::Result,
    wecom::model::{Member, MemberLookup},
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
    /// meanwhile is the one we hold, and a doubt is left to the next sync.
    pub(super) async fn created(&self, data_source: Uuid, userid: &str) -> Result<()> {
        let Some(member) = store::find_present(&self.deps.database, data_source, &key(userid)).await? else {
            return Ok(());
        };
        let Some((_, credentials)) = self.source(data_source).await? else {
            return Ok(());
        };
        let Some(credential) = lookup_credential(&credentials) else {
            return Ok(());
        };
        let seen = match self.deps.wecom.member(credential, userid).await {
            Ok(MemberLookup::Visible(seen)) => seen,
            Err(error) if error.is_passing() => return Err(error.into()),
            Ok(MemberLookup::NotVisible { .. }) | Err(_) => return Ok(()),
        };
        let held = identity::held(self.deps.database.reader(), member.id).await?;
        let somebody_else = |traits: &Traits| judge(Link::Gap, traits, &Traits::from(&*seen)) == Verdict::SomebodyElse;
        if held.is_some_and(|held| somebody_else(&held.traits)) {
            self.deps.sync.weigh_live(member.id, &seen, true).await?;
        }
        Ok(())
    }

    /// Gives a member another userid, if WeCom, asked with the app's or the contacts-sync secret, shows them under the new one and no
    /// longer under the old.
    pub(super) async fn rename(&self, data_source: Uuid, old: &str, new: &str) -> Result<()> {
        let Some((_, credentials)) = self.source(data_source).await? else {
            return Ok(());
        };
        let Some(credential) = lookup_credential(&credentials) else {
            return Ok(());
        };
        let lookups = (
            self.deps.wecom.member(credential, new).await,
            self.deps.wecom.member(credential, old).await,
        );
        for error in [&lookups.0, &lookups.1]
            .into_iter()
            .filter_map(|lookup| lookup.as_ref().err())
        {
            if error.is_passing() {
                return Err(error.clone().into());
            }
        }
        // Only the letter case may have changed; then both are the same member.
        let same = key(old) == key(new);
        match lookups {
            (Ok(MemberLookup::Visible(seen)), Ok(MemberLookup::NotVisible { .. })) if !same => {
                self.rename_weighed(data_source, (old, new), &seen).await
            }
            _ => Ok(()),
        }
    }

    /// Gives a member another userid, unless the evidence says that the new one is somebody else's by now.
    async fn rename_weighed(&self, data_source: Uuid, (old, new): (&str, &str), seen: &Member) -> Result<()> {
        let database = &self.deps.database;
        let Some(member) = store::find_present(database, data_source, &key(old)).await? else {
            return Ok(());
        };
        let Some(held) = identity::held(database.reader(), member.id).await? else {
            return Ok(());
        };
        let traits = Traits::from(seen);
        let weighed = weigh(Evidence::compare(Link::Renamed, &held.traits, &traits));
        if weighed.verdict == Verdict::SomebodyElse {
            return Ok(());
        }
        let doubt = (weighed.verdict == Verdict::Doubtful).then_some((weighed, &traits));
        self.deps.sync.rename(&held, new, doubt).await.map(drop)
    }
}
