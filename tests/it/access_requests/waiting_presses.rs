//! Presses of cards whose sender is not, or was never, written down.

use entity::card_event;
use sea_orm::{ActiveValue::Set, EntityTrait};
use serde_json::json;
use simulator::{Delivery, sample};
use uuid::Uuid;

use super::{
    applied,
    cards::{shown, with_cards},
    standing, tick,
};
use crate::{actors::id, doctor::sql, fixture::Fixture, scenario};

/// Somebody presses *approve* on the card on their phone.
async fn press(fixture: &Fixture, userid: &str) {
    let card = shown(fixture, userid).id;
    fixture.wecom.press(card, "approve", Delivery::default()).await.unwrap();
}

scenario!(
    a_card_that_was_sent_before_senders_were_written_down_can_still_be_pressed,
    |fixture: Fixture| async move {
        let (_, portal) = with_cards(&fixture).await;
        let (_, request) = applied(&fixture, &portal).await;
        tick(&fixture).await;
        sql(&fixture, "UPDATE notice_delivery SET agent_id = NULL").await;
        press(&fixture, sample::ADMIN).await;
        tick(&fixture).await;
        assert_eq!(standing(&fixture, &request).await["state"], "approved");
    }
);

/// So many presses more, older than all others, of a card that is being sent still.
async fn wait_in_front(fixture: &Fixture, many: u128) {
    sql(
        fixture,
        &format!(
            "UPDATE notice_delivery SET state = 'pending', agent_id = NULL, next_at = 9000000000000 WHERE address = '{}'",
            sample::BY_PICK
        ),
    )
    .await;
    let database = sea_orm::Database::connect(fixture.database_url()).await.unwrap();
    let pressed = card_event::Entity::find().one(&database).await.unwrap().unwrap();
    for number in 1..=many {
        let row = card_event::ActiveModel {
            id: Set(Uuid::from_u128(number)),
            task_id: Set(format!("{}-{number}", pressed.task_id)),
            received_at: Set(fixture.clock.now().millis() - 3_600_000),
            handled_at: Set(None),
            outcome: Set(None),
            ..pressed.clone().into()
        };
        card_event::Entity::insert(row).exec(&database).await.unwrap();
    }
    database.close().await.unwrap();
}

scenario!(
    presses_that_must_wait_hold_up_no_later_one,
    |fixture: Fixture| async move {
        let (source, portal) = with_cards(&fixture).await;
        let admin = fixture.admin();
        let approvers = [admin.user_id(sample::ADMIN).await, admin.user_id(sample::BY_PICK).await];
        let path = format!("data-sources/{}", id(&source));
        admin.change(&path, json!({ "approvers": approvers })).await;
        let (_, request) = applied(&fixture, &portal).await;
        tick(&fixture).await;
        press(&fixture, sample::BY_PICK).await;
        wait_in_front(&fixture, 150).await;
        press(&fixture, sample::ADMIN).await;
        tick(&fixture).await;
        let decided = standing(&fixture, &request).await;
        let by = format!("user:{}", approvers[0]);
        assert_eq!(
            (&decided["state"], &decided["decided_by"]),
            (&json!("approved"), &json!(by))
        );
    }
);
