//! A request is a person's, not a userid's; and nobody is approved who could not come in.

use serde_json::json;
use simulator::{sample, world::Member};

use super::{applied, apply, asking, decide, notices, own_page, standing, tick};
use crate::{actors::id, backends::Backend, doctor::sql, fixture::Fixture, scenario};

scenario!(
    a_request_ends_with_its_person_and_is_not_given_on_with_the_userid,
    |fixture: Fixture| async move {
        let (source, portal) = asking(&fixture).await;
        apply(&fixture, &portal, &fixture.browser(), sample::NORMAL, "What 李华 wrote").await;
        let request = fixture.admin().items("access-requests").await.remove(0);
        fixture.edit_corp(|corp| corp.remove_member(sample::NORMAL));
        fixture.sync(id(&source)).await;
        let gone = decide(&fixture, &request, "approve", json!({})).await;
        assert_eq!(gone.refusal(), (409, "AR-115"), "{}", gone.body);
        let next = Member::new(sample::NORMAL, "王芳", &[4]);
        fixture.edit_corp(|corp| corp.add_member(next));
        fixture.sync(id(&source)).await;
        let other = decide(&fixture, &request, "approve", json!({})).await;
        assert_eq!(other.refusal(), (409, "AR-115"), "{}", other.body);
        let page = own_page(&fixture, &portal, &fixture.browser(), sample::NORMAL).await;
        assert!(
            !page.body.contains("What 李华 wrote") && !page.body.contains("waiting for a decision"),
            "{}",
            page.body
        );
        tick(&fixture).await;
        let over = standing(&fixture, &request).await;
        assert_eq!((&over["state"], &over["name"]), (&json!("closed"), &request["name"]));
        assert_eq!(
            notices(&fixture, "access_request_expired").await.len(),
            0,
            "whoever has the userid now is not told"
        );
        let (browser, own) = applied(&fixture, &portal).await;
        assert_ne!((&own["id"], &own["member_id"]), (&request["id"], &request["member_id"]));
        let approved = decide(&fixture, &own, "approve", json!({})).await;
        assert_eq!(approved.status, 200, "{}", approved.body);
        portal.tokens(&fixture, &browser, sample::NORMAL).await;
    }
);

scenario!(
    whoever_wecom_shows_as_disabled_is_not_approved,
    |fixture: Fixture| async move {
        let (source, portal) = asking(&fixture).await;
        let (browser, request) = applied(&fixture, &portal).await;
        for (status, expected) in [(2, 409), (1, 200)] {
            fixture.edit_corp(|corp| corp.member_mut(sample::NORMAL).unwrap().status = status);
            fixture.sync(id(&source)).await;
            let told = notices(&fixture, "access_approved").await.len();
            let decided = decide(&fixture, &request, "approve", json!({})).await;
            assert_eq!(decided.status, expected, "{}", decided.body);
            let over = standing(&fixture, &request).await;
            if expected == 409 {
                assert_eq!(decided.refusal(), (409, "AR-116"), "{}", decided.body);
                assert_eq!((&over["state"], told), (&json!("open"), 0));
                let users = fixture.admin().items(&format!("users?q={}", sample::NORMAL)).await;
                assert_eq!(users.len(), 0, "nothing has happened: {users:?}");
            }
        }
        assert_eq!(notices(&fixture, "access_approved").await.len(), 1);
        portal.tokens(&fixture, &browser, sample::NORMAL).await;
    }
);

scenario!(
    nobody_of_a_company_that_is_switched_off_is_approved,
    |fixture: Fixture| async move {
        let (source, portal) = asking(&fixture).await;
        let (browser, request) = applied(&fixture, &portal).await;
        let path = format!("data-sources/{}", id(&source));
        fixture.admin().change(&path, json!({ "enabled": false })).await;
        let refused = decide(&fixture, &request, "approve", json!({})).await;
        assert_eq!(refused.refusal(), (409, "AR-117"), "{}", refused.body);
        assert_eq!(notices(&fixture, "access_approved").await.len(), 0);
        fixture.admin().change(&path, json!({ "enabled": true })).await;
        let approved = decide(&fixture, &request, "approve", json!({})).await;
        assert_eq!(approved.status, 200, "{}", approved.body);
        portal.tokens(&fixture, &browser, sample::NORMAL).await;
    }
);

// Whoever cannot follow keeps nobody waiting who can, and of two requests of one person one follows.
#[actix_web::test]
async fn a_request_follows_its_person_whoever_else_cannot() {
    let Some(fixture) = Fixture::open(Backend::SqliteMemory).await else {
        return;
    };
    let (_, portal) = asking(&fixture).await;
    applied(&fixture, &portal).await;
    let page = apply(&fixture, &portal, &fixture.browser(), sample::BY_PICK, "Mine").await;
    assert_eq!(page.status, 200);
    tick(&fixture).await;
    let columns = "data_source_id, member_id, corp_id, mode, client_id, state, reason, created_at, expires_at, \
                   reason_shown, link_expires_at, language, version";
    let copy = async |digits: &str, former: &str, of: &str| {
        let copy = format!(
            "INSERT INTO access_request (id, userid, userid_key, link_digest, {columns}) \
             SELECT x'{digits}', '{former}', '{former}', '{former}', {columns} FROM access_request WHERE userid = '{of}'"
        );
        sql(&fixture, &copy).await;
    };
    for number in 1..=100 {
        copy(&format!("{number:032x}"), &format!("former{number}"), sample::NORMAL).await;
    }
    copy(&"f".repeat(32), "second", sample::BY_PICK).await;
    let former = format!(
        "UPDATE access_request SET userid = 'first', userid_key = 'first' WHERE userid = '{}'",
        sample::BY_PICK
    );
    sql(&fixture, &former).await;
    tick(&fixture).await;
    let open = fixture.admin().items("access-requests?state=open&limit=200").await;
    let own = open.iter().filter(|request| request["userid"] == sample::BY_PICK);
    assert_eq!(own.count(), 1, "{open:?}");
}

// Those whose person left are closed a hundred at a time; meanwhile nobody else's account may stand for one of them.
#[actix_web::test]
async fn a_request_is_not_overtaken_by_whoever_has_the_userid_by_now() {
    let Some(fixture) = Fixture::open(Backend::SqliteMemory).await else {
        return;
    };
    let (source, portal) = asking(&fixture).await;
    let (_, request) = applied(&fixture, &portal).await;
    let columns = "data_source_id, corp_id, mode, client_id, state, reason, created_at, expires_at, reason_shown, \
                   link_expires_at, language, version";
    for number in 1..=100 {
        let copy = format!(
            "INSERT INTO access_request (id, member_id, userid, userid_key, link_digest, {columns}) \
             SELECT x'{number:032x}', x'{number:032x}', 'left{number}', 'left{number}', 'left{number}', {columns} \
             FROM access_request WHERE userid = '{}'",
            sample::NORMAL
        );
        sql(&fixture, &copy).await;
    }
    fixture.edit_corp(|corp| corp.remove_member(sample::NORMAL));
    fixture.sync(id(&source)).await;
    let next = Member::new(sample::NORMAL, "王芳", &[4]);
    fixture.edit_corp(|corp| corp.add_member(next));
    fixture.sync(id(&source)).await;
    let members = fixture.admin().items(&format!("members?q={}", sample::NORMAL)).await;
    let here = members.iter().find(|member| member["state"] == "present").unwrap();
    let import = format!("members/{}/import", id(here));
    fixture.admin().create(&import, json!({})).await;
    for _ in 0..3 {
        tick(&fixture).await;
    }
    assert_eq!(standing(&fixture, &request).await["state"], "closed");
    let told = notices(&fixture, "access_overtaken").await;
    assert!(told.is_empty(), "{told:?}");
}
