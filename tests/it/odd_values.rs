//! What members and admins type in WeCom, and what WeCom makes of it on the wire: nothing of it ends or freezes a sync, and portals get
//! values they can rely on.

mod departments;

use serde_json::{Value, json};
use simulator::{
    sample,
    world::{Corp, Fault, FaultKind, Member},
};

use crate::{
    actors::{As, id, id_claims, text},
    claims::userinfo,
    fixture::Fixture,
    scenario,
    sync::{member, runs_of},
};

/// What people and programs put into fields.
const ODD: [&str; 20] = [
    "\0",
    "a\0b",
    "\u{1}\u{1f}\u{7f}\u{80}\u{9f}",
    "\u{202e}gnp.exe",
    "\u{2066}x\u{2069}",
    "a\nb\r\nc\td",
    "a\u{2028}b\u{2029}c",
    "\u{feff}x",
    "\u{200d}",
    "null",
    "undefined",
    " ",
    "\"quoted\\",
    "'; DROP TABLE member; --",
    "<script>alert(1)</script>",
    "{userid}",
    "a@b@c",
    "javascript:alert(1)",
    "👨\u{200d}👩\u{200d}👧",
    "\u{fffe}\u{10ffff}",
];

/// The first sample corp through an app that may read every field, and the run that imported it.
async fn connected(fixture: &Fixture) -> (Value, Value) {
    let old = json!({
        "contacts_secret": null,
        "app": { "agent_id": sample::OLD_AGENT_ID, "secret": sample::OLD_APP_SECRET },
    });
    let source = fixture.connect_with(old).await;
    let run = runs_of(fixture, &source).await.remove(0);
    (source, run)
}

fn put_into_every_field(member: &mut Member, odd: &str) {
    let private = &mut member.sensitive;
    for field in [
        &mut member.name,
        &mut member.alias,
        &mut member.position,
        &mut private.email,
        &mut private.biz_mail,
        &mut private.mobile,
        &mut private.avatar,
        &mut private.gender,
    ] {
        odd.clone_into(field);
    }
}

/// Names, departments and tags hold oddities.
fn make_odd(corp: &mut Corp) {
    for (number, odd) in ODD.iter().enumerate() {
        let mut odd_member = Member::new(&format!("odd{number}"), "x", &[2]);
        put_into_every_field(&mut odd_member, odd);
        corp.add_member(odd_member);
    }
    let mut long = Member::new("long", "x", &[2]);
    put_into_every_field(&mut long, &"长".repeat(100_000));
    corp.add_member(long);
    for department in corp.departments.values_mut().skip(1) {
        department.name = format!("\u{202e}{}\0\n二部", department.name);
    }
    for tag in corp.tags.values_mut() {
        tag.name = format!("{}\0\r\n{}", tag.name, "长".repeat(100_000));
    }
}

fn is_hidden(c: char) -> bool {
    c.is_control() || ('\u{2028}'..='\u{202e}').contains(&c) || ('\u{2066}'..='\u{2069}').contains(&c)
}

/// Every text in this document is one visible line of a sensible length.
fn assert_clean(document: &Value) {
    match document {
        Value::String(text) => assert!(!text.contains(is_hidden) && text.chars().count() <= 2000, "{text:?}"),
        Value::Array(items) => items.iter().for_each(assert_clean),
        Value::Object(fields) => fields.values().for_each(assert_clean),
        _ => {}
    }
}

fn finding<'a>(run: &'a Value, number: &str) -> Option<&'a Value> {
    let mut findings = run["findings"].as_array().unwrap().iter();
    findings.find(|finding| finding["number"] == number)
}

async fn rows(fixture: &Fixture, run: &Value, outcome: &str) -> Vec<Value> {
    let mut rows = fixture
        .admin()
        .items(&format!("sync-runs/{}/rows?limit=200", id(run)))
        .await;
    rows.retain(|row| row["outcome"] == outcome);
    rows
}

scenario!(
    nothing_that_anybody_types_ends_or_spoils_a_sync,
    |fixture: Fixture| async move {
        let everybody = fixture.edit_corp(|corp| {
            make_odd(corp);
            corp.members.len()
        });
        let (source, run) = connected(&fixture).await;
        assert_eq!(
            (&run["state"], &run["counts"]["malformed"]),
            (&json!("succeeded"), &json!(0)),
            "{run}"
        );
        assert_eq!(run["counts"]["created"], everybody, "{run}");
        let told = finding(&run, "SY-130").unwrap();
        assert!(text(told, "detail").contains("odd0, "), "{told}");
        let adjusted = rows(&fixture, &run, "adjusted").await;
        let odd16 = adjusted.iter().find(|row| row["userid"] == "odd16").unwrap();
        assert!(
            text(odd16, "reason").contains("`email` is not an e-mail address"),
            "{odd16}"
        );
        assert!(!adjusted.iter().any(|row| row["userid"] == sample::NORMAL));
        for list in ["members", "users", "departments", "tags"] {
            assert_clean(&json!(fixture.admin().items(&format!("{list}?limit=200")).await));
        }
        assert_clean(&run);
        let long = member(&fixture, "long").await;
        assert_eq!(text(&long, "name").chars().count(), 200, "{long}");
        // Whoever leaves is out although the oddities stay.
        fixture.edit_corp(|corp| corp.remove_member("odd3"));
        let run = fixture.sync(id(&source)).await;
        assert_eq!(
            (&run["state"], &run["counts"]["departed"]),
            (&json!("succeeded"), &json!(1)),
            "{run}"
        );
        assert_eq!(run["counts"]["updated"], 0, "cleaned the same way each time: {run}");
    }
);

scenario!(
    portals_get_no_value_that_is_malformed_hidden_or_endless,
    |fixture: Fixture| async move {
        fixture.edit_corp(|corp| {
            make_odd(corp);
            let member = corp.member_mut(sample::NORMAL).unwrap();
            put_into_every_field(member, "\u{202e}李\0华");
            put_into_every_field(corp.member_mut(sample::ADMIN).unwrap(), &"x".repeat(100_000));
        });
        connected(&fixture).await;
        let groups = json!({ "where": "both", "ancestors": true, "tags": true });
        let everything = json!({ "metadata": { "claims": { "groups": groups } } });
        let portal = fixture.portal("wiki", everything).await;
        let scope = [("scope", "openid profile email phone groups")];
        for (userid, name) in [(sample::NORMAL, "李华".to_owned()), (sample::ADMIN, "x".repeat(200))] {
            let tokens = portal.tokens_with(&fixture, &fixture.browser(), userid, &scope).await;
            assert!(
                text(&tokens, "id_token").len() < 16_000,
                "{}",
                text(&tokens, "id_token").len()
            );
            for claims in [userinfo(&portal, &tokens).await, id_claims(&tokens)] {
                assert_clean(&claims);
                for claim in ["email", "email_verified", "phone_number", "picture", "gender"] {
                    assert_eq!(claims[claim], Value::Null, "{claims}");
                }
            }
            assert_eq!(userinfo(&portal, &tokens).await["name"], name);
        }
    }
);

scenario!(
    broken_bytes_in_every_reply_cost_themselves_only,
    |fixture: Fixture| async move {
        let splice = |path: &str, find: &str, bytes: &[u8]| {
            let (find, bytes) = (find.to_owned(), bytes.to_vec());
            fixture.add_fault(Fault::new(
                &format!("/cgi-bin/{path}"),
                FaultKind::Splice { find, bytes },
            ));
        };
        splice("user/list", "李华", b"\xe6\x9d\x8e\x01\x00\xe5\x8d");
        splice(
            "department/list",
            "\"id\":2,",
            b"\"id\":\"2.0\",\"name_en\":\"\xff\x0b\\ud800\",",
        );
        splice("tag/list", "", b"\xef\xbb\xbf");
        splice("agent/get", "\"name\":\"", b"\"name\":\"\x02\x03");
        let (source, run) = connected(&fixture).await;
        assert_eq!(
            (&run["state"], &run["counts"]["malformed"]),
            (&json!("succeeded"), &json!(0)),
            "{run}"
        );
        assert_eq!(fixture.admin().user(sample::NORMAL).await["display_name"], "李");
        let departments = fixture.admin().items("departments?limit=200").await;
        assert!(
            departments.iter().any(|department| department["wecom_id"] == 2),
            "{departments:?}"
        );
        fixture.edit_corp(|corp| corp.remove_member(sample::ADMIN));
        let run = fixture.sync(id(&source)).await;
        assert_eq!(
            (&run["state"], &run["counts"]["departed"]),
            (&json!("succeeded"), &json!(1)),
            "{run}"
        );
    }
);

scenario!(
    departments_of_a_member_may_be_written_as_a_text,
    |fixture: Fixture| async move {
        fixture.edit_corp(|corp| {
            corp.member_mut(sample::NORMAL).unwrap().departments =
                vec![simulator::world::Placement::of(2), simulator::world::Placement::of(3)];
        });
        let splice = |find: &str, bytes: &str| {
            let (find, bytes) = (find.to_owned(), bytes.as_bytes().to_vec());
            fixture.add_fault(Fault::new("/cgi-bin/user/", FaultKind::Splice { find, bytes }));
        };
        splice("\"department\":[2,3]", "\"department\":\"2, 3\"");
        let (_, run) = connected(&fixture).await;
        assert_eq!(run["state"], "succeeded", "{run}");
        assert_eq!(member(&fixture, sample::NORMAL).await["departments"], json!([2, 3]));
    }
);

scenario!(
    a_userid_that_is_none_is_one_skipped_row_and_never_somebody_else,
    |fixture: Fixture| async move {
        let before = fixture.edit_corp(|corp| {
            let everybody = corp.members.len();
            for odd in ["li\0hua", "lihua ", "\u{202e}lihua", "lihua\n"] {
                corp.add_member(Member::new(odd, "冒名者", &[2]));
            }
            everybody
        });
        for secrets in [json!({ "contacts_secret": null }), json!({})] {
            let source = fixture.connect_with(secrets).await;
            let run = runs_of(&fixture, &source).await.remove(0);
            assert_eq!(
                (&run["state"], &run["counts"]["malformed"]),
                (&json!("succeeded"), &json!(4)),
                "{run}"
            );
            assert!(run["counts"]["created"].as_u64().unwrap() <= before as u64, "{run}");
            assert!(
                text(finding(&run, "SY-133").unwrap(), "detail").contains("li\\u{0}hua"),
                "{run}"
            );
            let skipped = rows(&fixture, &run, "malformed").await;
            assert!(skipped.iter().any(|row| row["userid"] == "li\\u{0}hua"), "{skipped:?}");
            assert_eq!(fixture.admin().user(sample::NORMAL).await["display_name"], "李华");
            let path = format!("data-sources/{}", id(&source));
            fixture.admin().call("DELETE", &path, None).await;
        }
    }
);

// What cannot be read is not left out of a userid: without it, it would be somebody else's.
scenario!(
    a_broken_byte_in_a_userid_makes_it_nobodys,
    |fixture: Fixture| async move {
        fixture.edit_corp(|corp| corp.add_member(Member::new("li.hua", "冒名者", &[2])));
        let splice = |path: &str, bytes: &[u8]| {
            let (find, bytes) = ("\"li.hua\"".to_owned(), bytes.to_vec());
            fixture.add_fault(Fault::new(path, FaultKind::Splice { find, bytes }));
        };
        for broken in [
            &b"\"li\x01hua\""[..],
            b"\"li\xffhua\"",
            b"\"li\\qhua\"",
            b"\"li\\ud800hua\"",
        ] {
            splice("/cgi-bin/user/", broken);
            let source = fixture.connect_with(json!({ "contacts_secret": null })).await;
            let run = runs_of(&fixture, &source).await.remove(0);
            assert_eq!(
                (&run["state"], &run["counts"]["malformed"]),
                (&json!("succeeded"), &json!(1)),
                "{broken:?} {run}"
            );
            assert_eq!(fixture.admin().user(sample::NORMAL).await["display_name"], "李华");
            fixture.mend_wecom();
            let path = format!("data-sources/{}", id(&source));
            fixture.admin().call("DELETE", &path, None).await;
        }
        let portal = fixture.connected_portal().await;
        splice("/cgi-bin/auth/", b"\"li\x01hua\"");
        let page = portal.sign_in(&fixture, &fixture.browser(), As::Member("li.hua")).await;
        assert!(
            page.returned("code").is_none(),
            "scanned in as somebody else: {}",
            page.body
        );
    }
);

scenario!(
    where_wecom_lacks_the_new_path_of_the_exchange_the_older_one_serves,
    |fixture: Fixture| async move {
        let portal = fixture.connected_portal().await;
        fixture.add_fault(Fault::new("/cgi-bin/auth/getuserinfo", FaultKind::NotFound));
        portal.tokens(&fixture, &fixture.browser(), sample::NORMAL).await;
        let page = portal.sign_in(&fixture, &fixture.browser(), As::Outsider).await;
        assert!(page.body.contains("GT-106"), "{}", page.body);
    }
);

scenario!(
    withheld_names_of_departments_are_a_finding_of_a_run_that_succeeds,
    |fixture: Fixture| async move {
        let source = fixture.connect().await;
        let run = runs_of(&fixture, &source).await.remove(0);
        assert_eq!(run["state"], "succeeded", "{run}");
        let told = finding(&run, "SY-131").unwrap();
        assert!(text(told, "detail").contains("10"), "outside the app's scope: {told}");
        let seeing_all = json!({ "app": { "agent_id": sample::OLD_AGENT_ID, "secret": sample::OLD_APP_SECRET } });
        fixture
            .admin()
            .change(&format!("data-sources/{}", id(&source)), seeing_all)
            .await;
        let run = fixture.sync(id(&source)).await;
        assert!(finding(&run, "SY-131").is_none(), "{run}");
    }
);

scenario!(
    an_agent_id_of_another_app_is_told_as_that,
    |fixture: Fixture| async move {
        let wrong =
            json!({ "app": { "agent_id": sample::OLD_AGENT_ID, "secret": sample::APP_SECRET }, "save_anyway": true });
        let source = fixture.connect_with(wrong).await;
        let run = runs_of(&fixture, &source).await.remove(0);
        assert_ne!(run["state"], "succeeded", "{run}");
        let told = finding(&run, "SY-132").unwrap();
        assert!(text(told, "detail").contains("301002"), "{told}");
        assert!(
            finding(&run, "SY-107").is_none() && !run.to_string().contains("Contacts Sync"),
            "{run}"
        );
    }
);
