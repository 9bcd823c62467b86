//! Settings of passwords, lockout and one-time codes.

use std::time::Duration;

use super::reader::Reader;

/// Who must have one-time codes besides their password.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TotpPolicy {
    /// Whoever has set them up.
    #[default]
    Optional,
    /// Everybody who signs in with a password.
    Required,
    /// Whoever has a console role.
    RequiredForAdmins,
}

/// Password settings.
#[derive(Clone, Debug)]
pub struct PasswordConfig {
    /// Users of no data source may sign in with a password.
    pub local_users: bool,
    /// Most hashes computed at the same time.
    pub parallel: usize,
    /// Most hashes that may wait.
    pub queue: usize,
    /// Failures after which a username is locked for anonymous clients, or a trusted browser is.
    pub user_failures: u64,
    /// Failures from one address within the window after which it is refused.
    pub address_failures: u64,
    /// Window in which failures are counted.
    pub window: Duration,
    /// How long a lock lasts.
    pub lockout: Duration,
    /// Who must have one-time codes.
    pub totp: TotpPolicy,
}

impl Default for PasswordConfig {
    fn default() -> Self {
        Self {
            local_users: true,
            parallel: 2,
            queue: 64,
            user_failures: 10,
            address_failures: 200,
            window: Duration::from_secs(900),
            lockout: Duration::from_secs(900),
            totp: TotpPolicy::Optional,
        }
    }
}

impl Reader<'_> {
    pub(super) fn password(&mut self) -> PasswordConfig {
        let policy = self.one_of("password", "totp", &["optional", "required", "required_for_admins"]);
        PasswordConfig {
            local_users: self.yes("password", "local_users"),
            parallel: self.between("password", "parallel", (1, 64)),
            queue: self.between("password", "queue", (0, 10_000)),
            user_failures: self.between("password", "user_failures", (1, 1_000)),
            address_failures: self.between("password", "address_failures", (1, 1_000_000)),
            window: self.seconds("password", "window"),
            lockout: self.seconds("password", "lockout"),
            totp: match policy.as_str() {
                "required" => TotpPolicy::Required,
                "required_for_admins" => TotpPolicy::RequiredForAdmins,
                _ => TotpPolicy::Optional,
            },
        }
    }
}
