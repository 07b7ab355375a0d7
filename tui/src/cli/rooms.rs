//! `erc rooms`.

use erc_client_core::{Home, protocol::RoomKind};

use super::{account, output};
use crate::wrap;

pub(super) async fn run(home: &Home, chosen: Option<&str>, json: bool) -> anyhow::Result<()> {
    let info = account::choose(home, chosen)?;
    let quick = home.quick(&info.key).await?;
    let rooms = quick.rooms().await?;
    if json {
        for room in &rooms {
            output::json(room)?;
        }
        return Ok(());
    }
    let name = |room: &erc_client_core::quick::QuickRoom| match (&room.peer, room.kind) {
        (Some(peer), RoomKind::Direct) => format!("@{peer}"),
        _ => room.name.to_string(),
    };
    let widest = rooms.iter().map(|r| wrap::width(&name(r))).max();
    for room in &rooms {
        let name = name(room);
        let fill = " ".repeat(widest.unwrap_or(0) - wrap::width(&name));
        let unread = if room.unread > 0 {
            format!("{:>5} new", room.unread)
        } else {
            " ".repeat(9)
        };
        let text = format!("{:>6}  {name}{fill} {unread}  {}", room.id.0, room.topic);
        output::line(text.trim_end())?;
    }
    Ok(())
}
