//! Spans as values, and the `traceparent` header (W3C Trace Context). Pure.

use std::borrow::Cow;

use data_encoding::{HEXLOWER, HEXLOWER_PERMISSIVE};

/// Which side of a call a span is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A request that was served.
    Server,
    /// A call to another server or to a database.
    Client,
    /// Neither.
    Internal,
}

/// The value of an attribute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// A text.
    Text(Cow<'static, str>),
    /// A number.
    Number(i64),
    /// Yes or no.
    Flag(bool),
}

impl From<&'static str> for Value {
    fn from(text: &'static str) -> Self {
        Self::Text(text.into())
    }
}

/// Longest text that is recorded, bytes: some of it strangers send.
const LONGEST: usize = 256;

impl From<String> for Value {
    /// What is longer than 256 bytes is cut there.
    fn from(mut text: String) -> Self {
        let mut end = text.len().min(LONGEST);
        while !text.is_char_boundary(end) {
            end = end.saturating_sub(1);
        }
        text.truncate(end);
        Self::Text(text.into())
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

impl From<bool> for Value {
    fn from(flag: bool) -> Self {
        Self::Flag(flag)
    }
}

/// Name and value; names follow OpenTelemetry's conventions, those of our own begin with `menjin.`.
pub type Attribute = (&'static str, Value);

/// Something that happened at one moment of a span.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Name.
    pub name: &'static str,
    /// When, nanoseconds since 1970.
    pub at: u64,
    /// What is known of it.
    pub attributes: Vec<Attribute>,
}

/// A part of a trace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    /// Id.
    pub id: [u8; 8],
    /// The span that it is a part of.
    pub parent: Option<[u8; 8]>,
    /// Its parent was recorded by somebody else or in an earlier request.
    pub parent_is_remote: bool,
    /// Name, of few values.
    pub name: Cow<'static, str>,
    /// Which side of a call.
    pub kind: Kind,
    /// Nanoseconds since 1970.
    pub began: u64,
    /// The same; 0 while it lasts.
    pub ended: u64,
    /// What is known of it.
    pub attributes: Vec<Attribute>,
    /// What happened meanwhile.
    pub events: Vec<Event>,
    /// How many events were left out because there were too many.
    pub events_left_out: u32,
    /// Why it failed, in a word.
    pub failed: Option<Cow<'static, str>>,
}

/// Everything that was recorded of one request, sync or job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trace {
    /// Id of the trace.
    pub id: [u8; 16],
    /// Its spans; the first one holds the others.
    pub spans: Vec<Span>,
    /// How many were left out because there were too many; the first span tells it as well.
    pub left_out: u64,
}

/// A span that goes on elsewhere, as `traceparent` names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parent {
    /// Id of the trace.
    pub trace: [u8; 16],
    /// Id of the span.
    pub span: [u8; 8],
    /// Whether the trace is recorded.
    pub sampled: bool,
}

impl Parent {
    /// Reads a `traceparent`: `00-<trace id>-<span id>-<flags>` in hexadecimal digits. Of later versions what is known of this one is read;
    /// `None`: it is none.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.splitn(5, '-');
        let mut next = || parts.next();
        let (version, trace, span, flags) = (next()?, next()?, next()?, next()?);
        let version: [u8; 1] = digits(version)?;
        if version == [0xff] || version == [0] && next().is_some() {
            return None;
        }
        let ([flags], trace, span) = (digits::<1>(flags)?, digits(trace)?, digits(span)?);
        (trace != [0; 16] && span != [0; 8]).then_some(Self {
            trace,
            span,
            sampled: flags & 1 == 1,
        })
    }

    /// The `traceparent`.
    pub fn text(&self) -> String {
        let (trace, span) = (HEXLOWER.encode(&self.trace), HEXLOWER.encode(&self.span));
        format!("00-{trace}-{span}-0{}", u8::from(self.sampled))
    }
}

/// Exactly so many bytes in lower-case hexadecimal digits.
fn digits<const N: usize>(text: &str) -> Option<[u8; N]> {
    let lower = !text.bytes().any(|byte| byte.is_ascii_uppercase());
    let bytes = HEXLOWER_PERMISSIVE.decode(text.as_bytes()).ok()?;
    bytes.try_into().ok().filter(|_| lower)
}

#[cfg(test)]
mod tests {
    use super::{LONGEST, Parent, Value};

    #[test]
    fn a_long_text_is_cut_between_two_characters() {
        for (text, kept) in [
            ("short".to_owned(), 5),
            ("a".repeat(300), LONGEST),
            ("张".repeat(100), 255),
        ] {
            let Value::Text(cut) = Value::from(text.clone()) else {
                panic!()
            };
            assert_eq!(cut.len(), kept);
            assert!(text.starts_with(cut.as_ref()));
        }
    }

    #[test]
    fn a_traceparent_is_read_as_it_is_written_and_nothing_else_is() {
        let text = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        let parent = Parent::parse(text).unwrap();
        assert!(parent.sampled);
        assert_eq!(parent.text(), text);
        assert!(!Parent::parse(&text.replace("-01", "-00")).unwrap().sampled);
        let later = text.replacen("00", "01", 1);
        assert_eq!(Parent::parse(&format!("{later}-more")), Some(parent));
        for wrong in [
            "",
            "00",
            "00--",
            "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e473-00f067aa0ba902b7-01",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-é1",
        ] {
            assert_eq!(Parent::parse(wrong), None, "{wrong}");
        }
    }
}
