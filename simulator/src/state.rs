//! Runtime state of the simulator: the world with its index, tokens, codes, login tickets, counters and the call log.
//!
//! One mutex guards all of it. Every API call is answered under one short lock, so calls never see half an edit.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rand::rngs::StdRng;

use crate::callbacks::delivery::Owner;
use crate::callbacks::events::Event;
use crate::callbacks::held::Held;
use crate::callbacks::pushes::Push;
use crate::clock::Clock;
use crate::codes::Codes;
use crate::exports::Exports;
use crate::limits::Counters;
use crate::mailbox::Mailbox;
use crate::suites::Suites;
use crate::tickets::Tickets;
use crate::tokens::Tokens;
use crate::world::index::CorpIndex;
use crate::world::{App, Corp, Member, Switches, World};

/// Entries kept in the call log; counters are not limited by it.
const LOGGED: usize = 10_000;

/// One API call as the simulator answered it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Call {
    /// Path, e.g. `/cgi-bin/user/get`.
    pub path: String,
    /// Corpid behind the token or the `corpid` parameter; empty when unknown.
    pub corp: String,
    /// Unix seconds of the simulator's clock.
    pub at: u64,
    /// `errcode` of the answer; faults without JSON count as -1.
    pub errcode: i32,
}

/// See the module.
pub(crate) struct State {
    pub world: World,
    pub tokens: Tokens,
    pub codes: Codes,
    pub tickets: Tickets,
    pub counters: Counters,
    pub rng: StdRng,
    pub mailbox: Mailbox,
    pub held: Vec<Held>,
    pub exports: Exports,
    /// Corp, owner and event of what API calls caused; sent once they are answered.
    pub outbox: Vec<(String, Owner, Event)>,
    /// Suite and push of what changes caused; sent after the events.
    pub pushes: Vec<(String, Push)>,
    pub suites: Suites,
    /// Members as they were before somebody changed them on the pages, by corp and lower-cased userid: so they can come back.
    pub before: BTreeMap<(String, String), Member>,
    index: HashMap<String, CorpIndex>,
    log: VecDeque<Call>,
    totals: BTreeMap<String, usize>,
}

impl State {
    pub(crate) fn new(world: World, rng: StdRng) -> Self {
        Self {
            world,
            rng,
            tokens: Tokens::default(),
            codes: Codes::default(),
            tickets: Tickets::default(),
            counters: Counters::default(),
            mailbox: Mailbox::default(),
            held: Vec::new(),
            exports: Exports::default(),
            outbox: Vec::new(),
            pushes: Vec::new(),
            suites: Suites::default(),
            before: BTreeMap::new(),
            index: HashMap::new(),
            log: VecDeque::new(),
            totals: BTreeMap::new(),
        }
    }

    /// Changes the world; the index is rebuilt by the next call which needs it.
    pub(crate) fn edit<R>(&mut self, change: impl FnOnce(&mut World) -> R) -> R {
        let result = change(&mut self.world);
        self.index.clear();
        result
    }

    /// The corp with its index.
    pub(crate) fn corp(&mut self, corpid: &str) -> Option<(&Corp, &CorpIndex, &Switches)> {
        let corp = self.world.corps.get(corpid)?;
        let index = self
            .index
            .entry(corpid.to_owned())
            .or_insert_with(|| CorpIndex::build(corp));
        Some((corp, index, &self.world.switches))
    }

    pub(crate) fn app(&self, corpid: &str, agentid: u32) -> Option<&App> {
        self.world.corps.get(corpid)?.apps.get(&agentid)
    }

    /// Whether the app's visible scope holds the member; false when one of them does not exist.
    pub(crate) fn in_scope(&mut self, corpid: &str, agentid: u32, userid: &str) -> bool {
        let Some((corp, index, _)) = self.corp(corpid) else {
            return false;
        };
        corp.member(userid)
            .zip(index.visible(agentid))
            .is_some_and(|(member, visible)| visible.holds(member))
    }

    /// Puts the events of finished exports into the outbox: at the first call after they are done.
    pub(crate) fn finish_exports(&mut self, now: u64) {
        self.outbox.extend(self.exports.finished(now));
    }

    pub(crate) fn record(&mut self, call: Call) {
        *self.totals.entry(call.path.clone()).or_default() += 1;
        self.log.push_back(call);
        if self.log.len() > LOGGED {
            self.log.pop_front();
        }
    }

    /// Calls of one path; without a leading slash it is taken below `/cgi-bin/`.
    pub(crate) fn calls(&self, path: &str) -> usize {
        let full = if path.starts_with('/') {
            path.to_owned()
        } else {
            format!("/cgi-bin/{path}")
        };
        self.totals.get(&full).copied().unwrap_or_default()
    }

    pub(crate) fn call_log(&self) -> Vec<Call> {
        self.log.iter().cloned().collect()
    }

    pub(crate) fn clear_log(&mut self) {
        self.log.clear();
        self.totals.clear();
    }
}

/// What all handlers share.
pub(crate) struct Shared {
    pub clock: Clock,
    pub http: reqwest::Client,
    /// Name and address of pages where one can watch what a change of a member brings about.
    pub watch: Vec<(String, String)>,
    state: Mutex<State>,
}

impl Shared {
    pub(crate) fn new(state: State, clock: Clock, http: reqwest::Client, watch: Vec<(String, String)>) -> Self {
        Self {
            clock,
            http,
            watch,
            state: Mutex::new(state),
        }
    }

    /// Locks the state; after a panic of a test inside `edit` it goes on, because plain data is safe.
    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
