//! What the server is asked for.

use erc_client_core::{Account, Error};

use super::{answers::HITS, failure};
use crate::command::{Answer, Command};

/// Asks the server. Nothing comes back for a command that is none of its.
pub(super) async fn ask(account: &Account, command: Command) -> Option<Answer> {
    Some(match command {
        Command::Directory => Answer::Directory(account.directory().await.map_err(|e| failure(&e))),
        Command::Search { query } => {
            let found = account.search_everywhere(&query, None, HITS).await;
            let result = found.map_err(|e| failure(&e));
            Answer::Found { query, result }
        }
        Command::FindUsers { query } => {
            let result = account.find_users(&query).await.map_err(|e| failure(&e));
            Answer::Users { query, result }
        }
        Command::CreateRoom(room) => entered(account.create_room(room).await),
        Command::DirectRoom { user } => entered(account.direct_room(user).await),
        Command::JoinRoom { room } => entered(account.join_room(room).await.map(|()| room)),
        Command::LeaveRoom { room } => Answer::Gone {
            room,
            result: account.leave_room(room).await.map_err(|e| failure(&e)),
        },
        Command::DeleteRoom { room } => Answer::Gone {
            room,
            result: account.delete_room(room).await.map_err(|e| failure(&e)),
        },
        Command::ChangeRoom { room, name, topic } => {
            let result = account.rename_room(room, Some(name), Some(topic)).await;
            done(result, "changed")
        }
        Command::AddMember { room, user } => done(account.add_member(room, user).await, "added"),
        Command::RemoveMember { room, user } => {
            done(account.remove_member(room, user).await, "removed")
        }
        Command::SetDisplayName { name } => done(
            account.set_display_name(&name).await,
            "your name is changed",
        ),
        Command::Sessions => Answer::Sessions(account.sessions().await.map_err(|e| failure(&e))),
        Command::EndSession { session } => match account.end_session(session).await {
            Ok(()) => Answer::Sessions(account.sessions().await.map_err(|e| failure(&e))),
            Err(error) => done(Err(error), ""),
        },
        _ => return None,
    })
}

fn entered(result: Result<erc_client_core::protocol::RoomId, Error>) -> Answer {
    Answer::Entered(result.map_err(|e| failure(&e)))
}

fn done(result: Result<(), Error>, words: &'static str) -> Answer {
    Answer::Done(result.map(|()| words).map_err(|e| failure(&e)))
}
