//! Texts of the pages: the same in both languages, and one for every action that a room writes into the audit log.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// Where an action is written: what follows is the call's arguments.
const WRITERS: &[&str] = &["commit_difference(", "note_difference(", ".tell(", ".commit(", ".note("];
/// Actions that stand in no such call, since they are words of states and the like.
const OF_STATES: &[&str] = &[
    "bound",
    "cancelled",
    "done",
    "dropped",
    "expired",
    "final",
    "installation_cancelled",
    "installed",
    "moved",
    "planned",
    "same_person",
    "somebody_else",
    "source_removed",
    "unbound",
    "undone",
];

/// The arguments of a call that begins here, as far as its closing bracket.
fn arguments(text: &str) -> &str {
    let mut depth = 1_usize;
    for (place, letter) in text.char_indices() {
        match letter {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return text.get(..place).unwrap_or_default();
        }
    }
    text
}

/// Texts between quotation marks that are neither formats, nor subjects, nor names of fields.
fn words(arguments: &str) -> Vec<&str> {
    let parts: Vec<&str> = arguments.split('"').collect();
    // Names of fields stand in a list, from one bracket to the other.
    let mut listed = false;
    let mut found = Vec::new();
    for (number, part) in parts.iter().enumerate().filter(|(number, _)| number % 2 == 1) {
        let before = parts.get(number - 1).copied().unwrap_or_default();
        let after = parts.get(number + 1).copied().unwrap_or_default();
        listed = match (before.rfind("&["), before.rfind(']')) {
            (Some(opened), closed) => closed.is_none_or(|closed| closed < opened),
            (None, Some(_)) => false,
            (None, None) => listed,
        };
        let is_other = listed || before.trim_end().ends_with("format!(") || after.starts_with(".to_owned()");
        if !is_other {
            found.push(*part);
        }
    }
    found
}

/// Whether a text looks like an action: small letters, with blanks, hyphens or underscores.
fn is_action(word: &str) -> bool {
    let fits = |letter: char| letter.is_ascii_lowercase() || matches!(letter, ' ' | '_' | '-');
    !word.is_empty() && word.chars().all(fits)
}

/// The actions of a source file: the first word of each call that writes one, and what stands under `"action":`.
fn actions(source: &str) -> BTreeSet<String> {
    let code = source.split("#[cfg(test)]").next().unwrap_or(source);
    let mut found = BTreeSet::new();
    for writer in WRITERS {
        for call in code.split(writer).skip(1) {
            let word = words(arguments(call)).into_iter().find(|word| is_action(word));
            found.extend(word.map(str::to_owned));
        }
    }
    for after in code.split("\"action\": \"").skip(1) {
        found.extend(after.split('"').next().map(str::to_owned));
    }
    for after in code.split(".detail(\"").skip(1) {
        let word = after.split_once("\", &").map(|(word, _)| word);
        found.extend(word.filter(|word| is_action(word)).map(str::to_owned));
    }
    found
}

#[test]
fn every_action_of_the_audit_log_has_a_text() {
    let texts = include_str!("../../locales/console/audit.en.ftl");
    let mut faults = Vec::new();
    for (file, source) in super::sources("src") {
        if file.starts_with("src/cli") || file.contains("/tests/") {
            continue;
        }
        let written = actions(&source);
        for action in written.iter().map(String::as_str).chain(OF_STATES.iter().copied()) {
            let key = format!("console-action-{} =", action.replace([' ', '_'], "-"));
            if !texts.lines().any(|line| line.starts_with(&key)) {
                faults.push(format!("{file}: the audit log's action {action} has no text: {key}"));
            }
        }
    }
    super::report(&faults);
}

#[test]
fn both_languages_have_the_same_texts() {
    let keys = |text: &str| -> Vec<String> {
        let mut keys: Vec<String> = text
            .lines()
            .filter(|line| !line.starts_with([' ', '#']))
            .filter_map(|line| line.split_once(" =").map(|(key, _)| key.to_owned()))
            .collect();
        keys.sort();
        keys
    };
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("locales");
    let read = |name: &Path| fs::read_to_string(name).unwrap();
    assert_eq!(keys(&read(&root.join("zh-CN.ftl"))), keys(&read(&root.join("en.ftl"))));
    // Of two texts under one key the later file's would be dropped without a word.
    let mut known: BTreeSet<String> = keys(&read(&root.join("en.ftl"))).into_iter().collect();
    for file in fs::read_dir(root.join("console")).unwrap() {
        let english = file.unwrap().path();
        let Some(section) = english.to_str().unwrap().strip_suffix(".en.ftl") else {
            continue;
        };
        let chinese = PathBuf::from(format!("{section}.zh-CN.ftl"));
        assert_eq!(keys(&read(&chinese)), keys(&read(&english)), "{section}");
        for key in keys(&read(&english)) {
            assert!(
                known.insert(key.clone()),
                "{section}: the text {key} stands in another file already"
            );
        }
    }
}

/// Texts that stand beside a number in a template without knowing it: the number, as the template has it, and the text's key.
fn beside_numbers(template: &str) -> Vec<(&str, &str)> {
    let mut found = Vec::new();
    let parts: Vec<&str> = template.split("{{ ").collect();
    for pair in parts.windows(2) {
        let [before, after] = pair else { continue };
        let Some((value, between)) = before.split_once(" }}") else {
            continue;
        };
        let key = after.strip_prefix("frame.t(\"").and_then(|rest| rest.split_once('"'));
        let is_beside = matches!(between, " " | "</strong> " | "</strong>" | "</span> ");
        if let Some((key, _)) = key.filter(|_| is_beside && !value.starts_with("frame.")) {
            found.push((value, key));
        }
    }
    found
}

#[test]
fn what_is_counted_is_called_by_its_number() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut texts = String::new();
    for file in fs::read_dir(root.join("locales/console")).unwrap() {
        let file = file.unwrap().path();
        if file.to_str().unwrap().ends_with(".en.ftl") {
            texts.push_str(&fs::read_to_string(&file).unwrap());
        }
    }
    let is_of_many = |word: &str| word == "people" || (word.len() > 2 && word.ends_with('s') && !word.ends_with("ss"));
    let mut faults = Vec::new();
    let mut templates = vec![root.join("templates")];
    while let Some(path) = templates.pop() {
        if path.is_dir() {
            templates.extend(fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
            continue;
        }
        let template = fs::read_to_string(&path).unwrap();
        for (number, key) in beside_numbers(&template) {
            let begins = format!("{key} = ");
            let text = texts.lines().find_map(|line| line.strip_prefix(begins.as_str()));
            let text = text.unwrap_or_default();
            // One that tells one from many stands by `counted`.
            if text.ends_with("->") || text.split_whitespace().take(2).any(is_of_many) {
                faults.push(format!(
                    "{}: of one {number} the text {key} says it as of many: frame.counted",
                    path.display()
                ));
            }
        }
    }
    super::report(&faults);
    assert_eq!(
        beside_numbers(
            "<b>{{ many }}</b> {{ frame.t(\"x\") }} <strong>{{ a.len() }}</strong> {{ frame.t(\"y\") }} {{ n }} {{ frame.t(\"z\") }}"
        ),
        [("a.len()", "y"), ("n", "z")]
    );
}

#[test]
fn actions_are_read_from_calls() {
    let source = r#"change.commit_difference(format!("user:{id}"), ("passkey added", &[]), added); json!({ "action": "paired" })
        change.commit_difference(format!("file:{id}"), (action, &["name", "content"]), difference)"#;
    let found: Vec<String> = actions(source).into_iter().collect();
    assert_eq!(found, ["paired", "passkey added"]);
}
