//! The plan as text. Names come from a server: nothing in them may steer the terminal. Pure.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{
    compare::address_told,
    entry::Entry,
    kind::Kind,
    plan::{Action, Found, Standing, Step, Surplus, has_unsent_secrets},
    secret_file::Source,
};
use crate::cli::sync::report::{printable, text};

/// Longest value that is shown whole, characters.
const LONGEST: usize = 160;

/// What is told of a plan.
pub(super) struct Shown<'a> {
    pub(super) entries: &'a [Entry],
    pub(super) standing: &'a Standing,
    pub(super) found: &'a Found,
    pub(super) steps: &'a [Step],
    pub(super) surplus: &'a [Surplus],
}

impl Shown<'_> {
    /// The plan, line by line; the last says how much is to be done.
    pub(super) fn lines(&self) -> Vec<String> {
        let mut lines = Vec::new();
        let mut counts = [0_usize; 3];
        let mut unsent = false;
        for step in self.steps {
            let Some(entry) = self.entries.get(step.entry) else {
                continue;
            };
            let (mark, count) = match step.action {
                Action::Create => ('+', 0),
                Action::Change { .. } => ('~', 1),
                Action::Keep => ('=', 2),
            };
            if let Some(counted) = counts.get_mut(count) {
                *counted = counted.saturating_add(1);
            }
            lines.push(format!("{mark} {} \"{}\"", entry.kind.word(), entry.name));
            lines.extend(
                self.details(entry, &step.action)
                    .into_iter()
                    .map(|line| format!("    {line}")),
            );
            if is_unknown(entry, &step.action) {
                let id = self.found.id(step.entry).unwrap_or("ID");
                lines.push(format!(
                    "    exists; its secret is not known here; rotate it with POST /clients/{id}/secret"
                ));
            }
            unsent |= has_unsent_secrets(entry, &step.action);
        }
        for surplus in self.surplus {
            lines.push(format!("- {} \"{}\"", surplus.kind.word(), surplus.name));
            if surplus.kind == Kind::DataSource {
                lines.push("    its people lose their access".to_owned());
            }
        }
        if unsent {
            lines.push("Secrets that are stored already are not compared, because the server tells none: --secrets sends them again.".to_owned());
        }
        let [created, changed, kept] = counts;
        lines.push(format!(
            "To create: {created}, to change: {changed}, to delete: {}, unchanged: {kept}.",
            self.surplus.len()
        ));
        lines.iter().map(|line| printable(line)).collect()
    }

    fn details(&self, entry: &Entry, action: &Action) -> Vec<String> {
        let names = self.names();
        match action {
            Action::Keep => Vec::new(),
            Action::Create => {
                let fields = self.found.wanted(self.entries, entry);
                let fields = fields.iter().filter(|(name, _)| *name != entry.kind.key());
                let mut lines: Vec<String> = fields
                    .map(|(name, value)| format!("{name}: {}", value_told(&address_told(name, value), &names)))
                    .collect();
                lines.sort();
                lines.extend(entry.secrets.iter().map(|secret| secret.told()));
                lines
            }
            Action::Change {
                differences, resent, ..
            } => {
                let fields = differences.iter().map(|difference| {
                    let [old, new] = [&difference.old, &difference.new].map(|value| value_told(value, &names));
                    format!("{}: {old} → {new}", difference.path)
                });
                let secrets = resent.iter().filter_map(|index| entry.secrets.get(*index));
                fields
                    .chain(secrets.map(|secret| format!("{}, sent", secret.told())))
                    .collect()
            }
        }
    }

    /// Names of what is on the server, by row id.
    fn names(&self) -> BTreeMap<&str, &str> {
        let all = self.standing.values().flatten();
        all.map(|view| (text(view, "id"), text(view, "name"))).collect()
    }
}

/// Whether it is a portal that is there, whose secret was to be made here and is in no file.
fn is_unknown(entry: &Entry, action: &Action) -> bool {
    let made = |source: &Source| matches!(source, Source::Made(_));
    entry.kind == Kind::Portal
        && !matches!(action, Action::Create)
        && entry.secrets.iter().any(|secret| made(&secret.source))
}

fn value_told(value: &Value, names: &BTreeMap<&str, &str>) -> String {
    let told = match value {
        Value::Null => "(nothing)".to_owned(),
        Value::String(id) => match names.get(id.as_str()) {
            Some(name) => format!("\"{name}\""),
            None => value.to_string(),
        },
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(|item| value_told(item, names)).collect();
            format!("[{}]", items.join(", "))
        }
        other => other.to_string(),
    };
    match told.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", told.get(..end).unwrap_or_default()),
        None => told,
    }
}
