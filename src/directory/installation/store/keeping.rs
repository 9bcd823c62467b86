//! Keeps a permanent code: one row of each suite and corp, by the table of states. What came late waits beside the code that counts.

use entity::suite_installation::{ActiveModel, Column, Entity};
use sea_orm::{
    ActiveValue::{Set, Unchanged},
    DbErr, EntityTrait, QueryFilter, QuerySelect,
    sea_query::OnConflict,
};
use uuid::Uuid;

use super::{audited, from_row, invitations, is, locked};
use crate::{
    audit::difference::Difference,
    directory::{
        installation::{
            failure::InstallationFailure,
            model::{Installation, Told, UNBOUND_LIFE, Way, subject},
            state::{Event, Status, Weight, after, weigh},
        },
        store::Change,
        wecom_app::store::installed,
    },
    kernel::failure::Result,
};

/// A permanent code, and what it was got for.
#[derive(Clone, Debug)]
pub(in crate::directory::installation) struct Kept {
    /// Row id of the suite.
    pub suite: Uuid,
    /// The corp.
    pub corp_id: String,
    /// Its name, where WeCom tells it.
    pub corp_name: Option<String>,
    /// The code, as installations keep it.
    pub code: Code,
    /// Digest of the auth code it was got by.
    pub digest: String,
    /// userid of who agreed, where WeCom tells it.
    pub installer: Option<String>,
    /// When WeCom told it, milliseconds.
    pub told_at: i64,
    /// How it was installed.
    pub way: Way,
    /// The permanent code was reset, nothing else.
    pub reset: bool,
    /// The invitation it came from: proven where it was installed in the browser, else a hint.
    pub invitation: Option<Uuid>,
}

impl Kept {
    fn told(&self) -> Told {
        Told {
            at: self.told_at,
            way: self.way,
            by: self.installer.clone(),
            corp_name: self.corp_name.clone(),
            invitation: self.invitation,
            reset: self.reset,
        }
    }
}

/// A permanent code, sealed for both places where it stands.
#[derive(Clone, Debug)]
pub(in crate::directory::installation) struct Code {
    /// For the installation.
    pub kept: String,
    /// For the app of its data source.
    pub secret: String,
}

/// What became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::directory::installation) enum Keeping {
    /// It counts.
    Taken(Uuid),
    /// What is known is as new or newer: WeCom decides.
    Late(Uuid),
}

/// Keeps a permanent code, whatever follows.
pub(in crate::directory::installation) async fn keep(change: Change, kept: &Kept) -> Result<Keeping> {
    let id = change.id();
    invitations::exchanged(change.transaction(), kept.suite, &kept.digest).await?;
    if insert(&change, id, kept).await? {
        note_invitation(&change, kept, id).await?;
        let row = Entity::find_by_id(id).one(change.transaction()).await?;
        let new = row.map(from_row).transpose()?.ok_or(InstallationFailure::NotFound)?;
        let created = Difference::created(&audited(&new)).secret("permanent_code", false, true);
        change
            .commit_difference(subject(id), ("installed", &[]), created)
            .await?;
        return Ok(Keeping::Taken(id));
    }
    let row = Entity::find()
        .filter(is(kept.suite, &kept.corp_id))
        .lock_exclusive()
        .one(change.transaction())
        .await?;
    let held = row.map(from_row).transpose()?.ok_or(InstallationFailure::NotFound)?;
    note_invitation(&change, kept, held.id).await?;
    let known = held
        .cancelled_at
        .map_or(held.installed_at, |at| at.max(held.installed_at));
    // Whoever comes back from WeCom's install page does so in this moment.
    let newer = kept.way == Way::Browser || weigh(kept.told_at, Some(known)) == Weight::Newer;
    match newer {
        true => take(change, &held, kept).await,
        false => set_aside(change, &held, kept).await,
    }
}

async fn insert(change: &Change, id: Uuid, kept: &Kept) -> Result<bool, DbErr> {
    let now = change.now();
    let row = ActiveModel {
        corp_name: Set(kept.corp_name.clone().unwrap_or_default()),
        status: Set(Status::Unbound.word().to_owned()),
        way: Set(kept.way.word().to_owned()),
        permanent_code_sealed: Set(Some(kept.code.kept.clone())),
        auth_code_digest: Set(Some(kept.digest.clone())),
        invitation: Set(kept.invitation),
        installed_by: Set(kept.installer.clone()),
        expires_at: Set(Some(now.plus(UNBOUND_LIFE).millis())),
        cancelled_at: Set(None),
        next_at: Set(Some(now.millis())),
        ..deleted(change, (id, kept.suite), (&kept.corp_id, kept.told_at))
    };
    insert_once(change, row).await
}

/// A row of which nothing is known but that the corp deleted the app.
fn deleted(change: &Change, (id, suite): (Uuid, Uuid), (corp_id, told_at): (&str, i64)) -> ActiveModel {
    ActiveModel {
        id: Set(id),
        suite: Set(suite),
        corp_id: Set(corp_id.to_owned()),
        corp_name: Set(String::new()),
        app_name: Set(String::new()),
        status: Set(Status::Cancelled.word().to_owned()),
        way: Set(Way::Phone.word().to_owned()),
        installed_at: Set(told_at),
        by_member: Set(false),
        scope_users: Set(0),
        scope_departments: Set(0),
        scope_tags: Set(0),
        cancelled_at: Set(Some(told_at)),
        removal_due: Set(false),
        attempts: Set(0),
        created_at: Set(change.millis()),
        updated_at: Set(change.millis()),
        ..Default::default()
    }
}

/// False where the corp is known by now.
async fn insert_once(change: &Change, row: ActiveModel) -> Result<bool, DbErr> {
    let one = OnConflict::columns([Column::Suite, Column::CorpId])
        .do_nothing()
        .to_owned();
    let inserted = Entity::insert(row)
        .on_conflict(one)
        .exec_without_returning(change.transaction())
        .await?;
    Ok(inserted > 0)
}

async fn note_invitation(change: &Change, kept: &Kept, id: Uuid) -> Result<(), DbErr> {
    match kept.invitation {
        Some(invitation) => invitations::hint(change.transaction(), invitation, id).await,
        None => Ok(()),
    }
}

/// Takes the code of a newer installation.
async fn take(change: Change, held: &Installation, kept: &Kept) -> Result<Keeping> {
    let mut row = renewed(&change, held, &kept.code)?;
    row.auth_code_digest = Set(Some(kept.digest.clone()));
    installed_as_told(&mut row, held, kept.told());
    write(change, held, row, &kept.code).await?;
    Ok(Keeping::Taken(held.id))
}

/// When, how and by whom it was installed. That a permanent code was reset changes nothing of that, as long as the app is installed.
fn installed_as_told(row: &mut ActiveModel, held: &Installation, told: Told) {
    if told.reset && held.status.is_live() {
        return;
    }
    row.installed_at = Set(told.at);
    row.installed_by = Set(told.by);
    row.way = Set(told.way.word().to_owned());
    row.invitation = Set(told.invitation);
    if let Some(name) = told.corp_name {
        row.corp_name = Set(name);
    }
}

/// Takes the code that came late: WeCom answers by it, so it is the one that counts. False where another one waits by now than WeCom was asked about.
pub(in crate::directory::installation) async fn adopt(
    change: Change,
    (id, asked): (Uuid, Option<&str>),
    code: &Code,
) -> Result<bool> {
    let Some(held) = locked(&change, id).await? else {
        return Err(InstallationFailure::NotFound.into());
    };
    if held.candidate_sealed.as_deref() != asked {
        return Ok(false);
    }
    let mut row = renewed(&change, &held, code)?;
    row.auth_code_digest = Set(held.candidate_digest.clone());
    // Told in the same second as the end of the one before: it is an installation of its own.
    if let Some(told) = held.candidate_told.clone().filter(|told| told.at >= held.installed_at) {
        installed_as_told(&mut row, &held, told);
    }
    write(change, &held, row, code).await?;
    Ok(true)
}

/// The columns of an installation with another permanent code.
fn renewed(change: &Change, held: &Installation, code: &Code) -> Result<ActiveModel> {
    let now = change.now();
    let next = after(Some(held.status), Event::Install).ok_or(InstallationFailure::Superseded)?;
    let bound = next != Status::Unbound;
    Ok(ActiveModel {
        id: Unchanged(held.id),
        status: Set(next.word().to_owned()),
        permanent_code_sealed: Set(Some(code.kept.clone())),
        candidate_sealed: Set(None),
        candidate_digest: Set(None),
        candidate_told: Set(None),
        missing_since: Set(None),
        expires_at: Set((!bound).then(|| now.plus(UNBOUND_LIFE).millis())),
        cancelled_at: Set(None),
        next_at: Set(Some(now.millis())),
        attempts: Set(0),
        problem: Set(None),
        problem_detail: Set(None),
        updated_at: Set(now.millis()),
        ..Default::default()
    })
}

async fn write(change: Change, held: &Installation, row: ActiveModel, code: &Code) -> Result<()> {
    Entity::update(row).exec(change.transaction()).await?;
    if matches!(held.status, Status::Bound | Status::Moved) {
        installed::renew(&change, (held.suite, &held.corp_id), &code.secret).await?;
    }
    let new = locked(&change, held.id).await?.ok_or(InstallationFailure::NotFound)?;
    let difference = Difference::between(&audited(held), &audited(&new));
    let difference = difference.secret("permanent_code", held.code_sealed.is_some(), true);
    change
        .commit_difference(held.subject(), ("installed", &[]), difference)
        .await
}

/// Keeps a code beside the one that counts, until WeCom has said by which of them it answers. Of several the one that WeCom told last: those before it are
/// over by that.
async fn set_aside(change: Change, held: &Installation, kept: &Kept) -> Result<Keeping> {
    if held.candidate_told.as_ref().is_some_and(|told| told.at > kept.told_at) {
        change.commit(held.subject(), "told_late", &[]).await?;
        return Ok(Keeping::Late(held.id));
    }
    let row = ActiveModel {
        id: Unchanged(held.id),
        candidate_sealed: Set(Some(kept.code.kept.clone())),
        candidate_digest: Set(Some(kept.digest.clone())),
        candidate_told: Set(serde_json::to_value(kept.told()).ok()),
        next_at: Set(Some(change.millis())),
        attempts: Set(0),
        updated_at: Set(change.millis()),
        ..Default::default()
    };
    Entity::update(row).exec(change.transaction()).await?;
    change.commit(held.subject(), "told_late", &[]).await?;
    Ok(Keeping::Late(held.id))
}

/// Drops a code that came late and by which WeCom does not answer. False where another one waits by now than WeCom was asked about.
pub(in crate::directory::installation) async fn drop_candidate(
    change: Change,
    (id, asked): (Uuid, Option<&str>),
) -> Result<bool> {
    let held = locked(&change, id).await?;
    if held.is_none_or(|held| held.candidate_sealed.as_deref() != asked) {
        return Ok(false);
    }
    let row = ActiveModel {
        id: Unchanged(id),
        candidate_sealed: Set(None),
        candidate_digest: Set(None),
        candidate_told: Set(None),
        updated_at: Set(change.millis()),
        ..Default::default()
    };
    Entity::update(row).exec(change.transaction()).await?;
    change.commit(subject(id), "superseded", &[]).await?;
    Ok(true)
}

/// Makes sure that a deletion is known whose installation is not: what was told before it is old when it comes. False where the corp is known by now.
pub(in crate::directory::installation) async fn bury(
    change: Change,
    suite: Uuid,
    (corp_id, told_at): (&str, i64),
) -> Result<bool> {
    let id = change.id();
    let row = deleted(&change, (id, suite), (corp_id, told_at));
    let known = !insert_once(&change, row).await?;
    if known {
        return Ok(false);
    }
    change.commit(subject(id), "cancelled", &[]).await?;
    Ok(true)
}
