//! What changed in WeCom since the last sync, and how the gate sees it.

use serde_json::json;
use simulator::sample;

use crate::{
    actors::{As, id},
    fixture::Fixture,
    refusals::refused_when_scanning,
    scenario,
};

// product.md S2.7: ours take effect at once, also when the scope grew since the last sync.
scenario!(
    a_member_added_to_the_scope_since_the_last_sync_gets_in_at_once,
    |fixture: Fixture| async move {
        let portal = fixture.connected_portal().await;
        fixture.edit_corp(|corp| {
            let app = corp.apps.get_mut(&sample::AGENT_ID).unwrap();
            app.scope.users.push(sample::OUT_OF_SCOPE.to_owned());
        });
        let page = portal
            .sign_in(&fixture, &fixture.browser(), As::Member(sample::OUT_OF_SCOPE))
            .await;
        assert!(page.returned("code").is_some(), "{}", page.body);
    }
);

scenario!(
    a_departed_member_whose_userid_shows_again_is_nobodys_heir_before_a_sync,
    |fixture: Fixture| async move {
        let source = fixture.connect().await;
        let portal = fixture.portal("wiki", json!({})).await;
        let user = format!("users/{}", fixture.admin().user_id(sample::NORMAL).await);
        let mut other = fixture.edit_corp(|corp| corp.remove_member(sample::NORMAL).unwrap());
        fixture.sync(id(&source)).await;
        fixture.admin().change(&user, json!({ "status": "active" })).await;
        other.name = "另一个人".to_owned();
        fixture.edit_corp(|corp| corp.add_member(other));
        refused_when_scanning(&fixture, &portal, As::Member(sample::NORMAL), "GT-110", "imported").await;
    }
);
