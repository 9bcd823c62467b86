//! The program as a process: what it does with the files, pipes and signals the operating system gives it.

use std::{
    io::{BufRead, BufReader, Read},
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

use crate::backends::directory;

/// As long as nothing here takes by far.
const FAR: Duration = Duration::from_secs(60);

/// A running `menjin serve` on SQLite, in a directory of its own. Killed and removed when dropped.
struct Process {
    child: Child,
    base: String,
    directory: PathBuf,
}

impl Process {
    /// Starts it from a shell, after these words; ready when it says so.
    fn start(before: &str, settings: &[(&str, &str)]) -> Self {
        let directory = directory();
        let port = std::net::TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        let listen = format!("127.0.0.1:{port}");
        let mut child = Command::new("sh")
            .args(["-c", &format!("{before}; exec {} serve", env!("CARGO_BIN_EXE_menjin"))])
            .env("MENJIN__SERVER__LISTEN", &listen)
            .env("MENJIN__SERVER__PUBLIC_URL", format!("http://{listen}"))
            .env("MENJIN__SERVER__WORKERS", "2")
            .envs(settings.iter().map(|(key, value)| (format!("MENJIN__{key}"), value)))
            .current_dir(&directory)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let said = BufReader::new(child.stdout.take().unwrap()).lines();
        let ready = said
            .map_while(Result::ok)
            .any(|line| line.starts_with("Menjin is ready"));
        let base = format!("http://{listen}");
        let process = Self { child, base, directory };
        assert!(ready, "it did not start");
        process
    }

    /// Sends SIGTERM.
    fn terminate(&self) {
        let mut kill = Command::new("kill");
        let killed = kill.args(["-TERM", &self.child.id().to_string()]).status();
        assert!(killed.unwrap().success());
    }

    async fn is_alive(&self, http: &reqwest::Client) -> bool {
        let answer = http.get(format!("{}/healthz", self.base)).send().await;
        answer.is_ok_and(|answer| answer.status().is_success())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        drop((self.child.kill(), self.child.wait()));
        drop(std::fs::remove_dir_all(&self.directory));
    }
}

fn client() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().timeout(FAR / 6).build().unwrap()
}

#[actix_web::test]
async fn a_log_that_nobody_reads_holds_nobody_up() {
    // Standard error is a pipe of ours; it is full after 64 KiB.
    let server = Process::start("true", &[("LOG__LEVEL", "debug")]);
    let http = client();
    for _ in 0..1500 {
        let answer = http.get(format!("{}/nowhere", server.base)).send().await;
        assert_eq!(answer.expect("no answer").status().as_u16(), 404);
    }
}

#[cfg(unix)]
#[actix_web::test]
async fn the_files_it_makes_are_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let server = Process::start("umask 000", &[]);
    for name in [
        "menjin.db",
        "menjin.db-wal",
        "menjin.db-shm",
        "menjin.db.lock",
        "menjin.key",
    ] {
        let mode = std::fs::metadata(server.directory.join(name))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
}

#[actix_web::test]
async fn a_server_at_its_limit_of_open_files_goes_on() {
    let server = Process::start(
        "ulimit -n 256",
        &[("SERVER__BODY_TIMEOUT", "1"), ("SERVER__HEAD_TIMEOUT", "1")],
    );
    let address = server.base.strip_prefix("http://").unwrap();
    let half = "POST /oauth2/token HTTP/1.1\r\nhost: x\r\ncontent-type: application/x-www-form-urlencoded\r\n\
                content-length: 60000\r\n\r\ngrant_type=";
    let mut held = Vec::new();
    for number in 0..500 {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let begun = if number % 2 == 0 { half } else { "GET /healthz" };
        drop(stream.write_all(begun.as_bytes()).await);
        held.push(stream);
    }
    let http = client();
    let again = async { while !server.is_alive(&http).await {} };
    timeout(FAR, again).await.expect("it never answered again");
    drop(held);
}

#[cfg(unix)]
#[actix_web::test]
async fn it_raises_its_limit_of_open_files() {
    let server = Process::start("ulimit -S -n 300", &[]);
    let limits = std::fs::read_to_string(format!("/proc/{}/limits", server.child.id())).unwrap();
    let line = limits.lines().find(|line| line.starts_with("Max open files")).unwrap();
    let limits: Vec<&str> = line.split_whitespace().skip(3).take(2).collect();
    assert_eq!(limits[0], limits[1], "soft and hard");
}

#[cfg(unix)]
#[actix_web::test]
async fn a_request_under_way_is_answered_after_sigterm() {
    let mut server = Process::start("true", &[]);
    let address = server.base.strip_prefix("http://").unwrap().to_owned();
    let mut idle = TcpStream::connect(&address).await.unwrap();
    idle.write_all(b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n")
        .await
        .unwrap();
    assert!(idle.read(&mut [0; 1024]).await.unwrap() > 0);
    let mut stream = TcpStream::connect(&address).await.unwrap();
    let body = "grant_type=nothing";
    let head = format!(
        "POST /oauth2/token HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\ncontent-length: {}\r\n\
         content-type: application/x-www-form-urlencoded\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut read = [0; 25];
    stream.read_exact(&mut read).await.unwrap();
    assert!(read.starts_with(b"HTTP/1.1 100"), "it has begun to answer");

    server.terminate();
    // An unused connection is ended when the stop has begun; only then the rest of the request comes.
    let ended = timeout(FAR, idle.read_to_end(&mut Vec::new())).await;
    drop(ended.expect("unused connections are ended"));
    stream.write_all(body.as_bytes()).await.unwrap();
    let mut answer = String::new();
    timeout(FAR, stream.read_to_string(&mut answer))
        .await
        .expect("no answer")
        .unwrap();
    let number = answer.split_once("OP-").map(|(_, rest)| format!("OP-{}", &rest[..3]));
    let number = number.unwrap_or_else(|| panic!("{answer}"));
    assert!(server.child.wait().unwrap().success());
    // The rest of the stop, in which connections to the database end, begins only after the answer.
    let mut log = String::new();
    server.child.stderr.take().unwrap().read_to_string(&mut log).unwrap();
    let place = |line: &str| log.find(line).unwrap_or_else(|| panic!("no {line}: {log}"));
    assert!(place(&number) < place("no request is under way any more"), "{log}");
}

#[cfg(unix)]
#[actix_web::test]
async fn a_bound_that_bites_again_and_again_is_told_once() {
    let mut server = Process::start("true", &[("SERVER__CONNECTIONS_PER_ADDRESS", "2")]);
    let address = server.base.strip_prefix("http://").unwrap();
    let (mut held, mut refused) = (Vec::new(), 0);
    while refused < 20 {
        let mut stream = TcpStream::connect(address).await.unwrap();
        drop(stream.write_all(b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n").await);
        let mut read = [0; 256];
        let count = timeout(FAR, stream.read(&mut read))
            .await
            .expect("no answer")
            .unwrap_or(0);
        match read[..count].starts_with(b"HTTP/1.1 200") {
            true => held.push(stream),
            false => refused += 1,
        }
    }
    assert_eq!(held.len(), 2);
    server.terminate();
    assert!(server.child.wait().unwrap().success());
    let mut log = String::new();
    server.child.stderr.take().unwrap().read_to_string(&mut log).unwrap();
    assert_eq!(log.matches("server.connections_per_address").count(), 1, "{log}");
}

#[cfg(unix)]
#[actix_web::test]
async fn metrics_are_told_at_their_own_address_and_hold_up_no_end() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let listen = free.local_addr().unwrap().to_string();
    drop(free);
    let mut server = Process::start("true", &[("METRICS__LISTEN", &listen)]);
    let http = client();
    let public = http.get(format!("{}/metrics", server.base)).send().await.unwrap();
    assert_eq!(public.status().as_u16(), 404);
    let own = http.get(format!("http://{listen}/metrics")).send().await.unwrap();
    assert_eq!(own.status().as_u16(), 200);
    let text = own.text().await.unwrap();
    assert!(text.contains(r#"menjin_failures_total{number="WB-102"} 1"#), "{text}");
    assert!(text.contains("menjin_logouts_outstanding 0"), "{text}");
    server.terminate();
    assert!(server.child.wait().unwrap().success());
}
