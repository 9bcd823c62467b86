//! Gives the members of a data source their other ids, by the pairs of a move, and whatever names members by id with them. A statement for each
//! table and step, however many members there are. An id may be another member's until now, so all let go of theirs first.

use entity::{
    access_request, corp_move_pair, identity_finding, import_decision, member, pending_look, tag, tag_user, users,
};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QuerySelect, QueryTrait,
    sea_query::{Expr, ExprTrait, Func, OnConflict, SelectStatement, SimpleExpr, SubQueryStatement},
};
use uuid::Uuid;

use super::strangers;
use crate::directory::{corp_move::model::How, store::Change, sync::rehearsal::given_up};

use corp_move_pair::{Column, Entity};

/// Marks a key that was let go of: no userid holds it, and no key that somebody gave up ends with it.
const LET_GO: &str = "#";

/// Which way ids go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// From the suite's to the company's own.
    There,
    /// Back.
    Back,
}

/// Whose ids, and which way.
#[derive(Clone, Copy, Debug)]
pub(super) struct Renaming {
    /// The move.
    pub id: Uuid,
    /// Its data source.
    pub source: Uuid,
    /// Which way.
    pub way: Way,
    /// The moment, milliseconds.
    pub now: i64,
}

impl Renaming {
    const fn key_before(&self) -> Column {
        match self.way {
            Way::There => Column::OldKey,
            Way::Back => Column::NewKey,
        }
    }

    const fn key_after(&self) -> Column {
        match self.way {
            Way::There => Column::NewKey,
            Way::Back => Column::OldKey,
        }
    }

    const fn userid_after(&self) -> Column {
        match self.way {
            Way::There => Column::NewUserid,
            Way::Back => Column::OldUserid,
        }
    }

    /// A column of the pairs that change something.
    fn changed(&self, column: Column) -> sea_orm::Select<Entity> {
        let other = Condition::any()
            .add(Expr::col((Entity, Column::OldUserid)).ne(Expr::col((Entity, Column::NewUserid))))
            .add(Expr::col((Entity, Column::OldKey)).ne(Expr::col((Entity, Column::NewKey))));
        Entity::find()
            .select_only()
            .column(column)
            .filter(Column::MoveId.eq(self.id))
            .filter(Column::NewKey.is_not_null())
            .filter(other)
    }

    fn members(&self) -> SelectStatement {
        self.changed(Column::MemberId).into_query()
    }

    /// The value of a pair's column for the row that is being changed.
    fn value(&self, column: Column, of: SimpleExpr) -> SimpleExpr {
        let select = self.changed(column).filter(of).into_query();
        SimpleExpr::SubQuery(None, Box::new(SubQueryStatement::SelectStatement(select)))
    }

    /// The pair of whoever let go of this key; the pairs' own keys stand bare, so that they are looked up.
    fn held_before(&self, let_go: Expr) -> SimpleExpr {
        let bare = Func::cust("rtrim").arg(let_go).arg(LET_GO);
        Expr::col((Entity, self.key_before())).eq(bare)
    }

    /// All of it.
    pub(super) async fn carry_out(&self, change: &Change) -> Result<(), DbErr> {
        let tx = change.transaction();
        strangers::close_requests(change, (self.id, self.source), self.key_before()).await?;
        match self.way {
            Way::There => self.give_up(tx).await?,
            Way::Back => self.make_room(tx).await?,
        }
        self.rename_members(tx).await?;
        self.rename_tagged(tx).await?;
        self.rename_requests(tx).await?;
        self.rename_findings(tx).await?;
        self.rename_decisions(tx).await?;
        // What events hinted at by the other ids a sync finds, which follows at once.
        pending_look::Entity::delete_many()
            .filter(pending_look::Column::DataSourceId.eq(self.source))
            .exec(tx)
            .await?;
        Ok(())
    }

    /// Whoever is not paired, also who left before, gives up an id that is another's from now on.
    async fn give_up<C: ConnectionTrait>(&self, tx: &C) -> Result<(), DbErr> {
        let paired = Entity::find()
            .select_only()
            .column(Column::MemberId)
            .filter(Column::MoveId.eq(self.id))
            .filter(Column::NewKey.is_not_null());
        for (id, userid, key) in self.holders(tx, (Column::NewKey, paired.into_query())).await? {
            let row = corp_move_pair::ActiveModel {
                move_id: Set(self.id),
                member_id: Set(id),
                old_userid: Set(userid.clone()),
                old_key: Set(key.clone()),
                new_userid: Set(Some(userid)),
                new_key: Set(Some(given_up(&key, id))),
                how: Set(How::GaveUp.word().to_owned()),
                entered_at: Set(None),
            };
            let replace = OnConflict::columns([Column::MoveId, Column::MemberId])
                .update_columns([Column::NewUserid, Column::NewKey, Column::How])
                .to_owned();
            Entity::insert(row)
                .on_conflict(replace)
                .exec_without_returning(tx)
                .await?;
        }
        Ok(())
    }

    /// Whoever joined meanwhile gives up an id that was another's before.
    async fn make_room<C: ConnectionTrait>(&self, tx: &C) -> Result<(), DbErr> {
        let known = Entity::find()
            .select_only()
            .column(Column::MemberId)
            .filter(Column::MoveId.eq(self.id));
        for (id, _, key) in self.holders(tx, (Column::OldKey, known.into_query())).await? {
            member::Entity::update_many()
                .col_expr(member::Column::UseridKey, Expr::value(given_up(&key, id)))
                .col_expr(member::Column::UpdatedAt, Expr::value(self.now))
                .filter(member::Column::Id.eq(id))
                .exec(tx)
                .await?;
        }
        Ok(())
    }

    /// Members of the data source, others than these, who have a key that is in this column of a pair.
    async fn holders<C: ConnectionTrait>(
        &self,
        tx: &C,
        (column, but): (Column, SelectStatement),
    ) -> Result<Vec<(Uuid, String, String)>, DbErr> {
        member::Entity::find()
            .select_only()
            .columns([member::Column::Id, member::Column::Userid, member::Column::UseridKey])
            .filter(member::Column::DataSourceId.eq(self.source))
            .filter(member::Column::UseridKey.in_subquery(self.changed(column).into_query()))
            .filter(member::Column::Id.not_in_subquery(but))
            .into_tuple()
            .all(tx)
            .await
    }

    async fn rename_members<C: ConnectionTrait>(&self, tx: &C) -> Result<(), DbErr> {
        type Of = member::Column;
        member::Entity::update_many()
            .col_expr(Of::UseridKey, let_go(Expr::col(Of::UseridKey)))
            .filter(Of::Id.in_subquery(self.members()))
            .exec(tx)
            .await?;
        let theirs = || Expr::col((Entity, Column::MemberId)).equals((member::Entity, Of::Id));
        member::Entity::update_many()
            .col_expr(Of::Userid, self.value(self.userid_after(), theirs()))
            .col_expr(Of::UseridKey, self.value(self.key_after(), theirs()))
            // Whatever was planned with the row as it was is not written any more.
            .col_expr(Of::UpdatedAt, Expr::value(self.now))
            .filter(Of::Id.in_subquery(self.members()))
            .exec(tx)
            .await?;
        Ok(())
    }

    /// Tags name members by key, of whom nobody else is left under the new one.
    async fn rename_tagged<C: ConnectionTrait>(&self, tx: &C) -> Result<(), DbErr> {
        type Of = tag_user::Column;
        let tags = || {
            let tags = tag::Entity::find().select_only().column(tag::Column::Id);
            let tags = tags.filter(tag::Column::DataSourceId.eq(self.source));
            Of::TagId.in_subquery(tags.into_query())
        };
        tag_user::Entity::update_many()
            .col_expr(Of::UseridKey, let_go(Expr::col(Of::UseridKey)))
            .filter(tags())
            .filter(Of::UseridKey.in_subquery(self.changed(self.key_before()).into_query()))
            .exec(tx)
            .await?;
        tag_user::Entity::delete_many()
            .filter(tags())
            .filter(Of::UseridKey.in_subquery(self.changed(self.key_after()).into_query()))
            .exec(tx)
            .await?;
        let theirs = self.held_before(Expr::col((tag_user::Entity, Of::UseridKey)));
        tag_user::Entity::update_many()
            .col_expr(Of::UseridKey, self.value(self.key_after(), theirs))
            .filter(tags())
            .filter(Of::UseridKey.like(format!("%{LET_GO}")))
            .exec(tx)
            .await?;
        Ok(())
    }

    /// Requests that wait are those of the same people.
    async fn rename_requests<C: ConnectionTrait>(&self, tx: &C) -> Result<(), DbErr> {
        type Of = access_request::Column;
        let open = || {
            Condition::all()
                .add(Of::DataSourceId.eq(self.source))
                .add(Of::State.eq("open"))
        };
        access_request::Entity::update_many()
            .col_expr(Of::UseridKey, let_go(Expr::col(Of::UseridKey)))
            .filter(open())
            .filter(Of::UseridKey.in_subquery(self.changed(self.key_before()).into_query()))
            .exec(tx)
            .await?;
        let theirs = || self.held_before(Expr::col((access_request::Entity, Of::UseridKey)));
        access_request::Entity::update_many()
            .col_expr(Of::Userid, self.value(self.userid_after(), theirs()))
            .col_expr(Of::UseridKey, self.value(self.key_after(), theirs()))
            .filter(open())
            .filter(Of::UseridKey.like(format!("%{LET_GO}")))
            .exec(tx)
            .await?;
        Ok(())
    }

    async fn rename_findings<C: ConnectionTrait>(&self, tx: &C) -> Result<(), DbErr> {
        type Of = identity_finding::Column;
        let theirs = Expr::col((Entity, Column::MemberId)).equals((identity_finding::Entity, Of::MemberId));
        identity_finding::Entity::update_many()
            .col_expr(Of::Userid, self.value(self.userid_after(), theirs))
            .filter(Of::State.eq("open"))
            .filter(Of::MemberId.in_subquery(self.members()))
            .exec(tx)
            .await
            .map(drop)
    }

    async fn rename_decisions<C: ConnectionTrait>(&self, tx: &C) -> Result<(), DbErr> {
        type Of = import_decision::Column;
        let theirs = Expr::col((Entity, Column::MemberId)).equals((import_decision::Entity, Of::MemberId));
        import_decision::Entity::update_many()
            .col_expr(Of::Userid, self.value(self.userid_after(), theirs))
            .filter(Of::MemberId.in_subquery(self.members()))
            .exec(tx)
            .await
            .map(drop)
    }
}

fn let_go(key: impl Into<SimpleExpr>) -> SimpleExpr {
    key.into().binary(sea_orm::sea_query::BinOper::Custom("||"), LET_GO)
}

/// Lets requests that wait, and users, be those of the corp as it is named now.
pub(super) async fn rename_corp<C: ConnectionTrait>(
    tx: &C,
    source: Uuid,
    (corp_id, corp_key): (&str, &str),
    now: i64,
) -> Result<(), DbErr> {
    users::Entity::update_many()
        .col_expr(users::Column::CorpId, Expr::value(corp_key))
        .col_expr(users::Column::UpdatedAt, Expr::value(now))
        .filter(users::Column::DataSourceId.eq(source))
        .exec(tx)
        .await?;
    access_request::Entity::update_many()
        .col_expr(access_request::Column::CorpId, Expr::value(corp_id))
        .filter(access_request::Column::DataSourceId.eq(source))
        .filter(access_request::Column::State.eq("open"))
        .exec(tx)
        .await?;
    Ok(())
}
