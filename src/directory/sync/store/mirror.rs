//! Loads the mirror page by page, so that no query holds a hundred thousand rows at once; and of these pages only what a plan needs.

use std::collections::{BTreeSet, HashMap, HashSet};

use futures_util::future::try_join;

use entity::{department, member, tag, tag_department, tag_user, users};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait, Select,
    sea_query::{Expr, ExprTrait, Func, Query},
};
use uuid::Uuid;

use super::{Stored, other_apps, rows, scope, settled::Known, sources, told};
use crate::{
    directory::{
        importing,
        sync::{
            mirror::{DepartmentRow, Mirror, Settled, TagRow, UserRow},
            plan::settled::{Settling, wants_names},
            run_context::BATCH,
            snapshot::Snapshot,
            source::Source,
        },
    },
    kernel::{clock::Timestamp, failure::Result},
    store::{Database, database::unreadable},
};

const PAGE: u64 = 2000;
/// Rows of one value.
const NARROW_PAGE: u64 = 10_000;

/// Loads everything that a plan for this snapshot, read from `at` on, needs. Whoever is settled is not needed, leaves the snapshot, and is not even read where they are
/// known to be. Nor are users who are no members, unless somebody may be one of them, or want a name that one of them has.
pub async fn load_for(
    db: &Database,
    source: &Source,
    (known, at): (Known, Timestamp),
    snapshot: &mut Snapshot,
) -> Result<Mirror> {
    let (mirror, members) = try_join(without_people(db, source, at), ids(db, source)).await?;
    mirror.complete(snapshot);
    // In a rehearsal members bear other ids than their rows.
    let settling = match source.rehearsal {
        Some(_) => None,
        None => Settling::of(&mirror, snapshot, source.rule),
    };
    let mut people = People {
        db,
        source,
        loaded: HashSet::new(),
        mirror,
    };
    if let Some(settling) = &settling {
        people.skip_known(known, settling, snapshot).await?;
    }
    people.members(members, settling.as_ref(), snapshot).await?;
    if settling.is_none() || wants_names(&people.mirror, snapshot) {
        people.others().await?;
    }
    if let Some(rehearsal) = &source.rehearsal {
        rehearsal.rename(&mut people.mirror);
    }
    Ok(people.mirror)
}

/// The mirror as it is before anybody is in it.
async fn without_people(db: &Database, source: &Source, at: Timestamp) -> Result<Mirror> {
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
        // In a rehearsal members bear other ids than were told.
        told: match source.rehearsal {
            Some(_) => Vec::new(),
            None => told::list(db, source.id, at).await?,
        },
        ..Mirror::default()
    })
}

/// Loads everything, whoever is settled.
#[cfg(test)]
pub async fn load(db: &Database, source: &Source) -> Result<Mirror> {
    let mut mirror = load_for(
        db,
        source,
        (Known::default(), Timestamp::from_millis(0)),
        &mut Snapshot::default(),
    )
    .await?;
    let loaded: HashSet<Uuid> = mirror.users.iter().map(|user| user.id).collect();
    let others = other_users(db, source).await?;
    mirror
        .users
        .extend(others.into_iter().filter(|user| !loaded.contains(&user.id)));
    Ok(mirror)
}

fn members_of(source: &Source) -> Select<member::Entity> {
    member::Entity::find().filter(member::Column::DataSourceId.eq(source.id))
}

/// The row ids of all members, a page of them as one value: rows of their own would cost many times as much.
async fn ids(db: &Database, source: &Source) -> Result<Vec<Uuid>> {
    let joined = match db.reader().get_database_backend() {
        DbBackend::Postgres => "STRING_AGG(CAST(id AS text), ',')",
        _ => "GROUP_CONCAT(HEX(id))",
    };
    let (mut found, mut last) = (Vec::new(), Uuid::nil());
    loop {
        let page = members_of(source)
            .select_only()
            .column(member::Column::Id)
            .filter(member::Column::Id.gt(last))
            .order_by_asc(member::Column::Id)
            .limit(NARROW_PAGE)
            .into_query();
        let page = Query::select()
            .expr(Expr::cust(joined))
            .from_subquery(page, "page")
            .to_owned();
        let ids = match db.reader().query_one(&page).await? {
            Some(row) => row.try_get_by_index::<Option<String>>(0)?.unwrap_or_default(),
            None => String::new(),
        };
        let before = found.len();
        for id in ids.split_terminator(',') {
            found.push(Uuid::try_parse(id).map_err(|_| unreadable("member.id"))?);
        }
        let Some(end) = found.get(before..).and_then(|page| page.iter().max()) else {
            return Ok(found);
        };
        last = *end;
    }
}

/// The users who are no member of this data source.
async fn other_users(db: &Database, source: &Source) -> Result<Vec<UserRow>> {
    // Told like this, SQLite looks for the user, rather than through all members of the data source for each of them.
    let of_source = || Expr::col((member::Entity, member::Column::DataSourceId));
    let theirs = member::Entity::find()
        .select_only()
        .column(member::Column::Id)
        .filter(Expr::col((member::Entity, member::Column::UserId)).equals((users::Entity, users::Column::Id)))
        .filter(Expr::expr(Func::coalesce([of_source(), of_source()])).eq(source.id))
        .into_query();
    let (mut found, mut last) = (Vec::new(), Uuid::nil());
    loop {
        let page = users::Entity::find()
            .filter(Expr::exists(theirs.clone()).not())
            .filter(users::Column::Id.gt(last))
            .order_by_asc(users::Column::Id)
            .limit(PAGE);
        let page = rows::users(db.reader(), page, source).await?;
        let Some(end) = page.last() else { return Ok(found) };
        last = end.id;
        found.extend(page);
    }
}

/// A mirror to which the people are being added.
struct People<'a> {
    db: &'a Database,
    source: &'a Source,
    /// Users who are in it.
    loaded: HashSet<Uuid>,
    mirror: Mirror,
}

impl People<'_> {
    /// Settles those who are known to be, unread.
    async fn skip_known(&mut self, mut known: Known, settling: &Settling, snapshot: &mut Snapshot) -> Stored<()> {
        if known.is_empty() {
            return Ok(());
        }
        let chosen: Vec<Uuid> = settling.chosen().iter().copied().collect();
        for users in chosen.chunks(BATCH) {
            let theirs: Vec<Uuid> = members_of(self.source)
                .filter(member::Column::UserId.is_in(users.iter().copied()))
                .select_only()
                .column(member::Column::Id)
                .into_tuple()
                .all(self.db.reader())
                .await?;
            known.forget(&theirs);
        }
        let settled = &mut self.mirror.settled;
        snapshot.members.retain(|key, person| {
            let found = known.find(person).filter(|_| settling.may_be(key, person));
            settled.extend(found);
            found.is_none()
        });
        Ok(())
    }

    /// Loads the other members with their users, but for those of them who prove to be settled.
    async fn members(&mut self, ids: Vec<Uuid>, settling: Option<&Settling>, snapshot: &mut Snapshot) -> Stored<()> {
        let settled: HashSet<Uuid> = self.mirror.settled.iter().map(|settled| settled.member).collect();
        let ids: Vec<Uuid> = ids.into_iter().filter(|id| !settled.contains(id)).collect();
        drop(settled);
        for ids in ids.chunks(usize::try_from(PAGE).unwrap_or(usize::MAX)) {
            self.page(ids, settling, snapshot).await?;
        }
        Ok(())
    }

    async fn page(&mut self, ids: &[Uuid], settling: Option<&Settling>, snapshot: &mut Snapshot) -> Stored<()> {
        let wanted = member::Column::Id.is_in(ids.iter().copied());
        let members = rows::members(self.db.reader(), member::Entity::find().filter(wanted), self.source).await?;
        let linked = users::Column::Id.is_in(members.iter().filter_map(|row| row.user_id));
        let users = rows::users(self.db.reader(), users::Entity::find().filter(linked), self.source).await?;
        let users: HashMap<Uuid, UserRow> = users.into_iter().map(|user| (user.id, user)).collect();
        for row in members {
            let user = row.user_id.and_then(|id| users.get(&id));
            let seen = snapshot.members.get(&row.key);
            if let (Some(settling), Some(user), Some(seen)) = (settling, user, seen)
                && settling.may_be(&row.key, seen)
                && settling.is(&row, user, seen)
            {
                self.mirror.settled.push(Settled {
                    member: row.id,
                    said: seen.digest(),
                    kept: false,
                });
                snapshot.members.remove(&row.key);
                continue;
            }
            self.mirror.members.push(row);
            if let Some(user) = user.filter(|user| self.loaded.insert(user.id)) {
                self.mirror.users.push(user.clone());
            }
        }
        Ok(())
    }

    /// Loads the other users, and the usernames of those who are settled.
    async fn others(&mut self) -> Result<()> {
        let others = other_users(self.db, self.source).await?;
        let others = others.into_iter().filter(|user| !self.loaded.contains(&user.id));
        self.mirror.users.extend(others);
        if !self.mirror.settled.is_empty() {
            self.settled_names().await?;
        }
        Ok(())
    }

    async fn settled_names(&mut self) -> Stored<()> {
        let known: HashSet<&str> = self
            .mirror
            .users
            .iter()
            .map(|user| user.username_key.as_str())
            .collect();
        let (mut names, mut last) = (Vec::new(), String::new());
        loop {
            let page: Vec<String> = users::Entity::find()
                .select_only()
                .column(users::Column::UsernameKey)
                .filter(users::Column::UsernameKey.gt(last.clone()))
                .order_by_asc(users::Column::UsernameKey)
                .limit(NARROW_PAGE)
                .into_tuple()
                .all(self.db.reader())
                .await?;
            let Some(end) = page.last() else { break };
            last.clone_from(end);
            names.extend(page.into_iter().filter(|name| !known.contains(name.as_str())));
        }
        self.mirror.settled_names = names;
        Ok(())
    }
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
