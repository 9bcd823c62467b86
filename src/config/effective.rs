//! The settings in effect, as the API shows them: value, default, where it was set, and what it means. Secrets are never shown. Pure.
//!
//! What a key means is read from the comments of `config/default.toml`, so that it is written down once: the comment above a key is its
//! meaning, and of each key after it until a blank line, another comment or another section. In Chinese it stands in
//! `config/meanings.zh-CN.toml`.

use std::{collections::BTreeMap, sync::Arc};

use serde::Serialize;
use serde_json::{Value, json};
use toml::Table;
use url::Url;
use utoipa::ToSchema;

use super::layers::{DEFAULTS, Layer, Origins};

/// What the keys mean, in Chinese.
const MEANINGS_ZH: &str = include_str!("../../config/meanings.zh-CN.toml");
/// Shown of a secret that is set.
const SET: &str = "set";
/// Shown of a secret that is not.
const NOT_SET: &str = "not set";

/// A setting in effect.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Setting {
    /// Its place in the configuration file: `section.key`.
    pub key: String,
    /// The environment variable that sets it.
    pub variable: String,
    /// The value in effect; of a secret only `set` or `not set`.
    pub value: Value,
    /// The value that counts where nobody sets one.
    pub default: Value,
    /// Where the value comes from: `default`, `file` or `environment`.
    pub source: Layer,
    /// `text`, `number` or `boolean`.
    pub kind: &'static str,
    /// Whether it is a secret, which is never shown.
    pub secret: bool,
    /// What it means and in which unit it is, in English.
    pub meaning: String,
    /// The same in Chinese.
    pub meaning_zh: String,
}

/// All settings in effect, in the order of the configuration file's sections. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct EffectiveSettings(Arc<Vec<Setting>>);

impl EffectiveSettings {
    /// Reads them from the merged table.
    pub fn of(table: &Table, origins: &Origins) -> Self {
        let defaults: Table = DEFAULTS.parse().unwrap_or_default();
        let meanings = meanings(DEFAULTS);
        let in_chinese: Table = MEANINGS_ZH.parse().unwrap_or_default();
        let keys = keys(DEFAULTS);
        let settings = keys.into_iter().filter_map(|(section, key)| {
            let context = Context {
                table,
                defaults: &defaults,
                origins,
            };
            let meaning = meanings.get(&(section.clone(), key.clone())).cloned();
            let meaning_zh = get(&in_chinese, &section, &key).and_then(toml::Value::as_str);
            let meaning_zh = meaning_zh.unwrap_or_default().to_owned();
            context.setting(&section, &key, (meaning.unwrap_or_default(), meaning_zh))
        });
        Self(Arc::new(settings.collect()))
    }

    /// Each of them.
    pub fn all(&self) -> &[Setting] {
        &self.0
    }
}

struct Context<'a> {
    table: &'a Table,
    defaults: &'a Table,
    origins: &'a Origins,
}

impl Context<'_> {
    fn setting(&self, section: &str, key: &str, (meaning, meaning_zh): (String, String)) -> Option<Setting> {
        let (value, default) = (get(self.table, section, key)?, get(self.defaults, section, key)?);
        let file = format!("{key}_file");
        // Every secret also exists as KEY_file.
        let secret = get(self.defaults, section, &file).is_some();
        let from = |key: &str| self.origins.get(section, key);
        let by_file = secret && get(self.table, section, &file).is_some_and(|path| !is_empty(path));
        let source = match from(key) {
            Layer::Default if by_file => from(&file),
            source => source,
        };
        Some(Setting {
            value: match secret {
                true if by_file || !is_empty(value) => json!(SET),
                true => json!(NOT_SET),
                false => shown(value),
            },
            default: shown(default),
            source,
            kind: kind(value),
            secret,
            meaning,
            meaning_zh,
            variable: format!("MENJIN__{section}__{key}").to_uppercase(),
            key: format!("{section}.{key}"),
        })
    }
}

fn get<'a>(table: &'a Table, section: &str, key: &str) -> Option<&'a toml::Value> {
    table.get(section)?.get(key)
}

fn is_empty(value: &toml::Value) -> bool {
    value.as_str().is_some_and(|text| text.trim().is_empty())
}

const fn kind(value: &toml::Value) -> &'static str {
    match value {
        toml::Value::Integer(_) => "number",
        toml::Value::Boolean(_) => "boolean",
        _ => "text",
    }
}

/// A value as it is shown; of an address with a name or password in it (a proxy's) only that it is set.
fn shown(value: &toml::Value) -> Value {
    match value {
        toml::Value::Integer(number) => json!(number),
        toml::Value::Boolean(yes) => json!(yes),
        toml::Value::String(text) if holds_credentials(text) => json!(SET),
        toml::Value::String(text) => json!(text),
        _ => Value::Null,
    }
}

fn holds_credentials(text: &str) -> bool {
    let url = Url::parse(text.trim());
    url.is_ok_and(|url| url.password().is_some() || !url.username().is_empty())
}

/// A line of a configuration file.
enum Line<'a> {
    Section(&'a str),
    Comment(&'a str),
    Key(&'a str),
    Blank,
}

fn lines(text: &str) -> impl Iterator<Item = Line<'_>> {
    text.lines().map(|line| {
        let line = line.trim();
        match line.chars().next() {
            None => Line::Blank,
            Some('[') => Line::Section(line.trim_matches(['[', ']'])),
            Some('#') => Line::Comment(line.trim_start_matches('#').trim()),
            Some(_) => Line::Key(line.split('=').next().unwrap_or_default().trim()),
        }
    })
}

/// All keys in the order of the text.
fn keys(text: &str) -> Vec<(String, String)> {
    let mut section = "";
    let mut keys = Vec::new();
    for line in lines(text) {
        match line {
            Line::Section(name) => section = name,
            Line::Key(key) => keys.push((section.to_owned(), key.to_owned())),
            Line::Comment(_) | Line::Blank => {}
        }
    }
    keys
}

/// The comment above each key.
fn meanings(text: &str) -> BTreeMap<(String, String), String> {
    let (mut section, mut comment, mut used) = ("", String::new(), false);
    let mut meanings = BTreeMap::new();
    for line in lines(text) {
        match line {
            Line::Section(name) => (section, comment, used) = (name, String::new(), false),
            Line::Blank => (comment, used) = (String::new(), false),
            Line::Comment(words) if used || comment.is_empty() => (comment, used) = (words.to_owned(), false),
            Line::Comment(words) => {
                comment.push(' ');
                comment.push_str(words);
            }
            Line::Key(key) => {
                meanings.insert((section.to_owned(), key.to_owned()), comment.clone());
                used = true;
            }
        }
    }
    meanings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Config, Sources};

    fn set(name: &str, value: &str) -> (String, String) {
        (name.to_owned(), value.to_owned())
    }

    fn loaded(environment: Vec<(String, String)>) -> Vec<Setting> {
        let sources = Sources {
            file: None,
            environment,
        };
        Config::load(&sources).unwrap().effective.all().to_vec()
    }

    fn one<'a>(settings: &'a [Setting], key: &str) -> &'a Setting {
        settings.iter().find(|setting| setting.key == key).unwrap()
    }

    #[test]
    fn every_key_has_a_meaning_and_its_default() {
        let defaults: Table = DEFAULTS.parse().unwrap();
        let many: usize = defaults.values().map(|section| section.as_table().unwrap().len()).sum();
        let settings = loaded(Vec::new());
        assert_eq!(settings.len(), many);
        for setting in &settings {
            assert!(setting.meaning.chars().count() > 10, "{} has no comment", setting.key);
            assert!(
                setting.meaning_zh.contains(|letter| ('一'..='鿿').contains(&letter)),
                "{} has no meaning in config/meanings.zh-CN.toml",
                setting.key
            );
            assert_eq!(setting.source, Layer::Default, "{}", setting.key);
            assert!(setting.secret || setting.value == setting.default, "{}", setting.key);
        }
        let in_chinese: Table = MEANINGS_ZH.parse().unwrap();
        let told: usize = in_chinese
            .values()
            .map(|section| section.as_table().unwrap().len())
            .sum();
        assert_eq!(told, many, "config/meanings.zh-CN.toml has keys that there are not");
        assert!(
            one(&settings, "server.minimum_rate")
                .meaning
                .contains("minimum_rate bytes")
        );
        assert!(one(&settings, "jobs.tick").meaning.starts_with("Seconds between"));
    }

    #[test]
    fn a_secret_is_never_shown_wherever_it_was_set() {
        let token = "a-token-of-thirty-two-characters-0123";
        let settings = loaded(vec![
            set("MENJIN__ADMIN__TOKEN", token),
            set("MENJIN__WECOM__PROXY", "http://me:hidden@proxy.example:3128"),
            set("MENJIN__DATABASE__URL", "postgres://menjin:hidden@db.example/menjin"),
            set("MENJIN__SEAL__KEY", &"ab".repeat(32)),
            set("MENJIN__SERVER__WORKERS", "3"),
        ]);
        let all = serde_json::to_string(&settings).unwrap();
        for secret in [token, "hidden", "abababab"] {
            assert!(!all.contains(secret), "{secret} is shown");
        }
        assert_eq!(one(&settings, "admin.token").value, json!(SET));
        assert_eq!(one(&settings, "ephemeral.url").value, json!(NOT_SET));
        let workers = one(&settings, "server.workers");
        assert_eq!((&workers.value, &workers.default), (&json!(3), &json!(0)));
        assert_eq!(
            (workers.source, workers.variable.as_str()),
            (Layer::Environment, "MENJIN__SERVER__WORKERS")
        );
    }
}
