//! Words, errors, requests and answers.

use std::fmt::Write as _;

use erc_protocol::{
    Attention, AuditId, Capability, EmojiRev, ErrorBody, ErrorCode, ExpiryFrom, FilterId, History,
    Level, LinkId, MemberState, Message, MessageId, MessageType, Poll, PresenceState, ReportId,
    Rev, RoomId, RoomKind, RoomRole, Seq, ServerRole, UserId, UserRev,
    api::{analytics, audit, links, messages, moderation, raid, rooms, search, users},
    attention::{AttentionRequest, RoomAttentionRequest, Weekday, Why},
    auth, block,
    draft::{DraftList, DraftRequest},
    emoji,
    error::{ErrorDetails, ErrorResponse},
    filter::{self, FilterAction, FilterKind},
    poll::{NewPoll, OwnVote, Vote, VoteList, VoteRequest, Voted},
    presence::PresenceChoice,
    reaction::{Reacted, ReactionList},
    receipt::{MessageReceipts, Reached},
    report::{self, ReportKind, ReportOutcome, ReportState},
    request::{Request, RequestAnswer, RequestList, RequestState, WhoWrites},
    schedule::{self, ScheduledKind, ScheduledState, When},
    thread,
};

use super::album::Album;
use super::catching_up::{draft, quiet_hours};
use crate::fixtures::{
    NOON, adorned, client_id, member, message, my_presence, presence, room, session_id, threaded,
    tombstone, unread, user, user_thread,
};

pub(super) fn words() -> Album {
    let mut album = Album::default();
    album.add("server roles", &ServerRole::ALL.to_vec());
    album.add("room roles", &RoomRole::ALL.to_vec());
    album.add("capabilities", &Capability::ALL.to_vec());
    album.add("room kinds", &RoomKind::ALL.to_vec());
    album.add("histories", &History::ALL.to_vec());
    album.add("member states", &MemberState::ALL.to_vec());
    album.add("presence states", &PresenceState::ALL.to_vec());
    album.add("choices of presence", &PresenceChoice::ALL.to_vec());
    album.add("kinds of reports", &ReportKind::ALL.to_vec());
    album.add("how a report stands", &ReportState::ALL.to_vec());
    album.add("what came of it", &ReportOutcome::ALL.to_vec());
    album.add("how a filter is meant", &FilterKind::ALL.to_vec());
    album.add("what a filter does", &FilterAction::ALL.to_vec());
    album.add("what is scheduled", &ScheduledKind::ALL.to_vec());
    album.add("how it stands", &ScheduledState::ALL.to_vec());
    album.add(
        "what becomes of messages",
        &auth::ErasedMessages::ALL.to_vec(),
    );
    album.add(
        "from when a message's time counts",
        &ExpiryFrom::ALL.to_vec(),
    );
    album.add("levels", &Level::ALL.to_vec());
    album.add(
        "what a room may be to somebody",
        &RequestState::ALL.to_vec(),
    );
    album.add("who may begin to write", &WhoWrites::ALL.to_vec());
    album.add("days", &Weekday::ALL.to_vec());
    album.add("the level rings", &Why::Level);
    album.add("a mention rings", &Why::Mention);
    album.add("a keyword rings", &Why::Keyword);
    album.add("a thread rings", &Why::Thread);
    album.add("registrations", &auth::Registration::ALL.to_vec());
    album.add("a message type", &MessageType::Text);
    album.add("a poll's type", &MessageType::Poll);
    album.add(
        "a foreign message type",
        &MessageType::Other("later".into()),
    );
    album
}

/// Every code. The `match` makes a new one fail to compile until it is here.
pub(super) fn every_code() -> Vec<ErrorCode> {
    macro_rules! every {
        ($($code:ident)*) => {{
            const fn listed(code: ErrorCode) {
                match code { $(ErrorCode::$code => (),)* }
            }
            let every = vec![$(ErrorCode::$code),*];
            every.iter().copied().for_each(listed);
            every
        }};
    }
    every!(MalformedJson MalformedRequest UnknownFrame InvalidToken InvalidCredentials SessionEnded OriginNotAllowed Forbidden RegistrationClosed InvalidInvite NotFound MethodNotAllowed UsernameTaken ClientIdReused EditConflict MessageDeleted PollClosed LimitReached TooLarge UnsupportedMediaType ValidationFailed RateLimited SlowMode Unavailable Internal Unknown)
}

pub(super) fn errors() -> Album {
    use ErrorCode as C;
    let mut album = Album::default();
    let mut table = String::new();
    for code in every_code() {
        writeln!(table, "{} {code} {:?}", code.status(), code.verdict()).unwrap();
    }
    album.put("status, code, what an outbox does", table.trim_end());
    album.add("a code", &C::NotFound);
    album.add(
        "a refusal",
        &ErrorResponse {
            error: ErrorBody::new(C::NotFound, "there is no such room"),
        },
    );
    album.add(
        "fields that failed",
        &ErrorBody {
            details: Some(details()),
            ..ErrorBody::new(C::ValidationFailed, "some fields are wrong")
        },
    );
    album.add("details", &details());
    album.add(
        "too often",
        &ErrorBody {
            retry_after: Some(30),
            ..ErrorBody::new(C::RateLimited, "too many attempts")
        },
    );
    album
}

pub(super) fn details() -> ErrorDetails {
    ErrorDetails {
        fields: [("name".to_owned(), "the room's name is empty".to_owned())].into(),
    }
}

pub(super) fn sign_in() -> Album {
    let mut album = Album::default();
    album.add("a user", &user());
    album.add(
        "POST /auth/register",
        &auth::RegisterRequest {
            username: "john".into(),
            password: "correct horse".into(),
            display_name: Some("John Doe".into()),
            invite: Some("INVITE".into()),
            device_name: Some("laptop".into()),
        },
    );
    album.add(
        "POST /auth/login",
        &auth::LoginRequest {
            username: "john".into(),
            password: "correct horse".into(),
            device_name: None,
        },
    );
    album.add(
        "POST /auth/refresh",
        &auth::RefreshRequest {
            refresh_token: "opaque".into(),
        },
    );
    album.add(
        "tokens",
        &auth::TokenResponse {
            access_token: "a.b.c".into(),
            token_type: "bearer".into(),
            expires_in: 900,
            refresh_token: "opaque".into(),
            session_id: session_id(),
            user: user(),
        },
    );
    let session = auth::SessionInfo {
        id: session_id(),
        device_name: "laptop".into(),
        created_at: NOON,
        last_used_at: NOON.plus_ms(5),
        is_current: true,
    };
    album.add("a session", &session);
    album.add(
        "GET /auth/sessions",
        &auth::SessionList {
            sessions: vec![session],
        },
    );
    album.add(
        "POST /auth/deactivate",
        &auth::DeactivateRequest {
            password: "correct horse".into(),
        },
    );
    album.add(
        "POST /auth/erase",
        &auth::EraseRequest {
            password: "correct horse".into(),
            messages: auth::ErasedMessages::Remove,
        },
    );
    album.add(
        "POST /auth/invites",
        &auth::CreateInviteRequest {
            uses: Some(3),
            valid_hours: None,
        },
    );
    album.add(
        "an invite",
        &auth::InviteResponse {
            code: "INVITE".into(),
            uses: 3,
            expires_at: NOON,
        },
    );
    album.add(
        "GET /auth/settings",
        &auth::AuthSettings {
            server_name: "ERC Youth".into(),
            registration: auth::Registration::Invite,
        },
    );
    album
}

pub(super) fn rest() -> Album {
    let mut album = Album::default();
    album.add(
        "PUT /users/me",
        &users::UpdateMeRequest {
            display_name: Some("Johnny".into()),
        },
    );
    album.add(
        "GET /users",
        &users::UserList {
            users: vec![user()],
        },
    );
    album.add("GET /chat/presence/{user_id}", &presence());
    album.add(
        "PUT /chat/presence",
        &users::SetPresenceRequest {
            state: Some(PresenceState::DoNotDisturb),
            state_for_s: Some(3_600),
            status: Some(users::SetStatus {
                text: "in a meeting".into(),
                emoji: Some("📅".into()),
                for_s: Some(3_600),
            }),
            hides_last_seen: Some(true),
        },
    );
    album.add(
        "how present one is oneself",
        &users::OwnPresence {
            presence: presence(),
            mine: my_presence(),
        },
    );
    album.add(
        "POST /chat/rooms",
        &rooms::CreateRoomRequest {
            name: "general".into(),
            topic: String::new(),
            kind: RoomKind::Group,
            is_private: false,
            history: None,
            member_ids: vec![UserId(1)],
            client_id: Some(client_id()),
        },
    );
    album.add(
        "PUT /chat/rooms/{id}",
        &rooms::UpdateRoomRequest {
            topic: Some("New topic".into()),
            ..Default::default()
        },
    );
    rooms_and_members(&mut album);
    pages_and_messages(&mut album);
    about_messages(&mut album);
    searches(&mut album);
    figures(&mut album);
    album
}

fn figures(album: &mut Album) {
    let query = analytics::AnalyticsQuery {
        days: Some(7),
        time_zone: Some("Europe/Berlin".into()),
        format: Some(analytics::FiguresFormat::Csv),
    };
    album.add("GET /chat/rooms/{id}/analytics", &query);
    let times = analytics::ResponseTimes {
        answers: 2,
        median_s: Some(45),
    };
    album.add(
        "figures",
        &analytics::Analytics {
            room_id: Some(RoomId(123)),
            from: "2024-01-01".into(),
            to: "2024-01-01".into(),
            time_zone: "Europe/Berlin".into(),
            behind: 0,
            totals: analytics::Totals {
                messages: 3,
                members: 2,
                ..analytics::Totals::default()
            },
            active: analytics::ActiveUsers {
                daily: 1,
                weekly: 2,
                monthly: 2,
            },
            next_speaker: times,
            replies: analytics::ResponseTimes::default(),
            by_type: vec![analytics::TypeFigures {
                message_type: MessageType::Text,
                messages: 3,
            }],
            by_hour: vec![0, 3],
            by_weekday: vec![3, 0],
            by_day: vec![analytics::DayFigures {
                date: "2024-01-01".into(),
                messages: 3,
                replies: 1,
                reactions: 2,
                writers: 1,
                joined: 0,
                members: 2,
            }],
            by_user: vec![analytics::UserFigures {
                user_id: UserId(789),
                username: "john".into(),
                display_name: "John Doe".into(),
                messages: 3,
                replies: 1,
                reactions: 2,
            }],
        },
    );
}

fn searches(album: &mut Album) {
    album.add("an order of hits", &search::Sort::Relevance);
    album.add(
        "POST /chat/search",
        &search::SearchRequest {
            query: "hello from:ada".into(),
            utc_offset: 60,
            ..search::SearchRequest::default()
        },
    );
    album.add(
        "hits",
        &search::SearchResults {
            hits: vec![search::SearchHit {
                message: message(),
                room_name: "general".into(),
                highlights: vec![(0, 5)],
                snippet: (0, 12),
            }],
            cursor: Some("1704110400000.42".into()),
            coverage: search::Coverage {
                complete: false,
                behind: 3,
            },
        },
    );
}

pub(super) fn rooms_and_members(album: &mut Album) {
    album.add("a room", &room());
    let mine = rooms::MyRoom {
        room: room(),
        role: RoomRole::Member,
        unread: unread(),
        can: vec![Capability::Send, Capability::React],
        muted_until: None,
        request: RequestState::None,
    };
    album.add("a room of one's own", &mine);
    let waiting = rooms::MyRoom {
        request: RequestState::Sent,
        ..mine.clone()
    };
    album.add("a room whose other one has not accepted it", &waiting);
    album.add(
        "GET /chat/requests",
        &RequestList {
            requests: vec![Request {
                room_id: RoomId(123),
                from: user(),
                began_at: NOON,
                messages: 1,
                preview: Some(message()),
            }],
        },
    );
    album.add(
        "PUT /chat/requests/{room_id}",
        &RequestAnswer { accept: true },
    );
    album.add("GET /chat/rooms", &rooms::RoomList { rooms: vec![mine] });
    let listed = rooms::DirectoryRoom {
        room: room(),
        is_member: false,
    };
    album.add("a room in the directory", &listed);
    album.add(
        "GET /chat/directory",
        &rooms::Directory {
            rooms: vec![listed],
        },
    );
    moderation(album);
    album.add("a member", &member());
    album.add(
        "GET /chat/rooms/{id}/members",
        &rooms::MemberList {
            members: vec![member()],
            has_more: true,
        },
    );
    album.add(
        "POST /chat/rooms/{id}/members/{user_id}",
        &rooms::AddMemberRequest {
            role: Some(RoomRole::Moderator),
        },
    );
}

/// Settings that depart from the usual, and what moderators ask for.
pub(super) fn moderation(album: &mut Album) {
    let mut kept = room();
    kept.settings.slow_mode_s = 30;
    kept.settings.archived_at = Some(NOON);
    kept.settings.category = "Tools".into();
    let pins = &mut kept.settings.permissions;
    pins.set(Capability::Pin, Some(RoomRole::Member));
    album.add("settings of a room", &kept.settings);
    album.add(
        "where a room departs from the usual",
        &kept.settings.permissions,
    );
    album.add("a room with settings", &kept);
    album.add(
        "PUT /chat/rooms/{id}/members/{user_id}",
        &moderation::SetRoleRequest {
            role: RoomRole::Owner,
            hand_over: true,
        },
    );
    album.add(
        "PUT /chat/rooms/{id}/bans/{user_id}",
        &moderation::SanctionRequest {
            seconds: Some(3_600),
            reason: "spam".into(),
        },
    );
    let ban = moderation::Ban {
        user_id: UserId(789),
        username: "john".into(),
        display_name: "John Doe".into(),
        banned_by: UserId(1),
        reason: "spam".into(),
        created_at: NOON,
        expires_at: Some(NOON.plus_ms(3_600_000)),
    };
    album.add("a ban", &ban);
    album.add(
        "GET /chat/rooms/{id}/bans",
        &moderation::BanList { bans: vec![ban] },
    );
    links(album);
    time(album);
    let mut muted = member();
    muted.muted_until = Some(NOON);
    album.add("a muted member", &muted);
}

fn links(album: &mut Album) {
    album.add(
        "POST /chat/rooms/{id}/links",
        &links::CreateLinkRequest {
            seconds: Some(3_600),
            uses: Some(10),
        },
    );
    let link = links::RoomLink {
        id: LinkId(session_id().0),
        room_id: RoomId(123),
        created_by: UserId(789),
        created_by_name: "John Doe".into(),
        created_at: NOON,
        expires_at: NOON.plus_ms(3_600_000),
        used: 3,
        uses_left: Some(7),
    };
    album.add(
        "GET /chat/rooms/{id}/links",
        &links::LinkList {
            links: vec![link.clone()],
        },
    );
    let code = "AAECAwQFBgcICQoLDA0ODw".to_owned();
    album.add(
        "a link as it is made",
        &links::MadeLink {
            code: code.clone(),
            link,
        },
    );
    album.add("POST /chat/links/join", &links::LinkCode { code });
    album.add(
        "what a link leads to",
        &links::LinkPreview {
            server_name: "ERC".into(),
            room_id: RoomId(123),
            name: "General".into(),
            topic: "Anything".into(),
            kind: RoomKind::Group,
            member_count: 25,
        },
    );
}

fn time(album: &mut Album) {
    let when = When {
        local_time: Some("2024-01-01T13:00".into()),
        time_zone: Some("Europe/Berlin".into()),
        ..When::default()
    };
    album.add(
        "POST /chat/rooms/{id}/scheduled",
        &schedule::ScheduleRequest {
            content: "Good morning!".into(),
            client_id: Some(client_id()),
            reply_to: None,
            when,
        },
    );
    album.add(
        "POST /chat/messages/{id}/reminders",
        &schedule::RemindRequest {
            note: "before noon".into(),
            client_id: None,
            when: When::after(3_600),
        },
    );
    let later = When {
        due_at: Some(NOON),
        ..When::default()
    };
    album.add(
        "PUT /chat/scheduled/{client_id}",
        &schedule::RescheduleRequest {
            content: None,
            when: later,
        },
    );
    album.add("something scheduled", &super::catching_up::scheduled());
    album.add("when, in a while", &When::after(60));
    let scheduled = vec![super::catching_up::scheduled()];
    album.add(
        "PUT /users/me/blocks/{user_id}",
        &block::BlockRequest {
            reason: "too loud".into(),
        },
    );
    album.add("somebody blocked", &super::catching_up::block());
    let blocks = vec![super::catching_up::block()];
    album.add("GET /users/me/blocks", &block::BlockList { blocks });
    reports(album);
    filters(album);
    emoji(album);
    album.add(
        "GET /chat/scheduled",
        &schedule::ScheduledList { scheduled },
    );
}

pub(super) fn pages_and_messages(album: &mut Album) {
    album.add(
        "POST /chat/rooms/{id}/read",
        &rooms::MarkReadRequest {
            seq: Seq(9),
            unread: None,
        },
    );
    album.add(
        "who got and read a message",
        &MessageReceipts {
            of: 3,
            delivered: 2,
            read: 1,
            delivered_to: vec![
                Reached {
                    user_id: UserId(2),
                    at: Some(NOON),
                },
                Reached {
                    user_id: UserId(3),
                    at: None,
                },
            ],
            read_by: vec![Reached {
                user_id: UserId(2),
                at: Some(NOON),
            }],
        },
    );
    album.add(
        "GET /chat/rooms/{id}/messages",
        &rooms::PageQuery {
            limit: Some(50),
            before_seq: Some(Seq(9)),
            ..Default::default()
        },
    );
    album.add(
        "a page",
        &rooms::MessagePage {
            messages: vec![message()],
            has_more: true,
        },
    );
    album.add(
        "POST /chat/rooms/{id}/messages",
        &messages::SendMessageRequest {
            content: "Hello world!".into(),
            message_type: MessageType::Text,
            client_id: Some(client_id()),
            reply_to: Some(MessageId(455)),
            expires_in: Some(3_600),
            expires_from: Some(ExpiryFrom::Read),
            thread_id: None,
            also_in_room: false,
            poll: None,
        },
    );
    album.add(
        "PUT /chat/messages/{id}",
        &messages::EditMessageRequest {
            content: "Hello, world!".into(),
            client_id: Some(client_id()),
            base_rev: Some(Rev(12)),
            options: None,
        },
    );
    album.add(
        "PUT /chat/rooms/{id}/lifetime",
        &rooms::SetLifetimeRequest {
            expires_in: Some(86_400),
            expires_from: None,
        },
    );
    album.add("a message", &message());
    album.add("a message that people did things about", &adorned());
    album.add("a deleted message", &tombstone());
}

/// What a poll is made of.
pub(super) fn new_poll() -> NewPoll {
    NewPoll {
        options: vec!["Tea".into(), "Coffee".into()],
        multiple: true,
        anonymous: false,
        hidden: false,
        closes_at: Some(NOON),
    }
}

fn polls(album: &mut Album) {
    let mut poll = Poll::new("Tea or coffee?", &new_poll()).unwrap();
    poll.tally(&[(UserId(2), vec![0, 1]), (UserId(3), vec![0])]);
    let message = Message {
        content: poll.text(),
        message_type: MessageType::Poll,
        poll: Some(poll),
        ..message()
    };
    album.add(
        "PUT /chat/messages/{id}/vote",
        &VoteRequest {
            options: vec![0, 1],
            client_id: Some(client_id()),
        },
    );
    let own_vote = own_vote();
    album.add("what a vote is answered by", &Voted { message, own_vote });
    album.add(
        "GET /chat/messages/{id}/votes",
        &VoteList {
            votes: vec![Vote {
                user_id: UserId(2),
                display_name: "Bo".into(),
                options: vec![0, 1],
                at: NOON,
            }],
            own: vec![0],
        },
    );
}

pub(super) fn own_vote() -> OwnVote {
    OwnVote {
        message_id: MessageId(456),
        room_id: RoomId(123),
        options: vec![0, 1],
        user_rev: UserRev(7),
    }
}

/// What is done about a message that is there.
pub(super) fn about_messages(album: &mut Album) {
    polls(album);
    album.add(
        "POST /chat/messages/{id}/reactions",
        &messages::ReactRequest {
            emoji: "👍".into(),
            on: Some(true),
        },
    );
    album.add(
        "GET /chat/messages/{id}/reactions",
        &ReactionList {
            reactions: vec![Reacted {
                emoji: "👍".into(),
                user_id: UserId(789),
                display_name: "John Doe".into(),
                at: NOON,
            }],
        },
    );
    album.add(
        "GET /chat/messages/{id}/history",
        &messages::MessageHistory {
            versions: vec![messages::MessageVersion {
                content: "Hello world!".into(),
                at: NOON,
            }],
        },
    );
    album.add(
        "POST /chat/messages/{id}/forward",
        &messages::ForwardRequest {
            room_ids: vec![RoomId(124)],
            with_author: true,
        },
    );
    album.add(
        "what became of forwarding",
        &messages::Forwards {
            rooms: vec![
                messages::ForwardOutcome {
                    room_id: RoomId(124),
                    message: Some(adorned()),
                    error: None,
                },
                messages::ForwardOutcome {
                    room_id: RoomId(125),
                    message: None,
                    error: Some(ErrorBody::new(ErrorCode::NotFound, "there is no such room")),
                },
            ],
        },
    );
    album.add(
        "GET /chat/messages/{id}/thread",
        &thread::ThreadPage {
            root: Some(adorned()),
            messages: vec![threaded()],
            has_more: true,
            mine: user_thread(),
        },
    );
    album.add(
        "which threads, or replies",
        &thread::ThreadQuery {
            limit: Some(50),
            before_seq: Some(Seq(9)),
        },
    );
    album.add(
        "GET /chat/rooms/{id}/threads",
        &thread::ThreadList {
            roots: vec![adorned()],
            has_more: false,
        },
    );
    album.add(
        "GET /chat/threads",
        &thread::FollowedThreads {
            threads: vec![thread::FollowedThread {
                root: Some(adorned()),
                mine: user_thread(),
            }],
        },
    );
    album.add(
        "POST /chat/messages/{id}/thread/read",
        &thread::ReadThreadRequest { seq: Seq(9) },
    );
    album.add(
        "GET /chat/rooms/{id}/pins",
        &messages::PinList {
            messages: vec![message()],
        },
    );
    personal(album);
}

/// What only its owner sees.
fn personal(album: &mut Album) {
    album.add("PUT /chat/rooms/{id}/draft", &draft_request());
    album.add(
        "GET /chat/drafts",
        &DraftList {
            drafts: vec![draft()],
        },
    );
    album.add(
        "PUT /users/me/attention",
        &AttentionRequest {
            keywords: Some(vec!["deploy".into()]),
            quiet_hours: Some(quiet_hours()),
            who_writes: Some(WhoWrites::Nobody),
        },
    );
    album.add("nothing that rings by itself", &Attention::default());
    album.add(
        "PUT /chat/rooms/{id}/attention",
        &RoomAttentionRequest {
            level: Some(Level::Nothing),
            hushed_until: Some(NOON),
        },
    );
}

pub(super) fn draft_request() -> DraftRequest {
    DraftRequest {
        content: "Hello w".into(),
        thread_id: Some(MessageId(451)),
        reply_to: Some(MessageId(455)),
        client_id: Some(client_id()),
        base: vec![client_id()],
        forget: vec![client_id()],
    }
}

fn filters(album: &mut Album) {
    let request = filter::FilterRequest {
        kind: FilterKind::Words,
        text: "darn".into(),
        action: FilterAction::Mask,
    };
    album.add("POST /chat/rooms/{id}/filters", &request);
    let made = filter::Filter {
        id: FilterId(client_id().0),
        room_id: Some(RoomId(123)),
        kind: FilterKind::Words,
        text: "darn".into(),
        action: FilterAction::Mask,
        created_by_name: "Ada".into(),
        created_at: NOON,
    };
    album.add("a filter", &made);
    let list = filter::FilterList {
        filters: vec![made],
    };
    album.add("GET /chat/rooms/{id}/filters", &list);
}

fn emoji(album: &mut Album) {
    let list = emoji::EmojiList {
        rev: EmojiRev(2),
        emoji: vec![super::catching_up::custom_emoji()],
    };
    album.add("GET /server/emoji", &list);
    let name = "party_parrot".into();
    album.add(
        "the query of POST /server/emoji",
        &emoji::AddEmojiQuery { name },
    );
}

fn reports(album: &mut Album) {
    album.add(
        "POST /chat/reports",
        &report::ReportRequest {
            message_id: Some(MessageId(5)),
            user_id: None,
            kind: ReportKind::Spam,
            words: "again".into(),
        },
    );
    album.add("one's own report", &super::catching_up::my_report());
    let said = report::ReportedMessage {
        message_id: MessageId(5),
        seq: Seq(9),
        sender_id: UserId(9),
        sender_name: "Mallory".into(),
        content: "buy now".into(),
        created_at: NOON,
    };
    album.add("a reported message", &said);
    let id = ReportId(client_id().0);
    let full = report::Report {
        id,
        reporter_id: UserId(2),
        reporter_name: "John".into(),
        user_id: UserId(9),
        user_name: "Mallory".into(),
        room_id: Some(RoomId(123)),
        room_name: Some("general".into()),
        message_id: Some(MessageId(5)),
        kind: ReportKind::Spam,
        words: "again".into(),
        context: vec![said],
        state: ReportState::Closed,
        taken_by: Some(UserId(1)),
        taken_by_name: Some("Ada".into()),
        outcome: Some(ReportOutcome::MessageDeleted),
        note: "second time".into(),
        created_at: NOON,
        changed_at: NOON,
    };
    album.add("a report", &full);
    let list = report::ReportList {
        reports: vec![full],
    };
    album.add("GET /chat/reports", &list);
    album.add(
        "PUT /chat/reports/{id}",
        &report::TakeReportRequest { taken: true },
    );
    album.add(
        "POST /chat/reports/{id}/close",
        &report::CloseReportRequest {
            outcome: ReportOutcome::Muted,
            seconds: Some(3_600),
            note: String::new(),
        },
    );
    album.add("GET /server/raid", &raid::Raid { until: Some(NOON) });
    album.add("PUT /server/raid", &raid::RaidRequest { seconds: 3_600 });
    let entry = audit::AuditEntry {
        id: AuditId(client_id().0),
        at: NOON,
        actor_id: Some(UserId(1)),
        actor_name: Some("Ada".into()),
        action: "member.ban".into(),
        room_id: Some(RoomId(123)),
        room_name: Some("general".into()),
        user_id: Some(UserId(9)),
        user_name: Some("Mallory".into()),
        details: serde_json::json!({ "reason": "spam" }),
    };
    album.add("a line of the audit log", &entry);
    album.add(
        "which lines",
        &audit::AuditQuery {
            before: Some(AuditId(client_id().0)),
            action: Some("member".into()),
            ..audit::AuditQuery::default()
        },
    );
    album.add(
        "GET /server/audit",
        &audit::AuditPage {
            entries: vec![entry],
            has_more: true,
        },
    );
}
