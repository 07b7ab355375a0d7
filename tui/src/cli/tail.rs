//! `erc tail`.

use erc_client_core::{
    Home,
    quick::{QuickMessage, TailEvent},
};
use jiff::tz::TimeZone;

use super::{account, args::Tail, output};

pub(super) async fn run(home: &Home, chosen: Option<&str>, args: Tail) -> anyhow::Result<()> {
    let info = account::choose(home, chosen)?;
    let quick = home.quick(&info.key).await?;
    let mut rooms = Vec::with_capacity(args.rooms.len());
    for name in &args.rooms {
        rooms.push(quick.find_room(name).await?.id);
    }
    let mut tail = quick.tail(rooms, args.count).await?;
    let zone = TimeZone::system();
    loop {
        let event = tail.next().await?;
        if args.json {
            output::json(&event)?;
            continue;
        }
        match event {
            TailEvent::Message(message) => output::line(&plain(&message, "", &zone))?,
            TailEvent::Changed(message) => {
                let how = if message.deleted {
                    "deleted "
                } else {
                    "edited "
                };
                output::line(&plain(&message, how, &zone))?;
            }
            TailEvent::Connected => {}
            TailEvent::Lost { reason } => {
                output::note(&format!("the link is cut ({reason}); trying again"));
            }
        }
    }
}

/// `12:04 #general Ada: the text`, further lines indented.
fn plain(message: &QuickMessage, how: &str, zone: &TimeZone) -> String {
    let time = message.at.to_jiff().to_zoned(zone.clone());
    let text = message.text.as_str().replace('\n', "\n      ");
    format!(
        "{} {} {how}{}: {text}",
        time.strftime("%H:%M"),
        message.room_name,
        message.sender,
    )
}
