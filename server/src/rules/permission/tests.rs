use super::*;

const GROUP: RoomFacts = RoomFacts {
    kind: RoomKind::Group,
    is_private: false,
};
const PRIVATE: RoomFacts = RoomFacts {
    kind: RoomKind::Group,
    is_private: true,
};
const DIRECT: RoomFacts = RoomFacts {
    kind: RoomKind::Direct,
    is_private: true,
};
const NEWS: RoomFacts = RoomFacts {
    kind: RoomKind::Announcement,
    is_private: false,
};

fn member(role: RoomRole) -> Standing {
    Standing {
        server_role: ServerRole::Member,
        room_role: Some(role),
    }
}

fn outsider(role: ServerRole) -> Standing {
    Standing {
        server_role: role,
        room_role: None,
    }
}

const fn actions() -> [Action; 12] {
    [
        Action::Read,
        Action::Send,
        Action::EditMessage { own: true },
        Action::EditMessage { own: false },
        Action::DeleteMessage { own: true },
        Action::DeleteMessage { own: false },
        Action::UpdateRoom,
        Action::DeleteRoom,
        Action::Join,
        Action::Leave,
        Action::AddMember {
            role: RoomRole::Member,
        },
        Action::RemoveMember {
            role: RoomRole::Member,
        },
    ]
}

#[test]
fn an_outsider_can_only_join_and_only_where_it_is_public() {
    for action in actions() {
        for role in ServerRole::ALL {
            let who = outsider(*role);
            assert_eq!(
                check(who, action, PRIVATE),
                Err(Denied::Hidden),
                "{action:?}"
            );
            assert_eq!(
                check(who, action, DIRECT),
                Err(Denied::Hidden),
                "{action:?}"
            );
            let allowed = action == Action::Join && *role != ServerRole::Guest;
            assert_eq!(
                check(who, action, GROUP).is_ok(),
                allowed,
                "{role} {action:?}"
            );
        }
    }
}

#[test]
fn nobody_edits_the_message_of_another() {
    for server_role in ServerRole::ALL {
        for room_role in RoomRole::ALL {
            let who = Standing {
                server_role: *server_role,
                room_role: Some(*room_role),
            };
            for room in [GROUP, PRIVATE, DIRECT, NEWS] {
                assert!(check(who, Action::EditMessage { own: false }, room).is_err());
            }
        }
    }
}

/// Least room role that may do it in a group, for an ordinary user; the whole table.
#[test]
fn the_table_of_a_group() {
    let least = |action| match action {
        Action::EditMessage { own: false } => None,
        Action::Send | Action::EditMessage { own: true } => Some(RoomRole::Member),
        Action::DeleteMessage { own: false }
        | Action::AddMember { .. }
        | Action::RemoveMember { .. } => Some(RoomRole::Moderator),
        Action::UpdateRoom => Some(RoomRole::Admin),
        Action::DeleteRoom => Some(RoomRole::Owner),
        Action::Read | Action::DeleteMessage { own: true } | Action::Join | Action::Leave => {
            Some(RoomRole::ReadOnly)
        }
    };
    for action in actions() {
        for role in RoomRole::ALL {
            let allowed = check(member(*role), action, GROUP).is_ok();
            assert_eq!(
                allowed,
                least(action).is_some_and(|least| *role >= least),
                "{role} {action:?}"
            );
        }
    }
}

#[test]
fn only_moderators_write_announcements() {
    assert!(check(member(RoomRole::Member), Action::Send, NEWS).is_err());
    assert!(check(member(RoomRole::Moderator), Action::Send, NEWS).is_ok());
}

#[test]
fn a_direct_room_can_only_be_read_and_written() {
    for action in actions() {
        let allowed = matches!(
            action,
            Action::Read
                | Action::Join
                | Action::Send
                | Action::EditMessage { own: true }
                | Action::DeleteMessage { own: true }
        );
        assert_eq!(
            check(member(RoomRole::Owner), action, DIRECT).is_ok(),
            allowed,
            "{action:?}"
        );
    }
}

#[test]
fn nobody_gives_or_takes_a_role_above_their_own() {
    for mine in RoomRole::ALL {
        for other in RoomRole::ALL {
            let may = *mine >= RoomRole::Moderator;
            let add = check(member(*mine), Action::AddMember { role: *other }, GROUP);
            assert_eq!(add.is_ok(), may && mine >= other, "{mine} adds {other}");
            let remove = check(member(*mine), Action::RemoveMember { role: *other }, GROUP);
            let higher = mine > other || *mine == RoomRole::Owner;
            assert_eq!(remove.is_ok(), may && higher, "{mine} removes {other}");
        }
    }
}

#[test]
fn a_server_admin_rules_the_rooms_they_are_in_and_no_others() {
    let inside = Standing {
        server_role: ServerRole::Admin,
        room_role: Some(RoomRole::ReadOnly),
    };
    assert!(check(inside, Action::DeleteRoom, GROUP).is_ok());
    assert_eq!(
        check(outsider(ServerRole::Admin), Action::Read, PRIVATE),
        Err(Denied::Hidden)
    );
}
