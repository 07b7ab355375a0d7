//! What a client says.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use ts_rs::TS;

use crate::{
    ClientId, ErrorBody, ErrorCode, ExpiryFrom, MessageId, MessageType, PresenceState, Rev, RoomId,
    Seq,
    draft::DraftRequest,
    poll::NewPoll,
    sync::{Cursor, Resume},
};

/// A frame with the number that its answer will carry.
#[derive(Debug, Clone, PartialEq)]
pub struct ClientPacket {
    /// The answer (`ack` or `error`) carries it; without it there is no `ack`.
    pub id: Option<u64>,
    pub frame: ClientFrame,
}

/// A client's frame, by its `type`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "type", content = "data", rename_all = "snake_case")]
pub enum ClientFrame {
    /// The first frame of a client that catches up.
    Hello(Hello),
    /// Asks for a `pong`.
    Ping(Ping),
    /// Open a room: its state and presence, and from now on its typing and presence.
    JoinRoom(RoomRef),
    /// Close a room that was opened. Membership stays.
    LeaveRoom(RoomRef),
    Typing(SetTyping),
    SendMessage(SendMessage),
    EditMessage(EditMessage),
    DeleteMessage(DeleteMessage),
    React(React),
    PinMessage(PinMessage),
    ForwardMessage(ForwardMessage),
    Vote(CastVote),
    ClosePoll(ClosePoll),
    MarkRead(MarkRead),
    FollowThread(FollowThread),
    ReadThread(ReadThread),
    /// A device holds everything up to these places.
    MarkDelivered(MarkDelivered),
    SetPresence(SetPresence),
    /// What stands in a room's composer now.
    SaveDraft(SaveDraft),
    /// Accept a stranger's request, or decline it.
    AnswerRequest(AnswerRequest),
    /// Catch up in one room from this cursor.
    SyncRoom(SyncRoom),
}

impl ClientFrame {
    const TYPES: &'static [&'static str] = &[
        "hello",
        "ping",
        "join_room",
        "leave_room",
        "typing",
        "send_message",
        "edit_message",
        "delete_message",
        "react",
        "pin_message",
        "forward_message",
        "vote",
        "close_poll",
        "mark_read",
        "follow_thread",
        "read_thread",
        "mark_delivered",
        "set_presence",
        "save_draft",
        "answer_request",
        "sync_room",
    ];
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Hello {
    /// Name and version of the program.
    #[serde(default)]
    pub client: String,
    /// Capabilities that the client has; unknown ones are ignored.
    #[serde(default)]
    pub caps: Vec<String>,
    /// Names this installation. A second socket of the same session and device closes the first.
    #[serde(default)]
    pub device: Option<String>,
    /// Absent: from the beginning.
    #[serde(default)]
    pub resume: Option<Resume>,
    /// Rooms on screen: caught up first.
    #[serde(default)]
    pub open: Vec<RoomId>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Ping {}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RoomRef {
    pub room_id: RoomId,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SetTyping {
    pub room_id: RoomId,
    pub is_typing: bool,
}

/// Answered by an `ack` whose data is the message, once it is durable.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SendMessage {
    pub room_id: RoomId,
    /// The text; of a poll, its question.
    pub content: String,
    #[serde(default = "crate::api::messages::text")]
    pub message_type: MessageType,
    #[serde(default)]
    pub client_id: Option<ClientId>,
    #[serde(default)]
    pub reply_to: Option<MessageId>,
    /// It goes so many seconds later ([`crate::limit::EXPIRE_S`]), or sooner if the room says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub expires_in: Option<u32>,
    /// From when that counts: `sent` if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub expires_from: Option<ExpiryFrom>,
    /// The root of the thread in which it shall stand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thread_id: Option<MessageId>,
    /// Show and count it in the room, too.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub also_in_room: bool,
    /// The states of the room's draft that became this message: if it is in one of them, it is emptied
    /// in the same moment.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub drafts: Vec<ClientId>,
    /// The rest of a message of the type `poll`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub poll: Option<NewPoll>,
}

/// Answered by an `ack` whose data is the message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct EditMessage {
    pub message_id: MessageId,
    pub content: String,
    #[serde(default)]
    pub client_id: Option<ClientId>,
    #[serde(default)]
    pub base_rev: Option<Rev>,
    /// Of a poll in which nobody has voted yet: other options.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub options: Option<Vec<String>>,
}

/// Answered by an `ack` whose data is the tombstone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DeleteMessage {
    pub message_id: MessageId,
}

/// Says with one emoji what one thinks, or takes it back; again is no change. Answered by an `ack`
/// whose data is the message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct React {
    pub message_id: MessageId,
    pub emoji: String,
    pub on: bool,
}

/// Keeps a message at hand for the room, or no longer; again is no change. Answered by an `ack`
/// whose data is the message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PinMessage {
    pub message_id: MessageId,
    pub on: bool,
}

/// Sends the text of a message into a room. Answered by an `ack` whose data is the new message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ForwardMessage {
    /// What is forwarded.
    pub message_id: MessageId,
    pub room_id: RoomId,
    #[serde(default)]
    pub client_id: Option<ClientId>,
    /// Whether the author is named.
    #[serde(default = "crate::api::messages::yes")]
    pub with_author: bool,
}

/// Chooses among the options of a poll: all that one chooses now. Answered by an `ack` whose data is
/// [`crate::poll::Voted`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CastVote {
    pub message_id: MessageId,
    /// Numbers of options, from 0. None takes the vote back.
    pub options: Vec<u8>,
    #[serde(default)]
    pub client_id: Option<ClientId>,
}

/// Ends a poll; again is no change. Answered by an `ack` whose data is the message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ClosePoll {
    pub message_id: MessageId,
}

/// Follows a thread or no longer; again is no change. Answered by an `ack` whose data is
/// [`crate::UserThread`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FollowThread {
    pub thread_id: MessageId,
    pub on: bool,
}

/// A thread that one follows was read up to a place. Answered by an `ack` whose data is
/// [`crate::UserThread`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ReadThread {
    pub thread_id: MessageId,
    pub seq: Seq,
}

/// Answered by an `ack` whose data is [`crate::sync::Unread`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MarkRead {
    pub room_id: RoomId,
    pub seq: Seq,
    /// Marks the room unread (the place does not move) or no longer so. Absent: reading clears it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub unread: Option<bool>,
}

/// Answered by an `ack` without data. Rooms that one is not in, and rooms too large for receipts,
/// are passed over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MarkDelivered {
    pub rooms: BTreeMap<RoomId, Seq>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SetPresence {
    pub state: PresenceState,
}

/// Answered by an `ack` whose data is the [`crate::Draft`] as it is then.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SaveDraft {
    pub room_id: RoomId,
    #[serde(flatten)]
    pub draft: DraftRequest,
}

/// Answered by an `ack` whose data is one's own place in the room; again is no change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AnswerRequest {
    pub room_id: RoomId,
    pub accept: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SyncRoom {
    pub room_id: RoomId,
    pub cursor: Cursor,
}

/// Why a frame could not be read, with what its `error` answer needs.
#[derive(Debug, Clone, PartialEq)]
pub struct DecodeError {
    pub id: Option<u64>,
    pub error: ErrorBody,
}

/// Longest reason given for a frame that can't be read.
const REASON_BYTES: usize = 200;

#[derive(Deserialize)]
struct Raw {
    #[serde(rename = "type")]
    kind: Option<serde_json::Value>,
    #[serde(default)]
    data: Option<Box<RawValue>>,
    #[serde(default)]
    id: Option<serde_json::Value>,
}

#[derive(Serialize)]
struct Wire<'a> {
    #[serde(flatten)]
    frame: &'a ClientFrame,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<u64>,
}

impl ClientPacket {
    /// Reads a text frame. Absent `data` counts as empty; unknown fields are ignored.
    pub fn decode(text: &str) -> Result<Self, DecodeError> {
        let fail = |id, code, mut message: String| {
            // What is wrong may be quoted in the message, and it may be long.
            message.truncate(message.floor_char_boundary(REASON_BYTES));
            Err(DecodeError {
                id,
                error: ErrorBody::new(code, message),
            })
        };
        let raw: Raw = match serde_json::from_str(text) {
            Ok(raw) => raw,
            Err(e) if e.is_data() => {
                return fail(
                    None,
                    ErrorCode::MalformedRequest,
                    "a frame is a JSON object".into(),
                );
            }
            Err(e) => return fail(None, ErrorCode::MalformedJson, format!("not JSON: {e}")),
        };
        let id = raw.id.as_ref().and_then(serde_json::Value::as_u64);
        let Some(serde_json::Value::String(kind)) = raw.kind else {
            return fail(
                id,
                ErrorCode::MalformedRequest,
                "the frame has no type".into(),
            );
        };
        if !ClientFrame::TYPES.contains(&kind.as_str()) {
            return fail(id, ErrorCode::UnknownFrame, "no frame has this type".into());
        }
        let data = raw.data.as_deref().map_or("{}", RawValue::get);
        // The type first, so that serde reads the data as it comes; it would buffer data that
        // stands before its type, and buffered maps lose keys that are numbers (`resume.rooms`).
        match serde_json::from_str(&format!(r#"{{"type":"{kind}","data":{data}}}"#)) {
            Ok(frame) => Ok(Self { id, frame }),
            Err(e) => fail(id, ErrorCode::MalformedRequest, format!("{kind}: {e}")),
        }
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
}
