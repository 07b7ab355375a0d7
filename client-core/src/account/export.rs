//! A room, or everything about oneself, into a file; see [`crate::export`].

use erc_protocol::RoomId;

use super::Account;
use crate::{
    error::Result,
    export::{self, ExportWish, Exported, Ground, Hearing, Target},
};

impl Account {
    /// Writes a room's messages. Dropped before it is done, it leaves no file.
    pub async fn export_room(
        &self,
        room: RoomId,
        wish: ExportWish,
        target: Target,
        hear: Hearing<'_>,
    ) -> Result<Exported> {
        export::room(&self.ground(), room, wish, target, hear).await
    }

    /// Has everything that the server holds of this user. The server gives it once in an hour.
    pub async fn export_personal(&self, target: Target, hear: Hearing<'_>) -> Result<Exported> {
        export::personal(&self.ground(), target, hear).await
    }

    /// Today's date in the user's zone, for names of files.
    #[must_use]
    pub fn today(&self) -> String {
        let clock = &self.shared.clock;
        let now = clock.now().to_jiff().to_zoned(clock.zone());
        now.date().to_string()
    }

    fn ground(&self) -> Ground {
        Ground {
            api: self.shared.api.clone(),
            clock: self.shared.clock.clone(),
            store: self.shared.folder.join("store.db"),
        }
    }
}
