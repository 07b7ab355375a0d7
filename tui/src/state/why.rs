//! Why a member may not write, in words.

use erc_client_core::view::RoomSummary;

/// Of a room in which this user may not write.
pub fn why_not(room: &RoomSummary) -> &'static str {
    if room.messages_left == Some(0) {
        "you wrote as much as one may before they accept: wait until they do"
    } else if room.archived_at.is_some() {
        "this room is archived: it is only read"
    } else if room.muted_until.is_some() {
        "you are muted in this room: you may only read"
    } else {
        "only some members may write in this room"
    }
}
