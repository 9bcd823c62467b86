//! Sign-out of a person, of a portal, of a data source and of everybody, by an admin.

use std::time::Duration;

use serde_json::{Value, json};
use simulator::sample;

use crate::{
    actors::{Admin, Browser, LogoutReceiver, Portal, id},
    back_channel_logout::listening,
    fixture::Fixture,
    password::{GOOD, anna, sign_in},
    scenario,
};

async fn end(admin: &Admin, scope: Value, dry_run: bool) -> Value {
    admin
        .create("sessions/end", json!({ "scope": scope, "dry_run": dry_run }))
        .await
}

async fn is_signed_in(portal: &Portal, browser: &Browser) -> bool {
    portal.authorize_silently(browser).await.returned("code").is_some()
}

/// Two members of the corp at `wiki`, of whom one also entered `mail`; and anna, who is of no data source, at `mail`.
struct Scene {
    fixture: Fixture,
    source: Value,
    wiki: Portal,
    mail: Portal,
    members: [Browser; 2],
    anna: Browser,
}

async fn scene(fixture: Fixture, receiver: &LogoutReceiver) -> Scene {
    let source = fixture.connect().await;
    anna(&fixture).await;
    let wiki = listening(&fixture, "wiki", receiver).await;
    let mail = fixture.portal("mail", json!({})).await;
    let members = [fixture.browser(), fixture.browser()];
    wiki.tokens(&fixture, &members[0], sample::NORMAL).await;
    mail.tokens_silently(&members[0], &[]).await;
    wiki.tokens(&fixture, &members[1], sample::BY_PICK).await;
    let browser = fixture.browser();
    let page = sign_in(&mail, &browser, "anna", GOOD).await;
    mail.tokens_from(&page).await;
    Scene {
        fixture,
        source,
        wiki,
        mail,
        members,
        anna: browser,
    }
}

impl Scene {
    async fn tell_portals(&self) {
        self.fixture.app.tick().await.unwrap();
        self.fixture.wait_for_background_work().await;
    }

    /// Who is still signed in: the two members and anna.
    async fn signed_in(&self) -> [bool; 3] {
        [
            is_signed_in(&self.wiki, &self.members[0]).await,
            is_signed_in(&self.wiki, &self.members[1]).await,
            is_signed_in(&self.mail, &self.anna).await,
        ]
    }
}

scenario!(
    a_scope_of_sessions_is_counted_first_and_then_ends_with_its_portals_told,
    |fixture: Fixture| async move {
        let receiver = LogoutReceiver::listen();
        let scene = Box::pin(scene(fixture, &receiver)).await;
        let admin = scene.fixture.admin();
        let person = admin.user_id(sample::NORMAL).await;
        let user = json!({ "user_id": person });
        let portal = json!({ "client_id": "mail" });
        let source = json!({ "data_source_id": id(&scene.source) });
        let everybody = json!({ "everybody": true });
        for (scope, count) in [(&user, 1), (&portal, 2), (&source, 2), (&everybody, 3)] {
            let counted = end(&admin, scope.clone(), true).await;
            assert_eq!(
                (&counted["sessions"], &counted["dry_run"]),
                (&json!(count), &json!(true)),
                "{scope}"
            );
        }
        assert_eq!(scene.signed_in().await, [true; 3], "counting ends nothing");

        let ended = end(&admin, portal, false).await;
        assert_eq!((&ended["sessions"], &ended["remaining"]), (&json!(2), &json!(0)));
        assert_eq!(scene.signed_in().await, [false, true, false]);
        // The first member's session was also one at the portal that listens.
        scene.tell_portals().await;
        assert_eq!(receiver.tokens().len(), 1);

        assert_eq!(end(&admin, source.clone(), false).await["sessions"], 1);
        assert_eq!(scene.signed_in().await, [false; 3]);
        assert_eq!(end(&admin, source, false).await["sessions"], 0, "twice is no error");
        scene.tell_portals().await;
        assert_eq!(receiver.tokens().len(), 2);

        let events = admin.items("audit-events?kind=configured&limit=200").await;
        let told: Vec<&Value> = events
            .iter()
            .filter(|event| event["detail"]["action"] == "sessions_ended")
            .collect();
        let mut subjects: Vec<&str> = told.iter().map(|event| event["subject"].as_str().unwrap()).collect();
        subjects.sort_unstable();
        let source = format!("data_source:{}", id(&scene.source));
        assert_eq!(subjects[..2], ["client:mail", source.as_str()], "{told:?}");
    }
);

scenario!(
    everybody_can_be_signed_out_with_what_was_granted_and_nobody_who_comes_later,
    |fixture: Fixture| async move {
        let receiver = LogoutReceiver::listen();
        let scene = Box::pin(scene(fixture, &receiver)).await;
        let tokens = scene.mail.tokens_silently(&scene.anna, &[]).await;
        // Who comes while it goes on comes after its beginning.
        scene.fixture.advance(Duration::from_secs(1));
        let later = scene.fixture.browser();
        scene.wiki.tokens(&scene.fixture, &later, sample::NORMAL).await;
        scene.fixture.clock.set_back(Duration::from_secs(1));
        let ended = end(&scene.fixture.admin(), json!({ "everybody": true }), false).await;
        assert_eq!(ended["sessions"], 3);
        assert_eq!(scene.signed_in().await, [false; 3]);
        scene.mail.assert_ended(&tokens).await;
        assert!(is_signed_in(&scene.wiki, &later).await);
    }
);

scenario!(
    an_operator_leaves_out_people_with_a_console_role,
    |fixture: Fixture| async move {
        let receiver = LogoutReceiver::listen();
        let scene = Box::pin(scene(fixture, &receiver)).await;
        let admin = scene.fixture.admin();
        let operator = scene.fixture.admin_with_role("operator").await;
        let console = admin.user_id(sample::BY_PICK).await;
        admin
            .change(&format!("users/{console}"), json!({ "console_role": "admin" }))
            .await;
        // A new role ends what was there before.
        scene
            .wiki
            .tokens(&scene.fixture, &scene.members[1], sample::BY_PICK)
            .await;
        let own = json!({ "scope": { "user_id": console } });
        assert_eq!(
            operator.call("POST", "sessions/end", Some(own)).await.refusal(),
            (403, "DI-107")
        );
        let ended = end(&operator, json!({ "everybody": true }), false).await;
        assert_eq!(
            (&ended["sessions"], &ended["left_out"]),
            (&json!(2), &json!(1)),
            "{ended}"
        );
        assert_eq!(scene.signed_in().await, [false, true, false]);
        for (wrong, refusal) in [
            (json!({ "scope": {} }), (422, "AD-105")),
            (json!({ "scope": { "everybody": false } }), (422, "AD-105")),
            (
                json!({ "scope": { "everybody": true, "client_id": "wiki" } }),
                (422, "AD-105"),
            ),
            (json!({ "scope": { "client_id": "nobody" } }), (404, "RG-102")),
        ] {
            let reply = admin.call("POST", "sessions/end", Some(wrong.clone())).await;
            assert_eq!(reply.refusal(), refusal, "{wrong}: {}", reply.body);
        }
    }
);
