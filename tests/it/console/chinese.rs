//! Pages in Chinese tell in Chinese what to do: the remedy, and the words of closed lists.

use menjin::kernel::failure::Entry;
use serde_json::json;
use simulator::sample;

use super::at_work;
use crate::{
    actors::{As, Browser, Page, id, text},
    fixture::Fixture,
    scenario,
};

fn entry(number: &str) -> &'static Entry {
    let mut entries = menjin::reference_numbers().into_iter();
    entries.find(|entry| entry.number == number).unwrap()
}

async fn in_language(fixture: &Fixture, browser: &Browser, path: &str, lang: &str) -> Page {
    browser.open(&format!("{}{path}?ui_locales={lang}", fixture.base)).await
}

/// A page in each language has the remedy of this number in its own language alone.
async fn assert_remedy(fixture: &Fixture, browser: &Browser, path: &str, number: &str) {
    let entry = entry(number);
    // Up to the first character that HTML writes otherwise.
    let english = entry.remedy.split('\'').next().unwrap();
    let (zh, en) = (
        in_language(fixture, browser, path, "zh-CN").await,
        in_language(fixture, browser, path, "en").await,
    );
    assert!(zh.body.contains(entry.remedy_zh), "{path}: {}", zh.body);
    assert!(!zh.body.contains(english), "{path}: {}", zh.body);
    assert!(en.body.contains(english), "{path}: {}", en.body);
    assert!(!en.body.contains(entry.remedy_zh), "{path}: {}", en.body);
}

scenario!(
    what_to_do_stands_in_the_language_of_the_page,
    |fixture: Fixture| async move {
        let portal = fixture.connected_portal().await;
        let refused = portal
            .sign_in(&fixture, &fixture.browser(), As::Member(sample::OUT_OF_SCOPE))
            .await;
        let code = refused.reference();
        let auditor = at_work(&fixture, "auditor").await;

        // The explanation of a refusal, and what would let that person in.
        assert_remedy(&fixture, &auditor, &format!("/console/refusals/{code}"), "GT-108").await;
        let trace = in_language(&fixture, &auditor, &format!("/console/refusals/{code}"), "zh-CN").await;
        for told in ["不可见", "门户已启用", "有应答"] {
            assert!(trace.body.contains(told), "{told}: {}", trace.body);
        }
        // What the API refuses, as a page.
        let nobody = "/console/people/00000000-0000-7000-8000-000000000000";
        assert_remedy(&fixture, &auditor, nobody, "DI-102").await;
    }
);

scenario!(
    words_of_closed_lists_are_chinese_on_chinese_pages,
    |fixture: Fixture| async move {
        let _portal = fixture.connected_portal().await;
        let owner = at_work(&fixture, "owner").await;
        for (path, chinese, english) in [
            ("/console/audit", "· 新建", "· created"),
            (
                "/console/settings/configuration",
                "启动时日志会说明",
                "Connections open at the same time",
            ),
            ("/console/settings/doctor", "数据库结构", "the schema of the database"),
            ("/console/portals/new", "单页应用（SPA）", "Single-page app"),
        ] {
            let zh = in_language(&fixture, &owner, path, "zh-CN").await;
            assert!(
                zh.body.contains(chinese) && !zh.body.contains(english),
                "{path}: {}",
                zh.body
            );
            let en = in_language(&fixture, &owner, path, "en").await;
            assert!(
                en.body.contains(english) && !en.body.contains(chinese),
                "{path}: {}",
                en.body
            );
        }
    }
);

scenario!(
    a_problem_tells_in_both_languages_what_to_do,
    |fixture: Fixture| async move {
        let refused = fixture
            .admin()
            .call("POST", "users", Some(json!({ "shade": 1 })))
            .await
            .body;
        let of = entry(text(&refused, "number"));
        assert_eq!(
            (text(&refused, "remedy"), text(&refused, "remedy_zh")),
            (of.remedy, of.remedy_zh),
            "{refused}"
        );
        // A set-up problem: nobody can sign in through an auth source that is switched off.
        fixture.connected_portal().await;
        let admin = fixture.admin();
        let source = admin.items("auth-sources").await.remove(0);
        let path = format!("auth-sources/{}", id(&source));
        admin.change(&path, json!({ "enabled": false })).await;
        let source = admin.items("data-sources").await.remove(0);
        let problems = source["problems"].as_array().unwrap();
        assert!(!problems.is_empty(), "{source}");
        for problem in problems {
            let of = entry(text(problem, "number"));
            assert_eq!(text(problem, "remedy_zh"), of.remedy_zh, "{problem}");
        }
    }
);
