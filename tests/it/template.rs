//! An installation that was started once, for others to begin as: the schema and the first keys take longer than most tests.

use menjin::{
    app::App,
    kernel::{
        clock::{Clock, Timestamp},
        entropy::Entropy,
    },
};
use sea_orm::ConnectionTrait;
use tokio::sync::OnceCell;

use crate::{
    backends::{Backend, Storage, copied_database, storage},
    fixture::{START, config},
};

/// Settings that a first start leaves traces of in the database.
const OF_FIRST_STARTS: [&str; 4] = [
    "MENJIN__KEYS__",
    "MENJIN__SEAL__",
    "MENJIN__ADMIN__",
    "MENJIN__DATABASE__",
];

/// Fresh storage of an installation that was started once without these settings, or of none yet where they are of consequence to a first
/// start; `None` where the servers' binaries are missing.
pub async fn started_storage(backend: Backend, settings: &[(String, String)]) -> Option<Storage> {
    let first = |(name, _): &(String, String)| OF_FIRST_STARTS.iter().any(|key| name.starts_with(key));
    if settings.iter().any(first) {
        return storage(backend);
    }
    match backend {
        Backend::SqliteMemory => {
            static FILE: OnceCell<Vec<u8>> = OnceCell::const_new();
            // As tasks: a start within a test's own frames would not fit its stack.
            let made = || async { actix_web::rt::spawn(sqlite_file()).await.unwrap() };
            let file = FILE.get_or_init(made).await;
            let storage = storage(backend)?;
            std::fs::write(storage.directory.join("menjin.db"), file).unwrap();
            Some(storage)
        }
        Backend::PostgresRedis => {
            static NAME: OnceCell<Option<String>> = OnceCell::const_new();
            let made = || async { actix_web::rt::spawn(postgres_database()).await.unwrap() };
            let name = NAME.get_or_init(made).await;
            copied_database(name.as_deref()?)
        }
    }
}

async fn start(storage: &Storage) -> App {
    let config = config(&storage.settings, "http://127.0.0.1", "http://127.0.0.1");
    let clock = Clock::manual(Timestamp::from_secs(START));
    App::build(config, clock, Entropy::system()).await.unwrap()
}

async fn sqlite_file() -> Vec<u8> {
    let storage = storage(Backend::SqliteMemory).unwrap();
    let app = start(&storage).await;
    let copy = storage.directory.join("copy.db");
    let statement = format!("VACUUM INTO '{}'", copy.display());
    app.database()
        .writer()
        .connection()
        .execute_unprepared(&statement)
        .await
        .unwrap();
    std::fs::read(copy).unwrap()
}

/// The name of its database.
async fn postgres_database() -> Option<String> {
    let storage = storage(Backend::PostgresRedis)?;
    drop(start(&storage).await);
    storage.kept_database()
}
