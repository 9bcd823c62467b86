//! What changes while a sign-in is under way.

use futures_util::future::join;
use serde_json::json;
use simulator::{
    sample,
    world::{Fault, FaultKind},
};

use super::{GOOD, OTHER, company, give_password, sign_in};
use crate::{
    actors::{Browser, Portal},
    fixture::Fixture,
    scenario,
};

/// Signs in by the old password while WeCom takes its time to answer the gate; `change` comes after the password was found right.
async fn sign_in_while<F: Future<Output = ()>>(
    fixture: &Fixture,
    portal: &Portal,
    browser: &Browser,
    change: F,
) -> String {
    fixture.add_fault(Fault::new("/cgi-bin/user/get", FaultKind::Slow(2500)).times(1));
    let hashes = fixture.app.password_hashes();
    let change = async {
        while fixture.app.password_hashes() == hashes {
            tokio::task::yield_now().await;
        }
        change.await;
    };
    let (page, ()) = join(sign_in(portal, browser, sample::NORMAL, GOOD), change).await;
    assert!(
        browser.cookie("menjin_session").is_none(),
        "{} {}",
        page.status,
        page.body
    );
    assert!(page.returned("code").is_none());
    page.body
}

scenario!(
    a_password_reset_while_a_sign_in_is_under_way_undoes_it,
    |fixture: Fixture| async move {
        let (_, user, portal) = company(&fixture).await;
        let browser = fixture.browser();
        let body = sign_in_while(&fixture, &portal, &browser, give_password(&fixture, &user, OTHER)).await;
        assert!(body.contains("SI-101"), "{body}");
        let page = sign_in(&portal, &browser, sample::NORMAL, OTHER).await;
        assert!(page.returned("code").is_some(), "the new one does: {}", page.body);
    }
);

scenario!(
    a_password_taken_away_while_a_sign_in_is_under_way_undoes_it,
    |fixture: Fixture| async move {
        let (_, user, portal) = company(&fixture).await;
        let removed = async {
            let path = format!("users/{user}/password");
            assert_eq!(fixture.admin().call("DELETE", &path, None).await.status, 204);
        };
        let body = sign_in_while(&fixture, &portal, &fixture.browser(), removed).await;
        assert!(body.contains("SI-101"), "{body}");
    }
);

scenario!(
    a_user_disabled_while_a_sign_in_is_under_way_does_not_get_in,
    |fixture: Fixture| async move {
        let (_, user, portal) = company(&fixture).await;
        let disabled = async {
            let path = format!("users/{user}");
            fixture.admin().change(&path, json!({ "status": "disabled" })).await;
        };
        sign_in_while(&fixture, &portal, &fixture.browser(), disabled).await;
        let listed = fixture
            .admin()
            .get(&format!("sessions?user_id={user}&active=true"))
            .await;
        assert_eq!(listed["items"], json!([]));
    }
);
