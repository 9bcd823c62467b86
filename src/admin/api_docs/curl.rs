//! A call with curl, made of the document's examples.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

use super::document::{Document, flag, text};

/// What must be encoded in a part of a URL (RFC 3986 §2.3). The shell takes nothing else for its own between double quotes.
const PART: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
/// Where the API's paths begin; the examples of the documents call the whole `$API`.
const ROOT: &str = "/api/v1";

/// What a call is made of.
pub struct Call<'a> {
    /// In capital letters.
    pub method: &'a str,
    /// With `{parameters}`.
    pub path: &'a str,
    /// Parameters of path, query and header, references followed.
    pub parameters: &'a [&'a Value],
    /// Content type and schema of the body, if one is sent.
    pub body: Option<(&'a str, &'a Value)>,
    /// Whether it needs a token.
    pub is_authenticated: bool,
    /// Whether the answer goes on until something is over.
    pub is_stream: bool,
}

impl<'a> Document<'a> {
    /// The command.
    pub fn call(self, call: &Call<'a>) -> String {
        let mut words = vec![if call.is_stream { "curl -sSN" } else { "curl -sS" }.to_owned()];
        if call.method != "GET" {
            words.push(format!("-X {}", call.method));
        }
        words.push(format!("\"{}\"", self.address(call)));
        let mut lines = vec![words.join(" ")];
        if call.is_authenticated {
            // Everybody on the machine may read the arguments of a program; `printf` is the shell itself.
            lines.push("-H @<(printf 'Authorization: Bearer %s' \"$TOKEN\")".to_owned());
        }
        for parameter in in_place(call, "header") {
            let name = text(parameter, "name").unwrap_or_default();
            lines.push(format!("-H {}", quoted(&format!("{name}: {}", self.plain(parameter)))));
        }
        if let Some((media_type, media)) = call.body {
            lines.push(format!("-H {}", quoted(&format!("Content-Type: {media_type}"))));
            lines.push(format!("-d {}", quoted(&self.payload(media))));
        }
        lines.join(" \\\n  ")
    }

    fn address(self, call: &Call<'a>) -> String {
        let mut path = call.path.strip_prefix(ROOT).unwrap_or(call.path).to_owned();
        for parameter in in_place(call, "path") {
            let name = text(parameter, "name").unwrap_or_default();
            path = path.replace(&format!("{{{name}}}"), &encoded(&self.plain(parameter)));
        }
        let query: Vec<String> = in_place(call, "query")
            .map(|parameter| {
                let name = text(parameter, "name").unwrap_or_default();
                format!("{}={}", encoded(name), encoded(&self.plain(parameter)))
            })
            .collect();
        let mark = if query.is_empty() { "" } else { "?" };
        format!("$API{path}{mark}{}", query.join("&"))
    }

    /// The value of a parameter as it is sent: a text without quotes.
    fn plain(self, parameter: &'a Value) -> String {
        let schema = parameter.get("schema").unwrap_or(&Value::Null);
        let value = self
            .example(parameter)
            .cloned()
            .unwrap_or_else(|| self.value_of(schema));
        match value {
            Value::String(text) => text,
            other => other.to_string(),
        }
    }

    fn payload(self, media: &'a Value) -> String {
        let schema = media.get("schema").unwrap_or(&Value::Null);
        let value = self.example(media).cloned().unwrap_or_else(|| self.value_of(schema));
        serde_json::to_string_pretty(&value).unwrap_or_default()
    }
}

/// The parameters of one place that a call needs; what may be left out is left out.
fn in_place<'a>(call: &Call<'a>, place: &'a str) -> impl Iterator<Item = &'a Value> {
    let parameters: Vec<&'a Value> = call.parameters.to_vec();
    parameters
        .into_iter()
        .filter(move |parameter| text(parameter, "in") == Some(place) && flag(parameter, "required"))
}

fn encoded(part: &str) -> String {
    utf8_percent_encode(part, PART).to_string()
}

/// One word of a POSIX shell.
fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', "'\\''"))
}
