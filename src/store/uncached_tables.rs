//! Tables of which nothing is ever cached: a change of theirs need not be counted. A table that is not named here counts, so one that is
//! forgotten costs a few reads and nothing else.

/// What only tells, queues or keeps books, and credentials. None is read for a gate's facts, a client, a person, a session, a grant or a refresh token.
const UNCACHED: &[&str] = &[
    "api_token",
    "audit_event",
    "callback_endpoint",
    "callback_failure",
    "card_event",
    "card_settlement",
    "client_logo",
    "consent",
    "corp_move",
    "corp_move_pair",
    "credential_notice",
    "external_contact_count",
    "external_contact_event",
    "failure_trace",
    "idempotency_key",
    "last_sign_in",
    "logout_delivery",
    "name_proof",
    "notice",
    "notice_delivery",
    "one_time_link",
    "passkey",
    "pending_look",
    "probe",
    "recovery_code",
    "suite_installation",
    "suite_invitation",
    "suite_push",
    "suite_refusal",
    "sync_input_change",
    "sync_member_change",
    "sync_proof",
    "sync_row",
    "sync_run",
    "sync_settled",
    "totp",
    "wecom_app_notice",
    "wecom_suite",
];

/// Whether a statement that changes rows has to be counted.
pub(super) fn counts(sql: &str) -> bool {
    let mut words = sql.split_ascii_whitespace();
    let table = match words.next().unwrap_or_default() {
        "INSERT" | "DELETE" => words.nth(1),
        "UPDATE" => words.next(),
        _ => None,
    };
    let table = table.map(|table| table.split('(').next().unwrap_or_default().trim_matches('"'));
    table.is_none_or(|table| !UNCACHED.contains(&table))
}

#[cfg(test)]
mod tests {
    use entity::{
        api_token, audit_event, callback_endpoint, callback_failure, card_event, card_settlement, client_logo, consent,
        corp_move, corp_move_pair, credential_notice, external_contact_count, external_contact_event, failure_trace,
        idempotency_key, last_sign_in, logout_delivery, name_proof, notice, notice_delivery, one_time_link, passkey,
        pending_look, probe, recovery_code, suite_installation, suite_invitation, suite_push, suite_refusal,
        sync_input_change, sync_member_change, sync_proof, sync_row, sync_run, sync_settled, totp, wecom_app_notice,
        wecom_suite,
    };
    use sea_orm::EntityName;

    use super::{UNCACHED, counts};

    #[test]
    fn the_names_are_those_of_tables() {
        let tables = [
            api_token::Entity.table_name(),
            audit_event::Entity.table_name(),
            callback_endpoint::Entity.table_name(),
            callback_failure::Entity.table_name(),
            card_event::Entity.table_name(),
            card_settlement::Entity.table_name(),
            client_logo::Entity.table_name(),
            consent::Entity.table_name(),
            corp_move::Entity.table_name(),
            corp_move_pair::Entity.table_name(),
            credential_notice::Entity.table_name(),
            external_contact_count::Entity.table_name(),
            external_contact_event::Entity.table_name(),
            failure_trace::Entity.table_name(),
            idempotency_key::Entity.table_name(),
            last_sign_in::Entity.table_name(),
            logout_delivery::Entity.table_name(),
            name_proof::Entity.table_name(),
            notice::Entity.table_name(),
            notice_delivery::Entity.table_name(),
            one_time_link::Entity.table_name(),
            passkey::Entity.table_name(),
            pending_look::Entity.table_name(),
            probe::Entity.table_name(),
            recovery_code::Entity.table_name(),
            suite_installation::Entity.table_name(),
            suite_invitation::Entity.table_name(),
            suite_push::Entity.table_name(),
            suite_refusal::Entity.table_name(),
            sync_input_change::Entity.table_name(),
            sync_member_change::Entity.table_name(),
            sync_proof::Entity.table_name(),
            sync_row::Entity.table_name(),
            sync_run::Entity.table_name(),
            sync_settled::Entity.table_name(),
            totp::Entity.table_name(),
            wecom_app_notice::Entity.table_name(),
            wecom_suite::Entity.table_name(),
        ];
        assert_eq!(UNCACHED, tables);
    }

    #[test]
    fn what_is_never_cached_is_not_counted_and_whatever_is_not_understood_is() {
        for quiet in [
            r#"INSERT INTO "audit_event" ("id") VALUES ($1)"#,
            r#"UPDATE "logout_delivery" SET "state" = $1"#,
            "DELETE FROM pending_look WHERE id = $1",
            "INSERT INTO sync_run(id) VALUES (1)",
        ] {
            assert!(!counts(quiet), "{quiet}");
        }
        for counted in [
            r#"UPDATE "users" SET "status" = $1"#,
            r#"INSERT INTO "session" ("id") VALUES ($1)"#,
            "WITH x AS (SELECT 1) DELETE FROM audit_event",
            "update audit_event set x = 1",
            "ALTER TABLE audit_event ADD x integer",
            "",
        ] {
            assert!(counts(counted), "{counted}");
        }
    }
}
