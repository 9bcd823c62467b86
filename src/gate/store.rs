//! Where the gate's facts come from.

use std::time::Duration;

use entity::{
    auth_source, client, data_source, department, member, scope_entry, session, tag, tag_department, tag_user, users,
    wecom_app,
};
use sea_orm::{ColumnTrait, Condition, DbErr, EntityTrait, QueryFilter, QuerySelect, sea_query::Expr};
use uuid::Uuid;

use super::admit::Denied;
use super::facts::{AuthSource, CachedScope, DataSource, Facts, Identity, Live, Member, Person, Portal, Session};
use crate::{
    audit,
    directory::user::store::particulars_of,
    kernel::{clock::Timestamp, entropy::Entropy, failure::Result},
    store::Database,
};

/// Queries of the gate.
#[derive(Clone, Debug)]
pub struct Store {
    database: Database,
}

/// The door with all that hangs on it.
struct Door {
    auth_source: Option<AuthSource>,
    data_source: Option<DataSource>,
    app: Option<wecom_app::Model>,
}

impl Store {
    pub(super) const fn new(database: Database) -> Self {
        Self { database }
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
        let door = self.door(Some(auth_source)).await?;
        let member = match (&identity, &door.data_source) {
            (Identity::Member { userid }, Some(directory)) => self.member_by_userid(directory.id, userid).await?,
            _ => None,
        };
        let person = match member.as_ref().and_then(|member| member.user_id) {
            Some(user) => self.person(user).await?,
            None => None,
        };
        self.assemble(now, (portal, door), identity, (member, person), None)
            .await
    }

    /// `refresh`: a session past its natural end still counts, one that was ended does not.
    pub(super) async fn facts_of_session(
        &self,
        now: Timestamp,
        session: Uuid,
        portal: Uuid,
        refresh: bool,
    ) -> Result<Facts> {
        let row = session::Entity::find_by_id(session)
            .one(self.database.reader())
            .await?
            .ok_or_else(|| {
                super::failure::GateFailure::SessionEnded
                    .failure()
                    .cause("session row is missing")
            })?;
        let portal = self.portal(portal).await?;
        let door = self.door(row.auth_source_id).await?;
        let member = match row.member_id {
            Some(id) => member::Entity::find_by_id(id).one(self.database.reader()).await?,
            None => None,
        };
        let person = self.person(row.user_id).await?;
        // A member who was unlinked from this user, or linked to another, vouches for nobody here.
        let member = member.filter(|member| member.user_id == Some(row.user_id));
        let userid = member.as_ref().map(|member| member.userid.clone());
        let identity = userid.map_or(Identity::Outsider, |userid| Identity::Member { userid });
        let alive = row.ended_at.is_none() && (refresh || row.expires_at > now.millis());
        let view = Session {
            id: row.id,
            auth_time: Timestamp::from_millis(row.auth_time),
            amr: row.amr.0,
            alive,
        };
        self.assemble(now, (portal, door), identity, (member, person), Some(view))
            .await
    }

    async fn assemble(
        &self,
        now: Timestamp,
        (portal, door): (Portal, Door),
        identity: Identity,
        (member, person): (Option<member::Model>, Option<Person>),
        session: Option<Session>,
    ) -> Result<Facts> {
        let lineage = match &member {
            Some(member) => self.lineage(member).await?,
            None => Vec::new(),
        };
        let cached_scope = match (&door.app, &member) {
            (Some(app), Some(member)) => self.cached_scope(app, member, &lineage).await?,
            _ => CachedScope::Unknown,
        };
        let member = member.map(|row| Member {
            id: row.id,
            userid: row.userid,
            present: row.state == "present",
            status: row.status,
            departments: lineage.iter().map(|department| department.0).collect(),
            checked_at: Timestamp::from_millis(row.checked_at),
        });
        Ok(Facts {
            now,
            portal,
            auth_source: door.auth_source,
            data_source: door.data_source,
            identity,
            member,
            person,
            cached_scope,
            live: Live::NotAsked,
            session,
        })
    }

    async fn portal(&self, id: Uuid) -> Result<Portal> {
        let row = client::Entity::find_by_id(id)
            .one(self.database.reader())
            .await?
            .ok_or_else(|| {
                super::failure::GateFailure::PortalDisabled
                    .failure()
                    .cause("client row is missing")
            })?;
        Ok(Portal {
            id: row.id,
            client_id: row.client_id,
            enabled: row.enabled,
            auth_sources: row.auth_sources.map(|list| ids(&list.0)),
            departments: ids(&row.allowed_departments.0),
            users: ids(&row.allowed_users.0),
            membership_max_age: Duration::from_secs(u64::try_from(row.membership_max_age).unwrap_or(0)),
        })
    }

    /// The data source is the one named by the auth source, or else the one with the same corp ID.
    async fn door(&self, auth_source: Option<Uuid>) -> Result<Door> {
        let nothing = Door {
            auth_source: None,
            data_source: None,
            app: None,
        };
        let Some(id) = auth_source else { return Ok(nothing) };
        let Some(row) = auth_source::Entity::find_by_id(id).one(self.database.reader()).await? else {
            return Ok(nothing);
        };
        let bound = match row.data_source_id {
            Some(id) => data_source::Column::Id.eq(id),
            None => data_source::Column::CorpId.eq(row.corp_id.clone()),
        };
        let directory = data_source::Entity::find()
            .filter(bound)
            .one(self.database.reader())
            .await?;
        let app = wecom_app::Entity::find_by_id(row.app_id)
            .one(self.database.reader())
            .await?;
        Ok(Door {
            auth_source: Some(AuthSource {
                id: row.id,
                enabled: row.enabled,
                corp_id: row.corp_id,
            }),
            data_source: directory.map(|row| DataSource {
                id: row.id,
                corp_id: row.corp_id,
                enabled: row.enabled,
                login_wecom: row.login_wecom,
            }),
            app,
        })
    }

    async fn member_by_userid(&self, data_source: Uuid, userid: &str) -> Result<Option<member::Model>, DbErr> {
        member::Entity::find()
            .filter(member::Column::DataSourceId.eq(data_source))
            .filter(member::Column::UseridKey.eq(userid.to_lowercase()))
            .one(self.database.reader())
            .await
    }

    async fn person(&self, id: Uuid) -> Result<Option<Person>, DbErr> {
        let row = users::Entity::find_by_id(id).one(self.database.reader()).await?;
        row.map(Person::try_from).transpose()
    }

    /// Our id and WeCom's id of each department of the member and of all above them.
    async fn lineage(&self, member: &member::Model) -> Result<Vec<(Uuid, i64)>, DbErr> {
        if member.departments.0.is_empty() {
            return Ok(Vec::new());
        }
        let of_source = department::Column::DataSourceId.eq(member.data_source_id);
        let paths: Vec<String> = department::Entity::find()
            .select_only()
            .column(department::Column::Path)
            .filter(of_source.clone())
            .filter(department::Column::WecomId.is_in(member.departments.0.iter().copied()))
            .into_tuple()
            .all(self.database.reader())
            .await?;
        let above: Vec<i64> = paths
            .iter()
            .flat_map(|path| path.split('/'))
            .filter_map(|id| id.parse().ok())
            .collect();
        department::Entity::find()
            .select_only()
            .columns([department::Column::Id, department::Column::WecomId])
            .filter(of_source)
            .filter(department::Column::WecomId.is_in(above))
            .into_tuple()
            .all(self.database.reader())
            .await
    }

    /// Reference 4.2: members picked, departments with their subtrees, tags with their members and departments' subtrees.
    async fn cached_scope(
        &self,
        app: &wecom_app::Model,
        member: &member::Model,
        lineage: &[(Uuid, i64)],
    ) -> Result<CachedScope, DbErr> {
        if app.scope_fetched_at.is_none() {
            return Ok(CachedScope::Unknown);
        }
        let departments: Vec<i64> = lineage.iter().map(|department| department.1).collect();
        let tags = self.tags_of(member, &departments).await?;
        let matching = |kind: &str, values: Vec<String>| {
            Condition::all()
                .add(scope_entry::Column::Kind.eq(kind))
                .add(scope_entry::Column::Value.is_in(values))
        };
        let covering = Condition::any()
            .add(matching("user", vec![member.userid_key.clone()]))
            .add(matching(
                "department",
                departments.iter().map(ToString::to_string).collect(),
            ))
            .add(matching("tag", tags.iter().map(ToString::to_string).collect()));
        let entry = scope_entry::Entity::find()
            .filter(scope_entry::Column::AppId.eq(app.id))
            .filter(covering)
            .one(self.database.reader())
            .await?;
        Ok(if entry.is_some() {
            CachedScope::Inside
        } else {
            CachedScope::Outside
        })
    }

    /// WeCom's ids of the tags that hold the member, directly or by a department.
    async fn tags_of(&self, member: &member::Model, departments: &[i64]) -> Result<Vec<i64>, DbErr> {
        let direct: Vec<Uuid> = tag_user::Entity::find()
            .select_only()
            .column(tag_user::Column::TagId)
            .filter(tag_user::Column::UseridKey.eq(&member.userid_key))
            .into_tuple()
            .all(self.database.reader())
            .await?;
        let by_department: Vec<Uuid> = tag_department::Entity::find()
            .select_only()
            .column(tag_department::Column::TagId)
            .filter(tag_department::Column::Department.is_in(departments.iter().copied()))
            .into_tuple()
            .all(self.database.reader())
            .await?;
        tag::Entity::find()
            .select_only()
            .column(tag::Column::WecomId)
            .filter(tag::Column::DataSourceId.eq(member.data_source_id))
            .filter(tag::Column::Id.is_in(direct.into_iter().chain(by_department)))
            .into_tuple()
            .all(self.database.reader())
            .await
    }

    /// WeCom confirmed the membership just now.
    pub(super) async fn confirm(&self, member: Uuid, status: Option<i32>, now: Timestamp) -> Result<(), DbErr> {
        member::Entity::update_many()
            .col_expr(member::Column::CheckedAt, Expr::value(now.millis()))
            .col_expr(member::Column::Status, Expr::value(status))
            .filter(member::Column::Id.eq(member))
            .exec(self.database.writer())
            .await
            .map(|_| ())
    }

    /// WeCom does not show the member any more: the membership is unconfirmed from now on.
    pub(super) async fn doubt(&self, member: Uuid) -> Result<(), DbErr> {
        member::Entity::update_many()
            .col_expr(member::Column::CheckedAt, Expr::value(0_i64))
            .filter(member::Column::Id.eq(member))
            .exec(self.database.writer())
            .await
            .map(|_| ())
    }

    pub(super) async fn record(&self, entropy: &Entropy, now: Timestamp, record: audit::Record) -> Result<(), DbErr> {
        audit::store::record(self.database.writer(), entropy, now, record).await
    }
}

impl TryFrom<users::Model> for Person {
    type Error = DbErr;

    fn try_from(row: users::Model) -> Result<Self, DbErr> {
        Ok(Self {
            particulars: particulars_of(&row)?,
            id: row.id,
            username: row.username,
            display_name: row.display_name,
            email: row.email,
            email_verified: row.email_verified,
            phone_number: row.phone_number,
            phone_verified: row.phone_verified,
            picture: row.picture,
            locale: row.locale,
            updated_at: Timestamp::from_millis(row.updated_at),
            active: row.status == "active",
        })
    }
}

impl From<DbErr> for Denied {
    fn from(error: DbErr) -> Self {
        Self::Failed(error.into())
    }
}

/// Ids in a JSON list; what is no id matches nothing.
fn ids(list: &[String]) -> Vec<Uuid> {
    list.iter().filter_map(|id| id.parse().ok()).collect()
}
