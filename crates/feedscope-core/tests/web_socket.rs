//! Tests of the WebSocket message layer.
//!
//! Cases are in `cases/web_socket/*.toml`: frames in, items out, and a named case for each rule. Properties hold for
//! any division of the bytes. Further tests cover compression, and compare the layer with tungstenite's message layer.

#[path = "support/case_files.rs"]
mod case_files;
#[path = "web_socket/cases.rs"]
mod cases;
#[path = "web_socket/compression.rs"]
mod compression;
#[path = "web_socket/item.rs"]
mod item;
#[path = "web_socket/long.rs"]
mod long;
#[path = "support/pieces.rs"]
mod pieces;
#[path = "web_socket/properties.rs"]
mod properties;
#[path = "web_socket/reference.rs"]
mod reference;
#[path = "web_socket/tungstenite_layer.rs"]
mod tungstenite_layer;
#[path = "web_socket/wire.rs"]
mod wire;
