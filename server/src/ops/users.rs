//! Users as others see them.

use erc_protocol::{
    RoomId, User, UserId,
    api::users::{UpdateMeRequest, UserList},
    validate,
};

use super::Actor;
use super::access::{existing_user, member_change};
use super::change::Change;
use super::committer::{Done, Lane, Receipt};
use super::error::{Error, Result};
use crate::app::App;
use crate::store::Tx;

/// Most users in an answer.
const FOUND: i64 = 50;

/// One user.
pub async fn get(app: &App, user: UserId) -> Result<User> {
    let mut tx = app.db.snapshot().await?;
    Ok(existing_user(&mut tx, user).await?.public())
}

/// People whose name begins so; of an empty query, the first by name.
pub async fn find(app: &App, query: &str, limit: Option<i64>) -> Result<UserList> {
    let prefix = query.trim().trim_start_matches('@').to_lowercase();
    let mut tx = app.db.snapshot().await?;
    let rows = tx
        .find_users(&prefix, limit.unwrap_or(FOUND).clamp(1, FOUND))
        .await?;
    Ok(UserList {
        users: rows.iter().map(crate::store::UserRow::public).collect(),
    })
}

/// Changes what others call the actor; every room of theirs learns it as a change of the member.
pub async fn update_me(app: &App, actor: Actor, request: UpdateMeRequest) -> Result<Receipt<User>> {
    let name = request
        .display_name
        .map(|name| validate::display_name(&name))
        .transpose()
        .map_err(|reason| Error::invalid("display_name", reason))?;
    if let Some(name) = &name {
        let filters = app.filters.of(&app.db, None).await?;
        filters.check("display_name", name)?;
    }
    app.committer
        .submit(Lane::User(actor.user), move |tx, _now| {
            Box::pin(async move {
                let rooms = my_rooms_for_update(tx, actor.user).await?;
                let user = existing_user(tx, actor.user).await?;
                let Some(name) = name.filter(|name| *name != user.display_name) else {
                    return Ok(Done::unchanged(user.public()));
                };
                tx.set_display_name(user.id, &name).await?;
                // Moves the user's own counter, so that their other devices learn it.
                tx.next_user_rev(user.id).await?;
                let mut changes = vec![Change::User(user.id)];
                for room in rooms {
                    let rev = tx.next_rev(room).await?;
                    tx.restamp_member(room, user.id, rev).await?;
                    changes.push(member_change(tx, room, user.id).await?);
                }
                let user = existing_user(tx, user.id).await?;
                Ok(Done::new(user.public(), changes))
            })
        })
        .await
}

/// The rooms that a user is in; locked, and the user as well, so that none is added.
async fn my_rooms_for_update(tx: &mut Tx, user: UserId) -> Result<Vec<RoomId>> {
    let mut locked: Option<Vec<RoomId>> = None;
    loop {
        let mut rooms: Vec<_> = tx
            .rooms_with_requests_of(user)
            .await?
            .iter()
            .map(|row| row.room.id)
            .collect();
        rooms.sort_unstable();
        let mut missing = rooms.clone();
        if let Some(locked) = &locked {
            missing.retain(|room| locked.binary_search(room).is_err());
            if missing.is_empty() {
                return Ok(rooms);
            }
        }
        // Rooms come before users, as everywhere; only those that they have just come into come
        // late, and then another operation may be in the way.
        if !missing.is_empty() {
            tx.rooms_for_update(&missing).await?;
        }
        tx.users_for_update(&[user]).await?;
        locked = Some(rooms);
    }
}
