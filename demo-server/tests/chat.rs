//! Chat feed with its bot.

use std::time::Duration;

use serde_json::Value;

use crate::support::{WebSocket, server, still_server, wait_until};

/// Participant in a room, with the data of its welcome message.
struct Guest {
    socket: WebSocket,
    welcome: Value,
    history: Value,
}

impl Guest {
    fn enter(base: &str, path: &str) -> Self {
        let mut socket = WebSocket::open(base, path);
        let welcome = socket.expect().json();
        let history = socket.expect().json();
        assert_eq!(welcome["type"], "welcome");
        assert_eq!(history["type"], "history");
        Self {
            socket,
            welcome,
            history,
        }
    }

    fn name(&self) -> &str {
        self.welcome["you"].as_str().unwrap()
    }
}

#[test]
fn a_newcomer_is_told_who_they_are_and_what_was_said() {
    let server = server();
    let mut first = Guest::enter(&server.ws_url(), "/chat");
    assert_eq!(first.name(), "guest-1");
    assert_eq!(first.welcome["room"], "lobby");
    assert_eq!(first.welcome["online"], 2);
    assert_eq!(
        first.welcome["members"],
        serde_json::json!(["bot", "guest-1"])
    );
    first.socket.send_text("remember me");
    let said = first.socket.expect_type("message");
    assert_eq!(
        (&said["from"], &said["text"]),
        (&"guest-1".into(), &"remember me".into())
    );
    let second = Guest::enter(&server.ws_url(), "/chat");
    let messages = second.history["messages"].as_array().unwrap();
    assert!(
        messages
            .iter()
            .any(|m| m["text"] == "remember me" && m["seq"] == said["seq"])
    );
    let seqs: Vec<_> = messages
        .iter()
        .map(|m| m["seq"].as_u64().unwrap())
        .collect();
    assert!(seqs.windows(2).all(|two| two[1] == two[0] + 1), "{seqs:?}");
    let join = first.socket.expect_type("join");
    assert_eq!(
        (&join["name"], &join["online"]),
        (&second.welcome["you"], &3.into())
    );
    drop(second);
    assert_eq!(first.socket.expect_type("leave")["online"], 2);
}

#[test]
fn everyone_in_the_room_hears_everything_in_the_same_order() {
    let server = server();
    let mut guests: Vec<Guest> = (0..5)
        .map(|_| Guest::enter(&server.ws_url(), "/chat"))
        .collect();
    for n in 0..20 {
        guests[n % 5].socket.send_text(&format!("line {n}"));
    }
    let heard: Vec<Vec<String>> = guests
        .iter_mut()
        .map(|guest| {
            let mut lines = Vec::new();
            while lines.len() < 20 {
                let message = guest.socket.expect_type("message");
                if message["from"] != "bot" {
                    lines.push(message["text"].as_str().unwrap().to_owned());
                }
            }
            lines
        })
        .collect();
    assert!(heard.iter().all(|lines| *lines == heard[0]), "{heard:?}");
}

#[test]
fn the_bot_answers_every_message_once_and_in_time() {
    const SHORTEST: u64 = 300;
    const LONGEST: u64 = 700;
    let (server, clock) = still_server();
    let mut guest = Guest::enter(&server.ws_url(), "/chat");
    guest.socket.send_text("Hello Server!");
    assert_eq!(guest.socket.expect_type("message")["text"], "Hello Server!");
    let mut thinking = None;
    wait_until("the bot thinks", || {
        thinking = (SHORTEST..=LONGEST)
            .map(Duration::from_millis)
            .find(|time| clock.is_awaited(*time));
        thinking.is_some()
    });
    clock.advance(thinking.unwrap());
    let answer = guest.socket.expect_type("message");
    assert_eq!(answer["from"], "bot");
    assert_eq!(answer["text"], "Hello guest-1, ask me for the time");
    // Each message is answered. While time stands still, no answer arrives.
    for texts in [
        &["what time is it?", "help", "ping", "tell me a joke"][..],
        // If the bot answered its own messages, such answers would precede these.
        &["ping"],
        &["ping"],
    ] {
        for text in texts {
            guest.socket.send_text(text);
        }
        for text in texts {
            let message = guest.socket.expect_type("message");
            assert_eq!(message["from"], "guest-1");
            assert_eq!(message["text"], *text);
        }
        clock.advance(Duration::from_millis(LONGEST));
        for text in texts {
            let message = guest.socket.expect_type("message");
            assert_eq!(message["from"], "bot");
            assert!(*text != "ping" || message["text"] == "pong", "{message}");
        }
    }
}

#[test]
fn names_can_be_changed_but_not_taken() {
    let server = server();
    let mut ada = Guest::enter(&server.ws_url(), "/chat?name=ada");
    assert_eq!(ada.name(), "ada");
    let mut other = Guest::enter(&server.ws_url(), "/chat?name=ADA");
    assert_eq!(other.name(), "guest-2");
    other.socket.send_text("/nick Ada");
    assert!(
        other.socket.expect_type("error")["text"]
            .as_str()
            .unwrap()
            .contains("taken")
    );
    for taken in [
        "bot",
        "Bot",
        "",
        "two words",
        "a-name-that-is-much-too-long",
    ] {
        other
            .socket
            .send_text(&serde_json::json!({"type": "nick", "name": taken}).to_string());
        other.socket.expect_type("error");
    }
    other
        .socket
        .send_text("{\"type\":\"nick\",\"name\":\"Zoë\"}");
    let change = ada.socket.expect_type("nick");
    assert_eq!(
        (&change["from"], &change["to"]),
        (&"guest-2".into(), &"Zoë".into())
    );
    other.socket.send_text("/who");
    let who = other.socket.expect_type("who");
    assert_eq!(who["members"], serde_json::json!(["bot", "Zoë", "ada"]));
}

#[test]
fn rooms_keep_to_themselves() {
    let server = server();
    let mut tea = Guest::enter(&server.ws_url(), "/chat?room=tea");
    let mut lobby = Guest::enter(&server.ws_url(), "/chat");
    assert_eq!(tea.welcome["room"], "tea");
    assert_eq!(tea.history["messages"], serde_json::json!([]));
    lobby.socket.send_text("only for the lobby");
    lobby.socket.expect_type("message");
    lobby.socket.send_text("/join tea");
    let welcome = lobby.socket.expect_type("welcome");
    assert_eq!(
        (&welcome["room"], &welcome["online"]),
        (&"tea".into(), &3.into())
    );
    assert_eq!(tea.socket.expect().json()["type"], "join");
    lobby.socket.send_text("/join no/such");
    lobby.socket.expect_type("error");
}

#[test]
fn what_is_no_message_is_answered_to_its_sender_alone() {
    let server = server();
    let mut guest = Guest::enter(&server.ws_url(), "/chat");
    let mut other = Guest::enter(&server.ws_url(), "/chat");
    guest.socket.expect_type("join");
    for text in ["", "  ", "/dance", "{\"type\":\"fly\"}"] {
        guest.socket.send_text(text);
        assert_eq!(guest.socket.expect().json()["type"], "error", "{text:?}");
    }
    guest.socket.send(0x82, b"\0\x01");
    assert_eq!(guest.socket.expect().json()["type"], "error");
    guest
        .socket
        .send_text("{\"type\":\"message\",\"text\":\"as JSON\"}");
    assert_eq!(other.socket.expect().json()["text"], "as JSON");
}

#[test]
fn somebody_who_never_reads_holds_up_nobody() {
    let server = server();
    let silent = WebSocket::open(&server.ws_url(), "/chat");
    let mut loud = Guest::enter(&server.ws_url(), "/chat");
    let text = "x".repeat(60_000);
    let mut heard = 0;
    // This is much more than the buffers of the sockets and the backlog together can store.
    for _ in 0..400 {
        loud.socket.send_text(&text);
        while loud.socket.expect_type("message")["from"] == "bot" {}
        heard += 1;
    }
    assert_eq!(heard, 400);
    wait_until("it is cut off", || server.clients().len() == 1);
    drop(silent);
}
