//! From what was typed to a [`Query`].

use jiff::civil::Date;
use jiff::tz::{Offset, TimeZone};

use super::{Clause, Has, Is, Query, Text, What, Who};
use crate::{Timestamp, limit};

/// When and where somebody searches: what `today` is, and when a day begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Now {
    pub time: Timestamp,
    /// How far their clock is before UTC. Minutes.
    pub offset_minutes: i32,
}

/// Why a query can't be read, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason} (at character {})", at + 1)]
pub struct ParseError {
    /// The character at which what is wrong begins; from 0.
    pub at: usize,
    pub reason: String,
}

impl ParseError {
    fn new(at: usize, reason: impl Into<String>) -> Self {
        Self {
            at,
            reason: reason.into(),
        }
    }
}

type Result<T> = std::result::Result<T, ParseError>;

impl Query {
    /// Reads a query. One without any clause is one too: every message fits.
    pub fn parse(written: &str, now: Now) -> Result<Self> {
        let chars: Vec<char> = written.chars().collect();
        if chars.len() > limit::SEARCH_QUERY_CHARS {
            let most = limit::SEARCH_QUERY_CHARS;
            return Err(ParseError::new(
                most,
                format!("a search is at most {most} characters long"),
            ));
        }
        let mut clauses = Vec::new();
        let mut reader = Reader { chars, next: 0 };
        while let Some(token) = reader.token()? {
            let Some(what) = token.what(now)? else {
                continue;
            };
            if clauses.len() == limit::SEARCH_CLAUSES {
                let most = limit::SEARCH_CLAUSES;
                return Err(ParseError::new(
                    token.at,
                    format!("a search has at most {most} words and filters"),
                ));
            }
            clauses.push(Clause {
                negated: token.negated,
                at: token.at,
                what,
            });
        }
        Ok(Self { clauses })
    }
}

/// One thing that stands between spaces.
struct Token {
    negated: bool,
    at: usize,
    /// Before a colon, if that is a name.
    name: Option<String>,
    value: String,
    /// Where the value begins.
    value_at: usize,
    quoted: bool,
}

struct Reader {
    chars: Vec<char>,
    next: usize,
}

impl Reader {
    fn peek(&self) -> Option<char> {
        self.chars.get(self.next).copied()
    }

    fn token(&mut self) -> Result<Option<Token>> {
        while self.peek().is_some_and(char::is_whitespace) {
            self.next += 1;
        }
        let at = self.next;
        // A lone dash is a word like others, of which nothing is left.
        let negated = self.peek() == Some('-')
            && self
                .chars
                .get(at + 1)
                .is_some_and(|c| !c.is_whitespace() && *c != '-');
        self.next += usize::from(negated);
        let name = self.name();
        let value_at = self.next;
        let quoted = self.peek() == Some('"');
        let value: String = if quoted {
            self.next += 1;
            let begin = self.next;
            while self.peek().is_some_and(|c| c != '"') {
                self.next += 1;
            }
            if self.peek().is_none() {
                return Err(ParseError::new(
                    value_at,
                    "this quotation mark has no second one",
                ));
            }
            self.next += 1;
            self.chars[begin..self.next - 1].iter().collect()
        } else {
            while self.peek().is_some_and(|c| !c.is_whitespace()) {
                self.next += 1;
            }
            self.chars[value_at..self.next].iter().collect()
        };
        if self.next == at {
            return Ok(None);
        }
        Ok(Some(Token {
            negated,
            at,
            name,
            value,
            value_at,
            quoted,
        }))
    }

    /// A filter's name and its colon. `https://…` and `12:30` are words.
    fn name(&mut self) -> Option<String> {
        let rest = &self.chars[self.next..];
        let length = rest.iter().take_while(|c| c.is_ascii_alphabetic()).count();
        if length == 0 || rest.get(length) != Some(&':') {
            return None;
        }
        let name: String = rest[..length].iter().collect();
        let name = name.to_ascii_lowercase();
        let next = rest.get(length + 1).copied();
        let is_word = match next {
            Some('/') => true,
            // "note: this" is a word, "from: ada" a mistake.
            None => !NAMES.contains(&name.as_str()),
            Some(c) => c.is_whitespace() && !NAMES.contains(&name.as_str()),
        };
        if is_word {
            return None;
        }
        self.next += length + 1;
        Some(name)
    }
}

/// The filters' names.
const NAMES: [&str; 9] = [
    "from", "in", "has", "before", "after", "on", "pinned", "is", "mentions",
];

impl Token {
    fn what(&self, now: Now) -> Result<Option<What>> {
        let Some(name) = &self.name else {
            let text = if self.quoted {
                Text::phrase(&self.value)
            } else {
                Text::word(&self.value)
            };
            return Ok(text.map(What::Text));
        };
        if !NAMES.contains(&name.as_str()) {
            return Err(ParseError::new(
                self.at,
                format!(
                    "there is no filter {name}: (there are {}); put it in quotation marks to \
                     search for it",
                    NAMES.join(", ")
                ),
            ));
        }
        if self.value.trim().is_empty() {
            return Err(ParseError::new(self.at, format!("{name}: what?")));
        }
        Ok(Some(match name.as_str() {
            "from" => What::From(self.who()),
            "mentions" => What::Mentions(self.who()),
            "in" => What::In(self.value.trim().trim_start_matches('#').to_owned()),
            "has" => What::Has(self.one_of(name, &Has::ALL)?),
            "is" => What::Is(self.one_of(name, &Is::ALL)?),
            "pinned" => What::Pinned(self.one_of(name, &[("yes", true), ("no", false)])?),
            "before" => What::Before(self.day(now)?.0),
            "after" => What::After(self.day(now)?.1),
            _ => {
                let (first, end) = self.day(now)?;
                What::On(first, end)
            }
        }))
    }

    fn who(&self) -> Who {
        let name = self.value.trim().trim_start_matches('@').to_lowercase();
        if name == "me" {
            Who::Me
        } else {
            Who::Name(name)
        }
    }

    fn one_of<T: Copy>(&self, name: &str, choices: &[(&str, T)]) -> Result<T> {
        let value = self.value.trim().to_lowercase();
        let chosen = choices.iter().find(|(word, _)| *word == value);
        chosen.map(|(_, choice)| *choice).ok_or_else(|| {
            let words: Vec<_> = choices.iter().map(|(word, _)| *word).collect();
            let reason = format!("{name}: is one of {}", words.join(", "));
            ParseError::new(self.value_at, reason)
        })
    }

    /// The first moment of a day and the first of the next one.
    fn day(&self, now: Now) -> Result<(Timestamp, Timestamp)> {
        let offset = Offset::from_seconds(now.offset_minutes.saturating_mul(60));
        let zone = offset.map_or(TimeZone::UTC, TimeZone::fixed);
        let today = now.time.to_jiff().to_zoned(zone.clone()).date();
        let wrong = || {
            ParseError::new(
                self.value_at,
                "a day is written like 2026-01-31, or is today or yesterday",
            )
        };
        let day: Date = match self.value.trim().to_lowercase().as_str() {
            "today" => today,
            "yesterday" => today.yesterday().map_err(|_| wrong())?,
            // Exactly so: a parser of dates would take much else.
            written if is_iso(written) => written.parse().map_err(|_| wrong())?,
            _ => return Err(wrong()),
        };
        let start = |day: Date| {
            let zoned = day.to_zoned(zone.clone()).map_err(|_| wrong())?;
            Ok(Timestamp(zoned.timestamp().as_millisecond()))
        };
        Ok((start(day)?, start(day.tomorrow().map_err(|_| wrong())?)?))
    }
}

fn is_iso(written: &str) -> bool {
    let shape = |c: char| if c.is_ascii_digit() { '0' } else { c };
    written.chars().map(shape).eq("0000-00-00".chars())
}
