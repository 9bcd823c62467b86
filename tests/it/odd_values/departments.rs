//! Departments whose rows are not what they should be.

use serde_json::{Value, json};
use simulator::world::{Fault, FaultKind};

use super::{connected, finding};
use crate::{
    actors::{id, text},
    fixture::Fixture,
    scenario,
    sync::member,
};

/// The list of departments has this instead of that.
fn spoil_departments(fixture: &Fixture, find: &str, odd: &str) {
    let (find, bytes) = (find.to_owned(), odd.as_bytes().to_vec());
    fixture.add_fault(Fault::new(
        "/cgi-bin/department/list",
        FaultKind::Splice { find, bytes },
    ));
}

scenario!(
    a_row_of_a_department_that_cannot_be_read_keeps_no_leaver,
    |fixture: Fixture| async move {
        let (source, _) = connected(&fixture).await;
        for (odd, leaver) in [("\"id\":\"1,2\",", "wangwu"), ("\"id\":\"\",", "zhaoliu")] {
            spoil_departments(&fixture, "\"id\":7,", odd);
            fixture.edit_corp(|corp| corp.remove_member(leaver));
            let run = fixture.sync(id(&source)).await;
            assert_eq!(run["counts"]["departed"], 1, "{run}");
            assert_eq!(member(&fixture, leaver).await["state"], "departed");
            let told = finding(&run, "SY-133").unwrap();
            assert!(text(told, "detail").contains("of `department`: "), "{told}");
            // Whoever is in it is looked at, and it stays.
            assert_eq!(member(&fixture, "qinlan").await["state"], "present");
            let departments = fixture.admin().items("departments?limit=200").await;
            assert!(departments.iter().any(|row| row["wecom_id"] == 7), "{departments:?}");
            fixture.mend_wecom();
        }
    }
);

scenario!(
    parents_of_departments_that_cannot_be_read_stay_as_they_were,
    |fixture: Fixture| async move {
        let (source, _) = connected(&fixture).await;
        let before = fixture.admin().items("departments?limit=200").await;
        spoil_departments(&fixture, "\"parentid\":", "\"parentid\":\"x\",\"was\":");
        fixture.edit_corp(|corp| corp.remove_member("wangwu"));
        let run = fixture.sync(id(&source)).await;
        assert_eq!(
            (&run["state"], &run["counts"]["departed"]),
            (&json!("succeeded"), &json!(1)),
            "{run}"
        );
        let parents =
            |rows: &[Value]| -> Vec<Value> { rows.iter().map(|row| row["parent_wecom_id"].clone()).collect() };
        let after = fixture.admin().items("departments?limit=200").await;
        assert_eq!(parents(&after), parents(&before));
        assert!(parents(&before).contains(&json!(1)), "{before:?}");
    }
);
