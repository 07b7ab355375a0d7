//! What is done at once: reading the cache, writing into the outbox.

use erc_client_core::{
    Account, Error, SafeText,
    protocol::{
        ClientId, MessageId, RoomId, Seq,
        poll::NewPoll,
        schedule::{ScheduledKind, ScheduledState},
    },
    view::{BlockView, OpenedRoom, ScheduledView, ThreadLine, Whereabouts, Written},
};

use super::failure;
use crate::{
    command::{Answer, Command, Opening, PollPlace, ThreadOpening, Unsent},
    state::picker::{Entry, Pick, Purpose},
};

/// Hits that a search shows.
pub(super) const HITS: u32 = 200;

/// How a command ended.
pub(super) enum Local {
    /// Done; updates tell of it.
    Done,
    Answer(Box<Answer>),
    /// Needs the server.
    Remote(Command),
}

impl From<Answer> for Local {
    fn from(answer: Answer) -> Self {
        Self::Answer(Box::new(answer))
    }
}

/// Carries out what needs no server; hands back what does.
pub(super) async fn local(account: &Account, command: Command) -> Local {
    match command {
        Command::LoadRooms => {
            let rooms = account.rooms().and_then(|mut rooms| {
                rooms.extend(account.requests()?);
                Ok(rooms)
            });
            Answer::Rooms(rooms.map_err(|e| failure(&e))).into()
        }
        Command::OpenRoom { room, window } => {
            let opening = open(account, room, window).await;
            let result = opening.map(Box::new).map_err(|e| failure(&e));
            Answer::Opened { room, result }.into()
        }
        Command::CloseRoom { room } => {
            account.close_room(room).await;
            Local::Done
        }
        Command::LoadTimeline {
            room,
            window,
            unread_after,
        } => {
            let timeline = account.timeline(room, window, unread_after);
            let result = timeline.map_err(|e| failure(&e));
            Answer::Timeline { room, result }.into()
        }
        Command::LoadMembers { room } => {
            let result = account.members(room).map_err(|e| failure(&e));
            Answer::Members { room, result }.into()
        }
        Command::Fill { room, from, to } => {
            account.fill(room, from, to);
            Local::Done
        }
        Command::SetTyping { room, typing } => {
            account.set_typing(room, typing);
            Local::Done
        }
        Command::Complete { room, before } => {
            let result = account.complete(room, &before).map_err(|e| failure(&e));
            let answer = Answer::Completions {
                room,
                before,
                result,
            };
            answer.into()
        }
        Command::Scheduled => {
            let all = account.scheduled();
            let all = all.map(|all| all.into_iter().map(scheduled).collect());
            let result = all.map_err(|e| failure(&e));
            let purpose = Purpose::Scheduled;
            Answer::Picked { purpose, result }.into()
        }
        Command::Blocks => {
            let all = account.blocks();
            let all = all.map(|all| all.into_iter().map(blocked).collect());
            let result = all.map_err(|e| failure(&e));
            let purpose = Purpose::Blocks;
            Answer::Picked { purpose, result }.into()
        }
        Command::LoadPresence => {
            let mine = account.my_presence().map_err(|e| failure(&e));
            Answer::Presence(mine).into()
        }
        Command::LoadDraft { room, thread } => {
            let result = account.draft(room, thread).map_err(|e| failure(&e));
            Answer::Draft {
                room,
                thread,
                result,
            }
            .into()
        }
        Command::Attention => {
            Answer::Attention(account.attention().map_err(|e| failure(&e))).into()
        }
        Command::LoadModeration => {
            let waiting = account.reports_waiting();
            let both = waiting.and_then(|waiting| Ok((waiting, account.raid_until()?)));
            Answer::Moderation(both.map_err(|e| failure(&e))).into()
        }
        Command::LoadEmoji => Answer::Emoji(account.emoji().map_err(|e| failure(&e))).into(),
        Command::SetActive(active) => {
            account.set_active(active);
            Local::Done
        }
        other => in_threads(account, other).await,
    }
}

/// Carries out what is about threads and permalinks.
async fn in_threads(account: &Account, command: Command) -> Local {
    match command {
        Command::OpenThread {
            room,
            thread,
            count,
        } => {
            let result = open_thread(account, room, thread, count).await;
            let result = result.map(Box::new).map_err(|e| failure(&e));
            Answer::ThreadOpened {
                room,
                thread,
                result,
            }
            .into()
        }
        Command::LoadThread {
            room,
            thread,
            count,
            unread_after,
        } => {
            let view = account.thread(room, thread, count, unread_after);
            let result = view.map(Box::new).map_err(|e| failure(&e));
            Answer::ThreadRead {
                room,
                thread,
                result,
            }
            .into()
        }
        Command::FillThread { room, thread } => {
            account.fill_thread(room, thread);
            Local::Done
        }
        Command::Threads => {
            let all = account.threads();
            let all = all.map(|all| all.iter().map(|line| thread(line, true)).collect());
            let result = all.map_err(|e| failure(&e));
            let purpose = Purpose::Threads;
            Answer::Picked { purpose, result }.into()
        }
        Command::CopyPermalink { room, message } => {
            let link = account.permalink(room, message);
            Answer::Copied(link.map_err(|e| failure(&e))).into()
        }
        Command::FindPlace { room, seq } => {
            let found = account.thread_at(room, seq).map(|thread_id| Whereabouts {
                room_id: room,
                seq,
                message_id: MessageId(0),
                thread_id,
            });
            Answer::Located(found.map_err(|e| failure(&e))).into()
        }
        other => compose(account, other).await,
    }
}

fn blocked(who: BlockView) -> Entry {
    Entry {
        label: SafeText::line(&format!("{} @{}", who.name, who.username)),
        hint: who.reason,
        at: None,
        pick: Pick::Blocked(who.user_id),
    }
}

fn scheduled(what: ScheduledView) -> Entry {
    let room = what.room.as_str();
    let sign = match (what.kind, what.state) {
        (_, ScheduledState::Refused) => "not sent: ",
        (ScheduledKind::Reminder, ScheduledState::Due) => "now: ",
        (ScheduledKind::Reminder, _) => "remind: ",
        (ScheduledKind::Message, _) => "",
    };
    let about = what.about.as_ref().map_or("", SafeText::as_str);
    let text = match what.text.as_str() {
        "" => about,
        text => text,
    };
    let reason = what.error.as_ref().map_or("", SafeText::as_str);
    let gap = if reason.is_empty() { "" } else { " · " };
    Entry {
        label: SafeText::line(&format!("{sign}{text}")),
        hint: SafeText::line(&format!("{reason}{gap}{room}")),
        at: Some(what.due_at),
        pick: Pick::Scheduled(Box::new(what)),
    }
}

/// A thread in a list.
pub(super) fn thread(line: &ThreadLine, with_room: bool) -> Entry {
    let text = match line.text.as_str() {
        "" => "a thread that is not here yet",
        text => text,
    };
    let replies = match line.replies {
        1 => "1 reply".to_owned(),
        many => format!("{many} replies"),
    };
    let unread = match (line.unread, line.mentions) {
        (0, _) => String::new(),
        (unread, 0) => format!(" · {unread} new"),
        (unread, mentions) => format!(" · {unread} new, {mentions} for you"),
    };
    let room = if with_room {
        format!(" · {}", line.room)
    } else {
        String::new()
    };
    let draft = if line.has_draft { " · draft" } else { "" };
    let gap = if line.sender.as_str().is_empty() {
        ""
    } else {
        ": "
    };
    Entry {
        label: SafeText::line(&format!("{}{gap}{text}", line.sender)),
        hint: SafeText::line(&format!("{replies}{unread}{draft}{room}")),
        at: line.last_at,
        pick: Pick::Thread {
            room: line.room_id,
            thread: line.thread_id,
        },
    }
}

async fn open_thread(
    account: &Account,
    room: RoomId,
    thread: MessageId,
    count: u32,
) -> Result<ThreadOpening, Error> {
    // The room is open, too: it is caught up first, and one sees who types in it.
    account.open_room(room).await?;
    let opened = account.open_thread(room, thread)?;
    let unread_after = opened.filter(|one| one.unread > 0);
    let unread_after = unread_after.map(|one| one.read_seq);
    let view = account.thread(room, thread, count, unread_after)?;
    Ok(ThreadOpening {
        opened: opened.unwrap_or(OpenedRoom {
            read_seq: Seq::ZERO,
            unread: 0,
        }),
        follows: view.following,
        timeline: view.timeline,
        draft: account.draft(room, Some(thread))?,
    })
}

/// What is found on this machine.
pub(super) fn search(account: &Account, query: &str) -> Answer {
    let result = account.search(query, None, HITS).map_err(|e| failure(&e));
    let query = query.to_owned();
    Answer::Hits { query, result }
}

async fn open(
    account: &Account,
    room: RoomId,
    window: erc_client_core::view::Window,
) -> Result<Opening, Error> {
    let opened = account.open_room(room).await?;
    Ok(Opening {
        opened,
        timeline: account.timeline(room, window, Some(opened.read_seq))?,
        draft: account.draft(room, None)?,
        typing: account.typing(room),
    })
}

/// Carries out what is about a composer: its text is sent, or kept.
async fn compose(account: &Account, command: Command) -> Local {
    match command {
        Command::Send {
            room,
            text,
            reply_to,
            lifetime,
            base,
        } => {
            let written = Written {
                reply_to,
                base,
                ..Written::new(text.clone())
            };
            let result = account.send_draft(room, written, lifetime).await;
            let result = result.map_err(|e| Unsent {
                text,
                reason: failure(&e),
            });
            Answer::Sent { room, result }.into()
        }
        Command::SendInThread {
            room,
            thread,
            text,
            reply_to,
            also_in_room,
            base,
        } => {
            let written = Written {
                reply_to,
                base,
                ..Written::new(text.clone())
            };
            let result = account
                .send_in_thread(room, thread, written, also_in_room)
                .await;
            let result = result.map_err(|e| Unsent {
                text,
                reason: failure(&e),
            });
            Answer::SentInThread {
                room,
                thread,
                result,
            }
            .into()
        }
        Command::SaveDraft {
            room,
            thread,
            written,
        } => match account.save_draft(room, thread, written).await {
            Ok(version) => Answer::DraftSaved {
                room,
                thread,
                version,
            }
            .into(),
            Err(error) => Answer::Done(Err(failure(&error))).into(),
        },
        other => write(account, other).await,
    }
}

async fn write(account: &Account, command: Command) -> Local {
    let result = match command {
        Command::Discard { room, message } => {
            let result = account.discard(room, message).await;
            let result = result.map_err(|e| failure(&e));
            return Answer::Discarded { room, result }.into();
        }
        Command::Edit {
            room,
            message,
            text,
        } => account.edit(room, message, &text).await,
        Command::Delete {
            room,
            sender,
            message,
        } => account.delete(room, sender, message).await,
        Command::React {
            room,
            sender,
            message,
            emoji,
            on,
        } => account.react(room, (sender, message), &emoji, on).await,
        Command::Pin {
            room,
            sender,
            message,
            on,
        } => account.pin(room, (sender, message), on).await,
        Command::Forward {
            source,
            room,
            with_author,
        } => account.forward(source, room, with_author).await.map(drop),
        Command::MarkRead { room, seq } => account.mark_read(room, seq).await,
        Command::MarkThreadRead { room, thread, seq } => {
            account.mark_thread_read(room, thread, seq).await
        }
        Command::AnswerRequest { room, accept } => account.answer_request(room, accept).await,
        Command::FollowThread { room, thread, on } => account.follow_thread(room, thread, on).await,
        Command::Retry { room, message } => account.retry(room, message).await,
        other => return in_polls(account, other).await,
    };
    match result {
        Ok(()) => Local::Done,
        Err(error) => Answer::Done(Err(failure(&error))).into(),
    }
}

/// Carries out what is about polls.
async fn in_polls(account: &Account, command: Command) -> Local {
    let result = match command {
        Command::SendPoll {
            place,
            question,
            poll,
            ends,
        } => {
            let sent = send_poll(account, place, &question, *poll, &ends).await;
            let sent = sent.map(|_| "").map_err(|e| failure(&e));
            return Answer::Done(sent).into();
        }
        Command::Vote {
            room,
            sender,
            message,
            options,
        } => account.vote(room, (sender, message), options).await,
        Command::ClosePoll {
            room,
            sender,
            message,
        } => account.close_poll(room, (sender, message)).await,
        other => return Local::Remote(other),
    };
    match result {
        Ok(()) => Local::Done,
        Err(error) => Answer::Done(Err(failure(&error))).into(),
    }
}

async fn send_poll(
    account: &Account,
    place: PollPlace,
    question: &str,
    poll: NewPoll,
    ends: &str,
) -> Result<ClientId, Error> {
    let closes_at = account.read_poll_end(ends)?;
    let poll = NewPoll { closes_at, ..poll };
    let PollPlace {
        room,
        thread,
        also_in_room,
        lifetime,
    } = place;
    match thread {
        Some(thread) => {
            account
                .send_poll_in_thread(room, thread, question, poll, also_in_room)
                .await
        }
        None => account.send_poll(room, question, poll, lifetime).await,
    }
}
