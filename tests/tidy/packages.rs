//! What packages carry: the files that build them leave the demo out, and with it the relying party whose crate `rsa` handles private keys.
//!
//! `rsa` has RUSTSEC-2023-0071 (the Marvin attack): the time that an operation with a private key takes tells of the key. Packages have it only below
//! `webauthn-rs`, which verifies signatures of passkeys with public keys; Menjin gives it no private key, and nothing else may bring it.

use std::{collections::BTreeSet, fs, path::Path, process::Command};

/// Crates of the build that these arguments choose, one a line.
fn crates(arguments: &[&str]) -> String {
    let tree = Command::new(env!("CARGO"))
        .args([
            "tree",
            "--offline",
            "--locked",
            "--package",
            "menjin",
            "--edges",
            "normal,build",
        ])
        .args(["--prefix", "none"])
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&tree.stderr);
    assert!(tree.status.success(), "{said}");
    String::from_utf8_lossy(&tree.stdout).into_owned()
}

#[test]
fn packages_carry_neither_the_demo_nor_its_relying_party() {
    let names = |tree: String, name: &str| tree.lines().any(|line| line.split(' ').next() == Some(name));
    for name in ["openidconnect", "simulator"] {
        assert!(
            names(crates(&[]), name),
            "the demo has {name}; is this looking at anything?"
        );
        assert!(
            !names(crates(&["--no-default-features"]), name),
            "packages carry {name}"
        );
    }
}

/// What stands directly above a crate in packages.
fn above(spec: &str) -> Vec<String> {
    let tree = crates(&["--no-default-features", "--invert", spec, "--depth", "1"]);
    let names = tree.lines().skip(1).filter_map(|line| line.split(' ').next());
    names.map(str::to_owned).collect()
}

#[test]
fn packages_have_rsa_for_verifying_passkeys_alone() {
    let carried = crates(&["--no-default-features"]);
    let versions: BTreeSet<&str> = carried
        .lines()
        .filter_map(|line| line.strip_prefix("rsa v")?.split(' ').next())
        .collect();
    assert_eq!(versions.len(), 1, "packages carry rsa in these versions: {versions:?}");
    for version in versions {
        assert_eq!(above(&format!("rsa@{version}")), ["crypto-glue"]);
    }
    let users = above("crypto-glue");
    assert!(
        !users.is_empty() && users.iter().all(|user| user.starts_with("webauthn-")),
        "{users:?} use crypto-glue"
    );
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let manifest = fs::read_to_string(root.join("Cargo.toml")).unwrap();
    assert!(
        !manifest
            .lines()
            .any(|line| line.starts_with("rsa ") || line.starts_with("rsa."))
    );
    for (file, text) in super::sources("src") {
        let here = file == "src/signin/passkey/ceremony.rs";
        assert_eq!(
            text.contains("webauthn_rs::"),
            here,
            "{file}: one file uses webauthn-rs"
        );
    }
}

#[test]
fn every_build_of_packages_leaves_the_demo_out() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for file in ["Dockerfile", "docs/installation.md", "Cargo.toml"] {
        let text = fs::read_to_string(root.join(file)).unwrap();
        let builds: Vec<&str> = text
            .lines()
            .filter(|line| line.contains("cargo build --profile dist"))
            .collect();
        assert!(!builds.is_empty(), "{file} says nothing of how packages are built");
        for line in builds {
            assert!(line.contains("--no-default-features"), "{file}: {line}");
        }
    }
}
