//! Three runs: the first, one that finds nothing to do, one that finds one member in a hundred changed. Each beside a download of its own.

use std::time::Duration;

use serde_json::json;

use crate::{
    Bench, corp, download, now, ratio, say,
    sign_ins::{self, Times},
};

/// How often a run is looked at. More often would cost the server more than it tells.
const LOOK: Duration = Duration::from_millis(20);

/// How long people sign in beside bare downloads, about.
const LONG: Duration = Duration::from_secs(5);

/// What the runs took.
pub struct Runs {
    download: Duration,
    first: Duration,
}

impl Runs {
    /// Says how the first run compares with what it has to do at least.
    pub fn say(&self, inserted: Duration) {
        say(&format!(
            "  first sync beside download + bulk insert of the same rows ({:.1} + {:.1} s): {:.2} x",
            self.download.as_secs_f64(),
            inserted.as_secs_f64(),
            ratio(self.first, self.download + inserted)
        ));
    }
}

/// Measures the runs of this data source; `None`: only the first was asked for.
pub async fn measure(bench: &Bench<'_>, source: &str, quiet: &Times) -> Option<Runs> {
    let before = download::measure(bench).await;
    let bare = beside_downloads(bench, before).await;
    say(&format!(
        "  sign-ins beside bare downloads, without Menjin: {}",
        bare.beside(&[("alone", quiet)])
    ));
    let others = [("alone", quiet), ("beside bare downloads", &bare)];
    let (first, times) = sign_ins::during(bench, sync(bench, source)).await;
    tell("first sync", (first, before), &times, &others);
    if crate::number("MENJIN_BENCH_FIRST", 0) > 0 {
        return None;
    }
    let nothing = nearest_download(bench, source).await;
    tell_alone("nothing to do, nobody signs in", nothing);
    let download = download::measure(bench).await;
    let (again, times) = sign_ins::during(bench, sync(bench, source)).await;
    tell("nothing to do", (again, download), &times, &others);
    bench
        .wecom
        .edit(|world| corp::change_one_in_a_hundred(world, crate::number("MENJIN_BENCH_MEMBERS", 100_000)));
    let download = download::measure(bench).await;
    let changed = sync(bench, source).await;
    tell_alone("1 % changed, nobody signs in", (changed, download));
    Some(Runs {
        download: before,
        first,
    })
}

/// Sign-ins while somebody else downloads what a sync would: how long they wait for the simulated WeCom and for the processor.
async fn beside_downloads(bench: &Bench<'_>, one: Duration) -> Times {
    // Long enough for some hundred sign-ins.
    let times = (LONG.as_millis() / one.as_millis().max(1)).clamp(1, 5);
    let downloads = async {
        for _ in 0..times {
            download::measure(bench).await;
        }
    };
    sign_ins::during(bench, downloads).await.1
}

/// The quickest of three runs and the quickest of three downloads, in turns.
async fn nearest_download(bench: &Bench<'_>, source: &str) -> (Duration, Duration) {
    let (mut run, mut load) = (Duration::MAX, Duration::MAX);
    for _ in 0..3 {
        load = load.min(download::measure(bench).await);
        run = run.min(sync(bench, source).await);
    }
    (run, load)
}

async fn sync(bench: &Bench<'_>, source: &str) -> Duration {
    let (started, spent) = (now(), bench.menjin.processor());
    let run = bench
        .admin
        .create(&format!("data-sources/{source}/sync"), json!({}))
        .await;
    let path = format!("sync-runs/{}", run["id"].as_str().unwrap());
    loop {
        tokio::time::sleep(LOOK).await;
        let run = bench.admin.get(&path).await;
        if !matches!(run["state"].as_str(), Some("queued" | "running")) {
            assert_eq!(run["state"], "succeeded", "{run}");
            let (time, spent) = (started.elapsed(), bench.menjin.processor() - spent);
            say(&format!("    processor time of Menjin: {:.2} s", spent.as_secs_f64()));
            return time;
        }
    }
}

fn tell_alone(what: &str, (run, download): (Duration, Duration)) {
    say(&format!(
        "  {what}: {:.1} s = {:.2} x download ({:.1} s)",
        run.as_secs_f64(),
        ratio(run, download),
        download.as_secs_f64()
    ));
}

fn tell(what: &str, times: (Duration, Duration), sign_ins: &Times, others: &[(&str, &Times)]) {
    tell_alone(what, times);
    say(&format!("    sign-ins meanwhile: {}", sign_ins.beside(others)));
}
