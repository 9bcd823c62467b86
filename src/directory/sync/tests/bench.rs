//! A small corp in a WeCom of its own, and a client that plans against it.

use std::{
    collections::{BTreeSet, HashMap},
    time::Duration,
};

use simulator::{
    Options, Simulator, World,
    world::{App, Corp, Department, Fault, Member, Placement, Scope, Tag},
};
use uuid::Uuid;

use super::model::{Ids, applied};
use crate::{
    crypto::seal::Sealer,
    directory::data_source::model::ReadBy,
    directory::sync::{
        departure_check::DepartureCheck,
        fetch,
        mirror::{AppRow, Mirror},
        plan::{model::Plan, plan},
        snapshot::Finding,
        source::{Credentials, DuplicateRule},
        tally::Tally,
    },
    kernel::{
        clock::{Clock, Timestamp},
        entropy::Entropy,
        secret::Secret,
    },
    store::Ephemeral,
    wecom::{
        Endpoints, WeCom,
        model::{Credential, SecretKind},
        transport::build_client,
    },
};

const CORP: &str = "ww1";
const NOW: i64 = 1_760_000_000;

/// Which secrets a data source has.
#[derive(Clone, Copy, Debug)]
pub enum Secrets {
    App,
    Contacts,
    Both,
}

/// A corp with a WeCom of its own, and a client.
pub struct Bench {
    sim: Simulator,
    wecom: WeCom,
    runtime: tokio::runtime::Runtime,
}

impl Bench {
    pub fn new() -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        let mut options = Options::new(World::of(corp()));
        options.clock = simulator::Clock::manual(NOW.unsigned_abs());
        options.world.limits.corp_per_minute = u32::MAX;
        options.world.limits.ip_per_minute = u32::MAX;
        let sim = runtime.block_on(Simulator::start(options)).unwrap();
        let clock = Clock::manual(Timestamp::from_secs(NOW));
        let entered = runtime.enter();
        let endpoints = Endpoints {
            api: sim.base_url(),
            ..Endpoints::default()
        };
        let wecom = WeCom::new(
            build_client(None, Duration::from_secs(5)).unwrap(),
            endpoints,
            Ephemeral::memory(clock.clone()),
            Sealer::new(&Secret::new(vec![7; 32]), Entropy::system()).unwrap(),
            clock,
            Entropy::seeded(1),
        );
        drop(entered);
        Self { sim, wecom, runtime }
    }

    pub fn set(&self, corp: Corp, faults: Vec<Fault>) {
        self.sim.edit(|world| {
            world.corps.insert(CORP.to_owned(), corp);
            world.faults = faults;
        });
    }

    /// What a run would apply to this mirror now; `None`: it fails, and applies nothing.
    pub fn plan(&self, mirror: &Mirror, secrets: Secrets) -> Option<(Plan, Vec<Finding>)> {
        let credentials = credentials(secrets);
        let sources = ["biz_mail".to_owned()];
        self.runtime.block_on(async {
            let how = (sources.as_slice(), ReadBy::Lists);
            let reading = fetch::fetch(&self.wecom, &credentials, how, &Tally::default()).await;
            let snapshot = reading.ok()?.finish().await.ok()?;
            let mut plan = plan(mirror, &snapshot, DuplicateRule::Overwrite);
            let check = DepartureCheck {
                wecom: self.wecom.clone(),
                app: credentials.app.clone(),
                contacts: credentials.contacts.clone(),
                others: HashMap::new(),
            };
            check.filter(&mut plan).await;
            Some((plan, snapshot.findings))
        })
    }

    /// The mirror after a run.
    pub fn after(&self, mirror: &Mirror, secrets: Secrets, ids: &mut Ids) -> Mirror {
        self.plan(mirror, secrets)
            .map_or_else(|| mirror.clone(), |(plan, _)| applied(mirror, &plan, ids))
    }
}

fn credentials(secrets: Secrets) -> Credentials {
    let credential = |secret: &str, kind| Credential {
        corp_id: CORP.to_owned(),
        secret: Secret::new(secret.to_owned()),
        kind,
        suite: None,
    };
    let contacts = credential("contacts", SecretKind::ContactsSync);
    let app = credential("app", SecretKind::App { agent_id: 1_000_002 });
    Credentials {
        contacts: (!matches!(secrets, Secrets::App)).then_some(contacts),
        app: (!matches!(secrets, Secrets::Contacts)).then_some(app),
    }
}

/// Departments 1 > 2 > 3 and 1 > 4; the app sees 2 with 3, one member of 4 by a pick and one by a tag.
pub fn corp() -> Corp {
    let mut corp = Corp {
        corpid: CORP.to_owned(),
        contacts_secret: Some("contacts".to_owned()),
        ..Corp::default()
    };
    for (id, parent) in [(1, 0), (2, 1), (3, 2), (4, 1)] {
        corp.add_department(Department {
            id,
            name: format!("D{id}"),
            parent,
            ..Department::default()
        });
    }
    for (userid, departments) in [
        ("boss", &[1][..]),
        ("ann", &[2]),
        ("bob", &[2, 4]),
        ("cat", &[3]),
        ("dan", &[3, 4]),
        ("eve", &[4]),
        ("picked", &[4]),
        ("tagged", &[4]),
    ] {
        corp.add_member(Member::new(userid, userid, departments));
    }
    for (id, users, parties) in [(1, &["tagged", "ann"][..], &[][..]), (2, &["eve", "cat"], &[3])] {
        corp.tags.insert(
            id,
            Tag {
                id,
                name: format!("T{id}"),
                users: users.iter().map(|userid| (*userid).to_owned()).collect(),
                parties: parties.to_vec(),
            },
        );
    }
    corp.add_app(App {
        agentid: 1_000_002,
        secret: "app".to_owned(),
        scope: Scope {
            users: vec!["picked".to_owned()],
            parties: vec![2],
            tags: vec![1],
        },
        ..App::default()
    });
    corp
}

/// The same corp later: somebody left, somebody moved, a name, a tag and a department changed.
pub fn later(mut corp: Corp) -> Corp {
    corp.remove_member("dan");
    corp.remove_member("picked");
    corp.member_mut("ann").unwrap().departments = vec![Placement::of(3)];
    corp.member_mut("cat").unwrap().name = "Cat".to_owned();
    corp.departments.get_mut(&3).unwrap().name = "Three".to_owned();
    corp.tags.get_mut(&2).unwrap().users = vec!["bob".to_owned()];
    corp
}

/// Nothing synced yet.
pub fn empty() -> Mirror {
    Mirror {
        corp_id: CORP.to_owned(),
        corp_key: CORP.to_owned(),
        app: Some(AppRow {
            id: Uuid::from_u128(u128::MAX),
            scope: BTreeSet::new(),
            read: false,
        }),
        ..Mirror::default()
    }
}
