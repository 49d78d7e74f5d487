//! Tests of the pass that reads a store with a lens.

use std::sync::Arc;

use feedscope_core::ConnectionState;
use feedscope_core::connection::StateChange;
use feedscope_core::record::{Direction, Kind, Record, Sink as _};
use feedscope_core::store::{ClassSet, DEFAULT_BUDGET_BYTES, RowNumber, Store, StoreWriter};
use feedscope_core::time::{Moment, Stamp, Timestamp};

use super::*;
use crate::decoders::Chain;
use crate::density::{Density, WantedParts};
use crate::errors::{Towards, next_error};
use crate::filter::{Filter, ParseContext, Scan};
use crate::listing::Listing;

const OUT: Direction = Direction::Out;
const IN: Direction = Direction::In;

/// Feed whose records arrive at intervals of 10 ms.
struct Feed {
    writer: StoreWriter,
    store: Store,
    millis: u64,
}

impl Feed {
    fn new() -> Self {
        let (writer, store) = Store::new(DEFAULT_BUDGET_BYTES);
        Self {
            writer,
            store,
            millis: 0,
        }
    }

    fn push(&mut self, kind: Kind<'_>) {
        self.millis += 10;
        let moment = Moment::from_millis(self.millis);
        let utc = Timestamp::default();
        self.writer.push(&Record {
            stamp: Stamp { moment, utc },
            connection: 1,
            kind,
        });
    }

    fn connect(&mut self) {
        self.push(Kind::State(StateChange::to(ConnectionState::Connecting)));
    }

    fn message(&mut self, direction: Direction, text: &str) {
        let data = text.as_bytes();
        self.push(Kind::Text {
            direction,
            data,
            failed: None,
            wire: None,
        });
    }

    fn event(&mut self, text: &str) {
        let data = text.as_bytes();
        self.push(Kind::Event {
            event: b"message",
            id: b"",
            data,
        });
    }

    fn pass(&self, choice: Choice) -> LensPass {
        let address = FeedAddress::default();
        let pass = LensPass::new(&self.store, choice, address, Interpreter::default());
        read_all(&pass);
        pass
    }

    fn hits(&self, pass: &LensPass, typed: &str) -> Scan {
        let filter = Filter::parse(typed, &ParseContext::default()).unwrap();
        Scan::through(&self.store, Arc::new(filter), ClassSet::ALL, pass)
    }
}

fn read_all(pass: &LensPass) {
    while let Some(task) = pass.task() {
        if task.step(1 << 20).is_done {
            break;
        }
    }
}

/// Returns the hits after the next steps of a scan.
fn rows(scan: &Scan) -> Vec<u64> {
    while !scan.step(1 << 20).done {}
    let rows = scan.rows(feedscope_core::store::ListingIndex(0), 99);
    rows.into_iter().map(|row| row.0).collect()
}

fn titles(pass: &LensPass, rows: &[u64]) -> Vec<String> {
    let rows: Vec<_> = rows.iter().copied().map(RowNumber).collect();
    let title = |reads: Option<Arc<[Read]>>| {
        let reads = reads.expect("few bytes are read at once");
        let titles: Vec<_> = reads.iter().map(|read| read.title.as_str()).collect();
        titles.join(" + ")
    };
    pass.meanings(&rows).into_iter().map(title).collect()
}

fn item(row: u64) -> ItemId {
    RowNumber(row).into()
}

#[test]
fn rows_before_the_recognized_one_are_read_too() {
    let mut feed = Feed::new();
    feed.message(OUT, r#"{"id":7,"method":"Runtime.run"}"#);
    feed.message(IN, r#"{"id":7,"error":{"code":-3,"message":"no"}}"#);
    feed.message(OUT, r#"{"jsonrpc":"2.0","id":8,"method":"sum"}"#);
    feed.message(OUT, r#"{"jsonrpc":"2.0","id":9,"method":"sum"}"#);
    feed.message(IN, r#"{"jsonrpc":"2.0","id":8,"result":1}"#);
    let pass = feed.pass(Choice::Auto);
    assert_eq!(pass.lens(), Some(LensName::JsonRpc));
    assert!(pass.recognized().is_some() && !pass.is_idle());
    assert_eq!(
        titles(&pass, &[0, 1, 4]),
        [
            "→ Runtime.run #7",
            "← error to #7 (Runtime.run) after 10 ms: no (-3)",
            "← answer to #8 (sum) after 20 ms"
        ]
    );
    assert_eq!(pass.request_of(item(4)), Some(item(2)));
    assert_eq!(pass.answer_to(item(2)), Some(item(4)));
    assert_eq!(
        (pass.answer_to(item(3)), pass.request_of(item(3))),
        (None, None)
    );
    assert_eq!(*pass.unanswered(), [item(3)]);
}

#[test]
fn filters_find_the_marks_of_a_lens_while_they_change() {
    let mut feed = Feed::new();
    feed.message(OUT, r#"{"jsonrpc":"2.0","id":1,"method":"a"}"#);
    feed.message(OUT, r#"{"jsonrpc":"2.0","id":2,"method":"b"}"#);
    feed.message(
        IN,
        r#"{"jsonrpc":"2.0","id":1,"error":{"code":1,"message":"no"}}"#,
    );
    let pass = feed.pass(Choice::Named(LensName::JsonRpc));
    let (errors, open) = (
        feed.hits(&pass, "is:error"),
        feed.hits(&pass, "is:unanswered"),
    );
    let narrowed = feed.hits(&pass, "is:unanswered nothing");
    assert_eq!((rows(&errors), rows(&open)), (vec![2], vec![1]));
    assert_eq!(rows(&narrowed), Vec::<u64>::new());
    // Records that the lens has not read are no hits yet.
    feed.message(
        IN,
        r#"{"jsonrpc":"2.0","id":2,"error":{"code":1,"message":"no"}}"#,
    );
    feed.message(OUT, r#"{"jsonrpc":"2.0","id":3,"method":"c"}"#);
    errors.step(1 << 20);
    assert_eq!(errors.count(), 1);
    read_all(&pass);
    assert_eq!((rows(&errors), rows(&open)), (vec![2, 3], vec![4]));
    assert_eq!(
        rows(&feed.hits(&pass, "-is:error is:in")),
        Vec::<u64>::new()
    );
}

#[test]
fn a_request_is_a_hit_of_the_negation_once_it_is_answered() {
    let mut feed = Feed::new();
    for id in 1..4 {
        let request = format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"a"}}"#);
        feed.message(OUT, &request);
    }
    feed.message(IN, r#"{"jsonrpc":"2.0","id":3,"result":1}"#);
    let pass = feed.pass(Choice::Named(LensName::JsonRpc));
    let answered = feed.hits(&pass, "-is:unanswered is:out");
    assert_eq!(rows(&answered), [2]);
    feed.message(IN, r#"{"jsonrpc":"2.0","id":1,"result":1}"#);
    read_all(&pass);
    assert_eq!(rows(&answered), [0, 2]);
    let narrowed = feed.hits(&pass, "-is:unanswered is:out nothing");
    feed.message(IN, r#"{"jsonrpc":"2.0","id":2,"result":1}"#);
    read_all(&pass);
    assert_eq!(rows(&answered), [0, 1, 2]);
    assert_eq!(rows(&narrowed), Vec::<u64>::new());
}

#[test]
fn errors_of_a_lens_are_marked_in_the_strip_and_reached_by_steps() {
    let mut feed = Feed::new();
    for id in 0..40 {
        let request = format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"a"}}"#);
        feed.message(OUT, &request);
    }
    feed.message(IN, "40/x,");
    feed.message(IN, r#"44/admin,{"message":"not authorized"}"#);
    let pass = feed.pass(Choice::Named(LensName::SocketIo));
    let expected = RowNumber(41);
    assert_eq!(rows(&feed.hits(&pass, "is:error")), [expected.0]);
    let listing = Listing::of_classes(&feed.store, ClassSet::ALL);
    for towards in [Towards::Newer, Towards::Older] {
        let job = next_error(&listing, Some(&pass), Some(RowNumber(3)), towards);
        while let Some(task) = job.task() {
            task.step(1_000);
        }
        assert_eq!(*job.get().unwrap(), Some(expected), "{towards:?}");
        let without = next_error(&listing, None, None, towards).done_at_once(true);
        assert_eq!(*without.get().unwrap(), None);
    }
    let wanted = |lens| WantedParts {
        listing: listing.clone(),
        end: None,
        matches: None,
        lens,
    };
    let density = Density::new(&feed.store, wanted(None));
    let marked = || {
        while !density.update(1 << 20).is_done {}
        density.overview().parts.iter().find_map(|part| part.error)
    };
    assert_eq!(marked(), None);
    density.want(wanted(Some(pass)));
    assert_eq!(marked(), Some(expected));
}

#[test]
fn requests_of_an_ended_connection_stay_unanswered() {
    let mut feed = Feed::new();
    feed.message(OUT, r#"{"jsonrpc":"2.0","id":1,"method":"a"}"#);
    feed.connect();
    feed.message(IN, r#"{"jsonrpc":"2.0","id":1,"result":1}"#);
    let pass = feed.pass(Choice::Named(LensName::JsonRpc));
    assert_eq!(*pass.unanswered(), [item(0)]);
    assert_eq!(pass.request_of(item(2)), None);
}

#[test]
fn a_row_is_read_again_in_the_state_of_its_lens() {
    let mut feed = Feed::new();
    feed.event(r#"{"type":"message_start","message":{"model":"m"}}"#);
    feed.event(
        r#"{"type":"content_block_start","index":0,"content_block":{"type":"tool_use","id":"t","name":"sum"}}"#,
    );
    // So many that only a kept state knows the kind of the block.
    for _ in 0..3_000 {
        feed.event(
            r#"{"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta","partial_json":"1 "}}"#,
        );
    }
    let pass = feed.pass(Choice::Auto);
    assert_eq!(pass.lens(), Some(LensName::Llm));
    let at = |row: u64| {
        let wanted = [RowNumber(row)];
        // A row far from a kept state may be left to a step.
        pass.meanings(&wanted);
        read_all(&pass);
        let reads = pass.meanings(&wanted).remove(0).unwrap();
        reads[0].part.clone().unwrap()
    };
    for row in [2, 1_500, 3_001] {
        let part = at(row);
        assert_eq!((part.of, part.text.as_str()), ("tool call", "1 "), "{row}");
    }
}

#[test]
fn documents_grow_and_end() {
    let mut feed = Feed::new();
    feed.connect();
    let pass = feed.pass(Choice::Named(LensName::Llm));
    assert!(pass.assembled().awaited_since.is_some());
    feed.event(
        r#"{"object":"chat.completion.chunk","choices":[{"index":0,"delta":{"content":"Hel"}}]}"#,
    );
    read_all(&pass);
    let assembled = pass.assembled();
    assert_eq!(
        (assembled.awaited_since, assembled.answers.len()),
        (None, 1)
    );
    let answer = &assembled.answers[0];
    assert_eq!((answer.document.text(), answer.is_growing), ("Hel", true));
    feed.event(
        r#"{"object":"chat.completion.chunk","choices":[{"index":0,"delta":{"content":"lo"},"finish_reason":"stop"}]}"#,
    );
    feed.event("[DONE]");
    read_all(&pass);
    let answer = &pass.assembled().answers[0];
    assert_eq!(
        (answer.document.text(), answer.is_growing),
        ("Hello", false)
    );
    assert_eq!((answer.number, pass.assembled().let_go), (1, 0));
}

#[test]
fn a_feed_without_a_protocol_costs_nothing() {
    let mut feed = Feed::new();
    for number in 0..100 {
        feed.event(&format!("{{\"price\":{number}}}"));
    }
    let pass = feed.pass(Choice::Auto);
    assert!(pass.is_idle() && pass.task().is_none() && pass.lens().is_none());
    assert!(feed.pass(Choice::Off).task().is_none());
    assert_eq!(titles(&pass, &[3]), [""]);
}

#[test]
fn rows_that_only_keep_a_connection_open_are_counted() {
    let mut feed = Feed::new();
    feed.message(IN, r#"0{"sid":"a","pingInterval":25000}"#);
    feed.message(IN, "2");
    feed.message(OUT, "3");
    feed.message(IN, r#"42["price",1]"#);
    let pass = feed.pass(Choice::Auto);
    assert_eq!(
        (pass.lens(), pass.keep_alives()),
        (Some(LensName::SocketIo), 2)
    );
    assert_eq!(rows(&feed.hits(&pass, "-is:keep-alive")), [0, 3]);
    assert_eq!(rows(&feed.hits(&pass, "is:keep-alive")), [1, 2]);
}

#[test]
fn texts_of_large_payloads_are_read_by_a_step() {
    let mut feed = Feed::new();
    let long = "x".repeat(40 << 10);
    for id in 0..1_200 {
        feed.message(
            OUT,
            &format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"a"}}"#),
        );
    }
    for id in 0..2_u32 {
        let text = format!(r#"{{"jsonrpc":"2.0","id":"{long}{id}","method":"b"}}"#);
        feed.message(OUT, &text);
    }
    for _ in 0..20_000 {
        feed.message(IN, r#"{"jsonrpc":"2.0","method":"c"}"#);
    }
    let pass = feed.pass(Choice::Auto);
    let wanted = [RowNumber(1_200), RowNumber(1_201)];
    // A view does not wait for the first one either.
    assert!(pass.meanings(&wanted).iter().all(Option::is_none));
    let task = pass.task().unwrap();
    assert!(task.is_stale());
    assert_eq!(task.step(1 << 20).news, News::Visible);
    assert!(pass.meanings(&wanted).iter().all(Option::is_some) && !task.is_stale());
}

#[test]
fn a_view_does_not_wait_for_a_large_output_or_a_large_request() {
    let mut feed = Feed::new();
    // 1 MiB of zeros, and `{"price":101.5}`.
    feed.message(IN, "5bffff8f7f02201e0b0472ef1f00");
    feed.message(IN, "0b07807b227072696365223a3130312e357d03");
    let chain = Chain::parse("hex,brotli", None).unwrap();
    let interpreter = Interpreter::for_received(chain);
    let address = FeedAddress::default();
    let pass = LensPass::new(&feed.store, Choice::Auto, address, interpreter);
    assert!(pass.meanings(&[RowNumber(1)])[0].is_some());
    assert!(pass.meanings(&[RowNumber(0)])[0].is_none());
    read_all(&pass);
    let large = pass.meanings(&[RowNumber(0)])[0].clone().unwrap();
    assert!(large[0].failure.is_none(), "{large:?}");
    // The row of an answer has the name of its request.
    let mut feed = Feed::new();
    let long = "x".repeat(1 << 20);
    feed.message(
        OUT,
        &format!(r#"{{"jsonrpc":"2.0","id":1,"method":"a","params":["{long}"]}}"#),
    );
    feed.message(IN, r#"{"jsonrpc":"2.0","id":1,"result":1}"#);
    // The text that the pass has made is pushed out by those of later records.
    for _ in 0..20_000 {
        feed.message(IN, r#"{"jsonrpc":"2.0","method":"c"}"#);
    }
    let pass = feed.pass(Choice::Auto);
    assert!(pass.meanings(&[RowNumber(1)])[0].is_none());
    read_all(&pass);
    let title = titles(&pass, &[1]).remove(0);
    assert_eq!(title, "← answer to #1 (a) after 10 ms");
}
