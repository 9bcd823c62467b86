//! Apps that a vendor develops for one company from a template: the permanent code is the app's own secret, people sign in at the app in their company,
//! and names come where the company grants them (reference 0.2, 2.1, 3.4, 9.5).

use serde_json::{Value, json};
use simulator::{Delivery, Push, SuiteCallback, sample, world::Scope};

use super::{Company, portal_of, told, userids};
use crate::{
    actors::{As, id, id_claims, text},
    fixture::Fixture,
    installations::tick,
    scenario, suites,
};

/// Enters the sample template, whose callback stands and has brought a ticket.
async fn template(fixture: &Fixture) -> Value {
    suites::with_provider(fixture);
    let entered = json!({
        "name": "云门代开发", "suite_id": sample::TEMPLATE, "secret": sample::TEMPLATE_SECRET, "provider_corp_id": sample::PROVIDER,
        "provider_secret": sample::PROVIDER_SECRET,
    });
    let template = fixture.admin().create("suites", entered).await;
    suites::save(fixture, &template, SuiteCallback::Command).await.unwrap();
    let report = fixture
        .wecom
        .push(sample::TEMPLATE, &Push::SuiteTicket, Delivery::default())
        .await;
    assert!(report.taken, "{report:?}");
    fixture.wait_for_background_work().await;
    template
}

/// The first sample corp, for which the app was developed: installed on the phone, bound by the scan of a member, and granting names or not.
pub async fn developed(fixture: &Fixture, names: bool) -> Company {
    let template = template(fixture).await;
    let admin = fixture.admin();
    let path = format!("suites/{}/invitations", id(&template));
    let invited = admin.create(&path, json!({ "way": "phone", "import": "all" })).await;
    let scope = Scope {
        parties: vec![2],
        ..Scope::default()
    };
    let agreed = (sample::ADMIN, scope);
    let installed = fixture
        .wecom
        .install(sample::CORP, sample::TEMPLATE, agreed, Delivery::default())
        .await;
    assert!(installed.is_some());
    fixture.wecom.edit(|world| {
        let app = world.installed_mut(sample::CORP, sample::TEMPLATE).unwrap();
        app.install.as_mut().unwrap().names = names;
    });
    tick(fixture).await;
    let waiting = admin.items("installations").await.remove(0);
    let path = format!("{path}/{}/scan", id(&invited));
    let begun = admin.create(&path, json!({ "installation_id": id(&waiting) })).await;
    let browser = fixture.browser();
    let shown = browser.open(text(&begun, "login_url")).await;
    assert!(shown.url.contains("login_type=CorpApp"), "{}", shown.url);
    let back = fixture.phone().scan(&browser, &shown, As::Member(sample::NORMAL)).await;
    let back = reqwest::Url::parse(&back).unwrap();
    let parameter = |name: &str| {
        let found = back.query_pairs().find(|(key, _)| key == name);
        found.unwrap().1.into_owned()
    };
    let proof = json!({ "state": parameter("state"), "code": parameter("code") });
    let done = admin.create("installations/scanned", proof).await;
    assert_eq!(done["stage"], "connected", "{done}");
    tick(fixture).await;
    tick(fixture).await;
    let bound = admin.items("installations").await.remove(0);
    let source = text(&bound, "data_source_id").to_owned();
    Company { source }
}

scenario!(
    people_of_a_templates_app_sign_in_at_the_app_of_their_company,
    |fixture: Fixture| async move {
        let company = developed(&fixture, false).await;
        let portal = portal_of(&fixture, &company).await;
        let browser = fixture.browser();
        let login = browser.open(&portal.authorize_url(&[])).await;
        let wecom = browser.get(&login.link("/go/")).await.location.unwrap();
        assert!(
            wecom.contains("login_type=CorpApp") && wecom.contains("agentid="),
            "{wecom}"
        );
        let tokens = portal.tokens(&fixture, &fixture.browser(), sample::NORMAL).await;
        let user = fixture.admin().user(&told(&fixture, sample::NORMAL)).await;
        assert_eq!(id_claims(&tokens)["sub"], user["id"]);
        let calls = fixture.wecom.calls("service/auth/getuserinfo3rd");
        assert_eq!(calls, 0, "not at the suite");
    }
);

scenario!(
    names_that_the_company_grants_later_come_with_the_next_sync,
    |fixture: Fixture| async move {
        let company = developed(&fixture, false).await;
        let named = async || fixture.admin().user(&told(&fixture, sample::NORMAL)).await["display_name"].clone();
        assert_eq!(named().await, Value::Null);
        let by_hand = fixture.admin().user(&told(&fixture, sample::ADMIN)).await;
        let by_hand = format!("users/{}", id(&by_hand));
        fixture
            .admin()
            .change(&by_hand, json!({ "display_name": "Boss" }))
            .await;
        let grant = |granted: bool| {
            fixture.wecom.edit(|world| {
                let app = world.installed_mut(sample::CORP, sample::TEMPLATE).unwrap();
                app.install.as_mut().unwrap().names = granted;
            });
        };
        grant(true);
        let run = fixture.sync(&company.source).await;
        assert_eq!(run["state"], "succeeded", "{run}");
        assert_eq!(named().await, "李华");
        assert_eq!(
            fixture.admin().get(&by_hand).await["display_name"],
            "Boss",
            "what an admin typed in stays"
        );
        grant(false);
        fixture.sync(&company.source).await;
        assert_eq!(named().await, "李华", "what is withheld erases nothing");
    }
);

scenario!(
    names_come_to_a_templates_app_where_the_company_grants_them,
    |fixture: Fixture| async move {
        let company = developed(&fixture, true).await;
        assert!(
            userids(&fixture, &company.source)
                .await
                .contains(&told(&fixture, sample::NORMAL))
        );
        let user = fixture.admin().user(&told(&fixture, sample::NORMAL)).await;
        assert_eq!(user["display_name"], "李华", "{user}");
    }
);
