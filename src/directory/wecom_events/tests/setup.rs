//! Tests of creating an endpoint: URL, Token and EncodingAESKey, and what the setup wizard shows of them.

use std::time::Duration;

use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel, Set};

use super::fixture::Fixture;
use crate::directory::wecom_events::{endpoint::Endpoint, endpoint_owner::Owner};

#[actix_web::test]
async fn what_was_made_passes_wecoms_verification_and_the_wizard_sees_it() {
    let fixture = Fixture::unsynced(true).await;
    for owner in [Owner::Contacts, Owner::App] {
        let issued = fixture.callbacks.create(fixture.source, owner).await.unwrap();
        assert_eq!(issued.url, format!("{}/wecom/events/{}", fixture.base, issued.id));
        assert_eq!((issued.token.expose().len(), issued.aes_key.expose().len()), (32, 43));
        let endpoint = |found: Vec<Endpoint>| found.into_iter().find(|endpoint| endpoint.owner == owner).unwrap();
        let before = endpoint(fixture.callbacks.find(fixture.source).await.unwrap());
        assert_eq!(
            (before.verified_at, before.last_event_at, before.id),
            (None, None, issued.id)
        );
        fixture.enter(owner, &issued).await.unwrap();
        let after = endpoint(fixture.callbacks.find(fixture.source).await.unwrap());
        assert_eq!(
            (after.verified_at, &after.url),
            (Some(fixture.clock.now()), &issued.url)
        );
        let row = fixture.endpoint(issued.id).await;
        for secret in [issued.token.expose(), issued.aes_key.expose()] {
            assert!(!format!("{row:?} {issued:?}").contains(secret), "sealed, and not seen");
        }
    }
    assert_eq!(fixture.callbacks.find(fixture.source).await.unwrap().len(), 2);
}

#[actix_web::test]
async fn making_it_again_keeps_the_url_and_replaces_token_and_key() {
    let fixture = Fixture::unsynced(true).await;
    let old = fixture.configure(Owner::Contacts).await;
    let new = fixture.callbacks.create(fixture.source, Owner::Contacts).await.unwrap();
    assert_eq!(old.url, new.url);
    assert_ne!(old.token.expose(), new.token.expose());
    assert_ne!(old.aes_key.expose(), new.aes_key.expose());
    assert_eq!(fixture.endpoint(new.id).await.verified_at, None);
    assert!(fixture.enter(Owner::Contacts, &old).await.unwrap_err().contains("403"));
    fixture.enter(Owner::Contacts, &new).await.unwrap();
}

#[actix_web::test]
async fn a_verification_seen_once_is_of_no_use_later() {
    let fixture = Fixture::unsynced(true).await;
    fixture.clock.advance(Duration::from_secs(3600));
    let issued = fixture.callbacks.create(fixture.source, Owner::Contacts).await.unwrap();
    assert!(
        fixture
            .enter(Owner::Contacts, &issued)
            .await
            .unwrap_err()
            .contains("403")
    );
    assert_eq!(fixture.endpoint(issued.id).await.verified_at, None);
}

#[actix_web::test]
async fn an_unknown_source_and_a_missing_app_are_refused() {
    let fixture = Fixture::unsynced(false).await;
    let number = |made: crate::kernel::failure::Result<_>| made.err().unwrap().entry.number;
    assert_eq!(
        number(fixture.callbacks.create(fixture.source, Owner::App).await),
        "CB-103"
    );
    let unknown = uuid::Uuid::nil();
    assert_eq!(
        number(fixture.callbacks.create(unknown, Owner::Contacts).await),
        "SY-111"
    );
    assert_eq!(fixture.callbacks.find(unknown).await.unwrap(), []);
}

#[actix_web::test]
async fn a_row_no_version_writes_is_refused() {
    let fixture = Fixture::unsynced(true).await;
    let issued = fixture.callbacks.create(fixture.source, Owner::Contacts).await.unwrap();
    let mut row = fixture.endpoint(issued.id).await.into_active_model();
    row.owner = Set("calendar".to_owned());
    row.update(fixture.db.writer()).await.unwrap();
    assert!(fixture.callbacks.find(fixture.source).await.is_err());
    let gone = entity::data_source::Entity::delete_by_id(fixture.source)
        .exec(fixture.db.writer())
        .await;
    assert_eq!(gone.unwrap().rows_affected, 1);
    assert_eq!(
        fixture.callbacks.find(fixture.source).await.unwrap(),
        [],
        "gone with its data source"
    );
}
