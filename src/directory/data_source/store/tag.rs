//! The entity tag of a data source.

use entity::{data_source, wecom_app};

use crate::{
    crypto::digest::entity_tag,
    directory::{store::Change, wecom_app::store as app_store},
    kernel::{
        entity_tag::{EntityTag, IfMatch},
        failure::Result,
    },
};

/// The entity tag of a data source: it changes with whatever can be edited, its secrets included, and with nothing else.
pub(in crate::directory) fn tag_of(row: &data_source::Model, app: Option<&wecom_app::Model>) -> EntityTag {
    // Every column is named, so that a new one cannot be forgotten.
    let data_source::Model {
        id: _,
        name,
        description,
        corp_id,
        suite: _,
        corp_key: _,
        contacts_secret_sealed,
        customer_secret_sealed,
        app_id,
        auto_sync_hours,
        read_by,
        duplicate_rule,
        doubtful_identity,
        import_mode,
        match_by,
        username_template,
        login_password,
        login_wecom,
        removal_threshold_percent,
        guard,
        email_sources,
        vouched_email_domains,
        access_requests,
        approvers,
        enabled,
        disabled_reason: _,
        next_sync_at: _,
        last_synced_at: _,
        members_confirmed_at: _,
        sync_fence: _,
        undone_run: _,
        created_at: _,
        updated_at: _,
    } = row;
    let texts = (
        name,
        description,
        corp_id,
        contacts_secret_sealed,
        customer_secret_sealed,
    );
    let app = (app_id, app.map(|app| &app.secret_sealed));
    let rules = (auto_sync_hours, read_by, duplicate_rule, doubtful_identity, guard);
    let importing = (
        import_mode,
        match_by,
        username_template,
        email_sources,
        vouched_email_domains,
    );
    let switches = (login_password, login_wecom, removal_threshold_percent, enabled);
    let asking = (access_requests, approvers);
    entity_tag(&(texts, app, rules, importing, switches, asking))
}

/// Compares a data source, whose row is locked, with what is demanded of it.
pub(super) async fn judge(change: &Change, row: &data_source::Model, if_match: &IfMatch) -> Result<()> {
    if !if_match.is_present() {
        return Ok(());
    }
    let app = app_store::locked(change, row.app_id).await?;
    if_match.judge(&tag_of(row, app.as_ref()))
}
