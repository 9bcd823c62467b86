//! Configuration: the embedded defaults, then a file, then the environment. Unknown keys are refused and all faults reported at once.
//!
//! `config/default.toml` is the schema: a key exists if it stands there, and has the type of its default. Nothing outside this room reads
//! files or the environment for settings.

mod connections;
mod effective;
mod layers;
mod model;
mod password;
mod reader;
mod seal_key;
mod telemetry;
mod validate;

pub use connections::ConnectionConfig;
pub use effective::{EffectiveSettings, Setting};
pub use layers::{Layer, Sources};
pub use model::{Config, EphemeralKind, KeysConfig, OutboundConfig, SealKey, WeComConfig};
pub use password::{PasswordConfig, TotpPolicy};
pub use seal_key::seal_key;
pub use telemetry::OtlpConfig;

impl Config {
    /// Reads all layers.
    ///
    /// # Errors
    /// Every fault found, one sentence each.
    pub fn load(sources: &Sources) -> Result<Self, Vec<String>> {
        Self::read(sources, false)
    }

    fn read(sources: &Sources, plain_http: bool) -> Result<Self, Vec<String>> {
        let mut faults = Vec::new();
        let (table, origins) = layers::merge(sources, &mut faults);
        let config = validate::config(&table, plain_http, &mut faults).map(|config| Self {
            effective: EffectiveSettings::of(&table, &origins),
            ..config
        });
        if faults.is_empty() {
            config.ok_or_else(|| vec!["the configuration could not be read".to_owned()])
        } else {
            Err(faults)
        }
    }
}

#[cfg(feature = "demo")]
impl Config {
    /// As [`Config::load`], but `server.public_url` and WeCom's addresses may be plain http on any host: for the demo, which phones in the same
    /// network reach. Tokens and secrets travel readably then, so nothing else may use it.
    ///
    /// # Errors
    /// See [`Config::load`].
    pub fn load_with_plain_http(sources: &Sources) -> Result<Self, Vec<String>> {
        Self::read(sources, true)
    }
}

#[cfg(test)]
mod tests;
