//! Asynchronous export (reference 5.7): has WeCom write the directory into encrypted files, waits until it has, and fetches them one by one.
//!
//! Each job has a random key of its own, which nobody else ever sees. Rows are read by the same readers as those of the lists.

use std::time::Duration;

use serde_json::json;

use super::{
    api_request::ApiRequest,
    callback::AesKey,
    client::WeCom,
    contacts,
    error::{ExportFault, WeComError},
    export_file::{self, File, Progress},
    members,
    model::{Credential, Department, Member, Rows, TagContent},
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
    /// Members and departments of one tag, as by `tag/get`.
    Tag(i64),
}

impl Export {
    /// The path that starts the job.
    const fn call(self) -> &'static str {
        match self {
            Self::Departments => "export/department",
            Self::Members => "export/user",
            Self::MemberNames => "export/simple_user",
            Self::Tag(_) => "export/taguser",
        }
    }

    /// The keys of which a file must hold one.
    const fn keys(self) -> &'static [&'static str] {
        match self {
            Self::Departments => &["department"],
            Self::Members | Self::MemberNames => &["userlist"],
            Self::Tag(_) => &["userlist", "partylist"],
        }
    }
}

/// A finished job, whose files can be fetched for two hours.
#[derive(Debug)]
pub struct Exported {
    what: Export,
    key: AesKey,
    files: Vec<File>,
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
        let mut body = json!({ "encoding_aeskey": typed.expose(), "block_size": BLOCK_SIZE });
        if let (Export::Tag(id), Some(fields)) = (what, body.as_object_mut()) {
            fields.insert("tagid".to_owned(), json!(id));
        }
        let reply = self.call(credential, ApiRequest::new(call).body(body)).await?;
        let unreadable = |why: &str| WeComError::of_export(call, ExportFault::Unreadable, why);
        let job = reply.row().exact("jobid").ok().flatten();
        let job = job.ok_or_else(|| unreadable("no `jobid`"))?;
        let key = AesKey::parse(&typed).map_err(|_| unreadable("no key"))?;
        let files = self.finished(credential, call, &job).await?;
        Ok(Exported { what, key, files })
    }

    /// Asks now and then, as the same caller, until the job is done.
    async fn finished(&self, credential: &Credential, call: &'static str, job: &str) -> Answer<Vec<File>> {
        let failed = |fault, why: &str| WeComError::of_export(call, fault, why);
        let (mut asked, mut waited) = (0, Duration::ZERO);
        while let Some(gap) = export_gap(asked, waited) {
            self.transport.clock.pause(gap).await;
            waited = waited.saturating_add(gap);
            asked = asked.saturating_add(1);
            let ask = ApiRequest::new("export/get_result").with("jobid", job);
            match export_file::progress(call, &self.call(credential, ask).await?)? {
                Progress::Running => {}
                Progress::Done(files) => return Ok(files),
                Progress::Failed => return Err(failed(ExportFault::Failed, "the job failed (status 3)")),
            }
        }
        let minutes = waited.as_secs() / 60;
        Err(failed(ExportFault::Late, &format!("not done after {minutes} minutes")))
    }

    /// Fetches a file of an export of departments, counted from 0.
    ///
    /// # Errors
    /// See [`ExportFault`].
    pub async fn exported_departments(&self, exported: &Exported, at: usize) -> Answer<Rows<Department>> {
        let file = self.file(exported, at).await?;
        contacts::departments(&file, "department").map_err(|error| not_as_described(exported, error))
    }

    /// Fetches a file of an export of members, counted from 0.
    ///
    /// # Errors
    /// See [`ExportFault`].
    pub async fn exported_members(&self, exported: &Exported, at: usize) -> Answer<Rows<Member>> {
        members::all(&self.file(exported, at).await?).map_err(|error| not_as_described(exported, error))
    }

    /// Exports one tag, and fetches all files of that.
    ///
    /// # Errors
    /// As for [`WeCom::export`], and see [`ExportFault`]; 40068 when there is no such tag.
    pub async fn exported_tag(&self, credential: &Credential, id: i64) -> Answer<TagContent> {
        let exported = self.export(credential, Export::Tag(id)).await?;
        let mut whole = TagContent::default();
        for at in 0..exported.files() {
            let file = self.file(&exported, at).await?;
            let part = contacts::tag(&file).map_err(|error| not_as_described(&exported, error))?;
            whole.userids.extend(part.userids);
            whole.departments.extend(part.departments);
            whole.malformed.extend(part.malformed);
        }
        Ok(whole)
    }

    async fn file(&self, exported: &Exported, at: usize) -> Answer<Reply> {
        let call = exported.what.call();
        let place =
            |error: WeComError| error.about(format_args!("file {} of {}", at.saturating_add(1), exported.files()));
        let none = || WeComError::of_export(call, ExportFault::Unfetchable, "there is no such file");
        let file = exported.files.get(at).ok_or_else(none)?;
        let sealed = self.transport.download(call, file).await.map_err(place)?;
        export_file::open(call, &exported.key, sealed, exported.what.keys()).map_err(place)
    }
}

/// The reader of the lists could not read it.
fn not_as_described(exported: &Exported, error: WeComError) -> WeComError {
    WeComError::of_export(exported.what.call(), ExportFault::Unreadable, error.message)
}

#[cfg(test)]
#[path = "export_tests.rs"]
mod tests;
