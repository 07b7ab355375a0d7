//! How texts are made alike before they are compared: case, accents, compatibility forms and the
//! sorts of white space don't count.

use unicode_normalization::char::{decompose_compatible, is_combining_mark};

/// A text made alike, and where each of its characters comes from.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Folded {
    /// The characters; white space is one space each time, and there is none at the ends.
    pub chars: Vec<char>,
    /// The character of the original that each one comes from; never falling.
    pub origins: Vec<u32>,
}

impl Folded {
    /// Of a text.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let mut folded = Self::default();
        for (at, c) in (0..).zip(text.chars()) {
            if c.is_whitespace() {
                if folded.chars.last().is_some_and(|last| *last != ' ') {
                    folded.push(' ', at);
                }
            } else {
                fold_char(c, &mut |c| folded.push(c, at));
            }
        }
        if folded.chars.last() == Some(&' ') {
            folded.chars.pop();
            folded.origins.pop();
        }
        folded
    }

    fn push(&mut self, c: char, at: u32) {
        self.chars.push(c);
        self.origins.push(at);
    }
}

/// A text made alike.
#[must_use]
pub fn fold(text: &str) -> String {
    Folded::of(text).chars.into_iter().collect()
}

fn fold_char(c: char, put: &mut impl FnMut(char)) {
    if c.is_ascii() {
        if !c.is_ascii_control() {
            put(c.to_ascii_lowercase());
        }
        return;
    }
    match c {
        // Whole syllables and their sound marks tell words apart.
        '\u{3041}'..='\u{30FF}' | '\u{AC00}'..='\u{D7A3}' | '\u{4E00}'..='\u{9FFF}' => put(c),
        'ß' | 'ẞ' => ['s', 's'].into_iter().for_each(put),
        'æ' | 'Æ' => ['a', 'e'].into_iter().for_each(put),
        'œ' | 'Œ' => ['o', 'e'].into_iter().for_each(put),
        'ø' | 'Ø' => put('o'),
        'ł' | 'Ł' => put('l'),
        'đ' | 'Đ' => put('d'),
        'ı' => put('i'),
        'ς' => put('σ'),
        '‘' | '’' | 'ʼ' => put('\''),
        '“' | '”' => put('"'),
        _ => decompose_compatible(c, |part| {
            if part.is_whitespace() {
                put(' ');
            } else if !is_accent(part) && !is_invisible(part) {
                part.to_lowercase()
                    .filter(|lower| !is_accent(*lower))
                    .for_each(&mut *put);
            }
        }),
    }
}

/// Marks that one leaves out when one types in a hurry. Marks of other scripts are letters.
const fn is_accent(c: char) -> bool {
    matches!(c,
        '\u{0300}'..='\u{036F}' | '\u{0591}'..='\u{05C7}' | '\u{064B}'..='\u{065F}' | '\u{0670}'
        | '\u{1AB0}'..='\u{1AFF}' | '\u{1DC0}'..='\u{1DFF}' | '\u{20D0}'..='\u{20FF}'
        | '\u{FE20}'..='\u{FE2F}')
}

/// Joiners, directions, variation selectors, skin tones aside: nothing to type.
const fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{00AD}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}'
        | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}')
}

/// What a character is to the index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A letter of a script whose words are set apart.
    Letter,
    /// One that is as much as a word: Chinese, Japanese, Korean, a symbol, an emoji.
    Sign,
    /// Between words.
    Gap,
}

/// Of a folded character.
#[must_use]
pub fn kind(c: char) -> Kind {
    if c.is_ascii() {
        return if c.is_ascii_alphanumeric() {
            Kind::Letter
        } else {
            Kind::Gap
        };
    }
    match c {
        '\u{1100}'..='\u{11FF}'
        | '\u{2E80}'..='\u{2FFF}'
        | '\u{3005}'..='\u{3007}'
        | '\u{3031}'..='\u{9FFF}'
        | '\u{A960}'..='\u{A97F}'
        | '\u{AC00}'..='\u{D7FF}'
        | '\u{F900}'..='\u{FAFF}'
        | '\u{20000}'..='\u{3FFFF}' => Kind::Sign,
        // Punctuation, general and of Chinese.
        '\u{0080}'..='\u{00BF}' | '\u{2000}'..='\u{206F}' | '\u{3000}'..='\u{303F}' => Kind::Gap,
        _ if c.is_alphanumeric() || is_combining_mark(c) => Kind::Letter,
        _ if c.is_whitespace() || c.is_control() => Kind::Gap,
        _ => Kind::Sign,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_accents_and_forms_do_not_count() {
        for (text, folded) in [
            ("Café", "cafe"),
            ("cafe\u{301}", "cafe"),
            ("STRASSE Straße", "strasse strasse"),
            ("Ｆｕｌｌ　ｗｉｄｔｈ", "full width"),
            ("  a \n\t b  ", "a b"),
            ("İstanbul", "istanbul"),
            ("ﬁne", "fine"),
            ("don’t", "don't"),
            ("Łódź", "lodz"),
        ] {
            assert_eq!(fold(text), folded, "{text}");
        }
    }

    #[test]
    fn sound_marks_and_vowel_signs_count() {
        assert_ne!(fold("が"), fold("か"));
        assert_ne!(fold("한글"), fold("한걸"));
        assert_ne!(fold("किताब"), fold("कताब"));
    }

    #[test]
    fn every_folded_character_knows_where_it_comes_from() {
        let folded = Folded::of(" Éß x");
        assert_eq!(folded.chars, ['e', 's', 's', ' ', 'x']);
        assert_eq!(folded.origins, [1, 2, 2, 3, 4]);
    }
}
