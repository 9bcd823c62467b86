//! What packages carry: the files that build them leave the demo out, and without it the crate `rsa` (RUSTSEC-2023-0071) is not there.

use std::{fs, path::Path, process::Command};

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
fn packages_carry_neither_the_demo_nor_rsa() {
    let names = |tree: String, name: &str| tree.lines().any(|line| line.split(' ').next() == Some(name));
    for name in ["rsa", "openidconnect", "simulator"] {
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
