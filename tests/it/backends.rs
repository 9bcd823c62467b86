//! Storage pairings: SQLite + memory always; PostgreSQL + Redis by throw-away servers started from the binaries found here.
//!
//! Where a binary is missing the test says so and passes; with `CI=true` that is a failure.

use std::{
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{
        Mutex, OnceLock,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use sea_orm::{ConnectionTrait, Statement};

/// Which pairing a test runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backend {
    /// SQLite in a temporary directory, ephemeral state in the process.
    SqliteMemory,
    /// PostgreSQL and Redis.
    PostgresRedis,
}

/// Where one test keeps its state.
pub struct Storage {
    /// `MENJIN__…` settings.
    pub settings: Vec<(String, String)>,
    /// Removed when the test ends.
    pub directory: PathBuf,
    /// Database of PostgreSQL, dropped some time after the test has ended.
    database: Option<String>,
}

impl Storage {
    /// The name of the database, which now stays as long as the server runs.
    pub fn kept_database(mut self) -> Option<String> {
        self.database.take()
    }
}

impl Drop for Storage {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.directory));
        if let Ok(mut ended) = ENDED.lock() {
            ended.extend(self.database.take());
        }
    }
}

static NEXT: AtomicU32 = AtomicU32::new(0);
/// Databases that nobody needs any more. Whoever makes the next drops them, so that it takes no program of its own.
static ENDED: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// A directory of this process and test alone.
pub fn directory() -> PathBuf {
    let number = NEXT.fetch_add(1, Ordering::SeqCst);
    let path = std::env::temp_dir().join(format!("menjin-it-{}-{number}", std::process::id()));
    std::fs::create_dir_all(&path).unwrap();
    path
}

/// Fresh storage, or `None` (said on standard error) where the servers' binaries are missing.
pub fn storage(backend: Backend) -> Option<Storage> {
    storage_from(backend, None)
}

/// Fresh storage with a copy of this database of PostgreSQL.
pub fn copied_database(template: &str) -> Option<Storage> {
    storage_from(Backend::PostgresRedis, Some(template))
}

fn storage_from(backend: Backend, template: Option<&str>) -> Option<Storage> {
    let directory = directory();
    let key = directory.join("seal.key");
    std::fs::write(&key, "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff").unwrap();
    #[cfg(unix)]
    {
        let owner_only = std::os::unix::fs::PermissionsExt::from_mode(0o600);
        std::fs::set_permissions(&key, owner_only).unwrap();
    }
    let mut settings = vec![setting("SEAL__KEY_FILE", key.to_str().unwrap())];
    let mut database = None;
    match backend {
        Backend::SqliteMemory => {
            settings.push(setting(
                "DATABASE__URL",
                &format!("sqlite://{}/menjin.db", directory.display()),
            ));
        }
        Backend::PostgresRedis => {
            let (postgres, redis) = (postgres()?, redis()?);
            let name = format!("it_{}", NEXT.fetch_add(1, Ordering::SeqCst));
            postgres.create_database(&name, template);
            settings.push(setting("DATABASE__URL", &format!("{}/{name}", postgres.base)));
            settings.push(setting("DATABASE__CONNECTIONS", "4"));
            settings.push(setting("EPHEMERAL__KIND", "redis"));
            settings.push(setting("EPHEMERAL__URL", &redis.base));
            settings.push(setting("EPHEMERAL__PREFIX", &format!("{name}:")));
            database = Some(name);
        }
    }
    Some(Storage {
        settings,
        directory,
        database,
    })
}

fn setting(key: &str, value: &str) -> (String, String) {
    (format!("MENJIN__{key}"), value.to_owned())
}

/// A Redis of one test alone, which may break it; it stops when this is dropped.
pub fn own_redis() -> Option<Server> {
    start_redis()
}

/// A server of this test run.
pub struct Server {
    base: String,
    bin: PathBuf,
    port: u16,
    /// Ends when our end of its standard input closes, so a killed test run leaves nothing behind.
    guard: Child,
}

impl Drop for Server {
    /// Waiting closes our end first.
    fn drop(&mut self) {
        drop(self.guard.wait());
    }
}

fn postgres() -> Option<&'static Server> {
    static SERVER: OnceLock<Option<Server>> = OnceLock::new();
    SERVER.get_or_init(start_postgres).as_ref()
}

fn redis() -> Option<&'static Server> {
    static SERVER: OnceLock<Option<Server>> = OnceLock::new();
    SERVER.get_or_init(start_redis).as_ref()
}

/// Says that a binary is missing; with `CI=true` that is a failure.
#[expect(clippy::disallowed_methods, reason = "the environment tells whether this is CI")]
pub fn missing(what: &str) {
    assert!(
        std::env::var("CI").as_deref() != Ok("true"),
        "{what} is missing, and CI may not skip it"
    );
    eprintln!("SKIPPED: {what} is not installed here");
}

/// Where the newest PostgreSQL has its programs.
pub fn newest_postgres() -> Option<PathBuf> {
    let mut versions: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .ok()?
        .flatten()
        .map(|entry| entry.path().join("bin"))
        .collect();
    versions.sort();
    versions
        .into_iter()
        .rev()
        .find(|bin| bin.join("initdb").exists() && bin.join("postgres").exists())
}

/// PostgreSQL refuses to run as root; there it runs as its own user.
fn as_postgres(program: &Path) -> Command {
    let root = Command::new("id")
        .arg("-u")
        .output()
        .is_ok_and(|out| out.stdout.starts_with(b"0"));
    if !root {
        return Command::new(program);
    }
    let mut command = Command::new("runuser");
    command.args(["-u", "postgres", "--"]).arg(program);
    command
}

fn start_postgres() -> Option<Server> {
    let Some(bin) = newest_postgres() else {
        missing("PostgreSQL (initdb, postgres)");
        return None;
    };
    let directory = directory();
    let data = directory.join("data");
    drop(Command::new("chmod").args(["-R", "0777"]).arg(&directory).status());
    let made = as_postgres(&bin.join("initdb"))
        .args(["-A", "trust", "-U", "menjin", "-E", "UTF8", "--no-sync", "-D"])
        .arg(&data)
        .output()
        .unwrap();
    assert!(
        made.status.success(),
        "initdb: {}",
        String::from_utf8_lossy(&made.stderr)
    );
    let port = free_port();
    // Only a benchmark of durable commits asks for the disk.
    let durable = std::env::vars().any(|(name, _)| name == "MENJIN_BENCH_DURABLE");
    let quick = if durable {
        ""
    } else {
        "-c fsync=off -c full_page_writes=off -c wal_level=minimal -c max_wal_senders=0 -c max_wal_size=256MB"
    };
    let options = format!(
        "{quick} -c max_connections=300 -c shared_preload_libraries=pg_stat_statements -c unix_socket_directories="
    );
    let script = format!(
        "'{bin}/postgres' -D '{data}' -h 127.0.0.1 -p {port} {options} >'{directory}/log' 2>&1 & pid=$!; cat >/dev/null; kill -INT $pid; wait $pid; rm -rf '{data}'",
        bin = bin.display(),
        data = data.display(),
        directory = directory.display(),
    );
    let guard = run_until_closed(as_postgres(Path::new("sh")), &script, port);
    Some(Server {
        base: format!("postgres://menjin@127.0.0.1:{port}"),
        bin,
        port,
        guard,
    })
}

/// Lets a shell run a script that serves at this port until its standard input closes.
fn run_until_closed(mut shell: Command, script: &str, port: u16) -> Child {
    let guard = shell.arg("-c").arg(script).stdin(Stdio::piped()).spawn().unwrap();
    wait_for(port);
    guard
}

fn start_redis() -> Option<Server> {
    let bin = PathBuf::from("/usr/bin/redis-server");
    if !bin.exists() {
        missing("redis-server");
        return None;
    }
    let port = free_port();
    let script = format!(
        "'{}' --bind 127.0.0.1 --port {port} --save '' --appendonly no >/dev/null 2>&1 & pid=$!; cat >/dev/null; kill -KILL $pid; wait $pid",
        bin.display()
    );
    let guard = run_until_closed(Command::new("sh"), &script, port);
    Some(Server {
        base: format!("redis://127.0.0.1:{port}"),
        bin,
        port,
        guard,
    })
}

impl Server {
    /// Its URL.
    pub fn base(&self) -> &str {
        &self.base
    }

    fn create_database(&self, name: &str, template: Option<&str>) {
        let ended = ENDED
            .lock()
            .map(|mut ended| std::mem::take(&mut *ended))
            .unwrap_or_default();
        let ended = ended
            .iter()
            .map(|name| format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"));
        let mut statements: Vec<String> = ended.collect();
        // Nobody may be connected to what is copied.
        statements.extend(template.map(|template| {
            format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{template}'")
        }));
        let template = template.map_or_else(String::new, |template| format!(" TEMPLATE {template}"));
        statements.push(format!("CREATE DATABASE {name}{template}"));
        let statements = statements.iter().flat_map(|statement| ["-c", statement.as_str()]);
        let statements: Vec<&str> = statements.collect();
        let mut last = String::new();
        // The server accepts connections a moment before it takes statements.
        for _ in 0..200 {
            let made = Command::new(self.bin.join("psql"))
                .args([
                    "-h",
                    "127.0.0.1",
                    "-U",
                    "menjin",
                    "-d",
                    "postgres",
                    "-p",
                    &self.port.to_string(),
                ])
                .arg("-q")
                .args(&statements)
                .output()
                .unwrap();
            if made.status.success() {
                return;
            }
            last = String::from_utf8_lossy(&made.stderr).into_owned();
            pause();
        }
        panic!("CREATE DATABASE {name}: {last}");
    }
}

/// Runs a statement at this database, beside the server: for what there is no way to make, or to see, through the server.
pub async fn execute(url: &str, statement: &str) {
    let database = sea_orm::Database::connect(url).await.unwrap();
    database.execute_unprepared(statement).await.unwrap();
    database.close().await.unwrap();
}

/// The same for a question whose answer is one number.
pub async fn number(url: &str, question: &str) -> i64 {
    let database = sea_orm::Database::connect(url).await.unwrap();
    let question = Statement::from_string(database.get_database_backend(), question);
    let row = database.query_one_raw(question).await.unwrap().unwrap();
    let number = row.try_get_by_index(0).unwrap();
    database.close().await.unwrap();
    number
}

/// A port that is free, for a process that is started next. Below the ports that systems hand out by themselves, and each once: nobody else of these tests
/// takes it before that process listens.
pub fn free_port() -> u16 {
    const FIRST: u32 = 10_000;
    const MANY: u32 = 22_000;
    static NEXT: AtomicU32 = AtomicU32::new(0);
    // Another run of these tests on the same machine begins elsewhere.
    let begin = std::process::id().wrapping_mul(97);
    for _ in 0..MANY {
        let turn = begin.wrapping_add(NEXT.fetch_add(1, Ordering::Relaxed));
        let port = u16::try_from(FIRST + turn % MANY).unwrap();
        if std::net::TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
    panic!("no port is free");
}

/// Waits until a server that was just started accepts connections.
pub fn wait_for(port: u16) {
    for _ in 0..6000 {
        if std::net::TcpStream::connect(("127.0.0.1", port)).is_ok() {
            return;
        }
        std::thread::park_timeout(Duration::from_millis(5));
    }
    panic!("nothing listens on port {port}");
}

/// Only while another process starts up; no test waits for Menjin's time this way.
fn pause() {
    std::thread::park_timeout(Duration::from_millis(50));
}

/// Runs one scenario on every pairing: `scenario!(name, |fixture| async move { … })` makes the tests
/// `name::on_sqlite_and_memory` and `name::on_postgres_and_redis`.
#[macro_export]
macro_rules! scenario {
    ($(#[$meta:meta])* $name:ident, $body:expr) => {
        $(#[$meta])*
        mod $name {
            use super::*;

            #[actix_web::test]
            async fn on_sqlite_and_memory() {
                // What is awaited on the heap takes no room on the stacks of tests, which are small.
                let opened = Box::pin($crate::fixture::Fixture::open($crate::backends::Backend::SqliteMemory));
                if let Some(fixture) = opened.await {
                    let scene = $body;
                    Box::pin(scene(fixture)).await;
                }
            }

            #[actix_web::test]
            async fn on_postgres_and_redis() {
                // What is awaited on the heap takes no room on the stacks of tests, which are small.
                let opened = Box::pin($crate::fixture::Fixture::open($crate::backends::Backend::PostgresRedis));
                if let Some(fixture) = opened.await {
                    let scene = $body;
                    Box::pin(scene(fixture)).await;
                }
            }
        }
    };
}
