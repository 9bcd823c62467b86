//! Reads an OpenAPI document into what the pages show.

use serde_json::Value;

use super::{
    curl::Call,
    document::{Document, flag, list, text},
    model::{Body, Field, Group, Operation, Parameter, Reference, Response},
    prose,
};

/// Methods in the order in which they are shown.
const METHODS: [&str; 7] = ["get", "head", "post", "put", "patch", "delete", "options"];
/// Content type of failures (RFC 9457).
const PROBLEM: &str = "application/problem+json";

/// Reads a document. What it does not have is empty.
pub fn read(document: &Value) -> Reference {
    let document = Document(document);
    let info = document.0.get("info").unwrap_or(&Value::Null);
    let tags = tags(document);
    let operations: Vec<(String, Operation)> = operations(document);
    let mut groups: Vec<Group> = tags.into_iter().map(|(name, told)| group(&name, told)).collect();
    for (tag, operation) in operations {
        match groups.iter_mut().find(|group| group.name == tag) {
            Some(group) => group.operations.push(operation),
            None => {
                let mut added = group(&tag, "");
                added.operations.push(operation);
                groups.push(added);
            }
        }
    }
    groups.retain(|group| !group.operations.is_empty());
    Reference {
        title: text(info, "title").unwrap_or_default().to_owned(),
        version: text(info, "version").unwrap_or_default().to_owned(),
        description: described(info),
        problem: problem(document),
        groups,
    }
}

/// Tags with what the document says of them.
fn tags<'a>(document: Document<'a>) -> Vec<(String, &'a str)> {
    let tags = list(document.0, "tags").into_iter().flatten();
    tags.filter_map(|tag| {
        let name = text(tag, "name")?.to_owned();
        Some((name, text(tag, "description").unwrap_or_default()))
    })
    .collect()
}

fn group(name: &str, description: &str) -> Group {
    Group {
        name: name.to_owned(),
        slug: slug(name),
        description: prose::blocks(description),
        operations: Vec::new(),
    }
}

fn operations(document: Document<'_>) -> Vec<(String, Operation)> {
    let mut found = Vec::new();
    for (path, item) in document.0.get("paths").and_then(Value::as_object).into_iter().flatten() {
        for method in METHODS {
            let Some(operation) = item.get(method) else { continue };
            let tag = list(operation, "tags").and_then(|tags| tags.first()?.as_str());
            let read = Source {
                document,
                path,
                method,
                item,
                operation,
            };
            found.push((tag.unwrap_or("other").to_owned(), read.operation()));
        }
    }
    found
}

/// One operation in the document.
struct Source<'a> {
    document: Document<'a>,
    path: &'a str,
    method: &'static str,
    item: &'a Value,
    operation: &'a Value,
}

impl<'a> Source<'a> {
    fn operation(&self) -> Operation {
        let by_method = || slug(&format!("{} {}", self.method, self.path));
        Operation {
            anchor: text(self.operation, "operationId").map_or_else(by_method, slug),
            method: self.method.to_uppercase(),
            path: self.path.to_owned(),
            summary: text(self.operation, "summary").unwrap_or_default().to_owned(),
            description: described(self.operation),
            is_public: self.is_public(),
            is_deprecated: flag(self.operation, "deprecated"),
            parameters: self.parameters().into_iter().map(|one| self.parameter(one)).collect(),
            body: self.body(),
            responses: self
                .responses()
                .map(|(status, one)| self.response(status, one))
                .collect(),
            call: self.call(),
        }
    }

    /// Whether no token is needed: no security at all, or one alternative that asks for none.
    fn is_public(&self) -> bool {
        let security = list(self.operation, "security").or_else(|| list(self.document.0, "security"));
        security.is_none_or(|ways| ways.is_empty() || ways.iter().any(|way| way == &serde_json::json!({})))
    }

    /// The parameters of the operation and of its path, references followed.
    fn parameters(&self) -> Vec<&'a Value> {
        let of = |holder: &'a Value| list(holder, "parameters").into_iter().flatten();
        let all = of(self.item).chain(of(self.operation));
        let mut found: Vec<&Value> = all.map(|one| self.document.resolve(one).value).collect();
        found.sort_by_key(|one| match text(one, "in") {
            Some("path") => 0,
            Some("query") => 1,
            _ => 2,
        });
        found
    }

    fn parameter(&self, parameter: &'a Value) -> Parameter {
        let schema = parameter.get("schema").unwrap_or(&Value::Null);
        let name = text(parameter, "name").unwrap_or_default().to_owned();
        let mut field = self.document.field(name, schema, flag(parameter, "required"));
        if let Some(told) = text(parameter, "description") {
            field.description = prose::blocks(told);
        }
        if let Some(example) = self.document.example(parameter) {
            field.example = Some(example.to_string());
        }
        Parameter {
            place: text(parameter, "in").unwrap_or_default().to_owned(),
            field,
        }
    }

    fn request(&self) -> Option<(&'a Value, &'a str, &'a Value)> {
        let body = self.document.resolve(self.operation.get("requestBody")?).value;
        let (media_type, media) = content(body)?;
        Some((body, media_type, media))
    }

    fn body(&self) -> Option<Body> {
        let (body, media_type, media) = self.request()?;
        let schema = media.get("schema").unwrap_or(&Value::Null);
        Some(Body {
            media_type: media_type.to_owned(),
            is_required: flag(body, "required"),
            kind: self.document.kind(schema),
            fields: self.document.fields(schema),
        })
    }

    fn responses(&self) -> impl Iterator<Item = (&'a str, &'a Value)> + use<'a> {
        let document = self.document;
        let responses = self.operation.get("responses").and_then(Value::as_object);
        let all = responses.into_iter().flatten();
        all.map(move |(status, one)| (status.as_str(), document.resolve(one).value))
    }

    fn response(&self, status: &str, response: &'a Value) -> Response {
        let content = content(response);
        let media_type = content.map(|(media_type, _)| media_type);
        let schema = content.and_then(|(_, media)| media.get("schema"));
        let is_problem = media_type == Some(PROBLEM);
        let shown = schema.filter(|_| !is_problem);
        Response {
            status: status.to_owned(),
            description: described(response),
            media_type: media_type.map(str::to_owned),
            kind: shown.map_or_else(String::new, |schema| self.document.kind(schema)),
            is_problem,
            headers: self.headers(response),
            fields: shown.map_or_else(Vec::new, |schema| self.document.fields(schema)),
        }
    }

    fn headers(&self, response: &'a Value) -> Vec<Field> {
        let headers = response.get("headers").and_then(Value::as_object);
        let all = headers.into_iter().flatten();
        all.map(|(name, header)| {
            let header = self.document.resolve(header).value;
            let schema = header.get("schema").unwrap_or(&Value::Null);
            let mut field = self.document.field(name.clone(), schema, false);
            if let Some(told) = text(header, "description") {
                field.description = prose::blocks(told);
            }
            field
        })
        .collect()
    }

    fn call(&self) -> String {
        let parameters = self.parameters();
        let body = self.request().filter(|(body, _, media)| {
            flag(body, "required")
                || media
                    .get("schema")
                    .is_some_and(|schema| !self.document.fields(schema).is_empty())
        });
        self.document.call(&Call {
            method: &self.method.to_uppercase(),
            path: self.path,
            parameters: &parameters,
            body: body.map(|(_, media_type, media)| (media_type, media)),
            is_authenticated: !self.is_public(),
            is_stream: self
                .responses()
                .any(|(_, one)| one.pointer("/content/text~1event-stream").is_some()),
        })
    }
}

/// The content that is shown where there are several types: JSON first.
fn content(holder: &Value) -> Option<(&str, &Value)> {
    let types = holder.get("content")?.as_object()?;
    let json = types.iter().find(|(media_type, _)| *media_type == "application/json");
    let (media_type, media) = json.or_else(|| types.iter().next())?;
    Some((media_type, media))
}

/// The fields of a problem, from the first answer that is one.
fn problem(document: Document<'_>) -> Vec<Field> {
    let paths = document.0.get("paths").and_then(Value::as_object).into_iter().flatten();
    let operations = paths.flat_map(|(_, item)| METHODS.iter().filter_map(|method| item.get(method)));
    let answers = operations.flat_map(|one| one.get("responses").and_then(Value::as_object).into_iter().flatten());
    let schema = answers
        .map(|(_, answer)| document.resolve(answer).value)
        .find_map(|answer| answer.get("content")?.get(PROBLEM)?.get("schema"));
    schema.map_or_else(Vec::new, |schema| document.fields(schema))
}

fn described(holder: &Value) -> Vec<prose::Block> {
    prose::blocks(text(holder, "description").unwrap_or_default())
}

/// A name as a part of a URL: small letters and digits, everything else a hyphen.
fn slug(name: &str) -> String {
    let letters = name.chars().map(|letter| {
        if letter.is_ascii_alphanumeric() {
            letter.to_ascii_lowercase()
        } else {
            ' '
        }
    });
    let letters: String = letters.collect();
    letters.split_whitespace().collect::<Vec<_>>().join("-")
}
