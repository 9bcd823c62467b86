//! Handler of `/WW_verify_….txt`: WeCom fetches it when an admin has a trusted domain verified.

use actix_web::{
    HttpResponse,
    web::{Data, Path, ServiceConfig, resource},
};

use crate::{
    directory::service::Directory,
    kernel::failure::Result,
    web::{failure::WebFailure, input},
};

/// Mounts the route. The handler takes `Data<Directory>`.
pub fn routes(config: &mut ServiceConfig) {
    config.service(
        resource("/{name:WW_verify_[A-Za-z0-9]+\\.txt}")
            .route(input::get_or_head().to(serve))
            .default_service(input::method_not_allowed("GET, HEAD")),
    );
}

async fn serve(directory: Data<Directory>, name: Path<String>) -> Result<HttpResponse> {
    let content = directory.verification_content(&name).await?;
    let content = content.ok_or_else(|| WebFailure::NotFound.failure())?;
    Ok(HttpResponse::Ok()
        .content_type("text/plain; charset=utf-8")
        .insert_header(("cache-control", "no-store"))
        .body(content))
}
