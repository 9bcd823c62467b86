//! Why no member may be linked to some users. Pure.

/// Why no member may be linked to a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Protection {
    /// In English.
    pub en: &'static str,
    /// In Chinese.
    pub zh: &'static str,
}

/// A console admin, or another person with a console role.
pub const CONSOLE_ADMIN: Protection = Protection {
    en: "a console admin, whom a sync never touches",
    zh: "控制台管理员，同步从不触及",
};
/// A user of another corp.
pub const OTHER_CORP: Protection = Protection {
    en: "a user of another corp",
    zh: "其他企业的用户",
};
/// A user who is linked already.
pub const OTHER_MEMBER: Protection = Protection {
    en: "another member's user",
    zh: "已关联另一名成员的用户",
};
