//! Finds the person of a session or password sign-in: the member the session was opened for, or the user who has that password.

use std::sync::Arc;

use entity::{data_source, member, session, users, wecom_app};
use sea_orm::{ColumnTrait, DbErr, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use super::{
    Store,
    rows::Principal,
    settings::{EntryApp, EntryPoint},
};
use crate::{
    gate::facts::{AuthMethod, DataSource, Identity, Person},
    kernel::failure::Result,
    store::UniqueRow,
};

impl Store {
    /// A member with the user they are.
    pub(super) async fn member_by_userid(
        &self,
        data_source: Uuid,
        userid: &str,
    ) -> Result<Option<(member::Model, Option<users::Model>)>, DbErr> {
        member::Entity::find()
            .find_also_related(users::Entity)
            .filter(member::Column::DataSourceId.eq(data_source))
            .filter(member::Column::UseridKey.eq(userid.to_lowercase()))
            .unique_row(self.database.reader())
            .await
    }

    pub(super) async fn wecom_principal(
        &self,
        row: &session::Model,
        user: Option<users::Model>,
        member: Option<member::Model>,
    ) -> Result<(Arc<EntryPoint>, Principal)> {
        let entry_point = self.entry_point(row.auth_source_id).await?;
        // A member who was unlinked from this user, or linked to another, does not count here.
        let member = member.filter(|member| member.user_id == Some(row.user_id));
        let userid = member.as_ref().map(|member| member.userid.clone());
        let identity = userid.map_or(Identity::Outsider, |userid| Identity::Member { userid });
        let principal = Principal {
            way: AuthMethod::WeCom,
            identity,
            member,
            person: user.map(Person::try_from).transpose()?,
        };
        Ok((entry_point, principal))
    }

    /// The person of a password sign-in; their own data source takes the place of the auth source's. A user who came from a corp is a
    /// member of it or an outsider: only a user who never belonged to a corp is local.
    pub(super) async fn password_principal(&self, row: Option<users::Model>) -> Result<(Arc<EntryPoint>, Principal)> {
        let (of_source, of_corp) = row
            .as_ref()
            .map_or((None, None), |row| (row.data_source_id, row.corp_id.clone()));
        let directory = match of_source {
            Some(id) => {
                data_source::Entity::find_by_id(id)
                    .unique_row(self.database.reader())
                    .await?
            }
            None => None,
        };
        let app = match directory.as_ref().and_then(|directory| directory.app_id) {
            Some(id) => {
                wecom_app::Entity::find_by_id(id)
                    .unique_row(self.database.reader())
                    .await?
            }
            None => None,
        };
        let member = match (&row, of_source) {
            (Some(user), Some(source)) => self.member_of(user.id, source).await?,
            _ => None,
        };
        let local = row.as_ref().filter(|_| of_source.is_none() && of_corp.is_none());
        let identity = match (local, &member) {
            (Some(user), _) => Identity::Local { user: user.id },
            (None, Some(member)) => Identity::Member {
                userid: member.userid.clone(),
            },
            (None, None) => Identity::Outsider,
        };
        let entry_point = EntryPoint {
            auth_source: None,
            data_source: directory.map(DataSource::from),
            app: app.map(EntryApp::from),
        };
        let principal = Principal {
            way: AuthMethod::Password,
            identity,
            member,
            person: row.map(Person::try_from).transpose()?,
        };
        Ok((Arc::new(entry_point), principal))
    }

    async fn member_of(&self, user: Uuid, data_source: Uuid) -> Result<Option<member::Model>, DbErr> {
        let mine = member::Entity::find()
            .filter(member::Column::UserId.eq(user))
            .filter(member::Column::DataSourceId.eq(data_source));
        // Should a user ever be two members, a present one comes before a departed one.
        let mine = mine
            .order_by_desc(member::Column::State)
            .order_by_asc(member::Column::Id);
        mine.unique_row(self.database.reader()).await
    }
}
