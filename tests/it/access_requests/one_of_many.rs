//! What goes wrong with one press, request or date holds up none of the others.

use std::time::Duration;

use serde_json::json;
use simulator::{Delivery, sample};

use super::{applied, apply, asking, cards, imported, notices, standing, tick};
use crate::{actors::id, backends::Backend, doctor::sql, fixture::Fixture, scenario};

/// When a request that nobody decides is over.
const OVER: Duration = Duration::from_secs(7 * 24 * 3600 + 60);

scenario!(
    a_press_of_a_card_whose_notice_cannot_be_read_stops_nothing,
    |fixture: Fixture| async move {
        let (source, portal) = cards::with_cards(&fixture).await;
        let (_, request) = applied(&fixture, &portal).await;
        tick(&fixture).await;
        let card = cards::shown(&fixture, sample::ADMIN).id;
        let path = format!("data-sources/{}", id(&source));
        fixture.admin().change(&path, json!({ "approvers": [] })).await;
        fixture.wecom.press(card, "approve", Delivery::default()).await.unwrap();
        sql(
            &fixture,
            "UPDATE notice SET content = 'sealed by no key' WHERE card IS NOT NULL",
        )
        .await;
        fixture.advance(OVER);
        tick(&fixture).await;
        let told = notices(&fixture, "access_press_refused").await;
        assert!(told.len() == 1 && told[0].path.is_none(), "{told:?}");
        assert_eq!(standing(&fixture, &request).await["state"], "expired");
    }
);

/// Makes writing to this column fail for one row, which the condition names, until what is answered is executed.
async fn stuck(fixture: &Fixture, (table, column): (&str, &str), which: &str) -> &'static str {
    let trigger = format!(
        "CREATE TRIGGER stuck BEFORE UPDATE OF {column} ON {table} WHEN OLD.{which} \
         BEGIN SELECT RAISE(ABORT, 'stuck'); END"
    );
    sql(fixture, &trigger).await;
    "DROP TRIGGER stuck"
}

#[actix_web::test]
async fn a_request_that_cannot_be_ended_holds_up_no_other() {
    let Some(fixture) = Fixture::open(Backend::SqliteMemory).await else {
        return;
    };
    let (_, portal) = asking(&fixture).await;
    let (_, first) = applied(&fixture, &portal).await;
    fixture.advance(Duration::from_secs(1));
    apply(&fixture, &portal, &fixture.browser(), sample::BY_TAG, "").await;
    let open = fixture.admin().items("access-requests?state=open").await;
    let second = open.iter().find(|one| one["id"] != first["id"]).unwrap().clone();
    let which = format!("userid = '{}'", sample::NORMAL);
    let mended = stuck(&fixture, ("access_request", "state"), &which).await;
    fixture.advance(OVER);
    let _stuck = fixture.app.tick().await;
    assert_eq!(standing(&fixture, &first).await["state"], "open");
    assert_eq!(standing(&fixture, &second).await["state"], "expired");
    sql(&fixture, mended).await;
    tick(&fixture).await;
    assert_eq!(standing(&fixture, &first).await["state"], "expired");
}

#[actix_web::test]
async fn a_foreign_request_that_cannot_be_closed_keeps_nobody_from_asking() {
    let Some(fixture) = Fixture::open(Backend::SqliteMemory).await else {
        return;
    };
    let (source, portal) = asking(&fixture).await;
    let (_, foreign) = applied(&fixture, &portal).await;
    fixture.edit_corp(|corp| corp.remove_member(sample::NORMAL));
    fixture.sync(id(&source)).await;
    let which = format!("userid = '{}'", sample::NORMAL);
    let mended = stuck(&fixture, ("access_request", "state"), &which).await;
    apply(&fixture, &portal, &fixture.browser(), sample::BY_TAG, "").await;
    let open = fixture.admin().items("access-requests?state=open").await;
    assert_eq!(open.len(), 2, "{open:?}");
    sql(&fixture, mended).await;
    tick(&fixture).await;
    assert_eq!(standing(&fixture, &foreign).await["state"], "closed");
}

#[actix_web::test]
async fn an_end_of_access_that_cannot_be_told_holds_up_no_other() {
    let Some(fixture) = Fixture::open(Backend::SqliteMemory).await else {
        return;
    };
    asking(&fixture).await;
    for (userid, days) in [(sample::NORMAL, 2), (sample::BY_TAG, 3)] {
        let user = imported(&fixture, userid).await;
        let until = fixture.clock.now().millis() + days * 24 * 3_600_000;
        let path = format!("users/{}", id(&user));
        fixture.admin().change(&path, json!({ "access_until": until })).await;
    }
    let which = format!("username = '{}'", sample::NORMAL);
    let mended = stuck(&fixture, ("users", "access_ending_told"), &which).await;
    let told = async || {
        let told = notices(&fixture, "access_ending").await;
        let mut names: Vec<String> = told.iter().map(|notice| notice.facts["username"].clone()).collect();
        names.dedup();
        names
    };
    let _stuck = fixture.app.tick().await;
    assert_eq!(told().await, [sample::BY_TAG]);
    sql(&fixture, mended).await;
    tick(&fixture).await;
    assert!(told().await.contains(&sample::NORMAL.to_owned()));
}
