//! Deciding over the API: one winner, the username and its collision, portals, preconditions, reasons that are told or not.

use futures_util::future::join_all;
use serde_json::{Value, json};
use simulator::sample;

use super::{applied, apply, asking, decide, imported, link, name_approver, notices, own_page, path, standing};
use crate::{
    actors::{As, id, text},
    console::at_work,
    fixture::Fixture,
    scenario,
};

/// Decisions side by side.
const TRIES: usize = 100;

scenario!(
    of_a_hundred_parallel_decisions_by_api_and_link_one_wins,
    |fixture: Fixture| async move {
        let (_, portal) = asking(&fixture).await;
        let (_, request) = applied(&fixture, &portal).await;
        let approver = at_work(&fixture, "operator").await;
        let address = link(&fixture).await;
        let page = approver.open(&address).await;
        assert!(page.status == 200 && page.body.contains("李华"), "{}", page.body);
        let confirm = page.field("confirm");
        let (admin, approver, address, confirm, request) = (fixture.admin(), &approver, &address, &confirm, &request);
        let admin = &admin;
        let tries = (0..TRIES).map(|number| async move {
            match number % 4 {
                0 => {
                    admin
                        .call("POST", &path(request, "/approve"), Some(json!({})))
                        .await
                        .status
                }
                1 => {
                    admin
                        .call("POST", &path(request, "/refuse"), Some(json!({})))
                        .await
                        .status
                }
                2 => {
                    let form = [
                        ("confirm", confirm.as_str()),
                        ("username", sample::NORMAL),
                        ("portal", "wiki"),
                    ];
                    approver.post(&format!("{address}/approve"), &form).await.status
                }
                _ => {
                    approver
                        .post(&format!("{address}/refuse"), &[("confirm", confirm)])
                        .await
                        .status
                }
            }
        });
        let statuses = join_all(tries).await;
        let won = statuses.iter().filter(|status| matches!(status, 200 | 303)).count();
        let lost = statuses.iter().filter(|status| **status == 409).count();
        assert_eq!((won, lost), (1, TRIES - 1), "{statuses:?}");
        let over = standing(&fixture, request).await;
        let users = fixture.admin().items(&format!("users?q={}", sample::NORMAL)).await;
        let (approved, refused) = (
            notices(&fixture, "access_approved").await.len(),
            notices(&fixture, "access_refused").await.len(),
        );
        match text(&over, "state") {
            "approved" => assert_eq!((users.len(), approved, refused), (1, 1, 0)),
            "refused" => assert_eq!((users.len(), approved, refused), (0, 0, 1)),
            other => panic!("{other}"),
        }
        let loser = decide(&fixture, request, "approve", json!({})).await;
        assert_eq!(loser.refusal(), (409, "AR-103"));
        let by = text(&over, "decided_by");
        assert!(text(&loser.body, "detail").contains(by), "told by whom: {}", loser.body);
    }
);

scenario!(
    a_taken_username_is_shown_before_and_accepted_by_nobody,
    |fixture: Fixture| async move {
        let (_, portal) = asking(&fixture).await;
        let taken = json!({ "username": "LiHua" });
        let local = fixture.admin().create("users", taken).await;
        let (browser, request) = applied(&fixture, &portal).await;
        assert_eq!(
            (&request["suggested_username"], &request["username_taken"]),
            (&json!(sample::NORMAL), &json!(true))
        );
        let page = at_work(&fixture, "operator").await.open(&link(&fixture).await).await;
        assert!(page.body.contains("Somebody has this name already"), "{}", page.body);
        for (name, refusal) in [
            (Value::Null, (409, "DI-105")),
            (json!("lihua"), (409, "DI-105")),
            (json!("r00t"), (422, "DI-101")),
            (json!("li hua"), (422, "DI-101")),
        ] {
            let refused = decide(&fixture, &request, "approve", json!({ "username": name })).await;
            assert_eq!(refused.refusal(), refusal, "{name}: {}", refused.body);
        }
        assert_eq!(
            standing(&fixture, &request).await["state"],
            "open",
            "a refusal decides nothing"
        );
        assert_eq!(notices(&fixture, "access_approved").await.len(), 0);
        let approved = decide(&fixture, &request, "approve", json!({ "username": "li.hua" })).await;
        assert_eq!((approved.status, &approved.body["username"]), (200, &json!("li.hua")));
        let tokens = portal.tokens(&fixture, &browser, sample::NORMAL).await;
        let info = portal.userinfo(text(&tokens, "access_token")).await.body;
        assert_eq!(info["sub"], approved.body["user_id"]);
        assert_ne!(info["sub"], local["id"], "nobody takes over an account by asking");
    }
);

scenario!(
    a_refusal_tells_its_reason_only_where_the_approver_says_so,
    |fixture: Fixture| async move {
        let (_, portal) = asking(&fixture).await;
        for (show, told) in [(true, Some("Ask HR first")), (false, None)] {
            let (_, request) = applied(&fixture, &portal).await;
            let body = json!({ "reason": "Ask HR first", "show_reason": show });
            let refused = decide(&fixture, &request, "refuse", body).await;
            assert_eq!(
                (
                    refused.status,
                    &refused.body["refusal_reason"],
                    &refused.body["reason_shown"]
                ),
                (200, &json!("Ask HR first"), &json!(show))
            );
            let notice = notices(&fixture, "access_refused").await.pop().unwrap();
            assert_eq!(notice.facts.get("refusal_reason").map(String::as_str), told);
            let page = own_page(&fixture, &portal, &fixture.browser(), sample::NORMAL).await;
            assert!(page.body.contains("Your request was refused"), "{}", page.body);
            assert_eq!(page.body.contains("Ask HR first"), told.is_some(), "{}", page.body);
        }
        let (_, request) = applied(&fixture, &portal).await;
        let long = json!({ "reason": "x".repeat(501) });
        let refused = decide(&fixture, &request, "refuse", long).await;
        assert_eq!(refused.refusal(), (422, "AR-107"), "{}", refused.body);
        let silent = decide(&fixture, &request, "refuse", json!({})).await;
        assert_eq!((silent.status, &silent.body["refusal_reason"]), (200, &json!(null)));
    }
);

scenario!(
    a_limited_portal_that_was_asked_for_opens_and_others_take_an_admin,
    |fixture: Fixture| async move {
        let (_, _) = asking(&fixture).await;
        let boss = imported(&fixture, sample::BY_PICK).await;
        let limited = json!({ "allowed_users": [id(&boss)] });
        let vault = fixture.portal("vault", limited.clone()).await;
        let safe = fixture.portal("safe", limited).await;
        let browser = fixture.browser();
        apply(&fixture, &vault, &browser, sample::NORMAL, "").await;
        let request = fixture.admin().items("access-requests").await.remove(0);
        let operator = fixture.admin_with_role("operator").await;
        let approve = |portals: Value| json!({ "portals": portals });
        let act = path(&request, "/approve");
        let other = operator
            .call("POST", &act, Some(approve(json!(["vault", "safe"]))))
            .await;
        assert_eq!(other.refusal(), (403, "AR-108"), "{}", other.body);
        let nowhere = operator.call("POST", &act, Some(approve(json!(["nowhere"])))).await;
        assert_eq!(nowhere.refusal(), (422, "AR-107"), "{}", nowhere.body);
        let done = operator.call("POST", &act, None).await;
        assert_eq!(
            (done.status, &done.body["portals"]),
            (200, &json!(["vault"])),
            "{}",
            done.body
        );
        vault.tokens(&fixture, &browser, sample::NORMAL).await;
        let page = safe
            .sign_in(&fixture, &fixture.browser(), As::Member(sample::NORMAL))
            .await;
        assert!(page.body.contains("GT-112"), "{}", page.body);
        let held = fixture.admin().get("clients/vault").await;
        assert_eq!(held["allowed_users"].as_array().unwrap().len(), 2, "{held}");
        let events = fixture
            .admin()
            .items("audit-events?kind=configured&client_id=vault&limit=200")
            .await;
        assert!(
            events
                .iter()
                .any(|event| event["detail"]["fields"] == json!(["allowed_users"])),
            "{events:?}"
        );
        // An admin opens any.
        apply(&fixture, &vault, &fixture.browser(), sample::BY_TAG, "").await;
        let request = fixture.admin().items("access-requests?state=open").await.remove(0);
        let done = decide(&fixture, &request, "approve", approve(json!(["vault", "safe"]))).await;
        assert_eq!(done.status, 200, "{}", done.body);
        safe.tokens(&fixture, &fixture.browser(), sample::BY_TAG).await;
    }
);

scenario!(
    a_decision_keeps_to_the_state_that_it_was_made_for,
    |fixture: Fixture| async move {
        let (_, portal) = asking(&fixture).await;
        let (_, request) = applied(&fixture, &portal).await;
        let at = |act: &str| format!("{}/api/v1/{}", fixture.base, path(&request, act));
        let call = |method: &str, act: &str| {
            let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
            let token = crate::fixture::ADMIN_TOKEN;
            fixture.http.request(method, at(act)).bearer_auth(token)
        };
        let read = call("GET", "").send().await.unwrap();
        let tag = read.headers()["etag"].to_str().unwrap().to_owned();
        let stale = call("POST", "/approve")
            .header("if-match", "\"other\"")
            .send()
            .await
            .unwrap();
        assert_eq!(stale.status(), 412);
        assert_eq!(standing(&fixture, &request).await["state"], "open");
        let once = || {
            call("POST", "/approve")
                .header("if-match", &tag)
                .header("idempotency-key", "decide-1")
        };
        let first = once().send().await.unwrap();
        assert_eq!(first.status(), 200);
        assert_ne!(first.headers()["etag"].to_str().unwrap(), tag);
        let again = once().send().await.unwrap();
        assert_eq!(
            (
                again.status().as_u16(),
                again.headers().contains_key("idempotency-replayed")
            ),
            (200, true)
        );
        assert_eq!(notices(&fixture, "access_approved").await.len(), 1);
    }
);

scenario!(
    whom_no_sync_has_read_can_be_approved_after_one,
    |fixture: Fixture| async move {
        let (source, portal) = asking(&fixture).await;
        let newcomer = simulator::world::Member::new("newcomer", "新人", &[4]);
        fixture.edit_corp(|corp| corp.add_member(newcomer));
        let browser = fixture.browser();
        apply(&fixture, &portal, &browser, "newcomer", "").await;
        let request = fixture.admin().items("access-requests").await.remove(0);
        assert_eq!((&request["member_id"], &request["name"]), (&json!(null), &json!(null)));
        let early = decide(&fixture, &request, "approve", json!({})).await;
        assert_eq!(early.refusal(), (409, "AR-110"), "{}", early.body);
        fixture.sync(id(&source)).await;
        let approved = decide(&fixture, &request, "approve", json!({})).await;
        assert_eq!(approved.status, 200, "{}", approved.body);
        portal.tokens(&fixture, &browser, "newcomer").await;
    }
);

scenario!(approvers_must_exist_and_are_named_once, |fixture: Fixture| async move {
    let (source, _) = asking(&fixture).await;
    let user = imported(&fixture, sample::ADMIN).await;
    let at = format!("data-sources/{}", id(&source));
    for wrong in [
        json!([id(&user), id(&user)]),
        json!(["00000000-0000-0000-0000-000000000000"]),
    ] {
        let refused = fixture
            .admin()
            .call("PATCH", &at, Some(json!({ "approvers": wrong })))
            .await;
        assert_eq!(refused.refusal(), (422, "DI-101"), "{}", refused.body);
    }
    name_approver(&fixture, &source, &user).await;
    let events = fixture.admin().items("audit-events?kind=configured&limit=200").await;
    let told = events
        .iter()
        .any(|event| event["detail"]["after"]["approvers"] == json!([id(&user)]));
    assert!(told, "{events:?}");
});

scenario!(
    approvers_who_were_deleted_do_not_keep_others_from_being_added_or_removed,
    |fixture: Fixture| async move {
        let (source, _) = asking(&fixture).await;
        let mut users = Vec::new();
        for userid in [sample::ADMIN, sample::BY_PICK, sample::BY_TAG] {
            users.push(imported(&fixture, userid).await);
        }
        let ids: Vec<&str> = users.iter().map(id).collect();
        let path = format!("data-sources/{}", id(&source));
        fixture.admin().change(&path, json!({ "approvers": ids })).await;
        for user in &ids[..2] {
            let gone = fixture.admin().call("DELETE", &format!("users/{user}"), None).await;
            assert_eq!(gone.status, 204, "{}", gone.body);
        }
        let fewer = json!({ "approvers": ids[1..] });
        let changed = fixture.admin().call("PATCH", &path, Some(fewer)).await;
        assert_eq!(changed.status, 200, "{}", changed.body);
    }
);

scenario!(
    the_command_line_lists_shows_and_decides,
    |fixture: Fixture| async move {
        let (_, portal) = asking(&fixture).await;
        let (browser, request) = applied(&fixture, &portal).await;
        let file = fixture.directory().join("token");
        std::fs::write(&file, crate::fixture::ADMIN_TOKEN).unwrap();
        let base = fixture.base.clone();
        let run = |arguments: &[&str]| {
            let mut command = tokio::process::Command::new(env!("CARGO_BIN_EXE_menjin"));
            command
                .arg("requests")
                .args(arguments)
                .args(["--server", &base, "--token-file"])
                .arg(&file)
                .current_dir(fixture.directory())
                .stdin(std::process::Stdio::null());
            async move {
                let output = command.output().await.unwrap();
                String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned()
            }
        };
        let listed = run(&["list"]).await;
        assert!(listed.contains(id(&request)) && listed.contains("李华"), "{listed}");
        let shown = run(&["show", id(&request)]).await;
        assert!(shown.contains("suggested_username: lihua"), "{shown}");
        let wrong = run(&["approve", id(&request), "--until", "tomorrow"]).await;
        assert!(wrong.contains("--until"), "{wrong}");
        let done = run(&["approve", id(&request), "--until", "2027-01-01", "--username", "li.hua"]).await;
        assert!(
            done.contains("approved") && done.contains("access_until: 2027-01-01"),
            "{done}"
        );
        let again = run(&["refuse", id(&request), "--reason", "no"]).await;
        assert!(again.contains("AR-103"), "{again}");
        portal.tokens(&fixture, &browser, sample::NORMAL).await;
    }
);
