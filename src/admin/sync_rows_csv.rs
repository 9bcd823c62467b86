//! The rows of a sync run as comma-separated values, one line per row. Pure.

use serde_json::Value;

use super::csv::line;
use crate::directory::sync_runs::RowView;

const HEAD: [&str; 8] = [
    "row", "subject", "userid", "outcome", "reason", "changes", "user_id", "undone",
];

/// The line that names the columns.
pub fn head() -> String {
    line(HEAD.map(str::to_owned))
}

/// The line of a row.
pub fn row(row: &RowView) -> String {
    line([
        row.id.to_string(),
        row.subject.clone(),
        row.userid.clone(),
        row.outcome.clone(),
        row.reason.clone(),
        row.changes.as_ref().map(told).unwrap_or_default(),
        row.user_id.map(|id| id.to_string()).unwrap_or_default(),
        row.undone.clone().unwrap_or_default(),
    ])
}

/// `member.name: 李华 → 李花`, one after the other.
fn told(changes: &Value) -> String {
    let Some(changes) = changes.as_object() else {
        return String::new();
    };
    let told = changes.iter().map(|(name, change)| {
        let value = |side| change.get(side).map(text).unwrap_or_default();
        format!("{name}: {} → {}", value("from"), value("to"))
    });
    told.collect::<Vec<String>>().join("; ")
}

fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_row_is_one_line_with_its_changes_and_without_formulas() {
        let shown = RowView {
            id: Uuid::nil(),
            subject: "member".to_owned(),
            subject_id: None,
            user_id: None,
            userid: "=cmd|x".to_owned(),
            outcome: "updated".to_owned(),
            reason: "a, b".to_owned(),
            changes: Some(
                json!({ "member.name": { "from": "A", "to": "B" }, "member.status": { "from": null, "to": 1 } }),
            ),
            undone: None,
        };
        assert_eq!(
            row(&shown),
            format!(
                "{},member,'=cmd|x,updated,\"a, b\",member.name: A → B; member.status:  → 1,,\r\n",
                Uuid::nil()
            )
        );
        assert_eq!(
            head().split(',').count(),
            row(&RowView {
                reason: String::new(),
                ..shown
            })
            .split(',')
            .count()
        );
    }
}
