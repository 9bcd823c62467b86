//! Queries of what WeCom announced about apps. Order of arrival means nothing (reference 6.5): the later date counts, whichever came first.

use entity::{callback_endpoint, data_source, wecom_app, wecom_app_notice};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, EntityTrait, QueryFilter,
    sea_query::{Expr, ExprTrait, OnConflict},
};
use uuid::Uuid;

use crate::{
    directory::wecom_app::notice::Effect,
    kernel::{clock::Timestamp, failure::Result},
    store::Database,
};

type Column = wecom_app_notice::Column;

/// Finds the app that an endpoint told about: the one named, else the one whose endpoint it is.
pub async fn find_app(db: &Database, endpoint: Uuid, agent_id: Option<i64>) -> Result<Option<Uuid>> {
    let reader = db.reader();
    let Some(endpoint) = callback_endpoint::Entity::find_by_id(endpoint).one(reader).await? else {
        return Ok(None);
    };
    let source = data_source::Entity::find_by_id(endpoint.data_source_id)
        .one(reader)
        .await?;
    let (Some(source), Some(agent_id)) = (source, agent_id.or(endpoint.agent_id)) else {
        return Ok(None);
    };
    let app = wecom_app::Entity::find()
        .filter(wecom_app::Column::CorpId.eq(source.corp_id))
        .filter(wecom_app::Column::AgentId.eq(agent_id))
        // A suite's apps have AgentIds of their own in the same corp.
        .filter(match source.suite {
            Some(suite) => wecom_app::Column::Suite.eq(suite),
            None => wecom_app::Column::Suite.is_null(),
        })
        .one(reader)
        .await?;
    Ok(app.map(|app| app.id))
}

/// Records what was said at this moment.
pub async fn record(
    db: &Database,
    app_id: Uuid,
    effect: Effect,
    (at, effective_at): (Timestamp, Option<Timestamp>),
) -> Result<()> {
    let (raised, cleared) = match &effect {
        Effect::Raises(activity) => (std::slice::from_ref(activity), &[][..]),
        Effect::Clears(activities) => (&[][..], *activities),
    };
    for (activities, date) in [(raised, Column::ToldAt), (cleared, Column::ClearedAt)] {
        for activity in activities {
            let raises = matches!(date, Column::ToldAt);
            let row = wecom_app_notice::ActiveModel {
                app_id: Set(app_id),
                kind: Set(activity.word().to_owned()),
                told_at: Set(raises.then(|| at.millis())),
                effective_at: Set(effective_at.filter(|_| raises).map(Timestamp::millis)),
                cleared_at: Set((!raises).then(|| at.millis())),
            };
            let mut newer = OnConflict::columns([Column::AppId, Column::Kind]);
            newer.update_column(date);
            if raises {
                newer.update_column(Column::EffectiveAt);
            }
            let before = Expr::col((wecom_app_notice::Entity, date));
            newer.action_and_where(before.clone().is_null().or(before.lte(at.millis())));
            wecom_app_notice::Entity::insert(row)
                .on_conflict(newer)
                .exec_without_returning(db.writer())
                .await?;
        }
    }
    Ok(())
}
