//! `erc-server audit`

use clap::Args;
use erc_protocol::api::audit::AuditQuery;
use serde_json::json;

use super::stats::when;
use super::table::{safe, table};
use super::user::{Answer, answer};
use crate::app::App;
use crate::ops::audit::for_operator;
use crate::ops::{Result, operator};

/// Shows what moderators, administrators and operators did, the latest first.
#[derive(Debug, Args)]
pub(super) struct Audit {
    /// Only this, or this family: member.ban, member, report, user.
    #[arg(long)]
    action: Option<String>,
    /// Only what this user did.
    #[arg(long, value_name = "NAME")]
    by: Option<String>,
    /// Only what was done to this user.
    #[arg(long, value_name = "NAME")]
    to: Option<String>,
    /// So many lines.
    #[arg(long, default_value_t = 50)]
    lines: i64,
    /// As JSON.
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(app: App, arguments: Audit) -> anyhow::Result<()> {
    let told = read(&app, &arguments).await;
    answer(app, told, arguments.json).await
}

async fn read(app: &App, arguments: &Audit) -> Result<Answer> {
    let id = async |name: &Option<String>| match name {
        None => Ok(None),
        Some(name) => operator::accounts::id_of(app, name).await.map(Some),
    };
    let query = AuditQuery {
        before: None,
        action: arguments.action.clone(),
        actor_id: id(&arguments.by).await?,
        user_id: id(&arguments.to).await?,
        limit: Some(arguments.lines),
    };
    let page = for_operator(app, query).await?;
    let rows: Vec<_> = page
        .entries
        .iter()
        .map(|line| {
            let name = |name: &Option<String>| name.as_deref().map_or_else(String::new, safe);
            [
                when(line.at.0),
                line.actor_name.as_deref().map_or("the shell".into(), safe),
                line.action.clone(),
                name(&line.user_name),
                name(&line.room_name),
                safe(&line.details.to_string()),
            ]
        })
        .collect();
    let text = table(["when", "who", "what", "to whom", "room", "details"], &rows);
    Ok((json!(page), text))
}
