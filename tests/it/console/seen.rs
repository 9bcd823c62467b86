//! Chinese pages say in Chinese what was seen: whatever is wrong, no sentence of Latin words stands there outside names, codes and others' words.

use std::time::Duration;

use serde_json::json;
use simulator::{
    Owner, sample,
    world::{App, Fault, FaultKind, Scope},
};

use super::Colleague;
use crate::{
    actors::{Browser, id, text},
    doctor::healthy,
    fixture::Fixture,
    scenario,
};

/// So many words in a row are a sentence.
const SENTENCE: usize = 3;
/// What is written as it is: names, codes, moments, what is to be copied.
const AS_IT_IS: [&str; 8] = ["code", "pre", "bdi", "time", "script", "style", "svg", "textarea"];

/// Makes something wrong with an app.
type Spoil = fn(&mut App);

/// What is wrong with the app.
const FAULTS: [(&str, Spoil); 5] = [
    ("a reset secret", |app| app.secret = "reset".to_owned()),
    ("a closed app", |app| app.closed = true),
    ("an untrusted address", |app| {
        app.trusted_ips = Some(vec!["192.0.2.1".to_owned()])
    }),
    ("another domain", |app| {
        app.oauth_domain = Some("sso.other.example".to_owned())
    }),
    ("an empty scope", |app| app.scope = Scope::default()),
];

fn is_word(token: &str) -> bool {
    let letters = token.trim_end_matches([',', '.', ';', ':', '!', '?']);
    !letters.is_empty()
        && letters
            .chars()
            .all(|c| c.is_ascii_alphabetic() || matches!(c, '\'' | '’' | '-'))
}

/// Sentences of Latin words in a text, without what stands in 「」.
fn sentences(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for part in text.split('「').enumerate().map(|(at, part)| match at {
        0 => part,
        _ => part.split_once('」').map_or("", |(_, after)| after),
    }) {
        let mut run: Vec<&str> = Vec::new();
        for token in part.split_whitespace().chain(["1"]) {
            if is_word(token) {
                run.push(token);
            } else {
                if run.len() >= SENTENCE {
                    found.push(run.join(" "));
                }
                run.clear();
            }
        }
    }
    found
}

/// Sentences of Latin words on a page.
fn english(body: &str) -> Vec<String> {
    let (_, main) = body.split_once("<main").unwrap();
    let (main, _) = main.split_once("</main>").unwrap();
    let (mut found, mut inside): (Vec<String>, Option<&str>) = (Vec::new(), None);
    for part in main.split('<').skip(1) {
        let (tag, text) = part.split_once('>').unwrap_or((part, ""));
        let name = tag.split_whitespace().next().unwrap_or_default();
        match inside {
            Some(outer) if name.strip_prefix('/') == Some(outer) => inside = None,
            Some(_) => continue,
            None => inside = AS_IT_IS.into_iter().find(|known| *known == name),
        }
        if inside.is_none() {
            found.extend(sentences(&text.replace("&#39;", "'").replace("&#x27;", "'")));
        }
    }
    found
}

#[test]
fn a_sentence_is_told_from_names_and_codes() {
    let page = |text: &str| format!("<main id=\"m\"><p>{text}</p></main>");
    for text in [
        "可写入 PostgreSQL",
        "企业微信返回60020：「not allow to access from your ip」",
        "<code>curl the whole thing</code>",
        "Apache mod_auth_openidc",
        "data-sources/1 corp; 管理工具",
    ] {
        assert!(english(&page(text)).is_empty(), "{text}");
    }
    assert_eq!(english(&page("see: it takes writes now")), ["see: it takes writes now"]);
}

async fn assert_chinese(fixture: &Fixture, browser: &Browser, path: &str, when: &str) {
    let page = browser.open(&format!("{}{path}", fixture.base)).await;
    assert_eq!(page.status, 200, "{path}: {}", page.body);
    assert!(page.body.contains("<html lang=\"zh-CN\">"), "{path}");
    let found = english(&page.body);
    assert!(found.is_empty(), "{path}, with {when}: {found:#?}");
    assert!(
        !page.body.contains("<span lang=\"en\">"),
        "{path}, with {when}: {}",
        page.body
    );
}

/// All pages that say what was seen of this data source.
async fn assert_all_chinese(fixture: &Fixture, browser: &Browser, source: &str, when: &str) {
    let admin = fixture.admin();
    let mut pages: Vec<String> = [
        "/console",
        "/console/settings/doctor",
        "/console/wecom",
        "/console/people/members",
        "/console/sync",
        "/console/sync/conflicts",
        "/console/sync/identities",
    ]
    .map(str::to_owned)
    .to_vec();
    pages.push(format!("/console/wecom/{source}"));
    let steps = ["app", "domain", "callbacks", "people"];
    pages.extend(steps.map(|step| format!("/console/setup/{source}/{step}")));
    let apps = admin.items("wecom-apps").await;
    pages.extend(apps.iter().map(|app| format!("/console/wecom/apps/{}", id(app))));
    let runs = admin.items("sync-runs?limit=2").await;
    pages.extend(runs.iter().map(|run| format!("/console/sync/{}", id(run))));
    for page in pages {
        assert_chinese(fixture, browser, &page, when).await;
    }
}

/// Has everything tried that is tried, and the contacts synced.
async fn look(fixture: &Fixture, source: &str) {
    let admin = fixture.admin();
    fixture.advance(Duration::from_secs(61));
    admin.call("POST", &format!("data-sources/{source}/probe"), None).await;
    for app in admin.items("wecom-apps").await {
        admin
            .call("POST", &format!("wecom-apps/{}/probe", id(&app)), None)
            .await;
    }
    admin.sync(source).await;
    fixture.advance(Duration::from_secs(6));
}

async fn in_chinese(fixture: &Fixture) -> Browser {
    let owner = Colleague::hire(fixture, "owner").await;
    let browser = fixture.browser().in_chinese();
    let page = owner.sign_in(fixture, &browser, "/console").await;
    assert_eq!(page.status, 200, "{}", page.body);
    browser
}

scenario!(
    chinese_pages_say_in_chinese_what_was_seen_whatever_is_wrong_with_the_app,
    |fixture: Fixture| async move {
        // Users of the names of members, of whom a sync has something to say.
        for (username, role) in [("zhangsan", None), ("lihua", Some("operator"))] {
            let user = json!({ "username": username, "console_role": role });
            fixture.admin().create("users", user).await;
        }
        let source = healthy(&fixture).await;
        let source = id(&source);
        let browser = in_chinese(&fixture).await;
        look(&fixture, source).await;
        assert_all_chinese(&fixture, &browser, source, "nothing wrong").await;
        for (when, change) in FAULTS {
            let before = fixture.edit_corp(|corp| {
                let app = corp.apps.get_mut(&sample::AGENT_ID).unwrap();
                let before = app.clone();
                change(app);
                before
            });
            fixture.wecom.expire_tokens(simulator::ForcedExpiry::Code40014);
            look(&fixture, source).await;
            assert_all_chinese(&fixture, &browser, source, when).await;
            fixture.edit_corp(|corp| corp.apps.insert(sample::AGENT_ID, before));
        }
    }
);

scenario!(
    chinese_pages_say_in_chinese_what_was_seen_whatever_is_wrong_on_the_way,
    |fixture: Fixture| async move {
        let source = healthy(&fixture).await;
        let source = id(&source);
        let browser = in_chinese(&fixture).await;
        fixture
            .portal(
                "wiki",
                json!({ "metadata": { "backchannel_logout_uri": "http://127.0.0.1:9/out" } }),
            )
            .await;
        let path = format!("data-sources/{source}/callbacks");
        let issued = fixture.admin().create(&path, json!({ "owner": "contacts" })).await;
        let (url, key) = (text(&issued, "url"), text(&issued, "encoding_aes_key"));
        let saved = fixture
            .wecom
            .configure_callback(sample::CORP, Owner::Contacts, url, "other", key);
        assert!(saved.await.is_err());
        for (when, kind) in [
            ("no reply", FaultKind::Reset),
            ("a gateway's page", FaultKind::BadGateway),
            ("half a reply", FaultKind::Truncated),
            ("too many calls", FaultKind::Errcode(45009)),
            ("a busy WeCom", FaultKind::Errcode(-1)),
        ] {
            fixture.add_fault(Fault::new("/cgi-bin", kind));
            look(&fixture, source).await;
            assert_all_chinese(&fixture, &browser, source, when).await;
            fixture.mend_wecom();
        }
    }
);

scenario!(
    a_field_of_the_wizard_says_in_chinese_what_was_seen,
    |fixture: Fixture| async move {
        let browser = in_chinese(&fixture).await;
        for (corp_id, secret) in [
            ("ww 1", ""),
            ("ww0000000000000000", sample::CONTACTS_SECRET),
            (sample::CORP, "nonsense-secret"),
            (sample::CORP, "short"),
            (sample::CORP, sample::APP_SECRET),
            (sample::CORP, sample::CONTACTS_SECRET),
        ] {
            let fields = [
                ("name", "青云科技"),
                ("corp_id", corp_id),
                ("contacts_secret", secret),
                ("form", "corp"),
            ];
            let page = crate::console::send(&fixture, &browser, "/console/setup/check", &fields).await;
            assert_eq!(page.status, 200, "{}", page.body);
            let told = format!("<main>{}</main>", page.body);
            let found = english(&told);
            assert!(found.is_empty(), "{corp_id} {secret}: {found:#?}");
        }
    }
);
