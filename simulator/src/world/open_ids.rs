//! Ids as a provider sees them: corpids and userids encrypted per provider, and `open_userid` (reference §0.2, §5.6).
//!
//! The real scheme is not published. Here an id is the hash of provider and thing, so that it stays, and tells nothing.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha1::{Digest, Sha1};

use super::{app::App, corp::Corp, member::Member, model::World};

/// Ids as the provider of an installed app sees them.
#[derive(Debug, Clone)]
pub(crate) struct OpenIds {
    provider: String,
    corps: bool,
    users: bool,
    beside: bool,
}

fn hashed(prefix: &str, parts: [&str; 3]) -> String {
    format!("{prefix}{}", URL_SAFE_NO_PAD.encode(Sha1::digest(parts.join("/"))))
}

/// `open_corpid`: `wp…`.
pub(crate) fn open_corpid(provider: &str, corp: &str) -> String {
    hashed("wp", [provider, corp, ""])
}

/// `open_userid`: `wo…`. It stays when the userid changes, and is another for another person with the same userid.
pub(crate) fn open_userid(provider: &str, corp: &str, member: &Member) -> String {
    let person = if member.serial == 0 {
        member.userid.to_lowercase()
    } else {
        format!("#{}", member.serial)
    };
    hashed("wo", [provider, corp, &person])
}

impl World {
    /// The corp behind a corpid, plain or as any provider knows it.
    pub(crate) fn corp_named(&self, named: &str) -> Option<&Corp> {
        let of_provider = |provider: &String| {
            let is = |corp: &&Corp| open_corpid(provider, &corp.corpid) == named;
            self.corps.values().find(is)
        };
        let plain = self.corps.get(named);
        plain.or_else(|| self.providers.keys().find_map(of_provider))
    }

    /// The corpid and the userid that a suite is told of a member whose corp installed it; `None`: there is none.
    pub fn as_told(&self, suite_id: &str, corp: &str, userid: &str) -> Option<(String, String)> {
        let ids = OpenIds::of_suite(self, suite_id)?;
        let member = self.corps.get(corp)?.member(userid)?;
        Some((ids.corpid(corp), ids.told(corp, member)))
    }
}

impl OpenIds {
    /// The ids of a suite; `None`: it is unknown.
    pub(crate) fn of_suite(world: &World, suite_id: &str) -> Option<Self> {
        let switches = &world.switches.suites;
        Some(Self {
            provider: world.suites.get(suite_id)?.provider.clone(),
            corps: switches.encrypted_corpids,
            users: switches.encrypted_userids,
            beside: switches.tells_open_userids,
        })
    }

    /// The ids of an app; `None`: it was not installed from a suite.
    pub(crate) fn of_app(world: &World, app: &App) -> Option<Self> {
        Self::of_suite(world, &app.install.as_ref()?.suite_id)
    }

    /// Whether userids are told encrypted.
    pub(crate) fn encrypts_users(&self) -> bool {
        self.users
    }

    /// Whether `open_userid` stands beside them.
    pub(crate) fn stands_beside(&self) -> bool {
        self.beside
    }

    /// The userid that is told of this member, who may have left.
    pub(crate) fn told(&self, corp: &str, member: &Member) -> String {
        if self.users {
            open_userid(&self.provider, corp, member)
        } else {
            member.userid.clone()
        }
    }

    /// `open_userid` of this member, who may have left.
    pub(crate) fn open(&self, corp: &str, member: &Member) -> String {
        open_userid(&self.provider, corp, member)
    }

    pub(crate) fn corpid(&self, corp: &str) -> String {
        if self.corps {
            open_corpid(&self.provider, corp)
        } else {
            corp.to_owned()
        }
    }

    /// The userid that is told of a member whose corp installed the suite.
    pub(crate) fn userid(&self, corp: &Corp, userid: &str) -> String {
        if self.users {
            self.open_userid(corp, userid).unwrap_or_else(|| userid.to_owned())
        } else {
            userid.to_owned()
        }
    }

    /// `open_userid` of a member, whatever is told as the userid.
    pub(crate) fn open_userid(&self, corp: &Corp, userid: &str) -> Option<String> {
        let member = corp.member(userid)?;
        Some(open_userid(&self.provider, &corp.corpid, member))
    }

    /// The member behind a userid as the suite names it.
    pub(crate) fn member<'a>(&self, corp: &'a Corp, named: &str) -> Option<&'a Member> {
        if !self.users {
            return corp.member(named);
        }
        self.by_open_userid(corp, named)
    }

    /// The member behind an `open_userid`.
    pub(crate) fn by_open_userid<'a>(&self, corp: &'a Corp, named: &str) -> Option<&'a Member> {
        let is = |member: &&Member| open_userid(&self.provider, &corp.corpid, member) == named;
        corp.members.values().find(is)
    }

    /// The corp behind a corpid as the suite names it.
    pub(crate) fn corp<'a>(&self, world: &'a World, named: &str) -> Option<&'a Corp> {
        world.corps.values().find(|corp| self.corpid(&corp.corpid) == named)
    }
}
