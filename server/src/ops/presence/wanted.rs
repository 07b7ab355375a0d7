//! What somebody asks for of their presence, held against the limits; what is absent stays.

use erc_protocol::api::users::{SetPresenceRequest, SetStatus};
use erc_protocol::presence::{PresenceChoice, Status};
use erc_protocol::{MyPresence, PresenceState, Timestamp, limit, reaction, validate};

use crate::ops::error::{Fields, Result};

/// A status and how long it stands; nothing is said any longer without one.
struct Said(Option<(Status, Option<u32>)>);

pub(super) struct Wanted {
    choice: Option<(PresenceChoice, Option<u32>)>,
    /// What all devices that are there say from now on.
    pub(super) devices: Option<PresenceState>,
    status: Option<Said>,
    hides_last_seen: Option<bool>,
}

impl Wanted {
    pub(super) fn of(request: SetPresenceRequest) -> Result<Self> {
        let mut fields = Fields::default();
        let choice = request.state.map(|state| match state {
            PresenceState::Offline => PresenceChoice::Invisible,
            PresenceState::DoNotDisturb => PresenceChoice::DoNotDisturb,
            PresenceState::Idle | PresenceState::Online => PresenceChoice::Automatic,
        });
        let for_s = request.state_for_s;
        lasts(&mut fields, "state_for_s", for_s);
        if for_s.is_some() && choice.is_none_or(|choice| choice == PresenceChoice::Automatic) {
            let why = "only do_not_disturb and offline are chosen for some time";
            fields.refuse("state_for_s", why);
        }
        let status = request.status.map(|wanted| status(&mut fields, wanted));
        fields.finish()?;
        Ok(Self {
            devices: request
                .state
                .filter(|_| choice == Some(PresenceChoice::Automatic)),
            choice: choice.map(|choice| (choice, for_s)),
            status,
            hides_last_seen: request.hides_last_seen,
        })
    }

    pub(super) fn over(self, held: MyPresence, now: Timestamp) -> MyPresence {
        let until = |s: Option<u32>| s.map(|s| now.plus_ms(i64::from(s) * 1_000));
        let mut mine = held;
        if let Some((choice, for_s)) = self.choice {
            mine.choice = choice;
            mine.choice_until = until(for_s);
        }
        if let Some(Said(status)) = self.status {
            mine.status = status.map(|(status, for_s)| Status {
                until: until(for_s),
                ..status
            });
        }
        mine.hides_last_seen = self.hides_last_seen.unwrap_or(mine.hides_last_seen);
        mine
    }
}

fn lasts(fields: &mut Fields, name: &str, seconds: Option<u32>) {
    if seconds.is_some_and(|s| !limit::PRESENCE_S.contains(&s)) {
        let (least, most) = (limit::PRESENCE_S.start(), limit::PRESENCE_S.end());
        fields.refuse(name, format!("from {least} to {most} seconds"));
    }
}

fn status(fields: &mut Fields, wanted: SetStatus) -> Said {
    let text = fields.take("status.text", validate::status(&wanted.text));
    let emoji = wanted.emoji.filter(|emoji| !emoji.is_empty());
    let emoji = emoji.map(|emoji| {
        let known = reaction::canonical(&emoji).map(str::to_owned);
        fields.take("status.emoji", known.ok_or("that is no emoji"))
    });
    lasts(fields, "status.for_s", wanted.for_s);
    let status = Status {
        text,
        emoji,
        until: None,
    };
    let says = !status.text.is_empty() || status.emoji.is_some();
    Said(says.then_some((status, wanted.for_s)))
}
