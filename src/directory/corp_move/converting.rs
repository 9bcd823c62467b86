//! Pairing: WeCom says who is whom, by conversion of ids from one app to the other and by which ids are the company's own; admins say the rest.

use std::collections::{HashMap, HashSet};

use uuid::Uuid;

use super::{
    failure::MoveFailure,
    input::PairInput,
    model::{CorpMove, How},
    pairing::{HeldMember, Judged, Known, judge},
    service::CorpMoves,
    store::{
        pairs::{self as pair_store, Paired},
        planning,
    },
    view::{MoveView, PairView},
};
use crate::{
    directory::suite::store::app_credential,
    kernel::{entity_tag::IfMatch, failure::Result},
    wecom::{CONVERTED_AT_ONCE, Class, WeComError, model::MemberLookup},
};

/// Longest detail that is kept, characters.
const LONGEST: usize = 300;

/// Number and words of what is wrong with pairs.
type Trouble = (&'static str, String);

impl CorpMoves {
    /// Pairs the members of a planned move; what admins entered stays.
    ///
    /// # Errors
    /// `MV-101`, `MV-111`, `AD-114`; what WeCom does not convert is told at the move and no failure.
    pub async fn pair(&self, actor: &str, (source, id): (Uuid, Uuid), if_match: &IfMatch) -> Result<MoveView> {
        let one = self.planned(source, id).await?;
        let (judged, _, refused) = self.judged(&one).await?;
        let contested = (!judged.contested.is_empty()).then(|| {
            let named: String = judged.contested.join(", ").chars().take(LONGEST).collect();
            (MoveFailure::UseridTaken.entry().number, named)
        });
        let paired = Paired {
            pairs: judged.pairs,
            proven: judged.proven,
            problem: refused.or(contested),
        };
        pair_store::keep(self.begin(actor).await?, &one, (&paired, if_match)).await?;
        self.shown(source, id).await
    }

    /// Whether WeCom says of everybody today what it said when they were paired: a userid may have gone to somebody else since, which no row of ours
    /// tells.
    ///
    /// # Errors
    /// `MV-109` where it does not, `MV-114` where it does not say.
    pub(super) async fn still_paired(&self, one: &CorpMove) -> Result<()> {
        let (judged, known, refused) = self.judged(one).await?;
        if let Some((_, words)) = refused.filter(|_| judged.unsaid) {
            return Err(MoveFailure::NotConverted.failure().detail(words));
        }
        let moved = judged.pairs.iter().filter(|pair| {
            let before = known.before.get(&pair.member);
            // Who came since is counted in the transaction.
            before.is_some_and(|before| {
                before.new != pair.new || (before.how == How::Departed) != (pair.how == How::Departed)
            })
        });
        match moved.count() {
            0 => Ok(()),
            many => {
                let detail = format!("{many} have other IDs in WeCom by now");
                Err(MoveFailure::MembersChanged.failure().detail(detail))
            }
        }
    }

    /// Who is whom by what WeCom says now and admins entered; with what stood there, and why WeCom did not answer.
    async fn judged(&self, one: &CorpMove) -> Result<(Judged, Known, Option<Trouble>)> {
        let held = pair_store::held(self.database(), one.source).await?;
        let mut known = Known {
            before: pair_store::before(self.database(), one.id).await?,
            ..Known::default()
        };
        let refused = self.ask(one, (&held, &mut known)).await?;
        Ok((judge(&held, &known), known, refused))
    }

    /// Asks WeCom, by as many ids as one call takes. Of what it refuses, why, and what is not known by that.
    async fn ask(&self, one: &CorpMove, (held, known): (&[HeldMember], &mut Known)) -> Result<Option<Trouble>> {
        let leaving = planning::leaving(self.database(), one.source).await?;
        let wecom = self.wecom.in_background();
        let own = self.own_app(one)?;
        let agent = leaving.app.agent_id;
        let ids: Vec<&str> = held.iter().map(HeldMember::provider_id).collect();
        let mut refused = None;
        let convert = async |ids: &[&str]| wecom.userids_behind(&own, agent, ids).await;
        known.converted = in_turn(&ids, (&mut known.unanswered, &mut refused), convert).await;
        let rest = held
            .iter()
            .filter(|member| !known.converted.contains_key(member.provider_id()));
        let rest: Vec<&str> = rest.map(|member| member.userid.as_str()).collect();
        if rest.is_empty() {
            return Ok(refused);
        }
        let installed = app_credential(self.database(), self.sealer(), self.now(), &leaving.app).await?;
        let own_ids = async |ids: &[&str]| wecom.open_userids_of(&installed, ids).await;
        known.own = in_turn(&rest, (&mut known.unanswered, &mut refused), own_ids).await;
        Ok(refused)
    }

    /// Enters who a member is in the new app, or that nobody is.
    ///
    /// # Errors
    /// `MV-101`, `MV-111`, `AD-114`; `MV-107` where somebody else is that, `MV-115` where the new app sees nobody with that ID.
    pub async fn enter_pair(
        &self,
        actor: &str,
        ((source, id), member): ((Uuid, Uuid), Uuid),
        (input, if_match): (&PairInput, &IfMatch),
    ) -> Result<PairView> {
        input.check()?;
        let one = self.planned(source, id).await?;
        let before = pair_store::find(self.database(), id, member).await?;
        let before = before.ok_or(MoveFailure::NotFound)?;
        let new = match &input.userid {
            None => None,
            Some(userid) => Some(self.as_written(&one, userid).await?),
        };
        let change = self.begin(actor).await?;
        pair_store::enter(change, (&one, &before), (new, if_match)).await?;
        let after = pair_store::find(self.database(), id, member).await?;
        after.map(PairView::from).ok_or_else(|| MoveFailure::NotFound.into())
    }

    /// A userid in WeCom's own letter case, of somebody whom the new app sees.
    async fn as_written(&self, one: &CorpMove, userid: &str) -> Result<String> {
        match self.wecom.member(&self.own_app(one)?, userid).await? {
            MemberLookup::Visible(found) => Ok(found.userid.clone()),
            MemberLookup::NotVisible { errcode } => {
                let said = format!("WeCom answers {errcode}");
                Err(MoveFailure::NotVisible.failure().field("userid", said))
            }
        }
    }
}

/// Asks about ids, as many at once as a call takes. A call that is refused takes nothing from the others, unless the next would be refused as well.
async fn in_turn(
    ids: &[&str],
    (unanswered, refused): (&mut HashSet<String>, &mut Option<Trouble>),
    ask: impl AsyncFn(&[&str]) -> Result<HashMap<String, String>, WeComError>,
) -> HashMap<String, String> {
    let (mut found, mut stopped) = (HashMap::new(), false);
    for ids in ids.chunks(CONVERTED_AT_ONCE) {
        let answer = match stopped {
            true => None,
            false => Some(ask(ids).await),
        };
        match answer {
            Some(Ok(answered)) => found.extend(answered),
            Some(Err(error)) => {
                stopped = error.is_passing() || error.class == Class::Admin;
                unanswered.extend(ids.iter().map(|id| (*id).to_owned()));
                refused.get_or_insert_with(|| told(&error));
            }
            None => unanswered.extend(ids.iter().map(|id| (*id).to_owned())),
        }
    }
    found
}

fn told(error: &WeComError) -> Trouble {
    tracing::warn!(%error, "WeCom does not convert the IDs of a company's members");
    let detail: String = error.to_string().chars().take(LONGEST).collect();
    (MoveFailure::NotConverted.entry().number, detail)
}
