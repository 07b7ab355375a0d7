//! `erc-server invite …`

use clap::{Args, Subcommand};
use erc_protocol::auth::CreateInviteRequest;
use serde_json::json;

use super::stats::when;
use super::table::table;
use super::user::{Answer, answer};
use crate::app::App;
use crate::ops::operator::invites;
use crate::ops::{Result, accounts};

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(super) struct Invite {
    #[command(subcommand)]
    command: Option<InviteCommand>,
    #[command(flatten)]
    create: Create,
}

#[derive(Debug, Args)]
struct Create {
    /// How many people may use it.
    #[arg(long, default_value_t = 1)]
    uses: i64,
    /// Hours until it is void.
    #[arg(long, default_value_t = 168)]
    hours: i64,
    /// As JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Subcommand)]
enum InviteCommand {
    /// Make an invite to sign up, and tell its code; this is also what `invite` alone does.
    Create(Create),
    /// List the invites that still let somebody in, newest first. Their codes are not known.
    List {
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Make an invite void.
    Revoke {
        /// Its name in the list, or its code.
        invite: String,
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
}

pub(super) async fn run(app: App, arguments: Invite) -> anyhow::Result<()> {
    let command = arguments
        .command
        .unwrap_or(InviteCommand::Create(arguments.create));
    match command {
        InviteCommand::Create(new) => {
            let made = create(&app, &new).await;
            answer(app, made, new.json).await
        }
        InviteCommand::List { json } => {
            let listed = list(&app).await;
            answer(app, listed, json).await
        }
        InviteCommand::Revoke { invite, json } => {
            let revoked = revoke(&app, &invite).await;
            answer(app, revoked, json).await
        }
    }
}

async fn create(app: &App, new: &Create) -> Result<Answer> {
    let request = CreateInviteRequest {
        uses: Some(new.uses),
        valid_hours: Some(new.hours),
    };
    let invite = accounts::create_invite(app, None, &request).await?.await?;
    Ok((json!(invite), invite.code))
}

async fn list(app: &App) -> Result<Answer> {
    let all = invites::list(app).await?;
    let rows: Vec<_> = all
        .iter()
        .map(|invite| {
            [
                invite.name.clone(),
                invite
                    .created_by_name
                    .clone()
                    .unwrap_or_else(|| "the shell".into()),
                invite.uses_left.to_string(),
                when(invite.created_at.0),
                when(invite.expires_at.0),
            ]
        })
        .collect();
    let head = ["invite", "made by", "uses left", "made", "void from"];
    Ok((json!(all), table(head, &rows)))
}

async fn revoke(app: &App, invite: &str) -> Result<Answer> {
    invites::revoke(app, invite).await?;
    Ok((json!({ "revoked": true }), "the invite is void".into()))
}
