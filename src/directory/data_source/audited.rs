//! A data source as the audit log keeps it: what an admin decides about it, by the names of the API. Pure.

use serde_json::{Value, json};

use super::model::{DataSource, LoginMethod};
use crate::directory::wecom_app::model::WeComApp;

/// A data source with its integration app.
pub(super) fn shown(source: &DataSource, app: Option<&WeComApp>) -> Value {
    let settings = &source.settings;
    let methods = [
        (LoginMethod::Password, settings.login_password),
        (LoginMethod::WecomQr, settings.login_wecom),
    ];
    let methods: Vec<LoginMethod> = methods
        .into_iter()
        .filter(|method| method.1)
        .map(|method| method.0)
        .collect();
    json!({
        "id": source.id,
        "name": settings.name,
        "description": settings.description,
        "corp_id": settings.corp_id,
        "contacts_secret_set": source.contacts_secret_set,
        "customer_secret_set": source.customer_secret_set,
        "app": app.map(|app| json!({ "id": app.id, "agent_id": app.agent_id })),
        "auto_sync_hours": settings.auto_sync_hours,
        "read_by": settings.read_by,
        "duplicate_rule": settings.duplicate_rule,
        "doubtful_identity": settings.doubtful_identity,
        "import": settings.import.mode,
        "match_by": settings.import.match_by,
        "username_template": settings.import.username_template,
        "login_methods": methods,
        "removal_threshold_percent": settings.removal_threshold_percent,
        "guard": settings.guard,
        "enabled": settings.enabled,
        "disabled_reason": source.disabled_reason,
        "email_sources": settings.email.sources,
        "vouched_email_domains": settings.email.vouched_domains,
        "access_requests": settings.access_requests,
        "approvers": settings.approvers,
    })
}
