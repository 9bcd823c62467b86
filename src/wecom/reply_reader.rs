//! Reads a reply while it arrives: a long list row by row, of which no more is kept than the row under way; anything else once it is there. Pure.

use super::{
    error::{Class, WeComError},
    list_reader::RowSink,
    reply::Reply,
    row_splitter::{Excess, RowSplitter},
};

/// Largest reply without a long list, bytes.
const LARGEST_REPLY: usize = 32 * 1024 * 1024;

/// A reply under way.
pub(super) struct ReplyReader<'a> {
    call: &'static str,
    body: Body<'a>,
}

enum Body<'a> {
    Whole(Vec<u8>),
    Rows(RowSplitter, &'a dyn RowSink),
}

impl<'a> ReplyReader<'a> {
    /// A reply begins; the rows of its list go there.
    pub(super) fn new(call: &'static str, rows: Option<&'a dyn RowSink>) -> Self {
        let body = match rows {
            None => Body::Whole(Vec::new()),
            Some(rows) => {
                rows.begin();
                Body::Rows(RowSplitter::new(rows.name()), rows)
            }
        };
        Self { call, body }
    }

    /// Takes the next part of the body.
    ///
    /// # Errors
    /// [`Class::Defect`] where there is more than anybody sends.
    pub(super) fn take(&mut self, part: &[u8]) -> Result<(), WeComError> {
        let outcome = match &mut self.body {
            Body::Whole(body) if body.len() + part.len() > LARGEST_REPLY => Err(Excess::Around),
            Body::Whole(body) => {
                body.extend_from_slice(part);
                Ok(())
            }
            Body::Rows(splitter, rows) => splitter.take(part, |row| rows.take(row)),
        };
        outcome.map_err(|excess| {
            let why = match excess {
                Excess::Rows => "its list has too many rows",
                Excess::Around => "the reply is too large",
            };
            WeComError::without_code(self.call, Class::Defect, why)
        })
    }

    /// Reads the rest, after the last part; see [`Reply::read`]. What the rows came to, whoever takes them says.
    pub(super) fn finish(self, scrub: impl Fn(&str) -> String) -> Result<Reply, WeComError> {
        let body = match self.body {
            Body::Whole(body) => body,
            Body::Rows(splitter, _) => splitter.around(),
        };
        Reply::read(self.call, &body, scrub)
    }

    /// Reads a document that is there as a whole.
    pub(super) fn read(call: &'static str, document: &[u8], rows: &'a dyn RowSink) -> Result<Reply, WeComError> {
        let mut reader = Self::new(call, Some(rows));
        reader.take(document)?;
        reader.finish(str::to_owned)
    }
}
