//! A connection goes back to its pool only outside a transaction; one whose COMMIT or ROLLBACK failed is closed instead.
//!
//! After such a failure (a full disk, say) the driver still counts an open transaction where the database may have ended it by itself. On
//! that connection the next BEGIN would become a savepoint that nothing ever releases: everything would be acknowledged and nothing kept.
//! Closing the connection rolls back whatever is open; the pool opens another when one is needed.

use futures_util::{FutureExt, future::BoxFuture};
use sea_orm::sqlx::{
    Connection, Database,
    pool::{PoolConnectionMetadata, PoolOptions},
};

/// Pool options with that rule.
pub(super) fn only_clean<DB: Database>(options: PoolOptions<DB>) -> PoolOptions<DB> {
    options.after_release(is_clean::<DB>)
}

fn is_clean<DB: Database>(
    connection: &mut DB::Connection,
    _: PoolConnectionMetadata,
) -> BoxFuture<'_, Result<bool, sea_orm::sqlx::Error>> {
    async move {
        // The pool pings every connection before it keeps it, so one that counts no transaction needs nothing more here.
        if !connection.is_in_transaction() {
            return Ok(true);
        }
        // A transaction that was dropped may have its ROLLBACK queued; the answer to a ping comes after it.
        connection.ping().await?;
        let clean = !connection.is_in_transaction();
        if !clean {
            tracing::error!(
                "a transaction could be neither committed nor rolled back; its database connection was closed"
            );
        }
        Ok(clean)
    }
    .boxed()
}
