//! Who is whom: by conversion, by hand, and what is refused.

use serde_json::{Value, json};
use simulator::{
    sample,
    world::{Fault, FaultKind},
};

use super::{company, problems, told};
use crate::{actors::text, fixture::Fixture, scenario};

/// The pair of a member, by the suite's id.
async fn pair(fixture: &Fixture, path: &str, old: &str) -> Value {
    let pairs = fixture.admin().items(&format!("{path}?limit=200")).await;
    let found = pairs.iter().find(|pair| pair["old_userid"] == old);
    found.unwrap_or_else(|| panic!("{old} is not in {pairs:?}")).clone()
}

scenario!(
    wecom_converts_whom_both_apps_see_and_the_rest_is_paired_by_hand,
    |fixture: Fixture| async move {
        let company = company(&fixture).await;
        // The new app sees one department less.
        let hidden = told(&fixture, sample::BY_PICK);
        fixture.edit_corp(|corp| {
            let app = corp.apps.get_mut(&sample::AGENT_ID).unwrap();
            app.scope.parties = vec![2];
            app.scope.users.retain(|userid| userid != sample::BY_PICK);
            app.scope.tags = Vec::new();
        });
        let paired = company.paired(&fixture).await;
        assert_eq!(paired["proven_by"], "conversion", "{paired}");
        assert!(paired["pairs"]["converted"].as_i64().unwrap() > 5, "{paired}");
        assert_eq!(paired["pairs"]["unpaired"], 1, "{paired}");
        let list = company.at(&paired, "/pairs");
        let normal = pair(&fixture, &list, &told(&fixture, sample::NORMAL)).await;
        assert_eq!(
            (&normal["new_userid"], &normal["how"]),
            (&json!(sample::NORMAL), &json!("converted"))
        );
        let unpaired = fixture.admin().items(&format!("{list}?how=unpaired")).await;
        assert_eq!(unpaired.len(), 1, "{unpaired:?}");
        assert_eq!(text(&unpaired[0], "old_userid"), hidden);

        let put = async |member: &Value, userid: Value| {
            let path = format!("{list}/{}", text(member, "member_id"));
            fixture
                .admin()
                .call("PUT", &path, Some(json!({ "userid": userid })))
                .await
        };
        let refused = put(&unpaired[0], json!(sample::NORMAL.to_uppercase())).await;
        assert_eq!(refused.refusal(), (409, "MV-107"), "{}", refused.body);
        let refused = put(&unpaired[0], json!("nobody-at-all")).await;
        assert_eq!(refused.refusal(), (422, "MV-115"), "{}", refused.body);
        let refused = put(&unpaired[0], json!("not an id")).await;
        assert_eq!(refused.refusal(), (422, "DI-101"), "{}", refused.body);
        let left_out = put(&normal, Value::Null).await;
        assert_eq!(left_out.body["how"], "left_out", "{}", left_out.body);
        let entered = put(&normal, json!(sample::NORMAL.to_uppercase())).await;
        // In WeCom's own letter case.
        assert_eq!(
            (&entered.body["new_userid"], &entered.body["how"]),
            (&json!(sample::NORMAL), &json!("by_hand")),
            "{}",
            entered.body
        );
        // Pairing once more keeps what was entered.
        let again = fixture.admin().create(&company.at(&paired, "/pair"), json!({})).await;
        assert_eq!(again["pairs"]["by_hand"], 1, "{again}");
    }
);

scenario!(
    whoever_is_not_paired_is_taken_for_gone_and_everybody_else_stays,
    |fixture: Fixture| async move {
        let company = company(&fixture).await;
        let paired = company.paired(&fixture).await;
        let list = company.at(&paired, "/pairs");
        let left_out = pair(&fixture, &list, &told(&fixture, sample::BY_PICK)).await;
        let path = format!("{list}/{}", text(&left_out, "member_id"));
        let body = json!({ "userid": null });
        fixture.admin().call("PUT", &path, Some(body)).await;
        let user = fixture.admin().user(&told(&fixture, sample::BY_PICK)).await;
        let ready = company.rehearsed(&fixture, &paired).await;
        assert!(problems(&ready).contains(&"MV-116"), "{ready}");
        assert_eq!(ready["rehearsal"]["impact"]["departures"], 1, "{ready}");
        assert_eq!(company.change(&fixture, &ready).await.status, 200);
        company.settled(&fixture).await;
        let path = format!("users/{}", text(&user, "id"));
        assert_ne!(fixture.admin().get(&path).await["status"], "active");
        let normal = fixture.admin().user(&told(&fixture, sample::NORMAL)).await;
        assert_eq!(normal["status"], "active", "{normal}");
    }
);

scenario!(
    where_wecom_refuses_to_convert_the_move_says_so_and_heals_with_the_next_try,
    |fixture: Fixture| async move {
        let company = company(&fixture).await;
        let planned = company.plan(&fixture).await;
        let path = "/cgi-bin/batch/openuserid_to_userid";
        fixture.add_fault(Fault::new(path, FaultKind::Errcode(48002)));
        let paired = fixture.admin().create(&company.at(&planned, "/pair"), json!({})).await;
        assert!(problems(&paired).contains(&"MV-114"), "{paired}");
        assert_eq!(paired["pairs"]["converted"], 0, "{paired}");
        fixture.mend_wecom();
        let paired = fixture.admin().create(&company.at(&planned, "/pair"), json!({})).await;
        assert!(!problems(&paired).contains(&"MV-114"), "{paired}");
        assert_eq!(paired["pairs"]["unpaired"], 0, "{paired}");
    }
);
