//! The data source of a corp that installed a suite: made, or brought up to date, with its app and its auth source, in the change that binds the
//! installation.

use entity::{auth_source, data_source};
use sea_orm::{
    ActiveValue::{Set, Unchanged},
    ColumnTrait, EntityTrait, QueryFilter, QuerySelect,
    sea_query::Expr,
};
use uuid::Uuid;

use super::{apply, audited, locked, taken};
use crate::{
    audit::difference::Difference,
    directory::{
        auth_source::store as auth_source_store,
        data_source::{
            guard::Guard,
            model::{DoubtfulIdentity, DuplicateRule, ReadBy, Settings},
        },
        email::model::EmailSettings,
        failure::DirectoryFailure,
        importing::rules::{ImportMode, ImportRules},
        store::audited_transaction::Change,
        wecom_app::store::installed::{self, InstalledApp},
    },
    kernel::failure::Result,
};

/// Hours between automatic syncs: changes that WeCom does not tell of are seen within half a day.
const SYNC_HOURS: i32 = 12;

/// A corp that installed a suite.
#[derive(Clone, Copy, Debug)]
pub(in crate::directory) struct InstalledCorp<'a> {
    /// Row id of the suite.
    pub suite: Uuid,
    /// Corp ID, as the suite knows it.
    pub corp_id: &'a str,
    /// What the data source is called at first.
    pub name: &'a str,
    /// AgentId of the app.
    pub agent_id: i64,
    /// The permanent code, sealed for `wecom_app.secret`.
    pub sealed: &'a str,
    /// Who becomes a user, at first.
    pub import: ImportMode,
}

/// Makes the data source of this corp, or takes the one that is there: an admin's settings stay, it is switched on, and synced at once.
pub(in crate::directory) async fn connect(change: &Change, corp: &InstalledCorp<'_>) -> Result<Uuid> {
    let known: Option<Uuid> = data_source::Entity::find()
        .select_only()
        .column(data_source::Column::Id)
        .filter(data_source::Column::CorpKey.eq(data_source::corp_key(corp.corp_id, Some(corp.suite))))
        .into_tuple()
        .one(change.transaction())
        .await?;
    match known {
        Some(id) => again(change, id, corp).await,
        None => create(change, corp).await,
    }
}

async fn create(change: &Change, corp: &InstalledCorp<'_>) -> Result<Uuid> {
    let id = change.id();
    let app = app(change, corp).await?;
    let mut row = data_source::ActiveModel {
        id: Set(id),
        suite: Set(Some(corp.suite)),
        contacts_secret_sealed: Set(None),
        app_id: Set(Some(app)),
        next_sync_at: Set(Some(change.millis())),
        last_synced_at: Set(None),
        disabled_reason: Set(None),
        created_at: Set(change.millis()),
        ..Default::default()
    };
    apply(&mut row, &settings(corp), change.millis());
    data_source::Entity::insert(row)
        .exec_without_returning(change.transaction())
        .await
        .map_err(taken)?;
    let_in(change, (id, app), (corp.name, corp.corp_id)).await?;
    let created = Difference::created(&audited(change, id).await?);
    change.tell(format!("data_source:{id}"), "created", created).await?;
    Ok(id)
}

/// What applies until an admin says otherwise. Of a suite's corp WeCom tells ids alone: there is no address to match anybody by.
fn settings(corp: &InstalledCorp<'_>) -> Settings {
    Settings {
        name: corp.name.to_owned(),
        description: String::new(),
        corp_id: corp.corp_id.to_owned(),
        auto_sync_hours: Some(SYNC_HOURS),
        read_by: ReadBy::default(),
        duplicate_rule: DuplicateRule::default(),
        doubtful_identity: DoubtfulIdentity::default(),
        import: ImportRules {
            mode: corp.import,
            ..ImportRules::default()
        },
        login_password: false,
        login_wecom: true,
        removal_threshold_percent: 20,
        guard: Guard::default(),
        enabled: true,
        email: EmailSettings::default(),
        access_requests: false,
        approvers: Vec::new(),
    }
}

async fn again(change: &Change, id: Uuid, corp: &InstalledCorp<'_>) -> Result<Uuid> {
    let was = audited(change, id).await?;
    let held = locked(change, id).await?;
    let app = app(change, corp).await?;
    let row = data_source::ActiveModel {
        id: Unchanged(id),
        app_id: Set(Some(app)),
        enabled: Set(true),
        disabled_reason: Set(None),
        next_sync_at: Set(Some(change.millis())),
        updated_at: Set(change.millis()),
        ..Default::default()
    };
    data_source::Entity::update(row).exec(change.transaction()).await?;
    call(change, id, (corp.corp_id, corp.name)).await?;
    let name = if held.name == corp.corp_id {
        corp.name
    } else {
        &held.name
    };
    let_in(change, (id, app), (name, corp.corp_id)).await?;
    let difference = Difference::between(&was, &audited(change, id).await?).secret("app.secret", true, true);
    change.tell(format!("data_source:{id}"), "changed", difference).await?;
    Ok(id)
}

async fn app(change: &Change, corp: &InstalledCorp<'_>) -> Result<Uuid> {
    let app = InstalledApp {
        corp_id: corp.corp_id,
        agent_id: corp.agent_id,
        suite: corp.suite,
        sealed: corp.sealed,
    };
    let saved = installed::save(change, &app).await?;
    saved.ok_or_else(|| {
        let taken = DirectoryFailure::AppTaken.failure();
        taken.detail(format!("AgentId {} of {}", corp.agent_id, corp.corp_id))
    })
}

/// Lets people sign in by the app: the auth sources that it has are those of this data source, and one is made where it has none.
async fn let_in(change: &Change, (id, app): (Uuid, Uuid), (name, corp_id): (&str, &str)) -> Result<()> {
    let kept = auth_source::Entity::update_many()
        .col_expr(auth_source::Column::DataSourceId, Expr::value(id))
        .filter(auth_source::Column::AppId.eq(app))
        .exec(change.transaction())
        .await?;
    if kept.rows_affected == 0 {
        auth_source_store::ensure(change, (id, name, corp_id), app).await?;
    }
    Ok(())
}

/// Calls a data source and its auth sources otherwise, where they are called so: by the corp ID while nothing of the corp is known but that, and as WeCom
/// calls it once it is back. What an admin calls them stays.
pub(in crate::directory) async fn call(change: &Change, id: Uuid, (before, name): (&str, &str)) -> Result<()> {
    if before.is_empty() || before == name {
        return Ok(());
    }
    data_source::Entity::update_many()
        .col_expr(data_source::Column::Name, Expr::value(name))
        .filter(data_source::Column::Id.eq(id))
        .filter(data_source::Column::Name.eq(before))
        .exec(change.transaction())
        .await?;
    auth_source::Entity::update_many()
        .col_expr(auth_source::Column::Name, Expr::value(name))
        .filter(auth_source::Column::DataSourceId.eq(id))
        .filter(auth_source::Column::Name.eq(before))
        .exec(change.transaction())
        .await?;
    Ok(())
}

/// Lets a data source be synced at once: WeCom says that something changed.
pub(in crate::directory) async fn hurry(change: &Change, id: Uuid) -> Result<()> {
    let row = data_source::ActiveModel {
        id: Unchanged(id),
        next_sync_at: Set(Some(change.millis())),
        ..Default::default()
    };
    data_source::Entity::update(row).exec(change.transaction()).await?;
    Ok(())
}
