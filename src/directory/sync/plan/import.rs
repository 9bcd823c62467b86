//! How a member becomes a user, or stays one.

use std::sync::Arc;

use uuid::Uuid;

use super::{
    identity::of_left_over,
    intake::Intake,
    model::{Doubt, Row, UserChange},
};
use crate::directory::importing::outcome::Outcome;
use crate::directory::{
    identity::verdict::{Verdict, weigh},
    sync::{
        mirror::{MemberRow, Standing, UserOrigin, UserProfile, UserRow},
        snapshot::{Person, Profile},
        source::DuplicateRule,
    },
};

/// Whether and how a member is a user.
pub struct Imported {
    /// What happens to the user.
    pub user: UserChange,
    /// Whether they are one.
    pub outcome: Outcome,
    /// Why.
    pub reason: Option<String>,
    /// Whether it is in doubt that the user is theirs.
    pub doubt: Option<Box<Doubt>>,
}

impl Imported {
    /// As the row says, but for this change of the user.
    pub fn as_held(row: &MemberRow, user: UserChange) -> Self {
        Self {
            user,
            outcome: row.outcome,
            reason: row.reason.clone(),
            doubt: None,
        }
    }
}

impl Imported {
    /// The user that the member has afterwards, if it is there already.
    pub fn user_id(&self, held: Option<&MemberRow>) -> Option<Uuid> {
        match &self.user {
            UserChange::Write { id, .. } => Some(*id),
            UserChange::Keep => held.and_then(|row| row.user_id),
            UserChange::Create { .. } => None,
        }
    }

    /// The remark on what the pins of that user keep out now; of whom it is in doubt who they are nothing is taken anyway.
    pub fn kept_out(&self, intake: Intake, user: &UserRow, person: &Person, held: Option<&MemberRow>) -> Option<Row> {
        let theirs = held.filter(|row| row.user_id == Some(user.id));
        let certain = self.doubt.is_none();
        certain
            .then(|| intake.kept_out(&user.profile, person, theirs.map(|row| &row.person.profile)))
            .flatten()
    }

    /// The person to write: where it is in doubt that the user is theirs, with what we hold of that user, which the next run compares with.
    pub fn written(&self, person: Arc<Person>) -> Arc<Person> {
        match &self.doubt {
            Some(doubt) => Arc::new(doubt.frozen(&person)),
            None => person,
        }
    }
}

impl Doubt {
    fn frozen(&self, seen: &Person) -> Person {
        Person {
            profile: Profile {
                name: self.before.name.clone(),
                mobile: self.before.mobile.clone(),
                email: self.before.emails.first().cloned(),
                ..seen.profile.clone()
            },
            departments: self.before.departments.clone(),
            main_department: None,
            ..seen.clone()
        }
    }
}

/// Links the existing user whom an admin chose: who they are is decided, so nothing is in doubt.
pub fn link_as_decided(user: &UserRow, person: &Person, intake: Intake) -> Imported {
    Imported {
        reason: Some(format!("an admin linked the existing user {}", user.username_key)),
        doubt: None,
        user: UserChange::Write {
            id: user.id,
            link: true,
            enable: user.standing == Standing::Departed,
            profile: profile_by(intake, user, person).map(Box::new),
        },
        outcome: Outcome::Imported,
    }
}

/// The profile that the user has by the rule, where that is another one.
fn profile_by(intake: Intake, user: &UserRow, person: &Person) -> Option<UserProfile> {
    let profile = intake.taken(&user.profile, &person.profile);
    (profile != user.profile).then_some(profile)
}

/// Links an existing user. Of one left over by an earlier data source of the corp it may be in doubt whether it is this person's; where nothing
/// can be compared, the admin whose rule is `overwrite` has decided; not where only an admin's edits are in the way of comparing.
pub fn link(user: &UserRow, person: &Person, intake: Intake) -> Imported {
    let how = match intake.rule {
        DuplicateRule::Overwrite => "overwritten",
        DuplicateRule::Skip => "theirs before, and is linked again as it is",
    };
    let evidence = of_left_over(&user.profile, person);
    let weighed = weigh(evidence);
    let silent = evidence.is_silent() && !user.profile.hides_traits();
    let doubted = user.owner == UserOrigin::Ours && weighed.verdict == Verdict::Doubtful && !silent;
    Imported {
        user: UserChange::Write {
            id: user.id,
            link: true,
            enable: user.standing == Standing::Departed,
            profile: profile_by(intake, user, person).filter(|_| !doubted).map(Box::new),
        },
        outcome: Outcome::Imported,
        reason: Some(format!("the existing user {} was {how}", user.username_key)),
        doubt: doubted.then(|| {
            Box::new(Doubt {
                weighed,
                before: user.profile.traits(),
                after: person.traits(),
            })
        }),
    }
}
