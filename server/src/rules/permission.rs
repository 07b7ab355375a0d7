//! Who may do what in a room: one pure function, tested as a table.

use erc_protocol::{RoomKind, RoomRole, ServerRole};

/// Who acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    pub server_role: ServerRole,
    /// Their role in the room, if they are in it.
    pub room_role: Option<RoomRole>,
}

/// What they want to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// See the room and its messages.
    Read,
    /// Write a message.
    Send,
    /// Change a message; only its author may.
    EditMessage { own: bool },
    /// Delete a message.
    DeleteMessage { own: bool },
    /// Change name, topic, privacy.
    UpdateRoom,
    /// Delete the room.
    DeleteRoom,
    /// Come in by oneself.
    Join,
    /// Go away by oneself.
    Leave,
    /// Bring somebody in, with this role.
    AddMember { role: RoomRole },
    /// Take somebody with this role out.
    RemoveMember { role: RoomRole },
}

/// What kind of room it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RoomFacts {
    pub kind: RoomKind,
    pub is_private: bool,
}

/// Why not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Denied {
    /// The room must not show that it exists.
    Hidden,
    /// Known, and not permitted: a sentence for people.
    Forbidden(&'static str),
}

/// Decides.
#[expect(clippy::match_same_arms, reason = "one line a rule of the table")]
pub fn check(who: Standing, action: Action, room: RoomFacts) -> Result<(), Denied> {
    use Denied::Forbidden;

    let Some(room_role) = who.room_role else {
        return match action {
            _ if room.is_private || room.kind == RoomKind::Direct => Err(Denied::Hidden),
            Action::Join if who.server_role == ServerRole::Guest => {
                Err(Forbidden("guests come in by being added"))
            }
            Action::Join => Ok(()),
            _ => Err(Forbidden("you are not in this room")),
        };
    };
    let role = room_role.max(from_server(who.server_role));
    let need = |least: RoomRole, why| {
        if role >= least {
            Ok(())
        } else {
            Err(Forbidden(why))
        }
    };
    let not_direct = |why| {
        if room.kind == RoomKind::Direct {
            Err(Forbidden(why))
        } else {
            Ok(())
        }
    };
    match action {
        Action::Read | Action::Join => Ok(()),
        Action::Send if room_role == RoomRole::ReadOnly => {
            Err(Forbidden("you may only read in this room"))
        }
        Action::Send if room.kind == RoomKind::Announcement => need(
            RoomRole::Moderator,
            "only moderators write in an announcement room",
        ),
        Action::Send => Ok(()),
        Action::EditMessage { own: true } if room_role == RoomRole::ReadOnly => {
            Err(Forbidden("you may only read in this room"))
        }
        Action::EditMessage { own: true } => Ok(()),
        Action::EditMessage { own: false } => Err(Forbidden("only its author edits a message")),
        Action::DeleteMessage { own: true } => Ok(()),
        Action::DeleteMessage { own: false } => {
            not_direct("only its author deletes a message here")?;
            need(
                RoomRole::Moderator,
                "only moderators delete messages of others",
            )
        }
        Action::UpdateRoom => {
            not_direct("a direct room has no settings")?;
            need(RoomRole::Admin, "only admins change the room")
        }
        Action::DeleteRoom => {
            not_direct("a direct room can't be deleted")?;
            need(RoomRole::Owner, "only the owner deletes the room")
        }
        Action::Leave => not_direct("a direct room can't be left"),
        Action::AddMember { role: new } => {
            not_direct("a direct room has two members")?;
            need(RoomRole::Moderator, "only moderators add members")?;
            need(new, "nobody gives a role above their own")
        }
        Action::RemoveMember { role: target } => {
            not_direct("a direct room has two members")?;
            need(RoomRole::Moderator, "only moderators remove members")?;
            if role > target || role == RoomRole::Owner {
                Ok(())
            } else {
                Err(Forbidden("only somebody with a higher role removes them"))
            }
        }
    }
}

/// What a server role is worth in any room that its holder is in.
const fn from_server(role: ServerRole) -> RoomRole {
    match role {
        ServerRole::Guest | ServerRole::Member => RoomRole::ReadOnly,
        ServerRole::Moderator => RoomRole::Moderator,
        ServerRole::Admin | ServerRole::Owner => RoomRole::Owner,
    }
}

#[cfg(test)]
mod tests;
