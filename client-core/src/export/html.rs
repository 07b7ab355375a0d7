//! One page without scripts, fonts or pictures from elsewhere, to be read and printed.

use erc_protocol::{Message, MessageId};

use super::{
    Head, Missing,
    recent::Answered,
    shown::{self, Reader, Shown, put},
};

const STYLE: &str = "\
:root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;max-width:48rem;margin:2rem \
auto;padding:0 1rem}header,footer{color:GrayText}h1{margin:0;color:CanvasText}h2{font-size:1rem;\
border-bottom:1px solid GrayText;margin:2rem 0 1rem}article{margin:0 0 .8rem;break-inside:avoid}\
.who{font-weight:600}time,.mark{color:GrayText;font-size:.85rem;margin-left:.5rem}.text{\
white-space:pre-wrap;overflow-wrap:anywhere}.gone{color:GrayText;font-style:italic}.quote{\
display:block;color:GrayText;border-left:3px solid GrayText;padding-left:.5rem;font-size:.9rem;\
text-decoration:none}.poll,.reactions{font-size:.9rem}.poll ol{margin:0}.reactions span{margin-right:.75rem}article:target{\
outline:2px solid Highlight}@media print{body{max-width:none;margin:0}}";

/// Text between tags, or in an attribute.
fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            c => safe.push(c),
        }
    }
    safe
}

pub(super) fn begin(head: &Head) -> String {
    let title = escape(head.title.as_str());
    let topic = crate::SafeText::line(&head.room.topic);
    let topic = escape(topic.as_str());
    let about = escape(&shown::about(head));
    let server = escape(&head.server);
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; \
         style-src 'unsafe-inline'\">\n<meta name=\"viewport\" content=\"width=device-width\">\n\
         <meta name=\"referrer\" content=\"no-referrer\">\n\
         <title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<header>\n\
         <h1 dir=\"auto\">{title}</h1>\n<p dir=\"auto\">{topic}</p>\n<p>{about}, from {server}</p>\n\
         </header>\n<main>\n"
    )
}

pub(super) struct Html {
    reader: Reader,
}

impl Html {
    pub(super) fn new(head: &Head) -> Self {
        Self {
            reader: Reader::new(head),
        }
    }

    pub(super) fn message(&mut self, message: &Message) -> String {
        article(&self.reader.read(message))
    }
}

fn article(shown: &Shown<'_>) -> String {
    let mut html = String::new();
    if let Some(day) = &shown.new_day {
        put(&mut html, format_args!("<h2>{}</h2>\n", escape(day)));
    }
    let mark = |text: &str| format!("<span class=\"mark\">{}</span>", escape(text));
    put(
        &mut html,
        format_args!(
            "<article id=\"m{}\"><div><span class=\"who\" dir=\"auto\">{}</span>\
         <time datetime=\"{}\">{}</time>",
            shown.id,
            escape(shown.who.as_str()),
            shown.row.created_at,
            escape(&shown.at),
        ),
    );
    if let Some(at) = &shown.edited {
        html.push_str(&mark(&format!("edited {at}")));
    }
    if shown.pinned {
        html.push_str(&mark("pinned"));
    }
    html.push_str("</div>");
    let mut refer = |id: MessageId, to: Option<&Answered>, what: &str, otherwise: &str| {
        let words = to.map_or_else(
            || otherwise.to_owned(),
            |to| format!("{what}{}: {}", to.who, to.excerpt),
        );
        let words = escape(&words);
        put(
            &mut html,
            format_args!("<a class=\"quote\" dir=\"auto\" href=\"#m{id}\">{words}</a>"),
        );
    };
    if let Some((id, began)) = &shown.thread {
        refer(*id, began.as_ref(), "in the thread of ", "in a thread");
    }
    if let Some((id, answered)) = &shown.answers {
        refer(*id, answered.as_ref(), "", "in reply to an earlier message");
    }
    if let Some((who, at)) = &shown.forwarded {
        let words = escape(&format!("forwarded from {who}, {at}"));
        put(
            &mut html,
            format_args!("<span class=\"quote\" dir=\"auto\">{words}</span>"),
        );
    }
    match &shown.text {
        Some(text) => put(
            &mut html,
            format_args!(
                "<div class=\"text\" dir=\"auto\">{}</div>",
                escape(text.as_str())
            ),
        ),
        None => html.push_str("<div class=\"gone\">deleted</div>"),
    }
    if let Some(tally) = &shown.tally {
        put(
            &mut html,
            format_args!("<div class=\"poll\">{}<ol>", escape(&tally.state)),
        );
        for (option, votes, names) in &tally.options {
            let option = escape(option.as_str());
            let who = match names.as_str() {
                "" => String::new(),
                names => mark(names),
            };
            put(
                &mut html,
                format_args!("<li><bdi>{option}</bdi>: {votes}{who}</li>"),
            );
        }
        html.push_str("</ol></div>");
    }
    if !shown.reactions.is_empty() {
        html.push_str("<div class=\"reactions\">");
        for (emoji, count, names) in &shown.reactions {
            put(
                &mut html,
                format_args!(
                    "<span title=\"{}\">{} {count}</span>",
                    escape(names),
                    escape(emoji.as_str()),
                ),
            );
        }
        html.push_str("</div>");
    }
    html.push_str("</article>\n");
    html
}

pub(super) fn end(from_server: bool, missing: &[Missing]) -> String {
    let gaps = shown::gaps(from_server, missing);
    let gaps = gaps.map_or_else(String::new, |gaps| format!("<p>{}</p>", escape(&gaps)));
    format!("</main>\n<footer>{gaps}</footer>\n</body>\n</html>\n")
}
