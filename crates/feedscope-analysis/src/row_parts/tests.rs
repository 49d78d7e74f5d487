//! Tests of the parts of payloads that rows show.

use proptest::prelude::*;

use super::*;

/// Returns payloads as rows of this number of characters.
fn rows(payloads: &[String], room: usize) -> Vec<String> {
    let payloads: Vec<&str> = payloads.iter().map(String::as_str).collect();
    let folding = Folding::of(&payloads, room);
    payloads
        .iter()
        .map(|text| folding.text(text, room))
        .collect()
}

fn messages(count: usize) -> Vec<String> {
    let words = [
        "Hello ada, ask me for the time",
        "a joke, please",
        "I heard you, ada",
    ];
    let message = |n: usize| {
        let from = ["bot", "ada"][n % 2];
        format!(
            r#"{{"type":"message","from":"{from}","text":"{} {n}","seq":{n}}}"#,
            words[n % 3]
        )
    };
    (0..count).map(message).collect()
}

#[test]
fn an_equal_beginning_is_left_out_where_a_token_starts() {
    let price = |n: usize| format!(r#"{{"type":"ticker","symbol":"ACME","price":{n}}}"#);
    let ticks: Vec<String> = (101..107).map(price).collect();
    assert_eq!(rows(&ticks, 40)[0], "…101}");
    // The brackets and commas within a string are no tokens.
    let texts: Vec<String> = ["b", "c", "d", "e"]
        .map(|it| format!(r#"{{"a":1,"text":"one, {{two: {it}"}}"#))
        .into();
    assert_eq!(rows(&texts, 40)[1], r#"{"a":1,"text":"one, {two: c"}"#);
    let lines: Vec<String> = ["a", "b", "c", "d"]
        .map(|it| format!("INFO request served path=/{it}"))
        .into();
    assert_eq!(rows(&lines, 40)[1], "…/b");
}

#[test]
fn a_short_beginning_is_shown() {
    let ticks: Vec<String> = (0..6).map(|n| format!(r#"{{"price":{n}}}"#)).collect();
    assert_eq!(rows(&ticks, 40)[3], ticks[3]);
}

#[test]
fn two_speakers_show_their_names_and_their_texts() {
    let chat = rows(&messages(12), 37);
    assert_eq!(
        chat[0],
        r#"…"bot","text":"Hello ada, ask me for the time 0"#
            .chars()
            .take(37)
            .collect::<String>()
    );
    // Messages of other types need the type, so that the equal parts behind it give way.
    let mut mixed = messages(12);
    for n in 0..4 {
        mixed.push(format!(
            r#"{{"type":"join","room":"lobby","name":"guest {n}","online":{n}}}"#
        ));
    }
    let mixed = rows(&mixed, 37);
    assert_eq!(mixed[0], r#"…"message"…"bot"…"Hello ada, ask me f"#);
    assert_eq!(mixed[14], r#"…"join"…"guest 2"…2}"#);
}

#[test]
fn the_first_two_messages_show_their_texts() {
    let mut chat = messages(2);
    chat.push(r#"{"type":"welcome","room":"lobby","you":"guest-1","online":1}"#.to_owned());
    chat.push("Hello Server!".to_owned());
    let shown = rows(&chat, 37);
    assert_eq!(shown[0], r#"…"message"…"bot"…"Hello ada, ask me f"#);
    assert!(
        shown[1].starts_with(r#"…"message"…"ada"…"a joke, please 1"#),
        "{}",
        shown[1]
    );
    assert_eq!(shown[2], r#"{"type":"welcome","room":"lobby","you"#);
}

#[test]
fn messages_that_the_user_sent_change_nothing() {
    let mut chat = messages(8);
    chat.extend(["Hello Server!", "what time is it?", "ping", "a joke"].map(str::to_owned));
    let shown = rows(&chat, 37);
    assert!(
        shown[1].starts_with(r#"…"ada","text":"a joke"#),
        "{}",
        shown[1]
    );
    assert_eq!(shown[9], "what time is it?");
}

#[test]
fn identifiers_and_times_give_way_to_values_that_differ() {
    let delta = |n: usize| {
        let (event, part) = (n * 7_919, ["Hel", "lo", " wo", "rld"][n % 4]);
        format!(
            r#"{{"type":"delta","event_id":"event_E6U11{event:012}","item_id":"item_1","delta":"{part}"}}"#
        )
    };
    let deltas: Vec<String> = (0..8).map(delta).collect();
    assert_eq!(rows(&deltas, 24)[0], r#"…"Hel"}"#);
}

#[test]
fn the_text_of_a_chat_with_tags_is_in_sight_in_any_width() {
    let texts = ["hi", "Kreygasm", "LULW", "PLAY MARBLES", "OMEGALUL"];
    let line = |n: usize| {
        format!(
            "@badge-info=subscriber/{n};badges=subscriber/{n},premium/1;color=#{:06X};display-name=viewer{n};flags=;\
             id=cf8352ea-faa1-4797-9a3b-685c7afc{n:04};room-id=71092938;tmi-sent-ts=15685056006{n:02};user-type= \
             :viewer{n}!viewer{n}@viewer{n}.tmi.twitch.tv PRIVMSG #xqcow :{}",
            n * 9_999,
            texts[n % 5]
        )
    };
    let chat: Vec<String> = (0..20).map(line).collect();
    for room in [37, 80, 135] {
        for (n, row) in rows(&chat, room).iter().enumerate() {
            assert!(row.contains(texts[n % 5]), "{room}: {row}");
            assert!(row.contains(&format!("viewer{n}")), "{room}: {row}");
        }
    }
}

#[test]
fn rows_of_two_shapes_do_not_become_equal() {
    let payloads: Vec<String> = (0..12)
        .map(|n| {
            format!(
                r#"{{"{}":{}}}"#,
                ["the temperature inside", "the temperature outside"][n % 2],
                n / 2
            )
        })
        .collect();
    let shown = rows(&payloads, 40);
    let mut distinct = shown.clone();
    distinct.sort();
    distinct.dedup();
    assert_eq!(distinct.len(), 12, "{shown:?}");
}

#[test]
fn equal_payloads_and_few_payloads_are_shown_as_they_are() {
    let equal = vec!["heartbeat of the server number 1".to_owned(); 8];
    assert_eq!(rows(&equal, 60), equal);
    let few = messages(3);
    assert_eq!(rows(&few, 200), few);
    assert!(Folding::of(&[], 40).is_empty());
}

#[test]
fn a_different_payload_shows_what_differs() {
    let mut ticks: Vec<String> = (10..22)
        .map(|n| format!(r#"{{"kind":"tick","symbol":"ACME","price":{n}}}"#))
        .collect();
    ticks.push(r#"{"kind":"tick","symbol":"ACNE","price":9}"#.to_owned());
    let shown = rows(&ticks, 50);
    assert_eq!(shown[0], "…10}");
    assert_eq!(shown[12], ticks[12]);
}

#[test]
fn a_folding_stays_while_it_distinguishes_the_rows() {
    let first = messages(12);
    let texts = |all: &[String]| all.to_vec();
    let folding = Folding::of(&first.iter().map(String::as_str).collect::<Vec<_>>(), 37);
    let suits = |payloads: Vec<String>, room: usize| {
        folding.suits(
            &payloads.iter().map(String::as_str).collect::<Vec<_>>(),
            room,
        )
    };
    assert!(suits(texts(&first[1..]), 37));
    assert!(suits(messages(20).split_off(8), 38));
    assert!(!suits(texts(&first), 80), "the rows are wider");
    assert!(!suits(messages(24), 37), "many more rows");
    let others = (0..12)
        .map(|n| format!(r#"{{"a long key of another feed":1,"x":{n}}}"#))
        .collect();
    assert!(!suits(others, 37), "other payloads");
}

proptest! {
    #[test]
    fn shown_parts_are_in_order_and_never_empty(
        payloads in proptest::collection::vec(
            r#"\{"type":"(a|b)","id":[0-9]{1,12},"text":"[a-cé ]{0,20}"(,"x":\[1?\])?\}|[a-z =;]{1,40}"#, 1..24),
        room in 1_usize..80,
    ) {
        let texts: Vec<&str> = payloads.iter().map(String::as_str).collect();
        let folding = Folding::of(&texts, room);
        for text in &texts {
            let parts = folding.shown(text, room);
            prop_assert!(!parts.is_empty());
            let mut end = 0;
            for (n, part) in parts.iter().enumerate() {
                prop_assert!(part.start >= end && (n == 0 || part.start > end), "{parts:?}");
                prop_assert!(text.is_char_boundary(part.start) && text.is_char_boundary(part.end));
                end = part.end;
            }
            prop_assert!(parts.iter().any(|part| !part.is_empty()), "{text} {parts:?}");
        }
    }
}
