//! What an upgrade makes of tokens and events of an earlier version: nobody loses power, and old events are found as new ones are.

use entity::{api_token, audit_event};
use menjin::store::Database;
use migration::{Migrator, MigratorTrait};
use sea_orm::{ConnectionTrait, EntityTrait, QueryOrder};
use uuid::Uuid;

use crate::backends::{Backend, storage};

const MIGRATION: &str = "m0031_token_scopes";
const USER: &str = "0190aaaa-0000-7000-8000-000000000001";
const MEMBER: &str = "0190aaaa-0000-7000-8000-000000000002";
const SOURCE: &str = "0190aaaa-0000-7000-8000-000000000003";

/// Actor, subject, kind and detail of an event, and what it is about then: user, member, client, data source.
type Case = (&'static str, String, &'static str, String, [Option<&'static str>; 4]);

fn cases() -> Vec<Case> {
    let about = |user, member, client, source| [user, member, client, source];
    let (user, member, source) = (Some(USER), Some(MEMBER), Some(SOURCE));
    vec![
        (
            "token:a",
            format!("user:{USER}"),
            "configured",
            "{}".into(),
            about(user, None, None, None),
        ),
        (
            "user:0190aaaa-0000-7000-8000-000000000001",
            "client:wiki".into(),
            "tokens_issued",
            "{}".into(),
            about(user, None, Some("wiki"), None),
        ),
        (
            "system",
            format!("member:{MEMBER}"),
            "member.departed",
            format!(r#"{{"user_id":"{USER}","data_source_id":"{SOURCE}"}}"#),
            about(user, member, None, source),
        ),
        (
            "token:a",
            format!("data_source:{SOURCE}"),
            "configured",
            "{}".into(),
            about(None, None, None, source),
        ),
        (
            "address:192.0.2.1",
            "client:unknown".into(),
            "client.refused",
            r#"{"client_id":"wiki"}"#.into(),
            about(None, None, None, None),
        ),
        (
            "client:wiki",
            "grant:1".into(),
            "reuse_detected",
            "{}".into(),
            about(None, None, Some("wiki"), None),
        ),
        (
            "token:a",
            format!("user:{USER}"),
            "consent_withdrawn",
            r#"{"client":"mail"}"#.into(),
            about(user, None, Some("mail"), None),
        ),
        (
            "idle",
            "session:1".into(),
            "signed_out",
            "null".into(),
            about(None, None, None, None),
        ),
        (
            "token:a",
            "user:not-an-id".into(),
            "configured",
            r#"{"user_id":7}"#.into(),
            about(None, None, None, None),
        ),
        (
            "token:a",
            "user:zzzzzzzz-zzzz-zzzz-zzzz-zzzzzzzzzzzz".into(),
            "configured",
            "{}".into(),
            about(None, None, None, None),
        ),
    ]
}

async fn fill<C: ConnectionTrait>(db: &C, cases: &[Case], uuid: fn(u128) -> String) {
    for (number, (actor, subject, kind, detail, _)) in cases.iter().enumerate() {
        let id = uuid(number as u128 + 1);
        let statement = format!(
            "INSERT INTO audit_event (id, at, kind, actor, subject, detail) \
             VALUES ({id}, 1, '{kind}', '{actor}', '{subject}', '{detail}')"
        );
        db.execute_unprepared(&statement).await.unwrap();
    }
    for (number, role, revoked) in [
        (1, "admin", "NULL"),
        (2, "admin", "5"),
        (3, "operator", "NULL"),
        (4, "auditor", "NULL"),
    ] {
        let id = uuid(number);
        let statement = format!(
            "INSERT INTO api_token (id, name, digest, role, created_at, revoked_at) \
             VALUES ({id}, 'a', 'digest{number}', '{role}', 1, {revoked})"
        );
        db.execute_unprepared(&statement).await.unwrap();
    }
}

async fn an_upgrade_keeps_power_and_finds_old_events(backend: Backend, uuid: fn(u128) -> String) {
    let Some(storage) = storage(backend) else { return };
    let url = crate::fixture::database_url(&storage);
    let database = Database::connect(url, 1).await.unwrap();
    let connection = database.writer().connection();
    let before = Migrator::migrations()
        .iter()
        .position(|migration| migration.name() == MIGRATION);
    let before = u32::try_from(before.unwrap()).unwrap();
    Migrator::up(connection, Some(before)).await.unwrap();
    let cases = cases();
    fill(connection, &cases, uuid).await;
    Migrator::up(connection, None).await.unwrap();
    let tokens = api_token::Entity::find()
        .order_by_asc(api_token::Column::Id)
        .all(connection)
        .await
        .unwrap();
    let roles: Vec<&str> = tokens.iter().map(|token| token.role.as_str()).collect();
    assert_eq!(
        roles,
        ["owner", "admin", "operator", "auditor"],
        "a revoked token gains nothing"
    );
    assert!(
        tokens
            .iter()
            .all(|token| token.scope.is_none() && token.last_used_at.is_none())
    );
    let events = audit_event::Entity::find()
        .order_by_asc(audit_event::Column::Id)
        .all(connection)
        .await
        .unwrap();
    for (event, (actor, subject, kind, _, [user, member, client, source])) in events.iter().zip(&cases) {
        let id = |text: &Option<&str>| text.map(|text| Uuid::parse_str(text).unwrap());
        let found = (
            event.user_id,
            event.member_id,
            event.client_id.as_deref(),
            event.data_source_id,
        );
        assert_eq!(
            found,
            (id(user), id(member), *client, id(source)),
            "{kind} {actor} {subject}"
        );
    }
    // And back: who only reached some must not reach everything.
    connection
        .execute_unprepared("UPDATE api_token SET role = 'portal' WHERE name = 'a' AND role = 'auditor'")
        .await
        .unwrap();
    let steps = u32::try_from(Migrator::migrations().len()).unwrap() - before;
    Migrator::down(connection, Some(steps)).await.unwrap();
    let left = connection
        .query_one_raw(sea_orm::Statement::from_string(
            connection.get_database_backend(),
            "SELECT count(*) AS tokens FROM api_token WHERE role IN ('admin', 'operator')",
        ))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(left.try_get::<i64>("", "tokens").unwrap(), 3);
}

#[actix_web::test]
async fn an_upgrade_keeps_power_and_finds_old_events_on_sqlite() {
    let uuid = |number| format!("x'{number:032x}'");
    an_upgrade_keeps_power_and_finds_old_events(Backend::SqliteMemory, uuid).await;
}

#[actix_web::test]
async fn an_upgrade_keeps_power_and_finds_old_events_on_postgres() {
    let uuid = |number| format!("'{}'", Uuid::from_u128(number));
    an_upgrade_keeps_power_and_finds_old_events(Backend::PostgresRedis, uuid).await;
}
