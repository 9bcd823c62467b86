//! Whom the lists of a portal let in, as a condition on the narrow table of users: what the gate looks at besides is not asked here.

use std::collections::BTreeMap;

use entity::{auth_source, data_source, department, member_search, user_group_user, users_search};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbBackend, DbErr, EntityTrait, QueryFilter, QuerySelect, QueryTrait,
    sea_query::{Expr, ExprTrait, SimpleExpr},
};
use uuid::Uuid;

use crate::directory::{store::people_search::member_is_in, user::listing::LetIn};

/// The users whom these lists let in.
pub(super) async fn condition<C: ConnectionTrait>(db: &C, lists: &LetIn) -> Result<Condition, DbErr> {
    let mut all = Condition::all();
    if let Some(auth_sources) = &lists.auth_sources {
        let sources = data_sources(db, auth_sources).await?;
        // Who came from no corp is of none of them: the gate refuses such a person wherever auth sources are listed.
        all = all.add(users_search::Column::DataSourceId.is_in(sources));
    }
    if lists.departments.is_empty() && lists.groups.is_empty() && lists.users.is_empty() {
        return Ok(all);
    }
    let mut any = Condition::any().add(users_search::Column::Id.is_in(lists.users.iter().copied()));
    if !lists.groups.is_empty() {
        any = any.add(in_groups(users_search::Column::Id, &lists.groups));
    }
    for (source, departments) in below(db, &lists.departments).await? {
        let theirs = member_search::Entity::find()
            .select_only()
            .column(member_search::Column::UserId)
            .filter(member_search::Column::DataSourceId.eq(source))
            .filter(member_search::Column::State.eq("present"))
            .filter(member_search::Column::UserId.is_not_null())
            .filter(is_in(db.get_database_backend(), &departments));
        any = any.add(users_search::Column::Id.in_subquery(theirs.into_query()));
    }
    Ok(all.add(any))
}

/// Whether the user with the id in this column is in one of these groups.
pub(super) fn in_groups(id: impl ColumnTrait, groups: &[Uuid]) -> SimpleExpr {
    let people = user_group_user::Entity::find()
        .select_only()
        .column(user_group_user::Column::UserId)
        .filter(user_group_user::Column::GroupId.is_in(groups.iter().copied()));
    id.in_subquery(people.into_query())
}

/// Whether the user of this row is linked to a member who is there and in this department itself; nobody is in one that there is not.
pub(super) async fn in_department<C: ConnectionTrait>(db: &C, id: Uuid) -> Result<SimpleExpr, DbErr> {
    let found = department::Entity::find_by_id(id).one(db).await?;
    let (source, department) = found.map_or((Uuid::nil(), 0), |found| (found.data_source_id, found.wecom_id));
    let theirs = member_search::Entity::find()
        .select_only()
        .column(member_search::Column::UserId)
        .filter(member_search::Column::DataSourceId.eq(source))
        .filter(member_search::Column::State.eq("present"))
        .filter(member_search::Column::UserId.is_not_null())
        .filter(member_is_in(department));
    Ok(users_search::Column::Id.in_subquery(theirs.into_query()))
}

/// The data sources whose people come in through these auth sources.
async fn data_sources<C: ConnectionTrait>(db: &C, auth_sources: &[Uuid]) -> Result<Vec<Uuid>, DbErr> {
    let rows = auth_source::Entity::find()
        .filter(auth_source::Column::Id.is_in(auth_sources.iter().copied()))
        .all(db)
        .await?;
    let bound = rows.iter().filter_map(|row| row.data_source_id);
    let corps = rows.iter().filter(|row| row.data_source_id.is_none());
    let corps: Vec<&str> = corps.map(|row| row.corp_id.as_str()).collect();
    let by_corp: Vec<Uuid> = data_source::Entity::find()
        .select_only()
        .column(data_source::Column::Id)
        .filter(data_source::Column::CorpKey.is_in(corps))
        .into_tuple()
        .all(db)
        .await?;
    Ok(bound.chain(by_corp).collect())
}

/// WeCom's ids of these departments and of all below them, by data source.
async fn below<C: ConnectionTrait>(db: &C, departments: &[Uuid]) -> Result<BTreeMap<Uuid, Vec<i64>>, DbErr> {
    let mut found = BTreeMap::new();
    if departments.is_empty() {
        return Ok(found);
    }
    let tops = department::Entity::find()
        .filter(department::Column::Id.is_in(departments.iter().copied()))
        .all(db)
        .await?;
    let mut wanted = Condition::any();
    for top in tops {
        let under = department::Column::Path.starts_with(top.path);
        wanted = wanted.add(department::Column::DataSourceId.eq(top.data_source_id).and(under));
    }
    let rows: Vec<(Uuid, i64)> = department::Entity::find()
        .select_only()
        .columns([department::Column::DataSourceId, department::Column::WecomId])
        .filter(wanted)
        .into_tuple()
        .all(db)
        .await?;
    for (source, id) in rows {
        found.entry(source).or_insert_with(Vec::new).push(id);
    }
    Ok(found)
}

/// Whether a member is in one of these departments. Most are in one alone, so of PostgreSQL's members only those in several have their list taken
/// apart, which takes as long as reading them all.
fn is_in(backend: DbBackend, departments: &[i64]) -> SimpleExpr {
    // Numbers alone, so nothing can be injected.
    let listed = |before: &str, behind: &str| -> String {
        let ids = departments.iter().map(|id| format!("{before}{id}{behind}"));
        ids.collect::<Vec<_>>().join(",")
    };
    Expr::cust(match backend {
        DbBackend::Postgres => format!(
            "(member_search.departments IN ({}) OR (member_search.departments LIKE ',%,%,' AND EXISTS (SELECT 1 \
             FROM unnest(string_to_array(member_search.departments, ',')) AS place(id) WHERE place.id IN ({}))))",
            listed("',", ",'"),
            listed("'", "'"),
        ),
        _ => format!(
            "EXISTS (SELECT 1 FROM json_each('[' || trim(member_search.departments, ',') || ']') AS place WHERE place.value IN ({}))",
            listed("", ""),
        ),
    })
}
