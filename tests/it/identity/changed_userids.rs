//! Who changed userid, or got a name that grew, in ways that leave something open: the account goes with the person (docs/identity.md).

use serde_json::json;
use simulator::{
    sample,
    world::{Fault, FaultKind, Member, Sensitive},
};

use super::{Before, open_findings, rename_person, shows_numbers};
use crate::{actors::id, fixture::Fixture, scenario, sync::member};

/// 李华 has this userid now, their account, and is signed in as before.
async fn assert_goes_on_as(fixture: &Fixture, before: &Before, userid: &str) {
    assert_eq!(member(fixture, userid).await["user_id"], before.user["id"]);
    before.assert_still_in(fixture).await;
    assert!(before.told.heard().is_empty(), "a portal was told of a logout");
}

// Of the newcomer so little is known that the userid alone would be in doubt; but its owner is found elsewhere.
scenario!(
    whose_userid_was_given_to_somebody_hardly_known_keeps_the_account_under_the_new_one,
    |fixture: Fixture| async move {
        shows_numbers(&fixture);
        let source = fixture.connect().await;
        let before = Before::of(&fixture, source).await;
        fixture.edit_corp(|corp| {
            corp.rename_member(sample::NORMAL, "li.hua");
            corp.add_member(Member::new(sample::NORMAL, "王小明", &[4]));
        });
        let run = fixture.sync(id(&before.source)).await;
        assert_eq!(
            (&run["counts"]["departed"], &run["counts"]["doubtful"]),
            (&json!(0), &json!(0)),
            "{run}"
        );
        assert_goes_on_as(&fixture, &before, "li.hua").await;
        let newcomer = member(&fixture, sample::NORMAL).await;
        assert!(
            newcomer["user_id"].is_string() && newcomer["user_id"] != before.user["id"],
            "{newcomer}"
        );
        let again = fixture.sync(id(&before.source)).await;
        assert_eq!(
            (&again["counts"]["created"], &again["counts"]["updated"]),
            (&json!(0), &json!(0)),
            "{again}"
        );
    }
);

// The doubt was there before the owner appeared elsewhere.
scenario!(
    a_doubt_is_over_once_the_owner_of_the_userid_is_found_under_another,
    |fixture: Fixture| async move {
        shows_numbers(&fixture);
        let source = fixture.connect().await;
        let before = Before::of(&fixture, source).await;
        let owner = fixture.edit_corp(|corp| {
            let owner = corp.remove_member(sample::NORMAL).unwrap();
            corp.add_member(Member::new(sample::NORMAL, "王小明", &[4]));
            owner
        });
        let run = fixture.sync(id(&before.source)).await;
        assert_eq!(run["counts"]["doubtful"], 1, "{run}");
        fixture.edit_corp(|corp| {
            corp.add_member(Member {
                userid: "li.hua".to_owned(),
                ..owner
            });
        });
        let run = fixture.sync(id(&before.source)).await;
        assert_eq!(run["counts"]["departed"], 0, "{run}");
        assert_goes_on_as(&fixture, &before, "li.hua").await;
        assert!(open_findings(&fixture).await.is_empty());
        assert_ne!(member(&fixture, sample::NORMAL).await["user_id"], before.user["id"]);
    }
);

// Each of the two is perhaps who was there before: an admin decides, and meanwhile neither account passes to the other.
scenario!(
    two_who_swapped_userids_wait_for_an_admin_where_only_one_has_a_number,
    |fixture: Fixture| async move {
        shows_numbers(&fixture);
        fixture.edit_corp(|corp| corp.member_mut(sample::ADMIN).unwrap().sensitive = Sensitive::default());
        let source = fixture.connect().await;
        let before = Before::of(&fixture, source).await;
        let other = fixture.admin().user(sample::ADMIN).await;
        fixture.edit_corp(|corp| {
            corp.rename_member(sample::NORMAL, "between");
            corp.rename_member(sample::ADMIN, sample::NORMAL);
            corp.rename_member("between", sample::ADMIN);
        });
        let run = fixture.sync(id(&before.source)).await;
        assert_eq!(
            (&run["counts"]["departed"], &run["counts"]["doubtful"]),
            (&json!(0), &json!(2)),
            "{run}"
        );
        assert_eq!(open_findings(&fixture).await.len(), 2);
        assert_eq!(member(&fixture, sample::NORMAL).await["user_id"], before.user["id"]);
        assert_eq!(member(&fixture, sample::ADMIN).await["user_id"], other["id"]);
    }
);

/// The corp is connected by the secret of an app that may read everything, and by no other.
async fn by_the_old_app(fixture: &Fixture) -> Before {
    let app = json!({ "agent_id": sample::OLD_AGENT_ID, "secret": sample::OLD_APP_SECRET });
    let source = fixture
        .connect_with(json!({ "contacts_secret": null, "app": app }))
        .await;
    Before::of(fixture, source).await
}

// A refusal for good is an answer: the readings will never be more complete than this.
scenario!(
    a_userid_changed_unseen_keeps_its_sub_where_a_list_is_never_shown,
    |fixture: Fixture| async move {
        let before = by_the_old_app(&fixture).await;
        fixture.add_fault(Fault::new("/cgi-bin/user/list", FaultKind::Errcode(60011)).about(8));
        fixture.edit_corp(|corp| corp.rename_member(sample::NORMAL, "li.hua"));
        let run = fixture.sync(id(&before.source)).await;
        assert_eq!(
            (&run["counts"]["departed"], &run["counts"]["created"]),
            (&json!(0), &json!(0)),
            "{run}"
        );
        assert_goes_on_as(&fixture, &before, "li.hua").await;
        for hidden in ["xuqing", "hejie", "lvliang"] {
            assert_eq!(member(&fixture, hidden).await["state"], "present");
        }
    }
);

// Whom the list hides is there under the old userid, whoever has their number now.
scenario!(
    whoever_is_hidden_by_a_list_that_is_never_shown_gives_nothing_to_somebody_like_them,
    |fixture: Fixture| async move {
        fixture.edit_corp(|corp| {
            let member = corp.member_mut(sample::NORMAL).unwrap();
            member.departments = Member::new("", "", &[8]).departments;
        });
        let before = by_the_old_app(&fixture).await;
        fixture.add_fault(Fault::new("/cgi-bin/user/list", FaultKind::Errcode(60011)).about(8));
        fixture.edit_corp(|corp| {
            let mut like = corp.member(sample::NORMAL).unwrap().clone();
            "li.hua".clone_into(&mut like.userid);
            like.departments = Member::new("", "", &[3]).departments;
            corp.add_member(like);
        });
        let run = fixture.sync(id(&before.source)).await;
        assert_eq!(run["counts"]["created"], 1, "{run}");
        assert_goes_on_as(&fixture, &before, sample::NORMAL).await;
    }
);

scenario!(
    a_suffix_that_no_sign_sets_off_costs_nobody_their_sub_while_number_or_address_agrees,
    |fixture: Fixture| async move {
        shows_numbers(&fixture);
        let source = fixture.connect().await;
        let before = Before::of(&fixture, source).await;
        rename_person(&fixture, "李华外包");
        fixture.edit_corp(|corp| corp.rename_member(sample::NORMAL, "li.hua"));
        let run = fixture.sync(id(&before.source)).await;
        assert_eq!(run["counts"]["departed"], 0, "{run}");
        assert_goes_on_as(&fixture, &before, "li.hua").await;
        assert!(open_findings(&fixture).await.is_empty());
    }
);

// Both addresses are the person's, whichever the data source takes.
scenario!(
    other_sources_of_addresses_make_nobody_another_person,
    |fixture: Fixture| async move {
        fixture.edit_corp(|corp| corp.member_mut(sample::NORMAL).unwrap().sensitive.mobile = String::new());
        let before = by_the_old_app(&fixture).await;
        rename_person(&fixture, "欧阳华");
        let sources = json!({ "email_sources": ["email", "biz_mail"] });
        let path = format!("data-sources/{}", id(&before.source));
        fixture.admin().change(&path, sources).await;
        let run = fixture.sync(id(&before.source)).await;
        assert_eq!(run["counts"]["departed"], 0, "{run}");
        assert_goes_on_as(&fixture, &before, sample::NORMAL).await;
        assert_eq!(fixture.admin().user(sample::NORMAL).await["display_name"], "欧阳华");
    }
);
