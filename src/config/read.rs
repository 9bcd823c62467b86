//! From the merged table to checked settings. Each reader adds a sentence per fault and goes on, so that all are told at once.

use std::{path::PathBuf, time::Duration};

use toml::{Table, Value};
use url::{Host, Url};

use super::{Config, EphemeralKind, SealKey, WeComConfig};
use crate::{crypto::seal::KEY_BYTES, kernel::secret::Secret};

struct Reader<'a> {
    table: &'a Table,
    faults: &'a mut Vec<String>,
}

/// Checked settings; `None` only together with faults.
pub fn config(table: &Table, faults: &mut Vec<String>) -> Option<Config> {
    let mut reader = Reader { table, faults };
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
    let ephemeral = reader.ephemeral(sqlite);
    let seal = reader.seal(sqlite);
    let admin_token = reader.secret("admin", "token");
    if admin_token.as_ref().is_some_and(|token| token.expose().len() < 32) {
        reader.fault("admin.token must have at least 32 characters");
    }
    let listen = reader.listen();
    Some(Config {
        public_url: reader.public_url()?,
        listen: listen?,
        workers: reader.number("server", "workers"),
        database_url,
        database_connections: reader.number("database", "connections"),
        ephemeral: ephemeral?,
        seal: seal?,
        wecom: reader.wecom(),
        session_idle: reader.seconds("session", "idle"),
        session_absolute: reader.seconds("session", "absolute"),
        code_lifetime: reader.seconds("tokens", "code"),
        admin_token,
        tick: reader.seconds("jobs", "tick"),
        log_level: reader.text("log", "level"),
        log_json: reader.one_of("log", "format", &["text", "json"]) == "json",
    })
}

impl Reader<'_> {
    fn fault(&mut self, sentence: impl Into<String>) {
        self.faults.push(sentence.into());
    }

    fn value(&self, section: &str, key: &str) -> Option<&Value> {
        self.table.get(section)?.get(key)
    }

    fn text(&self, section: &str, key: &str) -> String {
        self.value(section, key)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .trim()
            .to_owned()
    }

    fn number<T: TryFrom<i64> + Default>(&mut self, section: &str, key: &str) -> T {
        let value = self.value(section, key).and_then(Value::as_integer).unwrap_or_default();
        T::try_from(value).unwrap_or_else(|_| {
            self.fault(format!("{section}.{key} is out of range"));
            T::default()
        })
    }

    fn seconds(&mut self, section: &str, key: &str) -> Duration {
        let seconds: u64 = self.number(section, key);
        if seconds == 0 {
            self.fault(format!("{section}.{key} must be at least 1 second"));
        }
        Duration::from_secs(seconds)
    }

    fn one_of(&mut self, section: &str, key: &str, choices: &[&str]) -> String {
        let value = self.text(section, key);
        if !choices.contains(&value.as_str()) {
            self.fault(format!("{section}.{key} must be one of: {}", choices.join(", ")));
        }
        value
    }

    /// A secret given directly or by `KEY_file`; both at once is a fault, neither is `None`... except where a default stands.
    fn secret(&mut self, section: &str, key: &str) -> Option<Secret<String>> {
        let file = self.text(section, &format!("{key}_file"));
        if file.is_empty() {
            let value = self.text(section, key);
            return (!value.is_empty()).then(|| Secret::new(value));
        }
        match std::fs::read_to_string(&file) {
            Ok(content) => Some(Secret::new(content.trim().to_owned())),
            Err(error) => {
                self.fault(format!("{section}.{key}_file: {file}: {error}"));
                None
            }
        }
    }

    fn listen(&mut self) -> Option<std::net::SocketAddr> {
        let listen = self.text("server", "listen");
        let parsed = listen.parse().ok();
        if parsed.is_none() {
            self.fault(format!("server.listen is not an address with a port: {listen}"));
        }
        parsed
    }

    /// https; plain http only on loopback, because tokens travel here.
    fn public_url(&mut self) -> Option<String> {
        let text = self.text("server", "public_url");
        let Ok(url) = Url::parse(&text) else {
            self.fault("server.public_url is not a URL");
            return None;
        };
        if !(url.scheme() == "https" || url.scheme() == "http" && is_loopback(&url)) {
            self.fault("server.public_url must be https (plain http only on localhost, 127.0.0.1 or [::1])");
        }
        if url.query().is_some() || url.fragment().is_some() || url.path() != "/" || text.ends_with('/') {
            self.fault("server.public_url must be scheme and host only, without path or trailing slash");
        }
        Some(text)
    }

    fn ephemeral(&mut self, sqlite: bool) -> Option<EphemeralKind> {
        match self.one_of("ephemeral", "kind", &["memory", "redis"]).as_str() {
            "memory" => {
                if !sqlite {
                    tracing::warn!("ephemeral.kind is memory: run one process only");
                }
                Some(EphemeralKind::Memory)
            }
            "redis" => {
                let url = self.secret("ephemeral", "url");
                if url.is_none() {
                    self.fault("ephemeral.url must be set when ephemeral.kind is redis");
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
            return Some(SealKey::File {
                path: PathBuf::from(self.text("seal", "key_file")),
                create: sqlite,
            });
        }
        let key = parse_key(&given);
        if key.is_none() {
            self.fault("seal.key must be 64 hex digits");
        }
        key.map(SealKey::Given)
    }

    fn wecom(&mut self) -> WeComConfig {
        let proxy = self.text("wecom", "proxy");
        WeComConfig {
            api_url: self.base_url("api_url"),
            web_login_url: self.base_url("web_login_url"),
            legacy_qr_url: self.base_url("legacy_qr_url"),
            oauth_url: self.base_url("oauth_url"),
            proxy: (!proxy.is_empty()).then_some(proxy),
            timeout: self.seconds("wecom", "timeout"),
        }
    }

    /// https, or http on loopback where a simulator listens: app secrets travel to this address.
    fn base_url(&mut self, key: &str) -> String {
        let text = self.text("wecom", key);
        let good = Url::parse(&text).is_ok_and(|url| url.scheme() == "https" || is_loopback(&url));
        if !good {
            self.fault(format!(
                "wecom.{key} must be an https URL (plain http only on loopback)"
            ));
        }
        text.trim_end_matches('/').to_owned()
    }
}

/// 64 hex digits as 32 bytes.
pub fn parse_key(hex: &str) -> Option<Secret<Vec<u8>>> {
    let digits = hex.trim().as_bytes();
    if digits.len() != 2 * KEY_BYTES {
        return None;
    }
    let bytes: Option<Vec<u8>> = digits
        .chunks(2)
        .map(|pair| {
            std::str::from_utf8(pair)
                .ok()
                .and_then(|pair| u8::from_str_radix(pair, 16).ok())
        })
        .collect();
    bytes.map(Secret::new)
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}
