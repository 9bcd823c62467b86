//! Without script everything works but live progress: all pages that links lead to are walked, each of their forms is sent as it is rendered, by each of
//! its buttons, and nothing stands there that only a script could use.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use serde_json::json;
use simulator::sample;
use url::Url;

use super::Colleague;
use crate::{
    access_requests,
    actors::{As, Browser, LogoutReceiver, Page, id},
    back_channel_logout::listening,
    backends::Backend,
    fixture::Fixture,
    suites,
};

/// Addresses of one route that are walked, by the names in their query strings: the pages of a list are alike.
const ALIKE: usize = 2;
/// Pages that must be found, or the walk went nowhere.
const LEAST_PAGES: usize = 70;
/// Forms that must be sent.
const LEAST_FORMS: usize = 60;

/// A tag of a page with its attributes.
struct Tag {
    name: String,
    attributes: BTreeMap<String, String>,
    /// The text behind it.
    text: String,
}

impl Tag {
    fn get(&self, name: &str) -> Option<&str> {
        self.attributes.get(name).map(String::as_str)
    }

    fn named(&self) -> Option<String> {
        self.get("name").map(str::to_owned)
    }
}

/// A form as a browser has it.
#[derive(Default)]
struct Form {
    post: bool,
    multipart: bool,
    action: String,
    fields: Vec<(String, String)>,
    /// Name and value of each button that sends it.
    buttons: Vec<Option<(String, String)>>,
}

/// As a browser reads it.
fn plain(text: &str) -> String {
    text.replace("&#34;", "\"")
        .replace("&#39;", "'")
        .replace("&#60;", "<")
        .replace("&#62;", ">")
        .replace("&#38;", "&")
        .replace("&amp;", "&")
}

fn tags(page: &str) -> Vec<Tag> {
    let read = |chunk: &str| {
        let (tag, text) = chunk.split_once('>')?;
        let (name, mut rest) = tag.split_once(char::is_whitespace).unwrap_or((tag, ""));
        let mut attributes = BTreeMap::new();
        loop {
            rest = rest.trim_start();
            let end = rest.find(|letter: char| letter == '=' || letter.is_whitespace());
            let attribute = &rest[..end.unwrap_or(rest.len())];
            if attribute.is_empty() {
                break;
            }
            rest = &rest[attribute.len()..];
            let value = match rest.strip_prefix("=\"") {
                Some(quoted) => {
                    let (value, behind) = quoted.split_once('"')?;
                    rest = behind;
                    plain(value)
                }
                None => String::new(),
            };
            attributes.insert(attribute.to_owned(), value);
        }
        Some(Tag {
            name: name.to_owned(),
            attributes,
            text: plain(text),
        })
    };
    page.split('<').skip(1).filter_map(read).collect()
}

/// The forms of a page, and what only a script could use.
fn forms(page: &str) -> (Vec<Form>, Vec<String>) {
    let (mut found, mut faults) = (Vec::new(), Vec::new());
    let mut form: Option<Form> = None;
    let (mut choice, mut chosen): (Option<String>, Option<String>) = (None, None);
    for tag in tags(page) {
        for (name, value) in &tag.attributes {
            if name.starts_with("on") || value.starts_with("javascript:") {
                faults.push(format!("{} {name}={value}", tag.name));
            }
        }
        // What a script alone could use is seen with script alone.
        if tag.get("hidden").is_some() && tag.name == "button" {
            continue;
        }
        match (tag.name.as_str(), &mut form) {
            ("form", _) => {
                form = Some(Form {
                    post: tag.get("method") == Some("post"),
                    multipart: tag.get("enctype").is_some(),
                    action: tag.get("action").unwrap_or_default().to_owned(),
                    ..Form::default()
                });
            }
            ("/form", _) => found.extend(form.take()),
            ("button" | "input" | "select" | "textarea", None) => faults.push(format!("{} outside of forms", tag.name)),
            ("button", Some(form)) => {
                if tag.get("type") != Some("submit") {
                    faults.push(format!("button {} sends nothing", tag.text));
                }
                form.buttons.push(
                    tag.named()
                        .map(|name| (name, tag.get("value").unwrap_or_default().to_owned())),
                );
            }
            ("input", Some(form)) => {
                let ticked = !matches!(tag.get("type"), Some("checkbox" | "radio")) || tag.get("checked").is_some();
                if let Some(name) = tag.named().filter(|_| ticked) {
                    let value = tag
                        .get("value")
                        .unwrap_or(if tag.get("type") == Some("checkbox") { "on" } else { "" });
                    form.fields.push((name, value.to_owned()));
                }
            }
            ("select", Some(_)) => (choice, chosen) = (tag.named(), None),
            ("option", Some(_)) if choice.is_some() && (chosen.is_none() || tag.get("selected").is_some()) => {
                chosen = Some(tag.get("value").unwrap_or(&tag.text).to_owned());
            }
            ("/select", Some(form)) => form.fields.extend(choice.take().zip(chosen.take())),
            ("textarea", Some(form)) => form.fields.extend(tag.named().map(|name| (name, tag.text.clone()))),
            _ => {}
        }
    }
    (found, faults)
}

/// What the page follows by script must be looked at again without it.
fn follows(page: &str) -> Option<String> {
    let followed = ["data-poll=\"", "data-events=\"", "data-again=\""];
    let followed = followed.into_iter().find(|mark| page.contains(mark))?;
    (!page.contains("<noscript>")).then(|| format!("{followed} without <noscript>"))
}

/// Somebody who walks through the console without script.
struct Walker<'a> {
    fixture: &'a Fixture,
    owner: &'a Colleague,
    browser: Browser,
    faults: BTreeSet<String>,
    sent: usize,
}

impl Walker<'_> {
    /// The page at a path; signs in again where an act ended the session.
    async fn page(&self, path: &str) -> Page {
        let page = self.browser.open(&format!("{}{path}", self.fixture.base)).await;
        if !page.url.contains("/signin/") {
            return page;
        }
        self.fixture.advance(std::time::Duration::from_secs(60));
        self.owner.sign_in(self.fixture, &self.browser, path).await
    }

    fn fault(&mut self, path: &str, what: impl std::fmt::Display) {
        self.faults.insert(format!("{path}: {what}"));
    }

    /// Every path that a link leads to, from the overview on.
    async fn paths(&mut self) -> Vec<String> {
        let mut waiting = VecDeque::from(["/console".to_owned()]);
        let (mut seen, mut routes) = (
            BTreeSet::from(["/console".to_owned()]),
            BTreeMap::<String, usize>::new(),
        );
        let mut walked = Vec::new();
        while let Some(path) = waiting.pop_front() {
            let page = self.page(&path).await;
            if page.status != 200 {
                self.fault(&path, format_args!("{} behind a link", page.status));
                continue;
            }
            for tag in tags(&page.body) {
                let Some(to) = tag.get("href").filter(|_| tag.name == "a") else {
                    continue;
                };
                let url = Url::parse(&page.url).unwrap().join(to).unwrap();
                let query = url.query().map(|query| format!("?{query}")).unwrap_or_default();
                let next = format!("{}{query}", url.path());
                let no_page = [".csv", "/export", "ui_locales"].iter().any(|part| next.contains(part));
                let own = next.starts_with("/console") && url.as_str().starts_with(&self.fixture.base);
                if !own || no_page || tag.get("download").is_some() || !seen.insert(next.clone()) {
                    continue;
                }
                // Ids and values are no route.
                let names: BTreeSet<String> = url.query_pairs().map(|(name, _)| name.into_owned()).collect();
                let shape = |part: &str| {
                    if part.len() == 36 {
                        "*".to_owned()
                    } else {
                        part.to_owned()
                    }
                };
                let route: Vec<String> = url.path().split('/').map(shape).collect();
                let many = routes.entry(format!("{}{names:?}", route.join("/"))).or_default();
                *many += 1;
                if *many <= ALIKE {
                    waiting.push_back(next);
                }
            }
            walked.push(path);
        }
        walked
    }

    /// Looks at a page, and sends each of its forms as it is rendered, by each button.
    async fn works(&mut self, path: &str) {
        let page = self.page(path).await;
        let (found, faults) = forms(&page.body);
        for fault in faults.into_iter().chain(follows(&page.body)) {
            self.fault(path, fault);
        }
        for (at, form) in found.iter().enumerate() {
            for button in 0..form.buttons.len().max(1) {
                // Each is sent from the page as it stands by then; what an earlier one removed is gone.
                let page = self.page(path).await;
                let (mut now, _) = forms(&page.body);
                if page.status == 200 && at < now.len() {
                    self.send(path, &page, (now.swap_remove(at), button)).await;
                }
            }
        }
    }

    async fn send(&mut self, path: &str, page: &Page, (mut form, button): (Form, usize)) {
        let address = Url::parse(&page.url).unwrap().join(&form.action).unwrap();
        if form.multipart || address.path().contains(&self.owner.id) {
            // A file is chosen first; and who walks here is not to shut themselves out.
            return;
        }
        form.fields.extend(form.buttons.get(button).cloned().flatten());
        self.sent += 1;
        let answer = if form.post {
            let fields: Vec<(&str, &str)> = form
                .fields
                .iter()
                .map(|(name, value)| (name.as_str(), value.as_str()))
                .collect();
            self.browser.submit(address.as_str(), &fields).await
        } else {
            let mut filtered = address.clone();
            filtered.query_pairs_mut().clear().extend_pairs(&form.fields);
            self.browser.open(filtered.as_str()).await
        };
        let action = address.path();
        if matches!(answer.status, 403..=405 | 500..) {
            let number = answer.body.split("class=\"number\">").nth(1).unwrap_or_default();
            let number = number.split('<').next().unwrap_or_default();
            self.fault(
                path,
                format_args!("{action} sent as rendered: {} {number}", answer.status),
            );
        }
        if let Some(fault) = follows(&answer.body) {
            self.fault(path, format_args!("{action} answers a page with {fault}"));
        }
    }
}

/// Something on every page.
async fn eventful(fixture: &Fixture) {
    suites::with_provider(fixture);
    let admin = fixture.admin();
    admin.create("users", json!({ "username": "zhaoliu" })).await;
    let takes = json!({ "access_requests": true, "duplicate_rule": "skip" });
    let source = fixture.connect_with(takes).await;
    let receiver = LogoutReceiver::listen();
    let wiki = listening(fixture, "wiki", &receiver).await;
    wiki.tokens(fixture, &fixture.browser(), sample::BY_TAG).await;
    wiki.sign_in(fixture, &fixture.browser(), As::Member(sample::OUT_OF_SCOPE))
        .await;
    access_requests::apply(fixture, &wiki, &fixture.browser(), "zhaoliu", "For the handbook").await;
    admin.disable(sample::BY_TAG).await;
    let group = admin.create("groups", json!({ "name": "editors" })).await;
    let people = json!({ "users": [admin.user_id(sample::NORMAL).await] });
    admin
        .call("POST", &format!("groups/{}/users", id(&group)), Some(people))
        .await;
    admin.create("suites", suites::entered()).await;
    let callbacks = format!("data-sources/{}/callbacks", id(&source));
    admin.create(&callbacks, json!({ "owner": "contacts" })).await;
    let hook = json!({ "kind": "webhook", "name": "Robot", "url": "https://robot.example/hook" });
    let hook = admin.create("notice-channels", hook).await;
    let told = json!({ "channel_id": hook["id"], "topics": ["access_requested"] });
    admin.create("notice-subscriptions", told).await;
    admin
        .create("api-tokens", json!({ "name": "monitoring", "role": "auditor" }))
        .await;
    admin.create("initial-access-tokens", json!({ "name": "team" })).await;
    let plan = admin
        .create(&format!("data-sources/{}/sync", id(&source)), json!({ "mode": "plan" }))
        .await;
    admin.watch(id(&plan)).await;
}

#[actix_web::test]
async fn every_form_of_the_console_works_as_it_is_rendered() {
    let Some(fixture) = Fixture::open(Backend::SqliteMemory).await else {
        return;
    };
    eventful(&fixture).await;
    let owner = Colleague::hire(&fixture, "owner").await;
    let mut walker = Walker {
        browser: owner.browser(&fixture).await,
        fixture: &fixture,
        owner: &owner,
        faults: BTreeSet::new(),
        sent: 0,
    };
    let paths = walker.paths().await;
    // What removes things comes last: pages below others go first.
    let (removing, keeping): (Vec<&String>, Vec<&String>) = paths.iter().partition(|path| {
        ["delete", "remove", "revoke", "disable", "sign-out", "end", "disconnect"]
            .iter()
            .any(|part| path.contains(part))
    });
    for path in keeping.into_iter().chain(removing) {
        walker.works(path).await;
    }
    eprintln!("{} pages, {} forms sent", paths.len(), walker.sent);
    assert!(walker.faults.is_empty(), "{:#?}", walker.faults);
    assert!(
        paths.len() >= LEAST_PAGES && walker.sent >= LEAST_FORMS,
        "{} pages, {} forms",
        paths.len(),
        walker.sent
    );
}
