//! Failures (typed errors) with reference number, HTTP status, user message, remedy and log cause; the `catalogue!` macro declares them.
//!
//! A feature declares its failures once, in its `failure.rs`, with [`catalogue!`]: a closed enum whose variants carry a stable reference
//! number, an HTTP status, a sentence for the person and a remedy for the admin, each in English and in Chinese. `web::failure` turns a
//! [`Failure`] into a reply; `docs/errors` is written from the same tables. This module does not know HTTP beyond the status number.

use std::{borrow::Cow, fmt};

/// One entry of a catalogue: all that is fixed about a kind of failure.
#[derive(Debug, PartialEq, Eq)]
pub struct Entry {
    /// Stable reference number, e.g. `GT-104`: two letters of the feature, three digits.
    pub number: &'static str,
    /// HTTP status of the reply.
    pub status: u16,
    /// Plain sentence for the person, English; also the problem's `title` (RFC 9457 §3.1.3). Printable ASCII: RFC 6749 §5.2 demands it.
    pub en: &'static str,
    /// The same sentence in Chinese.
    pub zh: &'static str,
    /// What an admin or integrator can do about it, English.
    pub remedy: &'static str,
    /// The same in Chinese, without spaces between Chinese and other letters: pages set that distance by style.
    pub remedy_zh: &'static str,
}

/// What is wrong with one field of a body, or with one parameter of a query string.
#[derive(Debug, Clone)]
pub struct FieldFault {
    /// JSON pointer (RFC 6901) of the field; empty: the body as a whole.
    pub pointer: Cow<'static, str>,
    /// Name of the parameter, where it is one of a query string; empty: the query string as a whole.
    pub parameter: Option<String>,
    /// What kind of failure.
    pub entry: &'static Entry,
    /// Hint for the admin; never a secret, and never the value.
    pub detail: String,
    /// Where in somebody else's console it is mended, if there.
    pub place: Option<&'static str>,
}

/// A failure on its way to a reply.
#[derive(Debug, Clone)]
pub struct Failure {
    /// What kind of failure.
    pub entry: &'static Entry,
    /// Hint for the integrator or admin: which field, which value. Returned to the caller, so never a secret.
    pub detail: Option<String>,
    /// Technical cause, for the log and the audit log only; never a secret, never returned.
    pub cause: Option<String>,
    /// Reference under which the audit log has this occurrence already; it is shown instead of a new one.
    pub recorded: Option<String>,
    /// Which fields are wrong, where each is told by itself.
    pub faults: Vec<FieldFault>,
}

/// Result of a use case.
pub type Result<T, E = Failure> = std::result::Result<T, E>;

impl Failure {
    /// A failure of this kind without detail or cause.
    pub const fn of(entry: &'static Entry) -> Self {
        Self {
            entry,
            detail: None,
            cause: None,
            recorded: None,
            faults: Vec::new(),
        }
    }

    /// Adds the hint that is returned to the caller.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    /// Adds which fields are wrong.
    #[must_use]
    pub fn faults(mut self, faults: Vec<FieldFault>) -> Self {
        self.faults = faults;
        self
    }

    /// Says that this occurrence is in the audit log already, under this reference.
    #[must_use]
    pub fn recorded(mut self, reference: impl Into<String>) -> Self {
        self.recorded = Some(reference.into());
        self
    }

    /// Adds the cause that is only logged and recorded.
    #[must_use]
    pub fn cause(mut self, cause: impl fmt::Display) -> Self {
        self.cause = Some(cause.to_string());
        self
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.entry.number, self.entry.en)?;
        if let Some(detail) = &self.detail {
            write!(f, " ({detail})")?;
        }
        if let Some(cause) = &self.cause {
            write!(f, ": {cause}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Failure {}

/// Declares a feature's closed list of failures. Each variant converts into a [`Failure`] by `From` or by `.failure()`.
///
/// ```ignore
/// catalogue! {
///     /// Failures of signing in.
///     pub enum SignInFailure {
///         /// The `state` is unknown, used, or older than its lifetime.
///         StateUnknown = "SI-101", 400, "This sign-in has expired. Please start again.",
///             "本次登录已失效，请重新开始。", "States live ten minutes.", "state的有效期为十分钟。";
///     }
/// }
/// ```
#[macro_export]
macro_rules! catalogue {
    ($(#[$meta:meta])* $vis:vis enum $name:ident {
        $( $(#[$vmeta:meta])* $variant:ident = $number:literal, $status:literal, $en:literal, $zh:literal, $remedy:literal, $remedy_zh:literal; )+
    }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        $vis enum $name { $( $(#[$vmeta])* $variant, )+ }

        impl $name {
            /// All entries, in order of declaration.
            pub const ENTRIES: &'static [$crate::kernel::failure::Entry] = &[
                $( $crate::kernel::failure::Entry {
                    number: $number, status: $status, en: $en, zh: $zh, remedy: $remedy, remedy_zh: $remedy_zh,
                }, )+
            ];

            /// What is fixed about this failure.
            pub const fn entry(self) -> &'static $crate::kernel::failure::Entry {
                match self {
                    $( Self::$variant => {
                        const ENTRY: $crate::kernel::failure::Entry = $crate::kernel::failure::Entry {
                            number: $number, status: $status, en: $en, zh: $zh, remedy: $remedy, remedy_zh: $remedy_zh,
                        };
                        &ENTRY
                    } )+
                }
            }

            /// A failure of this kind, to be given a detail or a cause.
            pub const fn failure(self) -> $crate::kernel::failure::Failure {
                $crate::kernel::failure::Failure::of(self.entry())
            }
        }

        impl From<$name> for $crate::kernel::failure::Failure {
            fn from(kind: $name) -> Self { kind.failure() }
        }
    };
}
