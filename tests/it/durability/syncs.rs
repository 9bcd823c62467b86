//! A disk that fails during a sync: the run ends, nothing is half done for good, and the next one is whole.

use serde_json::{Value, json};
use simulator::{sample, world::Member};

use super::{DISK_FAULTS, process::Installation, unpooled};
use crate::{
    actors::{Admin, id},
    backends::Backend,
    fixture::{ADMIN_TOKEN, Fixture},
};

/// After how many writes the disk fails: from the first row of the run to the last.
const STEPS: [u32; 6] = [0, 2, 6, 14, 30, 60];

/// Starts a sync as soon as none is running, and watches it to its end.
async fn synced(admin: &Admin, data_source: &str) -> Value {
    for _ in 0..9000 {
        let reply = admin
            .call("POST", &format!("data-sources/{data_source}/sync"), Some(json!({})))
            .await;
        if reply.status < 300 {
            return admin.watch(id(&reply.body)).await;
        }
        assert!(matches!(reply.refusal(), (409, "SY-101")), "{}", reply.body);
        std::thread::park_timeout(std::time::Duration::from_millis(10));
    }
    panic!("the sync before never ended");
}

#[actix_web::test]
async fn on_sqlite_after_a_sync_during_which_the_disk_fails_the_next_one_is_whole() {
    let Some(mut fixture) = Fixture::open(Backend::SqliteMemory).await else {
        return;
    };
    fixture.http = unpooled();
    fixture.advance_to_now();
    let source = fixture.connect().await;
    let source = id(&source);
    let mut installation = Installation::over(&fixture);
    if !installation.can_fail() {
        return;
    }
    let server = installation.serve(&fixture.http).await;
    let admin = Admin::new(&fixture.http, &installation.base(), ADMIN_TOKEN);
    let mut failed = 0;
    for errno in DISK_FAULTS {
        for after in STEPS {
            let userid = format!("m-{errno}-{after}");
            let department = fixture.edit_corp(|corp| {
                let department = corp.member(sample::NORMAL).unwrap().departments[0].department;
                corp.add_member(Member::new(&userid, "新人", &[department]));
                department
            });
            installation.fail(errno, after);
            let path = format!("data-sources/{source}/sync");
            let begun = admin.call("POST", &path, Some(json!({}))).await;
            if begun.status < 300 {
                // Reads go on; a run whose end cannot be written is not over before the disk is well.
                for _ in 0..50 {
                    let run = admin.get(&format!("sync-runs/{}", id(&begun.body))).await;
                    failed += usize::from(run["state"] == "failed");
                    if run["state"] != "running" {
                        break;
                    }
                    std::thread::park_timeout(std::time::Duration::from_millis(10));
                }
            } else {
                assert_eq!(begun.status, 503, "{}", begun.body);
                failed += 1;
            }
            installation.mend();
            let run = synced(&admin, source).await;
            assert_eq!(run["state"], "succeeded", "{userid}, in {department}: {run}");
            assert_eq!(admin.user(&userid).await["username"], userid.as_str());
        }
    }
    assert!(failed > 3, "the disk did fail: {failed}");
    server.stop();
}
