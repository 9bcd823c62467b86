//! Queries for counting the members inside visible scopes, page by page.

use std::collections::{HashMap, HashSet};

use entity::{data_source, json::Numbers, member, wecom_app};
use sea_orm::{
    ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select,
    sea_query::{Expr, ExprTrait},
};
use uuid::Uuid;

use super::{mirror, other_apps, scope};
use crate::{
    directory::sync::{
        run_context::BATCH,
        scope_tally::{CorpScopes, Placed, Tally},
    },
    kernel::failure::Result,
    store::{Database, database::unreadable},
};

const PAGE: u64 = 2000;

/// Loads the scopes of the apps of a data source's corp; `None`: there is no such data source.
pub async fn load(db: &Database, data_source: Uuid) -> Result<Option<CorpScopes>> {
    let Some(source) = data_source::Entity::find_by_id(data_source).one(db.reader()).await? else {
        return Ok(None);
    };
    let ids: Vec<Uuid> = wecom_app::Entity::find()
        .select_only()
        .column(wecom_app::Column::Id)
        .filter(wecom_app::Column::CorpId.eq(&source.corp_id))
        .filter(other_apps::in_mode(source.suite))
        .order_by_asc(wecom_app::Column::Id)
        .into_tuple()
        .all(db.reader())
        .await?;
    let mut apps = Vec::new();
    for id in ids {
        apps.push(scope::read(db, id).await?);
    }
    Ok(Some(CorpScopes {
        integration: source.app_id,
        whole_corp: source.contacts_secret_sealed.is_some(),
        apps,
        departments: mirror::departments(db, data_source).await?,
        tags: mirror::tags(db, data_source).await?,
    }))
}

/// The next members of a data source after this one, in the order of their ids; none: that was the last.
pub async fn members(db: &Database, data_source: Uuid, after: Uuid) -> Result<Vec<Placed>> {
    let page = present(data_source)
        .filter(member::Column::Id.gt(after))
        .order_by_asc(member::Column::Id)
        .limit(PAGE);
    placed(db, page).await
}

/// Those of the members of a data source who have these keys.
pub async fn named(db: &Database, data_source: Uuid, keys: &[String]) -> Result<Vec<Placed>> {
    let mut found = Vec::new();
    for keys in keys.chunks(BATCH) {
        let named = member::Column::UseridKey.is_in(keys.iter().cloned());
        found.extend(placed(db, present(data_source).filter(named)).await?);
    }
    Ok(found)
}

/// How many members of a data source have which departments: of a large corp these are far fewer rows than members.
pub async fn by_departments(db: &Database, data_source: Uuid) -> Result<HashMap<Vec<i64>, i64>> {
    let departments = || Expr::col(member::Column::Departments).cast_as("text");
    let rows: Vec<(String, i64)> = present(data_source)
        .select_only()
        .expr(departments())
        .expr(member::Column::Id.count())
        .group_by(departments())
        .into_tuple()
        .all(db.reader())
        .await?;
    let mut found = HashMap::new();
    for (departments, members) in rows {
        let departments = serde_json::from_str(&departments).map_err(|_| unreadable("member.departments"))?;
        // Written in two ways these are still the same.
        *found.entry(departments).or_default() += members;
    }
    Ok(found)
}

fn present(data_source: Uuid) -> Select<member::Entity> {
    member::Entity::find()
        .filter(member::Column::DataSourceId.eq(data_source))
        .filter(member::Column::State.eq("present"))
}

async fn placed(db: &Database, members: Select<member::Entity>) -> Result<Vec<Placed>> {
    let rows: Vec<(Uuid, String, Numbers)> = members
        .select_only()
        .columns([
            member::Column::Id,
            member::Column::UseridKey,
            member::Column::Departments,
        ])
        .into_tuple()
        .all(db.reader())
        .await?;
    let rows = rows.into_iter().map(|(id, key, departments)| Placed {
        id,
        key,
        departments: departments.0,
    });
    Ok(rows.collect())
}

/// Keeps what was counted, where it differs.
pub async fn write(db: &Database, tallies: &[Tally]) -> Result<()> {
    for tally in tallies {
        let row = wecom_app::Entity::find_by_id(tally.app).one(db.reader()).await?;
        let same = |row: &wecom_app::Model| {
            (row.scope_members, row.scope_outside, row.scope_outside_lines)
                == (tally.members, tally.outside, tally.lines)
        };
        if row.as_ref().is_none_or(same) {
            continue;
        }
        wecom_app::Entity::update_many()
            .col_expr(wecom_app::Column::ScopeMembers, Expr::value(tally.members))
            .col_expr(wecom_app::Column::ScopeOutside, Expr::value(tally.outside))
            .col_expr(wecom_app::Column::ScopeOutsideLines, Expr::value(tally.lines))
            .filter(wecom_app::Column::Id.eq(tally.app))
            .exec(db.writer())
            .await?;
    }
    Ok(())
}

/// How a member is shown.
pub struct Described {
    /// In WeCom's letter case.
    pub userid: String,
    /// Null where WeCom gave none.
    pub name: Option<String>,
    /// The linked user.
    pub user_id: Option<Uuid>,
}

/// How these members (a page of them) are shown.
pub async fn describe(db: &Database, ids: Vec<Uuid>) -> Result<HashMap<Uuid, Described>> {
    let rows = member::Entity::find()
        .filter(member::Column::Id.is_in(ids))
        .all(db.reader())
        .await?;
    let described = rows.into_iter().map(|row| {
        let described = Described {
            userid: row.userid,
            name: row.name,
            user_id: row.user_id,
        };
        (row.id, described)
    });
    Ok(described.collect())
}

/// Those of these keys of userids that no member of the data source has.
pub async fn unknown(db: &Database, data_source: Uuid, keys: Vec<String>) -> Result<HashSet<String>> {
    let mut unknown: HashSet<String> = keys.iter().cloned().collect();
    for keys in keys.chunks(500) {
        let known: HashSet<String> = HashSet::from_iter(
            member::Entity::find()
                .select_only()
                .column(member::Column::UseridKey)
                .filter(member::Column::DataSourceId.eq(data_source))
                .filter(member::Column::State.eq("present"))
                .filter(member::Column::UseridKey.is_in(keys.iter().cloned()))
                .into_tuple::<String>()
                .all(db.reader())
                .await?,
        );
        unknown.retain(|key| !known.contains(key));
    }
    Ok(unknown)
}
