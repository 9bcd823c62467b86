//! Pairs are what WeCom says and admins say; what either says may be old by the time of the change.

use std::time::Duration;

use serde_json::{Value, json};
use simulator::{
    sample,
    world::{Fault, FaultKind},
};

use super::{Company, company, company_in, plain_ids, problems, told};
use crate::{actors::text, fixture::Fixture, scenario, suites};

const CONVERSION: &str = "/cgi-bin/batch/openuserid_to_userid";

async fn pair_again(fixture: &Fixture, company: &Company, one: &Value) -> Value {
    fixture.admin().create(&company.at(one, "/pair"), json!({})).await
}

/// Enters a pair of the member whom the suite knows so.
async fn enter(fixture: &Fixture, company: &Company, (one, old): (&Value, &str), userid: Value) -> Value {
    let list = company.at(one, "/pairs");
    let pairs = fixture.admin().items(&format!("{list}?limit=200")).await;
    let pair = pairs.iter().find(|pair| pair["old_userid"] == old).unwrap();
    let path = format!("{list}/{}", text(pair, "member_id"));
    let answer = fixture
        .admin()
        .call("PUT", &path, Some(json!({ "userid": userid })))
        .await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.body
}

fn swap(fixture: &Fixture) {
    assert!(fixture.edit_corp(|corp| corp.swap_members(sample::NORMAL, sample::BY_PICK)));
}

scenario!(
    a_userid_that_went_to_somebody_else_after_pairing_gives_nobody_their_account,
    |fixture: Fixture| async move {
        let company = company(&fixture).await;
        let people = company.people(&fixture).await;
        let [one, other] = [sample::NORMAL, sample::BY_PICK].map(|userid| people[&told(&fixture, userid)].clone());
        let paired = company.paired(&fixture).await;
        let ready = company.rehearsed(&fixture, &paired).await;
        // The suite goes on knowing both by the ids that it was told.
        swap(&fixture);
        let refused = company.change(&fixture, &ready).await;
        assert_eq!(refused.refusal(), (409, "MV-109"), "{}", refused.body);
        assert!(
            text(&refused.body, "detail").contains("2 have other IDs"),
            "{}",
            refused.body
        );
        assert_eq!(company.people(&fixture).await, people);
        let paired = pair_again(&fixture, &company, &ready).await;
        let ready = company.rehearsed(&fixture, &paired).await;
        assert_eq!(company.change(&fixture, &ready).await.status, 200);
        company.settled(&fixture).await;
        let after = company.people(&fixture).await;
        assert_eq!((&after[sample::BY_PICK], &after[sample::NORMAL]), (&one, &other));
    }
);

scenario!(
    a_userid_of_the_companys_own_that_went_to_somebody_else_is_not_taken_for_theirs,
    |fixture: Fixture| async move {
        let company = company_in(&fixture, plain_ids).await;
        let paired = company.paired(&fixture).await;
        let ready = company.rehearsed(&fixture, &paired).await;
        swap(&fixture);
        let refused = company.change(&fixture, &ready).await;
        assert_eq!(refused.refusal(), (409, "MV-109"), "{}", refused.body);
        let paired = pair_again(&fixture, &company, &ready).await;
        assert_eq!(paired["pairs"]["unpaired"], 2, "{paired}");
    }
);

scenario!(
    nothing_moves_while_wecom_does_not_say_who_is_whom_or_by_a_rehearsal_of_yesterday,
    |fixture: Fixture| async move {
        let company = company(&fixture).await;
        let paired = company.paired(&fixture).await;
        let ready = company.rehearsed(&fixture, &paired).await;
        fixture.add_fault(Fault::new(CONVERSION, FaultKind::Errcode(48002)));
        let refused = company.change(&fixture, &ready).await;
        assert_eq!(refused.refusal(), (502, "MV-114"), "{}", refused.body);
        // What was known stays known.
        let again = pair_again(&fixture, &company, &ready).await;
        assert!(problems(&again).contains(&"MV-114"), "{again}");
        assert_eq!(again["pairs"], paired["pairs"], "{again}");
        fixture.mend_wecom();
        let paired = pair_again(&fixture, &company, &ready).await;
        let ready = company.rehearsed(&fixture, &paired).await;
        fixture.advance(Duration::from_secs(25 * 3600));
        let late = company.shown(&fixture, &ready).await;
        assert_eq!(
            (&late["rehearsal"]["current"], &late["ready"]),
            (&json!(false), &json!(false))
        );
        let refused = company.change(&fixture, &ready).await;
        assert_eq!(refused.refusal(), (409, "MV-106"), "{}", refused.body);
        let ready = company.rehearsed(&fixture, &late).await;
        assert_eq!(company.change(&fixture, &ready).await.status, 200);
    }
);

scenario!(
    whom_an_admin_left_out_stays_out_however_often_members_are_paired,
    |fixture: Fixture| async move {
        let company = company(&fixture).await;
        let paired = company.paired(&fixture).await;
        let old = told(&fixture, sample::BY_PICK);
        let out = enter(&fixture, &company, (&paired, &old), Value::Null).await;
        assert_eq!(out["how"], "left_out", "{out}");
        let again = pair_again(&fixture, &company, &paired).await;
        let counts = &again["pairs"];
        assert_eq!(
            (&counts["left_out"], &counts["unpaired"]),
            (&json!(1), &json!(0)),
            "{again}"
        );
        assert!(problems(&again).contains(&"MV-116"), "{again}");
        let listed = company.at(&paired, "/pairs?how=left_out");
        assert_eq!(fixture.admin().items(&listed).await[0]["old_userid"], old.as_str());
    }
);

scenario!(
    an_admins_word_does_not_make_somebody_of_whom_wecom_says_another_is_that,
    |fixture: Fixture| async move {
        let company = company(&fixture).await;
        let planned = company.plan(&fixture).await;
        fixture.add_fault(Fault::new(CONVERSION, FaultKind::Errcode(48002)));
        pair_again(&fixture, &company, &planned).await;
        let old = told(&fixture, sample::BY_PICK);
        enter(&fixture, &company, (&planned, &old), json!(sample::NORMAL)).await;
        fixture.mend_wecom();
        let paired = pair_again(&fixture, &company, &planned).await;
        assert_eq!(paired["pairs"]["unpaired"], 2, "{paired}");
        let found = paired["problems"].as_array().unwrap();
        let found = found.iter().find(|problem| problem["number"] == "MV-107").unwrap();
        for old in [old, told(&fixture, sample::NORMAL)] {
            assert!(found.to_string().contains(&old), "{found}");
        }
    }
);

scenario!(
    whoever_had_left_before_can_be_paired_by_hand_and_comes_back_to_their_account,
    |fixture: Fixture| async move {
        let company = company(&fixture).await;
        let old = told(&fixture, sample::NORMAL);
        let user = company.people(&fixture).await[&old].clone();
        let gone = fixture.edit_corp(|corp| corp.remove_member(sample::NORMAL)).unwrap();
        fixture.sync(&company.source).await;
        let paired = company.paired(&fixture).await;
        let counts = &paired["pairs"];
        assert_eq!(
            (&counts["departed"], &counts["unpaired"]),
            (&json!(1), &json!(0)),
            "{paired}"
        );
        assert!(!problems(&paired).contains(&"MV-116"), "{paired}");
        // Hired again; the suite would take them for somebody new.
        fixture.edit_corp(|corp| corp.add_member(gone));
        let entered = enter(&fixture, &company, (&paired, &old), json!(sample::NORMAL)).await;
        assert_eq!(entered["how"], "by_hand", "{entered}");
        let ready = company.rehearsed(&fixture, &paired).await;
        let done = company.change(&fixture, &ready).await;
        assert_eq!(done.status, 200, "{}", done.body);
        company.settled(&fixture).await;
        assert_eq!(company.people(&fixture).await[sample::NORMAL], user);
    }
);

scenario!(
    a_pair_that_an_admin_entered_counts_for_seven_days_and_then_has_to_be_entered_once_more,
    |fixture: Fixture| async move {
        let company = company(&fixture).await;
        let planned = company.plan(&fixture).await;
        fixture.add_fault(Fault::new(CONVERSION, FaultKind::Errcode(48002)));
        pair_again(&fixture, &company, &planned).await;
        let old = told(&fixture, sample::BY_PICK);
        let entered = enter(&fixture, &company, (&planned, &old), json!(sample::BY_PICK)).await;
        assert!(entered["entered_at"].is_i64(), "{entered}");
        fixture.mend_wecom();
        let sure = json!({ "corp_confirmed": true });
        fixture.admin().change(&company.at(&planned, ""), sure).await;
        fixture.advance(Duration::from_secs(7 * 24 * 3600));
        suites::ticket(&fixture).await;
        // Pairing again does not make an admin's word younger.
        let paired = pair_again(&fixture, &company, &planned).await;
        assert_eq!(paired["pairs"]["by_hand"], 1, "{paired}");
        assert!(!problems(&paired).contains(&"MV-118"), "{paired}");
        let ready = company.rehearsed(&fixture, &paired).await;
        assert_eq!(ready["ready"], true, "{ready}");
        fixture.advance(Duration::from_secs(1));
        let late = company.shown(&fixture, &planned).await;
        assert_eq!(late["ready"], false, "{late}");
        assert!(problems(&late).contains(&"MV-118"), "{late}");
        let refused = company.change(&fixture, &late).await;
        assert_eq!(refused.refusal(), (409, "MV-118"), "{}", refused.body);
        enter(&fixture, &company, (&planned, &old), json!(sample::BY_PICK)).await;
        let ready = company.rehearsed(&fixture, &late).await;
        let done = company.change(&fixture, &ready).await;
        assert_eq!(done.status, 200, "{}", done.body);
        company.settled(&fixture).await;
    }
);
