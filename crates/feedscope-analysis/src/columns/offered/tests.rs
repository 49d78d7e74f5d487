//! Tests of the offered fields.

use feedscope_core::store::DEFAULT_BUDGET_BYTES;

use super::*;
use crate::test_store::push_line;

#[test]
fn subjects_are_keys_before_types_and_quantities_are_before_numbers_of_records() {
    let (mut writer, store) = Store::new(DEFAULT_BUDGET_BYTES);
    for number in 0..40_u64 {
        let symbol = ["A", "B", "C"][number as usize % 3];
        // The numbers of three products are mixed, so that they do not only grow.
        let (id, price) = (900 * (3 - number % 3) + number, number * 37 % 11);
        // Both types of trades have the same members.
        let kind = ["match", "last_match"][number as usize % 4 / 2];
        let side = ["buy", "sell"][number as usize / 3 % 2];
        let data = match number % 2 {
            0 => format!(
                "{{\"type\":\"{kind}\",\"trade_id\":{id},\"product_id\":\"{symbol}\",\"side\":\"{side}\",\"price\":\"{price}.5\",\"size\":\"{}\"}}",
                number * 7 % 5
            ),
            _ => format!(
                "{{\"type\":\"ticker\",\"sequence\":{id},\"product_id\":\"{symbol}\",\"side\":\"{side}\",\"price\":\"{price}.5\",\"open_24h\":\"{}.25\"}}",
                number * 3 % 7
            ),
        };
        push_line(&mut writer, &data);
    }
    let interpreter = Interpreter::default();
    assert_eq!(
        offered_keys(&store, &interpreter, 9),
        [".product_id", ".side", ".type"]
    );
    let numbers = offered_numbers(&store, &interpreter, 9);
    assert_eq!(numbers[..2], [".price", ".size"], "{numbers:?}");
    assert_eq!(numbers[3..], [".sequence", ".trade_id"], "{numbers:?}");
    let columns = offered(&store, &interpreter, 4);
    assert_eq!(columns, [".type", ".product_id", ".side", ".price"]);
    let is_named = [".trade_id", ".tradeId", ".a.seq", ".bid", ".paid", ".sId"].map(is_numbering);
    assert_eq!(is_named, [true, true, true, false, false, true]);
}

#[test]
fn fields_that_vary_and_are_short_are_offered_in_order() {
    let (mut writer, store) = Store::new(DEFAULT_BUDGET_BYTES);
    let long = "x".repeat(LONGEST + 1);
    for number in 0..20 {
        let rare = if number == 3 { ",\"rare\":1" } else { "" };
        let data = format!(
            "{{\"type\":\"tick\",\"symbol\":\"S{}\",\"book\":{{\"bid\":{number}}},\"list\":[{number}],\"note\":\"{long}{number}\",\"price\":\"{number}.5\"{rare}}}",
            number % 3
        );
        push_line(&mut writer, &data);
    }
    assert_eq!(
        offered(&store, &Interpreter::default(), 9),
        [".symbol", ".book.bid", ".price"]
    );
    assert_eq!(offered(&store, &Interpreter::default(), 1), [".symbol"]);
    store.clear();
    assert!(offered(&store, &Interpreter::default(), 9).is_empty());
}

#[test]
fn fields_of_each_type_of_messages_are_offered() {
    let (mut writer, store) = Store::new(DEFAULT_BUDGET_BYTES);
    for number in 0..400_u32 {
        let symbol = ["ACME", "ACNE", "APEX"][number as usize % 3];
        let other = number * 7 % 11;
        // Most messages are changes of a book. Trades and tickers are rare.
        let data = match number % 20 {
            3 => format!(
                "{{\"type\":\"match\",\"trade_id\":{number},\"side\":\"{}\",\"size\":\"{other}.5\",\"price\":\"1{other}.25\",\"product\":\"{symbol}\"}}",
                ["buy", "sell"][(number / 20 % 2) as usize]
            ),
            7 => format!(
                "{{\"type\":\"ticker\",\"product\":\"{symbol}\",\"price\":\"1{other}.25\",\"open_24h\":\"{other}.75\",\"volume_24h\":\"{other}.125\"}}"
            ),
            _ => format!(
                "{{\"type\":\"l2update\",\"product\":\"{symbol}\",\"changes\":[[\"buy\",\"{other}\"]]}}"
            ),
        };
        push_line(&mut writer, &data);
    }
    let columns = [".type", ".product", ".price", ".side", ".size"];
    let mut found = offered(&store, &Interpreter::default(), 5);
    found.sort_unstable();
    let mut expected = columns.map(str::to_owned).to_vec();
    expected.sort_unstable();
    assert_eq!(found, expected);
    assert_eq!(
        offered_numbers(&store, &Interpreter::default(), 2),
        [".price", ".size"]
    );
    assert_eq!(
        offered_keys(&store, &Interpreter::default(), 2),
        [".product", ".side"]
    );
}

#[test]
fn amounts_and_times_are_no_keys() {
    let (mut writer, store) = Store::new(DEFAULT_BUDGET_BYTES);
    for number in 0..40_u64 {
        // A few amounts are no numbers, and several records have the same time.
        let amount = match number % 8 {
            7 => "\"n/a\"".to_owned(),
            other => format!("{}.5", other % 4),
        };
        let (symbol, second) = (["A", "B"][number as usize % 2], number / 4);
        let data = format!(
            "{{\"qty\":{amount},\"at\":\"12:00:0{second}\",\"when\":\"2026-11-27T01:00:0{second}Z\",\"symbol\":\"{symbol}\"}}"
        );
        push_line(&mut writer, &data);
    }
    let interpreter = Interpreter::default();
    assert_eq!(offered_keys(&store, &interpreter, 9), [".symbol"]);
    assert_eq!(offered_record_keys(&store, &interpreter, 9), [".symbol"]);
    assert_eq!(offered_numbers(&store, &interpreter, 9), [".qty"]);
    let is_time = [
        ".time",
        ".created_at",
        ".eventTime",
        ".ts",
        ".format",
        ".bets",
    ]
    .map(is_named_time);
    assert_eq!(is_time, [true, true, true, true, false, false]);
}

#[test]
fn the_type_and_the_id_of_events_are_keys() {
    use feedscope_core::{Record, Sink as _, Stamp};

    let (mut writer, store) = Store::new(DEFAULT_BUDGET_BYTES);
    let mut push = |event: &[u8], id: &[u8], symbol: &str| {
        let data = format!("{{\"symbol\":\"{symbol}\",\"n\":1}}");
        writer.push(&Record {
            stamp: Stamp::default(),
            connection: 1,
            kind: Kind::Event {
                event,
                id,
                data: data.as_bytes(),
            },
        });
    };
    let keys = |most| offered_record_keys(&store, &Interpreter::default(), most);
    for symbol in ["A", "B", "A", "B"] {
        push(b"quote", b"", symbol);
    }
    assert_eq!(keys(9), [".symbol"]);
    push(b"trade", b"7", "A");
    assert_eq!(keys(9), [".symbol", "type", "id"]);
    assert_eq!(keys(2), ["type", "id"]);
}

#[test]
fn times_and_sequences_are_offered() {
    let (mut writer, store) = Store::new(DEFAULT_BUDGET_BYTES);
    for number in 0..9_u32 {
        let data = format!(
            "{{\"time\":\"2026-11-27T01:00:0{number}.123456Z\",\"at\":179524015{number},\"seq\":{},\"price\":\"{number}.5\"}}",
            number / 2
        );
        push_line(&mut writer, &data);
    }
    assert_eq!(
        offered_times(&store, &Interpreter::default(), 3),
        [".at", ".time"]
    );
    assert_eq!(
        offered_sequences(&store, &Interpreter::default(), 3),
        [".at", ".seq"]
    );
}

#[test]
fn times_are_the_last_numbers() {
    let (mut writer, store) = Store::new(DEFAULT_BUDGET_BYTES);
    for number in 0..9_u32 {
        let data = format!(
            "{{\"ts\":1795240150.{number}25,\"price\":{}.5}}",
            number * 7 % 5
        );
        push_line(&mut writer, &data);
    }
    assert_eq!(
        offered_numbers(&store, &Interpreter::default(), 2),
        [".price", ".ts"]
    );
}
