//! The audit events of members.

use entity::audit_event;
use sea_orm::ActiveValue::Set;
use serde_json::json;
use uuid::Uuid;

use crate::{audit, directory::sync::run_context::Job};

/// Makes the audit event of something a sync did to a member.
pub(super) fn event(
    job: &Job<'_>,
    kind: audit::Kind,
    member: Uuid,
    userid: &str,
    user: Option<Uuid>,
) -> audit_event::ActiveModel {
    audit_event::ActiveModel {
        id: Set(job.id()),
        at: Set(job.clock.now().millis()),
        kind: Set(kind.word().to_owned()),
        actor: Set("system".to_owned()),
        subject: Set(format!("member:{member}")),
        reference: Set(None),
        number: Set(None),
        detail: Set(json!({
            "data_source_id": job.data_source_id,
            "sync_run_id": job.run(),
            "userid": userid,
            "user_id": user,
        })),
    }
}
