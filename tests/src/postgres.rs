//! PostgreSQL for tests: a fresh database at the server that `ERC_TEST_POSTGRES_URL` names, or a
//! whole server of one's own that can be stopped and started.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use sqlx::{Connection as _, Executor as _, PgConnection};
use tempfile::TempDir;

/// Whether servers of this run keep their data in PostgreSQL (`ERC_TEST_ON=postgres`).
pub fn is_wanted() -> bool {
    std::env::var("ERC_TEST_ON").is_ok_and(|database| database == "postgres")
}

/// The address of a fresh, empty database.
///
/// # Panics
/// If `ERC_TEST_POSTGRES_URL` names no server.
pub fn fresh_database() -> String {
    let admin = std::env::var("ERC_TEST_POSTGRES_URL").expect("ERC_TEST_POSTGRES_URL is set");
    fresh_database_at(&admin)
}

/// The same at this server.
pub fn fresh_database_at(admin: &str) -> String {
    let name = format!("erc_{}", uuid::Uuid::from_u128(rand::random()).simple());
    let (server, _) = admin.rsplit_once('/').expect("an address has a path");
    let url = format!("{server}/{name}");
    let admin = admin.to_owned();
    // Tests that call this have a runtime of their own, or none.
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime can be built");
        runtime.block_on(async {
            let mut conn = PgConnection::connect(&admin)
                .await
                .expect("PostgreSQL runs");
            let create = sqlx::AssertSqlSafe(format!("CREATE DATABASE {name}"));
            conn.execute(create).await.expect("a database can be made");
        });
    })
    .join()
    .expect("the database is made");
    url
}

/// A server of a test's own; dropping it ends it.
pub struct Postgres {
    folder: TempDir,
    programs: PathBuf,
    port: u16,
}

impl Postgres {
    /// Starts one, if this machine has its programs.
    ///
    /// # Panics
    /// With `CI=true`, if it has not.
    pub fn start() -> Option<Self> {
        let Some(programs) = programs() else {
            assert!(
                std::env::var("CI").as_deref() != Ok("true"),
                "in CI nothing may be skipped: PostgreSQL is not installed"
            );
            eprintln!("SKIPPED: PostgreSQL is not installed");
            return None;
        };
        let port = std::net::TcpListener::bind(("127.0.0.1", 0))
            .and_then(|listener| listener.local_addr())
            .expect("a free port")
            .port();
        let server = Self {
            folder: tempfile::tempdir().expect("the temporary folder takes one more"),
            programs,
            port,
        };
        // It refuses to run as root, so root hands its folder to somebody else.
        if is_root() {
            let status = Command::new("chown")
                .arg("nobody")
                .arg(server.folder.path())
                .status();
            assert!(
                status.is_ok_and(|status| status.success()),
                "root may give a folder away"
            );
        }
        server.run(
            "initdb",
            &["-U", "erc", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8"],
        );
        server.resume();
        Some(server)
    }

    /// The address of its own database.
    pub fn url(&self) -> String {
        format!("postgres://erc@127.0.0.1:{}/postgres", self.port)
    }

    /// Ends it at once, as a crash would; connections are refused.
    pub fn stop(&self) {
        self.run("pg_ctl", &["-m", "immediate", "stop"]);
    }

    /// Starts it again.
    pub fn resume(&self) {
        let options = format!(
            "-p {} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off",
            self.port
        );
        let log = self.data().join("log");
        self.run(
            "pg_ctl",
            &["-w", "-l", &log.to_string_lossy(), "-o", &options, "start"],
        );
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn run(&self, program: &str, arguments: &[&str]) {
        let program = self.programs.join(program);
        let mut command = if is_root() {
            let mut command = Command::new("setpriv");
            command
                .args(["--reuid", "nobody", "--regid", "nogroup", "--clear-groups"])
                .arg(program);
            command
        } else {
            Command::new(program)
        };
        let status = command
            .current_dir("/")
            .arg("-D")
            .arg(self.data())
            .args(arguments)
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .status()
            .expect("a program that was found starts");
        assert!(status.success(), "{command:?}");
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        if self.data().join("postmaster.pid").exists() {
            self.stop();
        }
    }
}

fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt as _;
    std::fs::metadata("/proc/self").is_ok_and(|me| me.uid() == 0)
}

/// The newest installed version's.
fn programs() -> Option<PathBuf> {
    let versions = std::fs::read_dir(Path::new("/usr/lib/postgresql")).ok()?;
    versions
        .filter_map(|entry| Some(entry.ok()?.path().join("bin")))
        .filter(|folder| folder.join("initdb").is_file())
        .max()
}
