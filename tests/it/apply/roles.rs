//! Whose token plans, and whose applies.

use serde_json::json;

use super::{Folder, PLAIN};
use crate::{actors::text, fixture::Fixture, scenario};

scenario!(
    a_plan_needs_to_read_and_applying_the_role_admin,
    |fixture: Fixture| async move {
        let folder = Folder::new(&fixture, PLAIN);
        let auditor = json!({ "name": "a", "role": "auditor" });
        let auditor = fixture.admin().create("api-tokens", auditor).await;
        let token = text(&auditor, "token");
        assert_eq!(folder.apply_at(&fixture.base, token, &["--plan"]).await.0, 2);
        for (token, number) in [(token, "AD-103"), ("wrong", "AD-102")] {
            let (status, told) = folder.apply_at(&fixture.base, token, &["--yes"]).await;
            assert_eq!(status, 1, "{told}");
            assert!(told.contains(number), "{told}");
        }
        let far = "http://sso.corp.example";
        let (status, told) = folder.apply_at(far, token, &["--plan"]).await;
        assert_eq!(status, 1, "{told}");
        assert!(told.contains("must begin with https"), "{told}");
    }
);
