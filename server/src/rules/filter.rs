//! Word filters: what is found in a text, and what happens to it then. A text is compared without
//! case and accents, as in a search; what is masked is masked in the text as it was written.

use std::ops::Range;

use erc_protocol::{
    FilterId, UserId,
    filter::{FilterAction, FilterKind},
    limit,
    search::fold::{Folded, Kind, fold, kind},
};
use regex::{Regex, RegexBuilder};

/// What stands where something was found. No asterisk of the keyboard: that would be a mark.
const MASK: char = '∗';
/// Most of them in one place.
const MASK_CHARS: usize = 8;

/// A filter that is ready to look.
#[derive(Debug, Clone)]
pub struct Filter {
    pub id: FilterId,
    pub action: FilterAction,
    /// Who made it, and so tells those who moderate.
    pub made_by: UserId,
    /// As it was written.
    pub text: String,
    /// What counts is its first group.
    regex: Regex,
}

/// What happens to a text.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Verdict {
    /// It isn't taken.
    pub refused: bool,
    /// It is taken, but so.
    pub masked: Option<String>,
    /// It is told to those who moderate: by whom, and what was looked for.
    pub flagged: Option<(UserId, String)>,
}

impl Filter {
    /// Makes one ready, or says why it can't be.
    pub fn new(
        (id, made_by): (FilterId, UserId),
        filter_kind: FilterKind,
        text: &str,
        action: FilterAction,
    ) -> Result<Self, String> {
        let of = match filter_kind {
            FilterKind::Words => words(text)?,
            FilterKind::Pattern => pattern(text)?,
        };
        let regex = compile(&of)?;
        let text = text.to_owned();
        Ok(Self {
            id,
            action,
            made_by,
            text,
            regex,
        })
    }

    /// Where it finds something in a folded text, in bytes, one after the other.
    fn hits(&self, text: &str) -> Vec<Range<usize>> {
        let (mut found, mut from) = (Vec::new(), 0);
        while from <= text.len()
            && let Some(groups) = self.regex.captures_at(text, from)
            && let (Some(all), Some(hit)) = (groups.get(0), groups.get(1))
        {
            if hit.is_empty() {
                // It says nothing of a text that it fits without a letter.
                let next = text[all.end()..].chars().next();
                from = all.end() + next.map_or(1, char::len_utf8);
            } else {
                // What bounds one word bounds the next as well.
                from = hit.end();
                found.push(hit.range());
            }
        }
        found
    }
}

fn words(text: &str) -> Result<String, String> {
    let text = fold(text);
    let is_letter = |c: Option<char>| c.is_some_and(|c| kind(c) == Kind::Letter);
    if text.is_empty() {
        return Err("it has no letters".to_owned());
    }
    // A sign is a word by itself, whatever stands beside it.
    let left = if is_letter(text.chars().next()) {
        r"(?:^|[^\pL\pM\pN])"
    } else {
        ""
    };
    let right = if is_letter(text.chars().next_back()) {
        r"(?:$|[^\pL\pM\pN])"
    } else {
        ""
    };
    Ok(format!("{left}({}){right}", regex::escape(&text)))
}

fn pattern(text: &str) -> Result<String, String> {
    // By itself first: what is put around it must not make it whole.
    let alone = compile(text)?;
    if alone.is_match("") {
        return Err("it would find something in every text".to_owned());
    }
    Ok(format!("({text})"))
}

fn compile(text: &str) -> Result<Regex, String> {
    RegexBuilder::new(text)
        .size_limit(limit::FILTER_BYTES)
        .dfa_size_limit(limit::FILTER_BYTES)
        .nest_limit(20)
        .build()
        .map_err(|error| match error {
            regex::Error::CompiledTooBig(_) => "it is too large a pattern".to_owned(),
            error => {
                let why = error.to_string();
                why.lines().next_back().unwrap_or_default().to_owned()
            }
        })
}

/// What filters, in this order, say of a text.
pub fn judge<'f>(filters: impl IntoIterator<Item = &'f Filter>, text: &str) -> Verdict {
    let mut filters = filters.into_iter().peekable();
    if filters.peek().is_none() {
        return Verdict::default();
    }
    let folded = Folded::of(text);
    let alike: String = folded.chars.iter().collect();
    let starts: Vec<usize> = alike.char_indices().map(|(at, _)| at).collect();
    let mut masks = Vec::new();
    let mut verdict = Verdict::default();
    for filter in filters {
        let hits = filter.hits(&alike);
        if hits.is_empty() {
            continue;
        }
        match filter.action {
            FilterAction::Refuse => verdict.refused = true,
            FilterAction::Flag => {
                let told = || (filter.made_by, filter.text.clone());
                verdict.flagged.get_or_insert_with(told);
            }
            FilterAction::Mask => {
                masks.extend(hits.into_iter().map(|hit| origin(&folded, &starts, hit)));
            }
        }
    }
    if !masks.is_empty() {
        verdict.masked = Some(masked(text, masks));
    }
    verdict
}

/// Where in the text, in characters, stands what was found in the folded one: up to the next that is
/// something else, so that marks go with their letters.
fn origin(folded: &Folded, starts: &[usize], hit: Range<usize>) -> Range<u32> {
    let place = |byte: usize| starts.partition_point(|start| *start < byte);
    let first = folded.origins.get(place(hit.start)).copied();
    let after = folded.origins.get(place(hit.end)).copied();
    first.unwrap_or(0)..after.unwrap_or(u32::MAX)
}

fn masked(text: &str, mut masks: Vec<Range<u32>>) -> String {
    masks.sort_by_key(|mask| mask.start);
    let mut masks = masks.into_iter().peekable();
    let (mut out, mut written, mut until) = (String::with_capacity(text.len()), 0, 0);
    for (at, c) in (0..).zip(text.chars()) {
        while let Some(mask) = masks.next_if(|mask| mask.start <= at) {
            if at >= until {
                written = 0;
            }
            until = until.max(mask.end);
        }
        if at >= until || c.is_whitespace() {
            out.push(c);
        } else if written < MASK_CHARS {
            written += 1;
            out.push(MASK);
        }
    }
    out
}

#[cfg(test)]
mod tests;
