//! `erc export`: a room's messages, or everything about oneself, into a file.

use std::{
    io::{self, IsTerminal as _, Write as _},
    path::PathBuf,
    sync::Mutex,
    time::{Duration, Instant},
};

use erc_client_core::{
    Error, Home, SafeText,
    export::{self, ExportFormat, ExportProgress, ExportWish, Exported, Target},
    protocol::Timestamp,
};
use jiff::{civil, tz::TimeZone};

use super::{account, args::Export, failure::Usage, output};

/// Between two words about how far it is.
const OFTEN: Duration = Duration::from_millis(200);

pub(super) async fn run(home: &Home, chosen: Option<&str>, args: Export) -> anyhow::Result<()> {
    let to_stdout = args.output.as_deref() == Some("-");
    if to_stdout && args.json {
        return Err(Usage("--json says what became of a file: name one by -o").into());
    }
    let info = account::choose(home, chosen)?;
    let teller = Teller::new(to_stdout);
    let hear = |progress: ExportProgress| teller.tell(progress);
    let done = if args.me {
        let name = export::file_name(&info.username, &home.today(), "json");
        let target = target(args.output.as_deref(), &format!("erc-{name}"), args.force);
        home.export_personal(&info.key, target, &hear).await
    } else {
        let Some(room) = &args.room else {
            return Err(Usage("which room? or --me for everything about yourself").into());
        };
        let wish = ExportWish {
            format: args.format.into(),
            since: args.since.as_deref().map(moment).transpose()?,
            until: args.until.as_deref().map(moment).transpose()?,
            here: args.here,
        };
        let (output, force) = (args.output, args.force);
        let target = |title: &SafeText| {
            let name = export::file_name(title, &home.today(), wish.format.extension());
            target(output.as_deref(), &name, force)
        };
        // Ctrl-C leaves no half of a file.
        tokio::select! {
            done = home.export_room(&info.key, room, wish, target, &hear) => done,
            _ = tokio::signal::ctrl_c() => Err(Error::Invalid("stopped".to_owned())),
        }
    };
    teller.clear();
    tell(&done?, args.json, to_stdout)
}

fn tell(done: &Exported, as_json: bool, to_stdout: bool) -> anyhow::Result<()> {
    let missing: i64 = done.missing.iter().map(|gap| gap.to - gap.from + 1).sum();
    if !done.from_server {
        output::note(&format!(
            "the server can't be asked: this is from this machine alone, {missing} messages are \
             missing"
        ));
    }
    if as_json {
        output::json(done)?;
    } else if let Some(path) = done.path.as_ref().filter(|_| !to_stdout) {
        output::line(path.as_str())?;
    }
    Ok(())
}

fn target(output: Option<&str>, name: &str, force: bool) -> Target {
    match output {
        Some("-") => Target::Stream(Box::new(io::stdout())),
        Some(path) => Target::File {
            path: PathBuf::from(path),
            force,
        },
        None => Target::File {
            path: PathBuf::from(name),
            force,
        },
    }
}

/// `2026-01-31` (its beginning, here), `2026-01-31T12:00`, or with a zone `2026-01-31T12:00:00Z`.
fn moment(typed: &str) -> anyhow::Result<Timestamp> {
    if let Ok(at) = typed.parse::<jiff::Timestamp>() {
        return Ok(Timestamp(at.as_millisecond()));
    }
    let local = typed
        .parse::<civil::DateTime>()
        .or_else(|_| typed.parse::<civil::Date>().map(civil::DateTime::from));
    let local = local.map_err(|_| Usage("a time is 2026-01-31 or 2026-01-31T12:00"))?;
    let at = TimeZone::system()
        .to_ambiguous_timestamp(local)
        .compatible();
    let at = at.map_err(|_| Usage("there is no such time"))?;
    Ok(Timestamp(at.as_millisecond()))
}

/// Says how far it is, where a person looks.
struct Teller {
    last: Option<Mutex<Instant>>,
}

impl Teller {
    fn new(to_stdout: bool) -> Self {
        let looks = io::stderr().is_terminal() && !(to_stdout && io::stdout().is_terminal());
        Self {
            last: looks.then(|| Mutex::new(Instant::now())),
        }
    }

    fn tell(&self, progress: ExportProgress) {
        let Some(Ok(mut last)) = self.last.as_ref().map(Mutex::lock) else {
            return;
        };
        if last.elapsed() >= OFTEN {
            *last = Instant::now();
            let _ = write!(io::stderr(), "\r{} of {} ", progress.done, progress.of);
        }
    }

    fn clear(&self) {
        if self.last.is_some() {
            let _ = write!(io::stderr(), "\r\x1b[K");
        }
    }
}

impl From<super::args::Format> for ExportFormat {
    fn from(format: super::args::Format) -> Self {
        match format {
            super::args::Format::Html => Self::Html,
            super::args::Format::Markdown => Self::Markdown,
            super::args::Format::Json => Self::Json,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_days_times_or_points_of_the_world_clock() {
        let at = |typed| moment(typed).map(|at| at.0).ok();
        assert_eq!(at("2026-01-31T12:00:00Z"), Some(1_769_860_800_000));
        assert_eq!(at("2026-01-31"), at("2026-01-31T00:00"));
        assert!(at("2026-01-31T12:00").is_some());
        assert!(moment("yesterday").unwrap_err().is::<Usage>());
    }
}
