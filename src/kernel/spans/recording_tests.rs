//! Tests of recording. The recorder is the process's, so they share one; each knows its traces by the names of its roots.

use std::sync::Mutex;

use super::{super::under_way::MOST_SPANS, *};

static TAKEN: Mutex<Vec<Trace>> = Mutex::new(Vec::new());

fn recording() {
    start(Recorder {
        ratio: 1.0,
        entropy: Entropy::seeded(7),
        clock: Clock::manual(Timestamp::from_secs(1)),
        take: Box::new(|trace| TAKEN.lock().unwrap().push(trace)),
    });
}

/// The traces whose root has this name.
fn taken(name: &str) -> Vec<Trace> {
    let taken = TAKEN.lock().unwrap();
    taken
        .iter()
        .filter(|trace| trace.spans[0].name == name)
        .cloned()
        .collect()
}

fn call(name: &'static str, looked: bool) {
    record(|| Finished {
        kind: Kind::Client,
        name: name.into(),
        took: Duration::ZERO,
        attributes: Vec::new(),
        failed: None,
        looked,
    });
}

#[tokio::test]
async fn parts_hang_below_the_part_in_which_they_happen_also_in_another_task() {
    recording();
    let root = begin(Kind::Server, "parts", None).unwrap();
    let work = async {
        call("before", false);
        let inner = within(Kind::Internal, "inner", async {
            attributes(|| vec![("known", true.into())]);
            tokio::spawn(carry(async { call("elsewhere", false) })).await.unwrap();
        });
        tokio::join!(inner, async { call("beside", false) });
    };
    root.run(work).await;
    drop(root);
    call("nobody records this", false);
    let [trace] = &taken("parts")[..] else { panic!() };
    let id = |name: &str| trace.spans.iter().find(|span| span.name == name).unwrap().id;
    let parents: Vec<(&str, Option<[u8; 8]>)> = trace
        .spans
        .iter()
        .map(|span| (span.name.as_ref(), span.parent))
        .collect();
    let (root, inner) = (id("parts"), id("inner"));
    let expected = [
        ("parts", None),
        ("before", Some(root)),
        ("inner", Some(root)),
        ("elsewhere", Some(inner)),
        ("beside", Some(root)),
    ];
    let sorted = |mut all: Vec<(&'static str, Option<[u8; 8]>)>| {
        all.sort();
        all
    };
    let mut parents: Vec<(String, Option<[u8; 8]>)> = parents.into_iter().map(|(a, b)| (a.to_owned(), b)).collect();
    parents.sort();
    let expected: Vec<(String, Option<[u8; 8]>)> = sorted(expected.to_vec())
        .into_iter()
        .map(|(a, b)| (a.to_owned(), b))
        .collect();
    assert_eq!(parents, expected);
    assert!(trace.spans.iter().all(|span| span.ended >= span.began));
    assert_eq!(trace.spans[2].attributes, [("known", true.into())]);
}

#[tokio::test]
async fn a_later_request_goes_on_with_an_earlier_trace_or_with_not_being_recorded() {
    recording();
    let first = begin(Kind::Server, "first", None).unwrap();
    let parent = first.run(async { traceparent() }).await.unwrap();
    drop(first);
    for (parent, number) in [(parent.clone(), 1), (parent.replace("-01", "-00"), 0)] {
        let second = begin(Kind::Server, "second", None).unwrap();
        let work = async {
            call("before it is known", false);
            adopt(Some(&parent));
            assert_eq!(trace_id().is_some(), number == 1);
        };
        second.run(work).await;
        drop(second);
        let traces = taken("second");
        assert_eq!(traces.len(), 1, "the second of them is not recorded");
        assert_eq!(traces[0].id, taken("first")[0].id);
        assert_eq!(traces[0].spans[0].parent, Some(taken("first")[0].spans[0].id));
        assert_eq!(traces[0].spans.len(), 2);
    }
}

#[tokio::test]
async fn what_only_looked_is_left_out_and_too_much_is_counted() {
    recording();
    for (name, looked) in [("idle", true), ("busy", false)] {
        let root = begin(Kind::Internal, name, None).unwrap();
        root.run(async { call("part", looked) }).await;
        root.end_unless_idle();
    }
    assert_eq!((taken("idle").len(), taken("busy").len()), (0, 1));
    let root = begin(Kind::Internal, "many", None).unwrap();
    let work = async {
        for _ in 0..MOST_SPANS + 4 {
            call("part", false);
        }
    };
    root.run(work).await;
    drop(root);
    let [trace] = &taken("many")[..] else { panic!() };
    assert_eq!((trace.spans.len(), trace.left_out), (MOST_SPANS, 5));
    assert_eq!(trace.spans[0].attributes, [("menjin.spans_left_out", 5_i64.into())]);
}

#[tokio::test]
async fn events_that_are_too_many_are_counted_and_a_group_commit_is_work() {
    recording();
    let root = begin(Kind::Internal, "eventful", None).unwrap();
    let work = async {
        worked();
        for _ in 0..MOST_EVENTS + 3 {
            event("again", None, Vec::new);
        }
    };
    root.run(work).await;
    root.end_unless_idle();
    let [trace] = &taken("eventful")[..] else { panic!() };
    let root = &trace.spans[0];
    assert_eq!((root.events.len(), root.events_left_out), (MOST_EVENTS, 3));
}

#[tokio::test]
async fn a_trace_that_a_trusted_caller_named_is_not_left() {
    recording();
    let theirs = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    let ours = theirs.replace("4bf92f", "000001");
    let root = begin(Kind::Server, "named", Parent::parse(theirs)).unwrap();
    root.run(async { adopt(Some(&ours)) }).await;
    drop(root);
    let [trace] = &taken("named")[..] else { panic!() };
    let (id, root) = (HEXLOWER.encode(&trace.id), &trace.spans[0]);
    assert_eq!(
        (id.as_str(), root.parent),
        (&theirs[3..35], Parent::parse(theirs).map(|one| one.span))
    );
    assert_eq!(
        root.attributes,
        [("menjin.continues_trace", ours[3..35].to_owned().into())]
    );
}

#[tokio::test]
async fn what_is_not_recorded_says_so_to_the_next_request() {
    recording();
    let not = Parent {
        sampled: false,
        ..Parent::parse("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01").unwrap()
    };
    let root = begin(Kind::Server, "late", Some(not)).unwrap();
    let told = root.run(async { traceparent() }).await.unwrap();
    assert!(!Parent::parse(&told).unwrap().sampled, "{told}");
    assert_eq!(trace_id(), None);
}

#[test]
fn the_ratio_decides_how_many_roots_are_recorded() {
    let recorder = |ratio| Recorder {
        ratio,
        entropy: Entropy::seeded(1),
        clock: Clock::system(),
        take: Box::new(|_| {}),
    };
    let many = |ratio| {
        let recorder = recorder(ratio);
        (0..1000).filter(|_| chosen(&recorder)).count()
    };
    assert_eq!((many(0.0), many(1.0)), (0, 1000));
    let tenth = many(0.1);
    assert!((60..140).contains(&tenth), "{tenth}");
}
