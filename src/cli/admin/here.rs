//! This installation, opened for an admin on the machine.

use super::operator;
use crate::{
    app::{Administration, App},
    cli::terminal::told,
    config::Config,
    kernel::{clock::Clock, entropy::Entropy, failure::Failure},
    store::failure::StoreFailure,
};

/// The use cases of this installation, and who uses them.
pub(super) struct Here {
    pub(super) administration: Administration,
    pub(super) actor: String,
    pub(super) clock: Clock,
}

/// Opens the installation of the configuration.
///
/// # Errors
/// A sentence.
pub(super) async fn open(config: Option<&Config>, beside: bool) -> Result<Here, String> {
    let config = config.ok_or("the configuration is needed")?;
    let clock = Clock::system();
    let administration = App::administration(config, clock.clone(), Entropy::system(), beside).await;
    Ok(Here {
        administration: administration.map_err(|failure| refused(&failure))?,
        actor: operator::actor(),
        clock,
    })
}

/// A failure, with the two ways out where a server holds the file.
fn refused(failure: &Failure) -> String {
    let mut sentence = told(failure);
    if failure.entry == StoreFailure::Owned.entry() {
        sentence.push_str(
            "\n  A server runs on this SQLite file, and keeps in memory what this would change. Stop it for a moment; or have it done over its API: \
             menjin admin token create --role owner makes a token beside it, then add --server with its address, and MENJIN_TOKEN.",
        );
    }
    sentence
}
