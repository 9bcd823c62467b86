//! Installing on the phone: nothing says who asked for it, so it waits until a member for whom the app was authorised scans (S5.2).

use std::time::Duration;

use serde_json::{Value, json};
use simulator::{Delivery, sample, world::Scope};

use super::{BY, Scanner, all, install_by_phone, invitation, invite, only, parameter, read, scanned, suite, tick};
use crate::{
    actors::{id, text},
    fixture::Fixture,
    scenario, suites,
};

async fn bind(fixture: &Fixture, invited: &Value, who: Scanner<'_>) -> crate::actors::Reply {
    let body = scanned(fixture, &fixture.admin(), invited, who).await;
    fixture.admin().call("POST", "installations/scanned", Some(body)).await
}

scenario!(
    an_install_on_the_phone_waits_until_a_member_in_its_scope_scans,
    |fixture: Fixture| async move {
        let suite = suite(&fixture).await;
        let invited = invite(&fixture.admin(), &suite, json!({ "way": "phone", "import": "all" })).await;
        assert!(text(&invited, "qr").contains("/install/"), "{invited}");
        let early = bind(&fixture, &invited, Scanner::Member(sample::CORP, sample::NORMAL)).await;
        assert_eq!(early.refusal(), (409, "IN-110"), "not installed yet: {}", early.body);
        install_by_phone(&fixture).await;
        let waiting = only(&fixture).await;
        assert_eq!(
            (&waiting["status"], &waiting["way"], &waiting["data_source_id"]),
            (&json!("unbound"), &json!("phone"), &Value::Null),
            "{waiting}"
        );
        assert!(waiting["expires_at"].is_i64() && waiting["agent_id"].is_i64());
        for (who, number) in [
            (Scanner::Outsider, "IN-114"),
            (Scanner::Member(sample::CORP2, "moyan"), "IN-110"),
            (Scanner::Member(sample::CORP, sample::OUT_OF_SCOPE), "IN-113"),
            (Scanner::Member(sample::CORP, "chuwei"), "IN-113"),
        ] {
            let refused = bind(&fixture, &invited, who).await;
            assert_eq!(refused.refusal().1, number, "{}", refused.body);
        }
        assert_eq!(only(&fixture).await["status"], "unbound");
        let done = bind(&fixture, &invited, Scanner::Member(sample::CORP, sample::NORMAL)).await;
        assert_eq!(
            (done.status, &done.body["stage"]),
            (200, &json!("connected")),
            "{}",
            done.body
        );
        tick(&fixture).await;
        let bound = only(&fixture).await;
        assert_eq!(
            (&bound["status"], &bound["bound_by"]),
            (&json!("bound"), &json!("token:bootstrap"))
        );
        assert!(bound["members"].as_i64().unwrap() > 10, "{bound}");
        let again = fixture
            .admin()
            .call(
                "POST",
                &format!("suites/{}/invitations/{}/scan", id(&suite), id(&invited)),
                None,
            )
            .await;
        assert_eq!(again.refusal(), (409, "IN-105"), "used: {}", again.body);
    }
);

scenario!(
    whoever_is_only_readable_or_disabled_binds_nothing,
    |fixture: Fixture| async move {
        let suite = suite(&fixture).await;
        let scope = Scope {
            users: vec![sample::DISABLED.to_owned()],
            parties: vec![3],
            tags: vec![1],
        };
        fixture
            .wecom
            .install(sample::CORP, sample::SUITE, (BY, scope), Delivery::default())
            .await
            .unwrap();
        fixture.wecom.edit(|world| {
            let app = world.installed_mut(sample::CORP, sample::SUITE).unwrap();
            app.install.as_mut().unwrap().extra.parties = vec![7];
        });
        tick(&fixture).await;
        let invited = invite(&fixture.admin(), &suite, json!({ "way": "phone" })).await;
        for (userid, number) in [("zhujing", "IN-113"), (sample::DISABLED, "IN-107")] {
            let refused = bind(&fixture, &invited, Scanner::Member(sample::CORP, userid)).await;
            assert_eq!(refused.refusal().1, number, "{userid}: {}", refused.body);
        }
        let done = bind(&fixture, &invited, Scanner::Member(sample::CORP, sample::BY_TAG)).await;
        assert_eq!(done.status, 200, "by a tag alone: {}", done.body);
    }
);

scenario!(
    an_installation_that_nobody_binds_expires_and_can_be_installed_anew,
    |fixture: Fixture| async move {
        let suite = suite(&fixture).await;
        install_by_phone(&fixture).await;
        let until = only(&fixture).await["expires_at"].as_i64().unwrap();
        assert_eq!(until, (crate::fixture::START + 24 * 3600) * 1000);
        fixture.advance(Duration::from_secs(24 * 3600));
        suites::ticket(&fixture).await;
        let invited = invite(&fixture.admin(), &suite, json!({ "way": "phone" })).await;
        let late = bind(&fixture, &invited, Scanner::Member(sample::CORP, sample::NORMAL)).await;
        assert_eq!(late.refusal(), (409, "IN-111"), "before any job ran: {}", late.body);
        tick(&fixture).await;
        let over = only(&fixture).await;
        assert_eq!(
            (&over["status"], &over["expires_at"]),
            (&json!("expired"), &Value::Null)
        );
        let late = bind(&fixture, &invited, Scanner::Member(sample::CORP, sample::NORMAL)).await;
        assert_eq!(late.refusal(), (409, "IN-111"));
        install_by_phone(&fixture).await;
        assert_eq!(only(&fixture).await["status"], "unbound");
        let done = bind(&fixture, &invited, Scanner::Member(sample::CORP, sample::NORMAL)).await;
        assert_eq!(done.status, 200, "{}", done.body);
    }
);

scenario!(
    the_state_of_a_qr_code_is_a_hint_and_binds_nothing,
    |fixture: Fixture| async move {
        let suite = suite(&fixture).await;
        let invited = invite(&fixture.admin(), &suite, json!({ "way": "phone" })).await;
        let qr = text(&invited, "qr").to_owned();
        let form = [
            ("state", parameter(&qr, "state")),
            ("corp", sample::CORP2.to_owned()),
            ("by", "baishi".to_owned()),
            ("party-2", "on".to_owned()),
            ("answer", "agree".to_owned()),
        ];
        let form: Vec<(&str, &str)> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let agreed = fixture.browser().post(qr.split('?').next().unwrap(), &form).await;
        assert!(agreed.body.contains("已添加"), "{}", agreed.body);
        tick(&fixture).await;
        let waiting = only(&fixture).await;
        assert_eq!(
            (&waiting["status"], &waiting["corp_name"]),
            (&json!("unbound"), &json!("白石设计"))
        );
        let hinted = invitation(&fixture, &invited).await;
        assert_eq!(
            (&hinted["stage"], &hinted["installation_id"]),
            (&json!("open"), &waiting["id"])
        );
        // The one that scans decides: somebody of another company binds theirs.
        install_by_phone(&fixture).await;
        let done = bind(&fixture, &invited, Scanner::Member(sample::CORP, sample::NORMAL)).await;
        let bound = read(&fixture, text(&done.body, "installation_id")).await;
        assert_eq!(
            (&bound["status"], &bound["corp_name"]),
            (&json!("bound"), &json!("青云科技"))
        );
        assert_eq!(all(&fixture).await.len(), 2);
    }
);

scenario!(a_scan_is_used_once_by_whoever_began_it, |fixture: Fixture| async move {
    let suite = suite(&fixture).await;
    install_by_phone(&fixture).await;
    let admin = fixture.admin();
    let invited = invite(&admin, &suite, json!({ "way": "phone" })).await;
    let call = async |body: Value| admin.call("POST", "installations/scanned", Some(body)).await;
    let mine = scanned(
        &fixture,
        &admin,
        &invited,
        Scanner::Member(sample::CORP, sample::NORMAL),
    )
    .await;
    let other = fixture.admin_with_role("admin").await;
    let refused = other.call("POST", "installations/scanned", Some(mine.clone())).await;
    assert_eq!(refused.refusal(), (409, "IN-116"), "another admin's: {}", refused.body);
    let path = format!("suites/{}/invitations/{}/scan", id(&suite), id(&invited));
    assert_eq!(other.call("POST", &path, None).await.refusal(), (403, "IN-104"));
    // A second scan takes the place of the first.
    let second = scanned(
        &fixture,
        &admin,
        &invited,
        Scanner::Member(sample::CORP, sample::NORMAL),
    )
    .await;
    assert_eq!(call(mine).await.refusal(), (409, "IN-116"));
    let mut wrong = second.clone();
    wrong["code"] = json!("made-up");
    assert_eq!(call(wrong).await.refusal().1, "WC-160");
    assert_eq!(call(second).await.refusal(), (409, "IN-116"), "it was used");
    let slow = scanned(
        &fixture,
        &admin,
        &invited,
        Scanner::Member(sample::CORP, sample::NORMAL),
    )
    .await;
    fixture.advance(Duration::from_secs(600));
    assert_eq!(call(slow).await.refusal(), (409, "IN-116"), "too late");
    for body in [
        json!({ "state": "x", "code": "" }),
        json!({ "state": "-", "code": "c" }),
    ] {
        assert_eq!(call(body).await.refusal(), (422, "IN-102"));
    }
    assert_eq!(only(&fixture).await["status"], "unbound");
});

scenario!(
    without_a_qr_code_of_our_own_the_plain_one_serves,
    |fixture: Fixture| async move {
        let suite = suite(&fixture).await;
        fixture
            .wecom
            .edit(|world| world.suites.get_mut(sample::SUITE).unwrap().published = false);
        let invited = invite(&fixture.admin(), &suite, json!({ "way": "phone" })).await;
        assert_eq!(
            (&invited["qr"], &invited["problem"]["number"]),
            (&Value::Null, &json!("WC-151")),
            "{invited}"
        );
        install_by_phone(&fixture).await;
        let done = bind(&fixture, &invited, Scanner::Member(sample::CORP, sample::NORMAL)).await;
        assert_eq!(done.status, 200, "{}", done.body);
    }
);

scenario!(
    an_app_that_was_entered_by_hand_stands_in_the_way_and_is_named,
    |fixture: Fixture| async move {
        let suite = suite(&fixture).await;
        fixture
            .wecom
            .edit(|world| world.switches.suites.encrypted_corpids = false);
        install_by_phone(&fixture).await;
        let waiting = only(&fixture).await;
        assert_eq!(waiting["corp_id"], sample::CORP);
        let by_hand = json!({
            "name": "by hand", "corp_id": sample::CORP, "save_anyway": true,
            "app": { "agent_id": waiting["agent_id"], "secret": "somebody-elses" },
        });
        let by_hand = fixture.admin().create("data-sources", by_hand).await;
        let invited = invite(&fixture.admin(), &suite, json!({ "way": "phone" })).await;
        let refused = bind(&fixture, &invited, Scanner::Member(sample::CORP, sample::NORMAL)).await;
        assert_eq!(refused.refusal(), (409, "DI-280"), "{}", refused.body);
        assert_eq!(only(&fixture).await["status"], "unbound");
        let path = format!("data-sources/{}", id(&by_hand));
        assert_eq!(fixture.admin().call("DELETE", &path, None).await.status, 204);
        for way in fixture.admin().items("auth-sources").await {
            let path = format!("auth-sources/{}", id(&way));
            assert_eq!(fixture.admin().call("DELETE", &path, None).await.status, 204);
        }
        let done = bind(&fixture, &invited, Scanner::Member(sample::CORP, sample::NORMAL)).await;
        assert_eq!(done.status, 200, "{}", done.body);
    }
);
