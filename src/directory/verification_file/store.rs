//! Queries of verification files.

use entity::verification_file::{ActiveModel, Column, Entity, Model};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect, sea_query::OnConflict,
};
use serde_json::Value;
use uuid::Uuid;

use super::model::{MOST, NewVerificationFile, VerificationFileView};
use crate::{
    audit::difference::Difference,
    directory::{failure::DirectoryFailure, store::audited_transaction::Change},
    kernel::{
        failure::Result,
        sorting::{Position, SortValue, SortedListing, SortedPage},
    },
    store::{Database, keyset},
};

pub(super) async fn upload(change: Change, input: &NewVerificationFile) -> Result<Uuid> {
    let tx = change.transaction();
    let named = || Entity::find().filter(Column::Name.eq(&input.name));
    let before = named().one(tx).await?.map(view).map(|view| shown(&view));
    let known = before.is_some();
    if !known && usize::try_from(Entity::find().count(tx).await?).unwrap_or(usize::MAX) >= MOST {
        return Err(DirectoryFailure::TooManyFiles.into());
    }
    let row = ActiveModel {
        id: Set(change.id()),
        name: Set(input.name.clone()),
        content: Set(input.content.clone()),
        created_at: Set(change.millis()),
        updated_at: Set(change.millis()),
    };
    // Two may upload the same file at once.
    let replace = OnConflict::column(Column::Name)
        .update_columns([Column::Content, Column::UpdatedAt])
        .to_owned();
    Entity::insert(row)
        .on_conflict(replace)
        .exec_without_returning(tx)
        .await?;
    let written = named().one(tx).await?.ok_or(DirectoryFailure::NotFound)?;
    let action = if known { "changed" } else { "created" };
    let id = written.id;
    let after = shown(&view(written));
    let difference = match before {
        Some(before) => Difference::between(&before, &after),
        None => Difference::created(&after),
    };
    change
        .commit_difference(
            format!("verification_file:{id}"),
            (action, &["name", "content"]),
            difference,
        )
        .await?;
    Ok(id)
}

fn shown(view: &VerificationFileView) -> Value {
    serde_json::to_value(view).unwrap_or_default()
}

pub(super) async fn remove(change: Change, id: Uuid) -> Result<()> {
    let before = Entity::find_by_id(id).one(change.transaction()).await?;
    let before = before.ok_or(DirectoryFailure::NotFound)?;
    let removed = Entity::delete_by_id(id).exec(change.transaction()).await?;
    if removed.rows_affected == 0 {
        return Err(DirectoryFailure::NotFound.into());
    }
    let deleted = Difference::deleted(&shown(&view(before)));
    change
        .commit_difference(format!("verification_file:{id}"), ("deleted", &[]), deleted)
        .await
}

pub(super) async fn find(database: &Database, id: Uuid) -> Result<Option<VerificationFileView>> {
    Ok(Entity::find_by_id(id).one(database.reader()).await?.map(view))
}

pub(super) async fn list(database: &Database, page: &SortedPage) -> Result<SortedListing<VerificationFileView>> {
    let by = match page.sort.by {
        "name" => Column::Name,
        _ => Column::UpdatedAt,
    };
    let rows = keyset::sorted(database.reader(), Entity::find(), (Column::Id, by), page).await?;
    let cut = page.cut(rows, |row, by| Position {
        value: match by {
            "name" => SortValue::Text(row.name.clone()),
            "updated_at" => SortValue::Number(row.updated_at),
            _ => SortValue::Id,
        },
        id: row.id,
    });
    Ok(cut.map(view))
}

pub(super) async fn content(database: &Database, name: &str) -> Result<Option<String>> {
    let found = Entity::find()
        .select_only()
        .column(Column::Content)
        .filter(Column::Name.eq(name))
        .into_tuple()
        .one(database.reader())
        .await?;
    Ok(found)
}

fn view(row: Model) -> VerificationFileView {
    VerificationFileView {
        path: format!("/{}", row.name),
        id: row.id,
        name: row.name,
        content: row.content,
        created_at: row.created_at,
        updated_at: row.updated_at,
    }
}
