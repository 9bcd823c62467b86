//! `menjin admin`: API tokens and console owners, for whoever has the machine and no token. It works on the database of the installation,
//! and tells in the audit log who of the operating system did it.

mod here;
mod operator;
mod owners;
mod tokens;

use std::path::PathBuf;

use clap::{Args, Subcommand};

use self::here::open;
use crate::config::Config;

/// What to do as an admin.
#[derive(Debug, Subcommand)]
pub enum AdminCommand {
    /// API tokens: works beside a running server.
    Token {
        #[command(subcommand)]
        command: tokens::TokenCommand,
    },
    /// People who own the installation, and their way back in.
    Owner {
        #[command(subcommand)]
        command: owners::OwnerCommand,
        #[command(flatten)]
        over: Over,
    },
}

/// A server to ask instead of opening the database.
#[derive(Debug, Args)]
pub struct Over {
    /// Ask this server over its API instead of opening the database. It takes an API token of the role owner.
    #[arg(long, global = true)]
    server: Option<String>,
    /// With --server: file with the API token; unless given, the environment variable MENJIN_TOKEN has it.
    #[arg(long, global = true, requires = "server")]
    token_file: Option<PathBuf>,
}

impl AdminCommand {
    /// Whether the configuration is needed: the database is that of the configuration.
    pub const fn needs_config(&self) -> bool {
        match self {
            Self::Token { .. } => true,
            Self::Owner { over, .. } => over.server.is_none(),
        }
    }

    /// Runs the command; `config` where it is needed.
    ///
    /// # Errors
    /// A sentence.
    pub async fn run(self, config: Option<&Config>) -> Result<(), String> {
        match self {
            Self::Token { command } => tokens::run(command, &open(config, true).await?).await,
            Self::Owner { command, over } => match over.server {
                Some(server) => owners::ask(command, &server, over.token_file.as_deref()).await,
                None => owners::run(command, &open(config, false).await?).await,
            },
        }
    }
}
