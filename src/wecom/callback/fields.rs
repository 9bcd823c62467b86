//! Parses a callback's document into a flat list of fields, from XML or from its JSON twin (reference 6.5, 6.6).
//!
//! Nested fields are kept by path, as `BatchJob/JobId`; names are compared without letter case, since the outer JSON writes them small.
//! Document types are refused, and no entity is known but the five of XML, so nothing is ever expanded or fetched; attributes are not read.
//!
//! Read tolerantly (reference 17.2): what a character of somebody's name was cut to costs that name, never the event. [`BROKEN`] stands in its place,
//! and a field that bears it was not told. Structure is not guessed at.

use std::collections::BTreeMap;

use quick_xml::{Reader, escape::resolve_predefined_entity, events::Event};
use serde_json::Value;

use super::error::CallbackError;
use crate::wecom::lenient::{BROKEN, mend};

const DEEPEST: usize = 8;
const MOST_FIELDS: usize = 500;

type Answer<T> = Result<T, CallbackError>;

/// Fields by lower-case path.
#[derive(Debug, Default)]
pub(super) struct Fields(BTreeMap<String, String>);

impl Fields {
    /// Reads either kind; JSON is known by its first character.
    pub(super) fn read(document: &[u8]) -> Answer<Self> {
        let text = String::from_utf8_lossy(document);
        let text = text.trim_start_matches('\u{feff}').trim();
        if text.starts_with('{') {
            Self::json(text)
        } else {
            Self::xml(text)
        }
    }

    /// A field that is not empty, and could be read whole.
    pub(super) fn text(&self, path: &str) -> Option<&str> {
        let found = self.0.get(&path.to_ascii_lowercase())?.trim();
        Some(found).filter(|text| !text.is_empty() && !text.contains(BROKEN))
    }

    /// A whole number.
    pub(super) fn int(&self, path: &str) -> Option<i64> {
        self.text(path)?.parse().ok()
    }

    /// A comma-separated list of whole numbers; items that are none are left out, since events are only hints.
    pub(super) fn ints(&self, path: &str) -> Vec<i64> {
        let list = self.text(path).unwrap_or_default();
        list.split(',').filter_map(|item| item.trim().parse().ok()).collect()
    }

    /// Keeps the first of repeated fields.
    fn put(&mut self, path: &[String], text: String) -> Answer<()> {
        if self.0.len() >= MOST_FIELDS {
            return Err(CallbackError::Unreadable("too many fields"));
        }
        self.0.entry(path.join("/").to_ascii_lowercase()).or_insert(text);
        Ok(())
    }

    fn json(text: &str) -> Answer<Self> {
        let value: Value = serde_json::from_str(text)
            .or_else(|_| serde_json::from_str(&mend(text.as_bytes())))
            .map_err(|_| CallbackError::Unreadable("broken JSON"))?;
        let mut fields = Self::default();
        fields.flatten(&value, &mut Vec::new())?;
        Ok(fields)
    }

    /// serde_json bounds the depth itself.
    fn flatten(&mut self, value: &Value, path: &mut Vec<String>) -> Answer<()> {
        match value {
            Value::Object(object) => {
                for (name, value) in object {
                    path.push(name.clone());
                    self.flatten(value, path)?;
                    path.pop();
                }
                Ok(())
            }
            Value::Array(items) => {
                let items: Vec<String> = items.iter().map(plain).collect();
                self.put(path, items.join(","))
            }
            value => self.put(path, plain(value)),
        }
    }

    fn xml(text: &str) -> Answer<Self> {
        let mut reader = Reader::from_str(text);
        reader.config_mut().expand_empty_elements = true;
        reader.config_mut().allow_dangling_amp = true;
        let mut open = Open::default();
        loop {
            match reader
                .read_event()
                .map_err(|_| CallbackError::Unreadable("broken XML"))?
            {
                Event::Start(tag) => open.enter(tag.local_name().as_ref())?,
                Event::End(_) => open.leave()?,
                Event::Text(text) => open.add(&text.xml10_content())?,
                Event::CData(text) => open.add(&text.into_inner())?,
                Event::GeneralRef(reference) => {
                    let character = reference.resolve_char_ref().ok().flatten().map(String::from);
                    let entity = resolve_predefined_entity(&reference).map(str::to_owned);
                    open.add(&character.or(entity).unwrap_or_else(|| BROKEN.to_string()))?;
                }
                Event::DocType(_) => return Err(CallbackError::Unreadable("an XML document type")),
                Event::Decl(_) | Event::Comment(_) | Event::PI(_) | Event::Empty(_) => {}
                Event::Eof => return open.done(),
            }
        }
    }
}

fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        value => value.to_string(),
    }
}

/// The elements entered so far, without the root.
#[derive(Default)]
struct Open {
    rooted: bool,
    closed: bool,
    /// Names and texts of the elements below the root that are still open.
    path: Vec<String>,
    texts: Vec<String>,
    fields: Fields,
}

impl Open {
    fn enter(&mut self, name: &str) -> Answer<()> {
        if self.closed {
            return Err(CallbackError::Unreadable("more than one XML root"));
        }
        if !self.rooted {
            self.rooted = true;
            return Ok(());
        }
        if self.path.len() >= DEEPEST {
            return Err(CallbackError::Unreadable("too deep"));
        }
        self.path.push(name.to_owned());
        self.texts.push(String::new());
        Ok(())
    }

    fn leave(&mut self) -> Answer<()> {
        match self.texts.pop() {
            Some(text) => {
                self.fields.put(&self.path, text)?;
                self.path.pop();
            }
            None => self.closed = true,
        }
        Ok(())
    }

    /// Text between elements must be blank: anything else is not a callback.
    fn add(&mut self, text: &str) -> Answer<()> {
        match self.texts.last_mut() {
            Some(open) => open.push_str(text),
            None if text.trim().is_empty() => {}
            None => return Err(CallbackError::Unreadable("text outside elements")),
        }
        Ok(())
    }

    fn done(self) -> Answer<Fields> {
        if self.closed {
            Ok(self.fields)
        } else {
            Err(CallbackError::Unreadable("truncated XML"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Answer<Fields> {
        Fields::read(text.as_bytes())
    }

    #[test]
    fn xml_is_read_in_any_order_with_and_without_cdata() {
        let fields = read(
            "\u{feff}<?xml version=\"1.0\"?>\n<xml>\n <B><![CDATA[2,7]]></B><!-- x -->\n<A>a &amp; &#x674e;</A><E/>\
             <Job><Id>j</Id></Job><A>again</A></xml>\n",
        )
        .unwrap();
        assert_eq!((fields.text("a"), fields.text("E")), (Some("a & 李"), None));
        assert_eq!((fields.ints("B"), fields.text("Job/Id")), (vec![2, 7], Some("j")));
    }

    #[test]
    fn json_is_read_with_the_same_names() {
        let fields =
            read(r#" {"tousername":"ww1","encrypt":"X","agentid":218,"BatchJob":{"JobId":"j"},"l":[2,"7"],"n":null}"#);
        let fields = fields.unwrap();
        assert_eq!((fields.text("Encrypt"), fields.int("AgentID")), (Some("X"), Some(218)));
        assert_eq!(
            (fields.text("BatchJob/JobId"), fields.ints("L"), fields.text("N")),
            (Some("j"), vec![2, 7], None)
        );
    }

    #[test]
    fn what_could_expand_or_hide_is_refused() {
        let deep = format!("<xml>{}{}</xml>", "<a>".repeat(9), "</a>".repeat(9));
        let many: String = (0..=MOST_FIELDS).map(|n| format!("<f{n}/>")).collect();
        let many = format!("<xml>{many}</xml>");
        let documents = [
            "<!DOCTYPE xml [<!ENTITY e \"x\">]><xml><a>&e;</a></xml>",
            "<!DOCTYPE xml SYSTEM \"file:///etc/passwd\"><xml/>",
            "<xml><a>1</a>",
            "<xml><a>1</b></xml>",
            "<xml/><xml/>",
            "<xml>loose</xml>",
            "loose",
            "",
            "{\"a\":",
            &deep,
            &many,
        ];
        for document in documents {
            assert!(
                matches!(read(document), Err(CallbackError::Unreadable(_))),
                "{document}"
            );
        }
        assert!(Fields::read(b"<xml>\xff</xml>").is_err());
    }

    #[test]
    fn what_is_broken_in_one_field_costs_that_field_alone() {
        let rest = "<UserID>lihua</UserID><Dept>2</Dept></xml>";
        for broken in [
            &b"<Name>\xe5\x8d</Name>"[..],
            b"<Name><![CDATA[\xff\xfe]]></Name>",
            b"<Name>&nbsp;</Name>",
            b"<Name>&e;</Name>",
            b"<Name>&#0;</Name>",
            b"<Name>&#xFFFFFFFF;</Name>",
        ] {
            let document = [b"<xml>", broken, rest.as_bytes()].concat();
            let fields = Fields::read(&document).unwrap_or_else(|error| panic!("{error:?}: {broken:?}"));
            assert_eq!((fields.text("UserID"), fields.int("Dept")), (Some("lihua"), Some(2)));
            assert_eq!(fields.text("Name"), None, "{broken:?}");
        }
        let fields = Fields::read(format!("<xml><Name>A & B &c</Name>{rest}").as_bytes()).unwrap();
        assert_eq!(
            (fields.text("Name"), fields.text("UserID")),
            (Some("A & B &c"), Some("lihua"))
        );
        let fields = Fields::read(b"{\"Name\":\"a\xff\x01\\q\",\"UserID\":\"lihua\",\"Id\":2}").unwrap();
        assert_eq!(
            (fields.text("UserID"), fields.int("Id"), fields.text("Name")),
            (Some("lihua"), Some(2), None)
        );
    }
}
