//! Checked settings as values. Pure.

use ipnet::IpNet;

use crate::config::{
    connections::ConnectionConfig, effective::EffectiveSettings, password::PasswordConfig, telemetry::OtlpConfig,
};
use crate::kernel::secret::Secret;
use std::{net::SocketAddr, path::PathBuf, time::Duration};

/// Kind of the ephemeral store.
#[derive(Clone, Debug)]
pub enum EphemeralKind {
    /// In this process.
    Memory,
    /// Redis.
    Redis {
        /// `redis://…`, which may hold a password.
        url: Secret<String>,
        /// Prefix of every key.
        prefix: String,
    },
}

/// Where the seal key comes from.
#[derive(Clone, Debug)]
pub enum SealKey {
    /// The key itself, from the configuration.
    Given(Secret<Vec<u8>>),
    /// A file to read it from; created if it does not exist and `create` is set.
    File {
        /// Path.
        path: PathBuf,
        /// Create it if missing.
        create: bool,
    },
}

/// WeCom's addresses and how to reach them.
#[derive(Clone, Debug)]
pub struct WeComConfig {
    /// API base URL.
    pub api_url: String,
    /// Web login base URL.
    pub web_login_url: String,
    /// Legacy QR base URL.
    pub legacy_qr_url: String,
    /// In-app OAuth base URL.
    pub oauth_url: String,
    /// Base URL of the page on which corps install suites.
    pub install_url: String,
    /// Address of the script of WeCom's display component.
    pub open_data_script: String,
    /// Base URL of the frames in which that shows names.
    pub open_data_frame: String,
    /// Addresses from which WeCom sees our calls come, as far as somebody said so.
    pub egress: Vec<String>,
    /// Outbound proxy.
    pub proxy: Option<String>,
    /// Certificates that are trusted besides the system's: PEM.
    pub ca: Option<Vec<u8>>,
    /// Until a call is given up.
    pub timeout: Duration,
    /// Calls for live looks at members in a minute on behalf of one corp's sessions, and as many for its sign-ins; 0: any number.
    pub looks_per_minute: u64,
}

/// Settings of calls to portals' own servers.
#[derive(Clone, Debug)]
pub struct OutboundConfig {
    /// Networks that may be called although they are private: address and prefix length.
    pub allow: Vec<IpNet>,
    /// Certificates that are trusted besides the system's: PEM.
    pub ca: Option<Vec<u8>>,
    /// Until a call is given up.
    pub timeout: Duration,
}

impl Default for OutboundConfig {
    fn default() -> Self {
        Self {
            allow: Vec::new(),
            ca: None,
            timeout: Duration::from_secs(10),
        }
    }
}

/// When signing keys are replaced.
#[derive(Clone, Copy, Debug)]
pub struct KeysConfig {
    /// How long a key signs; `None`: until it is replaced by hand.
    pub rotate_after: Option<Duration>,
    /// How long a key is published before it signs; at least an hour, far longer than anybody goes on with keys read earlier.
    pub publish_ahead: Duration,
}

impl Default for KeysConfig {
    fn default() -> Self {
        Self {
            rotate_after: Some(Duration::from_secs(90 * 86_400)),
            publish_ahead: Duration::from_secs(86_400),
        }
    }
}

/// All settings, checked.
#[derive(Clone, Debug)]
pub struct Config {
    /// Listen address.
    pub listen: SocketAddr,
    /// Without trailing slash.
    pub public_url: String,
    /// Worker threads; 0: one per core.
    pub workers: usize,
    /// Reverse proxies whose `X-Forwarded-For` is trusted: address and prefix length.
    pub trusted_proxies: Vec<IpNet>,
    /// Anonymous limit: what is begun and kept from one address in ten minutes for clients that proved nothing; 0: any number.
    pub strangers_per_ten_minutes: u64,
    /// Connections of clients.
    pub connections: ConnectionConfig,
    /// Database URL, which may hold a password.
    pub database_url: Secret<String>,
    /// Database connections.
    pub database_connections: u32,
    /// Megabytes that should be free on the disk of a SQLite file.
    pub database_free_megabytes: u64,
    /// Ephemeral store.
    pub ephemeral: EphemeralKind,
    /// Bytes of the ephemeral store for what is kept without a proof.
    pub unproven_bytes: u64,
    /// Seal key.
    pub seal: SealKey,
    /// The seal key that opens besides, while it is being replaced.
    pub previous_seal_key: Option<Secret<Vec<u8>>>,
    /// WeCom.
    pub wecom: WeComConfig,
    /// Calls to portals' servers.
    pub outbound: OutboundConfig,
    /// Passwords and one-time codes.
    pub password: PasswordConfig,
    /// Idle lifetime of sessions.
    pub session_idle: Duration,
    /// Absolute lifetime of sessions.
    pub session_absolute: Duration,
    /// Lifetime of authorization codes.
    pub code_lifetime: Duration,
    /// For how long a used refresh token is answered with its successor again; zero: never.
    pub refresh_retry: Duration,
    /// When signing keys are replaced.
    pub keys: KeysConfig,
    /// First admin token set by the operator.
    pub admin_token: Option<Secret<String>>,
    /// How long before somebody's access ends they are told; zero: nobody is.
    pub access_ending: Duration,
    /// How long audit events are kept; `None`: for ever.
    pub audit_keep: Option<Duration>,
    /// How long traces of failures are kept.
    pub trace_keep: Duration,
    /// Listen address of the metrics; `None`: nothing is counted.
    pub metrics_listen: Option<SocketAddr>,
    /// Where traces are exported to; `None`: none are recorded.
    pub otlp: Option<OtlpConfig>,
    /// Interval at which the jobs check what is due.
    pub tick: Duration,
    /// Log filter.
    pub log_level: String,
    /// JSON lines instead of text.
    pub log_json: bool,
    /// Warnings about settings that are allowed but risky, one sentence each; logged once logging has started.
    pub warnings: Vec<String>,
    /// The same settings as the API shows them, without secrets.
    pub effective: EffectiveSettings,
}
