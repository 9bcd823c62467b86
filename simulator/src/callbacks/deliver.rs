//! Delivers callbacks: GET verification on saving, POST with up to three retries (reference §6.4, §6.5).
//!
//! The lock is never held across a request: the receiver will call the simulator's API while it handles the event.

use std::time::Duration;

use rand::RngExt;

use super::held::Held;
use super::push_words;
use super::pushes::Push;
use super::seal::{Sealed, Stamp, seal_message};
use super::tamper::Tamper;
use super::target::{Destination, Target};
use super::{
    delivery::{Delivery, DeliveryReport, Owner},
    events::{self, Event},
    render,
};
use crate::redirects::with_params;
use crate::state::{Shared, State};
use crate::world::Switches;
use crate::world::open_ids::OpenIds;

/// WeCom re-sends at most three times.
const RETRIES: u32 = 3;

/// Verifies an address as the console does on saving. The error is what the administrator would read.
pub(super) async fn verify(shared: &Shared, target: &Target) -> Result<(), String> {
    let token = &target.callback.token;
    if token.is_empty() || token.len() > 32 || !token.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return Err("Token: 1 to 32 letters and digits".to_owned());
    }
    let (echo, sealed, wait) = {
        let mut state = shared.lock();
        let State { rng, world, .. } = &mut *state;
        let echo = rng.random_range(1_000_000_000_000_000_000..u64::MAX).to_string();
        let stamp = Stamp::new(shared.clock.now(), rng);
        let sealed = seal_message((&*world, target), &echo, stamp, None, rng);
        let wait = world.limits.verify_timeout_ms;
        (
            echo,
            sealed.ok_or("EncodingAESKey: exactly 43 letters and digits")?,
            wait,
        )
    };
    let url = signed_url(&target.callback.url, &sealed, Some(&sealed.encrypted)).ok_or("URL: not a valid address")?;
    let answer = shared.http.get(url).timeout(Duration::from_millis(wait)).send().await;
    let answer = answer.map_err(|error| format!("40057: {error}"))?;
    let status = answer.status().as_u16();
    let body = answer.bytes().await.map_err(|error| format!("40057: {error}"))?;
    if status != 200 || body != echo.as_bytes() {
        return Err(format!(
            "40057: answered HTTP {status} and not exactly the decrypted echostr"
        ));
    }
    Ok(())
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
    let held = {
        let state = shared.lock();
        let Some(known) = state.world.corps.get(corp) else {
            return DeliveryReport::default();
        };
        let app = match owner {
            Owner::App(agentid) => known.apps.get(&agentid),
            Owner::Contacts => None,
        };
        let ids = app.and_then(|app| OpenIds::of_app(&state.world, app));
        let now = shared.clock.now();
        let message = events::word((known, ids.as_ref()), owner, event, now, &state.world.switches);
        let corp = corp.to_owned();
        Held::new(Destination::Corp { corp, owner }, message)
    };
    send(shared, held, delivery).await
}

/// Pushes to a suite's command callback; without `delivery` as the plans of the suite say.
pub(crate) async fn push(shared: &Shared, suite_id: &str, push: &Push, delivery: Option<Delivery>) -> DeliveryReport {
    let (held, delivery) = {
        let mut state = shared.lock();
        let planned = || state.suites.plans.next(suite_id, push.info_type());
        let delivery = delivery.unwrap_or_else(planned);
        let Some(held) = push_words::word(&mut state, suite_id, push, shared.clock.now()) else {
            return DeliveryReport::default();
        };
        (held, delivery)
    };
    send(shared, held, delivery).await
}

/// Sends a message, followed by held-back ones to the same callback.
async fn send(shared: &Shared, mut worded: Held, delivery: Delivery) -> DeliveryReport {
    let batch = {
        let mut state = shared.lock();
        let State { world, held, .. } = &mut *state;
        if delivery.drop || Target::find(world, &worded.to).is_none() {
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
        let late = held.extract_if(.., |other| other.to == worded.to && !other.until_released);
        let late: Vec<Held> = late.collect();
        std::iter::once(worded).chain(late).collect::<Vec<_>>()
    };
    let mut report = DeliveryReport::default();
    for (at, message) in batch.iter().enumerate() {
        let tamper = delivery.tamper.filter(|_| at == 0);
        for _ in 0..=u8::from(delivery.duplicate && at == 0) {
            attempt(shared, message, tamper, &mut report).await;
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
        attempt(shared, message, None, &mut report).await;
    }
    report
}

/// A request to send.
struct Request {
    url: String,
    body: String,
    /// Time limit in milliseconds.
    wait: u64,
    wants_success: bool,
}

/// One delivery with its retries.
async fn attempt(shared: &Shared, held: &Held, tamper: Option<Tamper>, report: &mut DeliveryReport) {
    let mut first: Option<Stamp> = None;
    for _ in 0..=RETRIES {
        let Some(request) = request(shared, held, tamper, &mut first) else {
            return;
        };
        let sent = shared.http.post(request.url).header("content-type", "text/xml");
        let sent = sent.body(request.body).timeout(Duration::from_millis(request.wait));
        let (status, taken) = match sent.send().await {
            Err(_) => (0, false),
            Ok(answer) => {
                let status = answer.status().as_u16();
                let said = answer.bytes().await;
                let right = !request.wants_success || said.is_ok_and(|said| said == "success");
                (status, status == 200 && right)
            }
        };
        report.attempts += 1;
        report.statuses.push(status);
        report.taken = taken;
        if taken {
            return;
        }
    }
}

/// Builds one attempt. Each attempt is encrypted anew; the stamp may be that of the first (§6.5).
fn request(shared: &Shared, held: &Held, tamper: Option<Tamper>, first: &mut Option<Stamp>) -> Option<Request> {
    let mut state = shared.lock();
    let State { world, rng, .. } = &mut *state;
    let target = Target::find(world, &held.to)?;
    let switches: &Switches = &world.switches;
    let fresh = Stamp::new(shared.clock.now(), rng);
    let stamp = if switches.fresh_timestamp_on_retry {
        fresh
    } else {
        first.get_or_insert(fresh).clone()
    };
    let sealed = seal_message((&*world, &target), &held.message, stamp, tamper, rng)?;
    let body = render::outer(
        &target.receive_id,
        target.agentid.as_deref(),
        &sealed.encrypted,
        switches,
    );
    let wait = if target.wants_success {
        world.limits.push_timeout_ms
    } else {
        world.limits.callback_timeout_ms
    };
    Some(Request {
        url: signed_url(&target.callback.url, &sealed, None)?,
        body,
        wait,
        wants_success: target.wants_success,
    })
}
