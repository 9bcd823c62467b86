//! Where the authorisation of a company stands: read from what there is.

use actix_web::http::Method;
use serde::Deserialize;
use serde_json::Value;

use crate::console::http::{
    frame::{Frame, Section},
    listing::Listing,
    refused::Refused,
    setup::{
        state::{Source, Standing},
        wizard::{Outline, Wizard},
    },
    visit::Visit,
    wecom::{
        shared::{Trouble, plain},
        source::Callback,
    },
};

/// The steps, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// By which app?
    App,
    /// May contacts be read, and are changes told?
    Contacts,
    /// May external contacts be read, and are changes told?
    ExternalContacts,
    /// What came of it?
    Finish,
}

impl Step {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::App, Self::Contacts, Self::ExternalContacts, Self::Finish];

    /// The word in addresses and keys.
    pub const fn word(self) -> &'static str {
        match self {
            Self::App => "app",
            Self::Contacts => "contacts",
            Self::ExternalContacts => "external-contacts",
            Self::Finish => "finish",
        }
    }

    /// The step with this word.
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|step| step.word() == word)
    }

    /// The API's word for the credential and the callback of this step; `None`: it has none.
    pub const fn owner(self) -> Option<&'static str> {
        match self {
            Self::Contacts => Some("contacts"),
            Self::ExternalContacts => Some("external_contacts"),
            Self::App | Self::Finish => None,
        }
    }

    /// Where a problem of the data source is mended; `None`: not here.
    fn of_problem(problem: &Trouble) -> Option<Self> {
        match (problem.credential.as_deref(), problem.number.as_str()) {
            (Some("contacts"), _) => Some(Self::Contacts),
            (Some("external_contacts"), _) => Some(Self::ExternalContacts),
            (Some("app"), _) | (None, "DI-204" | "DI-206" | "DI-222" | "GT-104") => Some(Self::App),
            _ => None,
        }
    }

    /// The layout of a step, titled by its question.
    pub fn framed(self, visit: &Visit) -> Frame {
        visit.frame(&format!("console-assistant-{}", self.word()), Some(Section::WeCom))
    }
}

/// The app of a service provider by which a company is connected: its own callbacks tell of the company's contacts and customers.
#[derive(Deserialize)]
pub struct Suite {
    /// Row id.
    pub id: String,
    /// Name.
    pub name: String,
    callbacks: Vec<SuiteCallback>,
    /// What is wrong with it.
    pub problems: Vec<Trouble>,
}

/// A callback of such an app.
#[derive(Deserialize)]
pub struct SuiteCallback {
    callback: String,
    /// Whether WeCom has verified it.
    pub verified: bool,
    /// When it did so last.
    pub verified_at: Option<i64>,
    /// When something arrived last.
    pub last_received_at: Option<i64>,
}

impl Suite {
    /// The callback that is told of contacts and customers.
    pub fn command(&self) -> Option<&SuiteCallback> {
        self.callbacks.iter().find(|callback| callback.callback == "command")
    }

    fn standing(&self) -> Standing {
        let faulty = self.problems.iter().any(|problem| problem.severity == "error");
        match self.command() {
            _ if faulty => Standing::Fault,
            Some(callback) if callback.verified => Standing::Done,
            _ => Standing::Open,
        }
    }
}

/// A company on its way.
pub struct Guide {
    /// The data source.
    pub source: Source,
    /// The same as the API tells it, for forms.
    pub stored: Value,
    /// Its entity tag.
    pub version: String,
    /// Its callbacks.
    pub callbacks: Vec<Callback>,
    /// The app of a service provider by which it is connected.
    pub suite: Option<Suite>,
}

impl Guide {
    /// Reads it.
    ///
    /// # Errors
    /// The problem that the API answered.
    pub async fn of(visit: &Visit, id: &str) -> Result<Self, Refused> {
        let path = format!("data-sources/{}", plain(visit, id)?);
        let answer = visit.send(Method::GET, &path, None).await?;
        let callbacks: Listing<Callback> = visit.get(&format!("{path}/callbacks")).await?;
        let source: Source = visit.read(&answer)?;
        let suite = match &source.suite_id {
            Some(suite) => Some(visit.get(&format!("suites/{}", plain(visit, suite)?)).await?),
            None => None,
        };
        Ok(Self {
            source,
            suite,
            stored: visit.read(&answer)?,
            version: answer.tag.clone().unwrap_or_default(),
            callbacks: callbacks.items,
        })
    }

    /// What is wrong and mended at this step.
    pub fn problems(&self, step: Step) -> impl Iterator<Item = &Trouble> {
        let of_step = move |problem: &&Trouble| Step::of_problem(problem) == Some(step);
        self.source.problems.iter().filter(of_step)
    }

    /// The callback of a step.
    pub fn callback(&self, step: Step) -> Option<&Callback> {
        let owner = step.owner()?;
        self.callbacks.iter().find(|callback| callback.owner == owner)
    }

    /// Whether the secret of a step is stored.
    pub const fn has_secret(&self, step: Step) -> bool {
        match step {
            Step::Contacts => self.source.contacts_secret_set,
            Step::ExternalContacts => self.source.customer_secret_set,
            Step::App | Step::Finish => false,
        }
    }

    /// How a step stands.
    pub fn standing(&self, step: Step) -> Standing {
        if let (Some(suite), Some(_)) = (&self.suite, step.owner()) {
            return suite.standing();
        }
        let callback = self.callback(step);
        let refused = callback.is_some_and(|callback| !callback.problems.is_empty());
        if refused || self.problems(step).any(|problem| problem.severity == "error") {
            return Standing::Fault;
        }
        let done = match step {
            Step::App => self.source.app.is_some(),
            Step::Contacts | Step::ExternalContacts => {
                self.has_secret(step) && callback.is_some_and(|callback| callback.verified)
            }
            Step::Finish => Step::ALL
                .into_iter()
                .filter(|step| *step != Step::Finish)
                .all(|step| self.standing(step) == Standing::Done),
        };
        if done { Standing::Done } else { Standing::Open }
    }

    /// The first step that is not done; the last one where all are.
    pub fn first_open(&self) -> Step {
        let open = |step: &Step| self.standing(*step) != Standing::Done;
        Step::ALL.into_iter().find(open).unwrap_or(Step::Finish)
    }

    /// Address of a step.
    pub fn address(&self, step: Step) -> String {
        format!("/console/assistant/{}/{}", self.source.id, step.word())
    }

    /// What stands around a step.
    pub fn wizard(&self, frame: &Frame, here: Step) -> Wizard {
        let look = format!("/console/assistant/{}/look", self.source.id);
        let row = |step: Step| (step.word(), self.address(step), self.standing(step));
        around(frame, here, (Step::ALL.map(row).into(), self.source.name.clone(), look))
    }
}

/// What stands around a step of a company that is not there yet.
pub fn wizard_of_none(frame: &Frame) -> Wizard {
    let row = |step: Step| (step.word(), String::new(), Standing::Open);
    around(
        frame,
        Step::App,
        (Step::ALL.map(row).into(), String::new(), String::new()),
    )
}

type Around = (Vec<(&'static str, String, Standing)>, String, String);

fn around(frame: &Frame, here: Step, (steps, source, look): Around) -> Wizard {
    Wizard::of(
        frame,
        Outline {
            prefix: "console-assistant",
            steps,
            here: here.word(),
            source,
            look,
        },
    )
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn guide(fields: Value, callbacks: Value) -> Guide {
        let mut source = json!({
            "id": "1", "name": "青云", "corp_id": "ww1", "contacts_secret_set": true, "customer_secret_set": true,
            "callback_domain": "sso.example", "login_methods": ["wecom_qr"], "import": "all", "last_synced_at": null,
            "updated_at": 0, "problems": [], "app": { "agent_id": 7 },
        });
        for (name, value) in fields.as_object().unwrap() {
            source[name] = value.clone();
        }
        Guide {
            source: serde_json::from_value(source.clone()).unwrap(),
            stored: source,
            version: String::new(),
            callbacks: serde_json::from_value(callbacks).unwrap(),
            suite: None,
        }
    }

    fn callback(owner: &str, verified: bool) -> Value {
        json!({
            "id": "2", "owner": owner, "url": "https://sso.example", "verified": verified, "verified_at": null,
            "last_event_at": null, "last_failure": null, "problems": [],
        })
    }

    fn standings(guide: &Guide) -> String {
        Step::ALL.map(|step| guide.standing(step).word()).join(" ")
    }

    fn problem(number: &str, credential: Option<&str>) -> Value {
        json!({
            "number": number, "credential": credential, "severity": "error", "detail": "",
            "title": "", "title_zh": "", "remedy": "", "remedy_zh": "",
        })
    }

    #[test]
    fn a_step_is_done_once_its_secret_is_stored_and_its_callback_verified() {
        let both = || json!([callback("contacts", true), callback("external_contacts", true)]);
        let all = guide(json!({}), both());
        assert_eq!(
            (standings(&all).as_str(), all.first_open()),
            ("ok ok ok ok", Step::Finish)
        );
        let none = guide(
            json!({ "app": null, "contacts_secret_set": false, "customer_secret_set": false }),
            json!([]),
        );
        assert_eq!(
            (standings(&none).as_str(), none.first_open()),
            ("open open open open", Step::App)
        );
        let unverified = guide(
            json!({}),
            json!([callback("contacts", true), callback("external_contacts", false)]),
        );
        assert_eq!(
            (standings(&unverified).as_str(), unverified.first_open()),
            ("ok ok open open", Step::ExternalContacts)
        );
        let without = guide(json!({ "contacts_secret_set": false }), both());
        assert_eq!(standings(&without), "ok open ok open");
    }

    #[test]
    fn of_an_installed_app_the_callbacks_of_that_tell() {
        let suite = |verified: bool, problems: Value| {
            let none = json!({ "contacts_secret_set": false, "customer_secret_set": false });
            let told = json!({
                "id": "3", "name": "助手", "problems": problems, "callbacks": [
                    { "callback": "command", "verified": verified, "verified_at": null, "last_received_at": null },
                    { "callback": "data", "verified": false, "verified_at": null, "last_received_at": null },
                ],
            });
            let mut guide = guide(none, json!([]));
            guide.suite = serde_json::from_value(told).unwrap();
            guide
        };
        assert_eq!(standings(&suite(true, json!([]))), "ok ok ok ok");
        assert_eq!(standings(&suite(false, json!([]))), "ok open open open");
        assert_eq!(
            standings(&suite(true, json!([problem("SU-121", None)]))),
            "ok error error open"
        );
    }

    #[test]
    fn a_fault_stands_at_the_step_where_it_is_mended() {
        let both = || json!([callback("contacts", true), callback("external_contacts", true)]);
        for (number, credential, expected) in [
            ("WC-110", Some("contacts"), "ok error ok open"),
            ("DI-250", Some("external_contacts"), "ok ok error open"),
            ("WC-110", Some("app"), "error ok ok open"),
            ("GT-104", None, "error ok ok open"),
            // Of the sign-in, which the set-up leads to.
            ("DI-207", None, "ok ok ok ok"),
        ] {
            let faulty = guide(json!({ "problems": [problem(number, credential)] }), both());
            assert_eq!(standings(&faulty), expected, "{number} {credential:?}");
        }
        let mut refused = callback("contacts", true);
        refused["problems"] = json!([problem("WC-181", None)]);
        let refused = guide(json!({}), json!([refused, callback("external_contacts", true)]));
        assert_eq!(standings(&refused), "ok error ok open");
    }
}
