//! What becomes of the values: syncs, pins, other people behind a userid, taking them back.

use serde_json::{Value, json};
use simulator::{
    sample,
    world::{Field, Member},
};

use super::{BIZ_MAIL, MOBILE, agree, begin, inside, offers, requiring, user};
use crate::{actors::Portal, claims::userinfo, fixture::Fixture, scenario};

/// The address of a colleague.
const BOSS: &str = "boss@biz.example";

/// From now on syncs are shown numbers and addresses (reference 5.1).
fn shown_to_syncs(fixture: &Fixture) {
    fixture.edit_corp(|corp| {
        corp.contacts_ip_is_new = false;
        "new@biz.example".clone_into(&mut corp.member_mut(sample::NORMAL).unwrap().sensitive.biz_mail);
    });
}

scenario!(
    a_sync_that_brings_a_value_follows_the_rule_of_the_data_source,
    |fixture: Fixture| async move {
        let (portal, source) = requiring(&fixture, &["email"]).await;
        agree(&portal, &inside(&fixture), &["biz_mail"]).await;
        let admin = fixture.admin();
        let path = format!("data-sources/{source}");
        admin.change(&path, json!({ "duplicate_rule": "skip" })).await;
        shown_to_syncs(&fixture);
        fixture.sync(&source).await;
        let kept = user(&fixture).await;
        assert_eq!(
            (&kept["email"], &kept["sources"]["email"]["from"]),
            (&json!(BIZ_MAIL), &json!("consent"))
        );
        admin.change(&path, json!({ "duplicate_rule": "overwrite" })).await;
        let run = fixture.sync(&source).await;
        let taken = user(&fixture).await;
        assert_eq!(
            (&taken["email"], &taken["sources"]["email"]["from"]),
            (&json!("new@biz.example"), &json!("wecom"))
        );
        fixture.advance(std::time::Duration::from_secs(60));
        let undo = format!("sync-runs/{}/undo", run["id"].as_str().unwrap());
        let undone = admin.call("POST", &undo, None).await;
        assert_eq!(undone.status, 202, "{}", undone.body);
        let undone = undone.body["id"].as_str().unwrap();
        admin.watch(undone).await;
        let rows = admin.items(&format!("sync-runs/{undone}/rows?limit=200")).await;
        let back = user(&fixture).await;
        assert_eq!(
            (&back["email"], &back["sources"]["email"]),
            (&kept["email"], &kept["sources"]["email"]),
            "an undo gives back the value with its origin: {rows:?}"
        );
    }
);

scenario!(
    what_an_admin_pinned_is_neither_asked_for_nor_changed,
    |fixture: Fixture| async move {
        let (portal, _) = requiring(&fixture, &["email", "phone_number"]).await;
        let path = format!("users/{}", fixture.admin().user_id(sample::NORMAL).await);
        fixture.admin().change(&path, json!({ "pinned": ["email"] })).await;
        let browser = inside(&fixture);
        let offer = begin(&portal, &browser).await;
        assert!(!offer.body.contains("e-mail address"), "{}", offer.body);
        let tokens = agree(&portal, &browser, &["biz_mail", "mobile"]).await;
        let told = userinfo(&portal, &tokens).await;
        assert_eq!((told.get("email"), &told["phone_number"]), (None, &json!(MOBILE)));
        assert!(user(&fixture).await["email"].is_null());
    }
);

/// An admin vouches for `biz.example`, and 张三 has a verified address there: their corporate mailbox, which they agreed to show.
async fn verified_colleague(fixture: &Fixture, portal: &Portal, source: &str) {
    let change = json!({ "vouched_email_domains": ["biz.example"] });
    fixture.admin().change(&format!("data-sources/{source}"), change).await;
    fixture.edit_corp(|corp| {
        let member = corp.member_mut(sample::ADMIN).unwrap();
        BOSS.clone_into(&mut member.sensitive.biz_mail);
    });
    agree(portal, &fixture.browser().in_wecom_of(sample::ADMIN), &["biz_mail"]).await;
    fixture.sync(source).await;
    assert_eq!(address(fixture, sample::ADMIN).await, (json!(BOSS), json!(true)));
}

/// Somebody's address, and whether it is verified.
async fn address(fixture: &Fixture, userid: &str) -> (Value, Value) {
    let user = fixture.admin().user(userid).await;
    (user["email"].clone(), user["email_verified"].clone())
}

scenario!(
    of_two_with_one_corporate_mailbox_neither_is_verified_by_an_admins_word,
    |fixture: Fixture| async move {
        let (portal, source) = requiring(&fixture, &["email"]).await;
        verified_colleague(&fixture, &portal, &source).await;
        fixture.edit_corp(|corp| {
            BOSS.clone_into(&mut corp.member_mut(sample::NORMAL).unwrap().sensitive.biz_mail);
        });
        agree(&portal, &inside(&fixture), &["biz_mail"]).await;
        for _ in 0..2 {
            for userid in [sample::NORMAL, sample::ADMIN] {
                assert_eq!(address(&fixture, userid).await, (json!(BOSS), json!(false)), "{userid}");
            }
            fixture.sync(&source).await;
        }
    }
);

scenario!(
    an_own_address_shown_by_consent_is_vouched_for_by_nobody_and_takes_nothing_from_a_colleague,
    |fixture: Fixture| async move {
        let (portal, source) = requiring(&fixture, &["email"]).await;
        verified_colleague(&fixture, &portal, &source).await;
        // 李华 types the colleague's address into WeCom, in capitals, and agrees to show it.
        fixture.edit_corp(|corp| {
            let member = corp.member_mut(sample::NORMAL).unwrap();
            member.sensitive.biz_mail.clear();
            BOSS.to_uppercase().clone_into(&mut member.sensitive.email);
        });
        let browser = inside(&fixture);
        let tokens = agree(&portal, &browser, &["email"]).await;
        assert!(userinfo(&portal, &tokens).await.get("email_verified").is_none());
        assert_eq!(user(&fixture).await["sources"]["email"]["email_source"], "email");
        for _ in 0..2 {
            let (email, verified) = address(&fixture, sample::NORMAL).await;
            assert_eq!((email, verified), (json!(BOSS.to_uppercase()), json!(false)));
            assert_eq!(address(&fixture, sample::ADMIN).await, (json!(BOSS), json!(true)));
            fixture.sync(&source).await;
        }
        // Nor where nobody else has it, as with somebody whom no sync shows an address of.
        fixture.edit_corp(|corp| {
            "chief@biz.example".clone_into(&mut corp.member_mut(sample::NORMAL).unwrap().sensitive.email);
        });
        let account = browser.open(&format!("{}/account", fixture.base)).await;
        let confirm = account.field("confirm");
        let form = [("confirm", confirm.as_str())];
        browser
            .submit(&account.link("/account/private-fields/take-back"), &form)
            .await;
        let account = browser.open(&format!("{}/account", fixture.base)).await;
        browser
            .submit(&account.link("/account/private-fields/ask-again"), &form)
            .await;
        agree(&portal, &browser, &["email"]).await;
        fixture.sync(&source).await;
        let alone = address(&fixture, sample::NORMAL).await;
        assert_eq!(alone, (json!("chief@biz.example"), json!(false)));
    }
);

scenario!(
    a_picture_may_be_wecoms_own_so_it_counts_as_wecoms_and_goes_to_one_person_at_most,
    |fixture: Fixture| async move {
        let (portal, _) = requiring(&fixture, &["picture"]).await;
        fixture.edit_corp(|corp| {
            let app = corp.apps.get_mut(&sample::AGENT_ID).unwrap();
            app.consent_fields.retain(|field| *field != Field::Avatar);
        });
        let browser = inside(&fixture);
        agree(&portal, &browser, &["avatar"]).await;
        let first = user(&fixture).await;
        assert!(first["picture"].is_string(), "{first}");
        assert_eq!(first["sources"]["picture"]["from"], "wecom");
        let account = browser.open(&format!("{}/account", fixture.base)).await;
        assert!(
            account.body.contains("may be what it shows for everybody") && !account.body.contains("Given with"),
            "{}",
            account.body
        );
        let other = fixture.browser().in_wecom_of(sample::ADMIN);
        agree(&portal, &other, &["avatar"]).await;
        assert!(fixture.admin().user(sample::ADMIN).await["picture"].is_null());
        assert!(!offers(&begin(&portal, &other).await), "not passed on");
        let confirm = account.field("confirm");
        let form = [("confirm", confirm.as_str())];
        browser
            .submit(&account.link("/account/private-fields/take-back"), &form)
            .await;
        assert!(
            user(&fixture).await["picture"].is_null(),
            "it is taken back all the same"
        );
    }
);

scenario!(what_an_admin_pinned_is_not_taken_back, |fixture: Fixture| async move {
    let (portal, _) = requiring(&fixture, &["email", "phone_number"]).await;
    let browser = inside(&fixture);
    agree(&portal, &browser, &["biz_mail", "mobile"]).await;
    let path = format!("users/{}", fixture.admin().user_id(sample::NORMAL).await);
    fixture.admin().change(&path, json!({ "pinned": ["email"] })).await;
    let account = browser.open(&format!("{}/account", fixture.base)).await;
    assert!(
        account.body.contains("an administrator set it to stay"),
        "{}",
        account.body
    );
    let confirm = account.field("confirm");
    let form = [("confirm", confirm.as_str())];
    browser
        .submit(&account.link("/account/private-fields/take-back"), &form)
        .await;
    let after = user(&fixture).await;
    assert_eq!(
        (&after["email"], &after["phone_number"]),
        (&json!(BIZ_MAIL), &Value::Null)
    );
    let account = browser.open(&format!("{}/account", fixture.base)).await;
    assert!(account.find_link("/account/private-fields/take-back").is_none());
});

scenario!(
    whoever_gets_the_userid_next_inherits_nothing_of_it,
    |fixture: Fixture| async move {
        let (portal, source) = requiring(&fixture, &["email"]).await;
        agree(&portal, &inside(&fixture), &["biz_mail"]).await;
        let before = user(&fixture).await;
        fixture.edit_corp(|corp| {
            corp.remove_member(sample::NORMAL).unwrap();
        });
        fixture.sync(&source).await;
        fixture.edit_corp(|corp| {
            corp.add_member(Member::new(sample::NORMAL, "王小明", &[3]));
        });
        fixture.sync(&source).await;
        let admin = fixture.admin();
        let people = admin.items("users?limit=200").await;
        let holders: Vec<&Value> = people.iter().filter(|user| user["email"] == BIZ_MAIL).collect();
        assert_eq!(holders.len(), 1, "{holders:?}");
        assert_eq!(
            (&holders[0]["id"], &holders[0]["status"]),
            (&before["id"], &json!("disabled"))
        );
        let newcomer = people.iter().find(|user| user["display_name"] == "王小明").unwrap();
        assert!(
            newcomer["email"].is_null() && newcomer["sources"].get("email").is_none(),
            "{newcomer}"
        );
    }
);

scenario!(
    a_data_source_that_takes_somebody_over_begins_without_what_the_one_before_gave_or_declined,
    |fixture: Fixture| async move {
        let (portal, source) = requiring(&fixture, &["email", "phone_number"]).await;
        let browser = inside(&fixture);
        agree(&portal, &browser, &["biz_mail"]).await;
        let before = user(&fixture).await;
        assert_eq!(before["email"], BIZ_MAIL);
        let admin = fixture.admin();
        let gone = admin.call("DELETE", &format!("data-sources/{source}"), None).await;
        assert!((200..300).contains(&gone.status), "{}", gone.body);
        fixture.connect().await;
        let after = user(&fixture).await;
        assert_eq!(
            (&after["id"], &after["email"]),
            (&before["id"], &Value::Null),
            "{after}"
        );
        assert!(after["sources"].get("email").is_none(), "{after}");
        let offer = begin(&portal, &inside(&fixture)).await;
        assert!(
            offer.body.contains("e-mail address") && offer.body.contains("mobile number"),
            "{}",
            offer.body
        );
    }
);

scenario!(what_was_given_can_be_taken_back, |fixture: Fixture| async move {
    let (portal, _) = requiring(&fixture, &["email", "phone_number"]).await;
    let browser = inside(&fixture);
    agree(&portal, &browser, &["biz_mail", "mobile"]).await;
    let account = browser.open(&format!("{}/account", fixture.base)).await;
    assert!(account.body.contains("Given with your consent"), "{}", account.body);
    let confirm = account.field("confirm");
    let address = account.link("/account/private-fields/take-back");
    let refused = browser.post(&address, &[("confirm", "x")]).await;
    assert_eq!(refused.status, 403);
    browser.submit(&address, &[("confirm", confirm.as_str())]).await;
    let after = user(&fixture).await;
    assert!(after["email"].is_null() && after["phone_number"].is_null(), "{after}");
    assert!(after["sources"].get("email").is_none(), "{after}");
    assert!(!offers(&begin(&portal, &browser).await), "it counts as declined");
    let said = fixture.admin().items("audit-events?kind=consent_withdrawn").await;
    assert_eq!(said[0]["detail"]["private_fields"], json!(["email", "phone_number"]));
});

scenario!(
    a_person_without_a_name_stays_without_one,
    |fixture: Fixture| async move {
        fixture.edit_corp(|corp| {
            corp.apps.get_mut(&sample::AGENT_ID).unwrap().scope.users = vec![sample::NORMAL.to_owned()];
        });
        let (portal, source) = requiring(&fixture, &["email", "display_name"]).await;
        let path = format!("users/{}", fixture.admin().user_id(sample::NORMAL).await);
        fixture.admin().change(&path, json!({ "display_name": null })).await;
        let browser = inside(&fixture);
        let offer = begin(&portal, &browser).await;
        assert!(!offer.body.contains("李华"), "{}", offer.body);
        agree(&portal, &browser, &["biz_mail"]).await;
        fixture.sync(&source).await;
        let after = user(&fixture).await;
        assert!(after["display_name"].is_null(), "{after}");
        assert_eq!(after["email"], BIZ_MAIL);
    }
);
