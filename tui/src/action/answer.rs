//! What client-core answered.

use erc_client_core::{
    SafeText,
    protocol::{ClientId, MessageId, RoomId},
    view::{AccountInfo, Connection, Found, Me, RoomSummary, ThreadView, Update, Written},
};

use super::{
    analytics, attention, compose, draft, export, forms, links, requests, rooms, schedule, settle,
    sign_in, threads, update,
};
use crate::{
    command::{Answer, Command, Failure, Opening, Unsent},
    state::{
        Chat, Effect, Focus, Loadable, OpenRoom, Overlay, Screen, SignInForm, State, room_list,
    },
};

pub(super) fn handle(state: &mut State, answer: Answer) {
    match answer {
        Answer::Server { asked, info } => server(state, &asked, info.into()),
        Answer::SignedIn(result) => signed_in(state, result),
        Answer::SignedOut(result) => signed_out(state, result.map(|()| "You are signed out.")),
        Answer::GivenUp(Ok(words)) => signed_out(state, Ok(words)),
        other => {
            if state.chat().is_some() {
                in_chat(state, other);
            } else if let Some(chat) = state.parked.take() {
                // The chat goes on behind the sign-in screen.
                let form = std::mem::replace(&mut state.screen, Screen::Chat(chat));
                in_chat(state, other);
                match std::mem::replace(&mut state.screen, form) {
                    Screen::Chat(chat) => state.parked = Some(chat),
                    // The session ended meanwhile: the form that was open already is the one.
                    Screen::SignIn(_) => {}
                }
            }
        }
    }
}

fn in_chat(state: &mut State, answer: Answer) {
    match answer {
        Answer::Update(Update::Connection(connection)) => connected(state, connection),
        Answer::Update(update) => update::handle(state, update),
        Answer::Rooms(result) => rooms_read(state, result),
        Answer::Opened { room, result } => opened(state, room, result),
        Answer::Sent { room, result } => sent(state, room, None, result.map(Some)),
        Answer::SentInThread {
            room,
            thread,
            result,
        } => sent(state, room, Some(thread), result.map(Some)),
        Answer::ThreadOpened {
            room,
            thread,
            result,
        } => threads::opened(state, room, thread, result),
        Answer::Located(result) => threads::found(state, result),
        Answer::Copied(result) => copied(state, result),
        Answer::Scheduled { room, result } => schedule::kept(state, room, result),
        Answer::Entered(result) => entered(state, result),
        Answer::LinkMade(result) => links::made(state, result),
        Answer::Gone { room, result } => gone(state, room, result),
        Answer::Emoji(result) => super::emoji::known(state, result),
        other => {
            if let Some(chat) = state.chat_mut() {
                personal(chat, other);
            }
        }
    }
}

/// What follows the user from device to device.
fn personal(chat: &mut Chat, answer: Answer) {
    match answer {
        Answer::DraftSaved {
            room,
            thread,
            version,
        } => draft::saved(chat, (room, thread), version),
        Answer::Draft {
            room,
            thread,
            result,
        } => draft::read(chat, (room, thread), result),
        Answer::Attention(result) => attention::read(chat, result),
        other => plain(chat, other),
    }
}

/// The connection changed. A session that ended asks for signing in again, once; Esc goes back to
/// what is on this machine.
fn connected(state: &mut State, connection: Connection) {
    let Some(chat) = state.chat() else { return };
    let was_out = matches!(chat.connection, Connection::SignedOut { .. });
    let reason = match &connection {
        Connection::SignedOut { reason } if !was_out => Some(reason.clone()),
        _ => None,
    };
    update::handle(state, Update::Connection(connection));
    if let Some(reason) = reason {
        compose::save_draft(state);
        sign_in::again(state, Some(reason));
    }
}

/// Answers that change nothing but what they are about.
fn plain(chat: &mut Chat, answer: Answer) {
    match answer {
        Answer::Timeline { room, result } => {
            let shown = |o: &&mut OpenRoom| o.id == room && o.thread.is_none();
            let Some(open) = chat.open.as_mut().filter(shown) else {
                return;
            };
            open.timeline_asked = false;
            match result {
                Ok(timeline) => settle::put_timeline(open, timeline),
                Err(reason) if open.timeline.ready().is_none() => {
                    open.timeline = Loadable::Failed(reason);
                }
                Err(reason) => chat.complain(reason.as_str()),
            }
        }
        Answer::ThreadRead {
            room,
            thread,
            result,
        } => thread_read(chat, (room, thread), result),
        Answer::Members { room, result } => {
            let Some(open) = chat.open.as_mut().filter(|o| o.id == room) else {
                return;
            };
            open.members_asked = false;
            open.members = result.into();
            let count = open.members.ready().map_or(0, Vec::len);
            open.member = open.member.min(count.saturating_sub(1));
        }
        Answer::Presence(Ok(mine)) => chat.mine = Some(mine),
        Answer::Moderation(Ok((waiting, until))) => {
            (chat.reports, chat.raid_until) = (waiting, until);
        }
        Answer::Presence(Err(reason)) | Answer::Moderation(Err(reason)) => {
            chat.complain(reason.as_str());
        }
        Answer::Completions {
            room,
            before,
            result,
        } => super::complete::offered(chat, room, &before, result),
        Answer::Discarded { room, result } => match result {
            Ok(Some(text)) if chat.open.as_ref().is_some_and(|o| o.id == room) => {
                compose::give_back(chat, &text);
            }
            Ok(_) => {}
            Err(reason) => chat.complain(reason.as_str()),
        },
        Answer::Hits { query, result } => {
            if let Some(Overlay::Search(o)) = &mut chat.overlay
                && o.asked == query
            {
                o.hits = Some(result.into());
            }
        }
        Answer::Found { query, result } => found(chat, &query, result),
        Answer::Picked { purpose, result } => {
            if let Some(Overlay::Picker(o)) = &mut chat.overlay
                && o.purpose == purpose
            {
                o.entries = result.into();
                o.selected = o.selected.min(o.shown().len().saturating_sub(1));
            }
        }
        Answer::Directory(result) => {
            if let Some(Overlay::Directory(o)) = &mut chat.overlay {
                o.entries = result.into();
            }
        }
        Answer::Users { query, result } => {
            if let Some(Overlay::People(o)) = &mut chat.overlay
                && o.asked == query
            {
                o.users = result.into();
            }
        }
        Answer::Sessions(result) => {
            if let Some(Overlay::Sessions(o)) = &mut chat.overlay {
                o.sessions = result.into();
            }
        }
        Answer::Links(result) => {
            if let Some(Overlay::Links(o)) = &mut chat.overlay {
                o.links = result.into();
                let count = o.links.ready().map_or(0, Vec::len);
                o.selected = o.selected.min(count.saturating_sub(1));
            }
        }
        Answer::Analytics { room, days, result } => {
            analytics::answered(chat, room, days, result);
        }
        Answer::Exporting(progress) => export::hear(chat, progress),
        Answer::Exported(result) => export::done(chat, result),
        Answer::Previewed { link, result } => links::previewed(chat, link, result),
        Answer::Done(result) => done(chat, result),
        Answer::GivenUp(Err(reason)) => {
            forms::answered(chat, Some(reason));
        }
        _ => {}
    }
}

fn thread_read(
    chat: &mut Chat,
    (room, thread): (RoomId, MessageId),
    result: Result<Box<ThreadView>, Failure>,
) {
    let shown = |o: &&mut OpenRoom| o.id == room && o.thread == Some(thread);
    let Some(open) = chat.open.as_mut().filter(shown) else {
        return;
    };
    open.timeline_asked = false;
    match result {
        Ok(view) => {
            open.follows = view.following;
            settle::put_timeline(open, view.timeline);
        }
        Err(reason) => chat.complain(reason.as_str()),
    }
}

fn done(chat: &mut Chat, result: Result<&'static str, Failure>) {
    match result {
        Ok(words) => {
            forms::answered(chat, None);
            if !words.is_empty() {
                chat.say(words);
            }
        }
        Err(reason) => {
            if !forms::answered(chat, Some(reason.clone())) {
                chat.complain(reason.as_str());
            }
        }
    }
}

fn server(state: &mut State, asked: &str, info: Loadable<erc_client_core::view::ServerInfo>) {
    if let Screen::SignIn(form) = &mut state.screen
        && form.server_info.as_ref().is_some_and(|(s, _)| s == asked)
    {
        form.server_info = Some((asked.to_owned(), info));
    }
}

fn signed_in(state: &mut State, result: Result<Box<(AccountInfo, Me)>, Failure>) {
    match result {
        Ok(account) => {
            let (info, me) = *account;
            state.parked = None;
            state.account = Some(info);
            state.screen = Screen::Chat(Box::new(Chat::new(me)));
            state.ask(Command::LoadRooms);
            state.ask(Command::LoadPresence);
            state.ask(Command::LoadModeration);
            state.ask(Command::LoadEmoji);
        }
        Err(reason) => {
            if let Screen::SignIn(form) = &mut state.screen {
                form.busy = false;
                form.error = Some(reason);
            }
        }
    }
}

fn signed_out(state: &mut State, result: Result<&'static str, Failure>) {
    match result {
        Ok(words) => {
            let account = state.account.take();
            let (server, user) = account.map_or((String::new(), String::new()), |a| {
                (a.server_url, a.username.as_str().to_owned())
            });
            let mut form = SignInForm::new(&server, &user);
            form.reason = Some(SafeText::line(words));
            state.parked = None;
            state.screen = Screen::SignIn(Box::new(form));
        }
        Err(reason) => {
            if let Some(chat) = state.chat_mut() {
                chat.complain(reason.as_str());
            }
        }
    }
}

fn rooms_read(state: &mut State, result: Result<Vec<RoomSummary>, Failure>) {
    let Some(chat) = state.chat_mut() else { return };
    chat.rooms_asked = false;
    match result {
        Ok(rooms) => requests::part(chat, rooms),
        Err(reason) if chat.rooms.ready().is_none() => chat.rooms = Loadable::Failed(reason),
        Err(reason) => chat.complain(reason.as_str()),
    }
    let open = chat.open.as_ref().map(|o| o.id);
    match open {
        Some(room) if chat.summary(room).is_none() && chat.rooms.ready().is_some() => {
            // Removed from it, or it was deleted. What was written there stays in its draft.
            close(state, room);
        }
        Some(_) => {}
        None => open_first(state),
    }
    start(state);
}

/// With no room open: the one with the newest activity.
fn open_first(state: &mut State) {
    let Some(chat) = state.chat() else { return };
    let newest = chat.room_list().iter().max_by_key(|r| r.last_activity);
    if let Some(room) = newest.map(|r| r.id) {
        rooms::open(state, room);
    }
}

/// Connects, once the first picture is complete.
fn start(state: &mut State) {
    let Some(chat) = state.chat_mut() else { return };
    let painted = chat.open.as_ref().is_none_or(|o| o.opened.is_some());
    if painted && !std::mem::replace(&mut chat.started, true) {
        state.ask(Command::Start);
    }
}

/// A text goes to the clipboard.
fn copied(state: &mut State, result: Result<String, Failure>) {
    let Some(chat) = state.chat_mut() else { return };
    match result {
        Ok(text) => {
            chat.say("the link is copied");
            state.effect(Effect::Copy(text));
        }
        Err(reason) => chat.complain(reason.as_str()),
    }
}

fn opened(state: &mut State, room: RoomId, result: Result<Box<Opening>, Failure>) {
    let size = state.size;
    let Some(chat) = state.chat_mut() else { return };
    let shown = |o: &&mut OpenRoom| o.id == room && o.thread.is_none();
    let Some(open) = chat.open.as_mut().filter(shown) else {
        return;
    };
    open.timeline_asked = false;
    match result {
        Ok(opening) => {
            open.opened = Some(opening.opened);
            open.marked = opening.opened.read_seq;
            open.typing = opening.typing;
            draft::left(&mut open.composer, opening.draft);
            settle::put_timeline(open, opening.timeline);
            settle::show_unread_line(chat, size);
        }
        Err(reason) => {
            open.timeline = Loadable::Failed(reason);
        }
    }
    start(state);
}

/// `Ok`: the name of the message, which is that of the draft that it was, if it was one.
pub(super) fn sent(
    state: &mut State,
    room: RoomId,
    thread: Option<MessageId>,
    result: Result<Option<ClientId>, Unsent>,
) {
    let Some(chat) = state.chat_mut() else { return };
    let shown = |o: &&mut OpenRoom| o.id == room && o.thread == thread;
    let here = chat.open.as_mut().filter(shown);
    match (result, here) {
        (Ok(Some(message)), Some(open)) => {
            open.composer.base = Some(message);
            open.composer.unsaved |= !open.composer.draft().is_empty();
        }
        // The draft on disk goes only now: nothing written is ever nowhere.
        (Ok(None), Some(open)) => {
            open.composer.unsaved = true;
            compose::save_draft(state);
        }
        (Ok(_), None) => {}
        (Err(unsent), Some(_)) => {
            compose::give_back(chat, &unsent.text);
            chat.complain(unsent.reason.as_str());
        }
        (Err(unsent), None) => {
            chat.complain(unsent.reason.as_str());
            state.ask(Command::SaveDraft {
                room,
                thread,
                written: Written::new(unsent.text),
            });
        }
    }
}

fn entered(state: &mut State, result: Result<RoomId, Failure>) {
    let Some(chat) = state.chat_mut() else { return };
    match result {
        Ok(room) => {
            forms::answered(chat, None);
            chat.wants.rooms = true;
            rooms::open(state, room);
        }
        Err(reason) => {
            if !forms::answered(chat, Some(reason.clone())) {
                chat.complain(reason.as_str());
            }
        }
    }
}

fn gone(state: &mut State, room: RoomId, result: Result<(), Failure>) {
    let Some(chat) = state.chat_mut() else { return };
    match result {
        Ok(()) => {
            chat.wants.rooms = true;
            if chat.open.as_ref().is_some_and(|o| o.id == room) {
                close(state, room);
            }
        }
        Err(reason) => chat.complain(reason.as_str()),
    }
}

/// Leaves a room that is no more, for its neighbour in the list.
fn close(state: &mut State, room: RoomId) {
    compose::save_draft(state);
    let Some(chat) = state.chat_mut() else { return };
    let next = room_list::neighbour(chat.room_list(), Some(room), 1).filter(|r| *r != room);
    chat.open = None;
    if chat.focus == Focus::Members {
        chat.focus = Focus::Composer;
    }
    state.ask(Command::CloseRoom { room });
    if let Some(next) = next {
        rooms::open(state, next);
    }
}

/// What the server added to a search: the same hit stays chosen.
fn found(chat: &mut Chat, query: &str, result: Result<Found, Failure>) {
    let Some(Overlay::Search(o)) = &mut chat.overlay else {
        return;
    };
    if o.asked != query {
        return;
    }
    let before = o.hits.as_ref().and_then(Loadable::ready);
    match result {
        Ok(found) => {
            let chosen = before.and_then(|hits| hits.get(o.selected));
            let chosen = chosen.map(|hit| hit.message_id);
            let at = found
                .hits
                .iter()
                .position(|hit| Some(hit.message_id) == chosen);
            o.selected = at.unwrap_or(0);
            o.hits = Some(Loadable::Ready(found.hits));
            if !found.asked_server {
                chat.say("only this machine was searched: the server can't be asked");
            } else if !found.complete {
                chat.say("the server's index is behind: there may be more soon");
            } else if found.more {
                chat.say("there are older ones: say more, or before:2026-01-31");
            }
        }
        // What is here is better than a reason why there is no more.
        Err(reason) => match before {
            Some(hits) if !hits.is_empty() => chat.complain(reason.as_str()),
            _ => o.hits = Some(Loadable::Failed(reason)),
        },
    }
}
