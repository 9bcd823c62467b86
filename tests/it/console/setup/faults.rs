//! Each fault stops at the step and the field where it is, in its own words, when the field is tried and when the step is sent.

use simulator::{
    Owner, sample,
    world::{App, Scope},
};

use super::{APP, begun, copied, fill, open, step, value};
use crate::{
    actors::{Browser, Page, id, text},
    backends::Backend,
    console::{Colleague, send},
    doctor::outside,
    fixture::Fixture,
    password::{GOOD, type_in},
    scenario,
};

/// What stands at a field, if something is wrong there.
fn fault<'a>(page: &'a Page, field: &str) -> Option<&'a str> {
    let (_, rest) = page.body.split_once(&format!("id=\"{field}-fault\""))?;
    rest.split("</div>").next()
}

/// Something wrong stands at this field, with these words.
pub(super) fn stands(page: &Page, field: &str, words: &[&str]) {
    let told = fault(page, field).unwrap_or_else(|| panic!("nothing stands at {field}: {}", page.body));
    for word in words {
        assert!(told.contains(word), "{word} is not told at {field}: {told}");
    }
}

fn edit_app(fixture: &Fixture, change: impl FnOnce(&mut App)) {
    fixture.edit_corp(|corp| change(corp.apps.get_mut(&sample::AGENT_ID).unwrap()));
}

/// What is said at the fields when they are tried.
pub(super) async fn tried(fixture: &Fixture, browser: &Browser, fields: &[(&str, &str)]) -> Page {
    let page = send(fixture, browser, "/console/setup/check", fields).await;
    assert_eq!(page.status, 200, "{}", page.body);
    page
}

async fn look(fixture: &Fixture, browser: &Browser, source: &str, step: &str) -> Page {
    send(
        fixture,
        browser,
        &format!("/console/setup/{source}/look"),
        &[("step", step)],
    )
    .await
}

scenario!(
    a_wrong_corp_id_or_contacts_secret_stands_at_its_field,
    |fixture: Fixture| async move {
        let browser = Colleague::hire(&fixture, "owner").await.browser(&fixture).await;
        let page = browser.open(&format!("{}/console/setup/new", fixture.base)).await;
        let secret = sample::CONTACTS_SECRET;
        let rows: [(&str, &str, &str, &[&str]); 3] = [
            ("ww 1", "", "f-corp-id", &["DI-101", "without blanks"]),
            (
                "ww0000000000000000",
                secret,
                "f-corp-id",
                &["DI-236", "40013", "企业ID"],
            ),
            (
                sample::CORP,
                "nonsense-secret",
                "f-contacts-secret",
                &["DI-238", "40001", "通讯录同步"],
            ),
        ];
        for (corp_id, secret, field, words) in rows {
            let fields = [
                ("name", "青云科技"),
                ("corp_id", corp_id),
                ("contacts_secret", secret),
                ("form", "corp"),
            ];
            stands(&tried(&fixture, &browser, &fields).await, field, words);
            let refused = fill(&fixture, &browser, &page, &fields[..3]).await;
            assert_eq!(refused.status, 422, "{}", refused.body);
            stands(&refused, field, words);
            assert_eq!(value(&refused, "name"), "青云科技", "nothing typed is lost");
            assert!(!refused.body.contains("nonsense-secret"), "a secret comes back");
        }
        let app = [
            ("corp_id", sample::CORP),
            ("contacts_secret", sample::APP_SECRET),
            ("form", "corp"),
        ];
        stands(&tried(&fixture, &browser, &app).await, "f-contacts-secret", &["DI-240"]);
        let good = [("corp_id", sample::CORP), ("contacts_secret", secret), ("form", "corp")];
        let fine = tried(&fixture, &browser, &good).await;
        assert!(fine.body.contains("f-contacts-secret-fine"), "{}", fine.body);
        assert!(fixture.admin().items("data-sources").await.is_empty());

        let (_, _) = begun(&fixture, &browser).await;
        let taken = [("corp_id", sample::CORP), ("form", "corp")];
        stands(&tried(&fixture, &browser, &taken).await, "f-corp-id", &["DI-103"]);
    }
);

scenario!(
    a_corp_id_that_turns_out_wrong_with_the_app_is_mended_at_that_step,
    |fixture: Fixture| async move {
        let browser = Colleague::hire(&fixture, "owner").await.browser(&fixture).await;
        let page = browser.open(&format!("{}/console/setup/new", fixture.base)).await;
        let named = [("name", "青云科技"), ("corp_id", "ww0000000000000000")];
        let page = fill(&fixture, &browser, &page, &named).await;
        assert_eq!(step(&page), "app");
        let refused = fill(&fixture, &browser, &page, &APP).await;
        assert_eq!(refused.status, 422, "{}", refused.body);
        stands(&refused, "f-corp-id", &["DI-236", "40013"]);
        assert_eq!(value(&refused, "corp_id"), "ww0000000000000000");
        let mended = [APP[0], APP[1], APP[2], ("corp_id", sample::CORP)];
        let page = fill(&fixture, &browser, &refused, &mended).await;
        assert_eq!(page.status, 200, "{}", page.body);
        let source = fixture.admin().items("data-sources").await.remove(0);
        assert_eq!(text(&source, "corp_id"), sample::CORP);
        assert_eq!(source["auth_sources"].as_array().unwrap().len(), 1, "{source}");
    }
);

scenario!(
    a_wrong_secret_agent_id_address_or_state_of_the_app_stands_at_its_field,
    |fixture: Fixture| async move {
        fixture.trust_domain();
        let browser = Colleague::hire(&fixture, "owner").await.browser(&fixture).await;
        let (page, source) = begun(&fixture, &browser).await;
        let other = sample::OLD_AGENT_ID.to_string();
        let rows: [(&str, &str, &str, &[&str]); 3] = [
            (
                "1000002",
                "nonsense-secret",
                "f-app-secret",
                &["DI-237", "40001", "应用管理"],
            ),
            (&other, sample::APP_SECRET, "f-app-agent-id", &["DI-239", "应用管理"]),
            ("two", sample::APP_SECRET, "f-app-agent-id", &["number"]),
        ];
        for (agent_id, secret, field, words) in rows {
            let fields = [("app.agent_id", agent_id), ("app.secret", secret), APP[2]];
            let checked = [fields[0], fields[1], ("form", "app"), ("source", source.as_str())];
            stands(&tried(&fixture, &browser, &checked).await, field, words);
            let refused = fill(&fixture, &browser, &page, &fields).await;
            assert!((400..500).contains(&refused.status), "{}", refused.body);
            stands(&refused, field, words);
        }
        assert!(fixture.admin().items("wecom-apps").await.is_empty());

        // An address that WeCom does not trust: the credentials are kept, and the fault stands until it is mended.
        edit_app(&fixture, |app| app.trusted_ips = Some(vec!["192.0.2.1".to_owned()]));
        let checked = [APP[0], APP[1], ("form", "app"), ("source", source.as_str())];
        stands(
            &tried(&fixture, &browser, &checked).await,
            "f-app-secret",
            &["DI-212", "127.0.0.1", "企业可信IP"],
        );
        let page = fill(&fixture, &browser, &page, &APP).await;
        assert_eq!(step(&page), "app", "{}", page.body);
        stands(&page, "f-app-secret", &["DI-212", "127.0.0.1", "企业可信IP"]);
        edit_app(&fixture, |app| app.trusted_ips = None);
        let page = look(&fixture, &browser, &source, "app").await;
        assert!(fault(&page, "f-app-secret").is_none(), "{}", page.body);

        edit_app(&fixture, |app| app.closed = true);
        let page = look(&fixture, &browser, &source, "app").await;
        stands(&page, "f-app-agent-id", &["DI-206"]);
        edit_app(&fixture, |app| app.closed = false);
        let page = look(&fixture, &browser, &source, "app").await;
        assert!(fault(&page, "f-app-agent-id").is_none(), "{}", page.body);
    }
);

scenario!(
    another_domain_or_port_and_an_empty_scope_are_told_at_their_steps,
    |fixture: Fixture| async move {
        let browser = Colleague::hire(&fixture, "owner").await.browser(&fixture).await;
        let (page, source) = begun(&fixture, &browser).await;
        edit_app(&fixture, |app| app.scope = Scope::default());
        let page = fill(&fixture, &browser, &page, &APP).await;
        assert_eq!(
            step(&page),
            "domain",
            "what is wrong elsewhere stops at its own step: {}",
            page.body
        );
        assert!(!page.body.contains("DI-207"), "none was entered yet: {}", page.body);
        let (host, _) = fixture.base.trim_start_matches("http://").split_once(':').unwrap();
        for other in ["sso.other.example".to_owned(), format!("{host}:1")] {
            edit_app(&fixture, |app| app.oauth_domain = Some(other.clone()));
            let page = look(&fixture, &browser, &source, "domain").await;
            assert!(
                page.body.contains("DI-207") && page.body.contains(&other),
                "{}",
                page.body
            );
            assert!(page.body.contains("可信域名"), "{}", page.body);
        }
        fixture.trust_domain();
        let page = look(&fixture, &browser, &source, "domain").await;
        assert!(!page.body.contains("DI-207"), "{}", page.body);
        let named = [("name", "x.txt"), ("content", "abc")];
        let refused = fill(&fixture, &browser, &page, &named).await;
        assert_eq!(refused.status, 422);
        stands(&refused, "f-name", &["WW_verify_"]);

        let people = open(&fixture, &browser, &source, "people").await;
        for word in ["DI-215", "可见范围"] {
            assert!(people.body.contains(word), "{word}: {}", people.body);
        }
        assert!(people.body.contains("step error"), "{}", people.body);
    }
);

scenario!(
    the_trusted_domain_is_seen_as_soon_as_it_is_entered_in_wecom_and_wecom_is_asked_no_more_then,
    |fixture: Fixture| async move {
        let browser = Colleague::hire(&fixture, "owner").await.browser(&fixture).await;
        let (page, source) = begun(&fixture, &browser).await;
        let page = fill(&fixture, &browser, &page, &APP).await;
        assert_eq!(step(&page), "domain", "{}", page.body);
        let live = format!("/console/setup/{source}/domain/live");
        assert!(page.body.contains(&format!("data-poll=\"{live}\"")), "{}", page.body);
        assert!(
            page.body.contains("/look\""),
            "without script there is a button: {}",
            page.body
        );
        let look = async || {
            let page = browser.open(&format!("{}{live}", fixture.base)).await;
            assert!(page.status == 200 && !page.body.contains("<html"), "{}", page.body);
            page
        };
        let asked = || fixture.wecom.calls("agent/get");
        assert!(look().await.body.contains("none yet"));
        edit_app(&fixture, |app| app.oauth_domain = Some("sso.other.example".to_owned()));
        // Many who look ask once in a while only.
        let before = asked();
        fixture.advance(std::time::Duration::from_secs(5));
        assert!(look().await.body.contains("none yet"));
        assert_eq!(asked(), before);
        fixture.advance(std::time::Duration::from_secs(6));
        for _ in 0..3 {
            let page = look().await;
            for word in ["DI-207", "sso.other.example", "可信域名", "every ten seconds"] {
                assert!(page.body.contains(word), "{word}: {}", page.body);
            }
        }
        assert_eq!(asked(), before + 1);
        fixture.trust_domain();
        fixture.advance(std::time::Duration::from_secs(11));
        let page = look().await;
        assert!(
            !page.body.contains("DI-207") && page.body.contains("WeCom trusts this domain."),
            "{}",
            page.body
        );
        page.link(&format!("/console/setup/{source}/callbacks"));
        assert_eq!(asked(), before + 2);
        fixture.advance(std::time::Duration::from_secs(60));
        look().await;
        assert_eq!(asked(), before + 2, "what is right is not asked for again");
        let page = open(&fixture, &browser, &source, "domain").await;
        assert!(page.body.contains("state yes"), "{}", page.body);
    }
);

scenario!(
    a_wrong_token_or_aes_key_is_told_as_it_arrives,
    |fixture: Fixture| async move {
        let browser = Colleague::hire(&fixture, "owner").await.browser(&fixture).await;
        let (_, source) = begun(&fixture, &browser).await;
        let page = open(&fixture, &browser, &source, "callbacks").await;
        let issued = fill(&fixture, &browser, &page, &[("owner", "contacts")]).await;
        let [url, token, key] = ["URL", "Token", "EncodingAESKey"].map(|label| copied(&issued, label));
        let other = format!("{}{}", if key.starts_with('A') { 'B' } else { 'A' }, &key[1..]);
        let live = format!("{}/console/setup/{source}/callbacks/live", fixture.base);
        let of = sample::CORP;
        for (corp, token, key, number, passed) in [
            (of, "other", key.as_str(), "WC-181", 1),
            (of, &token, &other, "WC-182", 2),
            (sample::CORP2, &token, &key, "WC-183", 3),
        ] {
            let saved = fixture
                .wecom
                .configure_callback(corp, Owner::Contacts, &url, token, key);
            assert!(saved.await.is_err());
            fixture.advance(std::time::Duration::from_secs(61));
            let page = browser.open(&live).await;
            assert!(page.body.contains(number), "{number}: {}", page.body);
            assert_eq!(page.body.matches("state yes").count(), passed, "{}", page.body);
            assert_eq!(page.body.matches("state no\"").count(), 1, "{}", page.body);
            assert!(page.body.contains("通讯录同步"), "{}", page.body);
        }
    }
);

scenario!(
    a_corp_id_that_is_not_the_data_sources_cannot_be_saved_unnoticed,
    |fixture: Fixture| async move {
        let browser = Colleague::hire(&fixture, "owner").await.browser(&fixture).await;
        let (_, source) = begun(&fixture, &browser).await;
        let own = open(&fixture, &browser, &source, "auth-source").await;
        let fields = [
            ("name", "门禁"),
            ("corp_id", sample::CORP2),
            ("agent_id", "1000002"),
            ("app_secret", sample::APP_SECRET2),
        ];
        let both = ["CO-110", sample::CORP, sample::CORP2];
        let checked: Vec<(&str, &str)> = fields
            .into_iter()
            .chain([("form", "auth-source"), ("source", source.as_str())])
            .collect();
        stands(&tried(&fixture, &browser, &checked).await, "f-corp-id", &both);
        let refused = fill(&fixture, &browser, &own, &fields).await;
        assert_eq!(refused.status, 422, "{}", refused.body);
        stands(&refused, "f-corp-id", &both);
        let path = "/console/wecom/auth-sources/new";
        let named: Vec<(&str, &str)> = fields
            .into_iter()
            .chain([("data_source_id", source.as_str())])
            .collect();
        let elsewhere = send(&fixture, &browser, path, &named).await;
        stands(&elsewhere, "f-corp-id", &both);
        assert!(fixture.admin().items("auth-sources").await.is_empty());

        let insisted: Vec<(&str, &str)> = fields.into_iter().chain([("mismatch_meant", "on")]).collect();
        let page = fill(&fixture, &browser, &refused, &insisted).await;
        assert!(page.body.contains("GT-104"), "both sides say why: {}", page.body);
        assert_eq!(fixture.admin().items("auth-sources").await.len(), 1);
    }
);

/// A file that was uploaded and does not come through to where WeCom looks for it.
#[actix_web::test]
async fn a_verification_file_that_wecom_will_not_find_is_told() {
    let Some(fixture) = Fixture::open(Backend::SqliteMemory).await else {
        return;
    };
    let owner = Colleague::hire(&fixture, "owner").await;
    let source = fixture.connect().await;
    let file = serde_json::json!({ "name": "WW_verify_abcDEF0123456789.txt", "content": "abcDEF0123456789" });
    fixture.admin().create("verification-files", file).await;
    let (_, served) = outside::behind(&fixture, outside::WITHOUT_FILES, |_| {}).await;
    let browser = fixture.browser();
    let at = format!("{}/console/setup/{}/domain", served.base, id(&source));
    let login = browser.open(&at).await;
    let code = type_in(&browser, &login, &owner.username, GOOD).await;
    let shown = owner.app.shows(&fixture, 0);
    let page = browser.submit(&code.url, &[("code", &shown)]).await;
    assert_eq!(page.status, 200, "{} {}", page.url, page.body);
    assert!(
        page.body.contains("DR-165") && page.body.contains("WW_verify_abcDEF0123456789"),
        "{}",
        page.body
    );
    // What was seen a moment ago is given again, and tells nothing of a file that came since.
    fixture.advance(std::time::Duration::from_secs(1));
    let file = serde_json::json!({ "name": "WW_verify_second0000000001.txt", "content": "second0000000001" });
    fixture.admin().create("verification-files", file).await;
    let page = browser.open(&at).await;
    let (_, second) = page.body.split_once("WW_verify_second0000000001.txt\">").unwrap();
    let (second, _) = second.split_once("</div>").unwrap();
    assert!(second.contains("1 uploaded") && !second.contains("served"), "{second}");
}
