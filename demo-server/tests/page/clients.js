// The browser's own EventSource and WebSocket; what they were told is kept until a test asks for it.
(() => {
    const TYPES = ["message", "price", "kickoff", "clock", "goal", "final", "headline", "observation"];

    window.stream = (url) => {
        const source = new EventSource(url);
        const told = { events: [], opened: 0, errors: 0, source };
        for (const type of TYPES) {
            source.addEventListener(type, ({ lastEventId, data }) => told.events.push({ type, id: lastEventId, data }));
        }
        source.onopen = () => { told.opened += 1; };
        source.onerror = () => { told.errors += 1; };
        return told;
    };

    window.socket = (url) => {
        const socket = new WebSocket(url);
        const told = { messages: [], opened: false, closed: null, socket };
        socket.onopen = () => { told.opened = true; };
        socket.onmessage = ({ data }) => told.messages.push(data);
        socket.onclose = ({ code, wasClean }) => { told.closed = { code, wasClean }; };
        return told;
    };

    window.until = (holds) => new Promise((yes, no) => {
        const end = Date.now() + 30000;
        const look = () => {
            if (holds()) return yes(true);
            if (Date.now() > end) return no(new Error(`never so: ${holds}`));
            setTimeout(look, 5);
        };
        look();
    });
})()
