//! Reads a file into entries, and finds everything that is wrong with it before a server is asked anything.

use std::{collections::BTreeMap, path::Path};

use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::{
    document::{Document, Fault},
    entry::{Entry, Reference, Target},
    kind::Kind,
    secret_file::Source,
};

/// Stands for a secret that is not made yet; as long as those are.
const NOT_MADE: &str = "0000000000000000000000000000000000000000000";

/// The entries of a file, in the order in which they are made; references lead to their indices.
///
/// # Errors
/// All faults as sentences with file, line and place.
pub(super) fn read(path: &Path) -> Result<Vec<Entry>, Vec<String>> {
    let text = std::fs::read_to_string(path).map_err(|error| vec![format!("{}: {error}", path.display())])?;
    let folder = path.parent().unwrap_or_else(|| Path::new("."));
    entries(&text, folder).map_err(|mut faults| {
        faults.sort();
        faults.dedup();
        let told = faults.iter();
        told.map(|(line, sentence)| format!("{}:{line}: {sentence}", path.display()))
            .collect()
    })
}

fn entries(text: &str, folder: &Path) -> Result<Vec<Entry>, Vec<Fault>> {
    let mut document = Document::read(text)?;
    let mut faults = Vec::new();
    let mut entries = Vec::new();
    let mut tables = std::mem::take(&mut document.tables);
    for kind in Kind::ALL.iter().copied() {
        match tables.remove(kind.table()) {
            None => {}
            Some(Value::Array(list)) => {
                for (index, table) in list.into_iter().enumerate() {
                    let place = format!("{}[{index}]", kind.table());
                    read_entry(&document, (kind, place, table), folder, (&mut entries, &mut faults));
                }
            }
            Some(_) => faults.push((
                document.line(kind.table()),
                format!("{0}: is a list; write [[{0}]]", kind.table()),
            )),
        }
    }
    for unknown in tables.keys() {
        let known: Vec<&str> = Kind::ALL.iter().map(|kind| kind.table()).collect();
        let known = known.join(", ");
        faults.push((
            document.line(unknown),
            format!("{unknown}: is not known here; known are {known}"),
        ));
    }
    same_twice(&document, &entries, &mut faults);
    let targets = Targets::of(&entries);
    for entry in &mut entries {
        for reference in &mut entry.references {
            targets.resolve(&document, &entry.place, reference, &mut faults);
        }
    }
    for entry in &entries {
        for (field, expected) in entry.kind.judge(&sample(entry), channel_kind(&entries, entry)).0 {
            // Of a name that is no text it was said before.
            let named = field == entry.kind.key() || field == "channel_id";
            if !named || entry.text(&field).is_some() {
                faults.push(fault(&document, entry, &field, &expected));
            }
        }
    }
    match faults.is_empty() {
        true => Ok(entries),
        false => Err(faults),
    }
}

fn read_entry(
    document: &Document,
    (kind, place, table): (Kind, String, Value),
    folder: &Path,
    (entries, faults): (&mut Vec<Entry>, &mut Vec<Fault>),
) {
    let Value::Object(table) = table else {
        return faults.push((document.line(&place), format!("{place}: must be a table")));
    };
    let (entry, wrong) = Entry::read(kind, place, table, folder);
    faults.extend(
        wrong
            .iter()
            .map(|(field, expected)| fault(document, &entry, field, expected)),
    );
    entries.push(entry);
}

/// A fault of a field of an entry. The field is told as it is called in the file.
fn fault(document: &Document, entry: &Entry, field: &str, expected: &str) -> Fault {
    let secret = entry.secrets.iter().find(|secret| secret.path.join(".") == field);
    let reference = entry
        .references
        .iter()
        .find(|reference| reference.field == field.split('[').next().unwrap_or(field));
    let field = match (secret, reference) {
        (Some(_), _) => format!("{field}_file"),
        (_, Some(reference)) => reference.key.to_owned(),
        _ => field.to_owned(),
    };
    let place = match field.as_str() {
        "" | "body" => entry.place.clone(),
        field => format!("{}.{field}", entry.place),
    };
    (document.line(&place), format!("{place}: {expected}"))
}

/// The kind of a subscription's channel, where the channel is in the file.
fn channel_kind<'a>(entries: &'a [Entry], entry: &Entry) -> Option<&'a str> {
    let channel = entry.references.iter().find(|reference| reference.key == "channel")?;
    match channel.targets.first()? {
        Target::Entry(index) => entries.get(*index)?.text("kind"),
        Target::Id(_) => None,
    }
}

/// The entry with something acceptable in the place of what is known later.
fn sample(entry: &Entry) -> Value {
    let stand_in = |reference: &Reference| {
        let ids: Vec<Value> = (1..=reference.names.len())
            .map(|index| json!(Uuid::from_u128(u128::try_from(index).unwrap_or_default())))
            .collect();
        let value = match reference.many {
            true => Value::Array(ids),
            false => ids.into_iter().next().unwrap_or_default(),
        };
        (reference.field.to_owned(), value)
    };
    let references: Map<String, Value> = entry.references.iter().map(stand_in).collect();
    let secrets: Vec<(&[String], Value)> = entry
        .secrets
        .iter()
        .map(|secret| {
            let text = match &secret.source {
                Source::Read(secret) => secret.expose().as_str(),
                Source::Made(_) => NOT_MADE,
            };
            (secret.path.as_slice(), json!(text))
        })
        .collect();
    entry.body(references, &secrets)
}

/// Names that stand twice, and corp IDs of data sources that do.
fn same_twice(document: &Document, entries: &[Entry], faults: &mut Vec<Fault>) {
    let mut seen: BTreeMap<(Kind, &str, &str), &Entry> = BTreeMap::new();
    for entry in entries {
        let corp_id = entry.text("corp_id").filter(|_| entry.kind == Kind::DataSource);
        let keys = [(entry.kind.key(), Some(entry.name.as_str())), ("corp_id", corp_id)];
        for (field, value) in keys {
            let Some(value) = value.filter(|value| !value.is_empty()) else {
                continue;
            };
            if let Some(first) = seen.insert((entry.kind, field, value), entry) {
                let line = document.line(&format!("{}.{field}", first.place));
                faults.push(fault(document, entry, field, &format!("stands in line {line} already")));
            }
        }
    }
}

/// What references may name: entries by their names, data sources by their corp IDs too.
struct Targets(BTreeMap<(Kind, String), usize>);

impl Targets {
    fn of(entries: &[Entry]) -> Self {
        let mut targets = BTreeMap::new();
        for (index, entry) in entries.iter().enumerate() {
            if let Some(corp_id) = entry.text("corp_id").filter(|_| entry.kind == Kind::DataSource) {
                targets.entry((entry.kind, corp_id.to_owned())).or_insert(index);
            }
            targets.insert((entry.kind, entry.name.clone()), index);
        }
        Self(targets)
    }

    fn resolve(&self, document: &Document, place: &str, reference: &mut Reference, faults: &mut Vec<Fault>) {
        // People are asked of the server.
        let Some(kind) = reference.of else { return };
        for (index, name) in reference.names.iter().enumerate() {
            let here = match reference.many {
                true => format!("{place}.{}[{index}]", reference.key),
                false => format!("{place}.{}", reference.key),
            };
            match (self.0.get(&(kind, name.clone())), Uuid::parse_str(name)) {
                (Some(entry), _) => reference.targets.push(Target::Entry(*entry)),
                (None, Ok(id)) => reference.targets.push(Target::Id(id.to_string())),
                (None, Err(_)) => faults.push((
                    document.line(&here),
                    format!("{here}: there is no {} of this name in the file", kind.word()),
                )),
            }
        }
    }
}
