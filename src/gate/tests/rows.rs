//! Rows of which a test chooses little.

use entity::{client, data_source, json::Strings, wecom_app};
use sea_orm::IntoActiveModel;
use serde_json::json;
use uuid::Uuid;

pub fn app_row(id: Uuid, corp_id: &str, agent_id: i64, read: bool) -> wecom_app::Model {
    wecom_app::Model {
        id,
        corp_id: corp_id.to_owned(),
        agent_id,
        name: String::new(),
        secret_sealed: String::new(),
        closed: false,
        redirect_domain: None,
        scope_fetched_at: (read || agent_id == 2).then_some(1),
        read_at: None,
        next_read_at: None,
        read_failure: None,
        read_failure_detail: None,
        read_failing_since: None,
        scope_waits_since: None,
        scope_members: None,
        scope_outside: None,
        scope_outside_lines: None,
        created_at: 1,
        updated_at: 1,
    }
}

/// `rules`: allowed departments and users.
pub fn client_row(id: Uuid, number: u64, auth_sources: Option<Strings>, rules: (Strings, Strings)) -> client::Model {
    let (departments, people) = rules;
    client::Model {
        id,
        client_id: format!("portal{number}"),
        name: String::new(),
        auth_method: "none".to_owned(),
        secret_digest: None,
        secret_sealed: None,
        metadata: json!({}),
        redirect_uris: Strings::default(),
        post_logout_redirect_uris: Strings::default(),
        scopes: Strings::default(),
        require_pkce: true,
        id_token_alg: "RS256".to_owned(),
        auth_sources,
        allowed_departments: departments,
        allowed_users: people,
        membership_max_age: 3600,
        membership_grace: 86_400,
        access_token_lifetime: 1,
        id_token_lifetime: 1,
        refresh_token_lifetime: 1,
        enabled: number != 7,
        created_at: 1,
        updated_at: 1,
    }
}

pub fn data_source_row(id: Uuid, corp_id: &str, app: Uuid, number: usize) -> data_source::ActiveModel {
    let row = data_source::Model {
        id,
        name: corp_id.to_owned(),
        description: String::new(),
        corp_id: corp_id.to_owned(),
        contacts_secret_sealed: None,
        app_id: Some(app),
        auto_sync_hours: None,
        duplicate_rule: "overwrite".to_owned(),
        doubtful_identity: if number == 0 { "wait" } else { "continue" }.to_owned(),
        import_mode: "all".to_owned(),
        match_by: Strings::default(),
        username_template: String::new(),
        login_password: number == 0,
        login_wecom: true,
        removal_threshold_percent: 20,
        guard: json!({}),
        email_sources: Strings::default(),
        vouched_email_domains: json!({}),
        access_requests: false,
        approvers: Strings::default(),
        enabled: true,
        disabled_reason: None,
        next_sync_at: None,
        last_synced_at: None,
        sync_fence: None,
        undone_run: None,
        members_confirmed_at: None,
        read_by: "lists".to_owned(),
        created_at: 1,
        updated_at: 1,
    };
    row.into_active_model()
}
