//! Whoever joined after the change and is known to the service provider's app all the same: on the way back they are no strangers.

use uuid::Uuid;

use super::{
    model::{CorpMove, How, Pair},
    service::CorpMoves,
    store::{joiners, pairs, planning},
};
use crate::{directory::suite::store::app_credential, kernel::failure::Result, wecom::CONVERTED_AT_ONCE};

impl CorpMoves {
    /// Their pairs, as far as WeCom tells; nothing where the suite is told the company's own ids, by which they are known already.
    pub(super) async fn joined_pairs(&self, one: &CorpMove) -> Result<Vec<Pair>> {
        let counts = pairs::counts(self.database(), one.id).await?;
        let Some(app) = planning::app(self.database(), one.from_app).await? else {
            return Ok(Vec::new());
        };
        if counts.converted == 0 || counts.same > 0 {
            return Ok(Vec::new());
        }
        let joined = joiners::all(self.database(), (one.source, one.id)).await?;
        if joined.is_empty() {
            return Ok(Vec::new());
        }
        let installed = app_credential(self.database(), self.sealer(), self.now(), &app).await?;
        let wecom = self.wecom.in_background();
        let mut found = Vec::new();
        for members in joined.chunks(CONVERTED_AT_ONCE) {
            let ids: Vec<&str> = members.iter().map(|(_, userid)| userid.as_str()).collect();
            match wecom.open_userids_of(&installed, &ids).await {
                Ok(told) => found.extend(members.iter().filter_map(|(member, userid)| {
                    told.get(userid).map(|open_userid| pair(*member, (open_userid, userid)))
                })),
                Err(error) => {
                    // They are strangers to it then, as `joined` says.
                    tracing::warn!(%error, "WeCom does not say by which IDs the service provider's app knows whoever joined");
                    break;
                }
            }
        }
        Ok(found)
    }
}

fn pair(member: Uuid, (old, new): (&str, &str)) -> Pair {
    Pair {
        member,
        old: old.to_owned(),
        new: Some(new.to_owned()),
        how: How::Converted,
        entered_at: None,
    }
}
