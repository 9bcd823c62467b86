//! Input validation that collects every fault of one input, so that the caller mends it in one go. Pure; names fields, never their values.

use std::fmt::{self, Display};

use super::failure::{Entry, Failure, FieldFault, Result};

/// Most faults named in a reply, so that it never grows with the input.
pub const MOST_TOLD: usize = 50;

/// The faults found so far.
#[derive(Debug, Default)]
pub struct ValidationErrors {
    told: Vec<Told>,
    untold: usize,
}

/// One fault.
#[derive(Debug)]
struct Told {
    /// As the API names the field: `app.agent_id`, `redirect_uris[2]`; `body` and `query` mean the whole.
    field: String,
    expected: String,
    /// What kind of failure it is by itself, where that is not the kind of all of them.
    entry: Option<&'static Entry>,
}

impl ValidationErrors {
    /// Adds a fault: `field` is wrong; `expected` says what was expected there. Never the value that was sent: it may be a secret.
    pub fn add(&mut self, field: impl Display, expected: impl Display) {
        if self.told.len() < MOST_TOLD {
            self.told.push(Told {
                field: field.to_string(),
                expected: expected.to_string(),
                entry: None,
            });
        } else {
            self.untold += 1;
        }
    }

    /// Adds the faults of a part.
    pub fn append(&mut self, other: Self) {
        self.untold += other.untold;
        for fault in other.told {
            if self.told.len() < MOST_TOLD {
                self.told.push(fault);
            } else {
                self.untold += 1;
            }
        }
    }

    /// Says of all faults found so far that each is a failure of this kind, whatever those are that come besides.
    #[must_use]
    pub fn numbered(mut self, entry: &'static Entry) -> Self {
        for fault in &mut self.told {
            fault.entry = Some(entry);
        }
        self
    }

    /// Whether nothing was found.
    pub const fn is_empty(&self) -> bool {
        self.told.is_empty()
    }

    /// Adds a fault for `field` unless `holds`.
    pub fn check(&mut self, holds: bool, field: &str, expected: impl Display) {
        if !holds {
            self.add(field, expected);
        }
    }

    /// Checks one line of text for people: not blank, at most `longest` characters, without control characters.
    pub fn line(&mut self, field: &str, value: &str, longest: usize) {
        let fits = !value.trim().is_empty() && value.chars().count() <= longest && is_line(value);
        self.check(fits, field, format_args!("needs 1 to {longest} characters on one line"));
        self.check(
            !value.chars().any(is_invisible),
            field,
            "must not hold characters that are invisible or turn the direction of writing",
        );
    }

    /// Checks free text, possibly empty, at most `longest` characters; line breaks are fine.
    pub fn paragraph(&mut self, field: &str, value: &str, longest: usize) {
        let fits = value.chars().count() <= longest && is_paragraph(value);
        self.check(fits, field, format_args!("takes up to {longest} characters"));
    }

    /// Checks a secret somebody pasted: visible ASCII without blanks, between `shortest` and 512 characters.
    pub fn secret(&mut self, field: &str, value: &str, shortest: usize) {
        let fits = (shortest..=512).contains(&value.len()) && value.chars().all(|c| c.is_ascii_graphic());
        self.check(
            fits,
            field,
            format_args!("needs {shortest} to 512 visible ASCII characters without blanks"),
        );
    }

    /// Checks a number against bounds.
    pub fn within(&mut self, field: &str, value: i64, least: i64, most: i64) {
        self.check(
            (least..=most).contains(&value),
            field,
            format_args!("must lie between {least} and {most}"),
        );
    }

    /// `Ok` without faults, else a failure of this kind that names them.
    ///
    /// # Errors
    /// When there is at least one fault.
    pub fn into_result(self, entry: &'static Entry) -> Result<()> {
        if self.is_empty() {
            return Ok(());
        }
        Err(self.into_failure(entry))
    }

    /// A failure of this kind that names the faults, in its detail and one by one.
    pub fn into_failure(self, entry: &'static Entry) -> Failure {
        let detail = self.to_string();
        let faults = self.told.into_iter().map(|fault| {
            let pointer = pointer(&fault.field);
            fault.told(entry, pointer, None)
        });
        Failure::of(entry).detail(detail).faults(faults.collect())
    }

    /// As [`Self::into_failure`], of faults whose fields are parameters of a query string.
    pub fn into_query_failure(self, entry: &'static Entry) -> Failure {
        let detail = self.to_string();
        let faults = self.told.into_iter().map(|fault| {
            let name = fault.field.split(['.', '[']).next().unwrap_or_default();
            let name = if is_name(name) { name } else { "" }.to_owned();
            fault.told(entry, String::new(), Some(name))
        });
        Failure::of(entry).detail(detail).faults(faults.collect())
    }
}

impl Failure {
    /// A failure about one field of the body, named as the API names it (`app.agent_id`), and what was expected there. Never the value.
    #[must_use]
    pub fn field(self, field: impl fmt::Display, expected: impl fmt::Display) -> Self {
        let entry = self.entry;
        let mut faults = ValidationErrors::default();
        faults.add(field, expected);
        self.told(faults.into_failure(entry))
    }

    /// A failure about one parameter of the query string.
    #[must_use]
    pub fn parameter(self, name: impl fmt::Display, expected: impl fmt::Display) -> Self {
        let entry = self.entry;
        let mut faults = ValidationErrors::default();
        faults.add(name, expected);
        self.told(faults.into_query_failure(entry))
    }

    fn told(mut self, told: Self) -> Self {
        self.detail = told.detail;
        self.faults = told.faults;
        self
    }
}

impl Told {
    fn told(self, entry: &'static Entry, pointer: String, parameter: Option<String>) -> FieldFault {
        FieldFault {
            pointer: pointer.into(),
            parameter,
            entry: self.entry.unwrap_or(entry),
            detail: self.expected,
            place: None,
        }
    }
}

/// The JSON pointer (RFC 6901) of a field by its name in the API: `app.agent_id` is `/app/agent_id`, `redirect_uris[2]` is
/// `/redirect_uris/2`. A part whose name is not repeated stands for what it is in.
fn pointer(field: &str) -> String {
    let mut pointer = String::new();
    for part in field.split('.') {
        let (name, indices) = part.split_at(part.find('[').unwrap_or(part.len()));
        let whole = pointer.is_empty() && (name == "body" || name == "query") && field == part;
        if whole || !is_name(name) {
            break;
        }
        pointer.push('/');
        pointer.push_str(name);
        for index in indices.split('[').skip(1).filter_map(|index| index.strip_suffix(']')) {
            pointer.push('/');
            pointer.push_str(index);
        }
    }
    pointer
}

/// Whether this is the name of a field: what may be repeated, and needs no escapes in a pointer or in a fragment.
fn is_name(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    !matches!(name, "" | "body" | "query") && name.bytes().all(plain)
}

impl fmt::Display for ValidationErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, fault) in self.told.iter().enumerate() {
            let separator = if index == 0 { "" } else { "; " };
            write!(f, "{separator}{}: {}", fault.field, fault.expected)?;
        }
        if self.untold > 0 {
            write!(f, "; and {} more", self.untold)?;
        }
        Ok(())
    }
}

/// Whether a text holds no control characters.
pub fn is_line(text: &str) -> bool {
    !text.chars().any(char::is_control)
}

/// Whether a character is seen by nobody and may make a text look like another: marks and overrides of the direction of writing (Unicode
/// Standard Annex 9), blanks without width, fillers, separators of lines, tags. Not the joiner that emoji are made with.
pub const fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{180e}' | '\u{200b}' | '\u{200c}' | '\u{200e}' | '\u{200f}'
        | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{feff}' | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}'
        | '\u{e0000}'..='\u{e007f}')
}

/// Whether a text holds no control characters besides tabs and line breaks.
pub fn is_paragraph(text: &str) -> bool {
    !text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t'))
}

#[cfg(test)]
mod tests {
    use super::*;

    static ENTRY: Entry = Entry {
        number: "XX-101",
        status: 422,
        en: "x",
        zh: "x",
        remedy: "x",
        remedy_zh: "x",
    };

    #[test]
    fn all_faults_are_told_together() {
        let mut faults = ValidationErrors::default();
        faults.line("name", " ", 200);
        faults.line("title", "a\nb", 200);
        faults.within("hours", 5, 6, 7);
        faults.line("good", "门禁", 2);
        faults.line("turned", "a\u{202e}b", 200);
        let failure = faults.into_result(&ENTRY).unwrap_err();
        assert_eq!(
            failure.detail.unwrap(),
            "name: needs 1 to 200 characters on one line; title: needs 1 to 200 characters on one line; hours: must lie between 6 and 7; \
             turned: must not hold characters that are invisible or turn the direction of writing"
        );
    }

    #[test]
    fn each_fault_points_at_its_field() {
        for (field, at) in [
            ("name", "/name"),
            ("app.agent_id", "/app/agent_id"),
            ("redirect_uris[2]", "/redirect_uris/2"),
            ("metadata.claims.map[3].claim", "/metadata/claims/map/3/claim"),
            ("lists[1][0]", "/lists/1/0"),
            ("metadata.(unnamed).x", "/metadata"),
            ("(unnamed)", ""),
            ("body", ""),
            ("body.x", ""),
        ] {
            assert_eq!(pointer(field), at, "{field}");
        }
        let mut faults = ValidationErrors::default();
        faults.add("limit", "must be small");
        faults.add("query", "has a field that is not known here");
        let told = faults.into_query_failure(&ENTRY).faults;
        let named: Vec<_> = told.iter().map(|fault| fault.parameter.as_deref()).collect();
        assert_eq!(named, [Some("limit"), Some("")]);
    }

    #[test]
    fn a_long_list_is_cut() {
        let mut faults = ValidationErrors::default();
        for _ in 0..60 {
            faults.add("uris", "bad");
        }
        assert!(
            faults
                .into_result(&ENTRY)
                .unwrap_err()
                .detail
                .unwrap()
                .ends_with("and 10 more")
        );
    }

    #[test]
    fn secrets_are_visible_ascii() {
        for (value, fits) in [
            ("abc", true),
            ("a b", false),
            ("ab\u{7f}", false),
            ("", false),
            ("密", false),
        ] {
            let mut faults = ValidationErrors::default();
            faults.secret("secret", value, 1);
            assert_eq!(faults.into_result(&ENTRY).is_ok(), fits, "{value:?}");
        }
    }
}
