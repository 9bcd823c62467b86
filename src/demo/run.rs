//! Runs the demo: starts simulator, Menjin and portals in order and reports each step.

use std::{net::TcpListener, path::PathBuf};

use simulator::{Simulator, World, sample};

use super::{
    portal::{self, Portal},
    relying_party::RelyingParty,
    setup::Admin,
};
use crate::{
    app::App,
    config::{Config, Sources},
    kernel::{clock::Clock, entropy::Entropy},
};

/// How to run the demo.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// First of three ports on 127.0.0.1 (portals, Menjin, simulated WeCom); 0: any free ones.
    pub port: u16,
}

/// A running demo.
pub struct Demo {
    /// First portal.
    pub portal_url: String,
    /// Second portal.
    pub second_portal_url: String,
    /// Menjin.
    pub menjin_url: String,
    /// The simulated WeCom.
    pub wecom_url: String,
    /// A link by which whoever opens it owns the console.
    pub console_url: String,
    /// Admin API token.
    pub admin_token: String,
    directory: TemporaryDirectory,
    simulator: Simulator,
}

const PORTALS: [(&str, &str); 2] = [("a", "工单系统 · Tickets"), ("b", "知识库 · Wiki")];

/// Starts everything; `say` gets a sentence for each step.
///
/// # Errors
/// A sentence about the step that failed.
pub async fn start(options: Options, say: &impl Fn(&str)) -> Result<Demo, String> {
    let entropy = Entropy::system();
    let (portals, menjin, wecom) = listeners(options.port)?;
    say("Starting a simulated WeCom with two sample corps …");
    let menjin_url = url_of(&menjin)?;
    let simulator = simulated_wecom(wecom, &menjin_url).await?;
    say("Starting Menjin on SQLite in a temporary directory …");
    let directory = temporary_directory(&entropy)?;
    let admin_token = entropy.token().expose().clone();
    let config = settings(&menjin_url, &directory.0, &simulator.base_url(), &admin_token)?;
    let app = App::build(config, Clock::system(), entropy.clone())
        .await
        .map_err(|failure| failure.to_string())?;
    actix_web::rt::spawn(app.serve(menjin).map_err(|error| error.to_string())?);
    let http = crate::wecom::transport::build_client(None, std::time::Duration::from_secs(10))
        .map_err(|error| error.to_string())?;
    let admin = Admin {
        http: http.clone(),
        base: menjin_url.clone(),
        token: admin_token.clone(),
    };
    say("Connecting the corps and syncing their contacts …");
    connect(&admin, say).await?;
    app.start_jobs();
    let console_url = app.welcome_link().await.map_err(|failure| failure.to_string())?;
    say("Registering two portals and starting them …");
    let portal_base = url_of(&portals)?;
    let ready = register(&admin, &entropy, &portal_base, &http).await?;
    actix_web::rt::spawn(portal::serve(portals, ready).map_err(|error| error.to_string())?);
    Ok(Demo {
        portal_url: format!("{portal_base}/a/"),
        second_portal_url: format!("{portal_base}/b/"),
        menjin_url,
        wecom_url: simulator.base_url(),
        console_url: console_url.unwrap_or_default(),
        admin_token,
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

/// The simulated WeCom, whose apps trust Menjin's address.
async fn simulated_wecom(listener: std::net::SocketAddr, menjin_url: &str) -> Result<Simulator, String> {
    let mut world = World::sample();
    let domain = menjin_url.split_once("://").map(|(_, host)| host.to_owned());
    for app in world.corps.values_mut().flat_map(|corp| corp.apps.values_mut()) {
        app.oauth_domain.clone_from(&domain);
    }
    let mut options = simulator::Options::new(world);
    options.listen = listener;
    Simulator::start(options)
        .await
        .map_err(|error| format!("the simulator did not start: {error}"))
}

async fn connect(admin: &Admin, say: &impl Fn(&str)) -> Result<(), String> {
    let corps = [
        (
            "青云科技",
            sample::CORP,
            (sample::CONTACTS_SECRET, i64::from(sample::AGENT_ID), sample::APP_SECRET),
        ),
        (
            "白石设计",
            sample::CORP2,
            (
                sample::CONTACTS_SECRET2,
                i64::from(sample::AGENT_ID2),
                sample::APP_SECRET2,
            ),
        ),
    ];
    for (name, corp_id, secrets) in corps {
        let counts = admin.connect_corp(name, corp_id, secrets).await?;
        say(&format!("  {name}: {counts}"));
    }
    Ok(())
}

async fn register(admin: &Admin, entropy: &Entropy, base: &str, http: &reqwest::Client) -> Result<Vec<Portal>, String> {
    let mut portals = Vec::new();
    for (key, name) in PORTALS {
        let (client_id, home) = (format!("demo-portal-{key}"), format!("{base}/{key}"));
        let secret = entropy.token().expose().clone();
        admin.register_portal(&client_id, &secret, name, &home).await?;
        let party = RelyingParty::discover(&admin.base, (&client_id, &secret), &home, http.clone()).await?;
        portals.push(Portal { key, name, party });
    }
    Ok(portals)
}

/// Binds the listeners of portals and Menjin, and chooses an address for the simulator to bind itself.
fn listeners(port: u16) -> Result<(TcpListener, TcpListener, std::net::SocketAddr), String> {
    let bind = |offset: u16| {
        let port = if port == 0 { 0 } else { port.saturating_add(offset) };
        TcpListener::bind(("127.0.0.1", port))
            .map_err(|error| format!("port {port} cannot be used: {error} (choose others with --port)"))
    };
    let portals = bind(0)?;
    let menjin = bind(1)?;
    let simulator = std::net::SocketAddr::from(([127, 0, 0, 1], if port == 0 { 0 } else { port.saturating_add(2) }));
    Ok((portals, menjin, simulator))
}

fn url_of(listener: &TcpListener) -> Result<String, String> {
    listener
        .local_addr()
        .map(|address| format!("http://{address}"))
        .map_err(|error| error.to_string())
}

/// A directory that is removed when dropped, so also when a later step of the start fails or is interrupted.
struct TemporaryDirectory(PathBuf);

impl Drop for TemporaryDirectory {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
    }
}

/// Creates a new temporary directory, open to its owner alone.
fn temporary_directory(entropy: &Entropy) -> Result<TemporaryDirectory, String> {
    let directory = std::env::temp_dir().join(format!("menjin-demo-{}", entropy.hex_id()));
    let mut builder = std::fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder
        .create(&directory)
        .map_err(|error| format!("{}: {error}", directory.display()))?;
    Ok(TemporaryDirectory(directory))
}

fn settings(menjin: &str, directory: &std::path::Path, wecom: &str, token: &str) -> Result<Config, String> {
    let set = |name: &str, value: &str| (format!("MENJIN__{name}"), value.to_owned());
    let environment = vec![
        set("SERVER__PUBLIC_URL", menjin),
        set("SERVER__WORKERS", "1"),
        set("DATABASE__URL", &format!("sqlite://{}/menjin.db", directory.display())),
        set("SEAL__KEY_FILE", &directory.join("menjin.key").display().to_string()),
        set("WECOM__API_URL", wecom),
        set("WECOM__WEB_LOGIN_URL", wecom),
        set("WECOM__LEGACY_QR_URL", wecom),
        set("WECOM__OAUTH_URL", wecom),
        set("ADMIN__TOKEN", token),
    ];
    Config::load(&Sources {
        file: None,
        environment,
    })
    .map_err(|faults| faults.join("; "))
}
