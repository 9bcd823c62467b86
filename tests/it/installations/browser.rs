//! Installing in the browser: WeCom's install page comes back with our `state`, and the company is connected at once (S5.2).

use std::time::Duration;

use serde_json::{Value, json};
use simulator::{
    sample,
    world::{Fault, FaultKind},
};

use super::{
    agree, agreed, all, another_suite, back_with, connected, console::leads_to, invitation, invite, only, read, suite,
    tick,
};
use crate::{
    actors::{id, text},
    console::{at_work, sent},
    fixture::Fixture,
    scenario, suites,
};

scenario!(
    a_company_that_agrees_in_the_browser_is_connected_at_once_and_its_people_are_read,
    |fixture: Fixture| async move {
        let suite = suite(&fixture).await;
        let installed = connected(&fixture, &suite).await;
        assert_eq!(
            (
                &installed["status"],
                &installed["way"],
                &installed["corp_name"],
                &installed["problems"]
            ),
            (&json!("bound"), &json!("browser"), &json!("青云科技"), &json!([])),
            "{installed}"
        );
        assert_eq!(installed["suite_name"], suite["name"]);
        assert_eq!(installed["scope"], json!({ "members": 1, "departments": 1, "tags": 0 }));
        assert!(
            text(&installed, "corp_id").starts_with("wp"),
            "as the provider knows it: {installed}"
        );
        assert!(text(&installed, "installed_by").starts_with("wo") && installed["bound_by"] == "token:bootstrap");
        let source = fixture
            .admin()
            .get(&format!("data-sources/{}", text(&installed, "data_source_id")))
            .await;
        assert_eq!(
            (
                &source["name"],
                &source["corp_id"],
                &source["import"],
                &source["enabled"]
            ),
            (&json!("青云科技"), &installed["corp_id"], &json!("all"), &json!(true)),
            "{source}"
        );
        assert_eq!(source["last_sync"]["state"], "succeeded", "{source}");
        let (members, departments) = (
            installed["members"].as_i64().unwrap(),
            installed["departments"].as_i64().unwrap(),
        );
        assert!(
            members > 10 && departments == 4,
            "研发中心, three groups below it: {installed}"
        );
        let ways = fixture.admin().items("auth-sources").await;
        assert!(
            ways.iter()
                .any(|way| way["corp_id"] == installed["corp_id"] && way["enabled"] == true),
            "{ways:?}"
        );
        let log = fixture.admin().items("audit-events?kind=configured").await;
        let told = |subject: String, action: &str| {
            log.iter()
                .any(|event| event["subject"] == subject && event["detail"]["action"] == action)
        };
        assert!(told(format!("installation:{}", id(&installed)), "bound"));
        assert!(told(format!("data_source:{}", id(&source)), "created"));
        let permanent = fixture.wecom.edit(|world| {
            let app = world.installed(sample::CORP, sample::SUITE).unwrap();
            app.install.clone().unwrap().permanent_code
        });
        assert!(!json!(log).to_string().contains(&permanent), "no code is told");
    }
);

scenario!(
    the_return_belongs_to_whoever_asked_and_counts_once,
    |fixture: Fixture| async move {
        let suite = suite(&fixture).await;
        let (invited, back) = agreed(&fixture, &suite).await;
        let call = async |body: Value| fixture.admin().call("POST", "installations/returned", Some(body)).await;
        let other = fixture.admin_with_role("admin").await;
        let refused = other.call("POST", "installations/returned", Some(back.clone())).await;
        assert_eq!(refused.refusal(), (403, "IN-104"), "another admin's: {}", refused.body);
        for (name, value, number) in [
            ("state", json!("x".repeat(32)), "IN-104"),
            ("state", json!("a b"), "IN-102"),
            ("state", json!("é"), "IN-102"),
            ("auth_code", json!(""), "IN-102"),
            ("auth_code", json!("x".repeat(513)), "IN-102"),
            ("auth_code", json!("a\u{0}b"), ""),
        ] {
            let mut body = back.clone();
            body[name] = value;
            let refused = call(body).await;
            assert!(
                refused.status < 500 && refused.status >= 400,
                "{name}: {}",
                refused.body
            );
            assert!(
                number.is_empty() || refused.refusal().1 == number,
                "{name}: {}",
                refused.body
            );
        }
        assert_eq!(all(&fixture).await.len(), 0, "nothing was done");
        let mut spent = back.clone();
        spent["auth_code"] = json!("made-up");
        let refused = call(spent).await;
        assert_eq!(refused.refusal(), (400, "WC-161"), "{}", refused.body);
        assert_eq!(
            invitation(&fixture, &invited).await["stage"],
            "open",
            "a wrong code uses nothing up"
        );
        let done = call(back.clone()).await;
        assert_eq!(
            (done.status, &done.body["stage"]),
            (200, &json!("connected")),
            "{}",
            done.body
        );
        let calls = fixture.wecom.calls("service/v2/get_permanent_code");
        let again = call(back.clone()).await;
        assert_eq!(again.body, done.body, "a reload");
        assert_eq!(fixture.wecom.calls("service/v2/get_permanent_code"), calls);
        let mut other = back;
        other["auth_code"] = json!("another");
        assert_eq!(call(other).await.refusal(), (409, "IN-105"));
        assert_eq!(only(&fixture).await["status"], "bound");
        let late = invite(&fixture.admin(), &suite, json!({ "way": "browser" })).await;
        let late = agree(&fixture, text(&late, "install_url"), sample::CORP2).await;
        // Agreed at the last moment, and back after it: the code is good for ten minutes more.
        fixture.advance(Duration::from_secs(1201));
        suites::ticket(&fixture).await;
        assert_eq!(
            call(back_with(&late)).await.refusal().1,
            "WC-161",
            "refused by WeCom, where the code is over"
        );
        fixture.advance(Duration::from_secs(599));
        assert_eq!(call(back_with(&late)).await.refusal(), (409, "IN-106"));
    }
);

scenario!(
    the_same_company_installing_again_updates_what_is_there,
    |fixture: Fixture| async move {
        let suite = suite(&fixture).await;
        let first = connected(&fixture, &suite).await;
        let path = format!("data-sources/{}", text(&first, "data_source_id"));
        fixture
            .admin()
            .change(&path, json!({ "name": "Our name", "import": "chosen" }))
            .await;
        fixture.advance(Duration::from_secs(60));
        let second = connected(&fixture, &suite).await;
        assert_eq!(
            (id(&first), &first["data_source_id"]),
            (id(&second), &second["data_source_id"])
        );
        assert_eq!(all(&fixture).await.len(), 1);
        let source = fixture.admin().get(&path).await;
        assert_eq!(
            (&source["name"], &source["import"]),
            (&json!("Our name"), &json!("chosen")),
            "what an admin set stays"
        );
        // By the new permanent code: the old one is over.
        let run = fixture.sync(text(&second, "data_source_id")).await;
        assert_eq!(run["state"], "succeeded", "{run}");
    }
);

scenario!(
    what_fails_after_the_exchange_is_kept_and_tried_again,
    |fixture: Fixture| async move {
        let suite = suite(&fixture).await;
        let (invited, back) = agreed(&fixture, &suite).await;
        fixture.break_wecom("/cgi-bin/service/v2/get_auth_info");
        fixture.break_wecom("/cgi-bin/service/get_auth_info");
        let answer = fixture.admin().create("installations/returned", back).await;
        assert_eq!(answer["stage"], "redeemed", "{answer}");
        let waiting = read(&fixture, text(&answer, "installation_id")).await;
        assert_eq!(
            (&waiting["status"], &waiting["corp_name"]),
            (&json!("unbound"), &json!("青云科技"))
        );
        assert_eq!(waiting["problems"][0]["number"], "WC-140", "{waiting}");
        fixture.mend_wecom();
        fixture.advance(Duration::from_secs(30));
        tick(&fixture).await;
        let bound = read(&fixture, id(&waiting)).await;
        assert_eq!(
            (&bound["status"], &bound["problems"]),
            (&json!("bound"), &json!([])),
            "{bound}"
        );
        assert_eq!(invitation(&fixture, &invited).await["stage"], "connected");
        assert_eq!(bound["bound_by"], "token:bootstrap", "in the name of whoever asked");
        assert_eq!(fixture.wecom.calls("service/v2/get_permanent_code"), 1);
    }
);

scenario!(
    where_wecom_does_not_take_the_code_now_the_return_works_later,
    |fixture: Fixture| async move {
        let suite = suite(&fixture).await;
        let (invited, back) = agreed(&fixture, &suite).await;
        fixture.add_fault(Fault::new(
            "/cgi-bin/service/v2/get_permanent_code",
            FaultKind::BadGateway,
        ));
        let refused = fixture
            .admin()
            .call("POST", "installations/returned", Some(back.clone()))
            .await;
        assert_eq!(refused.refusal(), (502, "WC-140"), "{}", refused.body);
        assert_eq!(invitation(&fixture, &invited).await["stage"], "open");
        fixture.mend_wecom();
        let answer = fixture.admin().create("installations/returned", back).await;
        assert_eq!(answer["stage"], "connected", "{answer}");
    }
);

scenario!(
    by_a_push_of_the_same_code_the_company_is_connected_once,
    |fixture: Fixture| async move {
        let suite = suite(&fixture).await;
        fixture
            .wecom
            .edit(|world| world.switches.suites.browser_install_pushes_create_auth = true);
        let (invited, back) = agreed(&fixture, &suite).await;
        // The push is acted on before the browser is back.
        tick(&fixture).await;
        assert_eq!(only(&fixture).await["status"], "unbound");
        let answer = fixture.admin().create("installations/returned", back).await;
        assert_eq!(
            (&answer["stage"], id(&answer)),
            (&json!("connected"), id(&invited)),
            "{answer}"
        );
        assert_eq!(only(&fixture).await["status"], "bound");
        assert_eq!(fixture.wecom.calls("service/v2/get_permanent_code"), 1);
    }
);

scenario!(
    a_suite_says_why_it_cannot_be_installed_in_the_browser,
    |fixture: Fixture| async move {
        let suite = suite(&fixture).await;
        let path = format!("suites/{}/invitations", id(&suite));
        let call = async |path: &str, body: Value| fixture.admin().call("POST", path, Some(body)).await;
        for body in [
            json!({}),
            json!({ "way": "post" }),
            json!({ "way": "phone", "import": "some" }),
            json!({ "way": "phone", "x": 1 }),
        ] {
            let refused = call(&path, body).await.status;
            assert!([400, 422].contains(&refused), "{refused}");
        }
        let nobody = call(
            "suites/00000000-0000-0000-0000-000000000000/invitations",
            json!({ "way": "phone" }),
        )
        .await;
        assert_eq!(nobody.refusal(), (404, "IN-101"));
        fixture
            .wecom
            .edit(|world| world.suites.get_mut(sample::SUITE).unwrap().published = false);
        let invited = invite(&fixture.admin(), &suite, json!({ "way": "browser" })).await;
        let page = fixture.browser().get(text(&invited, "install_url")).await;
        assert!(page.body.contains("应用未上线"), "{}", page.body);
        let test = invite(
            &fixture.admin(),
            &suite,
            json!({ "way": "browser", "test_install": true }),
        )
        .await;
        let back = agree(&fixture, text(&test, "install_url"), sample::CORP).await;
        let answer = fixture.admin().create("installations/returned", back_with(&back)).await;
        assert_eq!(answer["stage"], "connected", "{answer}");
        fixture.advance(Duration::from_secs(1801));
        assert_eq!(
            call(&path, json!({ "way": "browser" })).await.refusal(),
            (409, "IN-103"),
            "without a ticket"
        );
        let template = json!({ "name": "代开发", "suite_id": sample::TEMPLATE, "secret": sample::TEMPLATE_SECRET });
        let template = another_suite(&fixture, template).await;
        let of_template = format!("suites/{}/invitations", id(&template));
        assert_eq!(
            call(&of_template, json!({ "way": "browser" })).await.refusal(),
            (422, "IN-115")
        );
    }
);

scenario!(
    a_company_that_cannot_be_connected_in_the_browser_is_told_why_at_once_and_for_good,
    |fixture: Fixture| async move {
        let suite = suite(&fixture).await;
        connected(&fixture, &suite).await;
        let browser = at_work(&fixture, "admin").await;
        let second = json!({ "name": "云门门户", "suite_id": sample::SUITE2, "secret": "sample-suite-secret-yunmen-0000000000002" });
        let second = another_suite(&fixture, second).await;
        let way = [("suite", id(&second)), ("way", "browser"), ("import", "chosen")];
        let leaves = sent(&fixture, &browser, "/console/installations/new", &way).await;
        let address = leads_to(&leaves.body);
        let back = agree(&fixture, &address, sample::CORP).await;
        let refused = browser.open(&back).await;
        assert_eq!(refused.status, 409, "{}", refused.body);
        assert!(
            refused.body.contains("IN-109") && refused.body.contains("云门助手"),
            "{}",
            refused.body
        );
        // The same return again, and later: nothing wipes it.
        fixture.advance(Duration::from_secs(2));
        for _ in 0..2 {
            tick(&fixture).await;
        }
        let page = browser.open(&back).await;
        for shown in ["IN-109", "云门助手"] {
            assert!(page.body.contains(shown), "{shown}: {}", page.body);
        }
        let waiting = fixture.admin().items("installations?status=unbound").await;
        assert_eq!(waiting.len(), 1, "{waiting:?}");
        let (invited, back) = {
            let invited = invite(&fixture.admin(), &second, json!({ "way": "browser" })).await;
            let back = agree(&fixture, text(&invited, "install_url"), sample::CORP).await;
            (invited, back_with(&back))
        };
        let refused = fixture.admin().call("POST", "installations/returned", Some(back)).await;
        assert_eq!(refused.refusal(), (409, "IN-109"), "{}", refused.body);
        let told = invitation(&fixture, &invited).await;
        assert_eq!(
            (&told["stage"], &told["problem"]["number"]),
            (&json!("failed"), &json!("IN-109")),
            "{told}"
        );
    }
);
