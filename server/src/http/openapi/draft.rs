//! What is told of one operation, gathered from its handler's types.

use erc_protocol::ErrorCode;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::Value;

/// Schemas of what is read and of what is written: what may be left out of a request stands in every
/// answer.
pub(in crate::http) struct Schemas {
    pub(super) read: SchemaGenerator,
    pub(super) written: SchemaGenerator,
}

/// One operation, as far as it is known.
pub(in crate::http) struct Draft<'a> {
    pub(super) schemas: &'a mut Schemas,
    /// It needs an access token.
    pub(super) is_for_somebody: bool,
    /// Schemas of the path's parameters, in their order.
    pub(super) path: Vec<Schema>,
    /// An object whose properties are the query's parameters.
    pub(super) query: Option<Schema>,
    pub(super) body: Option<Body>,
    /// Media types of a body that is no JSON.
    pub(super) bytes: &'static [&'static str],
    pub(super) answers: Vec<(u16, Option<Schema>)>,
    pub(super) errors: Vec<ErrorCode>,
}

/// What a request carries.
pub(super) struct Body {
    pub(super) schema: Schema,
    pub(super) is_required: bool,
    /// It may be a form instead.
    pub(super) or_form: bool,
    /// Whether this would be read.
    pub(super) reads: fn(Value) -> Result<(), String>,
}

impl<'a> Draft<'a> {
    pub(super) fn new(schemas: &'a mut Schemas) -> Self {
        Self {
            schemas,
            is_for_somebody: false,
            path: Vec::new(),
            query: None,
            body: None,
            bytes: &[],
            answers: Vec::new(),
            errors: Vec::new(),
        }
    }

    pub(in crate::http) fn is_for_somebody(&mut self) {
        self.is_for_somebody = true;
        self.fails(&[ErrorCode::InvalidToken, ErrorCode::SessionEnded]);
    }

    pub(in crate::http) fn path_parameter<T: JsonSchema>(&mut self) {
        let schema = self.schemas.read.subschema_for::<T>();
        self.path.push(schema);
        self.fails(&[ErrorCode::NotFound]);
    }

    pub(in crate::http) fn query<T: JsonSchema>(&mut self) {
        self.query = Some(T::json_schema(&mut self.schemas.read));
        self.fails(&[ErrorCode::MalformedRequest]);
    }

    pub(in crate::http) fn body<T>(&mut self, is_required: bool, or_form: bool)
    where
        T: JsonSchema + serde::de::DeserializeOwned,
    {
        self.body = Some(Body {
            schema: self.schemas.read.subschema_for::<T>(),
            is_required,
            or_form,
            reads: |value| {
                let read: Result<T, _> = serde_json::from_value(value);
                read.map(drop).map_err(|error| error.to_string())
            },
        });
        self.fails(&[
            ErrorCode::MalformedJson,
            ErrorCode::MalformedRequest,
            ErrorCode::TooLarge,
            ErrorCode::UnsupportedMediaType,
        ]);
    }

    /// Its body is bytes, of one of these media types.
    pub(in crate::http) fn bytes(&mut self, types: &'static [&'static str]) {
        self.bytes = types;
        self.fails(&[ErrorCode::MalformedRequest, ErrorCode::TooLarge]);
    }

    pub(in crate::http) fn answers<T: JsonSchema>(&mut self, status: u16) {
        let schema = self.schemas.written.subschema_for::<T>();
        self.answers.push((status, Some(schema)));
    }

    pub(in crate::http) fn answers_nothing(&mut self, status: u16) {
        self.answers.push((status, None));
    }

    pub(in crate::http) fn fails(&mut self, codes: &[ErrorCode]) {
        for code in codes {
            if !self.errors.contains(code) {
                self.errors.push(*code);
            }
        }
    }
}
