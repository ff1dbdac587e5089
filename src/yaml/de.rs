//! A node as a `serde` deserializer, and the one way from a node to a checked value.

use std::fmt;

use schemars::{JsonSchema, generate::SchemaSettings};
use serde::{
    Deserializer,
    de::{
        self, DeserializeOwned, DeserializeSeed, EnumAccess, Expected, IntoDeserializer, MapAccess,
        SeqAccess, Unexpected, VariantAccess, Visitor, value::BorrowedStrDeserializer,
    },
    forward_to_deserialize_any,
};

use super::{
    check::{Gaps, check},
    node::{Key, Node, Value},
    phrase, spanned,
};
use crate::diagnostic::{Diagnostic, Span};

/// The JSON Schema of a type, draft 2020-12.
pub fn schema_of<T: JsonSchema>() -> serde_json::Value {
    SchemaSettings::draft2020_12().into_generator().into_root_schema_for::<T>().to_value()
}

/// Holds `node` against the schema of `T` and makes a `T` of it.
pub fn read<T: DeserializeOwned + JsonSchema>(
    node: &Node,
    text: &str,
) -> Result<T, Vec<Diagnostic>> {
    let found = check(&schema_of::<T>(), node, text, Gaps::default());
    if found.is_empty() { decode(node, text).map_err(|one| vec![one]) } else { Err(found) }
}

/// Makes a `T` of a node that was held against the schema before; what is still wrong is what a
/// schema cannot say.
pub fn decode<T: DeserializeOwned>(node: &Node, text: &str) -> Result<T, Diagnostic> {
    T::deserialize(node).map_err(|error| error.at(node).into_diagnostic(node, text))
}

/// Why a node is not what a type wants.
#[derive(Debug)]
pub struct Error {
    what: What,
    /// The place of the innermost value concerned.
    span: Option<Span>,
    /// The key of that value.
    key: Option<String>,
}

#[derive(Debug)]
enum What {
    /// It must be this.
    Wanted(String),
    /// Something else is wrong.
    Custom(String),
}

impl Error {
    /// Names the place, unless a place inside it is named already.
    fn at(mut self, node: &Node) -> Self {
        if self.span.is_none() {
            self.span = Some(node.span);
            if matches!(&self.what, What::Custom(message) if reveals(node, message)) {
                self.what = What::Custom("what `${..}` gives is not accepted here".to_owned());
            }
        }
        self
    }

    fn of_key(mut self, key: &Key) -> Self {
        self.key.get_or_insert_with(|| key.name.clone());
        self
    }

    fn into_diagnostic(self, root: &Node, text: &str) -> Diagnostic {
        let span = self.span.unwrap_or(root.span);
        let name = self.key.map(|key| format!("`{key}`"));
        let message = match self.what {
            What::Custom(message) => match name {
                Some(name) => format!("{name}: {message}"),
                None => message,
            },
            What::Wanted(wanted) => {
                let written = Node::new(Value::Null, span);
                let written = phrase::written(text, &written);
                let name = name.as_deref().unwrap_or("this");
                format!("{name} must be {wanted}, not `{written}`")
            }
        };
        Diagnostic::new(span, message)
    }
}

/// Whether a message would show what `${..}` gave.
fn reveals(node: &Node, message: &str) -> bool {
    match &node.value {
        Value::Str(text) if node.interpolated && !text.is_empty() => {
            let escaped = format!("{text:?}");
            message.contains(text) || message.contains(&escaped[1..escaped.len() - 1])
        }
        Value::List(items) => items.iter().any(|item| reveals(item, message)),
        Value::Map(entries) => entries.iter().any(|(_, value)| reveals(value, message)),
        _ => false,
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.what {
            What::Wanted(wanted) => write!(f, "must be {wanted}"),
            What::Custom(message) => f.write_str(message),
        }
    }
}

impl std::error::Error for Error {}

impl de::Error for Error {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Error { what: What::Custom(message.to_string()), span: None, key: None }
    }

    // What was found is told from the text, not from the value.
    fn invalid_type(_: Unexpected<'_>, wanted: &dyn Expected) -> Self {
        Error { what: What::Wanted(wanted.to_string()), span: None, key: None }
    }

    fn invalid_value(_: Unexpected<'_>, wanted: &dyn Expected) -> Self {
        Error { what: What::Wanted(wanted.to_string()), span: None, key: None }
    }

    fn unknown_variant(_: &str, expected: &'static [&'static str]) -> Self {
        let words: Vec<String> = expected.iter().map(|word| format!("`{word}`")).collect();
        Error { what: What::Wanted(phrase::either(&words)), span: None, key: None }
    }
}

impl Node {
    fn visit<'de, V: Visitor<'de>>(&'de self, visitor: V) -> Result<V::Value, Error> {
        match &self.value {
            Value::Str(text) => visitor.visit_borrowed_str(text),
            Value::List(items) => visitor.visit_seq(Items(items.iter())),
            Value::Map(entries) => visitor.visit_map(Entries::new(entries)),
            scalar => visit_scalar(scalar, visitor),
        }
        .map_err(|error| error.at(self))
    }

    /// A number, or `true` or `false`, is wanted.
    fn visit_typed<'de, V: Visitor<'de>>(&'de self, visitor: V) -> Result<V::Value, Error> {
        match self.typed() {
            Value::Str(_) | Value::List(_) | Value::Map(_) => self.visit(visitor),
            scalar => visit_scalar(&scalar, visitor).map_err(|error| error.at(self)),
        }
    }
}

fn visit_scalar<'de, V: Visitor<'de>>(scalar: &Value, visitor: V) -> Result<V::Value, Error> {
    match *scalar {
        Value::Bool(flag) => visitor.visit_bool(flag),
        Value::Float(number) => visitor.visit_f64(number),
        Value::Int(number) => match (u64::try_from(number), i64::try_from(number)) {
            (Ok(number), _) => visitor.visit_u64(number),
            (_, Ok(number)) => visitor.visit_i64(number),
            _ => visitor.visit_i128(number),
        },
        _ => visitor.visit_unit(),
    }
}

macro_rules! typed {
    ($($method:ident)*) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
            self.visit_typed(visitor)
        })*
    };
}

impl<'de> Deserializer<'de> for &'de Node {
    type Error = Error;

    typed! {
        deserialize_bool deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64
        deserialize_i128 deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64
        deserialize_u128 deserialize_f32 deserialize_f64 deserialize_unit
    }

    forward_to_deserialize_any! {
        char str string bytes byte_buf seq tuple tuple_struct map identifier unit_struct
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.visit(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.value {
            Value::Null => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        match name {
            spanned::STRUCT => visitor.visit_map(Parts::new(self.span, self)),
            _ => self.visit(visitor),
        }
        .map_err(|error| error.at(self))
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        match &self.value {
            Value::Str(text) => visitor.visit_enum(BorrowedStrDeserializer::new(text)),
            Value::Map(entries) if entries.len() == 1 => {
                visitor.visit_enum(Variant { key: &entries[0].0, value: &entries[0].1 })
            }
            _ => Err(de::Error::custom("one word, or a mapping with one key, is wanted here")),
        }
        .map_err(|error: Error| error.at(self))
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_unit()
    }
}

struct Items<'de>(std::slice::Iter<'de, Node>);

impl<'de> SeqAccess<'de> for Items<'de> {
    type Error = Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Error> {
        let Some(node) = self.0.next() else { return Ok(None) };
        seed.deserialize(node).map(Some).map_err(|error| error.at(node))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.0.len())
    }
}

struct Entries<'de> {
    rest: std::slice::Iter<'de, (Key, Node)>,
    current: Option<&'de (Key, Node)>,
}

impl<'de> Entries<'de> {
    fn new(entries: &'de [(Key, Node)]) -> Self {
        Entries { rest: entries.iter(), current: None }
    }
}

impl<'de> MapAccess<'de> for Entries<'de> {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Error> {
        self.current = self.rest.next();
        let Some((key, _)) = self.current else { return Ok(None) };
        seed.deserialize(key)
            .map(Some)
            .map_err(|error| Error { span: error.span.or(Some(key.span)), ..error })
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Error> {
        let Some((key, node)) = self.current.take() else {
            return Err(de::Error::custom("a value is asked for before its key"));
        };
        seed.deserialize(node).map_err(|error| error.at(node).of_key(key))
    }
}

impl<'de> Deserializer<'de> for &'de Key {
    type Error = Error;

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit
        unit_struct seq tuple tuple_struct map identifier ignored_any
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_borrowed_str(&self.name)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        match name {
            spanned::STRUCT => visitor.visit_map(Parts::new(self.span, self)),
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_enum(BorrowedStrDeserializer::new(&self.name))
    }
}

/// What [`super::Spanned`] asks for: start, end and the value itself.
struct Parts<D> {
    span: Span,
    next: usize,
    value: Option<D>,
}

impl<D> Parts<D> {
    fn new(span: Span, value: D) -> Self {
        Parts { span, next: 0, value: Some(value) }
    }
}

impl<'de, D: Deserializer<'de, Error = Error>> MapAccess<'de> for Parts<D> {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Error> {
        let Some(name) = spanned::FIELDS.get(self.next) else { return Ok(None) };
        self.next += 1;
        seed.deserialize(BorrowedStrDeserializer::new(name)).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Error> {
        match (self.next, self.value.take()) {
            (1, value) => {
                self.value = value;
                seed.deserialize(self.span.start.into_deserializer())
            }
            (2, value) => {
                self.value = value;
                seed.deserialize(self.span.end.into_deserializer())
            }
            (_, Some(value)) => seed.deserialize(value),
            (_, None) => Err(de::Error::custom("a value is asked for twice")),
        }
    }
}

/// `KEY: value` as a variant of an enum.
struct Variant<'de> {
    key: &'de Key,
    value: &'de Node,
}

impl<'de> EnumAccess<'de> for Variant<'de> {
    type Error = Error;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self), Error> {
        let variant = seed
            .deserialize(self.key)
            .map_err(|error| Error { span: error.span.or(Some(self.key.span)), ..error })?;
        Ok((variant, self))
    }
}

impl<'de> VariantAccess<'de> for Variant<'de> {
    type Error = Error;

    fn unit_variant(self) -> Result<(), Error> {
        match self.value.value {
            Value::Null => Ok(()),
            _ => {
                Err(Error::at(de::Error::custom("this word has no value"), self.value)
                    .of_key(self.key))
            }
        }
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Error> {
        seed.deserialize(self.value).map_err(|error| error.at(self.value).of_key(self.key))
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Error> {
        self.value.visit(visitor).map_err(|error| error.of_key(self.key))
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.value.visit(visitor).map_err(|error| error.of_key(self.key))
    }
}
