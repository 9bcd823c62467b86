//! Queries of the apps over which members of a data source can be written to.

use entity::{auth_source, callback_endpoint, corp_move, data_source, wecom_app};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait};
use uuid::Uuid;

use crate::{
    crypto::seal::Sealer,
    directory::suite::store::{sealed, suites_of},
    kernel::{clock::Timestamp, failure::Result},
    store::Database,
    wecom::model::Credential,
};

/// An app that can send messages.
pub struct Sender {
    /// Its credential.
    pub credential: Credential,
    /// AgentId.
    pub agent_id: i64,
    /// Whether we hear of what is pressed on its cards: WeCom verified its callback here.
    pub hears: bool,
}

/// The apps over which members of a data source can be written to, in the order in which they are to be tried: the integration app, then those by
/// which its people sign in, then the one that it left and could still go back to: by it those are reached who are known by the ids from before. Empty where there is no app, or no such data source.
///
/// # Errors
/// When the database does not answer, or a secret does not open.
pub async fn find(db: &Database, sealer: &Sealer, now: Timestamp, data_source: Uuid) -> Result<Vec<Sender>> {
    let source = data_source::Entity::find_by_id(data_source).one(db.reader()).await?;
    let Some(source) = source else { return Ok(Vec::new()) };
    let mut ids: Vec<Uuid> = source.app_id.into_iter().collect();
    for app in of_sign_in(db, &source).await? {
        if !ids.contains(&app) {
            ids.push(app);
        }
    }
    let (left, left_corp) = left(db, source.id).await?.unzip();
    ids.extend(left);
    let of_corp = Condition::any()
        .add(wecom_app::Column::CorpId.eq(source.corp_id.as_str()))
        .add_option(left_corp.map(|corp| wecom_app::Column::CorpId.eq(corp)));
    let rows = wecom_app::Entity::find()
        .filter(wecom_app::Column::Id.is_in(ids.iter().copied()))
        .filter(of_corp)
        .all(db.reader())
        .await?;
    let suites = suites_of(db, sealer, now, rows.iter().map(|app| app.suite)).await?;
    let heard = heard(db, &source.corp_id).await?;
    let mut senders = Vec::new();
    for id in ids {
        let Some(app) = rows.iter().find(|app| app.id == id) else {
            continue;
        };
        senders.push(Sender {
            credential: suites.credential(sealer, sealed(app))?,
            agent_id: app.agent_id,
            hears: Some(id) != left && heard.contains(&app.agent_id),
        });
    }
    Ok(senders)
}

/// The app of a service provider that a data source left and could still go back to, with the corp ID there.
async fn left(db: &Database, source: Uuid) -> Result<Option<(Uuid, String)>> {
    let found: Option<(Option<Uuid>, String)> = corp_move::Entity::find()
        .select_only()
        .columns([corp_move::Column::FromApp, corp_move::Column::FromCorpId])
        .filter(corp_move::Column::OpenFor.eq(source))
        .filter(corp_move::Column::State.eq("done"))
        .into_tuple()
        .one(db.reader())
        .await?;
    Ok(found.and_then(|(app, corp)| Some((app?, corp))))
}

/// Apps of the enabled auth sources of a data source, the oldest first.
async fn of_sign_in(db: &Database, source: &data_source::Model) -> Result<Vec<Uuid>> {
    let of_corp = Condition::all()
        .add(auth_source::Column::DataSourceId.is_null())
        .add(auth_source::Column::CorpId.eq(source.corp_key.as_str()));
    let of_source = Condition::any()
        .add(auth_source::Column::DataSourceId.eq(source.id))
        .add(of_corp);
    let apps = auth_source::Entity::find()
        .select_only()
        .column(auth_source::Column::AppId)
        .filter(of_source)
        .filter(auth_source::Column::Enabled.eq(true))
        .order_by_asc(auth_source::Column::Id)
        .into_tuple()
        .all(db.reader())
        .await?;
    Ok(apps)
}

/// AgentIds of the corp's apps whose callback WeCom verified here, at whichever data source.
async fn heard(db: &Database, corp_id: &str) -> Result<Vec<i64>> {
    let of_corp = data_source::Entity::find()
        .select_only()
        .column(data_source::Column::Id)
        .filter(data_source::Column::CorpId.eq(corp_id))
        .into_query();
    let endpoints = callback_endpoint::Entity::find()
        .filter(callback_endpoint::Column::VerifiedAt.is_not_null())
        .filter(callback_endpoint::Column::DataSourceId.in_subquery(of_corp))
        .all(db.reader())
        .await?;
    Ok(endpoints.into_iter().filter_map(|endpoint| endpoint.agent_id).collect())
}
