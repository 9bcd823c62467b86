//! The customer secret is tried at once and daily, what WeCom refuses is explained at its field with the place in WeCom's console, and it is never
//! shown (reference 8, 13.1).

use std::time::Duration;

use serde_json::{Value, json};
use simulator::{
    sample,
    world::{Fault, FaultKind},
};

use super::source;
use crate::{
    actors::{id, text},
    fixture::Fixture,
    scenario,
};

const FOLLOWERS: &str = "externalcontact/get_follow_user_list";

fn problems(resource: &Value) -> Vec<(&str, &str)> {
    let problems = resource["problems"].as_array().unwrap().iter();
    problems
        .map(|problem| (text(problem, "number"), problem["where"].as_str().unwrap_or_default()))
        .collect()
}

fn capability(probe: &Value) -> (String, String) {
    let credentials = probe["credentials"].as_array().unwrap().iter();
    let mut ours = credentials.filter(|credential| credential["credential"] == "external_contacts");
    let rows = ours.next().expect("the credential is shown")["capabilities"]
        .as_array()
        .unwrap();
    let row = rows
        .iter()
        .find(|row| row["capability"] == "external_contacts")
        .unwrap();
    (text(row, "outcome").to_owned(), text(row, "detail").to_owned())
}

scenario!(
    a_customer_secret_is_tried_before_it_is_saved_and_never_shown,
    |fixture: Fixture| async move {
        fixture.trust_domain();
        let source = source(&fixture, json!({})).await;
        assert_eq!(source["customer_secret_set"], false);
        let path = format!("data-sources/{}", id(&source));
        let admin = fixture.admin();
        for (secret, number, place) in [
            ("nonsense-secret-of-nobody", "DI-247", "客户联系 → API → Secret"),
            (sample::CONTACTS_SECRET, "DI-248", "客户联系 → API → 可调用应用"),
            (sample::APP_SECRET, "DI-248", "客户联系 → API → 可调用应用"),
        ] {
            for body in [json!({ "customer_secret": secret }), check(&source, secret)] {
                let (method, path) = match body.get("corp_id") {
                    Some(_) => ("POST", "data-sources/check".to_owned()),
                    None => ("PATCH", path.clone()),
                };
                let refused = admin.call(method, &path, Some(body)).await;
                assert_eq!(refused.refusal(), (422, number), "{}", refused.body);
                let fault = &refused.body["errors"][0];
                assert_eq!(fault["pointer"], "#/customer_secret", "{fault}");
                assert!(text(fault, "where").contains(place), "{fault}");
                assert!(!refused.body.to_string().contains(secret), "{}", refused.body);
            }
        }
        assert_eq!(
            admin.get(&path).await["customer_secret_set"],
            false,
            "nothing was saved"
        );
        let seen = admin
            .call(
                "POST",
                "data-sources/check",
                Some(check(&source, sample::CUSTOMER_SECRET)),
            )
            .await;
        assert_eq!(
            capability(&seen.body),
            ("yes".to_owned(), "2 members have customers.".to_owned())
        );
        assert_eq!(
            admin.get(&path).await["customer_secret_set"],
            false,
            "it was only tried"
        );

        let body = json!({ "customer_secret": sample::CUSTOMER_SECRET });
        let kept = admin.change(&path, body).await;
        assert_eq!(
            (&kept["customer_secret_set"], problems(&kept)),
            (&json!(true), vec![]),
            "{kept}"
        );
        let probe = admin.get(&format!("{path}/probe")).await;
        assert_eq!(capability(&probe).0, "yes", "{probe}");
        let events = admin.get("audit-events?kind=configured&limit=50").await;
        assert!(
            events.to_string().contains("customer_secret"),
            "the change is on record"
        );
        for shown in [kept, probe, events, admin.get("data-sources").await] {
            assert!(!shown.to_string().contains(sample::CUSTOMER_SECRET), "{shown}");
        }
        let gone = admin.change(&path, json!({ "customer_secret": null })).await;
        assert_eq!(gone["customer_secret_set"], false);
        let probe = admin.get(&format!("{path}/probe")).await;
        assert!(!probe.to_string().contains("external_contacts"), "{probe}");
    }
);

/// The body that tries a secret alone.
fn check(source: &Value, secret: &str) -> Value {
    json!({ "corp_id": sample::CORP, "customer_secret": secret, "data_source_id": id(source) })
}

scenario!(
    a_customer_secret_that_stops_to_work_is_told_with_its_place_and_heals_by_itself,
    |fixture: Fixture| async move {
        fixture.trust_domain();
        let source = source(&fixture, json!({ "customer_secret": sample::CUSTOMER_SECRET })).await;
        assert_eq!(problems(&source), [], "{source}");
        let path = format!("data-sources/{}", id(&source));
        let admin = fixture.admin();
        fixture.app.tick().await.unwrap();
        let calls = fixture.wecom.calls(FOLLOWERS);
        fixture.advance(Duration::from_secs(21 * 3600));
        fixture.app.tick().await.unwrap();
        assert_eq!(fixture.wecom.calls(FOLLOWERS), calls, "not before its time");
        for errcode in [48002, 84074] {
            fixture.add_fault(Fault::new("/cgi-bin/externalcontact/", FaultKind::Errcode(errcode)));
            fixture.advance(Duration::from_secs(24 * 3600));
            fixture.app.tick().await.unwrap();
            let told = admin.get(&path).await;
            let found = problems(&told);
            assert!(
                matches!(found.as_slice(), [("DI-250", place)] if place.contains("客户与上下游 → 客户联系 → API")),
                "{errcode}: {told}"
            );
            assert_eq!(told["problems"][0]["credential"], "external_contacts", "{told}");
            assert!(
                text(&told["problems"][0], "detail").contains(&errcode.to_string()),
                "{told}"
            );
            let report = admin.get("doctor").await;
            assert!(
                report.to_string().contains("DI-250"),
                "the doctor says it as well: {report}"
            );
            fixture.mend_wecom();
            fixture.advance(Duration::from_secs(3700));
            fixture.app.tick().await.unwrap();
            assert_eq!(problems(&admin.get(&path).await), [], "{errcode}");
        }
        assert!(fixture.wecom.calls(FOLLOWERS) >= calls + 4);
    }
);

scenario!(
    a_customer_secret_that_wecom_refuses_can_be_saved_all_the_same,
    |fixture: Fixture| async move {
        fixture.trust_domain();
        let saved = json!({ "customer_secret": sample::CONTACTS_SECRET, "save_anyway": true });
        let source = source(&fixture, saved).await;
        assert_eq!(problems(&source)[0].0, "DI-250", "{source}");
        // The other secrets work as before: what is wrong with customers keeps nobody out.
        let run = fixture.sync(id(&source)).await;
        assert_eq!(run["state"], "succeeded", "{run}");
    }
);
