//! What was proven at a sign-in, and whether it holds when the session is written.

use entity::{passkey, users};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use crate::{crypto::digest::sha256_base64url, signin::session_model::Proof};

/// Stamp of a password hash, kept until the session opens: the digest of the hash.
pub(in crate::signin) fn stamp(phc: Option<&str>) -> String {
    sha256_base64url(phc.unwrap_or_default().as_bytes())
}

/// Whether the user is active and still has the password, or the passkey, that was proven. To be asked in the transaction that writes the
/// session. The race this closes: a sign-in in progress while the password is reset, the passkey removed, or the user disabled. That change
/// ends the sessions in the transaction that changes the user, so it finds this session, or we, behind the row lock, see the change.
pub(super) async fn still_holds<C: ConnectionTrait>(connection: &C, user: Uuid, proof: &Proof) -> Result<bool, DbErr> {
    let row: Option<Option<String>> = users::Entity::find_by_id(user)
        .select_only()
        .column(users::Column::PasswordHash)
        .filter(users::Column::Status.eq("active"))
        .lock_exclusive()
        .into_tuple()
        .one(connection)
        .await?;
    let Some(phc) = row else { return Ok(false) };
    match proof {
        Proof::WeCom => Ok(true),
        Proof::Password(proven) => Ok(stamp(phc.as_deref()) == *proven),
        Proof::Passkey(id) => {
            let there = passkey::Entity::find_by_id(*id).filter(passkey::Column::UserId.eq(user));
            Ok(there.count(connection).await? > 0)
        }
    }
}
