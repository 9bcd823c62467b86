//! Failures of the database and the ephemeral store (`ST-…`).

use crate::{catalogue, kernel::failure::Failure};

catalogue! {
    /// Failures of the stores.
    pub enum StoreFailure {
        /// A query failed for a reason that is not the caller's.
        Database = "ST-101", 503, "Menjin cannot reach its database right now. Please try again.",
            "门禁暂时无法访问数据库，请稍后再试。", "Check the database server and `database.url`; the log line with this reference number has the cause.", "请检查数据库服务器和`database.url`；日志中带有该参考码的一行记录了原因。";
        /// The ephemeral store did not answer.
        Ephemeral = "ST-102", 503, "Menjin cannot reach its cache right now. Please try again.",
            "门禁暂时无法访问缓存，请稍后再试。", "Check Redis and `ephemeral.url`; the log line with this reference number has the cause.", "请检查Redis和`ephemeral.url`；日志中带有该参考码的一行记录了原因。";
        /// A row holds something no version of Menjin writes, so nothing may be decided on it.
        Corrupt = "ST-103", 500, "Stored data could not be read.",
            "存储的数据无法读取。", "Restore the row from a backup; the log line with this reference number names it.", "请从备份恢复该行数据；日志中带有该参考码的一行指明了是哪一行。";
        /// Another process holds the SQLite file's lock: two servers would each cache what the other has changed since.
        Owned = "ST-104", 503, "Another Menjin already serves from this SQLite file.",
            "另一个门禁进程正在使用此 SQLite 文件。", "Run one server per SQLite file (the lock is `<file>.lock` beside it), or use PostgreSQL for several.",
            "每个SQLite文件只能由一个服务使用（锁为其旁的`<file>.lock`）；如需多个服务，请使用PostgreSQL。";
    }
}

impl From<sea_orm::DbErr> for Failure {
    fn from(error: sea_orm::DbErr) -> Self {
        StoreFailure::Database.failure().cause(error)
    }
}

impl From<redis::RedisError> for Failure {
    fn from(error: redis::RedisError) -> Self {
        StoreFailure::Ephemeral.failure().cause(error)
    }
}
