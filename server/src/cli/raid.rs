//! `erc-server raid …`

use clap::Subcommand;
use erc_protocol::api::raid::{Raid, RaidRequest};
use serde_json::json;

use super::stats::when;
use super::user::{Answer, answer};
use crate::app::App;
use crate::ops::raid;

#[derive(Debug, Subcommand)]
pub(super) enum RaidCommand {
    /// Close the doors: nobody signs up, no link works, new accounts come into no room.
    On {
        /// For so long.
        #[arg(long, default_value_t = 2)]
        hours: u32,
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Open them again.
    Off {
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Tell until when they are closed.
    Show {
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
}

pub(super) async fn run(app: App, command: RaidCommand) -> anyhow::Result<()> {
    let (told, json) = match command {
        RaidCommand::On { hours, json } => {
            let seconds = hours.saturating_mul(3_600);
            (raid::start(&app, None, RaidRequest { seconds }).await, json)
        }
        RaidCommand::Off { json } => (raid::stop(&app, None).await, json),
        RaidCommand::Show { json } => (raid::get(&app, None).await, json),
    };
    answer(app, told.map(words), json).await
}

fn words(raid: Raid) -> Answer {
    let text = match raid.until {
        Some(until) => format!("the doors are closed until {}", when(until.0)),
        None => "the doors are open".to_owned(),
    };
    (json!(raid), text)
}
