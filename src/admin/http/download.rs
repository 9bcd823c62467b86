//! Who downloads what, read from the request, and the count of what went out. Needs `web::Data<Admin>`.

use std::future::{Ready, ready};

use actix_web::{FromRequest, HttpMessage, HttpRequest, dev::Payload, web};
use url::form_urlencoded;

use crate::{
    admin::{api_tokens::model::Identity, exports::Taken, failure::AdminFailure, service::Admin},
    kernel::failure::{Failure, Result},
    web::failure::WebFailure,
};

/// What lies before the paths of the API.
const BASE: &str = "/api/v1/";

/// A download that begins.
pub struct Download {
    pub(super) admin: web::Data<Admin>,
    pub(super) taken: Taken,
}

impl FromRequest for Download {
    type Error = Failure;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(read(request))
    }
}

fn read(request: &HttpRequest) -> Result<Download> {
    let extensions = request.extensions();
    let identity = extensions.get::<Identity>().ok_or(AdminFailure::TokenMissing)?;
    let admin = request.app_data::<web::Data<Admin>>().ok_or(WebFailure::NotFound)?;
    let path = request.path();
    let filter = form_urlencoded::parse(request.query_string().as_bytes());
    Ok(Download {
        admin: admin.clone(),
        taken: Taken {
            actor: identity.actor.clone(),
            list: path.strip_prefix(BASE).unwrap_or(path).to_owned(),
            filter: filter.into_owned().collect(),
        },
    })
}

impl Download {
    /// Tells of a download that goes out in one piece.
    ///
    /// # Errors
    /// When the database does not take it: then nothing goes out.
    pub async fn whole(self, entries: usize) -> Result<()> {
        let entries = u64::try_from(entries).unwrap_or(u64::MAX);
        self.admin.note_export(&self.taken, entries, true).await
    }

    /// Counts what goes out piece by piece.
    pub(super) const fn counted(self) -> Counted {
        Counted {
            download: Some(self),
            entries: 0,
        }
    }
}

/// The entries that went out so far. What ends before its end, since the database fails or nobody takes any more, is told as well.
pub(super) struct Counted {
    download: Option<Download>,
    entries: u64,
}

impl Counted {
    /// So many more.
    pub fn add(&mut self, entries: usize) {
        let entries = u64::try_from(entries).unwrap_or(u64::MAX);
        self.entries = self.entries.saturating_add(entries);
    }

    /// These were all.
    ///
    /// # Errors
    /// When the database does not take it: then the last piece does not go out.
    pub async fn done(mut self) -> Result<()> {
        match self.download.take() {
            Some(download) => download.admin.note_export(&download.taken, self.entries, true).await,
            None => Ok(()),
        }
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        let (Some(download), Ok(runtime)) = (self.download.take(), tokio::runtime::Handle::try_current()) else {
            return;
        };
        let entries = self.entries;
        runtime.spawn(async move {
            let told = download.admin.note_export(&download.taken, entries, false).await;
            if let Err(error) = told {
                tracing::warn!(%error, list = %download.taken.list, entries, "a download that was broken off could not be told to the audit log");
            }
        });
    }
}
