//! How many people have which field, by data source and by portal, and who lacks one (docs/claims.md).

use std::collections::BTreeSet;

use serde_json::{Value, json};
use simulator::sample;

use crate::{
    access_checks::listed,
    actors::Admin,
    console::{at_work, sent, shown},
    fixture::{ADMIN_TOKEN, Fixture, lay_over},
    private_fields::{agree, answer_at_wecom, begin, inside, offers, requiring},
    scenario,
};

/// Runs `menjin coverage` against the server, as an admin; what it printed.
async fn command(fixture: &Fixture, arguments: &[&str]) -> String {
    let mut command = tokio::process::Command::new(env!("CARGO_BIN_EXE_menjin"));
    command
        .args(["coverage", "--server", &fixture.base])
        .args(arguments)
        .env("MENJIN_TOKEN", ADMIN_TOKEN);
    let output = command.output().await.unwrap();
    String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned()
}

/// What was counted of a field.
fn of<'a>(coverage: &'a Value, field: &str) -> &'a Value {
    let fields = coverage["fields"].as_array().unwrap();
    fields.iter().find(|of| of["field"] == field).unwrap()
}

async fn names(admin: &Admin, query: &str) -> Vec<String> {
    let users = admin.items(&format!("users?limit=200&status=active&{query}")).await;
    let mut names: Vec<String> = users
        .iter()
        .map(|user| user["username"].as_str().unwrap().to_owned())
        .collect();
    names.sort();
    names
}

scenario!(
    a_data_source_counts_what_its_people_have_and_lists_who_lacks_it,
    |fixture: Fixture| async move {
        let (portal, source) = requiring(&fixture, &["email"]).await;
        let admin = fixture.admin();
        let all = names(&admin, &format!("data_source={source}")).await;
        let path = format!("data-sources/{source}/coverage");
        let before = admin.get(&path).await;
        let people = all.len();
        assert_eq!(
            (&before["people"], &before["lacking"], &of(&before, "email")["with"]),
            (&json!(people), &json!(0), &json!(0))
        );
        assert_eq!(of(&before, "display_name")["percent"], 100);
        assert_eq!(of(&before, "email")["needed"], false);
        agree(&portal, &inside(&fixture), &["biz_mail"]).await;
        let after = admin.get(&path).await;
        let email = of(&after, "email");
        assert_eq!(
            (&email["with"], &email["without"], &email["verified"]),
            (&json!(1), &json!(people - 1), &json!(0))
        );
        let lacking = names(&admin, &format!("data_source={source}&lacks=email")).await;
        assert_eq!(lacking.len(), people - 1);
        assert!(!lacking.contains(&sample::NORMAL.to_owned()));
        assert_eq!(names(&admin, "lacks=display_name").await, Vec::<String>::new());
        assert_eq!(names(&admin, "lacks=display_name,email").await, lacking, "any of them");
        admin.disable(sample::ADMIN).await;
        assert_eq!(admin.get(&path).await["people"], people - 1, "active ones");
        let csv = fixture
            .admin()
            .status("GET", &format!("users.csv?data_source={source}&lacks=email"), None)
            .await;
        assert_eq!(csv.0, 200);
        assert!(!csv.1.contains(&format!(",{},", sample::NORMAL)), "{}", csv.1);
        for wrong in ["lacks=locale", "lacks=email,", "client=nobody"] {
            let refused = admin.call("GET", &format!("users?{wrong}"), None).await;
            assert!(matches!(refused.status, 400 | 404 | 422), "{wrong} {}", refused.body);
        }
    }
);

scenario!(
    a_portal_counts_whom_its_lists_let_in_and_who_lacks_what_it_requires,
    |fixture: Fixture| async move {
        let (_, source) = requiring(&fixture, &["email", "display_name"]).await;
        let admin = fixture.admin();
        let everybody = admin.get("clients/wiki/coverage").await;
        assert_eq!(everybody["people"], everybody["lacking"], "nobody has an address");
        assert_eq!(of(&everybody, "email")["needed"], true);
        let departments = admin
            .items(&format!("departments?data_source={source}&limit=200"))
            .await;
        for department in &departments {
            let change = json!({ "allowed_departments": [department["id"]], "allowed_users": [] });
            admin.change("clients/wiki", change).await;
            let counted = admin.get("clients/wiki/coverage").await["people"].clone();
            let listed = names(&admin, "client=wiki").await;
            assert_eq!(counted, listed.len(), "{department}");
        }
        let id = admin.user_id(sample::NORMAL).await;
        let change = json!({ "allowed_departments": [], "allowed_users": [id] });
        admin.change("clients/wiki", change).await;
        assert_eq!(names(&admin, "client=wiki").await, [sample::NORMAL]);
        let one = admin.get("clients/wiki/coverage").await;
        assert_eq!((&one["people"], &one["lacking"]), (&json!(1), &json!(1)));
        admin
            .change(&format!("users/{id}"), json!({ "email": "hua@corp.example" }))
            .await;
        let one = admin.get("clients/wiki/coverage").await;
        assert_eq!((&one["people"], &one["lacking"]), (&json!(1), &json!(0)));
        let auditor = fixture.admin_with_role("auditor").await;
        assert_eq!(auditor.call("GET", "clients/wiki/coverage", None).await.status, 200);
        assert_eq!(admin.call("GET", "clients/nobody/coverage", None).await.status, 404);
    }
);

scenario!(
    whom_the_lists_let_in_the_gate_lets_in_too_and_nobody_else,
    |fixture: Fixture| async move {
        let (portal, source) = requiring(&fixture, &["email"]).await;
        let admin = fixture.admin();
        admin.create("users", json!({ "username": "of-no-corp" })).await;
        let admitted = async || -> BTreeSet<String> {
            let people = listed(&fixture, &portal, "&admitted=true").await;
            let names = people
                .values()
                .map(|item| item["username"].as_str().unwrap().to_owned());
            let names: BTreeSet<String> = names.collect();
            let counts = admin.get("clients/wiki/access-checks/counts").await;
            assert_eq!(counts["admitted"], names.len(), "{counts}");
            names
        };
        let everybody = admitted().await;
        let path = format!("departments?data_source={source}&limit=200");
        let departments = admin.items(&path).await;
        let auth_source = fixture.auth_source(sample::CORP).await["id"].clone();
        let person = admin.user_id(sample::BY_PICK).await;
        let mut lists = vec![
            json!({ "auth_sources": [auth_source] }),
            json!({ "allowed_users": [person] }),
        ];
        for department in departments.iter().take(6) {
            lists.push(json!({ "allowed_departments": [department["id"]], "allowed_users": [person] }));
            lists.push(json!({ "allowed_departments": [department["id"]], "auth_sources": [auth_source] }));
        }
        for list in lists {
            let mut change = json!({ "auth_sources": null, "allowed_departments": [], "allowed_users": [] });
            lay_over(&mut change, list.clone());
            admin.change("clients/wiki", change).await;
            let let_in: BTreeSet<String> = names(&admin, "client=wiki").await.into_iter().collect();
            assert_eq!(
                admin.get("clients/wiki/coverage").await["people"],
                let_in.len(),
                "{list}"
            );
            let wanted: BTreeSet<String> = let_in.intersection(&everybody).cloned().collect();
            assert_eq!(admitted().await, wanted, "{list}");
            let local = let_in.contains("of-no-corp");
            assert!(!local || list.get("auth_sources").is_none(), "{list}");
        }
    }
);

scenario!(
    who_has_a_field_by_now_no_longer_counts_among_those_who_declined_it,
    |fixture: Fixture| async move {
        let (portal, source) = requiring(&fixture, &["email"]).await;
        let browser = inside(&fixture);
        let offer = begin(&portal, &browser).await;
        browser.submit(&offer.url, &[]).await;
        let admin = fixture.admin();
        let declined = async || {
            let coverage = admin.get(&format!("data-sources/{source}/coverage")).await;
            of(&coverage, "email")["declined"].clone()
        };
        assert_eq!(declined().await, 1);
        let path = format!("users/{}", admin.user_id(sample::NORMAL).await);
        admin.change(&path, json!({ "email": "hua@corp.example" })).await;
        assert_eq!(declined().await, 0);
    }
);

scenario!(
    an_operator_has_people_asked_again_for_what_wecom_did_not_pass_on,
    |fixture: Fixture| async move {
        let (portal, source) = requiring(&fixture, &["email", "phone_number"]).await;
        let browser = inside(&fixture);
        agree(&portal, &browser, &["biz_mail"]).await;
        let asked = async || offers(&begin(&portal, &inside(&fixture)).await);
        assert!(!asked().await);
        let operator = fixture.admin_with_role("operator").await;
        let path = format!("data-sources/{source}/ask-again");
        let told = command(&fixture, &["--data-source", sample::CORP, "--ask-again"]).await;
        assert!(told.contains("\n1 people are asked again"), "{told}");
        assert!(asked().await, "by the command line");
        let told = command(&fixture, &["--portal", "wiki", "--ask-again"]).await;
        assert!(told.contains("cannot be used with"), "{told}");
        agree(&portal, &browser, &["biz_mail"]).await;
        assert!(!asked().await);
        let answer = operator.call("POST", &path, None).await;
        assert_eq!((answer.status, &answer.body), (200, &json!({ "people": 1 })));
        let offer = begin(&portal, &inside(&fixture)).await;
        assert!(offer.body.contains("mobile number"), "{}", offer.body);
        answer_at_wecom(&browser, &begin(&portal, &browser).await, "allow", &[]).await;
        assert!(!asked().await);
        let at_console = at_work(&fixture, "owner").await;
        let place = format!("/console/wecom/{source}");
        let page = shown(&fixture, &at_console, &place).await;
        let button = page.link("/ask-again");
        let done = sent(&fixture, &at_console, &format!("{place}/ask-again"), &[]).await;
        assert!(button.contains(&source) && done.status == 200, "{}", done.body);
        assert!(asked().await);
        let page = begin(&portal, &browser).await;
        browser.submit(&page.url, &[]).await;
        assert_eq!(operator.call("POST", &path, None).await.body, json!({ "people": 0 }));
        assert!(!asked().await, "who declined is left in peace");
        let said = fixture.admin().items("audit-events?kind=configured").await;
        let asked_again = said.iter().filter(|event| event["detail"]["action"] == "asked_again");
        assert_eq!(asked_again.count(), 4);
    }
);

scenario!(
    the_command_line_counts_and_names_who_lacks_something,
    |fixture: Fixture| async move {
        requiring(&fixture, &["email"]).await;
        let told = command(&fixture, &["--portal", "wiki", "--lacks", "needed"]).await;
        assert!(told.contains("lack a needed field"), "{told}");
        assert!(told.contains("needed") && told.contains(sample::NORMAL), "{told}");
        let told = command(&fixture, &["--data-source", sample::CORP]).await;
        assert!(told.contains("display_name") && told.contains("100 %"), "{told}");
        assert!(!told.contains("needed"), "of a data source nothing is: {told}");
    }
);

scenario!(
    the_console_shows_coverage_leads_to_who_lacks_something_and_says_what_came_by_consent,
    |fixture: Fixture| async move {
        let (portal, source) = requiring(&fixture, &[]).await;
        let browser = at_work(&fixture, "owner").await;
        let edit = format!("/console/portals/{}/edit", portal.id);
        let page = shown(&fixture, &browser, &edit).await;
        let redirect_uri = fixture.admin().get("clients/wiki").await["redirect_uris"][0].clone();
        let fields = [
            ("version", page.field("version")),
            ("name", "wiki".to_owned()),
            ("redirect_uris", redirect_uri.as_str().unwrap().to_owned()),
            ("enabled", "on".to_owned()),
            ("scopes", "openid".to_owned()),
            ("scopes", "email".to_owned()),
            ("scopes", "profile".to_owned()),
            ("scopes", "phone".to_owned()),
            ("metadata.required_fields", "email".to_owned()),
            ("access_token_lifetime", "600".to_owned()),
            ("id_token_lifetime", "600".to_owned()),
            ("refresh_token_lifetime", "2592000".to_owned()),
            ("membership_max_age", "900".to_owned()),
            ("membership_grace", "14400".to_owned()),
        ];
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let saved = sent(&fixture, &browser, &edit, &fields).await;
        assert_eq!(saved.status, 200, "{}", saved.body);
        let client = fixture.admin().get("clients/wiki").await;
        assert_eq!(client["metadata"]["required_fields"], json!(["email"]));
        agree(&portal, &inside(&fixture), &["biz_mail"]).await;
        let page = shown(&fixture, &browser, &format!("/console/portals/{}", portal.id)).await;
        assert!(
            page.body.contains("of them lack a field that is needed"),
            "{}",
            page.body
        );
        let lacking = browser.open(&page.link("lacks=email")).await;
        let person = format!("/console/people/{}", fixture.admin().user_id(sample::NORMAL).await);
        assert!(
            lacking.status == 200 && !lacking.body.contains(&person),
            "{}",
            lacking.body
        );
        let page = shown(&fixture, &browser, &format!("/console/wecom/{source}")).await;
        let lacking = browser.open(&page.link("lacks=phone_number")).await;
        assert!(lacking.body.contains(&person), "{}", lacking.body);
        let page = shown(&fixture, &browser, &person).await;
        assert!(page.body.contains("WeCom, with their consent"), "{}", page.body);
    }
);
