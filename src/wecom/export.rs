//! Asynchronous export (reference 5.7): has WeCom write the directory into encrypted files, waits until it has, and fetches them one by one.
//!
//! Each job has a random key of its own, which nobody else ever sees. Rows are read by the same readers as those of the lists.

use std::{sync::Arc, time::Duration};

use serde_json::json;

use super::{
    api_request::ApiRequest,
    callback::AesKey,
    client::WeCom,
    contacts,
    error::{Class, ExportFault, WeComError},
    export_file::{self, File, Progress},
    list_reader::{ListReader, RowSink},
    members,
    model::{Credential, Department, Malformed, Member, Rows},
    patience::export_gap,
    reply::Reply,
};

/// Rows in one file, the fewest WeCom takes: so a file fits into memory whatever the size of the corp.
const BLOCK_SIZE: u32 = 10_000;

type Answer<T> = Result<T, WeComError>;

/// What is exported: what the secret sees of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Export {
    /// Departments, as by `department/list`.
    Departments,
    /// Members with their details, as by `user/list`.
    Members,
    /// Members' names and departments, as by `user/simplelist`; `status` stays `None`.
    MemberNames,
}

impl Export {
    /// The path that starts the job.
    const fn call(self) -> &'static str {
        match self {
            Self::Departments => "export/department",
            Self::Members => "export/user",
            Self::MemberNames => "export/simple_user",
        }
    }

    /// The list that a file must hold.
    const fn key(self) -> &'static str {
        match self {
            Self::Departments => "department",
            Self::Members | Self::MemberNames => members::LIST,
        }
    }
}

/// A finished job, whose files can be fetched for two hours.
#[derive(Debug)]
pub struct Exported {
    what: Export,
    key: AesKey,
    files: Vec<File>,
    ids_as_names: bool,
}

impl Exported {
    /// How many files it left; at least one.
    pub const fn files(&self) -> usize {
        self.files.len()
    }
}

impl WeCom {
    /// Starts an export, and waits until it is done.
    ///
    /// # Errors
    /// Any [`WeComError`] with WeCom's code where it is refused; one with an [`ExportFault`] where WeCom fails at it or takes longer than
    /// half an hour.
    pub async fn export(&self, credential: &Credential, what: Export) -> Answer<Exported> {
        let call = what.call();
        let typed = AesKey::typed(&self.transport.entropy);
        let body = json!({ "encoding_aeskey": typed.expose(), "block_size": BLOCK_SIZE });
        let reply = self.call(credential, ApiRequest::new(call).body(body)).await?;
        let unreadable = |why: &str| WeComError::of_export(call, ExportFault::Unreadable, why);
        let job = reply.row().exact("jobid").ok().flatten();
        let job = job.ok_or_else(|| unreadable("no `jobid`"))?;
        let key = AesKey::parse(&typed).map_err(|_| unreadable("no key"))?;
        let files = self.finished(credential, call, &job).await?;
        Ok(Exported {
            what,
            key,
            files,
            ids_as_names: credential.suite.is_some(),
        })
    }

    /// Asks now and then, as the same caller, until the job is done. That WeCom does not answer for a while is no reason to lose the job.
    async fn finished(&self, credential: &Credential, call: &'static str, job: &str) -> Answer<Vec<File>> {
        let failed = |fault, why: &str| WeComError::of_export(call, fault, why);
        let (mut asked, mut waited, mut unanswered) = (0, Duration::ZERO, None);
        while let Some(gap) = export_gap(asked, waited) {
            self.transport.clock.pause(gap).await;
            waited = waited.saturating_add(gap);
            asked = asked.saturating_add(1);
            let ask = ApiRequest::new("export/get_result").with("jobid", job);
            match self.call(credential, ask).await {
                Err(error) if may_answer_later(&error) => unanswered = Some(error),
                answer => match export_file::progress(call, &answer?)? {
                    Progress::Running => unanswered = None,
                    Progress::Done(files) => return Ok(files),
                    Progress::Failed => return Err(failed(ExportFault::Failed, "the job failed (status 3)")),
                },
            }
        }
        let minutes = waited.as_secs() / 60;
        let why = unanswered.map(|error| format!(": {error}")).unwrap_or_default();
        Err(failed(
            ExportFault::Late,
            &format!("not done after {minutes} minutes{why}"),
        ))
    }

    /// Fetches a file of an export of departments, counted from 0.
    ///
    /// # Errors
    /// See [`ExportFault`].
    pub async fn exported_departments(&self, exported: &Exported, at: usize) -> Answer<Rows<Department>> {
        let list = contacts::department_list(exported.what.key());
        let file = self.file(exported, at, &*list).await?;
        contacts::departments(&file, &list).map_err(|error| not_as_described(exported, error))
    }

    /// Fetches a file of an export of members, counted from 0.
    ///
    /// # Errors
    /// See [`ExportFault`].
    pub async fn exported_members(&self, exported: &Exported, at: usize) -> Answer<Rows<Member>> {
        let list = placed_members(exported.ids_as_names);
        let file = self.file(exported, at, &*list).await?;
        list.rows_of(&file).map_err(|error| not_as_described(exported, error))
    }

    async fn file(&self, exported: &Exported, at: usize, rows: &dyn RowSink) -> Answer<Reply> {
        let call = exported.what.call();
        let place =
            |error: WeComError| error.about(format_args!("file {} of {}", at.saturating_add(1), exported.files()));
        let none = || WeComError::of_export(call, ExportFault::Unfetchable, "there is no such file");
        let file = exported.files.get(at).ok_or_else(none)?;
        let sealed = self.transport.download(call, file).await.map_err(place)?;
        let mut file = export_file::open(call, &exported.key, sealed, rows).map_err(place)?;
        file.ids_as_names = exported.ids_as_names;
        Ok(file)
    }
}

/// Reads the members of a file. A list is of a department, which is thereby known; a row of a file that leaves `department` out altogether would
/// say that somebody is nowhere, so it is no readable row.
fn placed_members(ids_as_names: bool) -> Arc<ListReader<Member>> {
    ListReader::of_objects(members::LIST, &members::FIELDS, move |row| {
        let member = members::listed(row, ids_as_names)?;
        match row.find("department") {
            Some(_) => Ok(member),
            None => Err(Malformed {
                userid: Some(member.userid),
                reason: "no `department`".to_owned(),
            }),
        }
    })
}

/// Whether the same question may be answered when it is asked next. A throttled corp (45009) is left alone.
fn may_answer_later(error: &WeComError) -> bool {
    error.class == Class::Retry || error.errcode == Some(45033)
}

/// The reader of the lists could not read it.
fn not_as_described(exported: &Exported, error: WeComError) -> WeComError {
    WeComError::of_export(exported.what.call(), ExportFault::Unreadable, error.message)
}

#[cfg(test)]
#[path = "export_tests.rs"]
mod tests;
