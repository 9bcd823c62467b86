//! Pushes a ticket to each suite every ten minutes, by the simulator's clock (reference §9.1).

use std::sync::Arc;
use std::time::Duration;

use super::deliver::push;
use super::pushes::Push;
use crate::state::{Shared, State};

/// How often the clock is looked at, in real time: it may stand still, or be advanced by hours.
const LOOK: Duration = Duration::from_millis(100);

/// Runs until the server ends.
pub(crate) async fn tick(shared: Arc<Shared>) {
    loop {
        for suite_id in due(&shared) {
            push(&shared, &suite_id, &Push::SuiteTicket, None).await;
        }
        tokio::time::sleep(LOOK).await;
    }
}

/// The suites whose ticket is due, where they have a command callback.
fn due(shared: &Shared) -> Vec<String> {
    let now = shared.clock.now();
    let mut state = shared.lock();
    let State { world, suites, .. } = &mut *state;
    if !world.switches.suites.pushes_tickets {
        return Vec::new();
    }
    let hearing = world.suites.values().filter(|suite| suite.command_url.is_some());
    let ids = hearing.map(|suite| suite.suite_id.clone());
    ids.filter(|id| suites.tickets.is_due(id, now)).collect()
}
