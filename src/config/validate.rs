//! Checks the merged table and turns it into settings. Each setting adds a sentence per fault and goes on, so that all are reported at
//! once.
//!
//! What `serve` would refuse is refused here, so that `config check` can be trusted. It connects to nothing.

use std::{net::IpAddr, path::PathBuf, time::Duration};

use data_encoding::HEXLOWER_PERMISSIVE;
use ipnet::IpNet;
use toml::Table;
use tracing_subscriber::EnvFilter;
use url::Url;

use super::{
    effective::EffectiveSettings,
    model::{Config, EphemeralKind, KeysConfig, OutboundConfig, SealKey, WeComConfig},
    reader::Reader,
};
use crate::{
    crypto::seal::KEY_BYTES,
    kernel::{address, secret::Secret},
    store::private_file,
};

/// Maximum of worker threads.
const MOST_WORKERS: i64 = 1024;
/// Maximum of database connections.
const MOST_CONNECTIONS: i64 = 1000;
/// Maximum of megabytes: kept for visitors who proved nothing, and free on a disk.
const MOST_MEGABYTES: i64 = 1_000_000;
/// Maximum of days audit events are kept: a hundred years.
const MOST_DAYS: i64 = 36_500;
/// Maximum of days before the end of somebody's access.
const MOST_NOTICE: i64 = 90;

/// Longest time a used refresh token may be answered again, seconds.
const LONGEST_RETRY: i64 = 600;

/// Checked settings; `None` only together with faults. With `plain_http` addresses may be plain http on any host.
pub fn config(table: &Table, plain_http: bool, faults: &mut Vec<String>) -> Option<Config> {
    let mut reader = Reader::new(table, faults);
    reader.plain_http = plain_http;
    let database_url = reader
        .secret("database", "url")
        .unwrap_or_else(|| Secret::new(String::new()));
    let sqlite = database_url.expose().starts_with("sqlite:");
    if !sqlite
        && !["postgres://", "postgresql://"]
            .iter()
            .any(|scheme| database_url.expose().starts_with(scheme))
    {
        reader.fault("database.url must begin with sqlite: or postgres://");
    }
    let (ephemeral, seal) = (reader.ephemeral(sqlite), reader.seal(sqlite));
    let (listen, public_url) = (reader.listen(), reader.public_url());
    let trusted_proxies = reader.networks("server", "trusted_proxies");
    if trusted_proxies.is_empty() && public_url.as_ref().is_some_and(|url| url.starts_with("https://")) {
        reader.warn(
            "server.public_url is https, so a TLS proxy stands in front, but server.trusted_proxies names none: everybody behind it counts as \
             one address, and one of them can use up the rate limits of all. Name the proxy, and let it append X-Forwarded-For",
        );
    }
    Some(Config {
        workers: reader.between("server", "workers", (0, MOST_WORKERS)),
        trusted_proxies,
        strangers_per_ten_minutes: reader.between("server", "strangers_per_ten_minutes", (0, i64::from(u32::MAX))),
        connections: reader.connections(),
        database_url,
        database_connections: reader.between("database", "connections", (1, MOST_CONNECTIONS)),
        database_free_megabytes: reader.between("database", "free_megabytes", (0, MOST_MEGABYTES)),
        unproven_bytes: reader
            .between::<u64>("ephemeral", "unproven_megabytes", (1, MOST_MEGABYTES))
            .saturating_mul(1024 * 1024),
        wecom: reader.wecom(),
        outbound: reader.outbound(),
        password: reader.password(),
        session_idle: reader.seconds("session", "idle"),
        session_absolute: reader.seconds("session", "absolute"),
        code_lifetime: reader.seconds("tokens", "code"),
        previous_seal_key: reader.previous_seal_key(),
        refresh_retry: Duration::from_secs(reader.between("tokens", "refresh_retry", (0, LONGEST_RETRY))),
        keys: reader.keys(),
        admin_token: reader.admin_token(),
        access_ending: reader.access_ending(),
        audit_keep: reader.audit_keep(),
        trace_keep: reader.trace_keep(),
        metrics_listen: reader.metrics_listen(),
        otlp: reader.otlp(),
        tick: reader.seconds("jobs", "tick"),
        log_level: reader.log_level(),
        log_json: reader.one_of("log", "format", &["text", "json"]) == "json",
        warnings: reader.warnings,
        effective: EffectiveSettings::default(),
        // Last: a missing one returns early, and the readers above shall still report their faults.
        listen: listen?,
        public_url: public_url?,
        ephemeral: ephemeral?,
        seal: seal?,
    })
}

impl Reader<'_> {
    fn admin_token(&mut self) -> Option<Secret<String>> {
        let token = self.secret("admin", "token");
        if token.as_ref().is_some_and(|token| token.expose().len() < 32) {
            self.fault("admin.token must have at least 32 characters");
        }
        token
    }

    fn listen(&mut self) -> Option<std::net::SocketAddr> {
        let listen = self.text("server", "listen");
        let parsed = listen.parse().ok();
        if parsed.is_none() {
            self.fault(format!("server.listen is not an address with a port: {listen}"));
        }
        parsed
    }

    /// Reads `metrics.listen`, which may be empty.
    fn metrics_listen(&mut self) -> Option<std::net::SocketAddr> {
        let listen = self.text("metrics", "listen");
        let parsed = listen.parse().ok();
        if parsed.is_none() && !listen.is_empty() {
            self.fault(format!("metrics.listen is not an address with a port: {listen}"));
        }
        if parsed.is_some() && listen == self.text("server", "listen") {
            self.fault("metrics.listen must be another address than server.listen");
        }
        parsed
    }

    /// Reads `server.public_url`: https; plain http only on loopback, because tokens travel here.
    fn public_url(&mut self) -> Option<String> {
        let text = self.text("server", "public_url");
        let Some(url) = address::absolute(&text) else {
            self.fault("server.public_url is not a URL");
            return None;
        };
        let is_plain = url.scheme() == "http" && (self.plain_http || address::is_loopback(&url));
        if url.scheme() != "https" && !is_plain {
            self.fault("server.public_url must be https (plain http only on localhost, 127.0.0.1 or [::1])");
        }
        if url.query().is_some() || url.fragment().is_some() || url.path() != "/" || text.ends_with('/') {
            self.fault("server.public_url must be scheme and host only, without path or trailing slash");
        } else if text != url.origin().ascii_serialization() {
            // It is compared character by character by everybody who is told it.
            let normal = url.origin().ascii_serialization();
            self.fault(format!(
                "server.public_url must be written in its normal form: {normal}"
            ));
        }
        Some(text)
    }

    fn ephemeral(&mut self, sqlite: bool) -> Option<EphemeralKind> {
        match self.one_of("ephemeral", "kind", &["memory", "redis"]).as_str() {
            "memory" => {
                if !sqlite {
                    self.warn("ephemeral.kind is memory: run one process only");
                }
                Some(EphemeralKind::Memory)
            }
            "redis" => {
                let url = self.secret("ephemeral", "url");
                match &url {
                    None => self.fault("ephemeral.url must be set when ephemeral.kind is redis"),
                    Some(url) if !is_redis(url.expose()) => {
                        self.fault("ephemeral.url must be redis://host:port/db, or rediss:// for TLS")
                    }
                    Some(_) => {}
                }
                Some(EphemeralKind::Redis {
                    url: url?,
                    prefix: self.text("ephemeral", "prefix"),
                })
            }
            _ => None,
        }
    }

    fn seal(&mut self, sqlite: bool) -> Option<SealKey> {
        let given = self.text("seal", "key");
        if given.is_empty() {
            return self.seal_file(sqlite);
        }
        self.not_both("seal", "key");
        let key = parse_key(&given);
        if key.is_none() {
            self.fault("seal.key must be 64 hex digits");
        }
        key.map(SealKey::Given)
    }

    /// The seal key's file. With SQLite a missing file is created at the first start; replicas on PostgreSQL must share one key, so none is
    /// created there.
    fn seal_file(&mut self, sqlite: bool) -> Option<SealKey> {
        let path = PathBuf::from(self.text("seal", "key_file"));
        if path.as_os_str().is_empty() {
            self.fault("seal.key or seal.key_file must be set");
            return None;
        }
        match std::fs::read_to_string(&path) {
            Ok(content) if parse_key(&content).is_none() => {
                self.fault(format!("seal.key_file: {} does not hold 64 hex digits", path.display()));
            }
            Err(error) if !(sqlite && error.kind() == std::io::ErrorKind::NotFound) => self.fault(format!(
                "seal.key_file: {}: {error}; create it with 64 hex digits, for example by: openssl rand -hex 32",
                path.display()
            )),
            _ => {}
        }
        if private_file::is_wide(&path) {
            self.warn(format!(
                "seal.key_file: others than its owner may open {}: chmod 600",
                path.display()
            ));
        }
        Some(SealKey::File { path, create: sqlite })
    }

    /// How long audit events are kept: days; 0: for ever.
    fn access_ending(&mut self) -> Duration {
        let days: u64 = self.between("notices", "access_ending_days", (0, MOST_NOTICE));
        Duration::from_secs(days * 24 * 60 * 60)
    }

    fn audit_keep(&mut self) -> Option<Duration> {
        let days: u64 = self.between("audit", "keep_days", (0, MOST_DAYS));
        (days > 0).then(|| Duration::from_secs(days.saturating_mul(24 * 3600)))
    }

    /// How long traces are kept: days.
    fn trace_keep(&mut self) -> Duration {
        let days: u64 = self.between("audit", "trace_days", (1, MOST_DAYS));
        Duration::from_secs(days.saturating_mul(24 * 3600))
    }

    fn log_level(&mut self) -> String {
        let level = self.text("log", "level");
        if let Err(error) = EnvFilter::try_new(&level) {
            self.fault(format!("log.level: {error}"));
        }
        level
    }

    fn wecom(&mut self) -> WeComConfig {
        let proxy = self.text("wecom", "proxy");
        if !proxy.is_empty() && !is_proxy(&proxy) {
            self.fault("wecom.proxy must be http://host:port");
        }
        WeComConfig {
            api_url: self.base_url("api_url"),
            web_login_url: self.base_url("web_login_url"),
            legacy_qr_url: self.base_url("legacy_qr_url"),
            oauth_url: self.base_url("oauth_url"),
            install_url: self.base_url("install_url"),
            open_data_script: self.base_url("open_data_script"),
            open_data_frame: self.base_url("open_data_frame"),
            egress: self.addresses("wecom", "egress"),
            proxy: (!proxy.is_empty()).then_some(proxy),
            ca: self.certificates("wecom"),
            timeout: self.seconds("wecom", "timeout"),
            looks_per_minute: self.between("wecom", "looks_per_minute", (0, 10_000)),
        }
    }

    /// Settings of key rotation. A key that is to be replaced before its successor may sign would pile up successors.
    fn keys(&mut self) -> KeysConfig {
        const HOUR: u64 = 3600;
        let days: u64 = self.between("keys", "rotate_days", (0, 3650));
        let hours: u64 = self.between("keys", "publish_ahead_hours", (1, 720));
        if days != 0 && hours >= days.saturating_mul(24) {
            self.fault("keys.publish_ahead_hours must be shorter than keys.rotate_days");
        }
        KeysConfig {
            rotate_after: (days != 0).then(|| Duration::from_secs(days.saturating_mul(24 * HOUR))),
            publish_ahead: Duration::from_secs(hours.saturating_mul(HOUR)),
        }
    }

    fn outbound(&mut self) -> OutboundConfig {
        OutboundConfig {
            allow: self.networks("outbound", "allow"),
            ca: self.certificates("outbound"),
            timeout: self.seconds("outbound", "timeout"),
        }
    }

    /// Reads the file of certificates that are trusted besides the system's.
    fn certificates(&mut self, section: &str) -> Option<Vec<u8>> {
        let path = self.text(section, "ca_file");
        if path.is_empty() {
            return None;
        }
        match std::fs::read(&path) {
            Ok(pem) if String::from_utf8_lossy(&pem).contains("-----BEGIN CERTIFICATE-----") => Some(pem),
            Ok(_) => {
                self.fault(format!("{section}.ca_file: {path} holds no certificate in PEM form"));
                None
            }
            Err(error) => {
                self.fault(format!("{section}.ca_file: {path}: {error}"));
                None
            }
        }
    }

    /// Reads addresses or networks, separated by commas.
    fn networks(&mut self, section: &str, key: &str) -> Vec<IpNet> {
        let text = self.text(section, key);
        let words = text.split(',').map(str::trim).filter(|word| !word.is_empty());
        words
            .filter_map(|word| {
                let network = network(word);
                if network.is_none() {
                    self.fault(format!("{section}.{key}: {word} is neither an address nor a network"));
                }
                network
            })
            .collect()
    }

    /// Reads single addresses, separated by commas.
    fn addresses(&mut self, section: &str, key: &str) -> Vec<String> {
        let networks = self.networks(section, key);
        if networks
            .iter()
            .any(|network| network.prefix_len() != network.max_prefix_len())
        {
            self.fault(format!("{section}.{key} takes addresses, no networks"));
        }
        networks.iter().map(|network| network.addr().to_string()).collect()
    }

    /// Reads a WeCom base URL: https, or http on loopback where a simulator listens, because app secrets travel to this address.
    fn base_url(&mut self, key: &str) -> String {
        let text = self.text("wecom", key);
        let plain_http = self.plain_http;
        let good = address::absolute(&text)
            .is_some_and(|url| url.scheme() == "https" || plain_http || address::is_loopback(&url));
        if !good {
            self.fault(format!(
                "wecom.{key} must be an https URL (plain http only on loopback)"
            ));
        }
        text.trim_end_matches('/').to_owned()
    }
}

/// Parses a network (`10.0.0.0/8`) or one address. An IPv4-mapped IPv6 network (`::ffff:10.0.0.0/104`) is that IPv4 network.
fn network(text: &str) -> Option<IpNet> {
    let (address, length) = match text.split_once('/') {
        Some((address, length)) => (address, Some(length.parse::<u8>().ok()?)),
        None => (text, None),
    };
    // std refuses leading zeros, which some read as octal.
    let address: IpAddr = address.parse().ok()?;
    let plain = address.to_canonical();
    let length = match length {
        None => return Some(plain.into()),
        Some(length) if plain != address => length.checked_sub(96)?,
        Some(length) => length,
    };
    IpNet::new(plain, length).ok()
}

/// 64 hex digits as 32 bytes.
pub fn parse_key(hex: &str) -> Option<Secret<Vec<u8>>> {
    let key = HEXLOWER_PERMISSIVE.decode(hex.trim().as_bytes()).ok()?;
    (key.len() == KEY_BYTES).then(|| Secret::new(key))
}

/// Whether this is a Redis URL. No fragment: `#insecure` would ask the Redis client to accept any certificate.
fn is_redis(text: &str) -> bool {
    let known = |url: Url| ["redis", "rediss"].contains(&url.scheme()) && url.has_host() && url.fragment().is_none();
    Url::parse(text).is_ok_and(known)
}

fn is_proxy(text: &str) -> bool {
    address::absolute(text).is_some_and(|url| ["http", "https"].contains(&url.scheme()) && url.has_host())
}
