//! What an approver without a console role may not do, and what an operator is shown before.

use serde_json::json;
use simulator::sample;

use super::{applied, asking, decide, imported, link, link::signed_in_from, name_approver, standing};
use crate::{actors::id, console::at_work, fixture::Fixture, scenario};

scenario!(
    a_named_approver_chooses_no_username_and_an_operator_does,
    |fixture: Fixture| async move {
        let (source, portal) = asking(&fixture).await;
        let approver = imported(&fixture, sample::ADMIN).await;
        name_approver(&fixture, &source, &approver).await;
        let (_, request) = applied(&fixture, &portal).await;
        let address = link(&fixture).await;
        let (browser, page) = signed_in_from(&fixture, &address, sample::ADMIN).await;
        let field = page.body.split("id=\"username\"").nth(1).unwrap();
        let field = field.split('>').next().unwrap();
        assert!(field.contains("readonly"), "{field}");
        let confirm = page.field("confirm");
        for username in ["ceo", "LIHUA"] {
            let form = [("confirm", confirm.as_str()), ("username", username)];
            let page = browser.submit(&format!("{address}/approve"), &form).await;
            assert!(page.status == 403 && page.body.contains("AR-120"), "{}", page.body);
        }
        assert_eq!(standing(&fixture, &request).await["state"], "open");
        let users = fixture.admin().items("users?q=ceo").await;
        assert!(users.is_empty(), "{users:?}");
        let form = [("confirm", confirm.as_str()), ("username", sample::NORMAL)];
        let page = browser.submit(&format!("{address}/approve"), &form).await;
        assert!(page.status == 200 && page.body.contains("Approved by"), "{}", page.body);
        assert_eq!(standing(&fixture, &request).await["username"], sample::NORMAL);
    }
);

scenario!(
    a_taken_member_id_is_shown_to_a_named_approver_and_takes_an_operator,
    |fixture: Fixture| async move {
        let (source, portal) = asking(&fixture).await;
        let approver = imported(&fixture, sample::ADMIN).await;
        name_approver(&fixture, &source, &approver).await;
        let taken = json!({ "username": sample::NORMAL });
        fixture.admin().create("users", taken).await;
        let (_, request) = applied(&fixture, &portal).await;
        let address = link(&fixture).await;
        let (browser, page) = signed_in_from(&fixture, &address, sample::ADMIN).await;
        assert!(
            page.body.contains("an operator has to choose another one"),
            "{}",
            page.body
        );
        let confirm = page.field("confirm");
        let form = [("confirm", confirm.as_str()), ("username", sample::NORMAL)];
        let page = browser.submit(&format!("{address}/approve"), &form).await;
        assert!(page.status == 409 && page.body.contains("DI-105"), "{}", page.body);
        let operator = at_work(&fixture, "operator").await;
        let page = operator.open(&address).await;
        assert!(page.body.contains("so choose another one"), "{}", page.body);
        let confirm = page.field("confirm");
        let form = [("confirm", confirm.as_str()), ("username", "li.hua")];
        let page = operator.submit(&format!("{address}/approve"), &form).await;
        assert!(page.status == 200 && page.body.contains("Approved by"), "{}", page.body);
        assert_eq!(standing(&fixture, &request).await["username"], "li.hua");
    }
);

scenario!(
    what_an_admin_decided_before_is_shown_before_it_is_overruled,
    |fixture: Fixture| async move {
        let (source, portal) = asking(&fixture).await;
        let approver = imported(&fixture, sample::ADMIN).await;
        name_approver(&fixture, &source, &approver).await;
        let user = imported(&fixture, sample::NORMAL).await;
        let path = format!("users/{}", id(&user));
        let gone = fixture.admin().call("DELETE", &path, None).await;
        assert_eq!(gone.status, 204, "{}", gone.body);
        let (_, request) = applied(&fixture, &portal).await;
        assert_eq!(request["left_out"], "removed", "{request}");
        let address = link(&fixture).await;
        let operator = at_work(&fixture, "operator").await;
        let console = format!("{}/console/requests/{}", fixture.base, id(&request));
        for page in [operator.open(&address).await, operator.open(&console).await] {
            assert!(
                page.body.contains("An admin removed this person") && page.body.contains("Approving overrules that"),
                "{}",
                page.body
            );
        }
        let (_, page) = signed_in_from(&fixture, &address, sample::ADMIN).await;
        assert!(page.body.contains("Only an operator can let them in"), "{}", page.body);
        let approved = decide(&fixture, &request, "approve", json!({})).await;
        assert_eq!(
            (approved.status, &approved.body["left_out"]),
            (200, &json!(null)),
            "{}",
            approved.body
        );
    }
);

scenario!(
    an_admin_opens_several_portals_by_the_link_and_an_operator_the_one_that_was_asked_for,
    |fixture: Fixture| async move {
        let (_, portal) = asking(&fixture).await;
        let boss = imported(&fixture, sample::BY_PICK).await;
        for name in ["vault", "safe"] {
            fixture.portal(name, json!({ "allowed_users": [id(&boss)] })).await;
        }
        let (_, request) = applied(&fixture, &portal).await;
        let address = link(&fixture).await;
        let operator = at_work(&fixture, "operator").await;
        let page = operator.open(&address).await;
        assert!(
            page.body.contains("value=\"wiki\"") && !page.body.contains("value=\"vault\""),
            "{}",
            page.body
        );
        let confirm = page.field("confirm");
        let form = [
            ("confirm", confirm.as_str()),
            ("username", sample::NORMAL),
            ("portal", "wiki"),
            ("portal", "vault"),
        ];
        let page = operator.submit(&format!("{address}/approve"), &form).await;
        assert!(page.status == 403 && page.body.contains("AR-108"), "{}", page.body);
        let admin = at_work(&fixture, "admin").await;
        let page = admin.open(&address).await;
        for name in ["wiki", "vault", "safe"] {
            assert!(
                page.body.contains(&format!("value=\"{name}\"")),
                "{name}: {}",
                page.body
            );
        }
        let confirm = page.field("confirm");
        let form = [
            ("confirm", confirm.as_str()),
            ("username", sample::NORMAL),
            ("portal", "vault"),
            ("portal", "safe"),
        ];
        let page = admin.submit(&format!("{address}/approve"), &form).await;
        assert!(page.status == 200 && page.body.contains("Approved by"), "{}", page.body);
        assert_eq!(standing(&fixture, &request).await["portals"], json!(["vault", "safe"]));
        for name in ["vault", "safe"] {
            let held = fixture.admin().get(&format!("clients/{name}")).await;
            assert_eq!(held["allowed_users"].as_array().unwrap().len(), 2, "{held}");
        }
    }
);
