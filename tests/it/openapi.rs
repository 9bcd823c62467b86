//! The OpenAPI document as it is served: without a token, and again only when it changed.

use crate::{contract, fixture::Fixture, scenario};

scenario!(
    the_document_is_served_to_everybody_and_again_only_when_it_changed,
    |fixture: Fixture| async move {
        let address = format!("{}/api/v1/openapi.json", fixture.base);
        let http = &fixture.http;
        let first = http.get(&address).send().await.unwrap();
        assert_eq!(first.status(), 200);
        assert_eq!(first.headers()["content-type"], "application/json");
        assert_eq!(first.headers()["cache-control"], "no-cache");
        let etag = first.headers()["etag"].to_str().unwrap().to_owned();
        assert_eq!(first.text().await.unwrap(), contract::text());
        for (known, status) in [
            (etag.clone(), 304),
            (format!("\"other\", W/{etag}"), 304),
            ("\"other\"".to_owned(), 200),
        ] {
            let again = http.get(&address).header("if-none-match", &known).send().await.unwrap();
            assert_eq!(
                (again.status().as_u16(), again.headers()["etag"].to_str().unwrap()),
                (status, &*etag),
                "{known}"
            );
        }
        let head = http.head(&address).send().await.unwrap();
        assert_eq!(
            (head.status().as_u16(), head.headers()["etag"].to_str().unwrap()),
            (200, &*etag)
        );
        let refused = http.post(&address).send().await.unwrap();
        assert_eq!(
            (refused.status().as_u16(), refused.headers()["allow"].to_str().unwrap()),
            (405, "GET, HEAD")
        );
        // Everything beside it still asks for a token.
        let closed = http
            .get(format!("{}/api/v1/openapi.jso", fixture.base))
            .send()
            .await
            .unwrap();
        assert_eq!(closed.status(), 401);
    }
);
