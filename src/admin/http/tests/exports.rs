//! A download that ends before its end is told to the audit log with what went out.

use actix_web::body::to_bytes;
use sea_orm::{ColumnTrait, QueryFilter};

use super::*;
use crate::{
    admin::{
        AdminFailure,
        exports::Taken,
        http::{
            download::Download,
            export::{CSV, Export, streamed},
        },
    },
    kernel::pagination::{Listing, Page},
};

impl World {
    /// What the log tells of downloads, once it tells of one.
    async fn told_of_downloads(&self) -> Vec<audit_event::Model> {
        let told = async {
            loop {
                let select = audit_event::Entity::find().filter(audit_event::Column::Kind.eq("exported"));
                let found = select.all(self.database.reader()).await.unwrap();
                if !found.is_empty() {
                    return found;
                }
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(30), told).await.unwrap()
    }

    fn download(&self) -> Export<'static> {
        Export {
            file: "users.csv",
            media: CSV,
            head: String::new(),
            by: Download {
                admin: web::Data::new(self.admin.clone()),
                taken: Taken {
                    actor: "token:a".to_owned(),
                    list: "users.csv".to_owned(),
                    filter: vec![("q".to_owned(), "li".to_owned())],
                },
            },
        }
    }
}

/// A thousand entries, as many again, and then a failure.
async fn failing(page: Page) -> crate::kernel::failure::Result<Listing<u8>> {
    let thousand = |next| Listing {
        items: vec![7; 1000],
        next_cursor: Some(next),
    };
    match page.after {
        None => Ok(thousand(Uuid::nil())),
        Some(after) if after.is_nil() => Ok(thousand(Uuid::max())),
        Some(_) => Err(AdminFailure::NotFound.into()),
    }
}

#[actix_web::test]
async fn a_download_that_breaks_off_is_told_as_incomplete() {
    let world = World::new().await;
    let answer = streamed(world.download(), failing, |number| format!("{number}\n"));
    let answer = answer.await.unwrap();
    assert!(
        to_bytes(answer.into_body()).await.is_err(),
        "nobody takes a part for the whole"
    );
    let told = world.told_of_downloads().await;
    assert_eq!(told.len(), 1);
    let detail = json!({ "filter": { "q": "li" }, "entries": 1000, "complete": false });
    assert_eq!((&told[0].detail, told[0].actor.as_str()), (&detail, "token:a"));
}

#[actix_web::test]
async fn a_download_that_nobody_takes_is_told_with_nothing_gone_out() {
    let world = World::new().await;
    let answer = streamed(world.download(), failing, |number| format!("{number}\n"));
    drop(answer.await.unwrap());
    let told = world.told_of_downloads().await;
    assert_eq!(told[0].detail["entries"], 0, "{:?}", told[0].detail);
    assert_eq!(told[0].detail["complete"], false);
}
