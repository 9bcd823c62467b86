//! Where a set-up stands is read from what was seen of this data source, and of no other.

use serde_json::json;
use simulator::sample;

use super::open;
use crate::{
    actors::{As, id},
    console::{Colleague, send},
    fixture::Fixture,
    scenario,
};

/// How the step of a real scan stands.
async fn scan(fixture: &Fixture, browser: &crate::actors::Browser, source: &str) -> String {
    standing(fixture, browser, source, "scan").await
}

/// How a step stands.
async fn standing(fixture: &Fixture, browser: &crate::actors::Browser, source: &str, step: &str) -> String {
    let page = open(fixture, browser, source, step).await;
    let (before, _) = page.body.split_once(&format!("/{source}/{step}\"")).unwrap();
    let (_, class) = before.rsplit_once("class=\"step ").unwrap();
    class.split('"').next().unwrap().to_owned()
}

scenario!(
    a_scan_of_one_corp_or_a_password_finishes_no_other_s_set_up,
    |fixture: Fixture| async move {
        let browser = Colleague::hire(&fixture, "owner").await.browser(&fixture).await;
        let first = fixture.connect().await;
        let second = fixture.connect_second(json!({})).await;
        let portal = fixture.portal("wiki", json!({})).await;
        for source in [&first, &second] {
            assert_eq!(scan(&fixture, &browser, id(source)).await, "open");
        }
        portal.tokens(&fixture, &fixture.browser(), sample::NORMAL).await;
        assert_eq!(scan(&fixture, &browser, id(&first)).await, "ok");
        assert_eq!(scan(&fixture, &browser, id(&second)).await, "open");
        // A trial counts as well, for the corp whose member was scanned.
        let trial = fixture.admin().create("clients/wiki/trials", json!({})).await;
        let elsewhere = fixture.browser();
        let login = elsewhere.open(crate::actors::text(&trial, "url")).await;
        let away = fixture.auth_source(sample::CORP2).await;
        let shown = elsewhere.open(&login.link(&format!("/go/{}", id(&away)))).await;
        let callback = fixture
            .phone()
            .scan(&elsewhere, &shown, As::Member(sample::NAMESAKE))
            .await;
        let page = elsewhere.open(&callback).await;
        assert!(page.body.contains("would work"), "{}", page.body);
        assert_eq!(scan(&fixture, &browser, id(&second)).await, "ok");
    }
);

scenario!(
    a_portal_that_accepts_another_corp_alone_is_none_of_this_ones,
    |fixture: Fixture| async move {
        let browser = Colleague::hire(&fixture, "owner").await.browser(&fixture).await;
        let first = fixture.connect().await;
        let second = fixture.connect_second(json!({})).await;
        let of_first = fixture.auth_source(sample::CORP).await;
        let portal = fixture.portal("wiki", json!({ "auth_sources": [id(&of_first)] })).await;
        assert_eq!(standing(&fixture, &browser, id(&first), "portal").await, "ok");
        assert_eq!(standing(&fixture, &browser, id(&second), "portal").await, "open");
        let page = open(&fixture, &browser, id(&second), "scan").await;
        assert!(page.body.contains("There is no portal to try yet"), "{}", page.body);
        // One that is closed to everybody is nobody's either.
        let admin = fixture.admin();
        let path = format!("clients/{}", portal.client_id);
        admin.change(&path, json!({ "enabled": false })).await;
        assert_eq!(standing(&fixture, &browser, id(&first), "portal").await, "open");
        admin
            .change(&path, json!({ "enabled": true, "auth_sources": null }))
            .await;
        for source in [&first, &second] {
            assert_eq!(standing(&fixture, &browser, id(source), "portal").await, "ok");
        }
    }
);

/// Previews a sync in the set-up; the id of the run.
async fn previewed(fixture: &Fixture, browser: &crate::actors::Browser, source: &str) -> String {
    let page = open(fixture, browser, source, "people").await;
    let rules = [("version", page.field("version")), ("import", "all".to_owned())];
    let rules: Vec<(&str, &str)> = rules.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let page = send(fixture, browser, &format!("/console/setup/{source}/rules"), &rules).await;
    assert_eq!(page.status, 200, "{}", page.body);
    let runs = format!("sync-runs?data_source={source}&limit=1");
    let run = fixture.admin().items(&runs).await.remove(0);
    fixture.admin().watch(id(&run)).await;
    id(&run).to_owned()
}

// Somebody else changes the rules meanwhile: what was shown was planned by other ones, and would be done by these.
scenario!(
    a_run_that_was_shown_is_not_done_by_rules_that_nobody_saw,
    |fixture: Fixture| async move {
        let browser = Colleague::hire(&fixture, "owner").await.browser(&fixture).await;
        let source = fixture.connect().await;
        let source = id(&source);
        let run = previewed(&fixture, &browser, source).await;
        let loaded = open(&fixture, &browser, source, "people").await;
        assert_eq!(loaded.field("run"), run);
        fixture.advance(std::time::Duration::from_secs(1));
        let rule = json!({ "duplicate_rule": "skip" });
        fixture.admin().change(&format!("data-sources/{source}"), rule).await;
        // Neither on the page that was open already, nor on one that is loaded now.
        let form = [("run", run.as_str()), ("auto_sync_hours", "4")];
        let page = send(&fixture, &browser, &format!("/console/setup/{source}/sync"), &form).await;
        assert!(
            page.status == 200 && page.body.contains("The rules were changed"),
            "{}",
            page.body
        );
        assert!(!page.body.contains("name=\"run\""), "{}", page.body);
        assert_eq!(
            fixture.admin().get(&format!("sync-runs/{run}")).await["state"],
            "planned"
        );
        let kept = fixture.admin().get(&format!("data-sources/{source}")).await;
        assert!(kept["auto_sync_hours"].is_null(), "no schedule began: {kept}");
    }
);

scenario!(
    a_run_that_was_shown_is_done_once_however_often_it_is_agreed_to,
    |fixture: Fixture| async move {
        let browser = Colleague::hire(&fixture, "owner").await.browser(&fixture).await;
        let source = fixture.connect().await;
        let source = id(&source);
        let run = previewed(&fixture, &browser, source).await;
        let form = [("run", run.as_str()), ("auto_sync_hours", "4")];
        for _ in 0..2 {
            let page = send(&fixture, &browser, &format!("/console/setup/{source}/sync"), &form).await;
            assert_eq!(page.status, 200, "{}", page.body);
        }
        assert_eq!(fixture.admin().watch(&run).await["mode"], "apply");
        let runs = fixture
            .admin()
            .items(&format!("sync-runs?data_source={source}&limit=10"))
            .await;
        assert_eq!(id(&runs[0]), run, "no other was begun: {runs:?}");
        let kept = fixture.admin().get(&format!("data-sources/{source}")).await;
        assert_eq!(kept["auto_sync_hours"], 4, "{kept}");
    }
);
