//! The list of everybody at a portal in every order, page by page, over a random population.

use entity::member;
use sea_orm::{ActiveModelTrait, IntoActiveModel, Set};
use uuid::Uuid;

use super::population::Population;
use crate::{
    gate::explain::model::{SORTS, Shown},
    kernel::sorting::SortedPage,
};

impl Shown {
    /// The row by which they are listed.
    fn row(&self) -> Uuid {
        self.member_id.or(self.user_id).unwrap()
    }

    /// What they are sorted by.
    fn key(&self, by: &str) -> Option<String> {
        let text = match by {
            "userid" => &self.userid,
            "username" => &self.username,
            _ => return Some(self.row().to_string()),
        };
        text.as_ref().map(|text| text.to_lowercase())
    }
}

/// Everybody whom this finds, in this order.
async fn walked(population: &Population, search: Option<&str>, (sort, limit): (&str, u64)) -> Vec<Shown> {
    let surroundings = population
        .store
        .surroundings(population.now, population.portals[0])
        .await
        .unwrap();
    let mut page = SortedPage::first(SORTS.read(Some(sort)).unwrap(), limit);
    let mut all = Vec::new();
    loop {
        let people = population.store.people(search, &page).await.unwrap();
        let shown = surroundings.candidates(&people).unwrap();
        assert_eq!(people.places.len(), shown.len());
        assert!(u64::try_from(shown.len()).unwrap() <= limit, "{sort}");
        all.extend(shown.into_iter().map(|candidate| candidate.person));
        // As it travels, in the cursor.
        let Some(next) = people.next.map(|next| page.cursor(&next)) else {
            return all;
        };
        page = page.after_that(Some(&next)).unwrap();
    }
}

fn rows(people: &[Shown]) -> Vec<Uuid> {
    people.iter().map(Shown::row).collect()
}

#[tokio::test]
async fn pages_of_every_order_meet_and_who_has_nothing_to_be_sorted_by_comes_last() {
    let population = Population::new(400, 1).await;
    // Some users are several members.
    let mut before: Option<Uuid> = None;
    for (number, (row, _)) in population.members.iter().enumerate() {
        if let (true, Some(user)) = (number % 9 < 3, before) {
            let row: member::ActiveModel = member::ActiveModel {
                user_id: Set(Some(user)),
                ..row.clone().into_active_model()
            };
            row.reset_all().update(population.database.writer()).await.unwrap();
        } else {
            before = row.user_id;
        }
    }
    for search in [None, Some("1"), Some("user0003"), Some("nobody-is-called-so")] {
        let whole = walked(&population, search, ("created_at", 700)).await;
        assert_eq!(whole.is_empty(), search == Some("nobody-is-called-so"));
        for by in ["created_at", "userid", "username"] {
            let (mut named, mut nameless): (Vec<Shown>, Vec<Shown>) =
                whole.iter().cloned().partition(|shown| shown.key(by).is_some());
            named.sort_by_key(|shown| (shown.key(by), shown.row()));
            nameless.sort_by_key(Shown::row);
            if search.is_none() {
                assert_eq!(nameless.is_empty(), by == "created_at", "{by}");
                let several = named.windows(2).filter(|two| two[0].key(by) == two[1].key(by)).count();
                assert!(by != "username" || several > 20, "{several}");
            }
            for (sort, limit) in [
                (by.to_owned(), 7),
                (by.to_owned(), 200),
                (format!("-{by}"), 1),
                (format!("-{by}"), 60),
            ] {
                let mut expected = named.clone();
                if sort.starts_with('-') {
                    expected.reverse();
                }
                expected.extend(nameless.iter().cloned());
                let walked = walked(&population, search, (&sort, limit)).await;
                assert_eq!(rows(&walked), rows(&expected), "{sort} {limit} {search:?}");
            }
        }
    }
}
