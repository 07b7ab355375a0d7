//! Who and where the names in a query are.

use erc_protocol::UserId;
use erc_protocol::search::{Named, Query, is_called};

use super::super::Actor;
use super::super::error::{Error, Result};
use super::Rooms;
use crate::store::Tx;

/// People of one name, at most: names that are shown need not be different.
const NAMESAKES: i64 = 20;

/// Looks all of them up; one that stands for nobody is an error.
pub(super) async fn look_up(
    tx: &mut Tx,
    actor: Actor,
    query: &Query,
    rooms: &Rooms,
) -> Result<Named> {
    let mut named = Named::new(actor.user);
    for (name, at) in query.people() {
        let people = people(tx, name).await?;
        if people.is_empty() {
            return Err(nobody(&format!("nobody is called {name}"), at));
        }
        named.name_people(name, people);
    }
    for (name, at) in query.rooms() {
        let mut called: Vec<_> = rooms
            .iter()
            .filter(|(_, (_, room))| is_called(room, name))
            .map(|(id, _)| *id)
            .collect();
        if called.is_empty() {
            let person = name.trim_start_matches('@').to_lowercase();
            for peer in people(tx, &person).await? {
                let (low, high) = (actor.user.min(peer), actor.user.max(peer));
                let direct = tx.direct_room(&format!("{low}:{high}")).await?;
                called.extend(direct.map(|room| room.id));
            }
        }
        called.retain(|room| rooms.contains_key(room));
        if called.is_empty() {
            return Err(nobody(&format!("you are in no room called {name}"), at));
        }
        named.name_rooms(name, called);
    }
    Ok(named)
}

/// By user name, or by the name that is shown.
async fn people(tx: &mut Tx, name: &str) -> Result<Vec<UserId>> {
    if let Some(user) = tx.user_by_name(name).await? {
        return Ok(vec![user.id]);
    }
    let found = tx.find_users(name, NAMESAKES).await?;
    let found = found
        .into_iter()
        .filter(|user| is_called(&user.display_name, name));
    Ok(found.map(|user| user.id).collect())
}

fn nobody(reason: &str, at: usize) -> Error {
    Error::invalid("query", format!("{reason} (at character {})", at + 1))
}
