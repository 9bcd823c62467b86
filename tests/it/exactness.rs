//! What an admin was told is done counts on every replica from the very next request on: three replicas over one PostgreSQL, a change answered
//! by one, the next request at each other, a thousand times in a row while others ask all the time.

use std::{cell::Cell, rc::Rc, time::Duration};

use actix_web::rt::task::JoinHandle;
use futures_util::future::join_all;
use serde_json::{Value, json};
use simulator::{World, sample};

use crate::{
    actors::{Admin, Browser, Portal, Redemption, header, id, text},
    backends::{Backend, number, own_redis},
    fixture::{ADMIN_TOKEN, Fixture},
    replicas::psql,
};

/// Changes of each kind; there are five.
const TIMES: usize = 200;

/// A replica as somebody meets it.
struct At {
    admin: Admin,
    portal: Portal,
}

struct Scene {
    replicas: Vec<At>,
    tokens: Value,
    user: String,
    client: String,
    data_source: String,
}

impl Scene {
    async fn of(fixture: &Fixture) -> (Self, Browser) {
        fixture.connect().await;
        let metadata = json!({ "grant_types": ["authorization_code", "refresh_token", "client_credentials"] });
        let portal = fixture.portal("wiki", json!({ "metadata": metadata })).await;
        let browser = fixture.browser();
        let tokens = portal.tokens(fixture, &browser, sample::NORMAL).await;
        let (second, third) = (Box::pin(fixture.replica()).await, Box::pin(fixture.replica()).await);
        let admin = fixture.admin();
        let user = admin.user_id(sample::NORMAL).await;
        let scene = Self {
            user,
            client: portal.id.clone(),
            data_source: id(&admin.items("data-sources").await[0]).to_owned(),
            replicas: [&fixture.base, &second.base, &third.base]
                .into_iter()
                .map(|base| At {
                    admin: Admin::new(&fixture.http, base, ADMIN_TOKEN),
                    portal: portal.at(base),
                })
                .collect(),
            tokens,
        };
        (scene, browser)
    }

    fn token(&self) -> &str {
        text(&self.tokens, "access_token")
    }

    async fn userinfo(&self, at: &At) -> Redemption {
        at.portal.userinfo(self.token()).await
    }

    /// Makes the change at one replica, in turn, and asks each other.
    async fn each_time(&self, path: &str, change: impl Fn(usize) -> Value, stands: impl AsyncFn(usize, &At)) {
        for turn in 0..TIMES {
            let changed_at = turn % self.replicas.len();
            self.replicas[changed_at].admin.change(path, change(turn)).await;
            let others = self.replicas.iter().enumerate().filter(|(at, _)| *at != changed_at);
            join_all(others.map(|(_, at)| stands(turn, at))).await;
        }
    }
}

/// Asks all the time, at every replica, until it is told to stop.
struct Load {
    over: Rc<Cell<bool>>,
    asking: Vec<JoinHandle<usize>>,
}

impl Load {
    fn at(scene: &Scene) -> Self {
        let over = Rc::new(Cell::new(false));
        let asking = scene.replicas.iter().map(|at| {
            let (over, portal, token) = (Rc::clone(&over), at.portal.clone(), scene.token().to_owned());
            actix_web::rt::spawn(async move {
                let mut asked = 0;
                while !over.get() {
                    portal.userinfo(&token).await;
                    asked += 1;
                }
                asked
            })
        });
        Self {
            asking: asking.collect(),
            over,
        }
    }

    /// How often it asked.
    async fn end(self) -> usize {
        self.over.set(true);
        let asked = join_all(self.asking).await;
        asked.into_iter().map(Result::unwrap).sum()
    }
}

fn off_and_on(turn: usize) -> bool {
    turn % 2 == 1
}

#[actix_web::test]
async fn a_change_answered_on_one_replica_stands_at_the_next_request_on_each_other() {
    let Some(fixture) = Fixture::open(Backend::PostgresRedis).await else {
        return;
    };
    let (scene, _) = Box::pin(Scene::of(&fixture)).await;
    let load = Load::at(&scene);
    let name = |turn: usize| format!("名字{turn}");
    let user = format!("users/{}", scene.user);
    let named = async |turn: usize, at: &At| assert_eq!(scene.userinfo(at).await.body["name"], name(turn));
    scene
        .each_time(&user, |turn| json!({ "display_name": name(turn) }), named)
        .await;
    let client = format!("clients/{}", scene.client);
    let enabled = |turn| json!({ "enabled": off_and_on(turn) });
    let served = async |turn: usize, at: &At| {
        let expected = if off_and_on(turn) { 200 } else { 401 };
        assert_eq!(scene.userinfo(at).await.status, expected, "turn {turn}");
    };
    scene.each_time(&client, enabled, served).await;
    let scopes = |turn| match off_and_on(turn) {
        true => json!({ "metadata": { "api_scopes": ["orders:read"] } }),
        false => json!({ "metadata": { "api_scopes": ["orders:write"] } }),
    };
    let asked = async |turn: usize, at: &At| {
        let wanted = [("grant_type", "client_credentials"), ("scope", "orders:read")];
        let answer = at.portal.token(&wanted).await;
        let expected = if off_and_on(turn) { 200 } else { 400 };
        assert_eq!(answer.status, expected, "turn {turn}: {}", answer.body);
    };
    scene.each_time(&client, scopes, asked).await;
    assert!(load.end().await > TIMES, "nobody asked meanwhile");
}

#[actix_web::test]
async fn a_data_source_and_a_user_switched_off_on_one_replica_let_nobody_in_on_another() {
    let Some(fixture) = Fixture::open(Backend::PostgresRedis).await else {
        return;
    };
    let (scene, browser) = Box::pin(Scene::of(&fixture)).await;
    let source = format!("data-sources/{}", scene.data_source);
    let login = |turn| match off_and_on(turn) {
        true => json!({ "login_methods": ["wecom_qr"] }),
        false => json!({ "login_methods": [] }),
    };
    let silent = async |turn: usize, at: &At| {
        let page = at.portal.authorize_silently(&browser).await;
        assert_eq!(
            page.returned("code").is_some(),
            off_and_on(turn),
            "turn {turn}: {:?}",
            page.location
        );
    };
    scene.each_time(&source, login, silent).await;
    let user = format!("users/{}", scene.user);
    let status = |turn| json!({ "status": if off_and_on(turn) { "active" } else { "disabled" } });
    let out = async |turn: usize, at: &At| {
        // What was ended stays ended: from the first turn on.
        assert_eq!(scene.userinfo(at).await.status, 401, "turn {turn}");
    };
    scene.each_time(&user, status, out).await;
}

#[actix_web::test]
async fn whoever_is_put_into_a_group_on_one_replica_or_taken_out_is_so_at_the_next_request_on_each_other() {
    let Some(fixture) = Fixture::open(Backend::PostgresRedis).await else {
        return;
    };
    let (scene, browser) = Box::pin(Scene::of(&fixture)).await;
    let admin = fixture.admin();
    let group = admin.create("groups", json!({ "name": "ops" })).await;
    let limits = json!({ "allowed_groups": [group["id"]] });
    admin.change(&format!("clients/{}", scene.client), limits).await;
    let users = format!("groups/{}/users", id(&group));
    for turn in 0..60 {
        let changed_at = turn % scene.replicas.len();
        let at = &scene.replicas[changed_at].admin;
        let expected = match off_and_on(turn) {
            true => at.call("DELETE", &format!("{users}/{}", scene.user), None).await.status == 204,
            false => at.create(&users, json!({ "users": [scene.user] })).await["users"] == 1,
        };
        assert!(expected, "turn {turn}");
        for (_, other) in scene.replicas.iter().enumerate().filter(|(at, _)| *at != changed_at) {
            let page = other.portal.authorize_silently(&browser).await;
            let entered = page.returned("code").is_some();
            assert_eq!(entered, !off_and_on(turn), "turn {turn}: {:?}", page.location);
        }
    }
}

#[actix_web::test]
async fn several_who_are_put_into_a_group_at_once_enter_on_each_other_replica_and_nobody_else_reads_anew() {
    let Some(fixture) = Fixture::open(Backend::PostgresRedis).await else {
        return;
    };
    let (scene, browser) = Box::pin(Scene::of(&fixture)).await;
    let admin = fixture.admin();
    let mut users = vec![json!(scene.user)];
    for number in 0..9 {
        let user = json!({ "username": format!("colleague-{number}") });
        users.push(admin.create("users", user).await["id"].clone());
    }
    let group = admin.create("groups", json!({ "name": "ops" })).await;
    let limits = json!({ "allowed_groups": [group["id"]] });
    admin.change(&format!("clients/{}", scene.client), limits).await;
    let everybody = || everybodys(&fixture);
    let path = format!("groups/{}/users", id(&group));
    for turn in 0..12 {
        let changed_at = turn % scene.replicas.len();
        let at = &scene.replicas[changed_at].admin;
        let other = &scene.replicas[(changed_at + 1) % scene.replicas.len()].portal;
        assert!(
            other.authorize_silently(&browser).await.returned("code").is_none(),
            "turn {turn}"
        );
        let before = everybody().await;
        let added = at.create(&path, json!({ "users": users })).await;
        assert_eq!(added["users"], users.len(), "turn {turn}: {added}");
        assert_eq!(everybody().await, before, "turn {turn}: everybody's counter was raised");
        let entered = other.authorize_silently(&browser).await;
        assert!(
            entered.returned("code").is_some(),
            "turn {turn}: {:?}",
            entered.location
        );
        for user in &users {
            let gone = format!("{path}/{}", user.as_str().unwrap());
            assert_eq!(at.call("DELETE", &gone, None).await.status, 204);
        }
    }
}

#[actix_web::test]
async fn what_is_revoked_on_one_replica_is_over_on_each_other_and_nobody_else_reads_anew() {
    let Some(fixture) = Fixture::open(Backend::PostgresRedis).await else {
        return;
    };
    let (scene, browser) = Box::pin(Scene::of(&fixture)).await;
    for turn in 0..60 {
        let changed_at = turn % scene.replicas.len();
        let issued = scene.replicas[changed_at].portal.tokens_silently(&browser, &[]).await;
        let (token, refresh) = (text(&issued, "access_token"), text(&issued, "refresh_token"));
        for at in &scene.replicas {
            assert_eq!(at.portal.userinfo(token).await.status, 200);
        }
        let before = everybodys(&fixture).await;
        assert_eq!(
            scene.replicas[changed_at].portal.revoke(refresh).await,
            200,
            "turn {turn}"
        );
        for at in &scene.replicas {
            assert_eq!(at.portal.userinfo(token).await.status, 401, "turn {turn}");
            assert_eq!(at.portal.refresh(refresh).await.status, 400, "turn {turn}");
        }
        assert_eq!(
            everybodys(&fixture).await,
            before,
            "turn {turn}: everybody's counter was raised"
        );
    }
}

/// The version of what is everybody's.
async fn everybodys(fixture: &Fixture) -> i64 {
    let counters = "SELECT SUM(changes)::bigint FROM change_counter WHERE slot < 16";
    number(fixture.database_url(), counters).await
}

// A session that is over, with what was granted in it, goes two days later.
#[actix_web::test]
async fn what_is_swept_has_nobody_read_anew() {
    let Some(fixture) = Fixture::open(Backend::PostgresRedis).await else {
        return;
    };
    Box::pin(fixture.signed_in()).await;
    let kept = "SELECT (SELECT COUNT(*) FROM session) + (SELECT COUNT(*) FROM oauth_grant) + (SELECT COUNT(*) FROM refresh_token)";
    let tick = async || {
        for _ in 0..3 {
            fixture.app.tick().await.unwrap();
            fixture.wait_for_background_work().await;
        }
    };
    fixture.advance(Duration::from_secs(3 * 24 * 3600));
    // Whatever else is due by then is done.
    tick().await;
    assert_eq!(number(fixture.database_url(), kept).await, 3);
    let before = everybodys(&fixture).await;
    let over = "UPDATE session SET expires_at = 1; UPDATE refresh_token SET expires_at = 1";
    psql(fixture.database_url(), over);
    tick().await;
    assert_eq!(number(fixture.database_url(), kept).await, 0, "nothing was swept");
    assert_eq!(everybodys(&fixture).await, before, "everybody's counter was raised");
}

#[actix_web::test]
async fn a_key_withdrawn_on_one_replica_neither_signs_nor_verifies_on_another() {
    let Some(fixture) = Fixture::open(Backend::PostgresRedis).await else {
        return;
    };
    let (scene, browser) = Box::pin(Scene::of(&fixture)).await;
    for turn in 0..30 {
        let changed_at = turn % scene.replicas.len();
        let other = &scene.replicas[(turn + 1) % scene.replicas.len()];
        let before = other.portal.tokens_silently(&browser, &[]).await;
        let kid = header(text(&before, "access_token"))["kid"].clone();
        assert_eq!(other.portal.userinfo(text(&before, "access_token")).await.status, 200);
        let now = json!({ "now": true });
        scene.replicas[changed_at].admin.create("keys/rotate", now).await;
        assert_eq!(
            other.portal.userinfo(text(&before, "access_token")).await.status,
            401,
            "turn {turn}"
        );
        let after = other.portal.tokens_silently(&browser, &[]).await;
        assert_ne!(header(text(&after, "access_token"))["kid"], kid, "turn {turn}");
    }
}

// No message between replicas, nothing that passes with time: without Redis it holds as well.
#[actix_web::test]
async fn what_was_changed_stands_everywhere_also_when_redis_is_gone() {
    let Some(redis) = own_redis() else { return };
    let own = [("MENJIN__EPHEMERAL__URL".to_owned(), redis.base().to_owned())];
    let Some(fixture) = Fixture::open_set(Backend::PostgresRedis, World::sample(), &own).await else {
        return;
    };
    let (scene, _) = Box::pin(Scene::of(&fixture)).await;
    for at in &scene.replicas {
        assert_eq!(scene.userinfo(at).await.status, 200);
    }
    drop(redis);
    let [first, others @ ..] = scene.replicas.as_slice() else {
        unreachable!()
    };
    let path = format!("users/{}", scene.user);
    for turn in 0..20 {
        let name = format!("名字{turn}");
        first.admin.change(&path, json!({ "display_name": name })).await;
        for at in others {
            assert_eq!(scene.userinfo(at).await.body["name"], name);
        }
    }
}
