//! Tests of the configuration layers and their faults.

use super::{
    layers::Sources,
    model::{Config, EphemeralKind},
    seal_key,
};
use crate::kernel::entropy::Entropy;

fn environment(pairs: &[(&str, &str)]) -> Sources {
    Sources {
        file: None,
        environment: pairs
            .iter()
            .map(|(name, value)| ((*name).into(), (*value).into()))
            .collect(),
    }
}

fn faults(pairs: &[(&str, &str)]) -> Vec<String> {
    Config::load(&environment(pairs)).unwrap_err()
}

#[test]
fn defaults_alone_are_valid() {
    let config = Config::load(&Sources::default()).unwrap();
    assert_eq!(config.public_url, "http://127.0.0.1:8080");
    assert!(matches!(config.ephemeral, EphemeralKind::Memory));
    assert_eq!(config.metrics_listen, None);
}

#[test]
fn metrics_have_an_address_of_their_own() {
    let listen = "127.0.0.1:9464";
    let config = Config::load(&environment(&[("MENJIN__METRICS__LISTEN", listen)])).unwrap();
    assert_eq!(config.metrics_listen, Some(listen.parse().unwrap()));
    let told = faults(&[("MENJIN__METRICS__LISTEN", listen), ("MENJIN__SERVER__LISTEN", listen)]);
    assert!(told.iter().any(|fault| fault.contains("metrics.listen")), "{told:?}");
}

#[test]
fn traces_are_off_and_have_a_collector_a_ratio_and_no_secret_in_the_address() {
    assert!(Config::load(&Sources::default()).unwrap().otlp.is_none());
    let endpoint = ("MENJIN__TELEMETRY__OTLP_ENDPOINT", "http://otel:4318/");
    let ratio = ("MENJIN__TELEMETRY__SAMPLE_RATIO", "0.25");
    let otlp = Config::load(&environment(&[endpoint, ratio])).unwrap().otlp.unwrap();
    assert_eq!(otlp.endpoint.as_str(), "http://otel:4318/v1/traces");
    assert!((otlp.ratio - 0.25).abs() < f64::EPSILON && !otlp.trust_traceparent);
    for (key, value) in [
        ("OTLP_ENDPOINT", "otel:4318"),
        ("OTLP_ENDPOINT", "https://name:word@otel"),
        ("OTLP_HEADERS_FILE", "nowhere"),
        ("SAMPLE_RATIO", "1.5"),
        ("SAMPLE_RATIO", "half"),
        ("SAMPLE_RATIO", "NaN"),
    ] {
        let name = format!("MENJIN__TELEMETRY__{key}");
        let told = faults(&[(name.as_str(), value)]);
        assert_eq!(told.len(), 1, "{told:?}");
        let named = told[0].to_lowercase().contains(&key.to_lowercase());
        assert!(named && !told[0].contains("word@"), "{told:?}");
    }
}

#[test]
fn the_environment_wins() {
    let config = Config::load(&environment(&[(
        "MENJIN__SERVER__PUBLIC_URL",
        "https://sso.corp.example",
    )]))
    .unwrap();
    assert_eq!(config.public_url, "https://sso.corp.example");
}

#[test]
fn all_faults_are_told_at_once() {
    let told = faults(&[
        ("MENJIN__SERVER__PUBLIC_URL", "http://sso.corp.example"),
        ("MENJIN__SERVER__TYPO", "1"),
        ("MENJIN__SESSION__IDLE", "soon"),
        ("MENJIN__EPHEMERAL__KIND", "redis"),
        ("MENJIN__SEAL__KEY", "short"),
        ("MENJIN__ADMIN__TOKEN", "short"),
        ("MENJIN__METRICS__LISTEN", "9464"),
    ]);
    for word in [
        "metrics.listen",
        "public_url",
        "TYPO",
        "SESSION__IDLE",
        "ephemeral.url",
        "seal.key",
        "admin.token",
    ] {
        assert!(
            told.iter().any(|fault| fault.contains(word)),
            "{word} missing in {told:?}"
        );
    }
}

#[test]
fn an_unknown_key_in_the_file_is_refused_and_wrong_types_named() {
    let path = std::env::temp_dir().join(format!("menjin-config-{}.toml", std::process::id()));
    std::fs::write(&path, "[server]\nlisten = 8080\nport = 1\n[sesion]\nidle = 1\n").unwrap();
    let told = Config::load(&Sources {
        file: Some(path.clone()),
        environment: vec![],
    })
    .unwrap_err();
    std::fs::remove_file(path).unwrap();
    assert!(
        told.iter()
            .any(|fault| fault.contains("server.listen must be a string")),
        "{told:?}"
    );
    assert!(
        told.iter().any(|fault| fault.contains("unknown key server.port")),
        "{told:?}"
    );
    assert!(
        told.iter().any(|fault| fault.contains("unknown section [sesion]")),
        "{told:?}"
    );
}

#[test]
fn a_secret_may_come_from_a_file() {
    let path = std::env::temp_dir().join(format!("menjin-token-{}", std::process::id()));
    std::fs::write(&path, "a-token-that-is-long-enough-to-be-one\n").unwrap();
    let config = Config::load(&environment(&[("MENJIN__ADMIN__TOKEN_FILE", path.to_str().unwrap())])).unwrap();
    std::fs::remove_file(path).unwrap();
    assert_eq!(
        config.admin_token.unwrap().expose(),
        "a-token-that-is-long-enough-to-be-one"
    );
}

fn told_of_file(name: &str, text: &str) -> Vec<String> {
    let path = std::env::temp_dir().join(format!("menjin-config-{name}-{}.toml", std::process::id()));
    std::fs::write(&path, text).unwrap();
    let told = Config::load(&Sources {
        file: Some(path.clone()),
        environment: vec![],
    })
    .unwrap_err();
    std::fs::remove_file(path).unwrap();
    told
}

#[test]
fn a_broken_line_is_named_by_its_place_and_never_shown() {
    for broken in [
        "token = \"hunter2-hunter2",
        "token = hunter2-hunter2",
        "token = \"hunter2\" hunter2",
    ] {
        let told = told_of_file("broken", &format!("[admin]\n{broken}\n")).join("\n");
        assert!(told.contains("line 2, column "), "{told}");
        assert!(!told.contains("hunter2"), "{told}");
    }
}

#[test]
fn redis_may_speak_tls_but_not_to_just_anybody() {
    let at = |url: &str| {
        let set = [("MENJIN__EPHEMERAL__KIND", "redis"), ("MENJIN__EPHEMERAL__URL", url)];
        Config::load(&environment(&set)).err().unwrap_or_default()
    };
    for url in ["redis://127.0.0.1:6379", "rediss://user:pass@redis.corp.example:6380/2"] {
        assert_eq!(at(url), [""; 0], "{url}");
    }
    for url in [
        "rediss://redis.corp.example/#insecure",
        "redis:6379",
        "https://redis.corp.example",
    ] {
        assert_eq!(at(url).len(), 1, "{url}");
    }
}

#[test]
fn what_serve_would_refuse_is_told() {
    let told = faults(&[
        ("MENJIN__WECOM__PROXY", "proxy.corp.example:3128"),
        ("MENJIN__WECOM__CA_FILE", "Cargo.toml"),
        ("MENJIN__OUTBOUND__CA_FILE", "no/such/ca.pem"),
        ("MENJIN__SEAL__KEY_FILE", ""),
        ("MENJIN__EPHEMERAL__KIND", "redis"),
        ("MENJIN__EPHEMERAL__URL", "http://redis.corp.example"),
        ("MENJIN__SERVER__WORKERS", "1025"),
        ("MENJIN__DATABASE__CONNECTIONS", "0"),
        ("MENJIN__LOG__LEVEL", "info,menjin=loud"),
    ]);
    for word in [
        "wecom.proxy",
        "wecom.ca_file: Cargo.toml holds no certificate",
        "outbound.ca_file: no/such/ca.pem",
        "seal.key_file",
        "ephemeral.url",
        "server.workers",
        "database.connections",
        "log.level",
    ] {
        assert!(
            told.iter().any(|fault| fault.contains(word)),
            "{word} missing in {told:?}"
        );
    }
    assert_eq!(told.len(), 8, "{told:?}");
}

#[test]
fn keys_rotate_after_days_or_never_and_not_before_the_next_may_sign() {
    let days = |days: &str| Config::load(&environment(&[("MENJIN__KEYS__ROTATE_DAYS", days)]));
    assert_eq!(days("0").unwrap().keys.rotate_after, None);
    assert_eq!(
        days("2").unwrap().keys.rotate_after,
        Some(std::time::Duration::from_secs(172_800))
    );
    let told = days("1").unwrap_err();
    assert!(
        told.iter().any(|fault| fault.contains("keys.publish_ahead_hours")),
        "{told:?}"
    );
    let told = faults(&[("MENJIN__KEYS__PUBLISH_AHEAD_HOURS", "0")]);
    assert!(
        told.iter().any(|fault| fault.contains("keys.publish_ahead_hours")),
        "{told:?}"
    );
}

#[test]
fn a_secret_given_twice_is_refused() {
    let told = faults(&[
        ("MENJIN__DATABASE__URL", "sqlite://elsewhere.db"),
        ("MENJIN__DATABASE__URL_FILE", "/nowhere/url"),
        ("MENJIN__ADMIN__TOKEN", "a-token-that-is-long-enough-to-be-one"),
        ("MENJIN__ADMIN__TOKEN_FILE", "/nowhere/token"),
        ("MENJIN__SEAL__KEY", &"0f".repeat(32)),
        ("MENJIN__SEAL__KEY_FILE", "/nowhere/key"),
    ]);
    for pair in [
        "database.url and database.url_file",
        "admin.token and admin.token_file",
        "seal.key and seal.key_file",
    ] {
        assert!(
            told.iter().any(|fault| fault.contains(pair)),
            "{pair} missing in {told:?}"
        );
    }
}

#[test]
fn a_default_beside_its_file_is_not_given_twice() {
    let path = std::env::temp_dir().join(format!("menjin-url-{}", std::process::id()));
    std::fs::write(&path, "sqlite://elsewhere.db\n").unwrap();
    let config = Config::load(&environment(&[("MENJIN__DATABASE__URL_FILE", path.to_str().unwrap())])).unwrap();
    std::fs::remove_file(path).unwrap();
    assert_eq!(config.database_url.expose(), "sqlite://elsewhere.db");
}

#[test]
fn postgres_needs_a_key_and_with_memory_warns() {
    let url = ("MENJIN__DATABASE__URL", "postgres://menjin@127.0.0.1/menjin");
    let told = faults(&[url, ("MENJIN__SEAL__KEY_FILE", "/nowhere/menjin.key")]);
    assert!(
        told.iter().any(|fault| fault.contains("/nowhere/menjin.key")),
        "{told:?}"
    );
    let config = Config::load(&environment(&[url, ("MENJIN__SEAL__KEY", &"0f".repeat(32))])).unwrap();
    assert_eq!(config.warnings, ["ephemeral.kind is memory: run one process only"]);
}

#[test]
fn https_without_a_named_proxy_warns() {
    let https = ("MENJIN__SERVER__PUBLIC_URL", "https://sso.corp.example");
    let warned = |set: &[(&str, &str)]| Config::load(&environment(set)).unwrap().warnings.join("\n");
    assert!(warned(&[https]).contains("server.trusted_proxies"));
    assert_eq!(warned(&[https, ("MENJIN__SERVER__TRUSTED_PROXIES", "10.0.0.1")]), "");
    assert_eq!(warned(&[]), "", "plain http on loopback");
}

#[cfg(unix)]
#[test]
fn a_seal_key_that_others_may_read_is_warned_of() {
    use std::os::unix::fs::PermissionsExt;
    let path = std::env::temp_dir().join(format!("menjin-wide-{}.key", std::process::id()));
    std::fs::write(&path, "00".repeat(32)).unwrap();
    let told = path.display().to_string();
    for (mode, wide) in [(0o600, false), (0o400, false), (0o640, true), (0o604, true)] {
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
        let config = Config::load(&environment(&[("MENJIN__SEAL__KEY_FILE", &told)])).unwrap();
        let warned = config.warnings.iter().any(|warning| warning.contains(&told));
        assert_eq!(warned, wide, "{mode:o}");
    }
    std::fs::remove_file(&path).unwrap();
}

#[test]
fn the_seal_key_is_made_once_and_leaves_nothing_beside() {
    let directory = std::env::temp_dir().join(format!("menjin-seal-{}", std::process::id()));
    std::fs::create_dir(&directory).unwrap();
    let path = directory.join("menjin.key");
    let made = seal_key(&path, true, &Entropy::seeded(1)).unwrap();
    let read = seal_key(&path, true, &Entropy::seeded(2)).unwrap();
    let names: Vec<_> = std::fs::read_dir(&directory)
        .unwrap()
        .flatten()
        .map(|entry| entry.file_name())
        .collect();
    #[cfg(unix)]
    let mode = std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&path).unwrap().permissions());
    std::fs::remove_dir_all(&directory).unwrap();
    assert_eq!(made.expose(), read.expose());
    assert_eq!(names, ["menjin.key"]);
    #[cfg(unix)]
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn passwords_and_trusted_proxies_are_checked() {
    let told = faults(&[
        ("MENJIN__PASSWORD__TOTP", "maybe"),
        ("MENJIN__PASSWORD__PARALLEL", "0"),
        ("MENJIN__PASSWORD__USER_FAILURES", "0"),
        ("MENJIN__PASSWORD__LOCKOUT", "0"),
        ("MENJIN__SERVER__TRUSTED_PROXIES", "10.0.0.0/8, proxy.corp.example"),
    ]);
    for word in [
        "password.totp",
        "password.parallel",
        "password.user_failures",
        "password.lockout",
        "server.trusted_proxies: proxy.corp.example",
    ] {
        assert!(
            told.iter().any(|fault| fault.contains(word)),
            "{word} missing in {told:?}"
        );
    }
    assert_eq!(told.len(), 5, "{told:?}");
    let config = Config::load(&environment(&[("MENJIN__SERVER__TRUSTED_PROXIES", "10.0.0.0/8, ::1")])).unwrap();
    let expected: [ipnet::IpNet; 2] = ["10.0.0.0/8".parse().unwrap(), "::1/128".parse().unwrap()];
    assert_eq!(config.trusted_proxies, expected);
    let mapped = "::ffff:10.0.0.0/104, ::ffff:10.0.0.1";
    let config = Config::load(&environment(&[("MENJIN__SERVER__TRUSTED_PROXIES", mapped)])).unwrap();
    let expected: [ipnet::IpNet; 2] = ["10.0.0.0/8".parse().unwrap(), "10.0.0.1/32".parse().unwrap()];
    assert_eq!(config.trusted_proxies, expected);
    for wrong in ["::ffff:10.0.0.0/64", "010.0.0.0/8", "10.0.0.0/33", "10.0.0.0/"] {
        let told = faults(&[("MENJIN__SERVER__TRUSTED_PROXIES", wrong)]);
        assert_eq!(told.len(), 1, "{wrong}: {told:?}");
    }
}

#[test]
fn a_public_url_that_is_not_in_its_normal_form_is_refused_with_it() {
    for (sent, normal) in [
        ("https://SSO.corp.example", "https://sso.corp.example"),
        ("HTTPS://sso.corp.example", "https://sso.corp.example"),
        ("https://sso.corp.example:443", "https://sso.corp.example"),
        ("https://somebody:word@sso.corp.example", "https://sso.corp.example"),
        ("https://门禁.example", "https://xn--3kqw57b.example"),
        ("http://127.1:8080", "http://127.0.0.1:8080"),
    ] {
        let told = Config::load(&environment(&[("MENJIN__SERVER__PUBLIC_URL", sent)])).unwrap_err();
        let fits =
            |fault: &String| fault.starts_with("server.public_url") && fault.contains("normal form: https://xn--");
        let exact = |fault: &String| fault.ends_with(&format!("normal form: {normal}"));
        assert!(
            told.iter()
                .any(|fault| exact(fault) || sent.contains('门') && fits(fault)),
            "{sent}: {told:?}"
        );
    }
    for sent in [
        "https:sso.corp.example",
        "https:/sso.corp.example",
        "https:\\\\sso.corp.example",
    ] {
        assert!(
            Config::load(&environment(&[("MENJIN__SERVER__PUBLIC_URL", sent)])).is_err(),
            "{sent}"
        );
    }
}
