//! Values of passkeys. Pure.

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::kernel::{clock::Timestamp, failure::Result};
use crate::signin::failure::PasskeyFailure;

/// Most passkeys of a user.
pub const MOST: u64 = 10;
/// Longest name, characters.
const LONGEST_NAME: usize = 64;

/// A passkey of a user. Its public key is of no use to anybody and not shown.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Passkey)]
pub struct PasskeyView {
    /// Row id.
    #[schema(example = "0199c0de-7a00-7000-8000-000000000001")]
    pub id: Uuid,
    /// What its user calls it.
    #[schema(example = "Laptop")]
    pub name: String,
    /// The host that it was set up at: it works nowhere else.
    #[schema(example = "login.example.com")]
    pub host: String,
    /// Whether a copy of it lay elsewhere when it was used last: it is synchronised between its user's devices.
    pub backed_up: bool,
    /// When it was set up, milliseconds since 1970.
    pub created_at: Timestamp,
    /// When its user last signed in by it; null: never.
    pub last_used_at: Option<Timestamp>,
}

/// A name as it is kept: without blanks around it, 1 to 64 characters, none of them a control character.
///
/// # Errors
/// `SI-226`.
pub(super) fn name(typed: &str) -> Result<String> {
    let name = typed.trim();
    let fits = !name.is_empty() && name.chars().count() <= LONGEST_NAME && !name.chars().any(char::is_control);
    match fits {
        true => Ok(name.to_owned()),
        false => Err(PasskeyFailure::NameUnfit.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::name;

    #[test]
    fn a_name_is_one_line_that_says_something() {
        assert_eq!(name("  我的手机 ").unwrap(), "我的手机");
        assert!(name(&"长".repeat(64)).is_ok());
        for unfit in ["", "   ", "a\u{0}b", "a\nb", &"x".repeat(65)] {
            assert!(name(unfit).is_err(), "{unfit:?}");
        }
    }
}
