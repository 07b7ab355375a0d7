//! `/openapi.json`: what every route takes and answers, made from the routes and their types.

mod described;
pub(super) mod draft;
mod example;
mod operation;

use std::sync::LazyLock;

use axum::body::Bytes;
use axum::http::header;
use axum::response::IntoResponse;
use erc_protocol::ErrorCode;
use erc_protocol::error::ErrorResponse;
use erc_protocol::gateway::{ClientFrame, ServerFrame};
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

pub(super) use described::{Described, Part, Reply};
use draft::{Draft, Schemas};
use example::Examples;
use operation::Told;

use super::route::{Methods, Routes, get};

const SCHEMAS: &str = "/components/schemas";
const ABOUT: &str = include_str!("openapi/about.md");
/// What may happen to every request.
const ALWAYS: &[ErrorCode] = &[
    ErrorCode::RateLimited,
    ErrorCode::Internal,
    ErrorCode::Unavailable,
];

pub(super) fn routes() -> Routes {
    let methods: Methods = get(serve, "This description, as OpenAPI 3.1.");
    Routes::of("Server").route("/openapi.json", methods)
}

/// The description, encoded.
struct Document(Bytes);

impl Reply for Document {
    fn describe(draft: &mut Draft<'_>) {
        draft.answers::<Map<String, Value>>(200);
    }
}

impl IntoResponse for Document {
    fn into_response(self) -> axum::response::Response {
        ([(header::CONTENT_TYPE, "application/json")], self.0).into_response()
    }
}

async fn serve() -> Document {
    static DOCUMENT: LazyLock<Bytes> = LazyLock::new(|| document().to_string().into());
    Document(DOCUMENT.clone())
}

/// What `/openapi.json` holds.
#[must_use]
pub fn document() -> Value {
    let (_, declared) = super::routes().into_parts();
    let mut schemas = Schemas {
        read: settings().into_generator(),
        written: settings().for_serialize().into_generator(),
    };
    let operations: Vec<_> = declared
        .iter()
        .map(|declared| {
            let mut draft = Draft::new(&mut schemas);
            (declared.describe)(&mut draft);
            draft.fails(declared.about.fails);
            draft.fails(ALWAYS);
            let Draft {
                is_for_somebody,
                path,
                query,
                body,
                bytes,
                answers,
                errors,
                ..
            } = draft;
            Told {
                declared,
                is_for_somebody,
                path: path.into_iter().map(Value::from).collect(),
                query: query.map(Value::from),
                body,
                bytes,
                answers: answers
                    .into_iter()
                    .map(|(status, schema)| (status, schema.map(Value::from)))
                    .collect(),
                errors,
            }
        })
        .collect();
    schemas.read.subschema_for::<ClientFrame>();
    schemas.written.subschema_for::<ServerFrame>();
    schemas.written.subschema_for::<ErrorResponse>();
    let mut components = schemas.written.take_definitions(true);
    for (name, schema) in schemas.read.take_definitions(true) {
        let other = components.insert(name.clone(), schema.clone());
        // The names of requests and of answers differ, and what they share is the same.
        debug_assert!(
            other.is_none() || other.as_ref() == Some(&schema),
            "{name} is read otherwise than it is written"
        );
    }
    let examples = Examples(&components);
    let mut paths = Map::new();
    for told in &operations {
        let path = paths.entry(told.declared.path).or_insert_with(|| json!({}));
        path[told.declared.method] = told.operation(&examples);
    }
    let mut document = json!({
        "openapi": "3.1.0",
        "info": {
            "title": "ERC Chat",
            "version": env!("CARGO_PKG_VERSION"),
            "license": { "name": "MIT", "identifier": "MIT" },
            "description": ABOUT,
        },
        "servers": [{ "url": "/", "description": "the server that tells this" }],
        "paths": paths,
        "components": {
            "schemas": components,
            "securitySchemes": { "token": {
                "type": "http",
                "scheme": "bearer",
                "bearerFormat": "JWT",
                "description": "The access token of `POST /auth/login`.",
            } },
        },
    });
    plain(&mut document);
    document
}

fn settings() -> SchemaSettings {
    SchemaSettings::draft2020_12().with(|settings| settings.definitions_path = SCHEMAS.into())
}

/// Takes rustdoc's links out of every text: those who read it have no rustdoc.
fn plain(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                match value {
                    Value::String(text) if name == "description" => *text = unlinked(text),
                    other => plain(other),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(plain),
        _ => {}
    }
}

fn unlinked(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, linked)) = rest.split_once("[`")
        && let Some((path, after)) = linked.split_once("`]")
    {
        let name = path.strip_prefix("crate::").unwrap_or(path);
        let name = name.strip_prefix("Self::").unwrap_or(name);
        plain.extend([before, "`", name.rsplit("::").next().unwrap_or(name), "`"]);
        rest = after;
    }
    plain + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_have_no_links_of_rustdoc() {
        let told = unlinked("as [`crate::sync::Unread`] or [`Self::Text`] says");
        assert_eq!(told, "as `Unread` or `Text` says");
        assert!(!document().to_string().contains("[`"));
    }
}
