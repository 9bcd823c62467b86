//! Finds the existing user whom a member duplicates, by the keys of the data source: username, verified e-mail address, verified mobile
//! number. Pure.
//!
//! Where keys find several users, or several members share a value, nobody is guessed: an admin decides. Users whom a sync never touches are
//! not looked for by address or number.

use std::collections::HashMap;

use crate::directory::{
    email::{VouchedDomain, model::is_vouched_for},
    identity::contact_forms::{address, number},
    importing::rules::MatchKey,
    sync::{
        mirror::{Mirror, UserRow},
        snapshot::{Person, Snapshot},
    },
};

type ByValue<'a> = HashMap<String, Vec<&'a UserRow>>;

/// Users by verified addresses and numbers, and how many members have each.
pub struct ExistingUsers<'a> {
    match_by: &'a [MatchKey],
    vouched_domains: &'a [VouchedDomain],
    emails: ByValue<'a>,
    mobiles: ByValue<'a>,
    members_with: HashMap<(MatchKey, String), usize>,
}

/// What one key finds.
pub struct FoundBy<'s, 'a> {
    /// The key.
    pub key: MatchKey,
    /// The users with that value.
    pub users: &'s [&'a UserRow],
    /// Whether other members have that value as well.
    pub shared: bool,
    /// Whether the member cannot have entered the value themselves.
    pub proven: bool,
}

impl<'a> ExistingUsers<'a> {
    /// Indexes the users that a sync may touch, and the values of the members seen.
    pub fn new(mirror: &'a Mirror, snapshot: &Snapshot) -> Self {
        let mut found = Self {
            match_by: &mirror.import.match_by,
            vouched_domains: &mirror.vouched_domains,
            emails: HashMap::new(),
            mobiles: HashMap::new(),
            members_with: HashMap::new(),
        };
        for user in mirror.users.iter().filter(|user| user.owner.is_touchable()) {
            let profile = &user.profile;
            let email = profile.email.as_deref().filter(|_| profile.email_verified);
            let phone = profile.phone_number.as_deref().filter(|_| profile.phone_verified);
            if let Some(email) = email.and_then(address) {
                found.emails.entry(email).or_default().push(user);
            }
            if let Some(phone) = phone.and_then(number) {
                found.mobiles.entry(phone).or_default().push(user);
            }
        }
        let by_value = [MatchKey::Email, MatchKey::Mobile];
        for person in snapshot.members.values().filter(|person| !person.has_left()) {
            for key in by_value.into_iter().filter(|key| mirror.import.match_by.contains(key)) {
                if let Some(value) = value(key, person) {
                    *found.members_with.entry((key, value)).or_default() += 1;
                }
            }
        }
        found
    }

    /// Whether this key is one of the data source's.
    pub fn is_matched_by(&self, key: MatchKey) -> bool {
        self.match_by.contains(&key)
    }

    /// What the address and the number of a member find, by the data source's keys or, `all` of them, for an admin to look at.
    pub fn by_values(&self, person: &Person, all: bool) -> Vec<FoundBy<'_, 'a>> {
        let keys = [MatchKey::Email, MatchKey::Mobile].into_iter();
        let wanted = keys.filter(|key| all || self.is_matched_by(*key));
        let found = wanted.filter_map(|key| {
            let value = value(key, person)?;
            let users = match key {
                MatchKey::Email => self.emails.get(&value),
                _ => self.mobiles.get(&value),
            };
            let users = users?.as_slice();
            let members = self.members_with.get(&(key, value)).copied().unwrap_or_default();
            // Members bind their numbers by a message; an address they may simply type in.
            let email = person.profile.email.as_deref().unwrap_or_default();
            let proven = key != MatchKey::Email || is_vouched_for(self.vouched_domains, email);
            Some(FoundBy {
                key,
                users,
                shared: members > 1,
                proven,
            })
        });
        found.collect()
    }
}

fn value(key: MatchKey, person: &Person) -> Option<String> {
    match key {
        MatchKey::Username => None,
        MatchKey::Email => person.profile.email.as_deref().and_then(address),
        MatchKey::Mobile => person.profile.mobile.as_deref().and_then(number),
    }
}
