// Tries everything that a page can try, and tells for each whether it got anything. Three URLs are filled in.
(async () => {
    const element = (name, attributes) => new Promise((got, refused) => {
        const made = Object.assign(document.createElement(name), attributes);
        made.onload = got;
        made.onerror = refused;
        document.head.append(made);
    });
    const tries = {
        fetch: async () => (await fetch("HTTP/talk")).body.getReader().read(),
        fetch_without_cors: () => fetch("HTTP/talk?n=2", { mode: "no-cors" }),
        control: () => fetch("CONTROL&do=fault&name=stall&feed=/talk", { method: "POST" }),
        control_without_cors: () => fetch("CONTROL&do=fault&name=stall&feed=/talk", { method: "POST", mode: "no-cors" }),
        event_source: () => new Promise((got, refused) => {
            const source = new EventSource("HTTP/events");
            source.onmessage = got;
            source.addEventListener("price", got);
            source.onerror = () => source.readyState === EventSource.CLOSED && refused();
        }),
        web_socket: () => new Promise((got, refused) => {
            const socket = new WebSocket("WS/chat");
            socket.onmessage = got;
            socket.onclose = refused;
        }),
        image: () => element("img", { src: "HTTP/icon.svg" }),
        style: () => element("link", { rel: "stylesheet", href: "HTTP/page.css" }),
    };
    const results = {};
    for (const [name, attempt] of Object.entries(tries)) {
        results[name] = await attempt().then(() => "got it", () => "refused");
    }
    return results;
})()
