//! What is being recorded below one root: its parts, their ids, and how many there may be.

use std::{
    borrow::Cow,
    time::{Duration, Instant},
};

use data_encoding::HEXLOWER;

use super::model::{Kind, Parent, Span};
use crate::kernel::entropy::Entropy;

/// Spans of one root; more are counted and left out.
pub(super) const MOST_SPANS: usize = 1000;
/// Stands for the root's id until it has one: what is not recorded needs none.
pub(super) const ROOT: [u8; 8] = [0; 8];
/// The same for the trace's.
pub(super) const NO_TRACE: [u8; 16] = [0; 16];

/// Everything that is recorded below one root while it lasts.
pub(super) struct Recording {
    /// Id of the trace.
    pub(super) trace: [u8; 16],
    /// A trusted caller named the trace, so it stays that.
    pub(super) named: bool,
    /// It is kept and exported.
    pub(super) sampled: bool,
    /// The moment of `instant`, nanoseconds since 1970.
    pub(super) began: u64,
    /// The same, to measure from.
    pub(super) instant: Instant,
    /// The first one is the root.
    pub(super) spans: Vec<Span>,
    /// How many were too many.
    pub(super) left_out: u64,
    /// Something was done besides looking.
    pub(super) worked: bool,
}

impl Recording {
    /// This moment, nanoseconds since 1970.
    pub(super) fn now(&self) -> u64 {
        self.began.saturating_add(nanos(self.instant.elapsed()))
    }

    /// A part; [`ROOT`] is the root.
    pub(super) fn find(&mut self, id: [u8; 8]) -> Option<&mut Span> {
        match id {
            ROOT => self.spans.first_mut(),
            _ => self.spans.iter_mut().rev().find(|span| span.id == id),
        }
    }

    /// The id under which a part is exported.
    pub(super) fn exported(&self, id: [u8; 8]) -> [u8; 8] {
        match (id, self.spans.first()) {
            (ROOT, Some(root)) => root.id,
            _ => id,
        }
    }

    /// Draws the ids of trace and root, where they have none yet.
    pub(super) fn identify(&mut self, entropy: &Entropy) {
        if self.trace == NO_TRACE {
            self.trace = entropy.bytes();
        }
        if let Some(root) = self.spans.first_mut()
            && root.id == ROOT
        {
            root.id = entropy.bytes();
        }
    }

    /// Adds a part, or counts it.
    pub(super) fn add(&mut self, span: Span) {
        match self.spans.len() < MOST_SPANS {
            true => self.spans.push(span),
            false => self.left_out = self.left_out.saturating_add(1),
        }
    }

    /// Goes on with another trace, recorded or not as that is.
    pub(super) fn move_to(&mut self, parent: Parent, entropy: &Entropy) {
        self.trace = parent.trace;
        self.sampled = parent.sampled;
        if let Some(root) = self.spans.first_mut() {
            root.parent = Some(parent.span);
            root.parent_is_remote = true;
        }
        if self.sampled {
            self.identify(entropy);
        }
    }

    /// Tells which other trace led here.
    pub(super) fn tell_other(&mut self, parent: Parent) {
        let other = parent.trace != self.trace && self.sampled && parent.sampled;
        if let (true, Some(root)) = (other, self.spans.first_mut()) {
            let other = HEXLOWER.encode(&parent.trace);
            root.attributes.push(("menjin.continues_trace", other.into()));
        }
    }
}

/// A time as nanoseconds.
pub(super) fn nanos(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

/// A part of which nothing else is known yet.
pub(super) fn part(
    (id, parent): ([u8; 8], [u8; 8]),
    (kind, name): (Kind, Cow<'static, str>),
    (began, ended): (u64, u64),
) -> Span {
    Span {
        id,
        parent: Some(parent),
        parent_is_remote: false,
        name,
        kind,
        began,
        ended,
        attributes: Vec::new(),
        events: Vec::new(),
        events_left_out: 0,
        failed: None,
    }
}
