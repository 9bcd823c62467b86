//! Tests of provenance and pins in the database: an edit made while a sync runs, and what an admin typed in is no evidence.

use std::collections::BTreeSet;

use entity::{identity_finding, users};
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel, Set};
use uuid::Uuid;

use super::{
    fixture::{Fixture, corp, person},
    runs::{job, planned},
};
use crate::directory::{
    sync::{plan::changes::Said, store},
    user::{
        provenance::{Edit, Field, Origin, Provenance},
        store::{document, provenance_of},
    },
};

/// An admin types in a name, which pins it.
fn typed(provenance: &mut Provenance) {
    provenance.edit(Edit {
        actor: "token:admin",
        at: 5,
        changed: &BTreeSet::from([Field::DisplayName]),
        pinned: None,
    });
}

async fn edit_name(fixture: &Fixture, id: Uuid, name: &str) {
    let before = fixture.find_user(id).await;
    let mut provenance = provenance_of(before.provenance.clone()).unwrap();
    typed(&mut provenance);
    let mut user = before.into_active_model();
    user.display_name = Set(Some(name.to_owned()));
    user.provenance = Set(document(&provenance));
    user.update(fixture.runs.db.writer()).await.unwrap();
}

/// A user left over by an earlier data source of the corp, with a name that WeCom gave or an admin typed in.
async fn left_over(fixture: &Fixture, username: &str, provenance: &Provenance) -> Uuid {
    let id = fixture.user(username, None, None).await;
    let row = users::ActiveModel {
        id: Set(id),
        corp_id: Set(Some("ww1".to_owned())),
        email: Set(None),
        email_verified: Set(false),
        status: Set("disabled".to_owned()),
        disabled_reason: Set(Some("source_removed".to_owned())),
        provenance: Set(document(provenance)),
        ..Default::default()
    };
    row.update(fixture.runs.db.writer()).await.unwrap();
    id
}

#[tokio::test]
async fn an_edit_made_after_the_plan_is_not_lost() {
    let fixture = Fixture::new("overwrite").await;
    fixture.sync(corp([person("lihua", "李华")])).await;
    let id = fixture.member("lihua").await.user_id.unwrap();
    let mut renamed = person("lihua", "李华 (外包)");
    renamed.profile.alias = Some("小李".to_owned());
    let plan = planned(&fixture, &corp([renamed.clone()])).await;
    edit_name(&fixture, id, "李桦").await;
    let missed = store::members::write(&job(&fixture), &plan.members, &Said::default())
        .await
        .unwrap();
    assert_eq!(missed, ["lihua"], "left to the next run");
    assert_eq!(fixture.find_user(id).await.display_name.as_deref(), Some("李桦"));
    let (run, _) = fixture.sync(corp([renamed])).await;
    let user = fixture.find_user(id).await;
    assert_eq!(
        (user.display_name.as_deref(), user.nickname.as_deref()),
        (Some("李桦"), Some("小李"))
    );
    let rows = fixture.rows(run).await;
    assert!(rows.contains(&("lihua".to_owned(), "pinned".to_owned())), "{rows:?}");
    let provenance = provenance_of(user.provenance).unwrap();
    let wecom = Origin::Wecom {
        data_source_id: Some(fixture.source),
    };
    assert_eq!(
        (provenance.origin(Field::Nickname), provenance.since(Field::Nickname)),
        (&wecom, Some(fixture.runs.clock.now().millis()))
    );
    assert!(matches!(provenance.origin(Field::DisplayName), Origin::Admin { .. }));
}

#[tokio::test]
async fn a_name_that_an_admin_typed_in_is_no_evidence_of_a_person() {
    for (typed_in, named, outcome) in [
        // WeCom's own value tells them apart, and knows them again.
        (false, "before", "linked"),
        (false, "王五", "another"),
        // An admin's says neither that they are the same nor that they are not: an admin is asked.
        (true, "before", "doubted"),
        (true, "王五", "doubted"),
    ] {
        for rule in ["overwrite", "skip"] {
            let fixture = Fixture::new(rule).await;
            let mut provenance = Provenance::default();
            provenance.take(Field::DisplayName, Uuid::from_u128(9), true);
            if typed_in {
                typed(&mut provenance);
            }
            let old = left_over(&fixture, "lihua", &provenance).await;
            fixture.sync(corp([person("lihua", named)])).await;
            let member = fixture.member("lihua").await;
            let findings = identity_finding::Entity::find()
                .all(fixture.runs.db.reader())
                .await
                .unwrap();
            let told = (member.user_id == Some(old), member.doubt.is_some(), findings.len());
            let expected = match outcome {
                "linked" => (true, false, 0),
                "another" => (false, false, 0),
                _ => (true, true, 1),
            };
            assert_eq!(told, expected, "{typed_in} {named} {rule}");
            let name = fixture.find_user(old).await.display_name;
            assert_eq!(name.as_deref(), Some("before"), "{typed_in} {named} {rule}");
        }
    }
}
