//! What the server says.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use ts_rs::TS;

use crate::{
    ErrorBody, InstanceId, Member, Message, Presence, Rev, Room, RoomId, SessionId, Timestamp,
    User,
    presence::{Typing, UserStatus},
    receipt::{Receipt, Receipts},
    sync::{RoomHead, Sync},
};

/// A frame with the number of the client's frame that it answers.
#[derive(Debug, Clone, PartialEq)]
pub struct ServerPacket {
    pub id: Option<u64>,
    pub frame: ServerFrame,
}

/// A server's frame, by its `type`.
///
/// Frames that change a room (`new_message`, `message_updated`, `room_updated`, `member_updated`,
/// `void`) cover exactly one [`Rev`]; together they are every change, so a missing number proves a
/// lost frame.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "type", content = "data", rename_all = "snake_case")]
#[expect(
    clippy::large_enum_variant,
    reason = "a frame is made, encoded and dropped; nobody keeps many"
)]
pub enum ServerFrame {
    /// The answer to `hello`.
    Welcome(Welcome),
    Sync(Sync),
    /// The answer to `join_room`.
    RoomJoined(RoomJoined),
    NewMessage(Message),
    /// The whole current row.
    MessageUpdated(Message),
    RoomUpdated(Room),
    MemberUpdated(MemberUpdated),
    /// A change that this user may not see: the cursor moves, nothing else.
    Void(Void),
    TypingIndicator(Typing),
    PresenceUpdate(Presence),
    /// What somebody says of themselves changed.
    UserUpdated(UserStatus),
    /// Watermarks of an open room that rose.
    Receipts(Receipts),
    /// The client's frame was carried out; `data` as that frame says.
    Ack(#[ts(type = "unknown")] serde_json::Value),
    Error(ErrorBody),
    Pong(Pong),
    /// The session is over: sign in again.
    SessionEnded(SessionEnded),
    /// The server closes the socket.
    Bye(Bye),
    /// A frame that this build does not know. If it changed a room, the cursor can still move.
    #[serde(skip)]
    #[ts(skip)]
    Unknown(UnknownFrame),
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Welcome {
    pub session_id: SessionId,
    pub instance: InstanceId,
    pub user: User,
    pub server_time: Timestamp,
    /// The server pings about this often; two misses mean a dead link.
    #[ts(type = "number")]
    pub heartbeat_ms: u64,
    /// Whether the cursors of `hello` were taken; if not, the client starts afresh.
    pub resumed: bool,
    pub caps: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RoomJoined {
    pub room_id: RoomId,
    #[serde(flatten)]
    pub head: RoomHead,
    /// Members who are there now, or who say something of themselves; both, of a direct room.
    pub presence: Vec<Presence>,
    /// The watermarks of all members; nobody in a room too large for receipts.
    #[serde(default)]
    pub receipts: Vec<Receipt>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MemberUpdated {
    pub room_id: RoomId,
    pub rev: Rev,
    pub member: Member,
    #[ts(type = "number")]
    pub member_count: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Void {
    pub room_id: RoomId,
    pub rev: Rev,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Pong {
    pub server_time: Timestamp,
    /// Newest changes of the open rooms: shows a client that the tail was lost.
    #[serde(default)]
    pub heads: Vec<Head>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Head {
    pub room_id: RoomId,
    pub rev: Rev,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SessionEnded {
    /// One sentence for people.
    pub reason: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Bye {
    /// Why, as a word: `shutdown`, `superseded`, `slow`.
    pub reason: String,
    /// Whether to come back.
    pub reconnect: bool,
    /// Not before this many milliseconds.
    #[ts(type = "number")]
    pub delay_ms: u64,
}

/// What is known of an unknown frame.
#[derive(Debug, Clone, PartialEq)]
pub struct UnknownFrame {
    pub kind: String,
    pub room_id: Option<RoomId>,
    pub rev: Option<Rev>,
    pub data: serde_json::Value,
}

#[derive(Deserialize)]
struct Raw<'a> {
    #[serde(rename = "type", borrow)]
    kind: &'a RawValue,
    #[serde(default, borrow)]
    data: Option<&'a RawValue>,
    #[serde(default)]
    id: Option<u64>,
}

#[derive(Serialize)]
struct Wire<'a> {
    #[serde(flatten)]
    frame: &'a ServerFrame,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<u64>,
}

impl From<ServerFrame> for ServerPacket {
    fn from(frame: ServerFrame) -> Self {
        Self { id: None, frame }
    }
}

impl ServerPacket {
    /// Reads a text frame. A frame of an unknown type or shape becomes [`ServerFrame::Unknown`];
    /// only what is no frame at all is an error.
    pub fn decode(text: &str) -> Result<Self, serde_json::Error> {
        let Raw { kind, data, id } = serde_json::from_str(text)?;
        let (kind, data) = (kind.get(), data.map_or("null", RawValue::get));
        // The type first, so that serde reads the data as it comes and builds no tree of it.
        if let Ok(frame) = serde_json::from_str(&format!(r#"{{"type":{kind},"data":{data}}}"#)) {
            return Ok(Self { id, frame });
        }
        let kind = serde_json::from_str(kind)?;
        let data: serde_json::Value = serde_json::from_str(data)?;
        let number = |key: &str| data.get(key).and_then(serde_json::Value::as_i64);
        let room_id = number("chat_room_id")
            .or_else(|| number("room_id"))
            .map(RoomId);
        let rev = number("rev").map(Rev);
        Ok(Self {
            id,
            frame: ServerFrame::Unknown(UnknownFrame {
                kind,
                room_id,
                rev,
                data,
            }),
        })
    }

    /// The text frame.
    #[must_use]
    pub fn encode(&self) -> String {
        serde_json::to_string(&Wire {
            frame: &self.frame,
            id: self.id,
        })
        .expect("frames hold nothing that JSON can't")
    }

    /// The text frame of an `ack`, of what it answers with.
    #[must_use]
    pub fn encode_ack(id: u64, data: &impl Serialize) -> String {
        text("ack", Some(id), data)
    }

    /// The text frame of a `new_message`, of a row that others go on holding.
    #[must_use]
    pub fn encode_new_message(message: &Message) -> String {
        text("new_message", None, message)
    }
}

fn text(kind: &str, id: Option<u64>, data: &impl Serialize) -> String {
    #[derive(Serialize)]
    struct Text<'a, T> {
        r#type: &'a str,
        data: &'a T,
        #[serde(skip_serializing_if = "Option::is_none")]
        id: Option<u64>,
    }
    serde_json::to_string(&Text {
        r#type: kind,
        data,
        id,
    })
    .expect("frames hold nothing that JSON can't")
}
