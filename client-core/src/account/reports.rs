//! Reports, and the log of what moderators did: asked of the server; how many wait is told by it.

use erc_protocol::{
    MessageId, Report, ReportId, RoomId, Timestamp, UserId,
    api::{
        audit::{AuditEntry, AuditPage, AuditQuery},
        raid::RaidRequest,
    },
    report::{
        CloseReportRequest, MyReport, ReportKind, ReportList, ReportOutcome, ReportRequest,
        TakeReportRequest,
    },
    validate,
};
use reqwest::Method;

use super::{Account, remote::send};
use crate::{
    SafeText,
    cache::meta,
    error::{Error, Result},
    transport::rest::NOTHING,
    view::{AuditLineView, AuditView, ReportLine, ReportView},
};

impl Account {
    /// Tells those who moderate of a message, or of somebody.
    pub async fn report(
        &self,
        message: Option<MessageId>,
        user: Option<UserId>,
        kind: ReportKind,
        words: &str,
    ) -> Result<()> {
        let request = ReportRequest {
            message_id: message,
            user_id: user,
            kind,
            words: validate::report_words(words).map_err(Error::Invalid)?,
        };
        let _: MyReport = self
            .shared
            .api
            .send(Method::POST, "/chat/reports", Some(&request))
            .await?;
        Ok(())
    }

    /// How many reports wait that this user may look after.
    pub fn reports_waiting(&self) -> Result<i64> {
        self.shared.store.read(meta::reports_waiting)
    }

    /// Until when the doors of the server are closed, as far as this user may know.
    pub fn raid_until(&self) -> Result<Option<Timestamp>> {
        let until = self.shared.store.read(meta::raid_until)?;
        let now = self.shared.clock.now();
        Ok(until.filter(|until| *until > now))
    }

    /// Closes the doors of the server for so many seconds, or opens them.
    pub async fn set_raid(&self, seconds: Option<u32>) -> Result<()> {
        let path = "/server/raid";
        match seconds {
            Some(seconds) => {
                let request = RaidRequest { seconds };
                send(&self.shared, Method::PUT, path, Some(&request)).await
            }
            None => send(&self.shared, Method::DELETE, path, NOTHING).await,
        }
    }

    /// Reports that this user may look after: those that wait, or those that are closed.
    pub async fn reports(&self, closed: bool) -> Result<Vec<ReportView>> {
        let closed = closed.to_string();
        let list: ReportList = self
            .shared
            .api
            .get("/chat/reports", &[("closed", closed)])
            .await?;
        Ok(list.reports.iter().map(view).collect())
    }

    /// Looks after a report from now on, or no longer.
    pub async fn take_report(&self, id: ReportId, taken: bool) -> Result<ReportView> {
        let path = format!("/chat/reports/{id}");
        let request = TakeReportRequest { taken };
        let report: Report = self
            .shared
            .api
            .send(Method::PUT, &path, Some(&request))
            .await?;
        Ok(view(&report))
    }

    /// Carries an outcome out and closes a report. Absent seconds: until it is lifted.
    pub async fn close_report(
        &self,
        id: ReportId,
        outcome: ReportOutcome,
        seconds: Option<u32>,
        note: &str,
    ) -> Result<ReportView> {
        let path = format!("/chat/reports/{id}/close");
        let request = CloseReportRequest {
            outcome,
            seconds,
            note: validate::report_words(note).map_err(Error::Invalid)?,
        };
        let report: Report = self
            .shared
            .api
            .send(Method::POST, &path, Some(&request))
            .await?;
        Ok(view(&report))
    }

    /// What was done in a room, or on the whole server, the latest first.
    pub async fn audit(&self, room: Option<RoomId>, query: AuditQuery) -> Result<AuditView> {
        let path = match room {
            Some(room) => format!("/chat/rooms/{room}/audit"),
            None => "/server/audit".to_owned(),
        };
        let mut asked = Vec::new();
        if let Some(before) = query.before {
            asked.push(("before", before.to_string()));
        }
        if let Some(action) = query.action {
            asked.push(("action", action));
        }
        if let Some(actor) = query.actor_id {
            asked.push(("actor_id", actor.to_string()));
        }
        if let Some(user) = query.user_id {
            asked.push(("user_id", user.to_string()));
        }
        if let Some(limit) = query.limit {
            asked.push(("limit", limit.to_string()));
        }
        let page: AuditPage = self.shared.api.get(&path, &asked).await?;
        Ok(AuditView {
            lines: page.entries.iter().map(line).collect(),
            has_more: page.has_more,
        })
    }
}

fn name(text: Option<&String>) -> Option<SafeText> {
    text.map(|text| SafeText::line(text))
}

fn view(report: &Report) -> ReportView {
    let context = report.context.iter().map(|said| ReportLine {
        sender: SafeText::line(&said.sender_name),
        text: SafeText::block(&said.content),
        at: said.created_at,
        reported: Some(said.message_id) == report.message_id,
    });
    ReportView {
        id: report.id,
        kind: report.kind,
        state: report.state,
        outcome: report.outcome,
        reporter: SafeText::line(&report.reporter_name),
        user_id: report.user_id,
        user: SafeText::line(&report.user_name),
        room_id: report.room_id,
        room: name(report.room_name.as_ref()),
        message_id: report.message_id,
        words: SafeText::block(&report.words),
        context: context.collect(),
        taken_by: name(report.taken_by_name.as_ref()),
        note: SafeText::block(&report.note),
        created_at: report.created_at,
    }
}

fn line(entry: &AuditEntry) -> AuditLineView {
    let details = match entry.details.as_object() {
        Some(details) if details.is_empty() => String::new(),
        _ => entry.details.to_string(),
    };
    AuditLineView {
        id: entry.id,
        at: entry.at,
        actor: name(entry.actor_name.as_ref()),
        action: SafeText::line(&entry.action),
        user: name(entry.user_name.as_ref()),
        room: name(entry.room_name.as_ref()),
        details: SafeText::line(&details),
    }
}
