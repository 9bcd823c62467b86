//! What an upgrade knows of values that stood there before it was written down where they came from.

use entity::{data_source, member, users};
use menjin::store::Database;
use migration::{Migrator, MigratorTrait};
use sea_orm::{ActiveValue::Set, ConnectionTrait, EntityTrait};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::backends::{Backend, storage};

const SOURCE: Uuid = Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0007);
const MIGRATION: &str = "m0022_provenance";

fn user(number: u128, source: Option<Uuid>, corp: Option<&str>) -> users::ActiveModel {
    users::ActiveModel {
        id: Set(Uuid::from_u128(number)),
        username: Set(format!("u{number}")),
        username_key: Set(format!("u{number}")),
        display_name: Set(Some("李华".to_owned())),
        email: Set(Some(format!("{number}@corp.example"))),
        email_verified: Set(false),
        phone_number: Set(Some("110".to_owned())),
        phone_verified: Set(false),
        gender: Set(Some("female".to_owned())),
        profile: Set(json!({})),
        data_source_id: Set(source),
        corp_id: Set(corp.map(str::to_owned)),
        status: Set("active".to_owned()),
        created_at: Set(1),
        updated_at: Set(1),
        ..Default::default()
    }
}

async fn fill<C: ConnectionTrait>(db: &C) {
    let source = data_source::ActiveModel {
        id: Set(SOURCE),
        name: Set("corp".to_owned()),
        description: Set(String::new()),
        corp_id: Set("ww1".to_owned()),
        duplicate_rule: Set("overwrite".to_owned()),
        login_password: Set(false),
        login_wecom: Set(true),
        removal_threshold_percent: Set(20),
        enabled: Set(true),
        created_at: Set(1),
        updated_at: Set(1),
        ..Default::default()
    };
    data_source::Entity::insert(source)
        .exec_without_returning(db)
        .await
        .unwrap();
    let people = [
        user(1, None, None),
        user(2, Some(SOURCE), Some("ww1")),
        user(3, Some(SOURCE), Some("ww1")),
        user(4, None, Some("ww1")),
    ];
    users::Entity::insert_many(people)
        .exec_without_returning(db)
        .await
        .unwrap();
    for (email_origin, number) in [("wecom", 2), ("template", 3), ("wecom", 4)] {
        let statement = format!("UPDATE users SET email_origin = '{email_origin}' WHERE username = 'u{number}'");
        db.execute_unprepared(&statement).await.unwrap();
    }
    let member = member::ActiveModel {
        id: Set(Uuid::from_u128(20)),
        data_source_id: Set(SOURCE),
        userid: Set("u2".to_owned()),
        userid_key: Set("u2".to_owned()),
        name: Set(Some("李华".to_owned())),
        mobile: Set(Some("120".to_owned())),
        gender: Set(Some("female".to_owned())),
        departments: Set(entity::json::Numbers::default()),
        state: Set("present".to_owned()),
        checked_at: Set(1),
        user_id: Set(Some(Uuid::from_u128(2))),
        import_outcome: Set("imported".to_owned()),
        created_at: Set(1),
        updated_at: Set(1),
        ..Default::default()
    };
    member::Entity::insert(member).exec_without_returning(db).await.unwrap();
}

async fn an_upgrade_says_what_is_known_and_no_more(backend: Backend) {
    let Some(storage) = storage(backend) else { return };
    let database = Database::connect(crate::fixture::database_url(&storage), 1)
        .await
        .unwrap();
    let connection = database.writer().connection();
    let before = Migrator::migrations()
        .iter()
        .position(|migration| migration.name() == MIGRATION);
    let before = u32::try_from(before.unwrap()).unwrap();
    Migrator::up(connection, Some(before)).await.unwrap();
    fill(connection).await;
    Migrator::up(connection, None).await.unwrap();
    let came = |origin: Value, fields: Value| json!({ "origin": origin, "at": null, "fields": fields });
    let wecom = |id: Value| json!({ "from": "wecom", "data_source_id": id });
    let source = json!(SOURCE.to_string());
    for (number, expected) in [
        (
            1,
            json!([came(
                json!({ "from": "admin", "actor": null }),
                json!(["display_name", "email", "phone_number", "profile.gender"])
            )]),
        ),
        // The number is another than WeCom's: whose it is nobody knows.
        (
            2,
            json!([came(
                wecom(source.clone()),
                json!(["display_name", "email", "profile.gender"])
            )]),
        ),
        (3, json!([came(json!({ "from": "template" }), json!(["email"]))])),
        (4, json!([came(wecom(Value::Null), json!(["email"]))])),
    ] {
        let row = users::Entity::find_by_id(Uuid::from_u128(number))
            .one(connection)
            .await
            .unwrap()
            .unwrap();
        assert_eq!(row.provenance, json!({ "edits": 0, "came": expected }), "{number}");
    }
}

#[actix_web::test]
async fn an_upgrade_says_what_is_known_and_no_more_on_sqlite() {
    an_upgrade_says_what_is_known_and_no_more(Backend::SqliteMemory).await;
}

#[actix_web::test]
async fn an_upgrade_says_what_is_known_and_no_more_on_postgres() {
    an_upgrade_says_what_is_known_and_no_more(Backend::PostgresRedis).await;
}
