//! *Same over the API*: the calls of a page, and those that its buttons make, as somebody would make them in a shell, with no secret in them. Pure.

use std::{cell::RefCell, collections::BTreeMap};

use actix_web::http::Method;
use serde_json::Value;

use super::{acts::all_on, address::filled};

/// A call for a shell.
pub(super) struct Told<'a> {
    pub method: &'a Method,
    /// Path and query below the API's.
    pub path: &'a str,
    pub body: Option<&'a Value>,
    /// The entity tag that must still stand.
    pub if_match: Option<&'a str>,
}

/// The calls of one page.
#[derive(Default)]
pub(super) struct Calls {
    /// The address under which the server is reached.
    public_url: String,
    /// The page: its address below `/console` as it is mounted, and what stands for the names in it.
    page: String,
    parts: Vec<(String, String)>,
    made: RefCell<Vec<String>>,
    /// Entity tags of what was read, by path.
    tags: RefCell<BTreeMap<String, String>>,
}

impl Calls {
    /// Of the page that is mounted at `page`, with what stands for the names in its address.
    pub fn new(public_url: &str, page: &str, parts: Vec<(String, String)>) -> Self {
        Self {
            public_url: public_url.to_owned(),
            page: page.to_owned(),
            parts,
            ..Self::default()
        }
    }

    /// A call was made.
    pub fn note(&self, told: &Told<'_>) {
        self.made.borrow_mut().push(self.curl(told));
    }

    /// What was read at a path had this entity tag.
    pub fn saw(&self, path: &str, tag: &str) {
        self.tags.borrow_mut().insert(path.to_owned(), tag.to_owned());
    }

    /// The calls so far.
    pub fn made(&self) -> Vec<String> {
        self.made.borrow().clone()
    }

    /// Those that the buttons of the page make. What the page does not know is left in capitals, and what somebody enters as `…`.
    pub fn offered(&self) -> Vec<String> {
        let known = || self.parts.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let mut offered = Vec::new();
        for call in all_on(&self.page).flat_map(|act| act.calls().collect::<Vec<_>>()) {
            let path = capitals(&filled(call.path, known()));
            let body = call.body.map(|body| filled(body, known()));
            let body: Option<Value> = body.and_then(|body| serde_json::from_str(&body).ok());
            let tags = self.tags.borrow();
            // The tag of a part is that of the whole where the part has none of its own.
            let mut above = std::iter::successors(Some(path.as_str()), |path| Some(path.rsplit_once('/')?.0));
            let tag = above.find_map(|path| tags.get(path)).map(String::as_str);
            offered.push(self.curl(&Told {
                method: &call.method,
                path: &path,
                body: body.as_ref(),
                if_match: tag.filter(|_| call.tagged),
            }));
        }
        offered.dedup();
        offered
    }

    /// The same call for a shell, with the token in a file.
    fn curl(&self, told: &Told<'_>) -> String {
        let method = match *told.method {
            Method::GET => String::new(),
            ref method => format!("-X {method} "),
        };
        let quoted = |text: &str| text.replace('\'', "'\\''");
        let if_match = told
            .if_match
            .map(|tag| format!(" \\\n  -H 'if-match: {}'", quoted(tag)));
        let body = told.body.map(|body| {
            let body = quoted(&masked(body).to_string());
            format!(" \\\n  -H 'content-type: application/json' -d '{body}'")
        });
        format!(
            "curl -sS -H @menjin-token {method}'{}{}{}'{}{}",
            self.public_url,
            super::api::BASE,
            told.path,
            if_match.unwrap_or_default(),
            body.unwrap_or_default()
        )
    }
}

/// What nobody knows yet, as a word to be replaced: `{session}` becomes `SESSION_ID`.
fn capitals(path: &str) -> String {
    let part = |part: &str| match part.strip_prefix('{').and_then(|part| part.strip_suffix('}')) {
        Some(name) => format!("{}_ID", name.to_uppercase()),
        None => part.to_owned(),
    };
    path.split('/').map(part).collect::<Vec<_>>().join("/")
}

/// Whether what stands in a field of this name is never shown again.
pub(super) fn is_secret(name: &str) -> bool {
    // That one is to go is none.
    name.ends_with("secret") && !name.starts_with("remove_")
        || matches!(name, "password" | "token" | "encoding_aes_key")
}

/// A body with a sign in the place of each secret: the page must not bring back what was typed.
fn masked(body: &Value) -> Value {
    match body {
        Value::Object(members) => {
            let member = |(name, value): (&String, &Value)| {
                let value = match value {
                    Value::String(_) if is_secret(name) => "…".into(),
                    value => masked(value),
                };
                (name.clone(), value)
            };
            Value::Object(members.iter().map(member).collect())
        }
        Value::Array(entries) => entries.iter().map(masked).collect(),
        value => value.clone(),
    }
}

#[cfg(test)]
mod tests {
    use actix_web::http::Method;
    use serde_json::json;

    use super::{Calls, Told};

    #[test]
    fn a_call_for_a_shell_shows_no_secret() {
        let calls = Calls::new("https://sso.example", "", Vec::new());
        let body =
            json!({ "name": "it's", "app": { "secret": "s3cret" }, "contacts_secret": "s3cret", "token": "s3cret" });
        calls.note(&Told {
            method: &Method::POST,
            path: "data-sources",
            body: Some(&body),
            if_match: None,
        });
        let call = calls.made().pop().unwrap();
        assert!(call.contains("'\\''s") && !call.contains("s3cret"), "{call}");
        assert!(call.contains("'https://sso.example/api/v1/data-sources'"), "{call}");
    }

    #[test]
    fn the_calls_of_the_buttons_have_what_the_page_knows_and_words_for_the_rest() {
        let parts = vec![("id".to_owned(), "7".to_owned())];
        let calls = Calls::new("https://sso.example", "/portals/{id}/delete", parts.clone());
        calls.saw("clients/7", "\"3\"");
        let call =
            "curl -sS -H @menjin-token -X DELETE 'https://sso.example/api/v1/clients/7' \\\n  -H 'if-match: \"3\"'";
        assert_eq!(calls.offered(), [call]);
        let calls = Calls::new("https://sso.example", "/people/{id}/sessions", parts);
        assert!(calls.offered()[0].contains("-X DELETE 'https://sso.example/api/v1/sessions/SESSION_ID'"));
    }
}
