//! What is true only while connected: who is there, who types. Never stored; empty after a cut.

use std::{
    collections::{BTreeMap, HashMap},
    time::{Duration, Instant},
};

use erc_protocol::{
    Presence, PresenceState, RoomId, UserId, limit,
    presence::{Status, Typing, UserStatus},
};

use crate::SafeText;

#[derive(Debug, Default)]
pub(crate) struct Live {
    presence: HashMap<UserId, Presence>,
    typing: HashMap<RoomId, BTreeMap<UserId, (SafeText, Instant)>>,
}

impl Live {
    /// Somebody came or went; what they say of themselves is told apart.
    pub(crate) fn set_presence(&mut self, presence: &Presence) {
        let status = self.status(presence.user_id).cloned();
        let presence = Presence {
            status,
            ..presence.clone()
        };
        self.presence.insert(presence.user_id, presence);
    }

    /// All that can be known of somebody: the answer to a question.
    pub(crate) fn put_presence(&mut self, presence: &Presence) {
        self.presence.insert(presence.user_id, presence.clone());
    }

    pub(crate) fn set_status(&mut self, said: &UserStatus) {
        let known = self.presence.entry(said.user_id).or_insert(Presence {
            user_id: said.user_id,
            is_online: false,
            state: PresenceState::Offline,
            last_seen: None,
            status: None,
        });
        known.status.clone_from(&said.status);
    }

    pub(crate) fn status(&self, user: UserId) -> Option<&Status> {
        self.presence(user)?.status.as_ref()
    }

    pub(crate) fn presence(&self, user: UserId) -> Option<&Presence> {
        self.presence.get(&user)
    }

    pub(crate) fn set_typing(&mut self, typing: &Typing, now: Instant) {
        let room = self.typing.entry(typing.room_id).or_default();
        if typing.is_typing {
            let until = now + Duration::from_millis(limit::TYPING_TTL_MS);
            room.insert(typing.user_id, (SafeText::line(&typing.user_name), until));
        } else {
            room.remove(&typing.user_id);
        }
    }

    /// A message ends its sender's typing. Returns whether it did.
    pub(crate) fn wrote(&mut self, room: RoomId, user: UserId) -> bool {
        self.typing
            .get_mut(&room)
            .is_some_and(|room| room.remove(&user).is_some())
    }

    pub(crate) fn typing(&self, room: RoomId) -> Vec<SafeText> {
        let names = self
            .typing
            .get(&room)
            .into_iter()
            .flat_map(BTreeMap::values);
        names.map(|(name, _)| name.clone()).collect()
    }

    /// Drops who stopped without saying so; returns the rooms concerned.
    pub(crate) fn expire_typing(&mut self, now: Instant) -> Vec<RoomId> {
        let mut changed = Vec::new();
        for (room, who) in &mut self.typing {
            let before = who.len();
            who.retain(|_, (_, until)| *until > now);
            if who.len() != before {
                changed.push(*room);
            }
        }
        self.typing.retain(|_, who| !who.is_empty());
        changed
    }

    /// The link is cut; returns the rooms in which somebody typed.
    pub(crate) fn clear(&mut self) -> Vec<RoomId> {
        self.presence.clear();
        self.typing.drain().map(|(room, _)| room).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use erc_protocol::Timestamp;

    fn typing(is_typing: bool) -> Typing {
        Typing {
            user_id: UserId(2),
            user_name: "Bo".to_owned(),
            room_id: RoomId(1),
            is_typing,
            timestamp: Timestamp(0),
        }
    }

    #[test]
    fn a_status_outlives_coming_and_going_and_ends_when_it_is_said() {
        let mut live = Live::default();
        let status = |text: Option<&str>| UserStatus {
            user_id: UserId(2),
            status: text.map(|text| Status {
                text: text.to_owned(),
                emoji: None,
                until: None,
            }),
        };
        let state = |live: &Live| live.presence(UserId(2)).map(|presence| presence.state);
        let said = |live: &Live| live.status(UserId(2)).map(|status| status.text.clone());
        live.set_status(&status(Some("lunch")));
        assert_eq!(state(&live), Some(PresenceState::Offline));
        let mut presence = Presence {
            user_id: UserId(2),
            is_online: true,
            state: PresenceState::Online,
            last_seen: None,
            status: None,
        };
        live.set_presence(&presence);
        assert_eq!(said(&live).as_deref(), Some("lunch"));
        live.set_status(&status(None));
        assert_eq!(said(&live), None);
        assert_eq!(state(&live), Some(PresenceState::Online));
        presence.status = status(Some("back soon")).status;
        live.put_presence(&presence);
        assert_eq!(said(&live).as_deref(), Some("back soon"));
    }

    #[test]
    fn typing_ends_by_saying_so_by_writing_and_by_itself() {
        let now = Instant::now();
        let mut live = Live::default();
        for end in 0..3 {
            live.set_typing(&typing(true), now);
            assert_eq!(live.typing(RoomId(1)).len(), 1);
            match end {
                0 => live.set_typing(&typing(false), now),
                1 => assert!(live.wrote(RoomId(1), UserId(2))),
                _ => assert_eq!(
                    live.expire_typing(now + Duration::from_secs(7)),
                    [RoomId(1)]
                ),
            }
            assert!(live.typing(RoomId(1)).is_empty());
        }
    }
}
