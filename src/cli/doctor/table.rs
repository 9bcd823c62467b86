//! The doctor's report as text for a terminal: a line for each check, and below the table what is wrong.

use serde_json::Value;

use crate::cli::sync::report::{printable, text};

/// Items of an array of an object.
fn items<'a>(object: &'a Value, field: &str) -> impl Iterator<Item = &'a Value> + use<'a> {
    object.get(field).and_then(Value::as_array).into_iter().flatten()
}

/// The lines.
pub fn lines(report: &Value) -> Vec<String> {
    let rows: Vec<&Value> = items(report, "checks").collect();
    let width = |field: &str| rows.iter().map(|row| text(row, field).len()).max().unwrap_or_default();
    let (first, second) = (width("check"), width("state"));
    let line = |row: &&Value| {
        let (check, state, seen) = (text(row, "check"), text(row, "state"), text(row, "seen"));
        format!("{check:<first$}  {state:<second$}  {seen}")
            .trim_end()
            .to_owned()
    };
    let mut lines: Vec<String> = rows.iter().map(line).collect();
    let findings: Vec<&Value> = rows.iter().flat_map(|row| items(row, "findings")).collect();
    for finding in &findings {
        lines.push(String::new());
        lines.extend(told(finding));
    }
    lines.push(String::new());
    lines.push(sum(report, &findings));
    lines.iter().map(|line| printable(line)).collect()
}

fn told(finding: &Value) -> Vec<String> {
    let mut lines = vec![format!(
        "{} {}: {}",
        text(finding, "number"),
        text(finding, "severity"),
        text(finding, "title")
    )];
    for (word, field) in [
        ("seen", "seen"),
        ("where", "where"),
        ("what to do", "remedy"),
        ("more", "link"),
    ] {
        let value = text(finding, field);
        if !value.is_empty() {
            lines.push(format!("  {word}: {value}"));
        }
    }
    lines
}

fn sum(report: &Value, findings: &[&Value]) -> String {
    let by_server = report.get("by_server").and_then(Value::as_bool).unwrap_or(false);
    let of = |severity: &str| {
        findings
            .iter()
            .filter(|finding| text(finding, "severity") == severity)
            .count()
    };
    let looked = match by_server {
        true => "",
        false => " The checks that need a running server were left out.",
    };
    match findings.is_empty() {
        true => format!("Nothing is wrong.{looked}"),
        false => format!("Errors: {}, warnings: {}.{looked}", of("error"), of("warning")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::lines;

    #[test]
    fn checks_stand_in_columns_and_findings_below() {
        let report = json!({
            "severity": "error", "by_server": false,
            "checks": [
                { "check": "clock", "state": "error", "seen": "90 s ahead", "findings": [{
                    "number": "DR-130", "severity": "error", "title": "Off.", "seen": "90\u{1b}[2J s", "where": "NTP",
                    "remedy": "Set it.", "link": "docs/errors.md#dr-130",
                }] },
                { "check": "seal_key", "state": "ok", "seen": "there", "findings": [] },
            ],
        });
        assert_eq!(
            lines(&report),
            [
                "clock     error  90 s ahead",
                "seal_key  ok     there",
                "",
                "DR-130 error: Off.",
                "  seen: 90?[2J s",
                "  where: NTP",
                "  what to do: Set it.",
                "  more: docs/errors.md#dr-130",
                "",
                "Errors: 1, warnings: 0. The checks that need a running server were left out.",
            ]
        );
    }
}
