//! `menjin admin owner`: the first person with a console role, and the way back in for one who lost password or one-time codes. On the
//! database, or over the API of a server.

use std::path::Path;

use clap::Subcommand;
use serde_json::{Value, json};
use uuid::Uuid;

use super::here::Here;
use crate::{
    cli::{
        client::{self, Client, part},
        sync::report::{printable, text},
        terminal::{complain, say, told},
    },
    directory::user::{
        Editor,
        input::{ConsoleRole, NewUser},
        listing::{SORTS, UserFilter},
    },
    kernel::{failure::Failure, json, pagination::MAX_LIMIT, sorting::SortedPage},
    signin::password::{Purpose, SendBy},
};

/// What to do about owners.
#[derive(Debug, Subcommand)]
pub enum OwnerCommand {
    /// Make a user who owns the installation, and print a link by which they choose their password.
    Create {
        /// The username.
        username: String,
        /// Their console role, by the words of the API; the highest unless given.
        #[arg(long)]
        role: Option<String>,
        /// Mail the link to this address, which becomes theirs, instead of printing it. A channel for e-mail must be enabled; a server that runs sends it.
        #[arg(long, value_name = "ADDRESS")]
        mail: Option<String>,
    },
    /// Let a user with a console role in again: the password stops working, one-time codes and passkeys are removed, all sessions end, and a link for a new
    /// password is printed.
    Reset {
        /// The username.
        username: String,
        /// Mail the link to the address of their account instead of printing it.
        #[arg(long)]
        mail: bool,
    },
}

/// Runs the command on the database.
///
/// # Errors
/// A sentence.
pub(super) async fn run(command: OwnerCommand, here: &Here) -> Result<(), String> {
    let journeys = &here.administration.journeys;
    let editor = Editor {
        actor: &here.actor,
        grants_roles: true,
        grants_owner: true,
    };
    let failed = |failure: Failure| told(&failure);
    let (username, link) = match command {
        OwnerCommand::Create { username, role, mail } => {
            let owner = new_owner(&username, role.as_deref(), mail.as_deref());
            let input: NewUser = json::part("", &owner).map_err(|faults| faults.to_string())?;
            let directory = here.administration.admin.directory();
            let user = directory.create_user(editor, input).await.map_err(failed)?;
            let send = mail.map(|_| SendBy::Email);
            let link = journeys.make_link(editor, (user.id, Purpose::Password), send).await;
            (username, link.map_err(failed)?)
        }
        OwnerCommand::Reset { username, mail } => {
            let user = find(here, &username).await?;
            let link = journeys.reset_access(editor, user, mail.then_some(SendBy::Email)).await;
            (username, link.map_err(failed)?)
        }
    };
    hand_over(&username, link.url.as_deref(), link.sent_to.as_deref());
    Ok(())
}

/// Has a server do it.
///
/// # Errors
/// A sentence.
pub(super) async fn ask(command: OwnerCommand, server: &str, token_file: Option<&Path>) -> Result<(), String> {
    client::check_typed(server)?;
    let client = Client::new(server, client::token(token_file)?)?;
    let (username, user, (link, mail)) = match command {
        OwnerCommand::Create { username, role, mail } => {
            let owner = new_owner(&username, role.as_deref(), mail.as_deref());
            let user = client.post("users", Some(owner)).await?;
            (
                username,
                text(&user, "id").to_owned(),
                ("password-link", mail.is_some()),
            )
        }
        OwnerCommand::Reset { username, mail } => {
            let users = client.all(&format!("users?q={}", part(&username))).await?;
            let user = owner_of(&users, &username)?;
            (username, user, ("reset", mail))
        }
    };
    let wanted = mail.then(|| json!({ "send": "email" }));
    let link = client.post(&format!("users/{}/{link}", part(&user)), wanted).await?;
    let text = |name: &str| link.get(name).and_then(Value::as_str);
    hand_over(&username, text("url"), text("sent_to"));
    Ok(())
}

/// A new owner as the API takes one.
fn new_owner(username: &str, role: Option<&str>, email: Option<&str>) -> Value {
    let mut owner = json!({ "username": username, "console_role": role.unwrap_or(ConsoleRole::HIGHEST.word()) });
    if let (Some(email), Some(owner)) = (email, owner.as_object_mut()) {
        owner.insert("email".to_owned(), json!(email));
    }
    owner
}

async fn find(here: &Here, username: &str) -> Result<Uuid, String> {
    let mut users = Vec::new();
    let filter = UserFilter {
        search: Some(username.to_owned()),
        ..UserFilter::default()
    };
    let mut page = SortedPage::first(SORTS.unasked(), MAX_LIMIT);
    loop {
        let listing = here.administration.admin.directory().users(&filter, &page).await;
        let listing = listing.map_err(|failure| told(&failure))?;
        users.extend(listing.items.iter().map(|user| json!(user)));
        match page.after_that(listing.next_cursor.as_deref()) {
            Some(next) => page = next,
            None => break,
        }
    }
    let id = owner_of(&users, username)?;
    id.parse().map_err(|_| "the id cannot be read".to_owned())
}

/// The id of the user with this name, who must have a console role: other people are let in again by the API, where that is on record as
/// somebody's decision.
fn owner_of(users: &[Value], username: &str) -> Result<String, String> {
    let user = users
        .iter()
        .find(|user| text(user, "username").to_lowercase() == username.to_lowercase());
    let user = user.ok_or("There is no user of this name.")?;
    if text(user, "console_role").is_empty() {
        return Err("This user has no console role: use POST /api/v1/users/ID/password-link.".to_owned());
    }
    if text(user, "status") != "active" {
        complain("This user is disabled, and stays so: the link alone does not let them in.");
    }
    Ok(text(user, "id").to_owned())
}

/// Prints the link, alone on standard output, or where it was mailed.
fn hand_over(username: &str, url: Option<&str>, sent_to: Option<&str>) {
    match (url, sent_to) {
        (Some(url), _) => {
            complain(&printable(&format!(
                "Hand this link to \"{username}\": whoever opens it chooses the password. It works once, for a day, and replaces older ones:"
            )));
            say(url);
        }
        (None, sent_to) => complain(&printable(&format!(
            "A link for \"{username}\" is on its way to {}: whoever opens it chooses the password. It works once, for a day, and replaces older ones. menjin notices list says whether it arrived.",
            sent_to.unwrap_or_default()
        ))),
    }
}
