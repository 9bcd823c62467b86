//! What a page about the API shows.

use super::prose::Block;

/// The whole API.
pub struct Reference {
    /// Name of the API.
    pub title: String,
    /// Its version.
    pub version: String,
    /// What holds for all operations.
    pub description: Vec<Block>,
    /// The operations by tag, in the document's order.
    pub groups: Vec<Group>,
    /// Fields of every answer that is a failure (RFC 9457).
    pub problem: Vec<Field>,
}

/// The operations of one tag.
pub struct Group {
    /// The tag.
    pub name: String,
    /// The tag as a part of a URL.
    pub slug: String,
    /// What the operations are about.
    pub description: Vec<Block>,
    /// Its operations, by path.
    pub operations: Vec<Operation>,
}

/// One method of one path.
pub struct Operation {
    /// Names its place on the page; unique in the document.
    pub anchor: String,
    /// In capital letters.
    pub method: String,
    /// With `{parameters}`.
    pub path: String,
    /// One line.
    pub summary: String,
    /// What it does.
    pub description: Vec<Block>,
    /// Whether it goes without a token.
    pub is_public: bool,
    /// Whether it should no longer be used.
    pub is_deprecated: bool,
    /// In path, query and header.
    pub parameters: Vec<Parameter>,
    /// What is sent.
    pub body: Option<Body>,
    /// What is answered, by status.
    pub responses: Vec<Response>,
    /// A call with curl, to be copied into a shell where `API` and `TOKEN` are set.
    pub call: String,
}

impl Operation {
    /// Whether it says how it may fail.
    pub fn has_problems(&self) -> bool {
        self.responses.iter().any(|response| response.is_problem)
    }
}

/// A parameter.
pub struct Parameter {
    /// `path`, `query` or `header`.
    pub place: String,
    /// Its name, as a field without a path, and what it holds.
    pub field: Field,
}

/// A field of an object, with all that the document says of it.
pub struct Field {
    /// Where it stands, as in `app.agent_id` or `items[].id`.
    pub path: String,
    /// Its type, as in `string (uuid) | null`.
    pub kind: String,
    /// Bounds of its value, as in `length 1–64`; empty where there are none.
    pub limits: String,
    /// Whether it must be there.
    pub is_required: bool,
    /// The value of a field that was left out, as JSON.
    pub default: Option<String>,
    /// A value, as JSON.
    pub example: Option<String>,
    /// What it means.
    pub description: Vec<Block>,
}

/// A request body.
pub struct Body {
    /// The content type, most often `application/json`.
    pub media_type: String,
    /// Whether it may be left out.
    pub is_required: bool,
    /// What it is: the type of the whole.
    pub kind: String,
    /// Its fields, those of nested objects included.
    pub fields: Vec<Field>,
}

/// An answer.
pub struct Response {
    /// HTTP status, or a range such as `4XX`, or `default`.
    pub status: String,
    /// When it is given.
    pub description: Vec<Block>,
    /// Its content type; none without a body.
    pub media_type: Option<String>,
    /// The type of the whole body.
    pub kind: String,
    /// Whether it is a problem, whose fields are the same everywhere ([`Reference::problem`]).
    pub is_problem: bool,
    /// Header fields it has, where they are described.
    pub headers: Vec<Field>,
    /// Fields of the body, those of nested objects included.
    pub fields: Vec<Field>,
}
