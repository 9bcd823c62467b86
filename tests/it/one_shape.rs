//! Everything that is wrong has one shape, whichever list it stands in: number, severity, sentence in both languages, what was seen, remedy.

use std::time::Duration;

use serde_json::{Value, json};
use simulator::{
    sample,
    world::{Fault, FaultKind},
};

use crate::{
    actors::{LogoutReceiver, id, text},
    back_channel_logout::listening,
    callbacks::connect_callback,
    fixture::Fixture,
    scenario,
};

/// Every problem has at least these.
fn assert_shape(problem: &Value, number: &str, severity: &str) {
    assert_eq!(
        (text(problem, "number"), text(problem, "severity")),
        (number, severity),
        "{problem}"
    );
    for field in ["title", "title_zh", "remedy", "remedy_zh"] {
        assert!(!text(problem, field).is_empty(), "{field} of {problem}");
    }
    assert!(problem["detail"].is_string(), "{problem}");
    let known = [
        "number",
        "severity",
        "title",
        "title_zh",
        "detail",
        "remedy",
        "remedy_zh",
        "where",
        "since",
        "effective_at",
        "next_try_at",
    ];
    let fields = problem.as_object().unwrap();
    assert!(fields.keys().all(|field| known.contains(&field.as_str())), "{problem}");
}

scenario!(
    a_conflict_and_its_member_say_what_is_wrong_until_it_is_decided,
    |fixture: Fixture| async move {
        let admin = fixture.admin();
        admin
            .create(
                "users",
                json!({ "username": sample::NORMAL, "console_role": "auditor" }),
            )
            .await;
        fixture.connect().await;
        let conflicts = admin.items("conflicts").await;
        let conflict = conflicts.iter().find(|one| one["userid"] == sample::NORMAL).unwrap();
        assert_shape(&conflict["problem"], "DI-244", "warning");
        assert_eq!(conflict["problem"]["detail"], conflict["why"], "the old fields stay");
        let member = format!("members/{}", id(conflict));
        assert_shape(&admin.get(&member).await["problem"], "DI-244", "warning");
        let searched = admin
            .items(&format!("members?q={}", sample::NORMAL.to_uppercase()))
            .await;
        assert!(searched.iter().any(|one| one["id"] == conflict["id"]), "{searched:?}");
        assert_eq!(admin.items("members?q=nobody-is-called-so").await.len(), 0);
        let imported = admin.items("members?outcome=imported").await;
        assert!(
            imported.iter().all(|one| one.get("problem").is_none()),
            "nothing is wrong with the others"
        );

        admin
            .create(&format!("conflicts/{}/ignore", id(conflict)), json!({}))
            .await;
        let decided = admin.items("conflicts?decision=ignored").await;
        assert!(decided[0].get("problem").is_none(), "{decided:?}");
    }
);

scenario!(a_run_that_failed_or_waits_says_why, |fixture: Fixture| async move {
    let source = fixture.connect().await;
    let path = format!("data-sources/{}", id(&source));
    let good = fixture.admin().items("sync-runs").await;
    assert!(good[0].get("problem").is_none(), "{good:?}");
    fixture.add_fault(Fault::new("", FaultKind::BadGateway));
    let failed = fixture.sync(id(&source)).await;
    let number = failed["problem"]["number"]
        .as_str()
        .unwrap_or_else(|| panic!("{failed}"));
    assert_shape(&failed["problem"], number, "error");
    fixture.mend_wecom();
    // Most of the corp goes at once: the guard pauses the run.
    fixture.edit_corp(|corp| {
        let gone: Vec<String> = corp.members.keys().skip(2).cloned().collect();
        gone.iter().for_each(|userid| drop(corp.remove_member(userid)));
    });
    let paused = fixture.sync(id(&source)).await;
    assert_eq!(paused["state"], "paused", "{paused}");
    assert_shape(&paused["problem"], text(&paused["problem"], "number"), "error");
    let listed = fixture
        .admin()
        .items(&format!("sync-runs?data_source={}&state=paused", id(&source)))
        .await;
    assert_eq!(listed[0]["problem"], paused["problem"]);
    assert!(fixture.admin().get(&path).await["problems"].is_array());
});

scenario!(
    a_logout_that_a_portal_refuses_says_so_in_the_outbox_and_in_the_report,
    |fixture: Fixture| async move {
        fixture.connect().await;
        let receiver = LogoutReceiver::listen();
        let portal = listening(&fixture, "wiki", &receiver).await;
        portal.tokens(&fixture, &fixture.browser(), sample::NORMAL).await;
        receiver.answer(500);
        let admin = fixture.admin();
        admin.disable(sample::NORMAL).await;
        fixture.app.tick().await.unwrap();
        fixture.wait_for_background_work().await;
        let delivery = admin.items("logout-deliveries").await.remove(0);
        assert_shape(&delivery["problem"], "DI-246", "warning");
        for _ in 0..40 {
            fixture.advance(Duration::from_secs(3600));
            fixture.app.tick().await.unwrap();
            fixture.wait_for_background_work().await;
        }
        let delivery = admin.items("logout-deliveries").await.remove(0);
        assert_ne!(delivery["state"], "pending");
        assert_shape(&delivery["problem"], "DI-246", "error");
        let report = admin.items("offboardings").await.remove(0);
        let report = admin.get(&format!("offboardings/{}", id(&report))).await;
        assert_shape(&report["portals"][0]["deliveries"][0]["problem"], "DI-246", "error");
    }
);

scenario!(
    a_refused_callback_says_why_at_the_callback,
    |fixture: Fixture| async move {
        let (path, issued) = connect_callback(&fixture).await;
        let admin = fixture.admin();
        assert_eq!(admin.items(&path).await[0]["problems"], json!([]));
        fixture.advance(Duration::from_secs(60));
        let url = format!("{}?msg_signature=00&timestamp=1767600060&nonce=1", text(&issued, "url"));
        let body = "<xml><Encrypt>AAAA</Encrypt></xml>";
        fixture.http.post(&url).body(body).send().await.unwrap();
        let shown = admin.get(&format!("{path}/{}", id(&issued))).await;
        let problem = &shown["problems"][0];
        assert_shape(problem, text(&shown["last_failure"], "number"), "error");
        assert!(text(problem, "where").contains("通讯录同步"), "{problem}");
        assert!(!shown.to_string().contains("AAAA"), "the body is nowhere");
    }
);

scenario!(
    an_open_finding_about_an_identity_says_so,
    |fixture: Fixture| async move {
        // An app that is given neither number nor address, and another name in the same department: nobody can tell who it is.
        let source = fixture.connect_with(json!({ "contacts_secret": null })).await;
        fixture.edit_corp(|corp| "欧阳华".clone_into(&mut corp.member_mut(sample::NORMAL).unwrap().name));
        fixture.sync(id(&source)).await;
        let admin = fixture.admin();
        let finding = admin.items("identity-findings?state=open").await.remove(0);
        assert_shape(&finding["problem"], "DI-245", "error");
        assert_eq!(finding["problem"]["detail"], finding["reason"]);
        let member = admin.get(&format!("members/{}", text(&finding, "member_id"))).await;
        assert_shape(&member["problem"], "DI-245", "error");
        let user = admin.user(sample::NORMAL).await;
        assert_shape(&user["members"][0]["problem"], "DI-245", "error");
        let decide = format!("identity-findings/{}/decide", id(&finding));
        admin.create(&decide, json!({ "verdict": "same_person" })).await;
        let decided = admin.get(&format!("identity-findings/{}", id(&finding))).await;
        assert!(decided.get("problem").is_none(), "{decided}");
    }
);
