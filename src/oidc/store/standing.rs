//! What an access token stands on: its grant, its person, its session, its portal, all in one query.

use entity::{client, oauth_grant, session, users};
use sea_orm::{ColumnTrait, DbErr, EntityTrait, JoinType, QueryFilter, QuerySelect};
use uuid::Uuid;

use super::Store;
use crate::gate::facts::Person;

/// A grant that is alive in every respect.
#[derive(Clone, Debug)]
pub struct Standing {
    /// Who.
    pub person: Person,
}

impl Store {
    /// The grant, unless it was revoked, its session ended, its person disabled or its portal switched off. A session that merely
    /// ran out does not end what was granted in it.
    pub(in crate::oidc) async fn find_standing(&self, grant: Uuid) -> Result<Option<Standing>, DbErr> {
        let to_user = oauth_grant::Entity::belongs_to(users::Entity)
            .from(oauth_grant::Column::UserId)
            .to(users::Column::Id);
        let to_session = oauth_grant::Entity::belongs_to(session::Entity)
            .from(oauth_grant::Column::SessionId)
            .to(session::Column::Id);
        let to_client = oauth_grant::Entity::belongs_to(client::Entity)
            .from(oauth_grant::Column::ClientId)
            .to(client::Column::Id);
        let row = oauth_grant::Entity::find_by_id(grant)
            .join(JoinType::InnerJoin, to_user.into())
            .join(JoinType::InnerJoin, to_session.into())
            .join(JoinType::InnerJoin, to_client.into())
            .select_also(users::Entity)
            .filter(oauth_grant::Column::RevokedAt.is_null())
            .filter(session::Column::EndedAt.is_null())
            .filter(users::Column::Status.eq("active"))
            .filter(client::Column::Enabled.eq(true))
            .one(self.database.reader())
            .await?;
        let person = row.and_then(|(_, user)| user).map(Person::try_from).transpose()?;
        Ok(person.map(|person| Standing { person }))
    }
}
