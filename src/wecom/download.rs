//! Download of exported files: guarded, bounded, and tried again while the file may come whole a moment later.

use std::sync::atomic::Ordering;

use super::{
    attempt::{Failed, Tries},
    error::{Class, ExportFault, WeComError},
    export_file::{File, LARGEST_FILE},
    patience::EXPORT_FILE,
    server_clock::ServerClock,
    transport::{HttpClient, LIST_TIMEOUT, Transport},
};
use crate::telemetry::metrics;

impl Transport {
    /// Downloads a file of an export of this kind, whole and as it was told, or not at all. No error repeats its address.
    pub(super) async fn download(&self, call: &'static str, file: &File) -> Result<Vec<u8>, WeComError> {
        let refused =
            |why| WeComError::of_export(call, ExportFault::Address, format!("its address is not called: {why}"));
        let url = self.guard.checked(file.url.expose()).map_err(refused)?;
        let is_foreign_name = url.domain().is_some() && !self.guard.is_api(&url);
        let http = match &self.downloads {
            Some(http) => http,
            None if is_foreign_name => return Err(refused("there is no client that guards names")),
            None => &self.http,
        };
        let mut tries = Tries::since(self.clock.now());
        loop {
            let began = self.clock.now();
            self.calls.count();
            let answer = self.fetched(http, (call, file), url.as_str()).await;
            let outcome = answer.as_ref().map_or_else(Failed::outcome, |_| "ok");
            metrics::wecom_call(EXPORT_FILE, outcome, self.clock.now().since(began));
            let Failed { error, fault } = match answer {
                Ok(bytes) => {
                    self.downloads_down.store(false, Ordering::Relaxed);
                    return Ok(bytes);
                }
                Err(failed) => failed,
            };
            let Some(gap) = self.gap(EXPORT_FILE, fault, &mut tries, &self.downloads_down) else {
                return Err(error);
            };
            self.clock.pause(gap).await;
        }
    }

    async fn fetched(
        &self,
        http: &HttpClient,
        (call, file): (&'static str, &File),
        url: &str,
    ) -> Result<Vec<u8>, Failed> {
        let unfetchable = |why: String| WeComError::of_export(call, ExportFault::Unfetchable, why);
        let request = http.get(url).timeout(LIST_TIMEOUT);
        let mut bytes = Vec::new();
        let take = |part: Vec<u8>| {
            if bytes.len() + part.len() > LARGEST_FILE {
                return Err(WeComError::without_code(call, Class::Defect, "the file is too large"));
            }
            bytes.extend_from_slice(&part);
            Ok(())
        };
        // What the host of the files says of the time, WeCom does not say.
        match self.receive(call, request, ServerClock::default(), take).await {
            Ok(true) => {}
            Ok(false) => return Err(Failed::lasting(unfetchable("HTTP status 404".to_owned()))),
            Err(Failed { error, fault }) => {
                let error = unfetchable(error.message);
                return Err(Failed { error, fault });
            }
        }
        let damaged = |why: &str| Failed::broken(WeComError::of_export(call, ExportFault::Damaged, why));
        file.verify(&bytes).map_err(damaged)?;
        Ok(bytes)
    }
}
