//! The layers and their faults.

use super::{Config, EphemeralKind, Sources};

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
    ]);
    for word in [
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
