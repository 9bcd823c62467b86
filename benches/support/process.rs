//! Runs Menjin as a process of its own for benchmarks, so that its time and memory are its own.

use std::{
    process::{Child, Command, Stdio},
    time::Duration,
};

use super::backends::{free_port, wait_for};

/// The operator's admin token in benchmarks.
pub const TOKEN: &str = "benchmark-admin-token-0123456789abcdef";

/// A running server; stopped when dropped.
pub struct Menjin {
    process: Child,
    /// `http://127.0.0.1:port`.
    pub base: String,
}

impl Drop for Menjin {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

impl Menjin {
    /// Starts it on these stores with this WeCom, with a public URL of its own unless it is a replica of a server that has this one;
    /// `wrapper` is put before the command line (`taskset -c 0`).
    pub fn start(settings: &[(String, String)], wecom: &str, public: Option<&str>, wrapper: &[&str]) -> Self {
        let port = free_port();
        let base = format!("http://127.0.0.1:{port}");
        let mut words: Vec<&str> = wrapper.to_vec();
        words.extend([env!("CARGO_BIN_EXE_menjin"), "serve"]);
        let mut command = Command::new(words[0]);
        command.args(&words[1..]).envs(settings.iter().cloned());
        for (key, value) in [
            ("SERVER__LISTEN", format!("127.0.0.1:{port}").as_str()),
            ("SERVER__PUBLIC_URL", public.unwrap_or(&base)),
            ("WECOM__API_URL", wecom),
            ("WECOM__WEB_LOGIN_URL", wecom),
            ("WECOM__LEGACY_QR_URL", wecom),
            ("WECOM__OAUTH_URL", wecom),
            ("WECOM__INSTALL_URL", wecom),
            ("ADMIN__TOKEN", TOKEN),
            ("LOG__LEVEL", "warn"),
        ] {
            command.env(format!("MENJIN__{key}"), value);
        }
        let process = command.stdout(Stdio::null()).spawn().unwrap();
        wait_for(port);
        Self { process, base }
    }

    /// Its process.
    pub fn id(&self) -> u32 {
        self.process.id()
    }

    /// Peak resident memory so far, MiB.
    pub fn peak(&self) -> u64 {
        self.memory("VmHWM:")
    }

    /// Resident memory now, MiB.
    pub fn resident(&self) -> u64 {
        self.memory("VmRSS:")
    }

    /// Processor time so far, by all of its threads. A tick is a hundredth of a second on every Linux of today.
    pub fn processor(&self) -> Duration {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.process.id())).unwrap_or_default();
        let behind_name = stat.rsplit(')').next().unwrap_or_default();
        let ticks = behind_name.split_whitespace().skip(11).take(2);
        Duration::from_millis(ticks.filter_map(|ticks| ticks.parse::<u64>().ok()).sum::<u64>() * 10)
    }

    fn memory(&self, name: &str) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.id())).unwrap_or_default();
        let line = status.lines().find(|line| line.starts_with(name)).unwrap_or_default();
        let kib = line.split_whitespace().nth(1).and_then(|kib| kib.parse::<u64>().ok());
        kib.unwrap_or(0) / 1024
    }
}
