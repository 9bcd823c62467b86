//! What people are told of themselves: view and input. Pure.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    crypto::digest::entity_tag,
    kernel::{
        entity_tag::{EntityTag, Tagged},
        failure::Result,
        merge_patch,
        validation::ValidationErrors,
    },
    notices::{failure::NoticeFailure, model::Topic},
};

/// What people are told of themselves, as long as a channel stands by which they can be reached.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = PersonalNotices)]
pub struct PersonalView {
    /// Of the state that is shown; told in the header `ETag`.
    #[serde(skip)]
    pub etag: EntityTag,
    /// What they are told. Without `password_forgotten` the login page offers no link to a new password.
    pub topics: Vec<Topic>,
}

impl PersonalView {
    /// Of the topics that are told.
    pub fn of(topics: Vec<Topic>) -> Self {
        let etag = entity_tag(&topics.iter().map(|topic| topic.word()).collect::<Vec<_>>());
        Self { etag, topics }
    }
}

impl Tagged for PersonalView {
    fn entity_tag(&self) -> &EntityTag {
        &self.etag
    }
}

/// A change of what people are told (merge patch).
#[derive(Debug, Default, Deserialize, ToSchema)]
#[schema(as = PersonalNoticesChange)]
#[serde(deny_unknown_fields)]
pub struct PersonalChange {
    /// What they are told from now on: of the topics that concern one person alone.
    #[serde(default, deserialize_with = "merge_patch::non_null")]
    #[schema(nullable = false)]
    pub topics: Option<Vec<Topic>>,
}

impl PersonalChange {
    /// What is told after this change, in the order of [`Topic::PERSONAL`].
    ///
    /// # Errors
    /// `NO-101` for a topic that is no one person's.
    pub fn merged(&self, before: &[Topic]) -> Result<Vec<Topic>> {
        let wanted = self.topics.as_deref().unwrap_or(before);
        let mut faults = ValidationErrors::default();
        for (index, topic) in wanted.iter().enumerate() {
            let fits = Topic::PERSONAL.contains(topic);
            faults.check(fits, &format!("topics[{index}]"), "concerns one person alone");
        }
        faults.into_result(NoticeFailure::Invalid.entry())?;
        let told = Topic::PERSONAL.iter().copied();
        Ok(told.filter(|topic| wanted.contains(topic)).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_concerns_one_person_is_switched_and_absence_changes_nothing() {
        let change = |topics: Option<&[Topic]>| PersonalChange {
            topics: topics.map(<[Topic]>::to_vec),
        };
        let all = Topic::PERSONAL;
        assert_eq!(change(None).merged(all).unwrap(), all);
        assert!(change(Some(&[])).merged(all).unwrap().is_empty());
        let refused = change(Some(&[Topic::PasswordForgotten, Topic::Alert]))
            .merged(all)
            .unwrap_err();
        assert!(refused.detail.unwrap().starts_with("topics[1]:"));
    }
}
