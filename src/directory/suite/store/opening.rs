//! Queries that open the suites of apps.

use std::collections::{HashMap, HashSet};

use entity::{wecom_app, wecom_suite};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::credential::open;
use crate::{
    crypto::seal::Sealer,
    directory::suite::opened::{OpenedSuites, SealedApp},
    kernel::{clock::Timestamp, failure::Result},
    store::Database,
    wecom::model::{Credential, is_template},
};

/// The suites behind these apps, as far as they open; not a statement where there is none.
///
/// # Errors
/// When the database does not answer.
pub async fn suites_of(
    database: &Database,
    sealer: &Sealer,
    now: Timestamp,
    suites: impl IntoIterator<Item = Option<Uuid>>,
) -> Result<OpenedSuites> {
    let ids: HashSet<Uuid> = suites.into_iter().flatten().collect();
    if ids.is_empty() {
        return Ok(OpenedSuites::default());
    }
    let rows = wecom_suite::Entity::find()
        .filter(wecom_suite::Column::Id.is_in(ids))
        .all(database.reader())
        .await?;
    let mut opened = HashMap::new();
    for row in rows {
        match open(sealer, now, &row) {
            Ok(suite) => drop(opened.insert(row.id, suite)),
            Err(failure) => tracing::warn!(suite = row.suite_id, %failure, "a suite does not open"),
        }
    }
    Ok(OpenedSuites::new(opened))
}

/// The credential of an app.
///
/// # Errors
/// `CR-101` where it does not open; when the database does not answer.
pub async fn app_credential(
    database: &Database,
    sealer: &Sealer,
    now: Timestamp,
    app: &wecom_app::Model,
) -> Result<Credential> {
    let suites = suites_of(database, sealer, now, [app.suite]).await?;
    suites.credential(sealer, sealed(app))
}

/// WeCom's ids of those of these suites at which people sign in themselves; of a template they sign in at the corp's app (reference 2.1).
///
/// # Errors
/// When the database does not answer.
pub async fn sign_in_suites<C: ConnectionTrait>(
    connection: &C,
    suites: &[Uuid],
) -> Result<HashMap<Uuid, String>, DbErr> {
    if suites.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = wecom_suite::Entity::find()
        .filter(wecom_suite::Column::Id.is_in(suites.iter().copied()))
        .all(connection)
        .await?;
    let suites = rows.into_iter().filter(|row| !is_template(&row.suite_id));
    Ok(suites.map(|row| (row.id, row.suite_id)).collect())
}

/// An app's row as [`OpenedSuites::credential`] takes it.
pub fn sealed(app: &wecom_app::Model) -> SealedApp<'_> {
    SealedApp {
        corp_id: &app.corp_id,
        agent_id: app.agent_id,
        secret: &app.secret_sealed,
        suite: app.suite,
    }
}
