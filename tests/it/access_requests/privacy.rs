//! Where WeCom gave no name nobody sees one, anywhere.

use serde_json::json;
use simulator::sample;

use super::{apply, decide, link, notices};
use crate::{actors::id, console::at_work, fixture::Fixture, scenario};

scenario!(
    where_wecom_gave_no_name_nobody_sees_one_on_pages_in_notices_or_in_the_audit_log,
    |fixture: Fixture| async move {
        fixture.wecom.edit(|world| world.switches.shapes.missing_names = true);
        let takes = json!({ "import": "chosen", "access_requests": true });
        fixture.connect_with(takes).await;
        let portal = fixture.portal("wiki", json!({})).await;
        let browser = fixture.browser();
        let own = apply(&fixture, &portal, &browser, sample::NORMAL, "").await;
        let request = fixture.admin().items("access-requests").await.remove(0);
        assert_eq!(
            (&request["name"], &request["userid"]),
            (&json!(null), &json!(sample::NORMAL))
        );
        let operator = at_work(&fixture, "operator").await;
        let address = link(&fixture).await;
        let before = operator.open(&address).await;
        let listed = operator.open(&format!("{}/console/requests", fixture.base)).await;
        let one = operator
            .open(&format!("{}/console/requests/{}", fixture.base, id(&request)))
            .await;
        assert_eq!(decide(&fixture, &request, "approve", json!({})).await.status, 200);
        let after = operator.open(&address).await;
        let welcome = browser.open(&own.url).await;
        for page in [&own, &before, &listed, &one, &after, &welcome] {
            assert!(
                page.status == 200 && page.body.contains(sample::NORMAL),
                "{}",
                page.body
            );
            assert!(!page.body.contains("李华"), "{}", page.body);
        }
        for topic in ["access_requested", "access_approved"] {
            let told = notices(&fixture, topic).await.remove(0);
            assert!(
                !told.facts.contains_key("name") && !format!("{told:?}").contains("李华"),
                "{told:?}"
            );
        }
        let events = fixture.admin().items("audit-events?limit=200").await;
        assert!(!format!("{events:?}").contains("李华"), "{events:?}");
    }
);
