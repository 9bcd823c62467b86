//! Exported files (reference 5.7): what a finished job tells of them, whether a download is the one that was told, and what is inside. Pure.
//!
//! Size and MD5 are of the cipher text, and are asked for: a file that somebody cut or changed on the way must not say who is there. The
//! reference has the plain text as bare JSON and is not sure; the frame of callbacks around it is taken off as well.

use std::fmt;

use data_encoding::HEXLOWER;
use md5::{Digest, Md5};

use super::{
    callback::{
        AesKey,
        cipher::{decrypt, split},
    },
    error::{ExportFault, WeComError},
    json_object::JsonObject,
    list_reader::RowSink,
    model::{Malformed, Rows},
    reply::Reply,
    reply_reader::ReplyReader,
};
use crate::kernel::secret::Secret;

/// Largest file read, bytes: 10,000 members with all official fields are some 13 MB (reference 17.2).
pub(super) const LARGEST_FILE: usize = 64 * 1024 * 1024;
/// Most files of one job.
const MOST_FILES: usize = 1_000;

type Answer<T> = Result<T, WeComError>;

/// A file of a finished job.
#[derive(Clone)]
pub(super) struct File {
    /// Where it lies for two hours; whoever has the address can fetch it.
    pub(super) url: Secret<String>,
    /// Bytes.
    size: usize,
    /// In lower-case hexadecimal.
    md5: String,
}

impl fmt::Debug for File {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("File").field("size", &self.size).finish_non_exhaustive()
    }
}

/// How far a job has come.
#[derive(Debug)]
pub(super) enum Progress {
    /// Queued or running.
    Running,
    /// Done; at least one file.
    Done(Vec<File>),
    /// WeCom gave it up.
    Failed,
}

/// Reads the reply of `export/get_result`. `call` is what was exported. A job that is done and names no file tells nothing: least of all that
/// nobody is there.
pub(super) fn progress(call: &'static str, reply: &Reply) -> Answer<Progress> {
    let unreadable = |why: String| WeComError::of_export(call, ExportFault::Unreadable, why);
    match reply.row().int("status").map_err(unreadable)? {
        Some(0 | 1) => Ok(Progress::Running),
        Some(3) => Ok(Progress::Failed),
        Some(2) => {
            let row = |row: &_| {
                JsonObject::of(row)
                    .and_then(file)
                    .ok_or_else(|| Malformed::nameless("not a file"))
            };
            let listed = reply.rows("data_list", row);
            let Rows { rows, malformed } = listed.map_err(|error| unreadable(error.message))?;
            if !malformed.is_empty() {
                return Err(unreadable("a file without address, size or MD5".to_owned()));
            }
            if rows.is_empty() || rows.len() > MOST_FILES {
                return Err(unreadable(format!("the job is done and names {} files", rows.len())));
            }
            Ok(Progress::Done(rows))
        }
        Some(other) => Err(unreadable(format!("the job's status is {other}"))),
        None => Err(unreadable("the job has no status".to_owned())),
    }
}

fn file(row: JsonObject<'_>) -> Option<File> {
    let md5 = row.exact("md5").ok()??.trim().to_ascii_lowercase();
    Some(File {
        url: Secret::new(row.exact("url").ok()??),
        size: usize::try_from(row.int("size").ok()??).ok()?,
        md5: Some(md5).filter(|md5| md5.len() == 32 && md5.bytes().all(|byte| byte.is_ascii_hexdigit()))?,
    })
}

impl File {
    /// Whether these bytes are the file that was told.
    pub(super) fn verify(&self, bytes: &[u8]) -> Result<(), &'static str> {
        if bytes.len() != self.size {
            return Err("the file has another size than WeCom told");
        }
        match HEXLOWER.encode(&Md5::digest(bytes)) == self.md5 {
            true => Ok(()),
            false => Err("the file has another MD5 than WeCom told"),
        }
    }
}

/// Decrypts a file and reads the JSON in it, which must hold something under the name of the list; its rows go there.
pub(super) fn open(call: &'static str, key: &AesKey, sealed: Vec<u8>, rows: &dyn RowSink) -> Answer<Reply> {
    let unreadable = |why: &dyn fmt::Display| WeComError::of_export(call, ExportFault::Unreadable, why.to_string());
    let plain = decrypt(key, sealed).map_err(|why| unreadable(&why))?;
    let reply = match ReplyReader::read(call, &plain, rows) {
        Ok(reply) => reply,
        Err(why) => {
            let Some(message) = split(&plain)
                .ok()
                .map(|(message, _)| message)
                .filter(|text| !text.is_empty())
            else {
                return Err(unreadable(&why.message));
            };
            ReplyReader::read(call, message, rows).map_err(|why| unreadable(&why.message))?
        }
    };
    match reply.has(rows.name()) {
        true => Ok(reply),
        false => Err(unreadable(&format_args!("the file holds no `{}`", rows.name()))),
    }
}

#[cfg(test)]
#[path = "export_file_tests.rs"]
mod tests;
