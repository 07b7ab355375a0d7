//! Every frame, both ways.

use erc_protocol::{
    ErrorBody, ErrorCode, ExpiryFrom, MessageId, MessageType, PresenceState, Rev, RoomId, Seq,
    UserId,
    gateway::{ClientFrame, ServerFrame, client, server},
    presence::{Typing, UserStatus},
    receipt::Receipts,
    sync::Cursor,
};

use super::catching_up::{batch, head, resume};
use super::requests::draft_request;
use crate::fixtures::{
    NOON, client_id, instance, member, message, presence, receipt, room, session_id, status,
    tombstone, user,
};

pub(super) const fn client_frame_is_listed(frame: &ClientFrame) {
    use ClientFrame as F;
    match frame {
        F::Hello(_)
        | F::Ping(_)
        | F::JoinRoom(_)
        | F::LeaveRoom(_)
        | F::Typing(_)
        | F::SendMessage(_)
        | F::EditMessage(_)
        | F::DeleteMessage(_)
        | F::React(_)
        | F::PinMessage(_)
        | F::ForwardMessage(_)
        | F::Vote(_)
        | F::ClosePoll(_)
        | F::MarkRead(_)
        | F::FollowThread(_)
        | F::ReadThread(_)
        | F::MarkDelivered(_)
        | F::SetPresence(_)
        | F::SaveDraft(_)
        | F::AnswerRequest(_)
        | F::SyncRoom(_) => (),
    }
}

fn a_poll(room_id: RoomId) -> client::SendMessage {
    client::SendMessage {
        room_id,
        content: "Tea or coffee?".into(),
        message_type: MessageType::Poll,
        client_id: Some(client_id()),
        reply_to: None,
        expires_in: None,
        expires_from: None,
        thread_id: None,
        also_in_room: false,
        drafts: Vec::new(),
        poll: Some(super::requests::new_poll()),
    }
}

/// Every client frame. The `match` makes a new one fail to compile until it is here.
#[expect(clippy::too_many_lines, reason = "a list of all frames")]
pub(super) fn client_frames() -> Vec<ClientFrame> {
    use ClientFrame as F;
    let room_id = RoomId(123);
    let frames = vec![
        F::Hello(client::Hello {
            client: "erc 0.1.0".into(),
            caps: vec!["later".into()],
            device: Some("device".into()),
            resume: Some(resume()),
            open: vec![room_id],
        }),
        F::Ping(client::Ping {}),
        F::JoinRoom(client::RoomRef { room_id }),
        F::LeaveRoom(client::RoomRef { room_id }),
        F::Typing(client::SetTyping {
            room_id,
            is_typing: true,
        }),
        F::SendMessage(client::SendMessage {
            room_id,
            content: "Hello world!".into(),
            message_type: MessageType::Text,
            client_id: Some(client_id()),
            reply_to: Some(MessageId(455)),
            expires_in: Some(3_600),
            expires_from: Some(ExpiryFrom::Read),
            thread_id: None,
            also_in_room: false,
            drafts: vec![client_id()],
            poll: None,
        }),
        F::SendMessage(a_poll(room_id)),
        F::EditMessage(client::EditMessage {
            message_id: MessageId(456),
            content: "Hello, world!".into(),
            client_id: Some(client_id()),
            base_rev: Some(Rev(12)),
            options: None,
        }),
        F::DeleteMessage(client::DeleteMessage {
            message_id: MessageId(456),
        }),
        F::React(client::React {
            message_id: MessageId(456),
            emoji: "👍".into(),
            on: true,
        }),
        F::PinMessage(client::PinMessage {
            message_id: MessageId(456),
            on: false,
        }),
        F::ForwardMessage(client::ForwardMessage {
            message_id: MessageId(456),
            room_id: RoomId(124),
            client_id: Some(client_id()),
            with_author: true,
        }),
        F::Vote(client::CastVote {
            message_id: MessageId(456),
            options: vec![0, 2],
            client_id: Some(client_id()),
        }),
        F::ClosePoll(client::ClosePoll {
            message_id: MessageId(456),
        }),
        F::MarkRead(client::MarkRead {
            room_id,
            seq: Seq(9),
            unread: None,
        }),
        F::FollowThread(client::FollowThread {
            thread_id: MessageId(455),
            on: true,
        }),
        F::ReadThread(client::ReadThread {
            thread_id: MessageId(455),
            seq: Seq(9),
        }),
        F::MarkDelivered(client::MarkDelivered {
            rooms: [(room_id, Seq(9))].into(),
        }),
        F::SetPresence(client::SetPresence {
            state: PresenceState::Idle,
        }),
        F::SaveDraft(client::SaveDraft {
            room_id,
            draft: draft_request(),
        }),
        F::AnswerRequest(client::AnswerRequest {
            room_id,
            accept: true,
        }),
        F::SyncRoom(client::SyncRoom {
            room_id,
            cursor: Cursor {
                rev: Rev(12),
                seq: Seq(9),
            },
        }),
    ];
    frames.iter().for_each(client_frame_is_listed);
    frames
}

pub(super) const fn server_frame_is_listed(frame: &ServerFrame) {
    use ServerFrame as F;
    match frame {
        F::Welcome(_)
        | F::Sync(_)
        | F::RoomJoined(_)
        | F::NewMessage(_)
        | F::MessageUpdated(_)
        | F::RoomUpdated(_)
        | F::MemberUpdated(_)
        | F::Void(_)
        | F::TypingIndicator(_)
        | F::PresenceUpdate(_)
        | F::UserUpdated(_)
        | F::Receipts(_)
        | F::Ack(_)
        | F::Error(_)
        | F::Pong(_)
        | F::SessionEnded(_)
        | F::Bye(_)
        | F::Unknown(_) => (),
    }
}

/// Every server frame that this build writes.
pub(super) fn server_frames() -> Vec<ServerFrame> {
    use ServerFrame as F;
    let room_id = RoomId(123);
    let frames = vec![
        F::Welcome(server::Welcome {
            session_id: session_id(),
            instance: instance(),
            user: user(),
            server_time: NOON,
            heartbeat_ms: 25_000,
            resumed: true,
            caps: vec![],
        }),
        F::Sync(batch()),
        F::RoomJoined(server::RoomJoined {
            room_id,
            head: head(),
            presence: vec![presence()],
            receipts: vec![receipt()],
        }),
        F::Receipts(Receipts {
            room_id,
            receipts: vec![receipt()],
        }),
        F::NewMessage(message()),
        F::MessageUpdated(tombstone()),
        F::RoomUpdated(room()),
        F::MemberUpdated(server::MemberUpdated {
            room_id,
            rev: Rev(13),
            member: member(),
            member_count: 2,
        }),
        F::Void(server::Void {
            room_id,
            rev: Rev(15),
        }),
        F::TypingIndicator(Typing {
            user_id: UserId(789),
            user_name: "John Doe".into(),
            room_id,
            is_typing: true,
            timestamp: NOON,
        }),
        F::PresenceUpdate(presence()),
        F::UserUpdated(UserStatus {
            user_id: UserId(789),
            status: Some(status()),
        }),
        F::Ack(sorted(&message())),
        F::Error(ErrorBody::new(
            ErrorCode::UnknownFrame,
            "no frame has this type",
        )),
        F::Pong(server::Pong {
            server_time: NOON,
            heads: vec![server::Head {
                room_id,
                rev: Rev(14),
            }],
        }),
        F::SessionEnded(server::SessionEnded {
            reason: "signed out elsewhere".into(),
        }),
        F::Bye(server::Bye {
            reason: "shutdown".into(),
            reconnect: true,
            delay_ms: 1_500,
        }),
    ];
    frames.iter().for_each(server_frame_is_listed);
    frames
}

/// By the names of its fields, whether or not some crate of the build makes JSON keep its order.
fn sorted(value: &impl serde::Serialize) -> serde_json::Value {
    let value = serde_json::to_value(value).unwrap();
    let fields: std::collections::BTreeMap<String, serde_json::Value> =
        serde_json::from_value(value).unwrap();
    serde_json::to_value(fields).unwrap()
}
