//! Downloads are told to the audit log: who took which list, filtered how, and how many entries.

use serde_json::json;
use simulator::sample;

use crate::{
    actors::id,
    console::at_work,
    fixture::{ADMIN_TOKEN, Fixture},
    scenario,
};

/// What the log tells of downloads, the newest first.
async fn told(fixture: &Fixture) -> Vec<serde_json::Value> {
    fixture.admin().items("audit-events?kind=exported").await
}

async fn download(fixture: &Fixture, path: &str) -> reqwest::Response {
    let address = format!("{}/api/v1/{path}", fixture.base);
    fixture.http.get(address).bearer_auth(ADMIN_TOKEN).send().await.unwrap()
}

scenario!(
    each_download_is_one_event_with_its_filter_and_its_entries,
    |fixture: Fixture| async move {
        fixture.connect().await;
        fixture.portal("wiki", json!({})).await;
        let run = fixture.admin().items("sync-runs").await.remove(0);
        let rows = format!("sync-runs/{}/rows.csv", id(&run));
        let source = fixture.admin().items("data-sources").await.remove(0);
        let customers = format!("data-sources/{}/external-contact-events.csv", id(&source));
        let lists = [
            "users.csv?q=LIHUA",
            "members.csv",
            "clients.csv",
            "refusals.csv?number=GT-104",
            "access-requests.csv",
            "offboardings.csv",
            "sync-runs.csv",
            "conflicts.csv",
            "groups.csv",
            "logout-deliveries.csv",
            "operators.csv?role=owner",
            "api-tokens.csv",
            "installations.csv",
            "identity-findings.csv?state=open",
            "notices.csv",
            customers.as_str(),
            "audit-events.csv?kind=configured",
            "audit-events.jsonl?kind=configured",
            "clients/wiki/access-checks.csv",
            rows.as_str(),
        ];
        for (before, path) in lists.into_iter().enumerate() {
            let answer = download(&fixture, path).await;
            assert_eq!(answer.status(), 200, "{path}");
            let text = answer.text().await.unwrap();
            let events = told(&fixture).await;
            assert_eq!(events.len(), before + 1, "{path}");
            let event = &events[0];
            let (list, query) = path.split_once('?').unwrap_or((path, ""));
            assert_eq!(event["subject"], format!("list:{list}"), "{event}");
            assert_eq!(event["actor"], "token:bootstrap", "{event}");
            assert_eq!(event["detail"]["complete"], true, "{event}");
            let filter = event["detail"]["filter"].as_object().unwrap();
            match query.split_once('=') {
                Some((name, value)) => assert_eq!(filter[name], value, "{event}"),
                None => assert!(filter.is_empty(), "{event}"),
            }
            if list == "users.csv" {
                assert_eq!(event["detail"]["entries"], text.lines().count() - 1, "{event}");
                assert_eq!(event["detail"]["entries"], 1, "{event}");
            }
        }
        // What is refused is no download.
        assert_eq!(download(&fixture, "users.csv?limit=5").await.status(), 400);
        assert_eq!(told(&fixture).await.len(), lists.len());
    }
);

scenario!(
    a_download_at_the_console_is_told_as_that_of_whoever_clicks,
    |fixture: Fixture| async move {
        fixture.connect().await;
        let auditor = at_work(&fixture, "auditor").await;
        let csv = auditor
            .get(&format!("{}/console/people.csv?q={}", fixture.base, sample::NORMAL))
            .await;
        assert_eq!(csv.status, 200, "{}", csv.body);
        let event = told(&fixture).await.remove(0);
        let she = fixture.admin().user_id("the-auditor").await;
        assert_eq!(event["actor"], format!("user:{she}"), "{event}");
        assert_eq!(event["detail"]["filter"]["q"], sample::NORMAL, "{event}");
        let page = auditor
            .open(&format!(
                "{}/console/audit?kind=exported&ui_locales=zh-CN",
                fixture.base
            ))
            .await;
        for word in ["下载", "列表 · users.csv", "the-auditor"] {
            assert!(page.body.contains(word), "{word}: {}", page.body);
        }
    }
);
