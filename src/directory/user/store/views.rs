//! Rows of users as the API shows them, with the linked members.

use std::collections::{BTreeMap, HashMap};

use entity::{data_source, member, totp, users};
use sea_orm::{ColumnTrait, DbErr, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use super::{
    documents::{standard_claims_of, tag_of},
    provenance, sign_ins,
};
use crate::{
    directory::{
        freshness::checked_at,
        record_problem,
        user::view::{FieldSource, MemberFacts, UserView},
    },
    store::Database,
};

/// The views of these rows, in their order.
pub(super) async fn with_members(database: &Database, rows: Vec<users::Model>) -> Result<Vec<UserView>, DbErr> {
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    let signed_in = sign_ins::of(database, &ids).await?;
    let with_codes: Vec<Uuid> = totp::Entity::find()
        .select_only()
        .column(totp::Column::UserId)
        .filter(totp::Column::UserId.is_in(ids.iter().copied()))
        .into_tuple()
        .all(database.reader())
        .await?;
    let members = member::Entity::find()
        .filter(member::Column::UserId.is_in(ids))
        .all(database.reader())
        .await?;
    let corps: HashMap<Uuid, (String, Option<i64>)> = data_source::Entity::find()
        .select_only()
        .columns([
            data_source::Column::Id,
            data_source::Column::CorpId,
            data_source::Column::MembersConfirmedAt,
        ])
        .into_tuple::<(Uuid, String, Option<i64>)>()
        .all(database.reader())
        .await?
        .into_iter()
        .map(|(id, corp_id, confirmed)| (id, (corp_id, confirmed)))
        .collect();
    let mut linked: HashMap<Uuid, Vec<member::Model>> = HashMap::new();
    for row in members {
        if let Some(user) = row.user_id {
            linked.entry(user).or_default().push(row);
        }
    }
    let views = rows.into_iter().map(|row| {
        let members = linked.remove(&row.id).unwrap_or_default();
        let shown = members
            .iter()
            .find(|member| Some(member.data_source_id) == row.data_source_id && member.state == "present");
        let sources = provenance::sources(&row, shown)?;
        let facts = members.into_iter().map(|member| {
            let source = corps.get(&member.data_source_id);
            member_facts(member, source)
        });
        let totp_set = with_codes.contains(&row.id);
        let last = signed_in.get(&row.id).copied();
        view(row, (totp_set, last), sources, facts.collect())
    });
    views.collect()
}

fn member_facts(row: member::Model, source: Option<&(String, Option<i64>)>) -> MemberFacts {
    let checked_at = checked_at(
        row.checked_at,
        row.state == "present",
        source.and_then(|source| source.1),
    );
    MemberFacts {
        problem: record_problem::of_member(&row.import_outcome, row.import_reason.as_deref(), row.doubt.is_some()),
        id: row.id,
        data_source_id: row.data_source_id,
        corp_id: source.map(|source| source.0.clone()),
        userid: row.userid,
        departments: row.departments.0,
        state: row.state,
        import_outcome: row.import_outcome,
        import_reason: row.import_reason,
        checked_at,
    }
}

fn view(
    row: users::Model,
    (totp_set, last_sign_in_at): (bool, Option<i64>),
    sources: BTreeMap<&'static str, FieldSource>,
    members: Vec<MemberFacts>,
) -> Result<UserView, DbErr> {
    Ok(UserView {
        etag: tag_of(&row)?,
        sources,
        profile: standard_claims_of(&row)?,
        id: row.id,
        username: row.username,
        display_name: row.display_name,
        email: row.email,
        email_verified: row.email_verified,
        phone_number: row.phone_number,
        phone_verified: row.phone_verified,
        picture: row.picture,
        locale: row.locale,
        data_source_id: row.data_source_id,
        console_role: row.console_role,
        status: row.status,
        disabled_reason: row.disabled_reason,
        access_until: row.access_until,
        password_set: row.password_hash.is_some(),
        totp_set,
        members,
        last_sign_in_at,
        created_at: row.created_at,
        updated_at: row.updated_at,
    })
}
