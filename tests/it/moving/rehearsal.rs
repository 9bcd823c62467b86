//! A rehearsal shows what the sync that follows would do, and changes nothing.

use std::time::Duration;

use serde_json::{Value, json};
use simulator::sample;

use super::{Company, company, told};
use crate::{
    actors::{id, text},
    fixture::{ADMIN_TOKEN, Fixture},
    installations, scenario,
};

/// Everything that the directory holds, as it is shown.
async fn everything(fixture: &Fixture, company: &Company) -> Vec<Value> {
    let admin = fixture.admin();
    let mut found = vec![company.source(fixture).await];
    for list in ["members", "departments", "tags"] {
        found.extend(
            admin
                .items(&format!("{list}?data_source={}&limit=200", company.source))
                .await,
        );
    }
    for list in [
        "users?limit=200",
        "auth-sources",
        "wecom-apps",
        "installations",
        "offboardings",
    ] {
        found.extend(admin.items(list).await);
    }
    found
}

scenario!(
    a_rehearsal_writes_nothing_can_be_repeated_and_says_who_would_be_what,
    |fixture: Fixture| async move {
        let company = company(&fixture).await;
        let paired = company.paired(&fixture).await;
        let before = everything(&fixture, &company).await;
        let first = company.rehearsed(&fixture, &paired).await;
        let second = company.rehearsed(&fixture, &first).await;
        assert_eq!(everything(&fixture, &company).await, before);
        assert_ne!(first["rehearsal"]["run_id"], second["rehearsal"]["run_id"]);
        let (one, other) = (&first["rehearsal"], &second["rehearsal"]);
        for counted in ["impact", "created", "updated", "unchanged"] {
            assert_eq!(one[counted], other[counted], "{counted}");
        }
        assert!(one["updated"].as_i64().unwrap() > 5, "{one}");
        assert_eq!(one["impact"]["departures"], 0, "{one}");
        let rows = format!("sync-runs/{}/rows?userid={}", text(one, "run_id"), sample::NORMAL);
        let rows = fixture.admin().items(&rows).await;
        let row = rows.iter().find(|row| row["outcome"] == "updated").unwrap();
        assert_eq!(row["changes"]["member.name"]["to"], "李华", "{row}");
        assert!(row["changes"]["member.userid"].is_null(), "{row}");
    }
);

scenario!(
    nothing_changes_that_was_not_rehearsed_as_it_is_nor_beyond_the_guard_unasked,
    |fixture: Fixture| async move {
        let company = company(&fixture).await;
        let planned = company.plan(&fixture).await;
        let refused = company.change(&fixture, &planned).await;
        assert_eq!(refused.refusal(), (409, "MV-105"), "{}", refused.body);
        let path = company.at(&planned, "/rehearse");
        let refused = fixture.admin().call("POST", &path, None).await;
        assert_eq!(refused.refusal(), (409, "MV-105"), "{}", refused.body);
        let paired = fixture.admin().create(&company.at(&planned, "/pair"), json!({})).await;
        let refused = company.change(&fixture, &paired).await;
        assert_eq!(refused.refusal(), (409, "MV-106"), "{}", refused.body);
        // Nobody may depart unasked, and one would.
        let guard = json!({ "guard": { "departures": { "count": 0 } } });
        fixture
            .admin()
            .change(&format!("data-sources/{}", company.source), guard)
            .await;
        let list = company.at(&paired, "/pairs");
        let pairs = fixture.admin().items(&format!("{list}?limit=200")).await;
        let picked = told(&fixture, sample::BY_PICK);
        let picked = pairs.iter().find(|pair| pair["old_userid"] == picked.as_str()).unwrap();
        let path = format!("{list}/{}", text(picked, "member_id"));
        fixture.admin().call("PUT", &path, Some(json!({}))).await;
        let ready = company.rehearsed(&fixture, &paired).await;
        assert_eq!(ready["rehearsal"]["pauses"], true, "{ready}");
        let path = company.at(&ready, "/change");
        let refused = fixture.admin().call("POST", &path, None).await;
        assert_eq!(refused.refusal(), (409, "MV-108"), "{}", refused.body);
        assert_eq!(company.change(&fixture, &ready).await.status, 200);
        company.settled(&fixture).await;
        let run = company.last_sync(&fixture).await;
        assert_eq!(
            (&run["state"], &run["counts"]["departed"]),
            (&json!("succeeded"), &json!(1)),
            "{run}"
        );
    }
);

scenario!(
    what_an_admin_accepted_holds_for_the_first_run_that_is_applied_however_that_comes_about,
    |fixture: Fixture| async move {
        let company = company(&fixture).await;
        let paired = company.paired(&fixture).await;
        let guard = json!({ "guard": { "departures": { "count": 0 } } });
        let source = format!("data-sources/{}", company.source);
        fixture.admin().change(&source, guard).await;
        let pairs = company.at(&paired, "/pairs");
        let listed = fixture.admin().items(&format!("{pairs}?limit=200")).await;
        let picked = told(&fixture, sample::BY_PICK);
        let picked = listed
            .iter()
            .find(|pair| pair["old_userid"] == picked.as_str())
            .unwrap();
        let path = format!("{pairs}/{}", text(picked, "member_id"));
        fixture.admin().call("PUT", &path, Some(json!({}))).await;
        let ready = company.rehearsed(&fixture, &paired).await;
        assert_eq!(ready["rehearsal"]["pauses"], true, "{ready}");
        fixture.break_wecom("/cgi-bin/department/");
        fixture.break_wecom("/cgi-bin/user/");
        assert_eq!(company.change(&fixture, &ready).await.status, 200);
        company.settled(&fixture).await;
        assert_eq!(company.last_sync(&fixture).await["state"], "failed");
        fixture.mend_wecom();
        // Nobody starts it by hand.
        fixture.advance(Duration::from_secs(13 * 3600));
        installations::tick(&fixture).await;
        fixture.wait_for_background_work().await;
        let run = company.last_sync(&fixture).await;
        assert_eq!(
            (&run["state"], &run["counts"]["departed"]),
            (&json!("succeeded"), &json!(1)),
            "{run}"
        );
        // It was for that run alone.
        fixture.edit_corp(|corp| corp.remove_member(sample::NORMAL)).unwrap();
        let run = fixture.sync(&company.source).await;
        assert_eq!(run["state"], "paused", "{run}");
    }
);

scenario!(
    what_was_edited_since_is_rehearsed_anew_and_an_old_entity_tag_changes_nothing,
    |fixture: Fixture| async move {
        let company = company(&fixture).await;
        let paired = company.paired(&fixture).await;
        let ready = company.rehearsed(&fixture, &paired).await;
        assert_eq!(ready["ready"], true, "{ready}");
        let secret = json!({ "contacts_secret": sample::CONTACTS_SECRET });
        let edited = fixture.admin().change(&company.at(&ready, ""), secret).await;
        assert_eq!(
            (&edited["ready"], &edited["contacts_secret_set"]),
            (&json!(false), &json!(true))
        );
        let refused = company.change(&fixture, &edited).await;
        assert_eq!(refused.refusal(), (409, "MV-106"), "{}", refused.body);
        for act in ["/change", "/rehearse"] {
            let path = format!("{}/api/v1/{}", fixture.base, company.at(&ready, act));
            let stale = fixture.http.post(path).bearer_auth(ADMIN_TOKEN);
            let stale = stale.header("If-Match", "\"of-before\"").send().await.unwrap();
            assert_eq!(stale.status().as_u16(), 412, "{act}");
        }
        let ready = company.rehearsed(&fixture, &edited).await;
        assert_eq!(company.change(&fixture, &ready).await.status, 200);
        company.settled(&fixture).await;
        let source = company.source(&fixture).await;
        assert_eq!(source["contacts_secret_set"], true, "{source}");
        assert_eq!(id(&source), company.source);
    }
);
