//! Runs the demo: starts simulator, Menjin and portals in order and reports each step.

use std::{net::IpAddr, sync::Arc, time::Duration};

use actix_web::web::Data;
use serde_json::json;
use simulator::{Owner, Simulator, World, sample};

use super::{
    addresses::Addresses,
    faults::Faults,
    history::{self, Replay},
    owner, portal,
    portals::{Links, Portal, Portals},
    relying_party::RelyingParty,
    settings::{TemporaryDirectory, settings, temporary_directory},
    setup::{Admin, Corp, move_portal, text},
    visitor::{Credentials, Door, Places},
};
use crate::{
    app::App,
    kernel::{clock::Clock, entropy::Entropy},
};

/// How to run the demo.
#[derive(Clone, Debug)]
pub struct Options {
    /// First of three ports (portals, Menjin, simulated WeCom); 0: any free ones.
    pub port: u16,
    /// The address that is bound.
    pub listen: IpAddr,
    /// The host that stands in all addresses; `None`: the address that is bound, or that of this machine in its network.
    pub host: Option<String>,
    /// Whether fourteen days of made-up history are played first.
    pub history: bool,
}

impl Default for Options {
    /// Free ports on 127.0.0.1, no history.
    fn default() -> Self {
        Self {
            port: 0,
            listen: IpAddr::from([127, 0, 0, 1]),
            host: None,
            history: false,
        }
    }
}

/// A running demo.
pub struct Demo {
    /// The first page.
    pub start_url: String,
    /// First portal.
    pub portal_url: String,
    /// Second portal.
    pub second_portal_url: String,
    /// Menjin.
    pub menjin_url: String,
    /// The simulated WeCom.
    pub wecom_url: String,
    /// Whoever opens it is in the console, as its owner.
    pub console_url: String,
    /// Admin API token.
    pub admin_token: String,
    /// Whether others in the network reach it.
    pub open: bool,
    directory: TemporaryDirectory,
    simulator: Arc<Simulator>,
}

const PORTALS: [(&str, &str); 2] = [("a", "工单系统 · Tickets"), ("b", "知识库 · Wiki")];

const CORPS: [Corp; 2] = [
    Corp {
        name: "青云科技",
        corp_id: sample::CORP,
        contacts_secret: sample::CONTACTS_SECRET,
        agent_id: sample::AGENT_ID,
        app_secret: sample::APP_SECRET,
    },
    Corp {
        name: "白石设计",
        corp_id: sample::CORP2,
        contacts_secret: sample::CONTACTS_SECRET2,
        agent_id: sample::AGENT_ID2,
        app_secret: sample::APP_SECRET2,
    },
];

/// What stands before the portals do.
struct Parts<'a> {
    app: &'a App,
    clock: &'a Clock,
    simulator: &'a Simulator,
    admin: &'a Admin,
    entropy: &'a Entropy,
}

/// Starts everything; `say` gets a sentence for each step.
///
/// # Errors
/// A sentence about the step that failed.
pub async fn start(options: Options, say: &impl Fn(&str)) -> Result<Demo, String> {
    let entropy = Entropy::system();
    let addresses = Addresses::bind(options.port, options.listen, options.host.as_deref())?;
    let (clock, behind) = clock(options.history);
    say("Starting a simulated WeCom with two sample corps …");
    let simulator = Arc::new(simulated_wecom(&addresses, behind, options.history).await?);
    let wecom_url = told(&simulator, &addresses.host);
    say("Starting Menjin on SQLite in a temporary directory …");
    let directory = temporary_directory(&entropy)?;
    let admin_token = entropy.token().expose().clone();
    let config = settings(&addresses.menjin_url, &directory.0, &wecom_url, &admin_token)?;
    let app = App::build(config, clock.clone(), entropy.clone())
        .await
        .map_err(|failure| failure.to_string())?;
    actix_web::rt::spawn(app.serve(addresses.menjin).map_err(|error| error.to_string())?);
    let http =
        crate::wecom::transport::build_client(None, Duration::from_secs(10)).map_err(|error| error.to_string())?;
    let root = Admin {
        http,
        base: addresses.menjin_url.clone(),
        token: admin_token.clone(),
    };
    let links = Links {
        menjin: addresses.menjin_url.clone(),
        wecom: wecom_url.clone(),
        open: addresses.open,
        history: options.history,
        console: format!("{}/console", addresses.portals_url),
    };
    let domain = without_scheme(&addresses.menjin_url);
    let logout_uri = format!("{}/b/backchannel-logout", addresses.portals_inside);
    let faults = Faults::new(app.clone(), Arc::clone(&simulator), root.clone(), (domain, logout_uri));
    let portals = Data::new(Portals::new(links, faults, clock.clone(), entropy.clone()));
    actix_web::rt::spawn(portal::serve(addresses.portals, portals.clone()).map_err(|error| error.to_string())?);
    let parts = Parts {
        app: &app,
        clock: &clock,
        simulator: &simulator,
        admin: &root,
        entropy: &entropy,
    };
    let urls = (addresses.portals_url.as_str(), addresses.portals_inside.as_str());
    parts.prepare(&portals, urls, options.history, say).await?;
    let hired = owner::Owner::hire(&root, &clock, &entropy).await?;
    drop(portals.owner.set(hired));
    app.start_jobs();
    Ok(Demo {
        start_url: format!("{}/", addresses.portals_url),
        portal_url: format!("{}/a/", addresses.portals_url),
        second_portal_url: format!("{}/b/", addresses.portals_url),
        menjin_url: addresses.menjin_url,
        wecom_url,
        console_url: portals.links.console.clone(),
        admin_token,
        open: addresses.open,
        directory,
        simulator,
    })
}

impl Demo {
    /// Removes what the demo wrote.
    pub async fn stop(self) {
        self.simulator.stop().await;
        drop(self.directory);
    }
}

/// The clock of Menjin, and by how many seconds it and WeCom's are behind at first.
fn clock(history: bool) -> (Clock, u64) {
    let system = Clock::system();
    if !history {
        return (system, 0);
    }
    let behind = history::span(system.now());
    (Clock::behind(behind), behind.as_secs())
}

/// The simulated WeCom, whose apps trust Menjin's address.
async fn simulated_wecom(addresses: &Addresses, behind: u64, history: bool) -> Result<Simulator, String> {
    let mut world = World::sample();
    let domain = without_scheme(&addresses.menjin_url);
    for app in world.corps.values_mut().flat_map(|corp| corp.apps.values_mut()) {
        app.oauth_domain = Some(domain.clone());
    }
    if let (true, Some(corp)) = (history, world.corp_mut(sample::CORP)) {
        history::leavers().for_each(|member| corp.add_member(member));
    }
    let mut options = simulator::Options::new(world);
    options.listen = addresses.wecom;
    options.clock = simulator::Clock::behind(behind);
    let portal = |(key, name): (&str, &str)| (name.to_owned(), format!("{}/{key}/", addresses.portals_url));
    let report = "门禁控制台：离职报告 · the report of the leaver in Menjin's console".to_owned();
    let report = (report, format!("{}/console/leaving", addresses.menjin_url));
    options.watch = PORTALS.into_iter().map(portal).chain([report]).collect();
    Simulator::start(options)
        .await
        .map_err(|error| format!("the simulator did not start on {}: {error}", addresses.wecom))
}

/// The simulator as browsers and phones reach it.
fn told(simulator: &Simulator, host: &str) -> String {
    let base = simulator.base_url();
    let port = base.rsplit(':').next().unwrap_or_default();
    format!("http://{host}:{port}")
}

fn without_scheme(url: &str) -> String {
    url.split_once("://")
        .map_or_else(|| url.to_owned(), |(_, host)| host.to_owned())
}

/// What the second company has in the place of the installation's branding.
fn own_brand() -> serde_json::Value {
    json!({
        "name": "Baishi Design · demo",
        "name_zh": "白石设计 · 演示",
        "accent": "#8a4b14",
        "contact": "Baishi IT desk, extension 8000 (made up)",
        "contact_zh": "白石设计信息组，分机 8000（虚构）",
    })
}

impl Parts<'_> {
    /// Connects corps and portals and, if wanted, plays the history, up to a Menjin that is ready now.
    async fn prepare(
        &self,
        portals: &Portals,
        urls: (&str, &str),
        history: bool,
        say: &impl Fn(&str),
    ) -> Result<(), String> {
        let admin = match history {
            true => self.admin_of_history().await?,
            false => self.admin.clone(),
        };
        say("Connecting the corps and syncing their contacts …");
        let mut sources = Vec::new();
        for corp in CORPS {
            let (source, counts) = admin.connect_corp(corp).await?;
            say(&format!("  {}: {counts}", corp.name));
            for owner in [Owner::Contacts, Owner::App(corp.agent_id)] {
                let about = (corp.corp_id, source.as_str());
                admin.connect_callback(self.simulator, about, owner).await?;
            }
            sources.push(source);
        }
        let source = sources.first().cloned().unwrap_or_default();
        portals.faults.are_about(source.clone());
        if let Some(last) = sources.last() {
            admin
                .patch(&format!("data-sources/{last}/branding"), &own_brand())
                .await?;
        }
        say("Registering two portals …");
        let (parties, credentials) = self.register(&admin, urls).await?;
        drop(portals.portals.set(parties));
        if history {
            say("Playing fourteen days of made-up history (--no-history leaves it out) …");
            let places = self.places(&portals.links.wecom, &source).await?;
            let replay = Replay {
                app: self.app,
                clock: self.clock,
                simulator: self.simulator,
                admin: &admin,
                door: Door {
                    places: &places,
                    entropy: self.entropy,
                },
                source: &source,
                portals: &credentials,
            };
            history::play(&replay).await?;
            replay.catch_up().await?;
            for source in &sources {
                self.admin.sync(source).await?;
            }
        }
        Ok(())
    }

    /// An admin whose deeds are marked as made up, and a name for the installation that says so on every page.
    async fn admin_of_history(&self) -> Result<Admin, String> {
        let made = json!({ "name": history::TOKEN, "role": "owner" });
        let token = self.admin.post("api-tokens", &made).await?;
        let name = json!({ "name": "Menjin · demo, made-up history", "name_zh": "门禁 · 演示，历史为虚构" });
        self.admin.patch("branding", &name).await?;
        Ok(Admin {
            token: text(&token, "token").to_owned(),
            ..self.admin.clone()
        })
    }

    async fn register(
        &self,
        admin: &Admin,
        (told, inside): (&str, &str),
    ) -> Result<(Vec<Portal>, Vec<Credentials>), String> {
        let (mut parties, mut credentials) = (Vec::new(), Vec::new());
        for (key, name) in PORTALS {
            let (client_id, home) = (format!("demo-portal-{key}"), format!("{told}/{key}"));
            let secret = self.entropy.token().expose().clone();
            let inside = format!("{inside}/{key}");
            admin.register_portal((&client_id, &secret, name), &inside).await?;
            if home != inside {
                move_portal(self.app.database(), &client_id, &home).await?;
            }
            let discovered = RelyingParty::discover(&admin.base, (&client_id, &secret), &home, admin.http.clone());
            let party = discovered.await?;
            parties.push(Portal { key, name, party });
            credentials.push(Credentials {
                client_id,
                secret,
                redirect_uri: format!("{home}/callback"),
            });
        }
        Ok((parties, credentials))
    }

    async fn places(&self, wecom: &str, source: &str) -> Result<Places, String> {
        let listed = self.admin.get("auth-sources").await?;
        let listed = listed.get("items").and_then(serde_json::Value::as_array);
        let ours = |item: &&serde_json::Value| text(item, "data_source_id") == source;
        let auth_source = listed.and_then(|items| items.iter().find(ours));
        Ok(Places {
            menjin: self.admin.base.clone(),
            wecom: wecom.to_owned(),
            auth_source: text(auth_source.ok_or("the corp has no auth source")?, "id").to_owned(),
        })
    }
}
