//! Ends an installation: its code goes, and its data source is switched off, in one transaction.

use entity::{
    data_source,
    suite_installation::{ActiveModel, Entity},
};
use sea_orm::{
    ActiveValue::{Set, Unchanged},
    ColumnTrait, EntityTrait, QueryFilter,
    sea_query::Expr,
};
use serde_json::json;
use uuid::Uuid;

use super::{audited, from_row, locked};
use crate::{
    audit::difference::Difference,
    directory::{
        corp_move::store::closing,
        installation::{
            model::Installation,
            state::{Event, Status, Weight, after},
        },
        offboarding::{model::EndReason, store::due},
        store::Change,
        wecom_app::store::installed,
    },
    kernel::failure::Result,
};

/// Why it is taken for deleted.
#[derive(Clone, Copy, Debug)]
pub(in crate::directory::installation) enum Proof<'a> {
    /// WeCom told so, at this moment (milliseconds).
    Told(i64),
    /// WeCom answered so by this permanent code, as it is sealed; it is ended as of this moment (milliseconds).
    Answered(i64, Option<&'a str>),
}

/// What became of it.
#[derive(Debug)]
pub(in crate::directory::installation) enum Ended {
    /// It is ended; as it was before.
    Now(Box<Installation>),
    /// It was over, nobody knows it, or it has another code by now.
    Before,
    /// What was told is not plainly newer: WeCom is to be asked.
    Doubtful,
}

/// Ends an installation. `nothing`: the empty secret, sealed, which takes the place of the permanent code.
pub(in crate::directory::installation) async fn cancel(
    change: Change,
    id: Uuid,
    (proof, nothing): (Proof<'_>, &str),
) -> Result<Ended> {
    let Some(held) = locked(&change, id).await? else {
        return Ok(Ended::Before);
    };
    let Some(next) = after(Some(held.status), Event::Cancel) else {
        return Ok(Ended::Before);
    };
    let at = match proof {
        Proof::Told(at) if held.status.is_live() && held.weigh_deletion(at) == Weight::Doubtful => {
            return Ok(Ended::Doubtful);
        }
        Proof::Told(at) => at,
        Proof::Answered(at, code) if held.code_sealed.as_deref() == code => at,
        Proof::Answered(..) => return Ok(Ended::Before),
    };
    // Of a company that moved to an app of its own, what there is came by that.
    let moved = held.status == Status::Moved;
    let mut row = ActiveModel {
        id: Unchanged(id),
        status: Set(next.word().to_owned()),
        permanent_code_sealed: Set(None),
        candidate_sealed: Set(None),
        candidate_digest: Set(None),
        candidate_told: Set(None),
        expires_at: Set(None),
        missing_since: Set(None),
        cancelled_at: Set(Some(at)),
        removal_due: Set(!moved),
        removed_at: Set(moved.then(|| change.millis())),
        next_at: Set(Some(change.millis())),
        attempts: Set(0),
        problem: Set(None),
        problem_detail: Set(None),
        updated_at: Set(change.millis()),
        ..Default::default()
    };
    if moved {
        row.corp_name = Set(String::new());
        row.app_name = Set(String::new());
        row.installed_by = Set(None);
        row.data_source_id = Set(None);
    }
    let new = from_row(Entity::update(row).exec(change.transaction()).await?)?;
    // Nobody asks WeCom by its secret any more, whether or not a data source is left.
    installed::close(&change, (held.suite, &held.corp_id), nothing).await?;
    closing::by_deletion(&change, id).await?;
    if let Some(source) = held.data_source.filter(|_| !moved) {
        switch_off(&change, source).await?;
    }
    let difference = Difference::between(&audited(&held), &audited(&new));
    change
        .commit_difference(held.subject(), ("cancelled", &[]), difference)
        .await?;
    Ok(Ended::Now(Box::new(held)))
}

async fn switch_off(change: &Change, source: Uuid) -> Result<()> {
    let reason = EndReason::InstallationCancelled;
    let before = due::switch_off(change.transaction(), source, Some(reason), change.now()).await?;
    // No run that is under way writes any more.
    data_source::Entity::update_many()
        .col_expr(data_source::Column::SyncFence, Expr::value(None::<Uuid>))
        .filter(data_source::Column::Id.eq(source))
        .exec(change.transaction())
        .await?;
    let Some((enabled, why)) = before else { return Ok(()) };
    let on = json!({ "enabled": enabled, "disabled_reason": why });
    let off = json!({ "enabled": false, "disabled_reason": reason.word() });
    let difference = Difference::between(&on, &off);
    change
        .tell(format!("data_source:{source}"), reason.word(), difference)
        .await
}
