//! Markdown: a heading a day, each message a quotation under a line with its author, so that what
//! people wrote keeps its form and can't be taken for the document's own.

use erc_protocol::Message;

use super::{
    Head, Missing,
    shown::{self, Reader, Shown, put},
};

/// Text in a line of the document's own.
fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        if "\\`*_{}[]()#+-.!|<>&~".contains(c) {
            safe.push('\\');
        }
        safe.push(c);
    }
    safe
}

/// What somebody wrote: Markdown as it is, but no HTML.
fn quoted(text: &str) -> String {
    let mut out = String::new();
    for line in text.lines() {
        out.push_str("> ");
        let mut rest = line.chars().peekable();
        while let Some(c) = rest.next() {
            let begins_tag = |next: &char| next.is_ascii_alphabetic() || "/!?".contains(*next);
            if c == '<' && rest.peek().is_some_and(begins_tag) {
                out.push_str("&lt;");
            } else {
                out.push(c);
            }
        }
        out.push('\n');
    }
    out
}

pub(super) fn begin(head: &Head) -> String {
    let mut text = format!("# {}\n\n", escape(head.title.as_str()));
    if !head.room.topic.is_empty() {
        let topic = crate::SafeText::line(&head.room.topic);
        put(&mut text, format_args!("{}\n\n", escape(topic.as_str())));
    }
    let about = escape(&shown::about(head));
    put(&mut text, format_args!("{about}, from <{}>\n", head.server));
    text
}

pub(super) struct Markdown {
    reader: Reader,
}

impl Markdown {
    pub(super) fn new(head: &Head) -> Self {
        Self {
            reader: Reader::new(head),
        }
    }

    pub(super) fn message(&mut self, message: &Message) -> String {
        paragraph(&self.reader.read(message))
    }
}

fn paragraph(shown: &Shown<'_>) -> String {
    let mut text = String::new();
    if let Some(day) = &shown.new_day {
        put(&mut text, format_args!("\n## {}\n", escape(day)));
    }
    let mut line = format!("\n**{}** {}", escape(shown.who.as_str()), shown.at);
    if let Some(at) = &shown.edited {
        put(&mut line, format_args!(" (edited {at})"));
    }
    if shown.pinned {
        line.push_str(" (pinned)");
    }
    if let Some((_, began)) = &shown.thread {
        match began {
            Some(began) => put(
                &mut line,
                format_args!(
                    ", in the thread of {}: “{}”",
                    escape(began.who.as_str()),
                    escape(began.excerpt.as_str()),
                ),
            ),
            None => line.push_str(", in a thread"),
        }
    }
    if let Some((_, answered)) = &shown.answers {
        match answered {
            Some(answered) => put(
                &mut line,
                format_args!(
                    ", in reply to {}: “{}”",
                    escape(answered.who.as_str()),
                    escape(answered.excerpt.as_str()),
                ),
            ),
            None => line.push_str(", in reply to an earlier message"),
        }
    }
    if let Some((who, at)) = &shown.forwarded {
        put(
            &mut line,
            format_args!(", forwarded from {}, {at}", escape(who.as_str())),
        );
    }
    text.push_str(&line);
    text.push_str("\n\n");
    match &shown.text {
        Some(content) => text.push_str(&quoted(content.as_str())),
        None => text.push_str("*deleted*\n"),
    }
    let who = |names: &str| match names {
        "" => String::new(),
        names => format!(" ({})", escape(names)),
    };
    if let Some(tally) = &shown.tally {
        put(&mut text, format_args!("\n*{}*\n\n", escape(&tally.state)));
        for (number, (option, votes, names)) in (1..).zip(&tally.options) {
            let option = escape(option.as_str());
            put(
                &mut text,
                format_args!("{number}. {option}: {votes}{}\n", who(names)),
            );
        }
    }
    if !shown.reactions.is_empty() {
        let all = shown
            .reactions
            .iter()
            .map(|(emoji, count, names)| format!("{emoji} {count}{}", who(names)));
        put(
            &mut text,
            format_args!("\n{}\n", all.collect::<Vec<_>>().join(" · ")),
        );
    }
    text
}

pub(super) fn end(from_server: bool, missing: &[Missing]) -> String {
    let gaps = shown::gaps(from_server, missing);
    gaps.map_or_else(String::new, |gaps| format!("\n---\n\n{gaps}\n"))
}
