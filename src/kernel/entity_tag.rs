//! Entity tags and preconditions (RFC 9110, sections 8.8.3 and 13.1). Pure.
//!
//! A resource that can be changed has a tag: a digest of the columns that can be edited, computed by its store (`crypto::digest::entity_tag`).
//! A change that came with `If-Match` is judged against the row it has locked, in its transaction.

use std::fmt;

use super::failure::Result;
use crate::catalogue;

catalogue! {
    /// Failures of preconditions.
    pub enum PreconditionFailure {
        /// Somebody changed the resource since it was read.
        Changed = "AD-114", 412, "This resource has changed since it was read.",
            "该资源在读取之后已被修改。", "Read it again, decide with its current state, and send the ETag that came with it.", "请重新读取该资源，根据当前状态决定，并发送随之返回的ETag。";
        /// The header has no acceptable form.
        Malformed = "AD-115", 400, "The header If-Match or If-None-Match could not be read.",
            "无法读取 If-Match 或 If-None-Match 请求头。", "Send an entity tag in double quotes as ETag gave it, a list of them, or *.", "请按ETag返回的原样发送带双引号的实体标签，或多个标签的列表，或*。";
        /// The resource or the method takes no such precondition.
        Unsupported = "AD-116", 412, "This operation takes no such precondition.",
            "此操作不支持该前置条件。", "Leave out If-Match and If-None-Match here; the resources whose answers carry an ETag take If-Match for their changes.",
            "此处请勿发送If-Match和If-None-Match；应答带有ETag的资源，修改时才接受If-Match。";
    }
}

/// Most tags of one header.
const MOST: usize = 50;

/// A strong entity tag, without its quotes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EntityTag(String);

impl EntityTag {
    /// From base64url text.
    pub const fn new(text: String) -> Self {
        Self(text)
    }
}

impl fmt::Display for EntityTag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"", self.0)
    }
}

/// What is shown of a resource that has a tag.
pub trait Tagged {
    /// The tag of the state that is shown.
    fn entity_tag(&self) -> &EntityTag;
}

/// What `If-Match` demands of a resource that is about to change.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IfMatch(Demand);

#[derive(Clone, Debug, Default, PartialEq, Eq)]
enum Demand {
    /// No header: any state will do.
    #[default]
    Nothing,
    /// `*`: it exists.
    Exists,
    /// One of these, as far as they are strong.
    OneOf(Vec<Listed>),
}

/// A tag as a client sent it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Listed {
    weak: bool,
    text: String,
}

impl IfMatch {
    /// Reads the values of the header, of which there may be several lines.
    ///
    /// # Errors
    /// `AD-115`.
    pub fn parse<'a>(lines: impl Iterator<Item = &'a [u8]>) -> Result<Self> {
        demand(lines).map(Self)
    }

    /// Whether anything is demanded.
    pub const fn is_present(&self) -> bool {
        !matches!(self.0, Demand::Nothing)
    }

    /// Compares with the tag of the state that is there now; strongly, so that a weak tag matches nothing (RFC 9110, section 13.1.1).
    ///
    /// # Errors
    /// `AD-114`.
    pub fn judge(&self, current: &EntityTag) -> Result<()> {
        let holds = match &self.0 {
            Demand::Nothing | Demand::Exists => true,
            Demand::OneOf(tags) => tags.iter().any(|tag| !tag.weak && tag.text == current.0),
        };
        match holds {
            true => Ok(()),
            false => Err(PreconditionFailure::Changed.into()),
        }
    }
}

/// What `If-None-Match` says that a reader has already.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IfNoneMatch(Demand);

impl IfNoneMatch {
    /// Reads the values of the header.
    ///
    /// # Errors
    /// `AD-115`.
    pub fn parse<'a>(lines: impl Iterator<Item = &'a [u8]>) -> Result<Self> {
        demand(lines).map(Self)
    }

    /// Whether the reader has this state; compared weakly (RFC 9110, section 13.1.2).
    pub fn has(&self, current: &EntityTag) -> bool {
        match &self.0 {
            Demand::Nothing => false,
            Demand::Exists => true,
            Demand::OneOf(tags) => tags.iter().any(|tag| tag.text == current.0),
        }
    }
}

fn demand<'a>(lines: impl Iterator<Item = &'a [u8]>) -> Result<Demand> {
    let malformed = || PreconditionFailure::Malformed.failure();
    let mut text = String::new();
    let mut none = true;
    for line in lines {
        if !none {
            text.push(',');
        }
        none = false;
        text.push_str(std::str::from_utf8(line).map_err(|_| malformed())?);
    }
    if none {
        return Ok(Demand::Nothing);
    }
    let text = text.trim_matches([' ', '\t']);
    if text == "*" {
        return Ok(Demand::Exists);
    }
    match list(text) {
        Some(tags) if !tags.is_empty() && tags.len() <= MOST => Ok(Demand::OneOf(tags)),
        _ => Err(malformed()),
    }
}

/// A list of tags; empty elements count for nothing (RFC 9110, section 5.6.1.2).
fn list(mut rest: &str) -> Option<Vec<Listed>> {
    let mut tags = Vec::new();
    loop {
        rest = rest.trim_start_matches([' ', '\t', ',']);
        if rest.is_empty() {
            return Some(tags);
        }
        let (weak, quoted) = match rest.strip_prefix("W/") {
            Some(quoted) => (true, quoted),
            None => (false, rest),
        };
        let (text, behind) = quoted.strip_prefix('"')?.split_once('"')?;
        let fits = |c: char| matches!(c, '\x21' | '\x23'..='\x7e') || !c.is_ascii();
        if !text.chars().all(fits) {
            return None;
        }
        tags.push(Listed {
            weak,
            text: text.to_owned(),
        });
        rest = behind.trim_start_matches([' ', '\t']);
        if !rest.is_empty() && !rest.starts_with(',') {
            return None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(header: &str, current: &str) -> Option<bool> {
        let parsed = IfMatch::parse(std::iter::once(header.as_bytes())).ok()?;
        Some(parsed.judge(&EntityTag::new(current.to_owned())).is_ok())
    }

    #[test]
    fn tags_are_compared_strongly() {
        for (header, holds) in [
            (r#""abc""#, true),
            (r#""ab""#, false),
            (r#""ABC""#, false),
            (r#"W/"abc""#, false),
            (r#""x", "abc""#, true),
            (r#", "x" ,, "abc","#, true),
            (r#"W/"abc", "x""#, false),
            ("*", true),
            (" * ", true),
        ] {
            assert_eq!(matches(header, "abc"), Some(holds), "{header}");
        }
    }

    #[test]
    fn what_is_no_tag_is_refused() {
        for header in [
            "",
            " ",
            ",",
            "abc",
            "\"abc",
            "abc\"",
            "\"a b\"",
            "\"a\" \"b\"",
            "\"a\", *",
            "w/\"a\"",
            "\"a\"b",
            "**",
        ] {
            assert_eq!(matches(header, "abc"), None, "{header:?}");
        }
    }

    #[test]
    fn lines_are_one_list() {
        let lines = [r#""x""#.as_bytes(), br#""abc""#];
        let parsed = IfMatch::parse(lines.into_iter()).unwrap();
        assert!(parsed.judge(&EntityTag::new("abc".to_owned())).is_ok());
        let none = IfMatch::parse(std::iter::empty()).unwrap();
        assert!(!none.is_present() && none.judge(&EntityTag::default()).is_ok());
    }

    #[test]
    fn a_reader_has_what_it_names_weakly_too() {
        let has = |header: &str| {
            let parsed = IfNoneMatch::parse(std::iter::once(header.as_bytes())).unwrap();
            parsed.has(&EntityTag::new("abc".to_owned()))
        };
        assert!(has(r#"W/"abc""#) && has(r#""abc""#) && has("*") && !has(r#""x""#));
    }
}
