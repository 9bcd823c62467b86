//! What a change of a portal would do to people, in numbers and names, before it is saved.

use askama::Template;
use serde_json::Value;

use super::{
    access::{Counts, Line},
    portal::{Head, Portal, framed},
};
use crate::console::http::{
    form::Form,
    frame::Frame,
    listing::Listing,
    refused::Refused,
    visit::{Visit, with_query},
};

/// So many people are named on each side.
const NAMED: usize = 20;
/// So many people are looked at: some seconds' work.
const MOST_COUNTED: &str = "20000";
/// Pages of people that are looked through for the names.
const PAGES: usize = 100;
/// Most entries of one list, and of all lists, that can be imagined.
const MOST_OF_ONE: usize = 500;
const MOST_OF_ALL: usize = 1_500;

/// People on one side, the first of them by name.
#[derive(Default)]
pub(super) struct Side {
    pub number: i64,
    pub people: Vec<Line>,
}

impl Side {
    /// How many are not named.
    pub fn more(&self) -> i64 {
        let named = i64::try_from(self.people.len()).unwrap_or(i64::MAX);
        self.number.saturating_sub(named)
    }
}

/// What would change.
pub(super) struct Effect {
    /// Who could not enter any more.
    pub loses: Side,
    /// Who could enter then.
    pub gains: Side,
    /// Everybody was looked at.
    pub complete: bool,
}

/// A parameter of a what-if.
pub(super) type Imagined = (&'static str, String);

/// A list of ids as a parameter; `None`: it is too long to be imagined.
pub(super) fn ids(name: &'static str, ids: &[String]) -> Option<Imagined> {
    (ids.len() <= MOST_OF_ONE).then(|| (name, ids.join(",")))
}

fn fits(imagined: &[Imagined]) -> bool {
    let entries = imagined.iter().map(|(_, value)| value.split(',').count());
    entries.sum::<usize>() <= MOST_OF_ALL
}

/// What it would do if this were so; `None`: too much is to change for it to be imagined.
pub(super) async fn of_change(visit: &Visit, portal: &str, imagined: &[Imagined]) -> Result<Option<Effect>, Refused> {
    if !fits(imagined) {
        return Ok(None);
    }
    let counted = counts(visit, portal, imagined).await?;
    let (refused, admitted) = (counted.newly_refused.unwrap_or(0), counted.newly_admitted.unwrap_or(0));
    Ok(Some(Effect {
        loses: side(visit, portal, (imagined, ("change", "refused")), refused).await?,
        gains: side(visit, portal, (imagined, ("change", "admitted")), admitted).await?,
        complete: counted.complete,
    }))
}

/// What it does that a portal is switched off: whoever can enter loses it.
pub(super) async fn of_switching_off(visit: &Visit, portal: &str) -> Result<Effect, Refused> {
    let counted = counts(visit, portal, &[]).await?;
    Ok(Effect {
        loses: side(visit, portal, (&[], ("admitted", "true")), counted.admitted).await?,
        gains: Side::default(),
        complete: counted.complete,
    })
}

fn pairs(imagined: &[Imagined]) -> impl Iterator<Item = (&str, &str)> {
    imagined.iter().map(|(name, value)| (*name, value.as_str()))
}

async fn counts(visit: &Visit, portal: &str, imagined: &[Imagined]) -> Result<Counts, Refused> {
    let path = format!("clients/{portal}/access-checks/counts");
    let wanted = pairs(imagined).chain([("most", MOST_COUNTED)]);
    visit.get(&with_query(&path, wanted)).await
}

/// The first of so many people whom a filter finds.
async fn side(
    visit: &Visit,
    portal: &str,
    (imagined, filter): (&[Imagined], (&str, &str)),
    number: i64,
) -> Result<Side, Refused> {
    let path = format!("clients/{portal}/access-checks");
    let wanted = usize::try_from(number).unwrap_or(NAMED).min(NAMED);
    let (mut people, mut cursor): (Vec<Line>, Option<String>) = (Vec::new(), None);
    for _ in 0..PAGES {
        if people.len() >= wanted {
            break;
        }
        let limit = NAMED.to_string();
        let own = [filter, ("limit", limit.as_str())];
        let page = cursor.as_deref().map(|cursor| ("cursor", cursor));
        let path = with_query(&path, pairs(imagined).chain(own).chain(page));
        let found: Listing<Line> = match cursor {
            // One call is enough to be shown as the same over the API.
            Some(_) => match visit.aside(&path).await {
                Some(found) => found,
                None => break,
            },
            None => visit.get(&path).await?,
        };
        people.extend(found.items);
        cursor = found.next_cursor;
        if cursor.is_none() {
            break;
        }
    }
    people.truncate(wanted);
    Ok(Side { number, people })
}

/// The page before the form is carried out.
#[derive(Template)]
#[template(path = "console/portals/effect.html")]
pub(super) struct EffectPage {
    frame: Frame,
    head: Head,
    /// Where the form is sent: `edit` or `allowed`.
    place: &'static str,
    fields: Vec<(String, String)>,
    /// `None`: too much is to change for it to be imagined.
    effect: Option<Effect>,
}

/// The page of a form that was sent to this place, and of what it does.
pub(super) fn page(
    visit: &Visit,
    portal: &Portal,
    (place, form): (&'static str, &Form),
    effect: Option<Effect>,
) -> EffectPage {
    EffectPage {
        frame: framed(visit, portal, "console-effect-title"),
        head: Head::of(portal, None),
        place,
        fields: carried(form),
        effect,
    }
}

/// The fields of a form that was not carried out yet, to be sent once more as they are.
fn carried(form: &Form) -> Vec<(String, String)> {
    let own = ["confirm", "once", SURE];
    let fields = form.fields().iter();
    fields
        .filter(|(name, _)| !own.contains(&name.as_str()))
        .cloned()
        .collect()
}

/// The field of whoever saw what it does.
pub(super) const SURE: &str = "sure";

/// What a merge patch of a portal's settings imagines, where it says something that can be imagined.
pub(super) fn of_patch(patch: &Value) -> Vec<Imagined> {
    let ages = ["membership_max_age", "membership_grace"].into_iter();
    let age = |name| Some((name, patch.get(name).and_then(Value::as_u64)?.to_string()));
    ages.filter_map(age).collect()
}
