//! How many events about customers are kept at most: the newest of each data source.

use sea_orm::{ConnectionTrait, Database, DatabaseBackend, Statement};
use serde_json::json;
use simulator::{Delivery, ExternalChange};

use super::{CUSTOMER, CUSTOMERS, connect_customers, customer, source, told};
use crate::{actors::id, fixture::Fixture, scenario};

/// Older events of the same data source than the one there is, as many as may be kept beside it.
fn older(backend: DatabaseBackend) -> String {
    let number = 99_999;
    let (id, numbers) = match backend {
        DatabaseBackend::Postgres => (
            "lpad(to_hex(i), 32, '0')::uuid",
            format!("generate_series(1, {number}) AS n(i)"),
        ),
        _ => (
            "unhex(printf('%032x', i))",
            format!(
                "(WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {number}) SELECT i FROM n) AS n"
            ),
        ),
    };
    format!(
        "INSERT INTO external_contact_event (id, data_source_id, change, received_at, digest) \
         SELECT {id}, e.data_source_id, 'other', e.received_at, 'digest-' || i FROM {numbers}, external_contact_event AS e"
    )
}

scenario!(
    of_a_data_source_the_newest_hundred_thousand_events_are_kept,
    |fixture: Fixture| async move {
        let source = source(&fixture, json!({})).await;
        connect_customers(&fixture, &source).await;
        let event = customer(ExternalChange::AddExternalContact, CUSTOMER);
        assert_eq!(
            told(&fixture, CUSTOMERS, event, Delivery::default()).await.statuses,
            [200]
        );
        let database = Database::connect(fixture.database_url()).await.unwrap();
        let backend = database.get_database_backend();
        database.execute_unprepared(&older(backend)).await.unwrap();
        // As they come, and not only when somebody sweeps.
        for number in 2..=100 {
            let event = customer(ExternalChange::AddExternalContact, &format!("wmLater{number}"));
            let report = told(&fixture, CUSTOMERS, event, Delivery::default()).await;
            assert_eq!(report.statuses, [200]);
        }
        let count = "SELECT COUNT(*) AS n FROM external_contact_event";
        let row = database
            .query_one_raw(Statement::from_string(backend, count))
            .await
            .unwrap();
        let kept = row.unwrap().try_get::<i64>("", "n").unwrap();
        assert_eq!(kept, 98_000);
        let path = format!("data-sources/{}/external-contact-events?limit=1", id(&source));
        let newest = fixture.admin().items(&path).await.remove(0);
        assert_eq!(newest["external_userid"], "wmLater100", "the newest stays: {newest}");
    }
);
