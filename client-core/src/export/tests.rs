//! What people write stays what they wrote, in every format.

use erc_protocol::{
    ClientId, Message, MessageId, MessageType, Poll, Reaction, Rev, RoomId, RoomKind, Seq,
    Timestamp, UserId,
    message::{Forwarded, Pinned},
    poll::NewPoll,
};
use jiff::tz::TimeZone;
use proptest::prelude::*;
use uuid::Uuid;

use super::{
    ExportFormat, ExportWish, ExportedPerson, ExportedRoom, Head, Missing, RoomExport, Writer,
    file_name, typed_path,
};
use crate::SafeText;

fn message(seq: i64, name: &str, text: &str) -> Message {
    Message {
        message_id: MessageId(100 + seq),
        chat_room_id: RoomId(1),
        sender_id: UserId(2),
        sender_name: name.to_owned(),
        content: text.to_owned(),
        message_type: MessageType::Text,
        created_at: Timestamp(1_767_225_600_000 + seq * 60_000),
        seq: Seq(seq),
        rev: Rev(seq),
        client_id: ClientId(Uuid::from_u128(u128::try_from(seq).unwrap())),
        reply_to: None,
        mentions: vec![UserId(3)],
        reactions: Vec::new(),
        pinned: None,
        poll: None,
        forwarded: None,
        edited_at: None,
        deleted_at: None,
        expiry: None,
        also_in_room: false,
        deleted_rev: None,
        thread: None,
        thread_id: None,
    }
}

fn head(format: ExportFormat, title: &str) -> Head {
    let person = |id, username: &str, name: &str| ExportedPerson {
        user_id: UserId(id),
        username: username.to_owned(),
        display_name: name.to_owned(),
    };
    Head {
        room: ExportedRoom {
            id: RoomId(1),
            name: title.to_owned(),
            topic: title.to_owned(),
            kind: RoomKind::Group,
            is_private: false,
        },
        title: SafeText::line(title),
        server: "https://chat.example.org/".to_owned(),
        people: vec![person(2, "ada", "Ada"), person(3, "bo", "<b>Bo</b>")],
        at: Timestamp(1_767_225_600_000),
        wish: ExportWish::all(format),
        zone: TimeZone::UTC,
        me: UserId(3),
    }
}

fn written(format: ExportFormat, title: &str, messages: &[Message]) -> String {
    let head = head(format, title);
    let mut writer = Writer::new(format, &head);
    let mut text = writer.begin(&head).unwrap();
    for message in messages {
        text.push_str(&writer.message(message).unwrap());
    }
    text + &writer.end(true, &[]).unwrap()
}

/// One of everything that a message may be.
fn all_kinds() -> Vec<Message> {
    let mut edited = message(2, "Ada", "better");
    edited.edited_at = Some(edited.created_at);
    edited.reply_to = Some(MessageId(101));
    let mut adorned = message(3, "Ada", "look");
    adorned.pinned = Some(Pinned {
        by: UserId(2),
        at: Timestamp(1),
    });
    adorned.reactions = vec![Reaction {
        emoji: "👍".into(),
        count: 2,
        users: vec![UserId(2), UserId(3)],
    }];
    adorned.forwarded = Some(Forwarded {
        sender_id: UserId(9),
        sender_name: "Cleo".into(),
        created_at: Timestamp(0),
    });
    let mut gone = message(4, "Ada", "");
    gone.deleted_at = Some(Timestamp(5));
    gone.reply_to = Some(MessageId(1));
    let mut in_thread = message(5, "Bo", "below");
    in_thread.thread_id = Some(MessageId(101));
    let mut in_earlier = message(6, "Bo", "below that");
    in_earlier.thread_id = Some(MessageId(1));
    let open = poll(7, ["Tea *", "Coffee"], &NewPoll::default());
    let first = message(1, "Ada", "first words");
    vec![first, edited, adorned, gone, in_thread, in_earlier, open]
}

/// Ada chose the first option, Bo too.
fn poll(seq: i64, options: [&str; 2], kind: &NewPoll) -> Message {
    let new = NewPoll {
        options: options.map(str::to_owned).to_vec(),
        ..kind.clone()
    };
    let mut poll = Poll::new("Which drink?", &new).unwrap();
    poll.tally(&[(UserId(2), vec![0]), (UserId(3), vec![0])]);
    Message {
        message_type: MessageType::Poll,
        poll: Some(poll.clone()),
        ..message(seq, "Ada", &poll.text())
    }
}

#[test]
fn a_poll_tells_its_votes_and_nobody_of_whom_it_does_not() {
    let anonymous = NewPoll {
        anonymous: true,
        ..NewPoll::default()
    };
    let hidden = NewPoll {
        hidden: true,
        closes_at: Some(Timestamp(1_767_312_000_000)),
        ..NewPoll::default()
    };
    let write = |format, kind: &NewPoll| written(format, "den", &[poll(1, ["Tea", "Rum"], kind)]);
    for format in [ExportFormat::Html, ExportFormat::Markdown] {
        let text = write(format, &anonymous);
        assert!(text.contains("Tea") && text.contains(": 2"), "{text}");
        assert!(!text.contains("Bo"), "{text}");
        let text = write(format, &hidden);
        assert!(!text.contains(": 2") && !text.contains("Bo"), "{text}");
        let text = text.replace('\\', "");
        let state = "2 have voted, open until 2026-01-02 00:00";
        assert!(text.contains(state), "{text}");
    }
}

#[test]
fn json_is_read_back_as_it_was() {
    let messages = all_kinds();
    let text = written(ExportFormat::Json, "den", &messages);
    let read: RoomExport = serde_json::from_str(&text).unwrap();
    assert_eq!(read.messages, messages);
    assert_eq!(
        (read.format.as_str(), read.version),
        (super::FORMAT, super::VERSION)
    );
    assert_eq!((read.room.id, read.exported_by), (RoomId(1), UserId(3)));
    assert_eq!(read.people.len(), 2);
    assert!(read.complete && read.missing.is_empty());
    // Written again by the type, it is the same document.
    let again: RoomExport = serde_json::from_str(&serde_json::to_string(&read).unwrap()).unwrap();
    assert_eq!(again, read);
    let empty: RoomExport = serde_json::from_str(&written(ExportFormat::Json, "den", &[])).unwrap();
    assert!(empty.messages.is_empty());
}

proptest! {
    #[test]
    fn any_text_is_read_back_from_json(texts in prop::collection::vec(any::<String>(), 0..8), title in any::<String>()) {
        let messages: Vec<_> = (1..).zip(&texts).map(|(n, text)| message(n, text, text)).collect();
        let read: RoomExport = serde_json::from_str(&written(ExportFormat::Json, &title, &messages)).unwrap();
        prop_assert_eq!(read.messages, messages);
        prop_assert_eq!(read.room.name, title);
    }

    #[test]
    fn no_text_becomes_a_tag_of_the_page(texts in prop::collection::vec("[<>&\"'/a-z! \n=-]{0,40}", 1..8)) {
        let plain: Vec<_> = (1..).zip(&texts).map(|(n, _)| message(n, "x", "x")).collect();
        let hostile: Vec<_> = (1..).zip(&texts).map(|(n, text)| message(n, text, text)).collect();
        let tags = |html: &str| html.matches('<').count();
        let title = &texts[0];
        prop_assert_eq!(
            tags(&written(ExportFormat::Html, title, &hostile)),
            tags(&written(ExportFormat::Html, "x", &plain))
        );
    }
}

const HOSTILE: [&str; 8] = [
    "<script>alert(1)</script>",
    "</div></article></body><h1>gone",
    "\"><img src=x onerror=alert(1)>",
    "<!-- --> <![CDATA[ ]]>",
    "&lt;b&gt; &amp;",
    "a\u{202e}b\u{1b}[31m",
    "' onmouseover='alert(1)",
    "</style></title><svg/onload=alert(1)>",
];

#[test]
fn a_page_runs_nothing_and_loads_nothing_whatever_is_said_in_it() {
    for text in HOSTILE {
        let mut one = message(1, text, text);
        one.reactions = vec![Reaction {
            emoji: text.to_owned(),
            count: 1,
            users: vec![UserId(3)],
        }];
        one.forwarded = Some(Forwarded {
            sender_id: UserId(9),
            sender_name: text.to_owned(),
            created_at: Timestamp(0),
        });
        one.poll = poll(1, ["x", "y"], &NewPoll::default()).poll;
        one.poll.as_mut().unwrap().options[0].text = text.to_owned();
        let mut reply = message(2, "Ada", "x");
        reply.reply_to = Some(one.message_id);
        reply.thread_id = Some(one.message_id);
        let html = written(ExportFormat::Html, text, &[one, reply]);
        for bad in [
            "<script", "<img", "<svg", "<h1>gone", "<!--", "<b>Bo", "\u{202e}", "\u{1b}",
        ] {
            assert!(!html.contains(bad), "{bad} of {text} in {html}");
        }
        assert!(!html.contains("onmouseover='"), "{html}");
        assert!(html.contains("default-src 'none'"));
        for outside in [" src=", "url(", "@import", "<link"] {
            assert!(!html.replace("&quot;", "").contains(outside) || text.contains(outside));
        }
        assert_eq!(html.matches("</article>").count(), 2);
    }
}

#[test]
fn a_page_shows_what_a_message_is() {
    let html = written(ExportFormat::Html, "den", &all_kinds());
    for shown in [
        "<h2>Thursday, 1 January 2026</h2>",
        "first words",
        "edited 2026-01-01 00:02",
        "href=\"#m101\">Ada: first words</a>",
        "pinned",
        "title=\"Ada, &lt;b&gt;Bo&lt;/b&gt;\">👍 2<",
        "forwarded from Cleo, 1970-01-01 00:00",
        "<div class=\"gone\">deleted</div>",
        "href=\"#m1\">in reply to an earlier message</a>",
        "href=\"#m101\">in the thread of Ada: first words</a>",
        "href=\"#m1\">in a thread</a>",
        "Poll: Which drink?",
        "2 have voted, open<ol><li><bdi>Tea *</bdi>: 2<span class=\"mark\">Ada, &lt;b&gt;Bo&lt;/b&gt;<",
    ] {
        assert!(html.contains(shown), "{shown} in {html}");
    }
    assert_eq!(html.matches("<h2>").count(), 1, "a line for each day");
}

#[test]
fn markdown_keeps_what_people_wrote_within_their_quotation() {
    let text = written(ExportFormat::Markdown, "# d*e*n", &all_kinds());
    for shown in [
        "# \\# d\\*e\\*n\n",
        "## Thursday, 1 January 2026\n",
        "**Ada** 00:01\n\n> first words\n",
        "(edited 2026-01-01 00:02), in reply to Ada: “first words”",
        "(pinned), forwarded from Cleo, 1970-01-01 00:00",
        "👍 2 (Ada, \\<b\\>Bo\\</b\\>)",
        "*deleted*",
        "**Bo** 00:05, in the thread of Ada: “first words”",
        "**Bo** 00:06, in a thread",
        "> Poll: Which drink?\n> 1. Tea *\n",
        "*2 have voted, open*\n\n1. Tea \\*: 2 (Ada, \\<b\\>Bo\\</b\\>)\n2. Coffee: 0\n",
    ] {
        assert!(text.contains(shown), "{shown} in {text}");
    }
    let sly = "said\n\n# Title\n**Eve** 00:00\n\n<script>x</script> 1 < 2";
    let text = written(ExportFormat::Markdown, "den", &[message(1, "Ada", sly)]);
    let body = text.split_once("**Ada**").unwrap().1;
    for line in body.lines().skip(1).filter(|line| !line.is_empty()) {
        assert!(line.starts_with("> "), "{line:?} stands outside");
    }
    assert!(text.contains("> &lt;script>x&lt;/script> 1 < 2"));
}

#[test]
fn what_is_missing_is_said_at_the_end() {
    let gap = Missing { from: 3, to: 7 };
    for format in [ExportFormat::Html, ExportFormat::Markdown] {
        let writer = Writer::new(format, &head(format, "den"));
        let told = writer.end(false, &[gap]).unwrap();
        assert!(
            told.contains("5 messages were not on the machine"),
            "{told}"
        );
        assert!(!writer.end(true, &[]).unwrap().contains("server"));
    }
    let head = head(ExportFormat::Json, "den");
    let mut writer = Writer::new(ExportFormat::Json, &head);
    let text = writer.begin(&head).unwrap() + &writer.end(false, &[gap]).unwrap();
    let read: RoomExport = serde_json::from_str(&text).unwrap();
    assert_eq!((read.complete, read.missing), (false, vec![gap]));
}

#[test]
fn a_file_is_called_as_its_room_without_surprises() {
    let name = |title: &str| file_name(&SafeText::line(title), "2026-01-02", "md");
    assert_eq!(name("General Chat!"), "general-chat-2026-01-02.md");
    assert_eq!(name("../../etc/passwd"), "etc-passwd-2026-01-02.md");
    assert_eq!(name("日本"), "日本-2026-01-02.md");
    assert_eq!(name("💥"), "room-2026-01-02.md");
    assert_eq!(typed_path(" a/b.md "), std::path::Path::new("a/b.md"));
    assert!(typed_path("~/x").ends_with("x") && !typed_path("~/x").starts_with("~"));
}

#[test]
fn formats_are_called_as_one_would() {
    for (word, format) in [
        ("json", ExportFormat::Json),
        ("MD", ExportFormat::Markdown),
        (" markdown ", ExportFormat::Markdown),
        ("html", ExportFormat::Html),
    ] {
        assert_eq!(word.parse(), Ok(format));
    }
    assert!("pdf".parse::<ExportFormat>().is_err());
}
