//! What becomes of each character. Ranges from the Unicode Character Database, version 16:
//! `Default_Ignorable_Code_Point`, `Bidi_Control`, `Extended_Pictographic` (blocks, not single
//! points: a joiner too many between two symbols does no harm).

use erc_protocol::validate::is_deceptive;
use unicode_width::UnicodeWidthChar as _;

/// Combining marks that may stand on one letter; more of them paint over other lines.
pub(super) const MAX_MARKS: usize = 4;
/// Joins emoji to one picture, and letters of some scripts.
pub(super) const ZWJ: char = '\u{200D}';
const ZWNJ: char = '\u{200C}';

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    Visible,
    /// Ends a line.
    Break,
    Tab,
    /// Combines with what stands before it.
    Mark,
    /// Chooses between two forms of what stands before it.
    Selector,
    /// Meaningful between some characters only.
    Joiner,
    /// Changes what is around it: shown as a replacement character.
    Loud,
    /// Can't be seen: dropped.
    Silent,
}

pub(super) fn class(c: char) -> Class {
    match c {
        '\n' | '\r' | '\u{0B}' | '\u{0C}' | '\u{85}' | '\u{2028}' | '\u{2029}' => Class::Break,
        '\t' => Class::Tab,
        ZWJ | ZWNJ => Class::Joiner,
        '\u{FE0E}' | '\u{FE0F}' => Class::Selector,
        '\u{061C}'
        | '\u{200E}'
        | '\u{200F}'
        | '\u{202A}'..='\u{202E}'
        | '\u{2066}'..='\u{2069}'
        | '\u{FDD0}'..='\u{FDEF}' => Class::Loud,
        c if c.is_control() || u32::from(c) & 0xFFFE == 0xFFFE => Class::Loud,
        '\u{00AD}'
        | '\u{034F}'
        | '\u{115F}'
        | '\u{1160}'
        | '\u{17B4}'
        | '\u{17B5}'
        | '\u{180B}'..='\u{180F}'
        | '\u{3164}'
        | '\u{FE00}'..='\u{FE0D}'
        | '\u{FFA0}'
        | '\u{FFF0}'..='\u{FFFB}'
        | '\u{1BCA0}'..='\u{1BCA3}'
        | '\u{1D173}'..='\u{1D17A}'
        | '\u{E0000}'..='\u{E0FFF}' => Class::Silent,
        c if is_deceptive(c) => Class::Silent,
        c if c.width() == Some(0) => Class::Mark,
        _ => Class::Visible,
    }
}

/// Whether a joiner may make one picture of this and the next.
pub(super) fn is_emoji(c: char) -> bool {
    matches!(c,
        '\u{A9}' | '\u{AE}' | '\u{203C}' | '\u{2049}' | '\u{2122}' | '\u{2139}'
        | '\u{2190}'..='\u{21FF}' | '\u{2300}'..='\u{23FF}' | '\u{25A0}'..='\u{27BF}'
        | '\u{2934}' | '\u{2935}' | '\u{2B00}'..='\u{2BFF}' | '\u{3030}' | '\u{303D}'
        | '\u{3297}' | '\u{3299}' | '\u{1F000}'..='\u{1FAFF}')
}

/// Whether a variation selector behind this one has something to choose.
pub(super) fn takes_selector(c: char) -> bool {
    is_emoji(c) || c.is_ascii_digit() || matches!(c, '#' | '*')
}

/// Letters of Arabic, Syriac, N'Ko and the Indic scripts, whose spelling needs joiners.
pub(super) fn is_joining_letter(c: char) -> bool {
    matches!(c,
        '\u{0620}'..='\u{08FF}' | '\u{0900}'..='\u{0DFF}' | '\u{FB50}'..='\u{FDCF}'
        | '\u{FDF0}'..='\u{FDFF}' | '\u{FE70}'..='\u{FEFC}')
}
