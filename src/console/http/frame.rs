//! The layout of the console's pages: sections at the side, search at the top, *Same over the API* at the foot.

use std::{fmt, rc::Rc};

use actix_web::{
    HttpResponse,
    http::{
        StatusCode,
        header::{CONTENT_SECURITY_POLICY, HeaderValue},
    },
};
use askama::Template;

use super::{
    name_display::mark::{Mark, Marks},
    same_call::Calls,
    zone,
};
use crate::{
    admin::{Role, health::Waiting},
    console::operator::Operator,
    directory::identity::verdict::why_zh,
    web::{
        browser::place,
        details, page,
        texts::{Lang, text_with},
    },
};

/// Our own styles, images and script, forms that lead to ourselves, nothing else.
pub(super) const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self' data:; script-src 'self'; connect-src 'self'; form-action 'self'; \
                      base-uri 'none'; frame-ancestors 'none'";

/// A section of the console.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Section {
    /// Can everybody sign in?
    Overview,
    /// Who is who?
    People,
    /// Who can enter what?
    Portals,
    /// Is WeCom connected?
    WeCom,
    /// What will change?
    Sync,
    /// Who asks to come in?
    Requests,
    /// Are they out, everywhere?
    Leaving,
    /// Why was somebody refused?
    Refusals,
    /// Who did what?
    Audit,
    /// How is it set up?
    Settings,
}

impl Section {
    /// All, in the order of the menu.
    pub const ALL: [Self; 10] = [
        Self::Overview,
        Self::People,
        Self::Portals,
        Self::WeCom,
        Self::Sync,
        Self::Requests,
        Self::Leaving,
        Self::Refusals,
        Self::Audit,
        Self::Settings,
    ];

    /// Its address.
    pub const fn path(self) -> &'static str {
        match self {
            Self::Overview => "/console",
            Self::People => "/console/people",
            Self::Portals => "/console/portals",
            Self::WeCom => "/console/wecom",
            Self::Sync => "/console/sync",
            Self::Requests => "/console/requests",
            Self::Leaving => "/console/leaving",
            Self::Refusals => "/console/refusals",
            Self::Audit => "/console/audit",
            Self::Settings => "/console/settings",
        }
    }

    /// Key of its name.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Overview => "console-overview",
            Self::People => "console-people",
            Self::Portals => "console-portals",
            Self::WeCom => "console-wecom",
            Self::Sync => "console-sync",
            Self::Requests => "console-requests",
            Self::Leaving => "console-leaving",
            Self::Refusals => "console-refusals",
            Self::Audit => "console-audit",
            Self::Settings => "console-settings",
        }
    }
}

/// What each template needs for the layout: `frame.t("key")` is a text in the page's language.
#[derive(Clone)]
pub struct Frame {
    /// Language of the page.
    pub lang: Lang,
    /// The same page in the other language.
    pub other_language: String,
    /// Name of whoever is signed in.
    pub operator: String,
    /// Their role.
    pub role: Role,
    /// The confirmation token (CSRF) of each form.
    pub confirm: String,
    /// Makes each form that is shown another one; see [`Form::once`](super::form::Form::once).
    pub once: String,
    /// The section that is open.
    pub section: Option<Section>,
    asked: Asked,
    waiting: Waiting,
    page: page::Frame,
    calls: Rc<Calls>,
    marks: Rc<Marks>,
}

/// What the page's own address says, beside its path.
#[derive(Clone, Default)]
pub(super) struct Asked {
    /// Its path.
    pub path: String,
    /// Whether anything is filtered.
    pub filtered: bool,
    /// Word of what was done just now.
    pub done: Option<String>,
    /// How far the days of forms are ahead of UTC, minutes.
    pub zone: i64,
}

impl Frame {
    pub(super) fn new(
        page: page::Frame,
        (operator, section, waiting): (&Operator, Option<Section>, Waiting),
        (other_language, asked): (String, Asked),
        (calls, marks): (Rc<Calls>, Rc<Marks>),
    ) -> Self {
        Self {
            lang: page.lang,
            other_language,
            operator: operator.name.clone(),
            role: operator.role,
            confirm: operator.confirm.clone(),
            once: operator.once.clone(),
            section,
            asked,
            waiting,
            page,
            calls,
            marks,
        }
    }

    /// The same layout under another title, that of the thing it shows.
    #[must_use]
    pub fn titled(mut self, title: &str) -> Self {
        title.clone_into(&mut self.page.title);
        self
    }

    /// Title of the page.
    pub fn title(&self) -> &str {
        &self.page.title
    }

    /// What the installation calls itself.
    pub fn name(&self) -> String {
        self.page.name()
    }

    /// Address of the style sheet with the accent colour.
    pub fn style(&self) -> Option<String> {
        self.page.style()
    }

    /// The text under a key.
    pub fn t(&self, key: &str) -> String {
        self.page.t(key)
    }

    /// The text under a key with its variable filled in.
    pub fn with(&self, key: &str, variable: &str, value: impl fmt::Display) -> String {
        text_with(self.lang, key, &[(variable, &value.to_string())])
    }

    /// What so many of something are called, beside their number: of one as of one.
    pub fn counted(&self, key: &str, number: impl fmt::Display) -> String {
        self.with(key, "number", number)
    }

    /// How long something lasts, of seconds.
    pub fn lasting(&self, seconds: &i64) -> String {
        super::moment::lasting(self.lang, *seconds)
    }

    /// That of two texts which is in the page's language.
    pub fn pick<'a>(&self, zh: &'a str, en: &'a str) -> &'a str {
        match self.lang {
            Lang::Zh => zh,
            Lang::En => en,
        }
    }

    /// What was seen, on a Chinese page; `None`: as it is written, in English. A name or an address is itself.
    pub fn chinese(&self, seen: &str) -> Option<String> {
        let is_word = !seen.contains(char::is_whitespace);
        match self.lang {
            Lang::Zh => details::in_chinese(seen, why_zh).or_else(|| is_word.then(|| seen.to_owned())),
            Lang::En => None,
        }
    }

    /// Where something is mended.
    pub fn wecom_place(&self, place: &str) -> String {
        match self.lang {
            Lang::Zh => self.chinese(place).unwrap_or_else(|| details::place_in_chinese(place)),
            Lang::En => place.to_owned(),
        }
    }

    /// The word for a state, a kind or another closed list of the API: the text under `prefix` and the word, or the word itself.
    pub fn word(&self, prefix: &str, word: &str) -> String {
        let key = format!("{prefix}-{}", word.replace(['_', '.'], "-"));
        let text = self.t(&key);
        if text == key { word.to_owned() } else { text }
    }

    /// What was done just now, as the address says by `done=WORD`: the text under `prefix` and the word, or what every page can say. A word of nobody's
    /// says nothing.
    pub fn done(&self, prefix: &str) -> Option<String> {
        let word = self.asked.done.as_deref()?;
        [prefix, "console-done"].into_iter().find_map(|prefix| {
            let key = format!("{prefix}-{word}");
            Some(self.t(&key)).filter(|text| *text != key)
        })
    }

    /// Whether the address leaves something out of the page's list.
    pub const fn filtered(&self) -> bool {
        self.asked.filtered
    }

    /// The page without anything left out.
    pub fn unfiltered(&self) -> &str {
        &self.asked.path
    }

    /// The zone of the days in forms: `UTC+8`.
    pub fn zone(&self) -> String {
        zone::zone(self.asked.zone)
    }

    /// The label of a field by its path in the API's document (`metadata.consent`, or `user.email` of a sync's row); the path itself where it has none.
    pub fn field(&self, path: &str) -> String {
        let mut rest = path;
        loop {
            let text = self.word("console-field", rest);
            if text != rest {
                return text;
            }
            match rest.split_once('.') {
                Some((_, below)) => rest = below,
                None => return path.to_owned(),
            }
        }
    }

    /// How somebody signed in: those authentication methods (RFC 8176) that have a text.
    pub fn how(&self, amr: &[String]) -> String {
        let known = amr.iter().filter_map(|word| {
            let key = format!("account-amr-{word}");
            Some(self.t(&key)).filter(|text| *text != key)
        });
        known.collect::<Vec<_>>().join(" + ")
    }

    /// Browser and network of a session, as far as they are known.
    pub fn place(&self, browser: Option<&str>, network: Option<&str>) -> String {
        place(self.lang, browser, network).unwrap_or_default()
    }

    /// The word for a kind of events of the audit log.
    pub fn kind(&self, kind: &str) -> String {
        let text = self.word("console-kind", &kind.replace('.', "_"));
        if text.contains('_') { kind.to_owned() } else { text }
    }

    /// Sections of the menu.
    pub const fn sections(&self) -> [Section; 10] {
        Section::ALL
    }

    /// How much waits for somebody in a section; none: nothing.
    pub fn waits(&self, section: Section) -> Option<u64> {
        let waiting = &self.waiting;
        let many = match section {
            Section::Sync => waiting
                .conflicts
                .saturating_add(waiting.identity_findings)
                .saturating_add(waiting.paused_runs),
            Section::WeCom => waiting.problems,
            Section::Requests => waiting.access_requests,
            Section::Leaving => waiting.leavers_unheard,
            _ => 0,
        };
        (many > 0).then_some(many)
    }

    /// Whether the role of whoever is signed in suffices for what needs this one.
    pub fn may(&self, word: &str) -> bool {
        Role::of(word).is_some_and(|needed| self.role.covers(needed))
    }

    /// The place of a user's name, where WeCom alone may show it: beside what the page calls them.
    pub(super) fn name_of_user(&self, id: &str) -> Mark {
        self.marks.user(id)
    }

    /// The same of a member, by the row id of the data source and the userid.
    pub(super) fn name_of_member(&self, source: &str, userid: &str) -> Mark {
        self.marks.member(source, userid)
    }

    /// The same of whoever did something, as the audit log has them.
    pub(super) fn name_of_actor(&self, actor: &str) -> Mark {
        self.marks.actor(actor)
    }

    /// The same of a department, by row id.
    pub(super) fn name_of_department(&self, id: &str) -> Mark {
        self.marks.department(id)
    }

    /// The same of a department, by the row id of the data source and WeCom's id.
    pub(super) fn name_of_department_of(&self, source: &str, wecom_id: &str) -> Mark {
        self.marks.department_of(source, wecom_id)
    }

    /// The calls that this page is made of, for a shell.
    pub fn calls(&self) -> Vec<String> {
        self.calls.made()
    }

    /// Those that its buttons make, for whoever has a role that acts.
    pub fn acts(&self) -> Vec<String> {
        match self.may("operator") {
            true => self.calls.offered(),
            false => Vec::new(),
        }
    }
}

/// Renders a page of the console.
pub(super) fn html(status: StatusCode, template: &impl Template) -> HttpResponse {
    let mut response = page::html(status, template);
    response
        .headers_mut()
        .insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    response
}
