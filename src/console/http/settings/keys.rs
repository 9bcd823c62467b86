//! Signing keys: which sign, which come, which went, and when.

use actix_web::http::Method;
use askama::Template;
use serde::Deserialize;
use serde_json::json;

use crate::console::http::{
    form::{Form, see_other},
    frame::{Frame, Section},
    listing::Listing,
    moment::Moment,
    refused::Refused,
    visit::{Reply, Visit},
};

/// Width of a time line.
const WIDTH: i64 = 1000;

#[derive(Template)]
#[template(path = "console/settings/keys.html")]
struct KeysPage {
    frame: Frame,
    keys: Vec<Line>,
    /// Where now is on the time lines.
    now: i64,
}

#[derive(Template)]
#[template(path = "console/settings/keys_rotate.html")]
struct RotatePage {
    frame: Frame,
    keys: Vec<Line>,
}

#[derive(Deserialize)]
struct Key {
    kid: String,
    alg: String,
    state: String,
    created_at: i64,
    activates_at: i64,
    retires_at: Option<i64>,
    removed_at: Option<i64>,
}

struct Line {
    key: Key,
    created: Moment,
    activates: Moment,
    retires: Option<Moment>,
    removed: Option<Moment>,
    bar: Bar,
}

/// The time line of a key: published from `start`, signing from `signs` for `signing`, published until `end`.
#[derive(Debug, PartialEq, Eq)]
struct Bar {
    start: i64,
    length: i64,
    signs: i64,
    signing: i64,
}

/// A span of time that becomes [`WIDTH`].
#[derive(Clone, Copy)]
struct Scale {
    first: i64,
    last: i64,
}

impl Scale {
    fn of(keys: &[Key], now: i64) -> Self {
        let ends = keys.iter().filter_map(|key| key.removed_at.or(key.retires_at));
        let day = 86_400_000;
        Self {
            first: keys.iter().map(|key| key.created_at).min().unwrap_or(now).min(now),
            last: ends.max().unwrap_or(now).max(now) + 7 * day,
        }
    }

    fn at(self, moment: i64) -> i64 {
        let span = self.last.saturating_sub(self.first).max(1);
        (moment.saturating_sub(self.first).saturating_mul(WIDTH) / span).clamp(0, WIDTH)
    }

    fn bar(self, key: &Key) -> Bar {
        let (start, signs) = (self.at(key.created_at), self.at(key.activates_at));
        let end = key.removed_at.map_or(WIDTH, |at| self.at(at));
        let retires = key.retires_at.map_or(end, |at| self.at(at));
        Bar {
            start,
            length: (end - start).max(2),
            signs,
            signing: (retires - signs).max(2),
        }
    }
}

async fn lines(visit: &Visit) -> Result<(Vec<Line>, i64), Refused> {
    let keys: Listing<Key> = visit.get("keys").await?;
    let now = visit.operator.now.millis();
    let scale = Scale::of(&keys.items, now);
    let line = |key: Key| Line {
        created: visit.moment(key.created_at),
        activates: visit.moment(key.activates_at),
        retires: key.retires_at.map(|at| visit.moment(at)),
        removed: key.removed_at.map(|at| visit.moment(at)),
        bar: scale.bar(&key),
        key,
    };
    Ok((keys.items.into_iter().map(line).collect(), scale.at(now)))
}

pub(super) async fn list(visit: Visit) -> Reply {
    let (keys, now) = lines(&visit).await?;
    Ok(visit.page(&KeysPage {
        frame: visit.frame("console-keys-title", Some(Section::Settings)),
        keys,
        now,
    }))
}

pub(super) async fn before_rotate(visit: Visit) -> Reply {
    let (keys, _) = lines(&visit).await?;
    Ok(visit.page(&RotatePage {
        frame: visit.frame("console-keys-rotate-title", Some(Section::Settings)),
        keys,
    }))
}

pub(super) async fn rotate(visit: Visit, form: Form) -> Reply {
    let now = visit.deciding(&form, "now", &["yes", "no"])?;
    let body = json!({ "now": now == "yes" });
    visit.send(Method::POST, "keys/rotate", Some(&body)).await?;
    let done = if now == "yes" { "rotated" } else { "planned" };
    Ok(see_other(&format!("/console/settings/keys?done={done}")))
}

#[cfg(test)]
mod tests {
    use super::{Bar, Key, Scale};

    #[test]
    fn a_key_is_a_bar_with_the_time_in_which_it_signs() {
        let key = Key {
            kid: "a".to_owned(),
            alg: "ES256".to_owned(),
            state: "active".to_owned(),
            created_at: 100,
            activates_at: 200,
            retires_at: Some(600),
            removed_at: None,
        };
        let bar = Scale { first: 0, last: 1000 }.bar(&key);
        assert_eq!(
            bar,
            Bar {
                start: 100,
                length: 900,
                signs: 200,
                signing: 400
            }
        );
    }
}
