//! What is to be done so that the server has what the file says. Pure.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::{
    compare::{Difference, differences},
    entry::{Entry, SecretField, Target, put},
    kind::{Kind, needs_secret},
    secret_file::Source,
};
use crate::cli::sync::report::text;

/// Fields that say which credential is meant: where one changes, the secret is sent along.
const CREDENTIAL: [&str; 4] = ["corp_id", "agent_id", "app", "app.agent_id"];

/// How an entry comes about.
#[derive(Debug)]
pub(super) enum Action {
    /// It is not there yet.
    Create,
    /// It is there, and differs.
    Change {
        /// Row id.
        id: String,
        /// What differs.
        differences: Vec<Difference>,
        /// Which of its secrets are sent, by their indices.
        resent: Vec<usize>,
    },
    /// It is as the file says.
    Keep,
}

/// What is done about one entry.
#[derive(Debug)]
pub(super) struct Step {
    /// Index of the entry.
    pub(super) entry: usize,
    /// What is done.
    pub(super) action: Action,
}

/// Something on the server that no entry describes.
#[derive(Debug)]
pub(super) struct Surplus {
    /// What it is.
    pub(super) kind: Kind,
    /// Row id.
    pub(super) id: String,
    /// Its name, or `client_id`.
    pub(super) name: String,
}

/// What there is on a server: of each kind the resources as the API shows them.
pub(super) type Standing = BTreeMap<Kind, Vec<Value>>;

/// What the server has of the entries: the row id of each that is there.
#[derive(Debug)]
pub(super) struct Found(Vec<Option<String>>);

impl Found {
    /// Finds the entries again: by name or `client_id`; else a data source by its corp ID, and an auth source by corp ID and AgentId, where
    /// no entry has the name that it has now.
    ///
    /// # Errors
    /// A sentence, where several could be meant.
    pub(super) fn of(entries: &[Entry], standing: &Standing) -> Result<Self, String> {
        let mut found = Vec::new();
        for entry in entries {
            let all = standing.get(&entry.kind).map(Vec::as_slice).unwrap_or_default();
            let mut fits: Vec<&Value> = all.iter().filter(|view| key(entry.kind, view) == entry.name).collect();
            if fits.len() > 1 {
                fits.retain(|view| is_alike(entry, view));
            }
            if fits.is_empty() {
                let named = |view: &Value| {
                    let mut others = entries.iter().filter(|other| other.kind == entry.kind);
                    others.any(|other| other.name == key(entry.kind, view))
                };
                fits = all
                    .iter()
                    .filter(|view| is_alike(entry, view) && !named(view))
                    .collect();
            }
            if fits.len() > 1 {
                return Err(format!(
                    "The server has several {}s that could be \"{}\": give each a name of its own there first.",
                    entry.kind.word(),
                    entry.name
                ));
            }
            found.push(fits.first().map(|view| text(view, "id").to_owned()));
        }
        Ok(Self(found))
    }

    /// Row id of an entry.
    pub(super) fn id(&self, entry: usize) -> Option<&str> {
        self.0.get(entry)?.as_deref()
    }

    /// Notes what an entry has become.
    pub(super) fn note(&mut self, entry: usize, id: &str) {
        if let Some(known) = self.0.get_mut(entry) {
            *known = Some(id.to_owned());
        }
    }

    /// What no entry describes. Kinds that the file does not mention are left alone, and so are portals that registered themselves.
    pub(super) fn surplus(&self, entries: &[Entry], standing: &Standing) -> Vec<Surplus> {
        let mentioned = |kind: Kind| entries.iter().any(|entry| entry.kind == kind);
        let described = |id: &str| self.0.iter().flatten().any(|known| known == id);
        let by_itself = |view: &Value| {
            let metadata = view.get("metadata");
            let unproven = metadata.and_then(|metadata| metadata.get("sector_unproven"));
            unproven.and_then(Value::as_bool).unwrap_or_default()
        };
        let mut surplus = Vec::new();
        // What refers to others goes before them.
        for kind in Kind::ALL.into_iter().rev().filter(|kind| mentioned(*kind)) {
            let all = standing.get(&kind).into_iter().flatten();
            let undescribed = all.filter(|view| !described(text(view, "id")) && !by_itself(view));
            surplus.extend(undescribed.map(|view| Surplus {
                kind,
                id: text(view, "id").to_owned(),
                name: key(kind, view).to_owned(),
            }));
        }
        surplus
    }

    /// What is done about the entry with this index; `secrets`: send all of them again.
    pub(super) fn step(&self, entries: &[Entry], index: usize, standing: &Standing, secrets: bool) -> Option<Step> {
        let entry = entries.get(index)?;
        let view = self.id(index).and_then(|id| {
            let mut all = standing.get(&entry.kind).into_iter().flatten();
            all.find(|view| text(view, "id") == id)
        });
        let action = match view {
            None => Action::Create,
            Some(view) => {
                let differences = differences(&self.wanted(entries, entry), view);
                let resent = resent(entry, view, &differences, secrets);
                match differences.is_empty() && resent.is_empty() {
                    true => Action::Keep,
                    false => Action::Change {
                        id: text(view, "id").to_owned(),
                        differences,
                        resent,
                    },
                }
            }
        };
        Some(Step { entry: index, action })
    }

    /// The fields of an entry with its references. What does not exist yet is told in words.
    pub(super) fn wanted(&self, entries: &[Entry], entry: &Entry) -> Map<String, Value> {
        let id = |target: &Target| match target {
            Target::Id(id) => json!(id),
            Target::Entry(index) => {
                let made_before = || entries.get(*index).map(|other| format!("{} (made before)", other.name));
                json!(self.id(*index).map(str::to_owned).or_else(made_before))
            }
        };
        let mut wanted = entry.fields.clone();
        for reference in &entry.references {
            let mut ids = reference.targets.iter().map(id);
            let value = match reference.many {
                true => ids.collect(),
                false => ids.next().unwrap_or_default(),
            };
            wanted.insert(reference.field.to_owned(), value);
        }
        wanted
    }

    /// The body that changes an entry: each field of the first level that differs, as a whole.
    pub(super) fn change(
        &self,
        (entries, entry): (&[Entry], &Entry),
        differences: &[Difference],
        secrets: &[(&[String], Value)],
    ) -> Value {
        let wanted = self.wanted(entries, entry);
        let touched = differences.iter().map(|difference| difference.path.as_str());
        let nested = secrets.iter().filter(|(path, _)| path.len() > 1);
        let touched = touched.chain(nested.filter_map(|(path, _)| path.first().map(String::as_str)));
        let mut body: Map<String, Value> = touched
            .filter_map(|path| {
                let name = path.split('.').next()?;
                Some((name.to_owned(), wanted.get(name)?.clone()))
            })
            .collect();
        if let Some(anyway) = wanted.get("save_anyway") {
            body.insert("save_anyway".to_owned(), anyway.clone());
        }
        for (path, secret) in secrets {
            put(&mut body, path, secret);
        }
        Value::Object(body)
    }
}

/// The portals that are to be made, need a secret and have none: what nobody keeps would be lost.
pub(super) fn without_secret<'a>(entries: &'a [Entry], steps: &'a [Step]) -> impl Iterator<Item = &'a Entry> {
    let made = steps.iter().filter(|step| matches!(step.action, Action::Create));
    made.filter_map(|step| entries.get(step.entry)).filter(|entry| {
        let body = Value::Object(entry.fields.clone());
        entry.kind == Kind::Portal && entry.secrets.is_empty() && needs_secret(&body)
    })
}

/// Whether the entry has secrets that a step does not send, and that could be sent.
pub(super) fn has_unsent_secrets(entry: &Entry, action: &Action) -> bool {
    let sent = match action {
        Action::Create => entry.secrets.len(),
        Action::Change { resent, .. } => resent.len(),
        Action::Keep => 0,
    };
    entry.kind != Kind::Portal && sent < entry.secrets.len()
}

fn key(kind: Kind, view: &Value) -> &str {
    text(view, kind.key())
}

/// Whether an entry and what the API shows are about the same corp, and the same app.
fn is_alike(entry: &Entry, view: &Value) -> bool {
    let same = |field: &str| entry.fields.get(field).is_some() && entry.fields.get(field) == view.get(field);
    match entry.kind {
        Kind::DataSource => same("corp_id"),
        Kind::AuthSource => same("corp_id") && same("agent_id"),
        Kind::Portal => false,
    }
}

/// The secrets that a change sends. The API never shows one, so whether one differs is not known; a portal's is changed by rotation only.
fn resent(entry: &Entry, view: &Value, differences: &[Difference], all: bool) -> Vec<usize> {
    if entry.kind == Kind::Portal {
        return Vec::new();
    }
    let other_credential = differences
        .iter()
        .any(|difference| CREDENTIAL.contains(&difference.path.as_str()));
    let secrets = entry.secrets.iter().enumerate();
    secrets
        .filter(|(_, secret)| all || other_credential || !is_set(secret, view))
        .map(|(index, _)| index)
        .collect()
}

/// Whether the API says that it has a secret there: `app.secret_set`.
fn is_set(secret: &SecretField, view: &Value) -> bool {
    let Some((last, above)) = secret.path.split_last() else {
        return false;
    };
    let object = above.iter().try_fold(view, |object, name| object.get(name));
    let set = object.and_then(|object| object.get(format!("{last}_set")));
    set.and_then(Value::as_bool).unwrap_or_default()
}

impl SecretField {
    /// The field and where its value comes from, for people.
    pub(super) fn told(&self) -> String {
        let made = match self.source {
            Source::Made(_) => "made, and kept in",
            Source::Read(_) => "from",
        };
        format!("{}: {made} {}", self.path.join("."), self.file)
    }
}
