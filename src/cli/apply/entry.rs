//! One entry of the file: what is passed to the API as it stands, and the few keys that mean something here.

use std::path::Path;

use serde_json::{Map, Value};

use super::{
    kind::Kind,
    secret_file::{self, Source},
};

/// Keys of secrets end like this; with `_file` behind it they name a file.
const SECRET: &str = "secret";

/// Secrets that can be replaced and not be taken away: null would mean that they stay.
const NOT_UNSET: [&str; 4] = ["app.secret", "app_secret", "client_secret", "secret"];

/// A data source, auth source, portal or notice channel of the file.
#[derive(Debug)]
pub(super) struct Entry {
    /// What it is.
    pub(super) kind: Kind,
    /// Where it stands in the file, like `portal[0]`.
    pub(super) place: String,
    /// Its name, or the `client_id` of a portal.
    pub(super) name: String,
    /// The fields that go to the API as they are; those of `unset` are null.
    pub(super) fields: Map<String, Value>,
    /// Fields that name other entries.
    pub(super) references: Vec<Reference>,
    /// Its secrets.
    pub(super) secrets: Vec<SecretField>,
}

/// A field that names other entries of the file.
#[derive(Debug)]
pub(super) struct Reference {
    /// The key in the file.
    pub(super) key: &'static str,
    /// The field of the API.
    pub(super) field: &'static str,
    /// Whether the field is a list.
    pub(super) many: bool,
    /// Names as they are written, in this order.
    pub(super) names: Vec<String>,
    /// What they are: indices of entries, or ids of what is on the server only. Filled once all entries are read.
    pub(super) targets: Vec<Target>,
}

/// What a reference names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Target {
    /// This entry of the file.
    Entry(usize),
    /// A row id.
    Id(String),
}

/// A secret of an entry.
#[derive(Debug)]
pub(super) struct SecretField {
    /// The field of the API, like `["app", "secret"]`.
    pub(super) path: Vec<String>,
    /// The file as it is written.
    pub(super) file: String,
    /// What is in it.
    pub(super) source: Source,
}

/// A fault with its place below the entry.
type Faults = Vec<(String, String)>;

impl Entry {
    /// Reads a table of the file; files of secrets are looked for in `folder`.
    pub(super) fn read(kind: Kind, place: String, mut table: Map<String, Value>, folder: &Path) -> (Self, Faults) {
        let mut faults = Faults::new();
        let unset = texts(&mut table, "unset", &mut faults);
        let mut secrets = Vec::new();
        if kind == Kind::Portal {
            secrets.extend(made_secret(&mut table, folder, &mut faults));
        }
        take_secrets(&mut table, &[], folder, &mut secrets, &mut faults);
        let references = reference(kind, &mut table, &mut faults);
        for path in &unset {
            let given = secrets.iter().any(|secret| secret.path.join(".") == *path);
            if given || NOT_UNSET.contains(&path.as_str()) || !set_null(&mut table, path) {
                faults.push((
                    "unset".to_owned(),
                    format!("{path} is no field to be unset, or has a value besides"),
                ));
            }
        }
        let name = match table.get(kind.key()) {
            Some(Value::String(name)) => name.clone(),
            _ => {
                faults.push((kind.key().to_owned(), "is needed, as text".to_owned()));
                String::new()
            }
        };
        let entry = Self {
            kind,
            place,
            name,
            fields: table,
            references: references.into_iter().collect(),
            secrets,
        };
        (entry, faults)
    }

    /// Of a field that is text.
    pub(super) fn text(&self, field: &str) -> Option<&str> {
        self.fields.get(field).and_then(Value::as_str)
    }

    /// The whole entry as the API takes it, with these values of references and these secrets.
    pub(super) fn body(&self, references: Map<String, Value>, secrets: &[(&[String], Value)]) -> Value {
        let mut body = self.fields.clone();
        body.extend(references);
        for (path, secret) in secrets {
            put(&mut body, path, secret);
        }
        Value::Object(body)
    }
}

/// Puts a value at a place, making the objects on the way.
pub(super) fn put(object: &mut Map<String, Value>, path: &[String], value: &Value) {
    let Some((first, rest)) = path.split_first() else {
        return;
    };
    if rest.is_empty() {
        object.insert(first.clone(), value.clone());
        return;
    }
    let below = object.entry(first.clone()).or_insert_with(|| Value::Object(Map::new()));
    if let Value::Object(below) = below {
        put(below, rest, value);
    }
}

fn set_null(table: &mut Map<String, Value>, path: &str) -> bool {
    match path.split_once('.') {
        None if path.is_empty() || table.contains_key(path) => false,
        None => {
            table.insert(path.to_owned(), Value::Null);
            true
        }
        Some((first, rest)) => {
            let below = table
                .entry(first.to_owned())
                .or_insert_with(|| Value::Object(Map::new()));
            below.as_object_mut().is_some_and(|below| set_null(below, rest))
        }
    }
}

/// Takes a list of texts out of a table.
fn texts(table: &mut Map<String, Value>, key: &str, faults: &mut Faults) -> Vec<String> {
    let all = match table.remove(key) {
        None => Some(Vec::new()),
        Some(Value::Array(items)) => items.iter().map(|item| item.as_str().map(str::to_owned)).collect(),
        Some(_) => None,
    };
    all.unwrap_or_else(|| {
        faults.push((key.to_owned(), "must be a list of texts".to_owned()));
        Vec::new()
    })
}

/// The secret that is made for a portal where there is none yet.
fn made_secret(table: &mut Map<String, Value>, folder: &Path, faults: &mut Faults) -> Option<SecretField> {
    let key = "client_secret_out";
    let file = file_name(key, table.remove(key)?, faults)?;
    if table.contains_key("client_secret_file") {
        faults.push((
            key.to_owned(),
            "takes the place of client_secret_file: give one of them".to_owned(),
        ));
    }
    let path = folder.join(&file);
    let source = match path.exists() {
        true => read(key, &path, faults)?,
        false => Source::Made(path),
    };
    Some(SecretField {
        path: vec!["client_secret".to_owned()],
        file,
        source,
    })
}

fn file_name(key: &str, value: Value, faults: &mut Faults) -> Option<String> {
    match value {
        Value::String(file) if !file.trim().is_empty() => Some(file),
        _ => {
            faults.push((key.to_owned(), "must be the name of a file".to_owned()));
            None
        }
    }
}

fn read(key: &str, path: &Path, faults: &mut Faults) -> Option<Source> {
    match secret_file::read(path) {
        Ok(secret) => Some(Source::Read(secret)),
        Err(sentence) => {
            faults.push((key.to_owned(), sentence));
            None
        }
    }
}

/// Takes the names of secrets' files out of a table and the tables in it, and refuses secrets in the clear.
fn take_secrets(
    table: &mut Map<String, Value>,
    above: &[String],
    folder: &Path,
    found: &mut Vec<SecretField>,
    faults: &mut Faults,
) {
    let place = |key: &str| [above, &[key.to_owned()]].concat();
    let names: Vec<String> = table.keys().cloned().collect();
    for key in names {
        let field = key.strip_suffix("_file").filter(|field| is_secret(field));
        if let Some(field) = field {
            let shown = place(&key).join(".");
            let file = table.remove(&key).and_then(|value| file_name(&shown, value, faults));
            let Some(file) = file else { continue };
            if let Some(source) = read(&shown, &folder.join(&file), faults) {
                found.push(SecretField {
                    path: place(field),
                    file,
                    source,
                });
            }
        } else if is_secret(&key) {
            table.remove(&key);
            faults.push((
                place(&key).join("."),
                format!("stands here in the clear: put it into a file of its own and name that as {key}_file"),
            ));
        } else if let Some(Value::Object(below)) = table.get_mut(&key) {
            take_secrets(below, &place(&key), folder, found, faults);
        }
    }
}

fn is_secret(key: &str) -> bool {
    key == SECRET || key.strip_suffix(SECRET).is_some_and(|rest| rest.ends_with('_'))
}

/// The field of this kind that names other entries.
fn reference(kind: Kind, table: &mut Map<String, Value>, faults: &mut Faults) -> Option<Reference> {
    let (key, field, many) = match kind {
        Kind::DataSource => return None,
        Kind::AuthSource | Kind::NoticeChannel => ("data_source", "data_source_id", false),
        Kind::Portal => ("auth_sources", "auth_sources", true),
    };
    if !table.contains_key(key) {
        return None;
    }
    if key != field && table.contains_key(field) {
        faults.push((key.to_owned(), format!("takes the place of {field}: give one of them")));
    }
    let names = match many {
        true => texts(table, key, faults),
        false => match table.remove(key) {
            Some(Value::String(name)) => vec![name],
            _ => {
                faults.push((
                    key.to_owned(),
                    "must be the name or corp ID of a data source".to_owned(),
                ));
                return None;
            }
        },
    };
    Some(Reference {
        key,
        field,
        many,
        names,
        targets: Vec::new(),
    })
}
