//! WeCom at the console: what is connected, what is wrong, and credentials that are refused at their field.

use serde_json::json;
use simulator::sample;

use super::Colleague;
use crate::{
    actors::{Browser, Page, id, text},
    fixture::Fixture,
    scenario,
};

async fn send(browser: &Browser, page: &Page, url: &str, fields: &[(&str, &str)]) -> Page {
    let confirm = page.field("confirm");
    let mut all = vec![("confirm", confirm.as_str())];
    all.extend(fields);
    browser.submit(url, &all).await
}

scenario!(
    a_corp_is_connected_and_a_refused_secret_stands_at_its_field,
    |fixture: Fixture| async move {
        fixture.trust_domain();
        let owner = Colleague::hire(&fixture, "owner").await;
        let browser = owner.browser(&fixture).await;
        let admin = fixture.admin();
        let url = format!("{}/console/wecom/new", fixture.base);
        let page = browser.open(&url).await;
        assert!(
            !page.body.contains("save_anyway"),
            "the box is there only after a refusal"
        );
        let agent = sample::AGENT_ID.to_string();
        let mut fields = vec![
            ("name", "青云"),
            ("corp_id", sample::CORP),
            ("app.agent_id", agent.as_str()),
            ("app.secret", "nonsense-secret"),
            ("auto_sync_hours", "12"),
            ("duplicate_rule", "overwrite"),
            ("login_methods", "wecom_qr"),
            ("enabled", "on"),
        ];
        let refused = send(&browser, &page, &url, &fields).await;
        assert_eq!(refused.status, 422, "{}", refused.body);
        for seen in ["f-app-secret-fault", "DI-237", "40001", "save_anyway", "青云"] {
            assert!(refused.body.contains(seen), "{seen}: {}", refused.body);
        }
        assert!(!refused.body.contains("nonsense-secret"), "a secret comes back");
        assert!(admin.items("data-sources").await.is_empty());

        fields[3] = ("app.secret", sample::APP_SECRET);
        let source_page = send(&browser, &refused, &url, &fields).await;
        assert_eq!(source_page.status, 200, "{}", source_page.body);
        let source = admin.items("data-sources").await.remove(0);
        assert_eq!(
            (&source["auto_sync_hours"], text(&source, "duplicate_rule")),
            (&json!(12), "overwrite")
        );
        assert!(source_page.body.contains(id(&source)) || source_page.url.contains(id(&source)));

        let at = |path: &str| format!("{}/console/wecom/{}{path}", fixture.base, id(&source));
        let edit = browser.open(&at("/edit")).await;
        let version = edit.field("version");
        fields[3] = ("app.secret", "");
        fields[4] = ("auto_sync_hours", "");
        fields.extend([
            ("version", version.as_str()),
            ("removal_threshold_percent", "15"),
            ("import", "all"),
            ("match_by", "username"),
            ("username_template", "{userid}"),
            ("guard.overwrites.percent", "50"),
            ("email_sources", "biz_mail\nemail"),
        ]);
        let saved = send(&browser, &edit, &at("/edit"), &fields).await;
        assert_eq!(saved.status, 200, "{}", saved.body);
        let changed = admin.get(&format!("data-sources/{}", id(&source))).await;
        assert_eq!(
            (&changed["auto_sync_hours"], &changed["removal_threshold_percent"]),
            (&json!(null), &json!(15))
        );

        let probed = send(&browser, &edit, &at("/probe"), &[]).await;
        assert_eq!(probed.status, 200, "{}", probed.body);
        let issued = send(&browser, &edit, &at("/callbacks"), &[("owner", "app")]).await;
        assert!(
            issued.status == 200 && issued.body.contains("EncodingAESKey"),
            "{}",
            issued.body
        );
        let page = browser.open(&at("")).await;
        assert!(
            page.body.contains("/wecom/callback") || page.body.contains("/callbacks/"),
            "{}",
            page.body
        );
        let mistyped = send(&browser, &edit, &at("/delete"), &[("corp_id", "x")]).await;
        assert_eq!(mistyped.status, 422);
        send(&browser, &edit, &at("/delete"), &[("corp_id", sample::CORP)]).await;
        assert!(admin.items("data-sources").await.is_empty());
    }
);

scenario!(
    a_mismatched_corp_id_shows_on_both_sides_and_files_are_served,
    |fixture: Fixture| async move {
        let source = fixture.connect().await;
        let admin = fixture.admin();
        let other = json!({ "name": "门禁", "corp_id": "ww0000000000000000", "agent_id": 1_000_077, "app_secret": "s".repeat(43),
            "data_source_id": id(&source), "save_anyway": true });
        let other = admin.create("auth-sources", other).await;
        let owner = Colleague::hire(&fixture, "owner").await;
        let browser = owner.browser(&fixture).await;
        let at = |path: &str| format!("{}/console/wecom{path}", fixture.base);
        let page = browser.open(&at(&format!("/{}", id(&source)))).await;
        assert!(
            page.status == 200 && page.body.contains("ww0000000000000000"),
            "{}",
            page.body
        );
        let page = browser.open(&at("")).await;
        assert!(
            page.body.contains(id(&other)) && page.body.contains("state error"),
            "{}",
            page.body
        );
        for app in admin.items("wecom-apps").await {
            assert_eq!(browser.open(&at(&format!("/apps/{}", id(&app)))).await.status, 200);
        }
        let files = browser.open(&at("/files")).await;
        let bad = send(
            &browser,
            &files,
            &at("/files"),
            &[("name", "x.txt"), ("content", "abc")],
        )
        .await;
        assert!(bad.status == 422 && bad.body.contains("aria-invalid"), "{}", bad.body);
        send(
            &browser,
            &files,
            &at("/files"),
            &[("name", "WW_verify_abc123.txt"), ("content", "abc123")],
        )
        .await;
        assert_eq!(
            fixture.fetch("/WW_verify_abc123.txt").await.text().await.unwrap(),
            "abc123"
        );
    }
);

scenario!(
    an_auditor_reads_wecom_and_changes_nothing,
    |fixture: Fixture| async move {
        let source = fixture.connect().await;
        let auditor = Colleague::hire(&fixture, "auditor").await;
        let browser = auditor.browser(&fixture).await;
        let at = |path: &str| format!("{}/console/wecom{path}", fixture.base);
        let auth_source = fixture.admin().items("auth-sources").await.remove(0);
        let one = format!("/{}", id(&source));
        let before = fixture.admin().items("data-sources").await;
        for lang in ["en", "zh-CN"] {
            for path in ["", &one, &format!("/auth-sources/{}", id(&auth_source)), "/files"] {
                let page = browser.open(&at(&format!("{path}?ui_locales={lang}"))).await;
                assert_eq!(page.status, 200, "{path}: {}", page.body);
                assert!(
                    !page.body.contains("console-"),
                    "{path} {lang} lacks a text: {}",
                    page.body
                );
            }
        }
        for post in [
            "/new",
            "/files",
            &format!("{one}/edit"),
            &format!("{one}/probe"),
            &format!("{one}/callbacks"),
            &format!("{one}/delete"),
        ] {
            let path = format!("/console/wecom{post}");
            let refused = crate::console::send(&fixture, &browser, &path, &[]).await;
            assert!((400..500).contains(&refused.status), "{post}: {}", refused.body);
            assert!(!refused.body.contains("CO-101"), "the role is asked: {post}");
        }
        assert_eq!(fixture.admin().items("data-sources").await, before);
        for wrong in [
            "/x",
            "/%2F",
            "/00000000-0000-0000-0000-000000000000",
            "/apps/x",
            "?cursor=x",
            "/auth-sources/zz",
            "/auth-sources/new?data_source=q",
        ] {
            let page = browser.open(&at(wrong)).await;
            assert!((400..500).contains(&page.status), "{wrong}: {}", page.status);
        }
    }
);
