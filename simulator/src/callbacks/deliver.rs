//! Delivers callbacks: GET verification on saving, POST with up to three retries (reference §6.4, §6.5).
//!
//! The lock is never held across a request: the receiver will call the simulator's API while it handles the event.

use std::time::Duration;

use rand::RngExt;

use super::seal::{Sealed, Stamp, Tamper, seal_message};
use super::{
    delivery::{Delivery, DeliveryReport, Held, Owner},
    events::{self, Event},
    render,
};
use crate::redirects::with_params;
use crate::state::{Shared, State};
use crate::world::{Callback, Corp, Switches};

/// WeCom re-sends at most three times.
const RETRIES: u32 = 3;
/// `AgentID` of the contacts-sync helper, where it is sent at all.
const HELPER: u32 = 2_000_002;

/// Verifies the URL as the console does on saving, then keeps it. The error is what the administrator would read.
pub(crate) async fn configure(shared: &Shared, corp: &str, owner: Owner, callback: Callback) -> Result<(), String> {
    if callback.token.is_empty()
        || callback.token.len() > 32
        || !callback.token.bytes().all(|b| b.is_ascii_alphanumeric())
    {
        return Err("Token: 1 to 32 letters and digits".to_owned());
    }
    let (echo, sealed, wait) = {
        let mut state = shared.lock();
        slot(&mut state, corp, owner).ok_or("no such corp or app")?;
        let State { rng, world, .. } = &mut *state;
        let echo = rng.random_range(1_000_000_000_000_000_000..u64::MAX).to_string();
        let stamp = Stamp::new(shared.clock.now(), rng);
        let sealed = seal_message((&callback, corp), &echo, stamp, None, rng);
        (
            echo,
            sealed.ok_or("EncodingAESKey: exactly 43 letters and digits")?,
            world.limits.verify_timeout_ms,
        )
    };
    let url = signed_url(&callback.url, &sealed, Some(&sealed.encrypted)).ok_or("URL: not a valid address")?;
    let answer = shared.http.get(url).timeout(Duration::from_millis(wait)).send().await;
    let answer = answer.map_err(|error| format!("40057: {error}"))?;
    let status = answer.status().as_u16();
    let body = answer.bytes().await.map_err(|error| format!("40057: {error}"))?;
    if status != 200 || body != echo.as_bytes() {
        return Err(format!(
            "40057: answered HTTP {status} and not exactly the decrypted echostr"
        ));
    }
    let mut state = shared.lock();
    *slot(&mut state, corp, owner).ok_or("no such corp or app")? = Some(callback);
    Ok(())
}

fn slot<'a>(state: &'a mut State, corp: &str, owner: Owner) -> Option<&'a mut Option<Callback>> {
    let corp = state.world.corps.get_mut(corp)?;
    match owner {
        Owner::Contacts => Some(&mut corp.contacts_callback),
        Owner::App(agentid) => corp.apps.get_mut(&agentid).map(|app| &mut app.callback),
    }
}

fn callback_of(corp: &Corp, owner: Owner) -> Option<&Callback> {
    match owner {
        Owner::Contacts => corp.contacts_callback.as_ref(),
        Owner::App(agentid) => corp.apps.get(&agentid)?.callback.as_ref(),
    }
}

fn signed_url(url: &str, sealed: &Sealed, echostr: Option<&str>) -> Option<String> {
    let Sealed {
        msg_signature,
        timestamp,
        nonce,
        ..
    } = sealed;
    let mut params = vec![
        ("msg_signature", msg_signature.as_str()),
        ("timestamp", timestamp),
        ("nonce", nonce),
    ];
    params.extend(echostr.map(|echo| ("echostr", echo)));
    with_params(url, &params)
}

/// Emits one event, followed by held-back ones of the same owner. Without a callback nothing is sent.
pub(crate) async fn emit(
    shared: &Shared,
    corp: &str,
    owner: Owner,
    event: &Event,
    delivery: Delivery,
) -> DeliveryReport {
    let batch = {
        let mut state = shared.lock();
        let State { world, held, .. } = &mut *state;
        let Some(known) = world.corps.get(corp) else {
            return DeliveryReport::default();
        };
        let mut worded = events::word(known, owner, event, shared.clock.now(), &world.switches);
        if delivery.drop || callback_of(known, owner).is_none() {
            return DeliveryReport::default();
        }
        if delivery.reorder || delivery.hold {
            worded.until_released = delivery.hold;
            held.push(worded);
            return DeliveryReport {
                held: true,
                ..DeliveryReport::default()
            };
        }
        let late = held.extract_if(.., |other| {
            other.corp == corp && other.owner == owner && !other.until_released
        });
        std::iter::once(worded).chain(late).collect::<Vec<_>>()
    };
    let mut report = DeliveryReport::default();
    for (at, message) in batch.iter().enumerate() {
        let tamper = delivery.tamper.filter(|_| at == 0);
        for _ in 0..=u8::from(delivery.duplicate && at == 0) {
            push(shared, message, tamper, &mut report).await;
        }
    }
    report
}

/// Delivers every event held back, oldest first or in reverse.
pub(crate) async fn release(shared: &Shared, reverse: bool) -> DeliveryReport {
    let mut held = std::mem::take(&mut shared.lock().held);
    if reverse {
        held.reverse();
    }
    let mut report = DeliveryReport::default();
    for message in &held {
        push(shared, message, None, &mut report).await;
    }
    report
}

/// One delivery with its retries.
async fn push(shared: &Shared, held: &Held, tamper: Option<Tamper>, report: &mut DeliveryReport) {
    let mut first: Option<Stamp> = None;
    for _ in 0..=RETRIES {
        let Some((url, body, wait)) = request(shared, held, tamper, &mut first) else {
            return;
        };
        let sent = shared.http.post(url).header("content-type", "text/xml").body(body);
        let answer = sent.timeout(Duration::from_millis(wait)).send().await;
        let status = answer.map_or(0, |answer| answer.status().as_u16());
        report.attempts += 1;
        report.statuses.push(status);
        if status == 200 {
            return;
        }
    }
}

/// Builds the address, body and time limit of one attempt. Each attempt is encrypted anew; the stamp may be that of the first (§6.5).
fn request(
    shared: &Shared,
    held: &Held,
    tamper: Option<Tamper>,
    first: &mut Option<Stamp>,
) -> Option<(String, String, u64)> {
    let mut state = shared.lock();
    let State { world, rng, .. } = &mut *state;
    let callback = callback_of(world.corps.get(&held.corp)?, held.owner)?;
    let switches: &Switches = &world.switches;
    let fresh = Stamp::new(shared.clock.now(), rng);
    let stamp = if switches.fresh_timestamp_on_retry {
        fresh
    } else {
        first.get_or_insert(fresh).clone()
    };
    let sealed = seal_message((callback, &held.corp), &held.message, stamp, tamper, rng)?;
    let agentid = match held.owner {
        Owner::App(agentid) => Some(agentid),
        Owner::Contacts => switches.contacts_agentid.then_some(HELPER),
    };
    let body = render::outer(&held.corp, agentid, &sealed.encrypted, switches);
    Some((
        signed_url(&callback.url, &sealed, None)?,
        body,
        world.limits.callback_timeout_ms,
    ))
}
