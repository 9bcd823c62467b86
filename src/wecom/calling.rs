//! Calls: how often one is sent, what is noted of each time, and that its reply is read while it arrives.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use super::{
    api_request::ApiRequest,
    arrival::Arrival,
    attempt::{Failed, Tries},
    call_span::{hint, span, timer},
    error::{Class, WeComError},
    patience::{Fault, is_repeatable},
    reply::Reply,
    transport::Transport,
};
use crate::{
    kernel::{secret::Secret, spans},
    store::request_versions,
    telemetry::metrics,
    web::context::{self, WeComCall},
};

impl Transport {
    /// Sends a call; a read is repeated while it may succeed a moment later and patience lasts.
    pub(super) async fn ask(&self, ask: &ApiRequest, token: Option<&Secret<String>>) -> Result<Reply, WeComError> {
        let mut tries = Tries::since(self.clock.now());
        loop {
            let Failed { error, fault } = match self.send(ask, token).await {
                Ok(reply) => {
                    self.down.store(false, Ordering::Relaxed);
                    return Ok(reply);
                }
                Err(failed) => failed,
            };
            let Some(gap) = self.gap(ask.call, fault, &mut tries, &self.down) else {
                return Err(error);
            };
            if !ask.may_be_repeated().await {
                return Err(error);
            }
            self.clock.pause(gap).await;
        }
    }

    /// The wait before the next try of what failed so, if there is to be one. `down`: the last of its kind was given up; noted where this is.
    pub(super) fn gap(
        &self,
        call: &str,
        fault: Option<Fault>,
        tries: &mut Tries,
        down: &AtomicBool,
    ) -> Option<Duration> {
        let fault = fault.filter(|_| is_repeatable(call))?;
        let (spent, was_down) = (self.clock.now().since(tries.began), down.load(Ordering::Relaxed));
        let jitter = u16::from_be_bytes(self.entropy.bytes());
        let gap = self.patience.gap(fault, tries.repetitions, spent, jitter, was_down);
        if gap.is_none() {
            down.store(fault == Fault::Broken, Ordering::Relaxed);
        }
        tries.repetitions += 1;
        gap
    }

    async fn send(&self, ask: &ApiRequest, token: Option<&Secret<String>>) -> Result<Reply, Failed> {
        let (began, timer) = (self.clock.now(), timer());
        let answer = self.answer(ask, token).await;
        // Who waited for WeCom looks again at what is in the database.
        request_versions::forget();
        let errcode = answer.as_ref().map_or_else(|failed| failed.error.errcode, |_| Some(0));
        let outcome = answer.as_ref().map_or_else(|failed| failed.outcome(), |_| "ok");
        let took = self.clock.now().since(began);
        metrics::wecom_call(ask.call, outcome, took);
        spans::record(|| span(ask, (outcome, errcode), timer.elapsed()));
        context::wecom_call(|| WeComCall {
            path: ask.call,
            at: began.millis(),
            duration_ms: u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
            outcome,
            errcode,
            hint: answer.as_ref().err().and_then(|failed| hint(&failed.error.message)),
        });
        tracing::debug!(call = ask.call, errcode, "asked WeCom");
        answer
    }

    /// One try. Nothing that was read in it outlives its failure.
    async fn answer(&self, ask: &ApiRequest, token: Option<&Secret<String>>) -> Result<Reply, Failed> {
        let mut arrival = Arrival::of(ask, self.record.as_ref(), &self.room);
        let mut found = self.exchange(ask.call, (ask, token), |part| arrival.take(part)).await?;
        if let (false, Some(older)) = (found, ask.older_path) {
            found = self.exchange(older, (ask, token), |part| arrival.take(part)).await?;
        }
        if !found {
            let missing = WeComError::without_code(ask.call, Class::Retry, "HTTP status 404");
            return Err(Failed::lasting(missing));
        }
        let reply = arrival.finish(ask.call, |text| ask.scrub(token, text));
        reply.map_err(Failed::told)
    }
}
