//! What the server is asked for.

use erc_client_core::{
    Account, Error, SafeText,
    permalink::Permalink,
    protocol::{Level, MessageId, RoomId, Timestamp, api::audit::AuditQuery, schedule::When},
    view::{BanView, PinView, ReactedView, UserView, VersionView, VoteView, Whereabouts},
};

use super::{
    answers::{HITS, thread},
    emoji, failure,
};
use crate::{
    action::{filters, reports},
    command::{Answer, Command, Hush, SCHEDULE, Unsent},
    state::picker::{Entry, Pick, Purpose},
};

/// Asks the server. Nothing comes back for a command that is none of its.
pub(super) async fn ask(account: &Account, command: Command) -> Option<Answer> {
    Some(match command {
        Command::Directory => Answer::Directory(account.directory().await.map_err(|e| failure(&e))),
        Command::Search { query } => {
            let found = account.search_everywhere(&query, None, HITS).await;
            let result = found.map_err(|e| failure(&e));
            Answer::Found { query, result }
        }
        Command::RoomThreads { room } => threads_of(account, room).await,
        Command::FindMessage { link } => Answer::Located(find(account, &link).await),
        Command::Analytics { room, days } => figures(account, room, days).await,
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
        Command::ChangeRoom { room, change } => {
            done(account.change_room(room, *change).await, "changed")
        }
        Command::SetLifetime { .. } | Command::SetPresence(_) => decided(account, command).await?,
        Command::SetRole { .. }
        | Command::Mute { .. }
        | Command::Unmute { .. }
        | Command::Ban { .. }
        | Command::Unban { .. }
        | Command::Bans { .. } => moderate(account, command).await?,
        Command::AddMember { room, user } => done(account.add_member(room, user).await, "added"),
        Command::RemoveMember { room, user } => {
            done(account.remove_member(room, user).await, "removed")
        }
        Command::Links { .. }
        | Command::MakeLink { .. }
        | Command::RevokeLink { .. }
        | Command::PreviewLink { .. }
        | Command::JoinByLink { .. } => about_links(account, command).await?,
        Command::Schedule {
            room,
            typed,
            reply_to,
        } => {
            let result = schedule(account, room, &typed, reply_to).await;
            let result = result.map_err(|e| Unsent {
                text: format!("{SCHEDULE}{typed}"),
                reason: failure(&e),
            });
            Answer::Scheduled { room, result }
        }
        Command::Reschedule { id, text, when } => {
            let result = async {
                let when = whole(account, &when)?;
                account.reschedule(id, Some(text), when).await
            };
            done(result.await, "changed")
        }
        Command::Remind {
            message,
            when,
            note,
        } => {
            let result = async {
                let when = account.read_whole_when(&when)?;
                account.remind(message, &note, when).await
            };
            done(
                result.await,
                "you will be reminded: T lists what is to come",
            )
        }
        Command::CancelScheduled { id } => done(account.cancel_scheduled(id).await, ""),
        Command::Block { user, reason } => done(
            account.block(user, &reason).await,
            "blocked: their messages are folded, s opens one",
        ),
        Command::Unblock { user } => done(account.unblock(user).await, "no longer blocked"),
        Command::Notify { .. } | Command::SetAttention { .. } => rings(account, command).await?,
        Command::SetDisplayName { name } => done(
            account.set_display_name(&name).await,
            "your name is changed",
        ),
        Command::Sessions => Answer::Sessions(account.sessions().await.map_err(|e| failure(&e))),
        Command::EndSession { session } => match account.end_session(session).await {
            Ok(()) => Answer::Sessions(account.sessions().await.map_err(|e| failure(&e))),
            Err(error) => done(Err(error), ""),
        },
        other => return about_reports(account, other).await,
    })
}

/// How long messages stay in a room, how present the user is.
async fn decided(account: &Account, command: Command) -> Option<Answer> {
    Some(match command {
        Command::SetLifetime { room, lifetime } => {
            done(account.set_lifetime(room, lifetime).await, "changed")
        }
        Command::SetPresence(request) => {
            done(account.set_presence(*request).await, "others see it now")
        }
        _ => return None,
    })
}

async fn figures(account: &Account, room: Option<RoomId>, days: u32) -> Answer {
    let seen = account.analytics(room, days).await;
    let result = seen.map(Box::new).map_err(|e| failure(&e));
    Answer::Analytics { room, days, result }
}

async fn threads_of(account: &Account, room: RoomId) -> Answer {
    let all = account.threads_of_room(room).await;
    let all = all.map(|all| all.iter().map(|one| thread(one, false)).collect());
    let result = all.map_err(|e| failure(&e));
    let purpose = Purpose::RoomThreads(room);
    Answer::Picked { purpose, result }
}

/// Where the message of a permalink stands, or why one can't go there.
async fn find(account: &Account, link: &Permalink) -> Result<Whereabouts, SafeText> {
    if !account.is_of_my_server(link) {
        let host = link.server.host_str().unwrap_or_default();
        let why = format!("this link leads to another server: sign in at {host} to follow it");
        return Err(SafeText::line(&why));
    }
    match account.find_message(link.room, link.message).await {
        Err(Error::NotFound) => Err(SafeText::line(
            "there is no such message, or you may not see it",
        )),
        found => found.map_err(|e| failure(&e)),
    }
}

/// What rings, in a room or in all.
async fn rings(account: &Account, command: Command) -> Option<Answer> {
    Some(match command {
        Command::Notify { room, level, hush } => {
            done(notify(account, room, level, hush).await, "changed")
        }
        Command::SetAttention {
            keywords,
            quiet,
            time_zone,
            who_writes,
        } => done(
            account
                .set_attention(keywords, &quiet, &time_zone, who_writes)
                .await,
            "changed, on all your devices",
        ),
        _ => return None,
    })
}

async fn notify(
    account: &Account,
    room: RoomId,
    level: Level,
    hush: Option<Hush>,
) -> Result<(), Error> {
    let until = match hush {
        None => None,
        Some(Hush::No) => Some(Timestamp(0)),
        Some(Hush::Ever) => Some(Timestamp::NEVER),
        Some(Hush::Until(typed)) => Some(account.read_until(&typed)?),
    };
    account.set_level(room, level).await?;
    match until {
        Some(until) => account.hush(room, until).await,
        None => Ok(()),
    }
}

/// Keeps a message for later: what was typed begins with when.
async fn schedule(
    account: &Account,
    room: RoomId,
    typed: &str,
    reply_to: Option<MessageId>,
) -> Result<(), Error> {
    let (when, text) = account.read_when(typed)?;
    account.schedule(room, text, reply_to, when).await
}

/// A moment and nothing more; none if nothing was typed.
fn whole(account: &Account, typed: &str) -> Result<Option<When>, Error> {
    if typed.trim().is_empty() {
        return Ok(None);
    }
    account.read_whole_when(typed).map(Some)
}

/// Lists about a message or the room.
async fn picked(account: &Account, command: Command) -> Option<Answer> {
    let entry = |label: SafeText, at: Timestamp, pick| Entry {
        label,
        hint: SafeText::default(),
        at: Some(at),
        pick,
    };
    let (purpose, result) = match command {
        Command::Pins { room } => {
            let pins = account.pins(room).await;
            let one = |pin: PinView| Entry {
                hint: pin.sender,
                ..entry(pin.text, pin.at, Pick::Place(pin.seq))
            };
            let pins = pins.map(|pins| pins.into_iter().map(one).collect());
            (Purpose::Pins(room), pins)
        }
        Command::History { message } => {
            let versions = account.history(message).await;
            let one = |version: VersionView| entry(version.text, version.at, Pick::Nothing);
            let versions = versions.map(|all| all.into_iter().map(one).collect());
            (Purpose::History(message), versions)
        }
        Command::Votes { message, options } => {
            let all = account.votes(message).await;
            let one = |vote: VoteView| {
                let chosen = vote.options.iter();
                let chosen = chosen.filter_map(|place| options.get(usize::from(*place)));
                let chosen: Vec<_> = chosen.map(SafeText::as_str).collect();
                Entry {
                    hint: SafeText::line(&chosen.join(", ")),
                    ..entry(vote.name, vote.at, Pick::Nothing)
                }
            };
            let all = all.map(|all| all.into_iter().map(one).collect());
            (Purpose::Voted(message, options), all)
        }
        Command::Reacted { message } => {
            let all = account.reactions(message).await;
            let one = |one: ReactedView| {
                let label = SafeText::line(&format!("{}  {}", one.emoji, one.name));
                entry(label, one.at, Pick::Nothing)
            };
            let all = all.map(|all| all.into_iter().map(one).collect());
            (Purpose::Reacted(message), all)
        }
        _ => return None,
    };
    let result = result.map_err(|e| failure(&e));
    Some(Answer::Picked { purpose, result })
}

async fn moderate(account: &Account, command: Command) -> Option<Answer> {
    Some(match command {
        Command::SetRole {
            room,
            user,
            role,
            hand_over,
        } => done(
            account.set_role(room, user, role, hand_over).await,
            "their role is changed",
        ),
        Command::Mute {
            room,
            user,
            seconds,
        } => done(account.mute(room, user, seconds).await, "muted"),
        Command::Unmute { room, user } => done(account.unmute(room, user).await, "not muted"),
        Command::Ban {
            room,
            user,
            seconds,
            reason,
        } => done(account.ban(room, user, seconds, &reason).await, "banned"),
        Command::Unban { room, user } => done(account.unban(room, user).await, "the ban is lifted"),
        Command::Bans { room, query } => {
            let result = account.bans(room).await.map_err(|e| failure(&e));
            let result = result.map(|bans| banned(&bans, &query));
            Answer::Users { query, result }
        }
        _ => return None,
    })
}

async fn about_reports(account: &Account, command: Command) -> Option<Answer> {
    Some(match command {
        Command::Report {
            message,
            user,
            kind,
            words,
        } => done(
            account.report(message, user, kind, &words).await,
            "those who moderate are told; you hear when they are done",
        ),
        Command::TakeReport { id, taken } => {
            let result = account.take_report(id, taken).await;
            done(result.map(drop), "others see that")
        }
        Command::CloseReport {
            id,
            outcome,
            seconds,
            note,
        } => {
            let result = account.close_report(id, outcome, seconds, &note).await;
            done(result.map(drop), "the report is closed")
        }
        Command::Raid { seconds } => done(account.set_raid(seconds).await, ""),
        Command::Reports => {
            let all = account.reports(false).await;
            let all = all.map(|all| all.into_iter().map(reports::entry).collect());
            Answer::Picked {
                purpose: Purpose::Reports,
                result: all.map_err(|e| failure(&e)),
            }
        }
        Command::Audit { room, before } => {
            let query = AuditQuery {
                before,
                ..AuditQuery::default()
            };
            let page = account.audit(room, query).await;
            let page = page.map(|page| reports::page(room, &page));
            Answer::Picked {
                purpose: Purpose::Audit { room, before },
                result: page.map_err(|e| failure(&e)),
            }
        }
        other => return about_filters(account, other).await,
    })
}

async fn about_filters(account: &Account, command: Command) -> Option<Answer> {
    let room = match command {
        Command::AddFilter {
            room,
            kind,
            text,
            action,
        } => {
            let result = account.add_filter(room, kind, &text, action).await;
            return Some(done(result, "the filter holds from now on"));
        }
        Command::RemoveFilter { room, id } => match account.remove_filter(room, id).await {
            Ok(()) => room,
            Err(error) => return Some(done(Err(error), "")),
        },
        Command::Filters { room } => room,
        other => {
            return match emoji::ask(account, other).await {
                Ok(answer) => Some(answer),
                Err(other) => picked(account, other).await,
            };
        }
    };
    let all = account.filters(room).await;
    let all = all.map(|all| filters::entries(room, all));
    Some(Answer::Picked {
        purpose: Purpose::Filters(room),
        result: all.map_err(|e| failure(&e)),
    })
}

async fn about_links(account: &Account, command: Command) -> Option<Answer> {
    Some(match command {
        Command::Links { room } => {
            Answer::Links(account.links(room).await.map_err(|e| failure(&e)))
        }
        Command::MakeLink {
            room,
            seconds,
            uses,
        } => {
            let made = account.make_link(room, seconds, uses).await;
            Answer::LinkMade(made.map_err(|e| failure(&e)))
        }
        Command::RevokeLink { room, link } => match account.revoke_link(room, link).await {
            Ok(()) => Answer::Links(account.links(room).await.map_err(|e| failure(&e))),
            Err(error) => done(Err(error), ""),
        },
        Command::PreviewLink { link } => {
            let result = account.preview_link(&link).await.map_err(|e| failure(&e));
            Answer::Previewed { link, result }
        }
        Command::JoinByLink { link } => entered(account.join_by_link(&link).await),
        _ => return None,
    })
}

/// Those whose name holds the query.
fn banned(bans: &[BanView], query: &str) -> Vec<UserView> {
    let query = query.to_lowercase();
    let holds = |name: &SafeText| name.as_str().to_lowercase().contains(&query);
    let found = bans
        .iter()
        .filter(|ban| holds(&ban.name) || holds(&ban.username));
    let users = found.map(|ban| UserView {
        user_id: ban.user_id,
        username: ban.username.clone(),
        name: ban.name.clone(),
    });
    users.collect()
}

fn entered(result: Result<RoomId, Error>) -> Answer {
    Answer::Entered(result.map_err(|e| failure(&e)))
}

pub(super) fn done(result: Result<(), Error>, words: &'static str) -> Answer {
    Answer::Done(result.map(|()| words).map_err(|e| failure(&e)))
}
