//! Files `WW_verify_….txt`: WeCom asks for one at the root of a domain before it trusts the domain (reference 2.4).

use serde_json::json;

use crate::{actors::id, fixture::Fixture, scenario};

const NAME: &str = "WW_verify_abcDEF0123456789.txt";

scenario!(
    what_an_admin_uploads_is_served_at_the_root_until_it_is_removed,
    |fixture: Fixture| async move {
        let served = async || {
            let reply = fixture
                .http
                .get(format!("{}/{NAME}", fixture.base))
                .send()
                .await
                .unwrap();
            (reply.status().as_u16(), reply.text().await.unwrap())
        };
        assert_eq!(served().await.0, 404);
        let file = json!({ "name": NAME, "content": "abcDEF0123456789" });
        let uploaded = fixture.admin().create("verification-files", file).await;
        assert_eq!(uploaded["path"], format!("/{NAME}"), "{uploaded}");
        assert_eq!(served().await, (200, "abcDEF0123456789".to_owned()));
        // Uploaded again: replaced, byte by byte.
        let again = json!({ "name": NAME, "content": "other\n" });
        let again = fixture.admin().create("verification-files", again).await;
        assert_eq!(again["id"], uploaded["id"]);
        let replica = fixture.replica().await;
        let there = fixture
            .http
            .get(format!("{}/{NAME}", replica.base))
            .send()
            .await
            .unwrap();
        assert_eq!(there.headers()["content-type"], "text/plain; charset=utf-8");
        assert_eq!(there.text().await.unwrap(), "other\n");
        assert_eq!(fixture.admin().items("verification-files").await.len(), 1);
        let path = format!("verification-files/{}", id(&uploaded));
        assert_eq!(fixture.admin().call("DELETE", &path, None).await.status, 204);
        assert_eq!(fixture.admin().call("DELETE", &path, None).await.status, 404);
        assert_eq!(served().await.0, 404);
    }
);

// Whoever could choose any name could put pages under the issuer's address.
scenario!(
    nothing_but_wecoms_files_can_be_put_at_the_root,
    |fixture: Fixture| async move {
        let admin = fixture.admin();
        for name in [
            "",
            "index.html",
            "healthz",
            "WW_verify_.txt",
            "WW_verify_../x.txt",
            "WW_verify_a/b.txt",
            "WW_verify_a.html",
            "ww_verify_a.txt",
            "WW_verify_\u{202e}.txt",
        ] {
            let reply = admin
                .call(
                    "POST",
                    "verification-files",
                    Some(json!({ "name": name, "content": "x" })),
                )
                .await;
            assert_eq!(reply.refusal(), (422, "DI-101"), "{name}");
        }
        for content in ["", " ", "a\u{0}b", "\u{1b}[2J", &"x".repeat(1025)] {
            let reply = admin
                .call(
                    "POST",
                    "verification-files",
                    Some(json!({ "name": NAME, "content": content })),
                )
                .await;
            assert_eq!(reply.refusal().0, 422, "{}", reply.body);
        }
        for number in 0..100 {
            let file = json!({ "name": format!("WW_verify_{number}.txt"), "content": "x" });
            admin.create("verification-files", file).await;
        }
        let reply = admin
            .call(
                "POST",
                "verification-files",
                Some(json!({ "name": NAME, "content": "x" })),
            )
            .await;
        assert_eq!(reply.refusal(), (409, "DI-117"));
        let unknown = fixture
            .http
            .get(format!("{}/WW_verify_nobody.txt", fixture.base))
            .send()
            .await
            .unwrap();
        assert_eq!(unknown.status(), 404);
        let posted = fixture
            .http
            .post(format!("{}/WW_verify_1.txt", fixture.base))
            .send()
            .await
            .unwrap();
        assert_eq!(posted.status(), 405);
    }
);
