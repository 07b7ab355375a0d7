//! nginx with the configuration that `deploy/` ships, before one server or several.

use std::{
    net::{TcpListener, TcpStream},
    path::Path,
    process::{Child, Command, Stdio},
};

use tempfile::TempDir;

use crate::{programs::repository, wait::eventually_sync};

/// A running nginx; dropping it ends it.
pub struct Nginx {
    process: Child,
    port: u16,
    folder: TempDir,
}

impl Nginx {
    /// Starts one before the servers at these ports of this machine, and waits until it listens.
    /// Only the certificate, the log's place and the ports are not as shipped. `None` if
    /// `ERC_TEST_NO_NGINX` says that it is missed on purpose.
    ///
    /// # Panics
    /// If it doesn't start.
    pub fn before(servers: &[u16]) -> Option<Self> {
        if std::env::var_os("ERC_TEST_NO_NGINX").is_some() {
            return None;
        }
        let folder = tempfile::tempdir().expect("the temporary folder takes one more");
        let port = TcpListener::bind(("127.0.0.1", 0))
            .and_then(|listener| listener.local_addr())
            .expect("a free port")
            .port();
        let file = folder.path().join("nginx.conf");
        std::fs::write(&file, configuration(folder.path(), port, servers))
            .expect("the folder is ours");
        let process = Command::new("nginx")
            .arg("-c")
            .arg(&file)
            .arg("-e")
            .arg(folder.path().join("error.log"))
            .stdin(Stdio::null())
            .spawn()
            .expect("nginx is installed (scripts/install test)");
        let nginx = Self {
            process,
            port,
            folder,
        };
        eventually_sync("nginx listens", String::new, || {
            TcpStream::connect(("127.0.0.1", port)).ok()
        });
        Some(nginx)
    }

    /// What clients take for the server's address.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// What it wrote of requests.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("access.log")).unwrap_or_default()
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        // The master ends its workers only when it is asked to.
        let _ = Command::new("kill")
            .arg(self.process.id().to_string())
            .status();
        let _ = self.process.wait();
    }
}

fn configuration(folder: &Path, port: u16, servers: &[u16]) -> String {
    let shipped = std::fs::read_to_string(repository().join("deploy/nginx.conf"))
        .expect("it is part of the repository");
    // As the file says to do it for several.
    let group: Vec<_> = servers
        .iter()
        .map(|server| format!("    server 127.0.0.1:{server} max_fails=0;"))
        .collect();
    let group = group.join("\n");
    let ours: String = shipped
        .lines()
        .filter(|line| !line.contains("ssl_certificate"))
        .map(|line| {
            line.replace("listen 443 ssl", &format!("listen 127.0.0.1:{port}"))
                .replace("http://127.0.0.1:8000", "http://erc")
                .replace(
                    "/var/log/nginx/erc.log",
                    &folder.join("access.log").to_string_lossy(),
                )
                + "\n"
        })
        .collect();
    let at = folder.display();
    format!(
        "daemon off; pid {at}/pid; error_log {at}/error.log;\nevents {{}}\nhttp {{\n\
         client_body_temp_path {at}/body; proxy_temp_path {at}/proxy; fastcgi_temp_path {at}/f;\n\
         uwsgi_temp_path {at}/u; scgi_temp_path {at}/s; access_log off;\n\
         upstream erc {{\n{group}\n}}\n{ours}}}\n"
    )
}
