//! Members whom WeCom shows to a visit under another userid than a service provider was told at the last sync, because it switched between plain and
//! encrypted ids (reference 0.2). Who is who is known by the provider's own id of them; where that is not told, it is only said that the ids are others.

use uuid::Uuid;

use super::{service::Sync, store::runs};
use crate::{
    directory::identity::{evidence::Traits, model::Held, store as identity},
    kernel::failure::Result,
    wecom::model::{Member, is_encrypted_userid},
};

/// Userids that are looked at to tell of which kind they are.
const SOME: u64 = 200;

impl Sync {
    /// The member who is held under another userid than WeCom shows them under, by the service provider's own id of them; `None`: there is none, or several.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn held_under_other_userid(&self, source: Uuid, shown: &Member) -> Result<Option<Held>> {
        let traits = Traits::from(shown);
        let mut found = identity::held_by_open_userid(self.runs.db.reader(), source, &traits).await?;
        match found.len() {
            1 => Ok(found.pop().filter(|held| held.key != shown.userid.to_lowercase())),
            _ => Ok(None),
        }
    }

    /// Gives a member the userid under which WeCom shows them now, and has a sync find what else bears other ids; false where somebody else has it, or
    /// the member changed meanwhile.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn give_userid(&self, held: &Held, userid: &str) -> Result<bool> {
        let renamed = self.rename(held, userid, None).await?;
        if renamed {
            tracing::info!(member = %held.id, data_source = %held.data_source_id, "a member has another userid at the service provider than before");
            self.catch_up(held.data_source_id).await;
        }
        Ok(renamed)
    }

    /// Whether the members of a data source are held by ids of another kind than this userid, so that nothing can be said of who has it; a sync looks at
    /// that, unless one waits for an admin to say so.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn has_other_ids(&self, source: Uuid, userid: &str) -> Result<bool> {
        let held = identity::some_userids(self.runs.db.reader(), source, SOME).await?;
        let held: Vec<&str> = held.iter().map(String::as_str).collect();
        let others = are_other(&held, userid);
        if others && !runs::waits_for_other_ids(&self.runs.db, source).await? {
            self.catch_up(source).await;
        }
        Ok(others)
    }
}

/// Whether most of these are of another kind, plain or encrypted, than this one.
fn are_other(ids: &[&str], userid: &str) -> bool {
    let kind = is_encrypted_userid(userid);
    let others = ids.iter().filter(|id| is_encrypted_userid(id) != kind).count();
    others.saturating_mul(2) > ids.len()
}

#[cfg(test)]
mod tests {
    use super::are_other;

    #[test]
    fn ids_are_of_another_kind_where_most_of_them_are() {
        let encrypted = ["woAAAAAAAAAAAAAAAAAAAAAAAAAAA", "woBBBBBBBBBBBBBBBBBBBBBBBBBBB"];
        assert!(are_other(&encrypted, "lihua"));
        assert!(are_other(&["lihua", "zhaoliu", encrypted[0]], encrypted[1]));
        assert!(!are_other(&["lihua", encrypted[0]], "zhaoliu"), "half are not most");
        assert!(!are_other(&encrypted, encrypted[0]));
        assert!(!are_other(&[], "lihua"), "nobody is held");
    }
}
