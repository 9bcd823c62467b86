//! Reference §1.2–1.4: tokens, their expiry, wrong secrets, trusted IPs, limits.

use simulator::ForcedExpiry;
use simulator::sample::{APP_SECRET, APP_SECRET2, CORP, CORP2};

use crate::stage::{NOW, errcode, sample};

#[actix_web::test]
async fn the_same_token_until_it_expires() {
    let stage = sample().await;
    let first = stage.app_token().await;
    stage.sim.clock().advance(7199);
    assert_eq!(stage.app_token().await, first);
    assert_eq!(errcode(&stage.with(&first, "tag/list").await), 0);
    stage.sim.clock().advance(1);
    assert_ne!(stage.app_token().await, first);
    assert_eq!(errcode(&stage.with(&first, "tag/list").await), 40014);
    stage.sim.edit(|world| world.switches.expired_token_code = 42001);
    assert_eq!(errcode(&stage.with(&first, "tag/list").await), 42001);
}

#[actix_web::test]
async fn a_repeated_token_claims_its_whole_lifetime_unless_it_counts_down() {
    let stage = sample().await;
    let path = format!("/cgi-bin/gettoken?corpid={CORP}&corpsecret={APP_SECRET}");
    let first = stage.get(&path).await;
    stage.sim.clock().advance(7000);
    assert_eq!(stage.get(&path).await, first, "7200, though 200 are left");
    stage.sim.edit(|world| world.switches.expires_in_counts_down = true);
    let again = stage.get(&path).await;
    assert_eq!(
        (&again["access_token"], &again["expires_in"]),
        (&first["access_token"], &200.into())
    );
}

#[actix_web::test]
async fn an_app_switched_off_heals_without_a_new_secret() {
    let stage = sample().await;
    let closed = |closed| {
        stage.sim.edit(|world| {
            let apps = &mut world.corp_mut(CORP).unwrap().apps;
            apps.get_mut(&simulator::sample::AGENT_ID).unwrap().closed = closed;
        });
    };
    let path = format!("/cgi-bin/gettoken?corpid={CORP}&corpsecret={APP_SECRET}");
    closed(true);
    assert_eq!(errcode(&stage.get(&path).await), 40001);
    closed(false);
    assert_eq!(errcode(&stage.get(&path).await), 0);
    assert_eq!(errcode(&stage.as_app("tag/list").await), 0);
}

#[actix_web::test]
async fn an_app_closed_by_disuse_gives_tokens_that_no_call_takes() {
    let stage = sample().await;
    let agentid = simulator::sample::AGENT_ID;
    let disuse = |disused| simulator::Action::Disuse { agentid, disused };
    stage.sim.act(CORP, disuse(true), Default::default()).await.unwrap();
    assert_eq!(errcode(&stage.as_app("tag/list").await), 48006);
    stage.sim.edit(|world| world.switches.disused_code = 50003);
    assert_eq!(errcode(&stage.as_app("auth/getuserinfo?code=x").await), 50003);
    stage.sim.act(CORP, disuse(false), Default::default()).await.unwrap();
    assert_eq!(errcode(&stage.as_app("tag/list").await), 0);
}

#[actix_web::test]
async fn hints_begin_with_the_time_and_the_address_may_be_missing() {
    let stage = sample().await;
    let message = async || {
        stage.with("none", "tag/list").await["errmsg"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    let begins = format!("invalid access_token, hint: [{NOW}");
    let stamped = message().await;
    assert!(stamped.starts_with(&format!("{begins}_")) && stamped.contains(", from ip: 127.0.0.1, more"));
    stage.sim.edit(|world| {
        world.switches.hint_shape = simulator::world::HintShape::Digits;
        world.switches.empty_from_ip = true;
    });
    let digits = message().await;
    assert!(
        digits.starts_with(&begins) && !digits.contains(&format!("{NOW}_")),
        "{digits}"
    );
    assert!(digits.contains("], from ip: , more info at"), "{digits}");
}

#[actix_web::test]
async fn tokens_of_different_secrets_are_independent() {
    let stage = sample().await;
    assert_ne!(stage.app_token().await, stage.contacts_token().await);
    stage.sim.edit(|world| world.switches.same_token_until_expiry = false);
    assert_ne!(stage.app_token().await, stage.app_token().await);
}

#[actix_web::test]
async fn forced_expiry_answers_the_chosen_code_until_a_new_token() {
    let stage = sample().await;
    for (forced, code) in [(ForcedExpiry::Code40014, 40014), (ForcedExpiry::Code42001, 42001)] {
        let token = stage.app_token().await;
        stage.sim.expire_tokens(forced);
        assert_eq!(errcode(&stage.with(&token, "tag/list").await), code);
        assert_eq!(errcode(&stage.as_app("tag/list").await), 0);
    }
}

#[actix_web::test]
async fn credentials_are_refused_by_their_own_codes() {
    let stage = sample().await;
    let cases = [
        (format!("corpid={CORP}&corpsecret=wrong"), 40001),
        (format!("corpid=wwnobody&corpsecret={APP_SECRET}"), 40013),
        (format!("corpid={CORP}&corpsecret={APP_SECRET2}"), 40091),
        (format!("corpsecret={APP_SECRET}"), 41002),
        (format!("corpid={CORP}"), 41004),
    ];
    for (query, code) in cases {
        assert_eq!(
            errcode(&stage.get(&format!("/cgi-bin/gettoken?{query}")).await),
            code,
            "{query}"
        );
    }
    assert_eq!(errcode(&stage.get("/cgi-bin/tag/list").await), 41001);
    assert_eq!(errcode(&stage.with("never-existed", "tag/list").await), 40014);
    stage.token_of(CORP2, APP_SECRET2).await;
}

#[actix_web::test]
async fn a_closed_app_and_a_reset_secret_stop_their_tokens() {
    let stage = sample().await;
    let token = stage.app_token().await;
    let app = |world: &mut simulator::World, change: fn(&mut simulator::world::App)| {
        change(
            world
                .corp_mut(CORP)
                .unwrap()
                .apps
                .get_mut(&simulator::sample::AGENT_ID)
                .unwrap(),
        );
    };
    stage.sim.edit(|world| app(world, |app| app.closed = true));
    assert_eq!(errcode(&stage.with(&token, "tag/list").await), 50003);
    let query = format!("/cgi-bin/gettoken?corpid={CORP}&corpsecret={APP_SECRET}");
    assert_eq!(errcode(&stage.get(&query).await), 40001);
    stage
        .sim
        .edit(|world| app(world, |app| (app.closed, app.secret) = (false, "reset".to_owned())));
    assert_eq!(errcode(&stage.with(&token, "tag/list").await), 40001);
}

#[actix_web::test]
async fn untrusted_ips_are_named_in_errmsg_at_the_first_business_call() {
    let stage = sample().await;
    stage.sim.edit(|world| {
        world.caller_ip = Some("203.0.113.9".to_owned());
        let app = world
            .corp_mut(CORP)
            .unwrap()
            .apps
            .get_mut(&simulator::sample::AGENT_ID)
            .unwrap();
        app.trusted_ips = Some(vec!["198.51.100.1".to_owned()]);
    });
    let reply = stage.as_app("tag/list").await;
    assert_eq!(errcode(&reply), 60020);
    let message = reply["errmsg"].as_str().unwrap();
    assert!(
        message.starts_with("not allow to access from your ip, hint: ["),
        "{message}"
    );
    assert!(
        message.contains("from ip: 203.0.113.9, more info at https://"),
        "{message}"
    );
    assert!(message.ends_with("?e=60020"), "{message}");

    stage
        .sim
        .edit(|world| world.caller_ip = Some("198.51.100.1".to_owned()));
    assert_eq!(errcode(&stage.as_app("tag/list").await), 0);
    stage.sim.edit(|world| {
        world.caller_ip = Some("203.0.113.9".to_owned());
        world.switches.gettoken_checks_ip = true;
    });
    let query = format!("/cgi-bin/gettoken?corpid={CORP}&corpsecret={APP_SECRET}");
    assert_eq!(errcode(&stage.get(&query).await), 60020);
}

#[actix_web::test]
async fn frequency_limits_block_for_the_window() {
    let stage = sample().await;
    stage.sim.edit(|world| world.limits.corp_per_minute = 2);
    let token = stage.app_token().await;
    let mut codes = Vec::new();
    for _ in 0..4 {
        codes.push(errcode(&stage.with(&token, "tag/list").await));
    }
    assert_eq!(codes, [0, 0, 45009, 45009]);
    assert_eq!(
        errcode(&stage.with(&token, "tag/get?tagid=1").await),
        0,
        "another API has its own counter"
    );
    stage.sim.clock().advance(60);
    assert_eq!(errcode(&stage.with(&token, "tag/list").await), 0);
}

#[actix_web::test]
async fn wrong_secrets_block_the_address_for_every_app() {
    let stage = sample().await;
    stage.sim.edit(|world| world.limits.wrong_secrets_per_hour = 3);
    for _ in 0..4 {
        let wrong = stage
            .get(&format!("/cgi-bin/gettoken?corpid={CORP}&corpsecret=wrong"))
            .await;
        assert_eq!(errcode(&wrong), 40001);
    }
    let query = format!("/cgi-bin/gettoken?corpid={CORP}&corpsecret={APP_SECRET}");
    assert_eq!(errcode(&stage.get(&query).await), 45009);
    stage.sim.clock().advance(3600);
    assert_eq!(errcode(&stage.get(&query).await), 0);
}
