//! Where people's e-mail addresses come from, and when one is called verified.

use serde_json::{Value, json};
use simulator::sample;

use crate::{
    actors::{Browser, Portal, id, text},
    claims::told,
    fixture::{Fixture, START},
    scenario,
};

const TEMPLATE: &str = "{userid}@corp.example";

/// What userinfo tells of the address: the address and its verification.
async fn address(portal: &Portal, browser: &Browser) -> (Value, Value) {
    let (info, _) = told(portal, browser, "openid email").await;
    let of = |claim: &str| info.get(claim).cloned().unwrap_or_default();
    (of("email"), of("email_verified"))
}

fn made(verified: Value) -> (Value, Value) {
    (json!("lihua@corp.example"), verified)
}

/// The first sample corp through an app that may read addresses, and those of two people there: corporate, own.
async fn connect_to_old_app(fixture: &Fixture, extra: Value) -> String {
    fixture.edit_corp(|corp| {
        for (userid, biz_mail, email) in [
            (sample::NORMAL, "hua@biz.example", "hua@own.example"),
            (sample::ADMIN, "", "san@own.example"),
        ] {
            let member = corp.member_mut(userid).unwrap();
            biz_mail.clone_into(&mut member.sensitive.biz_mail);
            email.clone_into(&mut member.sensitive.email);
        }
    });
    let mut body = json!({
        "contacts_secret": null,
        "app": { "agent_id": sample::OLD_AGENT_ID, "secret": sample::OLD_APP_SECRET },
    });
    crate::fixture::lay_over(&mut body, extra);
    id(&fixture.connect_with(body).await).to_owned()
}

scenario!(
    addresses_come_from_the_sources_in_their_order,
    |fixture: Fixture| async move {
        let admin = fixture.admin();
        let source = connect_to_old_app(&fixture, json!({})).await;
        let view = admin.get(&format!("data-sources/{source}")).await;
        assert_eq!(view["email_sources"], json!(["biz_mail", "email"]), "the default");
        assert_eq!(
            view["vouched_email_domains"],
            json!([]),
            "nobody is vouched for by default"
        );
        let email = async |userid: &str| admin.user(userid).await["email"].clone();
        assert_eq!(email(sample::NORMAL).await, "hua@biz.example", "corporate mail first");
        assert_eq!(
            email(sample::ADMIN).await,
            "san@own.example",
            "their own where there is none"
        );
        for (sources, first, second) in [
            (json!(["email", "biz_mail"]), "hua@own.example", "san@own.example"),
            (json!(["biz_mail", TEMPLATE]), "hua@biz.example", "san@own.example"),
        ] {
            let change = json!({ "email_sources": sources });
            admin.change(&format!("data-sources/{source}"), change).await;
            fixture.sync(&source).await;
            assert_eq!(email(sample::NORMAL).await, first);
            assert_eq!(
                email(sample::ADMIN).await,
                second,
                "what WeCom gave once is not forgotten"
            );
        }
        for wrong in [
            json!(["mobile"]),
            json!([TEMPLATE, "email"]),
            json!(["boss@corp.example"]),
            json!("email"),
        ] {
            let change = json!({ "email_sources": wrong });
            let refused = admin
                .call("PATCH", &format!("data-sources/{source}"), Some(change))
                .await;
            assert!(
                matches!(refused.status, 400 | 422),
                "{} {}",
                refused.status,
                refused.body
            );
        }
    }
);

scenario!(
    an_address_is_verified_while_an_admin_vouches_for_its_domain_and_never_called_unverified,
    |fixture: Fixture| async move {
        let admin = fixture.admin();
        // Whatever the rule for duplicates says about the values of people who are there already.
        let source = fixture.connect_with(json!({ "duplicate_rule": "skip" })).await;
        let path = format!("data-sources/{}", id(&source));
        let portal = fixture.portal("wiki", json!({})).await;
        let browser = fixture.browser();
        portal.tokens(&fixture, &browser, sample::NORMAL).await;
        let nothing = (Value::Null, Value::Null);
        assert_eq!(address(&portal, &browser).await, nothing);
        let sources = json!({ "email_sources": ["biz_mail", "email", TEMPLATE] });
        admin.change(&path, sources).await;
        assert_eq!(
            address(&portal, &browser).await,
            made(Value::Null),
            "at once, and left out rather than false"
        );
        let user = admin.user(sample::NORMAL).await;
        assert_eq!(user["sources"]["email"]["from"], "template");
        admin
            .change(&path, json!({ "vouched_email_domains": ["other.example"] }))
            .await;
        assert_eq!(address(&portal, &browser).await, made(Value::Null));
        let vouched = json!({ "vouched_email_domains": ["Corp.Example"] });
        let view = admin.change(&path, vouched).await;
        let statement = &view["vouched_email_domains"][0];
        assert_eq!(
            (&statement["domain"], &statement["vouched_at"]),
            (&json!("corp.example"), &json!(START * 1000))
        );
        let said = admin.items("audit-events?kind=configured").await;
        let recorded = said.iter().any(|event| {
            event["actor"] == statement["vouched_by"] && event["detail"]["fields"] == json!(["vouched_email_domains"])
        });
        assert!(recorded, "{statement} in {said:?}");
        assert_eq!(address(&portal, &browser).await, made(json!(true)));
        fixture.sync(id(&source)).await;
        assert_eq!(
            address(&portal, &browser).await,
            made(json!(true)),
            "a sync changes nothing"
        );
        admin.change(&path, json!({ "vouched_email_domains": [] })).await;
        assert_eq!(address(&portal, &browser).await, made(Value::Null), "taken back");
        admin.change(&path, json!({ "email_sources": ["biz_mail"] })).await;
        assert_eq!(address(&portal, &browser).await, nothing, "the template is gone");
        let wild = json!({ "vouched_email_domains": ["*.example"] });
        assert_eq!(admin.call("PATCH", &path, Some(wild)).await.status, 422);
        let operator = fixture.admin_with_role("operator").await;
        let vouched = json!({ "vouched_email_domains": ["corp.example"] });
        assert_eq!(operator.call("PATCH", &path, Some(vouched)).await.status, 403);
    }
);

scenario!(
    an_address_of_two_people_or_typed_in_is_verified_for_nobody,
    |fixture: Fixture| async move {
        let admin = fixture.admin();
        let vouched = json!({ "vouched_email_domains": ["biz.example", "own.example"] });
        let source = connect_to_old_app(&fixture, vouched).await;
        let verified = async |userid: &str| admin.user(userid).await["email_verified"] == true;
        assert!(verified(sample::NORMAL).await && verified(sample::ADMIN).await);
        // Somebody takes a colleague's address in WeCom.
        let edit = |userid: &str, address: &str| {
            fixture.edit_corp(|corp| {
                let member = corp.member_mut(userid).unwrap();
                address.clone_into(&mut member.sensitive.email);
            });
        };
        edit(sample::ADMIN, "HUA@biz.example");
        fixture.sync(&source).await;
        assert!(!verified(sample::NORMAL).await && !verified(sample::ADMIN).await);
        edit(sample::ADMIN, "san@own.example");
        fixture.sync(&source).await;
        assert!(verified(sample::NORMAL).await && verified(sample::ADMIN).await);
        // An admin or operator types it in for somebody made here, then for somebody of the corp.
        let operator = fixture.admin_with_role("operator").await;
        let guest = json!({ "username": "guest", "email": "Hua@biz.example" });
        let guest = operator.create("users", guest).await;
        assert!(!verified(sample::NORMAL).await && !verified("guest").await);
        let free = json!({ "email": null });
        operator.change(&format!("users/{}", id(&guest)), free).await;
        fixture.sync(&source).await;
        assert!(verified(sample::NORMAL).await);
        let path = format!("users/{}", admin.user_id(sample::NORMAL).await);
        operator.change(&path, json!({ "email": "boss@biz.example" })).await;
        assert!(!verified(sample::NORMAL).await, "typed in");
        // With the data source goes whoever vouched.
        admin.call("DELETE", &format!("data-sources/{source}"), None).await;
        assert!(!verified(sample::ADMIN).await);
    }
);

scenario!(
    a_made_up_address_is_nobodys_if_somebody_has_it,
    |fixture: Fixture| async move {
        let admin = fixture.admin();
        let guest = json!({ "username": "guest", "email": "LiHua@corp.example" });
        let guest = admin.create("users", guest).await;
        let template = json!({ "email_sources": [TEMPLATE], "vouched_email_domains": ["corp.example"] });
        let source = fixture.connect_with(template).await;
        let user = admin.user(sample::NORMAL).await;
        assert_eq!((&user["email"], &user["email_verified"]), (&Value::Null, &json!(false)));
        assert_eq!(admin.user(sample::ADMIN).await["email_verified"], true);
        admin
            .change(&format!("users/{}", id(&guest)), json!({ "email": null }))
            .await;
        fixture.sync(id(&source)).await;
        let user = admin.user(sample::NORMAL).await;
        assert_eq!(
            (&user["email"], &user["email_verified"]),
            (&json!("lihua@corp.example"), &json!(true))
        );
    }
);

scenario!(
    the_answer_to_a_new_client_says_what_its_people_lack,
    |fixture: Fixture| async move {
        let admin = fixture.admin();
        let source = fixture.connect().await;
        let register = async |name: &str, extra: Value| {
            let mut body = json!({ "name": name, "redirect_uris": ["https://wiki.portal.example/cb"] });
            crate::fixture::lay_over(&mut body, extra);
            let made = fixture.admin().create("clients", body).await;
            made["warnings"].as_array().unwrap().clone()
        };
        let mut people = admin.items("users?limit=200").await;
        people.retain(|user| user["status"] == "active");
        let people = people.len();
        let told = register("one", json!({})).await;
        assert_eq!(told.len(), 1, "{told:?}");
        let expected = format!("email: {people} of {people} people have no e-mail address");
        assert!(told[0].as_str().unwrap().starts_with(&expected), "{told:?}");
        assert!(
            register("two", json!({ "scopes": ["openid", "profile"] }))
                .await
                .is_empty()
        );
        let path = format!("data-sources/{}", id(&source));
        admin.change(&path, json!({ "email_sources": [TEMPLATE] })).await;
        let unproven = |told: &[Value]| {
            told.iter()
                .any(|told| told.as_str().unwrap().starts_with("email_verified:"))
        };
        let told = register("three", json!({})).await;
        assert!(unproven(&told), "{told:?}");
        admin
            .change(&path, json!({ "vouched_email_domains": ["corp.example"] }))
            .await;
        let told = register("four", json!({})).await;
        assert!(!unproven(&told), "{told:?}");
        assert_eq!(text(&admin.user(sample::NORMAL).await, "email"), "lihua@corp.example");
    }
);
