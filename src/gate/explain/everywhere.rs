//! Use case: one person at every portal, as things stand.

use uuid::Uuid;

use super::{
    chain::{as_if_asked, explained, person},
    model::{Asked, Who},
    view::PortalAccess,
};
use crate::{
    gate::admit::Gate,
    kernel::{
        failure::Result,
        sorting::{SortedListing, SortedPage},
    },
};

impl Gate {
    /// Each portal, and whether this user can sign in there. WeCom is not asked: what was read last is taken for
    /// its answer.
    ///
    /// # Errors
    /// `DI-102` for a user whom there is not, and when the database does not answer.
    pub async fn access_everywhere(&self, user: Uuid, page: &SortedPage) -> Result<SortedListing<PortalAccess>> {
        let people = self.store().one(&Who::User(user)).await?;
        let portals = self.store().portals(page).await?;
        let surroundings = self.store().surroundings_of_all(self.now(), portals.items).await?;
        let mut items = Vec::with_capacity(surroundings.len());
        for (name, stands) in surroundings {
            let mut access = PortalAccess {
                client: stands.portal_id(),
                client_id: stands.client_id().to_owned(),
                name,
                admitted: false,
                no_way: None,
                ways: Vec::new(),
            };
            for mut candidate in stands.candidates(&people)? {
                let ways = std::mem::take(&mut candidate.ways).into_iter();
                let ways = ways.map(|(way, facts)| explained(&way, &as_if_asked(facts, false), &Asked::No));
                let one = person(candidate, ways.collect());
                access.admitted |= one.admitted;
                access.no_way = access.no_way.or(one.no_way);
                access.ways.extend(one.ways.into_iter().map(Into::into));
            }
            // Somebody who is several members has no way only where none of them has one.
            access.no_way = access.no_way.filter(|_| access.ways.is_empty());
            items.push(access);
        }
        Ok(SortedListing {
            items,
            next_cursor: portals.next_cursor,
        })
    }
}
