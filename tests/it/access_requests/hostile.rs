//! What people write steers no page, no message and no terminal.

use serde_json::json;
use simulator::sample;

use super::{apply, asking, decide, link, notices, own_page, send};
use crate::{console::at_work, fixture::Fixture, scenario};

const HOSTILE: &str =
    "\u{202e}<script>alert(1)</script>\r\nBcc: evil@example.com\u{0}\u{7} \"onfocus=x {{7*7}} {userid}\u{200b}";

scenario!(
    a_hostile_reason_is_shown_as_text_and_steers_nothing,
    |fixture: Fixture| async move {
        let (_, portal) = asking(&fixture).await;
        let browser = fixture.browser();
        let own = apply(&fixture, &portal, &browser, sample::NORMAL, HOSTILE).await;
        let request = fixture.admin().items("access-requests").await.remove(0);
        let kept = request["reason"].as_str().unwrap();
        assert!(
            !kept
                .chars()
                .any(|letter| letter == '\u{202e}' || letter == '\u{200b}' || letter.is_control() && letter != '\n'),
            "{kept:?}"
        );
        let operator = at_work(&fixture, "operator").await;
        let linked = operator.open(&link(&fixture).await).await;
        let console = format!("{}/console/requests/{}", fixture.base, request["id"].as_str().unwrap());
        let console = operator.open(&console).await;
        for page in [&own, &linked, &console] {
            assert_eq!(page.status, 200, "{}", page.body);
            assert!(!page.body.contains("<script>alert"), "{}", page.body);
            assert!(page.body.contains("&#60;script&#62;alert(1)"), "{}", page.body);
        }
        let told = notices(&fixture, "access_requested").await.remove(0);
        assert_eq!(told.facts["reason"], kept);
        // No JSON of the API carries these.
        let said = HOSTILE.replace(['\u{0}', '\u{7}'], "");
        let refusal = json!({ "reason": said, "show_reason": true });
        let refused = decide(&fixture, &request, "refuse", refusal).await;
        assert_eq!(refused.status, 200, "{}", refused.body);
        let page = own_page(&fixture, &portal, &browser, sample::NORMAL).await;
        assert!(
            !page.body.contains("<script>alert") && page.body.contains("&#60;script"),
            "{}",
            page.body
        );
        assert!(!page.body.contains('\u{202e}'), "{}", page.body);
    }
);

scenario!(
    a_reason_is_bounded_and_nothing_typed_is_lost,
    |fixture: Fixture| async move {
        let (_, portal) = asking(&fixture).await;
        let browser = fixture.browser();
        let form = own_page(&fixture, &portal, &browser, sample::NORMAL).await;
        let long = "密".repeat(501);
        let refused = send(&browser, &form, &long).await;
        assert!(
            refused.status == 422 && refused.body.contains("AR-107"),
            "{}",
            refused.body
        );
        assert!(refused.body.contains(&long), "{}", refused.body);
        let page = send(&browser, &form, &"密".repeat(500)).await;
        assert!(page.body.contains("waiting for a decision"), "{}", page.body);
    }
);
