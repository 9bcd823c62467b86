//! Who is read of a company that is connected by a suite: by its visible scope, by ids, and what becomes of those who leave.

use serde_json::{Value, json};
use simulator::{Action, Delivery, sample, world::Scope};

use super::{company, portal_of, told, userids};
use crate::{
    actors::{As, id, text},
    fixture::Fixture,
    scenario,
};

scenario!(
    members_are_their_ids_and_departments_too_and_nobody_outside_the_scope_is_read,
    |fixture: Fixture| async move {
        let company = company(&fixture).await;
        let members = fixture
            .admin()
            .items(&format!("members?data_source={}&limit=200", company.source))
            .await;
        assert!(members.len() > 10, "{}", members.len());
        for member in &members {
            assert!(text(member, "userid").starts_with("wo"), "{member}");
            assert_eq!(member["name"], Value::Null, "{member}");
        }
        let read = userids(&fixture, &company.source).await;
        for inside in [sample::NORMAL, sample::BY_PICK] {
            assert!(read.contains(&told(&fixture, inside)), "{inside}");
        }
        assert!(!read.contains(&told(&fixture, sample::OUT_OF_SCOPE)));
        let user = fixture.admin().user(&told(&fixture, sample::NORMAL)).await;
        assert_eq!(user["display_name"], Value::Null, "{user}");
    }
);

scenario!(
    an_admin_gives_a_member_a_username_and_the_next_sync_keeps_it,
    |fixture: Fixture| async move {
        let company = company(&fixture).await;
        let user = fixture.admin().user(&told(&fixture, sample::NORMAL)).await;
        let path = format!("users/{}", id(&user));
        fixture.admin().change(&path, json!({ "username": "li.hua" })).await;
        let run = fixture.sync(&company.source).await;
        assert_eq!(run["state"], "succeeded", "{run}");
        let portal = portal_of(&fixture, &company).await;
        let tokens = portal.tokens(&fixture, &fixture.browser(), sample::NORMAL).await;
        let userinfo = portal.userinfo(tokens["access_token"].as_str().unwrap()).await;
        assert_eq!(userinfo.body["preferred_username"], "li.hua", "{}", userinfo.body);
        assert_eq!(userinfo.body["sub"], user["id"]);
    }
);

scenario!(
    whoever_leaves_or_falls_out_of_the_scope_is_out_after_the_next_sync,
    |fixture: Fixture| async move {
        let company = company(&fixture).await;
        let portal = portal_of(&fixture, &company).await;
        let (gone, fallen) = (told(&fixture, sample::NORMAL), told(&fixture, sample::BY_PICK));
        let at_home = portal.tokens(&fixture, &fixture.browser(), sample::NORMAL).await;
        portal.tokens(&fixture, &fixture.browser(), sample::BY_PICK).await;
        let action = Action::Remove {
            userid: sample::NORMAL.to_owned(),
        };
        fixture
            .wecom
            .act(sample::CORP, action, Delivery::default())
            .await
            .unwrap();
        let agentid = fixture
            .wecom
            .edit(|world| world.installed_mut(sample::CORP, sample::SUITE).unwrap().agentid);
        let scope = Scope {
            parties: vec![2],
            ..Scope::default()
        };
        let action = Action::Scope { agentid, scope };
        fixture
            .wecom
            .act(sample::CORP, action, Delivery::default())
            .await
            .unwrap();
        fixture.wait_for_background_work().await;
        let run = fixture.sync(&company.source).await;
        assert_eq!(run["state"], "succeeded", "{run}");
        for out in [&gone, &fallen] {
            assert_ne!(fixture.admin().user(out).await["status"], "active", "{out}");
        }
        portal.assert_ended(&at_home).await;
        let page = portal
            .sign_in(&fixture, &fixture.browser(), As::Member(sample::BY_PICK))
            .await;
        assert!(page.status >= 400 && page.returned("code").is_none(), "{}", page.body);
    }
);
