//! Queries of pairs: members with their ids before and after.

use std::collections::HashMap;

use entity::{corp_move, corp_move_pair, member};
use sea_orm::{
    ActiveValue::{Set, Unchanged},
    ColumnTrait, Condition, DbErr, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::Expr,
};
use serde_json::json;
use uuid::Uuid;

use super::planned;
use crate::{
    directory::{
        corp_move::{
            failure::MoveFailure,
            model::{CorpMove, How, Pair, PairCounts, ProvenBy},
            pairing::HeldMember,
        },
        store::Change,
        sync::snapshot::key,
    },
    kernel::{
        entity_tag::{IfMatch, PreconditionFailure},
        failure::{Failure, Result},
        pagination::{Listing, Page},
    },
    store::{
        Database,
        database::{is_unique_violation, unreadable},
        keyset,
    },
};

use corp_move_pair::{Column, Entity, Model};

/// Rows of one statement; each has eight values.
const BATCH: usize = 1000;
/// Members of one page.
const PAGE: u64 = 5000;

fn from_row(row: Model) -> Result<Pair, DbErr> {
    Ok(Pair {
        member: row.member_id,
        old: row.old_userid,
        new: row.new_userid,
        how: How::of(&row.how).ok_or_else(|| unreadable("corp_move_pair.how"))?,
        entered_at: row.entered_at,
    })
}

/// The members of a data source who are there, and whoever left and has an account that may be theirs again.
pub(in crate::directory::corp_move) async fn held(db: &Database, source: Uuid) -> Result<Vec<HeldMember>> {
    type Of = member::Column;
    let mut found = Vec::new();
    let mut last = Uuid::nil();
    loop {
        let page: Vec<(Uuid, String, String, Option<String>, String)> = member::Entity::find()
            .select_only()
            .columns([Of::Id, Of::Userid, Of::UseridKey, Of::OpenUserid, Of::State])
            .filter(member::Column::DataSourceId.eq(source))
            .filter(
                Condition::any()
                    .add(Of::State.eq("present"))
                    .add(Of::UserId.is_not_null()),
            )
            .filter(member::Column::Id.gt(last))
            .order_by_asc(member::Column::Id)
            .limit(PAGE)
            .into_tuple()
            .all(db.reader())
            .await?;
        let Some((end, ..)) = page.last() else { return Ok(found) };
        last = *end;
        // An id that somebody gave up is another's.
        let page = page
            .into_iter()
            .filter(|(_, userid, held_key, ..)| *held_key == key(userid));
        found.extend(page.map(|(id, userid, _, open_userid, state)| HeldMember {
            id,
            open_userid: open_userid.filter(|open_userid| *open_userid != userid),
            userid,
            departed: state != "present",
        }));
    }
}

/// The pairs of a move as they stand there now, by member.
pub(in crate::directory::corp_move) async fn before(db: &Database, id: Uuid) -> Result<HashMap<Uuid, Pair>> {
    let mut found = HashMap::new();
    let mut last = Uuid::nil();
    loop {
        let page = Entity::find()
            .filter(Column::MoveId.eq(id))
            .filter(Column::MemberId.gt(last))
            .order_by_asc(Column::MemberId)
            .limit(PAGE)
            .all(db.reader())
            .await?;
        let Some(end) = page.last() else { return Ok(found) };
        last = end.member_id;
        for row in page {
            found.insert(row.member_id, from_row(row)?);
        }
    }
}

/// The ids that members would have: by member, userid and key.
pub(in crate::directory::corp_move) async fn ids(db: &Database, id: Uuid) -> Result<HashMap<Uuid, (String, String)>> {
    let mut found = HashMap::new();
    let mut last = Uuid::nil();
    loop {
        let page: Vec<(Uuid, String, String)> = Entity::find()
            .select_only()
            .columns([Column::MemberId, Column::NewUserid, Column::NewKey])
            .filter(Column::MoveId.eq(id))
            .filter(Column::NewKey.is_not_null())
            .filter(Column::MemberId.gt(last))
            .order_by_asc(Column::MemberId)
            .limit(PAGE)
            .into_tuple()
            .all(db.reader())
            .await?;
        let Some((end, ..)) = page.last() else { return Ok(found) };
        last = *end;
        found.extend(page.into_iter().map(|(member, userid, key)| (member, (userid, key))));
    }
}

/// How many members are paired, by how.
pub(in crate::directory::corp_move) async fn counts(db: &Database, id: Uuid) -> Result<PairCounts> {
    let rows: Vec<(String, i64)> = Entity::find()
        .select_only()
        .column(Column::How)
        .column_as(Column::MemberId.count(), "many")
        .filter(Column::MoveId.eq(id))
        .group_by(Column::How)
        .into_tuple()
        .all(db.reader())
        .await?;
    let many = |how: How| {
        rows.iter()
            .find(|(word, _)| word == how.word())
            .map_or(0, |(_, many)| *many)
    };
    Ok(PairCounts {
        converted: many(How::Converted),
        same: many(How::Same),
        by_hand: many(How::ByHand),
        unpaired: many(How::Unpaired),
        left_out: many(How::LeftOut),
        departed: many(How::Departed),
    })
}

/// How many pairs an admin entered before that moment, milliseconds.
pub(in crate::directory::corp_move) async fn entered_before(db: &Database, id: Uuid, moment: i64) -> Result<u64> {
    let before = Condition::any()
        .add(Column::EnteredAt.is_null())
        .add(Column::EnteredAt.lt(moment));
    let entered = Entity::find()
        .filter(Column::MoveId.eq(id))
        .filter(Column::How.eq(How::ByHand.word()))
        .filter(before);
    Ok(entered.count(db.reader()).await?)
}

/// Lists the pairs of a move.
pub(in crate::directory::corp_move) async fn list(
    db: &Database,
    id: Uuid,
    how: Option<How>,
    page: Page,
) -> Result<Listing<Pair>> {
    let mut select = Entity::find().filter(Column::MoveId.eq(id));
    if let Some(how) = how {
        select = select.filter(Column::How.eq(how.word()));
    }
    let rows = keyset::oldest_first(db.reader(), select, Column::MemberId, page).await?;
    let listing = Listing::cut(rows, page, |row| row.member_id);
    let items: Result<Vec<Pair>, DbErr> = listing.items.into_iter().map(from_row).collect();
    Ok(Listing {
        items: items?,
        next_cursor: listing.next_cursor,
    })
}

/// One pair.
pub(in crate::directory::corp_move) async fn find(db: &Database, id: Uuid, member: Uuid) -> Result<Option<Pair>> {
    let row = Entity::find_by_id((id, member)).one(db.reader()).await?;
    Ok(row.map(from_row).transpose()?)
}

/// What came of pairing.
pub(in crate::directory::corp_move) struct Paired {
    pub pairs: Vec<Pair>,
    /// Whether WeCom converted ids of theirs.
    pub proven: bool,
    /// Number and words of what is wrong with them.
    pub problem: Option<(&'static str, String)>,
}

/// Keeps the pairs of a planned move, in place of those before; those that an admin entered meanwhile are asked for by `one.revision`.
///
/// # Errors
/// `AD-114` where it was edited since it was read.
pub(in crate::directory::corp_move) async fn keep(
    change: Change,
    one: &CorpMove,
    (paired, if_match): (&Paired, &IfMatch),
) -> Result<()> {
    let held = planned(&change, (one.source, one.id), if_match).await?;
    if held.revision != one.revision {
        return Err(PreconditionFailure::Changed.into());
    }
    forget(&change, one.id).await?;
    for pairs in paired.pairs.chunks(BATCH) {
        let rows = pairs.iter().map(|pair| active(one.id, pair));
        Entity::insert_many(rows)
            .exec_without_returning(change.transaction())
            .await?;
    }
    let proven_by = held.proven_by.or(paired.proven.then_some(ProvenBy::Conversion));
    let row = corp_move::ActiveModel {
        id: Unchanged(one.id),
        revision: Set(held.revision.saturating_add(1)),
        paired_at: Set(Some(change.millis())),
        proven_by: Set(proven_by.map(|proof| proof.word().to_owned())),
        conversion_problem: Set(paired.problem.as_ref().map(|(number, _)| (*number).to_owned())),
        conversion_detail: Set(paired.problem.as_ref().map(|(_, detail)| detail.clone())),
        ..Default::default()
    };
    corp_move::Entity::update(row).exec(change.transaction()).await?;
    let many = |how: How| paired.pairs.iter().filter(|pair| pair.how == how).count();
    let detail = json!({
        "action": "paired", "fields": [], "data_source_id": one.source, "converted": many(How::Converted),
        "same": many(How::Same), "by_hand": many(How::ByHand), "unpaired": many(How::Unpaired), "left_out": many(How::LeftOut),
        "proven_by": proven_by,
    });
    change.commit_with(one.subject(), detail).await
}

fn active(id: Uuid, pair: &Pair) -> corp_move_pair::ActiveModel {
    corp_move_pair::ActiveModel {
        move_id: Set(id),
        member_id: Set(pair.member),
        old_userid: Set(pair.old.clone()),
        old_key: Set(key(&pair.old)),
        new_userid: Set(pair.new.clone()),
        new_key: Set(pair.new.as_deref().map(key)),
        how: Set(pair.how.word().to_owned()),
        entered_at: Set(pair.entered_at),
    }
}

/// Enters who a member is, or that nobody is.
///
/// # Errors
/// `MV-107` where somebody else is that already.
pub(in crate::directory::corp_move) async fn enter(
    change: Change,
    (one, before): (&CorpMove, &Pair),
    (new, if_match): (Option<String>, &IfMatch),
) -> Result<()> {
    let held = planned(&change, (one.source, one.id), if_match).await?;
    let how = if new.is_some() { How::ByHand } else { How::LeftOut };
    let row = active(
        one.id,
        &Pair {
            new: new.clone(),
            how,
            entered_at: Some(change.millis()),
            ..before.clone()
        },
    );
    if let Some(new) = &new {
        let other = Entity::find()
            .filter(Column::MoveId.eq(one.id))
            .filter(Column::NewKey.eq(key(new)))
            .filter(Column::MemberId.ne(before.member))
            .one(change.transaction())
            .await?;
        if let Some(other) = other {
            return Err(MoveFailure::UseridTaken.failure().detail(other.old_userid));
        }
    }
    let row = corp_move_pair::ActiveModel {
        move_id: Unchanged(one.id),
        member_id: Unchanged(before.member),
        ..row
    };
    Entity::update(row).exec(change.transaction()).await.map_err(taken)?;
    corp_move::Entity::update_many()
        .col_expr(
            corp_move::Column::Revision,
            Expr::value(held.revision.saturating_add(1)),
        )
        .filter(corp_move::Column::Id.eq(one.id))
        .exec(change.transaction())
        .await?;
    let detail = json!({
        "action": "pair_entered", "fields": ["userid"], "data_source_id": one.source, "member_id": before.member,
        "before": { "userid": before.new }, "after": { "userid": new },
    });
    change.commit_with(one.subject(), detail).await
}

fn taken(error: DbErr) -> Failure {
    match is_unique_violation(&error) {
        true => MoveFailure::UseridTaken.failure().cause(error),
        false => error.into(),
    }
}

/// Forgets the pairs of a move.
pub(super) async fn forget(change: &Change, id: Uuid) -> Result<(), DbErr> {
    Entity::delete_many()
        .filter(Column::MoveId.eq(id))
        .exec(change.transaction())
        .await
        .map(drop)
}

/// Adds pairs of people who joined since, but of those whose id at the suite is somebody's already.
pub(super) async fn add(change: &Change, id: Uuid, pairs: &[Pair]) -> Result<(), DbErr> {
    for pairs in pairs.chunks(BATCH) {
        let olds = pairs.iter().map(|pair| key(&pair.old));
        let news = pairs.iter().filter_map(|pair| pair.new.as_deref().map(key));
        let held = Condition::any()
            .add(Column::OldKey.is_in(olds))
            .add(Column::NewKey.is_in(news));
        let held: Vec<(String, Option<String>)> = Entity::find()
            .select_only()
            .columns([Column::OldKey, Column::NewKey])
            .filter(Column::MoveId.eq(id))
            .filter(held)
            .into_tuple()
            .all(change.transaction())
            .await?;
        let is_free = |pair: &&Pair| {
            let (old, new) = (key(&pair.old), pair.new.as_deref().map(key));
            held.iter()
                .all(|(held_old, held_new)| *held_old != old && *held_new != new)
        };
        let free = pairs.iter().filter(is_free);
        let rows: Vec<_> = free.map(|pair| active(id, pair)).collect();
        if !rows.is_empty() {
            Entity::insert_many(rows)
                .exec_without_returning(change.transaction())
                .await?;
        }
    }
    Ok(())
}
