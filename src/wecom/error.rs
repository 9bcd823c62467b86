//! Errors of WeCom calls, classified by what the caller should do about them.

use std::fmt;

/// What the caller should do (reference 1.5, column "action").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// Busy, slow, reset, not JSON: try again a little later.
    Retry,
    /// Throttled (45009, 45033): wait for the window; never loop.
    Throttled,
    /// The token died; the client refreshes it once by itself, so this surfaces only when that did not help.
    Token,
    /// The person must start the sign-in again (40029 …).
    Restart,
    /// An admin must mend a setting (40001, 40013, 40091, 50001, 60020, 48002, 48009 …).
    Admin,
    /// A normal outcome the caller handles (60111, 60011, 60003 …).
    Outcome,
    /// We asked wrongly: a defect of ours.
    Defect,
}

impl Class {
    /// Its word in metrics.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Retry => "busy",
            Self::Throttled => "throttled",
            Self::Token => "token",
            Self::Restart => "code_spent",
            Self::Admin => "admin",
            Self::Outcome => "negative",
            Self::Defect => "defect",
        }
    }
}

/// Why an export that WeCom took on gave nothing (reference 5.7).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExportFault {
    /// WeCom says that the job failed (status 3).
    Failed,
    /// It was not done within the patience of a sync.
    Late,
    /// A file lies at an address that is not to be called.
    Address,
    /// A file could not be fetched: its address has expired, or its host does not answer.
    Unfetchable,
    /// A file is not the one that was told, by its size or its MD5.
    Damaged,
    /// What WeCom tells of the job, or a file once decrypted, is not what the reference describes.
    Unreadable,
}

/// A call to WeCom that did not succeed. Holds no secret: URLs and tokens are never part of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WeComError {
    /// Path of the call, e.g. `user/get`.
    pub call: &'static str,
    /// What to do.
    pub class: Class,
    /// WeCom's code; `None` when no readable reply came.
    pub errcode: Option<i64>,
    /// WeCom's words, or ours about the transport; for logs and admins. Decide only on `class` and `errcode`.
    pub message: String,
    /// The caller's address as WeCom saw it (`from ip:`), for the admin's trusted-IP list.
    pub observed_ip: Option<String>,
    /// Why an export gave nothing; `None` for everything else.
    pub export: Option<ExportFault>,
}

impl WeComError {
    /// An error without a readable reply: transport, cache, or a reply whose shape nobody described.
    pub(super) fn without_code(call: &'static str, class: Class, message: impl Into<String>) -> Self {
        Self {
            call,
            class,
            errcode: None,
            message: message.into(),
            observed_ip: None,
            export: None,
        }
    }

    /// An export that gave nothing.
    pub(super) fn of_export(call: &'static str, fault: ExportFault, message: impl Into<String>) -> Self {
        Self {
            export: Some(fault),
            ..Self::without_code(call, Class::Retry, message)
        }
    }

    /// The same error, whose words also say what was asked about.
    #[must_use]
    pub fn about(mut self, what: impl fmt::Display) -> Self {
        self.message = format!("{} ({what})", self.message);
        self
    }

    /// Whether the same call may succeed a little later without anybody doing anything.
    pub const fn is_passing(&self) -> bool {
        matches!(self.class, Class::Retry | Class::Throttled | Class::Token)
    }

    /// A reply that says success but cannot be read. Worth another try; never to be taken for an empty answer.
    pub(super) fn unreadable(call: &'static str, reason: impl fmt::Display) -> Self {
        Self::without_code(call, Class::Retry, format!("unreadable reply: {reason}"))
    }
}

impl fmt::Display for WeComError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.errcode {
            Some(errcode) => write!(f, "{} answered {errcode}: {}", self.call, self.message),
            None => write!(f, "{} failed: {}", self.call, self.message),
        }
    }
}

impl std::error::Error for WeComError {}
