//! The pages behind the link: what stands on them.

use askama::Template;

use super::reply::{Wrong, at, moment};
use crate::{
    kernel::clock::Timestamp,
    requests::{
        approver::Approver,
        model::{AccessRequest, ClosedBecause, Group, LONGEST_REASON, LeftOut, Portal, Prospect},
        state::State,
    },
    web::{
        page::Frame,
        texts::{Lang, isolated, text, text_with},
    },
};

/// For whoever is not signed in: nothing of who asks.
#[derive(Template)]
#[template(path = "access_link_sign_in.html")]
pub(super) struct SignInPage {
    pub(super) frame: Frame,
    pub(super) token: String,
    /// That it waits, until when, or that it is over, or that the link is too old.
    pub(super) standing: String,
}

impl SignInPage {
    pub(super) fn new(lang: Lang, token: &str, asked: &AccessRequest, now: Timestamp) -> Self {
        let standing = match (asked.state, asked.link_works(now)) {
            (State::Open, true) => at(lang, "access-link-waits", asked.link_expires_at),
            (State::Open, false) => at(lang, "access-link-too-old", asked.link_expires_at),
            _ => text(lang, "access-link-over"),
        };
        Self {
            frame: Frame::new(lang, "access-link-title"),
            token: token.to_owned(),
            standing,
        }
    }
}

/// How a request was decided, in words.
pub(super) struct Decided(pub(super) Option<String>);

impl Decided {
    pub(super) fn of(lang: Lang, asked: &AccessRequest) -> Self {
        let key = match asked.state {
            State::Open => return Self(None),
            State::Approved => "access-link-approved",
            State::Refused => "access-link-refused",
            State::Expired => "access-link-expired",
            State::Withdrawn => "access-link-withdrawn",
            State::Overtaken => "access-link-overtaken",
            State::Closed => closed(asked),
        };
        let by = asked.decision.as_ref().and_then(|decision| decision.name.as_deref());
        let by = by.or(asked.decided_by.as_deref()).unwrap_or_default();
        let when = moment(asked.decided_at.unwrap_or(asked.created_at));
        Self(Some(text_with(lang, key, &[("by", &isolated(by)), ("at", &when)])))
    }
}

/// The text that says why a request was closed.
fn closed(asked: &AccessRequest) -> &'static str {
    match asked.decision.as_ref().and_then(|decision| decision.because) {
        Some(ClosedBecause::RequestsOff) => "access-link-closed-requests-off",
        Some(ClosedBecause::SourceOff) => "access-link-closed-source-off",
        Some(ClosedBecause::CompanyMoved) => "access-link-closed-company-moved",
        Some(ClosedBecause::PersonLeft) | None => "access-link-closed-person-left",
    }
}

/// What an admin decided before, and what that means to whoever looks.
fn left_out(lang: Lang, out: LeftOut, approver: &Approver) -> String {
    let told = text(lang, &format!("access-link-left-out-{}", out.word()));
    let means = match approver.decider.operates {
        true => "access-link-overrules",
        false => "access-link-takes-operator",
    };
    format!("{told} {}", text(lang, means))
}

/// What was entered.
#[derive(Default)]
pub(super) struct Entered {
    pub(super) username: Option<String>,
    pub(super) until: String,
    /// `client_id` of each portal that is opened.
    pub(super) portals: Vec<String>,
    /// Row id of each group.
    pub(super) groups: Vec<String>,
    pub(super) reason: String,
    pub(super) show_reason: bool,
}

impl Entered {
    /// With what stood there where nothing was sent of it.
    pub(super) fn or(self, other: Self) -> Self {
        let sent = self.username.is_some();
        Self {
            portals: if sent { self.portals } else { other.portals },
            username: self.username.or(other.username),
            ..self
        }
    }
}

/// What an approver can choose.
pub(super) struct Choices {
    pub(super) portals: Vec<Portal>,
    pub(super) groups: Vec<Group>,
}

/// For an approver.
#[derive(Template)]
#[template(path = "access_link.html")]
pub(super) struct LinkPage {
    pub(super) frame: Frame,
    pub(super) token: String,
    pub(super) confirm: String,
    pub(super) asked: AccessRequest,
    /// When they asked, and until when it waits.
    pub(super) since: String,
    pub(super) until: String,
    pub(super) decided: Option<String>,
    /// The link works no more, since then.
    pub(super) too_old: Option<String>,
    /// Its page in the console, for whoever works there.
    pub(super) console: Option<String>,
    /// Somebody has the name that they would get.
    pub(super) taken: bool,
    /// Whoever looks may choose another name.
    pub(super) names: bool,
    /// Portals that can be opened, and groups.
    pub(super) choices: Choices,
    /// What an admin decided before, in words.
    pub(super) left_out: Option<String>,
    pub(super) entered: Entered,
    pub(super) longest: usize,
    pub(super) wrong: Option<Wrong>,
}

impl LinkPage {
    /// Whether this portal is ticked.
    fn is_chosen(&self, portal: &Portal) -> bool {
        self.entered.portals.contains(&portal.client_id)
    }

    /// Whether this group is ticked.
    fn is_among(&self, group: &Group) -> bool {
        self.entered.groups.contains(&group.id.to_string())
    }

    /// The groups that were chosen, where the request is approved.
    fn came_into(&self) -> &[String] {
        self.asked.decision.as_ref().map_or(&[], |decision| &decision.groups)
    }

    /// Whether what was entered there is wrong.
    fn is_wrong(&self, field: &str) -> bool {
        self.wrong.as_ref().is_some_and(|wrong| wrong.is_at(field))
    }

    pub(super) fn new(
        lang: Lang,
        (token, approver): (&str, &Approver),
        (asked, now): (AccessRequest, Timestamp),
        (prospect, choices, Decided(decided)): (Prospect, Choices, Decided),
    ) -> Self {
        let works = asked.link_works(now);
        Self {
            frame: Frame::new(lang, "access-link-title"),
            token: token.to_owned(),
            confirm: approver.confirm.clone(),
            since: moment(asked.created_at),
            until: moment(asked.expires_at),
            too_old: (decided.is_none() && !works).then(|| at(lang, "access-link-too-old", asked.link_expires_at)),
            decided,
            console: approver.console.then(|| format!("/console/requests/{}", asked.id)),
            taken: prospect.taken,
            left_out: prospect.left_out.map(|out| left_out(lang, out, approver)),
            names: approver.decider.operates,
            choices,
            entered: Entered {
                username: Some(prospect.username),
                portals: asked.portal.iter().map(|portal| portal.client_id.clone()).collect(),
                ..Entered::default()
            },
            longest: LONGEST_REASON,
            wrong: None,
            asked,
        }
    }

    pub(super) fn username(&self) -> &str {
        self.entered.username.as_deref().unwrap_or_default()
    }
}
