//! URL, Token and EncodingAESKey, and what the wizard sees of them.

use std::time::Duration;

use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel, Set};

use super::bench::Bench;
use crate::directory::callback::{endpoint::Endpoint, owner::Owner};

#[actix_web::test]
async fn what_was_made_passes_wecoms_verification_and_the_wizard_sees_it() {
    let bench = Bench::unsynced(true).await;
    for owner in [Owner::Contacts, Owner::App] {
        let issued = bench.callbacks.create(bench.source, owner).await.unwrap();
        assert_eq!(issued.url, format!("{}/wecom/events/{}", bench.base, issued.id));
        assert_eq!((issued.token.expose().len(), issued.aes_key.expose().len()), (32, 43));
        let endpoint = |found: Vec<Endpoint>| found.into_iter().find(|endpoint| endpoint.owner == owner).unwrap();
        let before = endpoint(bench.callbacks.find(bench.source).await.unwrap());
        assert_eq!(
            (before.verified_at, before.last_event_at, before.id),
            (None, None, issued.id)
        );
        bench.enter(owner, &issued).await.unwrap();
        let after = endpoint(bench.callbacks.find(bench.source).await.unwrap());
        assert_eq!((after.verified_at, &after.url), (Some(bench.clock.now()), &issued.url));
        let row = bench.endpoint(issued.id).await;
        for secret in [issued.token.expose(), issued.aes_key.expose()] {
            assert!(!format!("{row:?} {issued:?}").contains(secret), "sealed, and not seen");
        }
    }
    assert_eq!(bench.callbacks.find(bench.source).await.unwrap().len(), 2);
}

#[actix_web::test]
async fn making_it_again_keeps_the_url_and_replaces_token_and_key() {
    let bench = Bench::unsynced(true).await;
    let old = bench.configure(Owner::Contacts).await;
    let new = bench.callbacks.create(bench.source, Owner::Contacts).await.unwrap();
    assert_eq!(old.url, new.url);
    assert_ne!(old.token.expose(), new.token.expose());
    assert_ne!(old.aes_key.expose(), new.aes_key.expose());
    assert_eq!(bench.endpoint(new.id).await.verified_at, None);
    assert!(bench.enter(Owner::Contacts, &old).await.unwrap_err().contains("403"));
    bench.enter(Owner::Contacts, &new).await.unwrap();
}

#[actix_web::test]
async fn a_verification_seen_once_is_of_no_use_later() {
    let bench = Bench::unsynced(true).await;
    bench.clock.advance(Duration::from_secs(3600));
    let issued = bench.callbacks.create(bench.source, Owner::Contacts).await.unwrap();
    assert!(bench.enter(Owner::Contacts, &issued).await.unwrap_err().contains("403"));
    assert_eq!(bench.endpoint(issued.id).await.verified_at, None);
}

#[actix_web::test]
async fn an_unknown_source_and_a_missing_app_are_refused() {
    let bench = Bench::unsynced(false).await;
    let number = |made: crate::kernel::failure::Result<_>| made.err().unwrap().entry.number;
    assert_eq!(number(bench.callbacks.create(bench.source, Owner::App).await), "CB-103");
    let unknown = uuid::Uuid::nil();
    assert_eq!(number(bench.callbacks.create(unknown, Owner::Contacts).await), "SY-111");
    assert_eq!(bench.callbacks.find(unknown).await.unwrap(), []);
}

#[actix_web::test]
async fn a_row_no_version_writes_is_refused() {
    let bench = Bench::unsynced(true).await;
    let issued = bench.callbacks.create(bench.source, Owner::Contacts).await.unwrap();
    let mut row = bench.endpoint(issued.id).await.into_active_model();
    row.owner = Set("suite".to_owned());
    row.update(bench.db.writer()).await.unwrap();
    assert!(bench.callbacks.find(bench.source).await.is_err());
    let gone = entity::data_source::Entity::delete_by_id(bench.source)
        .exec(bench.db.writer())
        .await;
    assert_eq!(gone.unwrap().rows_affected, 1);
    assert_eq!(
        bench.callbacks.find(bench.source).await.unwrap(),
        [],
        "gone with its data source"
    );
}
