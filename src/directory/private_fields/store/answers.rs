//! Queries of what became of asking people for private fields.

use std::collections::BTreeMap;

use entity::{private_field_answer, users};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QuerySelect,
    QueryTrait, sea_query::OnConflict,
};
use uuid::Uuid;

use crate::{
    directory::{
        private_fields::model::{Answer, Answered, asked_after},
        user::provenance::Field,
    },
    kernel::clock::Timestamp,
};

/// What became of asking this person, by field.
///
/// # Errors
/// When the database does not answer.
pub async fn answers<C: ConnectionTrait>(db: &C, user: Uuid) -> Result<BTreeMap<Field, Answered>, DbErr> {
    let rows = private_field_answer::Entity::find()
        .filter(private_field_answer::Column::UserId.eq(user))
        .all(db)
        .await?;
    let answered = |row: private_field_answer::Model| {
        let answer = Answer::of(&row.answer)?;
        let at = Timestamp::from_millis(row.at);
        Some((Field::of(&row.field)?, Answered { answer, at }))
    };
    Ok(rows.into_iter().filter_map(answered).collect())
}

/// Notes one answer for these fields of a person. Race: of two answers at once the later stands.
///
/// # Errors
/// When the database does not take it.
pub async fn note<C: ConnectionTrait>(
    db: &C,
    user: Uuid,
    fields: &[Field],
    (answer, at): (Answer, Timestamp),
) -> Result<(), DbErr> {
    if fields.is_empty() {
        return Ok(());
    }
    let row = |field: &Field| private_field_answer::ActiveModel {
        user_id: Set(user),
        field: Set(field.word().to_owned()),
        answer: Set(answer.word().to_owned()),
        at: Set(at.millis()),
    };
    let mut taken = OnConflict::columns([
        private_field_answer::Column::UserId,
        private_field_answer::Column::Field,
    ]);
    taken.update_columns([private_field_answer::Column::Answer, private_field_answer::Column::At]);
    private_field_answer::Entity::insert_many(fields.iter().map(row))
        .on_conflict(taken)
        .exec_without_returning(db)
        .await?;
    Ok(())
}

/// Notes that a person is sent to WeCom for these fields.
///
/// # Errors
/// When the database does not take it.
pub async fn note_asked<C: ConnectionTrait>(db: &C, user: Uuid, fields: &[Field], at: Timestamp) -> Result<(), DbErr> {
    let before = answers(db, user).await?;
    let noted = |field: &Field| asked_after(before.get(field).copied(), at);
    for answer in [Answer::Asked, Answer::AskedAgain] {
        let fields = fields.iter().copied().filter(|field| noted(field) == answer);
        note(db, user, &fields.collect::<Vec<_>>(), (answer, at)).await?;
    }
    Ok(())
}

/// Forgets what a person answered, so that they are asked again; what they gave stays.
///
/// # Errors
/// When the database does not answer.
pub async fn forget<C: ConnectionTrait>(db: &C, user: Uuid) -> Result<(), DbErr> {
    private_field_answer::Entity::delete_many()
        .filter(private_field_answer::Column::UserId.eq(user))
        .filter(private_field_answer::Column::Answer.is_not_in([Answer::Given, Answer::Unclear].map(Answer::word)))
        .exec(db)
        .await?;
    Ok(())
}

/// Forgets, of everybody of a data source, that WeCom did not pass a field on or that they did not come back; how many people that is.
///
/// # Errors
/// When the database does not answer.
pub async fn forget_withheld<C: ConnectionTrait>(db: &C, data_source: Uuid) -> Result<u64, DbErr> {
    let theirs = users::Entity::find()
        .select_only()
        .column(users::Column::Id)
        .filter(users::Column::DataSourceId.eq(data_source));
    let in_the_way = [Answer::Withheld, Answer::AskedAgain].map(Answer::word);
    let withheld = Condition::all()
        .add(private_field_answer::Column::Answer.is_in(in_the_way))
        .add(private_field_answer::Column::UserId.in_subquery(theirs.into_query()));
    let people: Vec<Uuid> = private_field_answer::Entity::find()
        .select_only()
        .column(private_field_answer::Column::UserId)
        .distinct()
        .filter(withheld.clone())
        .into_tuple()
        .all(db)
        .await?;
    private_field_answer::Entity::delete_many()
        .filter(withheld)
        .exec(db)
        .await?;
    Ok(u64::try_from(people.len()).unwrap_or_default())
}
