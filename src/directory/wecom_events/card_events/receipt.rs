//! Receives a press: finds out whose it is, and records it.

use uuid::Uuid;

use super::{press::Press, store};
use crate::{
    crypto::seal::Sealer,
    kernel::{clock::Timestamp, entropy::Entropy, failure::Result},
    store::Database,
    wecom::ResponseCode,
};

/// A press as it arrives.
pub(in crate::directory) struct Arrived {
    pub(in crate::directory) userid: String,
    pub(in crate::directory) agent_id: Option<i64>,
    pub(in crate::directory) task_id: String,
    pub(in crate::directory) key: String,
    pub(in crate::directory) response_code: Option<ResponseCode>,
}

/// Records a press that arrived at an endpoint. Whose card it is of says the endpoint whose key signed it, and no word of the press. False: the endpoint
/// belongs to no app, or the press names another one.
pub(in crate::directory) async fn record(
    db: &Database,
    (sealer, entropy): (&Sealer, &Entropy),
    (endpoint, arrived): (Uuid, Arrived),
    now: Timestamp,
) -> Result<bool> {
    let Some(place) = store::place_of(db, endpoint).await? else {
        return Ok(false);
    };
    let named = arrived.agent_id;
    let own = place.agent_id.filter(|own| named.is_none_or(|named| named == *own));
    let Some(agent_id) = own else { return Ok(false) };
    let press = Press {
        id: entropy.id(now),
        data_source: place.data_source,
        corp_id: place.corp_id,
        agent_id,
        userid: arrived.userid,
        task_id: arrived.task_id,
        key: arrived.key,
        received_at: now,
        outcome: None,
    };
    let code = arrived.response_code.as_ref();
    let sealed = code.map(|code| store::seal_code(sealer, code)).transpose()?;
    store::record(db, press, sealed).await?;
    Ok(true)
}
