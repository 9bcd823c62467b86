//! Audit events of what a sync does to members.

use entity::audit_event;
use serde_json::json;
use uuid::Uuid;

use crate::{
    audit,
    directory::sync::{
        plan::model::{Kind, MemberChange},
        run_context::Job,
    },
};

/// The audit events of a change to this member, linked to this user.
pub fn of_change(
    job: &Job<'_>,
    change: &MemberChange,
    (member, user): (Uuid, Option<Uuid>),
) -> Vec<audit_event::ActiveModel> {
    let told = kinds(change);
    told.map(|kind| event(job, kind, member, &change.person.userid, user))
        .collect()
}

/// What the audit log tells of a change.
fn kinds(change: &MemberChange) -> impl Iterator<Item = audit::Kind> + use<> {
    let doubted = change.doubt.is_some();
    let returned = change.kind == Kind::Returned && change.supersedes.is_none() && !doubted;
    let told = [
        (change.supersedes.is_some(), audit::Kind::UseridReused),
        (change.renamed_from.is_some(), audit::Kind::UseridChanged),
        (returned, audit::Kind::MemberReturned),
        (doubted, audit::Kind::IdentityDoubted),
    ];
    told.into_iter().filter(|(holds, _)| *holds).map(|(_, kind)| kind)
}

/// Makes the audit event of something a sync did to a member.
pub fn event(
    job: &Job<'_>,
    kind: audit::Kind,
    member: Uuid,
    userid: &str,
    user: Option<Uuid>,
) -> audit_event::ActiveModel {
    let record = audit::Record {
        kind,
        actor: "system".to_owned(),
        subject: format!("member:{member}"),
        reference: None,
        number: None,
        detail: json!({
            "data_source_id": job.data_source_id,
            "sync_run_id": job.run_id(),
            "userid": userid,
            "user_id": user,
        }),
    };
    audit::store::row(job.entropy, job.clock.now(), record)
}
