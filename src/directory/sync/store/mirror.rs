//! Loads the mirror page by page, so that no query holds a hundred thousand rows at once.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    time::Duration,
};

use entity::{department, member, tag, tag_department, tag_user, users};
use sea_orm::{ColumnTrait, Condition, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use super::{Stored, other_apps, rows, scope, sources};
use crate::{
    directory::{
        importing,
        sync::{
            mirror::{DepartmentRow, MemberRow, Mirror, TagRow, UserRow},
            run_context::BATCH,
            source::Source,
        },
    },
    kernel::{clock::Timestamp, failure::Result},
    store::Database,
};

const PAGE: u64 = 2000;

/// How far the clocks of replicas may be apart.
const AGREE: Duration = Duration::from_secs(30);

/// Members and users, who are many.
pub struct People {
    members: BTreeMap<Uuid, MemberRow>,
    users: BTreeMap<Uuid, UserRow>,
    /// Before they were read.
    at: Timestamp,
}

/// Loads members and users.
pub async fn people(db: &Database, source: &Source, now: Timestamp) -> Result<People> {
    let mut people = People {
        members: BTreeMap::new(),
        users: BTreeMap::new(),
        at: now,
    };
    members(db, source, None, &mut people.members).await?;
    users_of(db, source, None, &mut people.users).await?;
    Ok(people)
}

/// Loads everything a plan needs, members and users included.
#[cfg(test)]
pub async fn load(db: &Database, source: &Source) -> Result<Mirror> {
    let people = people(db, source, Timestamp::from_millis(0)).await?;
    complete(db, source, people).await
}

/// Loads everything else a plan needs, and reads those again who changed since they were loaded. The clocks of replicas are taken to agree
/// within [`AGREE`]; of whoever changed and is missed by that, the version tells at the latest when they would be written.
pub async fn complete(db: &Database, source: &Source, mut people: People) -> Result<Mirror> {
    let since = people.at.minus(AGREE);
    let unclear = people
        .members
        .values()
        .filter(|row| row.unconfirmed || row.doubt.is_some());
    let unclear: Vec<Uuid> = unclear.map(|row| row.id).collect();
    members(db, source, Some(since), &mut people.members).await?;
    again(db, source, &unclear, &mut people.members).await?;
    users_of(db, source, Some(since), &mut people.users).await?;
    forget_deleted(db, &mut people.users).await?;
    Ok(Mirror {
        data_source_id: source.id,
        corp_id: source.corp_id.clone(),
        corp_key: source.corp_key.clone(),
        departments: departments(db, source.id).await?,
        tags: tags(db, source.id).await?,
        app: match &source.app {
            Some(app) => Some(scope::read(db, app.id).await?),
            None => None,
        },
        whole_corp: source.contacts_secret_sealed.is_some(),
        other_apps: sources::has_other_apps(db, source).await?,
        others: other_apps::load(db, source).await?,
        doubtful_continue: source.doubtful_continue,
        import: source.import.clone(),
        vouched_domains: source.vouched_domains.clone(),
        decisions: importing::store::decisions(db.reader(), source.id).await?,
        members: people.members.into_values().collect(),
        users: people.users.into_values().collect(),
    })
}

/// The departments of a data source.
pub async fn departments(db: &Database, data_source_id: Uuid) -> Stored<Vec<DepartmentRow>> {
    let rows = department::Entity::find()
        .filter(department::Column::DataSourceId.eq(data_source_id))
        .all(db.reader())
        .await?;
    let rows = rows.into_iter().map(|row| DepartmentRow {
        id: row.id,
        wecom_id: row.wecom_id,
        parent_wecom_id: row.parent_wecom_id,
        name: row.name,
        sort_order: row.sort_order,
        path: row.path,
    });
    Ok(rows.collect())
}

/// The tags of a data source with their contents.
pub async fn tags(db: &Database, data_source_id: Uuid) -> Stored<Vec<TagRow>> {
    let rows = tag::Entity::find()
        .filter(tag::Column::DataSourceId.eq(data_source_id))
        .all(db.reader())
        .await?;
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    let mut users: HashMap<Uuid, BTreeSet<String>> = HashMap::new();
    let mut departments: HashMap<Uuid, BTreeSet<i64>> = HashMap::new();
    for ids in ids.chunks(100) {
        let filter = tag_user::Column::TagId.is_in(ids.iter().copied());
        for row in tag_user::Entity::find().filter(filter).all(db.reader()).await? {
            users.entry(row.tag_id).or_default().insert(row.userid_key);
        }
        let filter = tag_department::Column::TagId.is_in(ids.iter().copied());
        for row in tag_department::Entity::find().filter(filter).all(db.reader()).await? {
            departments.entry(row.tag_id).or_default().insert(row.department);
        }
    }
    let rows = rows.into_iter().map(|row| TagRow {
        users: users.remove(&row.id).unwrap_or_default(),
        departments: departments.remove(&row.id).unwrap_or_default(),
        id: row.id,
        wecom_id: row.wecom_id,
        name: row.name,
    });
    Ok(rows.collect())
}

/// The members of a data source, or those who changed since.
async fn members(
    db: &Database,
    source: &Source,
    since: Option<Timestamp>,
    found: &mut BTreeMap<Uuid, MemberRow>,
) -> Stored<()> {
    // Neither what a live look denies nor a doubt is a change of the person.
    let changed = since.map(|since| {
        Condition::any()
            .add(member::Column::UpdatedAt.gte(since.millis()))
            .add(member::Column::CheckedAt.eq(0))
            .add(member::Column::Doubt.is_not_null())
    });
    let wanted = Condition::all()
        .add(member::Column::DataSourceId.eq(source.id))
        .add_option(changed);
    let mut last = Uuid::nil();
    loop {
        let page = member::Entity::find()
            .filter(wanted.clone())
            .filter(member::Column::Id.gt(last))
            .order_by_asc(member::Column::Id)
            .limit(PAGE);
        let page = rows::members(db.reader(), page, source).await?;
        let Some(end) = page.last() else { return Ok(()) };
        last = end.id;
        found.extend(page.into_iter().map(|row| (row.id, row)));
    }
}

/// Reads these members again.
async fn again(db: &Database, source: &Source, ids: &[Uuid], found: &mut BTreeMap<Uuid, MemberRow>) -> Stored<()> {
    for ids in ids.chunks(BATCH) {
        let wanted = member::Column::Id.is_in(ids.iter().copied());
        let read = rows::members(db.reader(), member::Entity::find().filter(wanted), source).await?;
        found.extend(read.into_iter().map(|row| (row.id, row)));
    }
    Ok(())
}

/// Forgets users who were deleted since they were loaded.
async fn forget_deleted(db: &Database, users: &mut BTreeMap<Uuid, UserRow>) -> Stored<()> {
    let ids = users::Entity::find().select_only().column(users::Column::Id);
    let there = ids.clone().count(db.reader()).await?;
    if u64::try_from(users.len()).is_ok_and(|known| known == there) {
        return Ok(());
    }
    let ids: Vec<Uuid> = ids.into_tuple().all(db.reader()).await?;
    let ids: BTreeSet<Uuid> = ids.into_iter().collect();
    users.retain(|id, _| ids.contains(id));
    Ok(())
}

/// All users, or those who changed since.
async fn users_of(
    db: &Database,
    source: &Source,
    since: Option<Timestamp>,
    found: &mut BTreeMap<Uuid, UserRow>,
) -> Stored<()> {
    let changed = since.map(|since| users::Column::UpdatedAt.gte(since.millis()));
    let wanted = Condition::all().add_option(changed);
    let mut last = Uuid::nil();
    loop {
        let page = users::Entity::find()
            .filter(wanted.clone())
            .filter(users::Column::Id.gt(last))
            .order_by_asc(users::Column::Id)
            .limit(PAGE);
        let page = rows::users(db.reader(), page, source).await?;
        let Some(end) = page.last() else { return Ok(()) };
        last = end.id;
        found.extend(page.into_iter().map(|row| (row.id, row)));
    }
}
