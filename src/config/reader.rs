//! Reads single keys of the merged table by type and adds a sentence per fault. It does not know what the values mean.

use std::time::Duration;

use toml::{Table, Value};

use super::layers::DEFAULTS;
use crate::kernel::secret::Secret;

/// The table being read, with the faults and warnings found so far.
pub struct Reader<'a> {
    table: &'a Table,
    defaults: Table,
    faults: &'a mut Vec<String>,
    /// Whether addresses may be plain http on any host.
    pub plain_http: bool,
    /// One sentence each.
    pub warnings: Vec<String>,
}

impl<'a> Reader<'a> {
    /// Reads this table; faults go to the list.
    pub fn new(table: &'a Table, faults: &'a mut Vec<String>) -> Self {
        Self {
            table,
            defaults: DEFAULTS.parse().unwrap_or_default(),
            faults,
            plain_http: false,
            warnings: Vec::new(),
        }
    }
}

impl Reader<'_> {
    /// Adds a fault.
    pub fn fault(&mut self, sentence: impl Into<String>) {
        self.faults.push(sentence.into());
    }

    /// Adds a warning.
    pub fn warn(&mut self, sentence: impl Into<String>) {
        self.warnings.push(sentence.into());
    }

    /// A text without surrounding space.
    pub fn text(&self, section: &str, key: &str) -> String {
        text(self.table, section, key)
    }

    /// A number from `least` to `most`.
    pub fn between<T: TryFrom<i64> + Default>(&mut self, section: &str, key: &str, (least, most): (i64, i64)) -> T {
        let value = value(self.table, section, key)
            .and_then(Value::as_integer)
            .unwrap_or_default();
        let fitting = (least..=most).contains(&value).then(|| T::try_from(value).ok());
        fitting.flatten().unwrap_or_else(|| {
            self.fault(format!("{section}.{key} must be between {least} and {most}"));
            T::default()
        })
    }

    /// A boolean.
    pub fn yes(&self, section: &str, key: &str) -> bool {
        value(self.table, section, key)
            .and_then(Value::as_bool)
            .unwrap_or_default()
    }

    /// A part of something, from 0 to 1.
    pub fn ratio(&mut self, section: &str, key: &str) -> f64 {
        let value = value(self.table, section, key).and_then(Value::as_float);
        value.filter(|value| (0.0..=1.0).contains(value)).unwrap_or_else(|| {
            self.fault(format!("{section}.{key} must be between 0.0 and 1.0"));
            0.0
        })
    }

    /// A duration of at least one second.
    pub fn seconds(&mut self, section: &str, key: &str) -> Duration {
        Duration::from_secs(self.between(section, key, (1, i64::from(u32::MAX))))
    }

    /// One of these words.
    pub fn one_of(&mut self, section: &str, key: &str, choices: &[&str]) -> String {
        let value = self.text(section, key);
        if !choices.contains(&value.as_str()) {
            self.fault(format!("{section}.{key} must be one of: {}", choices.join(", ")));
        }
        value
    }

    /// A secret given directly or by `KEY_file`; both at once is a fault, except where the direct one is only the default. Neither: `None`.
    pub fn secret(&mut self, section: &str, key: &str) -> Option<Secret<String>> {
        let file = self.text(section, &format!("{key}_file"));
        if file.is_empty() {
            let value = self.text(section, key);
            return (!value.is_empty()).then(|| Secret::new(value));
        }
        self.not_both(section, key);
        match std::fs::read_to_string(&file) {
            Ok(content) => Some(Secret::new(content.trim().to_owned())),
            Err(error) => {
                self.fault(format!("{section}.{key}_file: {file}: {error}"));
                None
            }
        }
    }

    /// Adds a fault if both `KEY` and `KEY_file` differ from their defaults: it would be unclear which one counts.
    pub fn not_both(&mut self, section: &str, key: &str) {
        let file = format!("{key}_file");
        if self.is_set(section, key) && self.is_set(section, &file) {
            self.fault(format!("{section}.{key} and {section}.{file} are both set; keep one"));
        }
    }

    fn is_set(&self, section: &str, key: &str) -> bool {
        let text_here = self.text(section, key);
        !text_here.is_empty() && text_here != text(&self.defaults, section, key)
    }
}

fn value<'a>(table: &'a Table, section: &str, key: &str) -> Option<&'a Value> {
    table.get(section)?.get(key)
}

fn text(table: &Table, section: &str, key: &str) -> String {
    value(table, section, key)
        .and_then(Value::as_str)
        .unwrap_or_default()
        .trim()
        .to_owned()
}
