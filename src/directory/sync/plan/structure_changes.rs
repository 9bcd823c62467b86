//! The rows a plan would write into the journal about departments, tags and the visible scope.

use std::collections::HashMap;

use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    model::{Plan, RowOutcome},
    structure_model::{DepartmentChange, TagContentChange},
};
use crate::directory::sync::{
    journal::{Change, Changes, Entry, Image, SCOPE, Subject, TAGGED_DEPARTMENTS, TAGGED_USERS, diff},
    mirror::{AppRow, DepartmentRow, Mirror, TagRow},
    snapshot::ScopeLine,
};

fn structure(subject: Subject, (id, wecom_id): (Option<Uuid>, i64), outcome: RowOutcome, changes: Changes) -> Entry {
    Entry {
        subject,
        subject_id: id,
        user_id: None,
        userid: wecom_id.to_string(),
        outcome,
        reason: String::new(),
        changes,
    }
}

/// Departments that the plan writes and deletes.
pub(super) fn departments(plan: &Plan, mirror: &Mirror) -> Vec<Entry> {
    let held: HashMap<i64, &DepartmentRow> = mirror.departments.iter().map(|row| (row.wecom_id, row)).collect();
    let image = |wecom_id: i64, parent: i64, name: &str, sort_order: i64, path: &str| {
        Image::from([
            ("department.wecom_id", json!(wecom_id)),
            ("department.parent_wecom_id", json!(parent)),
            ("department.name", json!(name)),
            ("department.sort_order", json!(sort_order)),
            ("department.path", json!(path)),
        ])
    };
    let of_row = |row: &DepartmentRow| image(row.wecom_id, row.parent_wecom_id, &row.name, row.sort_order, &row.path);
    let written = plan.departments.upserts.iter().map(|new: &DepartmentChange| {
        let row = held.get(&new.wecom_id).copied();
        let before = row.map(of_row);
        let after = image(new.wecom_id, new.parent_wecom_id, &new.name, new.sort_order, &new.path);
        let outcome = RowOutcome::of_images(before.as_ref(), Some(&after));
        let changes = diff(before.as_ref(), Some(&after));
        structure(
            Subject::Department,
            (row.map(|row| row.id), new.wecom_id),
            outcome,
            changes,
        )
    });
    let gone = mirror
        .departments
        .iter()
        .filter(|row| plan.departments.deletes.contains(&row.id));
    let gone = gone.map(|row| {
        let changes = diff(Some(&of_row(row)), None);
        structure(
            Subject::Department,
            (Some(row.id), row.wecom_id),
            RowOutcome::Deleted,
            changes,
        )
    });
    written.chain(gone).collect()
}

/// Tags, and who and what bears them.
pub(super) fn tags(plan: &Plan, mirror: &Mirror) -> Vec<Entry> {
    let held: HashMap<i64, &TagRow> = mirror.tags.iter().map(|row| (row.wecom_id, row)).collect();
    let image = |wecom_id: i64, name: &str| Image::from([("tag.wecom_id", json!(wecom_id)), ("tag.name", json!(name))]);
    let written = plan.tags.upserts.iter().map(|(wecom_id, name)| {
        let row = held.get(wecom_id).copied();
        let before = row.map(|row| image(row.wecom_id, &row.name));
        let after = image(*wecom_id, name);
        let outcome = RowOutcome::of_images(before.as_ref(), Some(&after));
        let changes = diff(before.as_ref(), Some(&after));
        structure(Subject::Tag, (row.map(|row| row.id), *wecom_id), outcome, changes)
    });
    let gone = mirror.tags.iter().filter(|row| plan.tags.deletes.contains(&row.id));
    let gone = gone.map(|row| {
        let mut changes = diff(Some(&image(row.wecom_id, &row.name)), None);
        changes.extend(contents(
            (json!(row.users), json!([])),
            (json!(row.departments), json!([])),
        ));
        structure(Subject::Tag, (Some(row.id), row.wecom_id), RowOutcome::Deleted, changes)
    });
    let contents = plan.tags.contents.iter().map(|new: &TagContentChange| {
        let users = (json!(new.remove_users), json!(new.add_users));
        let departments = (json!(new.remove_departments), json!(new.add_departments));
        let id = held.get(&new.wecom_id).map(|row| row.id);
        structure(
            Subject::Tag,
            (id, new.wecom_id),
            RowOutcome::Updated,
            contents(users, departments),
        )
    });
    written.chain(gone).chain(contents).collect()
}

fn contents(users: (Value, Value), departments: (Value, Value)) -> Changes {
    [(TAGGED_USERS, users), (TAGGED_DEPARTMENTS, departments)]
        .into_iter()
        .filter(|(_, (from, to))| from != to)
        .map(|(name, (from, to))| (name.to_owned(), Change::new(from, to)))
        .collect()
}

/// The visible scope of the integration app, where it changes.
pub(super) fn scope(plan: &Plan, app: &AppRow) -> Option<Entry> {
    let new = plan
        .app
        .as_ref()
        .filter(|new| !(new.add.is_empty() && new.remove.is_empty()))?;
    let lines = |lines: &[ScopeLine]| json!(lines.iter().map(ScopeLine::text).collect::<Vec<_>>());
    let changes = Changes::from([(SCOPE.to_owned(), Change::new(lines(&new.remove), lines(&new.add)))]);
    Some(Entry {
        subject: Subject::App,
        subject_id: Some(app.id),
        user_id: None,
        userid: String::new(),
        outcome: RowOutcome::Updated,
        reason: String::new(),
        changes,
    })
}
