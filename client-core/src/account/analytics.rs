//! Figures of a room or of the whole server, asked of the server each time.

use erc_protocol::{
    RoomId,
    api::analytics::{Analytics, ResponseTimes},
};

use super::Account;
use crate::{
    SafeText,
    error::Result,
    view::{AnalyticsView, DayView, NumberView, PersonView},
};

impl Account {
    /// The figures of so many days, in this machine's zone: of a room for those who look after it,
    /// of the server (without a room) for its admins.
    pub async fn analytics(&self, room: Option<RoomId>, days: u32) -> Result<AnalyticsView> {
        let told = self.figures(room, days).await?;
        Ok(view(&told))
    }

    /// The same as a table for spreadsheets.
    pub async fn analytics_csv(&self, room: Option<RoomId>, days: u32) -> Result<String> {
        Ok(self.figures(room, days).await?.to_csv())
    }

    async fn figures(&self, room: Option<RoomId>, days: u32) -> Result<Analytics> {
        let path = match room {
            Some(room) => format!("/chat/rooms/{room}/analytics"),
            None => "/chat/analytics".to_owned(),
        };
        let zone = self.shared.clock.zone();
        let mut query = vec![("days", days.to_string())];
        // A zone without a name can't be asked for: then it is UTC, and the answer says so.
        query.extend(zone.iana_name().map(|name| ("time_zone", name.to_owned())));
        self.shared.api.get(&path, &query).await
    }
}

fn view(told: &Analytics) -> AnalyticsView {
    let number = |name: String, count: i64| NumberView {
        name: SafeText::line(&name),
        count,
    };
    let weekdays = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
    let median = |times: &ResponseTimes| times.median_s;
    AnalyticsView {
        room_id: told.room_id,
        from: SafeText::line(&told.from),
        to: SafeText::line(&told.to),
        time_zone: SafeText::line(&told.time_zone),
        behind: told.behind,
        totals: told.totals,
        active: told.active,
        next_speaker_s: median(&told.next_speaker),
        reply_s: median(&told.replies),
        by_type: told
            .by_type
            .iter()
            .map(|one| number(one.message_type.as_str().to_owned(), one.messages))
            .collect(),
        by_hour: told
            .by_hour
            .iter()
            .enumerate()
            .map(|(hour, count)| number(format!("{hour:02}"), *count))
            .collect(),
        by_weekday: weekdays
            .iter()
            .zip(&told.by_weekday)
            .map(|(day, count)| number((*day).to_owned(), *count))
            .collect(),
        by_day: told
            .by_day
            .iter()
            .map(|day| DayView {
                date: SafeText::line(&day.date),
                messages: day.messages,
                reactions: day.reactions,
                writers: day.writers,
                joined: day.joined,
                members: day.members,
            })
            .collect(),
        by_user: told
            .by_user
            .iter()
            .map(|user| PersonView {
                user_id: user.user_id,
                username: SafeText::line(&user.username),
                name: SafeText::line(&user.display_name),
                messages: user.messages,
                replies: user.replies,
                reactions: user.reactions,
            })
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use erc_protocol::{
        UserId,
        api::analytics::{ActiveUsers, Totals, UserFigures},
    };

    use super::*;

    #[test]
    fn names_in_figures_are_safe_to_show() {
        let told = Analytics {
            room_id: None,
            from: "2026-01-01".into(),
            to: "2026-01-01".into(),
            time_zone: "UTC".into(),
            behind: 0,
            totals: Totals::default(),
            active: ActiveUsers::default(),
            next_speaker: ResponseTimes::default(),
            replies: ResponseTimes::default(),
            by_type: Vec::new(),
            by_hour: vec![1, 2],
            by_weekday: vec![3],
            by_day: Vec::new(),
            by_user: vec![UserFigures {
                user_id: UserId(1),
                username: "eve".into(),
                display_name: "E\u{1b}[31mve\u{202e}".into(),
                messages: 1,
                replies: 0,
                reactions: 0,
            }],
        };
        let seen = view(&told);
        assert_eq!(seen.by_user[0].name.as_str(), "E\u{fffd}[31mve\u{fffd}");
        assert_eq!(seen.by_hour[1].name.as_str(), "01");
        assert_eq!(seen.by_weekday[0].name.as_str(), "Mon");
    }
}
