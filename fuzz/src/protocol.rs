//! What both sides read: frames, requests, searches, ids, fields.

use std::{fmt::Display, mem::discriminant, str::FromStr};

use erc_protocol::api::{
    links::{CreateLinkRequest, LinkCode},
    messages::{EditMessageRequest, ForwardRequest, ReactRequest, SendMessageRequest},
    moderation::{SanctionRequest, SetRoleRequest},
    rooms::{AddMemberRequest, CreateRoomRequest, MarkReadRequest, PageQuery, UpdateRoomRequest},
    search::SearchRequest,
    users::{SetPresenceRequest, UpdateMeRequest},
};
use erc_protocol::auth::{CreateInviteRequest, LoginRequest, RefreshRequest, RegisterRequest};
use erc_protocol::gateway::{ClientPacket, ServerFrame, ServerPacket};
use erc_protocol::search::{Highlights, Named, Now, Query, grams};
use erc_protocol::{
    ClientId, InstanceId, LinkId, MessageId, Rev, RoomId, RoomRole, Seq, SessionId, Timestamp,
    UserId, UserRev, validate,
};
use serde::{Serialize, de::DeserializeOwned};

/// A frame from a client is read or refused, and what was read survives the way back.
pub(crate) fn client_packet(text: &str) {
    if let Ok(packet) = ClientPacket::decode(text) {
        assert_eq!(ClientPacket::decode(&packet.encode()), Ok(packet));
    }
}

/// A frame from a server is read, kept or refused, and what was read survives the way back.
pub(crate) fn server_packet(text: &str) {
    if let Ok(packet) = ServerPacket::decode(text)
        && !matches!(packet.frame, ServerFrame::Unknown(_))
    {
        let again = ServerPacket::decode(&packet.encode()).expect("our own frames are frames");
        // Not the whole frame: data kept as JSON may hold fractions, which lose their last digit.
        assert_eq!(again.id, packet.id);
        assert_eq!(discriminant(&again.frame), discriminant(&packet.frame));
    }
}

/// A body is one of a request or refused, and what was read survives the way back.
pub(crate) fn request(bytes: &[u8]) {
    returns::<RegisterRequest>(bytes);
    returns::<LoginRequest>(bytes);
    returns::<RefreshRequest>(bytes);
    returns::<CreateInviteRequest>(bytes);
    returns::<SendMessageRequest>(bytes);
    returns::<EditMessageRequest>(bytes);
    returns::<ReactRequest>(bytes);
    returns::<ForwardRequest>(bytes);
    returns::<SearchRequest>(bytes);
    returns::<CreateRoomRequest>(bytes);
    returns::<UpdateRoomRequest>(bytes);
    returns::<AddMemberRequest>(bytes);
    returns::<MarkReadRequest>(bytes);
    returns::<PageQuery>(bytes);
    returns::<SetRoleRequest>(bytes);
    returns::<SanctionRequest>(bytes);
    returns::<UpdateMeRequest>(bytes);
    returns::<SetPresenceRequest>(bytes);
    returns::<CreateLinkRequest>(bytes);
    returns::<LinkCode>(bytes);
}

fn returns<T: Serialize + DeserializeOwned>(bytes: &[u8]) {
    if let Ok(value) = serde_json::from_slice::<T>(bytes) {
        let once = serde_json::to_string(&value).expect("what was read can be written");
        let again: T = serde_json::from_str(&once).expect("our own bodies are bodies");
        assert_eq!(serde_json::to_string(&again).expect("as before"), once);
    }
}

/// A text is a search or refused at a place within it, and whatever fits is in the index. What
/// stands behind the first line is a message.
pub(crate) fn search_query(text: &str) {
    let (written, content) = text.split_once('\n').unwrap_or((text, ""));
    let now = Now {
        time: Timestamp(1_768_519_800_000),
        offset_minutes: 0,
    };
    match Query::parse(written, now) {
        Err(error) => assert!(error.at <= written.chars().count(), "{error:?}"),
        Ok(query) => {
            let held = grams::of_message(content, UserId(1));
            let marks = Highlights::of(query.texts(), content);
            let is_one_text = query.texts().count() == 1 && query.clauses.len() == 1;
            if is_one_text && !marks.ranges.is_empty() {
                let wanted = grams::wanted(&query, &Named::new(UserId(1)));
                assert!(wanted.is_subset(&held), "{query:?}");
            }
        }
    }
}

/// An id, a counter, a word or a moment is read or refused, and what was read survives the way back.
pub(crate) fn id(text: &str) {
    same::<UserId>(text);
    same::<RoomId>(text);
    same::<MessageId>(text);
    same::<Seq>(text);
    same::<Rev>(text);
    same::<UserRev>(text);
    same::<SessionId>(text);
    same::<LinkId>(text);
    same::<ClientId>(text);
    same::<InstanceId>(text);
    same::<RoomRole>(text);
    let quoted = serde_json::Value::from(text);
    if let Ok(at) = serde_json::from_value::<Timestamp>(quoted) {
        let written = serde_json::to_value(at).expect("a moment can be written");
        let again: Timestamp = serde_json::from_value(written).expect("our own moments are such");
        assert_eq!(again, at);
    }
}

fn same<T: FromStr + Display + PartialEq + std::fmt::Debug>(text: &str) {
    if let Ok(value) = text.parse::<T>() {
        let again = value.to_string().parse().ok();
        assert_eq!(again, Some(value));
    }
}

/// What a field takes is taken again as it is, and deceives nobody.
pub(crate) fn field(text: &str) {
    for check in [
        validate::username,
        validate::display_name,
        validate::room_name,
        validate::topic,
        validate::category,
        validate::reason,
        validate::status,
    ] {
        if let Ok(taken) = check(text) {
            assert_eq!(check(&taken).as_ref(), Ok(&taken));
            assert!(!taken.chars().any(validate::is_deceptive), "{taken:?}");
            assert_eq!(taken.trim(), taken);
        }
    }
    if let Ok(taken) = validate::content(text) {
        assert_eq!(validate::content(&taken).as_ref(), Ok(&taken));
        assert!(!taken.contains(['\0', '\u{1b}', '\r']), "{taken:?}");
    }
    let _ = validate::password(text);
}
