//! Rehearsals: what a sync would do if its company had moved to another app. The data source is read by that app's credentials, and the members
//! we hold bear the ids they would have; nothing of it is kept but the run and its rows.

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    sync::Arc,
};

use uuid::Uuid;

use super::{
    mirror::Mirror,
    run::{Run, Runs},
    run_state::{Cause, Mode},
    source::{App, Rehearsal, Source},
};
use crate::kernel::failure::Result;

/// What a data source would be.
#[derive(Debug)]
pub struct Moved {
    /// The app, which belongs to no suite.
    pub app: App,
    /// Sealed for `data_source.contacts_secret`.
    pub contacts_secret_sealed: Option<String>,
    /// The ids.
    pub rehearsal: Rehearsal,
}

impl Moved {
    /// The data source as it would be.
    fn of(self, source: Source) -> Source {
        let rehearsal = Rehearsal {
            corp_key: source.corp_key.clone(),
            ..self.rehearsal
        };
        Source {
            corp_id: self.app.corp_id.clone(),
            corp_key: self.app.corp_id.clone(),
            suite: None,
            contacts_secret_sealed: self.contacts_secret_sealed,
            app: Some(self.app),
            rehearsal: Some(Arc::new(rehearsal)),
            ..source
        }
    }
}

/// The key that somebody who left keeps where their userid is another's now.
pub fn given_up(key: &str, member: Uuid) -> String {
    format!("{key}#{member}")
}

impl Rehearsal {
    /// Gives members the ids they would have, and tags those who would bear them.
    pub(super) fn rename(&self, mirror: &mut Mirror) {
        let mut keys: HashMap<String, String> = HashMap::new();
        let taken: HashSet<&String> = self.ids.values().map(|(_, key)| key).collect();
        for row in &mut mirror.members {
            match self.ids.get(&row.id) {
                Some((userid, key)) => {
                    keys.insert(std::mem::replace(&mut row.key, key.clone()), key.clone());
                    row.person.userid.clone_from(userid);
                }
                None if taken.contains(&row.key) => row.key = given_up(&row.key, row.id),
                None => {}
            }
        }
        for tag in &mut mirror.tags {
            let renamed = std::mem::take(&mut tag.users);
            let renamed = renamed.into_iter().map(|key| keys.get(&key).cloned().unwrap_or(key));
            tag.users = renamed.collect::<BTreeSet<String>>();
        }
    }
}

impl Runs {
    /// Starts the rehearsal of a move.
    ///
    /// # Errors
    /// As for [`Runs::start`].
    pub(super) async fn start_rehearsal(&self, data_source_id: Uuid, moved: Moved) -> Result<Run> {
        let run = self.start_as(data_source_id, (Cause::Manual, Mode::Plan)).await?;
        Ok(Run {
            source: moved.of(run.source),
            ..run
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::directory::{
        importing::outcome::Outcome,
        sync::{
            mirror::{MemberRow, TagRow},
            snapshot::{Person, Profile},
        },
    };

    fn member(id: u128, userid: &str, present: bool) -> MemberRow {
        MemberRow {
            id: Uuid::from_u128(id),
            version: 1,
            key: userid.to_lowercase(),
            person: Person {
                userid: userid.to_owned(),
                profile: Profile::default(),
                departments: Vec::new(),
                other_email: None,
                main_department: None,
                status: None,
            },
            present,
            checked_at: 1,
            missed: false,
            doubt: None,
            user_id: None,
            outcome: Outcome::Imported,
            reason: None,
        }
    }

    #[test]
    fn members_exchange_ids_tags_follow_and_whoever_left_gives_theirs_up() {
        let mut mirror = Mirror {
            members: vec![
                member(1, "woA", true),
                member(2, "woB", true),
                member(3, "LiHua", false),
            ],
            tags: vec![TagRow {
                id: Uuid::nil(),
                wecom_id: 1,
                name: "oncall".to_owned(),
                users: ["woa", "gone"].map(str::to_owned).into(),
                departments: BTreeSet::new(),
            }],
            ..Mirror::default()
        };
        let id = |userid: &str| (userid.to_owned(), userid.to_lowercase());
        let rehearsal = Rehearsal {
            ids: HashMap::from([(Uuid::from_u128(1), id("LiHua")), (Uuid::from_u128(2), id("woA"))]),
            ..Rehearsal::default()
        };
        rehearsal.rename(&mut mirror);
        let keys: Vec<&str> = mirror.members.iter().map(|row| row.key.as_str()).collect();
        let third = Uuid::from_u128(3);
        assert_eq!(keys, ["lihua", "woa", &given_up("lihua", third)]);
        assert_eq!(mirror.members[0].person.userid, "LiHua");
        assert_eq!(mirror.tags[0].users, ["gone", "lihua"].map(str::to_owned).into());
    }
}
