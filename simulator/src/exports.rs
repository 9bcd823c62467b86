//! Jobs of `export/*` and the encrypted files they leave (reference §5.7).

use std::collections::HashMap;

use md5::{Digest, Md5};

use crate::callbacks::{delivery::Owner, events::Event};
use crate::tokens::{Caller, Kind};

/// How long a file can be fetched, in seconds.
pub(crate) const FILE_LIFETIME: u64 = 7200;

/// A job; what it exports was read when it was submitted.
pub(crate) struct Job {
    pub corp: String,
    pub caller: Kind,
    /// E.g. `export_user`.
    pub job_type: &'static str,
    /// When it is done, unix seconds.
    pub done: u64,
    /// How often it was asked about.
    pub polls: u32,
    /// Names of its files, in order.
    pub files: Vec<String>,
    told: bool,
}

/// A file under `/export/`.
pub(crate) struct File {
    /// Cipher text.
    pub bytes: Vec<u8>,
    /// Of the cipher text, lower-case hexadecimal.
    pub md5: String,
    /// From when on it is gone, unix seconds.
    pub expires: u64,
}

/// All jobs and files.
#[derive(Default)]
pub(crate) struct Exports {
    pub jobs: HashMap<String, Job>,
    pub files: HashMap<String, File>,
    /// Keys of all jobs, and names of all files: whoever exports must tell neither.
    pub secrets: Vec<String>,
}

impl Exports {
    /// Keeps a job with its cipher texts.
    pub(crate) fn submit(
        &mut self,
        id: &str,
        (caller, job_type): (&Caller, &'static str),
        done: u64,
        files: Vec<Vec<u8>>,
    ) {
        let mut names = Vec::new();
        for (at, bytes) in files.into_iter().enumerate() {
            let name = format!("{id}_{at}");
            let md5 = Md5::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
            let expires = done + FILE_LIFETIME;
            self.files.insert(name.clone(), File { bytes, md5, expires });
            self.secrets.push(name.clone());
            names.push(name);
        }
        let job = Job {
            corp: caller.corp.clone(),
            caller: caller.kind,
            job_type,
            done,
            polls: 0,
            files: names,
            told: false,
        };
        self.jobs.insert(id.to_owned(), job);
    }

    /// The events of jobs that are done and of which nobody was told, for the callback of who submitted them (§7.5).
    pub(crate) fn finished(&mut self, now: u64) -> Vec<(String, Owner, Event)> {
        let done = self.jobs.iter_mut().filter(|(_, job)| !job.told && job.done <= now);
        done.map(|(id, job)| {
            job.told = true;
            let owner = match job.caller {
                Kind::App(agentid) => Owner::App(agentid),
                Kind::Contacts | Kind::Customers => Owner::Contacts,
            };
            let event = Event::BatchJobResult {
                job_id: id.clone(),
                job_type: job.job_type.to_owned(),
            };
            (job.corp.clone(), owner, event)
        })
        .collect()
    }
}
