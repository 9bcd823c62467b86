//! The installation of a suite by a corp: codes, what was authorised, QR codes, administrators (reference 9.2 to 9.5). What belongs together comes with
//! one answer, so a reply without a corp, a code or an app is unreadable and no empty installation.

use serde_json::json;

use super::model::{InstallationInfo, NewInstallation, PreAuthCode, SuiteAdmin};
use crate::{
    kernel::secret::Secret,
    wecom::{
        api_request::ApiRequest,
        classify::NOT_INSTALLED,
        client::WeCom,
        error::{Class, WeComError},
        json_object::{FieldResult, JsonObject, checked_userid},
        model::{Agent, Credential, Malformed, ProviderCredential, SuiteCredential},
        reply::Reply,
        token_holder::Holder,
    },
};

type Answer<T> = Result<T, WeComError>;

/// How long a pre-auth code is good where WeCom does not say so (reference 9.2: the sample's value), seconds.
const USUAL_LIFE: u64 = 1200;
/// An address, and not a picture.
const AS_ADDRESS: u8 = 2;

impl WeComError {
    /// Whether it says that the corp's authorisation is gone: the app was deleted there, or the permanent code replaced (reference 9.5).
    pub fn is_not_installed(&self) -> bool {
        self.errcode.is_some_and(|code| NOT_INSTALLED.contains(&code))
    }
}

impl WeCom {
    /// Whether WeCom gives this suite a token now (`service/get_suite_token`), be one cached or not.
    ///
    /// # Errors
    /// 40080 for a wrong secret, 40083 for an unknown suite, 40085 without a good ticket, 60020 for an address that is not on the provider's list;
    /// the same for every call of a suite.
    pub async fn check_suite(&self, suite: &SuiteCredential) -> Answer<()> {
        self.renew_token(Holder::Suite(suite)).await
    }

    /// Whether WeCom gives this provider a token now (`service/get_provider_token`), be one cached or not.
    ///
    /// # Errors
    /// 40001 for a wrong secret, 40013 for an unknown corp, 60020 for an address that is not on the provider's list (reference 13.1).
    pub async fn check_provider(&self, provider: &ProviderCredential) -> Answer<()> {
        self.renew_token(Holder::Provider(provider)).await
    }

    /// Begins an installation in the browser (`service/get_pre_auth_code`).
    ///
    /// # Errors
    /// 48002 for a template, which is installed by QR code only (reference 9.2).
    pub async fn pre_auth_code(&self, suite: &SuiteCredential) -> Answer<PreAuthCode> {
        let reply = self
            .suite_call(suite, ApiRequest::new("service/get_pre_auth_code"))
            .await?;
        let life = reply.row().int("expires_in").ok().flatten();
        Ok(PreAuthCode {
            code: secret(&reply, "pre_auth_code")?,
            expires_in: life.and_then(|secs| u64::try_from(secs).ok()).unwrap_or(USUAL_LIFE),
        })
    }

    /// Says whether this is a test (`service/set_session_info`): a suite that is not published installs by tests only.
    ///
    /// # Errors
    /// 40077, 42007 for a code that is unknown, used or too old.
    pub async fn set_session_info(
        &self,
        suite: &SuiteCredential,
        code: &Secret<String>,
        test_install: bool,
    ) -> Answer<()> {
        let body = json!({
            "pre_auth_code": code.expose(),
            "session_info": { "appid": [], "auth_type": u8::from(test_install) },
        });
        let ask = ApiRequest::new("service/set_session_info").body(body);
        self.suite_call(suite, ask).await.map(drop)
    }

    /// Exchanges the code of an installation (`service/v2/get_permanent_code`, reference 9.4). Single use, and never repeated unless the token was
    /// dead.
    ///
    /// # Errors
    /// 40078 for a code that was used or is too old.
    pub async fn permanent_code(&self, suite: &SuiteCredential, auth_code: &Secret<String>) -> Answer<NewInstallation> {
        let ask = ApiRequest::new("service/v2/get_permanent_code")
            .body(json!({ "auth_code": auth_code.expose() }))
            .older_path("service/get_permanent_code");
        let reply = self.suite_call(suite, ask).await?;
        new_installation(&reply)
    }

    /// Reads what a corp has authorised (`service/v2/get_auth_info`).
    ///
    /// # Errors
    /// [`WeComError::is_not_installed`] where nothing is authorised any more.
    pub async fn installation(
        &self,
        suite: &SuiteCredential,
        corp_id: &str,
        permanent_code: &Secret<String>,
    ) -> Answer<InstallationInfo> {
        let body = json!({ "auth_corpid": corp_id, "permanent_code": permanent_code.expose() });
        let ask = ApiRequest::new("service/v2/get_auth_info")
            .body(body)
            .older_path("service/get_auth_info");
        let reply = self.suite_call(suite, ask).await?;
        info(&reply).map_err(|reason| reply.unreadable(reason))
    }

    /// The app of an installed suite by what was authorised, where it may not ask for itself.
    pub(in crate::wecom) async fn agent_as_installed(
        &self,
        credential: &Credential,
        suite: &SuiteCredential,
    ) -> Answer<Agent> {
        // No record compares this answer with that of the time before.
        if let Some(record) = self.record() {
            record.differ();
        }
        let found = self
            .installation(suite, &credential.corp_id, &credential.secret)
            .await?;
        Ok(Agent {
            agent_id: found.agent_id,
            name: found.app_name.unwrap_or_default(),
            users: found.users,
            departments: found.departments,
            tags: found.tags,
            ..Agent::default()
        })
    }

    /// The address behind the QR code by which a phone installs the suite (`service/get_app_qrcode`; of a template
    /// `service/get_customized_auth_url`). `state` holds at most 32 of `[A-Za-z0-9]`.
    ///
    /// # Errors
    /// 48002 for a suite that is not published; for a template without its provider, without asking.
    pub async fn install_qrcode(&self, suite: &SuiteCredential, state: &str) -> Answer<String> {
        const OF_APP: &str = "service/get_app_qrcode";
        const OF_TEMPLATE: &str = "service/get_customized_auth_url";
        if !suite.is_template() {
            let body = json!({ "suite_id": suite.suite_id, "state": state, "result_type": AS_ADDRESS });
            let reply = self.suite_call(suite, ApiRequest::new(OF_APP).body(body)).await?;
            return text(&reply, "qrcode");
        }
        let provider = suite.provider.as_ref().ok_or_else(|| WeComError {
            errcode: Some(crate::wecom::classify::WRONG_KIND),
            ..WeComError::without_code(OF_TEMPLATE, Class::Admin, "the provider's secret is not known")
        })?;
        let body = json!({ "state": state, "templateid_list": [suite.suite_id] });
        let ask = ApiRequest::new(OF_TEMPLATE).body(body);
        text(&self.call_as(Holder::Provider(provider), ask).await?, "qrcode_url")
    }

    /// The administrators of an installed app (`service/get_admin_list`); none where a member installed it.
    ///
    /// # Errors
    /// As [`WeCom::check_suite`].
    pub async fn suite_admins(&self, suite: &SuiteCredential, corp_id: &str, agent_id: i64) -> Answer<Vec<SuiteAdmin>> {
        let body = json!({ "auth_corpid": corp_id, "agentid": agent_id });
        let reply = self
            .suite_call(suite, ApiRequest::new("service/get_admin_list").body(body))
            .await?;
        let rows = reply.rows("admin", |row| {
            let row = JsonObject::of(row).ok_or_else(|| Malformed::nameless("not an object"))?;
            Ok(SuiteAdmin {
                userid: row.userid()?,
                open_userid: row.exact("open_userid").ok().flatten(),
                manages: row.int("auth_type").ok().flatten() == Some(1),
            })
        })?;
        Ok(rows.rows)
    }

    async fn suite_call(&self, suite: &SuiteCredential, ask: ApiRequest) -> Answer<Reply> {
        self.call_as(Holder::Suite(suite), ask).await
    }
}

fn text(reply: &Reply, key: &str) -> Answer<String> {
    let found = reply.row().exact(key).map_err(|reason| reply.unreadable(reason))?;
    found.ok_or_else(|| reply.unreadable(format_args!("no `{key}`")))
}

fn secret(reply: &Reply, key: &str) -> Answer<Secret<String>> {
    text(reply, key).map(Secret::new)
}

fn new_installation(reply: &Reply) -> Answer<NewInstallation> {
    let row = reply.row();
    let corp = row.inside("auth_corp_info").ok().flatten();
    let corp_id = corp.and_then(|corp| corp.exact("corpid").ok().flatten());
    let by = row.inside("auth_user_info").ok().flatten();
    let installer = by.and_then(|by| {
        let id = |key: &str| by.exact(key).ok().flatten();
        id("userid").or_else(|| id("open_userid"))
    });
    let code = row.inside("register_code_info").ok().flatten();
    let state = row.exact("state").ok().flatten();
    Ok(NewInstallation {
        corp_id: corp_id.ok_or_else(|| reply.unreadable("no `corpid`"))?,
        corp_name: corp.and_then(|corp| corp.text("corp_name").ok().flatten()),
        permanent_code: secret(reply, "permanent_code")?,
        installer: installer.and_then(|found| checked_userid(found).ok()),
        state: state.or_else(|| code.and_then(|code| code.exact("state").ok().flatten())),
    })
}

fn info(reply: &Reply) -> FieldResult<InstallationInfo> {
    let row = reply.row();
    let corp = row.inside("auth_corp_info")?;
    let authorised = row.inside("auth_info")?.ok_or("no `auth_info`")?;
    let agents = authorised.list("agent")?;
    let agent = agents.first().and_then(JsonObject::of).ok_or("no `agent`")?;
    let privilege = agent.inside("privilege")?;
    let ints = |key: &str| privilege.map_or(Ok(Vec::new()), |privilege| privilege.ints(key));
    let users = |key: &str| privilege.map_or(Ok(Vec::new()), |privilege| userids(privilege, key));
    Ok(InstallationInfo {
        corp_name: corp.and_then(|corp| corp.text("corp_name").ok().flatten()),
        agent_id: agent.int("agentid")?.ok_or("no `agentid`")?,
        app_name: agent.text("name")?,
        by_member: agent.int("auth_mode")? == Some(1),
        users: users("allow_user")?,
        departments: ints("allow_party")?,
        tags: ints("allow_tag")?,
        extra_users: users("extra_user")?,
        extra_departments: ints("extra_party")?,
        extra_tags: ints("extra_tag")?,
    })
}

/// Those that are ids; what is none names nobody.
fn userids(row: JsonObject<'_>, key: &str) -> FieldResult<Vec<String>> {
    let named = row.list(key)?.iter().filter_map(|value| value.as_str());
    Ok(named
        .filter_map(|found| checked_userid(found.to_owned()).ok())
        .collect())
}
