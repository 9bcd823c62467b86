//! Plans who departs: whom WeCom shows no more, whose userid is somebody else's; and of whom nothing is planned for want of a later reading.

use std::collections::HashSet;

use uuid::Uuid;

use super::{
    identity::judge_row,
    members::Planner,
    model::{Departure, RowOutcome, RowVersion},
};
use crate::directory::sync::{
    mirror::{MemberRow, Mirror},
    snapshot::{Person, Snapshot},
    unread_userids::UnreadUserids,
};

impl Planner<'_> {
    /// Ends what belongs to the person who had a userid that is somebody else's now; a row that departed before only gives the userid up.
    pub(super) fn given_on(&mut self, row: &MemberRow, why: &str) -> Option<RowVersion> {
        if !row.present {
            return Some(row.held());
        }
        self.depart(row, &format!("the userid belongs to somebody else now: {why}"), true);
        if let Some(departure) = self.plan.departures.last_mut() {
            departure.reused = true;
        }
        None
    }

    /// Imports nobody under this userid yet; what belonged to the one before ends all the same.
    pub(super) fn hold_back(&mut self, person: &Person, held: Option<&MemberRow>) {
        if let Some(row) = held.filter(|row| !self.moved.contains(&row.id)) {
            self.given_on(row, judge_row(row, person).why);
        }
        let reason = "perhaps a member who was not read this time, under another userid: waits for a complete reading";
        self.row(&person.userid, RowOutcome::Skipped, reason.to_owned());
    }

    /// Leaves everything about this userid as it is.
    pub(super) fn leave_alone(&mut self, person: &Person) {
        let reason = "WeCom says that userids were changed one after another, and does not show all of them yet: waits for a later reading";
        self.row(&person.userid, RowOutcome::Skipped, reason.to_owned());
    }

    /// Departs members we hold as present and did not see, but for those who may be somebody under another userid. Absence proves nothing after a
    /// partial fetch; WeCom's own word (status 5) does.
    pub(super) fn missing(&mut self, mirror: &Mirror, snapshot: &Snapshot, waiting: &HashSet<Uuid>) {
        let unread = UnreadUserids::of(snapshot.malformed.iter().map(|row| row.userid.as_deref()));
        let rows = mirror.members.iter().filter(|row| row.present);
        let rows = rows.filter(|row| !self.moved.contains(&row.id) && !waiting.contains(&row.id));
        let (mut left, mut missing) = (Vec::new(), Vec::new());
        for row in rows {
            match snapshot.members.get(&row.key) {
                Some(person) if person.has_left() => left.push(row),
                None if snapshot.may_show_absence() && !unread.may_be(&row.key) => missing.push(row),
                _ => {}
            }
        }
        for row in left {
            self.depart(row, "WeCom says that this member left", true);
        }
        missing.sort_by_key(|row| row.checked_at);
        for row in missing {
            self.depart(row, "no longer in WeCom, or no longer in the visible scope", false);
        }
    }

    fn depart(&mut self, row: &MemberRow, why: &str, told: bool) {
        let user_id = row.user_id.filter(|id| self.touchable(*id).is_some());
        if row.user_id.is_some() && user_id.is_none() {
            let reason = format!("{why}; the user is a console admin or of another corp and stays as it is");
            self.row(&row.person.userid, RowOutcome::Conflict, reason);
        }
        self.row(&row.person.userid, RowOutcome::Departed, why.to_owned());
        self.plan.departures.push(Departure {
            held: row.held(),
            userid: row.person.userid.clone(),
            user_id,
            told,
            reused: false,
        });
    }
}
