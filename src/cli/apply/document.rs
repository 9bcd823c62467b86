//! The file as JSON values, the form in which the API takes them, with the line of each.

use std::collections::BTreeMap;

use serde_json::{Map, Number, Value};
use toml::{
    Spanned,
    de::{DeArray, DeTable, DeValue},
};

/// A file that is TOML.
#[derive(Debug, Default)]
pub(super) struct Document {
    /// Its tables.
    pub(super) tables: Map<String, Value>,
    lines: BTreeMap<String, usize>,
    starts: Vec<usize>,
}

/// Something wrong in the file: its line, and a sentence that names the place in the file and never its value.
pub(super) type Fault = (usize, String);

impl Document {
    /// Reads a file.
    ///
    /// # Errors
    /// All faults. A broken line is named by its place and never quoted, because a secret may stand in it.
    pub(super) fn read(text: &str) -> Result<Self, Vec<Fault>> {
        let breaks = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        let mut document = Self {
            starts: breaks.map(|(at, _)| at.saturating_add(1)).collect(),
            ..Self::default()
        };
        let (table, errors) = DeTable::parse_recoverable(text);
        let mut faults: Vec<Fault> = errors
            .iter()
            .map(|error| {
                let line = document.line_at(error.span().map_or(0, |span| span.start));
                (line, format!("is no TOML: {}", error.message()))
            })
            .collect();
        if faults.is_empty() {
            document.tables = document.table("", table.get_ref(), &mut faults);
        }
        match faults.is_empty() {
            true => Ok(document),
            false => Err(faults),
        }
    }

    /// The line of a place like `data_source[0].app.agent_id`; where nothing stands there, of what it would stand in.
    pub(super) fn line(&self, place: &str) -> usize {
        let mut place = place;
        loop {
            if let Some(line) = self.lines.get(place) {
                return *line;
            }
            match place.rfind(['.', '[']) {
                Some(end) => place = place.get(..end).unwrap_or_default(),
                None => return 1,
            }
        }
    }

    fn line_at(&self, offset: usize) -> usize {
        self.starts.partition_point(|start| *start <= offset).saturating_add(1)
    }

    fn table(&mut self, place: &str, table: &DeTable<'_>, faults: &mut Vec<Fault>) -> Map<String, Value> {
        let mut members = Map::new();
        for (name, value) in table {
            let inside = match place {
                "" => name.get_ref().to_string(),
                place => format!("{place}.{}", name.get_ref()),
            };
            let line = self.line_at(name.span().start);
            self.lines.insert(inside.clone(), line);
            if let Some(value) = self.value(&inside, value, faults) {
                members.insert(name.get_ref().to_string(), value);
            }
        }
        members
    }

    fn list(&mut self, place: &str, items: &DeArray<'_>, faults: &mut Vec<Fault>) -> Vec<Value> {
        let mut list = Vec::new();
        for (index, item) in items.iter().enumerate() {
            let inside = format!("{place}[{index}]");
            let line = self.line_at(item.span().start);
            self.lines.insert(inside.clone(), line);
            list.extend(self.value(&inside, item, faults));
        }
        list
    }

    fn value(&mut self, place: &str, value: &Spanned<DeValue<'_>>, faults: &mut Vec<Fault>) -> Option<Value> {
        let read = match value.get_ref() {
            DeValue::String(text) => Some(Value::String(text.to_string())),
            DeValue::Boolean(yes) => Some(Value::Bool(*yes)),
            DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix())
                .ok()
                .map(Value::from),
            DeValue::Float(number) => {
                let number = number.as_str().parse().ok().and_then(Number::from_f64);
                number.map(Value::Number)
            }
            DeValue::Datetime(_) => None,
            DeValue::Array(items) => Some(Value::Array(self.list(place, items, faults))),
            DeValue::Table(table) => Some(Value::Object(self.table(place, table, faults))),
        };
        if read.is_none() {
            faults.push((
                self.line(place),
                format!("{place}: the API takes no such value; moments are milliseconds since 1970"),
            ));
        }
        read
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::Document;

    const TEXT: &str = "[[data_source]]\nname = \"a\"\nhours = 0x10\n\n[data_source.app]\nagent_id = 1_000_002\n\n[[data_source]]\nlist = [\n  \"x\",\n  \"y\",\n]\n";

    #[test]
    fn values_are_json_and_know_their_lines() {
        let document = Document::read(TEXT).unwrap();
        assert_eq!(
            json!(document.tables),
            json!({ "data_source": [
                { "name": "a", "hours": 16, "app": { "agent_id": 1_000_002 } },
                { "list": ["x", "y"] },
            ] })
        );
        for (place, line) in [
            ("data_source[0]", 1),
            ("data_source[0].hours", 3),
            ("data_source[0].app.agent_id", 6),
            ("data_source[0].app.secret", 5),
            ("data_source[1].list[1]", 11),
            ("data_source[1].unknown.deep", 8),
            ("elsewhere", 1),
        ] {
            assert_eq!(document.line(place), line, "{place}");
        }
    }

    #[test]
    fn what_is_no_toml_and_what_json_cannot_hold_is_named_by_its_line_only() {
        let faults = Document::read("a = 1\nsecret = hunter2\n").unwrap_err();
        assert_eq!(faults[0].0, 2, "{faults:?}");
        assert!(!faults[0].1.contains("hunter2"), "{faults:?}");
        let faults = Document::read("a = 1\nb = 1979-05-27\nc = nan\nd = 99999999999999999999\n").unwrap_err();
        let lines: Vec<usize> = faults.iter().map(|fault| fault.0).collect();
        assert_eq!(lines, [2, 3, 4], "{faults:?}");
    }
}
