//! The gate decides for passwords too: whoever leaves cannot sign in this way either.

use std::time::Duration;

use serde_json::json;
use simulator::sample;

use super::{
    GOOD, anna, anna_and_portal, choose, company, give_password, id_token, is_wrong, lets_in, link, local_user,
    sign_in, type_in,
};
use crate::{
    actors::{As, Portal, id},
    fixture::Fixture,
    scenario,
};

/// Somebody types the right password and is refused with this number, on record.
async fn refused(fixture: &Fixture, portal: &Portal, username: &str, number: &str) {
    let browser = fixture.browser();
    let page = sign_in(portal, &browser, username, GOOD).await;
    assert!(
        page.body.contains(number),
        "{number} expected: {} {:?} {}",
        page.status,
        page.location,
        page.body
    );
    assert!(browser.cookie("menjin_session").is_none(), "no session");
    let trace = fixture.admin().trace(&page.reference()).await;
    assert_eq!(trace["number"], number, "{trace}");
    assert_eq!(trace["detail"]["way"], "Password", "{trace}");
}

scenario!(a_member_signs_in_with_a_password, |fixture: Fixture| async move {
    let (_, user, portal) = company(&fixture).await;
    let browser = fixture.browser();
    let id = id_token(&portal, &sign_in(&portal, &browser, sample::NORMAL, GOOD).await).await;
    assert_eq!(id["sub"], user.as_str());
    assert_eq!(id["amr"], json!(["pwd"]));
    let silent = portal.authorize_silently(&browser).await;
    assert!(silent.returned("code").is_some(), "{:?}", silent.location);
});

scenario!(
    a_session_of_a_password_and_one_of_a_scan_are_the_same_person,
    |fixture: Fixture| async move {
        let (_, _, portal) = company(&fixture).await;
        let by_scan = portal
            .sign_in(&fixture, &fixture.browser(), As::Member(sample::NORMAL))
            .await;
        let by_scan = id_token(&portal, &by_scan).await;
        let by_password = id_token(
            &portal,
            &sign_in(&portal, &fixture.browser(), sample::NORMAL, GOOD).await,
        )
        .await;
        assert_eq!(by_scan["sub"], by_password["sub"]);
        assert_eq!(by_scan["amr"], json!(["wecom", "wecom_scan"]));
        assert_eq!(by_scan["acr"], "urn:menjin:acr:wecom");
    }
);

scenario!(portal_enabled_holds_for_passwords, |fixture: Fixture| async move {
    let (_, _, portal) = company(&fixture).await;
    let login = fixture.browser();
    let shown = login.open(&portal.authorize_url(&[])).await;
    fixture
        .admin()
        .change(&format!("clients/{}", portal.id), json!({ "enabled": false }))
        .await;
    let page = type_in(&login, &shown, sample::NORMAL, GOOD).await;
    assert!(page.body.contains("GT-101"), "{} {}", page.status, page.body);
});

scenario!(
    password_login_on_is_the_data_sources_word,
    |fixture: Fixture| async move {
        let (source, _, portal) = company(&fixture).await;
        anna(&fixture).await;
        let browser = fixture.browser();
        let page = sign_in(&portal, &browser, sample::NORMAL, GOOD).await;
        assert!(page.returned("code").is_some());
        let path = format!("data-sources/{}", id(&source));
        fixture
            .admin()
            .change(&path, json!({ "login_methods": ["wecom_qr"] }))
            .await;
        refused(&fixture, &portal, sample::NORMAL, "GT-115").await;
        // The session of before is not enough any more either, but another way in is shown.
        let silent = portal.authorize_silently(&browser).await;
        assert_eq!(silent.returned("error").unwrap(), "interaction_required");
        let page = browser.open(&portal.authorize_url(&[])).await;
        assert!(page.status == 200 && page.body.contains("/go/"), "{}", page.body);
        let renewed = portal.sign_in(&fixture, &browser, As::Member(sample::NORMAL)).await;
        assert!(
            renewed.returned("code").is_some(),
            "a scan still leads in: {}",
            renewed.body
        );
    }
);

scenario!(
    a_data_source_that_is_off_closes_the_password_too,
    |fixture: Fixture| async move {
        let (source, _, portal) = company(&fixture).await;
        anna(&fixture).await;
        let path = format!("data-sources/{}", id(&source));
        fixture.admin().change(&path, json!({ "enabled": false })).await;
        refused(&fixture, &portal, sample::NORMAL, "GT-115").await;
        // People made here do not depend on it.
        lets_in(&fixture, &portal, "anna", GOOD).await;
    }
);

scenario!(
    wecom_login_off_closes_scans_and_not_passwords,
    |fixture: Fixture| async move {
        let (source, _, portal) = company(&fixture).await;
        let path = format!("data-sources/{}", id(&source));
        fixture
            .admin()
            .change(&path, json!({ "login_methods": ["password"] }))
            .await;
        let page = portal
            .sign_in(&fixture, &fixture.browser(), As::Member(sample::NORMAL))
            .await;
        assert!(page.body.contains("GT-105"), "{}", page.body);
        lets_in(&fixture, &portal, sample::NORMAL, GOOD).await;
    }
);

scenario!(
    a_departed_member_cannot_sign_in_by_password,
    |fixture: Fixture| async move {
        let (source, user, portal) = company(&fixture).await;
        let browser = fixture.browser();
        let page = sign_in(&portal, &browser, sample::NORMAL, GOOD).await;
        let tokens = portal.redeem(&page.returned("code").unwrap()).await.body;
        fixture.edit_corp(|corp| corp.members.remove(sample::NORMAL));
        // Before any sync: WeCom is asked at once.
        refused(&fixture, &portal, sample::NORMAL, "GT-108").await;
        fixture.sync(id(&source)).await;
        is_wrong(&fixture, &portal, sample::NORMAL, GOOD).await;
        portal.assert_signed_out(&browser).await;
        let renewed = portal.refresh(tokens["refresh_token"].as_str().unwrap()).await;
        assert_eq!(renewed.status, 400, "{}", renewed.body);
        // Even if an admin switches the user on again and a new password is chosen: the member is gone.
        fixture
            .admin()
            .change(&format!("users/{user}"), json!({ "status": "active" }))
            .await;
        give_password(&fixture, &user, GOOD).await;
        let page = sign_in(&portal, &fixture.browser(), sample::NORMAL, GOOD).await;
        assert!(page.body.contains("GT-1") && page.location.is_none(), "{}", page.body);
    }
);

scenario!(
    departed_then_the_userid_came_back_the_old_password_leads_nowhere,
    |fixture: Fixture| async move {
        let (source, user, portal) = company(&fixture).await;
        let source = id(&source);
        let gone = fixture.edit_corp(|corp| corp.members.remove(sample::NORMAL).unwrap());
        let unused = link(&fixture, &user).await;
        fixture.sync(source).await;
        let shown = fixture.admin().get(&format!("users/{user}")).await;
        assert_eq!(
            (&shown["status"], &shown["password_set"]),
            (&json!("disabled"), &json!(false))
        );
        fixture.edit_corp(|corp| corp.members.insert(sample::NORMAL.to_owned(), gone));
        fixture.sync(source).await;
        let shown = fixture.admin().get(&format!("users/{user}")).await;
        assert_eq!(shown["status"], "active", "{shown}");
        is_wrong(&fixture, &portal, sample::NORMAL, GOOD).await;
        let page = choose(&fixture, &unused, GOOD).await;
        assert!(page.body.contains("SI-203"), "{}", page.body);
        give_password(&fixture, &user, GOOD).await;
        lets_in(&fixture, &portal, sample::NORMAL, GOOD).await;
    }
);

scenario!(
    a_local_account_adopted_by_a_sync_loses_its_password,
    |fixture: Fixture| async move {
        let user = local_user(&fixture, sample::NORMAL).await;
        give_password(&fixture, &user, GOOD).await;
        let unused = link(&fixture, &user).await;
        let portal = fixture.portal("wiki", json!({})).await;
        let browser = fixture.browser();
        let page = sign_in(&portal, &browser, sample::NORMAL, GOOD).await;
        let tokens = portal.redeem(&page.returned("code").unwrap()).await.body;
        fixture
            .connect_with(json!({ "login_methods": ["wecom_qr", "password"] }))
            .await;
        assert_eq!(fixture.admin().user_id(sample::NORMAL).await, user, "adopted");
        portal.assert_signed_out(&browser).await;
        let renewed = portal.refresh(tokens["refresh_token"].as_str().unwrap()).await;
        assert_eq!(renewed.status, 400, "{}", renewed.body);
        is_wrong(&fixture, &portal, sample::NORMAL, GOOD).await;
        let page = choose(&fixture, &unused, GOOD).await;
        assert!(page.body.contains("SI-203"), "{}", page.body);
    }
);

scenario!(status_active_holds_for_passwords, |fixture: Fixture| async move {
    let (_, _, portal) = company(&fixture).await;
    fixture.edit_corp(|corp| corp.member_mut(sample::NORMAL).unwrap().status = 2);
    refused(&fixture, &portal, sample::NORMAL, "GT-109").await;
});

scenario!(in_visible_scope_holds_for_passwords, |fixture: Fixture| async move {
    let (_, _, portal) = company(&fixture).await;
    let user = fixture.admin().user_id(sample::OUT_OF_SCOPE).await;
    // While they may not come in, no link leads anywhere; an administrator's hand lets them in, and the scope keeps them out.
    let path = format!("users/{user}");
    fixture.admin().change(&path, json!({ "status": "active" })).await;
    give_password(&fixture, &user, GOOD).await;
    refused(&fixture, &portal, sample::OUT_OF_SCOPE, "GT-108").await;
});

// docs/passwords.md: the visible scope is the one of the data source's own app; without an app there is none.
scenario!(
    with_only_a_contacts_secret_the_contacts_are_the_scope,
    |fixture: Fixture| async move {
        let source = fixture
            .connect_with(json!({ "app": null, "login_methods": ["password"] }))
            .await;
        let portal = fixture.portal("wiki", json!({})).await;
        for userid in [sample::OUT_OF_SCOPE, sample::NORMAL] {
            let user = fixture.admin().user_id(userid).await;
            give_password(&fixture, &user, GOOD).await;
        }
        // The secret of an address entered since August 2022 may not look at anybody: nothing vouches for them.
        let browser = fixture.browser();
        let page = sign_in(&portal, &browser, sample::NORMAL, GOOD).await;
        assert!(page.body.contains("WC-150"), "{} {}", page.status, page.body);
        assert!(browser.cookie("menjin_session").is_none());
        fixture.edit_corp(|corp| corp.contacts_ip_is_new = false);
        for userid in [sample::OUT_OF_SCOPE, sample::NORMAL] {
            lets_in(&fixture, &portal, userid, GOOD).await;
        }
        // WeCom is asked all the same whether they are still there.
        fixture.edit_corp(|corp| corp.remove_member(sample::NORMAL));
        refused(&fixture, &portal, sample::NORMAL, "GT-108").await;
        // From the moment the data source has an app, its visible scope counts.
        let path = format!("data-sources/{}", id(&source));
        let app = json!({ "app": { "agent_id": sample::AGENT_ID, "secret": sample::APP_SECRET } });
        fixture.admin().change(&path, app).await;
        refused(&fixture, &portal, sample::OUT_OF_SCOPE, "GT-108").await;
    }
);

scenario!(
    membership_confirmed_rests_on_a_young_confirmation_when_wecom_is_down,
    |fixture: Fixture| async move {
        let (_, _, portal) = company(&fixture).await;
        fixture.break_wecom("/cgi-bin/");
        // WeCom has no part in a password.
        lets_in(&fixture, &portal, sample::NORMAL, GOOD).await;
        fixture.advance(Duration::from_secs(7 * 24 * 3600));
        refused(&fixture, &portal, sample::NORMAL, "GT-118").await;
        // Somebody made here is no member of anything.
        anna(&fixture).await;
        lets_in(&fixture, &portal, "anna", GOOD).await;
    }
);

scenario!(user_active_holds_for_passwords, |fixture: Fixture| async move {
    let (_, portal) = anna_and_portal(&fixture).await;
    fixture.admin().disable("anna").await;
    refused(&fixture, &portal, "anna", "GT-111").await;
});

scenario!(
    portal_allows_person_holds_for_passwords,
    |fixture: Fixture| async move {
        let (_, user, _) = company(&fixture).await;
        let other = anna(&fixture).await;
        let portal = fixture.portal("closed", json!({ "allowed_users": [other] })).await;
        refused(&fixture, &portal, sample::NORMAL, "GT-112").await;
        lets_in(&fixture, &portal, "anna", GOOD).await;
        let mine = fixture.portal("open", json!({ "allowed_users": [user] })).await;
        lets_in(&fixture, &mine, sample::NORMAL, GOOD).await;
        let member = &fixture.admin().user(sample::NORMAL).await["members"][0];
        let wecom_id = member["departments"][0].as_i64().unwrap();
        let departments = fixture.admin().items("departments?limit=200").await;
        let department = departments.iter().find(|row| row["wecom_id"] == wecom_id).unwrap();
        let theirs = fixture
            .portal("dept", json!({ "allowed_departments": [department["id"]] }))
            .await;
        lets_in(&fixture, &theirs, sample::NORMAL, GOOD).await;
        refused(&fixture, &theirs, "anna", "GT-112").await;
    }
);

scenario!(
    a_session_of_a_password_ends_with_the_member_and_a_deleted_auth_source_makes_none,
    |fixture: Fixture| async move {
        let (_, _, portal) = company(&fixture).await;
        // A scanned session whose auth source was deleted has no auth source, as one of a password, and must not pass for one.
        let browser = fixture.browser();
        portal.tokens(&fixture, &browser, sample::NORMAL).await;
        let auth_source = fixture.auth_source(sample::CORP).await;
        let path = format!("auth-sources/{}", id(&auth_source));
        assert_eq!(fixture.admin().call("DELETE", &path, None).await.status, 204);
        let silent = portal.authorize_silently(&browser).await;
        assert_eq!(silent.returned("error").unwrap(), "interaction_required");
        assert!(silent.returned("error_description").unwrap().contains("GT-102"));
    }
);

scenario!(
    people_made_here_need_the_configurations_word,
    |fixture: Fixture| async move {
        let (_, _, portal) = company(&fixture).await;
        anna(&fixture).await;
        let base = fixture.restart_with(&[("PASSWORD__LOCAL_USERS", "false")]).await;
        let portal = portal.at(&base);
        refused(&fixture, &portal, "anna", "GT-115").await;
        lets_in(&fixture, &portal, sample::NORMAL, GOOD).await;
    }
);

// product.md §6: known default passwords for synced users.
scenario!(
    who_was_synced_has_no_password_until_they_chose_one,
    |fixture: Fixture| async move {
        let both = json!({ "login_methods": ["wecom_qr", "password"] });
        fixture.connect_with(both).await;
        let portal = fixture.portal("wiki", json!({})).await;
        let people = fixture.admin().items("users?limit=200").await;
        assert!(people.len() > 10, "{people:?}");
        for person in &people {
            assert_eq!(person["password_set"], false, "{person}");
        }
        for guess in [sample::NORMAL, "123456", "Aa123456", "password"] {
            is_wrong(&fixture, &portal, sample::NORMAL, guess).await;
        }
        let user = fixture.admin().user_id(sample::NORMAL).await;
        give_password(&fixture, &user, GOOD).await;
        lets_in(&fixture, &portal, sample::NORMAL, GOOD).await;
    }
);
