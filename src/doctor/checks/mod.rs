//! The checks. One more is one small file and one row here.

mod access_requests;
mod callbacks;
mod clock;
mod configuration;
mod database;
mod disk_space;
mod ephemeral;
mod freshness;
mod logout_addresses;
mod migrations;
mod notice_addresses;
mod passkeys;
mod problems;
mod proxy;
mod public_url;
mod queues;
mod redis_policy;
mod seal_key;
mod seal_key_mode;
mod signing_keys;
mod sync_age;
mod sync_runs;
mod verification_files;

use super::check::Check;

/// All checks, in the order in which they are shown.
pub const CHECKS: &[Check] = &[
    configuration::CHECK,
    seal_key::CHECK,
    seal_key_mode::CHECK,
    database::CHECK,
    disk_space::CHECK,
    migrations::CHECK,
    ephemeral::CHECK,
    redis_policy::CHECK,
    clock::CHECK,
    signing_keys::CHECK,
    public_url::CHECK,
    passkeys::CHECK,
    proxy::CHECK,
    verification_files::CHECK,
    problems::CHECK,
    callbacks::CHECK,
    sync_age::CHECK,
    sync_runs::CHECK,
    queues::CHECK,
    logout_addresses::CHECK,
    notice_addresses::CHECK,
    access_requests::CHECK,
    freshness::CHECK,
];

#[cfg(test)]
mod tests {
    use super::CHECKS;

    #[test]
    fn a_check_rests_on_earlier_ones_only() {
        for (place, check) in CHECKS.iter().enumerate() {
            let earlier = &CHECKS[..place];
            assert!(
                earlier.iter().all(|other| other.name != check.name),
                "{} twice",
                check.name
            );
            for other in check.rests_on {
                let found = earlier.iter().any(|check| check.name == *other);
                assert!(found, "{} rests on {other}", check.name);
            }
        }
    }
}
