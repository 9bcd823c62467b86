//! What one app told does not outlive that the company goes by the other: names after an undo, the suite's ids once nothing is taken back.

use std::time::Duration;

use serde_json::json;
use simulator::{sample, world::Member};

use super::{Company, company, told};
use crate::{
    access_requests,
    actors::{id, text},
    backends::number,
    fixture::Fixture,
    installations, scenario,
    suite_sign_in::names::{forms, stored},
};

const NAMES: [&str; 2] = ["隐姓埋名甲", "隐名部门甲"];

/// Rows of a table whose userid the suite told.
async fn told_ids(fixture: &Fixture, table: &str) -> i64 {
    let question = format!("SELECT COUNT(*) FROM {table} WHERE userid LIKE 'wo%' AND LENGTH(userid) > 20");
    number(fixture.database_url(), &question).await
}

/// Leaves a member out, by the suite's id.
async fn left_out(fixture: &Fixture, company: &Company, one: &serde_json::Value, old: &str) {
    let list = company.at(one, "/pairs");
    let pairs = fixture.admin().items(&format!("{list}?limit=200")).await;
    let pair = pairs.iter().find(|pair| pair["old_userid"] == old).unwrap();
    let path = format!("{list}/{}", text(pair, "member_id"));
    let answer = fixture
        .admin()
        .call("PUT", &path, Some(json!({ "userid": null })))
        .await;
    assert_eq!(answer.status, 200, "{}", answer.body);
}

scenario!(
    names_that_the_companys_own_app_told_are_gone_once_the_move_is_taken_back,
    |fixture: Fixture| async move {
        let company = company(&fixture).await;
        // The suite sees far fewer.
        let guard = json!({ "removal_threshold_percent": 100, "guard": { "departures": { "count": 1000 } } });
        let path = format!("data-sources/{}", company.source);
        fixture.admin().change(&path, guard).await;
        fixture.edit_corp(|corp| {
            NAMES[0].clone_into(&mut corp.member_mut(sample::NORMAL).unwrap().name);
            NAMES[1].clone_into(&mut corp.departments.get_mut(&2).unwrap().name);
        });
        let done = company.moved(&fixture).await;
        let held = stored(&fixture).await;
        for name in NAMES {
            assert!(
                forms(name).iter().any(|form| held.contains(form)),
                "{name} was never there"
            );
        }
        company.undone(&fixture, &done).await;
        let run = company.last_sync(&fixture).await;
        assert_eq!(run["state"], "succeeded", "{run}");
        let held = stored(&fixture).await;
        for name in NAMES {
            for form in forms(name) {
                let at = held.find(&form).map(|at| held.get(at.saturating_sub(300)..at + 60));
                assert!(at.is_none(), "{name}: {at:?}");
            }
        }
    }
);

scenario!(
    ids_that_the_suite_told_of_whoever_left_or_is_not_paired_are_gone_once_the_move_is_final,
    |fixture: Fixture| async move {
        let company = company(&fixture).await;
        // Whoever was read before the change was read by the suite.
        fixture.advance(Duration::from_secs(1));
        let guard = json!({ "removal_threshold_percent": 100 });
        fixture
            .admin()
            .change(&format!("data-sources/{}", company.source), guard)
            .await;
        let left = told(&fixture, sample::NORMAL);
        fixture.edit_corp(|corp| corp.remove_member(sample::NORMAL)).unwrap();
        fixture.sync(&company.source).await;
        let paired = company.paired(&fixture).await;
        left_out(&fixture, &company, &paired, &told(&fixture, sample::BY_PICK)).await;
        let ready = company.rehearsed(&fixture, &paired).await;
        assert_eq!(company.change(&fixture, &ready).await.status, 200);
        company.settled(&fixture).await;
        assert!(told_ids(&fixture, "member").await >= 2);
        fixture.admin().create(&company.at(&paired, "/finish"), json!({})).await;
        for table in ["member", "sync_row", "identity_finding"] {
            assert_eq!(told_ids(&fixture, table).await, 0, "{table}");
        }
        assert_eq!(
            number(
                fixture.database_url(),
                "SELECT COUNT(*) FROM member WHERE open_userid IS NOT NULL"
            )
            .await,
            0
        );
        // Their account is still known, and who they were stands in the audit log alone.
        let user = fixture.admin().user(&left).await;
        assert_ne!(user["status"], "active", "{user}");
        let run = fixture.sync(&company.source).await;
        assert_eq!(run["state"], "succeeded", "{run}");
    }
);

scenario!(
    requests_of_whom_no_pair_names_are_closed_and_those_of_the_others_go_on,
    |fixture: Fixture| async move {
        let company = company(&fixture).await;
        let takes = json!({ "import": "chosen", "access_requests": true });
        fixture
            .admin()
            .change(&format!("data-sources/{}", company.source), takes)
            .await;
        fixture.edit_corp(|corp| {
            for userid in ["newcomer", "nobody"] {
                let like = corp.member(sample::NORMAL).unwrap().clone();
                corp.add_member(Member {
                    userid: userid.to_owned(),
                    serial: 0,
                    ..like
                });
            }
        });
        fixture.sync(&company.source).await;
        let portal = company.portal(&fixture, "wiki").await;
        for userid in ["newcomer", "nobody"] {
            access_requests::apply(&fixture, &portal, &fixture.browser(), userid, "").await;
        }
        let [newcomer, nobody] = ["newcomer", "nobody"].map(|userid| told(&fixture, userid));
        let open = fixture.admin().items("access-requests?state=open").await;
        let of = |userid: &str| open.iter().find(|one| one["userid"] == userid).unwrap().clone();
        let (goes_on, ends) = (of(&newcomer), of(&nobody));
        let paired = company.paired(&fixture).await;
        left_out(&fixture, &company, &paired, &nobody).await;
        let ready = company.rehearsed(&fixture, &paired).await;
        assert_eq!(company.change(&fixture, &ready).await.status, 200);
        company.settled(&fixture).await;
        let open = fixture.admin().items("access-requests?state=open").await;
        assert_eq!(open.len(), 1, "{open:?}");
        assert_eq!((id(&open[0]), &open[0]["userid"]), (id(&goes_on), &json!("newcomer")));
        let closed = access_requests::standing(&fixture, &ends).await;
        assert_eq!(
            (&closed["state"], &closed["closed_because"]),
            (&json!("closed"), &json!("company_moved")),
            "{closed}"
        );
        // The company's own app does not know them by the ID with which they asked; the one that was left still does.
        let told_them = |fixture: &Fixture| {
            let all = fixture.wecom.messages().into_iter();
            all.filter(|message| message.userid == "nobody").collect::<Vec<_>>()
        };
        assert!(told_them(&fixture).is_empty(), "{:?}", told_them(&fixture));
        for _ in 0..2 {
            installations::tick(&fixture).await;
        }
        let told_them = told_them(&fixture);
        assert_eq!(told_them.len(), 1, "{told_them:?}");
        let words = told_them[0].content.to_string();
        assert!(
            words.contains("自建应用") || words.contains("app of its own"),
            "{words}"
        );
        let suite_app = fixture
            .wecom
            .edit(|world| world.installed(sample::CORP, sample::SUITE).unwrap().agentid);
        assert_eq!(told_them[0].agentid, suite_app, "by the app that was left");
    }
);
