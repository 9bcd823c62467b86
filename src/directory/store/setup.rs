//! Query of the whole setup: all data sources, auth sources and WeCom apps.

use entity::{auth_source, data_source, wecom_app};
use sea_orm::{EntityTrait, QueryOrder};

use crate::{
    directory::{
        auth_source::store as auth_source_store, data_source::store as data_source_store, setup::Setup,
        wecom_app::model::WeComApp,
    },
    kernel::failure::Result,
    store::Database,
};

/// Loads all data sources, auth sources and apps, by id. There are few of them: one per corp and app.
pub(in crate::directory) async fn load_setup(database: &Database) -> Result<Setup> {
    let reader = database.reader();
    let sources = data_source::Entity::find()
        .order_by_asc(data_source::Column::Id)
        .all(reader)
        .await?;
    let auth_sources = auth_source::Entity::find()
        .order_by_asc(auth_source::Column::Id)
        .all(reader)
        .await?;
    let apps = wecom_app::Entity::find().all(reader).await?;
    Ok(Setup {
        sources: sources
            .into_iter()
            .map(data_source_store::from_row)
            .collect::<Result<_, _>>()?,
        auth_sources: auth_sources.into_iter().map(auth_source_store::from_row).collect(),
        apps: apps.into_iter().map(WeComApp::from).collect(),
    })
}
