//! The built program as a process of its own, over a copy of a fixture's storage, so that it can be killed and its disk can fail.

use std::{
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::Duration,
};

use crate::{
    backends::{directory, free_port, missing, wait_for},
    fixture::Fixture,
};

/// What a server needs to run over a storage, however often it is started.
pub struct Installation {
    settings: Vec<(String, String)>,
    directory: PathBuf,
    fault: PathBuf,
    /// The library that lets writes fail; `None` where there is no C compiler.
    faults: Option<PathBuf>,
    port: u16,
}

impl Drop for Installation {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.directory));
    }
}

impl Installation {
    /// A copy of the fixture's SQLite files, or its PostgreSQL database itself.
    pub fn over(fixture: &Fixture) -> Self {
        let directory = directory();
        for entry in std::fs::read_dir(fixture.directory()).unwrap().flatten() {
            if !entry.path().ends_with("menjin.db.lock") {
                std::fs::copy(entry.path(), directory.join(entry.file_name())).unwrap();
            }
        }
        Self::at(directory, fixture.environment())
    }

    /// An installation with these settings whose files lie in this directory.
    pub fn at(directory: PathBuf, mut settings: Vec<(String, String)>) -> Self {
        let port = free_port();
        settings.push(setting("SERVER__LISTEN", &format!("127.0.0.1:{port}")));
        if settings
            .iter()
            .any(|(key, value)| key == "MENJIN__DATABASE__URL" && value.starts_with("sqlite:"))
        {
            let file = format!("sqlite://{}/menjin.db", directory.display());
            settings.push(setting("DATABASE__URL", &file));
        }
        Self {
            settings,
            fault: directory.join("fault"),
            faults: None,
            directory,
            port,
        }
    }

    /// Where it listens.
    pub fn base(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Builds the library that lets writes fail; false (said on standard error) where there is no C compiler.
    pub fn can_fail(&mut self) -> bool {
        let library = self.directory.join("io_faults.so");
        let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/durability/io_faults.c");
        let built = Command::new("cc")
            .args(["-shared", "-fPIC", "-O1", "-o"])
            .arg(&library)
            .args([source, "-ldl"])
            .status();
        if !built.is_ok_and(|status| status.success()) {
            missing("a C compiler (cc)");
            return false;
        }
        self.faults = Some(library);
        true
    }

    /// From now on writes fail with this error number, after so many that succeed.
    pub fn fail(&self, errno: u32, after: u32) {
        let new = self.directory.join("fault.new");
        std::fs::write(&new, format!("{errno} {after}")).unwrap();
        std::fs::rename(new, &self.fault).unwrap();
    }

    /// From now on nothing fails.
    pub fn mend(&self) {
        drop(std::fs::remove_file(&self.fault));
    }

    /// The program with this command.
    pub fn command(&self, argument: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_menjin"));
        command
            .arg(argument)
            .envs(self.settings.iter().cloned())
            .current_dir(&self.directory)
            .stdout(Stdio::null())
            .stderr(self.log());
        if let Some(library) = &self.faults {
            command.env("LD_PRELOAD", library).env("MENJIN_TEST_FAULT", &self.fault);
        }
        command
    }

    /// Starts the server and waits until it answers.
    pub async fn serve(&self, http: &reqwest::Client) -> Server {
        let server = Server(self.command("serve").spawn().unwrap());
        wait_for(self.port);
        // It listens before it is ready; a request waits until then, and fails if the process ends instead.
        let alive = http.get(format!("{}/healthz", self.base())).send().await;
        let log = || std::fs::read_to_string(self.directory.join("log")).unwrap_or_default();
        assert!(alive.is_ok_and(|answer| answer.status() == 200), "{}", log());
        server
    }

    fn log(&self) -> Stdio {
        let mut append = std::fs::OpenOptions::new();
        let log = append.create(true).append(true).open(self.directory.join("log"));
        log.unwrap().into()
    }

    /// Where its database is.
    pub fn database_url(&self) -> &str {
        let mut settings = self.settings.iter().rev();
        let set = settings.find(|(key, _)| key == "MENJIN__DATABASE__URL");
        &set.unwrap().1
    }
}

fn setting(key: &str, value: &str) -> (String, String) {
    (format!("MENJIN__{key}"), value.to_owned())
}

/// A running server; killed when it is dropped.
pub struct Server(Child);

impl Server {
    /// Stops it as an operator does, and waits for its end.
    pub fn stop(mut self) {
        let pid = self.0.id().to_string();
        drop(Command::new("kill").args(["-TERM", &pid]).status());
        assert!(self.0.wait().unwrap().success(), "the server ends in order");
    }

    /// Kills it.
    pub fn kill(self) {
        drop(self);
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// Kills a child after this long, unless it has ended by itself.
pub fn kill_after(mut child: Child, after: Duration) {
    std::thread::park_timeout(after);
    drop(child.kill());
    drop(child.wait());
}
