//! Out of an app's scope means out of what was opened through that app, whichever way it is learned, and out of nothing else.

use std::time::Duration;

use serde_json::json;
use simulator::{
    Delivery, Event, Owner, sample,
    world::{Placement, Scope},
};

use super::{after_an_hour, app, is_open, rescope, two_apps};
use crate::{
    actors::{As, id, text},
    fixture::Fixture,
    scenario,
};

// Out of another app's scope: what was opened through it ends, found by a sync or by the hourly reading.
scenario!(
    out_of_another_apps_scope_what_was_opened_through_it_ends,
    |fixture: Fixture| async move {
        let apps = two_apps(&fixture, json!({})).await;
        for (by, learned) in [("sync", "sync"), ("reading", "poll")] {
            rescope(&fixture, sample::OLD_AGENT_ID, &[1], &[]);
            after_an_hour(&fixture).await;
            let kept = apps.wiki.tokens(&fixture, &fixture.browser(), sample::NORMAL).await;
            let lost = apps.crm.tokens(&fixture, &fixture.browser(), sample::NORMAL).await;
            let stays = apps.crm.tokens(&fixture, &fixture.browser(), sample::ADMIN).await;
            rescope(&fixture, sample::OLD_AGENT_ID, &[], &[sample::ADMIN]);
            match by {
                "sync" => {
                    fixture.advance(Duration::from_secs(1));
                    let run = fixture.sync(id(&apps.source)).await;
                    assert_eq!(run["state"], "succeeded", "{run}");
                    let rows = fixture.admin().items(&format!("sync-runs/{}/rows", id(&run))).await;
                    let row = rows.iter().find(|row| row["userid"] == sample::NORMAL).unwrap();
                    assert_eq!(row["outcome"], "outside", "{row}");
                    assert!(text(row, "reason").contains("1000001"), "{row}");
                }
                _ => {
                    after_an_hour(&fixture).await;
                }
            }
            apps.crm.assert_ended(&lost).await;
            let open = apps.wiki.refresh(text(&kept, "refresh_token")).await;
            assert_eq!(open.status, 200, "{by}: {}", open.body);
            let open = apps.crm.refresh(text(&stays, "refresh_token")).await;
            assert_eq!(open.status, 200, "{by}: {}", open.body);
            let user = fixture.admin().user(sample::NORMAL).await;
            assert_eq!(user["status"], "active", "{by}");
            let reports = fixture
                .admin()
                .items(&format!("offboardings?user_id={}", id(&user)))
                .await;
            let report = &reports[0];
            assert_eq!(
                (&report["reason"], &report["learned_by"]),
                (&json!("out_of_scope"), &json!(learned))
            );
            assert_eq!(
                report["app_id"],
                app(&fixture, sample::OLD_AGENT_ID).await["id"],
                "{report}"
            );
            assert_eq!(report["user_disabled"], false);
            fixture.advance(Duration::from_secs(1));
            let run = fixture.sync(id(&apps.source)).await;
            let again = fixture
                .admin()
                .items(&format!("offboardings?user_id={}", id(&user)))
                .await;
            assert_eq!(again.len(), reports.len(), "ended twice: {run}");
        }
    }
);

scenario!(
    what_wecom_says_live_outweighs_the_scope_of_another_app_that_was_read_before,
    |fixture: Fixture| async move {
        let apps = two_apps(&fixture, json!({})).await;
        rescope(&fixture, sample::OLD_AGENT_ID, &[8], &[]);
        fixture.sync(id(&apps.source)).await;
        // Let in again in WeCom; what we hold says outside.
        rescope(&fixture, sample::OLD_AGENT_ID, &[1], &[]);
        let tokens = apps.crm.tokens(&fixture, &fixture.browser(), sample::NORMAL).await;
        let looks = fixture.wecom.calls("user/get");
        let fresh = apps.crm.refresh(text(&tokens, "refresh_token")).await;
        assert_eq!(fresh.status, 200, "{}", fresh.body);
        assert_eq!(
            fixture.wecom.calls("user/get"),
            looks + 1,
            "the scope we hold is doubted"
        );
        // And the other way round: held inside, out in WeCom.
        fixture.advance(Duration::from_secs(1));
        fixture.sync(id(&apps.source)).await;
        rescope(&fixture, sample::OLD_AGENT_ID, &[8], &[]);
        let page = apps
            .crm
            .sign_in(&fixture, &fixture.browser(), As::Member(sample::NORMAL))
            .await;
        assert!(page.returned("code").is_none(), "{}", page.body);
    }
);

// Nobody signs in through the integration app: the scope of the other one decides about sign-ins, and not who is a user.
scenario!(
    the_only_app_that_people_sign_in_through_disables_nobody_whom_the_integration_app_covers,
    |fixture: Fixture| async move {
        let apps = two_apps(&fixture, json!({})).await;
        fixture
            .admin()
            .change("clients/wiki", json!({ "auth_sources": [apps.other["id"]] }))
            .await;
        let all = fixture.admin().items("auth-sources").await;
        let first = all.iter().find(|one| one["id"] != apps.other["id"]).unwrap();
        let gone = fixture
            .admin()
            .call("DELETE", &format!("auth-sources/{}", id(first)), None)
            .await;
        assert_eq!(gone.status, 204, "{}", gone.body);
        let lost = apps.crm.tokens(&fixture, &fixture.browser(), sample::NORMAL).await;
        rescope(&fixture, sample::OLD_AGENT_ID, &[8], &[]);
        for _ in 0..2 {
            let page = apps
                .crm
                .sign_in(&fixture, &fixture.browser(), As::Member(sample::NORMAL))
                .await;
            assert!(page.returned("code").is_none(), "{}", page.body);
            apps.crm.assert_ended(&lost).await;
            assert_eq!(fixture.admin().user(sample::NORMAL).await["status"], "active");
            fixture.advance(Duration::from_secs(1));
            fixture.sync(id(&apps.source)).await;
        }
        let reports = fixture.admin().items("offboardings").await;
        assert_eq!(reports.len(), 1, "{reports:?}");
    }
);

// Whose members a tag has depends on who asks; what we hold of it may lack somebody.
scenario!(
    a_tag_of_another_apps_scope_puts_nobody_outside_unasked,
    |fixture: Fixture| async move {
        let apps = two_apps(&fixture, json!({})).await;
        fixture.edit_corp(|corp| {
            corp.tags.get_mut(&3).unwrap().users.push(sample::NORMAL.to_owned());
            corp.apps.get_mut(&sample::OLD_AGENT_ID).unwrap().scope = Scope {
                tags: vec![3],
                ..Scope::default()
            };
        });
        fixture.app.tick().await.unwrap();
        let tokens = apps.crm.tokens(&fixture, &fixture.browser(), sample::NORMAL).await;
        // By what we hold he is outside; WeCom, asked through the app, knows better, and is asked once its word is a minute old.
        let looks = fixture.wecom.calls("user/get");
        let fresh = apps.crm.refresh(text(&tokens, "refresh_token")).await;
        assert_eq!(
            (fresh.status, fixture.wecom.calls("user/get")),
            (200, looks),
            "{}",
            fresh.body
        );
        let tokens = fresh.body;
        fixture.advance(Duration::from_secs(61));
        let fresh = apps.crm.refresh(text(&tokens, "refresh_token")).await;
        assert_eq!(fresh.status, 200, "{}", fresh.body);
        assert_eq!(fixture.wecom.calls("user/get"), looks + 1);
        let tokens = fresh.body;
        after_an_hour(&fixture).await;
        fixture.break_wecom("/cgi-bin/user/get");
        let fresh = apps.crm.refresh(text(&tokens, "refresh_token")).await;
        assert_eq!(fresh.status, 200, "the grace counts: {}", fresh.body);
    }
);

// The removal threshold counts them as any other.
scenario!(
    too_many_out_of_another_apps_scope_pause_the_run,
    |fixture: Fixture| async move {
        let apps = two_apps(&fixture, json!({})).await;
        let people = [
            "lihua", "wangwu", "zhaoliu", "sunqi", "zhouba", "wujiu", "zhengshi", "fengyi", "chuwei", "weimin",
            "jiangnan",
        ];
        let mut opened = Vec::new();
        for person in people {
            opened.push(apps.crm.tokens(&fixture, &fixture.browser(), person).await);
        }
        rescope(&fixture, sample::OLD_AGENT_ID, &[8], &[]);
        fixture.advance(Duration::from_secs(1));
        let run = fixture.sync(id(&apps.source)).await;
        assert_eq!(run["state"], "paused", "{run}");
        assert_eq!(run["counts"]["removals"], people.len(), "{run}");
        for tokens in &opened {
            assert!(is_open(&apps.crm, tokens).await);
        }
        let path = format!("sync-runs/{}/confirm", id(&run));
        fixture.admin().create(&path, json!({})).await;
        let run = fixture.admin().watch(id(&run)).await;
        assert_eq!(run["state"], "succeeded", "{run}");
        for tokens in &opened {
            assert!(!is_open(&apps.crm, tokens).await);
        }
        assert_eq!(fixture.admin().user("lihua").await["status"], "active");
    }
);

// The same URL, token and key may be entered for several apps; each event is looked at through the app that it is about.
scenario!(
    unsubscribe_of_another_app_is_looked_up_through_that_app,
    |fixture: Fixture| async move {
        let apps = two_apps(&fixture, json!({})).await;
        let path = format!("data-sources/{}/callbacks", id(&apps.source));
        let issued = fixture.admin().create(&path, json!({ "owner": "app" })).await;
        for agent_id in [sample::AGENT_ID, sample::OLD_AGENT_ID] {
            let saved = fixture.wecom.configure_callback(
                sample::CORP,
                Owner::App(agent_id),
                text(&issued, "url"),
                text(&issued, "token"),
                text(&issued, "encoding_aes_key"),
            );
            saved.await.unwrap();
        }
        let tell = async |agent_id: u32, userid: &str| {
            let userid = userid.to_owned();
            let event = Event::Unsubscribe { userid };
            let told = fixture
                .wecom
                .emit(sample::CORP, Owner::App(agent_id), event, Delivery::default());
            assert_eq!(told.await.statuses, [200]);
            fixture.wait_for_background_work().await;
        };
        // Outside the integration app's scope and inside the other's, which is what counts.
        let guest = apps
            .crm
            .tokens(&fixture, &fixture.browser(), sample::OUT_OF_SCOPE)
            .await;
        let kept = apps.wiki.tokens(&fixture, &fixture.browser(), sample::NORMAL).await;
        let lost = apps.crm.tokens(&fixture, &fixture.browser(), sample::NORMAL).await;
        fixture.advance(Duration::from_secs(1));
        tell(sample::OLD_AGENT_ID, sample::OUT_OF_SCOPE).await;
        assert!(
            is_open(&apps.crm, &guest).await,
            "looked up through the integration app"
        );
        // Out of the other app's scope: that alone ends.
        rescope(&fixture, sample::OLD_AGENT_ID, &[10], &[]);
        tell(sample::OLD_AGENT_ID, sample::NORMAL).await;
        apps.crm.assert_ended(&lost).await;
        assert!(is_open(&apps.wiki, &kept).await);
        assert_eq!(fixture.admin().user(sample::NORMAL).await["status"], "active");
        // And of the integration app as before.
        fixture.edit_corp(|corp| {
            corp.member_mut(sample::NORMAL).unwrap().departments = vec![Placement::of(10)];
            corp.tags.values_mut().for_each(|tag| tag.users.clear());
        });
        tell(sample::AGENT_ID, sample::NORMAL).await;
        apps.wiki.assert_ended(&kept).await;
        assert!(is_open(&apps.crm, &guest).await);
    }
);

// With the app's secret alone we do not see every department of a member; then the app itself tells.
scenario!(
    where_the_lists_do_not_show_all_the_app_itself_is_asked,
    |fixture: Fixture| async move {
        let apps = two_apps(&fixture, json!({ "contacts_secret": null })).await;
        fixture.edit_corp(|corp| {
            let member = corp.member_mut(sample::NORMAL).unwrap();
            member.departments.push(Placement::of(10));
        });
        rescope(&fixture, sample::OLD_AGENT_ID, &[10], &[]);
        fixture.sync(id(&apps.source)).await;
        let tokens = apps.crm.tokens(&fixture, &fixture.browser(), sample::NORMAL).await;
        fixture.advance(Duration::from_secs(1));
        let run = fixture.sync(id(&apps.source)).await;
        assert_eq!(run["state"], "succeeded", "{run}");
        let rows = fixture.admin().items(&format!("sync-runs/{}/rows", id(&run))).await;
        let row = rows
            .iter()
            .find(|row| row["userid"] == sample::NORMAL)
            .expect("weighed");
        assert_eq!(row["outcome"], "skipped", "{row}");
        assert!(is_open(&apps.crm, &tokens).await);
    }
);
