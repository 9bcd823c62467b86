//! Shows the logo of a portal from our own address, and fetches it where we have none yet.

use std::time::Duration;

use tokio::sync::oneshot;
use uuid::Uuid;

use super::store::{self, Picture};
use crate::{
    crypto::digest::sha256_base64url,
    kernel::{failure::Result, raster_image},
    signin::journey::Journeys,
};

/// After this long a picture is fetched anew: another one may lie at the same address. The copy is shown meanwhile.
const FRESH: Duration = Duration::from_secs(24 * 3600);
/// How long an address is left alone after it was asked.
const PAUSE: Duration = Duration::from_secs(3600);
/// Longest that the first page waits for a picture that we have not; after that it is shown without, and the next one has it.
const PATIENCE: Duration = Duration::from_millis(1500);

impl Journeys {
    /// Local address of our copy of the picture at a portal's `logo_uri`; none: there is no copy, or no logo. One that is missing or old is
    /// fetched. A page never fails for want of it.
    pub async fn portal_logo(&self, portal: Uuid, logo_uri: Option<&str>) -> Option<String> {
        let address = logo_uri?;
        let copy = store::find(&self.deps.database, portal).await.ok().flatten();
        // A copy of what lies elsewhere may be another portal's picture by now.
        let copy = copy.filter(|copy| copy.address == address);
        let now = self.deps.clock.now();
        let fresh = copy.as_ref().is_some_and(|copy| now.since(copy.fetched_at) < FRESH);
        let begun = if fresh {
            None
        } else {
            self.begin_fetching(portal, address).await
        };
        let digest = match (copy, begun) {
            (Some(copy), _) => Some(copy.digest),
            (None, Some(fetched)) => tokio::time::timeout(PATIENCE, fetched).await.ok()?.ok(),
            (None, None) => None,
        };
        Some(format!("/branding/portal-logo?v={}", digest?))
    }

    /// Media type and content of a copy.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn portal_logo_file(&self, digest: &str) -> Result<Option<(&'static str, Vec<u8>)>> {
        let file = store::file(&self.deps.database, digest).await?;
        Ok(file.and_then(|(media_type, file)| Some((raster_image::media_type(&media_type)?, file))))
    }

    /// Fetches in the background, unless somebody did a while ago; answers the digest.
    async fn begin_fetching(&self, portal: Uuid, address: &str) -> Option<oneshot::Receiver<String>> {
        let key = format!(
            "portal-logo:{}",
            sha256_base64url(format!("{portal}\n{address}").as_bytes())
        );
        let first = self.deps.ephemeral.put_new(&key, b"asked", PAUSE).await;
        first.ok().filter(|first| *first)?;
        let (journeys, address) = (self.clone(), address.to_owned());
        let (tell, told) = oneshot::channel();
        let begun = self.background.start(async move {
            match journeys.fetch_logo(portal, &address).await {
                // Whoever waited may be gone.
                Ok(Some(digest)) => drop(tell.send(digest)),
                Ok(None) => tracing::info!(%portal, "there is no logo at a portal's logo_uri: PNG, JPEG or WebP, 16 to 2048 pixels, at most 256 KiB"),
                Err(failure) => tracing::info!(%portal, %failure, "the logo of a portal could not be fetched"),
            }
        });
        begun.then_some(told)
    }

    async fn fetch_logo(&self, portal: Uuid, address: &str) -> Result<Option<String>> {
        let answer = self.deps.outbound.get(address).await?;
        let image = raster_image::read(&answer.body).filter(|_| answer.status == 200);
        let Some(image) = image else { return Ok(None) };
        let digest = sha256_base64url(&answer.body);
        let picture = Picture {
            portal,
            address: address.to_owned(),
            file: answer.body,
            media_type: image.media_type,
            digest: digest.clone(),
        };
        store::keep(&self.deps.database, picture, self.deps.clock.now()).await?;
        Ok(Some(digest))
    }
}
