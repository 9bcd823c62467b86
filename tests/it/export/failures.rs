//! Exports that go wrong: each is told by its number, nothing falls back to the lists, and nobody is removed.

use serde_json::json;
use simulator::{
    sample,
    world::{ExportFiles, Fault, FaultKind, Switches},
};

use super::{connect_by_export, everything, numbers, switch};
use crate::{actors::id, fixture::Fixture, scenario, sync::runs_of};

/// A sync while this is wrong ends incomplete with this number, and removes nobody; mended, the leaver goes.
async fn removes_nobody(fixture: &Fixture, number: &str, spoil: impl FnOnce(&mut simulator::World)) {
    let source = connect_by_export(fixture, json!({})).await;
    let before = everything(fixture).await;
    // Somebody in no tag: those are read as ever.
    fixture.edit_corp(|corp| corp.remove_member("hejie"));
    fixture.wecom.edit(spoil);
    let lists = || {
        ["user/list", "department/list", "department/simplelist"]
            .map(|call| fixture.wecom.calls(call))
            .iter()
            .sum::<usize>()
    };
    let asked = lists();
    let run = fixture.sync(id(&source)).await;
    assert_eq!(run["state"], "incomplete", "{number}: {run}");
    assert!(numbers(&run).contains(&number.to_owned()), "{number}: {run}");
    assert_eq!(run["counts"]["departed"], 0, "{number}: {run}");
    assert_eq!(lists(), asked, "{number}: nothing falls back");
    let held = everything(fixture).await;
    assert_eq!(held, before, "{number}");
    fixture.wecom.edit(|world| {
        world.switches = Switches::default();
        world.limits.export_polls = 0;
        world.faults.clear();
    });
    let mended = fixture.sync(id(&source)).await;
    assert_eq!(
        (&mended["state"], &mended["counts"]["departed"]),
        (&json!("succeeded"), &json!(1)),
        "{number}: {mended}"
    );
}

macro_rules! removes_nobody {
    ($($name:ident, $number:literal, $spoil:expr;)*) => {$(
        scenario!($name, |fixture: Fixture| async move {
            removes_nobody(&fixture, $number, $spoil).await;
        });
    )*};
}

removes_nobody! {
    a_refused_export_says_to_switch_back, "SY-151",
        |world| world.faults.push(Fault::new("/cgi-bin/export/", FaultKind::Errcode(48002)));
    a_failed_job_removes_nobody, "SY-152", |world| world.switches.exports_fail = true;
    a_job_that_never_ends_removes_nobody, "SY-153", |world| world.limits.export_polls = 100_000;
    a_file_with_another_md5_removes_nobody, "SY-154",
        |world| world.switches.export_files = ExportFiles::Changed;
    a_truncated_file_removes_nobody, "SY-154",
        |world| world.switches.export_files = ExportFiles::Truncated;
    a_file_of_another_key_removes_nobody, "SY-155",
        |world| world.switches.export_files = ExportFiles::OtherKey;
    a_file_that_is_no_json_removes_nobody, "SY-155",
        |world| world.switches.export_files = ExportFiles::NotJson;
    an_expired_address_removes_nobody, "SY-156", |world| world.switches.export_files = ExportFiles::Gone;
    a_redirect_is_not_followed_and_removes_nobody, "SY-156",
        |world| world.switches.export_files = ExportFiles::Redirected;
    a_private_address_is_not_called_and_removes_nobody, "SY-157",
        |world| world.switches.export_host = Some("http://169.254.169.254".to_owned());
}

scenario!(
    one_late_job_is_waited_for_and_no_other_is_begun,
    |fixture: Fixture| async move {
        let source = connect_by_export(&fixture, json!({})).await;
        let before = fixture.wecom.calls("export/user");
        fixture.wecom.edit(|world| world.limits.export_polls = 100_000);
        let run = fixture.sync(id(&source)).await;
        assert_eq!(run["state"], "incomplete", "{run}");
        assert_eq!(
            fixture.wecom.calls("export/user"),
            before,
            "only departments were begun"
        );
    }
);

scenario!(
    a_late_job_of_the_contacts_secret_stops_those_of_the_app,
    |fixture: Fixture| async move {
        fixture.edit_corp(|corp| corp.contacts_ip_is_new = false);
        fixture.wecom.edit(|world| world.limits.export_polls = 100_000);
        let source = fixture.connect_with(json!({ "read_by": "export" })).await;
        let run = runs_of(&fixture, &source).await.remove(0);
        assert_eq!(run["state"], "incomplete", "{run}");
        assert!(numbers(&run).contains(&"SY-153".to_owned()), "{run}");
        let begun = ["department", "user", "simple_user"].map(|call| fixture.wecom.calls(&format!("export/{call}")));
        assert_eq!(begun, [1, 0, 0]);
    }
);

scenario!(
    where_a_secret_shows_the_ids_of_the_corp_they_decide_whatever_an_export_lacks,
    |fixture: Fixture| async move {
        let source = fixture.connect_with(json!({ "read_by": "export" })).await;
        fixture.edit_corp(|corp| corp.remove_member(sample::NORMAL));
        switch(&fixture, |switches| switches.exports_fail = true);
        let run = fixture.sync(id(&source)).await;
        assert_eq!(run["state"], "incomplete", "{run}");
        assert!(numbers(&run).contains(&"SY-152".to_owned()), "{run}");
        assert_eq!(run["counts"]["departed"], 1, "the ids were read completely: {run}");
    }
);
