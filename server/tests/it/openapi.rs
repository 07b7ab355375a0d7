//! `/openapi.json` tells all that is served, and nothing else.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use erc_server::http;
use reqwest::{Method, StatusCode};
use serde_json::Value;

use super::harness::{Server, request};

const METHODS: [&str; 4] = ["get", "post", "put", "delete"];
/// Pages for people; programs have no use for them.
const PAGES: &[&str] = &[
    "/docs",
    "/redoc",
    "/chat/ws/test",
    "/go/{room}/{message}",
    "/join",
    "/static/{name}",
];

static DOCUMENT: LazyLock<Value> = LazyLock::new(http::document);

/// Every route and method of the router, told by the router itself.
async fn routes(server: &Server) -> BTreeSet<(String, String)> {
    // The router has no list of its routes, but it shows them.
    let shown = format!("{:?}", http::router(server.app.clone()));
    let mut paths: BTreeSet<&str> = BTreeSet::new();
    for part in shown.split("RouteId(").skip(1) {
        let after = part.trim_start_matches(|c: char| c.is_ascii_digit());
        // The fallback is there too, under names of its own.
        if let Some(rest) = after.strip_prefix("): \"")
            && let Some((path, _)) = rest.split_once('"')
            && path != "/"
            && !path.contains("__private")
        {
            paths.insert(path);
        }
    }
    let client = reqwest::Client::new();
    let mut found = BTreeSet::new();
    for path in paths {
        let url = format!("{}{}", server.url, path.replace(['{', '}', '*'], ""));
        let answer = client.patch(url).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::METHOD_NOT_ALLOWED, "{path}");
        let allowed = answer.headers()["allow"].to_str().unwrap().to_lowercase();
        for method in allowed.split(',').map(str::trim).filter(|m| *m != "head") {
            found.insert((path.to_owned(), method.to_owned()));
        }
    }
    found
}

fn told() -> BTreeSet<(String, String)> {
    let paths = DOCUMENT["paths"].as_object().unwrap();
    let operations = paths.iter().flat_map(|(path, operations)| {
        let methods = operations.as_object().unwrap().keys();
        methods.map(|method| (path.clone(), method.clone()))
    });
    operations.collect()
}

#[tokio::test]
async fn every_route_is_told_and_every_told_route_is_there() {
    let server = Server::start().await;
    let mut found = routes(&server).await;
    assert!(found.len() > 30, "{found:?}");
    found.retain(|(path, _)| !PAGES.contains(&path.as_str()));
    assert_eq!(found, told());
}

#[tokio::test]
async fn the_description_is_served_and_everything_in_it_says_something() {
    let server = Server::start().await;
    let (status, document) = request(&server.url, Method::GET, "/openapi.json", None, None).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(document, *DOCUMENT);
    assert_eq!(document["openapi"], "3.1.0");
    let mut ids = BTreeSet::new();
    for (path, method) in told() {
        let operation = &document["paths"][&path][&method];
        let name = format!("{method} {path}");
        assert!(METHODS.contains(&method.as_str()), "{name}");
        assert!(operation["summary"].as_str().unwrap().len() > 5, "{name}");
        assert!(ids.insert(operation["operationId"].to_string()), "{name}");
        let parameters = operation["parameters"].as_array().map_or(0, Vec::len);
        assert!(parameters >= path.matches('{').count(), "{name}");
        let responses = operation["responses"].as_object().unwrap();
        assert!(
            responses.keys().any(|status| status < &"400".to_owned()),
            "{name}"
        );
        for status in ["429", "500", "503"] {
            assert!(responses.contains_key(status), "{name}: {status}");
        }
        if let Some(body) = operation.get("requestBody") {
            let media = body["content"].as_object().unwrap();
            let is_picture = media.keys().all(|media| media.starts_with("image/"));
            let json = &body["content"]["application/json"];
            assert!(is_picture || json["example"].is_object(), "{name}");
        }
    }
    let text = document.to_string();
    for reference in text.split("\"$ref\":\"#").skip(1) {
        let path = reference.split('"').next().unwrap();
        assert!(document.pointer(path).is_some(), "{path} leads nowhere");
    }
    for frames in ["ClientFrame", "ServerFrame"] {
        assert!(document["components"]["schemas"][frames].is_object());
    }
}

/// That an answer is one of those which are told of its route. Called for every answer that any of
/// the tests gets.
pub(crate) fn is_told(method: &Method, path: &str, status: StatusCode, body: &Value) {
    let method = method.as_str().to_lowercase();
    let path = path.split('?').next().unwrap_or_default();
    let Some(operation) = operation(path, &method) else {
        return;
    };
    let response = &operation["responses"][status.as_str()];
    assert!(
        response.is_object(),
        "{method} {path}: {status} is not told; {body}"
    );
    if let Some(code) = body["error"]["code"].as_str() {
        let examples = &response["content"]["application/json"]["examples"];
        assert!(
            examples[code].is_object(),
            "{method} {path}: {code} is not told"
        );
    }
}

/// What is told of a path; one without parameters goes before one with them.
fn operation(path: &str, method: &str) -> Option<&'static Value> {
    let paths = DOCUMENT["paths"].as_object().unwrap();
    let fits = |template: &str| {
        let (mut given, mut parts) = (path.split('/'), template.split('/'));
        loop {
            match (given.next(), parts.next()) {
                (None, None) => return true,
                (Some(given), Some(part)) if part == given || part.starts_with('{') => {}
                _ => return false,
            }
        }
    };
    let mut fitting: Vec<_> = paths
        .iter()
        .filter(|(template, _)| fits(template))
        .collect();
    fitting.sort_by_key(|(template, _)| template.matches('{').count());
    fitting.first()?.1.get(method)
}
