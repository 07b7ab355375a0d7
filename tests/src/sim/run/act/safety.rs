//! Reports, filters, and looking after them.

use erc_client_core::{Error, view::MessageView};
use erc_protocol::{
    filter::{FilterAction, FilterKind},
    report::{ReportKind, ReportOutcome},
};

use super::{REQUEST, newest};
use crate::sim::run::Sim;

impl Sim<'_> {
    pub(super) async fn report(&mut self, device: usize, room: usize, pick: usize) {
        let (number, room) = (self.number(device), self.room(room));
        let Some(account) = self.devices[number].account() else {
            return;
        };
        let is_theirs = |message: &MessageView| message.message_id.is_some() && !message.own;
        let some = newest(&account, room, is_theirs);
        let Some(id) = some.get(pick).and_then(|message| message.message_id) else {
            return;
        };
        let reporting = async move {
            account
                .report(Some(id), None, ReportKind::Spam, "look")
                .await
        };
        if let Some(Ok(())) = self.devices[number].call(REQUEST, reporting).await {
            self.tally.count("reports");
        }
    }

    pub(super) async fn filter(
        &mut self,
        device: usize,
        room: usize,
        filter: Option<FilterAction>,
    ) {
        let (number, room) = (self.number(device), Some(self.room(room)));
        let Some(account) = self.devices[number].account() else {
            return;
        };
        let filtering = async move {
            match filter {
                Some(action) => {
                    let pattern = match action {
                        FilterAction::Refuse => "7$",
                        _ => "3$",
                    };
                    account
                        .add_filter(room, FilterKind::Pattern, pattern, action)
                        .await
                }
                None => match account.filters(room).await?.first() {
                    Some(first) => account.remove_filter(room, first.id).await,
                    None => Ok(()),
                },
            }
        };
        if let Some(Ok(())) = self.devices[number].call(REQUEST, filtering).await {
            self.tally.count("filters");
        }
    }

    pub(super) async fn close_report(&mut self, device: usize) {
        let number = self.number(device);
        let Some(account) = self.devices[number].account() else {
            return;
        };
        let closing = async move {
            let queue = account.reports(false).await?;
            let Some(first) = queue.first() else {
                return Ok(false);
            };
            let outcome = ReportOutcome::Nothing;
            account.close_report(first.id, outcome, None, "").await?;
            Ok::<_, Error>(true)
        };
        if let Some(Ok(true)) = self.devices[number].call(REQUEST, closing).await {
            self.tally.count("reports closed");
        }
    }
}
