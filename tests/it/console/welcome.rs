//! The first owner of the console.

use futures_util::future::join_all;

use super::Colleague;
use crate::{
    actors::text,
    backends::execute,
    fixture::Fixture,
    password::{GOOD, totp::Authenticator, type_in},
    scenario,
};

scenario!(
    whoever_opens_the_printed_link_becomes_the_first_owner_and_gets_to_the_console,
    |fixture: Fixture| async move {
        let link = fixture.app.welcome_link().await.unwrap().unwrap();
        let browser = fixture.browser();
        // Opened by a chat program first: that uses nothing up.
        fixture.browser().get(&link).await;
        let shown = browser.get(&link).await;
        assert_eq!(shown.status, 200, "{}", shown.body);
        let refused = browser.submit(&link, &[("username", "not a name")]).await;
        assert_eq!(refused.status, 422, "{}", refused.body);
        let choose = browser.submit(&link, &[("username", "chen")]).await;
        let form = [("password", GOOD), ("again", GOOD)];
        let done = browser.submit(&choose.url, &form).await;
        let login = browser.open(&done.link("/console")).await;
        let enrol = type_in(&browser, &login, "chen", GOOD).await;
        let app = Authenticator::scan(&enrol);
        let code = app.shows(&fixture, 0);
        let kept = browser.submit(&enrol.url, &[("code", &code)]).await;
        let page = browser.open(&format!("{}/console", fixture.base)).await;
        assert!(
            page.url.ends_with("/console/setup/new") && page.body.contains("chen"),
            "{} {}",
            kept.body,
            page.body
        );
        let operators = fixture.admin().items("operators").await;
        assert_eq!((operators.len(), text(&operators[0], "role")), (1, "owner"));
        assert_eq!(fixture.app.welcome_link().await.unwrap(), None);
        let over = browser.get(&link).await;
        assert_eq!(
            (over.status, over.body.contains("CO-104")),
            (404, true),
            "{}",
            over.body
        );
    }
);

scenario!(
    of_100_parallel_tries_of_a_welcome_link_one_becomes_an_owner,
    |fixture: Fixture| async move {
        let link = fixture.app.welcome_link().await.unwrap().unwrap();
        let browsers: Vec<_> = (0..100).map(|_| fixture.browser()).collect();
        let names: Vec<String> = (0..100).map(|number| format!("owner-{number}")).collect();
        let fields: Vec<_> = names.iter().map(|name| [("username", name.as_str())]).collect();
        let tries = browsers
            .iter()
            .zip(&fields)
            .map(|(browser, form)| browser.post(&link, form));
        let replies = join_all(tries).await;
        for page in &replies {
            assert!([303, 404].contains(&page.status), "{}: {}", page.status, page.body);
        }
        assert!(replies.iter().any(|page| page.status == 303));
        // The others were too late, or were led to a link of the same user.
        assert_eq!(fixture.admin().items("operators").await.len(), 1);
    }
);

scenario!(
    a_welcome_link_that_is_sent_twice_leads_to_the_same_user_until_they_have_a_password,
    |fixture: Fixture| async move {
        let link = fixture.app.welcome_link().await.unwrap().unwrap();
        let browser = fixture.browser();
        let first = browser.submit(&link, &[("username", "chen")]).await;
        let second = browser.submit(&link, &[("username", "zhao")]).await;
        assert!(second.url.contains("/password/"), "{} {}", second.url, second.body);
        assert_ne!(first.url, second.url, "the newest link works");
        let operators = fixture.admin().items("operators").await;
        assert_eq!(
            (operators.len(), text(&operators[0], "username")),
            (1, "chen"),
            "{operators:?}"
        );
        let form = [("password", GOOD), ("again", GOOD)];
        let done = browser.submit(&second.url, &form).await;
        assert_eq!(done.status, 200, "{}", done.body);
        let over = browser.post(&link, &[("username", "zhao")]).await;
        assert_eq!(over.status, 404, "{}", over.body);
    }
);

scenario!(
    a_username_that_cannot_be_taken_makes_no_welcome_link_live_longer,
    |fixture: Fixture| async move {
        let link = fixture.app.welcome_link().await.unwrap().unwrap();
        fixture.advance(std::time::Duration::from_secs(23 * 3600));
        let refused = fixture.browser().post(&link, &[("username", "not a name")]).await;
        assert_eq!(refused.status, 422, "{}", refused.body);
        fixture.advance(std::time::Duration::from_secs(2 * 3600));
        let over = fixture.browser().post(&link, &[("username", "chen")]).await;
        assert_eq!(over.status, 404, "{}", over.body);
    }
);

// An owner who never chose a password can sign in nowhere: the next start prints a link again.
scenario!(
    a_link_is_printed_until_somebody_can_sign_in_as_an_owner,
    |fixture: Fixture| async move {
        let link = fixture.app.welcome_link().await.unwrap().unwrap();
        let left = fixture.browser().submit(&link, &[("username", "left")]).await;
        assert!(left.url.contains("/password/"), "{}", left.url);
        assert!(fixture.app.welcome_link().await.unwrap().is_some());
        Colleague::hire(&fixture, "owner").await;
        assert_eq!(fixture.app.welcome_link().await.unwrap(), None);
    }
);

scenario!(
    a_welcome_link_that_was_never_printed_or_is_too_old_opens_nothing,
    |fixture: Fixture| async move {
        let link = fixture.app.welcome_link().await.unwrap().unwrap();
        for address in [format!("{}x", link), format!("{}/console/welcome/%00", fixture.base)] {
            let page = fixture.browser().get(&address).await;
            assert_eq!(page.status, 404, "{address}: {}", page.body);
        }
        fixture.advance(std::time::Duration::from_secs(25 * 3600));
        let page = fixture.browser().get(&link).await;
        assert_eq!(page.status, 404, "{}", page.body);
    }
);

// Who is disabled, or past the date of their access, owns nothing any more; who has a passkey alone does.
scenario!(
    a_link_is_printed_where_the_only_owner_cannot_come_in_any_more,
    |fixture: Fixture| async move {
        let owner = Colleague::hire(&fixture, "owner").await;
        let link = async || fixture.app.welcome_link().await.unwrap();
        assert_eq!(link().await, None);
        let set = async |what: &str| {
            let statement = format!("UPDATE users SET {what} WHERE username = '{}'", owner.username);
            execute(fixture.database_url(), &statement).await;
        };
        for (ended, mended) in [
            ("status = 'disabled'", "status = 'active'"),
            ("access_until = 1", "access_until = NULL"),
        ] {
            set(ended).await;
            let printed = link().await.unwrap();
            assert_eq!(fixture.browser().get(&printed).await.status, 200, "{ended}");
            set(mended).await;
            assert_eq!(link().await, None, "{mended}");
            assert_eq!(fixture.browser().get(&printed).await.status, 404, "{mended}");
        }
    }
);
