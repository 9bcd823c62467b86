//! Writes of the gate: what WeCom said about somebody's access, through the one door of offboarding.

use entity::{data_source, member};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect, sea_query::Expr,
};
use serde_json::json;
use uuid::Uuid;

use super::Store;
use crate::{
    directory::{
        auth_source,
        freshness::checked_at,
        offboarding::{
            self,
            model::{EndReason, Ending, LearnedBy, Leaver, Reach},
        },
        store::members_confirmed,
    },
    gate::facts::Facts,
    kernel::{clock::Timestamp, entropy::Entropy},
};

impl Store {
    /// Ends the access of the person of this visit, unless WeCom confirmed them since. Out of scope, the membership is unconfirmed from now
    /// on: every other portal asks live, however recent the last confirmation is. WeCom's answer is about the id that was asked: where the company went
    /// to another app meanwhile, and its members to other ids, it is about nobody.
    pub(in crate::gate) async fn end_access(
        &self,
        entropy: &Entropy,
        facts: &Facts,
        reason: EndReason,
    ) -> Result<(), DbErr> {
        let Some(found) = &facts.member else { return Ok(()) };
        let tx = self.database.begin().await?;
        let held = member::Entity::find_by_id(found.id).lock_exclusive().one(&tx).await?;
        let everybody = match held.as_ref() {
            Some(row) => members_confirmed::at(&tx, row.data_source_id).await?,
            None => None,
        };
        let confirmed_at = |row: member::Model| checked_at(row.checked_at, row.state == "present", everybody);
        let stands = match held {
            Some(row) => is_as_asked(&tx, facts, &row).await? && confirmed_at(row) <= facts.now.millis(),
            None => false,
        };
        if stands && reason == EndReason::OutOfScope {
            mark_unconfirmed(&tx, found.id).await?;
        }
        if let (true, Some(person)) = (stands, &facts.person) {
            let evidence = json!({
                "live": format!("{:?}", facts.live),
                "auth_source_id": facts.auth_source.as_ref().map(|source| source.id),
                "portal": facts.portal.client_id,
            });
            let ending = Ending {
                entropy,
                now: facts.now,
                reason,
                learned_by: match facts.session {
                    Some(_) => LearnedBy::Session,
                    None => LearnedBy::SignIn,
                },
                reach: match reason {
                    EndReason::OutOfScope => reach_of_scope(&tx, facts).await?,
                    _ => Reach::Everywhere,
                },
                data_source: facts.data_source.as_ref().map(|source| source.id),
                evidence: &evidence,
            };
            let leaver = Leaver {
                user: person.id,
                member: Some(found.id),
                userid: Some(found.userid.clone()),
                may_disable: true,
            };
            offboarding::store::end_access(&tx, &ending, &[leaver]).await?;
        }
        tx.commit().await
    }

    /// Gives a user access again whom WeCom had outside.
    pub(in crate::gate) async fn readmit(&self, entropy: &Entropy, user: Uuid, now: Timestamp) -> Result<(), DbErr> {
        let tx = self.database.begin().await?;
        offboarding::store::readmit(&tx, &[user], (entropy, now)).await?;
        tx.commit().await
    }
}

/// Whether a member and their company are called as they were when WeCom was asked.
async fn is_as_asked<C: ConnectionTrait>(tx: &C, facts: &Facts, row: &member::Model) -> Result<bool, DbErr> {
    let member = facts.member.as_ref().is_some_and(|member| member.userid == row.userid);
    let Some(source) = facts.data_source.as_ref().filter(|_| member) else {
        return Ok(member);
    };
    let same = data_source::Entity::find_by_id(row.data_source_id)
        .filter(data_source::Column::CorpKey.eq(&source.corp_key))
        .count(tx)
        .await?;
    Ok(same > 0)
}

async fn mark_unconfirmed<C: ConnectionTrait>(tx: &C, member: Uuid) -> Result<(), DbErr> {
    member::Entity::update_many()
        .col_expr(member::Column::CheckedAt, Expr::value(0_i64))
        .filter(member::Column::Id.eq(member))
        .exec(tx)
        .await
        .map(|_| ())
}

/// How far falling out of this app's scope reaches: everywhere only where it is the integration app's, if there is one, and there is no other
/// app through which the person may come in. As a sync and an event decide it: a user whom one disables and another enables would change at each sync.
async fn reach_of_scope<C: ConnectionTrait>(tx: &C, facts: &Facts) -> Result<Reach, DbErr> {
    let (Some(app), Some(source)) = (facts.app, &facts.data_source) else {
        return Ok(Reach::Everywhere);
    };
    let integration = source.app == Some(app);
    let of_source = (source.id, source.corp_key.as_str());
    let other = auth_source::store::has_other_app(tx, of_source, app).await?;
    Ok(match (integration || source.app.is_none()) && !other {
        true => Reach::Everywhere,
        false => Reach::App {
            id: app,
            passwords: integration,
        },
    })
}
