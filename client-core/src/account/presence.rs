//! How present this user is, and what they say of themselves: read from the cache, changed by the
//! server.

use erc_protocol::{
    Timestamp,
    api::users::{OwnPresence, SetPresenceRequest},
    limit,
    presence::PresenceChoice,
    reaction, validate,
};
use reqwest::Method;
use rusqlite::Connection;

use super::{Account, views};
use crate::{
    cache::meta,
    error::{Error, Result},
    view::MyPresenceView,
};

/// Whether nothing is to ring or to pop up: the user does not want to be disturbed.
pub(super) fn is_quiet(conn: &Connection, now: Timestamp) -> Result<bool> {
    Ok(meta::presence(conn)?.at(now).choice == PresenceChoice::DoNotDisturb)
}

impl Account {
    /// What this user decided, as far as it is not over.
    pub fn my_presence(&self) -> Result<MyPresenceView> {
        let now = self.shared.clock.now();
        let mine = self.shared.store.read(meta::presence)?.at(now);
        Ok(MyPresenceView {
            choice: mine.choice,
            choice_until: mine.choice_until,
            status: mine.status.and_then(|said| views::status(&said, now)),
            hides_last_seen: mine.hides_last_seen,
        })
    }

    /// Changes how present this user is, and what they say of themselves; absent fields stay. What
    /// the server would refuse is refused here. It comes down the link, as to every device.
    pub async fn set_presence(&self, mut request: SetPresenceRequest) -> Result<()> {
        if let Some(status) = &mut request.status {
            status.text = validate::status(&status.text).map_err(Error::Invalid)?;
            let emoji = status.emoji.take().filter(|emoji| !emoji.is_empty());
            let known = emoji.map(|emoji| reaction::canonical(&emoji).map(str::to_owned));
            let not_known = || Error::Invalid("that is no emoji".to_owned());
            status.emoji = known.map(|known| known.ok_or_else(not_known)).transpose()?;
        }
        let lasts = [
            request.state_for_s,
            request.status.as_ref().and_then(|s| s.for_s),
        ];
        if lasts
            .iter()
            .flatten()
            .any(|s| !limit::PRESENCE_S.contains(s))
        {
            let why = "it lasts from a minute to a year";
            return Err(Error::Invalid(why.to_owned()));
        }
        let path = "/chat/presence";
        let _: OwnPresence = self
            .shared
            .api
            .send(Method::PUT, path, Some(&request))
            .await?;
        Ok(())
    }
}
