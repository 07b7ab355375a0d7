//! Every function of the store, run on every database: what one does, the other does.

mod analytics;
mod attention;
mod drafts;
mod emoji;
mod expiry;
mod filters;
mod heads;
mod links;
mod members;
mod messages;
mod moderation;
mod people;
mod personal;
mod polls;
mod reactions;
mod receipts;
mod requests;
mod rooms;
mod safety;
mod scheduled;
mod search;
mod sends;
mod sessions;
mod standing;
mod threads;
mod transactions;

use erc_protocol::{
    ClientId, History, Level, MemberState, Rev, RoomId, RoomKind, RoomRole, Seq, ServerRole,
    Timestamp, UserId, UserRev,
};
use erc_server::store::{NewRoom, NewUser, OwnChanges, Place, RoomRow, Tx, UserRow};
use uuid::Uuid;

/// A moment, `ms` after the beginning.
fn at(ms: i64) -> Timestamp {
    Timestamp(1_767_225_600_000 + ms)
}

/// A client id that is always the same for a number.
fn client_id(number: u128) -> ClientId {
    ClientId(Uuid::from_u128(number))
}

async fn new_user(tx: &mut Tx, name: &str) -> UserRow {
    let user = NewUser {
        username: name.to_owned(),
        display_name: name.to_uppercase(),
        role: ServerRole::Member,
        password_hash: None,
    };
    tx.insert_user(&user, at(0)).await.unwrap()
}

fn room_of(creator: UserId, number: u128) -> NewRoom {
    NewRoom {
        name: format!("room {number}"),
        topic: String::new(),
        kind: RoomKind::Group,
        is_private: false,
        history: History::Shared,
        created_by: creator,
        client_id: client_id(number),
        direct_key: None,
    }
}

async fn new_room(tx: &mut Tx, creator: UserId, number: u128) -> RoomRow {
    tx.insert_room(&room_of(creator, number), at(0))
        .await
        .unwrap()
}

/// Of one kind of private things, `newest` is the newest change of a user's.
async fn has_changed_at(
    tx: &mut Tx,
    user: UserId,
    newest: UserRev,
    kind: impl Fn(&OwnChanges) -> bool,
) {
    let before = UserRev(newest.0 - 1);
    assert!(kind(&tx.own_changes(user, before).await.unwrap()));
    assert!(!kind(&tx.own_changes(user, newest).await.unwrap()));
}

/// Puts somebody into a room as the operations do, and answers with their place.
async fn enter(tx: &mut Tx, room: RoomId, user: UserId) -> Place {
    let place = Place {
        room_id: room,
        user_id: user,
        role: RoomRole::Member,
        state: MemberState::Joined,
        rev: tx.next_rev(room).await.unwrap(),
        joined_at: at(1),
        read_seq: Seq::ZERO,
        first_visible_seq: Seq(1),
        user_rev: tx.next_user_rev(user).await.unwrap(),
        marked_unread: false,
        muted_until: None,
        level: Level::Usual,
        hushed_until: None,
        request: erc_protocol::RequestState::None,
    };
    tx.put_place(&place).await.unwrap();
    tx.recount_members(room).await.unwrap();
    place
}

const FIRST_REV: Rev = Rev(1);
const NO_USER_REV: UserRev = UserRev::ZERO;
