//! Where a value comes from, and pinning it (docs/operations.md): an admin's edit is never silently lost, and WeCom's is never mistaken for it.

mod upgrade;

use serde_json::{Value, json};
use simulator::{sample, world::Corp};

use crate::{
    actors::{Browser, Portal, id},
    claims::told,
    fixture::{Fixture, START},
    scenario,
};

/// Each field that WeCom fills, what WeCom says, and what an admin types in.
const FIELDS: [(&str, &str, &str); 6] = [
    ("display_name", "李华", "李桦"),
    ("email", "hua@own.example", "hua@else.example"),
    ("phone_number", "13800001111", "+86 19900000009"),
    ("picture", "https://w.example/hua/0", "https://p.example/hua"),
    ("profile.nickname", "小李", "阿华"),
    ("profile.gender", "female", "other"),
];

/// 李华 with everything, as an app from before June 2022 is shown it. Answers the data source.
async fn connect(fixture: &Fixture, extra: Value) -> String {
    fixture.edit_corp(|corp| {
        let member = corp.member_mut(sample::NORMAL).unwrap();
        "小李".clone_into(&mut member.alias);
        for (slot, value) in [
            (&mut member.sensitive.mobile, "13800001111"),
            (&mut member.sensitive.email, "hua@own.example"),
            (&mut member.sensitive.biz_mail, ""),
            (&mut member.sensitive.gender, "2"),
            (&mut member.sensitive.avatar, "https://w.example/hua/0"),
        ] {
            value.clone_into(slot);
        }
    });
    let mut body = json!({
        "contacts_secret": null,
        "app": { "agent_id": sample::OLD_AGENT_ID, "secret": sample::OLD_APP_SECRET },
    });
    crate::fixture::lay_over(&mut body, extra);
    id(&fixture.connect_with(body).await).to_owned()
}

fn rename(corp: &mut Corp, name: &str) {
    name.clone_into(&mut corp.member_mut(sample::NORMAL).unwrap().name);
}

async fn path(fixture: &Fixture) -> String {
    format!("users/{}", fixture.admin().user_id(sample::NORMAL).await)
}

/// The value of a field of a user, by its place.
fn value<'a>(user: &'a Value, field: &str) -> &'a Value {
    field.split('.').fold(user, |at, name| &at[name])
}

/// A change of a field.
fn change(field: &str, value: impl Into<Value>) -> Value {
    let value = value.into();
    match field.split_once('.') {
        Some((parent, name)) => json!({ parent: { name: value } }),
        None => json!({ field: value }),
    }
}

/// The run's remarks on pins.
async fn remarks(fixture: &Fixture, run: &Value) -> Vec<String> {
    let path = format!("sync-runs/{}/rows?limit=200&outcome=pinned", id(run));
    let rows = fixture.admin().items(&path).await;
    rows.iter()
        .map(|row| row["reason"].as_str().unwrap().to_owned())
        .collect()
}

async fn address(portal: &Portal, browser: &Browser) -> (Value, Value) {
    let (info, _) = told(portal, browser, "openid email").await;
    let of = |claim: &str| info.get(claim).cloned().unwrap_or_default();
    (of("email"), of("email_verified"))
}

scenario!(
    an_edit_stays_through_syncs_until_it_is_given_back,
    |fixture: Fixture| async move {
        let admin = fixture.admin();
        let source = connect(&fixture, json!({})).await;
        let path = path(&fixture).await;
        let user = admin.get(&path).await;
        for (field, wecoms, _) in FIELDS {
            assert_eq!(value(&user, field), wecoms, "{field}");
            assert_eq!(
                user["sources"][field],
                json!({ "from": "wecom", "data_source_id": source, "at": START * 1000, "pinned": false }),
                "{field}"
            );
        }
        for (field, wecoms, typed) in FIELDS {
            let changed = admin.change(&path, change(field, typed)).await;
            let told = &changed["sources"][field];
            assert_eq!(
                (&told["from"], &told["pinned"]),
                (&json!("admin"), &json!(true)),
                "{field}"
            );
            assert_eq!(
                (&told["at"], &told["wecom_value"]),
                (&json!(START * 1000), &json!(wecoms)),
                "{field}"
            );
            assert!(
                told["actor"].as_str().is_some_and(|actor| actor.starts_with("token:")),
                "{told}"
            );
        }
        let before = admin.get(&path).await;
        let run = fixture.sync(&source).await;
        assert_eq!(
            (&run["counts"]["updated"], remarks(&fixture, &run).await.len()),
            (&json!(0), 0),
            "{run}"
        );
        assert_eq!(admin.get(&path).await, before, "a sync changes nothing that is pinned");
        for (field, wecoms, typed) in FIELDS {
            let rest: Vec<&str> = FIELDS
                .iter()
                .map(|(field, ..)| *field)
                .filter(|other| *other != field)
                .collect();
            let given_back = admin.change(&path, json!({ "pinned": rest })).await;
            assert_eq!(value(&given_back, field), typed, "not before the next sync");
            fixture.sync(&source).await;
            let user = admin.get(&path).await;
            assert_eq!(value(&user, field), wecoms, "{field}");
            assert_eq!(
                (&user["sources"][field]["from"], &user["sources"][field]["pinned"]),
                (&json!("wecom"), &json!(false))
            );
            for (other, _, typed) in FIELDS.iter().filter(|(other, ..)| *other != field) {
                assert_eq!(value(&user, other), *typed, "{other}, while {field} was given back");
            }
            admin.change(&path, change(field, typed)).await;
        }
    }
);

scenario!(
    what_a_pin_keeps_out_is_said_once_and_portals_are_told_the_pinned_value,
    |fixture: Fixture| async move {
        let admin = fixture.admin();
        let source = connect(&fixture, json!({})).await;
        let path = path(&fixture).await;
        let portal = fixture
            .portal("wiki", json!({ "metadata": { "id_token_claims": "scopes" } }))
            .await;
        let browser = fixture.browser();
        portal.tokens(&fixture, &browser, sample::NORMAL).await;
        admin
            .change(&path, json!({ "display_name": "李桦", "phone_number": null }))
            .await;
        fixture.edit_corp(|corp| rename(corp, "李华华"));
        let run = fixture.sync(&source).await;
        let said = remarks(&fixture, &run).await;
        assert!(
            said.len() == 1 && said[0].ends_with("keeps out: display_name"),
            "{said:?}"
        );
        assert!(!said[0].contains("李"), "no values: {said:?}");
        let user = admin.get(&path).await;
        assert_eq!(user["sources"]["display_name"]["wecom_value"], "李华华");
        assert_eq!(
            (&user["phone_number"], &user["sources"]["phone_number"]["wecom_value"]),
            (&Value::Null, &json!("13800001111")),
            "emptied, and stays so"
        );
        let again = fixture.sync(&source).await;
        assert_eq!(
            (&again["counts"]["updated"], remarks(&fixture, &again).await.len()),
            (&json!(0), 0),
            "{again}"
        );
        let (info, token) = told(&portal, &browser, "openid profile phone").await;
        for document in [&info, &token] {
            assert_eq!(document["name"], "李桦", "{document}");
            assert!(document.get("phone_number").is_none(), "{document}");
        }
        admin.change(&path, json!({ "pinned": [] })).await;
        fixture.sync(&source).await;
        let (info, _) = told(&portal, &browser, "openid profile phone").await;
        assert_eq!(
            (&info["name"], &info["phone_number"]),
            (&json!("李华华"), &json!("13800001111"))
        );
    }
);

scenario!(
    a_pinned_address_is_verified_only_while_wecom_gives_it,
    |fixture: Fixture| async move {
        let admin = fixture.admin();
        let vouched = json!({ "vouched_email_domains": ["own.example"] });
        let source = connect(&fixture, vouched).await;
        let path = path(&fixture).await;
        let portal = fixture.portal("wiki", json!({})).await;
        let browser = fixture.browser();
        portal.tokens(&fixture, &browser, sample::NORMAL).await;
        let verified = (json!("hua@own.example"), json!(true));
        admin.change(&path, json!({ "pinned": ["email"] })).await;
        assert_eq!(address(&portal, &browser).await, verified, "pinning changes no value");
        let sync_with = async |email: &str| {
            fixture.edit_corp(|corp| email.clone_into(&mut corp.member_mut(sample::NORMAL).unwrap().sensitive.email));
            fixture.sync(&source).await;
            address(&portal, &browser).await
        };
        let kept = (json!("hua@own.example"), Value::Null);
        assert_eq!(
            sync_with("li@own.example").await,
            kept,
            "perhaps it is another's mailbox by now"
        );
        assert_eq!(sync_with("hua@own.example").await, verified);
        let typed = admin.change(&path, json!({ "email": "li@own.example" })).await;
        assert_eq!(
            (&typed["email_verified"], &typed["sources"]["email"]["pinned"]),
            (&json!(false), &json!(true))
        );
        let typed = (json!("li@own.example"), Value::Null);
        assert_eq!(address(&portal, &browser).await, typed);
        assert_eq!(
            sync_with("hua@own.example").await,
            typed,
            "an admin's address is nobody's proof"
        );
        admin.change(&path, json!({ "email": null })).await;
        let template = json!({ "email_sources": ["email", "{userid}@own.example"] });
        admin.change(&format!("data-sources/{source}"), template).await;
        fixture.sync(&source).await;
        assert_eq!(
            address(&portal, &browser).await,
            (Value::Null, Value::Null),
            "no template fills what is pinned"
        );
        admin.change(&path, json!({ "pinned": [] })).await;
        fixture.sync(&source).await;
        assert_eq!(address(&portal, &browser).await, verified);
    }
);

scenario!(
    overwrite_replaces_of_a_local_user_what_wecom_gives_and_nobody_pinned,
    |fixture: Fixture| async move {
        let admin = fixture.admin();
        let local = json!({
            "username": sample::NORMAL, "display_name": "Old words", "phone_number": "110",
            "profile": { "website": "https://w.example/", "nickname": "老华" },
        });
        let local = admin.create("users", local).await;
        let path = format!("users/{}", id(&local));
        admin.change(&path, json!({ "pinned": ["profile.nickname"] })).await;
        fixture.edit_corp(|corp| "小李".clone_into(&mut corp.member_mut(sample::NORMAL).unwrap().alias));
        // An app of today: it is shown names, and neither numbers nor addresses.
        let source = fixture.connect_with(json!({ "duplicate_rule": "skip" })).await;
        let source = id(&source);
        assert_eq!(admin.get(&path).await["display_name"], "Old words", "skipped");
        let overwrite = json!({ "duplicate_rule": "overwrite" });
        admin.change(&format!("data-sources/{source}"), overwrite).await;
        fixture.sync(source).await;
        let user = admin.get(&path).await;
        let of = |field: &str| (&user["sources"][field]["from"], value(&user, field));
        assert_eq!(of("display_name"), (&json!("wecom"), &json!("李华")));
        assert_eq!(
            of("phone_number"),
            (&json!("admin"), &json!("110")),
            "withheld or empty: it stays"
        );
        assert_eq!(of("profile.nickname"), (&json!("admin"), &json!("老华")), "pinned");
        assert_eq!(of("profile.website"), (&json!("admin"), &json!("https://w.example/")));
        assert_eq!(user["sources"]["profile.nickname"]["wecom_value"], "小李");
        // A pin keeps a value, never a person.
        let everything = FIELDS.map(|(field, ..)| field);
        admin.change(&path, json!({ "pinned": everything })).await;
        fixture.edit_corp(|corp| corp.remove_member(sample::NORMAL).unwrap());
        fixture.sync(source).await;
        let left = admin.get(&path).await;
        assert_eq!(
            (&left["status"], &left["disabled_reason"]),
            (&json!("disabled"), &json!("departed"))
        );
    }
);

scenario!(pins_that_make_no_sense_change_nothing, |fixture: Fixture| async move {
    let admin = fixture.admin();
    connect(&fixture, json!({})).await;
    let path = path(&fixture).await;
    let before = admin.get(&path).await;
    for (pinned, refusal, place) in [
        (json!(["status"]), (422, "DI-101"), "pinned[0]"),
        (json!(["email", "console_role"]), (422, "DI-101"), "pinned[1]"),
        (json!(["locale"]), (422, "DI-101"), "pinned[0]"),
        (json!(["nickname"]), (422, "DI-101"), "pinned[0]"),
        (json!(["email", "email"]), (422, "DI-101"), "pinned[1]"),
        (json!(["email", "'; drop table users"]), (422, "DI-101"), "pinned[1]"),
        (json!("email"), (400, "WB-101"), "pinned"),
        (json!(null), (400, "WB-101"), "pinned"),
        (json!([1]), (400, "WB-101"), "pinned"),
        (json!({ "email": true }), (400, "WB-101"), "pinned"),
    ] {
        let body = json!({ "display_name": "李桦", "pinned": pinned });
        let reply = admin.call("PATCH", &path, Some(body)).await;
        assert_eq!(reply.refusal(), refusal, "{pinned}: {}", reply.body);
        let told = reply.body.to_string();
        assert!(told.contains(place), "{pinned}: {told}");
        assert!(!told.contains("console_role") && !told.contains("drop table"), "{told}");
    }
    let auditor = fixture.admin_with_role("auditor").await;
    let refused = auditor.call("PATCH", &path, Some(json!({ "pinned": [] }))).await;
    assert_eq!(refused.status, 403);
    assert_eq!(admin.get(&path).await, before);
    admin.change(&path, json!({ "pinned": ["email"] })).await;
    let events = admin.items("audit-events?kind=configured").await;
    let subject = format!("user:{}", id(&before));
    let told = |event: &Value| event["subject"] == subject && event["detail"]["fields"] == json!(["pinned"]);
    assert!(events.iter().any(told), "{events:?}");
});
