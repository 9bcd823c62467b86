//! Reads who is listed, in the order that was asked for. Whoever has no userid or username stands behind all who have one, whichever way the list is
//! sorted: so their place is an empty text, and only the last pages look for them.

use std::collections::HashMap;

use entity::{member, member_search, users, users_search};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, QueryFilter, QuerySelect, QueryTrait, Select,
    sea_query::{Expr, ExprTrait, SelectStatement, SimpleExpr},
};
use uuid::Uuid;

use super::people::{Head, People, has_userid, listed};
use crate::{
    directory::store::people_search::{member_contains, of_member, user_contains},
    gate::{explain::model::SORTS, store::Store},
    kernel::{
        failure::Result,
        sorting::{Position, SortValue, SortedPage},
    },
    store::keyset,
};

/// Somebody, and where they stand.
type Placed = (Position, Head);

/// The member rows by which the user with the id in this column of the outer query is listed already.
fn listed_by_member(user: SimpleExpr) -> SelectStatement {
    let members = member::Entity::find().select_only().column(member::Column::Id);
    members
        .filter(has_userid())
        .filter(Expr::col((member::Entity, member::Column::UserId)).eq(user))
        .into_query()
}

/// Members of whom this holds, and whom this text finds, or whose users it finds.
fn found_members(text: &str, holds: Condition) -> Select<member_search::Entity> {
    use member_search::Column;
    let users = users_search::Entity::find()
        .select_only()
        .column(users_search::Column::Id)
        .filter(user_contains(text));
    let found = Condition::any()
        .add(member_contains(text))
        .add(Column::UserId.in_subquery(users.into_query()));
    member_search::Entity::find().filter(found).filter(of_member(holds))
}

/// Those of these members whom `search` finds, as a page of them needs it.
fn members(search: Option<&str>, holds: Condition, page: &SortedPage) -> Select<member::Entity> {
    let wanted = match search {
        None => holds,
        Some(text) => {
            let ids = keyset::ids(found_members(text, holds), member_search::Column::Id, page);
            Condition::all().add(member::Column::Id.in_subquery(ids))
        }
    };
    member::Entity::find().filter(wanted)
}

/// Users who are no members, whom `search` finds; none beyond this id.
fn others(search: Option<&str>, last: Option<Uuid>, page: &SortedPage) -> Select<users::Entity> {
    let wanted = match search {
        None => {
            let own = Expr::col((users::Entity, users::Column::Id));
            Condition::all()
                .add(Expr::exists(listed_by_member(own)).not())
                .add_option(last.map(|last| until(users::Column::Id, last, page)))
        }
        Some(text) => {
            use users_search::Column;
            let own = Expr::col((users_search::Entity, Column::Id));
            let found = users_search::Entity::find()
                .filter(user_contains(text))
                .filter(Expr::exists(listed_by_member(own)).not())
                .filter(Condition::all().add_option(last.map(|last| until(Column::Id, last, page))));
            Condition::all().add(users::Column::Id.in_subquery(keyset::ids(found, Column::Id, page)))
        }
    };
    users::Entity::find().filter(wanted)
}

/// No further than this id, whichever way the list goes.
fn until(id: impl ColumnTrait, last: Uuid, page: &SortedPage) -> SimpleExpr {
    match page.sort.descending {
        true => id.gte(last),
        false => id.lte(last),
    }
}

/// Where somebody stands by this text.
const fn at(text: String, id: Uuid) -> Position {
    Position {
        value: SortValue::Text(text),
        id,
    }
}

/// Whether a page begins among those who have nothing to be sorted by.
fn is_behind_all(page: &SortedPage) -> bool {
    let behind = |after: &Position| matches!(&after.value, SortValue::Text(text) if text.is_empty());
    page.after.as_ref().is_some_and(behind)
}

/// What is left of a page for them, after so many who have something; none: nothing.
fn rest(page: &SortedPage, shown: usize) -> Option<SortedPage> {
    let limit = page.limit.checked_sub(u64::try_from(shown).ok()?)?;
    let after = page.after.as_ref().filter(|_| is_behind_all(page));
    Some(SortedPage {
        sort: SORTS.unasked(),
        after: after.map(|after| Position {
            value: SortValue::Id,
            id: after.id,
        }),
        limit,
    })
}

fn member_head(row: member::Model) -> Head {
    Head::Member(Box::new(row))
}

impl Store {
    /// The people of a page of this list, whom `search` finds by a name, username, userid, alias or e-mail address.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(in crate::gate) async fn people(&self, search: Option<&str>, page: &SortedPage) -> Result<People> {
        let (mut placed, others) = match page.sort.by {
            "userid" => self.by_userids(search, page).await?,
            "username" => self.by_usernames(search, page).await?,
            _ => self.by_ids(search, page).await?,
        };
        let most = usize::try_from(page.limit).unwrap_or(usize::MAX);
        let more = placed.len() > most;
        placed.truncate(most);
        let (places, heads): (Vec<Position>, Vec<Head>) = placed.into_iter().unzip();
        let others = others.into_iter().map(|row| (row.id, row)).collect();
        Ok(People {
            next: places.last().filter(|_| more).cloned(),
            places,
            ..self.complete(heads, others).await?
        })
    }

    async fn by_ids(&self, search: Option<&str>, page: &SortedPage) -> Result<(Vec<Placed>, Vec<users::Model>)> {
        let reader = self.database.reader();
        let by_id = (member::Column::Id, member::Column::Id);
        let rows = keyset::sorted(reader, members(search, listed(), page), by_id, page).await?;
        // Of those who are no members nobody is shown beyond a full page of members.
        let full = usize::try_from(page.fetch()).is_ok_and(|fetched| rows.len() >= fetched);
        let last = rows.last().filter(|_| full).map(|row| row.id);
        let by_id = (users::Column::Id, users::Column::Id);
        let others = keyset::sorted(reader, others(search, last, page), by_id, page).await?;
        let mut heads: Vec<Head> = rows.into_iter().map(member_head).collect();
        heads.extend(others.iter().map(|row| Head::User(row.id)));
        heads.sort_by_key(Head::id);
        if page.sort.descending {
            heads.reverse();
        }
        let place = |head: &Head| Position {
            value: SortValue::Id,
            id: head.id(),
        };
        Ok((heads.into_iter().map(|head| (place(&head), head)).collect(), others))
    }

    async fn by_userids(&self, search: Option<&str>, page: &SortedPage) -> Result<(Vec<Placed>, Vec<users::Model>)> {
        let reader = self.database.reader();
        let mut placed: Vec<Placed> = Vec::new();
        if !is_behind_all(page) {
            let columns = (member::Column::Id, member::Column::UseridKey);
            let rows = keyset::sorted(reader, members(search, listed(), page), columns, page).await?;
            let place = |row: &member::Model| at(row.userid_key.clone(), row.id);
            placed.extend(rows.into_iter().map(|row| (place(&row), member_head(row))));
        }
        let Some(rest) = rest(page, placed.len()) else {
            return Ok((placed, Vec::new()));
        };
        let by_id = (users::Column::Id, users::Column::Id);
        let others = keyset::sorted(reader, others(search, None, &rest), by_id, &rest).await?;
        let behind = others.iter().map(|row| (at(String::new(), row.id), Head::User(row.id)));
        placed.extend(behind);
        Ok((placed, others))
    }

    async fn by_usernames(&self, search: Option<&str>, page: &SortedPage) -> Result<(Vec<Placed>, Vec<users::Model>)> {
        let reader = self.database.reader();
        let (mut placed, mut named) = (Vec::new(), Vec::new());
        if !is_behind_all(page) {
            (placed, named) = self.named(search, page).await?;
        }
        let Some(rest) = rest(page, placed.len()) else {
            return Ok((placed, named));
        };
        let nobodys = listed().add(member::Column::UserId.is_null());
        let by_id = (member::Column::Id, member::Column::Id);
        let rows = keyset::sorted(reader, members(search, nobodys, &rest), by_id, &rest).await?;
        let place = |row: &member::Model| at(String::new(), row.id);
        placed.extend(rows.into_iter().map(|row| (place(&row), member_head(row))));
        Ok((placed, named))
    }

    /// Users by their names, each with the members they are.
    async fn named(&self, search: Option<&str>, page: &SortedPage) -> Result<(Vec<Placed>, Vec<users::Model>)> {
        let reader = self.database.reader();
        let descending = page.sort.descending;
        let wanted = Condition::all().add_option(search.map(|text| {
            let of_members = found_members(text, listed())
                .select_only()
                .column(member_search::Column::UserId);
            let of_members = of_members.filter(member_search::Column::UserId.is_not_null());
            let own = users_search::Entity::find()
                .select_only()
                .column(users_search::Column::Id)
                .filter(user_contains(text));
            Condition::any()
                .add(users::Column::Id.in_subquery(of_members.into_query()))
                .add(users::Column::Id.in_subquery(own.into_query()))
        }));
        // Whoever stood last may be more members than the page before had room for.
        let from_last = SortedPage {
            sort: page.sort,
            after: page.after.clone().map(|after| Position {
                id: if descending { Uuid::max() } else { Uuid::nil() },
                ..after
            }),
            limit: page.fetch(),
        };
        let columns = (users::Column::Id, users::Column::UsernameKey);
        let rows = keyset::sorted(reader, users::Entity::find().filter(wanted), columns, &from_last).await?;
        let ids = rows.iter().map(|row| row.id);
        let theirs = listed().add(member::Column::UserId.is_in(ids));
        let mut found: HashMap<Uuid, Vec<Head>> = HashMap::new();
        for row in members(search, theirs, page).all(reader).await? {
            found
                .entry(row.user_id.unwrap_or_default())
                .or_default()
                .push(member_head(row));
        }
        let mut placed: Vec<Placed> = Vec::new();
        for user in &rows {
            let mut heads = found.remove(&user.id).unwrap_or_else(|| vec![Head::User(user.id)]);
            heads.sort_by_key(Head::id);
            if descending {
                heads.reverse();
            }
            let each = heads
                .into_iter()
                .map(|head| (at(user.username_key.clone(), head.id()), head));
            placed.extend(each.filter(|(place, _)| is_behind(place, page)));
        }
        placed.truncate(usize::try_from(page.fetch()).unwrap_or(usize::MAX));
        Ok((placed, rows))
    }
}

/// Whether somebody stands behind where the page begins, who has the same name or one that comes later.
fn is_behind(place: &Position, page: &SortedPage) -> bool {
    let Some(after) = page.after.as_ref().filter(|after| after.value == place.value) else {
        return true;
    };
    match page.sort.descending {
        true => place.id < after.id,
        false => place.id > after.id,
    }
}
