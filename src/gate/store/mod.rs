//! Queries of the gate: facts of a scan, a password sign-in and a session, with a read cache for sessions.

mod access;
pub(in crate::gate) mod population;
mod principal;
mod rows;
mod scope;

use std::sync::Arc;

use entity::{auth_source, client, data_source, json::Strings, member, session, users, wecom_app};
use sea_orm::{ColumnTrait, DbErr, EntityTrait, QueryFilter, QuerySelect, sea_query::Expr};
use uuid::Uuid;

use self::{
    population::shared::Shared,
    rows::{Parts, Principal},
};
use super::{
    console::{self, CONSOLE},
    facts::{AuthMethod, AuthSource, CachedScope, DataSource, Facts, Identity, PASSWORD, Person, Portal, Session},
    failure::GateFailure,
    visit::Denied,
};
use crate::{
    audit,
    kernel::{clock::Timestamp, entropy::Entropy, failure::Result},
    store::{About, Cached, Database, ReadCache, UniqueRow},
};

/// Queries of the gate.
#[derive(Clone, Debug)]
pub struct Store {
    database: Database,
    local_passwords: bool,
    /// Where passkeys work; none: nowhere.
    passkey_host: Option<Arc<str>>,
    /// By session and portal.
    gathered: ReadCache<(Uuid, Uuid), CachedFacts>,
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

/// The auth source with its data source and app.
struct EntryPoint {
    auth_source: Option<AuthSource>,
    data_source: Option<DataSource>,
    app: Option<wecom_app::Model>,
}

impl Store {
    pub(super) fn new(database: Database) -> Self {
        Self {
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

    pub(super) const fn database(&self) -> &Database {
        &self.database
    }

    pub(super) async fn facts_of_scan(
        &self,
        now: Timestamp,
        auth_source: Uuid,
        identity: Identity,
        portal: Uuid,
    ) -> Result<Facts> {
        let portal = self.portal(portal).await?;
        let entry_point = self.entry_point(Some(auth_source)).await?;
        let member = match (&identity, &entry_point.data_source) {
            (Identity::Member { userid }, Some(directory)) => self.member_by_userid(directory.id, userid).await?,
            _ => None,
        };
        let person = match member.as_ref().and_then(|member| member.user_id) {
            Some(user) => self.person(user).await?,
            None => None,
        };
        let principal = Principal {
            way: AuthMethod::WeCom,
            identity,
            member,
            person,
        };
        self.assemble(now, (portal, entry_point), principal, None).await
    }

    pub(super) async fn facts_of_password(&self, now: Timestamp, user: Uuid, portal: Uuid) -> Result<Facts> {
        let portal = self.portal(portal).await?;
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
        let row = session::Entity::find_by_id(session)
            .unique_row(self.database.reader())
            .await?
            .ok_or_else(|| GateFailure::SessionEnded.failure().cause("session row is missing"))?;
        let portal = self.portal(portal).await?;
        let by_password = row.amr.0.iter().any(|word| PASSWORD.contains(&word.as_str()));
        let (entry_point, principal) = match by_password {
            true => self.password_principal(row.user_id).await?,
            false => self.wecom_principal(&row).await?,
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
        (portal, entry_point): (Portal, EntryPoint),
        principal: Principal,
        session: Option<Session>,
    ) -> Result<Facts> {
        let Principal {
            way,
            identity,
            member,
            person,
        } = principal;
        let lineage = match &member {
            Some(member) => self.lineage(member).await?,
            None => Vec::new(),
        };
        let groups = match &person {
            Some(person) => self.groups_of(person.id, &portal).await?,
            None => Vec::new(),
        };
        let cached_scope = match (&entry_point.app, &member) {
            (Some(app), Some(member)) => {
                let source = entry_point.data_source.as_ref();
                let integration = source.is_some_and(|source| source.app == Some(app.id));
                self.cached_scope((app, integration), member, &lineage).await?
            }
            _ => CachedScope::Unknown,
        };
        Ok(rows::compose(Parts {
            now,
            // The way in for those who have to mend everything else.
            local_passwords: self.local_passwords || portal.id == CONSOLE,
            portal,
            auth_source: entry_point.auth_source,
            app: entry_point.app.as_ref().map(|app| app.id),
            data_source: entry_point.data_source,
            principal: Principal {
                way,
                identity,
                member,
                person,
            },
            lineage,
            groups,
            cached_scope,
            session,
        }))
    }

    pub(super) async fn portal(&self, id: Uuid) -> Result<Portal> {
        if id == CONSOLE {
            return Ok(console::portal(self.operators().await?));
        }
        let row = client::Entity::find_by_id(id)
            .unique_row(self.database.reader())
            .await?
            .ok_or_else(|| GateFailure::PortalDisabled.failure().cause("client row is missing"))?;
        Ok(rows::portal(row))
    }

    /// Ids of the users with a console role, and of those who decide about access requests without one.
    async fn operators(&self) -> Result<Vec<Uuid>, DbErr> {
        let mut operators: Vec<Uuid> = users::Entity::find()
            .select_only()
            .column(users::Column::Id)
            .filter(users::Column::ConsoleRole.is_not_null())
            .into_tuple()
            .all(self.database.reader())
            .await?;
        let approvers: Vec<Strings> = data_source::Entity::find()
            .select_only()
            .column(data_source::Column::Approvers)
            .into_tuple()
            .all(self.database.reader())
            .await?;
        let named = approvers.iter().flat_map(|list| &list.0);
        operators.extend(named.filter_map(|id| Uuid::parse_str(id).ok()));
        Ok(operators)
    }

    /// The auth source with its data source: the one it names, or else the one with the same corp ID.
    async fn entry_point(&self, auth_source: Option<Uuid>) -> Result<EntryPoint> {
        let nothing = EntryPoint {
            auth_source: None,
            data_source: None,
            app: None,
        };
        let Some(id) = auth_source else { return Ok(nothing) };
        let Some(row) = auth_source::Entity::find_by_id(id)
            .unique_row(self.database.reader())
            .await?
        else {
            return Ok(nothing);
        };
        let bound = match row.data_source_id {
            Some(id) => data_source::Column::Id.eq(id),
            None => data_source::Column::CorpKey.eq(row.corp_id.clone()),
        };
        let directory = data_source::Entity::find()
            .filter(bound)
            .unique_row(self.database.reader())
            .await?;
        let app = wecom_app::Entity::find_by_id(row.app_id)
            .unique_row(self.database.reader())
            .await?;
        Ok(EntryPoint {
            auth_source: Some(rows::auth_source(row, app.as_ref().and_then(|app| app.suite))),
            data_source: directory.map(DataSource::from),
            app,
        })
    }

    async fn member_by_userid(&self, data_source: Uuid, userid: &str) -> Result<Option<member::Model>, DbErr> {
        member::Entity::find()
            .filter(member::Column::DataSourceId.eq(data_source))
            .filter(member::Column::UseridKey.eq(userid.to_lowercase()))
            .unique_row(self.database.reader())
            .await
    }

    async fn person(&self, id: Uuid) -> Result<Option<Person>, DbErr> {
        let row = users::Entity::find_by_id(id).unique_row(self.database.reader()).await?;
        row.map(Person::try_from).transpose()
    }

    /// Stores that WeCom confirmed the membership just now. `user`: whose the member is.
    pub(super) async fn confirm(
        &self,
        (member, user): (Uuid, Option<Uuid>),
        status: Option<i32>,
        now: Timestamp,
    ) -> Result<(), DbErr> {
        // A scan makes nobody else's next request read again.
        let writer = match user {
            Some(user) => self.database.writer_about(user),
            None => self.database.writer().clone(),
        };
        member::Entity::update_many()
            .col_expr(member::Column::CheckedAt, Expr::value(now.millis()))
            .col_expr(member::Column::Status, Expr::value(status))
            .filter(member::Column::Id.eq(member))
            .exec(&writer)
            .await
            .map(|_| ())
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
