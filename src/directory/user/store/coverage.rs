//! The query of coverage: everything is counted in one statement, and what became of asking in another.

use std::collections::BTreeMap;

use entity::{private_field_answer, users};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, FromQueryResult, QueryFilter, QuerySelect, QueryTrait,
    sea_query::{CaseStatement, Expr, ExprTrait, SimpleExpr},
};

use super::listing::{column, wanted};
use crate::{
    directory::{
        private_fields::{Answer, ONLY_BY_CONSENT},
        user::{
            coverage::{Counted, Coverage},
            listing::UserFilter,
            provenance::Field,
        },
    },
    kernel::failure::Result,
    store::Database,
};

#[derive(FromQueryResult)]
struct Row {
    people: i64,
    lacking: i64,
    display_name: i64,
    email: i64,
    verified: i64,
    phone_number: i64,
    picture: i64,
    nickname: i64,
    gender: i64,
}

pub(in crate::directory::user) async fn coverage(
    database: &Database,
    filter: &UserFilter,
    needed: &[Field],
) -> Result<Coverage> {
    let reader = database.reader();
    let filter = wanted(reader, filter).await?;
    let lacking = needed
        .iter()
        .filter_map(|field| column(*field))
        .fold(Condition::any(), |any, column| any.add(column.is_null()));
    let lacking: SimpleExpr = match needed.is_empty() {
        true => Expr::value(0_i64),
        false => counted(lacking),
    };
    let row = users::Entity::find()
        .filter(filter.clone())
        .select_only()
        .column_as(users::Column::Id.count(), "people")
        .column_as(lacking, "lacking")
        .column_as(users::Column::DisplayName.count(), "display_name")
        .column_as(users::Column::Email.count(), "email")
        .column_as(
            counted(Condition::all().add(users::Column::EmailVerified.eq(true))),
            "verified",
        )
        .column_as(users::Column::PhoneNumber.count(), "phone_number")
        .column_as(users::Column::Picture.count(), "picture")
        .column_as(users::Column::Nickname.count(), "nickname")
        .column_as(users::Column::Gender.count(), "gender")
        .into_model::<Row>()
        .one(reader)
        .await?;
    let Some(row) = row else {
        return Ok(Coverage::of(Counted::default(), needed));
    };
    let count = |count: i64| u64::try_from(count).unwrap_or_default();
    let with = [
        (Field::DisplayName, row.display_name),
        (Field::Email, row.email),
        (Field::PhoneNumber, row.phone_number),
        (Field::Picture, row.picture),
        (Field::Nickname, row.nickname),
        (Field::Gender, row.gender),
    ];
    let counted = Counted {
        people: count(row.people),
        lacking: count(row.lacking),
        verified: count(row.verified),
        with: with.into_iter().map(|(field, with)| (field, count(with))).collect(),
        declined: answered(database, filter.clone(), Answer::Declined).await?,
        withheld: answered(database, filter, Answer::Withheld).await?,
    };
    Ok(Coverage::of(counted, needed))
}

/// Counts the rows for which this holds.
fn counted(holds: Condition) -> SimpleExpr {
    let case: SimpleExpr = CaseStatement::new().case(holds, 1).into();
    case.count()
}

/// How many of these people gave this answer and lack the field still, by field.
async fn answered(database: &Database, whose: Condition, answer: Answer) -> Result<BTreeMap<Field, u64>> {
    let fields = ONLY_BY_CONSENT.into_iter();
    let lacking = fields.filter_map(|field| Some((field, column(field)?.is_null())));
    let lacking = lacking.fold(Condition::any(), |any, (field, is_null)| {
        let theirs = users::Entity::find()
            .select_only()
            .column(users::Column::Id)
            .filter(whose.clone())
            .filter(is_null);
        let of_field = private_field_answer::Column::Field.eq(field.word());
        any.add(of_field.and(private_field_answer::Column::UserId.in_subquery(theirs.into_query())))
    });
    let rows: Vec<(String, i64)> = private_field_answer::Entity::find()
        .select_only()
        .column(private_field_answer::Column::Field)
        .column_as(private_field_answer::Column::UserId.count(), "people")
        .filter(private_field_answer::Column::Answer.eq(answer.word()))
        .filter(lacking)
        .group_by(private_field_answer::Column::Field)
        .into_tuple()
        .all(database.reader())
        .await?;
    let counts = rows.into_iter();
    Ok(counts
        .filter_map(|(field, count)| Some((Field::of(&field)?, u64::try_from(count).ok()?)))
        .collect())
}
