//! What is read of a data source besides its settings: its credentials, and its last sync.

use entity::{data_source, sync_run, wecom_app};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use crate::{
    crypto::seal::Sealer,
    directory::{
        auth_source::store as auth_source_store,
        data_source::{
            entered::Stored,
            model::{CONTACTS_SECRET, CUSTOMER_SECRET},
            view::LastSync,
        },
        failure::DirectoryFailure,
        probe::holder::Holder,
        suite::store::app_credential,
    },
    kernel::{clock::Timestamp, failure::Result},
    store::Database,
    wecom::model::{Credential, SecretKind},
};

/// The credentials that a data source holds besides its app's, as far as they open with this seal key.
pub fn own_credentials(row: &data_source::Model, sealer: &Sealer) -> Vec<(Holder, Credential)> {
    // A secret of the company's own knows other ids than a suite.
    if row.suite.is_some() {
        return Vec::new();
    }
    let secrets = [
        (
            Holder::Contacts(row.id),
            SecretKind::ContactsSync,
            CONTACTS_SECRET,
            &row.contacts_secret_sealed,
        ),
        (
            Holder::ExternalContacts(row.id),
            SecretKind::ExternalContacts,
            CUSTOMER_SECRET,
            &row.customer_secret_sealed,
        ),
    ];
    let opened = secrets.into_iter().filter_map(|(holder, kind, context, sealed)| {
        let secret = sealer.open_text(context, sealed.as_ref()?).ok()?;
        let corp_id = row.corp_id.clone();
        let suite = None;
        Some((
            holder,
            Credential {
                corp_id,
                secret,
                kind,
                suite,
            },
        ))
    });
    opened.collect()
}

/// The credentials for looking a member up that open with this seal key.
async fn credentials(database: &Database, sealer: &Sealer, now: Timestamp, id: Uuid) -> Result<Vec<Credential>> {
    let Some(row) = data_source::Entity::find_by_id(id).one(database.reader()).await? else {
        return Ok(Vec::new());
    };
    let app = match row.app_id {
        Some(id) => wecom_app::Entity::find_by_id(id).one(database.reader()).await?,
        None => None,
    };
    let contacts = own_credentials(&row, sealer)
        .into_iter()
        .find(|(holder, _)| matches!(holder, Holder::Contacts(_)))
        .map(|(_, credential)| credential);
    let app = match app.filter(|app| app.suite == row.suite) {
        Some(app) => app_credential(database, sealer, now, &app).await.ok(),
        None => None,
    };
    Ok(contacts.into_iter().chain(app).collect())
}

/// What is stored of the credentials of a data source.
pub(in crate::directory::data_source) async fn stored(
    database: &Database,
    sealer: &Sealer,
    id: Uuid,
) -> Result<Stored> {
    let Some(row) = data_source::Entity::find_by_id(id).one(database.reader()).await? else {
        return Err(DirectoryFailure::NotFound.into());
    };
    let apps = auth_source_store::stored_apps(database, sealer).await?;
    let contacts = row.contacts_secret_sealed.as_ref();
    let customers = row.customer_secret_sealed.as_ref();
    Ok(Stored {
        synced: row.last_synced_at.is_some(),
        by_suite: row.suite.is_some(),
        contacts: contacts.and_then(|sealed| sealer.open_text(CONTACTS_SECRET, sealed).ok()),
        customers: customers.and_then(|sealed| sealer.open_text(CUSTOMER_SECRET, sealed).ok()),
        app: apps.iter().find(|app| Some(app.id) == row.app_id).cloned(),
        apps,
        corp_id: row.corp_id,
    })
}

/// The last run that was to be applied.
pub(in crate::directory::data_source) async fn last_sync(database: &Database, id: Uuid) -> Result<Option<LastSync>> {
    let row = sync_run::Entity::find()
        .filter(sync_run::Column::DataSourceId.eq(id))
        .filter(sync_run::Column::Mode.eq("apply"))
        .order_by_desc(sync_run::Column::Id)
        .one(database.reader())
        .await?;
    Ok(row.map(|row| LastSync {
        id: row.id,
        at: row.finished_at.unwrap_or(row.started_at),
        state: row.state,
    }))
}

/// The credential for live lookups of a member of this data source: the app's, whose visible scope counts, or else the contacts-sync
/// secret. `None` when there is neither.
///
/// # Errors
/// When the database does not answer.
pub async fn credential(database: &Database, sealer: &Sealer, now: Timestamp, id: Uuid) -> Result<Option<Credential>> {
    // The app comes last.
    Ok(credentials(database, sealer, now, id).await?.pop())
}
