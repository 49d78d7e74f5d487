//! Several tabs of the page: one of them keeps the WebSocket for all.

use super::*;

const HOLDS: &str =
    "document.getElementById('chat-role').textContent === 'this tab holds the connection'";
const SHARES: &str = "document.getElementById('chat-role').textContent === 'shared by another tab'";

#[test]
fn two_tabs_share_one_web_socket() {
    let Some(browser) = Browser::start() else {
        return;
    };
    let server = server();
    let first = browser.open(&server.http_url());
    first.wait(BOTH_OPEN);
    first.wait(HOLDS);
    say(&first, "first here");
    first.wait(&shows_ours("first here"));

    let second = browser.open(&server.http_url());
    second.wait(BOTH_OPEN);
    second.wait(SHARES);
    // A tab that opens later receives the earlier messages.
    second.wait(&shows_ours("first here"));
    // Each tab has its own event stream. There is only one WebSocket.
    wait_for_clients(&server, Feed::Events, 2);
    assert_eq!(clients_of(&server, Feed::Chat).len(), 1);

    for (tab, other, text) in [
        (&second, &first, "from the second"),
        (&first, &second, "from the first"),
    ] {
        say(tab, text);
        tab.wait(&shows_ours(text));
        other.wait(&shows_ours(text));
        assert_eq!(times_sent(&first, text), 1);
    }
    for tab in [&first, &second] {
        // The lines are a welcome, three lines of others, four of our own, and an answer to each of these.
        tab.wait("document.querySelectorAll('#lines li').length === 12");
    }
    let lines = "document.getElementById('lines').innerText";
    assert_eq!(first.ask(lines), second.ask(lines));
    assert_eq!(first.events("Network.webSocketCreated").len(), 1);
    assert_eq!(second.events("Network.webSocketCreated").len(), 0);
    assert_eq!(clients_of(&server, Feed::Chat).len(), 1);
    assert_eq!(complaints(&first), Vec::<String>::new());
    assert_eq!(complaints(&second), Vec::<String>::new());
}

#[test]
fn another_tab_takes_over_when_the_holder_closes() {
    let Some(browser) = Browser::start() else {
        return;
    };
    let server = server();
    let first = browser.open(&server.http_url());
    first.wait(HOLDS);
    first.wait(BOTH_OPEN);
    let second = browser.open(&server.http_url());
    second.wait(SHARES);
    second.wait(BOTH_OPEN);
    let before = clients_of(&server, Feed::Chat);
    assert_eq!(before.len(), 1);

    first.close();
    second.wait(HOLDS);
    second.wait(BOTH_OPEN);
    wait_for_clients(&server, Feed::Chat, 1);
    assert_ne!(clients_of(&server, Feed::Chat)[0].id, before[0].id);
    wait_for_clients(&server, Feed::Events, 1);
    say(&second, "just us now?");
    second.wait(&shows_ours("just us now?"));
    second.wait(&shows_theirs("I only know the time, a joke and a ping"));
    assert_eq!(second.events("Network.webSocketCreated").len(), 1);

    // A third tab finds the new owner of the WebSocket.
    let third = browser.open(&server.http_url());
    third.wait(SHARES);
    third.wait(&shows_ours("just us now?"));
    assert_eq!(clients_of(&server, Feed::Chat).len(), 1);
    assert_eq!(complaints(&second), Vec::<String>::new());
    assert_eq!(complaints(&third), Vec::<String>::new());
}

#[test]
fn what_a_tab_wants_sent_outlives_the_holder() {
    let Some(browser) = Browser::start() else {
        return;
    };
    let server = server();
    let first = browser.open(&server.http_url());
    first.wait(HOLDS);
    first.wait(BOTH_OPEN);
    let second = browser.open(&server.http_url());
    second.wait(SHARES);
    second.wait(BOTH_OPEN);

    server.refuse_for(Duration::from_mins(10));
    server.drop_connections();
    second.wait(BOTH_RECONNECTING);
    say(&second, "anybody?");
    second.wait(
        "document.getElementById('chat-waiting').textContent === '1 message waits to be sent'",
    );
    first.close();
    second.wait(HOLDS);
    server.refuse_for(Duration::ZERO);
    second.wait(BOTH_OPEN);
    second.wait(&shows_ours("anybody?"));
    assert_eq!(times_sent(&second, "anybody?"), 1);
    wait_for_clients(&server, Feed::Chat, 1);
    assert_eq!(complaints(&second), Vec::<String>::new());
}
