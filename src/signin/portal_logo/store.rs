//! Queries of our copies of logos.

use entity::client_logo::{ActiveModel, Column, Entity};
use futures_util::FutureExt;
use sea_orm::{ActiveValue::Set, ColumnTrait, DbErr, EntityTrait, QueryFilter, QuerySelect, sea_query::OnConflict};
use uuid::Uuid;

use crate::{kernel::clock::Timestamp, store::Database};

/// What is kept of a copy besides the picture.
pub(super) struct Copy {
    /// Where it was fetched.
    pub(super) address: String,
    /// Digest of the picture, base64url.
    pub(super) digest: String,
    /// When.
    pub(super) fetched_at: Timestamp,
}

/// A picture that was fetched.
#[derive(Clone)]
pub(super) struct Picture {
    /// Whose.
    pub(super) portal: Uuid,
    /// Where.
    pub(super) address: String,
    /// The file.
    pub(super) file: Vec<u8>,
    /// Its media type.
    pub(super) media_type: &'static str,
    /// Its digest, base64url.
    pub(super) digest: String,
}

/// The copy of a portal's logo.
pub(super) async fn find(database: &Database, portal: Uuid) -> Result<Option<Copy>, DbErr> {
    let row = Entity::find_by_id(portal)
        .select_only()
        .columns([Column::Address, Column::Digest, Column::FetchedAt])
        .into_tuple::<(String, String, i64)>()
        .one(database.reader())
        .await?;
    Ok(row.map(|(address, digest, fetched_at)| Copy {
        address,
        digest,
        fetched_at: Timestamp::from_millis(fetched_at),
    }))
}

/// Media type and content of the picture with this digest.
pub(super) async fn file(database: &Database, digest: &str) -> Result<Option<(String, Vec<u8>)>, DbErr> {
    let rows = Entity::find()
        .filter(Column::Digest.eq(digest))
        .limit(1)
        .all(database.reader())
        .await?;
    Ok(rows.into_iter().next().map(|row| (row.media_type, row.file)))
}

/// Keeps a picture in the place of an earlier one.
pub(super) async fn keep(database: &Database, picture: Picture, now: Timestamp) -> Result<(), DbErr> {
    let write = database.write(move |transaction| {
        let picture = picture.clone();
        let row = ActiveModel {
            client_id: Set(picture.portal),
            address: Set(picture.address),
            file: Set(picture.file),
            digest: Set(picture.digest),
            media_type: Set(picture.media_type.to_owned()),
            fetched_at: Set(now.millis()),
        };
        let replace = OnConflict::column(Column::ClientId)
            .update_columns([
                Column::Address,
                Column::File,
                Column::Digest,
                Column::MediaType,
                Column::FetchedAt,
            ])
            .to_owned();
        async move {
            let insert = Entity::insert(row).on_conflict(replace);
            insert.exec_without_returning(transaction).await.map(drop)
        }
        .boxed()
    });
    write.await
}
