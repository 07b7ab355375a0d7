//! `erc search`: in the messages that are on this machine, and in the server's.

use erc_client_core::Home;
use jiff::tz::TimeZone;

use super::{account, args::Search, output};

pub(super) async fn run(home: &Home, chosen: Option<&str>, args: &Search) -> anyhow::Result<()> {
    let info = account::choose(home, chosen)?;
    let query = args.words.join(" ");
    let hits = if args.here {
        home.search(&info.key, &query, args.limit)?
    } else {
        let found = home
            .search_everywhere(&info.key, &query, args.limit)
            .await?;
        if !found.asked_server {
            output::note("the server can't be asked: these are from this machine alone");
        } else if !found.complete {
            output::note("the server's index is behind: there may be more soon");
        }
        found.hits
    };
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
