//! Faults to switch on, each as it happens in practice, and what Menjin's doctor calls it then. What happens in WeCom is done to the simulator;
//! what Menjin would notice within hours is looked at at once: credentials are probed, contacts synced.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, OnceLock, PoisonError},
};

use serde_json::{Value, json};
use simulator::{Delivery, Event, ForcedExpiry, Owner, Simulator, sample, world::Corp};

use super::setup::{Admin, set_logout_address, text};
use crate::app::App;

/// One that can be switched.
pub struct Fault {
    /// Its word in forms.
    pub word: &'static str,
    /// Name and explanation in Chinese.
    pub zh: (&'static str, &'static str),
    /// In English.
    pub en: (&'static str, &'static str),
    /// Whether whoever scans meanwhile is told of it by Menjin; of other faults WeCom's own page speaks, or nobody notices.
    pub scanned: bool,
}

/// All, in the order of the page.
pub const FAULTS: [Fault; 6] = [
    Fault {
        word: "secret",
        zh: (
            "应用 Secret 被重置",
            "有人在企业微信后台重置了应用的 Secret，门禁里的还是旧的。",
        ),
        en: (
            "The app's secret was reset",
            "Somebody reset the secret in WeCom's console; Menjin still has the old one.",
        ),
        scanned: true,
    },
    Fault {
        word: "closed",
        zh: ("应用被停用", "应用在企业微信后台被停用。"),
        en: ("The app was closed", "The app was disabled in WeCom's console."),
        scanned: false,
    },
    Fault {
        word: "ip",
        zh: ("企业可信 IP 不含本机", "应用的企业可信 IP 改成了别的地址。"),
        en: (
            "This server's address is not trusted",
            "The app's trusted IPs were changed to another address.",
        ),
        scanned: true,
    },
    Fault {
        word: "domain",
        zh: ("可信域名改成了别的", "应用的可信域名不再是门禁的地址。"),
        en: (
            "Another trusted domain",
            "The app's trusted domain is no longer Menjin's.",
        ),
        scanned: false,
    },
    Fault {
        word: "token",
        zh: ("回调 Token 不一致", "企业微信里的回调 Token 被改动，事件到达但不可信。"),
        en: (
            "The callback's Token differs",
            "It was changed in WeCom: events arrive, and cannot be believed.",
        ),
        scanned: false,
    },
    Fault {
        word: "logouts",
        zh: (
            "第二个门户的注销地址不通",
            "登记的后端注销地址通向一个关闭的端口：在别处退出后，它不会知道。",
        ),
        en: (
            "The second portal's logout address is wrong",
            "The registered address leads to a closed port: the portal does not hear of a sign-out elsewhere.",
        ),
        scanned: false,
    },
];

/// Nothing listens on the port of `discard`.
const NOWHERE: &str = "http://127.0.0.1:9/backchannel-logout";

/// What is switched, and by what.
pub struct Faults {
    app: App,
    simulator: Arc<Simulator>,
    admin: Admin,
    /// Host and port of Menjin, which the app trusts.
    domain: String,
    /// The data source of the first company.
    source: OnceLock<String>,
    on: Mutex<BTreeSet<&'static str>>,
    /// Where the second portal hears of logouts.
    logout_uri: String,
    /// The callback's Token as it was.
    token: Mutex<Option<String>>,
}

/// What the doctor found.
pub struct Finding {
    /// Its reference number.
    pub number: String,
    /// In Chinese.
    pub title_zh: String,
    /// In English.
    pub title: String,
    /// What was seen.
    pub seen: String,
    /// Name of the check.
    pub check: String,
}

impl Faults {
    /// None is on.
    pub fn new(app: App, simulator: Arc<Simulator>, admin: Admin, (domain, logout_uri): (String, String)) -> Self {
        Self {
            app,
            simulator,
            admin,
            domain,
            source: OnceLock::new(),
            on: Mutex::default(),
            logout_uri,
            token: Mutex::default(),
        }
    }

    /// Names the data source, once it is connected.
    pub fn are_about(&self, source: String) {
        drop(self.source.set(source));
    }

    fn edit(&self, change: impl FnOnce(&mut Corp)) {
        self.simulator.edit(|world| {
            if let Some(corp) = world.corp_mut(sample::CORP) {
                change(corp);
            }
        });
    }

    /// Which are on.
    pub fn on(&self) -> BTreeSet<&'static str> {
        self.on.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Switches one and lets Menjin look.
    ///
    /// # Errors
    /// When Menjin does not answer.
    pub async fn switch(&self, word: &'static str, on: bool) -> Result<(), String> {
        let domain = if on {
            "sso.other.example".to_owned()
        } else {
            self.domain.clone()
        };
        self.edit(|corp| {
            let Some(app) = corp.apps.get_mut(&sample::AGENT_ID) else {
                return;
            };
            match word {
                "secret" => app.secret = if on { "reset-by-the-demo" } else { sample::APP_SECRET }.to_owned(),
                "closed" => app.closed = on,
                "ip" => app.trusted_ips = on.then(|| vec!["203.0.113.9".to_owned()]),
                "domain" => app.oauth_domain = Some(domain),
                "token" => self.exchange_token(corp, on),
                _ => {}
            }
        });
        {
            let mut switched = self.on.lock().unwrap_or_else(PoisonError::into_inner);
            if on {
                switched.insert(word)
            } else {
                switched.remove(word)
            };
        }
        match word {
            "logouts" => {
                let address = if on { NOWHERE } else { &self.logout_uri };
                set_logout_address(self.app.database(), "demo-portal-b", address).await
            }
            "token" => {
                let userid = sample::NORMAL.to_owned();
                let event = Event::UpdateUser {
                    userid,
                    new_userid: None,
                };
                let told = self
                    .simulator
                    .emit(sample::CORP, Owner::Contacts, event, Delivery::default());
                told.await;
                Ok(())
            }
            _ => {
                self.simulator.expire_tokens(ForcedExpiry::Code40014);
                if !on && matches!(word, "secret" | "closed") {
                    // As an admin does who mended it: a secret that is entered anew is tried at once. Another fault may still stand.
                    drop(self.enter_secret().await);
                }
                self.look().await
            }
        }
    }

    fn exchange_token(&self, corp: &mut Corp, on: bool) {
        let mut kept = self.token.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(callback) = &mut corp.contacts_callback else {
            return;
        };
        if on {
            let before = std::mem::replace(&mut callback.token, "changed".to_owned());
            kept.get_or_insert(before);
        } else if let Some(before) = kept.take() {
            callback.token = before;
        }
    }

    async fn enter_secret(&self) -> Result<(), String> {
        let source = self.source.get().ok_or("the demo is not ready yet")?;
        let app = json!({ "app": { "agent_id": sample::AGENT_ID, "secret": sample::APP_SECRET } });
        self.admin
            .patch(&format!("data-sources/{source}"), &app)
            .await
            .map(drop)
    }

    /// What the jobs do within hours: credentials probed, contacts synced.
    async fn look(&self) -> Result<(), String> {
        let source = self.source.get().ok_or("the demo is not ready yet")?;
        self.admin.call(&format!("data-sources/{source}/probe")).await?;
        self.admin.sync_run(source).await.map(drop)
    }

    /// What the doctor finds now.
    pub async fn findings(&self) -> Vec<Finding> {
        let report = serde_json::to_value(self.app.examine_now().await).unwrap_or_default();
        let checks = report
            .get("checks")
            .and_then(Value::as_array)
            .cloned()
            .unwrap_or_default();
        let mut found = Vec::new();
        for check in &checks {
            let findings = check.get("findings").and_then(Value::as_array);
            for finding in findings.into_iter().flatten() {
                let of = |name: &str| text(finding, name).to_owned();
                found.push(Finding {
                    number: of("number"),
                    title_zh: of("title_zh"),
                    title: of("title"),
                    seen: of("seen"),
                    check: text(check, "check").to_owned(),
                });
            }
        }
        found
    }
}
