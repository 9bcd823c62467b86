//! A corp of hundreds goes in batches, and a process that is killed between two of them is followed by the next.

use sea_orm::{ActiveModelTrait, ColumnTrait, PaginatorTrait, QueryFilter};

use super::*;
use crate::directory::offboarding::{
    Offboarding,
    store::due::{self, WholeSource},
};

const PEOPLE: usize = 450;

impl World {
    /// A data source with so many people, and the sessions of one in three.
    async fn corp_of(&self, people: usize) -> Uuid {
        let body = json!({ "name": "corp", "corp_id": "ww0123456789", "login_methods": [] });
        let source = self.post("/data-sources", body).await.ok(201).id();
        let first = self.post("/users", json!({ "username": "u0" })).await.ok(201).id();
        let template = user_table::Entity::find_by_id(first.parse::<Uuid>().unwrap());
        let template = template.one(self.database.reader()).await.unwrap().unwrap();
        let rows = (1..=people).map(|number| user_table::ActiveModel {
            id: Set(self.entropy.id(self.clock.now())),
            username: Set(format!("person{number}")),
            username_key: Set(format!("person{number}")),
            data_source_id: Set(Some(source.parse().unwrap())),
            ..user_table::ActiveModel::from(template.clone()).reset_all()
        });
        let rows: Vec<_> = rows.collect();
        let ids: Vec<Uuid> = rows.iter().map(|row| row.id.clone().unwrap()).collect();
        for batch in rows.chunks(100) {
            let insert = user_table::Entity::insert_many(batch.to_vec());
            insert.exec_without_returning(self.database.writer()).await.unwrap();
        }
        for id in ids.iter().step_by(3) {
            self.session(&id.to_string()).await;
        }
        source.parse().unwrap()
    }

    async fn active_of(&self, source: Uuid) -> u64 {
        user_table::Entity::find()
            .filter(user_table::Column::DataSourceId.eq(source))
            .filter(user_table::Column::Status.eq("active"))
            .count(self.database.reader())
            .await
            .unwrap()
    }

    async fn living_sessions(&self) -> u64 {
        session::Entity::find()
            .filter(session::Column::EndedAt.is_null())
            .count(self.database.reader())
            .await
            .unwrap()
    }
}

#[actix_web::test]
async fn a_cancelled_corp_is_ended_to_the_last_also_by_who_comes_after_a_kill() {
    let world = World::new().await;
    let source = world.corp_of(PEOPLE).await;
    let offboarding = Offboarding::new(world.database.clone(), world.clock.clone(), world.entropy.clone());
    assert_eq!(offboarding.go_on().await.unwrap(), 0, "nobody cancelled anything");
    let change = world.database.begin().await.unwrap();
    let reason = WholeSource::cancelled(source).reason;
    assert!(
        due::switch_off(&change, source, Some(reason), world.clock.now())
            .await
            .unwrap()
            .is_some()
    );
    change.commit().await.unwrap();
    let at = (&world.entropy, world.clock.now());
    let first = due::end_of_source(&world.database, WholeSource::cancelled(source), at)
        .await
        .unwrap();
    assert!(first > 0 && first < PEOPLE, "{first} in one transaction");
    // Here the process is killed.
    assert_eq!(world.active_of(source).await, u64::try_from(PEOPLE - first).unwrap());
    assert_eq!(offboarding.go_on().await.unwrap(), PEOPLE - first);
    assert_eq!((world.active_of(source).await, world.living_sessions().await), (0, 0));
    let reports = entity::offboarding::Entity::find()
        .all(world.database.reader())
        .await
        .unwrap();
    assert_eq!(reports.len(), PEOPLE, "a report each");
    assert_eq!(
        reports.iter().filter(|report| report.sessions != json!([])).count(),
        PEOPLE / 3
    );
    assert_eq!(offboarding.go_on().await.unwrap(), 0);
}

#[actix_web::test]
async fn who_is_in_charge_is_signed_out_by_a_cancelled_installation_and_stays_enabled() {
    let world = World::new().await;
    let source = world.corp_of(3).await;
    let rows = user_table::Entity::find().filter(user_table::Column::DataSourceId.eq(source));
    let boss = rows.one(world.database.reader()).await.unwrap().unwrap();
    world
        .patch(&format!("/users/{}", boss.id), json!({ "console_role": "admin" }))
        .await
        .ok(200);
    let session = world.session(&boss.id.to_string()).await;
    let offboarding = Offboarding::new(world.database.clone(), world.clock.clone(), world.entropy.clone());
    offboarding.cancel_installation(source).await.unwrap();
    let row = session::Entity::find_by_id(session).one(world.database.reader()).await;
    assert!(row.unwrap().unwrap().ended_at.is_some());
    assert_eq!(world.active_of(source).await, 1);
    let stranger = offboarding.cancel_installation(Uuid::nil()).await.unwrap_err();
    assert_eq!(stranger.entry.number, "DI-102");
}
