//! WeCom API client: one typed method per call, and which API it uses. Replies are parsed in the files named after their subjects.
//!
//! A call that meets a dead token is repeated once with a new one; nothing else is repeated here (reference 1.3 rules 3 and 5). What is
//! repeated below, and how often: [`super::patience`].

use std::sync::Arc;

use serde_json::Value;

use super::{
    agent,
    api_request::{Allowance, ApiRequest},
    call_counter::CallCounter,
    classify,
    contacts::{self, LIST_ID_LIMIT, Pages},
    denials::Denials,
    endpoints::Endpoints,
    error::WeComError,
    members,
    message::{self, Delivery, TextCard},
    model::{Agent, Credential, Department, Member, MemberId, MemberLookup, Rows, SecretKind, TagContent, TagName},
    patience::Patience,
    refusal::Refusal,
    reply::Reply,
    server_clock::ClockReading,
    token_holder::Holder,
    tokens::Tokens,
    transport::{HttpClient, Transport},
};
use crate::{
    crypto::seal::Sealer,
    kernel::{clock::Clock, entropy::Entropy},
    store::Ephemeral,
};

/// What an installation may tune.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// Exchange codes at the older `user/getuserinfo` at once (reference 3.2), without trying the new path first.
    pub legacy_identity: bool,
}

/// The WeCom API client. Cheap to clone.
#[derive(Clone)]
pub struct WeCom {
    endpoints: Arc<Endpoints>,
    pub(super) transport: Arc<Transport>,
    pub(super) tokens: Arc<Tokens>,
    pub(super) denials: Arc<Denials>,
    pub(super) legacy_identity: bool,
}

/// An id that is none, or of another kind than those that are told.
const OTHER_KIND_OF_ID: i64 = 40003;

type Answer<T> = Result<T, WeComError>;

impl WeCom {
    /// A client with default [`Settings`]. `http` comes from [`super::transport::build_client`]; tokens live in `store`, sealed.
    pub fn new(
        http: HttpClient,
        endpoints: Endpoints,
        store: Ephemeral,
        sealer: Sealer,
        clock: Clock,
        entropy: Entropy,
    ) -> Self {
        Self {
            transport: Arc::new(Transport::new(http, &endpoints.api, clock.clone(), entropy.clone())),
            endpoints: Arc::new(endpoints),
            denials: Arc::new(Denials::new(store.clone(), clock.clone())),
            tokens: Arc::new(Tokens::new(store, sealer, clock, entropy)),
            legacy_identity: false,
        }
    }

    /// The same client for work that nobody waits for: reads that fail are repeated longer.
    #[must_use]
    pub fn in_background(&self) -> Self {
        Self {
            transport: Arc::new(self.transport.with_patience(Patience::Background)),
            ..self.clone()
        }
    }

    /// The same client with other settings.
    #[must_use]
    pub fn with_settings(self, settings: &Settings) -> Self {
        Self {
            legacy_identity: settings.legacy_identity,
            ..self
        }
    }

    /// The same client, which downloads exported files with this one, of [`super::transport::build_download_client`]. Without it only files
    /// at the API's own host, and at addresses written as numbers, are fetched: names are not resolved unguarded.
    #[must_use]
    pub fn downloading_with(self, http: HttpClient) -> Self {
        Self {
            transport: Arc::new(self.transport.downloading_with(http)),
            ..self
        }
    }

    /// The same client, whose requests are counted here.
    #[must_use]
    pub fn counting(&self, calls: &CallCounter) -> Self {
        Self {
            transport: Arc::new(self.transport.counting(calls)),
            ..self.clone()
        }
    }

    /// The base URLs, for [`super::login_url`].
    pub fn endpoints(&self) -> &Endpoints {
        &self.endpoints
    }

    /// WeCom's clock beside ours, as of the last reply to this process.
    pub fn server_clock(&self) -> Option<ClockReading> {
        self.transport.server_clock.last()
    }

    /// Reads the app as WeCom knows it, with its visible scope (`agent/get`); of a suite's app that may not ask for that, what the corp authorised.
    /// With a contacts-sync secret there is no app to ask about: 301002.
    ///
    /// # Errors
    /// Any [`WeComError`]; so for every call here.
    pub async fn agent(&self, credential: &Credential) -> Answer<Agent> {
        let ask = match credential.kind {
            SecretKind::App { agent_id } => ApiRequest::new("agent/get").with("agentid", agent_id),
            SecretKind::ContactsSync | SecretKind::ExternalContacts => return Err(message::no_app("agent/get")),
        };
        match (self.call(credential, ask).await, &credential.suite) {
            (Err(error), Some(suite)) if error.errcode == Some(classify::WRONG_KIND) => {
                self.agent_as_installed(credential, suite).await
            }
            (reply, _) => agent::read(&reply?),
        }
    }

    /// Member lookup: reads one member live (`user/get`).
    ///
    /// # Errors
    /// See [`WeCom::agent`]; "not visible" is not an error.
    pub async fn member(&self, credential: &Credential, userid: &str) -> Answer<MemberLookup> {
        self.look_up(credential, ApiRequest::new("user/get").with("userid", userid))
            .await
    }

    /// As [`WeCom::member`]; the call is sent again only as often as `allowance` says.
    ///
    /// # Errors
    /// See [`WeCom::member`].
    pub async fn member_within(
        &self,
        credential: &Credential,
        userid: &str,
        allowance: Allowance,
    ) -> Answer<MemberLookup> {
        let ask = ApiRequest::new("user/get").with("userid", userid);
        self.look_up(credential, ask.within(allowance)).await
    }

    async fn look_up(&self, credential: &Credential, ask: ApiRequest) -> Answer<MemberLookup> {
        match self.call(credential, ask).await {
            Ok(reply) => members::one(&reply),
            Err(WeComError {
                errcode: Some(errcode), ..
            }) if is_not_visible(credential, errcode) => Ok(MemberLookup::NotVisible { errcode }),
            Err(error) => Err(error),
        }
    }

    /// All visible departments with names (`department/list`).
    ///
    /// # Errors
    /// See [`WeCom::agent`].
    pub async fn departments(&self, credential: &Credential) -> Answer<Rows<Department>> {
        let ask = ApiRequest::new("department/list");
        self.departments_by(credential, ask, "department").await
    }

    /// All visible departments, ids only (`department/simplelist`).
    ///
    /// # Errors
    /// See [`WeCom::agent`].
    pub async fn department_ids(&self, credential: &Credential) -> Answer<Rows<Department>> {
        let ask = ApiRequest::new("department/simplelist");
        self.departments_by(credential, ask, "department_id").await
    }

    /// Asks for a list of departments of this name.
    pub(super) async fn departments_by(
        &self,
        credential: &Credential,
        ask: ApiRequest,
        name: &'static str,
    ) -> Answer<Rows<Department>> {
        let list = contacts::department_list(name);
        let reply = self.call(credential, ask.listing(&list)).await?;
        contacts::departments(&reply, &list)
    }

    /// One department (`department/get`).
    ///
    /// # Errors
    /// 60003 or 60123 when there is none, 60011 when it is not visible.
    pub async fn department(&self, credential: &Credential, id: i64) -> Answer<Department> {
        contacts::department(
            &self
                .call(credential, ApiRequest::new("department/get").with("id", id))
                .await?,
        )
    }

    /// Members directly in one department (`user/list`); the caller walks the tree (reference 5.3).
    ///
    /// # Errors
    /// See [`WeCom::agent`].
    pub async fn members_of(&self, credential: &Credential, department: i64) -> Answer<Rows<Member>> {
        self.members_by(credential, members_in(department)).await
    }

    /// Names of the members directly in one department (`user/simplelist`); `status` stays `None`.
    ///
    /// # Errors
    /// See [`WeCom::agent`].
    pub async fn member_names_of(&self, credential: &Credential, department: i64) -> Answer<Rows<Member>> {
        let ask = ApiRequest::new("user/simplelist").with("department_id", department);
        self.members_by(credential, ask).await
    }

    async fn members_by(&self, credential: &Credential, ask: ApiRequest) -> Answer<Rows<Member>> {
        let list = members::list(credential.suite.is_some());
        list.rows_of(&self.call(credential, ask.listing(&list)).await?)
    }

    /// All (member, department) pairs of the corp, every page (`user/list_id`); contacts-sync secret only. A page that fails and a
    /// cursor that runs in circles fail the whole, so that nobody seems to have left.
    ///
    /// # Errors
    /// 48002 with an app's secret.
    pub async fn member_ids(&self, credential: &Credential) -> Answer<Rows<MemberId>> {
        let mut pages = Pages::default();
        while let Some(cursor) = pages.next() {
            let body = serde_json::json!({ "cursor": cursor, "limit": LIST_ID_LIMIT });
            self.add_page(credential, &mut pages, body).await?;
        }
        Ok(pages.found)
    }

    /// Asks for a page of ids (`user/list_id`), and adds it.
    pub(super) async fn add_page(&self, credential: &Credential, pages: &mut Pages, page: Value) -> Answer<()> {
        let list = Pages::list();
        let ask = ApiRequest::new("user/list_id").body(page).listing(&list);
        pages.add(&self.call(credential, ask).await?, &list)
    }

    /// All tags (`tag/list`).
    ///
    /// # Errors
    /// See [`WeCom::agent`].
    pub async fn tags(&self, credential: &Credential) -> Answer<Rows<TagName>> {
        contacts::tags(&self.call(credential, ApiRequest::new("tag/list")).await?)
    }

    /// One tag's content (`tag/get`), limited to what the secret sees.
    ///
    /// # Errors
    /// 40068 when there is none.
    pub async fn tag(&self, credential: &Credential, id: i64) -> Answer<TagContent> {
        contacts::tag(
            &self
                .call(credential, ApiRequest::new("tag/get").with("tagid", id))
                .await?,
        )
    }

    /// Sends a text to members (`message/send`); see [`message::text`] for its limits.
    ///
    /// # Errors
    /// 301002 with a contacts-sync secret, without asking.
    pub async fn send_text(&self, credential: &Credential, to: &[&str], text: &str) -> Answer<Delivery> {
        self.deliver(credential, to, &message::text(text)).await
    }

    /// Sends a card with a link to members (`message/send`); see [`TextCard`] for its limits.
    ///
    /// # Errors
    /// 301002 with a contacts-sync secret, without asking.
    pub async fn send_text_card(&self, credential: &Credential, to: &[&str], card: &TextCard<'_>) -> Answer<Delivery> {
        self.deliver(credential, to, &card.content()).await
    }

    pub(super) async fn deliver(
        &self,
        credential: &Credential,
        to: &[&str],
        content: &message::Content,
    ) -> Answer<Delivery> {
        let SecretKind::App { agent_id } = credential.kind else {
            return Err(message::no_app("message/send"));
        };
        let mut delivery = Delivery::default();
        for group in delivery.groups(to) {
            let ask = ApiRequest::new("message/send").body(content.addressed(agent_id, &group));
            match self.call(credential, ask).await {
                Ok(reply) => delivery.add(&reply)?,
                Err(error) if error.errcode == Some(message::NOBODY_LEFT) => delivery.add_undelivered(&group),
                Err(error) => return Err(error),
            }
        }
        Ok(delivery)
    }

    /// Drops the cached token and the block on a wrong secret, after an admin edited this credential.
    pub async fn forget(&self, credential: &Credential) {
        self.denials.forget(&self.transport, credential).await;
        if let Err(error) = self.tokens.forget(&self.transport, Holder::Corp(credential)).await {
            tracing::warn!(%error, "a WeCom token could not be forgotten");
        }
    }

    /// The refusal of this credential that stands; `None` also while the token cache does not answer.
    pub async fn refusal(&self, credential: &Credential) -> Option<Refusal> {
        let refusal = self.tokens.refusal(&self.transport, Holder::Corp(credential)).await;
        refusal.unwrap_or_else(|error| {
            tracing::warn!(%error, "whether WeCom refuses a credential is not known");
            None
        })
    }

    /// That WeCom did not trust the domain of this site when a code was exchanged last (50001).
    pub async fn untrusted_domain(&self, credential: &Credential) -> Option<Refusal> {
        self.denials.untrusted_domain(&self.transport, credential).await
    }

    /// Whether WeCom denied a call of this credential, for its address, its app or their pairing, since this was asked last.
    pub async fn take_suspicion(&self, credential: &Credential) -> bool {
        self.denials.take_suspicion(&self.transport, credential).await
    }

    /// One call with the token of a corp.
    pub(super) async fn call(&self, credential: &Credential, ask: ApiRequest) -> Answer<Reply> {
        let ask = self.transport.recorded(credential, ask);
        let recorded = ask.digest;
        let mut answer = self.call_as(Holder::Corp(credential), ask).await;
        if let Ok(reply) = &mut answer {
            reply.ids_as_names = credential.suite.is_some();
        }
        self.transport.note_answer(recorded, &answer);
        if let Err(error) = &answer {
            self.denials.note(&self.transport, credential, error).await;
        }
        answer
    }

    /// One call with the token of a suite or of a provider.
    pub(super) async fn call_as(&self, holder: Holder<'_>, ask: ApiRequest) -> Answer<Reply> {
        self.tokens.ask(&self.transport, holder, ask).await
    }

    /// Fetches a token although one is cached: whether its holder is let in now.
    pub(super) async fn renew_token(&self, holder: Holder<'_>) -> Answer<()> {
        self.tokens.renew(&self.transport, holder).await
    }
}

/// Asks for the members directly in one department.
pub(super) fn members_in(department: i64) -> ApiRequest {
    ApiRequest::new("user/list").with("department_id", department)
}

/// Whether WeCom says by this code that it shows an app no member under a userid. A service provider is told so too where the userid is of another kind than
/// those that it is told (reference 1.5: 40003).
fn is_not_visible(credential: &Credential, errcode: i64) -> bool {
    classify::NOT_VISIBLE.contains(&errcode) || (credential.suite.is_some() && errcode == OTHER_KIND_OF_ID)
}

#[cfg(test)]
impl WeCom {
    pub(super) fn flights_waiting(&self) -> usize {
        self.tokens.flights_waiting()
    }

    pub(super) async fn reject_token(&self, credential: &Credential, token: &str) {
        let token = crate::kernel::secret::Secret::new(token.to_owned());
        self.tokens
            .reject(&self.transport, Holder::Corp(credential), &token)
            .await
            .unwrap();
    }
}
