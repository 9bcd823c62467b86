//! A department as large as WeCom allows: its list is read to its end, however many bytes it has (reference 5.2, 17.1).

use serde_json::json;
use simulator::{sample, world::Member};

use crate::{actors::id, backends::Backend, fixture::Fixture, sync::runs_of};

/// WeCom's own bound of one department.
const PEOPLE: usize = 30_000;
/// The list is longer than this: four times what members have in all fields.
const BYTES: usize = 128 * 1024 * 1024;

#[actix_web::test]
async fn a_department_of_thirty_thousand_whose_list_is_longer_than_128_mib_is_read_and_who_left_it_is_out() {
    let Some(fixture) = Fixture::open(Backend::SqliteMemory).await else {
        return;
    };
    // A field that nothing reads.
    let telephone = "号".repeat(BYTES / PEOPLE / 3 + 1);
    fixture.edit_corp(|corp| {
        for number in 0..PEOPLE {
            let mut member = Member::new(&format!("m{number:05}"), "某人", &[2]);
            member.telephone.clone_from(&telephone);
            corp.add_member(member);
        }
    });
    let source = fixture.connect_with(json!({ "contacts_secret": null })).await;
    let run = runs_of(&fixture, &source).await.remove(0);
    assert_eq!(run["state"], "succeeded", "{run}");
    assert!(run["counts"]["created"].as_u64().unwrap() > PEOPLE as u64, "{run}");
    fixture.edit_corp(|corp| {
        corp.remove_member(sample::NORMAL);
        corp.remove_member("m29999");
    });
    let run = fixture.sync(id(&source)).await;
    assert_eq!(
        (&run["state"], &run["counts"]["departed"], &run["counts"]["updated"]),
        (&json!("succeeded"), &json!(2), &json!(0)),
        "{run}"
    );
}
