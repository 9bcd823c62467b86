//! Claims requested by name where people are asked: what is asked, shown, stored and given is one list.

use serde_json::{Value, json};
use simulator::sample;

use super::{answer, asking, is_question};
use crate::{
    actors::{Browser, Page, Portal, id_claims},
    claims::{connect_and_sign_in, fill, userinfo},
    fixture::Fixture,
    scenario,
};

/// A claim, its scope, and its words on the page in both languages.
const CLAIMS: [(&str, &str, &str, &str); 6] = [
    ("name", "profile", "name", "姓名"),
    ("birthdate", "profile", "date of birth", "出生日期"),
    ("email", "email", "e-mail address", "邮箱地址"),
    ("phone_number", "phone", "phone number", "手机号码"),
    ("groups", "groups", "departments and groups", "所在部门和群组"),
    ("wecom", "wecom", "WeCom account name", "企业微信账号"),
];

/// The details the page promises beyond scopes.
fn promised(page: &Page) -> Vec<String> {
    let line = ["Of your details: ", "您的以下信息："].iter().find_map(|begin| {
        let (_, rest) = page.body.split_once(begin)?;
        rest.split("</li>").next()
    });
    let items = line.unwrap_or_default().split([',', '、']);
    // Texts are isolated from what surrounds them.
    let items =
        items.map(|item| item.trim_matches(|c: char| c.is_whitespace() || matches!(c, '\u{2068}' | '\u{2069}')));
    items.filter(|item| !item.is_empty()).map(str::to_owned).collect()
}

async fn question(portal: &Portal, browser: &Browser, scope: &str, asked: &Value) -> Page {
    let asked = asked.to_string();
    let page = browser
        .open(&portal.authorize_url(&[("scope", scope), ("claims", &asked)]))
        .await;
    assert!(is_question(&page), "{} {}", page.url, page.body);
    page
}

/// What userinfo tells besides `sub` and what is verified.
fn told(info: &Value) -> Vec<String> {
    let names = info.as_object().unwrap().keys();
    let names = names.filter(|name| *name != "sub" && !name.ends_with("_verified"));
    let mut names: Vec<String> = names.cloned().collect();
    names.sort_unstable();
    names
}

scenario!(
    of_claims_by_name_exactly_those_are_shown_stored_and_given_that_the_portal_may_have,
    |fixture: Fixture| async move {
        let browser = connect_and_sign_in(&fixture).await;
        fill(&fixture, sample::NORMAL).await;
        let person = fixture.admin().user_id(sample::NORMAL).await;
        let names: serde_json::Map<String, Value> = CLAIMS
            .iter()
            .map(|(claim, ..)| ((*claim).to_owned(), json!({ "essential": true })))
            .chain([("shoe_size".to_owned(), Value::Null)])
            .collect();
        let asked = json!({ "userinfo": names });
        for (nth, registered) in [
            &["openid"][..],
            &["openid", "profile"],
            &["openid", "profile", "email", "groups"],
            &["openid", "profile", "email", "phone", "groups", "wecom"],
        ]
        .into_iter()
        .enumerate()
        {
            let portal = fixture
                .portal(
                    &format!("portal{nth}"),
                    json!({ "scopes": registered, "metadata": { "consent": "ask" } }),
                )
                .await;
            let due = CLAIMS.iter().filter(|(_, scope, ..)| registered.contains(scope));
            let mut due: Vec<String> = due.map(|(claim, ..)| (*claim).to_owned()).collect();
            due.sort_unstable();
            let page = question(&portal, &browser, "openid", &asked).await;
            let chinese = browser.get(&format!("{}?ui_locales=zh-CN", page.url)).await;
            for (claim, _, words, in_chinese) in CLAIMS {
                let due = due.iter().any(|name| name == claim);
                for (page, words) in [(&page, words), (&chinese, in_chinese)] {
                    let shown = promised(page).iter().any(|item| item == words);
                    assert_eq!(shown, due, "{claim} {registered:?}: {}", page.body);
                }
            }
            for raw in ["phone_number", "birthdate", "shoe_size", "claim:"] {
                assert!(
                    !page.body.contains(raw) && !chinese.body.contains(raw),
                    "{raw}: {}",
                    page.body
                );
            }
            let back = answer(&browser, &page, "allow").await;
            let tokens = portal.tokens_from(&back).await;
            assert_eq!(told(&userinfo(&portal, &tokens).await), due, "{registered:?}");
            let refreshed = browser.get(&portal.authorize_url(&[("scope", "openid")])).await;
            let plain = portal.tokens_from(&refreshed).await;
            assert_eq!(
                told(&userinfo(&portal, &plain).await),
                [] as [&str; 0],
                "agreed, and not asked for now"
            );
            let stored = fixture.admin().get(&format!("users/{person}/consents")).await;
            let stored = stored["items"].as_array().unwrap().iter();
            let stored = stored
                .filter(|item| item["client_id"] == portal.client_id)
                .flat_map(|item| {
                    let items = item["scopes"].as_array().unwrap().iter();
                    items.filter_map(|item| item.as_str().unwrap().strip_prefix("claim:").map(str::to_owned))
                });
            assert_eq!(stored.collect::<Vec<_>>(), due, "{registered:?}");
        }
    }
);

scenario!(
    claims_of_a_portals_own_rules_have_words_and_covered_ones_are_not_repeated,
    |fixture: Fixture| async move {
        let browser = connect_and_sign_in(&fixture).await;
        fill(&fixture, sample::NORMAL).await;
        let map = json!([{ "claim": "cost_centre", "template": "{userid}-7", "where": "id_token" }]);
        let rules = json!({ "claims": { "map": map, "groups": { "claim": "roles" } } });
        let portal = asking(&fixture, "expenses", rules).await;
        let asked = json!({ "id_token": { "cost_centre": null, "email": null, "roles": null } });
        let page = question(&portal, &browser, "openid email", &asked).await;
        assert!(
            page.body.contains("further details that your company chose"),
            "{}",
            page.body
        );
        assert_eq!(promised(&page).len(), 1, "e-mail is in the scope: {}", page.body);
        for raw in ["cost_centre", "roles", "groups"] {
            assert!(!page.body.contains(raw), "{raw}: {}", page.body);
        }
        let back = answer(&browser, &page, "allow").await;
        let id = id_claims(&portal.tokens_from(&back).await);
        assert_eq!(id["cost_centre"], json!(format!("{}-7", sample::NORMAL)));
        assert_eq!(id["email"], "lihua@corp.example");
        assert!(id.get("roles").is_none(), "the portal may not have groups");
        let account = browser.get(&format!("{}/account", fixture.base)).await;
        assert!(account.body.contains("further details"), "{}", account.body);
        // Taken from the portal while the question is open.
        let asked = json!({ "userinfo": { "phone_number": null, "name": null } });
        let page = question(&portal, &browser, "openid", &asked).await;
        let fewer = json!({ "scopes": ["openid", "profile"] });
        fixture.admin().change(&format!("clients/{}", portal.id), fewer).await;
        let page = browser.get(&page.url).await;
        assert_eq!(promised(&page), ["name"]);
        let back = answer(&browser, &page, "allow").await;
        let tokens = portal.tokens_from(&back).await;
        assert_eq!(told(&userinfo(&portal, &tokens).await), ["name"]);
    }
);
