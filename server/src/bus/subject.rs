//! What a message is about, as the carrier sorts it.

use erc_protocol::{InstanceId, RoomId, UserId};

/// Where a message goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Subject {
    /// To nodes where somebody listens to the room.
    Room(RoomId),
    /// About one user; to all.
    User(UserId),
    /// To all nodes.
    All,
}

impl Subject {
    /// Its name on NATS: `erc.<instance>.r.<room>`, `….u.<user>`, `….all`. The instance keeps several
    /// communities on one NATS server apart, and what is restored from what it was before.
    #[must_use]
    pub fn name(self, instance: InstanceId) -> String {
        let instance = instance.0.simple();
        match self {
            Self::Room(room) => format!("erc.{instance}.r.{}", room.0),
            Self::User(user) => format!("erc.{instance}.u.{}", user.0),
            Self::All => format!("erc.{instance}.all"),
        }
    }
}
