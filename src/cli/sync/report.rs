//! A run and its rows as text for a terminal. Names come from WeCom: nothing in them may steer the terminal.

use serde_json::Value;

use crate::kernel::validation::is_invisible;

/// Counts that are told, in this order.
const COUNTS: [&str; 16] = [
    "fetched",
    "created",
    "updated",
    "unchanged",
    "returned",
    "readmitted",
    "departed",
    "outside",
    "doubtful",
    "overwrites",
    "skipped",
    "conflicts",
    "malformed",
    "departments",
    "tags",
    "undone",
];
/// Widest column of userids.
const WIDEST: usize = 32;

/// How the run ended: state, counts, findings.
pub fn summary(run: &Value) -> Vec<String> {
    let mut lines = vec![format!("Run {}: {}", text(run, "id"), text(run, "state"))];
    let counts = COUNTS.into_iter().filter_map(|name| {
        let count = run.get("counts")?.get(name)?.as_u64()?;
        (count > 0).then(|| format!("{name} {count}"))
    });
    let counts: Vec<String> = counts.collect();
    lines.push(if counts.is_empty() {
        "nothing".to_owned()
    } else {
        counts.join(", ")
    });
    let number = |field: &str| run.get(field).and_then(Value::as_u64);
    if let (Some(calls), Some(millis)) = (number("calls"), number("duration_ms")) {
        lines.push(format!(
            "{calls} requests to WeCom in {}.{:03} s",
            millis / 1000,
            millis % 1000
        ));
    }
    if !text(run, "failure_number").is_empty() {
        lines.push(format!(
            "{} {}",
            text(run, "failure_number"),
            text(run, "failure_detail")
        ));
    }
    for finding in findings(run) {
        lines.push(format!("{} {}", text(finding, "number"), text(finding, "title")));
        let more = ["detail", "remedy"].map(|field| text(finding, field));
        lines.extend(
            more.into_iter()
                .filter(|line| !line.is_empty())
                .map(|line| format!("  {line}")),
        );
    }
    lines.iter().map(|line| printable(line)).collect()
}

/// A field of an object; empty where it is no text.
pub fn text<'a>(object: &'a Value, field: &str) -> &'a str {
    object.get(field).and_then(Value::as_str).unwrap_or_default()
}

/// The findings of a run.
pub fn findings(run: &Value) -> impl Iterator<Item = &Value> {
    run.get("findings").and_then(Value::as_array).into_iter().flatten()
}

/// Rows as a table: outcome, what it is about, what changes or why.
pub fn table(rows: &[Value]) -> Vec<String> {
    let about = |row: &Value| match text(row, "subject") {
        "member" | "" => text(row, "userid").to_owned(),
        subject => format!("{subject} {}", text(row, "userid")),
    };
    let cells: Vec<[String; 3]> = rows
        .iter()
        .map(|row| [text(row, "outcome").to_owned(), about(row), what(row)].map(|cell| printable(&cell)))
        .collect();
    let widest = |column: usize| {
        let widths = cells
            .iter()
            .filter_map(|row| row.get(column))
            .map(|cell| cell.chars().count());
        widths.max().unwrap_or(0).min(WIDEST)
    };
    let (first, second) = (widest(0), widest(1));
    cells
        .iter()
        .map(|[outcome, about, what]| {
            format!("{outcome:<first$}  {about:<second$}  {what}")
                .trim_end()
                .to_owned()
        })
        .collect()
}

fn what(row: &Value) -> String {
    let changes = row.get("changes").and_then(Value::as_object);
    let told = changes.into_iter().flatten().map(|(name, change)| {
        let side = |side| change.get(side).map(value).unwrap_or_default();
        format!("{name}: {} -> {}", side("from"), side("to"))
    });
    let mut told: Vec<String> = told.collect();
    let reasons = ["reason", "undone"].map(|field| text(row, field));
    told.extend(
        reasons
            .into_iter()
            .filter(|reason| !reason.is_empty())
            .map(str::to_owned),
    );
    told.join("; ")
}

fn value(value: &Value) -> String {
    match value {
        Value::Null => "(nothing)".to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// A text without characters that steer a terminal or hide in it; line breaks of ours stay.
pub fn printable(text: &str) -> String {
    let tame = |letter: char| match letter {
        '\n' => letter,
        letter if letter.is_control() || is_invisible(letter) => '?',
        letter => letter,
    };
    text.chars().map(tame).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{summary, table};

    #[test]
    fn a_run_is_told_with_its_counts_and_what_to_do() {
        let run = json!({
            "id": "r", "state": "planned", "calls": 9, "duration_ms": 1250,
            "counts": { "phase": "finished", "created": 2, "updated": 0, "departed": 12 },
            "findings": [{ "number": "SY-147", "title": "Too many.", "detail": "12 of 40", "remedy": "Look." }],
        });
        assert_eq!(
            summary(&run),
            [
                "Run r: planned",
                "created 2, departed 12",
                "9 requests to WeCom in 1.250 s",
                "SY-147 Too many.",
                "  12 of 40",
                "  Look."
            ]
        );
    }

    #[test]
    fn rows_stand_in_columns_and_cannot_steer_the_terminal() {
        let rows = [
            json!({ "subject": "member", "userid": "lihua", "outcome": "updated", "reason": "",
                    "changes": { "member.name": { "from": null, "to": "A\u{1b}[2J\u{202e}" } } }),
            json!({ "subject": "department", "userid": "7", "outcome": "created", "reason": "new", "changes": null }),
        ];
        assert_eq!(
            table(&rows),
            [
                "updated  lihua         member.name: (nothing) -> A?[2J?",
                "created  department 7  new"
            ]
        );
    }
}
