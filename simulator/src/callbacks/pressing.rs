//! A button of a card is pressed: the app's callback hears of it (reference §7.6).

use super::{
    deliver::emit,
    delivery::{Delivery, Owner},
    events::Event,
    told::Told,
};
use crate::errmsg::hex;
use crate::mailbox::ResponseCode;
use crate::state::{Shared, State};

/// How long the `ResponseCode` of an event is good, in seconds (§7.6).
const GOOD: u64 = 24 * 3600;

/// Presses the button with this key. `None`: there is no such message, or no such button on it.
pub(crate) async fn press(shared: &Shared, message: u64, key: &str, delivery: Delivery) -> Option<Told> {
    let (corp, owner, event) = pressed(&mut shared.lock(), message, key, shared.clock.now())?;
    let report = emit(shared, &corp, owner, &event, delivery).await;
    Some(Told { owner, event, report })
}

fn pressed(state: &mut State, message: u64, key: &str, now: u64) -> Option<(String, Owner, Event)> {
    let response_code = hex(&mut state.rng, 40);
    let State { world, mailbox, .. } = state;
    let switches = &world.switches.messages;
    let card = mailbox.find_mut(message)?;
    if !card.buttons.iter().any(|button| button.key == key) {
        return None;
    }
    if switches.pressing_ends_buttons {
        card.buttons.clear();
    }
    let event = Event::TemplateCard {
        userid: card.userid.clone(),
        task_id: card.task_id.clone().unwrap_or_default(),
        event_key: key.to_owned(),
        card_type: card
            .content
            .get("card_type")
            .and_then(serde_json::Value::as_str)
            .unwrap_or_default()
            .to_owned(),
        response_code: response_code.clone(),
    };
    let (corp, agentid) = (card.corp.clone(), card.agentid);
    let good_for = ResponseCode {
        corp: corp.clone(),
        agentid,
        msgid: card.msgid.clone(),
        only: Some(card.userid.clone()).filter(|_| !switches.event_code_updates_all),
        until: now + GOOD,
        used: false,
    };
    mailbox.give_code(response_code, good_for);
    Some((corp, Owner::App(agentid), event))
}
