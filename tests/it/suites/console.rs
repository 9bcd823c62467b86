//! The console's pages of suites, as somebody clicks: entered, watched, changed, deleted; in both languages.

use std::time::Duration;

use serde_json::json;
use simulator::{Delivery, Push, SuiteCallback, Tamper, sample};

use super::{push, save, suite, ticket, with_provider};
use crate::{
    actors::{id, text},
    console::{at_work, in_both_languages, send},
    fixture::Fixture,
    scenario,
};

/// The text of what can be copied below this label.
fn copyable<'a>(page: &'a str, label: &str) -> &'a str {
    let (_, rest) = page
        .split_once(&format!("<p class=\"copy-label\">{label}</p>"))
        .unwrap();
    let (_, rest) = rest.split_once("<code>").unwrap();
    rest.split_once("</code>").unwrap().0
}

scenario!(
    a_suite_is_entered_at_the_console_and_what_arrives_is_watched,
    |fixture: Fixture| async move {
        with_provider(&fixture);
        let browser = at_work(&fixture, "owner").await;
        in_both_languages(&fixture, &browser, "/console/suites").await;
        in_both_languages(&fixture, &browser, "/console/suites/new").await;
        let fields = [
            ("name", "云门助手"),
            ("suite_id", sample::SUITE),
            ("secret", sample::SUITE_SECRET),
            ("provider_corp_id", sample::PROVIDER),
            ("provider_secret", ""),
            ("token", ""),
            ("encoding_aes_key", ""),
            ("description", ""),
            ("once", "1"),
        ];
        let mut faulty = fields;
        faulty[1] = ("suite_id", "with blank");
        faulty[5] = ("token", "no-letters!");
        let refused = send(&fixture, &browser, "/console/suites/new", &faulty).await;
        assert_eq!(refused.status, 422, "{}", refused.body);
        for seen in ["f-suite-id-fault", "f-token-fault", "云门助手"] {
            assert!(refused.body.contains(seen), "{seen}: {}", refused.body);
        }
        assert!(!refused.body.contains(sample::SUITE_SECRET) && !refused.body.contains("no-letters!"));
        assert!(fixture.admin().items("suites").await.is_empty());

        let issued = send(&fixture, &browser, "/console/suites/new", &fields).await;
        assert_eq!(issued.status, 200, "{}", issued.body);
        let made = fixture.admin().items("suites").await.remove(0);
        let keys = json!({
            "token": copyable(&issued.body, "Token"), "encoding_aes_key": copyable(&issued.body, "EncodingAESKey"),
            "callbacks": made["callbacks"], "suite_id": made["suite_id"],
        });
        assert!(!issued.body.contains(sample::SUITE_SECRET));
        let path = format!("/console/suites/{}", id(&made));
        let twice = send(&fixture, &browser, "/console/suites/new", &fields).await;
        assert_eq!(
            copyable(&twice.body, "Token"),
            text(&keys, "token"),
            "sent again, answered again"
        );

        let [en, zh] = in_both_languages(&fixture, &browser, &path).await;
        assert!(en.body.contains("waits for the first ticket") && zh.body.contains("等待首个 Ticket"));
        for page in [&en, &zh] {
            assert!(!page.body.contains(text(&keys, "token")), "shown once");
            let poll = format!("data-poll=\"{path}/live?ui_locales=");
            assert!(
                page.body.contains(&poll) && page.body.contains("<noscript><meta http-equiv=\"refresh\""),
                "{}",
                page.body
            );
            assert!(page.body.contains("$CORPID$"));
        }
        save(&fixture, &keys, SuiteCallback::Command).await.unwrap();
        ticket(&fixture).await;
        let live = browser
            .get(&format!("{}{path}/live?ui_locales=zh-CN", fixture.base))
            .await;
        for seen in ["企业微信已验证此 URL", "有效", "企业微信已接受"] {
            assert!(live.body.contains(seen), "{seen}: {}", live.body);
        }
        push(
            &fixture,
            Push::ChangeAuth {
                corp: sample::CORP.to_owned(),
            },
            Delivery::default(),
        )
        .await;
        fixture.advance(Duration::from_secs(60));
        let tampered = Delivery {
            tamper: Some(Tamper::OtherSuiteKey),
            ..Delivery::default()
        };
        push(&fixture, Push::SuiteTicket, tampered).await;
        let [en, zh] = in_both_languages(&fixture, &browser, &path).await;
        assert!(en.body.contains("authorisation changed") && zh.body.contains("变更授权"));
        assert!(
            en.body.contains("WC-182") && en.body.contains("class=\"state no\""),
            "{}",
            en.body
        );
    }
);

scenario!(
    a_suite_is_changed_renewed_tried_and_deleted_at_the_console,
    |fixture: Fixture| async move {
        let made = suite(&fixture).await;
        save(&fixture, &made, SuiteCallback::Command).await.unwrap();
        ticket(&fixture).await;
        let browser = at_work(&fixture, "owner").await;
        let path = format!("/console/suites/{}", id(&made));
        for page in ["edit", "keys", "delete"] {
            in_both_languages(&fixture, &browser, &format!("{path}/{page}")).await;
        }
        let edit = browser.open(&format!("{}{path}/edit", fixture.base)).await;
        let version = edit.field("version");
        let fields = |secret: &'static str| {
            [
                ("name", "云门".to_owned()),
                ("suite_id", sample::SUITE.to_owned()),
                ("secret", secret.to_owned()),
                ("provider_corp_id", sample::PROVIDER.to_owned()),
                ("description", "给客户".to_owned()),
                ("version", version.clone()),
            ]
        };
        let change = async |secret: &'static str| {
            let fields = fields(secret);
            let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
            send(&fixture, &browser, &format!("{path}/edit"), &fields).await
        };
        let refused = change("not-the-secret").await;
        assert_eq!(refused.status, 422, "{}", refused.body);
        for seen in ["f-secret-fault", "SU-110", "40080", "服务商管理后台", "save_anyway"] {
            assert!(refused.body.contains(seen), "{seen}: {}", refused.body);
        }
        assert!(!refused.body.contains("not-the-secret"));
        let saved = change("").await;
        assert!(saved.status == 200 && saved.url.contains(&path), "{}", saved.body);
        let read = fixture.admin().get(&format!("suites/{}", id(&made))).await;
        assert_eq!(
            (&read["name"], &read["description"]),
            (&json!("云门"), &json!("给客户"))
        );
        assert!(read["callbacks"][0]["verified"] == true, "no key was entered: {read}");
        let stale = change("").await;
        assert_eq!(stale.status, 412, "somebody else changed it: {}", stale.body);

        let tried = send(&fixture, &browser, &format!("{path}/check"), &[]).await;
        assert!(
            tried.status == 200 && tried.body.contains("class=\"done\""),
            "{}",
            tried.body
        );
        let renewed = send(&fixture, &browser, &format!("{path}/keys"), &[("once", "2")]).await;
        assert_ne!(copyable(&renewed.body, "Token"), text(&made, "token"));

        let mistyped = send(&fixture, &browser, &format!("{path}/delete"), &[("suite_id", "x")]).await;
        assert_eq!(mistyped.status, 422);
        let typed = [("suite_id", sample::SUITE)];
        let deleted = send(&fixture, &browser, &format!("{path}/delete"), &typed).await;
        assert!(
            deleted.status == 200 && deleted.url.contains("/console/suites"),
            "{}",
            deleted.body
        );
        assert!(fixture.admin().items("suites").await.is_empty());
    }
);

scenario!(
    an_auditor_sees_suites_and_is_offered_nothing,
    |fixture: Fixture| async move {
        let made = suite(&fixture).await;
        let browser = at_work(&fixture, "auditor").await;
        let path = format!("/console/suites/{}", id(&made));
        for page in ["/console/suites".to_owned(), path.clone(), format!("{path}/live")] {
            let page = browser.open(&format!("{}{page}", fixture.base)).await;
            assert_eq!(page.status, 200, "{}", page.body);
            for offered in ["/check\"", "/edit\"", "/keys\"", "/delete\"", "/suites/new\""] {
                assert!(!page.body.contains(offered), "{offered}: {}", page.body);
            }
        }
        for act in ["check", "keys", "edit"] {
            let refused = send(&fixture, &browser, &format!("{path}/{act}"), &[("name", "x")]).await;
            assert_eq!(refused.status, 403, "{act}: {}", refused.body);
        }
    }
);
