//! What can be had of a message row that this build can't read: its place, so that the timeline
//! has no hole there, and whatever else is of the known shape. The raw row is kept beside it.

use erc_protocol::{
    ClientId, Message, MessageId, MessageType, Rev, RoomId, Seq, Timestamp, UserId,
};
use serde_json::Value;

/// The `message_type` of such a row.
pub(crate) const UNREADABLE: &str = "unreadable";

/// `None` if not even the place is there.
pub(crate) fn message(room: RoomId, raw: &Value) -> Option<Message> {
    let number = |key: &str| raw.get(key).and_then(Value::as_i64);
    let text = |key: &str| raw.get(key).and_then(Value::as_str);
    let time = |key: &str| {
        raw.get(key)
            .and_then(|at| serde_json::from_value::<Timestamp>(at.clone()).ok())
    };
    let seq = Seq(number("seq")?);
    let rev = Rev(number("rev")?);
    Some(Message {
        message_id: MessageId(number("message_id").unwrap_or_default()),
        chat_room_id: room,
        sender_id: UserId(number("sender_id").unwrap_or_default()),
        sender_name: text("sender_name").unwrap_or_default().to_owned(),
        content: String::new(),
        message_type: MessageType::Other(UNREADABLE.to_owned()),
        created_at: time("created_at").unwrap_or_default(),
        seq,
        rev,
        client_id: text("client_id")
            .and_then(|id| id.parse().ok())
            .unwrap_or(ClientId(uuid::Uuid::nil())),
        reply_to: None,
        thread_id: number("thread_id").map(MessageId),
        also_in_room: raw
            .get("also_in_room")
            .and_then(Value::as_bool)
            .unwrap_or(false),
        thread: None,
        mentions: Vec::new(),
        reactions: Vec::new(),
        pinned: None,
        poll: None,
        forwarded: None,
        expiry: None,
        edited_at: None,
        deleted_at: time("deleted_at"),
        deleted_rev: number("deleted_rev").map(Rev),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_of_another_shape_keeps_its_place() {
        let raw = serde_json::json!({ "seq": 7, "rev": 9, "content": { "poll": [] } });
        let message = message(RoomId(1), &raw).unwrap();
        assert_eq!((message.seq, message.rev), (Seq(7), Rev(9)));
    }

    #[test]
    fn a_row_without_a_place_is_none() {
        assert!(message(RoomId(1), &serde_json::json!({ "rev": 9 })).is_none());
    }
}
