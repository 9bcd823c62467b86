//! Query of the whole setup: all data sources, auth sources and WeCom apps.

use std::collections::BTreeMap;

use entity::{auth_source, data_source, wecom_app, wecom_app_notice};
use sea_orm::{EntityTrait, QueryOrder};
use uuid::Uuid;

use crate::{
    crypto::seal::Sealer,
    directory::{
        auth_source::store as auth_source_store,
        data_source::store::{self as data_source_store, own_credentials},
        probe::{egress::Egress, holder::Holder, store as probe_store},
        setup::Setup,
        suite::store::{sealed, suites_of},
        wecom_app::{
            model::WeComApp,
            notice::AppNotice,
            reading::{AppReading, ReadFailure},
        },
    },
    kernel::{clock::Timestamp, failure::Result},
    store::Database,
    wecom::{callback::Activity, model::Credential},
};

/// Loads all data sources, auth sources and apps, by id. There are few of them: one per corp and app. Which credentials are refused only
/// the WeCom client knows.
pub(in crate::directory) async fn load_setup(database: &Database, now: Timestamp) -> Result<Setup> {
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
    let told = wecom_app_notice::Entity::find()
        .order_by_asc(wecom_app_notice::Column::ToldAt)
        .all(reader)
        .await?;
    let app_of = |id: Option<Uuid>| apps.iter().find(|app| Some(app.id) == id);
    let tags_of_sources = sources
        .iter()
        .map(|row| (row.id, data_source_store::tag_of(row, app_of(row.app_id))));
    let tags_of_auth_sources = auth_sources
        .iter()
        .map(|row| (row.id, auth_source_store::tag_of(row, app_of(Some(row.app_id)))));
    let tags = tags_of_sources.chain(tags_of_auth_sources).collect();
    let readings: BTreeMap<Uuid, AppReading> = apps.iter().map(|app| (app.id, reading(app, now))).collect();
    let apps: Vec<WeComApp> = apps.into_iter().map(WeComApp::from).collect();
    let standing = told.into_iter().filter_map(standing).filter(|notice| {
        let app = apps.iter().find(|app| app.id == notice.app_id);
        let read = readings.get(&notice.app_id).and_then(|reading| reading.read_at);
        app.is_some_and(|app| notice.stands(app, read, now))
    });
    Ok(Setup {
        notices: standing.collect(),
        sources: sources
            .into_iter()
            .map(data_source_store::from_row)
            .collect::<Result<_, _>>()?,
        auth_sources: auth_sources.into_iter().map(auth_source_store::from_row).collect(),
        apps,
        readings,
        domain: String::new(),
        refused: Vec::new(),
        probes: probe_store::all(database).await?,
        egress: Egress {
            configured: Vec::new(),
            named: probe_store::named_address(reader).await?,
        },
        tags,
    })
}

fn reading(row: &wecom_app::Model, now: Timestamp) -> AppReading {
    let failure = row.read_failure.clone().zip(row.read_failing_since);
    let failure = failure.map(|(number, since)| ReadFailure {
        number,
        detail: row.read_failure_detail.clone().unwrap_or_default(),
        since: Timestamp::from_millis(since),
    });
    let scope_read_at = row.scope_fetched_at.map(Timestamp::from_millis);
    AppReading {
        // Rows of earlier versions say only when the scope was read.
        read_at: row.read_at.map(Timestamp::from_millis).or(scope_read_at),
        scope_read_at,
        redirect_domain: row.redirect_domain.clone(),
        failure: failure.filter(|failure| failure.is_problem(now)),
        waits_since: row.scope_waits_since.map(Timestamp::from_millis),
        members: row.scope_members,
        outside: row.scope_outside,
        outside_lines: row.scope_outside_lines,
    }
}

/// A notice that was not taken back after it was told.
fn standing(row: wecom_app_notice::Model) -> Option<AppNotice> {
    let told_at = row
        .told_at
        .filter(|told| row.cleared_at.is_none_or(|cleared| *told > cleared))?;
    Some(AppNotice {
        app_id: row.app_id,
        activity: Activity::of_word(&row.kind)?,
        told_at: Timestamp::from_millis(told_at),
        effective_at: row.effective_at.map(Timestamp::from_millis),
    })
}

/// Every credential that opens with this seal key, and whose it is.
pub(in crate::directory) async fn credentials(
    database: &Database,
    sealer: &Sealer,
    now: Timestamp,
) -> Result<Vec<(Holder, Credential)>> {
    let sources = data_source::Entity::find().all(database.reader()).await?;
    let apps = wecom_app::Entity::find().all(database.reader()).await?;
    let own = sources.iter().flat_map(|source| own_credentials(source, sealer));
    let suites = suites_of(database, sealer, now, apps.iter().map(|app| app.suite)).await?;
    let apps = apps.iter().filter_map(|app| {
        let holder = Holder::App(app.id);
        Some((holder, suites.credential(sealer, sealed(app)).ok()?))
    });
    // Of an app whose company deleted it nothing is left.
    let apps = apps.filter(|(_, credential)| !credential.secret.expose().is_empty());
    Ok(own.chain(apps).collect())
}
