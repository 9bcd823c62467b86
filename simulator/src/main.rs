//! `wecom-simulator`: runs the simulator by itself, for demos and for trying things out.

use std::io::{self, Write};
use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Parser;
use simulator::{Options, Simulator, World, generator};

/// A WeCom to talk to.
#[derive(Parser)]
#[command(name = "wecom-simulator", version, about)]
struct Arguments {
    /// Address to listen on.
    #[arg(long, default_value = "127.0.0.1:7700")]
    listen: SocketAddr,
    /// Scenario file (TOML); without it the demo world.
    #[arg(long)]
    scenario: Option<PathBuf>,
    /// Adds a generated corp with so many members.
    #[arg(long)]
    members: Option<u32>,
    /// Departments of the generated corp.
    #[arg(long, default_value_t = 50)]
    departments: u32,
    /// Seed of the generated corp and of tokens.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

fn world(arguments: &Arguments) -> io::Result<World> {
    let mut world = match &arguments.scenario {
        Some(path) => World::from_toml(&std::fs::read_to_string(path)?).map_err(io::Error::other)?,
        None => World::sample(),
    };
    if let Some(members) = arguments.members {
        let corp = generator::corp(arguments.seed, members, arguments.departments);
        world.corps.insert(corp.corpid.clone(), corp);
    }
    Ok(world)
}

fn introduce(base: &str, world: &World) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(
        out,
        "wecom-simulator\n  home     {base}/\n  API      {base}/cgi-bin/\n  login    {base}/wwlogin/sso/login"
    )?;
    writeln!(
        out,
        "  in-app   {base}/connect/oauth2/authorize\n  control  {base}/_sim/world"
    )?;
    for corp in world.corps.values() {
        writeln!(out, "{} {} ({} members)", corp.corpid, corp.name, corp.members.len())?;
        for app in corp.apps.values() {
            writeln!(out, "  agentid {}  secret {}  {}", app.agentid, app.secret, app.name)?;
        }
    }
    out.flush()
}

#[actix_web::main]
async fn main() -> io::Result<()> {
    let arguments = Arguments::parse();
    let world = world(&arguments)?;
    let options = Options {
        listen: arguments.listen,
        seed: arguments.seed,
        ..Options::new(world.clone())
    };
    let simulator = Simulator::start(options).await?;
    introduce(&simulator.base_url(), &world)?;
    tokio::signal::ctrl_c().await?;
    simulator.stop().await;
    Ok(())
}
