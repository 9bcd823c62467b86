//! The audit log at the console.

use serde_json::json;
use simulator::sample;

use super::{at_work, shown};
use crate::{actors::id, fixture::Fixture, scenario};

scenario!(
    the_log_shows_values_before_and_after_and_exports_exactly_what_is_filtered,
    |fixture: Fixture| async move {
        let auditor = at_work(&fixture, "auditor").await;
        fixture.portal("wiki", json!({})).await;
        let admin = fixture.admin();
        admin.change("clients/wiki", json!({ "name": "Wissen <b>" })).await;
        admin.create("users", json!({ "username": "elsewhere" })).await;
        let page = shown(&fixture, &auditor, "/console/audit?client_id=wiki&kind=configured").await;
        assert!(
            page.body.contains("Wissen &#60;b&#62;") && !page.body.contains("elsewhere"),
            "{}",
            page.body
        );
        assert!(page.body.contains("class=\"changes\""), "{}", page.body);
        let csv = auditor.get(&page.link("export.csv")).await;
        assert!(
            csv.status == 200 && csv.body.contains("Wissen") && !csv.body.contains("elsewhere"),
            "{}",
            csv.body
        );
        let lines = auditor.get(&page.link("export.jsonl")).await;
        assert!(
            lines.status == 200 && !lines.body.contains("elsewhere"),
            "{}",
            lines.body
        );
        assert!(lines.body.lines().all(|line| line.starts_with('{')), "{}", lines.body);
        let later = shown(&fixture, &auditor, "/console/audit?since=2026-02-01").await;
        assert!(later.body.contains("Nothing here"), "{}", later.body);
        let wrong = auditor
            .get(&format!("{}/console/audit/export.csv?since=yesterday", fixture.base))
            .await;
        assert!(wrong.status == 422 || wrong.status == 400, "{}", wrong.status);
        assert!(wrong.body.contains("href=\"/console\""), "{}", wrong.body);
    }
);

scenario!(
    whom_the_log_is_about_has_a_name_and_a_page_of_their_own,
    |fixture: Fixture| async move {
        let portal = fixture.connected_portal().await;
        portal.tokens(&fixture, &fixture.browser(), sample::NORMAL).await;
        let user = fixture.admin().items("users?q=lihua").await.remove(0);
        let auditor = at_work(&fixture, "auditor").await;
        let page = shown(&fixture, &auditor, "/console/audit?kind=signed_in&user=lihua").await;
        let person = format!(
            "<a href=\"/console/people/{}\"><bdi>Session · 李华</bdi></a>",
            id(&user)
        );
        assert!(page.body.contains(&person), "{}", page.body);
        assert!(page.body.contains("<td><bdi>李华</bdi></td>"), "{}", page.body);
        assert!(
            !page
                .body
                .contains(&format!("curl -sS -H @menjin-token '{}/api/v1/users/", fixture.base)),
            "names beside rows are no part of the calls: {}",
            page.body
        );
        let page = shown(&fixture, &auditor, "/console/audit?kind=tokens_issued").await;
        let portal = format!("<a href=\"/console/portals/{}\">", portal.client_id);
        assert!(page.body.contains(&portal), "a portal leads to its page: {}", page.body);
    }
);
