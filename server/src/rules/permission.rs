//! Who may do what in a room: one pure function, tested as a table. What roles permit by themselves
//! stands in [`erc_protocol::permission`], which clients ask as well; here is what it takes besides:
//! being in the room, ranks, and what a direct room is.

use erc_protocol::emoji;
use erc_protocol::permission::{Refusal, Situation};
use erc_protocol::{Capability, RoomKind, RoomRole, RoomSettings, ServerRole};

/// Who acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    pub server_role: ServerRole,
    /// Their role in the room, if they are in it.
    pub room_role: Option<RoomRole>,
    /// Now.
    pub is_muted: bool,
    /// The other one of a direct room blocks them.
    pub is_shut_out: bool,
    /// It is a stranger's request that they have not accepted.
    pub is_asked: bool,
}

/// What they want to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// See the room and its messages.
    Read,
    /// Write a message.
    Send,
    /// Call everybody.
    MentionAll,
    /// Change a message; only its author may.
    EditMessage { own: bool },
    /// Delete a message.
    DeleteMessage { own: bool },
    /// Answer a message with an emoji; vote in a poll.
    React,
    /// End a poll.
    ClosePoll { own: bool },
    /// Keep a message at hand for the room, or no longer.
    Pin,
    /// Change what the room is called and how it is kept.
    UpdateRoom,
    /// Say how long messages stay that are sent from now on.
    SetLifetime,
    /// Delete the room.
    DeleteRoom,
    /// Come in by oneself.
    Join,
    /// Go away by oneself.
    Leave,
    /// Bring somebody in, with this role; make a link by which people come in.
    AddMember { role: RoomRole },
    /// Take somebody of this rank out.
    RemoveMember { role: RoomRole },
    /// Mute or ban somebody of this rank, or lift that.
    Sanction { role: RoomRole },
    /// See who is banned.
    SeeBans,
    /// See figures of the room and of those in it.
    SeeFigures,
    /// Read what moderators did in the room.
    SeeAudit,
    /// See and change what the room doesn't take.
    RunFilters,
    /// See, and take back, links by which people come in that others made.
    RunLinks,
    /// Give somebody of the rank `from` the role `to`.
    SetRole { from: RoomRole, to: RoomRole },
}

impl Action {
    /// Whether it adds to what is in the room, so that a mute or an archive forbids it.
    #[must_use]
    pub const fn adds(self) -> bool {
        matches!(
            self,
            Self::Send
                | Self::MentionAll
                | Self::EditMessage { own: true }
                | Self::React
                | Self::Pin
                | Self::AddMember { .. }
        )
    }
}

/// What kind of room it is.
#[derive(Debug, Clone, Copy)]
pub struct RoomFacts<'a> {
    pub kind: RoomKind,
    pub is_private: bool,
    pub settings: &'a RoomSettings,
}

/// Why not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Denied {
    /// The room must not show that it exists.
    Hidden,
    /// Known, and not permitted: a sentence for people.
    Forbidden(&'static str),
}

use Denied::Forbidden;

/// What is done to the whole server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ServerAction {
    /// Add custom emoji, and take them away.
    ManageEmoji,
    /// See and change what the server doesn't take.
    RunFilters,
    /// Close the doors against strangers, and open them.
    RunDoors,
}

/// Decides what somebody with this role on the server may do there.
pub fn check_on_server(role: ServerRole, action: ServerAction) -> Result<(), Denied> {
    match action {
        ServerAction::ManageEmoji => when(
            emoji::may_manage(role),
            "only moderators of the server add emoji and take them away",
        ),
        ServerAction::RunFilters => when(
            role >= ServerRole::Admin,
            "only administrators see to the filters of the server",
        ),
        ServerAction::RunDoors => when(
            role >= ServerRole::Moderator,
            "only moderators of the server see to its doors",
        ),
    }
}

/// What those are told whom somebody blocks.
pub const SHUT_OUT: &str = "you can't write to this person";

/// Decides.
#[expect(clippy::too_many_lines, reason = "a table: what each action asks for")]
pub fn check(who: Standing, action: Action, room: RoomFacts<'_>) -> Result<(), Denied> {
    let Some(room_role) = who.room_role else {
        return outside(who.server_role, action, room);
    };
    let situation = Situation {
        kind: room.kind,
        settings: room.settings,
        room_role,
        server_role: who.server_role,
        is_muted: who.is_muted,
    };
    let mine = situation.role();
    let need = |what: Capability, why| permitted(&situation, what, why);
    let above = |rank: RoomRole, why| when(mine > rank || mine == RoomRole::Owner, why);
    let many = |why| when(room.kind != RoomKind::Direct, why);
    if who.is_shut_out && action.adds() && room.kind == RoomKind::Direct {
        // Not why: whoever blocks somebody need not answer for it.
        return Err(Forbidden(SHUT_OUT));
    }
    // Writing accepts it.
    let answers = matches!(action, Action::Read | Action::Send);
    if who.is_asked && !answers && room.kind == RoomKind::Direct {
        return Err(Forbidden("accept this person's request first"));
    }
    match action {
        Action::Read
        | Action::Join
        | Action::DeleteMessage { own: true }
        | Action::ClosePoll { own: true } => Ok(()),
        Action::Send if room.kind == RoomKind::Announcement => need(
            Capability::Send,
            "only moderators write in an announcement room",
        ),
        Action::Send => need(Capability::Send, "your role here doesn't write"),
        // What was permitted once may be put right; a mute and an archive still hold.
        Action::EditMessage { own: true } => match situation.refusal(Capability::Send) {
            None | Some(Refusal::Role(_)) => Ok(()),
            Some(refusal) => Err(Forbidden(sentence(refusal, ""))),
        },
        Action::EditMessage { own: false } => Err(Forbidden("only its author edits a message")),
        Action::DeleteMessage { own: false } | Action::ClosePoll { own: false } => {
            let [direct, why] = for_its_author(action);
            many(direct).and_then(|()| need(Capability::DeleteOthers, why))
        }
        Action::MentionAll => need(
            Capability::MentionAll,
            "your role here doesn't call everybody: write without @all and @here",
        ),
        Action::React => need(Capability::React, "your role here doesn't react"),
        Action::Pin => need(Capability::Pin, "only moderators pin messages"),
        Action::UpdateRoom => {
            many("a direct room has no settings")?;
            need(Capability::Manage, "only admins change the room")
        }
        // Both of a direct room may: each decides what is left of what they write.
        Action::SetLifetime if room.kind == RoomKind::Direct => Ok(()),
        Action::SetLifetime => need(
            Capability::Manage,
            "only admins say how long messages stay here",
        ),
        Action::DeleteRoom => {
            many("a direct room can't be deleted")?;
            when(mine == RoomRole::Owner, "only the owner deletes the room")
        }
        Action::Leave => many("a direct room can't be left"),
        Action::AddMember { role } => {
            many("a direct room has two members")?;
            need(Capability::Invite, "only moderators add members")?;
            when(mine >= role, "nobody gives a role above their own")
        }
        Action::RemoveMember { role } => {
            many("a direct room has two members")?;
            need(Capability::Moderate, "only moderators remove members")?;
            above(role, "only somebody with a higher role removes them")
        }
        Action::Sanction { role } => {
            many("nobody is muted or banned in a direct room")?;
            need(Capability::Moderate, "only moderators mute and ban")?;
            above(role, "only somebody with a higher role does this to them")
        }
        Action::SeeBans => {
            many("nobody is banned from a direct room")?;
            need(Capability::Moderate, "only moderators see who is banned")
        }
        Action::SeeFigures => {
            many("a direct room has no figures")?;
            need(
                Capability::Moderate,
                "only moderators see the figures of a room",
            )
        }
        Action::SeeAudit | Action::RunFilters => {
            many("a direct room has no log and no filters of its own")?;
            let why = "only admins read the log of the room and see to its filters";
            need(Capability::Manage, why)
        }
        Action::RunLinks => {
            many("no link leads into a direct room")?;
            need(
                Capability::Moderate,
                "only moderators take back links of others",
            )
        }
        Action::SetRole { from, to } => {
            many("nobody has a role in a direct room")?;
            need(Capability::Manage, "only admins change roles")?;
            above(from, "only somebody with a higher role changes theirs")?;
            when(mine >= to, "nobody gives a role above their own")
        }
    }
}

/// Why others may not do what the author of a message may: in a direct room, and elsewhere.
const fn for_its_author(action: Action) -> [&'static str; 2] {
    match action {
        Action::ClosePoll { .. } => [
            "only its author closes a poll here",
            "only its author and moderators close a poll",
        ],
        _ => [
            "only its author deletes a message here",
            "only moderators delete messages of others",
        ],
    }
}

fn outside(role: ServerRole, action: Action, room: RoomFacts<'_>) -> Result<(), Denied> {
    match action {
        _ if room.is_private || room.kind == RoomKind::Direct => Err(Denied::Hidden),
        Action::Join if role == ServerRole::Guest => {
            Err(Forbidden("guests come in by being added"))
        }
        Action::Join => Ok(()),
        _ => Err(Forbidden("you are not in this room")),
    }
}

const fn when(is: bool, otherwise: &'static str) -> Result<(), Denied> {
    if is {
        Ok(())
    } else {
        Err(Forbidden(otherwise))
    }
}

fn permitted(
    situation: &Situation<'_>,
    what: Capability,
    otherwise: &'static str,
) -> Result<(), Denied> {
    match situation.refusal(what) {
        None => Ok(()),
        Some(refusal) => Err(Forbidden(sentence(refusal, otherwise))),
    }
}

const fn sentence(refusal: Refusal, by_role: &'static str) -> &'static str {
    match refusal {
        Refusal::Archived => "the room is archived: nothing is added to it",
        Refusal::Muted => "you are muted in this room: you may only read",
        Refusal::ReadOnly => "you may only read in this room",
        Refusal::Role(_) => by_role,
    }
}

#[cfg(test)]
mod tests;
