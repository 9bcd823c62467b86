//! People of a company that is connected by a service provider's app, to which WeCom tells other userids than at the last sync: the provider switched
//! between plain and encrypted ids (reference 0.2). Whom WeCom shows with the provider's own id of a member we hold is that member, and goes on under the
//! new userid. Where nothing says who is who nobody is let in by a guess, and nobody is taken for gone: the visit is refused for the time being, and says
//! why.

use uuid::Uuid;

use super::{
    admit::Gate,
    facts::{Facts, Identity, Live},
    live_looks::Occasion,
    visit::Denied,
};
use crate::{
    directory::identity::evidence::{Traits, encrypted},
    store::request_versions,
    wecom::model::{Credential, Member, is_encrypted_userid},
};

/// Through which app, and for what.
type Through<'a> = (&'a Credential, Occasion);

impl Gate {
    /// Weighs an answer that says nothing of a member as they are held: of somebody under a userid that no member has, or that it does not show the
    /// member. Returns what is to be weighed instead.
    pub(super) async fn under_other_ids(
        &self,
        facts: &mut Facts,
        through: Through<'_>,
        seen: Option<Box<Member>>,
    ) -> Result<Option<Box<Member>>, Denied> {
        let Some(source) = facts.data_source.as_ref().filter(|_| through.0.suite.is_some()) else {
            return Ok(seen);
        };
        let source = source.id;
        match (facts.live, seen) {
            (Live::Visible { .. }, Some(shown)) if facts.member.is_none() => {
                self.called_otherwise(facts, (through, source), shown).await
            }
            (Live::NotVisible, None) if facts.member.as_ref().is_some_and(|member| member.present) => {
                self.no_more_called_so(facts, (through, source)).await
            }
            (_, seen) => Ok(seen),
        }
    }

    /// Somebody scans under a userid that no member has.
    async fn called_otherwise(
        &self,
        facts: &mut Facts,
        (through, source): (Through<'_>, Uuid),
        shown: Box<Member>,
    ) -> Result<Option<Box<Member>>, Denied> {
        if let Some(held) = self.sync().held_under_other_userid(source, &shown).await? {
            // Nobody is there twice.
            let (before, _) = self.looks().look((through.0, &held.userid), through.1).await?;
            match before {
                Live::NotVisible if self.sync().give_userid(&held, &shown.userid).await? => {
                    self.read_again(facts, &shown.userid).await?;
                    return Ok(Some(shown));
                }
                Live::Unreachable | Live::OverBudget => {
                    facts.live = before;
                    return Ok(None);
                }
                _ => {}
            }
        }
        if self.sync().has_other_ids(source, &shown.userid).await? {
            facts.live = Live::OtherIds;
        }
        Ok(Some(shown))
    }

    /// The facts of the same scan, now that a member has this userid.
    async fn read_again(&self, facts: &mut Facts, userid: &str) -> Result<(), Denied> {
        let Some(auth_source) = facts.auth_source.as_ref().map(|source| source.id) else {
            return Ok(());
        };
        request_versions::forget();
        let identity = Identity::Member {
            userid: userid.to_owned(),
        };
        let scan = (auth_source, identity, facts.portal.id);
        let again = self.store().facts_of_scan(facts.now, scan.0, scan.1, scan.2).await?;
        *facts = Facts {
            live: facts.live,
            ..again
        };
        Ok(())
    }

    /// WeCom does not show a member whom we hold: their department tells whether it shows them under another userid.
    async fn no_more_called_so(
        &self,
        facts: &mut Facts,
        (through, source): (Through<'_>, Uuid),
    ) -> Result<Option<Box<Member>>, Denied> {
        let Some(member) = facts.member.clone() else {
            return Ok(None);
        };
        let Some(department) = member.traits.departments.first().copied() else {
            return Ok(None);
        };
        let listed = self
            .looks()
            .department((through.0, &member.userid), department, through.1)
            .await?;
        let Some(listed) = listed else {
            facts.live = Live::Unreachable;
            return Ok(None);
        };
        let is_them = |shown: &&Member| Traits::from(*shown).is_same_by_open_userid(&member.traits);
        let mut them = listed.iter().filter(is_them);
        if let (Some(one), None) = (them.next(), them.next()) {
            let (live, shown) = self.looks().look((through.0, &one.userid), through.1).await?;
            let Some(shown) = shown else {
                facts.live = live;
                return Ok(None);
            };
            let held = self.sync().held_under_other_userid(source, &shown).await?;
            if let Some(held) = held.filter(|held| held.id == member.id)
                && self.sync().give_userid(&held, &shown.userid).await?
            {
                request_versions::forget();
                facts.live = live;
                renamed(facts, &shown.userid);
                return Ok(Some(shown));
            }
        }
        let kind = is_encrypted_userid(&member.userid);
        let others = listed
            .iter()
            .filter(|one| is_encrypted_userid(&one.userid) != kind)
            .count();
        if others.saturating_mul(2) > listed.len() {
            // Has a sync look at it.
            if let Some(one) = listed.first() {
                self.sync().has_other_ids(source, &one.userid).await?;
            }
            facts.live = Live::OtherIds;
        }
        Ok(None)
    }
}

/// Whoever is visited has this userid from here on.
fn renamed(facts: &mut Facts, userid: &str) {
    facts.identity = Identity::Member {
        userid: userid.to_owned(),
    };
    if let Some(member) = &mut facts.member {
        userid.clone_into(&mut member.userid);
        member.traits.encrypted_userid = encrypted(userid);
    }
}
