//! Syncing by WeCom's asynchronous export instead of its lists: the same outcome, whatever goes wrong is told by its number, and nobody is
//! removed for it. What a real export looks like is known from documentation alone; the simulator plays both of its readings.

mod failures;
mod scopes;

use std::{
    io::Write,
    sync::{Arc, Mutex},
};

use serde_json::{Value, json};
use simulator::{
    generator, sample,
    world::{ExportFiles, Fault, FaultKind, FaultSecret, Member, Scope, Switches, Tag},
};
use tracing_subscriber::util::SubscriberInitExt;

use crate::{
    actors::{id, text},
    fixture::Fixture,
    scenario,
    sync::{member, runs_of},
};

/// All rows of a list, without what says when and under which id something was kept.
async fn all(fixture: &Fixture, list: &str) -> Vec<Value> {
    let (mut rows, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = fixture.admin().get(&format!("{list}?limit=200{cursor}")).await;
        rows.extend(page["items"].as_array().unwrap().iter().cloned());
        let Some(next) = page["next_cursor"].as_str() else {
            break;
        };
        cursor = format!("&cursor={next}");
    }
    for row in &mut rows {
        let fields = row.as_object_mut().unwrap();
        for moment in ["checked_at", "updated_at", "last_seen_at"] {
            fields.remove(moment);
        }
    }
    rows
}

/// What the API says of the whole corp; tags with who is in them.
async fn everything(fixture: &Fixture) -> Vec<(&'static str, Vec<Value>)> {
    let mut found = Vec::new();
    for list in ["members", "departments", "tags", "users"] {
        let rows = all(fixture, list).await;
        assert!(!rows.is_empty(), "no {list}");
        found.push((list, rows));
    }
    found
}

async fn read_by(fixture: &Fixture, source: &Value, way: &str) {
    let path = format!("data-sources/{}", id(source));
    let changed = fixture.admin().change(&path, json!({ "read_by": way })).await;
    assert_eq!(changed["read_by"], way);
}

/// Syncs; the run must find nothing to do.
async fn changes_nothing(fixture: &Fixture, source: &Value) -> Value {
    let run = fixture.sync(id(source)).await;
    assert_eq!(run["state"], "succeeded", "{run}");
    let rows = fixture
        .admin()
        .items(&format!("sync-runs/{}/rows?limit=200", id(&run)))
        .await;
    assert!(rows.is_empty(), "{rows:?}");
    run
}

fn numbers(run: &Value) -> Vec<String> {
    let findings = run["findings"].as_array().unwrap();
    findings
        .iter()
        .map(|finding| text(finding, "number").to_owned())
        .collect()
}

fn switch(fixture: &Fixture, change: impl FnOnce(&mut Switches)) {
    fixture.wecom.edit(|world| change(&mut world.switches));
}

/// The sample corp by its app alone, read by export.
async fn connect_by_export(fixture: &Fixture, extra: Value) -> Value {
    let mut over = json!({ "contacts_secret": null, "read_by": "export" });
    crate::fixture::lay_over(&mut over, extra);
    fixture.connect_with(over).await
}

/// 300 members in 40 departments; the app sees a part of the tree, a tag and two members besides.
fn big_corp() -> simulator::world::Corp {
    let mut corp = generator::corp(5, 300, 40);
    for id in 2..=6_u32 {
        let users = (0..10).map(|at| format!("user{:06}", id * 40 + at)).collect();
        let name = format!("标签{id}");
        corp.tags.insert(
            id,
            Tag {
                id,
                name,
                users,
                parties: vec![id],
            },
        );
    }
    corp.apps.get_mut(&generator::AGENT_ID).unwrap().scope = Scope {
        parties: vec![2, 3],
        tags: vec![5],
        users: vec!["user000007".to_owned(), "user000299".to_owned()],
    };
    corp
}

scenario!(
    an_export_of_a_large_corp_tells_the_same_as_its_lists,
    |fixture: Fixture| async move {
        fixture.wecom.edit(|world| {
            world.corps.insert(generator::CORP.to_owned(), big_corp());
            world.switches.export_rows_per_file = Some(50);
        });
        let body = json!({
            "name": "生成科技", "corp_id": generator::CORP, "read_by": "export",
            "app": { "agent_id": generator::AGENT_ID, "secret": generator::APP_SECRET },
        });
        let source = fixture.admin().create("data-sources", body).await;
        let run = fixture.sync(id(&source)).await;
        assert_eq!(
            (&run["state"], &run["findings"]),
            (&json!("succeeded"), &json!([])),
            "{run}"
        );
        assert_eq!(fixture.wecom.calls("user/list"), 0, "no list was asked for");
        assert_eq!(fixture.wecom.calls("department/list"), 0);
        let counts = &run["counts"];
        assert!(counts["fetched"].as_u64() > Some(100), "{run}");
        let exported = everything(&fixture).await;
        changes_nothing(&fixture, &source).await;
        read_by(&fixture, &source, "lists").await;
        changes_nothing(&fixture, &source).await;
        assert!(fixture.wecom.calls("user/list") > 1, "the lists were asked for");
        assert_eq!(everything(&fixture).await, exported);
        // And the other way round, with somebody who left and somebody who came.
        read_by(&fixture, &source, "export").await;
        fixture.wecom.edit(|world| {
            let corp = world.corp_mut(generator::CORP).unwrap();
            corp.remove_member("user000299");
            corp.add_member(Member::new("newcomer", "新人", &[2]));
        });
        let run = fixture.sync(id(&source)).await;
        assert_eq!(
            (&run["state"], &run["counts"]["departed"], &run["counts"]["created"]),
            (&json!("succeeded"), &json!(1), &json!(1)),
            "{run}"
        );
    }
);

scenario!(
    with_both_secrets_and_with_the_contacts_secret_alone_it_tells_the_same_too,
    |fixture: Fixture| async move {
        // The contacts-sync secret gets no export (48009): its ids and tags, and details through the app.
        let source = fixture.connect().await;
        let listed = everything(&fixture).await;
        read_by(&fixture, &source, "export").await;
        changes_nothing(&fixture, &source).await;
        assert!(fixture.wecom.calls("export/user") > 0);
        assert_eq!(everything(&fixture).await, listed);
        // Now it does.
        fixture.edit_corp(|corp| corp.contacts_ip_is_new = false);
        for app in [None, Some(Value::Null)] {
            if let Some(app) = app {
                let path = format!("data-sources/{}", id(&source));
                fixture.admin().change(&path, json!({ "app": app })).await;
            }
            read_by(&fixture, &source, "lists").await;
            fixture.sync(id(&source)).await;
            let listed = everything(&fixture).await;
            let asked = fixture.wecom.calls("user/list");
            read_by(&fixture, &source, "export").await;
            changes_nothing(&fixture, &source).await;
            assert_eq!(fixture.wecom.calls("user/list"), asked);
            assert_eq!(everything(&fixture).await, listed);
        }
    }
);

scenario!(
    names_alone_are_told_as_such_where_wecom_exports_no_details,
    |fixture: Fixture| async move {
        fixture.edit_corp(|corp| corp.contacts_ip_is_new = false);
        let of_contacts = Fault::new("/cgi-bin/export/user", FaultKind::Errcode(48009)).with(FaultSecret::Contacts);
        fixture.add_fault(of_contacts);
        let alone = json!({ "app": null, "login_methods": [], "read_by": "export" });
        let source = fixture.connect_with(alone).await;
        let run = runs_of(&fixture, &source).await.remove(0);
        assert_eq!(run["state"], "incomplete", "{run}");
        assert_eq!(numbers(&run), ["SY-158"], "{run}");
        let row = member(&fixture, sample::NORMAL).await;
        assert_eq!((&row["name"], &row["status"]), (&json!("李华"), &Value::Null), "{row}");
    }
);

scenario!(
    a_slow_job_a_status_as_text_and_a_frame_around_the_files_do_no_harm,
    |fixture: Fixture| async move {
        fixture.wecom.edit(|world| {
            world.limits.export_polls = 3;
            world.switches.export_status_is_text = true;
            world.switches.export_has_envelope = true;
            world.switches.shapes.numbers_as_text = true;
            world.switches.shapes.byte_order_mark = true;
            world.switches.shapes.only = "/cgi-bin/export/".to_owned();
        });
        let source = connect_by_export(&fixture, json!({})).await;
        let run = runs_of(&fixture, &source).await.remove(0);
        assert_eq!(run["state"], "succeeded", "{run}");
        let jobs: usize = ["user", "department"]
            .map(|call| fixture.wecom.calls(&format!("export/{call}")))
            .iter()
            .sum();
        assert_eq!(fixture.wecom.calls("export/get_result"), 4 * jobs);
        let exported = everything(&fixture).await;
        read_by(&fixture, &source, "lists").await;
        changes_nothing(&fixture, &source).await;
        assert_eq!(everything(&fixture).await, exported);
    }
);

// product.md §6: one malformed member aborts the whole sync.
scenario!(
    one_malformed_row_of_an_export_is_one_skipped_row,
    |fixture: Fixture| async move {
        let source = connect_by_export(&fixture, json!({})).await;
        fixture.edit_corp(|corp| {
            let place = corp.member(sample::NORMAL).unwrap().departments[0].department;
            corp.add_member(Member::new("not a userid", "怪人", &[place]));
            corp.add_member(Member::new("newcomer", "新人", &[place]));
        });
        let run = fixture.sync(id(&source)).await;
        assert_eq!(
            (&run["counts"]["malformed"], &run["counts"]["created"]),
            (&json!(1), &json!(1)),
            "{run}"
        );
        assert_eq!(numbers(&run), ["SY-133"], "{run}");
        let rows = fixture
            .admin()
            .items(&format!("sync-runs/{}/rows?limit=200", id(&run)))
            .await;
        assert!(rows.iter().any(|row| row["outcome"] == "malformed"), "{rows:?}");
    }
);

scenario!(
    each_request_is_counted_and_the_reading_is_told_file_by_file,
    |fixture: Fixture| async move {
        let source = connect_by_export(&fixture, json!({})).await;
        switch(&fixture, |switches| switches.export_rows_per_file = Some(5));
        let (calls, files) = (fixture.wecom.call_log().len(), fixture.wecom.export_secrets().len());
        let run = fixture.sync(id(&source)).await;
        let asked = fixture.wecom.call_log().len() - calls;
        // Of each job a key, and of each file a name, are kept.
        let jobs = 2;
        let files = fixture.wecom.export_secrets().len() - files - jobs;
        assert!(files > jobs, "{files} files");
        assert_eq!(run["calls"], asked + files, "{run}");
    }
);

/// A log of this thread, on which Menjin's work is done.
#[derive(Clone, Default)]
pub struct Log(pub Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

scenario!(
    no_key_and_no_address_of_a_file_is_told_anywhere,
    |fixture: Fixture| async move {
        let log = Log::default();
        let writer = log.clone();
        // With one subscriber alone, a line of code that is first met on another thread counts as one that nobody listens to, for good.
        let _another = tracing::Dispatch::new(tracing_subscriber::registry());
        let subscriber = tracing_subscriber::fmt().with_max_level(tracing_subscriber::filter::LevelFilter::TRACE);
        let _listening = subscriber.with_writer(move || writer.clone()).set_default();
        let source = connect_by_export(&fixture, json!({})).await;
        let mut told = String::new();
        for files in [
            ExportFiles::Changed,
            ExportFiles::Gone,
            ExportFiles::Redirected,
            ExportFiles::OtherKey,
            ExportFiles::NotJson,
            ExportFiles::Sound,
        ] {
            switch(&fixture, |switches| switches.export_files = files);
            let run = fixture.sync(id(&source)).await;
            let rows = fixture
                .admin()
                .get(&format!("sync-runs/{}/rows?limit=200", id(&run)))
                .await;
            told.push_str(&format!("{run}{rows}"));
        }
        told.push_str(&fixture.admin().get("audit-events?limit=200").await.to_string());
        told.push_str(
            &fixture
                .admin()
                .get(&format!("data-sources/{}", id(&source)))
                .await
                .to_string(),
        );
        told.push_str(&String::from_utf8_lossy(&log.0.lock().unwrap()));
        assert!(
            told.contains("asked WeCom") && told.contains("export/user"),
            "is anything listened to? {told}"
        );
        let secrets = fixture.wecom.export_secrets();
        assert!(secrets.len() > 20, "{}", secrets.len());
        for secret in secrets {
            assert!(!told.contains(&secret), "{secret} is told");
        }
    }
);

scenario!(
    how_the_contacts_are_read_is_a_setting_of_the_data_source,
    |fixture: Fixture| async move {
        let source = fixture.connect_second(json!({})).await;
        let path = format!("data-sources/{}", id(&source));
        assert_eq!(fixture.admin().get(&path).await["read_by"], "lists");
        read_by(&fixture, &source, "export").await;
        assert_eq!(fixture.admin().get(&path).await["read_by"], "export");
        let refused = fixture
            .admin()
            .call("PATCH", &path, Some(json!({ "read_by": "guess" })))
            .await;
        assert_eq!(refused.status, 400, "{}", refused.body);
        assert!(
            refused.body.to_string().contains("must be one of lists, export"),
            "{}",
            refused.body
        );
    }
);
