//! Begins transactions that write.
//!
//! SQLite would begin with a read lock and raise it at the first write; where somebody else holds the write lock just then (a command that
//! runs beside the server, another replica's start), that fails at once, without waiting. So the write lock is taken from the start, and
//! waiting for it is what the busy timeout is for.

use sea_orm::{
    DatabaseConnection, DatabaseTransaction, DbErr, SqliteTransactionMode, TransactionOptions, TransactionTrait,
};

/// Begins a transaction that may write, on either database.
///
/// # Errors
/// When the database does not answer, or somebody else writes to the SQLite file for longer than the busy timeout.
pub async fn begin(connection: &DatabaseConnection) -> Result<DatabaseTransaction, DbErr> {
    let options = TransactionOptions {
        sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
        ..TransactionOptions::default()
    };
    connection.begin_with_options(options).await
}

#[cfg(test)]
mod tests {
    use futures_util::future::join_all;
    use sea_orm::ConnectionTrait;

    use crate::store::Database;

    // Each reads before it writes, as the keys of a server and of `menjin keys` do; what one process has read is old once the other has written.
    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn of_processes_that_write_to_one_file_each_waits_for_the_other() {
        let id = uuid::Uuid::from_u128(rand::random());
        let path = std::env::temp_dir().join(format!("menjin-writers-{id}.db"));
        let url = format!("sqlite://{}?mode=rwc", path.display());
        let first = Database::connect_unlocked(&url, 1).await.unwrap();
        let create = "CREATE TABLE counter (n INTEGER NOT NULL); INSERT INTO counter VALUES (0);";
        first.writer().connection().execute_unprepared(create).await.unwrap();
        let writers = (0..4).map(|_| {
            let url = url.clone();
            tokio::spawn(async move {
                let database = Database::connect_unlocked(&url, 1).await.unwrap();
                for _ in 0..50 {
                    let tx = database.begin().await.unwrap();
                    tx.execute_unprepared("SELECT n FROM counter").await.unwrap();
                    tx.execute_unprepared("UPDATE counter SET n = n + 1").await.unwrap();
                    tx.commit().await.unwrap();
                }
            })
        });
        for written in join_all(writers).await {
            written.unwrap();
        }
        let counted = "UPDATE counter SET n = 0 WHERE n = 200";
        let done = first.writer().connection().execute_unprepared(counted).await.unwrap();
        assert_eq!(done.rows_affected(), 1);
        for end in ["", "-wal", "-shm"] {
            drop(std::fs::remove_file(format!("{}{end}", path.display())));
        }
    }

    #[tokio::test]
    async fn whoever_is_waited_for_waits_for_one_of_those_whom_nobody_waits_for() {
        let id = uuid::Uuid::from_u128(rand::random());
        let path = std::env::temp_dir().join(format!("menjin-background-{id}.db"));
        let url = format!("sqlite://{}?mode=rwc", path.display());
        let database = Database::connect_unlocked(&url, 1).await.unwrap();
        let order = std::sync::Mutex::new(Vec::new());
        let under_way = database.begin_in_background().await.unwrap();
        let background = async |name| {
            let tx = database.begin_in_background().await.unwrap();
            order.lock().unwrap().push(name);
            tx.commit().await.unwrap();
        };
        let waited_for = async {
            let tx = database.begin().await.unwrap();
            order.lock().unwrap().push("waited for");
            tx.commit().await.unwrap();
        };
        let end = async {
            tokio::task::yield_now().await;
            under_way.commit().await.unwrap();
        };
        tokio::join!(background("second"), background("third"), waited_for, end);
        assert_eq!(*order.lock().unwrap(), ["waited for", "second", "third"]);
        // Rolled back or dropped, its turn is over as well.
        database.begin_in_background().await.unwrap().rollback().await.unwrap();
        drop(database.begin_in_background().await.unwrap());
        background("last").await;
        for end in ["", "-wal", "-shm"] {
            drop(std::fs::remove_file(format!("{}{end}", path.display())));
        }
    }
}
