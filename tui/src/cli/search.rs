//! `erc search`: in the messages that are on this machine, without a server.

use erc_client_core::Home;
use jiff::tz::TimeZone;

use super::{account, args::Search, output};

pub(super) fn run(home: &Home, chosen: Option<&str>, args: &Search) -> anyhow::Result<()> {
    let info = account::choose(home, chosen)?;
    let hits = home.search(&info.key, &args.words.join(" "), args.limit)?;
    let zone = TimeZone::system();
    for hit in hits {
        if args.json {
            output::json(&hit)?;
            continue;
        }
        let time = hit.at.to_jiff().to_zoned(zone.clone());
        output::line(&format!(
            "{} {} {}: {}",
            time.strftime("%Y-%m-%d %H:%M"),
            hit.room_name,
            hit.sender,
            hit.text
        ))?;
    }
    Ok(())
}
