//! Login tickets: one per opened QR page, from waiting to confirmed, cancelled or expired (reference §2.1, §2.3, §13 point 5).

use std::collections::HashMap;

use rand::rngs::StdRng;

use crate::codes::Visitor;
use crate::errmsg::hex;

/// How long a QR code can be scanned, in seconds. The pages do not publish it; WeCom's page renews its code after minutes.
const LIFETIME: u64 = 600;

/// Which page opened the ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LoginKind {
    /// `/wwlogin/sso/login`
    Web,
    /// `/wwopen/sso/qrConnect`
    Legacy,
    /// The consent page of `/connect/oauth2/authorize`.
    InApp,
}

/// State of a ticket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Stage {
    Waiting,
    /// The browser may go to this address; `twice` delivers the callback twice.
    Done {
        target: String,
        twice: bool,
    },
    /// Refused on the phone, and the browser stays.
    Cancelled,
    Expired,
}

/// See the module.
#[derive(Debug, Clone)]
pub(crate) struct Ticket {
    pub corp: String,
    pub agentid: Option<u32>,
    pub redirect_uri: String,
    pub state: Option<String>,
    pub login_page: LoginKind,
    pub stage: Stage,
    /// Address which opened the page: "try again" leads there.
    pub origin: String,
    /// The member on the consent page; `None` on the QR login pages.
    pub visitor: Option<Visitor>,
    /// The suite by which somebody signs in; then the corp is that of who does, at first none.
    pub suite: Option<String>,
    /// Corpid and userid of the member who confirmed on the phone.
    pub confirmed_by: Option<(String, String)>,
    opened: u64,
}

/// Parameters for opening a ticket.
pub(crate) struct Opening {
    pub corp: String,
    pub agentid: Option<u32>,
    pub redirect_uri: String,
    pub state: Option<String>,
    pub login_page: LoginKind,
    pub origin: String,
    pub visitor: Option<Visitor>,
}

/// All tickets.
#[derive(Default)]
pub(crate) struct Tickets {
    open: HashMap<String, Ticket>,
}

impl Tickets {
    pub(crate) fn open(&mut self, opening: Opening, now: u64, rng: &mut StdRng) -> String {
        let id = hex(rng, 24);
        let Opening {
            corp,
            agentid,
            redirect_uri,
            state,
            login_page,
            origin,
            visitor,
        } = opening;
        let ticket = Ticket {
            corp,
            agentid,
            redirect_uri,
            state,
            login_page,
            origin,
            visitor,
            suite: None,
            confirmed_by: None,
            stage: Stage::Waiting,
            opened: now,
        };
        self.open.insert(id.clone(), ticket);
        id
    }

    /// Opens a sign-in by a suite.
    pub(crate) fn open_for(&mut self, suite_id: &str, opening: Opening, now: u64, rng: &mut StdRng) -> String {
        let id = self.open(opening, now, rng);
        if let Some(ticket) = self.open.get_mut(&id) {
            ticket.suite = Some(suite_id.to_owned());
        }
        id
    }

    /// The ticket as it stands now: a waiting one expires by time.
    pub(crate) fn find(&mut self, id: &str, now: u64) -> Option<Ticket> {
        let ticket = self.open.get_mut(id)?;
        if ticket.stage == Stage::Waiting && ticket.opened + LIFETIME <= now {
            ticket.stage = Stage::Expired;
        }
        Some(ticket.clone())
    }

    pub(crate) fn confirm(&mut self, id: &str, corp: &str, userid: &str) {
        if let Some(ticket) = self.open.get_mut(id) {
            ticket.confirmed_by = Some((corp.to_owned(), userid.to_owned()));
        }
    }

    pub(crate) fn advance(&mut self, id: &str, stage: Stage) {
        if let Some(ticket) = self.open.get_mut(id) {
            ticket.stage = stage;
        }
    }
}
