//! `menjin sync plan|apply|undo` against a server that runs.

use std::{process::Output, time::Duration};

use serde_json::json;
use simulator::{sample, world::Member};

use crate::{
    actors::{id, text},
    fixture::{ADMIN_TOKEN, Fixture},
    scenario,
    sync::{member, runs_of},
};

/// Runs `menjin sync …` with this token; status, and what was printed.
async fn command(fixture: &Fixture, token: &str, arguments: &[&str]) -> (Option<i32>, String) {
    let mut command = tokio::process::Command::new(env!("CARGO_BIN_EXE_menjin"));
    command
        .arg("sync")
        .args(arguments)
        .args(["--server", &fixture.base])
        .env("MENJIN_TOKEN", token)
        .current_dir(fixture.directory());
    let Output { status, stdout, stderr } = command.output().await.unwrap();
    (
        status.code(),
        String::from_utf8_lossy(&[stdout, stderr].concat()).into_owned(),
    )
}

scenario!(
    the_command_shows_a_plan_applies_it_and_takes_it_back,
    |fixture: Fixture| async move {
        let source = fixture.connect().await;
        let before = member(&fixture, sample::NORMAL).await;
        fixture.edit_corp(|corp| {
            corp.add_member(Member::new("newcomer", "新人", &[1]));
            corp.member_mut(sample::NORMAL).unwrap().position = "组\u{7}长".to_owned();
        });
        let (status, told) = command(&fixture, ADMIN_TOKEN, &["plan", sample::CORP]).await;
        assert_eq!(status, Some(0), "{told}");
        assert!(told.contains(": planned") && told.contains("created 1"), "{told}");
        assert!(
            told.contains("member.position: ") && told.contains(" -> 组长"),
            "{told}"
        );
        assert_eq!(member(&fixture, sample::NORMAL).await, before, "a plan changes nothing");

        // Runs of one millisecond have no order.
        fixture.advance(Duration::from_secs(1));
        let (status, told) = command(&fixture, ADMIN_TOKEN, &["apply", "青云科技"]).await;
        assert_eq!(status, Some(0), "{told}");
        assert!(told.contains(": succeeded"), "{told}");
        assert_eq!(member(&fixture, sample::NORMAL).await["position"], "组长");

        let run = runs_of(&fixture, &source).await.remove(0);
        let (status, told) = command(&fixture, ADMIN_TOKEN, &["undo", id(&run)]).await;
        assert_eq!(status, Some(0), "{told}");
        assert_eq!(
            member(&fixture, sample::NORMAL).await["position"],
            before["position"],
            "{told}"
        );
    }
);

scenario!(
    the_command_ends_with_2_where_the_guard_pauses_and_1_where_it_fails,
    |fixture: Fixture| async move {
        let guard = json!({ "guard": { "departures": { "count": 0 } } });
        let source = fixture.connect_with(guard).await;
        fixture.edit_corp(|corp| corp.remove_member(sample::BY_PICK));
        let source_id = id(&source);
        let (status, told) = command(&fixture, ADMIN_TOKEN, &["plan", source_id]).await;
        assert_eq!(status, Some(2), "{told}");
        assert!(told.contains("SY-147") && told.contains("guard.departures"), "{told}");
        let (status, told) = command(&fixture, ADMIN_TOKEN, &["apply", source_id]).await;
        assert_eq!(status, Some(2), "{told}");
        assert_eq!(member(&fixture, sample::BY_PICK).await["state"], "present");
        let plan = runs_of(&fixture, &source)
            .await
            .into_iter()
            .find(|run| text(run, "state") == "planned");
        let (status, told) = command(&fixture, ADMIN_TOKEN, &["apply", "--plan", id(&plan.unwrap())]).await;
        assert_eq!(status, Some(0), "{told}");
        assert_eq!(member(&fixture, sample::BY_PICK).await["state"], "departed");
        fixture.edit_corp(|corp| corp.remove_member(sample::BY_TAG));
        let (status, told) = command(&fixture, ADMIN_TOKEN, &["apply", source_id, "--confirm"]).await;
        assert_eq!(status, Some(0), "{told}");
        assert_eq!(member(&fixture, sample::BY_TAG).await["state"], "departed");

        let auditor = fixture
            .admin()
            .create("api-tokens", json!({ "name": "a", "role": "auditor" }))
            .await;
        for (token, arguments, number) in [
            ("wrong", vec!["plan", source_id], "AD-102"),
            (text(&auditor, "token"), vec!["plan", source_id], "AD-103"),
            (ADMIN_TOKEN, vec!["plan", "nobody"], "There is no data source"),
            (ADMIN_TOKEN, vec!["undo", "../users"], "WB-102"),
            ("", vec!["plan", source_id], "API token is needed"),
        ] {
            let (status, told) = command(&fixture, token, &arguments).await;
            assert_eq!(status, Some(1), "{arguments:?}: {told}");
            assert!(told.contains(number), "{arguments:?}: {told}");
            assert!(!told.contains(ADMIN_TOKEN));
        }
    }
);
