//! When a proof is over: with the session, with the company, with whoever scanned.

use std::time::Duration;

use serde_json::json;
use simulator::{Action, Delivery, World, sample, world::Member};

use super::{begun, got, proved, sees_names};
use crate::{
    backends::number,
    console::{Colleague, at_work},
    fixture::Fixture,
    installations::{self, Scanner, scan_at, tick},
    moving, scenario,
    suite_sign_in::{company, company_in},
};

const PROOFS: &str = "SELECT count(*) FROM name_proof";

scenario!(with_the_session_it_ends_and_is_swept, |fixture: Fixture| async move {
    let company = company(&fixture).await;
    let admin = Colleague::hire(&fixture, "admin").await;
    let browser = admin.browser(&fixture).await;
    proved(&fixture, &browser, &company.source).await;
    let own = fixture
        .admin()
        .items(&format!("sessions?user_id={}&active=true", admin.id))
        .await;
    assert_eq!(own.len(), 1, "{own:?}");
    assert!(sees_names(&fixture, &browser).await);
    let path = format!("sessions/{}", own[0]["id"].as_str().unwrap());
    fixture.admin().call("DELETE", &path, None).await;
    fixture.advance(Duration::from_secs(60));
    let browser = admin.browser(&fixture).await;
    assert!(!sees_names(&fixture, &browser).await, "another session");
    assert_eq!(number(fixture.database_url(), PROOFS).await, 1);
    fixture.advance(Duration::from_secs(2 * 3600));
    tick(&fixture).await;
    assert_eq!(number(fixture.database_url(), PROOFS).await, 0, "swept");
});

scenario!(
    a_company_that_deletes_the_app_takes_it_along_and_coming_back_does_not_bring_it,
    |fixture: Fixture| async move {
        let suite = installations::suite(&fixture).await;
        let bound = installations::connected(&fixture, &suite).await;
        let source = bound["data_source_id"].as_str().unwrap();
        let browser = at_work(&fixture, "admin").await;
        proved(&fixture, &browser, source).await;
        assert!(sees_names(&fixture, &browser).await);
        fixture
            .wecom
            .uninstall(sample::CORP, sample::SUITE, Delivery::default())
            .await
            .unwrap();
        fixture.wait_for_background_work().await;
        tick(&fixture).await;
        assert_eq!(number(fixture.database_url(), PROOFS).await, 0);
        assert!(!sees_names(&fixture, &browser).await);
        for _ in 0..2 {
            fixture.advance(Duration::from_secs(61));
            tick(&fixture).await;
        }
        crate::suites::ticket(&fixture).await;
        let again = installations::connected(&fixture, &suite).await;
        assert_eq!(again["data_source_id"], source, "the same data source");
        assert!(!sees_names(&fixture, &browser).await, "nobody scanned since");
        proved(&fixture, &browser, source).await;
        assert!(sees_names(&fixture, &browser).await);
    }
);

scenario!(
    switched_off_or_moved_to_another_corp_nothing_is_shown,
    |fixture: Fixture| async move {
        let company = company(&fixture).await;
        let browser = at_work(&fixture, "admin").await;
        proved(&fixture, &browser, &company.source).await;
        let path = format!("data-sources/{}", company.source);
        fixture.admin().change(&path, json!({ "enabled": false })).await;
        assert_eq!(number(fixture.database_url(), PROOFS).await, 0);
        assert!(!sees_names(&fixture, &browser).await);
        fixture.admin().change(&path, json!({ "enabled": true })).await;
        assert!(!sees_names(&fixture, &browser).await, "nobody scanned since");
        proved(&fixture, &browser, &company.source).await;
        assert!(sees_names(&fixture, &browser).await);
        // Whatever moves a company to another app or corp, by whichever way: the proof was of what it was.
        let database = sea_orm::Database::connect(fixture.database_url()).await.unwrap();
        let moved = format!(
            "UPDATE data_source SET corp_key = 'moved' WHERE id = {}",
            quoted(&fixture, &company.source)
        );
        sea_orm::ConnectionTrait::execute_unprepared(&database, &moved)
            .await
            .unwrap();
        assert!(!sees_names(&fixture, &browser).await);
    }
);

/// An id as it stands in the database.
fn quoted(fixture: &Fixture, id: &str) -> String {
    match fixture.database_url().starts_with("sqlite:") {
        true => format!("x'{}'", id.replace('-', "")),
        false => format!("'{id}'"),
    }
}

/// Something happens in WeCom, and is read.
async fn happens(fixture: &Fixture, source: &str, action: Action) {
    fixture
        .wecom
        .act(sample::CORP, action, Delivery::default())
        .await
        .unwrap();
    fixture.wait_for_background_work().await;
    let run = fixture.sync(source).await;
    assert_eq!(run["state"], "succeeded", "{run}");
}

scenario!(
    whoever_scanned_and_leaves_takes_it_along_and_whoever_has_the_userid_then_does_not_bring_it,
    |fixture: Fixture| async move {
        // As the company itself knows them: the userid stays when it is given on.
        let plain = |world: &mut World| world.switches.suites.encrypted_userids = false;
        let company = company_in(&fixture, plain).await;
        let browser = at_work(&fixture, "admin").await;
        let person = fixture.edit_corp(|corp| corp.member(sample::NORMAL).unwrap().clone());
        proved(&fixture, &browser, &company.source).await;
        let leaves = Action::Remove {
            userid: sample::NORMAL.to_owned(),
        };
        happens(&fixture, &company.source, leaves.clone()).await;
        // Nobody looked meanwhile: it is over by the departure alone.
        assert_eq!(number(fixture.database_url(), PROOFS).await, 0);
        happens(&fixture, &company.source, Action::Add(person.clone())).await;
        assert!(!sees_names(&fixture, &browser).await, "the same userid is back");
        proved(&fixture, &browser, &company.source).await;
        assert!(sees_names(&fixture, &browser).await);
        let somebody_else = Member { serial: 0, ..person };
        happens(&fixture, &company.source, Action::Replace(somebody_else)).await;
        assert!(!sees_names(&fixture, &browser).await, "the userid is somebody else's");
        happens(&fixture, &company.source, leaves).await;
        assert!(!sees_names(&fixture, &browser).await);
    }
);

scenario!(
    whoever_scanned_and_is_disabled_in_wecom_takes_it_along,
    |fixture: Fixture| async move {
        let company = company(&fixture).await;
        let browser = at_work(&fixture, "admin").await;
        proved(&fixture, &browser, &company.source).await;
        fixture.edit_corp(|corp| corp.member_mut(sample::NORMAL).unwrap().status = 2);
        let run = fixture.sync(&company.source).await;
        assert_eq!(run["state"], "succeeded", "{run}");
        assert_eq!(number(fixture.database_url(), PROOFS).await, 0);
        fixture.edit_corp(|corp| corp.member_mut(sample::NORMAL).unwrap().status = 1);
        let run = fixture.sync(&company.source).await;
        assert_eq!(run["state"], "succeeded", "{run}");
        assert!(
            !sees_names(&fixture, &browser).await,
            "enabled again, nobody scanned since"
        );
    }
);

scenario!(
    a_moment_in_which_it_did_not_stand_ends_it_for_good,
    |fixture: Fixture| async move {
        let company = company(&fixture).await;
        let browser = at_work(&fixture, "admin").await;
        proved(&fixture, &browser, &company.source).await;
        let database = sea_orm::Database::connect(fixture.database_url()).await.unwrap();
        for (status, after) in [(2, 0), (1, 0)] {
            let written = format!("UPDATE member SET status = {status}");
            sea_orm::ConnectionTrait::execute_unprepared(&database, &written)
                .await
                .unwrap();
            assert!(!sees_names(&fixture, &browser).await, "{status}");
            assert_eq!(number(fixture.database_url(), PROOFS).await, after);
        }
    }
);

scenario!(
    a_company_that_moves_to_an_app_of_its_own_takes_it_along_and_taking_that_back_does_not_bring_it,
    |fixture: Fixture| async move {
        let company = moving::company(&fixture).await;
        let browser = at_work(&fixture, "admin").await;
        let login = begun(&fixture, &browser, &company.source, "/console").await;
        let under_way = scan_at(
            &fixture,
            &browser,
            &login,
            Scanner::Member(sample::CORP, sample::NORMAL),
        )
        .await;
        let other = at_work(&fixture, "owner").await;
        proved(&fixture, &other, &company.source).await;
        let done = company.moved(&fixture).await;
        assert!(!sees_names(&fixture, &other).await);
        let page = browser.open(&under_way).await;
        assert!(page.status == 409 && page.body.contains("NP-103"), "{}", page.body);
        let page = browser
            .open(&format!("{}/console/names/{}", fixture.base, company.source))
            .await;
        assert!(page.status == 404 && page.body.contains("NP-101"), "{}", page.body);
        company.undone(&fixture, &done).await;
        // What the company's own app told of names stays, so the pages cannot tell: the page of names does.
        let about = format!("/console/names/{}", company.source);
        let page = got(&fixture, &other, &about).await;
        assert!(page.body.contains("You see IDs"), "nobody scanned since: {}", page.body);
        proved(&fixture, &other, &company.source).await;
        let page = got(&fixture, &other, &about).await;
        assert!(page.body.contains("WeCom may show you names"), "{}", page.body);
    }
);
