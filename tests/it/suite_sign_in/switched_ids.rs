//! A provider switches between plain and encrypted userids between two syncs (reference 0.2): whom WeCom tells `open_userid` of is the person they were,
//! both ways; where it tells nothing, nobody is taken for gone and new unasked.

use serde_json::{Value, json};
use simulator::{sample, world::Scope};

use super::{Company, company_in, portal_of, told, userids};
use crate::{
    access_requests::{apply, decide, own_page, standing, tick},
    actors::{id, id_claims, text},
    fixture::Fixture,
    scenario,
};

/// A company whose userids are told like this, with `open_userid` beside them or not.
async fn company(fixture: &Fixture, encrypted: bool, beside: bool) -> Company {
    company_in(fixture, |world| {
        world.switches.suites.encrypted_userids = encrypted;
        world.switches.suites.tells_open_userids = beside;
    })
    .await
}

fn switch(fixture: &Fixture, encrypted: bool) {
    fixture
        .wecom
        .edit(|world| world.switches.suites.encrypted_userids = encrypted);
}

fn numbers(run: &Value) -> Vec<&str> {
    let findings = run["findings"].as_array().unwrap();
    findings.iter().map(|finding| text(finding, "number")).collect()
}

async fn everybody_stays(fixture: &Fixture, before: bool) {
    let company = company(fixture, before, true).await;
    let portal = portal_of(fixture, &company).await;
    let tokens = portal.tokens(fixture, &fixture.browser(), sample::NORMAL).await;
    let sub = id_claims(&tokens)["sub"].clone();
    let known = userids(fixture, &company.source).await;
    let users = fixture.admin().items("users?limit=200").await.len();
    switch(fixture, !before);
    let run = fixture.sync(&company.source).await;
    assert_eq!(run["state"], "succeeded", "{run}");
    assert_eq!(
        (&run["counts"]["departed"], &run["counts"]["created"]),
        (&0.into(), &0.into()),
        "{run}"
    );
    let now = userids(fixture, &company.source).await;
    assert!(now.len() == known.len() && now.is_disjoint(&known), "{known:?} {now:?}");
    assert_eq!(fixture.admin().items("users?limit=200").await.len(), users);
    let again = portal.tokens(fixture, &fixture.browser(), sample::NORMAL).await;
    assert_eq!(id_claims(&again)["sub"], sub, "the same account by the other id");
    let run = fixture.sync(&company.source).await;
    assert_eq!(
        (&run["state"], &run["counts"]["updated"]),
        (&"succeeded".into(), &0.into()),
        "{run}"
    );
}

scenario!(
    everybody_stays_who_they_are_when_ids_become_encrypted,
    |fixture: Fixture| async move {
        everybody_stays(&fixture, false).await;
    }
);

scenario!(
    everybody_stays_who_they_are_when_ids_become_plain,
    |fixture: Fixture| async move {
        everybody_stays(&fixture, true).await;
    }
);

async fn nobody_is_taken_for_gone(fixture: &Fixture, before: bool) {
    let company = company(fixture, before, false).await;
    let known = userids(fixture, &company.source).await;
    switch(fixture, !before);
    let run = fixture.sync(&company.source).await;
    assert_eq!(run["state"], "paused", "{run}");
    assert!(numbers(&run).contains(&"SY-170"), "{run}");
    let detail = run["findings"].to_string();
    assert!(detail.contains("encrypted") && detail.contains("plain"), "{detail}");
    assert_eq!(userids(fixture, &company.source).await, known);
    let present = format!("members?data_source={}&state=present&limit=200", company.source);
    assert_eq!(fixture.admin().items(&present).await.len(), known.len());
    switch(fixture, before);
    let run = fixture.sync(&company.source).await;
    assert_eq!(run["state"], "succeeded", "the provider went back: {run}");
    assert_eq!(userids(fixture, &company.source).await, known);
}

scenario!(
    where_nothing_says_who_is_who_a_sync_waits_when_ids_become_encrypted,
    |fixture: Fixture| async move {
        nobody_is_taken_for_gone(&fixture, false).await;
    }
);

scenario!(
    where_nothing_says_who_is_who_a_sync_waits_when_ids_become_plain,
    |fixture: Fixture| async move {
        nobody_is_taken_for_gone(&fixture, true).await;
    }
);

async fn confirm(fixture: &Fixture, run: &Value) -> Value {
    let confirmed = fixture
        .admin()
        .create(&format!("sync-runs/{}/confirm", id(run)), json!({}))
        .await;
    fixture.admin().watch(id(&confirmed)).await
}

scenario!(
    whoever_agreed_to_something_else_agreed_to_no_other_ids,
    |fixture: Fixture| async move {
        let company = company(&fixture, false, false).await;
        let known = userids(&fixture, &company.source).await;
        let path = format!("data-sources/{}/sync", company.source);
        let run = fixture.admin().create(&path, json!({ "mode": "plan" })).await;
        let run = fixture.admin().watch(id(&run)).await;
        assert!(!numbers(&run).contains(&"SY-170"), "{run}");
        let no_limits = json!({ "removal_threshold_percent": 100, "guard": {} });
        let source = format!("data-sources/{}", company.source);
        fixture.admin().change(&source, no_limits).await;
        switch(&fixture, true);
        let run = confirm(&fixture, &run).await;
        assert_eq!(run["state"], "paused", "{run}");
        assert!(numbers(&run).contains(&"SY-170"), "{run}");
        assert_eq!(userids(&fixture, &company.source).await, known);
        let run = confirm(&fixture, &run).await;
        assert_eq!(run["state"], "succeeded", "now they have seen it: {run}");
        assert!(!userids(&fixture, &company.source).await.is_subset(&known));
    }
);

async fn a_way_back_waits_too(fixture: &Fixture, before: bool) {
    let company = company(fixture, before, false).await;
    switch(fixture, !before);
    let run = fixture.sync(&company.source).await;
    let run = confirm(fixture, &run).await;
    assert_eq!(run["state"], "succeeded", "{run}");
    switch(fixture, before);
    let run = fixture.sync(&company.source).await;
    assert_eq!(run["state"], "paused", "{run}");
    assert!(numbers(&run).contains(&"SY-170"), "{run}");
}

scenario!(
    a_provider_that_goes_back_to_plain_ids_makes_a_sync_wait_too,
    |fixture: Fixture| async move { a_way_back_waits_too(&fixture, false).await }
);

scenario!(
    a_provider_that_goes_back_to_encrypted_ids_makes_a_sync_wait_too,
    |fixture: Fixture| async move { a_way_back_waits_too(&fixture, true).await }
);

scenario!(
    an_encrypted_userid_does_not_prove_who_has_it,
    |fixture: Fixture| async move {
        let company = company(&fixture, true, false).await;
        let userid = told(&fixture, sample::NORMAL);
        let mut gone = None;
        fixture.edit_corp(|corp| gone = corp.remove_member(sample::NORMAL));
        let run = fixture.sync(&company.source).await;
        assert_eq!(run["counts"]["departed"], 1, "{run}");
        fixture.edit_corp(|corp| corp.add_member(gone.unwrap()));
        assert_eq!(told(&fixture, sample::NORMAL), userid);
        let run = fixture.sync(&company.source).await;
        assert_eq!(run["state"], "succeeded", "{run}");
        // It was nobody's in between, and nothing else is told.
        let findings = fixture.admin().items("identity-findings?state=open").await;
        assert_eq!(findings.len(), 1, "{findings:?}");
        assert_eq!(findings[0]["userid"], userid.as_str());
        fixture
            .wecom
            .edit(|world| world.switches.suites.tells_open_userids = true);
        let run = fixture.sync(&company.source).await;
        assert_eq!(run["state"], "succeeded", "{run}");
        let findings = fixture.admin().items("identity-findings?state=open").await;
        assert_eq!(
            findings.len(),
            1,
            "what is told now was not told of who had it before: {findings:?}"
        );
        fixture
            .wecom
            .edit(|world| world.switches.suites.tells_open_userids = false);
    }
);

scenario!(
    who_was_only_known_by_an_encrypted_id_is_found_when_ids_become_plain,
    |fixture: Fixture| async move {
        let company = company(&fixture, true, false).await;
        let known = userids(&fixture, &company.source).await;
        switch(&fixture, false);
        fixture
            .wecom
            .edit(|world| world.switches.suites.tells_open_userids = true);
        let run = fixture.sync(&company.source).await;
        assert_eq!(run["state"], "succeeded", "{run}");
        assert_eq!(
            (&run["counts"]["departed"], &run["counts"]["created"]),
            (&0.into(), &0.into()),
            "{run}"
        );
        assert!(userids(&fixture, &company.source).await.is_disjoint(&known));
    }
);

scenario!(a_small_company_waits_too, |fixture: Fixture| async move {
    let company = company(&fixture, false, false).await;
    let few = Scope {
        users: vec![sample::NORMAL.to_owned(), sample::BY_PICK.to_owned()],
        ..Scope::default()
    };
    fixture
        .wecom
        .edit(|world| world.installed_mut(sample::CORP, sample::SUITE).unwrap().scope = few);
    let run = fixture.sync(&company.source).await;
    let path = format!("sync-runs/{}/confirm", text(&run, "id"));
    if run["state"] == "paused" {
        let confirmed = fixture.admin().create(&path, json!({})).await;
        fixture.admin().watch(text(&confirmed, "id")).await;
    }
    let present = format!("members?data_source={}&state=present", company.source);
    assert_eq!(fixture.admin().items(&present).await.len(), 2);
    switch(&fixture, true);
    let run = fixture.sync(&company.source).await;
    assert_eq!(run["state"], "paused", "{run}");
    assert!(numbers(&run).contains(&"SY-170"), "{run}");
});

scenario!(
    a_request_for_access_follows_its_person_to_the_other_id,
    |fixture: Fixture| async move {
        let company = company(&fixture, true, true).await;
        let portal = portal_of(&fixture, &company).await;
        let admin = fixture.admin();
        let path = format!("data-sources/{}", company.source);
        admin.change(&path, json!({ "access_requests": true })).await;
        let user = admin.user(&told(&fixture, sample::NORMAL)).await;
        let removed = admin.call("DELETE", &format!("users/{}", id(&user)), None).await;
        assert_eq!(removed.status, 204, "{}", removed.body);
        apply(&fixture, &portal, &fixture.browser(), sample::NORMAL, "Once more").await;
        let request = admin.items("access-requests").await.remove(0);
        assert_eq!(request["userid"], told(&fixture, sample::NORMAL));
        switch(&fixture, false);
        let run = fixture.sync(&company.source).await;
        assert_eq!(run["state"], "succeeded", "{run}");
        tick(&fixture).await;
        let now = standing(&fixture, &request).await;
        assert_eq!(
            (&now["state"], &now["userid"]),
            (&"open".into(), &sample::NORMAL.into()),
            "{now}"
        );
        let page = own_page(&fixture, &portal, &fixture.browser(), sample::NORMAL).await;
        assert!(page.body.contains("Once more"), "{}", page.body);
        let approved = decide(&fixture, &request, "approve", json!({})).await;
        assert_eq!(approved.status, 200, "{}", approved.body);
        portal.tokens(&fixture, &fixture.browser(), sample::NORMAL).await;
    }
);
