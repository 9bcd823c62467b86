//! What is checked of what is entered of a data source. Pure.

use uuid::Uuid;

use super::{
    guard::Guard,
    model::{DoubtfulIdentity, DuplicateRule, ReadBy, Settings},
};
use crate::{
    directory::{
        corp_id::check_corp_id,
        email::model::{EmailSettings, check_sources},
        importing::rules::ImportRules,
        wecom_app::{self, model::AppInput},
    },
    kernel::{secret::Secret, validation::ValidationErrors},
};

/// Hours of automatic sync that can be chosen.
const INTERVALS: [i32; 3] = [4, 12, 24];

/// Most approvers of a data source.
const MOST_APPROVERS: usize = 50;

/// Settings without a fault, so that checking a change finds only the faults of what was entered.
pub(super) fn acceptable() -> Settings {
    Settings {
        name: "x".to_owned(),
        description: String::new(),
        corp_id: "ww".to_owned(),
        auto_sync_hours: None,
        read_by: ReadBy::Lists,
        duplicate_rule: DuplicateRule::Skip,
        doubtful_identity: DoubtfulIdentity::Wait,
        import: ImportRules::default(),
        login_password: true,
        login_wecom: true,
        removal_threshold_percent: 20,
        guard: Guard::default(),
        enabled: true,
        email: EmailSettings::default(),
        access_requests: false,
        approvers: Vec::new(),
    }
}

pub(super) fn check_settings(faults: &mut ValidationErrors, settings: &Settings) {
    faults.line("name", &settings.name, 200);
    faults.paragraph("description", &settings.description, 2000);
    check_corp_id(faults, &settings.corp_id);
    check_sources(faults, &settings.email.sources);
    settings.import.check(faults);
    faults.check(
        settings.auto_sync_hours.is_none_or(|hours| INTERVALS.contains(&hours)),
        "auto_sync_hours",
        "must be 4, 12, 24 or null",
    );
    let percent = i64::from(settings.removal_threshold_percent);
    faults.within("removal_threshold_percent", percent, 1, 100);
    settings.guard.check(faults);
    check_approvers(faults, &settings.approvers);
}

fn check_approvers(faults: &mut ValidationErrors, approvers: &[Uuid]) {
    let fits = approvers.len() <= MOST_APPROVERS;
    faults.check(fits, "approvers", format_args!("takes up to {MOST_APPROVERS} ids"));
    let mut sorted = approvers.to_vec();
    sorted.sort_unstable();
    sorted.dedup();
    faults.check(sorted.len() == approvers.len(), "approvers", "names one user twice");
}

pub(super) fn check_secret(faults: &mut ValidationErrors, name: &str, secret: Option<&Secret<String>>) {
    if let Some(secret) = secret {
        faults.secret(name, secret.expose(), 1);
    }
}

pub(super) fn check_app(faults: &mut ValidationErrors, input: &AppInput) {
    wecom_app::check(
        faults,
        ("app.agent_id", input.agent_id),
        ("app.secret", input.secret.as_ref()),
    );
}
