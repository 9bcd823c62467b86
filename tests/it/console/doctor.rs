//! The doctor at the console: what was seen last is shown at once with its age, a look anew looks, and many who look make one examination.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use actix_web::{App, HttpResponse, HttpServer, web};
use futures_util::future::join3;
use serde_json::json;
use tokio::sync::watch;

use super::{at_work, in_both_languages, shown};
use crate::{
    actors::{Browser, Page, id},
    doctor::healthy,
    fixture::Fixture,
    scenario,
};

const DOCTOR: &str = "/console/settings/doctor";
const ANEW: &str = "/console/settings/doctor?now=1";

/// A portal's server at which an examination knocks once: it counts, and keeps who knocks waiting while it is shut.
#[derive(Clone)]
struct Door {
    address: String,
    knocks: watch::Sender<usize>,
    open: watch::Sender<bool>,
}

impl Door {
    fn listen() -> Self {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let door = Self {
            address: format!("http://{}/out", listener.local_addr().unwrap()),
            knocks: watch::Sender::new(0),
            open: watch::Sender::new(true),
        };
        let state = web::Data::new(door.clone());
        let server = HttpServer::new(move || App::new().app_data(state.clone()).route("/out", web::to(knock)));
        actix_web::rt::spawn(server.workers(1).listen(listener).unwrap().run());
        door
    }

    fn knocks(&self) -> usize {
        *self.knocks.borrow()
    }
}

async fn knock(door: web::Data<Door>) -> HttpResponse {
    door.knocks.send_modify(|count| *count += 1);
    door.open.subscribe().wait_for(|open| *open).await.unwrap();
    HttpResponse::Ok().finish()
}

/// A well installation with a portal that is knocked at.
async fn examined(fixture: &Fixture) -> (serde_json::Value, Door) {
    let source = healthy(fixture).await;
    let door = Door::listen();
    let hears = json!({ "metadata": { "backchannel_logout_uri": door.address } });
    fixture.portal("wiki", hears).await;
    (source, door)
}

/// How old a page says that something is, in the words of its language.
fn is_told_as(page: &Page, age: &str) -> bool {
    page.body.contains(&format!(">{age}<span class=\"unseen\">"))
}

scenario!(
    the_doctors_page_shows_what_was_seen_last_at_once_with_its_age_and_looks_anew_where_that_is_asked,
    |fixture: Fixture| async move {
        let (source, door) = examined(&fixture).await;
        let owner = at_work(&fixture, "owner").await;
        let overview = shown(&fixture, &owner, "/console").await;
        assert!(
            !overview.body.contains("The doctor looked"),
            "nobody has looked: {}",
            overview.body
        );
        // Nothing was seen yet, so it is looked.
        shown(&fixture, &owner, DOCTOR).await;
        assert_eq!(door.knocks(), 1);

        fixture.advance(Duration::from_secs(600));
        let path = format!("data-sources/{}", id(&source));
        fixture.admin().change(&path, json!({ "access_requests": true })).await;
        for page in [DOCTOR, "/console"] {
            let [en, zh] = in_both_languages(&fixture, &owner, page).await;
            assert!(is_told_as(&en, "10 min ago"), "{page}: {}", en.body);
            assert!(is_told_as(&zh, "10 分钟前"), "{page}: {}", zh.body);
            assert!(!en.body.contains("DR-216"), "that came since: {}", en.body);
            en.link(ANEW);
        }
        assert_eq!(door.knocks(), 1, "nobody looked again");

        // What is looked at alone is newer than the rest, and says so.
        let alone = shown(&fixture, &owner, &format!("{DOCTOR}?check=access_requests")).await;
        assert!(
            alone.body.contains("DR-216") && !is_told_as(&alone, "10 min ago"),
            "{}",
            alone.body
        );
        let all = shown(&fixture, &owner, DOCTOR).await;
        assert!(
            is_told_as(&all, "10 min ago") && is_told_as(&all, "just now"),
            "{}",
            all.body
        );
        assert_eq!(door.knocks(), 1);

        fixture.advance(Duration::from_secs(6));
        let anew = shown(&fixture, &owner, ANEW).await;
        assert_eq!(door.knocks(), 2);
        assert!(anew.body.contains("DR-216"), "{}", anew.body);
        assert!(
            is_told_as(&anew, "just now") && !is_told_as(&anew, "10 min ago"),
            "{}",
            anew.body
        );
        let after = shown(&fixture, &owner, DOCTOR).await;
        assert!(!is_told_as(&after, "10 min ago"), "{}", after.body);
        assert_eq!(door.knocks(), 2, "what was seen a moment ago is shown");
    }
);

scenario!(
    two_who_look_at_once_make_one_examination_and_a_third_sees_the_last_one_meanwhile,
    |fixture: Fixture| async move {
        let (_, door) = examined(&fixture).await;
        let [owner, admin, auditor] = [
            at_work(&fixture, "owner").await,
            at_work(&fixture, "admin").await,
            at_work(&fixture, "auditor").await,
        ];
        shown(&fixture, &owner, DOCTOR).await;
        fixture.advance(Duration::from_secs(600));
        door.open.send_replace(false);
        let done = AtomicBool::new(false);
        let look = async |browser: &Browser| {
            let page = shown(&fixture, browser, ANEW).await;
            done.store(true, Ordering::SeqCst);
            page
        };
        let meanwhile = async {
            door.knocks.subscribe().wait_for(|knocks| *knocks >= 2).await.unwrap();
            let page = shown(&fixture, &auditor, DOCTOR).await;
            let in_time = !done.load(Ordering::SeqCst);
            door.open.send_replace(true);
            (page, in_time)
        };
        let (first, second, (third, in_time)) = join3(look(&owner), look(&admin), meanwhile).await;
        assert!(in_time, "the third waited for the examination");
        assert!(is_told_as(&third, "10 min ago"), "{}", third.body);
        assert!(third.body.contains("id=\"logout_addresses\""), "{}", third.body);
        for page in [first, second] {
            assert!(!is_told_as(&page, "10 min ago"), "{}", page.body);
        }
        assert_eq!(door.knocks(), 2, "one before, and one for both");
    }
);
