//! The list of *who can sign in* against real sign-ins: the gate admits or refuses, and asks a simulated WeCom which decides by itself whom an app
//! sees.

use std::{collections::BTreeMap, time::Duration};

use entity::wecom_app;
use futures_util::{StreamExt, stream};
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel, Set};
use simulator::{Options, Simulator};
use uuid::Uuid;

use super::{
    explained::{listed, pages},
    population::{NOW, Population},
};
use crate::{
    crypto::seal::{KEY_BYTES, Sealer},
    directory::{sync::Sync, wecom_app::model::SECRET},
    gate::{
        Denied, Gate, LiveLooks, Visit,
        explain::{
            chain::judgement,
            model::{Candidate, Way},
        },
    },
    kernel::{
        clock::{Clock, Timestamp},
        secret::Secret,
    },
    store::Ephemeral,
    wecom::{Endpoints, WeCom, model::ScannedIdentity, transport::build_client},
};

/// Sign-ins at the same time.
const AT_ONCE: usize = 32;
/// Between two portals, so that nobody is asked about too often.
const MINUTES: Duration = Duration::from_secs(120);
/// Of the secrets of apps.
const WORD: &str = "secret";

/// A gate over the population, and the WeCom that it asks.
struct Door {
    gate: Gate,
    clock: Clock,
    wecom_clock: simulator::Clock,
    _wecom: Simulator,
}

impl Door {
    async fn of(population: &Population) -> Self {
        let clock = Clock::manual(Timestamp::from_millis(NOW));
        let wecom_clock = simulator::Clock::manual((NOW / 1000).unsigned_abs());
        let mut options = Options::new(population.world(WORD));
        options.clock = wecom_clock.clone();
        let wecom = Simulator::start(options).await.unwrap();
        let sealer = Sealer::new(&Secret::new(vec![7; KEY_BYTES]), population.entropy.clone()).unwrap();
        for app in wecom_app::Entity::find()
            .all(population.database.reader())
            .await
            .unwrap()
        {
            let secret = format!("{WORD}-{}", app.agent_id);
            let mut app = app.into_active_model();
            app.secret_sealed = Set(sealer.seal(SECRET, secret.as_bytes()).unwrap());
            app.update(population.database.writer()).await.unwrap();
        }
        let http = build_client(None, Duration::from_secs(10)).unwrap();
        let endpoints = Endpoints {
            api: wecom.base_url(),
            ..Endpoints::default()
        };
        let (database, entropy) = (population.database.clone(), population.entropy.clone());
        let ephemeral = Ephemeral::memory(clock.clone());
        let client = WeCom::new(
            http,
            endpoints,
            ephemeral.clone(),
            sealer.clone(),
            clock.clone(),
            entropy.clone(),
        );
        let sync = Sync::new(
            database.clone(),
            &client,
            sealer.clone(),
            clock.clone(),
            entropy.clone(),
            ephemeral.clone(),
        );
        let looks = LiveLooks::new(client, ephemeral, 0);
        let gate = Gate::new(database, (looks, sync), sealer, clock.clone(), entropy);
        Self {
            gate: gate.with_local_passwords(true),
            clock,
            wecom_clock,
            _wecom: wecom,
        }
    }

    /// Signs somebody in, in this way; `None`: let in, else the number of the refusal.
    async fn enter(&self, candidate: &Candidate, way: &Way, portal: Uuid) -> Option<&'static str> {
        let identity = ScannedIdentity::Member {
            userid: candidate.person.userid.clone().unwrap_or_default(),
            user_ticket: None,
        };
        let visit = match way {
            Way::Scan(named) => Visit::Scan {
                auth_source: named.auth_source.id,
                identity: &identity,
                portal,
            },
            _ => Visit::Password {
                user: candidate.person.user_id.unwrap(),
                portal,
            },
        };
        match self.gate.admit(visit).await {
            Ok(_) => None,
            Err(Denied::Refused(refusal)) => Some(refusal.reason.entry().number),
            Err(Denied::Failed(failure)) => panic!("{failure}"),
        }
    }
}

/// What was compared.
#[derive(Debug, Default)]
struct Compared {
    sign_ins: usize,
    /// How often each number was the answer; the empty one: let in.
    numbers: BTreeMap<&'static str, usize>,
    differences: Vec<String>,
}

/// Compares the list of each portal with a sign-in of one in `every` of its people, each by another of their ways than at the portal before. After
/// each portal everybody is again what they were, since a sign-in changes what is known of them.
async fn compare(population: &Population, every: usize) -> Compared {
    let (door, mut compared) = (Door::of(population).await, Compared::default());
    for (place, portal) in population.portals.iter().enumerate() {
        let now = door.clock.now();
        let people = listed(population, (&pages(population).await, now), *portal, None).await;
        let tried = people.iter().enumerate().skip(place % every).step_by(every);
        let tried = tried.filter_map(|(number, candidate)| {
            let ways = &candidate.ways;
            let (way, facts) = ways.get((number + place) % ways.len().max(1))?;
            Some((candidate, way, judgement(facts.clone(), false).number))
        });
        let door = &door;
        let mut entered = stream::iter(tried)
            .map(|(candidate, way, told)| async move {
                let number = door.enter(candidate, way, *portal).await;
                (candidate, way, told, number)
            })
            .buffer_unordered(AT_ONCE);
        while let Some((candidate, way, told, number)) = entered.next().await {
            compared.sign_ins += 1;
            *compared.numbers.entry(number.unwrap_or_default()).or_default() += 1;
            if told != number {
                let who = &candidate.person;
                compared
                    .differences
                    .push(format!("{told:?} was told and {number:?} came: {who:?} by {way:?}"));
            }
        }
        drop(entered);
        population.restore().await;
        door.clock.advance(MINUTES);
        door.wecom_clock.advance(MINUTES.as_secs());
    }
    compared
}

fn assert_equal(compared: &Compared) {
    let (many, some) = (compared.differences.len(), compared.differences.iter().take(10));
    let some: Vec<&String> = some.collect();
    assert!(many == 0, "{many} of {}: {some:#?}", compared.sign_ins);
    assert!(
        compared.numbers.len() > 8 && compared.numbers.contains_key(""),
        "{compared:?}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_list_says_is_what_sign_ins_do_for_one_in_20_of_ten_thousand_at_twenty_portals() {
    let population = Population::new(10_000, 20).await;
    let compared = compare(&population, 20).await;
    assert!(compared.sign_ins > 8_000, "{}", compared.sign_ins);
    assert_equal(&compared);
}

/// Everybody at each portal: `cargo test --release -p menjin --lib gate::tests::admitted -- --ignored --nocapture`.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "two hundred thousand sign-ins"]
async fn what_the_list_says_is_what_sign_ins_do_for_ten_thousand_people_at_twenty_portals() {
    let population = Population::new(10_000, 20).await;
    let compared = compare(&population, 1).await;
    eprintln!("{} sign-ins: {:?}", compared.sign_ins, compared.numbers);
    assert!(compared.sign_ins > 150_000, "{}", compared.sign_ins);
    assert_equal(&compared);
}
