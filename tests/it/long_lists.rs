//! Long lists on their way: however their bytes arrive, each row counts once, or not at all.

use serde_json::{Value, json};
use simulator::{
    sample,
    world::{Fault, FaultKind, Member},
};

use crate::{actors::id, fixture::Fixture, scenario, sync::runs_of};

/// So many join the sample corp; their list comes in several parts.
const PEOPLE: usize = 200;
const LIST: &str = "/cgi-bin/user/list";
/// Their department.
const DEPARTMENT: u32 = 2;

/// Adds them; how many members the corp has then.
fn crowded(fixture: &Fixture) -> usize {
    fixture.edit_corp(|corp| {
        for number in 0..PEOPLE {
            let mut member = Member::new(&format!("m{number:03}"), "某人", &[DEPARTMENT]);
            member.telephone = "号".repeat(200);
            corp.add_member(member);
        }
        corp.members.len()
    })
}

async fn first_run(fixture: &Fixture) -> (Value, Value) {
    let source = fixture.connect_with(json!({ "contacts_secret": null })).await;
    let run = runs_of(fixture, &source).await.remove(0);
    (source, run)
}

fn counts<'a>(run: &'a Value, of: &[&str]) -> Vec<&'a Value> {
    of.iter().map(|count| &run["counts"][*count]).collect()
}

scenario!(
    a_list_that_comes_in_pieces_or_breaks_off_and_comes_again_is_read_once,
    |fixture: Fixture| async move {
        crowded(&fixture);
        let faults = [
            Fault::new(LIST, FaultKind::Truncated).about(DEPARTMENT).times(2),
            Fault::new(LIST, FaultKind::Reset).about(DEPARTMENT).times(2),
            Fault::new(LIST, FaultKind::Pieces(97)),
            Fault::new("/cgi-bin/department/", FaultKind::Pieces(1)),
            Fault::new(LIST, FaultKind::Pieces(1)).about(DEPARTMENT),
        ];
        fixture.add_fault(faults[0].clone());
        let (source, run) = first_run(&fixture).await;
        assert_eq!(
            (&run["state"], &run["counts"]["malformed"]),
            (&json!("succeeded"), &json!(0)),
            "{run}"
        );
        assert!(run["counts"]["created"].as_u64().unwrap() >= PEOPLE as u64, "{run}");
        for (number, fault) in faults.into_iter().enumerate() {
            fixture.mend_wecom();
            fixture.add_fault(fault.clone());
            // Somebody comes, and somebody goes.
            fixture.edit_corp(|corp| {
                corp.add_member(Member::new(&format!("new{number}"), "新人", &[DEPARTMENT]));
                corp.remove_member(&format!("m{number:03}"));
            });
            let run = fixture.sync(id(&source)).await;
            assert_eq!(run["state"], "succeeded", "{fault:?}: {run}");
            let found = counts(&run, &["created", "departed", "updated", "malformed"]);
            assert_eq!(found, [&json!(1), &json!(1), &json!(0), &json!(0)], "{fault:?}: {run}");
        }
    }
);

scenario!(
    of_a_list_that_ends_with_a_refusal_no_row_counts,
    |fixture: Fixture| async move {
        crowded(&fixture);
        let refused = || Fault::new(LIST, FaultKind::ErrcodeLast(60011)).about(DEPARTMENT);
        fixture.add_fault(refused());
        let (source, run) = first_run(&fixture).await;
        assert!(run["counts"]["created"].as_u64().unwrap() < PEOPLE as u64, "{run}");
        fixture.mend_wecom();
        let run = fixture.sync(id(&source)).await;
        assert!(run["counts"]["created"].as_u64().unwrap() >= PEOPLE as u64, "{run}");
        // Nor does anybody leave by it.
        fixture.add_fault(refused());
        let run = fixture.sync(id(&source)).await;
        assert_eq!(counts(&run, &["created", "departed"]), [&json!(0), &json!(0)], "{run}");
        assert_ne!(fixture.admin().user(sample::NORMAL).await["display_name"], Value::Null);
    }
);

scenario!(
    a_garbled_row_in_a_long_list_is_one_skipped_row,
    |fixture: Fixture| async move {
        crowded(&fixture);
        let (source, run) = first_run(&fixture).await;
        assert_eq!(run["state"], "succeeded", "{run}");
        for (number, garbled) in [&b"\"userid\":\"m100\"m"[..], b"\"userid\":{]", b"\"userid\"\"m100\""]
            .iter()
            .enumerate()
        {
            let (find, bytes) = ("\"userid\":\"m100\"".to_owned(), garbled.to_vec());
            fixture.add_fault(Fault::new(LIST, FaultKind::Splice { find, bytes }));
            fixture.edit_corp(|corp| corp.add_member(Member::new(&format!("new{number}"), "新人", &[DEPARTMENT])));
            let run = fixture.sync(id(&source)).await;
            let found = counts(&run, &["created", "departed", "malformed"]);
            assert_eq!(found, [&json!(1), &json!(0), &json!(1)], "{garbled:?}: {run}");
            let findings = run["findings"].as_array().unwrap();
            assert!(
                findings.iter().any(|finding| finding["number"] == "SY-119"),
                "{garbled:?}: {run}"
            );
            fixture.mend_wecom();
        }
    }
);

scenario!(
    the_same_bytes_are_the_same_reply_however_they_arrive,
    |fixture: Fixture| async move {
        crowded(&fixture);
        let (source, _) = first_run(&fixture).await;
        let as_before = async || fixture.sync(id(&source)).await["counts"]["as_before"] == true;
        let mut runs = 0;
        while !as_before().await {
            runs += 1;
            assert!(runs < 4, "everything is compared for ever");
        }
        for fault in [
            Fault::new(LIST, FaultKind::Pieces(97)),
            Fault::new(LIST, FaultKind::Truncated).about(DEPARTMENT).times(1),
        ] {
            fixture.add_fault(fault.clone());
            assert!(as_before().await, "{fault:?}");
            fixture.mend_wecom();
        }
        fixture.edit_corp(|corp| corp.remove_member("m100"));
        let run = fixture.sync(id(&source)).await;
        assert_eq!(
            counts(&run, &["as_before", "departed", "updated"]),
            [&json!(false), &json!(1), &json!(0)],
            "{run}"
        );
    }
);
