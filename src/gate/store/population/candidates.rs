//! People and surroundings as facts, without a query. Each person is counted once for each of their ways: a scan at each member's row, a
//! password at one of them. Pure.

use std::cmp::Reverse;

use entity::{member, users};
use uuid::Uuid;

use super::{
    Surroundings,
    people::{Head, People},
    scope::Structure,
    shared::Entrance,
};
use crate::{
    gate::{
        explain::model::{Candidate, Shown, Way},
        facts::{AuthMethod, CachedScope, Facts, Identity, Person, Session},
        store::rows::{self, Parts, Principal},
    },
    kernel::failure::Result,
};

/// A member as one of whom somebody comes in, or a userid of which no member is known.
#[derive(Clone, Copy)]
struct Of<'a> {
    member: Option<&'a member::Model>,
    people: &'a People,
}

impl Surroundings {
    /// The facts of these people, in their order.
    ///
    /// # Errors
    /// When a stored document cannot be read.
    pub(in crate::gate) fn candidates(&self, people: &People) -> Result<Vec<Candidate>> {
        people.heads.iter().map(|head| self.candidate(head, people)).collect()
    }

    fn candidate(&self, head: &Head, people: &People) -> Result<Candidate> {
        let (member, user, source) = match head {
            Head::Member(row) => (Some(row.as_ref()), row.user_id, Some(row.data_source_id)),
            Head::User(id) => (None, Some(*id), None),
            Head::Unknown { data_source, .. } => (None, None, Some(*data_source)),
        };
        let user = user.and_then(|id| people.users.get(&id));
        let mut ways = Vec::new();
        if let Some(source) = source {
            let userid = match head {
                Head::Unknown { userid, .. } => userid.as_str(),
                _ => member.map_or("", |row| row.userid.as_str()),
            };
            let leading = self
                .shared
                .entrances
                .iter()
                .filter(|entrance| entrance.data_source == Some(source));
            for entrance in leading {
                self.scans(entrance, (Of { member, people }, userid, user), &mut ways)?;
            }
        }
        // A passkey stands for a password wherever one is taken.
        let types = |user: &users::Model| user.password_hash.is_some() || people.passkeys.contains(&user.id);
        if let Some(user) = user.filter(|user| types(user) && listed_here(member, user, people)) {
            ways.push((Way::Password, self.password(user, people)?));
        }
        let unknown = match head {
            Head::Unknown { userid, .. } => Some(userid.clone()),
            _ => None,
        };
        Ok(Candidate {
            person: Shown {
                user_id: user.map(|user| user.id),
                username: user.map(|user| user.username.clone()),
                display_name: user.and_then(|user| user.display_name.clone()),
                member_id: member.map(|row| row.id),
                data_source_id: source.or_else(|| user.and_then(|user| user.data_source_id)),
                userid: member.map(|row| row.userid.clone()).or(unknown),
                name: member.and_then(|row| row.name.clone()),
            },
            ways,
        })
    }

    fn scans(
        &self,
        entrance: &Entrance,
        (of, userid, user): (Of<'_>, &str, Option<&users::Model>),
        ways: &mut Vec<(Way, Facts)>,
    ) -> Result<()> {
        let principal = Principal {
            way: AuthMethod::WeCom,
            identity: Identity::Member {
                userid: userid.to_owned(),
            },
            member: of.member.cloned(),
            person: user.cloned().map(Person::try_from).transpose()?,
        };
        let facts = self.facts(
            (Some(entrance), entrance.data_source, entrance.app),
            principal,
            of.people,
        );
        let session = user.zip(of.member).is_some_and(|(user, member)| {
            let way = (user.id, member.id, entrance.named.auth_source.id);
            of.people.sessions.contains(&way)
        });
        if session {
            let session = Session {
                id: Uuid::nil(),
                auth_time: self.now,
                amr: Vec::new(),
                alive: true,
            };
            let returning = Facts {
                session: Some(session),
                ..facts.clone()
            };
            ways.push((Way::Scan(entrance.named.clone()), facts));
            ways.push((Way::Session(entrance.named.clone()), returning));
        } else {
            ways.push((Way::Scan(entrance.named.clone()), facts));
        }
        Ok(())
    }

    fn password(&self, user: &users::Model, people: &People) -> Result<Facts> {
        let member = user
            .data_source_id
            .and_then(|source| member_of(user.id, source, people));
        let local = user.data_source_id.is_none() && user.corp_id.is_none();
        let identity = match member {
            _ if local => Identity::Local { user: user.id },
            Some(member) => Identity::Member {
                userid: member.userid.clone(),
            },
            None => Identity::Outsider,
        };
        let principal = Principal {
            way: AuthMethod::Password,
            identity,
            member: member.cloned(),
            person: Some(Person::try_from(user.clone())?),
        };
        let source = user.data_source_id.and_then(|id| self.shared.data_sources.get(&id));
        let app = source
            .and_then(|source| source.app)
            .filter(|app| self.scopes.contains_key(app));
        Ok(self.facts((None, source.map(|source| source.id), app), principal, people))
    }

    fn facts(
        &self,
        (entrance, data_source, app): (Option<&Entrance>, Option<Uuid>, Option<Uuid>),
        principal: Principal,
        people: &People,
    ) -> Facts {
        let data_source = data_source.and_then(|id| self.shared.data_sources.get(&id)).cloned();
        let (mut lineage, mut cached_scope) = (Vec::new(), CachedScope::Unknown);
        let structure = principal
            .member
            .as_ref()
            .and_then(|row| self.shared.structures.get(&row.data_source_id));
        let (nothing, none) = (Structure::default(), Vec::new());
        if let Some(row) = &principal.member {
            let structure = structure.unwrap_or(&nothing);
            lineage = structure.lineage(row);
            if let Some((app, scope)) = app.and_then(|app| Some((app, self.scopes.get(&app)?))) {
                let integration = data_source.as_ref().is_some_and(|source| source.app == Some(app));
                let direct = people.tags.get(&row.userid_key).unwrap_or(&none);
                cached_scope = scope.covers(integration, (row, direct), (structure, &lineage));
            }
        }
        let groups = principal
            .person
            .as_ref()
            .and_then(|person| people.groups.get(&person.id));
        rows::compose(Parts {
            now: self.now,
            groups: groups.cloned().unwrap_or_default(),
            local_passwords: self.local_passwords,
            portal: self.portal.clone(),
            auth_source: entrance.map(|entrance| entrance.named.auth_source.clone()),
            app,
            data_source,
            principal,
            lineage,
            cached_scope,
            session: None,
        })
    }
}

/// The member of a user in a data source; a present one comes before a departed one.
fn member_of(user: Uuid, data_source: Uuid, people: &People) -> Option<&member::Model> {
    let theirs = people
        .members
        .get(&user)?
        .iter()
        .filter(|row| row.data_source_id == data_source);
    theirs.min_by_key(|row| (Reverse(row.state.as_str()), row.id))
}

/// Whether a user's password is counted at this row: at the first of their members, or at the user's own.
fn listed_here(member: Option<&member::Model>, user: &users::Model, people: &People) -> bool {
    let Some(here) = member else { return true };
    let theirs = people.members.get(&user.id).into_iter().flatten();
    let listed = theirs.filter(|row| !row.userid_key.contains('#'));
    listed.map(|row| row.id).min() == Some(here.id)
}
