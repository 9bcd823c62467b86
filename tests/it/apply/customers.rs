//! The secret of 客户联系 in a set-up file.

use serde_json::json;
use simulator::sample;

use super::{Folder, PLAIN};
use crate::{fixture::Fixture, scenario};

scenario!(
    a_customer_secret_comes_from_its_file_and_goes_when_it_is_unset,
    |fixture: Fixture| async move {
        let plain = PLAIN.replace(
            "contacts_secret_file",
            "customer_secret_file = \"secrets/customers\"\ncontacts_secret_file",
        );
        let folder = Folder::new(&fixture, &plain);
        folder.write("secrets/customers", &format!("{}\n", sample::CUSTOMER_SECRET));
        assert_eq!(folder.apply(&fixture, &["--yes"]).await.0, 0);
        let kept = fixture.admin().items("data-sources").await.remove(0);
        assert_eq!(
            (&kept["customer_secret_set"], &kept["problems"][0]["credential"]),
            (&json!(true), &json!(null)),
            "{kept}"
        );
        assert_eq!(folder.apply(&fixture, &["--plan"]).await.0, 0, "nothing is to do");
        folder.edit(
            "customer_secret_file = \"secrets/customers\"",
            "unset = [\"customer_secret\"]",
        );
        let (status, told) = folder.apply(&fixture, &["--yes"]).await;
        assert_eq!(status, 0, "{told}");
        let gone = fixture.admin().items("data-sources").await.remove(0);
        assert_eq!(gone["customer_secret_set"], false, "{gone}");
        assert_eq!(folder.apply(&fixture, &["--plan"]).await.0, 0);
    }
);
