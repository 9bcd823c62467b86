//! Binds an installation: data source, app and auth source, the installation itself and the invitation it came from are one transaction, and of any
//! number of admins who bind at once the first wins.

use entity::suite_installation::{ActiveModel, Entity};
use sea_orm::{
    ActiveValue::{Set, Unchanged},
    EntityTrait,
};
use serde_json::json;
use uuid::Uuid;

use super::{audited, bound_elsewhere, counts, from_row, invitations, lock_corp};
use crate::{
    audit::difference::Difference,
    directory::{
        data_source::store::connecting::{self, InstalledCorp},
        importing::rules::ImportMode,
        installation::{
            failure::InstallationFailure,
            model::{CHECK_GAP, Installation, Way},
            state::{Event, Status, after},
        },
        store::Change,
    },
    kernel::{
        calendar::exact,
        failure::{Failure, Result},
    },
    store::Database,
};

/// What is to be bound, and for whom.
#[derive(Clone, Copy, Debug)]
pub(in crate::directory::installation) struct Binding<'a> {
    /// The invitation by which.
    pub invitation: Uuid,
    /// How that has it installed.
    pub way: Way,
    /// Who becomes a user.
    pub import: ImportMode,
    /// The permanent code as it was read, sealed for the installation: it must be the one still.
    pub code: &'a str,
    /// The same, sealed for the app.
    pub secret: &'a str,
}

/// Binds an installation; answers its data source.
pub(in crate::directory::installation) async fn bind(
    (change, db): (Change, &Database),
    id: Uuid,
    binding: &Binding<'_>,
) -> Result<Uuid> {
    let held = lock_corp(&change, id).await?.ok_or(InstallationFailure::NotFound)?;
    if held.removal_due {
        return Err(InstallationFailure::BeingRemoved.into());
    }
    let Some(next) = after(Some(held.status), Event::Bind) else {
        return Err(why_not(&held));
    };
    if let Some(other) = bound_elsewhere(&change, held.suite, &held.corp_id).await? {
        let beside = counts::beside(db, std::slice::from_ref(&other)).await?;
        let app = beside.suites.get(&other.suite).cloned().unwrap_or_default();
        return Err(InstallationFailure::BoundElsewhere
            .failure()
            .detail(format!("the app {app}, {}", by_whom(&other))));
    }
    // Installed anew in this very moment: what was read belongs to a code that is gone.
    let Some(agent_id) = held
        .agent_id
        .filter(|_| held.code_sealed.as_deref() == Some(binding.code))
    else {
        return Err(InstallationFailure::NotRead.into());
    };
    let source = connecting::connect(&change, &corp(&held, agent_id, binding)).await?;
    let row = ActiveModel {
        id: Unchanged(id),
        status: Set(next.word().to_owned()),
        data_source_id: Set(Some(source)),
        bound_by: Set(Some(change.actor().to_owned())),
        bound_at: Set(Some(change.millis())),
        removed_at: Set(None),
        expires_at: Set(None),
        invitation: Set(Some(binding.invitation)),
        way: Set(binding.way.word().to_owned()),
        next_at: Set(Some(change.now().plus(CHECK_GAP).millis())),
        attempts: Set(0),
        problem: Set(None),
        problem_detail: Set(None),
        updated_at: Set(change.millis()),
        ..Default::default()
    };
    let new = from_row(Entity::update(row).exec(change.transaction()).await?)?;
    invitations::fulfil(change.transaction(), binding.invitation, id, change.now()).await?;
    let difference = Difference::between(&audited(&held), &audited(&new)).also("data_source_id", json!(source));
    change
        .commit_difference(held.subject(), ("bound", &[]), difference)
        .await?;
    Ok(source)
}

/// The company as a data source is made of it.
fn corp<'a>(held: &'a Installation, agent_id: i64, binding: &Binding<'a>) -> InstalledCorp<'a> {
    let name = match held.corp_name.as_str() {
        "" => &held.corp_id,
        name => name,
    };
    InstalledCorp {
        suite: held.suite,
        corp_id: &held.corp_id,
        name,
        agent_id,
        sealed: binding.secret,
        import: binding.import,
    }
}

/// Why an installation cannot be bound.
pub(in crate::directory::installation) fn why_not(held: &Installation) -> Failure {
    match held.status {
        Status::Bound => InstallationFailure::AlreadyBound.failure().detail(by_whom(held)),
        Status::Moved => InstallationFailure::MovedAway.failure().detail(by_whom(held)),
        Status::Expired => InstallationFailure::Expired.failure(),
        Status::Cancelled => InstallationFailure::Cancelled.failure(),
        Status::Unbound => InstallationFailure::NotRead.failure(),
    }
}

fn by_whom(held: &Installation) -> String {
    match &held.bound {
        Some((by, at)) => format!("connected by {by} at {}", exact(*at)),
        None => String::new(),
    }
}
