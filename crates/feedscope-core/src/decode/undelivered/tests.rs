//! Tests of the notes about bytes of an event stream that form no record.

use super::Undelivered;
use crate::NoteCode;
use crate::decode::{EventStreamDecoder, EventStreamItem};

/// Returns the notes of one connection. Each read is decoded as one piece.
fn notes(reads: &[&[u8]]) -> Vec<(&'static str, String)> {
    let mut decoder = EventStreamDecoder::new(1 << 20);
    let mut undelivered = Undelivered::default();
    let mut notes = Vec::new();
    let mut note =
        |code: NoteCode<'static>, text: &str| notes.push((code.as_str(), text.to_owned()));
    for read in reads {
        let mut has_records = false;
        decoder.feed(read, &mut |item: EventStreamItem<'_>| match item {
            EventStreamItem::Ignored { line } => undelivered.ignored_line(line),
            EventStreamItem::NoData { event, id, bytes } => {
                undelivered.event_without_data(event, id, bytes);
            }
            _ => has_records = true,
        });
        undelivered.after_read(has_records, &mut note);
    }
    undelivered.at_end(decoder.unfinished(), &mut note);
    notes
}

fn check(reads: &[&[u8]], expected: &[(&str, &str)]) {
    let notes = notes(reads);
    let notes: Vec<_> = notes
        .iter()
        .map(|(code, text)| (*code, text.as_str()))
        .collect();
    assert_eq!(notes, expected);
}

#[test]
fn a_stream_whose_bytes_all_form_records_has_no_note() {
    check(&[], &[]);
    check(
        &[
            b"\xEF\xBB\xBF: hello\n\nretry: 10\n\n\n",
            b"event: a\nid: 7\ndata: b\n\n",
        ],
        &[],
    );
}

#[test]
fn a_body_of_another_form_is_described_once() {
    const JSON: &str = "ignored 1 line (37 bytes); nothing else has arrived on this connection, and the body looks like \
         a JSON error; the line is not a field of an event stream: {\"error\":{\"message\":\"overloaded, 2\"}}";
    let body = br#"{"error":{"message":"overloaded, 2"}}"#;
    for reads in [
        &[&body[..]][..],
        &[&body[..], b"\n"],
        &[&body[..5], &body[5..]],
    ] {
        check(reads, &[("ignored_lines", JSON)]);
    }
    check(
        &[b"{\"a\":1}\n{\"a\":2}\n"],
        &[(
            "ignored_lines",
            "ignored 2 lines (14 bytes); nothing else has arrived on this connection, and the body looks like JSON \
             lines; the first line is not a field of an event stream: {\"a\":1}",
        )],
    );
}

#[test]
fn beside_records_the_form_is_not_guessed() {
    let expected =
        "ignored 1 line (10 bytes); the line is not a field of an event stream: Data: lost";
    check(
        &[b"data: a\n\n", b"Data: lost\ndata: b\n\n"],
        &[("ignored_lines", expected)],
    );
    check(
        &[b"retry: soon\n"],
        &[(
            "ignored_lines",
            "ignored 1 line (11 bytes); the line is a reconnection time that is not a number: retry: soon",
        )],
    );
    check(
        &[b"id: a\0b\n\n"],
        &[(
            "ignored_lines",
            "ignored 1 line (7 bytes); the line is an id that contains a NUL character: id: a␀b",
        )],
    );
}

#[test]
fn many_lines_cause_few_notes() {
    let reads = vec![&b"{\"n\":1}\n"[..]; 1234];
    let counts: Vec<_> = notes(&reads)
        .into_iter()
        .map(|(_, text)| text.split(" (").next().unwrap_or_default().to_owned())
        .collect();
    assert_eq!(
        counts,
        [
            "ignored 1 line",
            "ignored 10 lines",
            "ignored 100 lines",
            "ignored 1,000 lines",
            "ignored 1,234 lines"
        ]
    );
    let notes = notes(&reads);
    assert!(
        notes[1]
            .1
            .contains(" (70 bytes) so far on this connection;")
    );
    assert!(
        notes[4]
            .1
            .contains(" (8,638 bytes) on this connection in all;")
    );
}

#[test]
fn blocks_without_data_are_reported_with_what_they_set() {
    for (block, expected) in [
        (
            &b"event: ping\n\n"[..],
            "delivered no event for 1 block (11 bytes); the block has the type ping and no data",
        ),
        (
            b"id: 7\n\n",
            "delivered no event for 1 block (5 bytes); the block has an id and no data; the last event ID is now 7",
        ),
        (
            b"id\n\n",
            "delivered no event for 1 block (2 bytes); the block has an id and no data; the last event ID is now empty",
        ),
        (
            b"event: done\nid: 8\n\nevent: done\n\n",
            "delivered no event for 2 blocks (27 bytes); the first block has the type done, an id and no data; the last \
             event ID is now 8",
        ),
        (
            b"event\n\n",
            "delivered no event for 1 block (5 bytes); the block has an empty type and no data",
        ),
    ] {
        check(&[block], &[("event_without_data", expected)]);
        let (start, rest) = block.split_at(4);
        check(&[start, rest], &[("event_without_data", expected)]);
    }
}

#[test]
fn the_block_in_which_a_stream_ends_is_described() {
    const EVENT: &str = "because the blank line that ends an event is missing";
    for (stream, bytes, rest) in [
        (&b"data: the last\n"[..], "14 bytes", "; data: the last"),
        (
            b"data: the last",
            "14 bytes",
            "; a line without its end: data: the last",
        ),
        (
            b"id: 7\nevent: done\ndata: a\ndata: b\nda",
            "32 bytes",
            "; type done; id 7; data: a␊b; a line without its end: da",
        ),
        (b"da", "2 bytes", "; a line without its end: da"),
        (
            b"id: 7\n{\"a",
            "8 bytes",
            "; id 7; a line without its end: {\"a",
        ),
    ] {
        let expected =
            format!("the stream ended inside an event: {bytes} not delivered, {EVENT}{rest}");
        check(&[stream], &[("unfinished_event", &expected)]);
    }
    check(
        &[b": hel"],
        &[(
            "unfinished_event",
            "the stream ended inside a comment: 5 bytes not delivered, because the line has no end: : hel",
        )],
    );
}

#[test]
fn a_last_line_that_cannot_become_a_field_is_an_ignored_line() {
    for line in ["datas", "x", "data x", "Data: x", "iddata: x", " data"] {
        let notes = notes(&[b"data: a\n\n", line.as_bytes()]);
        let codes: Vec<_> = notes.iter().map(|(code, _)| *code).collect();
        assert_eq!(codes, ["ignored_lines"], "{line:?}");
    }
    for line in [
        "d", "data", "data:", "data: x", "retry: 1", "ev", "id:7", ":", ": x",
    ] {
        let notes = notes(&[b"data: a\n\n", line.as_bytes()]);
        let codes: Vec<_> = notes.iter().map(|(code, _)| *code).collect();
        assert_eq!(codes, ["unfinished_event"], "{line:?}");
    }
}
