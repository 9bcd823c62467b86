//! How pushes are delivered that nobody sends by hand: those of the clock and of the pages.

use serde::{Deserialize, Serialize};

use crate::callbacks::delivery::Delivery;

/// A rule for coming pushes of one suite.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Plan {
    /// Only pushes of this `InfoType`; without it all.
    #[serde(default)]
    pub info_type: Option<String>,
    /// How they are delivered.
    pub delivery: Delivery,
    /// How many pushes it still affects; without it all.
    #[serde(default)]
    pub count: Option<u32>,
}

/// Rules by suite; the first that fits is applied.
#[derive(Default)]
pub(crate) struct Plans {
    plans: Vec<(String, Plan)>,
}

impl Plans {
    pub(crate) fn add(&mut self, suite_id: &str, plan: Plan) {
        self.plans.push((suite_id.to_owned(), plan));
    }

    pub(crate) fn clear(&mut self, suite_id: &str) {
        self.plans.retain(|(of, _)| of != suite_id);
    }

    /// How the next push of this kind is delivered.
    pub(crate) fn next(&mut self, suite_id: &str, info_type: &str) -> Delivery {
        let fits = |(of, plan): &&mut (String, Plan)| {
            of == suite_id && plan.count != Some(0) && plan.info_type.as_deref().is_none_or(|only| only == info_type)
        };
        let Some((_, plan)) = self.plans.iter_mut().find(fits) else {
            return Delivery::default();
        };
        plan.count = plan.count.map(|left| left - 1);
        plan.delivery
    }
}
