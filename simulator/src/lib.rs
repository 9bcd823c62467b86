//! WeCom simulator: an HTTP server that plays WeCom for tests and demos.
//!
//! One listener plays every WeCom host: the API (`/cgi-bin/…`), the web login (`/wwlogin/sso/login`), the legacy QR page
//! (`/wwopen/sso/qrConnect`), in-app OAuth (`/connect/oauth2/authorize`); besides, a phone (`/phone/{ticket}`), each member's messages
//! (`/messages`) and a control API (`/_sim/…`). It is written from the published behaviour of WeCom alone and shares no code with Menjin, so that a
//! mistake in one cannot cancel a mistake in the other. Facts which are not certain are [`world::Switches`].
//!
//! Service providers and their suites (`/cgi-bin/service/…`, `/3rdapp/install`) are there when the world has them.
//!
//! Not simulated: the script panel, second verification at sign-in, API writes to departments and tags.

mod api;
mod callbacks;
pub mod clock;
mod codes;
mod control;
pub mod crypto;
mod errmsg;
mod exports;
mod limits;
mod mailbox;
mod pages;
mod policy;
mod redirects;
mod server;
mod state;
mod suites;
mod tickets;
mod tokens;
pub mod world;

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use actix_web::dev::ServerHandle;
use rand::SeedableRng;
use rand::rngs::StdRng;

pub use callbacks::{
    Acted, ChatChange, Delivery, DeliveryReport, Event, ExternalChange, ExternalChat, ExternalContact, ExternalTag,
    Owner, Push, Pushed, SuiteCallback, TagChange, Tamper, Told,
};
pub use clock::Clock;
pub use mailbox::{Button, Message};
pub use state::Call;
pub use tokens::ForcedExpiry;
pub use world::{Action, World, generator, sample};

use state::{Shared, State};

/// Start options.
#[derive(Debug, Clone)]
pub struct Options {
    /// Address to listen on; port 0 chooses a free one.
    pub listen: SocketAddr,
    /// The simulated corps and their settings.
    pub world: World,
    /// Time of tokens, codes, tickets and limits.
    pub clock: Clock,
    /// Seed of tokens, codes, nonces.
    pub seed: u64,
    /// Name and address of pages that the phone names when a member was changed on it: where one can watch what follows.
    pub watch: Vec<(String, String)>,
}

impl Options {
    /// Options with a free port on 127.0.0.1, the machine's time, seed 1.
    pub fn new(world: World) -> Self {
        let listen = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        Self {
            listen,
            world,
            clock: Clock::system(),
            seed: 1,
            watch: Vec::new(),
        }
    }
}

/// A running simulator. Dropping it stops the server.
pub struct Simulator {
    shared: Arc<Shared>,
    address: SocketAddr,
    handle: ServerHandle,
}

impl Simulator {
    /// Starts the server.
    pub async fn start(options: Options) -> io::Result<Self> {
        let state = State::new(options.world, StdRng::seed_from_u64(options.seed));
        // Kept-alive connections belong to the runtime which opened them; here two runtimes share the client.
        let http = reqwest::Client::builder()
            .pool_max_idle_per_host(0)
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build()
            .map_err(io::Error::other)?;
        let shared = Arc::new(Shared::new(state, options.clock, http, options.watch));
        let (address, handle) = server::start(options.listen, Arc::clone(&shared))?;
        Ok(Self {
            shared,
            address,
            handle,
        })
    }

    /// Base URL of every WeCom host, e.g. `http://127.0.0.1:41234`, without a trailing slash.
    pub fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The clock it follows.
    pub fn clock(&self) -> &Clock {
        &self.shared.clock
    }

    /// Changes the world under the lock. Do not call the simulator from inside.
    pub fn edit<R>(&self, change: impl FnOnce(&mut World) -> R) -> R {
        self.shared.lock().edit(change)
    }

    /// How often an API was called, e.g. `/cgi-bin/user/get` or `user/get`.
    pub fn calls(&self, path: &str) -> usize {
        self.shared.lock().calls(path)
    }

    /// The latest calls, oldest first.
    pub fn call_log(&self) -> Vec<Call> {
        self.shared.lock().call_log()
    }

    /// App messages delivered so far, oldest first.
    pub fn messages(&self) -> Vec<Message> {
        self.shared.lock().mailbox.all().cloned().collect()
    }

    /// Presses a button of a card, as its receiver does on the phone. `None`: there is no such message, or no such button on it (any more).
    pub async fn press(&self, message: u64, key: &str, delivery: Delivery) -> Option<Told> {
        callbacks::press(&self.shared, message, key, delivery).await
    }

    /// The keys of all exports so far, and the last parts of the addresses of their files: what nobody may be told.
    pub fn export_secrets(&self) -> Vec<String> {
        self.shared.lock().exports.secrets.clone()
    }

    /// Invalidates every token given out so far.
    pub fn expire_tokens(&self, forced: ForcedExpiry) {
        self.shared.lock().tokens.expire(forced);
    }

    /// Ends every JS-SDK ticket before its time: what it signed is refused from then on.
    pub fn expire_js_tickets(&self) {
        self.shared.lock().tokens.expire_js_tickets();
    }

    /// Saves a callback as the console does: verifies the URL by GET first (reference §6.4).
    pub async fn configure_callback(
        &self,
        corp: &str,
        owner: Owner,
        url: &str,
        token: &str,
        aes_key: &str,
    ) -> Result<(), String> {
        let (url, token, aes_key) = (url.to_owned(), token.to_owned(), aes_key.to_owned());
        callbacks::configure(&self.shared, corp, owner, world::Callback { url, token, aes_key }).await
    }

    /// Saves a callback of a suite as the provider's console does: verifies the URL by GET first (reference §6.3).
    pub async fn configure_suite(
        &self,
        suite_id: &str,
        which: SuiteCallback,
        (url, token, aes_key): (&str, &str, &str),
    ) -> Result<(), String> {
        let (url, token, aes_key) = (url.to_owned(), token.to_owned(), aes_key.to_owned());
        let callback = world::Callback { url, token, aes_key };
        callbacks::configure_suite(&self.shared, suite_id, which, callback).await
    }

    /// Installs a suite as an administrator does on the phone, whose userid is `by`: `create_auth` is pushed. Gives the auth code. `None`: the
    /// corp, the suite or the member is unknown.
    pub async fn install(
        &self,
        corp: &str,
        suite_id: &str,
        (by, scope): (&str, world::Scope),
        delivery: Delivery,
    ) -> Option<String> {
        let agreement = world::Agreement {
            suite_id: suite_id.to_owned(),
            by: by.to_owned(),
            scope,
            at: self.shared.clock.now(),
            auth_mode: 0,
            state: String::new(),
            permanent_code: String::new(),
        };
        let place = callbacks::Place::Phone;
        let installed = callbacks::install(&self.shared, corp, agreement, place, Some(delivery)).await;
        installed.map(|(auth_code, _)| auth_code)
    }

    /// Deletes the app of a suite as an administrator does: `cancel_auth` is pushed. `None`: the corp does not have it.
    pub async fn uninstall(&self, corp: &str, suite_id: &str, delivery: Delivery) -> Option<Vec<Pushed>> {
        callbacks::cancel(&self.shared, corp, suite_id, Some(delivery)).await
    }

    /// Pushes to the command callback of a suite, retrying as WeCom does.
    pub async fn push(&self, suite_id: &str, push: &Push, delivery: Delivery) -> DeliveryReport {
        callbacks::push(&self.shared, suite_id, push, Some(delivery)).await
    }

    /// Emits an event to a configured callback, retrying as WeCom does. Change the world first: events are filled from it.
    pub async fn emit(&self, corp: &str, owner: Owner, event: Event, delivery: Delivery) -> DeliveryReport {
        callbacks::emit(&self.shared, corp, owner, &event, delivery).await
    }

    /// Carries out what an administrator does in the console and sends the events of it, as WeCom would. `None`: the corp, member or app
    /// is unknown, or the userid is taken; of an action with several steps the first ones are done then.
    pub async fn act(&self, corp: &str, action: Action, delivery: Delivery) -> Option<Vec<Told>> {
        let acted = callbacks::act(&self.shared, corp, action, delivery).await;
        acted.map(|acted| acted.told)
    }

    /// Delivers every event held back, oldest first or in reverse.
    pub async fn release(&self, reverse: bool) -> DeliveryReport {
        callbacks::release(&self.shared, reverse).await
    }

    /// Stops the server and waits until nothing listens any more. A connection already open may be answered a moment longer.
    pub async fn stop(&self) {
        self.handle.stop(false).await;
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        // The stop command is sent when the future is created; nobody needs to wait for it.
        drop(self.handle.stop(false));
    }
}
