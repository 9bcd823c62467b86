//! The demo world, read from `scenarios/sample.toml`: 青云科技 with an app called 门禁, and 白石设计 beside it.
//!
//! The constants name what tests and demos need; a test below keeps them equal to the file.

/// Corpid of 青云科技.
pub const CORP: &str = "ww5ample0000000001";
/// Agentid of 门禁 in 青云科技.
pub const AGENT_ID: u32 = 1_000_002;
/// Secret of 门禁 in 青云科技.
pub const APP_SECRET: &str = "sample-app-secret-qingyun-menjin-00000001";
/// Secret of the contacts-sync helper of 青云科技.
pub const CONTACTS_SECRET: &str = "sample-contacts-secret-qingyun-00000001";
/// Agentid of an app of 青云科技 made before 2022-06-20, which still reads sensitive fields.
pub const OLD_AGENT_ID: u32 = 1_000_001;
/// Secret of that old app.
pub const OLD_APP_SECRET: &str = "sample-app-secret-qingyun-old-0000000001";
/// Corpid of 白石设计.
pub const CORP2: &str = "ww5ample0000000002";
/// Agentid of the app of 白石设计.
pub const AGENT_ID2: u32 = 1_000_002;
/// Secret of the app of 白石设计.
pub const APP_SECRET2: &str = "sample-app-secret-baishi-menjin-000000001";
/// Secret of the contacts-sync helper of 白石设计.
pub const CONTACTS_SECRET2: &str = "sample-contacts-secret-baishi-000000001";

/// Corpid of the provider 云门服务 in `scenarios/suites.toml`.
pub const PROVIDER: &str = "wwpr0vider00000001";
/// Its `provider_secret`.
pub const PROVIDER_SECRET: &str = "sample-provider-secret-yunmen-0000000001";
/// Suite id of 云门助手.
pub const SUITE: &str = "wwsu1te00000000001";
/// Its `suite_secret`.
pub const SUITE_SECRET: &str = "sample-suite-secret-yunmen-0000000000001";
/// Suite id of another suite of the same provider.
pub const SUITE2: &str = "wwsu1te00000000002";
/// Id of a template by which the provider develops an app for one corp.
pub const TEMPLATE: &str = "dktempl8te00000001";
/// Secret of the template.
pub const TEMPLATE_SECRET: &str = "sample-template-secret-yunmen-0000000001";
/// Secret of the customer-contact helper of 青云科技.
pub const CUSTOMER_SECRET: &str = "sample-customer-secret-qingyun-000000001";

/// 李华: an ordinary active member in scope.
pub const NORMAL: &str = "lihua";
/// 张三: leads a department, the usual administrator of demos.
pub const ADMIN: &str = "zhangsan";
/// Disabled in WeCom (status 2).
pub const DISABLED: &str = "chenyu";
/// Invited but not activated (status 4).
pub const INACTIVE: &str = "xinren";
/// Active, in a department outside the scope of 门禁.
pub const OUT_OF_SCOPE: &str = "waibu01";
/// Visible to 门禁 only by a tag.
pub const BY_TAG: &str = "biaoqian";
/// Visible to 门禁 only because picked individually.
pub const BY_PICK: &str = "dandu";
/// Same letters as [`NORMAL`] in another case, in 白石设计: another person.
pub const NAMESAKE: &str = "LiHua";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::{model::World, scenario};

    #[test]
    fn the_file_and_the_constants_agree() {
        let world = scenario::read(include_str!("../../scenarios/sample.toml")).unwrap();
        let corp = &world.corps[CORP];
        assert_eq!(corp.apps[&AGENT_ID].secret, APP_SECRET);
        assert_eq!(corp.apps[&OLD_AGENT_ID].secret, OLD_APP_SECRET);
        assert!(corp.apps[&OLD_AGENT_ID].created_before_2022_06_20);
        assert_eq!(corp.contacts_secret.as_deref(), Some(CONTACTS_SECRET));
        let other = &world.corps[CORP2];
        assert_eq!(other.apps[&AGENT_ID2].secret, APP_SECRET2);
        assert_eq!(other.contacts_secret.as_deref(), Some(CONTACTS_SECRET2));
        assert_eq!(other.member(NORMAL).unwrap().userid, NAMESAKE);
        assert!((35..=50).contains(&corp.members.len()), "{}", corp.members.len());
        assert_eq!(corp.tags.len(), 3);
        assert_eq!(corp.customer_contact.secret.as_deref(), Some(CUSTOMER_SECRET));
    }

    #[test]
    fn the_file_with_suites_agrees_and_the_demo_world_has_none() {
        assert!(World::sample().suites.is_empty() && World::sample().providers.is_empty());
        let world = scenario::read(include_str!("../../scenarios/suites.toml")).unwrap();
        assert_eq!(world.providers[PROVIDER].secret, PROVIDER_SECRET);
        assert_eq!(world.suites[SUITE].secret, SUITE_SECRET);
        assert_eq!(world.suites[TEMPLATE].secret, TEMPLATE_SECRET);
        assert!(world.suites.values().all(|suite| suite.provider == PROVIDER) && world.suites.contains_key(SUITE2));
        assert!(world.corps[CORP].apps.values().all(|app| app.install.is_none()));
    }

    #[test]
    fn the_special_members_are_what_they_are_called() {
        let world = World::sample();
        let corp = &world.corps[CORP];
        let index = crate::world::index::CorpIndex::build(corp);
        let visible = index.visible(AGENT_ID).unwrap();
        let seen = |userid: &str| visible.holds(corp.member(userid).unwrap());
        assert!(
            [NORMAL, ADMIN, DISABLED, INACTIVE, BY_TAG, BY_PICK]
                .into_iter()
                .all(seen)
        );
        assert!(!seen(OUT_OF_SCOPE));
        let by_department = |userid: &str| {
            corp.member(userid)
                .unwrap()
                .departments
                .iter()
                .any(|place| visible.departments.contains(&place.department))
        };
        assert!(by_department(NORMAL) && !by_department(BY_TAG) && !by_department(BY_PICK));
        assert_eq!(corp.member(DISABLED).unwrap().status, 2);
        assert_eq!(corp.member(INACTIVE).unwrap().status, 4);
        assert!(!corp.member(OUT_OF_SCOPE).unwrap().note.is_empty());
    }
}
