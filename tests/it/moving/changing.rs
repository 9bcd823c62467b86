//! The change itself: people, grants, lists and records stay, sign-in changes over at once.

use serde_json::{Value, json};
use simulator::{
    Action, Delivery, SuiteCallback, sample,
    world::{Fault, FaultKind, Member, Scope},
};

use super::{company, company_in, company_of, own_app, plain_ids, told};
use crate::{
    actors::{As, id, id_claims, text},
    fixture::Fixture,
    installations, scenario, suites,
};

scenario!(
    a_company_moves_and_every_sub_grant_list_group_and_record_stays_with_its_person,
    |fixture: Fixture| async move {
        let company = company(&fixture).await;
        let admin = fixture.admin();
        let user = admin.user(&told(&fixture, sample::NORMAL)).await;
        let group = admin.create("groups", json!({ "name": "editors" })).await;
        admin
            .create(
                &format!("groups/{}/users", id(&group)),
                json!({ "users": [user["id"]] }),
            )
            .await;
        let listed = json!({ "auth_sources": [company.auth_source], "allowed_groups": [group["id"]] });
        let portal = fixture.portal("wiki", listed).await;
        let browser = fixture.browser();
        let before = portal.tokens(&fixture, &browser, sample::NORMAL).await;
        let people = company.people(&fixture).await;
        let trail = admin.items(&format!("audit-events?user={}&limit=200", id(&user))).await;
        assert!(!trail.is_empty());

        company.moved(&fixture).await;

        let run = company.last_sync(&fixture).await;
        assert_eq!(run["state"], "succeeded", "{run}");
        assert_eq!(run["counts"]["departed"], 0, "{run}");
        let after = company.people(&fixture).await;
        for (userid, user) in people {
            let plain = fixture.wecom.edit(|world| {
                let corp = world.corp_mut(sample::CORP).unwrap();
                let members: Vec<String> = corp.members.values().map(|member| member.userid.clone()).collect();
                let open = |plain: &String| world.as_told(sample::SUITE, sample::CORP, plain).unwrap().1;
                members.into_iter().find(|plain| open(plain) == userid).unwrap()
            });
            assert_eq!(after[&plain], user, "{userid} is {plain}");
        }
        // The session, the grant and who they are.
        let refreshed = portal.refresh(text(&before, "refresh_token")).await;
        assert_eq!(refreshed.status, 200, "{}", refreshed.body);
        let userinfo = portal.userinfo(text(&refreshed.body, "access_token")).await;
        assert_eq!(userinfo.body["sub"], id_claims(&before)["sub"], "{}", userinfo.body);
        let silent = portal.tokens_silently(&browser, &[]).await;
        assert_eq!(id_claims(&silent)["sub"], id_claims(&before)["sub"]);
        // The new app signs the same person in, whom its contacts name.
        let again = portal.tokens(&fixture, &fixture.browser(), sample::NORMAL).await;
        assert_eq!(id_claims(&again)["sub"], id_claims(&before)["sub"]);
        let now = admin.get(&format!("users/{}", id(&user))).await;
        assert_eq!(
            (&now["username"], &now["status"]),
            (&user["username"], &json!("active"))
        );
        assert_eq!(now["display_name"], "李华", "{now}");
        let still = admin.items(&format!("audit-events?user={}&limit=200", id(&user))).await;
        for event in &trail {
            assert!(still.iter().any(|kept| kept["id"] == event["id"]), "{event}");
        }
        let source = company.source(&fixture).await;
        assert_eq!(source["corp_id"], sample::CORP, "{source}");
        assert_eq!(source["app"]["agent_id"], sample::AGENT_ID, "{source}");
    }
);

scenario!(
    where_wecom_told_the_companys_own_ids_all_along_they_stay_as_they_are,
    |fixture: Fixture| async move {
        let company = company_in(&fixture, plain_ids).await;
        let portal = company.portal(&fixture, "wiki").await;
        let before = portal.tokens(&fixture, &fixture.browser(), sample::NORMAL).await;
        let people = company.people(&fixture).await;
        let done = company.moved(&fixture).await;
        assert_eq!(done["proven_by"], "same_id", "{done}");
        assert_eq!(done["pairs"]["converted"], 0, "{done}");
        assert_eq!(done["pairs"]["same"], people.len(), "{done}");
        let after = company.people(&fixture).await;
        for (userid, user) in people {
            assert_eq!(after[&userid], user, "{userid}");
        }
        let again = portal.tokens(&fixture, &fixture.browser(), sample::NORMAL).await;
        assert_eq!(id_claims(&again)["sub"], id_claims(&before)["sub"]);
    }
);

scenario!(
    sign_in_at_the_suite_ends_at_that_moment_also_for_whoever_is_on_the_way,
    |fixture: Fixture| async move {
        let company = company(&fixture).await;
        let portal = company.portal(&fixture, "wiki").await;
        let browser = fixture.browser();
        let callback = portal.to_callback(&fixture, &browser, As::Member(sample::NORMAL)).await;
        let asked = fixture.wecom.calls("service/auth/getuserinfo3rd");
        company.moved(&fixture).await;
        let page = browser.open(&callback).await;
        assert!(page.status >= 400 && page.returned("code").is_none(), "{}", page.body);
        assert_eq!(fixture.wecom.calls("service/auth/getuserinfo3rd"), asked);
        // A new sign-in goes to the company's own app.
        let login = fixture.browser();
        let shown = login.open(&portal.authorize_url(&[])).await;
        let wecom = login.get(&shown.link("/go/")).await.location.unwrap();
        let own = format!("agentid={}", sample::AGENT_ID);
        assert!(wecom.contains(&own) && !wecom.contains("ServiceApp"), "{wecom}");
    }
);

scenario!(
    a_member_who_changed_since_they_were_paired_keeps_the_company_where_it_is,
    |fixture: Fixture| async move {
        let company = company(&fixture).await;
        let paired = company.paired(&fixture).await;
        let ready = company.rehearsed(&fixture, &paired).await;
        let action = Action::Remove {
            userid: sample::BY_PICK.to_owned(),
        };
        fixture
            .wecom
            .act(sample::CORP, action, Delivery::default())
            .await
            .unwrap();
        fixture.wait_for_background_work().await;
        fixture.sync(&company.source).await;
        let refused = company.change(&fixture, &ready).await;
        assert_eq!(refused.refusal(), (409, "MV-109"), "{}", refused.body);
        assert!(!company.source(&fixture).await["app"]["agent_id"].is_null());
        let paired = fixture.admin().create(&company.at(&ready, "/pair"), json!({})).await;
        let ready = company.rehearsed(&fixture, &paired).await;
        assert_eq!(company.change(&fixture, &ready).await.status, 200);
    }
);

scenario!(
    of_many_admins_who_change_at_once_one_does_and_what_waits_is_confirmed_by_nobody,
    |fixture: Fixture| async move {
        let company = company(&fixture).await;
        let planned = fixture
            .admin()
            .create(
                &format!("data-sources/{}/sync", company.source),
                json!({ "mode": "plan" }),
            )
            .await;
        fixture.admin().watch(id(&planned)).await;
        let paired = company.paired(&fixture).await;
        let ready = company.rehearsed(&fixture, &paired).await;
        let tries = (0..20).map(|_| company.change(&fixture, &ready));
        let answers = futures_util::future::join_all(tries).await;
        let won = answers.iter().filter(|answer| answer.status == 200).count();
        assert_eq!(
            won,
            1,
            "{:?}",
            answers.iter().map(|one| one.refusal()).collect::<Vec<_>>()
        );
        let lost = |number: &str| ["MV-111", "MV-106", "SY-101"].contains(&number);
        let others = answers.iter().filter(|answer| answer.status != 200);
        for answer in others {
            assert!(lost(answer.refusal().1), "{}", answer.body);
        }
        company.settled(&fixture).await;
        for run in [id(&planned), text(&ready["rehearsal"], "run_id")] {
            let path = format!("sync-runs/{run}/confirm");
            let refused = fixture.admin().call("POST", &path, None).await;
            assert_eq!(refused.refusal(), (409, "SY-118"), "{}", refused.body);
        }
    }
);

scenario!(
    where_wecom_fails_at_the_sync_that_follows_everybody_is_named_anew_all_the_same_and_it_comes_by_itself,
    |fixture: Fixture| async move {
        let company = company(&fixture).await;
        fixture.wecom.edit(|world| {
            let app = world.installed_mut(sample::CORP, sample::SUITE).unwrap();
            app.scope.tags = vec![1];
        });
        fixture.sync(&company.source).await;
        let tagged = "SELECT COUNT(*) FROM tag_user WHERE userid_key ";
        let many =
            async |which: &str| crate::backends::number(fixture.database_url(), &format!("{tagged}{which}")).await;
        let before = many("LIKE 'wo%'").await;
        assert!(before > 0, "somebody bears a tag");
        let paired = company.paired(&fixture).await;
        let ready = company.rehearsed(&fixture, &paired).await;
        fixture.break_wecom("/cgi-bin/department/");
        fixture.break_wecom("/cgi-bin/user/");
        fixture.break_wecom("/cgi-bin/tag/");
        let waiting = format!("FROM member WHERE userid = '{}'", told(&fixture, sample::NORMAL));
        for row in [
            "INSERT INTO access_request (id, data_source_id, corp_id, userid, userid_key, member_id, mode, state, reason, created_at, expires_at, \
             reason_shown, link_digest, link_expires_at, version) \
             SELECT id, data_source_id, 'wpOLD', userid, userid_key, id, 'chosen', 'open', '', 0, 4000000000000, false, 'x', 0, 1",
            "INSERT INTO identity_finding (id, data_source_id, member_id, userid, reason, before, after, state, opened_at) \
             SELECT id, data_source_id, id, userid, '', '{}', '{}', 'open', 0",
        ] {
            crate::backends::execute(fixture.database_url(), &format!("{row} {waiting}")).await;
        }
        let done = company.change(&fixture, &ready).await;
        assert_eq!(done.status, 200, "{}", done.body);
        company.settled(&fixture).await;
        for (table, own) in [
            (
                "access_request",
                format!("userid_key = '{}' AND corp_id = '{}'", sample::NORMAL, sample::CORP),
            ),
            ("identity_finding", "state = 'open'".to_owned()),
        ] {
            let named = format!(
                "SELECT COUNT(*) FROM {table} WHERE userid = '{}' AND {own}",
                sample::NORMAL
            );
            assert_eq!(
                crate::backends::number(fixture.database_url(), &named).await,
                1,
                "{table}"
            );
        }
        let run = company.last_sync(&fixture).await;
        assert_ne!(run["state"], "succeeded", "{run}");
        // Nothing was read by the new app yet, and everybody has their id there.
        assert!(company.people(&fixture).await.contains_key(sample::NORMAL));
        assert_eq!(many("LIKE 'wo%'").await, 0);
        assert_eq!(many("LIKE '%#%'").await, 0);
        assert_eq!(many("NOT LIKE 'wo%'").await, before);
        assert_eq!(many(&format!("= '{}'", sample::NORMAL)).await, 1);
        fixture.mend_wecom();
        fixture.advance(std::time::Duration::from_secs(13 * 3600));
        installations::tick(&fixture).await;
        let user = fixture.admin().user(&told(&fixture, sample::NORMAL)).await;
        assert_eq!(user["display_name"], "李华", "{user}");
    }
);

scenario!(
    events_of_the_suite_do_nothing_any_more_and_its_suite_stays_while_the_app_is_installed,
    |fixture: Fixture| async move {
        let suite = suites::connected(&fixture).await;
        suites::save(&fixture, &suite, SuiteCallback::Data).await.unwrap();
        let company = company_of(&fixture, &suite).await;
        let installed = fixture.admin().items("installations").await.remove(0);
        company.moved(&fixture).await;
        // What is due after a change.
        installations::tick(&fixture).await;
        fixture.wait_for_background_work().await;
        let (people, runs) = (company.people(&fixture).await, company.last_sync(&fixture).await);
        let asked = fixture.wecom.calls("user/get");
        let agentid = u32::try_from(installed["agent_id"].as_i64().unwrap()).unwrap();
        let status = Action::Status {
            userid: sample::NORMAL.to_owned(),
            status: 2,
        };
        let scope = Action::Scope {
            agentid,
            scope: Scope::default(),
        };
        for action in [status, scope] {
            fixture
                .wecom
                .act(sample::CORP, action, Delivery::default())
                .await
                .unwrap();
            installations::tick(&fixture).await;
            fixture.wait_for_background_work().await;
        }
        assert_eq!(company.people(&fixture).await, people);
        assert_eq!(fixture.wecom.calls("user/get"), asked);
        assert_eq!(id(&company.last_sync(&fixture).await), id(&runs));
        let user = fixture.admin().user(&told(&fixture, sample::NORMAL)).await;
        assert_eq!(user["status"], "active", "{user}");
        let installation = fixture.admin().items("installations").await.remove(0);
        assert_eq!(installation["status"], "moved", "{installation}");
        let only: Vec<Value> = fixture.admin().items("installations?status=moved").await;
        assert_eq!(only.len(), 1);
        let suite = text(&installation, "suite_id");
        let kept = fixture.admin().call("DELETE", &format!("suites/{suite}"), None).await;
        assert_eq!(kept.refusal(), (409, "SU-104"), "{}", kept.body);
        let mut again = own_app();
        again["agent_id"] = json!(sample::OLD_AGENT_ID);
        again["app_secret"] = json!(sample::OLD_APP_SECRET);
        let refused = fixture.admin().call("POST", &company.moves(), Some(again)).await;
        assert_eq!(refused.refusal(), (409, "MV-102"), "{}", refused.body);
    }
);

scenario!(
    members_exchange_ids_in_the_database_and_back,
    |fixture: Fixture| async move {
        let company = company(&fixture).await;
        // One whose id at the suite is that which another has in the company's own app.
        let other = told(&fixture, sample::BY_PICK);
        let rename = format!(
            "UPDATE member SET userid = '{0}', userid_key = '{0}' WHERE userid = '{other}'",
            sample::NORMAL.to_lowercase()
        );
        crate::backends::execute(fixture.database_url(), &rename).await;
        let people = company.people(&fixture).await;
        let planned = company.paired(&fixture).await;
        let list = company.at(&planned, "/pairs");
        let pairs = fixture.admin().items(&format!("{list}?limit=200")).await;
        let pair = pairs
            .iter()
            .find(|pair| pair["old_userid"] == sample::NORMAL.to_lowercase())
            .unwrap();
        let path = format!("{list}/{}", text(pair, "member_id"));
        let entered = json!({ "userid": sample::BY_PICK });
        assert_eq!(fixture.admin().call("PUT", &path, Some(entered)).await.status, 200);
        let paired = fixture.admin().create(&company.at(&planned, "/pair"), json!({})).await;
        assert_eq!(paired["pairs"]["unpaired"], 0, "{paired}");
        let ready = company.rehearsed(&fixture, &paired).await;
        // What the transaction alone made of them.
        fixture.break_wecom("/cgi-bin/department/");
        fixture.break_wecom("/cgi-bin/user/");
        let done = company.change(&fixture, &ready).await;
        assert_eq!(done.status, 200, "{}", done.body);
        company.settled(&fixture).await;
        let after = company.people(&fixture).await;
        assert_eq!(after[sample::NORMAL], people[&told(&fixture, sample::NORMAL)]);
        assert_eq!(after[sample::BY_PICK], people[&sample::NORMAL.to_lowercase()]);
        company.undone(&fixture, &done.body).await;
        assert_eq!(company.people(&fixture).await, people);
    }
);

scenario!(
    a_company_of_more_members_than_one_call_takes_is_paired_whole,
    |fixture: Fixture| async move {
        let company = company_in(&fixture, |world| {
            let corp = world.corp_mut(sample::CORP).unwrap();
            let like = corp.member(sample::NORMAL).unwrap().clone();
            for at in 0..1_050 {
                corp.add_member(Member {
                    userid: format!("many{at}"),
                    serial: 0,
                    ..like.clone()
                });
            }
        })
        .await;
        let asked = fixture.wecom.calls("batch/openuserid_to_userid");
        let paired = company.paired(&fixture).await;
        assert_eq!(fixture.wecom.calls("batch/openuserid_to_userid") - asked, 2);
        let counts = &paired["pairs"];
        assert!(counts["converted"].as_i64().unwrap() > 1_050, "{paired}");
        assert_eq!(counts["unpaired"], 0, "{paired}");
        // A call that is refused takes nothing from what the others tell, nor from what was known.
        let fault = Fault::new("/cgi-bin/batch/openuserid_to_userid", FaultKind::Errcode(60221)).times(1);
        fixture.add_fault(fault);
        let again = fixture.admin().create(&company.at(&paired, "/pair"), json!({})).await;
        assert_eq!(again["pairs"], paired["pairs"], "{again}");
        assert_eq!(fixture.wecom.calls("batch/openuserid_to_userid") - asked, 4);
    }
);
