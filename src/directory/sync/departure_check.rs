//! Departure check: looks up live, one by one, the few members who seem to have left, before anything is written. A walk through
//! departments takes minutes, and who changes department meanwhile is in neither answer.
//!
//! First with the app's secret: its answer about one member is the one the gate goes by. Whom it does not show is searched once more in the
//! corp's ids, where there is a contacts-sync secret: with it the corp counts, not the app's scope. Thousands of calls would use up WeCom's
//! allowance: many at once are left to the removal threshold, or, where absence alone proves nothing, in part to the next run.

use std::collections::{BTreeMap, HashMap, HashSet};

use uuid::Uuid;

use super::{
    listed_ids::{ListedIds, Listing},
    plan::model::{AccessEnd, Departure, Plan, Row, RowOutcome},
    snapshot::{STATUS_LEFT, key},
};
use crate::{
    directory::offboarding::model::EndReason,
    wecom::{
        Meaning, WeCom,
        model::{Credential, MemberLookup},
    },
};

/// At most this many departures are checked by one run.
const MOST: usize = 50;

/// The client and credentials of a departure check.
#[derive(Clone)]
pub struct DepartureCheck {
    /// The WeCom client.
    pub wecom: WeCom,
    /// Credential of the integration app. Without it only the ids are searched.
    pub app: Option<Credential>,
    /// Contacts-sync credential, which shows the ids of the whole corp. Without either nothing can be checked, and absence counts.
    pub contacts: Option<Credential>,
    /// Credentials of the corp's other apps, by row id.
    pub others: HashMap<Uuid, Credential>,
}

/// Result of checking one member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    Gone,
    There,
    Unknown,
}

impl DepartureCheck {
    /// Removes from the plan the departures of those who are there after all, or of whom nothing can be learned right now.
    pub async fn filter(&self, plan: &mut Plan) {
        self.look_outside(plan).await;
        // A userid that is somebody else's now is there, but nobody who could be looked at is behind it.
        let (reused, asked): (Vec<Departure>, Vec<Departure>) = std::mem::take(&mut plan.departures)
            .into_iter()
            .partition(|departure| departure.reused);
        plan.departures = asked;
        let told = if plan.needs_look {
            leave_to_the_next(plan)
        } else {
            Vec::new()
        };
        if (1..=MOST).contains(&plan.departures.len()) {
            self.filter_asked(plan).await;
        }
        plan.departures.extend(told);
        plan.departures.extend(reused);
    }

    /// Looks at members who may have another userid by now: by key, whether WeCom shows them. Of whom nothing can be learned is not among them.
    pub async fn look_at(&self, userids: &[String]) -> BTreeMap<String, bool> {
        let mut shown = BTreeMap::new();
        for userid in userids.iter().take(MOST) {
            let verdict = self.look(userid).await;
            if verdict != Verdict::Unknown {
                shown.insert(key(userid), verdict == Verdict::There);
            }
        }
        shown
    }

    async fn filter_asked(&self, plan: &mut Plan) {
        let mut verdicts = HashMap::new();
        for departure in &plan.departures {
            verdicts.insert(departure.held.id, self.look(&departure.userid).await);
        }
        self.look_among_ids(&plan.departures, &mut verdicts).await;
        let (gone, kept): (Vec<Departure>, Vec<Departure>) = std::mem::take(&mut plan.departures)
            .into_iter()
            .partition(|departure| verdicts.get(&departure.held.id) == Some(&Verdict::Gone));
        plan.departures = gone;
        for departure in kept {
            let there = verdicts.get(&departure.held.id) == Some(&Verdict::There);
            if there {
                plan.confirmed.push(departure.held.id);
                plan.shown_again.push(departure.held.id);
            }
            plan.rows.retain(|row| row.userid != departure.userid);
            plan.rows.push(stays(departure.userid, there));
        }
    }

    /// Looks up the few who seem to have fallen out of an app's scope: whom that app shows is inside.
    async fn look_outside(&self, plan: &mut Plan) {
        let by_scope = plan.outside.iter().filter(|end| end.reason == EndReason::OutOfScope);
        let few = by_scope.count() <= MOST;
        let (mut stands, mut dropped) = (Vec::new(), Vec::new());
        for end in std::mem::take(&mut plan.outside) {
            match self.is_outside(&end, few).await {
                true => stands.push(end),
                false => dropped.push(end),
            }
        }
        plan.outside = stands;
        let told: HashSet<(String, String)> = dropped
            .iter()
            .map(|end| (end.userid.clone(), end.row().reason))
            .collect();
        plan.rows
            .retain(|row| told.is_empty() || !told.contains(&(row.userid.clone(), row.reason.clone())));
        plan.rows.extend(dropped.into_iter().map(|end| Row {
            userid: end.userid,
            outcome: RowOutcome::Skipped,
            reason: "outside by what was read, but the app shows them or could not be asked: access goes on".to_owned(),
        }));
    }

    /// Whether an ending stands. Of another app than the integration app the lists alone prove something only where they are those of the
    /// whole corp: else a member may be inside by a department that we do not see.
    async fn is_outside(&self, end: &AccessEnd, few: bool) -> bool {
        if end.reason != EndReason::OutOfScope {
            return true;
        }
        let app = match end.through {
            None => self.app.as_ref(),
            Some(other) => self.others.get(&other.id),
        };
        match app {
            None => end.through.is_none(),
            Some(_) if !few => end.through.is_none() || self.contacts.is_some(),
            Some(app) => matches!(
                self.wecom.member(app, &end.userid).await,
                Ok(MemberLookup::NotVisible { .. })
            ),
        }
    }

    /// Looks a member up with the app's secret, if there is one. What WeCom itself says about somebody who left stands, unless the app
    /// shows them.
    async fn look(&self, userid: &str) -> Verdict {
        let Some(app) = &self.app else { return Verdict::Gone };
        match self.wecom.member(app, userid).await {
            Ok(MemberLookup::Visible(member)) if member.status == Some(STATUS_LEFT) => Verdict::Gone,
            Ok(MemberLookup::Visible(_)) => Verdict::There,
            Ok(MemberLookup::NotVisible { .. }) => Verdict::Gone,
            Err(error) if error.meaning() == Meaning::Empty => Verdict::Gone,
            Err(error) => {
                tracing::info!(%error, "who seems to have left could not be looked at");
                Verdict::Unknown
            }
        }
    }
}

impl DepartureCheck {
    /// Reads the corp's ids once for all of them; a member whom WeCom does not report as left, and the ids show, is there.
    async fn look_among_ids(&self, departures: &[Departure], verdicts: &mut HashMap<Uuid, Verdict>) {
        let Some(contacts) = &self.contacts else { return };
        let missing: Vec<&Departure> = departures
            .iter()
            .filter(|departure| !departure.told && verdicts.get(&departure.held.id) == Some(&Verdict::Gone))
            .collect();
        if missing.is_empty() {
            return;
        }
        let ids = self.wecom.member_ids(contacts).await.map(|ids| ListedIds::of(&ids));
        if let Err(error) = &ids {
            tracing::info!(%error, "who seems to have left could not be looked for");
        }
        for departure in missing {
            let listing = ids.as_ref().map(|ids| ids.find(&key(&departure.userid)));
            let verdict = match listing {
                Ok(Listing::Listed) => Verdict::There,
                Ok(Listing::Absent) => Verdict::Gone,
                Ok(Listing::Unread) | Err(_) => Verdict::Unknown,
            };
            verdicts.insert(departure.held.id, verdict);
        }
    }
}

/// Removes from the plan the departures that only a live look could prove, where there is none.
pub fn keep_unproven(plan: &mut Plan) {
    if !plan.needs_look {
        return;
    }
    let departures = std::mem::take(&mut plan.departures);
    let (told, kept) = departures.into_iter().partition(|departure| departure.told);
    plan.departures = told;
    leave(plan, kept);
}

/// Leaves in the plan as many departures as can be looked at, the first ones, whom WeCom confirmed the longest ago: whoever proves to be there
/// is confirmed by that, and comes last in the next run. Returns those who need no look where not all can be looked at, since WeCom itself says
/// that they left.
fn leave_to_the_next(plan: &mut Plan) -> Vec<Departure> {
    if plan.departures.len() <= MOST {
        return Vec::new();
    }
    let departures = std::mem::take(&mut plan.departures);
    let (told, mut asked): (Vec<_>, Vec<_>) = departures.into_iter().partition(|departure| departure.told);
    let kept = asked.split_off(MOST.min(asked.len()));
    plan.departures = asked;
    leave(plan, kept);
    told
}

/// Says of these members that nothing was learned of them.
fn leave(plan: &mut Plan, kept: Vec<Departure>) {
    let kept: HashSet<String> = kept.into_iter().map(|departure| departure.userid).collect();
    plan.rows.retain(|row| !kept.contains(&row.userid));
    plan.rows.extend(kept.into_iter().map(|userid| stays(userid, false)));
}

fn stays(userid: String, there: bool) -> Row {
    let reason = if there {
        "missing from the lists, but seen live: not departed"
    } else {
        "missing from the lists, but could not be looked at live: not departed in this run"
    };
    Row {
        userid,
        outcome: RowOutcome::Skipped,
        reason: reason.to_owned(),
    }
}
