//! Every screen in its states, at the sizes that matter.

use erc::{command::Answer, state::State, theme::Glyphs};
use erc_client_core::{
    SafeText,
    protocol::{MessageId, RoomId, Seq, Timestamp, auth::Registration},
    view::{
        Connection, Delivery, DirectoryEntry, Found, FoundIn, Hit, ServerInfo, SessionView, Update,
        UserView,
    },
};

use crate::stage::{GENERAL, Stage, message, unsent};

const SIZES: [(u16, u16); 3] = [(60, 16), (80, 24), (140, 40)];

/// One snapshot a size.
fn at_all_sizes(name: &str, make: impl Fn(u16, u16) -> Stage) {
    for (width, height) in SIZES {
        let mut stage = make(width, height);
        insta::assert_snapshot!(format!("{name}_{width}x{height}"), stage.screen());
    }
}

fn info(stage: &mut Stage, registration: Registration) {
    let asked = stage.asked.iter().rev().find_map(|command| match command {
        erc::command::Command::AskServer { server } => Some(server.clone()),
        _ => None,
    });
    stage.answer(Answer::Server {
        asked: asked.expect("the server was asked"),
        info: Ok(ServerInfo {
            server_url: "https://chat.example.org".into(),
            server_name: SafeText::line("The Garden"),
            registration,
        }),
    });
}

#[test]
fn the_first_screen_asks_for_a_server() {
    at_all_sizes("sign_in_empty", Stage::signed_out);
}

#[test]
fn the_first_screen_says_what_went_wrong() {
    at_all_sizes("sign_in_error", |w, h| {
        let mut stage = Stage::signed_out(w, h);
        stage.write("chat.example.org");
        stage.press("<tab>");
        info(&mut stage, Registration::Closed);
        stage.write("ada");
        stage.press("<tab>");
        stage.write("wrong");
        stage.press("<enter>");
        stage.answer(Answer::SignedIn(Err(SafeText::line(
            "the user name or the password is wrong",
        ))));
        stage
    });
}

#[test]
fn signing_up_by_invite_asks_for_the_code() {
    at_all_sizes("sign_up", |w, h| {
        let mut stage = Stage::signed_out(w, h);
        stage.write("chat.example.org");
        stage.press("<tab>");
        info(&mut stage, Registration::Invite);
        stage.press("ctrl-t");
        stage
    });
}

#[test]
fn before_anything_is_read_it_says_so() {
    at_all_sizes("chat_loading", Stage::new);
}

#[test]
fn without_rooms_it_says_what_to_do() {
    at_all_sizes("chat_no_rooms", |w, h| {
        let mut stage = Stage::new(w, h);
        stage.play();
        stage.connect();
        stage
    });
}

#[test]
fn a_store_that_fails_says_why() {
    at_all_sizes("chat_error", |w, h| {
        let mut stage = Stage::new(w, h);
        stage.state.take_commands();
        stage.answer(Answer::Rooms(Err(SafeText::line(
            "the local store failed: disk I/O error",
        ))));
        stage
    });
}

#[test]
fn a_conversation() {
    at_all_sizes("chat", Stage::furnished);
}

#[test]
fn a_conversation_in_ascii() {
    at_all_sizes("chat_ascii", |w, h| {
        let mut stage = Stage::furnished(w, h);
        stage.look.glyphs = Glyphs::of(true);
        stage.update(Update::Typing {
            room_id: GENERAL,
            names: vec![SafeText::line("Bo")],
        });
        let screen = stage.screen();
        let ours: String = screen
            .lines()
            .filter(|line| !line.contains("welcome"))
            .collect();
        assert!(ours.is_ascii(), "{screen}");
        stage
    });
}

#[test]
fn a_conversation_offline_with_what_waits_and_what_was_refused() {
    at_all_sizes("chat_offline", |w, h| {
        let mut stage = Stage::furnished(w, h);
        stage.offline();
        stage
            .messages
            .push(unsent(1, "written on the train", Delivery::Waiting));
        let reason = SafeText::line("you are not a member of this room any more");
        stage
            .messages
            .push(unsent(2, "too late", Delivery::Failed { reason }));
        stage.update(Update::Timeline(GENERAL));
        stage
    });
}

#[test]
fn an_empty_room_invites_to_write() {
    at_all_sizes("room_empty", |w, h| {
        let mut stage = Stage::furnished(w, h);
        stage.messages.clear();
        stage.update(Update::Everything);
        stage
    });
}

#[test]
fn a_hole_stands_where_messages_are_missing() {
    at_all_sizes("room_hole", |w, h| {
        let mut stage = Stage::furnished(w, h);
        stage.hole = Some((2, 5));
        stage.update(Update::Timeline(GENERAL));
        stage
    });
}

#[test]
fn unread_messages_have_their_line_and_people_type() {
    at_all_sizes("room_unread", |w, h| {
        let mut stage = Stage::long(w, h, 300, 8);
        stage.update(Update::Typing {
            room_id: GENERAL,
            names: vec![
                SafeText::line("Bo"),
                SafeText::line("Ada"),
                SafeText::line("Cleo"),
            ],
        });
        stage
    });
}

#[test]
fn replying_shows_to_what() {
    at_all_sizes("replying", |w, h| {
        let mut stage = Stage::furnished(w, h);
        stage.press("<esc> k r");
        stage.write("a reply that is long enough to be wrapped in a narrow terminal, twice over");
        stage
    });
}

#[test]
fn members_beside_or_instead_of_the_timeline() {
    at_all_sizes("members", |w, h| {
        let mut stage = Stage::furnished(w, h);
        stage.press("<esc> m");
        stage
    });
}

#[test]
fn the_switcher_lists_rooms_people_and_commands() {
    at_all_sizes("switcher", |w, h| {
        let mut stage = Stage::furnished(w, h);
        stage.press("ctrl-k");
        stage
    });
    at_all_sizes("switcher_found", |w, h| {
        let mut stage = Stage::furnished(w, h);
        stage.press("ctrl-k");
        stage.write("o");
        stage
    });
    at_all_sizes("switcher_nothing", |w, h| {
        let mut stage = Stage::furnished(w, h);
        stage.press("ctrl-k");
        stage.write("qqqq");
        stage
    });
}

fn hit(seq: i64, text: &str, found_in: FoundIn) -> Hit {
    Hit {
        room_id: GENERAL,
        room_name: SafeText::line("general"),
        message_id: MessageId(seq),
        seq: Seq(seq),
        thread_id: None,
        sender: SafeText::line("Ada"),
        blocked: false,
        at: Timestamp(1_795_521_600_000),
        matches: text
            .find("six")
            .map(|at| (at, at + 3))
            .into_iter()
            .collect(),
        text: SafeText::line(text),
        found_in,
    }
}

fn search(width: u16, height: u16) -> Stage {
    let mut stage = Stage::furnished(width, height);
    stage.press("<esc> /");
    stage.write("six");
    stage.event(erc::event::Event::Pause);
    stage
}

#[test]
fn what_is_found_of_somebody_blocked_is_folded() {
    let mut stage = search(80, 24);
    let folded = Hit {
        blocked: true,
        ..hit(4, "six hateful words", FoundIn::Here)
    };
    stage.answer(Answer::Hits {
        query: "six".into(),
        result: Ok(vec![folded, hit(3, "at six then", FoundIn::Here)]),
    });
    let screen = stage.screen();
    assert!(
        screen.contains("1 message of somebody you blocked"),
        "{screen}"
    );
    assert!(!screen.contains("hateful") && screen.contains("at six then"));
}

#[test]
fn the_search_in_its_states() {
    at_all_sizes("search_empty", |w, h| {
        let mut stage = Stage::furnished(w, h);
        stage.press("<esc> /");
        stage
    });
    at_all_sizes("search_loading", search);
    at_all_sizes("search_nothing", |w, h| {
        let mut stage = search(w, h);
        stage.answer(Answer::Hits {
            query: "six".into(),
            result: Ok(Vec::new()),
        });
        stage
    });
    at_all_sizes("search_hits", |w, h| {
        let mut stage = search(w, h);
        stage.answer(Answer::Hits {
            query: "six".into(),
            result: Ok(vec![
                hit(7, "see you all at six", FoundIn::Here),
                hit(1, "Shall we meet at six?", FoundIn::Here),
            ]),
        });
        stage
    });
    at_all_sizes("search_found", |w, h| {
        let mut stage = search(w, h);
        stage.answer(Answer::Found {
            query: "six".into(),
            result: Ok(Found {
                hits: vec![
                    hit(9, "six of us", FoundIn::OnServer),
                    hit(7, "see you all at six", FoundIn::Everywhere),
                    hit(1, "Shall we meet at six?", FoundIn::OnlyHere),
                ],
                asked_server: true,
                complete: false,
                more: false,
            }),
        });
        stage
    });
    at_all_sizes("search_refused", |w, h| {
        let mut stage = search(w, h);
        stage.answer(Answer::Hits {
            query: "six".into(),
            result: Err(SafeText::line(
                "has: is one of file, image (at character 5)",
            )),
        });
        stage
    });
}

#[test]
fn what_the_server_finds_comes_beside_what_is_here_and_the_chosen_one_stays() {
    let mut stage = search(80, 24);
    let answer = |hits: Vec<Hit>| Answer::Found {
        query: "six".into(),
        result: Ok(Found {
            hits,
            asked_server: false,
            complete: false,
            more: false,
        }),
    };
    let (old, new) = (
        hit(1, "at six", FoundIn::Here),
        hit(7, "six now", FoundIn::OnServer),
    );
    stage.answer(Answer::Hits {
        query: "six".into(),
        result: Ok(vec![old.clone()]),
    });
    stage.answer(answer(vec![new, old]));
    assert!(
        stage.line_of("only this machine was searched").is_some(),
        "{}",
        stage.screen()
    );
    stage.press("<enter>");
    assert!(
        stage.line_of("found 2 of 2").is_some(),
        "{}",
        stage.screen()
    );

    let mut stage = search(80, 24);
    stage.answer(Answer::Found {
        query: "seven".into(),
        result: Err(SafeText::line("an answer to an older question")),
    });
    assert!(stage.line_of("older question").is_none());
}

#[test]
fn the_directory_in_its_states() {
    let open = |w, h| {
        let mut stage = Stage::furnished(w, h);
        stage.press("<esc> J");
        stage
    };
    at_all_sizes("directory_loading", open);
    at_all_sizes("directory_error", |w, h| {
        let mut stage = open(w, h);
        stage.offline();
        stage.answer(Answer::Directory(Err(SafeText::line(
            "can't reach the server: connection refused",
        ))));
        stage
    });
    at_all_sizes("directory_empty", |w, h| {
        let mut stage = open(w, h);
        stage.answer(Answer::Directory(Ok(Vec::new())));
        stage
    });
    at_all_sizes("directory", |w, h| {
        let mut stage = open(w, h);
        let entry = |id, name: &str, is_member| DirectoryEntry {
            id: RoomId(id),
            name: SafeText::line(name),
            topic: SafeText::line("what it is about"),
            member_count: id,
            is_member,
        };
        stage.answer(Answer::Directory(Ok(vec![
            entry(1, "general", true),
            entry(20, "music", false),
        ])));
        stage
    });
}

#[test]
fn people_to_write_to() {
    at_all_sizes("people", |w, h| {
        let mut stage = Stage::furnished(w, h);
        stage.press("<esc> @");
        stage.answer(Answer::Users {
            query: String::new(),
            result: Ok(vec![UserView {
                user_id: erc_client_core::protocol::UserId(3),
                username: SafeText::line("ada"),
                name: SafeText::line("Ada"),
            }]),
        });
        stage
    });
}

#[test]
fn a_room_is_created_by_a_form() {
    at_all_sizes("create_room", |w, h| {
        let mut stage = Stage::furnished(w, h);
        stage.press("<esc> c");
        stage.write("garden");
        stage.press("<tab> <tab> <space>");
        stage
    });
    at_all_sizes("create_room_error", |w, h| {
        let mut stage = Stage::furnished(w, h);
        stage.press("<esc> c <enter>");
        stage
    });
}

#[test]
fn deleting_is_asked_about() {
    at_all_sizes("confirm", |w, h| {
        let mut stage = Stage::furnished(w, h);
        stage.press("<esc> d");
        stage
    });
}

#[test]
fn sessions_of_the_account() {
    at_all_sizes("sessions", |w, h| {
        let mut stage = Stage::furnished(w, h);
        stage.press("ctrl-k");
        stage.write("signed");
        stage.press("<enter>");
        let id = "00000000-0000-4000-8000-000000000001".parse().unwrap();
        stage.answer(Answer::Sessions(Ok(vec![SessionView {
            id,
            device_name: SafeText::line("terminal on garden"),
            created_at: Timestamp(0),
            last_used_at: Timestamp(1_795_521_600_000),
            is_current: true,
        }])));
        stage
    });
}

#[test]
fn help_of_the_timeline() {
    at_all_sizes("help", |w, h| {
        let mut stage = Stage::furnished(w, h);
        stage.press("<esc> ?");
        stage
    });
}

#[test]
fn a_session_that_ended_asks_for_signing_in_again_and_lets_read() {
    let mut stage = Stage::furnished(80, 24);
    stage.connection(Connection::SignedOut {
        reason: SafeText::line("the session was ended from another device"),
    });
    insta::assert_snapshot!("signed_out", stage.screen());
    stage.press("<esc>");
    insta::assert_snapshot!("signed_out_reading", stage.screen());
}

#[test]
fn no_size_makes_it_fail() {
    for width in [1, 2, 5, 23, 24, 25, 40, 59, 79, 80, 99, 100, 250] {
        for height in [1, 2, 3, 7, 8, 9, 12, 60] {
            let mut stage = Stage::furnished(80, 24);
            for keys in [
                "<esc>", "m", "ctrl-k", "<esc>", "/", "<esc>", "c", "<esc>", "d", "n", "?",
            ] {
                stage.resize(width, height);
                stage.press(keys);
                stage.screen();
            }
            let mut stage = Stage::signed_out(width, height);
            stage.press("ctrl-t <f1>");
            stage.screen();
        }
    }
}

#[test]
fn rooms_out_of_sight_are_scrolled_to() {
    let mut stage = Stage::furnished(80, 24);
    let template = stage.rooms[2].clone();
    stage.rooms = (1..=60)
        .map(|id| {
            let mut room = template.clone();
            room.id = RoomId(id);
            room.name = SafeText::line(&format!("room-{id}"));
            room
        })
        .collect();
    stage.update(Update::Rooms);
    stage.press("ctrl-p");
    assert!(stage.line_of("▸#room-60").is_some(), "{}", stage.screen());
}

#[test]
fn a_message_of_somebody_else_is_not_marked_as_sent() {
    let mut stage = Stage::furnished(80, 24);
    stage.messages = vec![message(1, 3, "Ada", "hers"), message(2, 7, "You", "mine")];
    stage.update(Update::Everything);
    let screen = stage.screen();
    let line = |text: &str| screen.lines().find(|l| l.contains(text)).unwrap();
    assert!(!line("hers").contains('✓') && line("mine").contains('✓'));
}

/// The state has no room for a view's leftovers: drawing twice draws the same.
#[test]
fn drawing_changes_nothing() {
    let mut stage = Stage::furnished(80, 24);
    let first = stage.screen();
    assert_eq!(first, stage.screen());
    let _: &State = &stage.state;
}

/// Every mark, as one writes it.
const MARKS: [&str; 6] = [
    "# A *heading*\nwith **bold**, *italic*, ~~struck~~ and `code`",
    "@ada and @bo: :tada: ||hidden *well*|| https://example.org/a [a link](https://example.org/b)",
    "> quoted text that is long enough to be broken somewhere in the middle of it, and then some\n\
     > - with an item",
    "1. one\n2. two\n   - [x] done\n   - [ ] 日本語のとても長いテキストはここで折り返されます、たぶん",
    "```rust\nfn main() {\n    println!(\"{}\", 1 < 2);\n}\n```",
    "|name|what it does|\n|-|-:|\n|`a`|one **two** three|\n|b|<b>no HTML</b>|",
];

fn marked(width: u16, height: u16) -> Stage {
    let mut stage = Stage::furnished(width, height);
    stage.messages = (1..)
        .zip(MARKS)
        .map(|(n, text)| message(n, 3, "Cleo", text))
        .collect();
    stage.update(Update::Everything);
    stage
}

#[test]
fn marks_are_drawn() {
    for (width, height) in [(60, 40), (100, 40)] {
        let mut stage = marked(width, height);
        insta::assert_snapshot!(format!("marks_{width}x{height}"), stage.screen());
    }
}

#[test]
fn marks_are_drawn_in_ascii() {
    let mut stage = marked(100, 40);
    stage.look.glyphs = Glyphs::of(true);
    insta::assert_snapshot!("marks_ascii", stage.screen());
}
