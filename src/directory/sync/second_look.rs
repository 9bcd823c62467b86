//! A second look at the few who seem to have left, one by one: a walk through departments takes minutes, and who changes department
//! meanwhile is in neither answer.
//!
//! Only through the app: its answer about one member is the one the gate goes by. Many at once are left to the threshold, because
//! thousands of calls would use up WeCom's allowance.

use std::collections::HashMap;

use super::{
    plan::{Departure, Plan, Row, RowOutcome},
    snapshot::STATUS_LEFT,
};
use crate::wecom::{
    WeCom,
    model::{Credential, Sight},
};

/// Up to this many are looked at.
const MOST: usize = 50;

/// Who looks.
#[derive(Clone)]
pub struct SecondLook {
    /// Asked.
    pub wecom: WeCom,
    /// The integration app's; `None`: nobody can look, and absence stands.
    pub app: Option<Credential>,
}

/// What a look says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    Gone,
    There,
    Unknown,
}

impl SecondLook {
    /// Takes back the departures of those who are there after all, or of whom nothing can be learned right now.
    pub async fn filter(&self, plan: &mut Plan) {
        let Some(app) = &self.app else { return };
        if plan.departures.len() > MOST {
            return;
        }
        let mut verdicts = HashMap::new();
        for departure in &plan.departures {
            verdicts.insert(departure.held.id, self.look(app, &departure.userid).await);
        }
        let (gone, kept): (Vec<Departure>, Vec<Departure>) = std::mem::take(&mut plan.departures)
            .into_iter()
            .partition(|departure| verdicts.get(&departure.held.id) == Some(&Verdict::Gone));
        plan.departures = gone;
        for departure in kept {
            let there = verdicts.get(&departure.held.id) == Some(&Verdict::There);
            if there {
                plan.confirmed.push(departure.held.id);
            }
            plan.rows.retain(|row| row.userid != departure.userid);
            plan.rows.push(stays(departure.userid, there));
        }
    }

    async fn look(&self, app: &Credential, userid: &str) -> Verdict {
        match self.wecom.member(app, userid).await {
            Ok(Sight::Visible(member)) if member.status == Some(STATUS_LEFT) => Verdict::Gone,
            Ok(Sight::Visible(_)) => Verdict::There,
            Ok(Sight::NotVisible { .. }) => Verdict::Gone,
            Err(error) => {
                tracing::info!(%error, "who seems to have left could not be looked at");
                Verdict::Unknown
            }
        }
    }
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
