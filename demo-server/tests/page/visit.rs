//! One tab of the page: it opens, receives, sends, stops, and reconnects after a drop.

use super::*;

#[test]
fn both_connections_open_and_the_bot_answers() {
    let Some(browser) = Browser::start() else {
        return;
    };
    let server = server();
    let port = server.http_url().rsplit(':').next().unwrap().to_owned();
    for host in ["127.0.0.1", "localhost"] {
        let tab = browser.open(&format!("http://{host}:{port}/"));
        tab.wait(BOTH_OPEN);
        assert_eq!(times_sent(&tab, "Hello Server!"), 1);
        tab.wait(&shows_ours("Hello Server!"));
        tab.wait(&shows_theirs(", ask me for the time"));

        wait_for_more_events(&tab, 8);
        let ids = ids(&tab);
        assert_consecutive(&ids);
        // The page shows everything that the browser has received: each row, and the newest ID in the table.
        tab.wait(&format!(
            "document.querySelectorAll('#events li').length >= {}",
            ids.len()
        ));
        let shown = tab.ask(
            "[...document.querySelectorAll('#events .id')].map((id) => Number(id.textContent))",
        );
        let shown: Vec<u64> = serde_json::from_value(shown).unwrap();
        assert_consecutive(&shown);
        assert!(shown.last() >= ids.last());
        let newest = "Math.max(...[...document.querySelectorAll('#prices td:last-child')].map((id) => id.textContent))";
        assert!(tab.ask(newest).as_u64() >= ids.last().copied());
        assert_eq!(
            tab.ask("document.getElementById('events-lost').textContent"),
            "0"
        );

        say(&tab, "what time is it?");
        tab.wait(&shows_ours("what time is it?"));
        tab.wait(&shows_theirs(" UTC in the server room"));
        assert_eq!(tab.ask("document.getElementById('message').value"), "");
        assert_eq!(complaints(&tab), Vec::<String>::new());
    }
}

#[test]
fn what_is_sent_is_shown_as_text_whatever_it_is() {
    let Some(browser) = Browser::start() else {
        return;
    };
    let server = server();
    let tab = browser.open(&server.http_url());
    tab.wait(BOTH_OPEN);
    let nasty = "<img src=x onerror=alert(1)> \u{202e}gnp.exe & 漢字 🎷";
    say(&tab, nasty);
    tab.wait(&shows_ours(nasty));
    assert_eq!(tab.ask("document.querySelectorAll('#lines img').length"), 0);
    assert_eq!(complaints(&tab), Vec::<String>::new());
}

#[test]
fn stop_listening_closes_the_event_stream_and_nothing_else() {
    let Some(browser) = Browser::start() else {
        return;
    };
    let server = server();
    let tab = browser.open(&server.http_url());
    tab.wait(BOTH_OPEN);
    wait_for_more_events(&tab, 1);

    tab.click("#stop");
    tab.wait("document.getElementById('announcement').textContent === 'Listening to server events stopped..'");
    assert_eq!(
        tab.ask("document.getElementById('events-state').textContent"),
        "closed"
    );
    wait_for_clients(&server, Feed::Events, 0);
    let (heard, rows) = (
        ids(&tab).len(),
        tab.ask("document.querySelectorAll('#events li').length"),
    );

    // The chat continues. The delay of the bot's answer is longer than two ticks.
    say(&tab, "still here?");
    tab.wait(&shows_theirs("I only know the time, a joke and a ping"));
    assert_eq!(ids(&tab).len(), heard);
    assert_eq!(
        tab.ask("document.querySelectorAll('#events li').length"),
        rows
    );
    assert_eq!(clients_of(&server, Feed::Events).len(), 0);

    tab.click("#listen");
    tab.wait(BOTH_OPEN);
    wait_for_more_events(&tab, 2);
    assert_eq!(
        tab.ask("document.getElementById('events-lost').textContent"),
        "0"
    );
    assert_eq!(complaints(&tab), Vec::<String>::new());
}

#[test]
fn dropped_connections_come_back_without_a_gap() {
    let Some(browser) = Browser::start() else {
        return;
    };
    let server = server();
    let tab = browser.open(&server.http_url());
    tab.wait(BOTH_OPEN);
    wait_for_more_events(&tab, 2);

    server.drop_connections();
    tab.wait(&format!(
        "document.getElementById('events-reconnects').textContent === '1' && {BOTH_OPEN}"
    ));
    tab.wait_for_events("Network.webSocketCreated", 2, |_| true);
    tab.wait(BOTH_OPEN);
    wait_for_more_events(&tab, 2);

    // The connections are dropped and refused. The typed text stays, and sent messages wait.
    server.refuse_for(Duration::from_mins(10));
    server.drop_connections();
    tab.wait(BOTH_RECONNECTING);
    assert_eq!(
        tab.ask("document.getElementById('announcement').textContent"),
        "A connection was lost. Trying again…"
    );
    say(&tab, "did you drop us?");
    tab.wait(
        "document.getElementById('chat-waiting').textContent === '1 message waits to be sent'",
    );
    tab.type_text("half a sent");
    server.refuse_for(Duration::ZERO);
    tab.wait(BOTH_OPEN);
    tab.wait(&shows_ours("did you drop us?"));
    tab.wait("document.getElementById('chat-waiting').textContent === ''");
    assert_eq!(
        tab.ask("document.getElementById('message').value"),
        "half a sent"
    );
    assert_eq!(times_sent(&tab, "did you drop us?"), 1);

    wait_for_more_events(&tab, 2);
    assert_consecutive(&ids(&tab));
    assert_eq!(
        tab.ask("document.getElementById('events-lost').textContent"),
        "0"
    );
    assert_eq!(
        tab.ask("document.getElementById('events-repeated').textContent"),
        "0"
    );
    assert_eq!(complaints(&tab), Vec::<String>::new());
}

#[test]
fn a_refused_event_stream_can_be_asked_for_again() {
    let Some(browser) = Browser::start() else {
        return;
    };
    let server = server();
    let fault = (Some(Feed::Events), Fault::Status(500));
    server.set_fault(fault.0, fault.1);
    let tab = browser.open(&server.http_url());
    tab.wait("document.getElementById('events-state').textContent === 'failed'");
    server.clear_fault(fault.0, fault.1);
    tab.click("#listen");
    tab.wait(BOTH_OPEN);
    wait_for_more_events(&tab, 1);
    assert_eq!(complaints(&tab), Vec::<String>::new());
}
