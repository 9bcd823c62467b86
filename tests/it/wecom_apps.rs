//! Several apps of one corp, each with a visible scope of its own: read by themselves, compared with the integration app's, and out of a scope
//! means out of what was opened through that app (product.md S2.4, S2.6).

mod out_of_scope;

use std::{collections::BTreeSet, time::Duration};

use serde_json::{Value, json};
use simulator::{sample, world::Scope};

use crate::{
    actors::{Portal, id, text},
    fixture::Fixture,
    scenario,
};

const HOUR: Duration = Duration::from_secs(3601);

/// The sample corp with two apps, and a portal behind each.
struct TwoApps {
    source: Value,
    other: Value,
    /// Takes sign-ins through the integration app.
    wiki: Portal,
    /// Takes sign-ins through the other app.
    crm: Portal,
}

async fn two_apps(fixture: &Fixture, extra: Value) -> TwoApps {
    let source = fixture.connect_with(extra).await;
    let first = fixture.auth_source(sample::CORP).await;
    let body = json!({
        "name": "老门户", "corp_id": sample::CORP,
        "agent_id": sample::OLD_AGENT_ID, "app_secret": sample::OLD_APP_SECRET,
    });
    let other = fixture.admin().create("auth-sources", body).await;
    let only = |source: &Value| json!({ "auth_sources": [source["id"]] });
    let wiki = fixture.portal("wiki", only(&first)).await;
    let crm = fixture.portal("crm", only(&other)).await;
    TwoApps {
        source,
        other,
        wiki,
        crm,
    }
}

/// Gives an app of the corp this scope in WeCom.
fn rescope(fixture: &Fixture, agent_id: u32, parties: &[u32], users: &[&str]) {
    fixture.edit_corp(|corp| {
        corp.apps.get_mut(&agent_id).unwrap().scope = Scope {
            users: users.iter().map(|user| (*user).to_owned()).collect(),
            parties: parties.to_vec(),
            tags: Vec::new(),
        };
    });
}

/// The app as the admin sees it.
async fn app(fixture: &Fixture, agent_id: u32) -> Value {
    let mut apps = fixture.admin().items("wecom-apps").await;
    apps.retain(|app| app["agent_id"] == agent_id && app["corp_id"] == sample::CORP);
    apps.remove(0)
}

fn problem(resource: &Value, number: &str) -> Option<Value> {
    let problems = resource["problems"].as_array().unwrap();
    problems.iter().find(|problem| problem["number"] == number).cloned()
}

async fn is_open(portal: &Portal, tokens: &Value) -> bool {
    portal.userinfo(text(tokens, "access_token")).await.status == 200
}

async fn after_an_hour(fixture: &Fixture) {
    fixture.advance(HOUR);
    fixture.app.tick().await.unwrap();
}

// product.md S2.4
scenario!(
    members_of_another_app_outside_the_integration_apps_scope_are_counted_named_and_told,
    |fixture: Fixture| async move {
        let apps = two_apps(&fixture, json!({})).await;
        fixture.app.tick().await.unwrap();
        let other = app(&fixture, sample::OLD_AGENT_ID).await;
        let members = fixture.edit_corp(|corp| corp.members.len());
        assert_eq!(
            (&other["name"], &other["members"]),
            (&json!("老门户"), &json!(members)),
            "{other}"
        );
        assert!(other["scope_read_at"].is_i64() && other["closed"] == false, "{other}");
        assert_eq!(other["auth_sources"][0]["id"], apps.other["id"], "{other}");
        assert_eq!(other["data_sources"], json!([]));
        assert_eq!(other["outside_integration_scope"], 4, "{other}");
        assert!(!other.to_string().contains(sample::OLD_APP_SECRET));
        let integration = app(&fixture, sample::AGENT_ID).await;
        assert_eq!(integration["data_sources"][0]["id"], apps.source["id"], "{integration}");
        assert_eq!(integration["members"], members - 4, "{integration}");
        assert!(integration["outside_integration_scope"].is_null());
        let path = format!("auth-sources/{}", id(&apps.other));
        let told = problem(&fixture.admin().get(&path).await, "DI-208").expect("told");
        assert!(text(&told, "detail").contains("4 of the"), "{told}");
        // Page by page, each once, with the line that puts them inside.
        let path = format!("wecom-apps/{}/outside-integration-scope", id(&other));
        let (mut named, mut cursor) = (BTreeSet::new(), String::new());
        loop {
            let page = fixture.admin().get(&format!("{path}?limit=3{cursor}")).await;
            assert_eq!(page["complete"], true, "{page}");
            let mut lines: Vec<i64> = Vec::new();
            for line in page["lines"].as_array().unwrap() {
                lines.push(line["wecom_id"].as_i64().unwrap());
            }
            assert_eq!(lines, [1], "{page}");
            for item in page["items"].as_array().unwrap() {
                assert_eq!(item["because"]["kind"], "department", "{item}");
                assert_eq!(item["because"]["wecom_id"], 1, "{item}");
                assert!(named.insert(text(item, "userid").to_owned()), "{item} twice");
            }
            match page["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        let outside = ["waibu01", "waibu02", "qiyun", "pangda"].map(str::to_owned);
        assert_eq!(named, BTreeSet::from(outside));
        // A wider integration app, and nobody is outside.
        rescope(&fixture, sample::AGENT_ID, &[1], &[]);
        fixture.advance(Duration::from_secs(1));
        fixture.sync(id(&apps.source)).await;
        let other = app(&fixture, sample::OLD_AGENT_ID).await;
        assert_eq!(other["outside_integration_scope"], 0, "{other}");
        assert!(problem(&other, "DI-208").is_none());
        assert_eq!(fixture.admin().get(&path).await["items"], json!([]));
        let gone = "wecom-apps/00000000-0000-7000-8000-000000000000";
        for path in [gone.to_owned(), format!("{gone}/outside-integration-scope")] {
            assert_eq!(
                fixture.admin().call("GET", &path, None).await.refusal(),
                (404, "DI-102")
            );
        }
        for query in ["limit=0", "cursor=x", "colour=red"] {
            let reply = fixture.admin().call("GET", &format!("{path}?{query}"), None).await;
            assert!((400..500).contains(&reply.status), "{query}: {}", reply.body);
        }
    }
);

// With the app's secret alone nobody outside its scope is known, but the lines are.
scenario!(
    lines_outside_are_told_where_nobody_there_is_known,
    |fixture: Fixture| async move {
        let apps = two_apps(&fixture, json!({ "contacts_secret": null })).await;
        rescope(&fixture, sample::OLD_AGENT_ID, &[4, 10], &["qiyun", sample::BY_PICK]);
        fixture.sync(id(&apps.source)).await;
        let other = app(&fixture, sample::OLD_AGENT_ID).await;
        let told = problem(&other, "DI-208").expect("told");
        assert!(text(&told, "detail").contains("2 departments or members"), "{told}");
        let path = format!("wecom-apps/{}/outside-integration-scope", id(&other));
        let report = fixture.admin().get(&path).await;
        assert_eq!(
            (&report["items"], &report["complete"]),
            (&json!([]), &json!(false)),
            "{report}"
        );
        let lines = report["lines"].as_array().unwrap();
        assert_eq!(lines.len(), 2, "{report}");
        assert!(lines.iter().any(|line| line["userid"] == "qiyun"), "{report}");
        assert!(lines.iter().any(|line| line["wecom_id"] == 10), "{report}");
    }
);

// A scope that was not read puts nobody out, and what WeCom says live counts for more than one that was.
scenario!(
    an_app_that_cannot_be_read_is_its_own_problem_and_puts_nobody_out,
    |fixture: Fixture| async move {
        let apps = two_apps(&fixture, json!({})).await;
        fixture.app.tick().await.unwrap();
        let tokens = apps.crm.tokens(&fixture, &fixture.browser(), sample::NORMAL).await;
        rescope(&fixture, sample::OLD_AGENT_ID, &[], &[sample::ADMIN]);
        let trust = |ips: Option<Vec<String>>| {
            fixture.edit_corp(|corp| corp.apps.get_mut(&sample::OLD_AGENT_ID).unwrap().trusted_ips = ips);
        };
        trust(Some(vec!["192.0.2.1".to_owned()]));
        fixture.advance(Duration::from_secs(1));
        let run = fixture.sync(id(&apps.source)).await;
        assert_eq!(run["state"], "succeeded", "{run}");
        assert!(is_open(&apps.crm, &tokens).await);
        let other = app(&fixture, sample::OLD_AGENT_ID).await;
        let told = problem(&other, "DI-209").expect("told");
        assert!(
            text(&told, "detail").contains("SY-113") && text(&told, "detail").contains("60020"),
            "{told}"
        );
        let auth_source = fixture.admin().get(&format!("auth-sources/{}", id(&apps.other))).await;
        assert!(problem(&auth_source, "DI-209").is_some());
        let source = fixture.admin().get(&format!("data-sources/{}", id(&apps.source))).await;
        assert!(problem(&source, "DI-209").is_none(), "{source}");
        // A scope of which a part is not known counts as little.
        trust(None);
        rescope(&fixture, sample::OLD_AGENT_ID, &[], &[sample::ADMIN, ""]);
        fixture.advance(Duration::from_secs(301));
        fixture.app.tick().await.unwrap();
        let other = app(&fixture, sample::OLD_AGENT_ID).await;
        let told = problem(&other, "DI-209").expect("told");
        assert!(text(&told, "detail").contains("SY-133"), "{told}");
        assert!(is_open(&apps.crm, &tokens).await);
        // It heals by itself, and then the scope counts.
        rescope(&fixture, sample::OLD_AGENT_ID, &[], &[sample::ADMIN]);
        fixture.advance(Duration::from_secs(301));
        fixture.app.tick().await.unwrap();
        let other = app(&fixture, sample::OLD_AGENT_ID).await;
        assert!(problem(&other, "DI-209").is_none(), "{other}");
        apps.crm.assert_ended(&tokens).await;
    }
);

// product.md S2.6
scenario!(
    a_trusted_domain_that_is_not_that_of_public_url_is_a_problem_until_it_is_mended,
    |fixture: Fixture| async move {
        let source = fixture.connect().await;
        let wanted = fixture.base.trim_start_matches("http://").to_owned();
        let auth_source = format!("auth-sources/{}", id(&fixture.auth_source(sample::CORP).await));
        let set = |domain: Option<&str>| {
            let domain = domain.map(str::to_owned);
            fixture.edit_corp(|corp| corp.apps.get_mut(&sample::AGENT_ID).unwrap().oauth_domain = domain);
        };
        let told = async || problem(&fixture.admin().get(&auth_source).await, "DI-207");
        let none = told().await.expect("none is wrong as well");
        assert!(text(&none, "detail").contains("none"), "{none}");
        set(Some("old.corp.example"));
        after_an_hour(&fixture).await;
        let wrong = told().await.expect("told");
        for part in ["1000002", "'old.corp.example'", wanted.as_str()] {
            assert!(text(&wrong, "detail").contains(part), "{part}: {wrong}");
        }
        assert!(text(&wrong, "remedy").contains("可信域名"), "{wrong}");
        assert!(
            problem(
                &fixture.admin().get(&format!("data-sources/{}", id(&source))).await,
                "DI-207"
            )
            .is_some()
        );
        set(Some(&wanted));
        after_an_hour(&fixture).await;
        assert!(told().await.is_none());
        // Nobody signs in through it: the domain is nobody's concern.
        set(None);
        fixture.admin().change(&auth_source, json!({ "enabled": false })).await;
        after_an_hour(&fixture).await;
        assert!(told().await.is_none());
    }
);

// An integration app's scope that lost lines is weighed by a sync, with its threshold; one that only grew counts at once.
scenario!(
    a_narrower_scope_of_the_integration_app_is_weighed_by_a_sync_at_once_and_a_wider_one_counts,
    |fixture: Fixture| async move {
        let source = fixture.connect().await;
        let before = app(&fixture, sample::AGENT_ID).await["members"].as_i64().unwrap();
        fixture.edit_corp(|corp| corp.apps.get_mut(&sample::AGENT_ID).unwrap().scope.parties.push(10));
        after_an_hour(&fixture).await;
        let wider = app(&fixture, sample::AGENT_ID).await;
        assert!(wider["members"].as_i64().unwrap() > before, "{wider}");
        assert!(problem(&wider, "DI-210").is_none());
        fixture.edit_corp(|corp| {
            corp.apps
                .get_mut(&sample::AGENT_ID)
                .unwrap()
                .scope
                .parties
                .retain(|id| *id != 10)
        });
        // Without a schedule as well: whoever fell out does not wait for an admin's click.
        after_an_hour(&fixture).await;
        fixture.app.tick().await.unwrap();
        fixture.wait_for_background_work().await;
        let synced = app(&fixture, sample::AGENT_ID).await;
        assert_eq!(synced["members"], before, "{synced}");
        assert!(problem(&synced, "DI-210").is_none(), "{synced}");
        // Too many at once wait for an admin, who is asked once and not each hour.
        fixture.edit_corp(|corp| corp.apps.get_mut(&sample::AGENT_ID).unwrap().scope = Scope::default());
        for _ in 0..2 {
            after_an_hour(&fixture).await;
            fixture.app.tick().await.unwrap();
            fixture.wait_for_background_work().await;
            let paused = format!("sync-runs?data_source={}&state=paused", id(&source));
            assert_eq!(fixture.admin().items(&paused).await.len(), 1);
            let waits = app(&fixture, sample::AGENT_ID).await;
            assert_eq!(waits["members"], before, "{waits}");
            assert!(problem(&waits, "DI-210").is_some(), "{waits}");
        }
    }
);
