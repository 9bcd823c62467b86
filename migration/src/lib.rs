//! Changes of the schema, one file per change, the same code for SQLite and PostgreSQL, never edited after a release.

pub use sea_orm_migration::prelude::MigratorTrait;
use sea_orm_migration::prelude::*;

mod m0001_directory;
mod m0002_portals;
mod m0003_records;
mod m0004_callbacks;
mod m0005_terms;
mod m0006_initial_access;
mod m0007_keys;
mod m0008_claims;
mod m0009_consent;
mod m0010_password;
mod m0011_farewell;
mod m0012_email;
mod m0013_credential_notice;
mod m0014_offboarding;
mod m0015_pending_look;
mod m0016_notices;
mod m0017_identity;
mod m0018_membership_grace;
mod m0019_journal;
mod m0020_planning;
mod m0021_importing;
mod m0022_provenance;
mod m0023_app_readings;
mod m0024_access_until;
mod m0025_verification_file;
mod m0026_probe;
mod m0027_trace;
mod m0028_read_by;
mod m0029_members_confirmed_at;
mod m0030_idempotency_key;
mod m0031_token_scopes;
mod m0032_audit_about;
mod m0033_sync_proof;
mod m0034_operators;
mod m0035_overview;
mod m0036_passkey;
mod m0037_search;
mod m0038_notice;
mod m0039_access_requests;
mod m0040_card_event;
mod m0041_card_sender;
mod m0042_person_notices;
mod m0043_email_proof;
mod m0044_private_fields;
mod m0045_access_ends;
mod m0046_operator_place;
mod m0047_change_counter;
mod m0048_email_entered;
mod m0049_suite;
mod m0050_installations;
mod m0051_suite_apps;
mod m0052_external_contacts;
mod m0053_groups;
mod m0054_name_proof;
mod m0055_corp_moves;
mod m0056_service_provider;
mod m0057_sync_settled;
mod m0058_narrow_people;
mod m0060_name_proof_member;
mod m0061_company_branding;
mod m0062_last_sign_in;
mod m0063_moves_told;
mod m0067_session_place;
mod m0069_told_changes;
mod narrow_table;
mod table;

/// Applies what is missing, in order.
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m0001_directory::Migration),
            Box::new(m0002_portals::Migration),
            Box::new(m0003_records::Migration),
            Box::new(m0004_callbacks::Migration),
            Box::new(m0005_terms::Migration),
            Box::new(m0006_initial_access::Migration),
            Box::new(m0007_keys::Migration),
            Box::new(m0008_claims::Migration),
            Box::new(m0009_consent::Migration),
            Box::new(m0010_password::Migration),
            Box::new(m0011_farewell::Migration),
            Box::new(m0012_email::Migration),
            Box::new(m0013_credential_notice::Migration),
            Box::new(m0014_offboarding::Migration),
            Box::new(m0015_pending_look::Migration),
            Box::new(m0016_notices::Migration),
            Box::new(m0017_identity::Migration),
            Box::new(m0018_membership_grace::Migration),
            Box::new(m0019_journal::Migration),
            Box::new(m0020_planning::Migration),
            Box::new(m0021_importing::Migration),
            Box::new(m0022_provenance::Migration),
            Box::new(m0023_app_readings::Migration),
            Box::new(m0024_access_until::Migration),
            Box::new(m0025_verification_file::Migration),
            Box::new(m0026_probe::Migration),
            Box::new(m0027_trace::Migration),
            Box::new(m0028_read_by::Migration),
            Box::new(m0029_members_confirmed_at::Migration),
            Box::new(m0030_idempotency_key::Migration),
            Box::new(m0031_token_scopes::Migration),
            Box::new(m0032_audit_about::Migration),
            Box::new(m0033_sync_proof::Migration),
            Box::new(m0034_operators::Migration),
            Box::new(m0035_overview::Migration),
            Box::new(m0036_passkey::Migration),
            Box::new(m0037_search::Migration),
            Box::new(m0038_notice::Migration),
            Box::new(m0039_access_requests::Migration),
            Box::new(m0040_card_event::Migration),
            Box::new(m0041_card_sender::Migration),
            Box::new(m0042_person_notices::Migration),
            Box::new(m0043_email_proof::Migration),
            Box::new(m0044_private_fields::Migration),
            Box::new(m0045_access_ends::Migration),
            Box::new(m0046_operator_place::Migration),
            Box::new(m0047_change_counter::Migration),
            Box::new(m0048_email_entered::Migration),
            Box::new(m0049_suite::Migration),
            Box::new(m0050_installations::Migration),
            Box::new(m0051_suite_apps::Migration),
            Box::new(m0052_external_contacts::Migration),
            Box::new(m0053_groups::Migration),
            Box::new(m0054_name_proof::Migration),
            Box::new(m0055_corp_moves::Migration),
            Box::new(m0056_service_provider::Migration),
            Box::new(m0057_sync_settled::Migration),
            Box::new(m0058_narrow_people::Migration),
            Box::new(m0060_name_proof_member::Migration),
            Box::new(m0061_company_branding::Migration),
            Box::new(m0062_last_sign_in::Migration),
            Box::new(m0063_moves_told::Migration),
            Box::new(m0067_session_place::Migration),
            Box::new(m0069_told_changes::Migration),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::{Migrator, MigratorTrait as _};

    #[test]
    fn every_migration_runs_once_and_in_the_order_of_its_number() {
        let names: Vec<String> = Migrator::migrations().iter().map(|one| one.name().to_owned()).collect();
        let mut ordered = names.clone();
        ordered.sort();
        ordered.dedup();
        assert_eq!(names, ordered);
    }
}
