//! Exports that hold a part only: what the contacts-sync secret is not given, scopes of the app without departments, rows without theirs.

use serde_json::{Value, json};
use simulator::{
    sample,
    world::{ExportFiles, Fault, FaultKind, FaultSecret, Scope},
};

use super::{connect_by_export, numbers, switch};
use crate::{
    actors::id,
    fixture::Fixture,
    scenario,
    sync::{member, runs_of},
};

scenario!(
    where_the_contacts_secret_exports_less_the_app_exports_what_it_sees,
    |fixture: Fixture| async move {
        fixture.edit_corp(|corp| corp.contacts_ip_is_new = false);
        let refused = |call: &str| {
            let path = format!("/cgi-bin/export/{call}");
            Fault::new(&path, FaultKind::Errcode(48009)).with(FaultSecret::Contacts)
        };
        // Names alone, and then not even those.
        fixture.add_fault(refused("user"));
        let source = fixture.connect_with(json!({ "read_by": "export" })).await;
        let names = runs_of(&fixture, &source).await.remove(0);
        let row = member(&fixture, sample::NORMAL).await;
        assert_eq!(row["name"], "李华", "{row}");
        assert_ne!(row["status"], Value::Null, "{row}");
        let outside = member(&fixture, sample::OUT_OF_SCOPE).await;
        assert_ne!(outside["name"], Value::Null, "{outside}");
        assert_eq!(outside["status"], Value::Null, "{outside}");
        fixture.add_fault(refused("simple_user"));
        let nothing = fixture.sync(id(&source)).await;
        for run in [names, nothing] {
            assert_eq!(run["state"], "succeeded", "{run}");
            assert_eq!(numbers(&run), ["SY-117"], "{run}");
        }
    }
);

/// The app's scope is these members.
fn pick(fixture: &Fixture, userids: &[&str]) {
    fixture.edit_corp(|corp| {
        corp.apps.get_mut(&sample::AGENT_ID).unwrap().scope = Scope {
            users: userids.iter().map(|userid| (*userid).to_owned()).collect(),
            ..Scope::default()
        };
    });
}

// A scope of members who were picked has nothing to export, and WeCom may end such a job without a file.
scenario!(
    of_a_scope_without_departments_nothing_is_exported_and_its_leavers_go,
    |fixture: Fixture| async move {
        pick(&fixture, &[sample::NORMAL, sample::BY_PICK]);
        switch(&fixture, |switches| switches.export_of_nothing_has_no_file = true);
        let source = connect_by_export(&fixture, json!({})).await;
        let run = runs_of(&fixture, &source).await.remove(0);
        assert_eq!(run["state"], "succeeded", "{run}");
        assert_eq!(run["counts"]["fetched"], 2, "{run}");
        fixture.edit_corp(|corp| corp.remove_member(sample::BY_PICK));
        let run = fixture.sync(id(&source)).await;
        assert_eq!(
            (&run["state"], &run["counts"]["departed"]),
            (&json!("succeeded"), &json!(1)),
            "{run}"
        );
        let exports = fixture.wecom.calls("export/department") + fixture.wecom.calls("export/user");
        assert_eq!(exports, 0, "none was begun");
        // A department in the scope is there again, be it by a tag only.
        fixture.edit_corp(|corp| {
            let scope = &mut corp.apps.get_mut(&sample::AGENT_ID).unwrap().scope;
            scope.tags.push(3);
        });
        let run = fixture.sync(id(&source)).await;
        assert_eq!(run["state"], "succeeded", "{run}");
        assert!(run["counts"]["created"].as_u64() > Some(0), "{run}");
        assert_eq!(fixture.wecom.calls("export/user"), 1);
    }
);

// What nobody can read may be a department of the scope.
scenario!(
    where_a_tag_of_the_scope_cannot_be_read_everything_is_exported,
    |fixture: Fixture| async move {
        fixture.edit_corp(|corp| {
            corp.apps.get_mut(&sample::AGENT_ID).unwrap().scope = Scope {
                tags: vec![3],
                ..Scope::default()
            };
        });
        let source = connect_by_export(&fixture, json!({})).await;
        let exported = fixture.wecom.calls("export/user");
        fixture.add_fault(Fault::new("/cgi-bin/tag/get", FaultKind::Errcode(45009)));
        let run = fixture.sync(id(&source)).await;
        assert_eq!(run["state"], "incomplete", "{run}");
        assert_eq!(run["counts"]["departed"], 0, "{run}");
        assert_eq!(fixture.wecom.calls("export/user"), exported + 1);
    }
);

scenario!(
    a_row_of_an_export_without_its_department_takes_nobody_out_of_one,
    |fixture: Fixture| async move {
        let source = connect_by_export(&fixture, json!({})).await;
        let held = member(&fixture, sample::ADMIN).await["departments"].clone();
        assert!(!held.as_array().unwrap().is_empty(), "{held}");
        switch(&fixture, |switches| switches.export_files = ExportFiles::Placeless);
        let run = fixture.sync(id(&source)).await;
        assert!(numbers(&run).contains(&"SY-133".to_owned()), "{run}");
        assert_eq!(run["counts"]["departed"], 0, "{run}");
        assert_eq!(member(&fixture, sample::ADMIN).await["departments"], held);
    }
);
