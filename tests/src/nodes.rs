//! Several real servers on one `PostgreSQL` database and one NATS.

use tempfile::TempDir;

use crate::{nats::NatsServer, network::Link, server::TestServer, sim::database::Database};

/// The nodes, what they share, and the links that each has to the database and to NATS.
pub struct Cluster {
    pub nodes: Vec<TestServer>,
    /// To the database, a node each.
    pub databases: Vec<Link>,
    /// To NATS, a node each.
    pub buses: Vec<Link>,
    pub nats: NatsServer,
    database: Option<Database>,
    _folder: TempDir,
}

impl Cluster {
    /// Starts so many; `None` where `PostgreSQL` (`ERC_TEST_POSTGRES_URL`) or NATS are missing, which
    /// in CI is a failure.
    ///
    /// # Panics
    /// If one doesn't start.
    pub async fn start(count: usize) -> Option<Self> {
        let folder = tempfile::tempdir().expect("the temporary folder takes one more");
        let nats = NatsServer::begin()?;
        let database = Database::make(folder.path(), true)
            .await
            .expect("a database is made");
        if !database.is_postgres() {
            assert!(
                std::env::var("CI").as_deref() != Ok("true"),
                "ERC_TEST_POSTGRES_URL is not set, and in CI nothing may be skipped"
            );
            return None;
        }
        let mut cluster = Self {
            nodes: Vec::new(),
            databases: Vec::new(),
            buses: Vec::new(),
            nats,
            database: Some(database),
            _folder: folder,
        };
        for _ in 0..count {
            cluster.add().await;
        }
        Some(cluster)
    }

    /// One more node.
    async fn add(&mut self) {
        let database = self.database.as_ref().expect("it goes at the end");
        let mut url = reqwest::Url::parse(&database.url).expect("our own URL");
        let link = Link::to(url.port().unwrap_or(5_432)).await;
        url.set_port(Some(link.port())).expect("it has a host");
        let bus = Link::to(self.nats.port()).await;
        let bus_url = format!("nats://127.0.0.1:{}", bus.port());
        let settings = [
            ("ERC_DATABASE_URL", url.as_str()),
            ("ERC_BUS", bus_url.as_str()),
            ("ERC_SECRET_KEY", "the same for all the nodes of a test"),
            ("ERC_REGISTRATION", "open"),
        ];
        self.nodes.push(TestServer::start_with(&settings));
        self.databases.push(link);
        self.buses.push(bus);
    }

    /// Ends the nodes and drops the database.
    ///
    /// # Panics
    /// If somebody else uses it.
    pub async fn end(mut self) {
        self.nodes.clear();
        let database = self.database.take().expect("it is there until here");
        database.drop().await.expect("nobody uses it any more");
    }
}
