//! From which address WeCom sees our calls come: what the configuration says, and what WeCom itself named last.

use std::net::IpAddr;

use serde_json::{Value, json};
use simulator::{
    World,
    world::{Fault, FaultKind},
};

use crate::{
    actors::{id, text},
    backends::Backend,
    console::{at_work, in_both_languages},
    fixture::Fixture,
    scenario,
};

async fn probe(fixture: &Fixture, source: &Value) -> Value {
    let path = format!("data-sources/{}", id(source));
    let probed = fixture.admin().call("POST", &format!("{path}/probe"), None).await;
    assert_eq!(probed.status, 200, "{}", probed.body);
    fixture.admin().get(&path).await["egress"].clone()
}

scenario!(
    the_address_that_wecom_refused_is_remembered_after_it_is_trusted,
    |fixture: Fixture| async move {
        let source = fixture.connect().await;
        let auditor = at_work(&fixture, "auditor").await;
        let page = format!("/console/wecom/{}", id(&source));
        let unknown = fixture.admin().get(&format!("data-sources/{}", id(&source))).await;
        assert_eq!(unknown["egress"]["configured"], json!([]));
        fixture.add_fault(Fault::new("/cgi-bin/agent/get", FaultKind::Errcode(60020)));
        let refused = probe(&fixture, &source).await;
        let address = text(&refused["named"], "address").to_owned();
        assert!(address.parse::<IpAddr>().is_ok(), "{refused}");
        // Contacts refuse it by another number; both are asked at once.
        let errcode = refused["named"]["errcode"].as_i64();
        assert!([Some(60020), Some(48009)].contains(&errcode), "{refused}");
        fixture.mend_wecom();
        let trusted = probe(&fixture, &source).await;
        assert_eq!(trusted["named"]["address"], refused["named"]["address"], "it stays");
        let [en, zh] = in_both_languages(&fixture, &auditor, &page).await;
        assert!(
            en.body.contains(&address) && en.body.contains("that WeCom named last"),
            "{}",
            en.body
        );
        assert!(
            zh.body.contains(&address) && zh.body.contains("企业微信上次指出的出口 IP"),
            "{}",
            zh.body
        );
    }
);

#[actix_web::test]
async fn what_is_configured_stands_beside_what_wecom_named_and_a_difference_is_told() {
    let own = [(
        "MENJIN__WECOM__EGRESS".to_owned(),
        "203.0.113.77, 203.0.113.78".to_owned(),
    )];
    let Some(fixture) = Fixture::open_set(Backend::SqliteMemory, World::sample(), &own).await else {
        return;
    };
    let source = fixture.connect().await;
    let owner = at_work(&fixture, "owner").await;
    let page = format!("/console/wecom/{}", id(&source));
    let shown = fixture.admin().get(&format!("data-sources/{}", id(&source))).await;
    assert_eq!(shown["egress"]["configured"], json!(["203.0.113.77", "203.0.113.78"]));
    // The sample corp withholds details, and so names the address from the first probe on.
    probe(&fixture, &source).await;
    let [en, _] = in_both_languages(&fixture, &owner, &page).await;
    assert!(
        en.body.contains("<code>203.0.113.77</code>") && en.body.contains("another address than"),
        "{}",
        en.body
    );
}
