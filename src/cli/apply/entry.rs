//! One entry of the file: what is passed to the API as it stands, and the few keys that mean something here.

use std::path::Path;

use serde_json::{Map, Value};

use super::{
    branding,
    kind::{Kind, subscription},
    secret_file::{self, Source},
};

/// Keys of secrets end like this; with `_file` behind it they name a file.
const SECRET: &str = "secret";

/// Secrets that can be replaced and not be taken away: null would mean that they stay.
const NOT_UNSET: [&str; 5] = ["app.secret", "app_secret", "client_secret", "secret", "url"];
/// Of a notice channel the address of a webhook may stand in a file as a secret does: path and query of chat robots are secrets.
const ADDRESS: &str = "url";

/// A data source, auth source, group, portal, notice channel, subscription or branding of the file.
#[derive(Debug)]
pub(super) struct Entry {
    /// What it is.
    pub(super) kind: Kind,
    /// Where it stands in the file, like `portal[0]`.
    pub(super) place: String,
    /// Its name, the `client_id` of a portal, or the channel and address of a subscription.
    pub(super) name: String,
    /// The fields that go to the API as they are; those of `unset` are null.
    pub(super) fields: Map<String, Value>,
    /// Fields that name other entries.
    pub(super) references: Vec<Reference>,
    /// Its secrets.
    pub(super) secrets: Vec<SecretField>,
    /// Of a branding the picture of its logo.
    pub(super) logo: Option<Vec<u8>>,
}

/// A field that names other entries of the file.
#[derive(Debug)]
pub(super) struct Reference {
    /// The key in the file.
    pub(super) key: &'static str,
    /// The field of the API.
    pub(super) field: &'static str,
    /// What they are; `None`: people, by their usernames.
    pub(super) of: Option<Kind>,
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
        if kind == Kind::NoticeChannel {
            secrets.extend(webhook_address(&mut table, folder, &mut faults));
        }
        let logo = match kind {
            Kind::Branding => branding::prepared(&mut table, folder, &mut faults),
            _ => None,
        };
        take_secrets(&mut table, &[], folder, &mut secrets, &mut faults);
        let references = references(kind, &mut table, &mut faults);
        for path in &unset {
            let given = secrets.iter().any(|secret| secret.path.join(".") == *path);
            if given || NOT_UNSET.contains(&path.as_str()) || !set_null(&mut table, path) {
                faults.push((
                    "unset".to_owned(),
                    format!("{path} is no field to be unset, or has a value besides"),
                ));
            }
        }
        let named = match kind {
            Kind::NoticeSubscription => told_by(&table, &references),
            Kind::Branding => {
                let source = references.first().and_then(|reference| reference.names.first());
                Some(source.map_or_else(|| branding::INSTALLATION.to_owned(), Clone::clone))
            }
            _ => table.get(kind.key()).and_then(Value::as_str).map(str::to_owned),
        };
        if named.is_none() {
            faults.push((kind.key().to_owned(), "is needed, as text".to_owned()));
        }
        let name = named.unwrap_or_default();
        let entry = Self {
            kind,
            place,
            name,
            fields: table,
            references,
            secrets,
            logo,
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

/// The address of a webhook that stands in a file.
fn webhook_address(table: &mut Map<String, Value>, folder: &Path, faults: &mut Faults) -> Option<SecretField> {
    let key = format!("{ADDRESS}_file");
    let file = file_name(&key, table.remove(&key)?, faults)?;
    if table.contains_key(ADDRESS) {
        faults.push((key.clone(), format!("takes the place of {ADDRESS}: give one of them")));
    }
    let source = read(&key, &folder.join(&file), faults)?;
    Some(SecretField {
        path: vec![ADDRESS.to_owned()],
        file,
        source,
    })
}

/// What a subscription is called; `None`: it names no channel.
fn told_by(table: &Map<String, Value>, references: &[Reference]) -> Option<String> {
    let named = |key: &str| {
        let found = references.iter().find(|reference| reference.key == key);
        found.and_then(|reference| reference.names.first())
    };
    let name = subscription(named("channel")?, table.get("address").and_then(Value::as_str));
    Some(match named("data_source") {
        Some(source) => format!("{name} ({source})"),
        None => name,
    })
}

/// The fields of this kind that name others: key in the file, field of the API, what they are, whether they are several.
const fn referring(kind: Kind) -> &'static [(&'static str, &'static str, Option<Kind>, bool)] {
    match kind {
        Kind::DataSource => &[("approvers", "approvers", None, true)],
        Kind::AuthSource | Kind::NoticeChannel | Kind::Branding => {
            &[("data_source", "data_source_id", Some(Kind::DataSource), false)]
        }
        Kind::Group => &[],
        Kind::Portal => &[
            ("auth_sources", "auth_sources", Some(Kind::AuthSource), true),
            ("allowed_groups", "allowed_groups", Some(Kind::Group), true),
        ],
        Kind::NoticeSubscription => &[
            ("channel", "channel_id", Some(Kind::NoticeChannel), false),
            ("data_source", "data_source_id", Some(Kind::DataSource), false),
        ],
    }
}

/// Takes the fields that name others out of a table.
fn references(kind: Kind, table: &mut Map<String, Value>, faults: &mut Faults) -> Vec<Reference> {
    let mut found = Vec::new();
    for (key, field, of, many) in referring(kind) {
        if !table.contains_key(*key) {
            continue;
        }
        if key != field && table.contains_key(*field) {
            faults.push((
                (*key).to_owned(),
                format!("takes the place of {field}: give one of them"),
            ));
        }
        let names = match (many, table.get(*key)) {
            (true, _) => texts(table, key, faults),
            (false, Some(Value::String(name))) => vec![name.clone()],
            (false, _) => {
                let expected = match of {
                    Some(Kind::DataSource) => "must be the name or corp ID of a data source",
                    _ => "must be a name",
                };
                faults.push(((*key).to_owned(), expected.to_owned()));
                table.remove(*key);
                continue;
            }
        };
        table.remove(*key);
        found.push(Reference {
            key,
            field,
            of: *of,
            many: *many,
            names,
            targets: Vec::new(),
        });
    }
    found
}
