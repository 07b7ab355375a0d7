//! The whole table: every standing, room and action, held against the rules as one tells them to
//! people, written independently of how they are decided.

use erc_protocol::{Permissions, Timestamp};

use super::*;

fn actions() -> Vec<Action> {
    let mut all = vec![
        Action::Read,
        Action::Send,
        Action::EditMessage { own: true },
        Action::EditMessage { own: false },
        Action::DeleteMessage { own: true },
        Action::DeleteMessage { own: false },
        Action::ClosePoll { own: true },
        Action::ClosePoll { own: false },
        Action::MentionAll,
        Action::React,
        Action::Pin,
        Action::UpdateRoom,
        Action::SetLifetime,
        Action::DeleteRoom,
        Action::Join,
        Action::Leave,
        Action::SeeBans,
        Action::SeeFigures,
        Action::SeeAudit,
        Action::RunFilters,
        Action::RunLinks,
    ];
    for role in RoomRole::ALL {
        all.push(Action::AddMember { role: *role });
        all.push(Action::RemoveMember { role: *role });
        all.push(Action::Sanction { role: *role });
        for to in RoomRole::ALL {
            all.push(Action::SetRole {
                from: *role,
                to: *to,
            });
        }
    }
    all
}

/// All as usual; each capability given to each role, which may be below what it can be given to.
fn settings() -> Vec<RoomSettings> {
    let mut all = vec![RoomSettings::default()];
    for what in Capability::ALL {
        for role in RoomRole::ALL {
            let mut permissions = Permissions::default();
            permissions.set(*what, Some(*role));
            all.push(RoomSettings {
                permissions,
                ..RoomSettings::default()
            });
        }
    }
    let archived = all.clone().into_iter().map(|settings| RoomSettings {
        archived_at: Some(Timestamp(1)),
        ..settings
    });
    let archived: Vec<_> = archived.collect();
    all.extend(archived);
    all
}

/// The rules in words.
mod words {
    use super::*;

    /// 0 reads only, 1 member, 2 moderator, 3 admin, 4 owner.
    fn number(role: RoomRole) -> i32 {
        match role {
            RoomRole::ReadOnly => 0,
            RoomRole::Member => 1,
            RoomRole::Moderator => 2,
            RoomRole::Admin => 3,
            RoomRole::Owner => 4,
        }
    }

    /// What the room asks for: its own choice or the usual, but never below what is sensible.
    fn asks(room: &RoomFacts<'_>, what: Capability, usual: i32, at_least: i32) -> i32 {
        let chosen = room
            .settings
            .permissions
            .overrides()
            .find(|(named, _)| *named == what)
            .map(|(_, role)| number(role));
        chosen.unwrap_or(usual).max(at_least)
    }

    pub(super) fn may(who: Standing, action: Action, room: RoomFacts<'_>) -> Result<(), bool> {
        let direct = room.kind == RoomKind::Direct;
        // Who isn't in the room sees nothing of a private one, and of a public one only the door,
        // which is closed to guests.
        let Some(role) = who.room_role else {
            if room.is_private || direct {
                return Err(true);
            }
            let enters = action == Action::Join && who.server_role != ServerRole::Guest;
            return enters.then_some(()).ok_or(false);
        };
        // People of the server count as moderators or owners wherever they are in.
        let mine = number(role).max(match who.server_role {
            ServerRole::Guest | ServerRole::Member => 0,
            ServerRole::Moderator => 2,
            ServerRole::Admin | ServerRole::Owner => 4,
        });
        // Who only reads by role or by a mute adds nothing, and nobody does in an archive.
        let silent =
            role == RoomRole::ReadOnly || who.is_muted || room.settings.archived_at.is_some();
        let over = |other: RoomRole| mine > number(other) || mine == 4;
        let rules = asks(&room, Capability::Moderate, 2, 2) <= mine && !direct;
        let runs = asks(&room, Capability::Manage, 3, 2) <= mine && !direct;
        let writes = if room.kind == RoomKind::Announcement {
            2
        } else {
            1
        };
        // Who has not accepted a stranger's request reads it, or writes in it, which accepts it.
        let is_answer = matches!(action, Action::Read | Action::Send);
        if direct && who.is_asked && !is_answer {
            return Err(false);
        }
        // Who is blocked by the other one of a direct room adds nothing to it.
        if direct && who.is_shut_out {
            let adds = matches!(
                action,
                Action::Send
                    | Action::EditMessage { own: true }
                    | Action::MentionAll
                    | Action::React
                    | Action::Pin
                    | Action::AddMember { .. }
            );
            if adds {
                return Err(false);
            }
        }
        let allowed = match action {
            Action::Read
            | Action::Join
            | Action::DeleteMessage { own: true }
            | Action::ClosePoll { own: true } => true,
            Action::Send => !silent && asks(&room, Capability::Send, writes, 1) <= mine,
            Action::EditMessage { own } => own && !silent,
            Action::MentionAll => {
                !silent
                    && asks(&room, Capability::MentionAll, if direct { 1 } else { 2 }, 1) <= mine
            }
            Action::React => !silent && asks(&room, Capability::React, 1, 1) <= mine,
            Action::Pin => {
                let usual = if direct { 1 } else { 2 };
                !silent && asks(&room, Capability::Pin, usual, 1) <= mine
            }
            Action::DeleteMessage { own: false } | Action::ClosePoll { own: false } => {
                !direct && asks(&room, Capability::DeleteOthers, 2, 2) <= mine
            }
            Action::UpdateRoom | Action::SeeAudit | Action::RunFilters => runs,
            Action::SetLifetime => runs || direct,
            Action::DeleteRoom => mine == 4 && !direct,
            Action::Leave => !direct,
            Action::AddMember { role } => {
                let least = asks(&room, Capability::Invite, 2, 1);
                !direct && !silent && least <= mine && number(role) <= mine
            }
            Action::RemoveMember { role } | Action::Sanction { role } => rules && over(role),
            Action::SeeBans | Action::SeeFigures | Action::RunLinks => rules,
            Action::SetRole { from, to } => runs && over(from) && number(to) <= mine,
        };
        allowed.then_some(()).ok_or(false)
    }
}

#[test]
fn everybody_may_what_the_rules_say_and_nothing_else() {
    let mut compared = 0;
    let settings = settings();
    for settings in &settings {
        for kind in RoomKind::ALL {
            for is_private in [false, true] {
                let room = RoomFacts {
                    kind: *kind,
                    is_private,
                    settings,
                };
                for who in standings() {
                    for action in actions() {
                        let decided = check(who, action, room)
                            .map_err(|denied| matches!(denied, Denied::Hidden));
                        let told = words::may(who, action, room);
                        assert_eq!(decided, told, "{who:?} {action:?} {room:?}");
                        compared += 1;
                    }
                }
            }
        }
    }
    assert!(compared > 1_000_000, "{compared}");
}

fn standings() -> Vec<Standing> {
    let mut all = Vec::new();
    let roles = RoomRole::ALL.iter().copied().map(Some).chain([None]);
    for room_role in roles {
        for server_role in ServerRole::ALL {
            for is_muted in [false, true] {
                for (is_shut_out, is_asked) in
                    [(false, false), (true, false), (false, true), (true, true)]
                {
                    all.push(Standing {
                        server_role: *server_role,
                        room_role,
                        is_muted,
                        is_shut_out,
                        is_asked,
                    });
                }
            }
        }
    }
    all
}

#[test]
fn what_a_mute_forbids_is_what_it_is_asked_for() {
    let settings = RoomSettings::default();
    let room = RoomFacts {
        kind: RoomKind::Group,
        is_private: false,
        settings: &settings,
    };
    for who in standings() {
        for action in actions() {
            let muted = Standing {
                is_muted: true,
                ..who
            };
            let free = Standing {
                is_muted: false,
                ..who
            };
            if check(muted, action, room) != check(free, action, room) {
                assert!(action.adds(), "{action:?}");
            }
        }
    }
}

#[test]
fn on_the_server_moderators_see_to_emoji_and_doors_and_administrators_to_filters() {
    // Guest, member, moderator, admin, owner.
    let table = [
        (ServerAction::ManageEmoji, [false, false, true, true, true]),
        (ServerAction::RunDoors, [false, false, true, true, true]),
        (ServerAction::RunFilters, [false, false, false, true, true]),
    ];
    let roles = [
        ServerRole::Guest,
        ServerRole::Member,
        ServerRole::Moderator,
        ServerRole::Admin,
        ServerRole::Owner,
    ];
    assert_eq!(ServerRole::ALL, roles);
    for (action, may) in table {
        for (role, may) in roles.into_iter().zip(may) {
            let decided = check_on_server(role, action);
            assert_eq!(decided.is_ok(), may, "{role} {action:?}");
            assert!(!matches!(decided, Err(Denied::Hidden)));
        }
    }
}
