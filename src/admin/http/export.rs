//! Exports: a whole list, streamed page by page.

use std::future::Future;

use actix_web::{
    HttpResponse,
    http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE},
    web::Bytes,
};
use futures_util::stream;

use uuid::Uuid;

use super::download::Download;
use crate::{
    admin::csv::BYTE_ORDER_MARK,
    kernel::{
        failure::{Failure, Result},
        pagination::{Listing, Page},
        sorting::{Position, SortValue, SortWords, SortedListing, SortedPage},
    },
};

/// Entries of an export that are in memory at once, and as many that are read meanwhile.
const EXPORT_PAGE: u64 = 1000;

/// Comma-separated values.
pub const CSV: &str = "text/csv; charset=utf-8";
/// A JSON document in each line.
pub const JSON_LINES: &str = "application/x-ndjson";

/// What an export is.
pub struct Export<'a> {
    /// Name of the file.
    pub file: &'a str,
    /// Media type.
    pub media: &'static str,
    /// What stands before the first entry.
    pub head: String,
    /// Whose download it is: the audit log is told once all of it is read, before the last piece goes out.
    pub by: Download,
}

/// Streams all entries: `read` reads a page, `line` writes an entry. The first page is read before the answer begins, so that what is
/// refused is refused with a status; where the database fails midway the connection breaks, so that nobody takes a part for the whole.
///
/// # Errors
/// What reading the first page fails with.
pub async fn streamed<T, F>(
    export: Export<'_>,
    read: impl Fn(Page) -> F + Clone + 'static,
    line: impl Fn(&T) -> String + Clone + 'static,
) -> Result<HttpResponse>
where
    T: 'static,
    F: Future<Output = Result<Listing<T>>> + 'static,
{
    let first = Page {
        after: None,
        limit: EXPORT_PAGE,
    };
    let opening = read(first).await?;
    let name = format!("attachment; filename=\"{}\"", export.file);
    let head = match export.media {
        CSV => format!("{BYTE_ORDER_MARK}{}", export.head),
        _ => export.head,
    };
    let counted = export.by.counted();
    let lines = stream::try_unfold(Some((opening, head, counted)), move |next| {
        let (read, line) = (read.clone(), line.clone());
        async move {
            let Some((page, mut text, mut counted)) = next else {
                return Ok::<_, Failure>(None);
            };
            page.items.iter().for_each(|entry| text.push_str(&line(entry)));
            let following = match page.next_cursor {
                Some(cursor) => {
                    let page = Page {
                        after: Some(cursor),
                        ..first
                    };
                    Some(read(page).await?)
                }
                None => None,
            };
            counted.add(page.items.len());
            let next = match following {
                Some(following) => Some((following, String::new(), counted)),
                None => {
                    counted.done().await?;
                    None
                }
            };
            Ok(Some((Bytes::from(text), next)))
        }
    });
    Ok(HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header((CONTENT_TYPE, export.media))
        .insert_header((CONTENT_DISPOSITION, name))
        .streaming(Box::pin(lines)))
}

/// As [`streamed`], of a list that can be sorted: in the order that it has when nothing is asked for, which must be that of its ids.
///
/// # Errors
/// As for [`streamed`].
pub async fn streamed_in_order<T, F>(
    export: Export<'_>,
    sorts: SortWords,
    read: impl Fn(SortedPage) -> F + Clone + 'static,
    (id, line): (
        impl Fn(&T) -> Uuid + Clone + 'static,
        impl Fn(&T) -> String + Clone + 'static,
    ),
) -> Result<HttpResponse>
where
    T: 'static,
    F: Future<Output = Result<SortedListing<T>>> + 'static,
{
    let by_id = move |page: Page| {
        let (read, id) = (read.clone(), id.clone());
        async move {
            let place = |id| Position {
                value: SortValue::Id,
                id,
            };
            let found = read(SortedPage {
                sort: sorts.unasked(),
                after: page.after.map(place),
                limit: page.limit,
            });
            let found = found.await?;
            Ok(Listing {
                next_cursor: found.next_cursor.and(found.items.last().map(&id)),
                items: found.items,
            })
        }
    };
    streamed(export, by_id, line).await
}
