//! Rooms by what people call them.

use erc_protocol::{
    ClientId, MemberState, RoomId, RoomKind, Row, User, UserId,
    api::{
        rooms::{CreateRoomRequest, MemberList, MyRoom},
        users::UserList,
    },
};
use futures_util::{StreamExt as _, TryStreamExt as _};
use reqwest::Method;
use serde::Deserialize;

use super::QuickRoom;
use crate::{
    SafeText,
    account::api::Api,
    error::{Error, Result},
};

/// Requests at a time.
const AT_A_TIME: usize = 4;

/// As `RoomList`, but one odd room doesn't cost the list.
#[derive(Deserialize)]
struct List {
    rooms: Vec<Row<MyRoom>>,
}

pub(super) async fn list(api: &Api) -> Result<Vec<MyRoom>> {
    let list: List = api.get("/chat/rooms", &[]).await?;
    Ok(list.rooms.into_iter().filter_map(Row::known).collect())
}

pub(super) async fn one(api: &Api, room: RoomId) -> Result<QuickRoom> {
    let room: MyRoom = api.get(&format!("/chat/rooms/{room}"), &[]).await?;
    describe_one(api, room).await
}

/// Direct rooms get the other person's name, each by a request.
pub(super) async fn describe(api: &Api, rooms: Vec<MyRoom>) -> Result<Vec<QuickRoom>> {
    futures_util::stream::iter(rooms.into_iter().map(|room| describe_one(api, room)))
        .buffered(AT_A_TIME)
        .try_collect()
        .await
}

async fn describe_one(api: &Api, mine: MyRoom) -> Result<QuickRoom> {
    let room = mine.room;
    let me = api.keys.get().user_id;
    let peer = if room.kind == RoomKind::Direct {
        peer(api, room.id, me).await?
    } else {
        None
    };
    let (name, peer) = match peer {
        Some((name, username)) => (name, Some(username)),
        None => (SafeText::line(&room.name), None),
    };
    Ok(QuickRoom {
        id: room.id,
        kind: room.kind,
        name,
        topic: SafeText::line(&room.topic),
        is_private: room.is_private,
        unread: mine.unread.count,
        member_count: room.member_count,
        last_seq: room.last_seq,
        last_message_at: room.last_message_at,
        peer,
    })
}

async fn peer(api: &Api, room: RoomId, me: UserId) -> Result<Option<(SafeText, SafeText)>> {
    let path = format!("/chat/rooms/{room}/members");
    let list: MemberList = api.get(&path, &[("limit", "3".to_owned())]).await?;
    let other = list
        .members
        .iter()
        .find(|member| member.user_id != me && member.state == MemberState::Joined);
    Ok(other.map(|member| {
        (
            SafeText::line(&member.display_name),
            SafeText::line(&member.username),
        )
    }))
}

/// The direct room with somebody, made if need be.
pub(super) async fn direct(api: &Api, username: &str, id: ClientId) -> Result<QuickRoom> {
    let query = [("query", username.to_owned())];
    let list: UserList = api.get("/users", &query).await?;
    let user: &User = list
        .users
        .iter()
        .find(|user| user.username.eq_ignore_ascii_case(username))
        .ok_or_else(|| Error::Invalid(format!("there is no user @{}", SafeText::line(username))))?;
    let request = CreateRoomRequest {
        name: String::new(),
        topic: String::new(),
        kind: RoomKind::Direct,
        is_private: true,
        history: None,
        member_ids: vec![user.id],
        client_id: Some(id),
    };
    let made: erc_protocol::Room = api
        .send(Method::POST, "/chat/rooms", Some(&request))
        .await?;
    one(api, made.id).await
}

/// By id or name.
pub(super) fn by_name(rooms: Vec<QuickRoom>, name: &str) -> Result<QuickRoom> {
    let shown = SafeText::line(name);
    if let Ok(id) = name.parse::<RoomId>()
        && let Some(room) = rooms.iter().find(|room| room.id == id)
    {
        return Ok(room.clone());
    }
    let wanted = name.strip_prefix('#').unwrap_or(name).trim().to_lowercase();
    let mut fitting: Vec<QuickRoom> = rooms
        .into_iter()
        .filter(|room| room.peer.is_none() && room.name.as_str().to_lowercase() == wanted)
        .collect();
    match fitting.len() {
        0 => Err(Error::Invalid(format!("you are in no room called {shown}"))),
        1 => Ok(fitting.swap_remove(0)),
        _ => {
            let ids: Vec<String> = fitting.iter().map(|room| room.id.to_string()).collect();
            let ids = ids.join(", ");
            Err(Error::Invalid(format!(
                "several rooms are called {shown}; take an id: {ids}"
            )))
        }
    }
}
