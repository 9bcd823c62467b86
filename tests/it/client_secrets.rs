//! How a client may send its secret: header or form, encoded or not, at every endpoint that authenticates clients.

use serde_json::json;

use crate::{
    actors::{Portal, Redemption},
    fixture::Fixture,
    scenario,
};

/// A form for each endpoint that authenticates clients, and the status of a client that is who it says.
const ENDPOINTS: [(&str, (&str, &str), u16); 5] = [
    ("token", ("grant_type", "refresh_token"), 400),
    ("introspect", ("token", "x"), 200),
    ("revoke", ("token", "x"), 200),
    ("par", ("response_type", "token"), 400),
    ("device_authorization", ("scope", "openid"), 400),
];

async fn send(fixture: &Fixture, portal: &Portal, method: &str, endpoint: &str, form: (&str, &str)) -> Redemption {
    let request = fixture.http.post(format!("{}/oauth2/{endpoint}", fixture.base));
    Redemption::of(match method {
        "client_secret_basic" => request
            .basic_auth(&portal.client_id, Some(&portal.secret))
            .form(&[form]),
        _ => request.form(&[
            form,
            ("client_id", portal.client_id.as_str()),
            ("client_secret", portal.secret.as_str()),
        ]),
    })
    .await
}

scenario!(
    header_and_form_are_one_everywhere_unless_the_registration_is_strict,
    |fixture: Fixture| async move {
        for registered in ["client_secret_basic", "client_secret_post", "client_secret_jwt"] {
            for strict in [false, true] {
                let name = format!("{}-{strict}", registered.replace('_', "-"));
                let extra = json!({
                    "auth_method": registered,
                    "metadata": { "strict_client_authentication": strict },
                });
                let portal = fixture.portal(&name, extra).await;
                let mut other = portal.clone();
                "another-secret-of-more-than-32-characters".clone_into(&mut other.secret);
                for sent in ["client_secret_basic", "client_secret_post"] {
                    let taken = registered == sent || (!strict && registered != "client_secret_jwt");
                    for (endpoint, form, known) in ENDPOINTS {
                        let place = format!("{registered} sent as {sent} to {endpoint}, strict: {strict}");
                        let answer = send(&fixture, &portal, sent, endpoint, form).await;
                        let client_refused = answer.body["error"] == "invalid_client";
                        assert_eq!(client_refused, !taken, "{place}: {}", answer.body);
                        assert_eq!(
                            answer.status,
                            if taken { known } else { 401 },
                            "{place}: {}",
                            answer.body
                        );
                        let wrong = send(&fixture, &other, sent, endpoint, form).await;
                        assert_eq!(wrong.refusal(), (401, "invalid_client"), "{place}: wrong secret");
                    }
                }
            }
        }
    }
);

scenario!(
    a_secret_in_the_header_counts_encoded_and_as_it_is,
    |fixture: Fixture| async move {
        let secret = "a+b%41c&d=e:f/g~%2B%zz+0123456789-abcdefgh";
        let portal = fixture.portal("wiki", json!({ "client_secret": secret })).await;
        let encoded: String = url_encoded(secret);
        let introspect = async |sent: &str| {
            let mut client = portal.clone();
            sent.clone_into(&mut client.secret);
            send(&fixture, &client, "client_secret_basic", "introspect", ("token", "x"))
                .await
                .status
        };
        assert_eq!(introspect(&encoded).await, 200, "as RFC 6749 section 2.3.1 has it");
        assert_eq!(introspect(secret).await, 200, "as many clients send it");
        let decoded_once_more = "a bAc&d=e:f/g~+%zz 0123456789-abcdefgh";
        for wrong in [
            decoded_once_more,
            &url_encoded(decoded_once_more),
            &url_encoded(&encoded),
            "",
        ] {
            assert_eq!(introspect(wrong).await, 401, "{wrong}");
        }
    }
);

fn url_encoded(text: &str) -> String {
    let url = reqwest::Url::parse_with_params("http://x/", [("s", text)]).unwrap();
    url.query().unwrap().trim_start_matches("s=").to_owned()
}
