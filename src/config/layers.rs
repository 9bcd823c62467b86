//! Merges the configuration layers: file and environment over the defaults, key by key; only keys that the defaults have are accepted.

use std::{collections::BTreeMap, path::PathBuf};

use serde::Serialize;
use toml::{Table, Value};

/// Documented defaults of every key.
pub const DEFAULTS: &str = include_str!("../../config/default.toml");

/// The layers over the defaults.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// Configuration file.
    pub file: Option<PathBuf>,
    /// Environment variables as (name, value); only `MENJIN__…` count.
    pub environment: Vec<(String, String)>,
}

impl Sources {
    /// The process's own environment and this file.
    pub fn of_process(file: Option<PathBuf>) -> Self {
        Self {
            file,
            environment: std::env::vars_os().filter_map(text_pair).collect(),
        }
    }
}

fn text_pair((name, value): (std::ffi::OsString, std::ffi::OsString)) -> Option<(String, String)> {
    Some((name.into_string().ok()?, value.into_string().ok()?))
}

/// A layer of the configuration.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = ConfigurationLayer)]
#[serde(rename_all = "snake_case")]
pub enum Layer {
    /// The embedded defaults.
    #[default]
    Default,
    /// The configuration file.
    File,
    /// An environment variable.
    Environment,
}

/// Which layer the value of each key comes from.
#[derive(Clone, Debug, Default)]
pub struct Origins(BTreeMap<(String, String), Layer>);

impl Origins {
    /// The layer of a key.
    pub fn get(&self, section: &str, key: &str) -> Layer {
        let place = (section.to_owned(), key.to_owned());
        self.0.get(&place).copied().unwrap_or_default()
    }

    fn note(&mut self, section: &str, key: &str, layer: Layer) {
        self.0.insert((section.to_owned(), key.to_owned()), layer);
    }
}

/// Merges all layers into one table of the defaults' shape, and says which layer each value comes from; faults are added to the list.
pub fn merge(sources: &Sources, faults: &mut Vec<String>) -> (Table, Origins) {
    let mut table: Table = DEFAULTS.parse().unwrap_or_default();
    let mut origins = Origins::default();
    if let Some(path) = &sources.file {
        match std::fs::read_to_string(path) {
            Ok(text) => lay_file((&mut table, &mut origins), &text, faults),
            Err(error) => faults.push(format!("{}: {error}", path.display())),
        }
    }
    for (name, value) in &sources.environment {
        if let Some(path) = name.strip_prefix("MENJIN__") {
            lay_variable((&mut table, &mut origins), (name, &path.to_lowercase()), value, faults);
        }
    }
    (table, origins)
}

fn lay_file((table, origins): (&mut Table, &mut Origins), text: &str, faults: &mut Vec<String>) {
    let file: Table = match text.parse() {
        Ok(file) => file,
        Err(error) => return faults.push(not_toml(text, &error)),
    };
    for (section, content) in file {
        let (Some(Value::Table(known)), Value::Table(content)) = (table.get_mut(&section), content) else {
            faults.push(format!("unknown section [{section}]"));
            continue;
        };
        for (key, value) in content {
            match known.get_mut(&key) {
                None => faults.push(format!("unknown key {section}.{key}")),
                Some(default) if default.same_type(&value) => {
                    *default = value;
                    origins.note(&section, &key, Layer::File);
                }
                Some(default) => {
                    faults.push(format!(
                        "{section}.{key} must be a {}, not a {}",
                        default.type_str(),
                        value.type_str()
                    ));
                }
            }
        }
    }
}

/// A parse error with its place, but never with the line itself, as `Display` would show it: it may hold a secret.
fn not_toml(text: &str, error: &toml::de::Error) -> String {
    let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
    let line = before.matches('\n').count().saturating_add(1);
    let column = before
        .rsplit('\n')
        .next()
        .unwrap_or_default()
        .chars()
        .count()
        .saturating_add(1);
    format!(
        "the configuration file is not TOML: line {line}, column {column}: {}",
        error.message()
    )
}

fn lay_variable(
    (table, origins): (&mut Table, &mut Origins),
    (name, path): (&str, &str),
    value: &str,
    faults: &mut Vec<String>,
) {
    let (section, key) = path.split_once("__").unwrap_or_default();
    let known = table
        .get_mut(section)
        .and_then(|section| section.as_table_mut()?.get_mut(key));
    let Some(default) = known else {
        return faults.push(format!("unknown variable {name}"));
    };
    let parsed = match default {
        Value::Integer(_) => value.parse().ok().map(Value::Integer),
        Value::Boolean(_) => value.parse().ok().map(Value::Boolean),
        Value::Float(_) => value.parse().ok().map(Value::Float),
        _ => Some(Value::String(value.to_owned())),
    };
    match parsed {
        Some(value) => {
            *default = value;
            origins.note(section, key, Layer::Environment);
        }
        None => faults.push(format!("{name} must be a {}", default.type_str())),
    }
}
