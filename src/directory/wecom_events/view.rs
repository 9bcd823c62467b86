//! Callback endpoint as the API shows it: what arrived last, what was refused last and why. Never with token, key or a body. Pure.

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{endpoint::Endpoint, endpoint_owner::Owner, refused_callbacks::RefusedCallbacks};
use crate::{
    directory::{
        console_place::{APP_CALLBACK, CONTACTS_CALLBACK, CUSTOMERS_CALLBACK},
        setup_problem::Problem,
    },
    kernel::clock::Timestamp,
};

/// A callback: a URL that WeCom pushes events of one data source to.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Callback)]
pub struct CallbackView {
    /// Row id; the last part of the URL.
    pub id: Uuid,
    /// Where in WeCom's console it is entered.
    #[schema(value_type = Owner)]
    pub owner: &'static str,
    /// The URL to enter there.
    pub url: String,
    /// Whether WeCom has verified the URL since token and key were made: it asked, and got its `echostr` back.
    pub verified: bool,
    /// When it did so last, milliseconds since 1970; null: not since token and key were made.
    pub verified_at: Option<Timestamp>,
    /// When an authentic event arrived last, milliseconds since 1970; null: none yet.
    pub last_event_at: Option<Timestamp>,
    /// What was refused last; null: nothing since token and key were made.
    pub last_failure: Option<RefusedView>,
    /// Every reason for which requests were refused, the last one first; at most one entry for each reason.
    pub refused: Vec<RefusedView>,
    /// What is wrong now: requests were refused and nothing was accepted since. Empty: nothing.
    pub problems: Vec<Problem>,
}

/// Why requests were refused.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = CallbackRefusal)]
pub struct RefusedView {
    /// Stable reference number, explained in `docs/errors.md`.
    pub number: &'static str,
    /// What was wrong, in a sentence.
    pub title: &'static str,
    /// The same in Chinese.
    pub title_zh: &'static str,
    /// What can be done, in English.
    pub remedy: &'static str,
    /// The same in Chinese.
    pub remedy_zh: &'static str,
    /// When that was seen first, milliseconds since 1970.
    pub first_at: Timestamp,
    /// When that was seen last, to the minute, milliseconds since 1970.
    pub last_at: Timestamp,
    /// The same in the one shape of everything that is wrong.
    pub problem: Problem,
}

impl From<&Endpoint> for CallbackView {
    fn from(endpoint: &Endpoint) -> Self {
        let refused: Vec<RefusedView> = endpoint.refused.iter().map(|one| view(one, endpoint.owner)).collect();
        Self {
            id: endpoint.id,
            owner: endpoint.owner.word(),
            url: endpoint.url.clone(),
            verified: endpoint.verified_at.is_some(),
            verified_at: endpoint.verified_at,
            last_event_at: endpoint.last_event_at,
            problems: endpoint
                .standing_refusal()
                .map(|one| view(one, endpoint.owner).problem)
                .into_iter()
                .collect(),
            last_failure: refused.first().cloned(),
            refused,
        }
    }
}

fn view(refused: &RefusedCallbacks, owner: Owner) -> RefusedView {
    let entry = refused.entry;
    let mut problem = Problem::of(entry, "");
    problem.since = Some(refused.last_at);
    problem.place = Some(match owner {
        Owner::Contacts => CONTACTS_CALLBACK,
        Owner::App => APP_CALLBACK,
        Owner::ExternalContacts => CUSTOMERS_CALLBACK,
    });
    RefusedView {
        number: entry.number,
        title: entry.en,
        title_zh: entry.zh,
        remedy: entry.remedy,
        remedy_zh: entry.remedy_zh,
        first_at: refused.first_at,
        last_at: refused.last_at,
        problem,
    }
}
