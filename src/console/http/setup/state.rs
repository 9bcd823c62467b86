//! Where a set-up stands: read from what there is.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::console::http::{
    listing::Listing,
    refused::Refused,
    visit::{Visit, with_query},
    wecom::{
        shared::{AuthSource, Trouble, plain},
        source::Callback,
    },
};

/// The steps, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Which corp?
    Corp,
    /// By which app do its people sign in?
    App,
    /// Does WeCom trust this deployment's domain?
    Domain,
    /// Does WeCom tell of changes?
    Callbacks,
    /// Who comes in?
    People,
    /// Where to?
    Portal,
    /// Does a real scan pass?
    Scan,
}

/// How a step stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It is done.
    Done,
    /// Something is wrong there.
    Fault,
    /// It was not done yet.
    Open,
}

/// A data source, as the steps read it.
#[derive(Deserialize)]
pub struct Source {
    /// Row id.
    pub id: String,
    /// Name.
    pub name: String,
    /// Corp ID.
    pub corp_id: String,
    /// Row id of the suite by which it is connected; none: by an app of its own.
    #[serde(default)]
    pub suite_id: Option<String>,
    /// Whether a contacts-sync secret is stored.
    pub contacts_secret_set: bool,
    /// Whether a secret of 客户联系 is stored.
    pub customer_secret_set: bool,
    /// The domain to be entered in WeCom.
    pub callback_domain: String,
    /// How its people sign in.
    pub login_methods: Vec<String>,
    /// `all` or `chosen`.
    pub import: String,
    /// When a sync succeeded last.
    pub last_synced_at: Option<i64>,
    /// When its settings were changed last.
    pub updated_at: i64,
    /// What is wrong with it.
    pub problems: Vec<Trouble>,
    /// Its integration app.
    pub app: Option<AppOfSource>,
}

/// The integration app of a data source.
#[derive(Deserialize)]
pub struct AppOfSource {
    /// AgentId.
    pub agent_id: i64,
}

/// The integration app.
#[derive(Deserialize)]
pub struct App {
    /// Row id.
    pub id: String,
    /// AgentId.
    pub agent_id: i64,
    /// Members inside its visible scope.
    pub members: Option<i64>,
    /// The trusted domain that WeCom has for it.
    pub redirect_domain: Option<String>,
}

/// A portal.
#[derive(Deserialize)]
pub struct Portal {
    /// Row id.
    pub id: String,
    /// Its `client_id`.
    pub client_id: String,
    /// Name.
    pub name: String,
    enabled: bool,
    /// Ids of the auth sources by which people come in; none: by every one.
    auth_sources: Option<Vec<String>>,
}

impl Portal {
    /// Whether people come in by one of these auth sources.
    fn admits(&self, auth_sources: &[AuthSource]) -> bool {
        let accepted = |accepted: &Vec<String>| auth_sources.iter().any(|known| accepted.contains(&known.id));
        self.enabled && self.auth_sources.as_ref().is_none_or(accepted)
    }
}

/// All that the steps are judged by.
pub struct State {
    /// The data source.
    pub source: Source,
    /// Its app.
    pub app: Option<App>,
    /// The auth sources bound to it.
    pub auth_sources: Vec<AuthSource>,
    /// Its callbacks.
    pub callbacks: Vec<Callback>,
    /// The portals that its people can enter by their auth sources; those of another corp alone are none of them.
    pub portals: Vec<Portal>,
    /// Whether somebody of it has signed in by a scan, or would have in a trial.
    pub entered: bool,
}

/// A sign-in, or a trial of one that ended.
#[derive(Deserialize)]
struct Event {
    detail: Proven,
}

#[derive(Deserialize)]
struct Proven {
    /// By which auth source the gate let somebody in; none: by no scan.
    auth_source: Option<String>,
}

/// Whether somebody of this data source has signed in by a scan, or would have in a trial: a scan of another corp, or a password, shows
/// nothing of this one's app and domain.
async fn entered(visit: &Visit, source: &str) -> Result<bool, Refused> {
    for kind in ["trial.ended", "signed_in"] {
        let events = format!("audit-events?kind={kind}&data_source={source}&limit=200");
        let events: Listing<Event> = visit.get(&events).await?;
        if events.items.iter().any(|event| event.detail.auth_source.is_some()) {
            return Ok(true);
        }
    }
    Ok(false)
}

impl Step {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Corp,
        Self::App,
        Self::Domain,
        Self::Callbacks,
        Self::People,
        Self::Portal,
        Self::Scan,
    ];

    /// The word in addresses and keys.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Corp => "corp",
            Self::App => "app",
            Self::Domain => "domain",
            Self::Callbacks => "callbacks",
            Self::People => "people",
            Self::Portal => "portal",
            Self::Scan => "scan",
        }
    }

    /// The step with this word.
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|step| step.word() == word)
    }

    /// Where a problem of the data source is mended.
    pub fn of_problem(problem: &Trouble) -> Self {
        match problem.number.as_str() {
            "WC-111" => Self::Corp,
            // The contacts-sync secret is asked for there, with the corp.
            _ if problem.credential.as_deref() == Some("contacts") => Self::Corp,
            "DI-207" | "WC-121" => Self::Domain,
            "DI-208" | "DI-210" | "DI-211" | "DI-215" => Self::People,
            _ => Self::App,
        }
    }

    /// The step behind it; the last one leads nowhere.
    pub fn next(self) -> Option<Self> {
        let at = Self::ALL.iter().position(|step| *step == self)?;
        Self::ALL.get(at + 1).copied()
    }
}

impl Standing {
    /// The class of a state, which shows as a sign, and the word of its text.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Done => "ok",
            Self::Fault => "error",
            Self::Open => "open",
        }
    }
}

/// Portals into which these auth sources let.
async fn portals(visit: &Visit, auth_sources: &[AuthSource]) -> Result<Vec<Portal>, Refused> {
    let mut known: BTreeMap<String, Portal> = BTreeMap::new();
    let named = auth_sources.iter().map(|source| format!("&auth_source={}", source.id));
    // Those that name them, and, of the first, also those that name none.
    for which in named.chain([String::new()]) {
        let page: Listing<Portal> = visit.get(&format!("clients?limit=200{which}")).await?;
        let admitting = page.items.into_iter().filter(|portal| portal.admits(auth_sources));
        known.extend(admitting.map(|portal| (portal.id.clone(), portal)));
    }
    Ok(known.into_values().collect())
}

impl State {
    /// Reads it.
    ///
    /// # Errors
    /// The problem that the API answered.
    pub async fn of(visit: &Visit, id: &str) -> Result<Self, Refused> {
        let source: Source = visit.get(&format!("data-sources/{}", plain(visit, id)?)).await?;
        let of_corp = [("corp_id", source.corp_id.as_str()), ("limit", "200")];
        let apps: Listing<App> = visit.get(&with_query("wecom-apps", of_corp)).await?;
        let auth_sources: Listing<AuthSource> = visit
            .get(&format!("auth-sources?data_source={}&limit=200", source.id))
            .await?;
        let callbacks: Listing<Callback> = visit.get(&format!("data-sources/{}/callbacks", source.id)).await?;
        let agent_id = source.app.as_ref().map(|app| app.agent_id);
        Ok(Self {
            app: apps.items.into_iter().find(|app| Some(app.agent_id) == agent_id),
            portals: portals(visit, &auth_sources.items).await?,
            auth_sources: auth_sources.items,
            callbacks: callbacks.items,
            entered: entered(visit, &source.id).await?,
            source,
        })
    }

    /// What is wrong and mended at this step.
    pub fn problems(&self, step: Step) -> impl Iterator<Item = &Trouble> {
        // What is wrong with customers keeps nobody from signing in, and is mended elsewhere.
        let ours = |problem: &&Trouble| problem.credential.as_deref() != Some("external_contacts");
        let of_step = move |problem: &&Trouble| Step::of_problem(problem) == step && !self.only_missing(problem);
        self.source.problems.iter().filter(ours).filter(of_step)
    }

    /// Whether a problem says no more than that a step was not done yet.
    fn only_missing(&self, problem: &Trouble) -> bool {
        match problem.number.as_str() {
            "DI-202" | "DI-203" => self.app.is_none(),
            "DI-201" => self.auth_sources.is_empty(),
            "DI-207" => self.trusted_domain().is_none(),
            _ => false,
        }
    }

    /// The trusted domain that WeCom has for the app.
    pub fn trusted_domain(&self) -> Option<&str> {
        let app = self.app.as_ref()?;
        app.redirect_domain.as_deref().filter(|domain| !domain.is_empty())
    }

    /// Whether people are to sign in by scanning.
    pub fn scans(&self) -> bool {
        self.source.login_methods.iter().any(|method| method == "wecom_qr")
    }

    /// How a step stands.
    pub fn standing(&self, step: Step) -> Standing {
        if self.problems(step).any(|problem| problem.severity == "error") {
            return Standing::Fault;
        }
        let done = match step {
            Step::Corp => true,
            Step::App => self.has_way_in(),
            // The web login may have a callback domain of its own, which WeCom does not tell: then a scan that passed is what shows it.
            Step::Domain => self.trusted_domain().is_some() || self.entered,
            Step::Callbacks if self.callbacks.iter().any(|callback| !callback.problems.is_empty()) => {
                return Standing::Fault;
            }
            Step::Callbacks => self.callbacks.iter().any(|callback| callback.verified),
            Step::People => self.source.last_synced_at.is_some(),
            Step::Portal => !self.portals.is_empty(),
            Step::Scan => self.entered,
        };
        if done { Standing::Done } else { Standing::Open }
    }

    /// Whether its people can sign in by some way.
    fn has_way_in(&self) -> bool {
        let fits = |known: &AuthSource| known.enabled && known.corp_id == self.source.corp_id;
        match self.scans() {
            true => self.auth_sources.iter().any(fits),
            false => !self.source.login_methods.is_empty() || self.app.is_some(),
        }
    }

    /// The first step that is not done; the last one where all are.
    pub fn first_open(&self) -> Step {
        let open = |step: &Step| self.standing(*step) != Standing::Done;
        Step::ALL.into_iter().find(open).unwrap_or(Step::Scan)
    }

    /// Address of a step.
    pub fn address(&self, step: Step) -> String {
        format!("/console/setup/{}/{}", self.source.id, step.word())
    }

    /// Where it goes on after a step was sent: at that step again while something is left to do there.
    pub fn onward(&self, step: Step) -> String {
        match (self.standing(step), step.next()) {
            (Standing::Done, Some(next)) => self.address(next),
            _ => format!("{}?saved=1", self.address(step)),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_wecom_refuses_a_credential_is_mended_where_that_is_entered() {
        let of = |number: &str, credential: Option<&str>| {
            let problem = json!({
                "number": number, "credential": credential, "severity": "error", "detail": "",
                "title": "", "title_zh": "", "remedy": "", "remedy_zh": "",
            });
            Step::of_problem(&serde_json::from_value(problem).unwrap())
        };
        for number in ["WC-110", "WC-120", "DI-212", "DI-217", "DI-218"] {
            assert_eq!(of(number, Some("contacts")), Step::Corp, "{number}");
            assert_eq!(of(number, Some("app")), Step::App, "{number}");
        }
        assert_eq!(of("WC-121", None), Step::Domain);
        assert_eq!(of("DI-202", None), Step::App);
    }
}
