//! The reply to a call while it arrives: its digest, where calls are recorded; and whether it is read at once, or held back because it may be word
//! for word the one that came before. Pure.

use super::{
    api_request::ApiRequest,
    error::WeComError,
    held_body::{HeldBody, Room},
    list_reader::RowSink,
    reply::Reply,
    reply_reader::ReplyReader,
    reply_record::{Digest, ReplyRecord, of_body},
};
use crate::crypto::digest::Sha256;

/// One try of a call.
pub(super) struct Arrival<'a> {
    record: Option<&'a ReplyRecord>,
    room: &'a Room,
    /// The call, and the body so far.
    digest: Option<(Digest, Sha256)>,
    /// What came, while it may stay unread.
    held: Option<HeldBody>,
    reader: ReplyReader<'a>,
}

impl<'a> Arrival<'a> {
    /// A reply to this begins.
    pub(super) fn of(ask: &'a ApiRequest, record: Option<&'a ReplyRecord>, room: &'a Room) -> Self {
        let rows = ask.rows.as_deref().map(|rows| rows as &dyn RowSink);
        let may_be_as_before = ask.may_stay_unread && record.is_some_and(|record| !record.has_differed());
        Self {
            record,
            room,
            digest: ask.digest.map(|call| (call, Sha256::default())),
            held: may_be_as_before.then(HeldBody::default),
            reader: ReplyReader::new(ask.call, rows),
        }
    }

    /// Takes the next part of the body. Once another reply differs, or there is no room left, nothing is held back.
    ///
    /// # Errors
    /// As [`ReplyReader::take`].
    pub(super) fn take(&mut self, mut part: Vec<u8>) -> Result<(), WeComError> {
        if let Some((_, digest)) = &mut self.digest {
            digest.update(&part);
        }
        if let Some(mut held) = self.held.take() {
            if self.record.is_some_and(|record| !record.has_differed()) {
                match held.add(part, self.room) {
                    Ok(()) => {
                        self.held = Some(held);
                        return Ok(());
                    }
                    Err(no_room_for) => part = no_room_for,
                }
            }
            self.read(held)?;
        }
        self.reader.take(&part)
    }

    /// Reads it after its last part, unless it is one that came before and was held back.
    ///
    /// # Errors
    /// As [`Reply::read`].
    pub(super) fn finish(mut self, call: &'static str, scrub: impl Fn(&str) -> String) -> Result<Reply, WeComError> {
        let digest = self.digest.take().map(|(call, body)| of_body(&call, body));
        let is_expected = |digest| self.record.is_some_and(|record| record.is_expected(digest));
        let held = self.held.take();
        let mut reply = match held {
            Some(held) if digest.as_ref().is_some_and(is_expected) => Reply::unread(call, held),
            held => {
                self.read(held.unwrap_or_default())?;
                self.reader.finish(scrub)?
            }
        };
        reply.digest = digest;
        Ok(reply)
    }

    fn read(&mut self, held: HeldBody) -> Result<(), WeComError> {
        held.into_parts().try_for_each(|(part, _place)| self.reader.take(&part))
    }
}
