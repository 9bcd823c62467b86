//! Property tests over a real database: a run that was applied and taken back leaves everything as it was; and what a preview shows is what the
//! journal says afterwards.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use entity::{json::Strings, users};
use proptest::{
    prelude::*,
    test_runner::{Config, TestRunner},
};
use sea_orm::{ActiveModelTrait, EntityTrait, Set, sea_query::Expr};

use super::{
    fixture::{Fixture, source_row},
    model::Ids,
    properties::{hold, structure},
    stories::{Story, mirror, snapshot, stories},
    tables::{dump, fill, journal},
};
use crate::directory::email;
use crate::directory::sync::{
    departure_check,
    journal::{Changes, Entry},
    plan::{self, changes},
    run_state::{Cause, State},
    snapshot::Snapshot,
    source::DuplicateRule,
    store,
};

type Parts = (BTreeMap<i64, i64>, BTreeMap<i64, BTreeSet<usize>>, BTreeSet<i64>);

#[derive(Clone, Debug)]
struct Case {
    stories: Vec<Story>,
    parts: Parts,
    rule: &'static str,
    complete: bool,
    whole_corp: bool,
    template: bool,
}

fn case() -> impl Strategy<Value = Case> {
    let parts = (
        proptest::collection::btree_map(1..5_i64, 0..5_i64, 0..5),
        proptest::collection::btree_map(1..4_i64, proptest::collection::btree_set(0..8_usize, 0..8), 0..3),
        proptest::collection::btree_set(1..5_i64, 0..4),
    );
    let rule = prop_oneof![Just("overwrite"), Just("skip")];
    let flags = (proptest::bool::weighted(0.8), any::<bool>(), any::<bool>());
    (stories(), parts, rule, flags).prop_map(|(stories, parts, rule, (complete, whole_corp, template))| Case {
        stories,
        parts,
        rule,
        complete,
        whole_corp,
        template,
    })
}

fn seen(case: &Case) -> Snapshot {
    let mut seen = snapshot(&case.stories, case.complete);
    let parts = structure(&case.parts.0, &case.parts.1);
    (seen.departments, seen.departments_complete) = (parts.departments, true);
    (seen.tags, seen.tags_complete) = (parts.tags, true);
    seen.app = parts.app;
    seen
}

async fn set_up(fixture: &Fixture, case: &Case) {
    let mut source = source_row(fixture.source, "ww1", case.rule, Some(fixture.app));
    source.removal_threshold_percent = Set(100);
    source.contacts_secret_sealed = Set(case.whole_corp.then(|| "sealed".to_owned()));
    let addresses = case.template.then(|| "{userid}@ww1.example".to_owned());
    source.email_sources = Set(Strings(["email".to_owned()].into_iter().chain(addresses).collect()));
    source.update(fixture.runs.db.writer()).await.unwrap();
    let mut ids = Ids(1 << 64);
    let mut held = mirror(&case.stories, &mut ids);
    hold(&mut held, &case.parts.2, &mut ids);
    fill(fixture, &held).await;
    // What follows from the settings has followed.
    let settled = email::store::settle_all(fixture.runs.db.writer().connection(), 1).await;
    settled.unwrap();
    // Nobody vouches for a domain here, so no address is verified, typed-in ones included.
    let unverified = users::Entity::update_many().col_expr(users::Column::EmailVerified, Expr::value(false));
    unverified.exec(fixture.runs.db.writer()).await.unwrap();
}

/// What a preview would show.
async fn previewed(fixture: &Fixture, seen: &Snapshot) -> Vec<Entry> {
    let source = store::sources::find(&fixture.runs.db, fixture.source)
        .await
        .unwrap()
        .unwrap();
    let mirror = store::mirror::load(&fixture.runs.db, &source).await.unwrap();
    let rule: DuplicateRule = source.rule;
    let mut plan = plan::plan(&mirror, seen, rule);
    departure_check::keep_unproven(&mut plan);
    changes::entries(&plan, &mirror)
}

/// Columns that a preview cannot know: dates, ids that are given only when they are written, and what follows for addresses.
fn beyond_preview(name: &str) -> bool {
    let names = [
        "member.departed_at",
        "member.user_id",
        "member",
        "user",
        "finding",
        "user.disabled_reason",
        "user.provenance",
    ];
    names.contains(&name) || name.starts_with("user.email") || name == "app.scope_fetched_at" || name == "app.name"
}

/// Whether each row of the preview is in the journal, and the other way round.
fn same(previewed: &[Entry], written: &[entity::sync_row::Model]) -> Result<(), String> {
    let known = |changes: &Changes| -> Changes {
        let known = changes.iter().filter(|(name, _)| !beyond_preview(name));
        known.map(|(name, change)| (name.clone(), change.clone())).collect()
    };
    let mut shown: Vec<String> = previewed
        .iter()
        .map(|entry| {
            format!(
                "{} {} {} {:?}",
                entry.subject.word(),
                entry.userid,
                entry.outcome.as_str(),
                known(&entry.changes)
            )
        })
        .collect();
    let settled = |row: &&entity::sync_row::Model| row.subject != "user";
    let mut told: Vec<String> = written
        .iter()
        .filter(settled)
        .map(|row| {
            let changes = row
                .changes
                .clone()
                .map(|changes| serde_json::from_value(changes).unwrap());
            let changes = known(&changes.unwrap_or_default());
            let userid = if row.subject == "app" { "" } else { &row.userid };
            format!("{} {} {} {:?}", row.subject, userid, row.outcome, changes)
        })
        .collect();
    // The app's row has a line of its own only where its visible scope changes; who gives a userid up is told by the newcomer's row.
    let former = |row: &String| row.starts_with("app  updated {}");
    told.retain(|row| !former(row));
    shown.sort();
    told.sort();
    match shown == told {
        true => Ok(()),
        false => Err(format!("shown:\n{}\nwritten:\n{}", shown.join("\n"), told.join("\n"))),
    }
}

#[test]
fn what_was_applied_and_taken_back_is_as_before_and_the_preview_tells_no_lie() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    let fixture = runtime.block_on(Fixture::new("overwrite"));
    let mut runner = TestRunner::new(Config {
        cases: 150,
        failure_persistence: None,
        max_shrink_iters: 200,
        ..Config::default()
    });
    let outcome = runner.run(&case(), |case| {
        let told = runtime.block_on(async {
            set_up(&fixture, &case).await;
            let (before, seen) = (dump(&fixture).await, seen(&case));
            let previewed = previewed(&fixture, &seen).await;
            fixture.runs.clock.advance(Duration::from_secs(60));
            let run = fixture.runs.start(fixture.source, Cause::Manual).await.unwrap();
            let id = run.id();
            fixture.runs.execute(run, async { Ok(seen) }, None).await.unwrap();
            let written = journal(&fixture, id).await;
            same(&previewed, &written)?;
            fixture.runs.clock.advance(Duration::from_secs(60));
            let Ok(undo) = fixture.runs.undo(id).await else {
                let wrote = written.iter().any(|row| row.batch > 0);
                return if wrote || dump(&fixture).await != before {
                    Err("it could not be taken back".to_owned())
                } else {
                    Ok(())
                };
            };
            let undo_id = undo.id();
            let state = fixture.runs.take_back(undo, id).await.unwrap();
            if state != State::Succeeded {
                return Err(format!("refused: {:#?}", journal(&fixture, undo_id).await));
            }
            let after = dump(&fixture).await;
            let (gone, new) = (before.difference(&after), after.difference(&before));
            match before == after {
                true => Ok(()),
                false => Err(format!(
                    "before:\n{:#?}\nafter:\n{:#?}",
                    gone.collect::<Vec<_>>(),
                    new.collect::<Vec<_>>()
                )),
            }
        });
        told.map_err(TestCaseError::fail)
    });
    if let Err(failure) = outcome {
        panic!("{failure}");
    }
}
