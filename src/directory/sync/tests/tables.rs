//! All tables that a run writes, as texts that can be compared; and a mirror made up at random, as rows of them.

use std::collections::BTreeSet;

use entity::{
    department, identity_finding, json::Numbers, member, scope_entry, tag, tag_department, tag_user, users, wecom_app,
};
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};
use uuid::Uuid;

use super::fixture::Fixture;
use crate::directory::{
    sync::{
        mirror::{MemberRow, Mirror, Standing, TagRow, UserOrigin, UserRow},
        snapshot::ScopeLine,
    },
    user::store::document,
};

/// Every row, without versions, how fresh a membership is, and passwords.
pub async fn dump(fixture: &Fixture) -> BTreeSet<String> {
    let db = fixture.runs.db.reader();
    let mut rows = BTreeSet::new();
    for mut row in member::Entity::find().all(db).await.unwrap() {
        (row.updated_at, row.checked_at) = (0, 0);
        rows.insert(format!("{row:?}"));
    }
    for mut row in users::Entity::find().all(db).await.unwrap() {
        (row.updated_at, row.password_hash) = (0, None);
        rows.insert(format!("{row:?}"));
    }
    for mut row in department::Entity::find().all(db).await.unwrap() {
        row.updated_at = 0;
        rows.insert(format!("{row:?}"));
    }
    for mut row in tag::Entity::find().all(db).await.unwrap() {
        row.updated_at = 0;
        rows.insert(format!("{row:?}"));
    }
    for mut row in wecom_app::Entity::find().all(db).await.unwrap() {
        row.scope_fetched_at = row.scope_fetched_at.map(|_| 1);
        (row.read_at, row.next_read_at) = (None, None);
        rows.insert(format!("{row:?}"));
    }
    rows.extend(
        tag_user::Entity::find()
            .all(db)
            .await
            .unwrap()
            .iter()
            .map(|row| format!("{row:?}")),
    );
    rows.extend(
        tag_department::Entity::find()
            .all(db)
            .await
            .unwrap()
            .iter()
            .map(|row| format!("{row:?}")),
    );
    rows.extend(
        scope_entry::Entity::find()
            .all(db)
            .await
            .unwrap()
            .iter()
            .map(|row| format!("{row:?}")),
    );
    rows.extend(
        identity_finding::Entity::find()
            .all(db)
            .await
            .unwrap()
            .iter()
            .map(|row| format!("{row:?}")),
    );
    rows
}

/// Empties the tables of a fixture, and puts a mirror into them.
pub async fn fill(fixture: &Fixture, mirror: &Mirror) {
    let db = fixture.runs.db.writer();
    member::Entity::delete_many().exec(db).await.unwrap();
    users::Entity::delete_many().exec(db).await.unwrap();
    department::Entity::delete_many().exec(db).await.unwrap();
    tag::Entity::delete_many().exec(db).await.unwrap();
    scope_entry::Entity::delete_many().exec(db).await.unwrap();
    for row in &mirror.users {
        let row = user_row(fixture, row).into_active_model();
        users::Entity::insert(row).exec_without_returning(db).await.unwrap();
    }
    for row in &mirror.members {
        let row = member_row(fixture, row).into_active_model();
        member::Entity::insert(row).exec_without_returning(db).await.unwrap();
    }
    for row in &mirror.departments {
        let row = department::Model {
            id: row.id,
            data_source_id: fixture.source,
            wecom_id: row.wecom_id,
            parent_wecom_id: row.parent_wecom_id,
            name: row.name.clone(),
            sort_order: row.sort_order,
            path: row.path.clone(),
            updated_at: 1,
        };
        department::Entity::insert(row.into_active_model())
            .exec_without_returning(db)
            .await
            .unwrap();
    }
    for row in &mirror.tags {
        tag_rows(fixture, row).await;
    }
    let lines = mirror.app.iter().flat_map(|app| &app.scope);
    for (kind, value) in lines.map(ScopeLine::words) {
        let row = scope_entry::Model {
            app_id: fixture.app,
            kind: kind.to_owned(),
            value,
        };
        scope_entry::Entity::insert(row.into_active_model())
            .exec_without_returning(db)
            .await
            .unwrap();
    }
}

async fn tag_rows(fixture: &Fixture, row: &TagRow) {
    let db = fixture.runs.db.writer();
    let held = tag::Model {
        id: row.id,
        data_source_id: fixture.source,
        wecom_id: row.wecom_id,
        name: row.name.clone(),
        updated_at: 1,
    };
    tag::Entity::insert(held.into_active_model())
        .exec_without_returning(db)
        .await
        .unwrap();
    for userid_key in row.users.iter().cloned() {
        let bearer = tag_user::Model {
            tag_id: row.id,
            userid_key,
        };
        tag_user::Entity::insert(bearer.into_active_model())
            .exec_without_returning(db)
            .await
            .unwrap();
    }
    for department in row.departments.iter().copied() {
        let bearer = tag_department::Model {
            tag_id: row.id,
            department,
        };
        tag_department::Entity::insert(bearer.into_active_model())
            .exec_without_returning(db)
            .await
            .unwrap();
    }
}

fn user_row(fixture: &Fixture, row: &UserRow) -> users::Model {
    let (data_source_id, corp_id, role) = match row.owner {
        UserOrigin::Local => (None, None, None),
        UserOrigin::Ours => (Some(fixture.source), Some("ww1"), None),
        UserOrigin::OtherCorp => (None, Some("ww2"), None),
        UserOrigin::ConsoleAdmin => (None, None, Some("admin")),
    };
    let (status, reason) = match row.standing {
        Standing::Active => ("active", None),
        Standing::Outside => ("disabled", Some("out_of_scope")),
        Standing::Departed => ("disabled", Some("departed")),
        Standing::Disabled => ("disabled", Some("admin")),
    };
    users::Model {
        id: row.id,
        username: row.username.clone(),
        username_key: row.username_key.clone(),
        display_name: row.profile.display_name.clone(),
        email: row.profile.email.clone(),
        email_verified: row.profile.email_verified,
        provenance: document(&row.profile.provenance),
        phone_number: row.profile.phone_number.clone(),
        phone_verified: row.profile.phone_verified,
        picture: row.profile.picture.clone(),
        locale: None,
        nickname: row.profile.nickname.clone(),
        gender: row.profile.gender.clone(),
        profile: serde_json::json!({}),
        data_source_id,
        corp_id: corp_id.map(str::to_owned),
        console_role: role.map(str::to_owned),
        status: status.to_owned(),
        disabled_reason: reason.map(str::to_owned),
        access_until: None,
        email_proven: None,
        email_entered: None,
        language: None,
        browsers_known_at: None,
        access_ending_told: None,
        password_hash: None,
        created_at: 1,
        updated_at: 1,
    }
}

fn member_row(fixture: &Fixture, row: &MemberRow) -> member::Model {
    let profile = &row.person.profile;
    member::Model {
        id: row.id,
        data_source_id: fixture.source,
        userid: row.person.userid.clone(),
        userid_key: row.key.clone(),
        name: profile.name.clone(),
        alias: profile.alias.clone(),
        position: profile.position.clone(),
        email: profile.email.clone(),
        mobile: profile.mobile.clone(),
        avatar: profile.avatar.clone(),
        gender: profile.gender.clone(),
        open_userid: profile.open_userid.clone(),
        main_department: row.person.main_department,
        departments: Numbers(row.person.departments.clone()),
        status: row.person.status,
        state: if row.present { "present" } else { "departed" }.to_owned(),
        departed_at: (!row.present).then_some(1),
        checked_at: 1,
        doubt: row.doubt.map(|link| link.doubt_word().to_owned()),
        user_id: row.user_id,
        import_outcome: row.outcome.word().to_owned(),
        import_reason: row.reason.clone(),
        created_at: 1,
        updated_at: row.version,
    }
}

/// The journal of a run: subject, userid, outcome and changes.
pub async fn journal(fixture: &Fixture, run: Uuid) -> Vec<entity::sync_row::Model> {
    let rows = entity::sync_row::Entity::find().filter(entity::sync_row::Column::RunId.eq(run));
    rows.all(fixture.runs.db.reader()).await.unwrap()
}
