//! Shapes in which WeCom's replies were seen or are plausible beside the documented one (reference §17.2). They combine.

use serde::{Deserialize, Serialize};

/// Shapes of API replies, written as the reply is sent; all off by default.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Shapes {
    /// Prefix of the paths whose replies are shaped, e.g. `/cgi-bin/user/`; empty = every call.
    pub only: String,
    /// Numbers are text, `errcode` and `expires_in` too.
    pub numbers_as_text: bool,
    /// Text of digits is a number: userids, mobile numbers, the gender.
    pub text_as_numbers: bool,
    /// Successful replies lack `errcode` and `errmsg`.
    pub no_errcode: bool,
    /// How userids are called.
    pub user_id: UserIdKey,
    /// The list `department` is a lone integer where it has one entry.
    pub lone_department: bool,
    /// The list `department` is text of ids separated by commas.
    pub comma_departments: bool,
    /// Ids of departments, tags and apps are `2.0`.
    pub float_ids: bool,
    /// A byte-order mark stands in front.
    pub byte_order_mark: bool,
    /// The content type is `text/plain`.
    pub text_plain: bool,
    /// Members name departments which no list holds: those outside the scope, and those removed. Not bounded by `only`.
    pub unlisted_departments: bool,
    /// `name` and `tagname` are null.
    pub null_names: bool,
    /// `name` and `tagname` are missing.
    pub missing_names: bool,
    /// Control characters stand raw inside strings; names, positions and aliases get some after their first character.
    pub control_characters: bool,
    /// Names, positions and aliases end in half a character.
    pub cut_utf8: bool,
}

/// How userids are called in replies.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UserIdKey {
    /// `userid`.
    #[default]
    Documented,
    /// `UserId` beside `userid`.
    Beside,
    /// `UserId` alone.
    Instead,
}

impl Shapes {
    /// The shapes of one call's reply.
    pub(crate) fn of(&self, path: &str) -> Self {
        if path.starts_with(&self.only) {
            self.clone()
        } else {
            Self::default()
        }
    }
}
