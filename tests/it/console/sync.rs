//! Syncs at the console: previewed, agreed to, taken back; conflicts and doubts decided.

use std::time::Duration;

use serde_json::{Value, json};
use simulator::{sample, world::Member};

use super::{at_work, sent, shown};
use crate::{
    actors::{Browser, Page, id, text},
    fixture::Fixture,
    identity::rename_person,
    scenario,
};

/// The run on whose page this is, at its end.
async fn run_of(fixture: &Fixture, page: &Page) -> Value {
    assert_eq!(page.status, 200, "{}", page.body);
    let run = page.url.rsplit('/').next().unwrap();
    fixture.admin().watch(run).await
}

async fn start(fixture: &Fixture, browser: &Browser, source: &Value, mode: &str) -> Value {
    fixture.advance(Duration::from_secs(60));
    let page = sent(
        fixture,
        browser,
        "/console/sync",
        &[("data_source", id(source)), ("mode", mode)],
    )
    .await;
    run_of(fixture, &page).await
}

scenario!(
    a_preview_changes_nothing_until_it_is_agreed_to_and_can_be_taken_back,
    |fixture: Fixture| async move {
        let source = fixture.connect().await;
        fixture.edit_corp(|corp| {
            let gone = corp.remove_member(sample::BY_PICK).unwrap();
            let place = gone.departments[0].department;
            corp.add_member(Member::new("newcomer", "新人", &[place]));
        });
        let operator = at_work(&fixture, "operator").await;
        let plan = start(&fixture, &operator, &source, "plan").await;
        assert_eq!(text(&plan, "state"), "planned", "{plan}");
        let path = format!("/console/sync/{}", id(&plan));
        let page = shown(&fixture, &operator, &path).await;
        assert!(
            page.body.contains("What would change") && page.body.contains("newcomer"),
            "{}",
            page.body
        );
        let departed = operator.get(&page.link("outcome=departed")).await;
        assert!(
            departed.body.contains(sample::BY_PICK) && !departed.body.contains(">newcomer<"),
            "{}",
            departed.body
        );
        let csv = operator.get(&departed.link("rows.csv")).await;
        assert!(
            csv.body.contains(sample::BY_PICK) && !csv.body.contains("newcomer"),
            "{}",
            csv.body
        );

        let before = shown(&fixture, &operator, &format!("{path}/confirm")).await;
        assert!(
            before.body.contains("loses their access") && before.body.contains(sample::BY_PICK),
            "{}",
            before.body
        );
        let agreed = sent(&fixture, &operator, &format!("{path}/confirm"), &[]).await;
        let done = run_of(&fixture, &agreed).await;
        assert_eq!(text(&done, "state"), "succeeded", "{done}");
        assert_eq!(fixture.admin().user(sample::BY_PICK).await["status"], "disabled");
        fixture.admin().user("newcomer").await;

        let path = format!("/console/sync/{}", id(&done));
        let before = shown(&fixture, &operator, &format!("{path}/undo")).await;
        assert!(before.body.contains("What it cannot do"), "{}", before.body);
        fixture.advance(Duration::from_secs(60));
        let undone = sent(&fixture, &operator, &format!("{path}/undo"), &[]).await;
        let undone = run_of(&fixture, &undone).await;
        assert_eq!((text(&undone, "state"), &undone["undoes"]), ("succeeded", &done["id"]));
        assert_eq!(fixture.admin().user(sample::BY_PICK).await["status"], "active");
        let list = shown(&fixture, &operator, "/console/sync?cause=undo").await;
        assert!(
            list.body.contains(id(&undone)) && !list.body.contains(id(&done)),
            "{}",
            list.body
        );
    }
);

scenario!(
    before_a_preview_is_agreed_to_those_are_named_too_who_have_to_wait,
    |fixture: Fixture| async move {
        let source = fixture
            .connect_with(json!({ "contacts_secret": null, "doubtful_identity": "wait" }))
            .await;
        fixture.sync(id(&source)).await;
        rename_person(&fixture, "欧阳华");
        let operator = at_work(&fixture, "operator").await;
        let plan = start(&fixture, &operator, &source, "plan").await;
        assert_eq!(plan["counts"]["doubtful"], 1, "{plan}");
        let before = shown(&fixture, &operator, &format!("/console/sync/{}/confirm", id(&plan))).await;
        let named = before
            .body
            .split_once("loses their access")
            .expect("somebody is named")
            .1;
        assert!(
            named.contains(sample::NORMAL) && named.contains("button danger"),
            "{}",
            before.body
        );
    }
);

scenario!(the_end_of_a_run_is_told_live, |fixture: Fixture| async move {
    let source = fixture.connect().await;
    let operator = at_work(&fixture, "operator").await;
    let run = start(&fixture, &operator, &source, "apply").await;
    let told = shown(&fixture, &operator, &format!("/console/sync/{}/events", id(&run))).await;
    assert!(
        told.body.contains("event: finished") && told.body.contains(id(&run)),
        "{}",
        told.body
    );
});

scenario!(
    a_conflict_is_decided_beside_the_user_it_is_about,
    |fixture: Fixture| async move {
        let local = json!({ "username": sample::NORMAL, "display_name": "Old words" });
        let local = fixture.admin().create("users", local).await;
        fixture.connect_with(json!({ "duplicate_rule": "skip" })).await;
        let operator = at_work(&fixture, "operator").await;
        let list = shown(&fixture, &operator, "/console/sync/conflicts").await;
        assert!(
            list.body.contains(id(&local)) && list.body.contains("李华"),
            "{}",
            list.body
        );
        assert!(
            !list.body.contains("value=\"link\""),
            "linking is an admin's: {}",
            list.body
        );
        let member = fixture.admin().items("conflicts?decision=open").await;
        let path = format!("/console/sync/conflicts/{}", id(&member[0]));

        let faulty = sent(
            &fixture,
            &operator,
            &path,
            &[("decision", "rename"), ("username", "li hua!")],
        )
        .await;
        assert_eq!(faulty.status, 422, "{}", faulty.body);
        assert!(
            faulty.body.contains("value=\"li hua!\"") && faulty.body.contains("aria-invalid"),
            "{}",
            faulty.body
        );
        for rubbish in [&[("decision", "perhaps")][..], &[]] {
            let refused = sent(&fixture, &operator, &path, rubbish).await;
            assert_eq!(refused.status, 422, "{}", refused.body);
        }
        assert_eq!(
            fixture.admin().items("conflicts?decision=open").await.len(),
            member.len()
        );
        sent(&fixture, &operator, &path, &[("decision", "ignore")]).await;
        assert_eq!(fixture.admin().items("conflicts?decision=ignored").await.len(), 1);
        sent(&fixture, &operator, &path, &[("decision", "reopen")]).await;
        assert_eq!(fixture.admin().items("conflicts?decision=ignored").await.len(), 0);
        let refused = sent(
            &fixture,
            &operator,
            &path,
            &[("decision", "link"), ("user_id", id(&local))],
        )
        .await;
        assert_eq!(refused.status, 403, "{}", refused.body);

        let admin = at_work(&fixture, "admin").await;
        let list = sent(
            &fixture,
            &admin,
            &path,
            &[("decision", "link"), ("user_id", id(&local))],
        )
        .await;
        assert_eq!(list.status, 200, "{}", list.body);
        let user = fixture.admin().get(&format!("users/{}", id(&local))).await;
        assert_eq!(user["members"].as_array().unwrap().len(), 1, "{user}");
    }
);

scenario!(
    a_doubt_is_decided_beside_what_was_held_and_what_wecom_shows,
    |fixture: Fixture| async move {
        let source = fixture
            .connect_with(json!({ "contacts_secret": null, "doubtful_identity": "wait" }))
            .await;
        crate::identity::rename_person(&fixture, "欧阳华");
        fixture.sync(id(&source)).await;
        let admin = at_work(&fixture, "admin").await;
        let waits = shown(&fixture, &admin, "/console/sync").await;
        let list = admin.get(&waits.link("/console/sync/identities")).await;
        let finding = admin.get(&list.link("/console/sync/identities/")).await;
        assert!(
            finding.body.contains("李华") && finding.body.contains("欧阳华") && finding.body.contains("differs"),
            "{}",
            finding.body
        );
        let path = finding.url.trim_start_matches(&fixture.base).to_owned();
        let decided = sent(&fixture, &admin, &path, &[("verdict", "same_person")]).await;
        assert!(
            decided.status == 200 && decided.body.rsplit("<main").next().unwrap().contains("the-admin"),
            "{}",
            decided.body
        );
        assert_eq!(
            fixture.admin().items("identity-findings?state=same_person").await.len(),
            1
        );
    }
);
