//! Whether somebody who was refused may ask to be let in.

use entity::{auth_source, data_source};
use sea_orm::{ColumnTrait, DbErr, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use super::Store;

impl Store {
    /// Row id of the data source behind an auth source, where it is enabled and takes access requests. As the gate finds it: the one the auth
    /// source names, else the one with the same corp ID; in either case of this corp in this mode.
    pub(in crate::signin) async fn takes_requests(
        &self,
        auth_source: Uuid,
        corp_key: &str,
    ) -> Result<Option<Uuid>, DbErr> {
        let bound: Option<Option<Uuid>> = auth_source::Entity::find_by_id(auth_source)
            .select_only()
            .column(auth_source::Column::DataSourceId)
            .into_tuple()
            .one(self.database.reader())
            .await?;
        let found = data_source::Entity::find()
            .select_only()
            .column(data_source::Column::Id)
            .filter(data_source::Column::CorpKey.eq(corp_key))
            .filter(data_source::Column::Enabled.eq(true))
            .filter(data_source::Column::AccessRequests.eq(true));
        let found = match bound.flatten() {
            Some(id) => found.filter(data_source::Column::Id.eq(id)),
            None => found,
        };
        found.into_tuple().one(self.database.reader()).await
    }
}
