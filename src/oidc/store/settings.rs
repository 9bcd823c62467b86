//! Settings made once per installation: insert if absent.

use entity::setting;
use sea_orm::{ActiveValue::Set, DbErr, EntityTrait, sea_query::OnConflict};

use super::handle::Store;
use crate::kernel::clock::Timestamp;

impl Store {
    /// Stores this value unless there is one; returns the stored one. Of any number of replicas that start at once one inserts the row: the
    /// others conflict with it, do nothing, and read it like the first.
    pub(in crate::oidc) async fn keep_setting(
        &self,
        name: &str,
        value: String,
        now: Timestamp,
    ) -> Result<Option<String>, DbErr> {
        if let Some(kept) = self.find_setting(name).await? {
            return Ok(Some(kept));
        }
        let row = setting::ActiveModel {
            name: Set(name.to_owned()),
            value: Set(value),
            created_at: Set(now.millis()),
        };
        let meets = OnConflict::column(setting::Column::Name).do_nothing().to_owned();
        setting::Entity::insert(row)
            .on_conflict(meets)
            .exec_without_returning(self.database.writer())
            .await?;
        self.find_setting(name).await
    }

    async fn find_setting(&self, name: &str) -> Result<Option<String>, DbErr> {
        let row = setting::Entity::find_by_id(name.to_owned())
            .one(self.database.reader())
            .await?;
        Ok(row.map(|row| row.value))
    }
}
