//! Where the events of a company are recorded that come through the callbacks of a suite: a row beside those of callbacks, without keys of its
//! own. Nobody enters it anywhere, and no list shows it.

use entity::{callback_endpoint, data_source, wecom_app};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, EntityTrait, QueryFilter,
    sea_query::{Expr, OnConflict},
};
use uuid::Uuid;

use crate::{
    kernel::{clock::Timestamp, failure::Result},
    store::Database,
};

type Column = callback_endpoint::Column;

/// The owner of such a row.
pub const OWNER: &str = "suite";

/// The row and the data source of a company that is connected by a suite; made with the first event. `None`: no data source that is
/// switched on is that company's.
pub async fn endpoint(
    db: &Database,
    (suite, corp_id): (Uuid, &str),
    new_id: Uuid,
    now: Timestamp,
) -> Result<Option<(Uuid, Uuid)>> {
    let source = data_source::Entity::find()
        .filter(data_source::Column::Suite.eq(suite))
        .filter(data_source::Column::CorpId.eq(corp_id))
        // Of a company that deleted the app nothing is recorded any more.
        .filter(data_source::Column::Enabled.eq(true))
        .one(db.reader())
        .await?;
    let Some(source) = source else { return Ok(None) };
    let app = match source.app_id {
        Some(app) => wecom_app::Entity::find_by_id(app).one(db.reader()).await?,
        None => None,
    };
    let agent_id = app.map(|app| app.agent_id);
    if let Some(known) = find(db, source.id).await? {
        if known.agent_id != agent_id {
            // Installed again: the company's app is another one.
            follow(db, known.id, agent_id).await?;
        }
        return Ok(Some((known.id, source.id)));
    }
    let row = callback_endpoint::ActiveModel {
        id: Set(new_id),
        data_source_id: Set(source.id),
        owner: Set(OWNER.to_owned()),
        agent_id: Set(agent_id),
        token_sealed: Set(String::new()),
        aes_key_sealed: Set(String::new()),
        // The suite's own callback is, and something authentic has come by it: what is pressed on cards is heard of.
        verified_at: Set(Some(now.millis())),
        last_event_at: Set(None),
        told: Set(0),
        retry_at: Set(None),
        created_at: Set(now.millis()),
    };
    // Two events may be the first.
    let made_before = OnConflict::columns([Column::DataSourceId, Column::Owner])
        .do_nothing()
        .to_owned();
    callback_endpoint::Entity::insert(row)
        .on_conflict(made_before)
        .exec_without_returning(db.writer())
        .await?;
    Ok(find(db, source.id).await?.map(|row| (row.id, source.id)))
}

async fn find(db: &Database, data_source: Uuid) -> Result<Option<callback_endpoint::Model>> {
    let found = callback_endpoint::Entity::find()
        .filter(Column::DataSourceId.eq(data_source))
        .filter(Column::Owner.eq(OWNER))
        .one(db.reader())
        .await?;
    Ok(found)
}

async fn follow(db: &Database, id: Uuid, agent_id: Option<i64>) -> Result<()> {
    callback_endpoint::Entity::update_many()
        .col_expr(Column::AgentId, Expr::value(agent_id))
        .filter(Column::Id.eq(id))
        .exec(db.writer())
        .await?;
    Ok(())
}
