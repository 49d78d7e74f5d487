//! Shape of JSON values, learned from examples and written as a JSON schema.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

/// Deepest level of objects and arrays that is described.
const DEEPEST: u32 = 8;

/// Number of members of an object that are described.
const MOST_MEMBERS: usize = 256;

/// Types that were found at one place.
#[derive(Debug, Default)]
pub(super) struct Shape {
    /// Names of the simple types.
    simple: BTreeSet<&'static str>,
    members: Option<BTreeMap<String, Shape>>,
    items: Option<Box<Shape>>,
}

impl Shape {
    /// Learns from an example.
    pub(super) fn add(&mut self, value: &Value) {
        self.add_at(value, 0);
    }

    fn add_at(&mut self, value: &Value, depth: u32) {
        match value {
            Value::Null => {}
            Value::Bool(_) => self.add_simple("boolean"),
            Value::Number(number) if number.is_f64() => self.add_simple("number"),
            Value::Number(_) => self.add_simple("integer"),
            Value::String(_) => self.add_simple("string"),
            Value::Array(items) => {
                let of_items = self.items.get_or_insert_default();
                // All elements of an array share one description.
                for item in items.iter().filter(|_| depth < DEEPEST) {
                    of_items.add_at(item, depth + 1);
                }
            }
            Value::Object(members) => {
                let known = self.members.get_or_insert_default();
                for (name, value) in members.iter().filter(|_| depth < DEEPEST) {
                    if known.len() < MOST_MEMBERS || known.contains_key(name) {
                        known
                            .entry(name.clone())
                            .or_default()
                            .add_at(value, depth + 1);
                    }
                }
            }
        }
    }

    fn add_simple(&mut self, name: &'static str) {
        self.simple.insert(name);
    }

    /// Returns the schema of an object of this shape.
    pub(super) fn schema(&self, title: &str) -> Value {
        let mut schema = self.to_schema();
        // Readers refuse a schema that is not that of an object.
        schema["type"] = "object".into();
        if schema.get("properties").is_none() {
            schema["properties"] = json!({});
        }
        schema["title"] = title.into();
        schema
    }

    fn to_schema(&self) -> Value {
        let mut types: Vec<_> = self.simple.iter().copied().collect();
        // A place with both kinds of numbers is that of numbers.
        if types.contains(&"number") {
            types.retain(|name| *name != "integer");
        }
        let mut schema = json!({});
        if let Some(members) = &self.members {
            // Only known members are listed; others are allowed.
            types.push("object");
            let properties = members
                .iter()
                .map(|(name, shape)| (name.clone(), shape.to_schema()));
            schema["properties"] = Value::Object(properties.collect());
        }
        if let Some(items) = &self.items {
            types.push("array");
            schema["items"] = items.to_schema();
        }
        // Readers do not understand several types at one place, so that such a place has none.
        if let [only] = types[..] {
            schema["type"] = only.into();
        }
        schema
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_schema_describes_the_examples() {
        let mut shape = Shape::default();
        for example in [
            json!({"price": 1, "symbol": "A", "book": [[1, 2.5]], "at": null}),
            json!({"price": 1.5, "flag": true, "mixed": 1, "nested": {"deep": []}}),
            json!({"mixed": "x"}),
        ] {
            shape.add(&example);
        }
        let expected = json!({
            "title": "/a/price",
            "type": "object",
            "properties": {
                "at": {},
                "book": {"type": "array", "items": {"type": "array", "items": {"type": "number"}}},
                "flag": {"type": "boolean"},
                "mixed": {},
                "nested": {"type": "object", "properties": {"deep": {"type": "array", "items": {}}}},
                "price": {"type": "number"},
                "symbol": {"type": "string"},
            },
        });
        assert_eq!(shape.schema("/a/price"), expected);
        let empty = json!({"title": "/a/b", "type": "object", "properties": {}});
        assert_eq!(Shape::default().schema("/a/b"), empty);
    }

    #[test]
    fn a_shape_is_bounded() {
        let mut shape = Shape::default();
        for number in 0..1_000 {
            shape.add(&json!({ format!("k{number}"): number }));
        }
        let mut deep = json!(1);
        for _ in 0..100 {
            deep = json!([deep]);
        }
        shape.add(&deep);
        let schema = shape.schema("t");
        assert_eq!(
            schema["properties"].as_object().unwrap().len(),
            MOST_MEMBERS
        );
        assert!(schema.to_string().matches("items").count() <= DEEPEST as usize + 1);
    }
}
