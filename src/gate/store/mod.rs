//! Queries of the gate: facts of a scan, a password sign-in and a session, with a read cache for sessions.

mod access;
mod place;
pub(in crate::gate) mod population;
mod principal;
mod rows;
mod scope;
pub mod session_people;
mod settings;

use std::sync::Arc;

use entity::{data_source, member, users};
use sea_orm::{ColumnTrait, Condition, DbErr, EntityTrait, QueryFilter, QuerySelect, QueryTrait, sea_query::Expr};
use uuid::Uuid;

use self::{
    place::{Whose, place_of},
    population::shared::Shared,
    rows::{Parts, Principal},
    session_people::{SessionPeople, SessionPerson},
    settings::{EntryPoint, Settings},
};
use super::{
    console::CONSOLE,
    facts::{AuthMethod, CachedScope, DataSource, Facts, Identity, Member, PASSWORD, Person, Portal, Session},
    failure::GateFailure,
    visit::Denied,
};
use crate::{
    audit,
    directory::{name_proof::store::end_of_members, offboarding::model::EndReason},
    kernel::{clock::Timestamp, entropy::Entropy, failure::Result},
    store::{About, Cached, Database, ReadCache, UniqueRow},
};

/// Whom WeCom was asked about.
pub(super) struct Asked<'a> {
    pub(super) member: &'a Member,
    pub(super) source: Option<&'a DataSource>,
    /// Whose the member is.
    pub(super) user: Option<Uuid>,
}

/// Queries of the gate.
#[derive(Clone, Debug)]
pub struct Store {
    database: Database,
    local_passwords: bool,
    /// Where passkeys work; none: nowhere.
    passkey_host: Option<Arc<str>>,
    /// By session and portal.
    gathered: ReadCache<(Uuid, Uuid), CachedFacts>,
    settings: Settings,
    session_people: SessionPeople,
    /// One value.
    shared: ReadCache<(), Shared>,
}

/// The facts of a session at a portal as far as they do not depend on the time.
struct CachedFacts {
    /// Not asked live yet; the session counts as alive unless it was ended.
    facts: Facts,
    /// Expiry of the session.
    expires: Timestamp,
    /// Whose session it is.
    user: Uuid,
}

impl Cached for CachedFacts {
    fn about(&self) -> About {
        About::Person(self.user)
    }
}

impl CachedFacts {
    /// The facts as of now: the clock decides anew each time.
    fn at(&self, now: Timestamp, refresh: bool) -> Facts {
        let mut facts = self.facts.clone();
        facts.now = now;
        if let Some(session) = &mut facts.session {
            session.alive &= refresh || self.expires > now;
        }
        facts
    }
}

impl Store {
    pub(super) fn new(database: Database) -> Self {
        Self {
            settings: Settings::new(database.clone()),
            session_people: SessionPeople::new(database.clone()),
            database,
            local_passwords: false,
            passkey_host: None,
            gathered: ReadCache::default(),
            shared: ReadCache::with_capacity(2),
        }
    }

    pub(super) fn with_local_passwords(mut self, allowed: bool) -> Self {
        self.local_passwords = allowed;
        self
    }

    pub(super) fn with_passkeys_at(mut self, host: Option<&str>) -> Self {
        self.passkey_host = host.map(Arc::from);
        self
    }

    pub(super) const fn session_people(&self) -> &SessionPeople {
        &self.session_people
    }

    pub(super) const fn database(&self) -> &Database {
        &self.database
    }

    /// The portal with this row id.
    ///
    /// # Errors
    /// `GT-101` when there is none, and when the database does not answer.
    pub(super) async fn portal(&self, id: Uuid) -> Result<Arc<Portal>> {
        self.settings.portal(id).await
    }

    async fn entry_point(&self, auth_source: Option<Uuid>) -> Result<Arc<EntryPoint>, DbErr> {
        self.settings.entry_point(auth_source).await
    }

    pub(super) async fn facts_of_scan(
        &self,
        now: Timestamp,
        auth_source: Uuid,
        identity: Identity,
        portal: Uuid,
    ) -> Result<Facts> {
        let entry_point = self.entry_point(Some(auth_source)).await?;
        let found = match (&identity, &entry_point.data_source) {
            (Identity::Member { userid }, Some(directory)) => self.member_by_userid(directory.id, userid).await?,
            _ => None,
        };
        let (member, user) = found.unzip();
        let principal = Principal {
            way: AuthMethod::WeCom,
            identity,
            member,
            person: user.flatten().map(Person::try_from).transpose()?,
        };
        self.assemble(now, (portal, entry_point), principal, None).await
    }

    pub(super) async fn facts_of_password(&self, now: Timestamp, user: Uuid, portal: Uuid) -> Result<Facts> {
        let user = users::Entity::find_by_id(user)
            .unique_row(self.database.reader())
            .await?;
        let (entry_point, principal) = self.password_principal(user).await?;
        self.assemble(now, (portal, entry_point), principal, None).await
    }

    /// Facts of a session at a portal. `refresh`: a session past its expiry still counts, one that was ended does not.
    pub(super) async fn facts_of_session(
        &self,
        now: Timestamp,
        session: Uuid,
        portal: Uuid,
        refresh: bool,
    ) -> Result<Facts> {
        let load = || async { self.load_session_facts(session, portal).await.map(Some) };
        let visit = (session, portal);
        let gathered = self.gathered.get(&self.database, &visit, load).await?;
        let gathered = gathered.ok_or_else(|| GateFailure::SessionEnded.failure())?;
        Ok(gathered.at(now, refresh))
    }

    async fn load_session_facts(&self, session: Uuid, portal: Uuid) -> Result<CachedFacts> {
        let found = self.session_people.find(session).await?;
        let found = found.ok_or_else(|| GateFailure::SessionEnded.failure().cause("session row is missing"))?;
        let SessionPerson {
            session: row,
            user,
            member,
        } = SessionPerson::clone(&found);
        let by_password = row.amr.0.iter().any(|word| PASSWORD.contains(&word.as_str()));
        let (entry_point, principal) = match by_password {
            true => self.password_principal(user).await?,
            false => self.wecom_principal(&row, user, member).await?,
        };
        let view = Session {
            id: row.id,
            auth_time: Timestamp::from_millis(row.auth_time),
            amr: row.amr.0,
            alive: row.ended_at.is_none(),
        };
        let never = Timestamp::from_millis(0);
        Ok(CachedFacts {
            expires: Timestamp::from_millis(row.expires_at),
            user: row.user_id,
            facts: self
                .assemble(never, (portal, entry_point), principal, Some(view))
                .await?,
        })
    }

    async fn assemble(
        &self,
        now: Timestamp,
        (portal, entry_point): (Uuid, Arc<EntryPoint>),
        principal: Principal,
        session: Option<Session>,
    ) -> Result<Facts> {
        let Principal {
            way,
            identity,
            member,
            person,
        } = principal;
        let portal = self.portal(portal).await?;
        let whose = Whose {
            member: member.as_ref().map(|member| member.id),
            user: person.as_ref().map(|person| person.id),
            app: entry_point.app.as_ref().map(|app| app.id),
        };
        let place = place_of(&self.database, whose).await?;
        let cached_scope = match (&entry_point.app, &member) {
            (Some(app), Some(member)) => {
                let source = entry_point.data_source.as_ref();
                let integration = source.is_some_and(|source| source.app == Some(app.id));
                self.cached_scope((app, integration), member, place.is_covered).await?
            }
            _ => CachedScope::Unknown,
        };
        Ok(rows::compose(Parts {
            now,
            // The way in for those who have to mend everything else.
            local_passwords: self.local_passwords || portal.id == CONSOLE,
            portal: (*portal).clone(),
            auth_source: entry_point.auth_source.clone(),
            app: entry_point.app.as_ref().map(|app| app.id),
            data_source: entry_point.data_source.clone(),
            principal: Principal {
                way,
                identity,
                member,
                person,
            },
            lineage: place.lineage,
            groups: place.groups,
            cached_scope,
            session,
        }))
    }

    /// Stores that WeCom confirmed the membership, as of when it was asked, of a member who still has the id that was asked about. What was learned
    /// since stands: the answer may have been long on its way.
    pub(super) async fn confirm(&self, asked: Asked<'_>, status: Option<i32>, now: Timestamp) -> Result<(), DbErr> {
        // A scan makes nobody else's next request read again.
        let writer = match asked.user {
            Some(user) => self.database.writer_about(user),
            None => self.database.writer().clone(),
        };
        let mut update = member::Entity::update_many()
            .col_expr(member::Column::CheckedAt, Expr::value(now.millis()))
            .col_expr(member::Column::Status, Expr::value(status))
            .filter(member::Column::Id.eq(asked.member.id))
            .filter(member::Column::Userid.eq(&asked.member.userid))
            .filter(member::Column::CheckedAt.lte(now.millis()));
        // WeCom did not show them to somebody who asked meanwhile.
        if asked.member.checked_at.millis() != 0 {
            update = update.filter(member::Column::CheckedAt.ne(0));
        }
        if let Some(source) = asked.source {
            // The company may have gone to another app meanwhile.
            let same = data_source::Entity::find()
                .select_only()
                .column(data_source::Column::Id)
                .filter(data_source::Column::CorpKey.eq(&source.corp_key))
                .filter(
                    Condition::any()
                        .add(data_source::Column::MembersConfirmedAt.is_null())
                        .add(data_source::Column::MembersConfirmedAt.lte(now.millis())),
                );
            update = update.filter(member::Column::DataSourceId.in_subquery(same.into_query()));
        }
        update.exec(&writer).await?;
        match status.and_then(EndReason::of_status) {
            Some(_) => end_of_members(&writer, [asked.member.id]).await,
            None => Ok(()),
        }
    }

    pub(super) async fn record(&self, entropy: &Entropy, now: Timestamp, record: audit::Record) -> Result<(), DbErr> {
        audit::store::insert(&self.database, entropy, now, record).await
    }
}

impl From<DbErr> for Denied {
    fn from(error: DbErr) -> Self {
        Self::Failed(error.into())
    }
}
