//! Who is told of what about a request, in the transaction in which it happens: approvers by their subscriptions, with a link and a card; the person
//! over the WeCom app of their corp. Where WeCom gave no name, nobody is told one.

use std::collections::BTreeMap;

use uuid::Uuid;

use super::{
    failure::RequestFailure,
    model::{AccessRequest, ClosedBecause, Decision},
    service::Requests,
    state::State,
    store,
};
use crate::{
    directory::{store::Change, wecom_events::card_events::Press},
    kernel::{
        calendar,
        failure::{Entry, Result},
    },
    notices::{
        self, Card, NewNotice, To, Topic,
        rendering::{CASE, COMPANY_MOVED, NOT_THEIRS, OVER},
    },
    signin::refused_identity::PLACE,
};

/// Where the link of approvers leads, below it the token.
pub(super) const LINK_PLACE: &str = "/access-requests/";
/// Begins the task id of a card.
const TASK: &str = "access_request-";

/// The task id of the card of a request.
pub(super) fn task_id(request: Uuid) -> String {
    format!("{TASK}{}", request.simple())
}

/// The request of a card, by its task id; what stands behind the id tells cards of one request apart.
pub fn request_of(task_id: &str) -> Option<Uuid> {
    let id = task_id.strip_prefix(TASK)?.get(..32)?;
    Uuid::try_parse(id).ok()
}

/// What kind of refusal of a press it is; `None`: something stands in the way that can be removed.
fn case_of(entry: &Entry) -> Option<&'static str> {
    let is = |one: RequestFailure| entry == one.entry();
    if is(RequestFailure::Overtaken) || is(RequestFailure::OtherPerson) {
        Some(OVER)
    } else if is(RequestFailure::NotAnApprover) || is(RequestFailure::ForeignCard) {
        Some(NOT_THEIRS)
    } else {
        None
    }
}

/// What notices say of a request.
fn facts(request: &AccessRequest) -> BTreeMap<String, String> {
    let mut facts = BTreeMap::from([
        ("data_source".to_owned(), request.data_source_name.clone()),
        ("userid".to_owned(), request.userid.clone()),
    ]);
    let mut put = |name: &str, value: Option<String>| {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            facts.insert(name.to_owned(), value);
        }
    };
    put("name", request.name.clone());
    put("portal", request.portal.as_ref().map(|portal| portal.name.clone()));
    put("reason", Some(request.reason.clone()));
    facts
}

impl Requests {
    /// Tells the approvers that somebody asks.
    pub(super) async fn tell_approvers(&self, change: &Change, request: &AccessRequest, token: &str) -> Result<()> {
        let notice = NewNotice {
            topic: Topic::AccessRequested,
            data_source: Some(request.data_source),
            subject: request.subject(),
            facts: facts(request),
            path: Some(format!("{LINK_PLACE}{token}")),
            card: Some(Card {
                task_id: task_id(request.id),
                pressers: store::deciding_members(change.transaction(), request.data_source, change.now()).await?,
            }),
            to: To::Subscribers,
            until: None,
        };
        self.tell(change, &notice).await
    }

    /// Tells the person what became of their request, and the cards of it.
    pub(super) async fn tell_outcome(
        &self,
        change: &Change,
        request: &AccessRequest,
        (state, decision, refusal): (State, &Decision, Option<&str>),
    ) -> Result<()> {
        self.settle(change, request, (state, decision)).await?;
        let topic = match state {
            State::Approved => Topic::AccessApproved,
            State::Overtaken => Topic::AccessOvertaken,
            State::Refused => Topic::AccessRefused,
            State::Expired => Topic::AccessRequestExpired,
            State::Closed => Topic::AccessRequestClosed,
            State::Open | State::Withdrawn => return Ok(()),
        };
        let mut facts = facts(request);
        // They know what they wrote.
        facts.remove("reason");
        let until = decision.access_until.map(calendar::until);
        let moved = decision.because == Some(ClosedBecause::CompanyMoved);
        let told = [
            ("username", decision.username.clone()),
            ("until", until),
            ("refusal_reason", refusal.map(str::to_owned)),
            (CASE, moved.then(|| COMPANY_MOVED.to_owned())),
        ];
        for (name, value) in told {
            if let Some(value) = value {
                facts.insert(name.to_owned(), value);
            }
        }
        let notice = NewNotice {
            topic,
            data_source: Some(request.data_source),
            subject: request.subject(),
            facts,
            path: (topic == Topic::AccessApproved).then(|| format!("{PLACE}enter/{}", request.id)),
            card: None,
            to: To::Member {
                userid: request.userid.clone(),
                lang: request.lang,
            },
            until: None,
        };
        self.tell(change, &notice).await
    }

    /// The cards of a request that is over say so, and lose their buttons.
    pub(super) async fn settle(
        &self,
        change: &Change,
        request: &AccessRequest,
        (state, decision): (State, &Decision),
    ) -> Result<()> {
        let mut facts = BTreeMap::from([("outcome".to_owned(), state.word().to_owned())]);
        if let Some(name) = &decision.name {
            facts.insert("decided_by".to_owned(), name.clone());
        }
        let (sealer, subject) = (&self.deps.sealer, request.subject());
        notices::settle_cards(change.transaction(), sealer, change.now(), &subject, &facts).await
    }

    /// Tells whoever pressed a button of a card why nothing came of it, with the link that the card has. Of whose card it is none, they learn nothing
    /// about the request.
    pub(super) async fn tell_presser(
        &self,
        change: &Change,
        request: &AccessRequest,
        (press, path, entry): (&Press, Option<String>, &Entry),
    ) -> Result<()> {
        let is_foreign = entry == RequestFailure::ForeignCard.entry();
        let (mut facts, data_source) = match is_foreign {
            true => (BTreeMap::new(), press.data_source),
            false => (facts(request), request.data_source),
        };
        facts.remove("reason");
        let told = [
            ("what", format!("{} {}", entry.number, entry.en)),
            ("what_zh", format!("{} {}", entry.number, entry.zh)),
            ("remedy", entry.remedy.to_owned()),
            ("remedy_zh", entry.remedy_zh.to_owned()),
        ];
        facts.extend(told.map(|(name, value)| (name.to_owned(), value)));
        if let Some(case) = case_of(entry) {
            facts.insert(CASE.to_owned(), case.to_owned());
        }
        let notice = NewNotice {
            topic: Topic::AccessPressRefused,
            data_source: Some(data_source),
            subject: request.subject(),
            facts,
            path,
            card: None,
            to: To::Member {
                userid: press.userid.clone(),
                lang: None,
            },
            until: None,
        };
        self.tell(change, &notice).await
    }

    async fn tell(&self, change: &Change, notice: &NewNotice) -> Result<()> {
        let (sealer, entropy) = (&self.deps.sealer, &self.deps.entropy);
        notices::enqueue(change.transaction(), sealer, entropy, change.now(), notice).await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_presses_is_told_whether_anything_can_be_done() {
        for (failure, case) in [
            (RequestFailure::Overtaken, Some(OVER)),
            (RequestFailure::OtherPerson, Some(OVER)),
            (RequestFailure::NotAnApprover, Some(NOT_THEIRS)),
            (RequestFailure::ForeignCard, Some(NOT_THEIRS)),
            (RequestFailure::NotRead, None),
            (RequestFailure::LeftOut, None),
        ] {
            let entry = failure.entry();
            assert_eq!(case_of(entry), case, "{}", entry.number);
        }
    }

    #[test]
    fn a_card_leads_back_to_its_request_and_no_other_text_does() {
        let id = Uuid::from_u128(0x0190_aaaa_0000_7000_8000_0000_0000_0001);
        let task = task_id(id);
        assert!(
            task.len() <= 64
                && task
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || b"_-@".contains(&byte))
        );
        assert_eq!(request_of(&task), Some(id));
        assert_eq!(
            request_of(&format!("{task}-7")),
            Some(id),
            "cards of one request are told apart"
        );
        for foreign in [
            "",
            "access_request-",
            "access_request-zz",
            "other-0190aaaa00007000800000000000001",
            "访问",
        ] {
            assert_eq!(request_of(foreign), None, "{foreign}");
        }
    }
}
