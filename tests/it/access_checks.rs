//! Who can sign in: what the API says of a person at a portal is what a sign-in then does; the whole list, its filters and its export; what if.

mod random;
mod sorted;

use std::{collections::BTreeMap, time::Duration};

use serde_json::{Value, json};
use simulator::sample;

use crate::{
    actors::{Portal, id, text},
    fixture::Fixture,
    scenario,
};

/// Everybody at a portal, by userid.
pub async fn listed(fixture: &Fixture, portal: &Portal, query: &str) -> BTreeMap<String, Value> {
    let (mut all, mut cursor) = (BTreeMap::new(), String::new());
    loop {
        let path = format!("clients/{}/access-checks?limit=90{query}{cursor}", portal.id);
        let page = fixture.admin().get(&path).await;
        for item in page["items"].as_array().unwrap() {
            let local = || format!("local {}", item["username"].as_str().unwrap());
            let who = item["userid"].as_str().map_or_else(local, str::to_owned);
            assert!(all.insert(who.clone(), item.clone()).is_none(), "{who} stands twice");
        }
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return all,
        }
    }
}

/// The only way of somebody of the sample corp.
pub async fn explained(fixture: &Fixture, source: &Value, portal: &Portal, userid: &str, more: &str) -> Value {
    let (client, source) = (&portal.client_id, id(source));
    let path = format!("access-checks?client_id={client}&data_source={source}&userid={userid}{more}");
    fixture.admin().get(&path).await["people"][0]["ways"][0].clone()
}

scenario!(
    an_explanation_names_every_check_its_facts_and_what_would_let_her_in,
    |fixture: Fixture| async move {
        let source = fixture.connect().await;
        let admin = fixture.admin();
        let portal = fixture
            .portal("wiki", json!({ "allowed_users": [admin.user_id(sample::ADMIN).await] }))
            .await;
        admin.disable(sample::NORMAL).await;
        let way = explained(&fixture, &source, &portal, sample::NORMAL, "").await;
        assert_eq!(
            (&way["way"], &way["admitted"], &way["asked_wecom"]),
            (&json!("scan"), &json!(false), &json!(false))
        );
        assert_eq!(way["refusal"]["number"], "GT-111");
        assert_eq!(way["refusal"]["zh"], "您的账号已被停用。");
        let wanted: Vec<&str> = way["would_let_in"]
            .as_array()
            .unwrap()
            .iter()
            .map(|item| text(item, "number"))
            .collect();
        assert_eq!(wanted, ["GT-111", "GT-112"], "{way}");
        let checks = way["checks"].as_array().unwrap();
        let check = |name: &str| checks.iter().find(|check| check["check"] == name).unwrap();
        assert_eq!(check("in_visible_scope")["decided_by"], "wecom");
        assert_eq!(check("in_visible_scope")["saw"]["scope_read_last"], "inside");
        assert_eq!(check("portal_allows_person")["decided_by"], "menjin");
        assert_eq!(check("portal_allows_person")["saw"]["named"], false);
        assert_eq!(check("user_active")["saw"]["standing"], "disabled");
        assert_eq!(check("corp_id_matches")["saw"]["auth_source_corp_id"], sample::CORP);
        assert_eq!(check("portal_allows_person")["saw"]["allowed_users"]["count"], 1);
        assert!(
            check("portal_allows_person")["saw"]["departments"]["first"][0].is_string(),
            "{way}"
        );
        for check in checks.iter().filter(|check| check["check"] != "session_alive") {
            let saw = check["saw"].as_object().unwrap();
            assert!(saw.values().any(|fact| !fact.is_null()), "{check}");
        }
        assert!(!way.to_string().contains(sample::APP_SECRET) && !way.to_string().contains(&portal.secret));
        let by_user = admin
            .get(&format!(
                "access-checks?client_id=wiki&user_id={}",
                admin.user_id(sample::NORMAL).await
            ))
            .await;
        assert_eq!(by_user["people"][0]["ways"][0], way);
    }
);

scenario!(
    somebody_whom_the_mirror_does_not_know_is_explained_too,
    |fixture: Fixture| async move {
        let source = fixture.connect().await;
        let portal = fixture.portal("wiki", json!({})).await;
        let way = explained(&fixture, &source, &portal, "nobody-here", "").await;
        let wanted: Vec<&str> = way["would_let_in"]
            .as_array()
            .unwrap()
            .iter()
            .map(|item| text(item, "number"))
            .collect();
        assert_eq!(wanted, ["GT-108", "GT-110"], "{way}");
        let admin = fixture.admin();
        let nil = "00000000-0000-0000-0000-000000000000";
        let app = text(&admin.items("wecom-apps").await[0], "id").to_owned();
        let scope = format!("clients/wiki/access-checks?scope_app={app}");
        let live = format!("access-checks?client_id=wiki&user_id={nil}&live=true");
        for (path, refusal) in [
            (format!("access-checks?client_id=wiki&user_id={nil}"), (404, "DI-102")),
            (
                format!("access-checks?client_id=wiki&data_source={nil}&userid=x"),
                (404, "DI-102"),
            ),
            (
                format!("access-checks?client_id=nowhere&data_source={}&userid=x", id(&source)),
                (404, "RG-102"),
            ),
            ("access-checks?client_id=wiki".to_owned(), (422, "AD-105")),
            (
                format!("access-checks?client_id=wiki&user_id={nil}&member_id={nil}"),
                (422, "AD-105"),
            ),
            (
                format!("access-checks?client_id=wiki&user_id={nil}&unknown=1"),
                (400, "WB-101"),
            ),
            (
                format!("access-checks?client_id=wiki&user_id={nil}&live=perhaps"),
                (422, "AD-105"),
            ),
            (format!("clients/wiki/access-checks?departments={nil}"), (422, "GT-124")),
            (format!("clients/wiki/access-checks?groups={nil}"), (422, "GT-124")),
            (format!("clients/wiki/access-checks?users={nil}"), (422, "GT-124")),
            (
                format!("clients/wiki/access-checks?auth_sources={nil}"),
                (422, "GT-124"),
            ),
            (format!("clients/wiki/access-checks?scope_app={nil}"), (422, "GT-124")),
            (
                "clients/wiki/access-checks?scope_departments=1".to_owned(),
                (422, "AD-105"),
            ),
            ("clients/wiki/access-checks?departments=x".to_owned(), (422, "AD-105")),
            (
                "clients/wiki/access-checks?admitted=perhaps".to_owned(),
                (422, "AD-105"),
            ),
            ("clients/wiki/access-checks/counts?cursor=x".to_owned(), (400, "WB-101")),
            ("clients/wiki/access-checks/counts?most=0".to_owned(), (422, "AD-105")),
            (format!("{scope}&scope_departments=999999"), (422, "GT-124")),
            (format!("{scope}&scope_tags=999999"), (422, "GT-124")),
            (format!("{scope}&scope_users=nobody-here"), (422, "GT-124")),
            (format!("{live}&wecom=down"), (422, "AD-105")),
            (format!("{live}&scope_app={app}"), (422, "AD-105")),
            ("clients/wiki/access-checks?number=GT-999".to_owned(), (422, "AD-105")),
            ("clients/wiki/access-checks?number=DI-102".to_owned(), (422, "AD-105")),
            ("clients/wiki/access-checks?change=refused".to_owned(), (422, "AD-105")),
            (
                "clients/wiki/access-checks/counts?change=refused".to_owned(),
                (422, "AD-105"),
            ),
        ] {
            assert_eq!(admin.call("GET", &path, None).await.refusal(), refusal, "{path}");
        }
    }
);

scenario!(
    asked_live_the_answer_is_wecoms_and_nothing_follows_from_it,
    |fixture: Fixture| async move {
        let source = fixture.connect().await;
        let portal = fixture.portal("wiki", json!({})).await;
        fixture.edit_corp(|corp| corp.member_mut(sample::NORMAL).unwrap().status = 2);
        let stored = explained(&fixture, &source, &portal, sample::NORMAL, "").await;
        assert_eq!(
            (&stored["admitted"], &stored["asked_wecom"]),
            (&json!(true), &json!(false)),
            "{stored}"
        );
        let live = explained(&fixture, &source, &portal, sample::NORMAL, "&live=true").await;
        assert_eq!(
            (&live["admitted"], &live["asked_wecom"]),
            (&json!(false), &json!(true)),
            "{live}"
        );
        assert_eq!(live["refusal"]["number"], "GT-109");
        // Nobody was disabled by a question.
        assert_eq!(fixture.admin().user(sample::NORMAL).await["status"], "active");
        // A WeCom that refuses is told, as a sign-in would meet it.
        fixture.break_wecom("/cgi-bin/user/get");
        let down = explained(&fixture, &source, &portal, sample::NORMAL, "&live=true").await;
        assert_eq!(
            (&down["admitted"], &down["refusal"]["number"]),
            (&json!(false), &json!("GT-113")),
            "{down}"
        );
    }
);

scenario!(
    explanations_have_looks_of_their_own_and_say_when_they_are_used_up,
    |fixture: Fixture| async move {
        let source = fixture.connect().await;
        let portal = fixture.portal("wiki", json!({})).await;
        // The scope that was read last does not cover them, so every visit of their session asks.
        fixture.edit_corp(|corp| {
            let app = corp.apps.get_mut(&sample::AGENT_ID).unwrap();
            app.scope.users.push(sample::OUT_OF_SCOPE.to_owned());
        });
        let tokens = portal.tokens(&fixture, &fixture.browser(), sample::OUT_OF_SCOPE).await;
        let looks = || fixture.wecom.calls("user/get");
        let before = looks();
        for _ in 0..5 {
            let way = explained(&fixture, &source, &portal, sample::OUT_OF_SCOPE, "&live=true").await;
            assert_eq!(
                (&way["asked_wecom"], &way["admitted"]),
                (&json!(true), &json!(true)),
                "{way}"
            );
        }
        assert_eq!(looks() - before, 5);
        let sixth = explained(&fixture, &source, &portal, sample::OUT_OF_SCOPE, "&live=true").await;
        assert_eq!(
            (&sixth["asked_wecom"], &sixth["refusal"]["number"]),
            (&json!(false), &json!("GT-108")),
            "what was read last: {sixth}"
        );
        assert_eq!(sixth["wecom_failure"]["number"], "GT-113", "{sixth}");
        let why = text(&sixth["wecom_failure"], "detail");
        assert!(why.starts_with("WeCom was not asked"), "{why}");
        assert_eq!(looks() - before, 5);
        // Their session may be looked at as often as ever: 30 times in a minute, of which the sign-in took a few.
        let mut token = text(&tokens, "refresh_token").to_owned();
        for _ in 0..26 {
            let reply = portal.refresh(&token).await;
            assert_eq!(reply.status, 200, "{}", reply.body);
            token = text(&reply.body, "refresh_token").to_owned();
        }
        assert_eq!(looks() - before, 31);
    }
);

scenario!(two_ways_through_one_app_cost_one_look, |fixture: Fixture| async move {
    let source = fixture.connect().await;
    let portal = fixture.portal("wiki", json!({})).await;
    let second = json!({
        "name": "Annex",
        "corp_id": sample::CORP,
        "agent_id": sample::AGENT_ID,
        "app_secret": sample::APP_SECRET,
    });
    fixture.admin().create("auth-sources", second).await;
    let before = fixture.wecom.calls("user/get");
    let (client, source) = (&portal.client_id, id(&source));
    let path = format!(
        "access-checks?client_id={client}&data_source={source}&userid={}&live=true",
        sample::NORMAL
    );
    let explained = fixture.admin().get(&path).await;
    let ways = explained["people"][0]["ways"].as_array().unwrap();
    assert_eq!(ways.len(), 2, "{explained}");
    assert!(ways.iter().all(|way| way["asked_wecom"] == true), "{explained}");
    assert_eq!(fixture.wecom.calls("user/get") - before, 1);
});

scenario!(
    a_portals_list_is_filtered_counted_and_exported,
    |fixture: Fixture| async move {
        fixture.connect().await;
        let admin = fixture.admin();
        admin.create("users", json!({ "username": "nobody-of-a-corp" })).await;
        let portal = fixture.portal("wiki", json!({})).await;
        let all = listed(&fixture, &portal, "").await;
        let counts = admin.get("clients/wiki/access-checks/counts").await;
        assert_eq!(counts["people"], all.len(), "{counts}");
        let count = |wanted: bool| all.values().filter(|item| item["admitted"] == wanted).count();
        assert!(count(true) > 20 && count(false) >= 3, "{counts}");
        assert_eq!(
            (&counts["admitted"], &counts["refused"]),
            (&json!(count(true)), &json!(count(false)))
        );
        assert_eq!(counts["complete"], true, "{counts}");
        let few = admin.get("clients/wiki/access-checks/counts?most=3").await;
        assert_eq!((&few["people"], &few["complete"]), (&json!(3), &json!(false)), "{few}");
        let more = format!("clients/wiki/access-checks/counts?most={}", all.len());
        assert_eq!(admin.get(&more).await, counts, "as many as there are");
        assert_eq!(counts["by_number"]["GT-123"], 1, "{counts}");
        assert_eq!(all["local nobody-of-a-corp"]["number"], "GT-123");
        for (query, wanted) in [("&admitted=true", true), ("&admitted=false", false)] {
            let found = listed(&fixture, &portal, query).await;
            assert_eq!(found.len(), count(wanted));
            assert!(found.values().all(|item| item["admitted"] == wanted));
        }
        let found = listed(&fixture, &portal, "&number=GT-109").await;
        let found: Vec<&str> = found.keys().map(String::as_str).collect();
        assert!(
            found.contains(&sample::DISABLED) && found.contains(&sample::INACTIVE) && !found.contains(&sample::NORMAL)
        );
        let found = listed(&fixture, &portal, "&q=LIHUA").await;
        assert_eq!(found.keys().collect::<Vec<_>>(), [sample::NORMAL]);
        let export = fixture
            .http
            .get(format!(
                "{}/api/v1/clients/wiki/access-checks.csv?admitted=false",
                fixture.base
            ))
            .bearer_auth(crate::fixture::ADMIN_TOKEN);
        let export = export.send().await.unwrap();
        assert_eq!(export.headers()["content-type"], "text/csv; charset=utf-8");
        let export = export.text().await.unwrap();
        assert_eq!(export.lines().count(), 1 + count(false), "{export}");
        let line = export.lines().find(|line| line.contains(sample::DISABLED)).unwrap();
        assert!(line.contains(",scan,") && line.contains(",false,GT-109,"), "{line}");
    }
);

scenario!(
    what_if_says_who_would_come_in_and_who_would_not,
    |fixture: Fixture| async move {
        let source = fixture.connect().await;
        let admin = fixture.admin();
        let portal = fixture.portal("wiki", json!({})).await;
        let user = admin.user_id(sample::NORMAL).await;
        let only = format!("users={user}");
        let counts = admin.get(&format!("clients/wiki/access-checks/counts?{only}")).await;
        assert_eq!(
            (&counts["admitted"], &counts["newly_admitted"]),
            (&json!(1), &json!(0)),
            "{counts}"
        );
        let refused = listed(&fixture, &portal, &format!("&{only}&change=refused")).await;
        assert_eq!(counts["newly_refused"], refused.len(), "{counts}");
        assert!(
            refused
                .values()
                .all(|item| item["number"] == "GT-112" && item["today"]["admitted"] == true)
        );
        // It is what comes true once the rule is set.
        let foretold = listed(&fixture, &portal, &format!("&{only}")).await;
        admin.change("clients/wiki", json!({ "allowed_users": [user] })).await;
        for (who, item) in listed(&fixture, &portal, "").await {
            assert_eq!(
                (&item["admitted"], &item["number"]),
                (&foretold[&who]["admitted"], &foretold[&who]["number"]),
                "{who}"
            );
        }
        let opened = admin.get("clients/wiki/access-checks/counts?users=").await;
        assert_eq!(opened["newly_admitted"], refused.len(), "{opened}");
        // A scope of one member.
        let app = text(&fixture.admin().items("wecom-apps").await[0], "id").to_owned();
        let scope = format!("users=&scope_app={app}&scope_users={}", sample::NORMAL.to_uppercase());
        let counts = admin.get(&format!("clients/wiki/access-checks/counts?{scope}")).await;
        assert_eq!(counts["admitted"], 1, "{counts}");
        let way = explained(&fixture, &source, &portal, sample::ADMIN, &format!("&{scope}")).await;
        assert_eq!(
            (&way["refusal"]["number"], &way["today"]["number"]),
            (&json!("GT-108"), &json!("GT-112")),
            "{way}"
        );
        // Without WeCom nobody scans, and who is signed in stays for the portal's grace.
        let scan = ("scan".to_owned(), json!("GT-113"));
        assert_eq!(explained_down(&fixture, &user, "").await, [scan], "she has no session");
        portal.code(&fixture, &fixture.browser(), sample::NORMAL).await;
        fixture.advance(Duration::from_secs(60));
        let down = explained_down(&fixture, &user, "").await;
        assert_eq!(
            down,
            [
                ("scan".to_owned(), json!("GT-113")),
                ("session".to_owned(), Value::Null)
            ]
        );
        let strict = explained_down(&fixture, &user, "&membership_max_age=0&membership_grace=0").await;
        assert_eq!(strict[1], ("session".to_owned(), json!("GT-118")));
    }
);

/// Each way of a user while WeCom does not answer, with the number of its refusal.
async fn explained_down(fixture: &Fixture, user: &str, more: &str) -> Vec<(String, Value)> {
    let path = format!("access-checks?client_id=wiki&user_id={user}&wecom=down{more}");
    let explained = fixture.admin().get(&path).await;
    let ways = explained["people"][0]["ways"].as_array().unwrap();
    ways.iter()
        .map(|way| (text(way, "way").to_owned(), way["refusal"]["number"].clone()))
        .collect()
}
