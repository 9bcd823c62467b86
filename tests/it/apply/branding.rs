//! How pages look, as a file says it: of the installation, and of a company.

use serde_json::json;

use super::{Folder, PLAIN};
use crate::{actors::id, branding::png, fixture::Fixture, scenario};

const BRANDED: &str = r##"
[[branding]]
name = "Qingyun Group"
name_zh = "青云集团"
accent = "#0A5BD3"
contact = "IT desk, extension 8000"
logo_file = "logo.png"

[[branding]]
data_source = "青云科技"
name = "Qingyun Tech"
logo_file = "tech.png"
"##;

scenario!(
    a_file_says_how_the_pages_of_the_installation_and_of_a_company_look,
    |fixture: Fixture| async move {
        let folder = Folder::new(&fixture, &format!("{PLAIN}{BRANDED}"));
        std::fs::write(folder.path("logo.png"), png(64, 32)).unwrap();
        std::fs::write(folder.path("tech.png"), png(48, 48)).unwrap();
        let admin = fixture.admin();
        let by_hand = json!({ "contact_zh": "服务台" });
        assert_eq!(admin.call("PATCH", "branding", Some(by_hand)).await.status, 200);
        let (status, told) = folder.apply(&fixture, &["--plan"]).await;
        assert_eq!(status, 2, "{told}");
        for line in [
            "~ branding \"installation\"",
            "    accent: (nothing) → \"#0a5bd3\"",
            "    contact: (nothing) → \"IT desk, extension 8000\"",
            "+ branding \"青云科技\"",
            "    name: \"Qingyun Tech\"",
        ] {
            assert!(told.lines().any(|told| told == line), "{line} in:\n{told}");
        }
        assert_eq!(admin.get("branding").await["name"], json!(null), "a plan does nothing");

        let (status, told) = folder.apply(&fixture, &["--yes"]).await;
        assert_eq!(status, 0, "{told}");
        assert!(!told.contains("otherwise than it was sent"), "{told}");
        let shown = admin.get("branding").await;
        assert_eq!(
            (
                &shown["name"],
                &shown["name_zh"],
                &shown["accent"],
                &shown["logo"]["width"]
            ),
            (
                &json!("Qingyun Group"),
                &json!("青云集团"),
                &json!("#0a5bd3"),
                &json!(64)
            ),
            "{shown}"
        );
        assert_eq!(shown["contact_zh"], "服务台", "what the file does not name stays");
        let source = admin.items("data-sources").await.remove(0);
        let of_company = format!("data-sources/{}/branding", id(&source));
        let own = admin.get(&of_company).await;
        assert_eq!(
            (&own["name"], &own["logo"]["width"]),
            (&json!("Qingyun Tech"), &json!(48)),
            "{own}"
        );
        let events = admin.items("audit-events?limit=200").await.len();
        for arguments in [&["--plan"][..], &["--yes", "--prune"]] {
            let (status, told) = folder.apply(&fixture, arguments).await;
            assert!(status == 0 && told.contains("Nothing to do."), "{told}");
        }
        assert_eq!(admin.items("audit-events?limit=200").await.len(), events);

        // Another picture, another line, and no logo any more.
        std::fs::write(folder.path("logo.png"), png(80, 40)).unwrap();
        folder.edit("extension 8000", "extension 9000");
        folder.edit("logo_file = \"tech.png\"", "unset = [\"logo\"]");
        let (status, told) = folder.apply(&fixture, &["--yes"]).await;
        assert_eq!(status, 0, "{told}");
        assert!(
            told.contains("    contact: \"IT desk, extension 8000\" → \"IT desk, extension 9000\""),
            "{told}"
        );
        let shown = admin.get("branding").await;
        assert_eq!(
            (&shown["contact"], &shown["logo"]["width"]),
            (&json!("IT desk, extension 9000"), &json!(80)),
            "{shown}"
        );
        let own = admin.get(&of_company).await;
        assert_eq!(
            (&own["name"], &own["logo"]),
            (&json!("Qingyun Tech"), &json!(null)),
            "{own}"
        );
        assert_eq!(folder.apply(&fixture, &["--plan"]).await.0, 0);
    }
);

scenario!(
    what_is_wrong_with_a_branding_is_told_with_its_line_before_a_server_is_asked,
    |fixture: Fixture| async move {
        let text = "[[branding]]\naccent = \"#ffffff\"\n[[branding]]\nlogo_file = \"none.png\"\ncolour = \"red\"\n[[branding]]\ndata_source = \"nobody\"\nlogo_file = \"text.png\"\n";
        let folder = Folder::new(&fixture, text);
        folder.write("text.png", "no picture");
        let (status, told) = folder.apply(&fixture, &["--yes"]).await;
        assert_eq!(status, 1, "{told}");
        for fault in [
            "setup.toml:2: branding[0].accent: has a contrast",
            "setup.toml:4: branding[1].logo_file: ",
            "setup.toml:5: branding[1].colour: ",
            "branding[1].data_source: stands in line 1 already",
            "setup.toml:7: branding[2].data_source: there is no data source of this name in the file",
            "setup.toml:8: branding[2].logo_file: ",
        ] {
            assert!(told.contains(fault), "{fault} in:\n{told}");
        }
        assert_eq!(fixture.admin().get("branding").await["accent"], json!(null));
    }
);
