//! One operation of the description: its parameters, its body, its answers and its errors.

use erc_protocol::error::ErrorResponse;
use erc_protocol::{ErrorBody, ErrorCode};
use serde_json::{Map, Value, json};

use super::draft::Body;
use super::example::{self, Examples};
use crate::http::route::{Cost, Declared};

/// One operation, without what borrows the schemas.
pub(super) struct Told<'a> {
    pub(super) declared: &'a Declared,
    pub(super) is_for_somebody: bool,
    pub(super) path: Vec<Value>,
    pub(super) query: Option<Value>,
    pub(super) body: Option<Body>,
    pub(super) bytes: &'static [&'static str],
    pub(super) answers: Vec<(u16, Option<Value>)>,
    pub(super) errors: Vec<ErrorCode>,
}

impl Told<'_> {
    pub(super) fn operation(&self, examples: &Examples<'_>) -> Value {
        let (summary, more) = match self.declared.about.text.split_once("\n\n") {
            Some((summary, more)) => (summary, Some(more)),
            None => (self.declared.about.text, None),
        };
        let mut operation = json!({
            "operationId": operation_id(self.declared),
            "tags": [self.declared.group],
            "summary": summary,
            "security": if self.is_for_somebody { json!([{ "token": [] }]) } else { json!([]) },
            "responses": self.responses(examples),
        });
        if self.is_for_somebody {
            let Cost(kind) = self.declared.cost();
            operation["x-counted-as"] = kind.name().into();
        }
        if let Some(more) = more {
            operation["description"] = more.into();
        }
        let parameters = self.parameters(examples);
        if !parameters.is_empty() {
            operation["parameters"] = parameters.into();
        }
        if let Some(body) = &self.body {
            operation["requestBody"] = request_body(body, examples);
        }
        if !self.bytes.is_empty() {
            let types = self
                .bytes
                .iter()
                .map(|media| ((*media).to_owned(), json!({})));
            let content: Map<_, _> = types.collect();
            operation["requestBody"] = json!({ "required": true, "content": content });
        }
        operation
    }

    fn parameters(&self, examples: &Examples<'_>) -> Vec<Value> {
        let names = self.declared.path.split('/').filter_map(|part| {
            let inner = part.strip_prefix('{')?.strip_suffix('}')?;
            Some(inner.trim_start_matches('*'))
        });
        let mut parameters: Vec<_> = names
            .zip(&self.path)
            .map(|(name, schema)| {
                json!({
                    "name": name, "in": "path", "required": true, "schema": schema,
                    "example": examples.of(name, schema),
                })
            })
            .collect();
        for (name, text) in self.declared.about.query {
            parameters.push(json!({
                "name": name, "in": "query", "required": false, "description": text,
                "schema": { "type": "string" },
            }));
        }
        let fields = self.query.as_ref().and_then(|query| query.as_object());
        let properties = fields.and_then(|fields| fields.get("properties")?.as_object());
        let required = fields.and_then(|fields| fields.get("required")?.as_array());
        for (name, schema) in properties.into_iter().flatten() {
            let is_required = required.is_some_and(|names| names.iter().any(|n| n == name));
            let mut parameter = json!({
                "name": name, "in": "query", "required": is_required,
                "schema": without_null(schema),
            });
            if let Some(text) = schema.get("description") {
                parameter["description"] = text.clone();
            }
            parameters.push(parameter);
        }
        parameters
    }

    fn responses(&self, examples: &Examples<'_>) -> Value {
        let mut responses = Map::new();
        for (status, schema) in &self.answers {
            let mut response = json!({ "description": meaning(*status) });
            if let Some(schema) = schema {
                response["content"]["application/json"] =
                    json!({ "schema": schema, "example": examples.of("", schema) });
            }
            responses.insert(status.to_string(), response);
        }
        for (status, media, when) in self.declared.about.answers {
            let response = responses
                .entry(status.to_string())
                .or_insert_with(|| json!({ "description": when }));
            if !media.is_empty() {
                response["content"][*media] = json!({});
            }
        }
        let mut statuses: Vec<u16> = self.errors.iter().map(|code| code.status()).collect();
        statuses.sort_unstable();
        statuses.dedup();
        for status in statuses {
            let codes = self.errors.iter().filter(|code| code.status() == status);
            let error = errors(codes.copied());
            let Some(other) = responses.get_mut(&status.to_string()) else {
                responses.insert(status.to_string(), error);
                continue;
            };
            let (ours, theirs) = ("/content/application~1json/schema", "schema");
            let also = error.pointer(ours).cloned().unwrap_or_default();
            let content = &mut other["content"]["application/json"];
            content[theirs] = json!({ "anyOf": [content[theirs], also] });
        }
        responses.into()
    }
}

fn operation_id(declared: &Declared) -> String {
    let words = declared.path.split(['/', '.']);
    let words = words.map(|word| word.trim_matches(['{', '}']));
    words
        .filter(|word| !word.is_empty())
        .fold(declared.method.to_owned(), |id, word| id + "_" + word)
}

fn request_body(body: &Body, examples: &Examples<'_>) -> Value {
    let schema = Value::from(body.schema.clone());
    let example = examples.of("", &schema);
    debug_assert_eq!((body.reads)(example.clone()), Ok(()), "{example}");
    let content = json!({ "schema": schema, "example": example });
    let mut told = json!({
        "required": body.is_required,
        "content": { "application/json": content },
    });
    if body.or_form {
        told["content"]["application/x-www-form-urlencoded"] = content;
    }
    told
}

/// The answer to those who make one of these errors.
fn errors(codes: impl Iterator<Item = ErrorCode>) -> Value {
    let mut words = Vec::new();
    let mut shown = Map::new();
    let mut status = 0;
    for code in codes {
        status = code.status();
        let mut body = ErrorBody::new(code, example::sentence(code));
        body.retry_after = matches!(
            code,
            ErrorCode::RateLimited | ErrorCode::SlowMode | ErrorCode::Unavailable
        )
        .then_some(3);
        let word = code.to_string();
        shown.insert(
            word.clone(),
            json!({ "value": ErrorResponse { error: body } }),
        );
        words.push(word);
    }
    let mut response = json!({
        "description": words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", "),
        "content": { "application/json": {
            "schema": {
                "$ref": format!("#{}/ErrorResponse", super::SCHEMAS),
                "properties": { "error": { "properties": { "code": { "enum": words } } } },
            },
            "examples": shown,
        } },
    });
    if matches!(status, 429 | 503) {
        response["headers"]["Retry-After"] = json!({
            "description": "Seconds until it is worth trying again; `retry_after` is the same.",
            "schema": { "type": "integer", "minimum": 0 },
        });
    }
    response
}

const fn meaning(status: u16) -> &'static str {
    match status {
        201 => "It is made.",
        204 => "It is done; there is no body.",
        503 => "It can't serve just now.",
        _ => "The answer.",
    }
}

/// A parameter that is absent is not there; it is never null.
fn without_null(schema: &Value) -> Value {
    let mut schema = schema.clone();
    if let Some(kinds) = schema["type"].as_array() {
        let mut kinds: Vec<_> = kinds
            .iter()
            .filter(|kind| *kind != "null")
            .cloned()
            .collect();
        if kinds.len() == 1 {
            schema["type"] = kinds.remove(0);
        }
    }
    if let Some(any) = schema["anyOf"].as_array()
        && let Some(one) = any.iter().find(|one| one["type"] != "null")
    {
        let one = one.clone();
        schema.as_object_mut().map(|fields| fields.remove("anyOf"));
        for (name, value) in one.as_object().into_iter().flatten() {
            schema[name] = value.clone();
        }
    }
    if let Some(fields) = schema.as_object_mut() {
        fields.remove("description");
        if fields.get("default") == Some(&Value::Null) {
            fields.remove("default");
        }
    }
    schema
}
