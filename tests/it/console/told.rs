//! What an act will do is said before it, what it did afterwards, and what is wrong at the field where it is mended.

use std::time::Duration;

use serde_json::json;
use simulator::sample;

use super::{Colleague, at_work, in_both_languages, send, shown};
use crate::{actors::id, fixture::Fixture, password::GOOD, password::type_in, scenario};

scenario!(
    appointing_changes_nobody_who_has_a_role,
    |fixture: Fixture| async move {
        let owner = Colleague::hire(&fixture, "owner").await;
        let admin = Colleague::hire(&fixture, "admin").await;
        let browser = owner.browser(&fixture).await;
        let path = "/console/settings/operators";
        let page = send(
            &fixture,
            &browser,
            path,
            &[("username", &admin.username), ("role", "auditor")],
        )
        .await;
        assert!(
            page.status == 422 && page.body.contains(&format!("/console/people/{}/role", admin.id)),
            "{}",
            page.body
        );
        let stands = fixture.admin().get(&format!("operators/{}", admin.id)).await;
        assert_eq!(stands["role"], "admin");
        // The role that was chosen stays chosen.
        let nobody = send(
            &fixture,
            &browser,
            path,
            &[("username", "nobody.here"), ("role", "operator")],
        )
        .await;
        assert!(
            nobody.status == 422
                && nobody.body.contains("id=\"f-username-fault\"")
                && nobody.body.contains("value=\"operator\" selected>Operator ·"),
            "{}",
            nobody.body
        );
        let anna = fixture.admin().create("users", json!({ "username": "anna" })).await;
        let done = send(&fixture, &browser, path, &[("username", "anna"), ("role", "operator")]).await;
        assert!(done.body.contains("class=\"done\" role=\"status\""), "{}", done.body);
        let stands = fixture.admin().get(&format!("operators/{}", id(&anna))).await;
        assert_eq!(stands["role"], "operator");
    }
);

scenario!(a_sync_is_told_of_before_it_is_started, |fixture: Fixture| async move {
    let source = fixture.connect().await;
    let operator = at_work(&fixture, "operator").await;
    let list = shown(&fixture, &operator, "/console/sync").await;
    let page = list.link("/console/sync/start").replace(&fixture.base, "");
    for page in in_both_languages(&fixture, &operator, &page).await {
        assert!(
            page.body.contains("value=\"apply\"") && page.body.contains("value=\"plan\""),
            "{}",
            page.body
        );
    }
    let admin = fixture.admin();
    let path = format!("data-sources/{}/sync", id(&source));
    let plan = admin.create(&path, json!({ "mode": "plan" })).await;
    admin.watch(id(&plan)).await;
    let asked = shown(&fixture, &operator, &page).await;
    asked.link(&format!("/console/sync/{}", id(&plan)));
});

scenario!(
    whoever_is_asked_for_one_more_click_sees_what_they_entered_and_no_secret,
    |fixture: Fixture| async move {
        let owner = Colleague::hire(&fixture, "owner").await;
        let browser = owner.browser(&fixture).await;
        let user = fixture.admin().create("users", json!({ "username": "anna" })).await;
        let page = format!("/console/people/{}", id(&user));
        fixture.advance(Duration::from_secs(16 * 60));
        let fields = [("display_name", "Anna <b>"), ("app.secret", "hush-hush"), ("tag", "x")];
        let login = send(&fixture, &browser, &format!("{page}/edit"), &fields).await;
        let code = type_in(&browser, &login, &owner.username, GOOD).await;
        let kept = browser
            .submit(&code.url, &[("code", &owner.app.shows(&fixture, 0))])
            .await;
        assert!(kept.url.contains("/console/again/"), "{}", kept.url);
        assert!(
            kept.body.contains("Anna &#60;b&#62;")
                && kept.body.contains("<dt>Name</dt>")
                && !kept.body.contains("hush-hush"),
            "{}",
            kept.body
        );
        kept.link(&format!("{page}/edit"));
        assert!(
            kept.body.contains(&format!("PATCH users/{}", id(&user))),
            "{}",
            kept.body
        );
    }
);

scenario!(what_was_done_is_said_where_it_leads, |fixture: Fixture| async move {
    let source = fixture.connect().await;
    let owner = at_work(&fixture, "owner").await;
    let admin = fixture.admin();
    let anna = admin.create("users", json!({ "username": "anna" })).await;
    let token = admin
        .create("api-tokens", json!({ "name": "nightly", "role": "auditor" }))
        .await;
    let entry = json!({ "name": "portals", "max_uses": 1 });
    let initial = admin.create("initial-access-tokens", entry).await;
    let of = format!("/console/requests/settings/{}", id(&source));
    let branding = shown(&fixture, &owner, "/console/settings/branding")
        .await
        .field("version");
    for (path, fields) in [
        (format!("/console/settings/tokens/{}/revoke", id(&token)), vec![]),
        (
            format!("/console/settings/registration/{}/revoke", id(&initial)),
            vec![],
        ),
        ("/console/settings/keys/rotate".to_owned(), vec![("now", "no")]),
        (of.clone(), vec![("act", "add"), ("username", "anna")]),
        (format!("{of}/approvers/{}", id(&anna)), vec![]),
        (
            "/console/settings/branding".to_owned(),
            vec![("name", "Gate"), ("version", branding.as_str())],
        ),
    ] {
        let done = send(&fixture, &owner, &path, &fields).await;
        assert!(
            done.status == 200 && done.body.contains("class=\"done\" role=\"status\""),
            "{path}: {}",
            done.body
        );
    }
    // What somebody writes into an address is not said.
    let made_up = shown(&fixture, &owner, "/console/settings/tokens?done=%3Cb%3E").await;
    assert!(!made_up.body.contains("class=\"done\""), "{}", made_up.body);
    let typo = send(&fixture, &owner, &of, &[("act", "add"), ("username", "ana")]).await;
    assert!(
        typo.status == 422 && typo.body.contains("value=\"ana\"") && typo.body.contains("f-username-fault"),
        "{}",
        typo.body
    );
});

scenario!(
    a_limit_that_is_refused_stays_chosen_with_its_fault_at_the_field,
    |fixture: Fixture| async move {
        fixture.portal("wiki", json!({})).await;
        let owner = at_work(&fixture, "owner").await;
        let fields = [
            ("name", "x"),
            ("role", "portal"),
            ("clients", "wiki"),
            ("expires", "2001-01-01"),
        ];
        let refused = send(&fixture, &owner, "/console/settings/tokens", &fields).await;
        assert!(
            refused.status == 422
                && refused.body.contains("value=\"wiki\" checked")
                && refused
                    .body
                    .contains("aria-describedby=\"f-expires-fault f-expires-hint\"")
                && refused.body.contains("UTC+8"),
            "{}",
            refused.body
        );
        let token = send(
            &fixture,
            &owner,
            "/console/settings/registration",
            &[("name", ""), ("max_uses", "many")],
        )
        .await;
        assert!(
            token.body.contains("id=\"f-max-uses-fault\"") && token.body.contains("value=\"many\""),
            "{}",
            token.body
        );
    }
);

scenario!(
    both_sides_of_a_conflict_are_shown_field_by_field,
    |fixture: Fixture| async move {
        let twin = json!({ "username": sample::NORMAL, "display_name": "李华" });
        fixture.admin().create("users", twin).await;
        fixture.connect_with(json!({ "duplicate_rule": "skip" })).await;
        let owner = at_work(&fixture, "owner").await;
        let conflicts = fixture.admin().items("conflicts?decision=open").await;
        let one = conflicts.iter().find(|one| one["userid"] == sample::NORMAL);
        let one = one.unwrap_or_else(|| panic!("{conflicts:?}"));
        for page in in_both_languages(&fixture, &owner, "/console/sync/conflicts").await {
            assert!(page.body.contains("table class=\"compare\""), "{}", page.body);
        }
        let place = format!("/console/sync/conflicts/{}", id(one));
        let done = send(&fixture, &owner, &place, &[("decision", "ignore")]).await;
        assert!(
            done.body.contains("role=\"status\"") && done.body.contains("value=\"reopen\""),
            "{}",
            done.body
        );
        let back = send(&fixture, &owner, &place, &[("decision", "reopen")]).await;
        assert!(
            back.body.contains("role=\"status\"") && back.body.contains(id(one)),
            "{}",
            back.body
        );
    }
);
