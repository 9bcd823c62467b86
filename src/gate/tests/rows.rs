//! Rows of which a test chooses little.

use entity::{client, data_source, json::Strings, user_group, user_group_user, wecom_app};
use sea_orm::{IntoActiveModel, Set};
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
        suite: None,
        created_at: 1,
        updated_at: 1,
    }
}

/// `rules`: allowed departments and users.
pub fn client_row(id: Uuid, number: u64, auth_sources: Option<Strings>, rules: (Strings, Strings)) -> client::Model {
    let (departments, people) = rules;
    // Some name groups, alone or beside the rest.
    let named = (0..GROUPS)
        .filter(|group| number % 5 > 2 && (number + group).is_multiple_of(2))
        .map(group);
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
        allowed_groups: Strings(named.map(|group| group.to_string()).collect()),
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
        corp_key: corp_id.to_owned(),
        suite: None,
        contacts_secret_sealed: None,
        customer_secret_sealed: None,
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

/// How many groups there are.
const GROUPS: u64 = 3;

fn group(number: u64) -> Uuid {
    Uuid::from_u128(0x0190_6666_0000_7000_8000_0000_0000_0000 | u128::from(number))
}

pub fn group_rows() -> Vec<user_group::ActiveModel> {
    let row = |number: u64| user_group::ActiveModel {
        id: Set(group(number)),
        name: Set(format!("group {number}")),
        name_key: Set(format!("group {number}")),
        description: Set(String::new()),
        created_at: Set(1),
        updated_at: Set(1),
    };
    (0..GROUPS).map(row).collect()
}

/// Who of these users is in which group: some in none, some in several.
pub fn grouped(users: &[Uuid]) -> Vec<user_group_user::ActiveModel> {
    let numbered = users.iter().zip(0_u64..);
    let within = numbered.flat_map(|(user, place)| {
        let theirs = (0..GROUPS).filter(move |number| (place + number) % 5 < 2);
        theirs.map(|number| user_group_user::ActiveModel {
            group_id: Set(group(number)),
            user_id: Set(*user),
            added_at: Set(1),
        })
    });
    within.collect()
}

/// The path of a department, each of which lies below a third of its number.
pub fn path_of(mut wecom_id: i64) -> String {
    let mut path = vec![wecom_id];
    while wecom_id > 1 {
        wecom_id = (wecom_id / 3).max(1);
        path.push(wecom_id);
    }
    let path: Vec<String> = path.iter().rev().map(i64::to_string).collect();
    format!("/{}/", path.join("/"))
}
