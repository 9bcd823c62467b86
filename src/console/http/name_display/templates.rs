//! What every template of the console keeps to.

use std::{fs, path::Path};

/// Whoever is called by their id or username there, and is named elsewhere on the same page, or cannot be known by more than what was typed: the
/// template, and what it writes.
const NAMED_ELSEWHERE: &[(&str, &str)] = &[("requests/one.html", "asked.userid")];

/// Macros and layouts, where something is to be copied; and a page whose callback is made by that of another (`setup/callbacks.rs`).
const OTHERS_MAKE: &[&str] = &["assistant/authorise.html", "form.html", "frame.html"];

/// What ends the expression that writes whom a page is about.
const CALLS: [&str; 2] = [".userid", ".username"];

/// Files below this folder of the repository, each with its path from there and its text.
fn files(folder: &str) -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let mut found = Vec::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(&root).unwrap().to_str().unwrap().to_owned();
                found.push((name, fs::read_to_string(&path).unwrap()));
            }
        }
    }
    found.sort();
    found
}

/// What a line of a template writes as text, not into an attribute.
fn written(line: &str) -> impl Iterator<Item = &str> {
    line.match_indices("{{").filter_map(move |(at, open)| {
        let (before, rest) = line.split_at(at);
        let written = rest[open.len()..].split("}}").next().unwrap_or_default().trim();
        let in_attribute = before.rfind('<') > before.rfind('>');
        (!in_attribute).then_some(written)
    })
}

#[test]
fn whoever_is_called_by_an_id_is_named_in_the_same_line() {
    let mut exceptions: Vec<(&str, &str)> = NAMED_ELSEWHERE.to_vec();
    let mut forgotten = Vec::new();
    for (template, text) in files("templates/console") {
        for line in text.lines().filter(|line| !line.contains("frame.name_of_")) {
            for call in written(line).filter(|call| CALLS.iter().any(|end| call.ends_with(end))) {
                let known = exceptions.iter().position(|known| *known == (template.as_str(), call));
                match known {
                    Some(known) => {
                        exceptions.remove(known);
                    }
                    None => forgotten.push(format!("{template}: {call}")),
                }
            }
        }
    }
    assert!(forgotten.is_empty(), "without frame.name_of_…: {forgotten:#?}");
    assert!(exceptions.is_empty(), "no exceptions any more: {exceptions:?}");
}

#[test]
fn a_secret_that_is_shown_once_is_made_by_the_call_that_withholds_names() {
    let sources = files("src/console/http");
    let mut seen = 0;
    for (template, text) in files("templates/console") {
        let shows = ["class=\"once\"", "-once\")", "issued(", "class=\"copyable\""];
        let shows = shows.iter().any(|sign| text.contains(sign));
        if !shows || OTHERS_MAKE.contains(&template.as_str()) {
            continue;
        }
        seen += 1;
        let path = format!("\"console/{template}\"");
        let pages: Vec<_> = sources.iter().filter(|(_, source)| source.contains(&path)).collect();
        assert!(!pages.is_empty(), "{template} is of no page");
        for (page, source) in pages {
            let withholds = source.contains(".make_once(") || source.contains(".renew_once(");
            assert!(
                withholds,
                "{page} shows a secret by {template}, and does not make it by Visit::make_once"
            );
        }
    }
    assert!(seen >= 6, "{seen} templates");
}
