//! Installing a suite in a corp, changing what it may see, deleting it: the changes of the world, without what is pushed of them.

use super::{
    app::App,
    model::World,
    scope::Scope,
    suite::{Admin, Install, Suite},
};

/// Agentid of the first app that a corp installs, unless its own apps have it.
const FIRST: u32 = 1_000_001;

/// What the administrator chose on the install page.
#[derive(Debug, Clone)]
pub(crate) struct Agreement {
    pub suite_id: String,
    /// Userid of who agrees.
    pub by: String,
    pub scope: Scope,
    pub at: u64,
    /// 0 by an administrator, 1 by a member.
    pub auth_mode: u8,
    pub state: String,
    /// The code that it gets, unless it was installed before and keeps its own.
    pub permanent_code: String,
}

impl World {
    /// The app that a corp has of a suite.
    pub fn installed(&self, corpid: &str, suite_id: &str) -> Option<&App> {
        let mut apps = self.corps.get(corpid)?.apps.values();
        apps.find(|app| app.is_of(suite_id))
    }

    /// The same for editing.
    pub fn installed_mut(&mut self, corpid: &str, suite_id: &str) -> Option<&mut App> {
        let mut apps = self.corps.get_mut(corpid)?.apps.values_mut();
        apps.find(|app| app.is_of(suite_id))
    }

    /// The suite behind an app of a corp; `None`: the app is the corp's own.
    pub(crate) fn suite_of(&self, corpid: &str, agentid: u32) -> Option<&Suite> {
        let app = self.corps.get(corpid)?.apps.get(&agentid)?;
        self.suites.get(&app.install.as_ref()?.suite_id)
    }

    /// Whether an app has an address for its events.
    pub(crate) fn app_hears(&self, corpid: &str, agentid: u32) -> bool {
        let app = self.corps.get(corpid).and_then(|corp| corp.apps.get(&agentid));
        match self.suite_of(corpid, agentid) {
            Some(suite) => suite.data_url.is_some(),
            None => app.is_some_and(|app| app.callback.is_some()),
        }
    }

    /// Installs, or installs again; returns the agentid. `None`: the suite, the corp or the member is unknown.
    pub(crate) fn install(&mut self, corpid: &str, agreement: Agreement) -> Option<u32> {
        let suite = self.suites.get(&agreement.suite_id)?.clone();
        let renews = self.switches.suites.reinstall_renews_permanent_code;
        let corp = self.corps.get_mut(corpid)?;
        let by = corp.member(&agreement.by)?.userid.clone();
        let before = corp.apps.values().find(|app| app.is_of(&suite.suite_id)).cloned();
        let next = corp
            .apps
            .keys()
            .next_back()
            .map_or(FIRST, |last| last.saturating_add(1));
        let kept = before.as_ref().and_then(|app| app.install.as_ref());
        let kept_code = kept.filter(|_| !renews).map(|install| install.permanent_code.clone());
        let install = Install {
            permanent_code: kept_code.unwrap_or(agreement.permanent_code),
            admins: vec![Admin {
                userid: by.clone(),
                auth_type: 1,
            }],
            authorised_by: by,
            at: agreement.at,
            auth_mode: agreement.auth_mode,
            level: suite.level,
            extra: kept.map(|install| install.extra.clone()).unwrap_or_default(),
            names: kept.is_some_and(|install| install.names),
            state: agreement.state,
            suite_id: suite.suite_id,
        };
        let app = App {
            agentid: before.as_ref().map_or(next, |app| app.agentid),
            name: suite.name,
            scope: agreement.scope,
            oauth_domain: suite.trusted_domain,
            web_callback_domain: suite.login_domain,
            install: Some(install),
            ..before.unwrap_or_default()
        };
        let agentid = app.agentid;
        corp.add_app(app);
        Some(agentid)
    }

    /// Deletes the app of a suite; `None`: the corp did not have it.
    pub(crate) fn uninstall(&mut self, corpid: &str, suite_id: &str) -> Option<App> {
        let agentid = self.installed(corpid, suite_id)?.agentid;
        self.corps.get_mut(corpid)?.apps.remove(&agentid)
    }
}
