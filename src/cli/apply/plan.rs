//! What is to be done so that the server has what the file says. Pure.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::{
    compare::{Difference, differences, same},
    entry::{Entry, SecretField, Target, put},
    kind::{Kind, needs_secret},
    secret_file::Source,
};
use crate::cli::sync::report::text;

/// Fields that say which credential is meant: where one changes, the secret is sent along.
const CREDENTIAL: [&str; 6] = ["corp_id", "agent_id", "app", "app.agent_id", "host", "port"];

/// Objects in which the API replaces each member as a whole: a change sends the members that differ only, laid over what is shown.
const BY_MEMBER: [&str; 1] = ["metadata"];

/// How an entry comes about.
#[derive(Debug, PartialEq, Eq)]
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
        /// What is sent, but for the secrets.
        body: Map<String, Value>,
    },
    /// It is as the file says.
    Keep,
}

/// What is done about one entry.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Step {
    /// Index of the entry.
    pub(super) entry: usize,
    /// What is done.
    pub(super) action: Action,
}

/// Something on the server that no entry describes.
#[derive(Debug, PartialEq, Eq)]
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
    /// Finds the entries again: all by name or `client_id` first; then a data source by its corp ID, and an auth source by corp ID and
    /// AgentId, where no entry has the name that it has now, or was found there.
    ///
    /// # Errors
    /// A sentence, where several could be meant.
    pub(super) fn of(entries: &[Entry], standing: &Standing) -> Result<Self, String> {
        let mut found: Vec<Option<String>> = Vec::new();
        for entry in entries {
            if is_found_by_what_it_is_about(entry) {
                found.push(None);
                continue;
            }
            let named = rows(standing, entry.kind).filter(|view| entry.kind.name_of(view) == entry.name);
            let mut fits: Vec<&Value> = named.collect();
            if fits.len() > 1 {
                fits.retain(|view| is_alike(entry, view));
            }
            found.push(the_one(entry, &fits)?);
        }
        for (index, entry) in entries.iter().enumerate() {
            let named = |view: &Value| {
                let mut others = entries.iter().filter(|other| other.kind == entry.kind);
                others.any(|other| other.name == entry.kind.name_of(view))
            };
            let taken = |view: &Value| found.iter().flatten().any(|id| id == text(view, "id"));
            let alike = rows(standing, entry.kind).filter(|view| is_alike(entry, view));
            let fits: Vec<&Value> = alike.filter(|view| !named(view) && !taken(view)).collect();
            if let Some(row) = found.get_mut(index).filter(|row| row.is_none()) {
                *row = the_one(entry, &fits)?;
            }
        }
        let mut found = Self(found);
        for (index, entry) in entries
            .iter()
            .enumerate()
            .filter(|(_, entry)| is_found_by_what_it_is_about(entry))
        {
            let wanted = found.wanted(entries, entry);
            let told = rows(standing, entry.kind).find(|view| is_told(&wanted, view) && !found.has(text(view, "id")));
            if let Some(id) = told.map(|view| text(view, "id").to_owned()) {
                found.note(index, &id);
            }
        }
        Ok(found)
    }

    /// Whether an entry is this row already.
    fn has(&self, id: &str) -> bool {
        self.0.iter().flatten().any(|known| known == id)
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
        let by_itself = |view: &Value| {
            let metadata = view.get("metadata");
            let unproven = metadata.and_then(|metadata| metadata.get("sector_unproven"));
            unproven.and_then(Value::as_bool).unwrap_or_default()
        };
        let mut surplus = Vec::new();
        // What refers to others goes before them.
        let goes = |kind: &Kind| *kind != Kind::Branding && mentioned(*kind);
        for kind in Kind::ALL.iter().copied().rev().filter(goes) {
            let all = standing.get(&kind).into_iter().flatten();
            let undescribed = all.filter(|view| !self.has(text(view, "id")) && !by_itself(view));
            surplus.extend(undescribed.map(|view| Surplus {
                kind,
                id: text(view, "id").to_owned(),
                name: kind.name_of(view),
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
                let wanted = self.wanted(entries, entry);
                let differences = differences(&wanted, view);
                let resent = resent(entry, view, &differences, secrets);
                match differences.is_empty() && resent.is_empty() {
                    true => Action::Keep,
                    false => Action::Change {
                        id: text(view, "id").to_owned(),
                        body: changed(&wanted, view, &touched(entry, &differences, &resent)),
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
            // Of people of whom none is there yet nothing is said.
            if reference.targets.is_empty() && !reference.names.is_empty() {
                continue;
            }
            let mut ids = reference.targets.iter().map(id);
            let value = match reference.many {
                true => ids.collect(),
                false => ids.next().unwrap_or_default(),
            };
            wanted.insert(reference.field.to_owned(), value);
        }
        wanted
    }
}

/// What the server has of one kind.
fn rows(standing: &Standing, kind: Kind) -> impl Iterator<Item = &Value> {
    standing.get(&kind).into_iter().flatten()
}

/// The row id of what fits an entry, which is one at most.
fn the_one(entry: &Entry, fits: &[&Value]) -> Result<Option<String>, String> {
    if fits.len() > 1 {
        return Err(format!(
            "The server has several {}s that could be \"{}\": give each a name of its own there first.",
            entry.kind.word(),
            entry.name
        ));
    }
    Ok(fits.first().map(|view| text(view, "id").to_owned()))
}

/// The paths that a change is about: what differs, and the secrets that are sent along within other fields.
fn touched(entry: &Entry, differences: &[Difference], resent: &[usize]) -> Vec<String> {
    let differing = differences.iter().map(|difference| difference.path.clone());
    let secrets = resent.iter().filter_map(|index| entry.secrets.get(*index));
    let nested = secrets.filter(|secret| secret.path.len() > 1);
    differing.chain(nested.map(|secret| secret.path.join("."))).collect()
}

/// What a change sends: the fields of the first level that are touched, as a whole; of [`BY_MEMBER`] the members that are, each with what the
/// server has in it and the file does not name.
fn changed(wanted: &Map<String, Value>, view: &Value, touched: &[String]) -> Map<String, Value> {
    let mut body = Map::new();
    for path in touched {
        let mut parts = path.split('.');
        let (first, second) = (parts.next().unwrap_or_default(), parts.next());
        let Some(value) = wanted.get(first) else {
            continue;
        };
        let second = second.filter(|_| BY_MEMBER.contains(&first));
        match second.and_then(|member| Some((member, value.get(member)?))) {
            Some((member, value)) => {
                let shown = view.get(first).and_then(|shown| shown.get(member));
                let laid = laid_over(shown.unwrap_or(&Value::Null), value);
                put(&mut body, &[first.to_owned(), member.to_owned()], &laid);
            }
            None => {
                body.insert(first.to_owned(), value.clone());
            }
        }
    }
    if let Some(anyway) = wanted.get("save_anyway") {
        body.insert("save_anyway".to_owned(), anyway.clone());
    }
    body
}

/// A value of the file laid over what is shown: objects keep the members that the file does not name.
fn laid_over(shown: &Value, wanted: &Value) -> Value {
    let (Value::Object(shown), Value::Object(wanted)) = (shown, wanted) else {
        return wanted.clone();
    };
    let mut laid = shown.clone();
    for (name, value) in wanted {
        let below = shown.get(name).unwrap_or(&Value::Null);
        laid.insert(name.clone(), laid_over(below, value));
    }
    Value::Object(laid)
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
    // Those of notice channels are compared by the server.
    !matches!(entry.kind, Kind::Portal | Kind::NoticeChannel) && sent < entry.secrets.len()
}

/// Whether an entry has no name by which it is found again.
fn is_found_by_what_it_is_about(entry: &Entry) -> bool {
    matches!(entry.kind, Kind::NoticeSubscription | Kind::Branding)
}

/// Whether a subscription of the server is about the same channel, address and data source; a branding about the same data source.
fn is_told(wanted: &Map<String, Value>, view: &Value) -> bool {
    let fields = ["channel_id", "address", "data_source_id"];
    fields
        .iter()
        .all(|field| wanted.get(*field).unwrap_or(&Value::Null) == view.get(*field).unwrap_or(&Value::Null))
}

/// Whether an entry and what the API shows are about the same corp, and the same app.
fn is_alike(entry: &Entry, view: &Value) -> bool {
    let same = |field: &str| entry.fields.get(field).is_some() && entry.fields.get(field) == view.get(field);
    match entry.kind {
        Kind::DataSource => same("corp_id"),
        Kind::AuthSource => same("corp_id") && same("agent_id"),
        Kind::Group | Kind::Portal | Kind::NoticeChannel | Kind::NoticeSubscription | Kind::Branding => false,
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
        .filter(|(_, secret)| match same(view, &secret.path.join(".")) {
            Some(same) => all || other_credential || !same,
            None => all || other_credential || !is_set(secret, view),
        })
        .map(|(index, _)| index)
        .collect()
}

/// Whether the API says that it has a secret there: `app.secret_set`.
fn is_set(secret: &SecretField, view: &Value) -> bool {
    let Some((last, above)) = secret.path.split_last() else {
        return false;
    };
    let object = above.iter().try_fold(view, |object, name| object.get(name));
    if last == "url" {
        return object.is_some_and(|object| object.get(last).is_some_and(Value::is_string));
    }
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

#[cfg(test)]
#[path = "plan_tests.rs"]
mod tests;
