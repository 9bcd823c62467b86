//! Fields of forms as data: where the value of each stands in a resource, with which kind of input it is entered, what was sent, and what is
//! wrong with it. A form is a table of [`Spec`]s: from it come the page, the page again with its faults, and the body for the admin API.

use serde_json::{Map, Value};

use super::{
    form::Form,
    frame::Frame,
    refused::{FieldFault, Problem},
};

/// With which kind of input a value is entered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// One line; empty: null.
    Line,
    /// Several lines of free text.
    Text,
    /// Something that is entered but never shown; empty: nothing is sent.
    Secret,
    /// A list, an entry a line.
    Lines,
    /// A whole number; empty: null.
    Number,
    /// A box: true or false.
    Tick,
    /// One of these words.
    Choice(&'static [&'static str]),
    /// One of these numbers, or none.
    Numbers(&'static [&'static str]),
    /// Any of these words, as a list.
    Ticks(&'static [&'static str]),
}

/// A field of a form.
#[derive(Clone, Copy, Debug)]
pub struct Spec {
    /// Where the value stands in the resource: `app.agent_id`. Also the field's name.
    pub path: &'static str,
    /// Kind of input.
    pub kind: Kind,
    /// Whether a value is needed.
    pub required: bool,
}

/// A field that may be left empty.
pub const fn field(path: &'static str, kind: Kind) -> Spec {
    let required = false;
    Spec { path, kind, required }
}

/// A field that needs a value.
pub const fn needed(path: &'static str, kind: Kind) -> Spec {
    let required = true;
    Spec { path, kind, required }
}

/// An entry of a choice.
#[derive(Clone, Debug)]
pub struct Choice {
    /// What is sent.
    pub value: String,
    /// What is read.
    pub label: String,
    /// Whether it is chosen.
    pub chosen: bool,
}

/// A field as the page shows it.
#[derive(Clone, Debug)]
pub struct Field {
    /// Name in the form.
    pub name: String,
    /// What it is called.
    pub label: String,
    /// What belongs into it.
    pub hint: Option<String>,
    /// `line`, `text`, `secret`, `number`, `day`, `tick`, `choice` or `ticks`.
    pub kind: &'static str,
    /// What stands in it.
    pub value: String,
    /// What can be chosen.
    pub choices: Vec<Choice>,
    /// What is wrong.
    pub fault: Option<FieldFault>,
    /// Whether a value is needed.
    pub required: bool,
}

impl Field {
    /// A field whose label is the text under this key, with its hint under `KEY-hint` where there is one.
    pub fn new(frame: &Frame, key: &str, name: &str, kind: &'static str) -> Self {
        let hint_key = format!("{key}-hint");
        let hint = frame.t(&hint_key);
        Self {
            name: name.to_owned(),
            label: frame.t(key),
            hint: (hint != hint_key).then_some(hint),
            kind,
            value: String::new(),
            choices: Vec::new(),
            fault: None,
            required: false,
        }
    }

    /// With these to choose from.
    #[must_use]
    pub fn among(mut self, choices: Vec<Choice>) -> Self {
        self.choices = choices;
        self
    }

    /// With what stands in it.
    #[must_use]
    pub fn filled(mut self, value: &str) -> Self {
        value.clone_into(&mut self.value);
        self
    }

    /// With what is wrong with it.
    #[must_use]
    pub fn judged(self, problem: Option<&Problem>) -> Self {
        let name = self.name.clone();
        self.judged_as(&name, problem)
    }

    /// With what is wrong with what the API calls so.
    #[must_use]
    pub fn judged_as(mut self, name: &str, problem: Option<&Problem>) -> Self {
        self.fault = problem.and_then(|problem| problem.fault(name)).cloned();
        self
    }

    /// With what is wrong with it by the console's own words, the text under this key.
    #[must_use]
    pub fn faulty(mut self, frame: &Frame, key: &str) -> Self {
        self.fault = Some(FieldFault::told(&frame.t(key)));
        self
    }

    /// With what belongs into it.
    #[must_use]
    pub fn hinted(mut self, hint: String) -> Self {
        self.hint = Some(hint);
        self
    }

    /// One that needs a value.
    #[must_use]
    pub const fn needed(mut self) -> Self {
        self.required = true;
        self
    }

    /// `id` of the input.
    pub fn id(&self) -> String {
        format!("f-{}", self.name.replace(['.', '_'], "-"))
    }
}

/// What is wrong and stands at none of these fields.
pub fn others<'a, 'f>(
    problem: &'a Problem,
    fields: impl IntoIterator<Item = &'f Field> + Clone,
) -> Vec<&'a FieldFault> {
    let shown = |error: &&FieldFault| {
        let at = |field: &&Field| field.fault.as_ref().is_some_and(|own| own.pointer == error.pointer);
        fields.clone().into_iter().any(|field| at(&field))
    };
    problem.errors.iter().filter(|error| !shown(error)).collect()
}

/// What is shown in a form: the resource, or what was sent and refused.
#[derive(Clone, Copy)]
pub enum Filling<'a> {
    /// A resource as it is.
    Stored(&'a Value),
    /// A form, and why it was refused.
    Sent(&'a Form, &'a Problem),
}

impl Filling<'_> {
    /// The entity tag that a form carried along; empty: it was not sent.
    pub fn version(self) -> String {
        match self {
            Self::Sent(form, _) => form.get("version").unwrap_or_default().to_owned(),
            Self::Stored(_) => String::new(),
        }
    }
}

/// The fields of a form, with texts under `PREFIX-PATH` and words of choices under `PREFIX-PATH-WORD`.
pub fn fields(frame: &Frame, prefix: &str, specs: &[Spec], filling: Filling<'_>) -> Vec<Field> {
    let shown = |spec: &Spec| shown(frame, prefix, spec, filling);
    specs.iter().map(shown).collect()
}

fn shown(frame: &Frame, prefix: &str, spec: &Spec, filling: Filling<'_>) -> Field {
    let key = format!("{prefix}-{}", spec.path.replace(['.', '_'], "-"));
    let kind = match spec.kind {
        Kind::Line => "line",
        Kind::Text | Kind::Lines => "text",
        Kind::Secret => "secret",
        Kind::Number => "number",
        Kind::Tick => "tick",
        Kind::Choice(_) | Kind::Numbers(_) => "choice",
        Kind::Ticks(_) => "ticks",
    };
    let chosen = values(spec, filling);
    let choice = |word: &str| Choice {
        value: word.to_owned(),
        label: frame.word(&key, if word.is_empty() { "none" } else { word }),
        chosen: chosen.iter().any(|value| value == word) || (word.is_empty() && chosen.is_empty()),
    };
    let choices = match spec.kind {
        Kind::Choice(words) | Kind::Ticks(words) | Kind::Numbers(words) => {
            words.iter().map(|word| choice(word)).collect()
        }
        _ => Vec::new(),
    };
    let mut field = Field::new(frame, &key, spec.path, kind).among(choices);
    field.required = spec.required;
    if let Filling::Sent(_, problem) = filling {
        field = field.judged(Some(problem));
    }
    if spec.kind != Kind::Secret {
        field.value = chosen.join("\n");
    }
    field
}

/// The values of a field as texts: one of most kinds, `true` of a ticked box.
fn values(spec: &Spec, filling: Filling<'_>) -> Vec<String> {
    match filling {
        Filling::Sent(form, _) => match spec.kind {
            Kind::Tick => form.has(spec.path).then(|| "true".to_owned()).into_iter().collect(),
            _ => form
                .all(spec.path)
                .filter(|value| !value.is_empty())
                .map(str::to_owned)
                .collect(),
        },
        Filling::Stored(resource) => match at(resource, spec.path) {
            Value::Array(values) => values.iter().filter_map(text).collect(),
            value => text(value).into_iter().collect(),
        },
    }
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(true) => Some("true".to_owned()),
        _ => None,
    }
}

fn at<'a>(resource: &'a Value, path: &str) -> &'a Value {
    let mut value = resource;
    for name in path.split('.') {
        value = value.get(name).unwrap_or(&Value::Null);
    }
    value
}

/// The value of a field that was sent; `None`: nothing is to be said of it.
fn sent(form: &Form, spec: &Spec) -> Option<Value> {
    let line = form.get(spec.path);
    Some(match spec.kind {
        Kind::Secret => line?.into(),
        Kind::Line => line.map_or(Value::Null, Value::from),
        Kind::Text => line.unwrap_or_default().replace("\r\n", "\n").into(),
        Kind::Tick => form.has(spec.path).into(),
        Kind::Choice(_) => line?.into(),
        // What is no number is sent as it is: the API says what is wrong with it.
        Kind::Number | Kind::Numbers(_) => line.map_or(Value::Null, |line| {
            line.parse::<i64>().map_or_else(|_| line.into(), Value::from)
        }),
        Kind::Lines => lines(line.unwrap_or_default()).collect(),
        Kind::Ticks(_) => form.all(spec.path).filter(|word| !word.is_empty()).collect(),
    })
}

/// The lines of a text that have something on them.
pub fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines().map(str::trim).filter(|line| !line.is_empty())
}

/// What was sent, as the body of something new: what is empty is left out.
pub fn body(form: &Form, specs: &[Spec]) -> Value {
    let mut body = Value::Object(Map::new());
    for spec in specs {
        match sent(form, spec) {
            None | Some(Value::Null) => {}
            // An empty list would say *none*, where what was left empty is to have its default.
            Some(Value::Array(lines)) if spec.kind == Kind::Lines && lines.is_empty() => {}
            Some(value) => put(&mut body, spec.path, value),
        }
    }
    body
}

/// What was sent and differs from the resource, as a merge patch (RFC 7396).
pub fn change(form: &Form, specs: &[Spec], resource: &Value) -> Value {
    let mut patch = Value::Object(Map::new());
    for spec in specs {
        if let Some(value) = sent(form, spec)
            && value != *at(resource, spec.path)
        {
            put(&mut patch, spec.path, value);
        }
    }
    patch
}

/// Sets a value at a path, with the objects on the way there.
pub fn put(body: &mut Value, path: &str, value: Value) {
    let mut place = body;
    for name in path.split('.') {
        if !place.is_object() {
            *place = Value::Object(Map::new());
        }
        let Value::Object(object) = place else { return };
        place = object.entry(name).or_insert(Value::Null);
    }
    *place = value;
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const SPECS: [Spec; 7] = [
        needed("name", Kind::Line),
        field("description", Kind::Text),
        field("app.agent_id", Kind::Number),
        field("app.secret", Kind::Secret),
        field("hours", Kind::Numbers(&["", "4", "12"])),
        field("enabled", Kind::Tick),
        field("methods", Kind::Ticks(&["a", "b"])),
    ];

    fn form(pairs: &[(&str, &str)]) -> Form {
        Form::of(pairs)
    }

    #[test]
    fn what_is_new_leaves_out_what_is_empty() {
        let sent = form(&[
            ("name", " x "),
            ("app.agent_id", "7"),
            ("app.secret", ""),
            ("hours", ""),
            ("methods", "b"),
        ]);
        assert_eq!(
            body(&sent, &SPECS),
            json!({ "name": "x", "description": "", "app": { "agent_id": 7 }, "enabled": false, "methods": ["b"] })
        );
    }

    #[test]
    fn a_change_has_only_what_differs_and_no_empty_secret() {
        let stored = json!({ "name": "x", "description": "d", "app": { "agent_id": 7 }, "hours": 4, "enabled": true, "methods": ["a"] });
        let same = [
            ("name", "x"),
            ("description", "d"),
            ("app.agent_id", "7"),
            ("hours", "4"),
            ("enabled", "on"),
            ("methods", "a"),
        ];
        assert_eq!(change(&form(&same), &SPECS, &stored), json!({}));
        let other = [
            ("name", "y"),
            ("app.agent_id", "seven"),
            ("app.secret", "s"),
            ("description", "d"),
        ];
        assert_eq!(
            change(&form(&other), &SPECS, &stored),
            json!({ "name": "y", "app": { "agent_id": "seven", "secret": "s" }, "hours": null, "enabled": false, "methods": [] })
        );
    }
}
