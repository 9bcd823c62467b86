//! The progress of a run on a terminal: one line that is written over; where nobody looks at a terminal, one line per phase.

use std::io::{IsTerminal, Write};

use serde_json::Value;

/// Characters of the bar.
const WIDTH: usize = 30;

/// What is shown.
#[derive(Default)]
pub struct Progress {
    shown: String,
}

impl Progress {
    /// Shows how far a run has come.
    pub fn show(&mut self, run: &Value) {
        let mut stream = std::io::stderr();
        if stream.is_terminal() {
            // Back to the beginning of the line, and erase what is left of the one before.
            drop(write!(stream, "\r{}\u{1b}[K", line(run)));
            drop(stream.flush());
            self.shown = "\n".to_owned();
            return;
        }
        let phase = phase(run).to_owned();
        if phase != self.shown {
            drop(writeln!(stream, "{phase} …"));
            self.shown = phase;
        }
    }

    /// Leaves the line.
    pub fn end(&mut self) {
        if self.shown == "\n" {
            drop(writeln!(std::io::stderr()));
        }
        self.shown.clear();
    }
}

fn phase(run: &Value) -> &str {
    let phase = run.pointer("/counts/phase").and_then(Value::as_str);
    phase.unwrap_or("queued")
}

fn count(run: &Value, name: &str) -> u64 {
    let count = run.get("counts").and_then(|counts| counts.get(name));
    count.and_then(Value::as_u64).unwrap_or(0)
}

fn line(run: &Value) -> String {
    let (done, todo) = (count(run, "done"), count(run, "todo"));
    let share = done.saturating_mul(100).checked_div(todo).unwrap_or(0).min(100);
    let full = usize::try_from(share).unwrap_or(0) * WIDTH / 100;
    let bar = format!("{}{}", "#".repeat(full), "-".repeat(WIDTH - full));
    let what = match phase(run) {
        "fetching" => format!("reading lists, {} members by now", count(run, "fetched")),
        "applying" => "writing".to_owned(),
        other => other.to_owned(),
    };
    format!("[{bar}] {share:>3} %  {done}/{todo}  {what}")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::line;

    #[test]
    fn the_bar_fills() {
        let at = |done, todo| line(&json!({ "counts": { "phase": "applying", "done": done, "todo": todo } }));
        assert!(
            at(0, 0).starts_with("[------------------------------]   0 %  0/0"),
            "{}",
            at(0, 0)
        );
        assert!(
            at(5, 10).starts_with("[###############---------------]  50 %  5/10  writing"),
            "{}",
            at(5, 10)
        );
        assert!(
            at(12, 10).starts_with("[##############################] 100 %"),
            "{}",
            at(12, 10)
        );
        let reading = line(&json!({ "counts": { "phase": "fetching", "fetched": 7 } }));
        assert!(reading.ends_with("reading lists, 7 members by now"), "{reading}");
    }
}
