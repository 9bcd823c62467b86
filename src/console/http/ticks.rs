//! Ticking some of many in a form that has other fields as well: more are looked for by name, and what is ticked and entered stays meanwhile. A part
//! of a page.

use serde::Deserialize;

use super::{
    address::segment,
    field::{Choice, Field},
    form::Form,
    frame::Frame,
    listing::Listing,
    refused::{Problem, Refused},
    visit::{Visit, with_query},
};

/// So many are offered unasked, and as many of those who are found.
const OFFERED: &str = "50";
/// So many of those that are ticked are shown by name; the others are carried along unseen.
const SHOWN: usize = 50;

/// Something that can be ticked.
#[derive(Deserialize)]
pub(super) struct Item {
    id: String,
    /// Of a portal, which the API takes by it.
    client_id: Option<String>,
    name: String,
}

impl Item {
    /// What is sent.
    pub fn value(&self) -> &str {
        self.client_id.as_deref().unwrap_or(&self.id)
    }
}

/// What was ticked and looked for.
#[derive(Default)]
pub(super) struct Chosen {
    /// What is ticked.
    pub ticked: Vec<String>,
    /// What is looked for.
    pub search: String,
}

impl Chosen {
    /// As a form sends it, with boxes of this name.
    pub fn sent(form: &Form, boxes: &str) -> Self {
        Self {
            ticked: super::choosing::sent(form, boxes),
            search: form.get(&search_of(boxes)).unwrap_or_default().to_owned(),
        }
    }
}

/// What the box is called that looks for more of those that are ticked by boxes of this name.
fn search_of(boxes: &str) -> String {
    format!("{boxes}_q")
}

/// What there is to tick.
#[derive(Default)]
pub(super) struct Offer {
    /// Those that are ticked, by name.
    ticked: Vec<Item>,
    /// Those that are ticked and not shown.
    unseen: Vec<String>,
    /// Those that can be ticked besides.
    others: Vec<Item>,
    search: String,
    /// There are more than are shown.
    more: bool,
}

impl Offer {
    /// Those of this list of the API that are ticked, and those that are found.
    ///
    /// # Errors
    /// The problem that the API answered.
    pub async fn of(visit: &Visit, list: &str, chosen: Chosen) -> Result<Self, Refused> {
        let query = [("limit", OFFERED), ("sort", "name"), ("q", chosen.search.as_str())];
        let query = query.into_iter().filter(|(_, value)| !value.is_empty());
        let found: Listing<Item> = visit.get(&with_query(list, query)).await?;
        let mut others = found.items;
        let mut ticked: Vec<Item> = Vec::new();
        let mut values = chosen.ticked.into_iter();
        for value in values.by_ref().take(SHOWN) {
            let known = others.iter().position(|item| item.value() == value);
            let item = match known {
                Some(at) => Some(others.remove(at)),
                None => visit.aside(&format!("{list}/{}", segment(&value))).await,
            };
            // What there is not, the API refuses with this form.
            ticked.push(item.unwrap_or_else(|| Item {
                id: value.clone(),
                client_id: None,
                name: value,
            }));
        }
        Ok(Self {
            ticked,
            unseen: values.collect(),
            others,
            more: found.next_cursor.is_some(),
            search: chosen.search,
        })
    }

    /// These alone, by what is sent and what they are called.
    pub fn these(items: impl Iterator<Item = (String, String)>, chosen: &Chosen) -> Self {
        let items = items.map(|(id, name)| Item {
            id,
            client_id: None,
            name,
        });
        let (ticked, others) = items.partition(|item| chosen.ticked.contains(&item.id));
        Self {
            ticked,
            others,
            ..Self::default()
        }
    }

    /// The field with its boxes, each called by its name, and what is said beside it.
    pub fn field(
        self,
        frame: &Frame,
        (key, boxes, place): (&str, &str, &str),
        beside: impl Fn(&Item) -> Option<String>,
        problem: Option<&Problem>,
    ) -> Ticks {
        let label = |item: &Item| match beside(item) {
            Some(beside) => format!("{} · {beside}", item.name),
            None => item.name.clone(),
        };
        let choice = |chosen: bool| {
            move |item: &Item| Choice {
                value: item.value().to_owned(),
                label: label(item),
                chosen,
            }
        };
        let looked = !self.search.is_empty();
        let ticked = self.ticked.iter().map(choice(true));
        let choices: Vec<Choice> = ticked.chain(self.others.iter().map(choice(false))).collect();
        Ticks {
            nothing: looked && self.others.is_empty(),
            search: (looked || self.more).then(|| Search {
                name: search_of(boxes),
                value: self.search,
            }),
            more: self.more,
            unseen: self.unseen,
            field: Field::new(frame, key, boxes, "ticks")
                .among(choices)
                .judged_as(place, problem),
        }
    }
}

/// The box that looks for more.
pub(super) struct Search {
    /// Its name.
    pub name: String,
    /// What stands in it.
    pub value: String,
}

/// The boxes as the page shows them.
pub(super) struct Ticks {
    /// Those that are shown.
    pub field: Field,
    /// What is ticked and not shown.
    pub unseen: Vec<String>,
    /// Where there are more than are shown.
    pub search: Option<Search>,
    /// There are more than are shown.
    pub more: bool,
    /// Nothing was found.
    pub nothing: bool,
}

impl Ticks {
    /// There is nothing to tick.
    pub const fn is_empty(&self) -> bool {
        self.field.choices.is_empty() && self.search.is_none()
    }
}
