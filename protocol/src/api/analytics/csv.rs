//! Figures as one table for spreadsheets: what a row is about, then its numbers.

use super::Analytics;

/// Signs with which a spreadsheet begins a formula.
const FORMULA: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

const HEAD: &str =
    "table,key,name,messages,replies,answered,reactions,edited,deleted,writers,joined,members";

/// Weekdays, as the rows are called.
const WEEKDAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

impl Analytics {
    /// RFC 4180, with a head. Names that a spreadsheet would take for a formula begin with an
    /// apostrophe.
    #[must_use]
    pub fn to_csv(&self) -> String {
        let mut text = format!("{HEAD}\r\n");
        let mut row = |table: &str, key: &str, name: &str, numbers: [Option<i64>; 9]| {
            text.push_str(&field(table));
            for words in [key, name] {
                text.push(',');
                text.push_str(&field(words));
            }
            for number in numbers {
                text.push(',');
                if let Some(number) = number {
                    text.push_str(&number.to_string());
                }
            }
            text.push_str("\r\n");
        };
        let messages = |count: i64| {
            let mut numbers = [None; 9];
            numbers[0] = Some(count);
            numbers
        };
        let all = &self.totals;
        let range = format!("{} to {}", self.from, self.to);
        row(
            "total",
            &range,
            &self.time_zone,
            [
                all.messages,
                all.replies,
                all.answered,
                all.reactions,
                all.edited,
                all.deleted,
                all.writers,
                all.joined,
                all.members,
            ]
            .map(Some),
        );
        for (key, writers) in [
            ("daily", self.active.daily),
            ("weekly", self.active.weekly),
            ("monthly", self.active.monthly),
        ] {
            let mut numbers = [None; 9];
            numbers[6] = Some(writers);
            row("active", key, "", numbers);
        }
        for (key, times) in [("next_speaker", self.next_speaker), ("reply", self.replies)] {
            let name = times
                .median_s
                .map_or_else(String::new, |s| format!("median {s} s"));
            let mut numbers = [None; 9];
            numbers[2] = Some(times.answers);
            row("response", key, &name, numbers);
        }
        for one in &self.by_type {
            row(
                "type",
                one.message_type.as_str(),
                "",
                messages(one.messages),
            );
        }
        for (hour, count) in self.by_hour.iter().enumerate() {
            row("hour", &hour.to_string(), "", messages(*count));
        }
        for (name, count) in WEEKDAYS.iter().zip(&self.by_weekday) {
            row("weekday", name, "", messages(*count));
        }
        for day in &self.by_day {
            let mut numbers = messages(day.messages);
            numbers[1] = Some(day.replies);
            numbers[3] = Some(day.reactions);
            numbers[6] = Some(day.writers);
            numbers[7] = Some(day.joined);
            numbers[8] = Some(day.members);
            row("day", &day.date, "", numbers);
        }
        for user in &self.by_user {
            let mut numbers = messages(user.messages);
            numbers[1] = Some(user.replies);
            numbers[3] = Some(user.reactions);
            row("user", &user.username, &user.display_name, numbers);
        }
        text
    }
}

/// A field: quoted where it must be, never a formula.
fn field(text: &str) -> String {
    let guarded = if text.starts_with(FORMULA) {
        format!("'{text}")
    } else {
        text.to_owned()
    };
    if guarded.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", guarded.replace('"', "\"\""))
    } else {
        guarded
    }
}

#[cfg(test)]
mod tests {
    use super::field;

    #[test]
    fn names_are_never_formulas_and_never_end_their_field() {
        for (name, written) in [
            ("Ada", "Ada"),
            ("=1+1", "'=1+1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("-2", "'-2"),
            ("+cmd|' /C calc'!A0", "'+cmd|' /C calc'!A0"),
            ("\t=1", "'\t=1"),
            ("a,b", "\"a,b\""),
            ("say \"hi\"", "\"say \"\"hi\"\"\""),
            ("=a,\"b\"", "\"'=a,\"\"b\"\"\""),
            ("two\nlines", "\"two\nlines\""),
        ] {
            assert_eq!(field(name), written);
        }
    }
}
