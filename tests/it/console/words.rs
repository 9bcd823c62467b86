//! Pages call people, portals and things by their names, and fields by their labels: no row id, actor or word of the log stands where somebody reads.

use serde_json::json;
use simulator::sample;

use super::{at_work, in_both_languages, sent, shown};
use crate::{
    access_requests::{self, applied, asking, imported, link, name_approver, standing},
    actors::{As, LogoutReceiver, Page, id},
    back_channel_logout::listening,
    fixture::Fixture,
    password::{anna_and_portal, sign_in},
    scenario,
};

/// What stands between the title and *Same over the API*, without addresses: what somebody reads.
fn read(page: &Page) -> String {
    let (_, main) = page.body.split_once("<main").unwrap();
    let main = main.split("<details class=\"same\"").next().unwrap();
    let mut text = String::new();
    for part in main.split('<') {
        text.push_str(part.split_once('>').map_or("", |(_, text)| text));
        text.push('\n');
    }
    text
}

scenario!(
    an_approver_without_a_role_is_called_by_name_and_what_is_decided_already_shows_how,
    |fixture: Fixture| async move {
        let (source, portal) = asking(&fixture).await;
        let approver = imported(&fixture, sample::ADMIN).await;
        name_approver(&fixture, &source, &approver).await;
        let (_, request) = applied(&fixture, &portal).await;
        let operator = at_work(&fixture, "operator").await;
        let here = format!("/console/requests/{}", id(&request));
        let version = shown(&fixture, &operator, &here).await.field("version");
        let address = link(&fixture).await;
        let (browser, page) = access_requests::link::signed_in_from(&fixture, &address, sample::ADMIN).await;
        let form = [
            ("confirm", page.field("confirm")),
            ("username", page.field("username")),
            ("portal", "wiki".to_owned()),
        ];
        let form: Vec<(&str, &str)> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let done = browser.submit(&format!("{address}/approve"), &form).await;
        assert_eq!(done.status, 200, "{}", done.body);
        assert_eq!(standing(&fixture, &request).await["state"], "approved");
        let name = fixture.admin().get(&format!("users/{}", id(&approver))).await["display_name"].clone();
        let name = name.as_str().unwrap().to_owned();
        let raw = format!("user:{}", id(&approver));
        for path in ["/console/requests?state=any", here.as_str()] {
            for page in in_both_languages(&fixture, &operator, path).await {
                let read = read(&page);
                assert!(read.contains(&name) && !read.contains(&raw), "{path}: {read}");
            }
        }
        let late = sent(&fixture, &operator, &format!("{here}/refuse"), &[("version", &version)]).await;
        assert!(late.status == 409 && late.body.contains("AR-103"), "{}", late.body);
        let read = read(&late);
        assert!(
            read.contains(&name) && !read.contains("milliseconds") && !read.contains(&raw),
            "the page says who decided: {read}"
        );
    }
);

scenario!(
    somebody_with_a_password_who_was_refused_is_called_by_name,
    |fixture: Fixture| async move {
        let (user, portal) = anna_and_portal(&fixture).await;
        let admin = fixture.admin();
        let named = json!({ "display_name": "Anna Karenina" });
        admin.change(&format!("users/{user}"), named).await;
        sign_in(&portal, &fixture.browser(), "anna", "quite another one").await;
        let refusals = admin.items("refusals").await;
        let actor = format!("user:{user}");
        assert!(refusals.iter().any(|one| one["actor"] == json!(actor)), "{refusals:?}");
        let auditor = at_work(&fixture, "auditor").await;
        let of_her = format!("/console/refusals?user_id={user}");
        for path in ["/console/refusals", of_her.as_str()] {
            for page in in_both_languages(&fixture, &auditor, path).await {
                let read = read(&page);
                assert!(read.contains("Anna Karenina"), "{path}: {read}");
                assert!(!read.contains(&user), "{path}: {read}");
            }
        }
        let code = refusals[0]["reference"].as_str().unwrap();
        for page in in_both_languages(&fixture, &auditor, &format!("/console/refusals/{code}")).await {
            let read = read(&page);
            assert!(read.contains("Anna Karenina") && !read.contains(&actor), "{read}");
        }
    }
);

scenario!(
    the_log_calls_fields_things_and_actors_by_their_names_and_links_to_them,
    |fixture: Fixture| async move {
        let source = fixture.connect().await;
        fixture.portal("wiki", json!({})).await;
        let admin = fixture.admin();
        let group = admin.create("groups", json!({ "name": "On call" })).await;
        let until = 1_800_000_000_000_i64;
        let token = json!({ "name": "nightly", "role": "sync", "expires_at": until,
            "scope": { "data_sources": [id(&source)] } });
        let token = admin.create("api-tokens", token).await;
        let change = json!({ "allowed_groups": [id(&group)], "require_pkce": false, "metadata": { "consent": "ask" } });
        admin.change("clients/wiki", change).await;
        let auditor = at_work(&fixture, "auditor").await;
        let [en, zh] = in_both_languages(&fixture, &auditor, "/console/audit?kind=configured&client_id=wiki").await;
        for (page, told) in [
            (
                &en,
                ["Groups that may enter", "PKCE required", "Consent", "On call", "no"],
            ),
            (&zh, ["可进入的用户组", "必须使用 PKCE", "授权确认", "On call", "否"]),
        ] {
            let read = read(page);
            for word in told {
                assert!(read.contains(word), "{word}: {read}");
            }
            for raw in [
                "allowed_groups",
                "require_pkce",
                "metadata.consent",
                id(&group),
                "false",
            ] {
                assert!(!read.contains(raw), "{raw}: {read}");
            }
        }
        let about = in_both_languages(
            &fixture,
            &auditor,
            "/console/audit?kind=configured&actor=token:bootstrap",
        )
        .await;
        let name = text_of_source(&fixture, id(&source)).await;
        for page in &about {
            let read = read(page);
            assert!(read.contains(&name) && read.contains("nightly"), "{read}");
            for raw in [id(&token), id(&source), "token:bootstrap", "api_token:"] {
                assert!(!read.contains(raw), "{raw}: {read}");
            }
            assert!(page.body.contains("href=\"/console/settings/tokens\""), "{}", page.body);
            assert!(page.body.contains("data-exact"), "a moment of a change: {}", page.body);
        }
        let owner = at_work(&fixture, "owner").await;
        for page in in_both_languages(&fixture, &owner, "/console/settings/tokens").await {
            let read = read(&page);
            let reach = format!("href=\"/console/wecom/{}\"", id(&source));
            assert!(page.body.contains(&reach) && read.contains(&name), "{}", page.body);
        }
    }
);

async fn text_of_source(fixture: &Fixture, id: &str) -> String {
    let source = fixture.admin().get(&format!("data-sources/{id}")).await;
    source["name"].as_str().unwrap().to_owned()
}

scenario!(
    a_report_of_a_leaver_has_names_and_devices_in_the_place_of_ids,
    |fixture: Fixture| async move {
        fixture.connect().await;
        let receiver = LogoutReceiver::listen();
        let portal = listening(&fixture, "wiki", &receiver).await;
        fixture
            .admin()
            .change("clients/wiki", json!({ "name": "Wiki of all" }))
            .await;
        portal.tokens(&fixture, &fixture.browser(), sample::NORMAL).await;
        let owner = at_work(&fixture, "owner").await;
        let she = fixture.admin().user_id(sample::NORMAL).await;
        let disabled = sent(
            &fixture,
            &owner,
            &format!("/console/people/{she}/disable"),
            &[("sure", "on")],
        )
        .await;
        assert!(disabled.status < 400, "{}", disabled.body);
        let report = fixture
            .admin()
            .items(&format!("offboardings?user_id={she}"))
            .await
            .remove(0);
        let report = fixture.admin().get(&format!("offboardings/{}", id(&report))).await;
        assert_eq!(report["portals"][0]["client_name"], "Wiki of all", "{report}");
        assert!(report["sessions"][0]["browser"].is_string(), "{report}");
        let actor = report["evidence"]["actor"].as_str().unwrap();
        for page in in_both_languages(&fixture, &owner, &format!("/console/leaving/{}", id(&report))).await {
            let read = read(&page);
            assert!(read.contains("Wiki of all") && read.contains("the-owner"), "{read}");
            assert!(!read.contains(actor), "{read}");
            let session = report["sessions"][0]["id"].as_str().unwrap();
            assert_eq!(
                read.matches(session).count(),
                1,
                "deliveries say on which device: {read}"
            );
        }
    }
);

scenario!(where_a_field_came_from_is_told_by_name, |fixture: Fixture| async move {
    fixture.connect().await;
    let she = fixture.admin().user_id(sample::NORMAL).await;
    let owner = at_work(&fixture, "owner").await;
    fixture
        .admin()
        .change(&format!("users/{she}"), json!({ "display_name": "Li Hua" }))
        .await;
    for page in in_both_languages(&fixture, &owner, &format!("/console/people/{she}")).await {
        let read = read(&page);
        assert!(
            read.contains("bootstrap") && !read.contains("token:bootstrap"),
            "{read}"
        );
    }
});

scenario!(
    filters_take_the_names_that_the_columns_show,
    |fixture: Fixture| async move {
        let portal = fixture.connected_portal().await;
        fixture
            .admin()
            .change(
                &format!("clients/{}", portal.client_id),
                json!({ "name": "Wiki of all" }),
            )
            .await;
        portal.tokens(&fixture, &fixture.browser(), sample::NORMAL).await;
        portal.sign_in(&fixture, &fixture.browser(), As::Outsider).await;
        let auditor = at_work(&fixture, "auditor").await;
        for path in [
            "/console/audit?actor=李华&kind=signed_in",
            "/console/audit?user=李华&kind=signed_in",
            "/console/audit?actor=bootstrap&kind=configured",
            "/console/audit?client_id=wiki%20OF%20all&kind=tokens_issued",
            "/console/refusals?client_id=Wiki%20of%20all",
        ] {
            let page = shown(&fixture, &auditor, path).await;
            let read = read(&page);
            assert!(page.body.contains("<table class=\"list\">"), "{path}: {read}");
            assert!(!read.contains("No portal has this name"), "{path}: {read}");
        }
        for path in [
            "/console/audit?client_id=nothing",
            "/console/refusals?client_id=nothing",
        ] {
            let page = shown(&fixture, &auditor, path).await;
            assert!(page.body.contains("No portal has this name"), "{path}: {}", page.body);
        }
        // A link of another page with a code keeps it when the form is sent again.
        let page = shown(&fixture, &auditor, "/console/audit?reference=7K3F-9QXA").await;
        assert_eq!(page.field("reference"), "7K3F-9QXA");
        let events = fixture
            .admin()
            .items("audit-events?actor=bootstrap&kind=configured")
            .await;
        assert!(
            !events.is_empty() && events.iter().all(|event| event["actor"] == "token:bootstrap"),
            "{events:?}"
        );
    }
);
