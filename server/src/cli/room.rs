//! `erc-server room …`

use clap::Subcommand;
use erc_protocol::{Member, Room, RoomRole};
use serde_json::json;

use super::stats::when;
use super::table::{safe, table};
use super::user::{Answer, answer, end};
use crate::app::App;
use crate::ops::Result;
use crate::ops::operator::rooms;

#[derive(Debug, Subcommand)]
pub(super) enum RoomCommand {
    /// List all rooms; direct ones have no name.
    List {
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Show a room and its settings.
    Show {
        /// Its id, or its name if no other has it.
        room: String,
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Let a room only be read from now on.
    Archive {
        /// Its id, or its name if no other has it.
        room: String,
        /// Bring it back instead.
        #[arg(long)]
        undo: bool,
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Delete a room with all that is in it, for ever.
    Delete {
        /// Its id, or its name if no other has it.
        room: String,
        /// Really.
        #[arg(long)]
        yes: bool,
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// List who is in a room.
    Members {
        /// Its id, or its name if no other has it.
        room: String,
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Put a user into a room.
    Add {
        /// Its id, or its name if no other has it.
        room: String,
        /// User name.
        user: String,
        /// owner, admin, moderator, member or `read_only`.
        #[arg(long, default_value_t = RoomRole::Member)]
        role: RoomRole,
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Take a user out of a room; the next in rank becomes the owner if it loses its own.
    Remove {
        /// Its id, or its name if no other has it.
        room: String,
        /// User name.
        user: String,
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Give a user another role in a room.
    Role {
        /// Its id, or its name if no other has it.
        room: String,
        /// User name.
        user: String,
        /// owner, admin, moderator, member or `read_only`.
        role: RoomRole,
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
}

pub(super) async fn run(app: App, command: RoomCommand) -> anyhow::Result<()> {
    let (as_json, told) = match command {
        RoomCommand::List { json } => (json, list(&app).await),
        RoomCommand::Show { room, json } => (json, show(&app, &room).await),
        RoomCommand::Archive { room, undo, json } => (json, archive(&app, &room, !undo).await),
        RoomCommand::Delete { room, yes, json } => {
            if !yes {
                let found = rooms::find(&app, &room).await;
                let room = end(app, found).await?;
                anyhow::bail!(
                    "this deletes {} with its {} messages for ever; say --yes if you mean it",
                    named(&room),
                    room.last_seq
                );
            }
            (json, delete(&app, &room).await)
        }
        RoomCommand::Members { room, json } => (json, members(&app, &room).await),
        RoomCommand::Add {
            room,
            user,
            role,
            json,
        } => (json, add(&app, &room, &user, role).await),
        RoomCommand::Remove { room, user, json } => (json, remove(&app, &room, &user).await),
        RoomCommand::Role {
            room,
            user,
            role,
            json,
        } => (json, set_role(&app, &room, &user, role).await),
    };
    answer(app, told, as_json).await
}

fn named(room: &Room) -> String {
    if room.name.is_empty() {
        format!("the direct room {}", room.id)
    } else {
        format!("{} (id {})", safe(&room.name), room.id)
    }
}

async fn list(app: &App) -> Result<Answer> {
    let all = rooms::list(app).await?;
    let rows: Vec<_> = all
        .iter()
        .map(|room| {
            [
                room.id.to_string(),
                safe(&room.name),
                state(room),
                room.member_count.to_string(),
                room.last_seq.to_string(),
                when(room.last_message_at.0),
            ]
        })
        .collect();
    let head = ["id", "name", "kind", "members", "messages", "last message"];
    Ok((json!(all), table(head, &rows)))
}

fn state(room: &Room) -> String {
    let mut words = vec![room.kind.to_string()];
    if room.is_private {
        words.push("private".into());
    }
    if room.settings.archived_at.is_some() {
        words.push("archived".into());
    }
    words.join(", ")
}

async fn show(app: &App, room: &str) -> Result<Answer> {
    let room = rooms::find(app, room).await?;
    let lines = [
        ("name", safe(&room.name)),
        ("id", room.id.to_string()),
        ("topic", safe(&room.topic)),
        ("kind", state(&room)),
        ("history", room.history.to_string()),
        ("members", room.member_count.to_string()),
        ("messages", room.last_seq.to_string()),
        ("made", when(room.created_at.0)),
        ("last message", when(room.last_message_at.0)),
        ("settings", safe(&json!(room.settings).to_string())),
    ];
    let lines = lines.map(|(name, value)| format!("{name:<14} {value}"));
    Ok((json!(room), lines.join("\n")))
}

async fn archive(app: &App, room: &str, archived: bool) -> Result<Answer> {
    let room = rooms::find(app, room).await?;
    let room = rooms::archive(app, room.id, archived).await?;
    let now = if archived {
        "can only be read now"
    } else {
        "is in use again"
    };
    Ok((json!(room), format!("{} {now}", named(&room))))
}

async fn delete(app: &App, room: &str) -> Result<Answer> {
    let room = rooms::find(app, room).await?;
    rooms::delete(app, room.id).await?;
    let text = format!("{} is deleted", named(&room));
    Ok((json!({ "deleted": room.id }), text))
}

async fn members(app: &App, room: &str) -> Result<Answer> {
    let room = rooms::find(app, room).await?;
    let all = rooms::members(app, room.id).await?;
    let rows: Vec<_> = all
        .iter()
        .map(|member| {
            [
                member.user_id.to_string(),
                member.username.clone(),
                safe(&member.display_name),
                member.role.to_string(),
                when(member.joined_at.0),
            ]
        })
        .collect();
    let head = ["id", "user", "called", "role", "since"];
    Ok((json!(all), table(head, &rows)))
}

fn is(member: &Member, room: &Room) -> Answer {
    let text = format!("{} is {} in {}", member.username, member.role, named(room));
    (json!(member), text)
}

async fn add(app: &App, room: &str, user: &str, role: RoomRole) -> Result<Answer> {
    let room = rooms::find(app, room).await?;
    let member = rooms::add(app, room.id, user, role).await?;
    Ok(is(&member, &room))
}

async fn set_role(app: &App, room: &str, user: &str, role: RoomRole) -> Result<Answer> {
    let room = rooms::find(app, room).await?;
    let member = rooms::set_role(app, room.id, user, role).await?;
    Ok(is(&member, &room))
}

async fn remove(app: &App, room: &str, user: &str) -> Result<Answer> {
    let room = rooms::find(app, room).await?;
    rooms::remove(app, room.id, user).await?;
    let text = format!("{user} is no longer in {}", named(&room));
    Ok((json!({ "removed": user, "room_id": room.id }), text))
}
