//! Somebody with a console role who signs in from a new place.

use std::time::Duration;

use futures_util::future::join_all;
use sea_orm::ConnectionTrait;
use simulator::sample;

use super::{alerts::alerts, alerts_each::told_by_mail, tick};
use crate::{
    access_requests::{applied, asking, imported, link, name_approver},
    actors::Browser,
    console::Colleague,
    fixture::Fixture,
    scenario,
};

const NUMBER: &str = "NO-130";
const FIREFOX: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0";

/// They sign in at the console in this browser. A code works once.
async fn sign_in(fixture: &Fixture, who: &Colleague, browser: &Browser) {
    fixture.advance(Duration::from_secs(60));
    let page = who.sign_in(fixture, browser, "/console").await;
    assert_eq!(page.status, 200, "{}", page.body);
}

/// How many places of theirs are kept.
async fn kept(fixture: &Fixture) -> usize {
    let database = sea_orm::Database::connect(fixture.database_url()).await.unwrap();
    let query = sea_orm::Statement::from_string(database.get_database_backend(), "SELECT network FROM operator_place");
    let rows = database.query_all_raw(query).await.unwrap().len();
    database.close().await.unwrap();
    rows
}

scenario!(
    a_new_network_or_browser_of_somebody_with_a_console_role_is_told_and_the_first_and_known_ones_are_not,
    |fixture: Fixture| async move {
        let sink = told_by_mail(&fixture).await;
        let owner = Colleague::hire(&fixture, "owner").await;
        let at = |address: &str| fixture.browser().at_address(address);
        sign_in(&fixture, &owner, &at("198.51.100.7")).await;
        assert!(alerts(&fixture, NUMBER).await.is_empty(), "the first");
        sign_in(&fixture, &owner, &at("198.51.100.200")).await;
        assert!(
            alerts(&fixture, NUMBER).await.is_empty(),
            "another address of that network"
        );
        sign_in(&fixture, &owner, &at("203.0.113.9")).await;
        assert_eq!(alerts(&fixture, NUMBER).await.len(), 1, "another network");
        sign_in(&fixture, &owner, &at("198.51.100.7").with_agent(FIREFOX)).await;
        assert_eq!(alerts(&fixture, NUMBER).await.len(), 2, "another browser");
        sign_in(&fixture, &owner, &at("203.0.113.9").with_agent(FIREFOX)).await;
        assert_eq!(alerts(&fixture, NUMBER).await.len(), 2, "both are known");
        tick(&fixture).await;
        let mails = sink.mails().into_iter().map(|mail| mail.readable());
        let mails: Vec<String> = mails.filter(|mail| mail.contains(NUMBER)).collect();
        let page = format!("{}/console/people/{}/sessions", fixture.base, owner.id);
        assert_eq!(
            mails.iter().filter(|mail| mail.contains(&page)).count(),
            2,
            "{mails:#?}"
        );
        assert!(mails.iter().any(|mail| mail.contains("203.0.113.9")), "{mails:#?}");
        assert!(mails.iter().any(|mail| mail.contains("Firefox, Windows")), "{mails:#?}");
        assert!(mails.iter().all(|mail| mail.contains("the-owner")), "{mails:#?}");
    }
);

// A session whose cookie is used elsewhere is a sign-in from there, as far as anybody can tell.
scenario!(
    a_session_that_turns_up_elsewhere_is_told_once_however_many_pages_are_opened,
    |fixture: Fixture| async move {
        told_by_mail(&fixture).await;
        let auditor = Colleague::hire(&fixture, "auditor").await;
        let home = fixture.browser().at_address("198.51.100.7");
        sign_in(&fixture, &auditor, &home).await;
        let thief = fixture.browser().at_address("203.0.113.9");
        thief.plant("127.0.0.1", "menjin_session", &home.cookie("menjin_session").unwrap());
        let url = format!("{}/console/people", fixture.base);
        let pages = join_all((0..20).map(|_| thief.get(&url))).await;
        assert!(pages.iter().all(|page| page.status == 200), "{pages:?}");
        assert_eq!(alerts(&fixture, NUMBER).await.len(), 1);
    }
);

scenario!(few_places_are_kept_of_each, |fixture: Fixture| async move {
    let owner = Colleague::hire(&fixture, "owner").await;
    let browser = fixture.browser().at_address("198.51.100.7");
    sign_in(&fixture, &owner, &browser).await;
    let cookie = browser.cookie("menjin_session").unwrap();
    for network in 0..25 {
        let elsewhere = fixture.browser().at_address(&format!("203.0.{network}.9"));
        elsewhere.plant("127.0.0.1", "menjin_session", &cookie);
        fixture.advance(Duration::from_secs(1));
        let page = elsewhere.get(&format!("{}/console/people", fixture.base)).await;
        assert_eq!(page.status, 200, "{}", page.body);
    }
    assert_eq!(kept(&fixture).await, 20);
    assert_eq!(
        alerts(&fixture, NUMBER).await.len(),
        25,
        "kept as a record, though nobody subscribed"
    );
});

// What is decided by a link could be decided at the console.
scenario!(
    a_new_place_of_somebody_with_a_console_role_is_told_where_they_open_the_link_of_a_request,
    |fixture: Fixture| async move {
        let (source, portal) = asking(&fixture).await;
        told_by_mail(&fixture).await;
        applied(&fixture, &portal).await;
        let address = link(&fixture).await;
        let operator = Colleague::hire(&fixture, "operator").await;
        let home = fixture.browser().at_address("198.51.100.7");
        sign_in(&fixture, &operator, &home).await;
        let elsewhere = fixture.browser().at_address("203.0.113.9");
        elsewhere.plant("127.0.0.1", "menjin_session", &home.cookie("menjin_session").unwrap());
        let page = elsewhere.get(&address).await;
        assert!(
            page.status == 200 && page.body.contains(sample::NORMAL),
            "{}",
            page.body
        );
        assert_eq!(alerts(&fixture, NUMBER).await.len(), 1);
        // Of an approver without a role no places are kept.
        let before = kept(&fixture).await;
        let approver = imported(&fixture, sample::ADMIN).await;
        name_approver(&fixture, &source, &approver).await;
        let (_, page) = link::signed_in_from(&fixture, &address, sample::ADMIN).await;
        assert!(page.body.contains(sample::NORMAL), "{}", page.body);
        assert_eq!(kept(&fixture).await, before);
    }
);
