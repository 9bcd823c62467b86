//! Context of the request being served: who acts, for which portal, which steps were taken and what WeCom was asked; noted by whoever finds out,
//! read where a failure is logged and recorded.
//!
//! It follows the request's own task, as a tracing span does, so that a failure deep inside a use case need not carry what its caller knew.

use std::{cell::RefCell, future::Future, net::IpAddr};

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{browser::Browser, texts::Lang};
use crate::kernel::clock::Timestamp;

/// Steps, and calls, that are kept of one request.
const MOST: usize = 64;

/// What was found out about a request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Context {
    /// Who acts, in the audit log's words: `user:<id>`, `token:<name>`, `member:<corp>/<userid>`.
    pub actor: Option<String>,
    /// `client_id` of the portal it is about.
    pub portal: Option<String>,
    /// The language that somebody chose in this browser.
    pub lang: Option<Lang>,
    /// The browser.
    pub browser: Option<Browser>,
    /// The company that the page is of, as far as that is known exactly.
    pub company: Option<Company>,
    /// The data source of whoever is signed in in this browser.
    pub visitors_company: Option<Uuid>,
    /// The client's address.
    pub address: Option<IpAddr>,
    /// What was done, in the order in which it was noted; empty vectors take no memory, so that a request which notes nothing costs nothing.
    pub steps: Vec<Step>,
    /// What WeCom was asked on its behalf.
    pub calls: Vec<WeComCall>,
}

/// The company that a page is of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Company {
    /// None: it is the installation's.
    None,
    /// That of this data source.
    Source(Uuid),
    /// That of this corp, named in the mode of its app.
    Corp(String),
}

/// A step of a sign-in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = TraceStep)]
pub struct Step {
    /// Which: `begun`, `sent_to_wecom`, `callback`, `gate`, `answered`.
    #[schema(example = "callback")]
    pub step: &'static str,
    /// When, milliseconds since 1970.
    pub at: i64,
}

/// A call to WeCom, without its query and body, which hold secrets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct WeComCall {
    /// Path below `/cgi-bin/`.
    #[schema(example = "auth/getuserinfo")]
    pub path: &'static str,
    /// When it was sent, milliseconds since 1970.
    pub at: i64,
    /// How long it took, milliseconds.
    pub duration_ms: u64,
    /// Its outcome in a word.
    pub outcome: &'static str,
    /// WeCom's code; null when no readable reply came.
    pub errcode: Option<i64>,
    /// The number by which WeCom's support finds the call; null: none came.
    pub hint: Option<String>,
}

tokio::task_local! {
    static CONTEXT: RefCell<Context>;
}

/// Runs a future with an empty context; answers its output and what was noted meanwhile.
pub async fn scope<F: Future>(future: F) -> (F::Output, Context) {
    let noted = async {
        let output = future.await;
        (output, CONTEXT.with(RefCell::take))
    };
    CONTEXT.scope(RefCell::default(), noted).await
}

/// Notes who acts. The last one counts: it is the most exactly known. Outside a request it does nothing.
pub fn actor(who: impl FnOnce() -> String) {
    note(|context| context.actor = Some(who()));
}

/// Notes whose session the browser has. It counts unless somebody is known more exactly: who signs in may be another person.
pub fn visitor(who: impl FnOnce() -> String) {
    note(|context| {
        if context.actor.is_none() {
            context.actor = Some(who());
        }
    });
}

/// Notes the portal. The first one counts: later look-ups may be of another client that a parameter names.
pub fn portal(client_id: &str) {
    note(|context| {
        if context.portal.is_none() && !client_id.is_empty() {
            context.portal = Some(client_id.to_owned());
        }
    });
}

/// `client_id` of the portal that was noted so far.
pub fn noted_portal() -> Option<String> {
    let noted = CONTEXT.try_with(|context| context.try_borrow().ok()?.portal.clone());
    noted.ok().flatten()
}

/// Notes the language that somebody chose in this browser.
pub fn language(lang: Lang) {
    note(|context| context.lang = Some(lang));
}

/// Notes the browser.
pub fn browser(browser: Browser) {
    note(|context| context.browser = Some(browser));
}

/// Notes the client's address.
pub fn address(address: IpAddr) {
    note(|context| context.address = Some(address));
}

/// The client's address.
pub fn noted_address() -> Option<IpAddr> {
    let noted = CONTEXT.try_with(|context| context.try_borrow().ok()?.address);
    noted.ok().flatten()
}

/// The browser.
pub fn noted_browser() -> Option<Browser> {
    let noted = CONTEXT.try_with(|context| context.try_borrow().ok()?.browser);
    noted.ok().flatten()
}

/// The language that was chosen in this browser.
pub fn noted_language() -> Option<Lang> {
    let noted = CONTEXT.try_with(|context| context.try_borrow().ok()?.lang);
    noted.ok().flatten()
}

/// Notes the company that was chosen, scanned for, or whose person this is. The last one counts, and it counts more than [`visitors_company`].
pub fn company(company: impl FnOnce() -> Company) {
    note(|context| context.company = Some(company()));
}

/// Notes the data source of whoever is signed in in this browser, where the request is about nobody else.
pub fn visitors_company(source: Option<Uuid>) {
    note(|context| context.visitors_company = source);
}

/// The company that the page is of.
pub fn noted_company() -> Company {
    let noted = CONTEXT.try_with(|context| {
        let context = context.try_borrow().ok()?;
        let visitors = context.visitors_company.map(Company::Source);
        context.company.clone().or(visitors)
    });
    noted.ok().flatten().unwrap_or(Company::None)
}

/// Notes a step of a sign-in, perhaps of an earlier request.
pub fn step(step: &'static str, at: Timestamp) {
    note(|context| {
        if context.steps.len() < MOST {
            context.steps.push(Step { step, at: at.millis() });
        }
    });
}

/// Notes a call to WeCom.
pub fn wecom_call(call: impl FnOnce() -> WeComCall) {
    note(|context| {
        if context.calls.len() < MOST {
            context.calls.push(call());
        }
    });
}

/// Notes what was noted while a part of this request ran as a task of its own.
pub fn adopt(noted: Context) {
    if let Some(who) = noted.actor {
        actor(|| who);
    }
    if let Some(client_id) = noted.portal {
        portal(&client_id);
    }
    note(|context| {
        context.steps.extend(noted.steps);
        context.steps.truncate(MOST);
        context.calls.extend(noted.calls);
        context.calls.truncate(MOST);
    });
}

fn note(change: impl FnOnce(&mut Context)) {
    // Outside a request (a job, a unit test) there is nothing to note it in.
    let noted = CONTEXT.try_with(|context| {
        if let Ok(mut context) = context.try_borrow_mut() {
            change(&mut context);
        }
    });
    noted.unwrap_or_default();
}

#[cfg(test)]
mod tests {
    use super::{Context, actor, portal, scope};

    #[tokio::test]
    async fn each_request_has_its_own() {
        let serve = |who: &'static str| {
            scope(async move {
                tokio::task::yield_now().await;
                actor(|| who.to_owned());
                portal("first");
                tokio::task::yield_now().await;
                portal("second");
            })
        };
        actor(|| "nobody hears this".to_owned());
        let ((_, one), (_, two)) = tokio::join!(serve("one"), serve("two"));
        assert_eq!(
            (one.actor.as_deref(), one.portal.as_deref()),
            (Some("one"), Some("first"))
        );
        assert_eq!(two.actor.as_deref(), Some("two"));
        assert_eq!(scope(async {}).await.1, Context::default());
    }
}
