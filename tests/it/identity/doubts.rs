//! A doubt about who somebody is: they wait, or go on, until an admin decides (docs/identity.md).

use serde_json::{Value, json};
use simulator::{Event, sample};

use super::{Before, decide, give_on, open_findings, rename_person, scans_in_as, shows_numbers, tell};
use crate::{
    actors::{As, id, text},
    callbacks::connect_callback,
    fixture::Fixture,
    scenario,
    sync::member,
};

/// 李华 is signed in through an app that is given neither number nor address, and has another name in the same department.
async fn in_doubt(fixture: &Fixture, doubtful_identity: &str) -> Before {
    let source = fixture
        .connect_with(json!({ "contacts_secret": null, "doubtful_identity": doubtful_identity }))
        .await;
    let before = Before::of(fixture, source).await;
    rename_person(fixture, "欧阳华");
    let run = fixture.sync(id(&before.source)).await;
    assert_eq!(run["counts"]["doubtful"], 1, "{run}");
    before
}

scenario!(
    who_is_in_doubt_waits_and_goes_on_as_the_same_person_once_an_admin_says_so,
    |fixture: Fixture| async move {
        let before = in_doubt(&fixture, "wait").await;
        let page = before
            .portal
            .sign_in(&fixture, &fixture.browser(), As::Member(sample::NORMAL))
            .await;
        assert!(
            page.body.contains("GT-117") && page.returned("code").is_none(),
            "{}",
            page.body
        );
        let silent = before.portal.authorize_silently(&before.browser).await;
        assert!(silent.returned("code").is_none());
        // Nor is a token that was issued before good for anything.
        let issued = text(&before.tokens, "access_token");
        assert_eq!(before.portal.userinfo(issued).await.status, 401);
        assert_eq!(before.portal.introspect(issued).await["active"], false);
        let renewal = text(&before.tokens, "refresh_token");
        assert_eq!(before.portal.introspect(renewal).await["active"], false);
        let refused = before.portal.refresh(renewal).await;
        assert_eq!(refused.refusal(), (400, "invalid_grant"), "{}", refused.body);
        assert!(before.told.heard().is_empty(), "nothing ends while nobody has decided");
        let again = fixture.sync(id(&before.source)).await;
        assert_eq!(again["counts"]["doubtful"], 0, "one doubt, one finding: {again}");
        let findings = open_findings(&fixture).await;
        assert_eq!(findings.len(), 1, "{findings:?}");
        assert_eq!(
            (
                &findings[0]["before"]["name"],
                &findings[0]["after"]["name"],
                &findings[0]["user_id"]
            ),
            (&json!("李华"), &json!("欧阳华"), &before.user["id"])
        );
        let decided = decide(&fixture, &findings[0], "same_person").await;
        assert_eq!(
            (&decided["state"], &decided["decided_by"].is_string()),
            (&json!("same_person"), &true)
        );
        assert_eq!(before.portal.refresh(renewal).await.status, 200, "nothing was used up");
        let silent = before.portal.authorize_silently(&before.browser).await;
        assert!(silent.returned("code").is_some(), "{:?}", silent.location);
        assert_eq!(scans_in_as(&fixture, &before.portal).await, id(&before.user));
        assert_eq!(fixture.admin().user(sample::NORMAL).await["display_name"], "欧阳华");
        assert_eq!(open_findings(&fixture).await, [] as [Value; 0]);
        let path = format!("identity-findings/{}/decide", id(&findings[0]));
        let twice = fixture
            .admin()
            .call("POST", &path, Some(json!({ "verdict": "somebody_else" })))
            .await;
        assert_eq!(twice.refusal(), (409, "DI-112"));
    }
);

scenario!(
    who_is_in_doubt_inherits_nothing_once_an_admin_says_that_it_is_somebody_else,
    |fixture: Fixture| async move {
        let before = in_doubt(&fixture, "wait").await;
        let finding = open_findings(&fixture).await.remove(0);
        let operator = fixture.admin_with_role("operator").await;
        let path = format!("identity-findings/{}/decide", id(&finding));
        let refused = operator
            .call("POST", &path, Some(json!({ "verdict": "somebody_else" })))
            .await;
        assert_eq!(refused.status, 403, "{}", refused.body);
        decide(&fixture, &finding, "somebody_else").await;
        before.assert_out(&fixture).await;
        before.assert_newcomer_is_another(&fixture).await;
    }
);

scenario!(
    who_is_in_doubt_goes_on_where_the_data_source_says_so,
    |fixture: Fixture| async move {
        let before = in_doubt(&fixture, "continue").await;
        before.assert_still_in(&fixture).await;
        let issued = text(&before.tokens, "access_token");
        assert_eq!(before.portal.userinfo(issued).await.status, 200);
        // The setting counts at once, also for what was issued before.
        let path = format!("data-sources/{}", id(&before.source));
        for (setting, status) in [("wait", 401), ("continue", 200)] {
            let setting = json!({ "doubtful_identity": setting });
            fixture.admin().change(&path, setting).await;
            assert_eq!(before.portal.userinfo(issued).await.status, status);
        }
        assert_eq!(scans_in_as(&fixture, &before.portal).await, id(&before.user));
        assert_eq!(open_findings(&fixture).await.len(), 1);
        // What is held stays as it is, so that the doubt does not vanish by itself; WeCom showing it again settles it.
        assert_eq!(fixture.admin().user(sample::NORMAL).await["display_name"], "李华");
        rename_person(&fixture, "李华");
        fixture.sync(id(&before.source)).await;
        assert_eq!(open_findings(&fixture).await, [] as [Value; 0]);
    }
);

scenario!(
    a_scan_that_puts_somebody_in_doubt_is_refused_with_the_number_that_says_so,
    |fixture: Fixture| async move {
        let source = fixture.connect_with(json!({ "contacts_secret": null })).await;
        let before = Before::of(&fixture, source).await;
        rename_person(&fixture, "欧阳华");
        let page = before
            .portal
            .sign_in(&fixture, &fixture.browser(), As::Member(sample::NORMAL))
            .await;
        assert!(page.body.contains("GT-117"), "{}", page.body);
        assert_eq!(open_findings(&fixture).await.len(), 1);
        let silent = before.portal.authorize_silently(&before.browser).await;
        assert!(silent.returned("code").is_none());
    }
);

scenario!(
    a_doubt_about_an_owner_is_decided_by_no_admin,
    |fixture: Fixture| async move {
        let before = in_doubt(&fixture, "wait").await;
        let finding = open_findings(&fixture).await.remove(0);
        let user = format!("users/{}", id(&before.user));
        fixture.admin().change(&user, json!({ "console_role": "owner" })).await;
        let admin = fixture.admin_with_role("admin").await;
        let path = format!("identity-findings/{}/decide", id(&finding));
        for verdict in ["same_person", "somebody_else"] {
            let refused = admin.call("POST", &path, Some(json!({ "verdict": verdict }))).await;
            assert_eq!(refused.refusal(), (403, "DI-107"), "{verdict}: {}", refused.body);
        }
        assert_eq!(open_findings(&fixture).await.len(), 1, "nothing was decided");
        decide(&fixture, &finding, "same_person").await;
        assert_eq!(open_findings(&fixture).await, [] as [Value; 0]);
    }
);

/// 李华 has this name when the data source is connected, and is signed in.
async fn named(fixture: &Fixture, name: &str, source: Value) -> Before {
    rename_person(fixture, name);
    let source = fixture.connect_with(source).await;
    Before::of(fixture, source).await
}

/// Nobody scans in, and the old browser gets nothing.
async fn assert_waits(fixture: &Fixture, before: &Before) {
    let page = before
        .portal
        .sign_in(fixture, &fixture.browser(), As::Member(sample::NORMAL))
        .await;
    assert!(
        page.body.contains("GT-117") && page.returned("code").is_none(),
        "{}",
        page.body
    );
    let silent = before.portal.authorize_silently(&before.browser).await;
    assert!(silent.returned("code").is_none(), "the old browser still gets codes");
}

// A company writes the department before the name: what two have in common then is the department.
scenario!(
    who_was_given_a_userid_inherits_nothing_for_a_prefix_that_all_names_have,
    |fixture: Fixture| async move {
        let before = named(&fixture, "研发-李华", json!({ "contacts_secret": null })).await;
        fixture.edit_corp(|corp| {
            give_on(corp);
            "研发-王芳".clone_into(&mut corp.member_mut(sample::NORMAL).unwrap().name);
        });
        // Neither at a scan before the sync, nor after it.
        assert_waits(&fixture, &before).await;
        fixture.sync(id(&before.source)).await;
        assert_waits(&fixture, &before).await;
        let findings = open_findings(&fixture).await;
        assert_eq!(findings.len(), 1, "{findings:?}");
        decide(&fixture, &findings[0], "somebody_else").await;
        before.assert_out(&fixture).await;
        before.assert_newcomer_is_another(&fixture).await;
    }
);

// The telephone and the mailbox of the post, and the prefix of the department: a successor has all three.
scenario!(
    a_successor_in_a_post_inherits_nothing_for_a_prefix_that_all_names_have,
    |fixture: Fixture| async move {
        shows_numbers(&fixture);
        let before = named(&fixture, "研发-李华", json!({})).await;
        let gone = fixture.edit_corp(|corp| corp.remove_member(sample::NORMAL).unwrap());
        fixture.sync(id(&before.source)).await;
        before.assert_out(&fixture).await;
        fixture.edit_corp(|corp| {
            let mut successor = gone.clone();
            "研发-王芳".clone_into(&mut successor.name);
            corp.add_member(successor);
        });
        fixture.sync(id(&before.source)).await;
        let page = before
            .portal
            .sign_in(&fixture, &fixture.browser(), As::Member(sample::NORMAL))
            .await;
        assert!(page.returned("code").is_none(), "{}", page.body);
        // Under another userid the same number finds nobody but a newcomer.
        fixture.edit_corp(|corp| {
            corp.remove_member(sample::NORMAL).unwrap();
            let mut other = gone.clone();
            "研发-王芳".clone_into(&mut other.name);
            "wangfang".clone_into(&mut other.userid);
            corp.add_member(other);
        });
        fixture.sync(id(&before.source)).await;
        let newcomer = fixture.admin().user("wangfang").await;
        assert_ne!(newcomer["id"], before.user["id"]);
        let user = fixture.admin().get(&format!("users/{}", id(&before.user))).await;
        assert_eq!(user["status"], "disabled", "{user}");
    }
);

scenario!(
    a_suffix_alone_is_the_same_person_in_the_same_department_and_in_doubt_in_another,
    |fixture: Fixture| async move {
        let source = fixture.connect_with(json!({ "contacts_secret": null })).await;
        let before = Before::of(&fixture, source).await;
        rename_person(&fixture, "研发-李华");
        let run = fixture.sync(id(&before.source)).await;
        assert_eq!(run["counts"]["doubtful"], 0, "{run}");
        before.assert_still_in(&fixture).await;
        fixture.edit_corp(|corp| {
            let member = corp.member_mut(sample::NORMAL).unwrap();
            "李华".clone_into(&mut member.name);
            member.departments = vec![simulator::world::Placement::of(3)];
        });
        let run = fixture.sync(id(&before.source)).await;
        assert_eq!(run["counts"]["doubtful"], 1, "{run}");
        assert_waits(&fixture, &before).await;
        let finding = open_findings(&fixture).await.remove(0);
        decide(&fixture, &finding, "same_person").await;
        assert_eq!(scans_in_as(&fixture, &before.portal).await, id(&before.user));
    }
);

// The rename and the doubt about it are one: nobody is there under the new userid of whom it is not said.
scenario!(
    a_userid_that_changed_with_the_name_is_another_and_in_doubt_in_the_same_moment,
    |fixture: Fixture| async move {
        connect_callback(&fixture).await;
        let source = fixture.admin().items("data-sources").await.remove(0);
        let before = Before::of(&fixture, source).await;
        rename_person(&fixture, "欧阳华");
        fixture.edit_corp(|corp| corp.rename_member(sample::NORMAL, "li.hua"));
        // The sync that follows reads nothing, so that it is the event which says so.
        fixture.break_wecom("/cgi-bin/department/");
        let renamed = Event::UpdateUser {
            userid: sample::NORMAL.to_owned(),
            new_userid: Some("li.hua".to_owned()),
        };
        tell(&fixture, renamed).await;
        assert_eq!(member(&fixture, "li.hua").await["user_id"], before.user["id"]);
        let findings = open_findings(&fixture).await;
        assert_eq!(findings.len(), 1, "{findings:?}");
        assert_eq!(findings[0]["userid"], "li.hua");
        let silent = before.portal.authorize_silently(&before.browser).await;
        assert!(silent.returned("code").is_none(), "{:?}", silent.location);
        assert!(before.told.heard().is_empty(), "nothing ends while nobody has decided");
    }
);
