//! Queries of what people are told of themselves: one row of `setting` names the topics that are switched off, so that what is new is told.

use entity::setting;
use sea_orm::{ActiveValue::Set, ConnectionTrait, DbErr, EntityTrait, QuerySelect, sea_query::OnConflict};
use serde_json::json;

use super::model::{PersonalChange, PersonalView};
use crate::{
    audit::difference::Difference,
    directory::store::Change,
    kernel::{entity_tag::IfMatch, failure::Result},
    notices::model::Topic,
};

/// The row: words of topics, separated by blanks.
const OFF: &str = "notices.personal_off";

fn on(off: Option<&setting::Model>) -> Vec<Topic> {
    let off = off.map(|row| row.value.as_str()).unwrap_or_default();
    let told = Topic::PERSONAL.iter().copied();
    told.filter(|topic| off.split(' ').all(|word| word != topic.word()))
        .collect()
}

/// What is told.
pub(super) async fn told<C: ConnectionTrait>(connection: &C) -> Result<Vec<Topic>, DbErr> {
    let row = setting::Entity::find_by_id(OFF.to_owned()).one(connection).await?;
    Ok(on(row.as_ref()))
}

/// Whether a topic is told; what no admin can switch off always is.
pub(in crate::notices) async fn is_on<C: ConnectionTrait>(connection: &C, topic: Topic) -> Result<bool, DbErr> {
    Ok(!Topic::PERSONAL.contains(&topic) || told(connection).await?.contains(&topic))
}

pub(super) async fn change(change: Change, input: &PersonalChange, if_match: &IfMatch) -> Result<()> {
    // A row that is not there cannot be locked.
    let untouched = OnConflict::column(setting::Column::Name).do_nothing().to_owned();
    setting::Entity::insert(row(&change, &[]))
        .on_conflict(untouched)
        .exec_without_returning(change.transaction())
        .await?;
    let stands = setting::Entity::find_by_id(OFF.to_owned())
        .lock_exclusive()
        .one(change.transaction())
        .await?;
    let before = on(stands.as_ref());
    if_match.judge(&PersonalView::of(before.clone()).etag)?;
    let after = input.merged(&before)?;
    if after == before {
        return Ok(());
    }
    let off: Vec<Topic> = Topic::PERSONAL
        .iter()
        .copied()
        .filter(|topic| !after.contains(topic))
        .collect();
    let replace = OnConflict::column(setting::Column::Name)
        .update_columns([setting::Column::Value, setting::Column::CreatedAt])
        .to_owned();
    setting::Entity::insert(row(&change, &off))
        .on_conflict(replace)
        .exec_without_returning(change.transaction())
        .await?;
    let difference = Difference::between(&json!({ "topics": before }), &json!({ "topics": after }));
    change
        .commit_difference("personal_notices".to_owned(), ("changed", &["topics"]), difference)
        .await
}

fn row(change: &Change, off: &[Topic]) -> setting::ActiveModel {
    let words: Vec<&str> = off.iter().map(|topic| topic.word()).collect();
    setting::ActiveModel {
        name: Set(OFF.to_owned()),
        value: Set(words.join(" ")),
        created_at: Set(change.millis()),
    }
}
