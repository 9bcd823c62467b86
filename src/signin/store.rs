//! Queries of sessions and of the login page.

mod asking;
mod ending;
pub(in crate::signin) mod operator_places;
mod proof;
mod telling;
pub mod ways_back;

use std::sync::Arc;

use entity::{auth_source, client, data_source, json::Strings, passkey, session, users, wecom_app};
use futures_util::FutureExt;
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, Condition, DbErr, EntityTrait, JoinType, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, Query},
};
use uuid::Uuid;

pub(super) use proof::stamp;
use proof::still_holds;

use super::{
    session_model::{Place, Proof, Session},
    web_address::one_host,
};
use crate::{
    audit,
    crypto::seal::Sealer,
    directory::suite::store::sign_in_suites,
    gate::{
        Permit, SessionPeople,
        console::{self, CONSOLE},
    },
    kernel::{clock::Timestamp, entropy::Entropy, failure::Result},
    store::{About, Cached, Database, ReadCache},
    web::texts::Lang,
};

/// Queries of sign-in.
#[derive(Clone)]
pub struct Store {
    database: Database,
    /// Seals what people are told.
    sealer: Sealer,
    /// Session by the digest of its cookie.
    sessions: ReadCache<String, Session>,
    people: SessionPeople,
}

/// An auth source as the login page shows it.
#[derive(Clone, Debug)]
pub struct AuthSource {
    /// Row id of the auth source.
    pub id: Uuid,
    /// Its name.
    pub name: String,
    /// Corp ID.
    pub corp_id: String,
    /// Names that corp in the mode of its app.
    pub corp_key: String,
    /// AgentId of its app.
    pub agent_id: i64,
    /// Id of the suite at which its people sign in, where its app is a third-party one.
    pub suite_id: Option<String>,
}

/// How users of no data source may sign in.
#[derive(Clone, Copy)]
pub(super) struct LocalWays<'a> {
    /// Whether by a password, or a passkey in its place.
    pub passwords: bool,
    /// Where passkeys work; none: nowhere.
    pub passkeys_at: Option<&'a str>,
}

/// A portal as the login page shows it.
#[derive(Clone, Debug)]
pub struct Portal {
    /// Its name.
    pub name: String,
    /// Its auth sources, enabled and accepted, the oldest first.
    pub auth_sources: Vec<AuthSource>,
    /// Whether it accepts passwords.
    pub password: bool,
    /// Its logo and pages.
    pub links: Links,
}

/// A portal's logo and information pages; addresses as checked at its registration.
#[derive(Clone, Debug, Default)]
pub struct Links {
    /// Where its logo is (`logo_uri`); pages show our copy of it.
    pub logo: Option<String>,
    /// Privacy policy (`policy_uri`).
    pub policy: Option<String>,
    /// Terms of service (`tos_uri`).
    pub terms: Option<String>,
    /// Host that the browser returns to, with its port; none: a program's own scheme, or one of several hosts.
    pub host: Option<String>,
}

impl Links {
    /// Reads them from the client's metadata document; its other members do not matter to this room.
    fn of(metadata: &serde_json::Value, redirect_uris: &[String]) -> Self {
        let text = |name: &str| metadata.get(name).and_then(|value| value.as_str()).map(str::to_owned);
        Self {
            logo: text("logo_uri"),
            policy: text("policy_uri"),
            terms: text("tos_uri"),
            host: one_host(redirect_uris),
        }
    }
}

impl Cached for Session {
    fn about(&self) -> About {
        About::Person(self.user)
    }
}

impl Store {
    pub(super) fn new(database: Database, sealer: Sealer) -> Self {
        Self {
            people: SessionPeople::new(database.clone()),
            database,
            sealer,
            sessions: ReadCache::default(),
        }
    }

    /// The same, which reads sessions for others too.
    pub(super) fn reading_with(self, people: SessionPeople) -> Self {
        Self { people, ..self }
    }

    pub(super) const fn database(&self) -> &Database {
        &self.database
    }

    pub(super) const fn sealer(&self) -> &Sealer {
        &self.sealer
    }

    /// Inserts a session. False when what was proven no longer holds; then nothing was written.
    pub(super) async fn open_session(
        &self,
        (id, digest, place): (Uuid, String, Place),
        permit: &Permit,
        amr: &[&str],
        (now, expires): (Timestamp, Timestamp),
        proof: &Proof,
    ) -> Result<bool, DbErr> {
        let (user, proof) = (permit.person().id, proof.clone());
        let row = session::ActiveModel {
            id: Set(id),
            digest: Set(digest),
            user_id: Set(permit.person().id),
            member_id: Set(permit.member()),
            auth_source_id: Set(permit.auth_source()),
            auth_time: Set(now.millis()),
            amr: Set(list(amr)),
            created_at: Set(now.millis()),
            last_seen_at: Set(now.millis()),
            expires_at: Set(expires.millis()),
            ended_at: Set(None),
            end_reason: Set(None),
            browser: Set(place.browser),
            network: Set(place.network),
        };
        // Only adds a row: a session that did not exist cannot be cached.
        let write = self.database.write(move |transaction| {
            let (row, proof) = (row.clone(), proof.clone());
            async move {
                if !still_holds(transaction, user, &proof).await? {
                    return Ok(false);
                }
                session::Entity::insert(row).exec_without_returning(transaction).await?;
                Ok(true)
            }
            .boxed()
        });
        write.await
    }

    /// Updates the session of a person who signed in again: same `sid`, new cookie, new `auth_time`. False as in [`Store::open_session`].
    pub(super) async fn renew_session(
        &self,
        (id, digest, place): (Uuid, String, Place),
        permit: &Permit,
        amr: &[&str],
        (now, expires): (Timestamp, Timestamp),
        proof: &Proof,
    ) -> Result<bool, DbErr> {
        let row = session::ActiveModel {
            id: Set(id),
            digest: Set(digest),
            member_id: Set(permit.member()),
            auth_source_id: Set(permit.auth_source()),
            auth_time: Set(now.millis()),
            amr: Set(list(amr)),
            last_seen_at: Set(now.millis()),
            expires_at: Set(expires.millis()),
            browser: Set(place.browser),
            network: Set(place.network),
            ..Default::default()
        };
        let transaction = self.database.begin().await?;
        transaction.concerns(permit.person().id);
        if !still_holds(&transaction, permit.person().id, proof).await? {
            return Ok(false);
        }
        session::Entity::update(row).exec(&transaction).await?;
        transaction.commit().await?;
        Ok(true)
    }

    /// The session as last written, which may be past its expiry; from the read cache where possible.
    pub(super) async fn find_session(&self, digest: &str) -> Result<Option<Arc<Session>>, DbErr> {
        let load = || self.read_session(digest);
        self.sessions.get(&self.database, digest, load).await
    }

    /// The session as it stands in the database now.
    pub(super) async fn read_session(&self, digest: &str) -> Result<Option<Session>, DbErr> {
        let found = self.people.read_by_digest(digest).await?;
        let found = found.filter(|found| found.session.ended_at.is_none());
        Ok(found.and_then(|found| {
            let (row, user) = (&found.session, found.user.as_ref()?);
            let expires = user.access_until.map_or(row.expires_at, |at| at.min(row.expires_at));
            Some(Session {
                id: row.id,
                user: row.user_id,
                auth_time: Timestamp::from_millis(row.auth_time),
                amr: row.amr.0.clone(),
                expires: Timestamp::from_millis(expires),
                data_source: user.data_source_id,
                lang: user.language.as_deref().and_then(Lang::of_tag),
                last_seen: Timestamp::from_millis(row.last_seen_at),
            })
        }))
    }

    /// Writes when the session was last seen. Raises no counter, so that each minute of each browser does not empty every
    /// read cache: what is cached of this session is brought up to date. A parallel request that read it before may put an older moment there,
    /// which costs one more write.
    pub(super) async fn touch_session(&self, digest: &str, id: Uuid, now: Timestamp) -> Result<(), DbErr> {
        let seen = session::Column::LastSeenAt;
        let update = session::Entity::update_many()
            .col_expr(seen, Expr::value(now.millis()))
            .filter(session::Column::Id.eq(id))
            .filter(seen.lt(now.millis()));
        self.database.write_one(&update).await?;
        self.sessions.update(digest, |session| Session {
            last_seen: session.last_seen.max(now),
            ..session.clone()
        });
        Ok(())
    }

    pub(super) async fn portal(&self, id: Uuid, local: LocalWays<'_>) -> Result<Option<Portal>, DbErr> {
        if id == CONSOLE {
            return Ok(Some(Portal {
                name: console::NAME.to_owned(),
                auth_sources: self.auth_sources(None).await?,
                password: true,
                links: Links::default(),
            }));
        }
        let Some(portal) = client::Entity::find_by_id(id).one(self.database.reader()).await? else {
            return Ok(None);
        };
        let links = Links::of(&portal.metadata, &portal.redirect_uris.0);
        let accepted = portal.auth_sources.map(|list| list.0);
        let password = accepted.is_none() && self.somebody_has_a_password(local).await?;
        Ok(Some(Portal {
            name: portal.name,
            auth_sources: self.auth_sources(accepted.as_deref()).await?,
            password,
            links,
        }))
    }

    /// The enabled auth sources, the oldest first; with `accepted` only those with these ids.
    async fn auth_sources(&self, accepted: Option<&[String]>) -> Result<Vec<AuthSource>, DbErr> {
        let rows = auth_source::Entity::find()
            .join(
                JoinType::InnerJoin,
                auth_source::Entity::belongs_to(wecom_app::Entity)
                    .from(auth_source::Column::AppId)
                    .to(wecom_app::Column::Id)
                    .into(),
            )
            .select_also(wecom_app::Entity)
            .filter(auth_source::Column::Enabled.eq(true))
            .order_by_asc(auth_source::Column::Id)
            .all(self.database.reader())
            .await?;
        let suites: Vec<Uuid> = rows.iter().filter_map(|(_, app)| app.as_ref()?.suite).collect();
        let suites = sign_in_suites(self.database.reader(), &suites).await?;
        let accepts = |id: Uuid| accepted.is_none_or(|ids| ids.contains(&id.to_string()));
        let auth_sources = rows
            .into_iter()
            .filter(|(auth_source, _)| accepts(auth_source.id))
            .filter_map(|(auth_source, app)| {
                let app = app?;
                let agent_id = app.agent_id;
                Some(AuthSource {
                    suite_id: app.suite.and_then(|suite| suites.get(&suite).cloned()),
                    id: auth_source.id,
                    name: auth_source.name,
                    corp_key: data_source::corp_key(&auth_source.corp_id, app.suite),
                    corp_id: auth_source.corp_id,
                    agent_id,
                })
            })
            .collect();
        Ok(auth_sources)
    }

    /// Whether anybody can sign in with a password, or a passkey in its place: a data source allows passwords, or a local user has one. Else
    /// the form is not shown.
    async fn somebody_has_a_password(&self, local: LocalWays<'_>) -> Result<bool, DbErr> {
        let source = data_source::Entity::find()
            .filter(data_source::Column::Enabled.eq(true))
            .filter(data_source::Column::LoginPassword.eq(true))
            .one(self.database.reader())
            .await?;
        if source.is_some() || !local.passwords {
            return Ok(source.is_some());
        }
        let with_passkey = local.passkeys_at.map(|host| {
            let users = Query::select()
                .column(passkey::Column::UserId)
                .from(passkey::Entity)
                .and_where(passkey::Column::Party.eq(host))
                .to_owned();
            users::Column::Id.in_subquery(users)
        });
        let has_a_way = Condition::any().add_option(with_passkey);
        let local = users::Entity::find()
            .select_only()
            .column(users::Column::Id)
            .filter(users::Column::DataSourceId.is_null())
            .filter(users::Column::CorpId.is_null())
            .filter(has_a_way.add(users::Column::PasswordHash.is_not_null()))
            .limit(1)
            .into_tuple::<Uuid>()
            .one(self.database.reader())
            .await?;
        Ok(local.is_some())
    }

    pub(super) async fn record(&self, entropy: &Entropy, now: Timestamp, record: audit::Record) -> Result<(), DbErr> {
        audit::store::insert(&self.database, entropy, now, record).await
    }
}

fn list(words: &[&str]) -> Strings {
    Strings(words.iter().map(|word| (*word).to_owned()).collect())
}
