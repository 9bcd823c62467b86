//! The queries of coverage: people are counted by what they lack, and in another statement by what became of asking for it.

use entity::{private_field_answer, users_search};
use sea_orm::{ColumnTrait, Condition, EntityTrait, JoinType, QueryFilter, QuerySelect, sea_query::Expr};

use super::listing::looked_for;
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

pub(in crate::directory::user) async fn coverage(
    database: &Database,
    filter: &UserFilter,
    needed: &[Field],
) -> Result<Coverage> {
    let wanted = looked_for(database.reader(), filter).await?;
    let alike: Vec<(String, i64)> = users_search::Entity::find()
        .select_only()
        .column(users_search::Column::Lacks)
        .column_as(users_search::Column::Id.count(), "people")
        .filter(wanted.clone())
        .group_by(users_search::Column::Lacks)
        .into_tuple()
        .all(database.reader())
        .await?;
    let mut counted = Counted::default();
    for (lacks, people) in alike {
        counted.add(&lacks, count(people), needed);
    }
    for (field, answer, people) in answered(database, wanted).await? {
        let Some(field) = Field::of(&field) else { continue };
        let answers = match answer == Answer::Declined.word() {
            true => &mut counted.declined,
            false => &mut counted.withheld,
        };
        answers.insert(field, count(people));
    }
    Ok(Coverage::of(counted, needed))
}

fn count(people: i64) -> u64 {
    u64::try_from(people).unwrap_or_default()
}

/// How many of these people declined a field, or had it withheld, and lack it still: by field and answer.
async fn answered(database: &Database, whose: Condition) -> Result<Vec<(String, String, i64)>> {
    use private_field_answer::Column;
    let theirs = private_field_answer::Entity::belongs_to(users_search::Entity)
        .from(Column::UserId)
        .to(users_search::Column::Id);
    let lacking = "users_search.lacks LIKE '%,' || private_field_answer.field || ',%'";
    let rows = private_field_answer::Entity::find()
        .select_only()
        .columns([Column::Field, Column::Answer])
        .column_as(Column::UserId.count(), "people")
        .join(JoinType::InnerJoin, theirs.into())
        .filter(Column::Answer.is_in([Answer::Declined, Answer::Withheld].map(Answer::word)))
        .filter(Column::Field.is_in(ONLY_BY_CONSENT.map(Field::word)))
        .filter(Expr::cust(lacking))
        .filter(whose)
        .group_by(Column::Field)
        .group_by(Column::Answer);
    Ok(rows.into_tuple().all(database.reader()).await?)
}
