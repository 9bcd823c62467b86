//! The house rules, kept by reading the source (docs/architecture.md): which file may touch what, which way arrows point, how long things are.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

#[path = "tidy/imports.rs"]
mod imports;
#[path = "tidy/input.rs"]
mod input;
#[path = "tidy/packages.rs"]
mod packages;
#[path = "tidy/reading.rs"]
mod reading;
#[path = "tidy/readme.rs"]
mod readme;
#[path = "tidy/sealed.rs"]
mod sealed;
#[path = "tidy/texts.rs"]
mod texts;

use imports::Imports;
use reading::{code, opens_function, rooms_used};

/// Rooms from the top down; a room may use itself and what stands below. Rooms on one line do not use each other.
const FLOORS: &[&[&str]] = &[
    &["cli"],
    &["demo"],
    &["app"],
    &["jobs"],
    &["console"],
    &["admin"],
    &["doctor"],
    &["requests"],
    &["oidc"],
    &["signin"],
    &["gate"],
    &["notices"],
    &["directory"],
    &["wecom", "outbound"],
    &["web", "audit", "telemetry"],
    &["config"],
    &["store", "crypto"],
    &["kernel"],
];

/// Rooms that build or speak instead of deciding: the file-name rule does not apply there.
const BUILDERS: &[&str] = &["app", "cli", "demo", "jobs", "web", "store", "telemetry"];
/// Lines of code a file may have.
const LONGEST_FILE: usize = 400;
/// Lines a function may have.
const LONGEST_FUNCTION: usize = 60;

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(files_below(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn sources(folder: &str) -> BTreeMap<String, String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let files = files_below(&root.join(folder));
    files
        .into_iter()
        .map(|path| {
            let name = path.strip_prefix(root).unwrap().to_string_lossy().into_owned();
            (name, fs::read_to_string(path).unwrap())
        })
        .collect()
}

/// `src/gate/store.rs` → `gate`; `src/app.rs` → `app`.
fn room(file: &str) -> &str {
    file.strip_prefix("src/")
        .unwrap()
        .split('/')
        .next()
        .unwrap()
        .trim_end_matches(".rs")
}

fn floor(room: &str) -> Option<usize> {
    FLOORS.iter().position(|rooms| rooms.contains(&room))
}

fn is(kind: &str, file: &str) -> bool {
    file.ends_with(&format!("/{kind}.rs")) || file.contains(&format!("/{kind}/"))
}

fn is_test(file: &str) -> bool {
    file.ends_with("tests.rs") || file.contains("/tests/") || file.ends_with("testing.rs")
}

fn report(faults: &[String]) {
    assert!(faults.is_empty(), "house rules:\n  {}", faults.join("\n  "));
}

#[test]
fn every_room_has_its_floor() {
    let faults: Vec<String> = sources("src")
        .keys()
        .filter(|file| !matches!(room(file), "main" | "lib") && floor(room(file)).is_none())
        .map(|file| format!("{file}: the room {} stands on no floor of tests/tidy.rs", room(file)))
        .collect();
    report(&faults);
}

#[test]
fn arrows_point_down() {
    let mut faults = Vec::new();
    for (file, text) in sources("src") {
        let Some(own) = floor(room(&file)) else { continue };
        for used in rooms_used(&code(&text)) {
            let Some(other) = floor(&used) else { continue };
            if used != room(&file) && other <= own {
                faults.push(format!(
                    "{file} uses {used}, which does not stand below {}",
                    room(&file)
                ));
            }
        }
    }
    report(&faults);
}

#[test]
fn no_files_import_each_other_in_a_circle() {
    let mut faults = Vec::new();
    for folder in ["src", "simulator/src"] {
        faults.extend(Imports::of(folder, &sources(folder)).circles());
    }
    report(&faults);
}

/// A use case is what names a store of its own room and is neither a store nor a handler.
#[test]
fn inside_a_room_arrows_point_from_handlers_over_use_cases_to_stores() {
    let sources = sources("src");
    let imports = Imports::of("src", &sources);
    let decides = |file: &str| !BUILDERS.contains(&room(file)) && !is_test(file) && !file.ends_with("/mod.rs");
    let neither = |file: &str| !is("store", file) && !is("http", file);
    let use_cases: BTreeSet<&str> = imports
        .pairs()
        .filter(|(from, to)| decides(from) && neither(from) && is("store", to) && room(from) == room(to))
        .map(|(from, _)| from)
        .collect();
    let mut faults = Vec::new();
    for (from, to) in imports
        .pairs()
        .filter(|(from, _)| !is_test(from) && room(from) != "app")
    {
        if is("store", from) && room(from) != "store" && use_cases.contains(to) {
            faults.push(format!("{from} is a store and uses the use case {to}"));
        }
        if is("http", to) && !is("http", from) {
            faults.push(format!("{from} uses the handlers of {to}"));
        }
    }
    report(&faults);
}

#[test]
fn the_file_name_tells_what_a_line_may_touch() {
    let mut faults = Vec::new();
    for (file, text) in sources("src") {
        if BUILDERS.contains(&room(&file)) || matches!(room(&file), "main" | "lib") || is_test(&file) {
            continue;
        }
        let code = code(&text);
        let http = is("http", &file);
        let store = is("store", &file);
        let forbid = |word: &str, allowed: bool, faults: &mut Vec<String>| {
            let named = code
                .match_indices(word)
                .any(|(at, _)| !code[..at].ends_with(|before: char| before.is_alphanumeric() || before == '_'));
            if !allowed && named {
                faults.push(format!("{file} may not touch {word}"));
            }
        };
        forbid("actix_web::", http, &mut faults);
        forbid("askama::", http, &mut faults);
        forbid("entity::", store, &mut faults);
        forbid("sea_orm::", store, &mut faults);
        let wire = ["src/wecom/transport.rs", "src/outbound/transport.rs"].contains(&file.as_str());
        forbid("reqwest::", wire, &mut faults);
        forbid("redis::", false, &mut faults);
        forbid("lettre::", file == "src/notices/channels/email.rs", &mut faults);
    }
    report(&faults);
}

#[test]
fn simulator_and_migration_know_nothing_of_the_root_package() {
    let mut faults = Vec::new();
    for folder in ["simulator/src", "migration/src", "entity/src"] {
        for (file, text) in sources(folder) {
            if text.contains("menjin::") {
                faults.push(format!("{file} uses the root package"));
            }
        }
    }
    report(&faults);
}

#[test]
fn files_are_short_and_open_with_what_they_are() {
    let mut faults = Vec::new();
    for folder in ["src", "simulator/src", "migration/src", "entity/src", "tests"] {
        for (file, text) in sources(folder) {
            let lines = text.lines().count();
            if lines > LONGEST_FILE {
                faults.push(format!("{file} has {lines} lines, more than {LONGEST_FILE}"));
            }
            if !text.starts_with("//!") {
                faults.push(format!("{file} does not open with //!"));
            }
        }
    }
    report(&faults);
}

#[test]
fn functions_are_short() {
    let mut faults = Vec::new();
    for folder in ["src", "simulator/src"] {
        for (file, text) in sources(folder) {
            let lines: Vec<&str> = text.lines().collect();
            for (start, line) in lines.iter().enumerate() {
                let trimmed = line.trim_start();
                if !opens_function(trimmed) {
                    continue;
                }
                let indent = line.len() - trimmed.len();
                let closing = format!("{}}}", " ".repeat(indent));
                let length = lines.iter().skip(start).position(|line| *line == closing).unwrap_or(0);
                if length > LONGEST_FUNCTION {
                    faults.push(format!("{file}:{} is {length} lines long", start + 1));
                }
            }
        }
    }
    report(&faults);
}

#[test]
fn nothing_is_called_manager_helper_utils_or_common() {
    let mut faults = Vec::new();
    for folder in ["src", "simulator/src"] {
        for (file, text) in sources(folder) {
            for word in [
                "Manager ",
                "Helper ",
                "mod utils",
                "mod common",
                "mod helpers",
                "Other(String)",
            ] {
                let named = text
                    .lines()
                    .any(|line| line.contains(word) && !line.trim_start().starts_with("//"));
                if named && !text.contains("ConnectionManager") {
                    faults.push(format!("{file} names something {word}"));
                }
            }
        }
    }
    report(&faults);
}

#[test]
fn reference_numbers_are_unique_and_printable() {
    let mut seen: BTreeMap<&str, &str> = BTreeMap::new();
    for entry in menjin::reference_numbers() {
        assert!(
            seen.insert(entry.number, entry.en).is_none(),
            "{} stands twice",
            entry.number
        );
        let printable = entry
            .en
            .chars()
            .all(|letter| matches!(letter, ' '..='~') && !matches!(letter, '"' | '\\'));
        assert!(
            printable,
            "{}: RFC 6749 section 5.2 allows printable ASCII without quote and backslash",
            entry.number
        );
        assert!(
            !entry.zh.is_empty() && !entry.remedy.is_empty(),
            "{} lacks words",
            entry.number
        );
        // 200 is for findings: told in a run or beside a resource, never a reply of their own.
        assert!(
            entry.status == 200 || (400..600).contains(&entry.status),
            "{}: {}",
            entry.number,
            entry.status
        );
    }
}

/// Whether a letter is Chinese.
fn is_han(letter: char) -> bool {
    ('\u{4e00}'..='\u{9fff}').contains(&letter)
}

/// Whether a half-width mark or a blank stands beside a Chinese letter: its marks are full-width, and distance is a matter of style.
fn is_half_width(text: &str) -> bool {
    let letters: Vec<char> = text.chars().collect();
    let mark = |letter: char| ",.;:?!() ".contains(letter);
    let beside = |pair: &[char]| pair.iter().any(|one| is_han(*one)) && pair.iter().any(|one| mark(*one));
    letters.windows(2).any(beside)
}

#[test]
fn every_remedy_is_told_in_chinese_too() {
    let fit = |text: &str| text.chars().any(is_han) && text.ends_with(['。', '？']) && !is_half_width(text);
    for entry in menjin::reference_numbers() {
        assert!(fit(entry.remedy_zh), "{}: {}", entry.number, entry.remedy_zh);
    }
    for unfit in ["", "Look.", "请查看.", "请查看 API。", "请查看,然后重试。", "请查看"] {
        assert!(!fit(unfit), "{unfit}");
    }
}

#[test]
fn every_reference_number_is_explained_in_docs_errors() {
    let docs = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/errors.md")).unwrap();
    let written = menjin::reference_numbers_as_markdown();
    assert!(
        docs == written,
        "docs/errors.md is not what the catalogues say; write it anew with: cargo run -- errors > docs/errors.md"
    );
}

#[test]
fn every_line_of_docs_conformance_names_tests_that_exist() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let docs = fs::read_to_string(root.join("docs/conformance.md")).unwrap();
    let tests: String = sources("tests").into_values().collect();
    let mut faults = Vec::new();
    let row = |line: &&str| line.starts_with('|') && !line.starts_with("|--");
    for line in docs.lines().filter(row) {
        let named = line.rsplit('|').nth(1).unwrap_or_default();
        // Names of tests are sentences; a line without one shows nothing.
        let names: Vec<&str> = named.split('`').filter(|word| word.matches('_').count() >= 3).collect();
        if names.is_empty() && !line.contains("| tests |") {
            faults.push(format!("docs/conformance.md names no test: {line}"));
        }
        for name in names {
            if !tests.contains(&format!("{name},")) {
                faults.push(format!("docs/conformance.md names {name}, which is no test"));
            }
        }
    }
    report(&faults);
}
