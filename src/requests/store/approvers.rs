//! Who may decide about the requests of a data source, as the database says it now.

use entity::{data_source, member, users, wecom_app};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait,
};
use uuid::Uuid;

use crate::{kernel::clock::Timestamp, store::Database};

/// A user, as far as they may decide.
#[derive(Clone, Debug)]
pub(in crate::requests) struct Standing {
    /// Row id.
    pub(in crate::requests) user: Uuid,
    /// What they are called.
    pub(in crate::requests) name: String,
    /// The word of their console role.
    pub(in crate::requests) role: Option<String>,
    /// A named approver of the data source.
    pub(in crate::requests) named: bool,
}

/// Whether somebody of this standing may decide: with a console role that starts syncs and edits users, or as a named approver.
pub(in crate::requests) fn may_decide(standing: &Standing) -> bool {
    standing.named || standing.role.as_deref().is_some_and(|role| ROLES.contains(&role))
}

/// Console roles that decide.
const ROLES: [&str; 3] = ["owner", "admin", "operator"];

/// The member IDs of those who decide about requests of this data source and are members of it.
pub(in crate::requests) async fn deciding_members<C: ConnectionTrait>(
    tx: &C,
    data_source: Uuid,
    now: Timestamp,
) -> Result<Vec<String>, DbErr> {
    let source = data_source::Entity::find_by_id(data_source).one(tx).await?;
    let named = source.map(|source| source.approvers.0).unwrap_or_default();
    let named: Vec<Uuid> = named.iter().filter_map(|id| id.parse().ok()).collect();
    let not_over = Condition::any()
        .add(users::Column::AccessUntil.is_null())
        .add(users::Column::AccessUntil.gt(now.millis()));
    let deciding = users::Entity::find()
        .select_only()
        .column(users::Column::Id)
        .filter(users::Column::Status.eq("active"))
        .filter(not_over)
        .filter(
            Condition::any()
                .add(users::Column::ConsoleRole.is_in(ROLES))
                .add(users::Column::Id.is_in(named)),
        );
    member::Entity::find()
        .select_only()
        .column(member::Column::Userid)
        .filter(member::Column::DataSourceId.eq(data_source))
        .filter(member::Column::State.eq("present"))
        .filter(member::Column::Doubt.is_null())
        .filter(member::Column::UserId.in_subquery(deciding.into_query()))
        .order_by_asc(member::Column::Id)
        .into_tuple()
        .all(tx)
        .await
}

/// The standing of a user at a data source; `None`: there is no such user, or they are out.
pub(in crate::requests) async fn person(
    db: &Database,
    user: Uuid,
    data_source: Uuid,
    now: Timestamp,
) -> Result<Option<Standing>, DbErr> {
    let Some(row) = users::Entity::find_by_id(user).one(db.reader()).await? else {
        return Ok(None);
    };
    let over = row.access_until.is_some_and(|until| until <= now.millis());
    if row.status != "active" || over {
        return Ok(None);
    }
    let source = data_source::Entity::find_by_id(data_source).one(db.reader()).await?;
    let id = user.to_string();
    Ok(Some(Standing {
        user,
        name: row.display_name.unwrap_or(row.username),
        role: row.console_role,
        named: source.is_some_and(|source| source.approvers.0.contains(&id)),
    }))
}

/// The user who is this member: they are there, active and not in doubt.
pub(in crate::requests) async fn user_of_member(
    db: &Database,
    data_source: Uuid,
    userid: &str,
) -> Result<Option<Uuid>, DbErr> {
    let user: Option<Option<Uuid>> = member::Entity::find()
        .select_only()
        .column(member::Column::UserId)
        .filter(member::Column::DataSourceId.eq(data_source))
        .filter(member::Column::UseridKey.eq(userid.to_lowercase()))
        .filter(member::Column::State.eq("present"))
        .filter(member::Column::Doubt.is_null())
        .into_tuple()
        .one(db.reader())
        .await?;
    Ok(user.flatten())
}

/// Whether this corp has an app of this AgentId here, in the mode of a data source: ids of a suite are not those of the company's own apps.
pub(in crate::requests) async fn is_app(
    db: &Database,
    (corp_id, agent_id): (&str, i64),
    data_source: Uuid,
) -> Result<bool, DbErr> {
    let Some(source) = data_source::Entity::find_by_id(data_source).one(db.reader()).await? else {
        return Ok(false);
    };
    let in_mode = match source.suite {
        Some(suite) => wecom_app::Column::Suite.eq(suite),
        None => wecom_app::Column::Suite.is_null(),
    };
    let found = wecom_app::Entity::find()
        .filter(in_mode)
        .filter(wecom_app::Column::CorpId.eq(corp_id))
        .filter(wecom_app::Column::AgentId.eq(agent_id))
        .count(db.reader());
    Ok(found.await? > 0)
}
