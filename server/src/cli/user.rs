//! `erc-server user …`

use std::io::BufRead as _;

use clap::{Args, Subcommand};
use erc_protocol::{ServerRole, auth::ErasedMessages};
use serde_json::json;

use super::close;
use super::stats::when;
use super::table::{safe, table};
use crate::app::App;
use crate::auth::token;
use crate::ops::operator::accounts as looked_after;
use crate::ops::{Result, accounts};

#[derive(Debug, Subcommand)]
pub(super) enum UserCommand {
    /// Add a user.
    #[command(visible_alias = "create")]
    Add(AddUser),
    /// List everybody, by name.
    List {
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Give a user a new password and sign them out everywhere.
    Password {
        /// User name.
        name: String,
        #[command(flatten)]
        new: NewPassword,
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Give a user another role on the server.
    Role {
        /// User name.
        name: String,
        /// owner, admin, moderator, member or guest.
        role: ServerRole,
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Keep a user from signing in, and sign them out everywhere. What they wrote stays.
    Disable {
        /// User name.
        name: String,
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Let a disabled user sign in again.
    Enable {
        /// User name.
        name: String,
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Erase an account: there is no way back. Name, password, sessions, places in rooms,
    /// reactions and all that only they saw go; the running server does the rest.
    Erase {
        /// User name.
        name: String,
        /// Delete what they wrote, instead of keeping it as that of a deleted user.
        #[arg(long)]
        messages: bool,
        /// Do it; without, it is only said what would be.
        #[arg(long)]
        yes: bool,
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// List where a user is signed in, or sign them out everywhere.
    Sessions {
        /// User name.
        name: String,
        /// End them all.
        #[arg(long)]
        end: bool,
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, Args)]
pub(super) struct AddUser {
    /// User name.
    name: String,
    #[command(flatten)]
    password: NewPassword,
    /// owner, admin, moderator, member or guest.
    #[arg(long, default_value_t = ServerRole::Member)]
    role: ServerRole,
    /// The name that others see; the user name if absent.
    #[arg(long)]
    display_name: Option<String>,
    /// As JSON.
    #[arg(long)]
    json: bool,
}

/// Where a password comes from; never from the command line, which others can see.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(super) struct NewPassword {
    /// Read the password from standard input, its first line.
    #[arg(long)]
    password_stdin: bool,
    /// Make a password up, and tell it once.
    #[arg(long)]
    generate: bool,
}

impl NewPassword {
    fn get(&self) -> anyhow::Result<String> {
        if self.generate {
            return Ok(token::opaque().0);
        }
        let mut line = String::new();
        std::io::stdin().lock().read_line(&mut line)?;
        let password = line.trim_end_matches(['\r', '\n']);
        anyhow::ensure!(!password.is_empty(), "standard input holds no password");
        Ok(password.to_owned())
    }

    /// Adds the password to an answer, if nobody else knows it.
    fn tell(&self, password: &str, (mut value, mut text): Answer) -> Answer {
        if self.generate {
            value["password"] = json!(password);
            text = format!("{text}\npassword: {password}");
        }
        (value, text)
    }
}

/// What a command answers: as JSON, and for people.
pub(super) type Answer = (serde_json::Value, String);

/// Ends a command: closes everything, tells a refusal as a sentence.
pub(super) async fn end<T>(app: App, result: Result<T>) -> anyhow::Result<T> {
    close(app).await;
    result.map_err(|error| anyhow::anyhow!(error.body().message))
}

/// Ends a command that has an answer.
#[expect(clippy::print_stdout, reason = "the command's answer")]
pub(super) async fn answer(app: App, result: Result<Answer>, as_json: bool) -> anyhow::Result<()> {
    let (value, text) = end(app, result).await?;
    if as_json {
        println!("{value:#}");
    } else {
        println!("{text}");
    }
    Ok(())
}

pub(super) async fn run(
    open: impl AsyncFnOnce() -> anyhow::Result<App>,
    command: UserCommand,
) -> anyhow::Result<()> {
    match command {
        UserCommand::Add(arguments) => {
            let password = arguments.password.get()?;
            let app = open().await?;
            let added = add(&app, &arguments, &password).await;
            let added = added.map(|added| arguments.password.tell(&password, added));
            answer(app, added, arguments.json).await
        }
        UserCommand::Password { name, new, json } => {
            let password = new.get()?;
            let app = open().await?;
            let changed = set_password(&app, &name, &password).await;
            answer(app, changed.map(|it| new.tell(&password, it)), json).await
        }
        UserCommand::List { json } => {
            let app = open().await?;
            let listed = list(&app).await;
            answer(app, listed, json).await
        }
        UserCommand::Role { name, role, json } => {
            let app = open().await?;
            let changed = role_of(&app, &name, role).await;
            answer(app, changed, json).await
        }
        UserCommand::Disable { name, json } => {
            let app = open().await?;
            let changed = disable(&app, &name, true).await;
            answer(app, changed, json).await
        }
        UserCommand::Enable { name, json } => {
            let app = open().await?;
            let changed = disable(&app, &name, false).await;
            answer(app, changed, json).await
        }
        UserCommand::Erase {
            name,
            messages,
            yes,
            json,
        } => {
            let app = open().await?;
            let told = erase(&app, &name, messages, yes).await;
            answer(app, told, json).await
        }
        UserCommand::Sessions { name, end, json } => {
            let app = open().await?;
            let told = if end {
                end_sessions(&app, &name).await
            } else {
                sessions(&app, &name).await
            };
            answer(app, told, json).await
        }
    }
}

async fn add(app: &App, add: &AddUser, password: &str) -> Result<Answer> {
    let name = add.display_name.as_deref();
    let user = accounts::add_user(app, &add.name, name, password, add.role).await?;
    let text = format!("added {} (id {}, {})", user.username, user.id, user.role);
    Ok((json!(user), text))
}

async fn set_password(app: &App, name: &str, password: &str) -> Result<Answer> {
    let user = accounts::set_password(app, name, password).await?;
    let text = format!(
        "{} has a new password and is signed out everywhere",
        user.username
    );
    Ok((json!(user), text))
}

async fn role_of(app: &App, name: &str, role: ServerRole) -> Result<Answer> {
    let user = looked_after::set_role(app, name, role).await?;
    let text = format!("{} is {} now", user.username, user.role);
    Ok((json!(user), text))
}

async fn disable(app: &App, name: &str, disabled: bool) -> Result<Answer> {
    let user = looked_after::set_disabled(app, name, disabled).await?;
    let text = if disabled {
        format!(
            "{} can't sign in any more and is signed out everywhere",
            user.username
        )
    } else {
        format!("{} can sign in again", user.username)
    };
    Ok((json!({ "user": user, "disabled": disabled }), text))
}

async fn list(app: &App) -> Result<Answer> {
    let all = looked_after::list(app).await?;
    let rows: Vec<_> = all
        .iter()
        .map(|account| {
            let user = &account.user;
            [
                user.id.to_string(),
                user.username.clone(),
                safe(&user.display_name),
                user.role.to_string(),
                account.sessions.to_string(),
                account.last_seen_at.map_or_else(|| "never".into(), when),
                standing(account),
            ]
        })
        .collect();
    let head = ["id", "user", "called", "role", "sessions", "last seen", ""];
    Ok((json!(all), table(head, &rows)))
}

/// Since when nobody can sign in, and why.
fn standing(account: &looked_after::Account) -> String {
    let since = [
        ("erased", account.erased_at),
        ("disabled", account.disabled_at),
        ("deactivated", account.deactivated_at),
    ];
    let first = since.into_iter().find_map(|(word, at)| Some((word, at?)));
    first.map_or_else(String::new, |(word, at)| format!("{word} {}", when(at)))
}

async fn sessions(app: &App, name: &str) -> Result<Answer> {
    let all = looked_after::sessions_of(app, name).await?;
    let rows: Vec<_> = all
        .iter()
        .map(|row| {
            [
                safe(&row.device_name),
                when(row.created_at.0),
                when(row.last_used_at.0),
            ]
        })
        .collect();
    let told: Vec<_> = all
        .iter()
        .map(|row| {
            json!({
                "id": row.id,
                "device_name": row.device_name,
                "created_at": row.created_at,
                "last_used_at": row.last_used_at,
            })
        })
        .collect();
    let head = ["device", "signed in", "last used"];
    Ok((json!(told), table(head, &rows)))
}

async fn end_sessions(app: &App, name: &str) -> Result<Answer> {
    let count = looked_after::end_sessions(app, name).await?;
    let text = format!("{count} sessions of {name} are over");
    Ok((json!({ "ended": count }), text))
}

async fn erase(app: &App, name: &str, with_messages: bool, yes: bool) -> Result<Answer> {
    let messages = if with_messages {
        ErasedMessages::Remove
    } else {
        ErasedMessages::Keep
    };
    let user = looked_after::erase(app, name, messages, yes).await?;
    let name = safe(&user.username);
    let words = match (yes, with_messages) {
        (true, true) => format!("{name} is erased, with what they wrote"),
        (true, false) => format!("{name} is erased; what they wrote stays"),
        (false, true) => format!("{name} would be erased, with what they wrote: add --yes"),
        (false, false) => format!("{name} would be erased, but not what they wrote: add --yes"),
    };
    Ok((
        json!({ "user": user, "messages": messages, "erased": yes }),
        words,
    ))
}
