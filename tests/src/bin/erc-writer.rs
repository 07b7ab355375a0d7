//! A client that only writes, made to be killed: the crash tests start it, `kill -9` it in the
//! middle, and look for what it said was safe.
//!
//! `erc-writer HOME ROOM NAME FIRST`: opens the account in HOME, sends `NAME-FIRST`, `NAME-…` and
//! prints each number once client-core has it on disk. It ends only by being killed.

use std::{io::Write as _, path::Path};

use anyhow::{Context as _, Result};
use erc_client_core::{Home, protocol::RoomId};

#[tokio::main]
async fn main() -> Result<()> {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [home, room, name, first] = arguments.as_slice() else {
        anyhow::bail!("usage: erc-writer HOME ROOM NAME FIRST");
    };
    let home = Home::open(Path::new(home))?;
    let key = home
        .accounts()?
        .into_iter()
        .next()
        .context("no account")?
        .key;
    let account = home.open_account(&key)?;
    account.start();
    let room: RoomId = room.parse()?;
    for number in first.parse::<u64>()?.. {
        account
            .send(room, &format!("{name}-{number}"), None)
            .await?;
        println!("{number}");
        std::io::stdout().flush()?;
    }
    Ok(())
}
