//! What an access token stands on: its grant, its person, its session, its portal, all in one query.

use entity::{client, oauth_grant, session, users};
use sea_orm::{
    ColumnTrait, DbErr, EntityTrait, FromQueryResult, IdenStatic, Iterable, JoinType, QueryFilter, QueryResult,
    QuerySelect, Select,
};
use uuid::Uuid;

use super::{Store, clients::client_of};
use crate::{
    gate::facts::Person,
    oidc::{client::Client, terms::Terms},
    store::database::unreadable,
};

/// A grant that is alive in every respect.
#[derive(Clone, Debug)]
pub struct Standing {
    /// Who.
    pub person: Person,
    /// The member they signed in as.
    pub member: Option<Uuid>,
    /// Which portal.
    pub client: Client,
    /// Agreed besides the scope.
    pub terms: Terms,
}

/// The rows of one answer.
struct Rows {
    user: users::Model,
    client: client::Model,
    member: Option<Uuid>,
    terms: sea_orm::JsonValue,
}

impl FromQueryResult for Rows {
    fn from_query_result(row: &QueryResult, _: &str) -> Result<Self, DbErr> {
        Ok(Self {
            user: users::Model::from_query_result(row, "u_")?,
            client: client::Model::from_query_result(row, "c_")?,
            member: row.try_get("", "member_id")?,
            terms: row.try_get("", "terms")?,
        })
    }
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
        let select = oauth_grant::Entity::find_by_id(grant)
            .join(JoinType::InnerJoin, to_user.into())
            .join(JoinType::InnerJoin, to_session.into())
            .join(JoinType::InnerJoin, to_client.into())
            .filter(oauth_grant::Column::RevokedAt.is_null())
            .filter(session::Column::EndedAt.is_null())
            .filter(users::Column::Status.eq("active"))
            .filter(client::Column::Enabled.eq(true))
            .select_only()
            .column(oauth_grant::Column::Terms)
            .column(session::Column::MemberId);
        let select = all_columns::<users::Entity>(select, "u_");
        let select = all_columns::<client::Entity>(select, "c_");
        let rows = select.into_model::<Rows>().one(self.database.reader()).await?;
        rows.map(standing).transpose()
    }
}

/// Two of the tables have columns of the same name, hence the prefixes.
fn all_columns<E: EntityTrait>(select: Select<oauth_grant::Entity>, prefix: &str) -> Select<oauth_grant::Entity> {
    E::Column::iter().fold(select, |select, column| {
        select.column_as(column, format!("{prefix}{}", column.as_str()))
    })
}

fn standing(rows: Rows) -> Result<Standing, DbErr> {
    Ok(Standing {
        person: Person::try_from(rows.user)?,
        member: rows.member,
        client: client_of(rows.client)?,
        terms: serde_json::from_value(rows.terms).map_err(|_| unreadable("oauth_grant.terms"))?,
    })
}
