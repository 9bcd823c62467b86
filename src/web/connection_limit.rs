//! How many connections there may be, in all and from one address, whichever worker serves them.
//!
//! The log hears at once when a bound bites or a client is cut off, and once a minute how often it happened since.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use ipnet::Ipv6Net;

use super::client_address::Proxies;
use crate::config::ConnectionConfig;

/// How often the log hears of what goes on.
const REPORT_INTERVAL: Duration = Duration::from_secs(60);
/// IPv6 prefix that counts as one address: one network of a customer.
const IPV6_PREFIX: u8 = 64;

/// The bounds, and what is open now. Clones share it.
#[derive(Clone)]
pub struct ConnectionLimit(Arc<Shared>);

struct Shared {
    most: usize,
    most_per_address: usize,
    proxies: Proxies,
    total: AtomicUsize,
    by_address: Mutex<HashMap<IpAddr, usize>>,
    report: Mutex<Option<Report>>,
}

/// What happened since the log was told last.
#[derive(Default)]
struct Report {
    over_all: u64,
    over_address: u64,
    cut_off: u64,
}

/// A bound that bites.
#[derive(Clone, Copy)]
enum Event {
    /// All connections are taken.
    OverAll,
    /// One address has all it may have.
    OverAddress,
    /// A client kept us waiting too long.
    CutOff,
}

impl ConnectionLimit {
    /// The configured bounds, but never more connections than `open_files` leave room for; where that makes them fewer, at most half of them
    /// from one address.
    pub fn new(config: &ConnectionConfig, proxies: Proxies, open_files: usize) -> Self {
        let most = config.most.min(open_files);
        let most_per_address = if most < config.most {
            config.most_per_address.min((most / 2).max(1))
        } else {
            config.most_per_address
        };
        Self(Arc::new(Shared {
            most,
            most_per_address,
            proxies,
            total: AtomicUsize::new(0),
            by_address: Mutex::default(),
            report: Mutex::default(),
        }))
    }

    /// A place for a connection from this peer, or none. Trusted proxies stand for many people: only the bound in all holds for them.
    pub fn admit(&self, peer: IpAddr) -> Option<Place> {
        let shared = &self.0;
        if shared.total.fetch_add(1, Ordering::Relaxed) >= shared.most {
            shared.total.fetch_sub(1, Ordering::Relaxed);
            self.note(Event::OverAll, peer);
            return None;
        }
        let mut place = Place {
            limit: self.clone(),
            peer,
            counted: None,
        };
        if shared.proxies.trusts(peer.to_canonical()) {
            return Some(place);
        }
        let address = counted_address(peer);
        let admitted = {
            let mut by_address = lock(&shared.by_address);
            let open = by_address.entry(address).or_default();
            let admitted = *open < shared.most_per_address;
            *open += usize::from(admitted);
            admitted
        };
        if !admitted {
            self.note(Event::OverAddress, peer);
            return None;
        }
        place.counted = Some(address);
        Some(place)
    }

    /// Number of connections that are open now.
    pub fn total(&self) -> usize {
        self.0.total.load(Ordering::Relaxed)
    }

    /// Whether three quarters of all connections are taken: answers then end theirs instead of keeping it for later.
    fn is_crowded(&self) -> bool {
        self.total() > self.0.most / 4 * 3
    }

    fn note(&self, event: Event, peer: IpAddr) {
        let mut report = lock(&self.0.report);
        if let Some(report) = report.as_mut() {
            report.count(event);
            return;
        }
        *report = Some(Report::default());
        drop(report);
        match event {
            Event::OverAll => tracing::warn!(
                %peer,
                "a connection was refused: all {} are open (server.connections, or the limit of open files)",
                self.0.most
            ),
            Event::OverAddress => tracing::warn!(
                %peer,
                "a connection was refused: {} from this address are open (server.connections_per_address, or the limit of open files). If it is \
                 your reverse proxy, name it in server.trusted_proxies",
                self.0.most_per_address
            ),
            Event::CutOff => tracing::info!(%peer, "a connection was ended: its client kept us waiting"),
        }
        let limit = self.clone();
        actix_web::rt::spawn(async move {
            tokio::time::sleep(REPORT_INTERVAL).await;
            limit.tell();
        });
    }

    fn tell(&self) {
        let report = lock(&self.0.report).take().unwrap_or_default();
        let Report {
            over_all,
            over_address,
            cut_off,
        } = report;
        if over_all + over_address > 0 {
            tracing::warn!(
                over_all,
                over_address,
                "more connections were refused in the last minute"
            );
        }
        if cut_off > 0 {
            tracing::info!(
                cut_off,
                "more connections were ended in the last minute: their clients kept us waiting"
            );
        }
    }
}

impl Report {
    fn count(&mut self, event: Event) {
        *match event {
            Event::OverAll => &mut self.over_all,
            Event::OverAddress => &mut self.over_address,
            Event::CutOff => &mut self.cut_off,
        } += 1;
    }
}

/// The place of one connection; free again when dropped.
pub struct Place {
    limit: ConnectionLimit,
    peer: IpAddr,
    /// The address it is counted for.
    counted: Option<IpAddr>,
}

impl Place {
    /// Notes for the log that this client kept us waiting too long.
    pub fn cut_off(&self) {
        self.limit.note(Event::CutOff, self.peer);
    }

    /// Whether so many connections are open that this one is better ended after its answer.
    pub fn is_crowded(&self) -> bool {
        self.limit.is_crowded()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let shared = &self.limit.0;
        shared.total.fetch_sub(1, Ordering::Relaxed);
        let Some(address) = self.counted else { return };
        let mut by_address = lock(&shared.by_address);
        if let Some(open) = by_address.get_mut(&address) {
            *open -= 1;
            if *open == 0 {
                by_address.remove(&address);
            }
        }
    }
}

fn counted_address(peer: IpAddr) -> IpAddr {
    match peer.to_canonical() {
        IpAddr::V6(address) => Ipv6Net::new(address, IPV6_PREFIX).map_or(peer, |network| network.trunc().addr().into()),
        address => address,
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
