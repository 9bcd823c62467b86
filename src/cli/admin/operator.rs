//! Who of the operating system runs the command, for the audit log: by the owner of the process, which no variable can change.

/// The actor: `cli:` and the account's name, or its number where it has none.
pub(super) fn actor() -> String {
    format!("cli:{}", account().unwrap_or_else(|| "unknown".to_owned()))
}

#[cfg(target_os = "linux")]
fn account() -> Option<String> {
    let about = std::fs::metadata("/proc/self").ok()?;
    let number = std::os::linux::fs::MetadataExt::st_uid(&about).to_string();
    let accounts = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    Some(name_of(&accounts, &number).unwrap_or(number))
}

#[cfg(not(target_os = "linux"))]
#[expect(
    clippy::disallowed_methods,
    reason = "the account's name is no setting of the server"
)]
fn account() -> Option<String> {
    std::env::var("USER").ok().filter(|name| is_plain(name))
}

/// The name of an account in the format of `/etc/passwd`.
#[cfg(any(target_os = "linux", test))]
fn name_of(accounts: &str, number: &str) -> Option<String> {
    let of = |line: &str| {
        let mut fields = line.split(':');
        let name = fields.next()?.to_owned();
        (fields.nth(1) == Some(number) && is_plain(&name)).then_some(name)
    };
    accounts.lines().find_map(of)
}

fn is_plain(name: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    (1..=32).contains(&name.len()) && name.bytes().all(fits)
}

#[cfg(test)]
mod tests {
    use super::name_of;

    #[test]
    fn accounts_are_found_by_their_number() {
        let accounts = "root:x:0:0:root:/root:/bin/sh\nbad name:x:7:7::/:\nmenjin:x:998:998::/:\n\nhalf";
        assert_eq!(name_of(accounts, "998").as_deref(), Some("menjin"));
        assert_eq!(name_of(accounts, "0").as_deref(), Some("root"));
        assert_eq!(name_of(accounts, "7"), None);
        assert_eq!(name_of(accounts, "1"), None);
    }
}
