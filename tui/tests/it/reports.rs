//! Reports, the log of what moderators did, word filters.

use erc::{
    command::{Answer, Command},
    state::picker::{Entry, Pick, Purpose},
};
use erc_client_core::{
    SafeText,
    protocol::{
        Capability, MessageId, Timestamp, UserId,
        filter::{FilterAction, FilterKind},
        report::{ReportKind, ReportOutcome, ReportState},
    },
    view::{ReportLine, ReportView, Update},
};

use crate::stage::Stage;

fn report() -> ReportView {
    let line = |text: &str, reported| ReportLine {
        sender: SafeText::line("Bo"),
        text: SafeText::line(text),
        at: Timestamp(1_795_521_600_000),
        reported,
    };
    ReportView {
        id: "00000000-0000-0000-0000-000000000007".parse().unwrap(),
        kind: ReportKind::Spam,
        state: ReportState::Open,
        outcome: None,
        reporter: SafeText::line("Cleo"),
        user_id: UserId(4),
        user: SafeText::line("Bo"),
        room_id: None,
        room: None,
        message_id: Some(MessageId(2)),
        words: SafeText::line("look at this"),
        context: vec![line("before it", false), line("buy now", true)],
        taken_by: None,
        note: SafeText::default(),
        created_at: Timestamp(1_795_521_600_000),
    }
}

#[test]
fn a_message_is_reported_with_a_kind_and_words() {
    let mut stage = Stage::furnished(100, 30);
    stage.press("<esc> g j !");
    assert!(
        stage.screen().contains("report this message"),
        "{}",
        stage.screen()
    );
    stage.press("ctrl-u");
    stage.write("harassment");
    stage.press("<tab>");
    stage.write("again");
    stage.press("<enter>");
    let asked = stage.asked.pop();
    assert!(
        matches!(&asked, Some(Command::Report { message: Some(MessageId(2)), user: None, kind: ReportKind::Harassment, words }) if words == "again"),
        "{asked:?}"
    );
    stage.answer(Answer::Done(Ok("those who moderate are told")));
    assert!(stage.screen().contains("those who moderate are told"));
}

#[test]
fn the_queue_is_counted_listed_and_decided() {
    let mut stage = Stage::furnished(100, 30);
    stage.update(Update::Reports(2));
    assert!(stage.screen().contains("2 reported"), "{}", stage.screen());
    stage.press("ctrl-k");
    stage.write("reports to look after");
    stage.press("<enter>");
    assert!(matches!(stage.asked.pop(), Some(Command::Reports)));
    let what = report();
    let entry = Entry {
        label: SafeText::line("spam: Bo buy now"),
        hint: SafeText::line("waits"),
        at: Some(what.created_at),
        pick: Pick::Report(Box::new(what.clone())),
    };
    stage.answer(Answer::Picked {
        purpose: Purpose::Reports,
        result: Ok(vec![entry]),
    });
    assert!(
        stage.screen().contains("spam: Bo buy now"),
        "{}",
        stage.screen()
    );
    // It is read again when its count changes.
    stage.asked.clear();
    stage.update(Update::Reports(1));
    assert!(
        stage
            .asked
            .iter()
            .any(|asked| matches!(asked, Command::Reports))
    );
    stage.press("<enter>");
    let screen = stage.screen();
    for words in [
        "Cleo reports Bo",
        "look at this",
        "before it",
        "> Bo: buy now",
        "look after it",
    ] {
        assert!(screen.contains(words), "{words}: {screen}");
    }
    assert!(!screen.contains("ban them"), "it is of no room: {screen}");
    stage.write("delete the message");
    stage.press("<enter>");
    assert!(
        stage.screen().contains("close the report"),
        "{}",
        stage.screen()
    );
    stage.press("<tab>");
    stage.write("spam");
    stage.press("<enter>");
    let asked = stage.asked.pop();
    let outcome = ReportOutcome::MessageDeleted;
    assert!(
        matches!(&asked, Some(Command::CloseReport { id, outcome: it, seconds: None, note })
            if *id == what.id && *it == outcome && note == "spam"),
        "{asked:?}"
    );
    stage.update(Update::ReportClosed { of: UserId(4) });
    assert!(
        stage.screen().contains("closed your report"),
        "{}",
        stage.screen()
    );
}

#[test]
fn a_word_filter_is_added_listed_and_taken_away() {
    let mut stage = Stage::furnished(100, 30);
    stage.rooms[0].can = Capability::ALL.to_vec();
    stage.answer(Answer::Rooms(Ok(stage.rooms.clone())));
    stage.asked.clear();
    stage.press("ctrl-k");
    stage.write("word filters of this room");
    stage.press("<enter>");
    let Some(Command::Filters { room: Some(room) }) = stage.asked.pop() else {
        panic!("{}", stage.screen())
    };
    let entry = |label: &str, pick| Entry {
        label: SafeText::line(label),
        hint: SafeText::line("words, masked, by Ada"),
        at: None,
        pick,
    };
    let id = "00000000-0000-0000-0000-000000000007".parse().unwrap();
    let list = vec![
        entry("add a filter", Pick::AddFilter(Some(room))),
        entry("darn", Pick::Filter(Some(room), id)),
    ];
    stage.answer(Answer::Picked {
        purpose: Purpose::Filters(Some(room)),
        result: Ok(list),
    });
    assert!(
        stage.screen().contains("words, masked"),
        "{}",
        stage.screen()
    );
    stage.press("<down> ctrl-x");
    let asked = stage.asked.pop();
    assert!(
        matches!(&asked, Some(Command::RemoveFilter { room: Some(of), id: it }) if *of == room && *it == id),
        "{asked:?}"
    );
    stage.press("<up> <enter>");
    stage.write("heck");
    stage.press("<tab> <tab> ctrl-u");
    stage.write("flag");
    stage.press("<enter>");
    let asked = stage.asked.pop();
    assert!(
        matches!(&asked, Some(Command::AddFilter { room: Some(of), kind: FilterKind::Words, text, action: FilterAction::Flag })
            if *of == room && text == "heck"),
        "{asked:?}"
    );
}
