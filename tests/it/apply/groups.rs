//! Groups of a file, and the portals that name them.

use serde_json::json;

use super::Folder;
use crate::{actors::id, fixture::Fixture, groups, scenario};

const GROUPS: &str = r#"
[[group]]
name = "wiki-editors"
description = "Whoever writes the handbook"

[[portal]]
client_id = "board"
name = "Board"
auth_method = "none"
redirect_uris = ["https://board.corp.example/"]
allowed_groups = ["wiki-editors"]
"#;

scenario!(
    a_file_makes_groups_and_portals_that_name_them_and_leaves_their_people_alone,
    |fixture: Fixture| async move {
        let old = groups::group(&fixture, "old").await;
        let folder = Folder::new(&fixture, GROUPS);
        let (status, told) = folder.apply(&fixture, &["--plan"]).await;
        assert_eq!(status, 2, "{told}");
        assert!(
            told.contains("+ group \"wiki-editors\"") && told.contains("To create: 2, to change: 0"),
            "{told}"
        );
        let (status, told) = folder.apply(&fixture, &["--yes"]).await;
        assert_eq!(status, 0, "{told}");
        let admin = fixture.admin();
        let group = admin.items("groups?name=wiki-editors").await.remove(0);
        assert_eq!(group["description"], "Whoever writes the handbook");
        assert_eq!(admin.get("clients/board").await["allowed_groups"], json!([group["id"]]));
        let anna = admin.create("users", json!({ "username": "anna" })).await;
        groups::join(&fixture, &group, &[id(&anna)]).await;
        assert_eq!(folder.apply(&fixture, &["--yes"]).await.0, 0);
        folder.edit("Whoever writes", "Who writes");
        let (status, told) = folder.apply(&fixture, &["--yes"]).await;
        assert!(status == 0 && told.contains("~ group \"wiki-editors\""), "{told}");
        let path = format!("groups/{}", id(&group));
        assert_eq!(admin.get(&path).await["users"], 1);
        // With --prune a group that the file does not name is deleted.
        let (status, told) = folder.apply(&fixture, &["--yes", "--prune"]).await;
        assert!(status == 0 && told.contains("- group \"old\""), "{told}");
        assert_eq!(
            admin.call("GET", &format!("groups/{}", id(&old)), None).await.status,
            404
        );
        folder.edit("allowed_groups = [\"wiki-editors\"]", "allowed_groups = [\"nobody\"]");
        let (status, told) = folder.apply(&fixture, &["--plan"]).await;
        assert!(
            status == 1 && told.contains("portal[0].allowed_groups[0]: there is no group of this name in the file"),
            "{told}"
        );
    }
);
