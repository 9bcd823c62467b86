//! Frequency limits (reference §12): counters per (corp, API) and (IP, API), wrong secrets per IP, messages per member.
//!
//! A block lasts as long as the window which was exceeded. Concurrency (45033) is a fault rule, not counted here.

use std::collections::HashMap;

use crate::world::Limits;

const MINUTE: u64 = 60;
const HOUR: u64 = 3600;
const DAY: u64 = 24 * HOUR;

#[derive(Debug, Default)]
struct Window {
    start: u64,
    count: u32,
    blocked_until: u64,
}

impl Window {
    /// Counts one call; false while blocked.
    fn hit(&mut self, now: u64, length: u64, most: u32) -> bool {
        if now < self.blocked_until {
            return false;
        }
        if now >= self.start + length {
            self.start = now;
            self.count = 0;
        }
        self.count += 1;
        if self.count > most {
            self.blocked_until = now + length;
            self.start = self.blocked_until;
            self.count = 0;
            return false;
        }
        true
    }
}

/// All counters.
#[derive(Default)]
pub(crate) struct Counters {
    js_tickets: HashMap<(String, Option<u32>), Window>,
    lookup_misses: HashMap<String, Window>,
    calls: HashMap<(&'static str, String, String), (Window, Window)>,
    wrong_secrets: HashMap<String, Window>,
    messages: HashMap<(String, u32, String), (Window, Window)>,
    quotas: HashMap<(String, u32), (u64, u64)>,
}

impl Counters {
    /// Counts a call; false answers 45009.
    pub(crate) fn call(&mut self, corp: Option<&str>, ip: &str, path: &str, now: u64, limits: &Limits) -> bool {
        let by_ip = self.both(("ip", ip, path), now, (limits.ip_per_minute, limits.ip_per_hour));
        let most = (limits.corp_per_minute, limits.corp_per_hour);
        by_ip && corp.is_none_or(|corp| self.both(("corp", corp, path), now, most))
    }

    fn both(&mut self, (kind, who, path): (&'static str, &str, &str), now: u64, most: (u32, u32)) -> bool {
        let windows = self.calls.entry((kind, who.to_owned(), path.to_owned())).or_default();
        let minute = windows.0.hit(now, MINUTE, most.0);
        let hour = windows.1.hit(now, HOUR, most.1);
        minute && hour
    }

    /// Whether the IP is blocked for wrong secrets.
    pub(crate) fn ip_blocked(&self, ip: &str, now: u64) -> bool {
        self.wrong_secrets
            .get(ip)
            .is_some_and(|window| now < window.blocked_until)
    }

    /// Counts a wrong secret.
    pub(crate) fn wrong_secret(&mut self, ip: &str, now: u64, limits: &Limits) {
        self.wrong_secrets
            .entry(ip.to_owned())
            .or_default()
            .hit(now, HOUR, limits.wrong_secrets_per_hour);
    }

    /// Counts a `get_jsapi_ticket` of an app and of its corp; false answers 45009.
    pub(crate) fn js_ticket(&mut self, corp: &str, agentid: u32, now: u64, limits: &Limits) -> bool {
        let mut hit = |agentid, most| {
            let window = self.js_tickets.entry((corp.to_owned(), agentid)).or_default();
            window.hit(now, HOUR, most)
        };
        hit(Some(agentid), limits.jsapi_tickets_per_app) && hit(None, limits.jsapi_tickets_per_corp)
    }

    /// Counts a mobile number nobody has: more misses than a fifth of the corp block `user/getuserid` for a day (§5.3).
    pub(crate) fn lookup_miss(&mut self, corp: &str, members: usize, now: u64) {
        let most = u32::try_from(members / 5).unwrap_or(u32::MAX);
        self.lookup_misses
            .entry(corp.to_owned())
            .or_default()
            .hit(now, DAY, most);
    }

    /// Whether `user/getuserid` of the corp is blocked for its misses.
    pub(crate) fn lookups_blocked(&self, corp: &str, now: u64) -> bool {
        let window = self.lookup_misses.get(corp);
        window.is_some_and(|window| now < window.blocked_until)
    }

    /// Counts a message to a member; false = dropped without an error (§10).
    pub(crate) fn message(&mut self, corp: &str, agentid: u32, userid: &str, now: u64, limits: &Limits) -> bool {
        let key = (corp.to_owned(), agentid, userid.to_owned());
        let windows = self.messages.entry(key).or_default();
        let minute = windows.0.hit(now, MINUTE, limits.messages_per_minute);
        let hour = windows.1.hit(now, HOUR, limits.messages_per_hour);
        minute && hour
    }

    /// Counts a message by its receivers; false answers 45009 until the calendar day ends (§12).
    pub(crate) fn quota(&mut self, app: (&str, u32), receivers: usize, most: u64, now: u64) -> bool {
        let (day, sent) = self.quotas.entry((app.0.to_owned(), app.1)).or_default();
        if *day != now / DAY {
            (*day, *sent) = (now / DAY, 0);
        }
        let after = sent.saturating_add(receivers as u64);
        if after > most {
            return false;
        }
        *sent = after;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_minute_block_lasts_a_minute_and_counts_each_api_alone() {
        let limits = Limits {
            corp_per_minute: 2,
            ..Limits::default()
        };
        let mut counters = Counters::default();
        let mut call = |path: &str, now| counters.call(Some("ww1"), "192.0.2.1", path, now, &limits);
        assert!(call("/a", 1000) && call("/a", 1001));
        assert!(!call("/a", 1002));
        assert!(call("/b", 1002));
        assert!(!call("/a", 1061));
        assert!(call("/a", 1062));
    }

    #[test]
    fn a_daily_quota_counts_receivers_and_begins_anew_with_the_day() {
        let mut counters = Counters::default();
        let mut quota = |receivers, now| counters.quota(("ww1", 1), receivers, 5, now);
        assert!(quota(3, DAY) && !quota(3, DAY + 1) && quota(2, DAY + 2) && !quota(1, 2 * DAY - 1));
        assert!(quota(5, 2 * DAY));
    }

    #[test]
    fn wrong_secrets_block_the_ip_for_an_hour() {
        let limits = Limits {
            wrong_secrets_per_hour: 1,
            ..Limits::default()
        };
        let mut counters = Counters::default();
        counters.wrong_secret("192.0.2.1", 1000, &limits);
        assert!(!counters.ip_blocked("192.0.2.1", 1000));
        counters.wrong_secret("192.0.2.1", 1001, &limits);
        assert!(counters.ip_blocked("192.0.2.1", 4600));
        assert!(!counters.ip_blocked("192.0.2.2", 1002));
        assert!(!counters.ip_blocked("192.0.2.1", 4601));
    }
}
