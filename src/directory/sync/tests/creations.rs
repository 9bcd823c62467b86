//! Tests of how new members are written: several batches, two at a time.

use std::collections::BTreeMap;

use entity::{member, sync_row, users};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};

use super::{
    fixture::{Fixture, staff},
    runs::{job, planned},
};
use crate::directory::sync::{apply, counts::Counts};

#[tokio::test]
async fn a_name_that_was_taken_since_the_plan_leaves_out_one_and_not_the_batch() {
    let fixture = Fixture::new("overwrite").await;
    let plan = planned(&fixture, &staff(1200)).await;
    fixture.user("staff700", None, None).await;
    let mut counts = Counts::default();
    apply::apply(&job(&fixture), &plan, &mut counts).await.unwrap();
    assert_eq!((counts.done, counts.skipped), (1200, 1));
    let db = fixture.runs.db.reader();
    assert_eq!(member::Entity::find().count(db).await.unwrap(), 1199);
    assert_eq!(users::Entity::find().count(db).await.unwrap(), 1200);
    let taken = member::Column::UseridKey.eq("staff700");
    assert!(member::Entity::find().filter(taken).one(db).await.unwrap().is_none());
}

#[tokio::test]
async fn each_batch_has_its_number_in_the_journal_and_all_of_them_can_be_taken_back() {
    let fixture = Fixture::new("overwrite").await;
    let (run, _) = fixture.sync(staff(1200)).await;
    let db = fixture.runs.db.reader();
    let mut batches: BTreeMap<i32, usize> = BTreeMap::new();
    let of_run = sync_row::Column::RunId.eq(run);
    for row in sync_row::Entity::find().filter(of_run).all(db).await.unwrap() {
        assert_eq!((row.outcome.as_str(), row.changes), ("created", None));
        *batches.entry(row.batch).or_default() += 1;
    }
    assert_eq!(batches.into_values().sum::<usize>(), 1200);
    let undo = fixture.runs.undo(run).await.unwrap();
    fixture.runs.take_back(undo, run).await.unwrap();
    assert_eq!(users::Entity::find().count(db).await.unwrap(), 0);
}
