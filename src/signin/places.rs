//! Places: of what anybody can have kept as often as they like, a journey keeps the newest few. So what is kept grows with the journeys, which
//! are counted when they are begun, and neither with cookies nor with reloads.
//!
//! The journey to a page of the console is everybody's, and counted for nobody. There each network has places of its own, so that nobody pushes
//! out what others wait for, and all networks together have a bound, of which one network fills no more than its own places.

use std::{net::IpAddr, time::Duration};

use super::journey::Journeys;
use crate::{crypto::digest::sha256_base64url, kernel::failure::Result, store::Shelf, web::client_address::networks};

/// Whose places they are.
#[derive(Clone, Copy)]
pub(in crate::signin) enum Group<'a> {
    /// One journey, session or pending sign-in.
    One(&'a str),
    /// A journey that is everybody's, and who comes from where.
    Everybody(&'a str, Option<IpAddr>),
}

/// The places of a group.
pub(in crate::signin) struct Places<'a> {
    /// What lies in them.
    pub kind: &'static str,
    /// Whose they are.
    pub group: Group<'a>,
    /// How many there are; where the journey is everybody's, for each network.
    pub most: u64,
    /// How many networks can fill theirs.
    pub networks: u64,
    /// How long what lies in them is of use.
    pub lifetime: Duration,
    /// Where it is kept.
    pub shelf: Shelf,
}

impl Journeys {
    /// Notes a value in the next place of its group; returns those that had its places, which are to be forgotten.
    pub(in crate::signin) async fn put_in_place(&self, places: Places<'_>, value: &str) -> Result<Vec<String>> {
        let (journey, from) = match places.group {
            Group::One(journey) => (journey, None),
            Group::Everybody(journey, address) => (journey, networks(address).pop()),
        };
        let from = from.map(|(widest, _)| widest);
        let group = format!("{journey}\n{}", from.as_deref().unwrap_or_default());
        let (number, earlier) = self.placed(&places, (&group, places.most), value).await?;
        let mut forgotten: Vec<String> = earlier.into_iter().collect();
        if from.is_some() && number <= places.most {
            let all = (journey, places.most.saturating_mul(places.networks));
            forgotten.extend(self.placed(&places, all, value).await?.1);
        }
        Ok(forgotten)
    }

    /// Notes a value in the next of so many places; returns how many were noted there, and the value that had the place.
    async fn placed(
        &self,
        places: &Places<'_>,
        (group, most): (&str, u64),
        value: &str,
    ) -> Result<(u64, Option<String>)> {
        let (store, kind, lifetime) = (&self.deps.ephemeral, places.kind, places.lifetime);
        let group = sha256_base64url(group.as_bytes());
        let number = store.increment(&format!("{kind}:asked:{group}"), lifetime).await?;
        let place = format!("{kind}:waits:{group}:{}", number % most);
        let earlier = store.take(&place).await?;
        store.put_on(places.shelf, &place, value.as_bytes(), lifetime).await?;
        Ok((number, earlier.and_then(|earlier| String::from_utf8(earlier).ok())))
    }
}
