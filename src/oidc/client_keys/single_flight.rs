//! One fetch of a client's keys at a time (single flight), per process.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError, Weak},
};
use uuid::Uuid;

type Flight = tokio::sync::Mutex<()>;

/// Locks of the fetches in progress in this process, one per client; entries no longer in use are dropped when a new one is added.
#[derive(Default)]
pub struct SingleFlights(Mutex<HashMap<Uuid, Weak<Flight>>>);

impl SingleFlights {
    pub(in crate::oidc) fn of(&self, client: Uuid) -> Arc<Flight> {
        let mut single_flights = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(flight) = single_flights.get(&client).and_then(Weak::upgrade) {
            return flight;
        }
        single_flights.retain(|_, flight| flight.strong_count() > 0);
        let flight = Arc::new(Flight::default());
        single_flights.insert(client, Arc::downgrade(&flight));
        flight
    }
}
