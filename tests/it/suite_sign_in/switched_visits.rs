//! Between a provider's switch of ids (reference 0.2) and the next sync: whom WeCom tells with the provider's own id of them comes in and stays in under the
//! other id; of whom it tells nothing it is said that ids changed, and nobody is taken for gone.

use std::time::Duration;

use serde_json::Value;
use simulator::{sample, world::Member};

use super::{Company, company_in, portal_of, told, userids};
use crate::{
    actors::{As, Portal, id, id_claims, text},
    fixture::Fixture,
    refusals::refused_when_scanning,
    scenario, suites,
};

/// Older than any confirmation that a portal takes without asking.
const LATER: Duration = Duration::from_secs(901);

/// A company whose userids are told like this, with `open_userid` beside them or not, and a portal of theirs.
async fn company(fixture: &Fixture, encrypted: bool, beside: bool) -> (Company, Portal) {
    let company = company_in(fixture, |world| {
        world.switches.suites.encrypted_userids = encrypted;
        world.switches.suites.tells_open_userids = beside;
    })
    .await;
    let portal = portal_of(fixture, &company).await;
    (company, portal)
}

/// The provider switches, and no sync has run since.
fn switch(fixture: &Fixture, encrypted: bool) {
    fixture
        .wecom
        .edit(|world| world.switches.suites.encrypted_userids = encrypted);
}

async fn refreshed(portal: &Portal, tokens: &Value) -> Value {
    let reply = portal.refresh(text(tokens, "refresh_token")).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    reply.body
}

/// The last run, once it has ended.
async fn last_run(fixture: &Fixture) -> Value {
    let run = fixture.admin().items("sync-runs?limit=1").await.remove(0);
    fixture.admin().watch(id(&run)).await
}

async fn nobody_left(fixture: &Fixture) {
    let reports = fixture.admin().items("offboardings").await;
    assert!(reports.is_empty(), "{reports:?}");
    let reused = fixture.admin().items("identity-findings").await;
    assert!(reused.is_empty(), "{reused:?}");
}

async fn comes_in(fixture: &Fixture, before: bool) {
    let (company, portal) = company(fixture, before, true).await;
    let known = portal.tokens(fixture, &fixture.browser(), sample::NORMAL).await;
    let users = fixture.admin().items("users?limit=200").await.len();
    switch(fixture, !before);
    let again = portal.tokens(fixture, &fixture.browser(), sample::NORMAL).await;
    assert_eq!(id_claims(&again)["sub"], id_claims(&known)["sub"]);
    // A sync was begun by that, and knows everybody by the other ids.
    let run = last_run(fixture).await;
    assert_eq!(run["state"], "succeeded", "{run}");
    assert!(
        userids(fixture, &company.source)
            .await
            .contains(&told(fixture, sample::BY_PICK))
    );
    assert_eq!(fixture.admin().items("users?limit=200").await.len(), users);
    refreshed(&portal, &known).await;
    nobody_left(fixture).await;
}

scenario!(
    whoever_scans_after_ids_became_encrypted_and_before_a_sync_comes_in_as_who_they_are,
    |fixture: Fixture| async move { comes_in(&fixture, false).await }
);

scenario!(
    whoever_scans_after_ids_became_plain_and_before_a_sync_comes_in_as_who_they_are,
    |fixture: Fixture| async move { comes_in(&fixture, true).await }
);

async fn stays_in(fixture: &Fixture, before: bool) {
    let (_, portal) = company(fixture, before, true).await;
    let tokens = portal.tokens(fixture, &fixture.browser(), sample::NORMAL).await;
    switch(fixture, !before);
    fixture.advance(LATER);
    let tokens = refreshed(&portal, &tokens).await;
    let info = portal.userinfo(text(&tokens, "access_token")).await;
    assert_eq!(info.status, 200, "{}", info.body);
    fixture.wait_for_background_work().await;
    fixture.advance(LATER);
    refreshed(&portal, &tokens).await;
    nobody_left(fixture).await;
}

scenario!(
    whoever_is_in_stays_in_when_ids_become_encrypted,
    |fixture: Fixture| async move { stays_in(&fixture, false).await }
);

scenario!(
    whoever_is_in_stays_in_when_ids_become_plain,
    |fixture: Fixture| async move { stays_in(&fixture, true).await }
);

async fn says_why(fixture: &Fixture, before: bool) {
    let (company, portal) = company(fixture, before, false).await;
    let tokens = portal.tokens(fixture, &fixture.browser(), sample::NORMAL).await;
    let known = userids(fixture, &company.source).await;
    switch(fixture, !before);
    let who = As::Member(sample::BY_PICK);
    refused_when_scanning(fixture, &portal, who, "GT-127", "ids_known").await;
    fixture.wait_for_background_work().await;
    // The sync that this began ends before the clock moves on.
    last_run(fixture).await;
    // Who is in goes on as if WeCom did not answer, and no longer.
    fixture.advance(Duration::from_secs(4000));
    let tokens = refreshed(&portal, &tokens).await;
    fixture.advance(Duration::from_secs(900 + 14_400 - 4000 + 1));
    suites::ticket(fixture).await;
    let over = portal.refresh(text(&tokens, "refresh_token")).await;
    assert_eq!(over.refusal(), (503, "temporarily_unavailable"), "{}", over.body);
    let run = last_run(fixture).await;
    assert_eq!(run["state"], "paused", "what follows is an admin's to say: {run}");
    let runs = fixture.admin().items("sync-runs?limit=200").await.len();
    refused_when_scanning(fixture, &portal, who, "GT-127", "ids_known").await;
    fixture.wait_for_background_work().await;
    assert_eq!(
        fixture.admin().items("sync-runs?limit=200").await.len(),
        runs,
        "one waits already"
    );
    assert_eq!(userids(fixture, &company.source).await, known);
    nobody_left(fixture).await;
    switch(fixture, before);
    let again = refreshed(&portal, &tokens).await;
    assert!(again["access_token"].is_string());
    portal.tokens(fixture, &fixture.browser(), sample::BY_PICK).await;
}

scenario!(
    where_nothing_says_who_is_who_a_visit_says_that_ids_became_encrypted_and_ends_nothing,
    |fixture: Fixture| async move { says_why(&fixture, false).await }
);

scenario!(
    where_nothing_says_who_is_who_a_visit_says_that_ids_became_plain_and_ends_nothing,
    |fixture: Fixture| async move { says_why(&fixture, true).await }
);

scenario!(
    a_newcomer_is_not_imported_and_whoever_left_is_out_where_ids_are_what_they_were,
    |fixture: Fixture| async move {
        let (_, portal) = company(&fixture, true, true).await;
        let tokens = portal.tokens(&fixture, &fixture.browser(), sample::NORMAL).await;
        let calls = fixture.wecom.calls("user/simplelist");
        fixture.edit_corp(|corp| {
            let like = corp.member(sample::NORMAL).unwrap().clone();
            corp.add_member(Member {
                userid: "newcomer".to_owned(),
                serial: 0,
                ..like
            });
        });
        let who = As::Member("newcomer");
        refused_when_scanning(&fixture, &portal, who, "GT-110", "imported").await;
        assert_eq!(
            fixture.wecom.calls("user/simplelist"),
            calls,
            "nothing is asked for them"
        );
        fixture.edit_corp(|corp| corp.remove_member(sample::NORMAL));
        fixture.advance(LATER);
        let refused = portal.refresh(text(&tokens, "refresh_token")).await;
        assert_eq!(refused.status, 400, "{}", refused.body);
        let reports = fixture.admin().items("offboardings").await;
        assert_eq!(reports.len(), 1, "{reports:?}");
    }
);

scenario!(
    a_provider_s_id_of_somebody_else_gives_nobody_their_account,
    |fixture: Fixture| async move {
        let (company, portal) = company(&fixture, false, true).await;
        let known = portal.tokens(&fixture, &fixture.browser(), sample::NORMAL).await;
        // Their userid goes to somebody else, who is another person to the provider.
        fixture.edit_corp(|corp| {
            let gone = corp.remove_member(sample::NORMAL).unwrap();
            corp.add_member(Member { serial: 0, ..gone });
        });
        switch(&fixture, true);
        let page = portal
            .sign_in(&fixture, &fixture.browser(), As::Member(sample::NORMAL))
            .await;
        assert!(page.returned("code").is_none(), "{}", page.body);
        fixture.wait_for_background_work().await;
        let member = told(&fixture, sample::NORMAL);
        let members = format!("members?data_source={}&limit=200", company.source);
        for one in fixture.admin().items(&members).await {
            let theirs = one["user_id"] == id_claims(&known)["sub"];
            assert!(!theirs || one["userid"] != member.as_str(), "{one}");
        }
    }
);
